//! The first page of a range of time: it shows how the rest is cut into windows.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, Utc};

use crate::page::CallPage;

/// Among how many instants at the end of the page the cut is looked for. A vendor that is walked by time reads its last few
/// again.
const INSTANTS: usize = 16;

/// The first page, as it arrives. Where it is cut shows at its end, so that its last parts are held until then.
#[derive(Default)]
pub(super) struct Scout {
    held: VecDeque<CallPage>,
    /// The oldest instant that was passed on.
    passed_on: Option<DateTime<Utc>>,
}

impl Scout {
    pub(super) fn hold(&mut self, part: CallPage) {
        self.held.push_back(part);
    }

    /// The next part that the cut leaves alone.
    pub(super) fn pass_on(&mut self) -> Option<CallPage> {
        let later: BTreeSet<DateTime<Utc>> = self.held.iter().skip(1).flat_map(instants).collect();
        if later.len() < INSTANTS {
            return None;
        }
        let part = self.held.pop_front()?;
        self.passed_on = instants(&part).chain(self.passed_on).min();
        Some(part)
    }

    /// The rest of the page, with what was held.
    pub(super) fn whole(&mut self, rest: CallPage) -> CallPage {
        std::mem::take(&mut self.held).into_iter().rev().fold(rest, joined)
    }

    /// Where the page is cut: at the instant above its oldest, which the next window reads again whole. Not at the oldest: a
    /// single call out of its place at the page's end would hide what is between. Never above what was passed on, as it would
    /// be given again: an attempt that broke off may have got further than the one that did not.
    pub(super) fn edge(&self, page: &CallPage) -> Option<DateTime<Utc>> {
        let floor = page.floor.filter(|floor| floor.proven && page.next.is_some())?;
        let is_plain = page.rejected.is_empty()
            && page.sources.iter().all(|source| {
                source.ties.is_none() && source.doubts.is_empty() && source.reasons.is_empty()
            });
        if !is_plain || self.passed_on.is_some_and(|at| at <= floor.at) {
            return None;
        }
        instants(page).chain(self.passed_on).filter(|at| *at > floor.at).min()
    }
}

/// The instants of a page's rows.
fn instants(page: &CallPage) -> impl Iterator<Item = DateTime<Utc>> {
    let filtered = page.sources.iter().flat_map(|source| &source.filtered);
    let calls = page.calls.iter().map(|call| call.placed_at);
    calls.chain(filtered.map(|row| row.placed_at)).flatten()
}

/// A part of a page with what comes after it.
fn joined(mut rest: CallPage, part: CallPage) -> CallPage {
    rest.calls.splice(..0, part.calls);
    rest.rejected.splice(..0, part.rejected);
    for (source, part) in rest.sources.iter_mut().zip(part.sources) {
        source.rows += part.rows;
        source.bytes = source.bytes.saturating_add(part.bytes);
        source.filtered.splice(..0, part.filtered);
    }
    rest
}

/// Takes from a page what another window reads.
pub(super) fn leave_older(page: &mut CallPage, edge: DateTime<Utc>) {
    let is_kept = |placed_at: Option<DateTime<Utc>>| placed_at.is_some_and(|at| edge <= at);
    page.calls.retain(|call| is_kept(call.placed_at));
    for source in &mut page.sources {
        source.filtered.retain(|row| is_kept(row.placed_at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call;
    use crate::cursor::Cursor;
    use crate::filter::CallFilter;
    use crate::page::Floor;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    /// Calls of these seconds, one each, newest first.
    fn part(seconds: std::ops::Range<i64>) -> CallPage {
        CallPage { calls: seconds.rev().map(call).collect(), ..CallPage::default() }
    }

    fn call(second: i64) -> Call {
        let mut call = Call::new("vendor", "main", second.to_string());
        call.placed_at = Some(at(second));
        call
    }

    /// The rest of a page that another follows, whose floor is this second.
    fn rest(seconds: std::ops::Range<i64>, floor: i64) -> CallPage {
        let mut page = part(seconds);
        page.floor = Some(Floor { at: at(floor), proven: true });
        page.next = Some(Cursor::seal("vendor/main", &CallFilter::new(), &0).unwrap());
        page
    }

    fn passed_on(scout: &mut Scout, page: CallPage) -> usize {
        scout.hold(page);
        std::iter::from_fn(|| scout.pass_on()).map(|part| part.calls.len()).sum()
    }

    #[test]
    fn the_cut_is_among_the_last_instants_however_few_rows_a_part_has() {
        let mut scout = Scout::default();
        let parts = (3..50).rev().map(|part| 2 * part);
        let passed: usize = parts.map(|from| passed_on(&mut scout, part(from..from + 2))).sum();
        assert!(passed > 60, "most is passed on: {passed}");
        let whole = scout.whole(rest(5..6, 12));
        assert_eq!(whole.calls.len() + passed, 95);
        assert!(whole.calls.is_sorted_by(|one, other| one.placed_at >= other.placed_at));
        assert_eq!(scout.edge(&whole), Some(at(13)));
    }

    #[test]
    fn nothing_is_cut_above_what_was_passed_on() {
        // An attempt got down to second 20 and broke off. The next had newer calls on top, and ended at second 40.
        let mut scout = Scout::default();
        assert_eq!(passed_on(&mut scout, part(60..100)), 0);
        assert_eq!(passed_on(&mut scout, part(20..60)), 40);
        assert_eq!(passed_on(&mut scout, part(70..110)), 40);
        let whole = scout.whole(rest(30..70, 35));
        assert_eq!(scout.edge(&whole), None, "second 20 was passed on, and is below the floor");
        assert_eq!(Scout::default().edge(&rest(30..70, 35)), Some(at(36)));

        let mut scout = Scout::default();
        assert_eq!(passed_on(&mut scout, part(60..100)), 0);
        assert_eq!(passed_on(&mut scout, part(40..58)), 40);
        let whole = CallPage { calls: Vec::new(), ..scout.whole(rest(41..90, 61)) };
        assert_eq!(scout.edge(&whole), None);
        let lower = CallPage { calls: part(70..90).calls, ..rest(30..31, 58) };
        assert_eq!(scout.edge(&lower), Some(at(60)), "no call that was passed on is read again");
    }
}
