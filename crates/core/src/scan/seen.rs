//! Which rows a listing has met, so that each is given out once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::ids::CallId;
use crate::page::{Floor, Rejected};

/// What a row is to the listing that meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Not met before.
    New,
    /// Met before, when the filter did not mean it.
    NowMatching,
    /// Met before.
    Repeat,
    /// Newer than any row that could still come, so that it is not known whether it was met before.
    AboveFloor,
}

/// The rows met, by source. Those that no later page can repeat are forgotten.
#[derive(Default)]
pub(super) struct Seen {
    sources: HashMap<usize, Source>,
    rejected: HashSet<(usize, RejectedKey)>,
}

#[derive(Default)]
struct Source {
    rows: HashMap<CallId, Row>,
    /// The lowest floor that the vendor itself keeps; the rows above it are forgotten.
    floor: Option<DateTime<Utc>>,
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

impl Seen {
    pub(super) fn see_match(
        &mut self,
        source: usize,
        id: &CallId,
        placed_at: Option<DateTime<Utc>>,
    ) -> Sight {
        self.see(source, id, placed_at, true)
    }

    pub(super) fn see_filtered(
        &mut self,
        source: usize,
        id: &CallId,
        placed_at: Option<DateTime<Utc>>,
    ) -> Sight {
        self.see(source, id, placed_at, false)
    }

    fn see(
        &mut self,
        source: usize,
        id: &CallId,
        placed_at: Option<DateTime<Utc>>,
        matched: bool,
    ) -> Sight {
        let source = self.sources.entry(source).or_default();
        // `None` is below every instant, on either side.
        if source.floor.is_some() && placed_at > source.floor {
            return Sight::AboveFloor;
        }
        match source.rows.get_mut(id) {
            None => {
                source.rows.insert(id.clone(), Row { placed_at, matched });
                Sight::New
            }
            Some(row) if matched && !row.matched => {
                row.matched = true;
                Sight::NowMatching
            }
            Some(_) => Sight::Repeat,
        }
    }

    /// Whether a rejected row is met for the first time: by its id where that was readable, else by its text.
    pub(super) fn see_rejected(&mut self, source: usize, row: &Rejected) -> bool {
        let by_text = || RejectedKey::Text(row.raw.get().to_owned());
        let key = row.id.clone().map_or_else(by_text, RejectedKey::Id);
        self.rejected.insert((source, key))
    }

    /// Forgets the rows above a floor that the vendor itself keeps: no later page can hold them.
    pub(super) fn forget_above(&mut self, source: usize, floor: Option<Floor>) {
        let Some(Floor { at, proven: true }) = floor else { return };
        let source = self.sources.entry(source).or_default();
        if source.floor.is_none_or(|lowest| at < lowest) {
            source.floor = Some(at);
            source.rows.retain(|_, row| row.placed_at.is_none_or(|placed_at| placed_at <= at));
        }
    }
}
