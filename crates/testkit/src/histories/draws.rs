//! Draws a scenario from a seed.

use crate::world::Draw;

use super::scenario::{
    Facts, Kind, Lie, ListOrder, NEWEST_MS, Placed, Question, Rates, Says, Scenario, Ties, Weather,
    documented_page,
};
use super::table::Word;

/// The rows of a page from which the order of a list can be seen.
const LEAST_THAT_SHOWS_ORDER: u32 = 8;

/// True in so many of a hundred draws.
pub(super) fn percent(draw: &mut Draw, of_hundred: u32) -> bool {
    draw.up_to(100) < i64::from(of_hundred)
}

/// A number from the first to the second, both included.
pub(super) fn between(draw: &mut Draw, least: i64, most: i64) -> i64 {
    least + draw.up_to(most - least + 1)
}

fn count(draw: &mut Draw, least: u32, most: u32) -> u32 {
    u32::try_from(between(draw, least.into(), most.into())).unwrap_or(least)
}

impl Scenario {
    /// What this seed decides.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let draw = &mut Draw::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x0005_ce4a_1105);
        let facts = draw_facts(draw);
        let says = Says {
            total: percent(draw, 60),
            last_page: facts.kind == Kind::PageNumber && percent(draw, 60),
            page: facts.kind == Kind::PageNumber && percent(draw, 60),
            page_size: percent(draw, 30),
            has_more: !facts.kind.is_keyset() && percent(draw, 30),
        };
        let mut question = Question {
            page_size: percent(draw, 85).then(|| draw_page_size(draw, facts.max)),
            account_page_size: percent(draw, 20).then(|| draw_page_size(draw, facts.max)),
            concurrency: if percent(draw, 50) { 1 } else { count(draw, 2, 8) },
            ..Question::default()
        };
        let size = question.page_size.or(question.account_page_size);
        let size = size.unwrap_or(documented_page(facts.max)).min(facts.max);
        let rows = match draw.up_to(100) {
            0..3 => 0,
            3..10 => count(draw, 1, 5),
            10..92 => count(draw, 5, 150),
            _ => count(draw, 150, 600),
        };
        // More than so many pages teach nothing new, and cost time.
        let rows = rows.min(size.saturating_mul(40));
        let span_ms = i64::from(rows.max(1)) * *draw.one_of(&[1, 3, 50, 2_000, 600_000]);
        let ties = draw_ties(draw, size, facts.max, facts.kind == Kind::Token);
        let order = match draw.up_to(100) {
            0..86 => ListOrder::NewestFirst,
            86..95 => ListOrder::Backdated,
            _ => ListOrder::OldestFirst,
        };
        // A bound falls to the times that a page shows: a few rows show no order, and a call out of its place at their end pulls
        // the bound down whatever a reader does.
        let keyset_shows_order = !facts.kind.is_keyset() || size >= LEAST_THAT_SHOWS_ORDER;
        let order = if keyset_shows_order { order } else { ListOrder::NewestFirst };
        let lie = percent(draw, 22).then(|| draw_lie(draw, &facts, says)).flatten();
        let lag = if says.total && percent(draw, 12) { draw.index(4) + 1 } else { 0 };
        let poison = if percent(draw, 5) { count(draw, 1, 3) } else { 0 };
        let rates = draw_rates(draw, size);
        let weather = draw_weather(draw);
        draw_question(draw, &mut question, span_ms);
        // Nor do the few that a limit asks for.
        let limit_shows_order = question.limit.is_none()
            || size.min(question.limit.unwrap_or(0).try_into().unwrap_or(u32::MAX))
                >= LEAST_THAT_SHOWS_ORDER;
        let order = if limit_shows_order { order } else { ListOrder::NewestFirst };
        let skew_ms = *draw.one_of(&[0, 0, 1, 60_000, 3_600_000, -60_000, -3_600_000]);
        Self {
            seed,
            facts,
            says,
            rows,
            span_ms,
            ties,
            order,
            lie,
            lag,
            poison,
            rates,
            weather,
            skew_ms,
            question,
        }
    }
}

fn draw_facts(draw: &mut Draw) -> Facts {
    let kind = match draw.up_to(100) {
        0..16 => Kind::KeysetInclusive,
        16..32 => Kind::KeysetExclusive,
        32..40 => Kind::KeysetInclusiveFiner,
        40..48 => Kind::KeysetExclusiveFiner,
        48..68 => Kind::PageNumber,
        68..88 => Kind::Offset,
        _ => Kind::Token,
    };
    let max = match draw.up_to(100) {
        0..2 => 1,
        2..6 => 2,
        6..16 => 4,
        16..32 => 7,
        32..66 => 20,
        66..90 => 100,
        _ => 1000,
    };
    let placed = match draw.up_to(100) {
        _ if kind.is_keyset() => Placed::Exact,
        0..40 => Placed::Exact,
        40..80 => Placed::Coarse,
        _ => Placed::Unsent,
    };
    Facts {
        kind,
        max,
        placed,
        sends_status: percent(draw, 60),
        sends_updated: percent(draw, 40),
        has_skip: kind.is_keyset() && percent(draw, 40),
    }
}

fn draw_page_size(draw: &mut Draw, max: u32) -> u32 {
    match draw.up_to(100) {
        0..70 => count(draw, 1, max.min(12)),
        70..86 => count(draw, 1, max.min(60)),
        86..94 => max,
        94..97 => max.saturating_add(1),
        _ => count(draw, 1, max),
    }
}

fn draw_ties(draw: &mut Draw, size: u32, max: u32, is_stable: bool) -> Ties {
    let tie = match draw.up_to(100) {
        0..35 => 1,
        35..65 => count(draw, 2, 5),
        65..73 => size,
        73..80 => size + 1,
        80..86 => size * count(draw, 2, 4),
        86..92 => max.saturating_sub(1).clamp(1, 60),
        92..95 => max.min(60),
        95..97 => (max + 1).min(60),
        _ => (max * count(draw, 2, 3)).min(60),
    };
    Ties { size: tie.max(1), groups: count(draw, 1, 8), permuted: !is_stable && percent(draw, 35) }
}

fn draw_rates(draw: &mut Draw, size: u32) -> Rates {
    if percent(draw, 30) {
        return Rates::default();
    }
    let mut rate = |often: u32| {
        if percent(draw, often) { *draw.one_of(&[4, 15, 40, 80]) } else { 0 }
    };
    let mut rates = Rates {
        arrive: rate(50),
        arrive_late: rate(30),
        join_tie: rate(30),
        delete: rate(35),
        delete_near: rate(35),
        swap: rate(30),
        change_status: rate(35),
        change_status_near: rate(30),
        expire: rate(22),
        burst: 1,
        events: 0,
    };
    rates.burst = if percent(draw, 70) { 1 } else { count(draw, 2, size.clamp(2, 12)) };
    rates.events = *draw.one_of(&[1, 3, 8, 20, 60]);
    rates
}

fn draw_weather(draw: &mut Draw) -> Weather {
    match draw.up_to(100) {
        0..75 => Weather::default(),
        75..97 => Weather { faults: *draw.one_of(&[2, 10, 30]), down_from: None },
        _ => Weather { faults: 0, down_from: Some(draw.up_to(12).unsigned_abs()) },
    }
}

fn draw_lie(draw: &mut Draw, facts: &Facts, says: Says) -> Option<Lie> {
    let default = documented_page(facts.max);
    let is_numbered = matches!(facts.kind, Kind::PageNumber | Kind::Offset);
    match draw.up_to(10) {
        0 => Some(Lie::SamePage),
        1 => Some(Lie::IgnoresFilter),
        2 => Some(Lie::IgnoresSize),
        // Below the documented page it could not be told from the end without asking once more, every time.
        3 => Some(Lie::CapsSize(count(draw, default, facts.max))),
        4 if !facts.kind.is_keyset() => Some(Lie::Endless),
        5 if !facts.kind.is_keyset() || says.total => {
            Some(Lie::EmptyPage(draw.up_to(8).unsigned_abs() + 1))
        }
        6 => Some(Lie::PageBefore(draw.up_to(8).unsigned_abs() + 1)),
        8 if says.total => Some(Lie::WrongTotal(*draw.one_of(&[-40, -5, -1, 1, 5, 40]))),
        9 => Some(Lie::TwiceOnPage),
        _ if is_numbered => Some(Lie::SamePage),
        _ if facts.kind == Kind::Token => Some(Lie::TokenCircle),
        _ => None,
    }
}

fn draw_question(draw: &mut Draw, question: &mut Question, span_ms: i64) {
    let mut instant = |least: i64, most: i64| {
        (NEWEST_MS - span_ms + span_ms * between(draw, least, most) / 100, percent(draw, 10))
    };
    let (since, until) = (instant(-5, 70), instant(30, 105));
    match draw.up_to(100) {
        0..45 => {}
        45..70 => (question.since, question.until) = (Some(since), Some(until)),
        70..85 => question.since = Some(since),
        _ => question.until = Some(until),
    }
    if percent(draw, 35) {
        question.word = Some(*draw.one_of(&Word::ALL));
    }
    if percent(draw, 22) {
        question.limit = Some(1 + draw.up_to(40).unsigned_abs());
    }
    if percent(draw, 3) {
        question.max_requests = Some(1 + draw.up_to(12).unsigned_abs());
    }
    if percent(draw, 30) {
        question.break_after = Some(draw.up_to(60).unsigned_abs());
    }
}
