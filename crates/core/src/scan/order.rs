//! The rows that are held until their place in the order is certain.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::release::Release;
use crate::call::{Call, OrderKey};
use crate::cursor::Cursor;
use crate::ids::CallId;
use crate::page::Rejected;

/// What a listing gives out.
pub(super) enum Item {
    Call(Box<Call>),
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
#[derive(Default)]
pub(super) struct Order {
    held: BTreeMap<(OrderKey, u64), Held>,
    release: Release,
    sequence: u64,
    /// The pages that rows are held of, by window and number: the cursor each was asked for at, and how many rows.
    pages: BTreeMap<(WindowId, u64), (Option<Cursor>, usize)>,
    /// The instant of each window's last call with a time.
    last_arrived: HashMap<WindowId, DateTime<Utc>>,
    /// The furthest place in the order that a call was given out of.
    furthest_given: Option<OrderKey>,
}

struct Held {
    page: (WindowId, u64),
    item: Item,
}

impl Order {
    /// The rows held of this page were asked for at this cursor.
    pub(super) fn open_page(&mut self, window: WindowId, page: u64, asked_at: Option<Cursor>) {
        self.pages.insert((window, page), (asked_at, 0));
    }

    /// No more rows come of this page.
    pub(super) fn close_page(&mut self, window: WindowId, page: u64) {
        if self.pages.get(&(window, page)).is_some_and(|(_, held)| *held == 0) {
            self.pages.remove(&(window, page));
        }
    }

    pub(super) fn hold_call(&mut self, window: WindowId, page: u64, call: Call) -> Arrival {
        let key = call.order_key();
        let newer_than_last = key.placed_at().is_some_and(|placed_at| {
            let last = self.last_arrived.insert(window, placed_at);
            last.is_some_and(|last| last < placed_at)
        });
        let arrival = if self.furthest_given.as_ref().is_some_and(|given| key < *given) {
            Arrival::TooLate
        } else if newer_than_last {
            Arrival::Repaired
        } else {
            Arrival::InOrder
        };
        self.hold(key, (window, page), Item::Call(Box::new(call)));
        arrival
    }

    pub(super) fn hold_rejected(&mut self, window: WindowId, page: u64, row: Rejected) {
        self.hold(rejected_key(&row), (window, page), Item::Rejected(Box::new(row)));
    }

    fn hold(&mut self, key: OrderKey, page: (WindowId, u64), item: Item) {
        self.sequence += 1;
        self.held.insert((key, self.sequence), Held { page, item });
        self.pages.entry(page).or_default().1 += 1;
    }

    pub(super) fn release(&mut self, release: Release) {
        self.release = release;
    }

    /// The instant of the furthest call that was given out.
    pub(super) fn last_given(&self) -> Option<DateTime<Utc>> {
        self.furthest_given.as_ref().and_then(OrderKey::placed_at)
    }

    /// The next row that may go, with its place and the window it came from.
    pub(super) fn pop(&mut self) -> Option<(OrderKey, WindowId, Item)> {
        let first = self.held.first_entry()?;
        let may_go = match (self.release, first.key().0.placed_at()) {
            (Release::All, _) | (Release::Above(_), None) => true,
            (Release::Above(floor), Some(placed_at)) => placed_at > floor,
            (Release::Nothing, _) => false,
        };
        if !may_go {
            return None;
        }
        let ((key, _), Held { page, item }) = first.remove_entry();
        // The place of a rejected row is a guess: it makes no call late.
        if matches!(item, Item::Call(_)) && self.furthest_given.as_ref().is_none_or(|at| *at < key)
        {
            self.furthest_given = Some(key.clone());
        }
        self.drop_one(page);
        Some((key, page.0, item))
    }

    fn drop_one(&mut self, page: (WindowId, u64)) {
        if let Some((_, held)) = self.pages.get_mut(&page) {
            *held = held.saturating_sub(1);
            if *held == 0 {
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
        let before = self.held.iter().take_while(|((key, _), _)| key <= given);
        let own = before.filter(|(_, held)| held.page.0.0 == source);
        own.map(|((key, _), _)| key.clone()).collect()
    }

    /// Drops the rows of some windows of a source: they are not to be given out.
    pub(super) fn drop_windows(&mut self, source: usize, windows: &[u64]) {
        let is_dropped = |(of, window): WindowId| of == source && windows.contains(&window);
        self.held.retain(|_, held| !is_dropped(held.page.0));
        self.pages.retain(|(window, _), _| !is_dropped(*window));
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

/// About where a row that was not understood stands.
pub(super) fn rejected_key(row: &Rejected) -> OrderKey {
    let id = row.id.clone().unwrap_or_else(|| CallId::new(""));
    OrderKey::at(row.near, row.vendor.clone(), row.account.clone(), id)
}
