//! What happens to the vendor's calls between two requests.

use crate::world::Draw;

use super::draws::{between, percent};
use super::scenario::{NEWEST_MS, Rates, Scenario};
use super::table::{Row, Table, id_of};

/// What has happened, in order, and what still may.
#[derive(Debug)]
pub(super) struct Events {
    rates: Rates,
    span_ms: i64,
    left: u32,
}

impl Events {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self { rates: scenario.rates, span_ms: scenario.span_ms, left: scenario.rates.events }
    }

    /// Lets happen what happens before the next request, given the calls of the page before (by number, in their order).
    pub(super) fn happen(
        &mut self,
        table: &mut Table,
        page: &[usize],
        draw: &mut Draw,
        note: &mut dyn FnMut(String),
    ) {
        type Event = fn(&Events, &mut Table, &[usize], &mut Draw) -> Option<String>;
        let rates = self.rates;
        let events: [(u32, Event); 9] = [
            (rates.arrive, Self::arrive),
            (rates.arrive_late, Self::arrive_late),
            (rates.join_tie, Self::join_tie),
            (rates.delete, Self::delete),
            (rates.delete_near, Self::delete_near),
            (rates.swap, Self::swap),
            (rates.change_status, Self::change_status),
            (rates.change_status_near, Self::change_status_near),
            (rates.expire, Self::expire),
        ];
        for (rate, event) in events {
            if rate == 0 || !percent(draw, rate) {
                continue;
            }
            let times = 1 + draw.index(rates.burst.try_into().unwrap_or(1));
            for _ in 0..times {
                if self.left == 0 {
                    return;
                }
                if let Some(what) = event(self, table, page, draw) {
                    self.left -= 1;
                    note(what);
                }
            }
        }
    }

    fn arrive(&self, table: &mut Table, _: &[usize], draw: &mut Draw) -> Option<String> {
        let at_ms = table.newest_ms().max(NEWEST_MS) + draw.up_to(1_000);
        Some(added("arrived", table.add(draw, at_ms, true), at_ms))
    }

    fn arrive_late(&self, table: &mut Table, _: &[usize], draw: &mut Draw) -> Option<String> {
        let at_ms = NEWEST_MS - draw.up_to(self.span_ms);
        Some(added("arrived late", table.add(draw, at_ms, true), at_ms))
    }

    /// A tie of the page before is the one that matters most.
    fn join_tie(&self, table: &mut Table, page: &[usize], draw: &mut Draw) -> Option<String> {
        let near = page.last().filter(|_| percent(draw, 50));
        let near = near.and_then(|number| table.rows.iter().find(|row| row.number == *number));
        let at_ms = match near {
            Some(row) => row.shown_ms(),
            None => table.any(draw)?.shown_ms(),
        };
        Some(added("joined a tie", table.add(draw, at_ms, true), at_ms))
    }

    fn delete(&self, table: &mut Table, _: &[usize], draw: &mut Draw) -> Option<String> {
        let number = table.any(draw)?.number;
        table.delete(number).then(|| format!("{} went", id_of(number)))
    }

    /// A call just read goes, which pulls the ones after it up; or the first one not read yet.
    fn delete_near(&self, table: &mut Table, page: &[usize], draw: &mut Draw) -> Option<String> {
        let number = near(table, page, draw)?;
        table.delete(number).then(|| format!("{} went, near by", id_of(number)))
    }

    /// A call above goes and another comes, so that no number tells.
    fn swap(&self, table: &mut Table, page: &[usize], draw: &mut Draw) -> Option<String> {
        let gone = self.delete_near(table, page, draw)?;
        let come = if percent(draw, 50) {
            self.arrive(table, page, draw)?
        } else {
            self.arrive_late(table, page, draw)?
        };
        Some(format!("{gone}; {come}"))
    }

    fn change_status(&self, table: &mut Table, _: &[usize], draw: &mut Draw) -> Option<String> {
        let number = table.any(draw)?.number;
        changed(table, number, draw)
    }

    fn change_status_near(
        &self,
        table: &mut Table,
        page: &[usize],
        draw: &mut Draw,
    ) -> Option<String> {
        let number = near(table, page, draw)?;
        changed(table, number, draw)
    }

    /// What is older than the vendor keeps goes.
    fn expire(&self, table: &mut Table, _: &[usize], _: &mut Draw) -> Option<String> {
        let number = table.oldest()?;
        table.delete(number).then(|| format!("{} expired", id_of(number)))
    }
}

fn added(how: &str, number: usize, at_ms: i64) -> String {
    format!("{} {how} at {}", id_of(number), at_ms - NEWEST_MS)
}

fn changed(table: &mut Table, number: usize, draw: &mut Draw) -> Option<String> {
    let word = table.change(number, draw)?;
    Some(format!("{} became {}", id_of(number), word.as_str()))
}

/// A call of the page before, its last one more often than the others, or the first below it.
fn near(table: &Table, page: &[usize], draw: &mut Draw) -> Option<usize> {
    let last = *page.last()?;
    match draw.up_to(4) {
        0 => Some(last),
        1 => {
            let edge = table.rows.iter().find(|row| row.number == last)?.at_us;
            let below = table.rows.iter().filter(|row| row.at_us < edge);
            below.max_by_key(|row: &&Row| row.at_us).map(|row| row.number)
        }
        _ => {
            let back = between(draw, 0, 3).min(page.len() as i64 - 1);
            let at = usize::try_from(back).ok()?;
            if percent(draw, 50) {
                page.get(at).copied()
            } else {
                page.iter().rev().nth(at).copied()
            }
        }
    }
}
