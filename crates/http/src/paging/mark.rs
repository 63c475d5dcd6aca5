//! Rows as they were sent: enough of each to know it again.

use callmux_core::fingerprint;
use chrono::{DateTime, Utc};

/// A row as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What tells it from other rows: a fingerprint of its id, or of its text where it could not be read.
    pub key: u64,
    /// Its time, where it has one that could be read.
    pub at: Option<DateTime<Utc>>,
}

impl Mark {
    /// The mark of a row with this id, or this text where it could not be read.
    #[must_use]
    pub fn new(text: &str, at: Option<DateTime<Utc>>) -> Self {
        Self { key: fingerprint(text.as_bytes()), at }
    }
}
