//! The machines, by single pages and by whole walks of a model.

mod histories;
mod keyset;
mod model;
mod page_number;
mod position;
mod requests;
mod token;

use callmux_core::{Floor, TieGroup};
use chrono::{DateTime, TimeDelta, Utc};

use super::*;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

/// Rows with these times; the key of each is its time, unless rows share it.
fn marks(times: impl IntoIterator<Item = i64>) -> Vec<Mark> {
    let mut twins = 0;
    let mut last = None;
    let mark = |second: i64| {
        twins = if last == Some(second) { twins + 1 } else { 0 };
        last = Some(second);
        Mark::new(&format!("{second}.{twins}"), Some(at(second)))
    };
    times.into_iter().map(mark).collect()
}

/// A page of rows with these times, of ten asked for and a hundred at most.
fn page(times: impl IntoIterator<Item = i64>) -> Observed {
    Observed { asked: 10, max: 100, unasked: 10, marks: marks(times), ..Observed::default() }
}

/// Ten rows of different times, the newest at this second.
fn full(newest: i64) -> Observed {
    page((newest - 9..=newest).rev())
}

fn proven(second: i64) -> Option<Floor> {
    Some(Floor { at: at(second), proven: true })
}

fn habit(second: i64) -> Option<Floor> {
    Some(Floor { at: at(second), proven: false })
}
