//! What the agents and campaigns of a key are called.

use callmux_core::Call;
use chrono::{DateTime, Utc};

use crate::dimension::Dimension;
use crate::few::Few;

/// The names in a key, by their dimension. Each has the time of the call that gave it, so that the latest wins in whatever order
/// calls come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Few<Dimension, (Option<DateTime<Utc>>, String)>);

impl Names {
    pub(crate) fn get(&self, dimension: Dimension) -> Option<&str> {
        self.0.get(dimension).map(|(_, name)| name.as_str())
    }

    /// Takes the names that a call gives, where they are later.
    pub(crate) fn note(&mut self, dimensions: &[Dimension], call: &Call) {
        for &dimension in dimensions {
            if let Some(name) = name(dimension, call) {
                self.rename(dimension, call.placed_at, name);
            }
        }
    }

    /// Takes another's names, where they are later.
    pub(crate) fn absorb(&mut self, other: &Self) {
        other.0.iter().for_each(|(dimension, (at, name))| self.rename(dimension, *at, name));
    }

    fn rename(&mut self, dimension: Dimension, at: Option<DateTime<Utc>>, name: &str) {
        self.0.update(dimension, |(since, held)| {
            if (*since, held.as_str()) < (at, name) {
                *since = at;
                name.clone_into(held);
            }
        });
    }
}

/// What a call says that a thing with an identifier is called. Where it has none, its name is in the key itself.
fn name(dimension: Dimension, call: &Call) -> Option<&str> {
    let named = match dimension {
        Dimension::Agent => call.agent.as_ref(),
        Dimension::Campaign => call.campaign.as_ref(),
        _ => None,
    };
    named.filter(|named| named.id.is_some())?.name.as_deref()
}
