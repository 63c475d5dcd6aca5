//! The rows that are held until their place in the order is certain.

use std::cmp::Ordering;
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque};

use chrono::{DateTime, Utc};

use super::release::Release;
use crate::call::{Call, OrderKey};
use crate::cursor::Cursor;
use crate::page::Rejected;

/// What a listing gives out.
#[expect(
    clippy::large_enum_variant,
    reason = "it goes from hand to hand, one at a time, and is nearly always a call"
)]
pub(super) enum Item {
    Call(Call),
    Rejected(Box<Rejected>),
}

/// How a call arrived, against the order promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    InOrder,
    /// Newer than the call of its window before it, and put in its place.
    Repaired,
    /// It belongs before a call already given out.
    TooLate,
}

/// Which source's which window.
pub(super) type WindowId = (usize, u64);

/// Holds rows in order. A row may go once no later page can hold one that belongs before it.
///
/// Rows are held in the runs that pages bring them in, mostly in order already; what is next is the least of the runs' first
/// rows.
#[derive(Default)]
pub(super) struct Order {
    runs: BinaryHeap<Run>,
    release: Release,
    sequence: u64,
    /// The pages that rows are held of, by window and number: the cursor each was asked for at, and how many runs.
    pages: BTreeMap<(WindowId, u64), (Option<Cursor>, usize)>,
    /// How many bytes the rows held are, about.
    bytes: u64,
    /// The instant of each window's last call with a time.
    last_arrived: HashMap<WindowId, DateTime<Utc>>,
    /// The furthest place in the order that a call was given out of.
    furthest_given: Option<OrderKey>,
}

/// What a page brought.
pub(super) struct Brought {
    /// The cursor it was asked for at.
    pub(super) asked_at: Option<Cursor>,
    pub(super) calls: Vec<Call>,
    pub(super) rejected: Vec<Rejected>,
    /// How many bytes its rows are, about.
    pub(super) bytes: u64,
}

/// A row that is given out.
pub(super) struct Given {
    pub(super) key: OrderKey,
    pub(super) window: WindowId,
    pub(super) item: Item,
    /// Whether no row of its page is held any more.
    pub(super) ends_page: bool,
}

impl Order {
    /// Holds the rows of a page. Says of each call how it arrived.
    pub(super) fn hold(
        &mut self,
        (window, page): (WindowId, u64),
        brought: Brought,
        mut tell: impl FnMut(&Call, Arrival),
    ) {
        let Brought { asked_at, calls, rejected, bytes } = brought;
        for call in &calls {
            let arrival = self.arrival(window, call);
            tell(call, arrival);
        }
        let runs = [(Rows::of(calls), bytes), (Rows::of_rejected(rejected), 0)];
        for (rows, bytes) in runs.into_iter().filter(|(rows, _)| !rows.is_empty()) {
            self.sequence += 1;
            self.bytes = self.bytes.saturating_add(bytes);
            self.pages.entry((window, page)).or_insert_with(|| (asked_at.clone(), 0)).1 += 1;
            self.runs.push(Run { page: (window, page), sequence: self.sequence, rows, bytes });
        }
    }

    /// How many bytes the rows held are, about: those of whole pages, as long as one row of them is held.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn arrival(&mut self, window: WindowId, call: &Call) -> Arrival {
        let is_newer_than_last = call.placed_at.is_some_and(|placed_at| {
            let last = self.last_arrived.insert(window, placed_at);
            last.is_some_and(|last| last < placed_at)
        });
        let is_before = |given: &OrderKey| given.compare_to(call) == Ordering::Greater;
        if self.furthest_given.as_ref().is_some_and(is_before) {
            Arrival::TooLate
        } else if is_newer_than_last {
            Arrival::Repaired
        } else {
            Arrival::InOrder
        }
    }

    pub(super) fn release(&mut self, release: Release) {
        self.release = release;
    }

    /// The instant of the furthest call that was given out.
    pub(super) fn last_given(&self) -> Option<DateTime<Utc>> {
        self.furthest_given.as_ref().and_then(OrderKey::placed_at)
    }

    /// The next row that may go.
    pub(super) fn pop(&mut self) -> Option<Given> {
        let mut run = self.runs.peek_mut()?;
        let may_go = match (self.release, run.rows.first_placed_at()) {
            (Release::All, _) | (Release::Above(_), None) => true,
            (Release::Above(floor), Some(placed_at)) => placed_at > floor,
            (Release::Nothing, _) => false,
        };
        if !may_go {
            return None;
        }
        let (key, item) = run.rows.pop()?;
        let (page, bytes) = (run.page, run.bytes);
        if run.rows.is_empty() {
            PeekMut::pop(run);
            self.bytes = self.bytes.saturating_sub(bytes);
            self.drop_run(page);
        } else {
            drop(run);
        }
        // The place of a rejected row is a guess: it makes no call late.
        if matches!(item, Item::Call(_)) && self.furthest_given.as_ref().is_none_or(|at| *at < key)
        {
            self.furthest_given = Some(key.clone());
        }
        let ends_page = !self.pages.contains_key(&page);
        Some(Given { key, window: page.0, item, ends_page })
    }

    fn drop_run(&mut self, page: (WindowId, u64)) {
        if let Some((_, runs)) = self.pages.get_mut(&page) {
            *runs = runs.saturating_sub(1);
            if *runs == 0 {
                self.pages.remove(&page);
            }
        }
    }

    /// The places of the calls of a source that are still held though one after them was given out.
    pub(super) fn held_before(
        &self,
        source: usize,
        given: Option<&OrderKey>,
    ) -> BTreeSet<OrderKey> {
        let Some(given) = given else { return BTreeSet::new() };
        let own = self.runs.iter().filter(|run| run.page.0.0 == source);
        own.flat_map(|run| run.rows.keys().take_while(|key| key <= given)).collect()
    }

    /// Drops the rows of some windows of a source: they are not to be given out.
    pub(super) fn drop_windows(&mut self, source: usize, windows: &[u64]) {
        let is_dropped = |(of, window): WindowId| of == source && windows.contains(&window);
        self.runs.retain(|run| !is_dropped(run.page.0));
        self.pages.retain(|(window, _), _| !is_dropped(*window));
        self.bytes = self.runs.iter().map(|run| run.bytes).sum();
    }

    /// How many pages of a window rows are held of.
    pub(super) fn pages_held(&self, window: WindowId) -> usize {
        self.pages.range((window, 0)..=(window, u64::MAX)).count()
    }

    /// The cursor at which the oldest page of a window with rows still held was asked for; `None` inside where that was its first.
    pub(super) fn oldest_page(&self, window: WindowId) -> Option<&Option<Cursor>> {
        self.pages.range((window, 0)..=(window, u64::MAX)).next().map(|(_, (cursor, _))| cursor)
    }
}

/// Rows of one page, in order; never empty while it is held.
struct Run {
    page: (WindowId, u64),
    /// Its number: of rows in one place, those that came first are first.
    sequence: u64,
    rows: Rows,
    bytes: u64,
}

enum Rows {
    Calls(VecDeque<Call>),
    /// With about where each stands.
    Rejected(VecDeque<(OrderKey, Rejected)>),
}

impl Rows {
    fn of(mut calls: Vec<Call>) -> Self {
        if !calls.is_sorted_by(|one, other| one.compare_place(other) != Ordering::Greater) {
            calls.sort_by(Call::compare_place);
        }
        Self::Calls(calls.into())
    }

    fn of_rejected(rows: Vec<Rejected>) -> Self {
        let mut rows: Vec<_> = rows.into_iter().map(|row| (rejected_key(&row), row)).collect();
        rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self::Rejected(rows.into())
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Calls(calls) => calls.is_empty(),
            Self::Rejected(rows) => rows.is_empty(),
        }
    }

    fn first_placed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Calls(calls) => calls.front()?.placed_at,
            Self::Rejected(rows) => rows.front()?.0.placed_at(),
        }
    }

    fn pop(&mut self) -> Option<(OrderKey, Item)> {
        match self {
            Self::Calls(calls) => {
                let call = calls.pop_front()?;
                Some((call.order_key(), Item::Call(call)))
            }
            Self::Rejected(rows) => {
                let (key, row) = rows.pop_front()?;
                Some((key, Item::Rejected(Box::new(row))))
            }
        }
    }

    fn keys(&self) -> Box<dyn Iterator<Item = OrderKey> + '_> {
        match self {
            Self::Calls(calls) => Box::new(calls.iter().map(Call::order_key)),
            Self::Rejected(rows) => Box::new(rows.iter().map(|(key, _)| key.clone())),
        }
    }

    /// Which of two first rows comes first.
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Calls(one), Self::Calls(other)) => match (one.front(), other.front()) {
                (Some(one), Some(other)) => one.compare_place(other),
                (one, other) => one.is_some().cmp(&other.is_some()),
            },
            // Rejected rows are rare.
            (one, other) => one.keys().next().cmp(&other.keys().next()),
        }
    }
}

impl Ord for Run {
    /// The greatest of a heap is the run whose first row is next.
    fn cmp(&self, other: &Self) -> Ordering {
        let first = self.rows.compare(&other.rows);
        first.then(self.sequence.cmp(&other.sequence)).reverse()
    }
}

impl PartialOrd for Run {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Run {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Run {}

/// About where a row that was not understood stands.
pub(super) fn rejected_key(row: &Rejected) -> OrderKey {
    let id = row.id.clone().unwrap_or_else(|| "".into());
    OrderKey::at(row.near, row.vendor.clone(), row.account.clone(), id)
}
