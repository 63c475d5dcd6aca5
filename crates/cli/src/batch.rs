//! Calls that are handed on together.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use callmux::{Call, Calls, Error};

use crate::exit::Failure;
use crate::journal::{Key, Line};
use crate::output::write_line;
use crate::rejects::reject_line;

/// How many calls a batch has at most.
const CALLS: u64 = 500;
/// How long its lines may become before it ends.
const BYTES: usize = 4 * 1024 * 1024;

/// What a listing gave before it had to wait.
#[derive(Default)]
pub(crate) struct Batch {
    /// The lines to be written.
    pub(crate) text: Vec<u8>,
    pub(crate) lines: Vec<Line>,
    /// Calls that were given and are in the output already.
    pub(crate) known: Vec<Key>,
    /// The rows that could not be understood.
    pub(crate) rejects: String,
    /// The calls that were given, written or not.
    pub(crate) given: u64,
    pub(crate) end: Option<End>,
}

/// How a listing ended.
#[derive(Debug)]
pub(crate) enum End {
    Over,
    Failed(Error),
}

impl Batch {
    /// Waits for the next of a listing, and takes what there is without waiting again. What is in the output `already` is not
    /// written. `on_reject` is told of each row that could not be understood.
    pub(crate) async fn gather(
        listing: &mut Calls,
        already: &[Key],
        mut on_reject: impl FnMut(&Error),
    ) -> Result<Self, Failure> {
        let mut batch = Self::default();
        let mut next = listing.next().await;
        loop {
            match next {
                None => batch.end = Some(End::Over),
                Some(Ok(call)) => batch.take(&call, already)?,
                Some(Err(error)) => match error.rejected() {
                    Some(row) => {
                        on_reject(&error);
                        batch.rejects.push_str(&reject_line(row));
                    }
                    None => batch.end = Some(End::Failed(error)),
                },
            }
            if batch.end.is_some() || batch.is_full() {
                return Ok(batch);
            }
            next = match at_once(listing).await {
                Some(next) => next,
                None => return Ok(batch),
            };
        }
    }

    fn take(&mut self, call: &Call, already: &[Key]) -> Result<(), Failure> {
        self.given += 1;
        let key = Key::of(call);
        if already.contains(&key) {
            self.known.push(key);
            return Ok(());
        }
        let start = self.text.len();
        write_line(&mut self.text, call)?;
        self.lines.push(Line::of(call, self.text.get(start..).unwrap_or_default()));
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.given >= CALLS || self.text.len() + self.rejects.len() >= BYTES
    }
}

/// The next of a listing, if it need not be waited for.
async fn at_once(listing: &mut Calls) -> Option<Option<callmux::Result<Call>>> {
    let mut next = pin!(listing.next());
    poll_fn(|context| {
        Poll::Ready(match next.as_mut().poll(context) {
            Poll::Ready(item) => Some(item),
            Poll::Pending => None,
        })
    })
    .await
}
