//! How pages follow one another: pure state machines, without I/O.
//!
//! A machine turns a position into parameters, and what a page showed into the next position. Its position is what a cursor
//! holds.
//!
//! What a machine cannot read for certain it says ([`Finding`]): it skips nothing in silence.

mod keyset;
mod mark;
mod offset;
mod page_number;
mod position;
mod token;

use std::fmt;

use callmux_core::{Floor, TieGroup};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use keyset::{KeysetPosition, TimeKeyset};
pub use mark::Mark;
pub use offset::{Offset, OffsetPosition};
pub use page_number::{PageNumber, PageNumberPosition};
pub use token::{Token, TokenPosition};

/// A way in which pages follow one another.
pub trait Paging: fmt::Debug + Send + Sync + 'static {
    /// Where a walk stands.
    type Position: Clone + Serialize + DeserializeOwned + Send + Sync + 'static;

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

    /// Whether the rows of a page can be passed on before the page is whole, where the first of them has this time and each is
    /// no newer than the one before it: nothing newer is still to come, on this page or on another.
    fn can_pass_on(&self, at: &Self::Position, first: DateTime<Utc>) -> bool {
        let _ = (at, first);
        false
    }

    /// Where the page stands that is likely to follow the one of so many rows at a position, where the vendor says that one does. It
    /// can be asked for before that one has come.
    fn likely_next(&self, at: &Self::Position, page_size: u32, max: u32) -> Option<Self::Position> {
        let _ = (at, page_size, max);
        None
    }

    /// What a page that was asked for at a likely position is to a walk that has got to `at`.
    fn fit(&self, at: &Self::Position, early: Early<'_, Self::Position>) -> Fit {
        let _ = (at, early);
        Fit::Missed
    }

    /// Whether a total given with the page at this position counts the rows of the whole walk.
    fn total_is_whole(&self, at: &Self::Position) -> bool;
}

/// A page that was asked for before the one that leads to it had come.
#[derive(Clone, Copy, Debug)]
pub struct Early<'a, P> {
    /// Where it was likely to stand.
    pub at: &'a P,
    /// How many rows were asked for.
    pub page_size: u32,
    /// What it showed.
    pub page: &'a Observed,
}

/// What an early page is to a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The next page.
    Next,
    /// A page further on.
    Later,
    /// Of no use.
    Missed,
}

/// What a page showed, as the vendor sent it: before any check of ours, rows that could not be understood included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// How many rows were asked for.
    pub asked: u32,
    /// How many the vendor takes at most.
    pub max: u32,
    /// How many the vendor is known to send where no number is asked for.
    pub unasked: u32,
    /// The largest number of rows that this account ever answered one page with, before this one.
    pub served_before: u32,
    /// How many rows were sent, where some of them twice; otherwise as many as there are marks.
    pub sent: u32,
    /// The rows, in the order sent, each once.
    pub marks: Vec<Mark>,
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

impl Observed {
    /// How many rows came.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.distinct().max(self.sent)
    }

    /// How many different rows came: as many places of the vendor's list.
    #[must_use]
    pub fn distinct(&self) -> u32 {
        u32::try_from(self.marks.len()).unwrap_or(u32::MAX)
    }

    /// The times of the rows that have one, in the order sent.
    pub(crate) fn times(&self) -> impl Iterator<Item = DateTime<Utc>> {
        self.marks.iter().filter_map(|mark| mark.at)
    }

    /// The newest time among the rows.
    #[must_use]
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        self.times().max()
    }

    /// The oldest time among the rows.
    #[must_use]
    pub fn oldest(&self) -> Option<DateTime<Utc>> {
        self.times().min()
    }

    /// Whether the rows that have a time came newest first.
    #[must_use]
    pub fn falls(&self) -> bool {
        self.times().is_sorted_by(|a, b| a >= b)
    }

    /// Whether the rows that have a time came oldest first.
    #[must_use]
    pub fn rises(&self) -> bool {
        self.times().is_sorted()
    }

    /// Whether a page of so few rows is known to be so for want of rows: one with more was served before, or would be if no
    /// number were asked for. Otherwise it may as well be all that a vendor serves at a time, whatever it is asked for.
    fn is_surely_short(&self, largest: u32) -> bool {
        let rows = self.rows();
        rows < largest.max(self.served_before) || rows < self.unasked
    }
}

/// Where to go after a page, and what it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<P> {
    /// The next position; `None` at the end.
    pub next: Option<P>,
    /// What the later pages may still hold.
    pub floor: Option<Floor>,
    /// Rows of this page newer than this instant were promised not to come any more: the page was asked for again from
    /// further up, and they were all read before.
    pub read_above: Option<DateTime<Utc>>,
    /// What the walk cannot be certain of.
    pub findings: Vec<Finding>,
}

impl<P> Step<P> {
    fn end() -> Self {
        Self { next: None, floor: None, read_above: None, findings: Vec::new() }
    }

    fn to(next: P, floor: Option<Floor>) -> Self {
        Self { next: Some(next), floor, ..Self::end() }
    }

    fn with(mut self, finding: Option<Finding>) -> Self {
        self.findings.extend(finding);
        self
    }

    /// The same step of a machine that holds this one's position in its own.
    pub fn map<Q>(self, position: impl FnOnce(P) -> Q) -> Step<Q> {
        let Self { next, floor, read_above, findings } = self;
        Step { next: next.map(position), floor, read_above, findings }
    }
}

/// What a walk cannot be certain of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// More rows share an instant than the largest page holds.
    Ties(TieGroup),
    /// A page could not be joined to the one before, whose oldest instant this is: a row between the two may be left out.
    EdgeInDoubt(Option<DateTime<Utc>>),
    /// The largest page held no readable time.
    UntimedBeyondPage,
    /// A vendor that is walked by time did not answer newest first.
    OrderBroken,
    /// The rows of this instant, met before, were asked for again and not met, nor were those of the instants before it.
    BoundMissed(DateTime<Utc>),
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

#[cfg(test)]
mod tests;
