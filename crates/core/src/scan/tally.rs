//! What was met, to hold against what the vendor counts.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};

use super::pivot::pivot;
use super::seen::Sight;
use crate::filter::TimeRange;
use crate::ids::{AccountId, VendorId};
use crate::page::{CallPage, Rejected};

/// The vendor's totals, and the different rows met to hold against them. Kept only where the vendor counts: it grows with the
/// walk, so it keeps a fingerprint and an instant of each row, and no more.
#[derive(Default)]
pub(super) struct Tally {
    rows: Vec<(u64, Moment)>,
    /// The fingerprints of the rows, once it is to be told whether one was met. A walk whose rows are known to be new needs none.
    index: Option<HashSet<u64>>,
    /// Of those met: the rows that the filter did not mean.
    filtered: HashSet<u64>,
    least: Option<u64>,
    most: Option<u64>,
}

/// Whose row it is, and its id or its text.
pub(super) type Key<'a> = (&'a VendorId, &'a AccountId, &'a str);

fn fingerprint(key: Key<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Tally {
    pub(super) fn is_kept(&self) -> bool {
        self.least.is_some()
    }

    pub(super) fn hear(&mut self, total: u64) {
        self.least = Some(self.least.map_or(total, |least| least.min(total)));
        self.most = Some(self.most.map_or(total, |most| most.max(total)));
    }

    /// Counts the rows of a page, and hears its total.
    pub(super) fn read(&mut self, page: &CallPage) {
        for source in &page.sources {
            source.total.into_iter().for_each(|total| self.hear(total));
            for row in &source.filtered {
                let key = (&source.vendor, &source.account, row.id.as_str());
                self.meet(key, row.placed_at, false);
            }
        }
        for call in &page.calls {
            let key = (&call.vendor, &call.account, call.id.as_str());
            self.meet(key, call.placed_at, true);
        }
        for row in &page.rejected {
            self.meet_rejected(row);
        }
    }

    pub(super) fn meet_rejected(&mut self, row: &Rejected) {
        let name = row.id.as_ref().map_or(row.raw.get(), |id| id.as_str());
        self.meet((&row.vendor, &row.account, name), row.near, true);
    }

    /// Counts a row that is known not to have been met.
    pub(super) fn note(&mut self, key: Key<'_>, placed_at: Option<DateTime<Utc>>, matched: bool) {
        if self.index.is_some() {
            self.meet(key, placed_at, matched);
        } else {
            self.push(fingerprint(key), placed_at, matched);
        }
    }

    fn push(&mut self, name: u64, placed_at: Option<DateTime<Utc>>, matched: bool) {
        self.rows.push((name, Moment::of(placed_at)));
        if !matched {
            self.filtered.insert(name);
        }
    }

    /// A row that was met and not meant is meant now.
    pub(super) fn now_matches(&mut self, key: Key<'_>) {
        self.filtered.remove(&fingerprint(key));
    }

    /// Counts a row unless it was met.
    pub(super) fn meet(
        &mut self,
        key: Key<'_>,
        placed_at: Option<DateTime<Utc>>,
        matched: bool,
    ) -> Sight {
        let name = fingerprint(key);
        let rows = &self.rows;
        let index = self.index.get_or_insert_with(|| rows.iter().map(|(name, _)| *name).collect());
        if index.insert(name) {
            self.push(name, placed_at, matched);
            return Sight::New;
        }
        if matched && self.filtered.remove(&name) {
            return Sight::NowMatching;
        }
        Sight::Repeat
    }

    /// How many different rows were met.
    pub(super) fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    fn times(&self) -> impl Iterator<Item = Option<DateTime<Utc>>> {
        self.rows.iter().map(|(_, time)| time.instant())
    }

    /// How many different rows of a range were met.
    pub(super) fn within(&self, range: TimeRange) -> u64 {
        self.times().filter(|time| range.contains(*time)).count() as u64
    }

    /// An instant that cuts the rows met in a range in two: none of the two parts is the whole.
    pub(super) fn middle_of(&self, range: TimeRange) -> Option<DateTime<Utc>> {
        let there = self.times().filter(|time| range.contains(*time)).flatten();
        pivot(there.collect()).filter(|cut| range.since.is_none_or(|since| since < *cut))
    }

    /// The least that the vendor counted, where it is more than was met.
    pub(super) fn missing(&self) -> Option<u64> {
        self.least.filter(|least| *least > self.len())
    }

    /// Whether the vendor counted the same throughout, and no more than was met.
    pub(super) fn agrees(&self) -> bool {
        self.least.is_some() && self.least == self.most && self.missing().is_none()
    }
}

/// An instant, or none, in eight bytes: nanoseconds since the epoch. An instant that nanoseconds do not reach is the nearest.
#[derive(Clone, Copy)]
struct Moment(i64);

impl Moment {
    const NONE: i64 = i64::MIN;

    fn of(instant: Option<DateTime<Utc>>) -> Self {
        Self(instant.map_or(Self::NONE, |at| {
            let beyond = if at < DateTime::UNIX_EPOCH { Self::NONE + 1 } else { i64::MAX };
            at.timestamp_nanos_opt().unwrap_or(beyond).max(Self::NONE + 1)
        }))
    }

    fn instant(self) -> Option<DateTime<Utc>> {
        (self.0 != Self::NONE).then(|| DateTime::from_timestamp_nanos(self.0))
    }
}
