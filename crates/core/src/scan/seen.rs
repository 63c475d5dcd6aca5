//! Which rows a walk has met, so that each is given out once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};

use super::accounts::ByAccount;
use super::name::Name;
use crate::ids::{AccountId, CallId, VendorId};
use crate::page::{Floor, Rejected};

/// What a row is to the walk that meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Not met before.
    New,
    /// Met before, when the filter did not mean it.
    NowMatching,
    /// Met before.
    Repeat,
    /// Newer than any row that is still remembered, so that it is not known whether it was met before.
    AboveFloor,
}

/// For how many pages the rows above a floor are remembered, where the request itself keeps them from coming again: a walk may
/// step back as far to see whether it missed any.
const PROVEN_PAGES: usize = 4;
/// The same where only the vendor's habit does.
const HABITUAL_PAGES: usize = 128;
/// How many rows are to be remembered before those that may be forgotten are looked for.
const FEW: usize = 1024;

/// The rows met, by account. Those that no later page can repeat are forgotten.
#[derive(Default)]
pub(super) struct Seen {
    sources: ByAccount<Source>,
    rejected: HashSet<(VendorId, AccountId, RejectedKey)>,
}

#[derive(Default)]
struct Source {
    rows: HashMap<Name, Row>,
    /// How many rows there were when those above the horizon were dropped. They are dropped where there are twice as many: a
    /// row is looked at a few times then, and not for each page.
    swept: usize,
    /// The latest floors, each lower than the one before it.
    floors: VecDeque<DateTime<Utc>>,
    /// The rows above this are forgotten.
    horizon: Option<DateTime<Utc>>,
}

struct Row {
    placed_at: Option<DateTime<Utc>>,
    matched: bool,
}

#[derive(PartialEq, Eq, Hash)]
enum RejectedKey {
    Id(CallId),
    Text(String),
}

/// A row as far as it matters whether it was met before.
pub(super) struct Met<'a> {
    pub(super) id: &'a CallId,
    pub(super) placed_at: Option<DateTime<Utc>>,
    /// Whether the filter means it.
    pub(super) matched: bool,
}

impl Seen {
    pub(super) fn see(&mut self, vendor: &VendorId, account: &AccountId, row: &Met<'_>) -> Sight {
        let source = self.sources.of(vendor, account);
        // `None` is below every instant, on either side.
        if source.horizon.is_some() && row.placed_at > source.horizon {
            return Sight::AboveFloor;
        }
        match source.rows.entry(Name::of(row.id)) {
            Entry::Vacant(place) => {
                let met = Row { placed_at: row.placed_at, matched: row.matched };
                place.insert(met);
                Sight::New
            }
            Entry::Occupied(known) if row.matched && !known.get().matched => {
                known.into_mut().matched = true;
                Sight::NowMatching
            }
            Entry::Occupied(_) => Sight::Repeat,
        }
    }

    /// Whether a rejected row is met for the first time: by its id where that was readable, else by its text.
    pub(super) fn see_rejected(&mut self, row: &Rejected) -> bool {
        let by_text = || RejectedKey::Text(row.raw.get().to_owned());
        let key = row.id.clone().map_or_else(by_text, RejectedKey::Id);
        self.rejected.insert((row.vendor.clone(), row.account.clone(), key))
    }

    /// Forgets the rows above a floor some pages after it was given: no later page can hold them.
    pub(super) fn forget_above(
        &mut self,
        vendor: &VendorId,
        account: &AccountId,
        floor: Option<Floor>,
    ) {
        let Some(Floor { at, proven }) = floor else { return };
        let source = self.sources.of(vendor, account);
        if source.floors.back().is_some_and(|lowest| at >= *lowest) {
            return;
        }
        source.floors.push_back(at);
        if source.floors.len() > if proven { PROVEN_PAGES } else { HABITUAL_PAGES } {
            source.horizon = source.floors.pop_front();
            if source.rows.len() >= FEW.max(2 * source.swept) {
                let horizon = source.horizon;
                source.rows.retain(|_, row| row.placed_at <= horizon);
                source.swept = source.rows.len();
            }
        }
    }
}
