//! One page of a listing.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use crate::call::{Call, RawJson};
use crate::cursor::Cursor;
use crate::ids::{AccountId, CallId, VendorId};
use crate::scan::Reason;

/// Which page is wanted, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageRequest {
    /// Where to go on; `None` for the first page.
    pub cursor: Option<Cursor>,
    /// How many rows to ask for: a hint that a provider may exceed where ties demand it, and clamps to what the vendor
    /// takes. `None` for the provider's own choice.
    pub size: Option<NonZeroU32>,
    /// Whether each call keeps its row's exact bytes.
    pub keep_raw: bool,
}

impl PageRequest {
    /// The first page.
    #[must_use]
    pub fn first() -> Self {
        Self::default()
    }

    /// The page at a cursor.
    #[must_use]
    pub fn at(cursor: Cursor) -> Self {
        Self { cursor: Some(cursor), ..Self::default() }
    }

    /// The same with a number of rows to ask for; 0 leaves the choice to the provider.
    #[must_use]
    pub fn with_size(mut self, rows: u32) -> Self {
        self.size = NonZeroU32::new(rows);
        self
    }
}

/// What a provider promises about the pages still to come: none of their calls is newer than `at`, and none lacks a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// The newest instant that a later page may still hold.
    pub at: DateTime<Utc>,
    /// Whether that holds by the request itself (a bound that the vendor filters by), or is the vendor's usual order.
    pub proven: bool,
}

/// A row that could not be understood at all.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rejected {
    /// The vendor.
    pub vendor: VendorId,
    /// The account.
    pub account: AccountId,
    /// Its place in its page, counted from 1.
    pub row: usize,
    /// Its id, if that much could be read.
    pub id: Option<CallId>,
    /// Why, without any content of the row.
    pub reason: String,
    /// The instant of the nearest row before it that has one: about where it stands in the listing.
    pub near: Option<DateTime<Utc>>,
    /// The row.
    pub raw: RawJson,
}

impl Rejected {
    /// A row of an account that could not be understood.
    pub fn new(
        vendor: VendorId,
        account: AccountId,
        row: usize,
        reason: impl Into<String>,
        raw: RawJson,
    ) -> Self {
        Self { vendor, account, row, id: None, reason: reason.into(), near: None, raw }
    }
}

/// A row that was read and that the filter, checked here, does not mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredRow {
    /// Its id.
    pub id: CallId,
    /// Its time.
    pub placed_at: Option<DateTime<Utc>>,
}

/// Calls of one instant that no page of the vendor's holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TieGroup {
    /// The instant, as the vendor shows it.
    pub instant: DateTime<Utc>,
    /// How many rows the largest page holds.
    pub page: u32,
    /// How many rows the vendor was found to hold at the instant; `None` where its pages could not be counted.
    pub rows: Option<u64>,
}

impl TieGroup {
    /// A group that fills the largest page.
    #[must_use]
    pub const fn new(instant: DateTime<Utc>, page: u32) -> Self {
        Self { instant, page, rows: None }
    }

    /// The same, counted.
    #[must_use]
    pub const fn with_rows(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }
}

/// What one account contributed to a page, and what it cost to get.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PageSource {
    /// The vendor.
    pub vendor: VendorId,
    /// The account.
    pub account: AccountId,
    /// When the page was asked for, by the provider's clock, if it has one.
    pub asked_at: Option<DateTime<Utc>>,
    /// How many requests were sent, retries included.
    pub requests: u32,
    /// How many of them were retries.
    pub retries: u32,
    /// How many rows the vendor sent, before any check.
    pub rows: u64,
    /// About how many bytes it takes to hold these rows, where that is known.
    pub bytes: u64,
    /// The rows that were read and that the filter does not mean.
    pub filtered: Vec<FilteredRow>,
    /// How many rows the vendor says it has for what was sent, where it says so of the whole listing.
    pub total: Option<u64>,
    /// What this account's later pages may still hold; `None` where nothing is known or no page follows.
    pub floor: Option<Floor>,
    /// Calls of one instant that no page of the vendor's holds.
    pub ties: Option<TieGroup>,
    /// Edges between two pages at which a call may have been left out: the oldest instant of the page before. A total that
    /// agrees settles them.
    pub doubts: Vec<Option<DateTime<Utc>>>,
    /// Why the listing cannot be complete, as far as this page shows.
    pub reasons: Vec<Reason>,
}

impl PageSource {
    /// An account that contributed nothing yet.
    #[must_use]
    pub fn new(vendor: VendorId, account: AccountId) -> Self {
        Self {
            vendor,
            account,
            asked_at: None,
            requests: 0,
            retries: 0,
            rows: 0,
            bytes: 0,
            filtered: Vec::new(),
            total: None,
            floor: None,
            ties: None,
            doubts: Vec::new(),
            reasons: Vec::new(),
        }
    }
}

/// One page of a listing. Every call in it matches the filter; it may be empty and have a next; it may repeat calls of
/// earlier pages, and never skips one.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct CallPage {
    /// The calls, in the vendor's order.
    pub calls: Vec<Call>,
    /// The rows that could not be understood.
    pub rejected: Vec<Rejected>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
    /// What the later pages may still hold. `None` with a `next` means that nothing is known yet.
    pub floor: Option<Floor>,
    /// How many calls match in the whole listing, only where the vendor's total counts just those.
    pub total: Option<u64>,
    /// What each account contributed.
    pub sources: Vec<PageSource>,
}
