//! How pages follow one another: pure state machines, without I/O.
//!
//! A machine turns a position into parameters, and what a page showed into the next position. Its position is what a cursor
//! holds.

mod keyset;
mod offset;
mod page_number;
mod token;

use std::fmt;

use callmux_core::Floor;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use keyset::{KeysetPosition, TimeKeyset};
pub use offset::{Offset, OffsetPosition};
pub use page_number::{PageNumber, PageNumberPosition};
pub use token::{Token, TokenPosition};

/// A way in which pages follow one another.
pub trait Paging: fmt::Debug + Send + Sync + 'static {
    /// Where a walk stands.
    type Position: Clone + Serialize + DeserializeOwned + Send + Sync;

    /// Where a walk starts.
    fn first(&self) -> Self::Position;

    /// How many rows to ask for, given what the caller would like and what the vendor takes at most.
    fn page_size(&self, at: &Self::Position, wanted: u32, max: u32) -> u32;

    /// The parameters of the page. They replace a parameter of the same name in the plan.
    fn parameters(&self, at: &Self::Position, page_size: u32) -> Vec<(&'static str, String)>;

    /// Where to go after a page.
    ///
    /// # Errors
    /// [`Stalled`] when the answer shows that the vendor did not do what it was asked, so that going on would loop or skip.
    fn next(&self, at: &Self::Position, page: &Observed) -> Result<Step<Self::Position>, Stalled>;

    /// Whether pages are positions in the vendor's list, so that a row which comes again has moved.
    fn is_positional(&self) -> bool {
        false
    }

    /// Whether a total given with the page at this position counts the rows of the whole walk.
    fn total_is_whole(&self, at: &Self::Position) -> bool;
}

/// What a page showed, as the vendor sent it: before any check of ours, rows that could not be understood included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// How many rows were asked for.
    pub asked: u32,
    /// How many the vendor takes at most.
    pub max: u32,
    /// How many came.
    pub rows: u32,
    /// The newest time among them.
    pub newest: Option<DateTime<Utc>>,
    /// The oldest time among them.
    pub oldest: Option<DateTime<Utc>>,
    /// Whether the rows that have a time came newest first.
    pub in_order: bool,
    /// How many rows the vendor says there are.
    pub total: Option<u64>,
    /// The number of the page, as the vendor sees it.
    pub page: Option<u64>,
    /// The number of the last page.
    pub last_page: Option<u64>,
    /// How many rows a page has, as the vendor understood it.
    pub page_size: Option<u32>,
    /// The token of the next page.
    pub next_token: Option<String>,
    /// Whether the vendor says that there is a next page.
    pub has_more: Option<bool>,
}

/// Where to go after a page, and what it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<P> {
    /// The next position; `None` at the end.
    pub next: Option<P>,
    /// What the later pages may still hold.
    pub floor: Option<Floor>,
    /// Why the walk cannot be complete.
    pub findings: Vec<Finding>,
}

impl<P> Step<P> {
    fn end() -> Self {
        Self { next: None, floor: None, findings: Vec::new() }
    }

    fn to(next: P, floor: Option<Floor>) -> Self {
        Self { next: Some(next), floor, findings: Vec::new() }
    }

    fn with(mut self, finding: Option<Finding>) -> Self {
        self.findings.extend(finding);
        self
    }
}

/// Why a walk cannot be complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// More rows share this instant than the largest page holds.
    TiesBeyondPage(DateTime<Utc>),
    /// The largest page held no readable time.
    UntimedBeyondPage,
    /// A vendor that is walked by time did not answer newest first.
    OrderBroken,
    /// The rows of this instant, met before, were asked for again and not met.
    BoundMissed(DateTime<Utc>),
    /// The vendor's total fell between two pages.
    TotalFell {
        /// The total before.
        from: u64,
        /// The total after.
        to: u64,
    },
}

/// The vendor did not do what it was asked: why, in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stalled(pub &'static str);

/// What a walk whose order is the vendor's habit may still hold: nothing newer than the oldest row of the page before this
/// one. So a row that is out of place by up to a page is still put right.
fn habitual_floor(previous_oldest: Option<DateTime<Utc>>) -> Option<Floor> {
    previous_oldest.map(|at| Floor { at, proven: false })
}

/// The oldest instant of a walk so far.
fn older(before: Option<DateTime<Utc>>, now: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (before, now) {
        (Some(before), Some(now)) => Some(before.min(now)),
        (before, now) => before.or(now),
    }
}

/// A total that is smaller than on the page before: rows went, and may have pulled others past a page's edge.
fn fall(before: Option<u64>, now: Option<u64>) -> Option<Finding> {
    match (before, now) {
        (Some(from), Some(to)) if to < from => Some(Finding::TotalFell { from, to }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
