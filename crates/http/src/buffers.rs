//! Memory that pages arrive in, kept from one page to the next.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// Larger buffers are not kept, and no more of them than this.
const LARGEST: usize = 4 * 1024 * 1024;
const MOST: usize = 8;

/// Texts without content that were used before. Freed and asked for anew with each page, such large pieces tear an allocator's
/// memory up: the small pieces of the calls between them then cost half as much again.
#[derive(Debug, Default)]
pub(crate) struct Buffers(Mutex<Vec<String>>);

impl Buffers {
    pub(crate) fn take(&self) -> Buffer<'_> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        Buffer { text, home: self }
    }
}

/// A text that goes back where it came from.
#[derive(Debug)]
pub(crate) struct Buffer<'a> {
    text: String,
    home: &'a Buffers,
}

impl Deref for Buffer<'_> {
    type Target = String;

    fn deref(&self) -> &String {
        &self.text
    }
}

impl DerefMut for Buffer<'_> {
    fn deref_mut(&mut self) -> &mut String {
        &mut self.text
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        let mut text = std::mem::take(&mut self.text);
        let mut kept = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if text.capacity() <= LARGEST && kept.len() < MOST {
            text.clear();
            kept.push(text);
        }
    }
}
