//! What was said: turns where the vendor gives turns, text where it gives text.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::words::words;

/// What was said in a call. `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Transcript {
    /// One text, in the vendor's own layout.
    Text(String),
    /// Who said what.
    Turns(Vec<Turn>),
}

/// What one side said before the other spoke.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Turn {
    /// Which side spoke.
    pub speaker: Speaker,
    /// The words.
    pub text: String,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

impl Turn {
    /// What a side said, and when.
    pub fn new(speaker: Speaker, text: impl Into<String>, at: Option<DateTime<Utc>>) -> Self {
        Self { speaker, text: text.into(), at }
    }
}

words! {
    /// Which side of a call spoke.
    pub enum Speaker, "speaker" {
        /// The assistant.
        Assistant = "assistant",
        /// The other party.
        Customer = "customer",
        /// Neither: a tool, a system message, a word that callmux does not know.
        Other = "other",
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Transcript({} bytes)", text.len()),
            Self::Turns(turns) => write!(f, "Transcript({} turns)", turns.len()),
        }
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Turn({}, {} bytes)", self.speaker, self.text.len())
    }
}
