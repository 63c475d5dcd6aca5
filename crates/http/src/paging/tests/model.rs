//! A vendor's list in memory, and a walk of it that is held to what a listing relies on.

use std::collections::BTreeSet;

use super::*;

/// A stored row: its id, and its time in ticks of which a thousand are a unit that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) tick: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    NewestFirst,
    OldestFirst,
    /// By id, which has nothing to do with the time.
    ById,
}

/// What the vendor says of its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Nothing,
    /// Whether there is a next page, as one row more than a page shows.
    Next,
    /// A count, wrong by so many, and what a paginator makes of it.
    Total(i64),
}

/// What the vendor serves in the place of what it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Serves {
    AsAsked,
    /// At most so many rows.
    Capped(u32),
    /// So many, whatever is asked for.
    Always(u32),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    pub(super) order: Order,
    /// Rows of one time change places from request to request.
    pub(super) permutes: bool,
    pub(super) says: Says,
    pub(super) serves: Serves,
    /// The size of a page is said with it.
    pub(super) echoes: bool,
    /// An upper bound includes its instant.
    pub(super) inclusive: bool,
    /// Times are shown in whole units, and filtered by ticks.
    pub(super) truncates: bool,
    /// The number of rows where none is asked for.
    pub(super) unasked: u32,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            order: Order::NewestFirst,
            permutes: false,
            says: Says::Nothing,
            serves: Serves::AsAsked,
            echoes: false,
            inclusive: true,
            truncates: false,
            unasked: 5,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Vendor {
    pub(super) rows: Vec<Row>,
    pub(super) habits: Habits,
    pub(super) requests: u64,
    /// The largest page so far.
    pub(super) largest: u32,
    next_id: u64,
    first: usize,
    came: BTreeSet<u64>,
}

/// The first unit. Ticks are microseconds, units milliseconds.
const EPOCH: i64 = 1_700_000_000_000_000;
pub(super) const UNIT: i64 = 1_000;

fn instant(tick: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(EPOCH + tick).unwrap()
}

pub(super) fn format(instant: DateTime<Utc>) -> String {
    (instant.timestamp_micros() - EPOCH).to_string()
}

fn shuffled(id: u64, request: u64) -> u64 {
    callmux_core::fingerprint(&[id.to_le_bytes(), request.to_le_bytes()].concat())
}

impl Vendor {
    /// A vendor with rows of these times, in ticks.
    pub(super) fn new(habits: Habits, ticks: impl IntoIterator<Item = Option<i64>>) -> Self {
        // Ids that have nothing to do with the times.
        let rows = ticks.into_iter().enumerate();
        let rows = rows.map(|(index, tick)| Row { id: shuffled(index as u64, 0) >> 1, tick });
        let rows: Vec<Row> = rows.collect();
        let (first, came) = (rows.len(), BTreeSet::new());
        Self { rows, habits, requests: 0, largest: 0, next_id: 1 << 63, first, came }
    }

    pub(super) fn insert(&mut self, tick: i64) {
        let id = self.next_id;
        self.next_id += 1;
        self.came.insert(id);
        self.rows.push(Row { id, tick: Some(tick) });
    }

    /// Deletes the row at this place of the list, as it is now.
    pub(super) fn delete(&mut self, place: usize) {
        self.sort();
        if !self.rows.is_empty() {
            let place = place % self.rows.len();
            self.rows.remove(place);
        }
    }

    /// How many rows there ever were.
    pub(super) fn ever(&self) -> usize {
        self.first + self.came.len()
    }

    /// The keys of the rows that were there from the first request to the last.
    pub(super) fn kept(&self) -> BTreeSet<u64> {
        let kept = self.rows.iter().filter(|row| !self.came.contains(&row.id));
        kept.map(|row| Mark::new(&row.id.to_string(), None).key).collect()
    }

    pub(super) fn newest(&self) -> i64 {
        self.rows.iter().filter_map(|row| row.tick).max().unwrap_or(0)
    }

    fn sort(&mut self) {
        let Habits { order, permutes, .. } = self.habits;
        let request = if permutes { self.requests } else { 0 };
        let tie = |row: &Row| if permutes { shuffled(row.id, request) } else { row.id };
        // A row without a time is before all others.
        let time = |row: &Row| row.tick.unwrap_or(i64::MAX);
        match order {
            Order::NewestFirst => {
                self.rows.sort_by_cached_key(|row| (std::cmp::Reverse(time(row)), tie(row)));
            }
            Order::OldestFirst => self.rows.sort_by_cached_key(|row| (time(row), tie(row))),
            Order::ById => self.rows.sort_by_key(|row| row.id),
        }
    }

    /// The answer to a request, as a provider would see it.
    pub(super) fn answer(&mut self, parameters: &[(&'static str, String)], max: u32) -> Observed {
        self.requests += 1;
        self.sort();
        let number = |name: &str| -> Option<i64> {
            let given = parameters.iter().find(|(given, _)| *given == name);
            given.map(|(_, value)| value.parse().unwrap())
        };
        let asked = u32::try_from(number("limit").unwrap()).unwrap();
        assert!((1..=max).contains(&asked), "{asked} rows were asked for, of {max} at most");
        let size = match self.habits.serves {
            Serves::AsAsked => asked,
            Serves::Capped(rows) => asked.min(rows),
            Serves::Always(rows) => rows,
        };
        let within = |row: &&Row| match (number("until"), row.tick) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(until), Some(tick)) => tick < until || self.habits.inclusive && tick == until,
        };
        let rows: Vec<Row> = self.rows.iter().filter(within).copied().collect();
        let page = number("page").map(|page| u64::try_from(page).unwrap());
        let skip = match page {
            Some(page) => (page - 1) * u64::from(size),
            None => number("skip").unwrap_or(0).try_into().unwrap(),
        };
        let shown = |row: &Row| {
            let tick = row.tick.map(|tick| match self.habits.truncates {
                true => tick - tick.rem_euclid(UNIT),
                false => tick,
            });
            Mark::new(&row.id.to_string(), tick.map(instant))
        };
        let marks: Vec<Mark> =
            rows.iter().map(shown).skip(skip as usize).take(size as usize).collect();
        let end = skip + u64::from(size);
        let mut observed = Observed {
            asked,
            max,
            unasked: self.habits.unasked,
            served_before: self.largest,
            marks,
            page,
            page_size: self.habits.echoes.then_some(size),
            ..Observed::default()
        };
        match self.habits.says {
            Says::Nothing => {}
            Says::Next => observed.has_more = Some(rows.len() as u64 > end),
            Says::Total(wrong) => {
                let total = (rows.len() as u64).saturating_add_signed(wrong);
                observed.total = Some(total);
                if page.is_some() {
                    observed.has_more = Some(total > end);
                    observed.last_page = Some(total.div_ceil(size.into()).max(1));
                }
            }
        }
        self.largest = self.largest.max(observed.rows());
        observed
    }
}

/// What a walk gave.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) seen: BTreeSet<u64>,
    pub(super) findings: Vec<Finding>,
    pub(super) stalled: Option<&'static str>,
    pub(super) total: Option<u64>,
    pub(super) requests: u64,
}

impl Walk {
    /// Whether a listing would say that it is incomplete.
    pub(super) fn is_in_doubt(&self) -> bool {
        let is_short = self.total.is_some_and(|total| (self.seen.len() as u64) < total);
        is_short || self.stalled.is_some() || !self.findings.is_empty()
    }
}

/// How many pages in a row may bring nothing new: as a listing has it.
const BARREN: u32 = 64;

/// Walks a vendor's list, which changes before each request but the first.
pub(super) fn walk<P: Paging>(
    paging: &P,
    vendor: &mut Vendor,
    (size, max): (u32, u32),
    mut change: impl FnMut(&mut Vendor),
) -> Walk {
    let mut position = paging.first();
    let mut walk = Walk {
        seen: BTreeSet::new(),
        findings: Vec::new(),
        stalled: None,
        total: None,
        requests: 0,
    };
    let mut floor: Option<DateTime<Utc>> = None;
    let mut barren = 0;
    loop {
        walk.requests += 1;
        let most = 2 * vendor.ever() as u64 + 800;
        assert!(walk.requests < most, "the walk does not end: {} requests", walk.requests);
        let rows = paging.page_size(&position, size, max);
        let page = vendor.answer(&paging.parameters(&position, rows), max);
        if paging.total_is_whole(&position) {
            walk.total = page.total.or(walk.total);
        }
        let step = match paging.next(&position, &page) {
            Ok(step) => step,
            Err(Stalled(why)) => {
                walk.stalled = Some(why);
                return walk;
            }
        };
        let before = walk.seen.len();
        for mark in &page.marks {
            if step.read_above.is_some_and(|newest| mark.at > Some(newest)) {
                continue;
            }
            assert!(mark.at <= floor.or(mark.at), "a row above what was promised");
            walk.seen.insert(mark.key);
        }
        walk.findings.extend(&step.findings);
        if let Some(Floor { at, proven: true }) = step.floor {
            assert!(floor.is_none_or(|floor| at <= floor), "a promise is taken back");
            floor = Some(at);
        }
        barren = if walk.seen.len() == before { barren + 1 } else { 0 };
        let Some(next) = step.next else { return walk };
        if barren >= BARREN {
            walk.stalled = Some("nothing new");
            return walk;
        }
        // A cursor is resumed by another process.
        let json = serde_json::to_string(&next).unwrap();
        assert!(json.len() < 1_500, "a position is small: {json}");
        position = serde_json::from_str(&json).unwrap();
        change(vendor);
    }
}
