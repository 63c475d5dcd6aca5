//! One account of a listing: its time range, cut into windows that are read several at a time.

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::AbortHandle;

use super::certificate::Reason;
use super::line::Line;
use super::order::Order;
use super::place::SourceStanding;
use super::reader::End;
use super::release::Release;
use super::walk::Given;
use crate::call::OrderKey;
use crate::cursor::Cursor;
use crate::federation::OnFailure;
use crate::filter::{CallFilter, Field, TimeRange};
use crate::provider::CallProvider;

/// How many pages a window is cut to hold at least and at most, as far as the density of the calls tells. Many keep the requests few, as
/// a window's last page is seldom full; few let all that read come to their ends together.
const FEWEST_PAGES: i64 = 2;
const MOST_PAGES: i64 = 8;
/// What part of a page is left free: a window a little denser than that would take one page more, with next to nothing on it.
const SPARE: i64 = 8;
/// How many bytes of rows are held, or on their way to be, before windows are no longer read ahead of the one that is given out.
pub(super) const HELD_AHEAD: u64 = 40 * 1024 * 1024;

/// An account.
pub(super) struct Source {
    pub(super) provider: Arc<dyn CallProvider>,
    pub(super) on_failure: OnFailure,
    /// The rows asked for at a time.
    pub(super) page_size: Option<NonZeroU32>,
    /// The windows that are not read to their end, or whose rows are still held; newest first.
    pub(super) windows: VecDeque<Window>,
    /// What no window covers yet.
    pub(super) uncut: Option<TimeRange>,
    pub(super) cuts: Cuts,
    /// How many pages of a window may be read ahead.
    pub(super) ahead: u32,
    /// How many requests may be under way.
    pub(super) at_once: u32,
    /// The place of the last row that was given out.
    pub(super) given: Option<OrderKey>,
    /// What was given out beyond a failure, past rows that are still to come.
    pub(super) beyond: BTreeSet<OrderKey>,
    /// What an earlier listing, that this one goes on from, has given out.
    pub(super) given_before: Given,
    /// Whether a row of it was given out of its place.
    pub(super) is_disordered: bool,
    /// Whether its pages did not come newest first.
    pub(super) is_walk_disordered: bool,
    /// Whether the vendor answers with calls of other times than it is asked for: then every window would be the whole.
    pub(super) ignores_range: bool,
    /// Why it is left out.
    pub(super) failed: Option<Reason>,
    pub(super) next_window: u64,
    /// The most bytes that a page had.
    pub(super) page_bytes: u64,
}

/// How the time range of an account may be cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cuts {
    /// How many windows are read at a time.
    pub(super) workers: u32,
    /// The finest instant that the vendor tells apart.
    pub(super) unit: TimeDelta,
    /// The time that a page of calls takes up, once that is known.
    pub(super) page: Option<TimeDelta>,
    /// Where the range begins.
    pub(super) since: Option<DateTime<Utc>>,
}

/// A window.
pub(super) struct Window {
    pub(super) id: u64,
    pub(super) range: TimeRange,
    pub(super) line: Line,
    /// The newest instant that it may still give, once that is known.
    pub(super) floor: Option<DateTime<Utc>>,
    /// The newest instant of what came last.
    pub(super) newest: Option<DateTime<Utc>>,
    /// The newest instant of its first page.
    pub(super) top: Option<DateTime<Utc>>,
    /// How many bytes came of the page that is coming.
    pub(super) page_bytes: u64,
    /// Where another listing would go on, once what is held is given out.
    pub(super) resume_at: Option<Cursor>,
    pub(super) doubts: Vec<Option<DateTime<Utc>>>,
    /// Whether the vendor counts more of it than was met, and that is being settled.
    pub(super) is_unsettled: bool,
    pub(super) pages: u64,
    pub(super) rows: u64,
    /// How many turns were given of which nothing has come yet.
    pub(super) asked: u64,
    pub(super) is_read: bool,
    /// Stops its reader.
    pub(super) reader: Option<AbortHandle>,
}

/// A window to go on with: its number, its edges in doubt, whether some of it was read.
type Resumed = (u64, Vec<Option<DateTime<Utc>>>, bool);

impl Window {
    pub(super) fn new(id: u64, range: TimeRange) -> Self {
        Self {
            id,
            range,
            line: Line::default(),
            // A row of a bounded window has a time, and it is below the bound.
            floor: range.until.map(below),
            newest: None,
            top: None,
            page_bytes: 0,
            resume_at: None,
            doubts: Vec::new(),
            is_unsettled: false,
            pages: 0,
            rows: 0,
            asked: 0,
            is_read: false,
            reader: None,
        }
    }

    /// As if nothing of it had been read.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.id, self.range);
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.abort();
        }
    }
}

impl Source {
    /// The account, nothing of it read yet.
    pub(super) fn new(
        provider: Arc<dyn CallProvider>,
        on_failure: OnFailure,
        filter: &CallFilter,
        workers: u32,
        page_size: Option<NonZeroU32>,
    ) -> Self {
        let cuts = Cuts::new(&*provider, filter, workers);
        // Either several windows, or several pages of one.
        let ahead = if cuts.workers == 1 { workers.saturating_sub(1) } else { 0 };
        Self {
            provider,
            on_failure,
            page_size,
            windows: VecDeque::new(),
            uncut: Some(filter.placed),
            cuts,
            ahead,
            at_once: workers.max(1),
            given: None,
            beyond: BTreeSet::new(),
            given_before: Given::default(),
            is_disordered: false,
            is_walk_disordered: false,
            ignores_range: false,
            failed: None,
            next_window: 0,
            page_bytes: 0,
        }
    }

    /// What the account may still give, as a release of the order; `All` once nothing.
    pub(super) fn floor(&self) -> Release {
        let unread = self.windows.iter().find(|window| !window.is_read);
        match (unread, self.uncut) {
            // What is older than the window is the next one's, however far this one's vendor goes on.
            (Some(window), _) => {
                let own = window.range.since.map(below);
                Release::by(window.floor.map(|floor| own.map_or(floor, |own| floor.max(own))))
            }
            (None, Some(rest)) => Release::by(rest.until.map(below)),
            (None, None) => Release::All,
        }
    }

    /// The newest instant of the page that was read last of the window to be given out next.
    pub(super) fn newest(&self) -> Option<DateTime<Utc>> {
        let unread = self.windows.iter().find(|window| !window.is_read);
        unread.and_then(|window| window.newest)
    }

    /// Whether it is to be asked now: it holds the listing up, or its last page has begun to be passed on.
    pub(super) fn is_due(&self, release: Release) -> bool {
        self.failed.is_none() && self.floor().is_due(release, self.newest())
    }

    /// Whether nothing of it is left to be read.
    pub(super) fn is_over(&self) -> bool {
        self.failed.is_some()
            || self.uncut.is_none() && self.windows.iter().all(|window| window.is_read)
    }

    /// The number of the next window of what is not cut yet, where one more may be read, and whether it is the whole.
    pub(super) fn cut(&mut self) -> Option<(u64, bool)> {
        let unread = self.windows.iter().filter(|window| !window.is_read).count();
        let workers = self.cuts.workers as usize;
        // Those that are read and wait to be given out keep nobody from reading on, up to as many again.
        let is_full = unread >= workers || self.windows.len() / 2 >= workers;
        if unread > 0 && (self.ignores_range || is_full) {
            return None;
        }
        let range = self.uncut.take()?;
        let (range, rest) = match self.ignores_range {
            true => (range, None),
            false => self.cuts.cut(range, self.most_pages()),
        };
        self.uncut = rest;
        self.next_window += 1;
        self.windows.push_back(Window::new(self.next_window, range));
        Some((self.next_window, self.next_window == 1 && rest.is_none()))
    }

    /// How many pages a window may have, so that all that read can hold theirs.
    fn most_pages(&self) -> i64 {
        let bytes = self.page_bytes.max(1).saturating_mul(self.cuts.workers.max(1).into());
        i64::try_from(HELD_AHEAD / bytes).unwrap_or(i64::MAX).clamp(FEWEST_PAGES, MOST_PAGES)
    }

    /// The page of one window, to go on from.
    pub(super) fn resume_page(&mut self, cursor: Cursor) {
        let range = self.uncut.take().unwrap_or_default();
        self.next_window = 1;
        let mut window = Window::new(1, range);
        window.resume_at = Some(cursor);
        self.windows.push_back(window);
    }

    /// Takes up where another listing stood: what it gave out, and the windows to go on with.
    pub(super) fn resume(&mut self, standing: SourceStanding) -> Vec<Resumed> {
        self.failed = standing.failed;
        self.uncut = standing.uncut;
        self.given.clone_from(&standing.given);
        self.beyond.clone_from(&standing.beyond);
        self.given_before =
            Given { after: standing.given, owed: standing.owed, beyond: standing.beyond };
        let mut resumed = Vec::new();
        for standing in standing.windows {
            self.next_window += 1;
            let mut window = Window::new(self.next_window, standing.range);
            window.resume_at = standing.cursor;
            window.doubts.clone_from(&standing.doubts);
            resumed.push((window.id, standing.doubts, window.resume_at.is_some()));
            self.windows.push_back(window);
        }
        resumed
    }

    /// A window was read to its end, or to where the rest is cut. What could not be settled.
    pub(super) fn finish_window(&mut self, id: u64, end: End) -> Vec<Reason> {
        let since = self.cuts.since;
        let Some(window) = self.window(id) else { return Vec::new() };
        window.is_read = true;
        window.asked = 0;
        window.doubts.clear();
        window.is_unsettled = false;
        let (rows, range) = (window.rows, window.range);
        match end {
            End::Read(reasons) => {
                if let (Some(since), Some(until)) = (range.since, range.until) {
                    self.learn(rows, until - since);
                }
                reasons
            }
            End::Cut(edge) => {
                let top = window.top;
                window.range.since = Some(edge);
                self.uncut = Some(TimeRange { since, until: Some(edge) });
                let stretch = top.map_or(TimeDelta::zero(), |top| top - edge);
                self.learn(rows, stretch.max(self.cuts.unit));
                Vec::new()
            }
        }
    }

    /// Forgets the windows that are read and whose rows are all given out.
    pub(super) fn prune(&mut self, index: usize, order: &Order) {
        self.windows.retain(|window| !window.is_read || order.pages_held((index, window.id)) > 0);
    }

    /// Leaves the account out: the windows whose rows are not to be given out, as they are not next to what was.
    pub(super) fn leave_out(&mut self, reason: Reason) -> Vec<u64> {
        let given_up = self.give_up_ahead();
        for window in &mut self.windows {
            window.is_read = true;
            window.asked = 0;
        }
        self.uncut = None;
        self.failed = Some(reason);
        given_up
    }

    /// Every window is the whole: the rest is read as one. The windows that are given up.
    pub(super) fn stop_cutting(&mut self) -> Vec<u64> {
        self.ignores_range = true;
        let given_up = self.give_up_ahead();
        let first = self.windows.iter().find(|window| !window.is_read);
        if let (false, Some(first)) = (given_up.is_empty(), first) {
            self.uncut = Some(TimeRange { since: self.cuts.since, until: first.range.since });
        }
        given_up
    }

    /// Gives up the windows that were read ahead, and says which.
    fn give_up_ahead(&mut self) -> Vec<u64> {
        let read_ahead = self.read_ahead();
        self.windows.retain(|window| !read_ahead.contains(&window.id));
        read_ahead
    }

    /// Makes as if the windows that were read ahead had not been; which they are.
    pub(super) fn forget_ahead(&mut self) -> Vec<u64> {
        let read_ahead = self.read_ahead();
        for window in self.windows.iter_mut().filter(|window| read_ahead.contains(&window.id)) {
            window.forget();
        }
        read_ahead
    }

    /// The windows older than the newest that is not read to its end.
    fn read_ahead(&self) -> Vec<u64> {
        let windows = self.windows.iter().skip_while(|window| window.is_read).skip(1);
        windows.map(|window| window.id).collect()
    }

    /// What is not settled of the windows that a listing ended within.
    pub(super) fn open_reasons(
        &self,
        ended_at: Option<DateTime<Utc>>,
        is_limited: bool,
    ) -> Vec<Reason> {
        let info = self.provider.info();
        let (vendor, account) = (info.vendor.clone(), info.account.clone());
        let matters = |edge: &&Option<DateTime<Utc>>| match (edge, ended_at) {
            (Some(edge), Some(ended_at)) => ended_at <= *edge,
            _ => true,
        };
        let edges = self.windows.iter().flat_map(|window| &window.doubts).filter(matters);
        let mut reasons: Vec<Reason> = edges
            .map(|instant| Reason::EdgeInDoubt {
                vendor: vendor.clone(),
                account: account.clone(),
                instant: *instant,
            })
            .collect();
        // All calls in another order are still all calls; the first few of them are the wrong ones.
        if is_limited && (self.is_disordered || self.is_walk_disordered) {
            reasons.push(Reason::OrderBroken { vendor, account });
        }
        reasons
    }

    /// Whether the first page of a window is to show how it is cut: of the one that holds all the rest.
    pub(super) fn wants_scout(&self, id: u64) -> bool {
        let is_whole = |window: &Window| {
            window.id == id && window.resume_at.is_none() && window.range.since == self.cuts.since
        };
        self.cuts.wants_page() && self.windows.iter().any(is_whole)
    }

    /// The window of a number.
    pub(super) fn window(&mut self, id: u64) -> Option<&mut Window> {
        self.windows.iter_mut().find(|window| window.id == id)
    }

    /// Whether the window in this place is the next to be given out.
    pub(super) fn is_first(&self, place: usize) -> bool {
        self.windows.iter().position(|window| !window.is_read) == Some(place)
    }

    /// Takes note of how many rows a stretch of time held, for the windows after it.
    pub(super) fn learn(&mut self, rows: u64, stretch: TimeDelta) {
        let page = self.page_size.map_or(self.provider.info().page.default, NonZeroU32::get);
        self.cuts.learn(rows, stretch, page.into());
    }
}

impl Cuts {
    fn new(provider: &dyn CallProvider, filter: &CallFilter, workers: u32) -> Self {
        let unit = provider.info().precision.unit();
        let since = filter.placed.since;
        // A window that reads more than itself is more requests: then pages are read ahead, where they can be.
        let is_exact = provider.info().padding == Some(TimeDelta::zero())
            && provider.explain(filter).is_ok_and(|pushdown| pushdown.serves(Field::Placed));
        let workers = if since.is_some() && is_exact { workers.max(1) } else { 1 };
        Self { workers, unit, page: None, since }
    }

    /// A window off the newer end of a range, and what is left.
    fn cut(&self, range: TimeRange, most_pages: i64) -> (TimeRange, Option<TimeRange>) {
        let (Some(since), Some(until)) = (range.since, range.until) else { return (range, None) };
        let Some(length) = self.length(until - since, most_pages) else { return (range, None) };
        // A rest that is not worth a window of its own goes with this one.
        let edge = until.checked_sub_signed(length).filter(|edge| *edge - since > length / 2);
        let edge = edge.and_then(|edge| round_down(edge, self.unit)).filter(|edge| *edge > since);
        match edge {
            None => (range, None),
            Some(edge) => (
                TimeRange { since: Some(edge), until: Some(until) },
                Some(TimeRange { since: Some(since), until: Some(edge) }),
            ),
        }
    }

    /// Whether the first page is to show how long a page is.
    fn wants_page(&self) -> bool {
        self.workers > 1 && self.page.is_none()
    }

    /// How long the next window is, of so much that is left: so long that each of those that read has two more to come, and
    /// shorter toward the end.
    fn length(&self, left: TimeDelta, most_pages: i64) -> Option<TimeDelta> {
        let page = self.page?.num_microseconds()?.max(1);
        let pages = left.num_microseconds()? / page / (2 * i64::from(self.workers));
        let length = page.checked_mul(pages.clamp(FEWEST_PAGES, most_pages))? - page / SPARE;
        Some(TimeDelta::microseconds(length).max(self.unit))
    }

    fn learn(&mut self, rows: u64, stretch: TimeDelta, wanted: u64) {
        let Some(stretch) = stretch.num_microseconds().filter(|stretch| *stretch > 0) else {
            return;
        };
        let (rows, wanted) = (i128::from(rows.max(1)), i128::from(wanted.max(1)));
        let length = i128::from(stretch).saturating_mul(wanted) / rows;
        let unit = self.unit.num_microseconds().unwrap_or(1).max(1);
        let length = i64::try_from(length).unwrap_or(i64::MAX / 4).max(unit);
        let length = TimeDelta::microseconds(length.min(i64::MAX / 4));
        // Half of what was known stays, so that one burst does not decide.
        self.page = Some(self.page.map_or(length, |known| known / 2 + length / 2));
    }
}

/// The last instant before a bound.
fn below(bound: DateTime<Utc>) -> DateTime<Utc> {
    bound.checked_sub_signed(TimeDelta::nanoseconds(1)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// The instant at or before this that is a whole number of units.
fn round_down(instant: DateTime<Utc>, unit: TimeDelta) -> Option<DateTime<Utc>> {
    let unit = unit.num_microseconds().filter(|unit| *unit > 0)?;
    let micros = instant.timestamp_micros();
    DateTime::from_timestamp_micros(micros - micros.rem_euclid(unit))
}
