//! A vendor's words for the states of a call: read one way, and asked for the other.

use std::collections::BTreeSet;

use callmux_core::{CallStatus, Field, Labeled, Support};

use crate::dialect::Plan;

/// The words that a vendor is known to use. The set stays open: a word that is not in it is [`CallStatus::Unknown`], and kept.
#[derive(Clone, Copy, Debug)]
pub struct StatusWords(pub &'static [(&'static str, CallStatus)]);

impl StatusWords {
    /// The status that a word means.
    #[must_use]
    pub fn read(&self, word: Option<String>) -> Labeled<CallStatus> {
        let Some(word) = word else { return CallStatus::Unknown.into() };
        let known = self.0.iter().find(|(known, _)| *known == word);
        Labeled::new(known.map_or(CallStatus::Unknown, |(_, status)| *status), word)
    }

    /// The words that mean any of these.
    #[must_use]
    pub fn of(&self, wanted: &BTreeSet<CallStatus>) -> Vec<&'static str> {
        self.0.iter().filter(|(_, status)| wanted.contains(status)).map(|(word, _)| *word).collect()
    }

    /// Sends a condition on the status to a vendor that takes one word: only where just one word means it.
    pub fn send(&self, plan: &mut Plan, name: &str, wanted: &BTreeSet<CallStatus>) {
        match self.of(wanted).as_slice() {
            _ if wanted.contains(&CallStatus::Unknown) => {
                let why = "an unknown status may be any word";
                plan.serve_because(Field::Status, Support::Client, why);
            }
            [] => plan.never("the vendor has no word for this status"),
            [word] => {
                plan.send(name, *word);
                plan.serve(Field::Status, Support::Exact);
            }
            words => {
                let why = format!("one word can be asked for, and {} mean this", words.join(", "));
                plan.serve_because(Field::Status, Support::Client, &why);
            }
        }
    }
}
