//! One walk over a provider's pages: what of each page is new, and what it says of the whole.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::accounts::ByAccount;
use super::certificate::Reason;
use super::order::rejected_key;
use super::seen::{Met, Seen, Sight};
use super::tally::Tally;
use crate::call::{Call, OrderKey};
use crate::cursor::Cursor;
use crate::ids::{AccountId, VendorId};
use crate::page::{CallPage, Floor, PageSource, Rejected};

/// What is new on a page, and what it cost.
#[derive(Default)]
pub(super) struct Batch {
    /// Where the page was asked for; for a page beside the walk, where the walk stands.
    pub(super) asked_at: Option<Cursor>,
    /// Where another listing would go on, once this page is given out.
    pub(super) resume_at: Option<Cursor>,
    /// What the walk may still give.
    pub(super) floor: Option<Floor>,
    pub(super) calls: Vec<Call>,
    pub(super) rejected: Vec<Rejected>,
    /// How many bytes its rows are, about.
    pub(super) bytes: u64,
    pub(super) shares: ByAccount<Share>,
    /// The edges at which something may have been left out, so far and not yet settled.
    pub(super) doubts: Vec<Option<DateTime<Utc>>>,
    /// Whether newer rows came after older ones, a page at a time.
    pub(super) is_disordered: bool,
    /// Whether the vendor counts more than was met, and that is being settled.
    pub(super) is_unsettled: bool,
    /// The newest instant of the walk's first page: what is newer has arrived since.
    pub(super) top: Option<DateTime<Utc>>,
    /// Whether it holds calls older than its window.
    pub(super) is_outside: bool,
    /// Whether a request was sent for it, all of which has come.
    pub(super) is_page: bool,
    /// Whether it reads again what was read.
    pub(super) is_again: bool,
}

/// What one account contributed to a page.
#[derive(Default)]
pub(super) struct Share {
    pub(super) asked_at: Option<DateTime<Utc>>,
    pub(super) requests: u64,
    pub(super) retries: u64,
    pub(super) is_page: bool,
    pub(super) rows: u64,
    pub(super) repeats: u64,
    pub(super) met: u64,
    pub(super) filtered: u64,
    /// The vendor's count for the whole walk, once.
    pub(super) total: Option<u64>,
    pub(super) ties_split: u64,
    pub(super) is_extra: bool,
    /// Whether a row came that was promised not to come any more.
    pub(super) is_broken: bool,
    pub(super) reasons: Vec<Reason>,
}

impl Share {
    fn of_page(page: &PageSource) -> Self {
        Self {
            asked_at: page.asked_at,
            requests: u64::from(page.requests),
            retries: u64::from(page.retries),
            // A member that failed is named on every page of a federation, with no request.
            is_page: page.requests > 0 || page.rows > 0 || page.reasons.is_empty(),
            rows: page.rows,
            reasons: page.reasons.clone(),
            ..Self::default()
        }
    }
}

/// What an earlier listing has given out.
#[derive(Clone, Default)]
pub(super) struct Given {
    /// All up to here,
    pub(super) after: Option<OrderKey>,
    /// but these,
    pub(super) owed: BTreeSet<OrderKey>,
    /// and these beyond.
    pub(super) beyond: BTreeSet<OrderKey>,
}

/// Where a page stands in its walk.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) asked_at: Option<Cursor>,
    /// Set where it is asked beside the walk.
    pub(super) aside: Option<Aside>,
    /// Whether it is a part of a page, more of which comes.
    pub(super) is_part: bool,
}

/// Why a page is asked beside the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aside {
    /// To split an instant.
    Split,
    /// To read again what was read.
    Again,
}

impl Place {
    fn is_extra(&self) -> bool {
        self.aside.is_some()
    }
}

/// A walk over the pages of a window.
#[derive(Default)]
pub(super) struct Walk {
    seen: Seen,
    pub(super) tally: Tally,
    doubts: Vec<Option<DateTime<Utc>>>,
    /// Pages in a row that brought nothing new.
    barren: u32,
    /// How much was new in the parts of a page, the rest of which is still to come.
    new_in_parts: u64,
    /// Of the pages so far: the oldest instant.
    edge: Option<DateTime<Utc>>,
    /// Of the first page: the newest instant. What is newer has arrived since.
    top: Option<DateTime<Utc>>,
    is_disordered: bool,
    /// Whether it went on from another's cursor, so that it met only a part of the rows.
    is_resumed: bool,
    /// What an earlier listing has given out.
    given: Given,
    is_below_given: bool,
    is_total_told: bool,
    /// Whether a page was met to its end. Before that nobody knows whether the vendor counts: it may say so at the end.
    has_page: bool,
}

impl Walk {
    /// A walk from its start, which tells the vendor's total or does not. What stands up to a place is not given again.
    pub(super) fn new(tells_total: bool, given: Given) -> Self {
        Self { is_total_told: !tells_total, given, ..Self::default() }
    }

    /// A walk of a listing that goes on where another stood, which had given out all up to a place.
    pub(super) fn resumed(
        given: Given,
        doubts: Vec<Option<DateTime<Utc>>>,
        is_begun: bool,
    ) -> Self {
        Self { is_resumed: is_begun, doubts, ..Self::new(false, given) }
    }

    pub(super) fn barren(&self) -> u32 {
        self.barren
    }

    /// The edges at which something may have been left out.
    pub(super) fn doubts(&self) -> &[Option<DateTime<Utc>>] {
        &self.doubts
    }

    /// The least that the vendor counted, where it is more than was met.
    pub(super) fn missing(&self) -> Option<u64> {
        self.tally.missing().filter(|_| !self.is_resumed)
    }

    /// Whether it met only a part of the rows, because it went on where another stood.
    pub(super) fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// Whether the vendor counts its rows.
    pub(super) fn is_counted(&self) -> bool {
        self.tally.is_kept()
    }

    /// What of a page is new.
    pub(super) fn digest(&mut self, page: CallPage, place: &Place) -> Batch {
        let CallPage { mut calls, rejected, next, floor, sources, total: _ } = page;
        let resume_at = next.filter(|_| !place.is_extra()).or_else(|| place.asked_at.clone());
        let mut shares = self.hear(&sources, place);
        let mut new = 0_u64;
        let (mut oldest, mut newest) = (None, None);
        let mut oldest_new = None;
        let mut last = None;
        calls.retain(|call| {
            self.is_disordered |= last.is_some_and(|last| call.placed_at > Some(last));
            last = call.placed_at.or(last);
            newest = newest.max(call.placed_at);
            oldest = older(oldest, call.placed_at);
            let met = Met { id: &call.id, placed_at: call.placed_at, matched: true };
            let sight = self.see((&call.vendor, &call.account), &met, place);
            let share = shares.of(&call.vendor, &call.account);
            if !count(share, sight, true) {
                return false;
            }
            new += 1;
            oldest_new = older(oldest_new, self.not_an_arrival(call.placed_at));
            !self.was_given(call, share)
        });
        let mut fresh_rejected = Vec::new();
        for row in rejected {
            let share = shares.of(&row.vendor, &row.account);
            if self.see_rejected(&row) {
                new += 1;
                share.met += 1;
                // Several may have the same guess for a place: rather one twice than one lost.
                if self.given.after.as_ref().is_none_or(|after| rejected_key(&row) >= *after) {
                    fresh_rejected.push(row);
                }
            } else {
                share.repeats += 1;
            }
        }
        for source in &sources {
            let share = shares.of(&source.vendor, &source.account);
            for row in &source.filtered {
                newest = newest.max(row.placed_at);
                oldest = older(oldest, row.placed_at);
                let met = Met { id: &row.id, placed_at: row.placed_at, matched: false };
                let sight = self.see((&source.vendor, &source.account), &met, place);
                if count(share, sight, false) {
                    new += 1;
                    oldest_new = older(oldest_new, self.not_an_arrival(row.placed_at));
                }
            }
            if !place.is_extra() {
                self.seen.forget_above(&source.vendor, &source.account, source.floor);
                self.doubts.extend_from_slice(&source.doubts);
            }
        }
        if !place.is_part && !std::mem::replace(&mut self.has_page, true) && !self.tally.is_kept() {
            self.tally = Tally::default();
        }
        if !place.is_extra() {
            self.is_disordered |= self.edge.is_some_and(|edge| oldest_new > Some(edge));
            self.edge = older(self.edge, oldest);
            self.top = self.top.or(newest);
        }
        new += std::mem::take(&mut self.new_in_parts);
        if place.is_part {
            self.new_in_parts = new;
        } else {
            self.barren = if new == 0 { self.barren + 1 } else { 0 };
        }
        Batch {
            asked_at: place.asked_at.clone(),
            resume_at,
            floor,
            calls,
            rejected: fresh_rejected,
            bytes: sources.iter().map(|source| source.bytes).sum(),
            shares,
            doubts: self.doubts.clone(),
            is_unsettled: place.aside == Some(Aside::Again) && self.missing().is_some(),
            is_disordered: self.is_disordered,
            top: self.top,
            is_outside: false,
            is_page: !place.is_part,
            is_again: place.aside == Some(Aside::Again),
        }
    }

    /// What a page's accounts say of it, and of the whole.
    fn hear(&mut self, sources: &[PageSource], place: &Place) -> ByAccount<Share> {
        let mut shares = ByAccount::<Share>::default();
        for source in sources {
            let mut share = Share::of_page(source);
            share.is_extra = place.is_extra();
            share.is_page &= !place.is_part;
            if let Some(total) = source.total.filter(|_| !place.is_extra()) {
                self.tally.hear(total);
                share.total = (!self.is_total_told).then_some(total);
            }
            *shares.of(&source.vendor, &source.account) = share;
        }
        self.is_total_told |= self.tally.is_kept();
        shares
    }

    fn not_an_arrival(&self, placed_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        placed_at.filter(|at| self.top.is_none_or(|top| *at <= top))
    }

    /// Rows that come again from the top are known by the tally, others by what is remembered of the pages before.
    fn see(
        &mut self,
        (vendor, account): (&VendorId, &AccountId),
        row: &Met<'_>,
        place: &Place,
    ) -> Sight {
        let key = (vendor, account, row.id.as_str());
        if self.counts() && place.aside == Some(Aside::Again) {
            return self.tally.meet(key, row.placed_at, row.matched);
        }
        let sight = self.seen.see(vendor, account, row);
        if self.counts() {
            match sight {
                Sight::New => self.tally.note(key, row.placed_at, row.matched),
                Sight::NowMatching => self.tally.now_matches(key),
                // It may have been met, or not.
                Sight::AboveFloor => {
                    self.tally.meet(key, row.placed_at, row.matched);
                }
                Sight::Repeat => {}
            }
        }
        sight
    }

    /// Whether the vendor counts, or may do so.
    fn counts(&self) -> bool {
        self.tally.is_kept() || !self.has_page
    }

    fn see_rejected(&mut self, row: &Rejected) -> bool {
        if self.counts() {
            self.tally.meet_rejected(row);
        }
        self.seen.see_rejected(row)
    }

    /// Whether the earlier listing that this one goes on from has given a call out: all that stands before its place.
    fn was_given(&mut self, call: &Call, share: &mut Share) -> bool {
        if self.given.after.is_none() && self.given.beyond.is_empty() {
            return false;
        }
        let key = call.order_key();
        if self.given.beyond.contains(&key) {
            share.repeats += 1;
            return true;
        }
        let Some(after) = &self.given.after else { return false };
        if key > *after {
            // Within an instant a vendor has an order of its own.
            self.is_below_given |= call.placed_at < after.placed_at();
            return false;
        }
        if self.given.owed.contains(&key) {
            return false;
        }
        if self.is_below_given {
            // It may be one that was not given, because its vendor did not keep the order.
            share.is_broken = true;
        }
        share.repeats += 1;
        true
    }
}

/// Counts a row; whether it brought something new.
fn count(share: &mut Share, sight: Sight, matched: bool) -> bool {
    match sight {
        Sight::New => {
            share.met += 1;
            share.filtered += u64::from(!matched);
        }
        Sight::NowMatching => {}
        Sight::Repeat => share.repeats += 1,
        Sight::AboveFloor => {
            share.repeats += 1;
            share.is_broken = true;
        }
    }
    matches!(sight, Sight::New | Sight::NowMatching)
}

fn older(before: Option<DateTime<Utc>>, now: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (before, now) {
        (Some(before), Some(now)) => Some(before.min(now)),
        (before, now) => before.or(now),
    }
}
