//! A row exactly as the vendor sent it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The exact JSON text of a row. `Debug` shows its length only: a row may hold keys, tokens and signed links.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Keeps a row's text.
    #[must_use]
    pub fn new(raw: Box<RawValue>) -> Self {
        Self(raw)
    }

    /// The text, byte for byte.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.get().len())
    }
}
