//! An answer taken apart, for whoever writes or tests a dialect.

use serde_json::value::RawValue;

use crate::buffers::Buffers;
use crate::dialect::{Dialect, Envelope, EnvelopeError};
use crate::document::{Document, Unread};

/// A whole answer, taken apart as a listing takes it apart while it arrives.
///
/// ```
/// # use callmux_http::{Answer, Dialect, EnvelopeError};
/// fn rows(dialect: &impl Dialect, body: &[u8]) -> Result<usize, EnvelopeError> {
///     Ok(Answer::read(dialect, body)?.rows.len())
/// }
/// ```
#[derive(Debug)]
pub struct Answer {
    /// Its rows, in the order sent.
    pub rows: Vec<Box<RawValue>>,
    /// What it says besides.
    pub envelope: Envelope,
}

impl Answer {
    /// Takes an answer apart.
    ///
    /// # Errors
    /// [`EnvelopeError`] if the answer is not of the vendor's shape.
    pub fn read<D: Dialect>(dialect: &D, body: &[u8]) -> Result<Self, EnvelopeError> {
        let mut rows = Vec::new();
        let buffers = Buffers::default();
        let mut document = Document::new(D::VENDOR.rows, &buffers, usize::MAX);
        document.push(body, &mut rows);
        let around = document.finish(&mut rows)?;
        Ok(Self { rows, envelope: dialect.envelope(&around)? })
    }
}

impl From<Unread> for EnvelopeError {
    fn from(unread: Unread) -> Self {
        Self::Shape(match unread {
            Unread::Cut => "it ends too early",
            Unread::Broken(_) => "it is not JSON",
        })
    }
}
