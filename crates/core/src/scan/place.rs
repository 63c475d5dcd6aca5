//! Where a listing stands, as its cursor holds it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::certificate::Reason;
use super::order::Order;
use super::source::{Source, Window};
use crate::call::OrderKey;
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{CallFilter, TimeRange};

/// Where a listing stands: one entry an account, in their order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standing {
    pub(super) sources: Vec<SourceStanding>,
    /// Why the listing so far is not known to be complete. One that goes on from here does not see it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) reasons: Vec<Reason>,
}

/// Where one account stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceStanding {
    /// All up to here was given out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) given: Option<OrderKey>,
    /// And these beyond, past rows that are still to come.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) beyond: BTreeSet<OrderKey>,
    /// And these before it were not: they were found too late for their places.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) owed: BTreeSet<OrderKey>,
    /// The windows that are not given out to their end.
    pub(super) windows: Vec<WindowStanding>,
    /// What no window covers yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) uncut: Option<TimeRange>,
    /// Why it is left out. Kept, so that a listing resumed later does not pass for complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failed: Option<Reason>,
}

/// Where one window stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowStanding {
    pub(super) range: TimeRange,
    /// The page to go on with; `None` for its first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cursor: Option<Cursor>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) doubts: Vec<Option<DateTime<Utc>>>,
}

/// Whose such cursors are: not the provider's own, which hold one page's place.
fn identity(of: &str) -> String {
    format!("listing of {of}")
}

impl Standing {
    pub(super) fn of(sources: &[Source], order: &Order, reasons: &[Reason]) -> Self {
        let sources = sources.iter().enumerate().map(|(index, source)| {
            let window = |window: &Window| {
                let id = (index, window.id);
                let held = order.oldest_page(id);
                if window.is_read && held.is_none() {
                    return None;
                }
                Some(WindowStanding {
                    range: window.range,
                    cursor: held.cloned().unwrap_or_else(|| window.resume_at.clone()),
                    // Whoever goes on cannot settle a count of what it has not met.
                    doubts: window
                        .doubts
                        .iter()
                        .copied()
                        .chain(window.is_unsettled.then_some(None))
                        .collect(),
                })
            };
            SourceStanding {
                // Where rows came out of their places, those given out are not all that stand before the last.
                given: source.given.clone().filter(|_| !source.is_disordered),
                beyond: source.beyond.clone(),
                owed: order.held_before(index, source.given.as_ref()),
                windows: source.windows.iter().filter_map(window).collect(),
                uncut: source.uncut,
                failed: source.failed.clone(),
            }
        });
        // An error ended the listing, and the next goes on from there.
        let passes =
            |reason: &&Reason| matches!(reason, Reason::NotFinished | Reason::Failed { .. });
        let reasons = reasons.iter().filter(|reason| !passes(reason)).cloned().collect();
        Self { sources: sources.collect(), reasons }
    }

    pub(super) fn seal(&self, provider: &str, filter: &CallFilter) -> Result<Cursor> {
        Cursor::seal(&identity(provider), filter, self)
    }

    /// Whether a cursor is a listing's of this provider, rather than a page's.
    pub(super) fn is_one(cursor: &Cursor, provider: &str) -> bool {
        cursor.is_of(&identity(provider))
    }

    /// Opens the cursor of a listing of this provider, of so many accounts, with this filter.
    pub(super) fn open(
        cursor: &Cursor,
        provider: &str,
        filter: &CallFilter,
        accounts: usize,
    ) -> Result<Self> {
        let standing: Self = cursor.open(&identity(provider), filter)?;
        if standing.sources.len() != accounts {
            return Err(Error::new(
                ErrorKind::InvalidCursor,
                "the cursor cannot be used: it is of another number of accounts",
            )
            .with_remedy("start the listing anew"));
        }
        Ok(standing)
    }
}
