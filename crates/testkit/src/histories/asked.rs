//! A request, read by the vendor.

use std::fmt;

use callmux_http::Request;

use super::dialect::{GRAIN_MS, names};
use super::scenario::{Facts, documented_page};
use super::table::Row;

/// What a request asks for. Times in the vendor's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) since: Option<i64>,
    pub(super) until: Option<i64>,
    pub(super) first_grain: Option<i64>,
    pub(super) end_grain: Option<i64>,
    pub(super) updated_since: Option<i64>,
    pub(super) updated_until: Option<i64>,
    pub(super) status: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) page: Option<u64>,
    pub(super) skip: Option<u64>,
    pub(super) token: Option<String>,
}

impl Asked {
    /// Reads a request; `None` if it has a parameter that the vendor does not know, or cannot read.
    pub(super) fn read(request: &Request) -> Option<Self> {
        let mut asked = Self::default();
        for (name, value) in request.url.query_pairs() {
            let number = || value.parse::<i64>().ok();
            let count = || value.parse::<u64>().ok();
            match &*name {
                names::SINCE => asked.since = Some(number()?),
                names::UNTIL => asked.until = Some(number()?),
                names::FIRST_GRAIN => asked.first_grain = Some(number()?),
                names::END_GRAIN => asked.end_grain = Some(number()?),
                names::UPDATED_SINCE => asked.updated_since = Some(number()?),
                names::UPDATED_UNTIL => asked.updated_until = Some(number()?),
                names::STATUS => asked.status = Some(value.into_owned()),
                names::SIZE => asked.size = Some(count()?),
                names::PAGE => asked.page = Some(count()?),
                names::SKIP => asked.skip = Some(count()?),
                names::TOKEN => asked.token = Some(value.into_owned()),
                _ => return None,
            }
        }
        Some(asked)
    }

    /// How many rows are asked for: a number that the vendor takes.
    pub(super) fn rows(&self, facts: &Facts) -> Option<usize> {
        let rows = self.size.unwrap_or(documented_page(facts.max).into());
        let is_taken = (1..=u64::from(facts.max)).contains(&rows);
        usize::try_from(rows).ok().filter(|_| is_taken)
    }

    /// Whether a page other than the first of its list is asked for. A bound of time may be a list's own.
    pub(super) fn is_beyond_the_start(&self) -> bool {
        self.page.is_some_and(|page| page > 1)
            || self.skip.is_some_and(|rows| rows > 0)
            || self.token.is_some()
    }

    /// Whether a row is one of those asked for, whatever the page.
    pub(super) fn takes(&self, row: &Row, facts: &Facts) -> bool {
        let is_above = |until_ms: i64| {
            let until_us = until_ms.saturating_mul(1000);
            if facts.kind.is_inclusive() { row.at_us <= until_us } else { row.at_us < until_us }
        };
        let grain = row.shown_ms().div_euclid(GRAIN_MS);
        self.since.is_none_or(|since| since.saturating_mul(1000) <= row.at_us)
            && self.until.is_none_or(is_above)
            && self.first_grain.is_none_or(|first| first <= grain)
            && self.end_grain.is_none_or(|end| grain < end)
            && self.updated_since.is_none_or(|since| since <= row.updated_ms)
            && self.updated_until.is_none_or(|until| row.updated_ms < until)
            && self.status.as_ref().is_none_or(|status| status == row.word.as_str())
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = [
            (names::SINCE, self.since.map(|at| at.to_string())),
            (names::UNTIL, self.until.map(|at| at.to_string())),
            (names::FIRST_GRAIN, self.first_grain.map(|at| at.to_string())),
            (names::END_GRAIN, self.end_grain.map(|at| at.to_string())),
            (names::UPDATED_SINCE, self.updated_since.map(|at| at.to_string())),
            (names::UPDATED_UNTIL, self.updated_until.map(|at| at.to_string())),
            (names::STATUS, self.status.clone()),
            (names::SIZE, self.size.map(|rows| rows.to_string())),
            (names::PAGE, self.page.map(|page| page.to_string())),
            (names::SKIP, self.skip.map(|rows| rows.to_string())),
            (names::TOKEN, self.token.clone()),
        ];
        f.write_str("GET")?;
        for (name, value) in pairs {
            if let Some(value) = value {
                write!(f, " {name}={value}")?;
            }
        }
        Ok(())
    }
}
