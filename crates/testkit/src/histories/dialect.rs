//! The dialect of the vendor that histories are drawn for, and the one place where its paging machines and facts are made.

use std::sync::Arc;

use callmux_core::{
    Call, CallFilter, CallProvider, CallStatus, Field, Labeled, PageBounds, Result, Support,
    TimePrecision, TimeRange,
};
use callmux_http::paging::{
    Early, Fit, KeysetPosition, Observed, Offset, OffsetPosition, PageNumber, PageNumberPosition,
    Paging, Stalled, Step, TimeKeyset, Token, TokenPosition,
};
use callmux_http::{
    Dialect, Envelope, EnvelopeError, HttpProvider, HttpProviderBuilder, Plan, RowError, RowsAt,
    Source, Vendor,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::scenario::{Facts, Kind, LARGEST_PAGES, Placed, documented_page};
use super::table::Word;

/// The grain of a vendor that bounds the time coarsely.
pub(super) const GRAIN_MS: i64 = 1000;
/// How many grains more are asked for at either end.
const SPARE_GRAINS: i64 = 1;

/// The vendor's parameters.
pub(super) mod names {
    pub(in crate::histories) const SINCE: &str = "since";
    pub(in crate::histories) const UNTIL: &str = "until";
    pub(in crate::histories) const FIRST_GRAIN: &str = "first_grain";
    pub(in crate::histories) const END_GRAIN: &str = "end_grain";
    pub(in crate::histories) const UPDATED_SINCE: &str = "updated_since";
    pub(in crate::histories) const UPDATED_UNTIL: &str = "updated_until";
    pub(in crate::histories) const STATUS: &str = "status";
    pub(in crate::histories) const SIZE: &str = "size";
    pub(in crate::histories) const PAGE: &str = "page";
    pub(in crate::histories) const SKIP: &str = "skip";
    pub(in crate::histories) const TOKEN: &str = "token";
}

// ---- The machines and the facts: what to adapt when callmux-http's types change. ----

/// The machine of a vendor.
fn machine(facts: &Facts) -> Machine {
    match facts.kind {
        Kind::PageNumber => {
            Machine::PageNumber(PageNumber { page: names::PAGE, page_size: names::SIZE })
        }
        Kind::Offset => Machine::Offset(Offset { skip: names::SKIP, limit: names::SIZE }),
        Kind::Token => Machine::Token(Token { token: names::TOKEN, limit: names::SIZE }),
        kind => Machine::Keyset(TimeKeyset {
            until: names::UNTIL,
            inclusive: kind.is_inclusive(),
            unit: TimeDelta::milliseconds(1),
            limit: names::SIZE,
            format: write,
            truncates: kind.is_finer(),
            skip: facts.has_skip.then_some(names::SKIP),
        }),
    }
}

/// The facts of a vendor. How much more time than a window its requests read is its `padding`: none where no time is sent,
/// zero where a range is served to the instant, four grains where it is served in grains.
const fn vendor(max: u32, padding: u8) -> Vendor {
    Vendor {
        id: "toy",
        name: "Toy",
        base_url: "http://toy.example",
        path: "/calls",
        key_variable: "TOY_API_KEY",
        base_url_variable: "TOY_BASE_URL",
        documentation: "crates/testkit/src/histories",
        page: PageBounds { default: documented_page(max), max },
        precision: TimePrecision::Millisecond,
        capabilities: &[
            (Field::Placed, Support::Exact),
            (Field::Updated, Support::Exact),
            (Field::Status, Support::Exact),
        ],
        can_get: false,
        requests_per_minute: None,
        padding: match padding {
            EXACT => Some(TimeDelta::zero()),
            COARSE => Some(TimeDelta::milliseconds(2 * SPARE_GRAINS * GRAIN_MS)),
            _ => None,
        },
        rows: RowsAt::Member("rows"),
        page_unasked: documented_page(max),
    }
}

// ---- What follows stays. ----

/// No time is sent.
const UNBOUNDED: u8 = 0;
/// A range is served to the instant.
const EXACT: u8 = 1;
/// A range is served in grains.
const COARSE: u8 = 2;

/// A builder without its dialect's type, as the maximum of a page is part of that.
type Finish = fn(Facts, &dyn Fn(Parts) -> Parts) -> Result<Arc<dyn CallProvider>>;

/// What an account is made of, beside its dialect.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) transport: Option<Arc<dyn callmux_http::Transport>>,
    pub(super) clock: Option<Arc<dyn callmux_http::Clock>>,
    pub(super) page_size: Option<u32>,
    pub(super) part_size: Option<usize>,
    pub(super) seed: u64,
}

/// A provider of the vendor with these facts.
///
/// # Errors
/// Those of the builder.
pub(super) fn connect(
    facts: Facts,
    parts: &dyn Fn(Parts) -> Parts,
) -> Result<Arc<dyn CallProvider>> {
    const FINISH: [[Finish; 3]; LARGEST_PAGES.len()] = [
        of_size::<1>(),
        of_size::<2>(),
        of_size::<4>(),
        of_size::<7>(),
        of_size::<20>(),
        of_size::<100>(),
        of_size::<1000>(),
    ];
    let padding = match facts.placed {
        Placed::Unsent => UNBOUNDED,
        Placed::Exact => EXACT,
        Placed::Coarse => COARSE,
    };
    let size = LARGEST_PAGES.iter().position(|max| *max == facts.max).unwrap_or_default();
    let finish = FINISH.get(size).and_then(|of_size| of_size.get(usize::from(padding)));
    finish.map_or_else(|| finish_one::<1, UNBOUNDED>(facts, parts), |finish| finish(facts, parts))
}

const fn of_size<const MAX: u32>() -> [Finish; 3] {
    [finish_one::<MAX, UNBOUNDED>, finish_one::<MAX, EXACT>, finish_one::<MAX, COARSE>]
}

fn finish_one<const MAX: u32, const PADDING: u8>(
    facts: Facts,
    parts: &dyn Fn(Parts) -> Parts,
) -> Result<Arc<dyn CallProvider>> {
    let parts = parts(Parts::default());
    let mut builder: HttpProviderBuilder<_> =
        HttpProvider::builder(Toy::<MAX, PADDING>(facts), "a key").seed(parts.seed);
    if let Some(transport) = parts.transport {
        builder = builder.transport(transport);
    }
    if let Some(clock) = parts.clock {
        builder = builder.clock(clock);
    }
    if let Some(rows) = parts.page_size {
        builder = builder.page_size(rows);
    }
    if let Some(bytes) = parts.part_size {
        builder = builder.part_size(bytes);
    }
    Ok(Arc::new(builder.build()?))
}

/// The vendor's dialect. Its largest page and its padding are constants of a vendor, so they are of the type.
#[derive(Clone, Copy, Debug)]
struct Toy<const MAX: u32, const PADDING: u8>(Facts);

/// A row as it is sent.
#[derive(Debug, Deserialize)]
struct ToyRow {
    id: String,
    at: Option<i64>,
    status: String,
    updated: i64,
}

#[derive(Deserialize)]
struct ToyEnvelope {
    #[serde(rename = "rows")]
    _rows: [(); 0],
    total: Option<u64>,
    page: Option<u64>,
    last_page: Option<u64>,
    page_size: Option<u32>,
    next: Option<String>,
    has_more: Option<bool>,
}

impl<const MAX: u32, const PADDING: u8> Dialect for Toy<MAX, PADDING> {
    type Row<'a> = ToyRow;
    type Paging = Machine;

    const VENDOR: Vendor = vendor(MAX, PADDING);

    fn paging(&self) -> Machine {
        machine(&self.0)
    }

    fn plan(&self, filter: &CallFilter) -> Result<Plan> {
        let facts = &self.0;
        let mut plan = Plan::of(filter, &Self::VENDOR)?;
        if !filter.placed.is_open() {
            match facts.placed {
                Placed::Exact => send_placed(&mut plan, facts, filter.placed),
                Placed::Coarse => send_grains(&mut plan, filter.placed),
                Placed::Unsent => {}
            }
        }
        if facts.sends_updated && !filter.updated.is_open() {
            let TimeRange { since, until } = filter.updated;
            let bounds = [(names::UPDATED_SINCE, since), (names::UPDATED_UNTIL, until)];
            for (name, bound) in bounds {
                if let Some(bound) = bound {
                    plan.send(name, ceiling_ms(bound).to_string());
                }
            }
            plan.serve(Field::Updated, Support::Exact);
        }
        if facts.sends_status
            && let Some(wanted) = &filter.status
            && wanted.len() == 1
        {
            match Word::ALL.into_iter().find(|word| wanted.contains(&status_of(word.as_str()))) {
                Some(word) => {
                    plan.send(names::STATUS, word.as_str());
                    plan.serve(Field::Status, Support::Exact);
                }
                None => plan.never("the vendor has no word for this status"),
            }
        }
        Ok(plan)
    }

    fn envelope(&self, body: &str) -> std::result::Result<Envelope, EnvelopeError> {
        let ToyEnvelope { total, page, last_page, page_size, next, has_more, .. } =
            serde_json::from_str(body)?;
        Ok(Envelope { total, page, last_page, page_size, next_token: next, has_more })
    }

    fn call(&self, row: ToyRow, source: &Source) -> std::result::Result<Call, RowError> {
        let at = row.at.ok_or_else(|| RowError::missing("at"))?;
        let mut call = source.call(row.id);
        call.placed_at = DateTime::from_timestamp_millis(at);
        call.times.updated = DateTime::from_timestamp_millis(row.updated);
        call.status = Labeled::new(status_of(&row.status), row.status);
        Ok(call)
    }
}

/// What a word means.
pub(super) fn status_of(word: &str) -> CallStatus {
    match word {
        "done" => CallStatus::Completed,
        "live" => CallStatus::InProgress,
        "failed" => CallStatus::Failed,
        _ => CallStatus::Unknown,
    }
}

/// An instant as the vendor reads it: milliseconds.
fn write(instant: DateTime<Utc>) -> String {
    instant.timestamp_millis().to_string()
}

/// The first whole millisecond not before an instant. Shown times are whole milliseconds.
fn ceiling_ms(bound: DateTime<Utc>) -> i64 {
    let is_part = !bound.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    bound.timestamp_millis().saturating_add(i64::from(is_part))
}

fn send_placed(plan: &mut Plan, facts: &Facts, range: TimeRange) {
    if let Some(since) = range.since {
        plan.send(names::SINCE, ceiling_ms(since).to_string());
    }
    let mut support = Support::Exact;
    if let Some(until) = range.until {
        let until = ceiling_ms(until);
        match facts.kind {
            // What is stored later than the last millisecond shown is below the next one, which is let through too.
            Kind::KeysetInclusiveFiner => {
                support = Support::Narrowed;
                plan.send(names::UNTIL, until.to_string());
            }
            Kind::KeysetInclusive => plan.send(names::UNTIL, until.saturating_sub(1).to_string()),
            _ => plan.send(names::UNTIL, until.to_string()),
        }
    }
    plan.serve(Field::Placed, support);
}

fn send_grains(plan: &mut Plan, range: TimeRange) {
    let grain = |bound: DateTime<Utc>| bound.timestamp_millis().div_euclid(GRAIN_MS);
    if let Some(since) = range.since {
        plan.send(names::FIRST_GRAIN, grain(since).saturating_sub(SPARE_GRAINS).to_string());
    }
    if let Some(until) = range.until {
        plan.send(names::END_GRAIN, grain(until).saturating_add(1 + SPARE_GRAINS).to_string());
    }
    plan.serve(Field::Placed, Support::Narrowed);
}

/// Any of the four machines.
#[derive(Clone, Copy, Debug)]
pub(super) enum Machine {
    Keyset(TimeKeyset),
    PageNumber(PageNumber),
    Offset(Offset),
    Token(Token),
}

/// Where any of them stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Position {
    Keyset(KeysetPosition),
    PageNumber(PageNumberPosition),
    Offset(OffsetPosition),
    Token(TokenPosition),
}

/// A history never mixes machines: a position of another is a mistake here, and is said so.
const FOREIGN: Stalled = Stalled("the position is another machine's");

/// Calls a machine's method where its position is its own.
macro_rules! own {
    ($machine:expr, $at:expr, |$own:ident, $place:ident| $does:expr, else $otherwise:expr) => {
        match ($machine, $at) {
            (Machine::Keyset($own), Position::Keyset($place)) => $does,
            (Machine::PageNumber($own), Position::PageNumber($place)) => $does,
            (Machine::Offset($own), Position::Offset($place)) => $does,
            (Machine::Token($own), Position::Token($place)) => $does,
            _ => $otherwise,
        }
    };
}

impl Paging for Machine {
    type Position = Position;

    fn first(&self) -> Position {
        match self {
            Self::Keyset(machine) => Position::Keyset(machine.first()),
            Self::PageNumber(machine) => Position::PageNumber(machine.first()),
            Self::Offset(machine) => Position::Offset(machine.first()),
            Self::Token(machine) => Position::Token(machine.first()),
        }
    }

    fn page_size(&self, at: &Position, wanted: u32, max: u32) -> u32 {
        own!(self, at, |machine, place| machine.page_size(place, wanted, max), else 1)
    }

    fn parameters(&self, at: &Position, page_size: u32) -> Vec<(&'static str, String)> {
        own!(self, at, |machine, place| machine.parameters(place, page_size), else Vec::new())
    }

    fn next(&self, at: &Position, page: &Observed) -> std::result::Result<Step<Position>, Stalled> {
        match (self, at) {
            (Self::Keyset(machine), Position::Keyset(place)) => {
                Ok(machine.next(place, page)?.map(Position::Keyset))
            }
            (Self::PageNumber(machine), Position::PageNumber(place)) => {
                Ok(machine.next(place, page)?.map(Position::PageNumber))
            }
            (Self::Offset(machine), Position::Offset(place)) => {
                Ok(machine.next(place, page)?.map(Position::Offset))
            }
            (Self::Token(machine), Position::Token(place)) => {
                Ok(machine.next(place, page)?.map(Position::Token))
            }
            _ => Err(FOREIGN),
        }
    }

    fn can_pass_on(&self, at: &Position, first: DateTime<Utc>) -> bool {
        own!(self, at, |machine, place| machine.can_pass_on(place, first), else false)
    }

    fn likely_next(&self, at: &Position, page_size: u32, max: u32) -> Option<Position> {
        match (self, at) {
            (Self::PageNumber(machine), Position::PageNumber(place)) => {
                machine.likely_next(place, page_size, max).map(Position::PageNumber)
            }
            _ => None,
        }
    }

    fn fit(&self, at: &Position, early: Early<'_, Position>) -> Fit {
        match (self, at, early.at) {
            (
                Self::PageNumber(machine),
                Position::PageNumber(place),
                Position::PageNumber(likely),
            ) => machine
                .fit(place, Early { at: likely, page_size: early.page_size, page: early.page }),
            _ => Fit::Missed,
        }
    }

    fn total_is_whole(&self, at: &Position) -> bool {
        own!(self, at, |machine, place| machine.total_is_whole(place), else false)
    }
}
