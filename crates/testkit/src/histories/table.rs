//! The vendor's calls, and the log of every state that each was ever in.

use std::fmt::Write as _;

use crate::world::Draw;

use super::draws::{between, percent};
use super::scenario::{ListOrder, NEWEST_MS, Scenario};

/// The states of a call, in the vendor's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Done,
    Live,
    Failed,
}

impl Word {
    pub(super) const ALL: [Self; 3] = [Self::Done, Self::Live, Self::Failed];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Live => "live",
            Self::Failed => "failed",
        }
    }

    pub(super) fn other(self, draw: &mut Draw) -> Self {
        let others: Vec<Self> = Self::ALL.into_iter().filter(|word| *word != self).collect();
        *draw.one_of(&others)
    }
}

/// A row that no reader can understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Poison {
    NoObject,
    NoTime,
    BadTime,
}

/// A call as the vendor stores it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Counted from 0, in the order in which the vendor made them.
    pub(super) number: usize,
    pub(super) at_us: i64,
    /// Where it stands in the list: its time, unless it was back-dated.
    pub(super) listed_us: i64,
    pub(super) updated_ms: i64,
    pub(super) word: Word,
    pub(super) poison: Option<Poison>,
}

impl Row {
    /// The time that the vendor shows.
    pub(super) fn shown_ms(&self) -> i64 {
        self.at_us.div_euclid(1000)
    }

    /// Its JSON, appended.
    pub(super) fn write(&self, json: &mut String) {
        let id = id_of(self.number);
        let written = match self.poison {
            Some(Poison::NoObject) => write!(json, "[\"{id}\"]"),
            Some(Poison::NoTime) => write!(json, r#"{{"id":"{id}","at":null}}"#),
            Some(Poison::BadTime) => {
                write!(json, r#"{{"id":"{id}","at":"soon","status":"done","updated":1}}"#)
            }
            None => write!(
                json,
                r#"{{"id":"{id}","at":{},"status":"{}","updated":{}}}"#,
                self.shown_ms(),
                self.word.as_str(),
                self.updated_ms
            ),
        };
        debug_assert!(written.is_ok(), "a String takes any text");
    }
}

/// The id of the call of this number. Ids are in another order than numbers and times.
pub(super) fn id_of(number: usize) -> String {
    format!("c{:04x}", number.wrapping_mul(40_503) & 0xffff)
}

/// What a reader can see of a call at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) shown_ms: i64,
    pub(super) word: Word,
    pub(super) updated_ms: i64,
}

/// The states of one call, from the first request on; `None` while it is not there.
pub(super) type Life = Vec<Option<State>>;

/// The vendor's calls.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    /// By number.
    pub(super) lives: Vec<Life>,
    /// The vendor's time of day, in milliseconds.
    now_ms: i64,
    finer: bool,
    backdated: bool,
}

impl Table {
    /// The calls before the first request.
    pub(super) fn draw(scenario: &Scenario, draw: &mut Draw) -> Self {
        let mut table = Self {
            rows: Vec::new(),
            lives: Vec::new(),
            now_ms: NEWEST_MS,
            finer: scenario.facts.kind.is_finer(),
            backdated: scenario.order == ListOrder::Backdated,
        };
        let mut groups = scenario.ties.groups;
        let mut left = scenario.rows;
        while left > 0 {
            let at_ms = NEWEST_MS - draw.up_to(scenario.span_ms);
            let is_group = scenario.ties.size > 1 && groups > 0 && percent(draw, 30);
            let size = if is_group { scenario.ties.size.min(left) } else { 1 };
            groups -= u32::from(is_group);
            for _ in 0..size {
                table.add(draw, at_ms, false);
            }
            left -= size;
        }
        for _ in 0..scenario.poison.min(scenario.rows) {
            let poison = *draw.one_of(&[Poison::NoObject, Poison::NoTime, Poison::BadTime]);
            let index = draw.index(table.rows.len());
            if let Some(row) = table.rows.get_mut(index) {
                row.poison = Some(poison);
            }
        }
        table
    }

    /// A new call of this time. `is_late` says that the listing has begun.
    pub(super) fn add(&mut self, draw: &mut Draw, at_ms: i64, is_late: bool) -> usize {
        let number = self.lives.len();
        let part = if !self.finer {
            0
        } else if percent(draw, 50) {
            // Where a bound that is off by a hair shows.
            *draw.one_of(&[0, 1, 999])
        } else {
            draw.up_to(1000)
        };
        let at_us = at_ms * 1000 + part;
        let row = Row {
            number,
            at_us,
            listed_us: if self.backdated && percent(draw, if is_late { 50 } else { 6 }) {
                at_us + between(draw, 1, 8) * *draw.one_of(&[1_000, 60_000, 600_000_000])
            } else {
                at_us
            },
            updated_ms: if is_late { self.tick() } else { at_ms + draw.up_to(100_000) },
            word: match draw.up_to(10) {
                0..5 => Word::Done,
                5..8 => Word::Live,
                _ => Word::Failed,
            },
            poison: None,
        };
        let state = Some(State { shown_ms: at_ms, word: row.word, updated_ms: row.updated_ms });
        self.lives.push(if is_late { vec![None, state] } else { vec![state] });
        self.rows.push(row);
        number
    }

    /// A moment later.
    fn tick(&mut self) -> i64 {
        self.now_ms += 1;
        // No call of the beginning was changed later than this.
        self.now_ms.max(NEWEST_MS) + 200_000
    }

    /// The call goes.
    pub(super) fn delete(&mut self, number: usize) -> bool {
        let Some(place) = self.rows.iter().position(|row| row.number == number) else {
            return false;
        };
        self.rows.remove(place);
        if let Some(life) = self.lives.get_mut(number) {
            life.push(None);
        }
        true
    }

    /// The call's state becomes another.
    pub(super) fn change(&mut self, number: usize, draw: &mut Draw) -> Option<Word> {
        let updated_ms = self.tick();
        let row = self.rows.iter_mut().find(|row| row.number == number)?;
        row.word = row.word.other(draw);
        row.updated_ms = updated_ms;
        let state = State { shown_ms: row.shown_ms(), word: row.word, updated_ms };
        let word = row.word;
        if let Some(life) = self.lives.get_mut(number) {
            life.push(Some(state));
        }
        Some(word)
    }

    pub(super) fn newest_ms(&self) -> i64 {
        self.rows.iter().map(Row::shown_ms).max().unwrap_or(NEWEST_MS)
    }

    pub(super) fn oldest(&self) -> Option<usize> {
        self.rows.iter().min_by_key(|row| (row.at_us, row.number)).map(|row| row.number)
    }

    pub(super) fn any(&self, draw: &mut Draw) -> Option<&Row> {
        self.rows.get(draw.index(self.rows.len()))
    }
}
