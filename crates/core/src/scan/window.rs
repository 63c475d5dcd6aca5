//! The rows that are held until their place in the order is certain.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use crate::call::{Call, OrderKey};
use crate::cursor::Cursor;
use crate::ids::CallId;
use crate::page::{Floor, Rejected};

/// What a listing gives out.
pub(super) enum Item {
    Call(Box<Call>),
    Rejected(Box<Rejected>),
}

/// How a call arrived, against the order promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    InOrder,
    /// Newer than the call of its source before it, and put in its place.
    Repaired,
    /// It belongs before a call already given out.
    TooLate,
}

/// Holds rows in order. A row may go once no later page can hold one that belongs before it.
#[derive(Default)]
pub(super) struct Window {
    held: BTreeMap<(OrderKey, u64), (u64, Item)>,
    release: Release,
    page: u64,
    page_cursor: Option<Cursor>,
    /// The pages that rows are held of: the cursor each was asked for at, and how many rows.
    pages: BTreeMap<u64, (Option<Cursor>, usize)>,
    sequence: u64,
    /// The instant of each source's last call with a time.
    last_arrived: HashMap<usize, DateTime<Utc>>,
    /// The furthest place in the order that a call was given out of.
    furthest_given: Option<OrderKey>,
}

#[derive(Default)]
enum Release {
    /// Nothing: even a row without a time, which comes before all others, may tie with one of the next page.
    #[default]
    Nothing,
    Above(Floor),
    All,
}

impl Window {
    /// The rows held from now on are of the page that was asked for at this cursor.
    pub(super) fn open_page(&mut self, asked_at: Option<Cursor>) {
        self.page += 1;
        self.page_cursor = asked_at;
    }

    pub(super) fn hold_call(&mut self, source: usize, call: Call) -> Arrival {
        let key = call.order_key();
        let newer_than_last = key.placed_at().is_some_and(|placed_at| {
            let last = self.last_arrived.insert(source, placed_at);
            last.is_some_and(|last| last < placed_at)
        });
        let arrival = if self.furthest_given.as_ref().is_some_and(|given| key < *given) {
            Arrival::TooLate
        } else if newer_than_last {
            Arrival::Repaired
        } else {
            Arrival::InOrder
        };
        self.hold(key, Item::Call(Box::new(call)));
        arrival
    }

    pub(super) fn hold_rejected(&mut self, row: Rejected) {
        let id = row.id.clone().unwrap_or_else(|| CallId::new(""));
        let key = OrderKey::at(row.near, row.vendor.clone(), row.account.clone(), id);
        self.hold(key, Item::Rejected(Box::new(row)));
    }

    fn hold(&mut self, key: OrderKey, item: Item) {
        self.sequence += 1;
        self.held.insert((key, self.sequence), (self.page, item));
        let cursor = &self.page_cursor;
        self.pages.entry(self.page).or_insert_with(|| (cursor.clone(), 0)).1 += 1;
    }

    /// Nothing newer than the floor will come; without a floor nothing is known.
    pub(super) fn release_above(&mut self, floor: Option<Floor>) {
        self.release = floor.map_or(Release::Nothing, Release::Above);
    }

    pub(super) fn release_all(&mut self) {
        self.release = Release::All;
    }

    /// The instant of the furthest call that was given out.
    pub(super) fn last_given(&self) -> Option<DateTime<Utc>> {
        self.furthest_given.as_ref().and_then(OrderKey::placed_at)
    }

    pub(super) fn pop(&mut self) -> Option<Item> {
        let first = self.held.first_entry()?;
        let may_go = match (&self.release, first.key().0.placed_at()) {
            (Release::All, _) | (Release::Above(_), None) => true,
            (Release::Above(floor), Some(placed_at)) => placed_at > floor.at,
            (Release::Nothing, _) => false,
        };
        if !may_go {
            return None;
        }
        let ((key, _), (page, item)) = first.remove_entry();
        // The place of a rejected row is a guess: it makes no call late.
        if matches!(item, Item::Call(_)) && self.furthest_given.as_ref().is_none_or(|at| *at < key)
        {
            self.furthest_given = Some(key);
        }
        if let Some((_, held)) = self.pages.get_mut(&page) {
            *held -= 1;
            if *held == 0 {
                self.pages.remove(&page);
            }
        }
        Some(item)
    }

    /// The cursor at which the oldest page with rows still held was asked for; `None` inside where that was the first.
    pub(super) fn oldest_page(&self) -> Option<&Option<Cursor>> {
        self.pages.first_key_value().map(|(_, (cursor, _))| cursor)
    }
}
