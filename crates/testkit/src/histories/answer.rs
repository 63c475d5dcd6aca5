//! The vendor's answer to a request: its rows, and what it says beside them.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::asked::Asked;
use super::scenario::{Kind, Lie, ListOrder, Scenario, documented_page};
use super::table::{Row, Table};

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: String,
    /// The calls in it, by number, in their order.
    pub(super) rows: Vec<usize>,
    /// What it says beside them.
    pub(super) said: String,
    /// The token in it.
    pub(super) next: Option<String>,
}

/// Where a row stands in the list. The smallest comes first.
type Place = (Reverse<i64>, u64);

/// What the vendor goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vendor<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) table: &'a Table,
    /// The calls as the vendor counts them.
    pub(super) counted: &'a [Row],
    /// How many requests came before this one.
    pub(super) request: u64,
    /// Whether the page is to be empty, whatever it should hold.
    pub(super) is_empty: bool,
    /// The token that it gives instead of the next page's.
    pub(super) circle: Option<&'a str>,
}

impl Vendor<'_> {
    /// The answer; `None` where the request is refused.
    pub(super) fn answer(&self, asked: &Asked) -> Option<Answer> {
        let Self { scenario, .. } = self;
        let facts = &scenario.facts;
        let wanted = asked.rows(facts)?;
        if asked.page == Some(0) {
            return None;
        }
        let asked = &self.heard(asked);
        let mut rows: Vec<&Row> =
            self.table.rows.iter().filter(|row| asked.takes(row, facts)).collect();
        rows.sort_by_cached_key(|row| self.place(row));

        let size = match scenario.lie {
            Some(Lie::IgnoresSize) => documented_page(facts.max) as usize,
            Some(Lie::CapsSize(most)) => wanted.min(most as usize),
            _ => wanted,
        };
        let start = self.start(asked, &rows, size);
        let is_empty = self.is_empty;
        let page: &[&Row] = if is_empty { &[] } else { rows.get(start..).unwrap_or_default() };
        let page = page.get(..size).unwrap_or(page);
        let end = start + page.len();
        let promises_more = scenario.lie == Some(Lie::Endless) || is_empty && end < rows.len();
        let has_more = end < rows.len() || promises_more;
        let counted = self.counted.iter().filter(|row| asked.takes(row, facts)).count();
        let total = match scenario.lie {
            Some(Lie::WrongTotal(by)) => (counted as i64 + by).max(0),
            _ => counted as i64,
        };

        let mut said = String::new();
        let mut say = |name: &str, value: &dyn std::fmt::Display| {
            let written = write!(said, r#","{name}":{value}"#);
            debug_assert!(written.is_ok(), "a String takes any text");
        };
        let says = scenario.says;
        if says.total {
            say("total", &total);
        }
        let number = asked.page.unwrap_or(1);
        if says.page {
            say("page", &number);
        }
        if says.last_page {
            let last = (total as u64).div_ceil(size as u64).max(1);
            say("last_page", &if promises_more { last.max(number + 1) } else { last });
        }
        if says.page_size && scenario.lie != Some(Lie::CapsSize(size as u32)) {
            say("page_size", &if scenario.lie == Some(Lie::IgnoresSize) { wanted } else { size });
        }
        if says.has_more {
            say("has_more", &has_more);
        }
        let next = (facts.kind == Kind::Token && has_more).then(|| self.token(&rows, start, page));
        if let Some(token) = &next {
            say("next", &format!("{token:?}"));
        }

        let mut body = String::with_capacity(80 * page.len() + 100);
        body.push_str(r#"{"rows":["#);
        let twice = (scenario.lie == Some(Lie::TwiceOnPage)).then(|| page.get(page.len() / 2));
        for (index, row) in page.iter().chain(twice.flatten()).enumerate() {
            if index > 0 {
                body.push(',');
            }
            row.write(&mut body);
        }
        body.push(']');
        body.push_str(&said);
        body.push('}');
        Some(Answer { body, rows: page.iter().map(|row| row.number).collect(), said, next })
    }

    /// The request as a vendor with this vice hears it.
    fn heard(&self, asked: &Asked) -> Asked {
        let mut heard = asked.clone();
        match self.scenario.lie {
            Some(Lie::SamePage) => {
                (heard.skip, heard.token) = (None, None);
                if self.scenario.facts.kind.is_keyset() {
                    heard.until = None;
                }
            }
            Some(Lie::IgnoresFilter) => (heard.status, heard.since) = (None, None),
            _ => {}
        }
        heard
    }

    /// The token of what follows a page that starts there: the place of its last row.
    fn token(&self, rows: &[&Row], start: usize, page: &[&Row]) -> String {
        if let Some(token) = self.circle {
            return token.to_owned();
        }
        if let Some((Reverse(at), tie)) = page.last().map(|row| self.place(row)) {
            return format!("{at}.{tie}");
        }
        // An empty page leads on to what it should have held; at the end, nowhere, under another name each time.
        match rows.get(start).map(|row| self.place(row)) {
            Some((Reverse(at), tie)) => format!("{at}.{}", tie.wrapping_sub(1)),
            None => format!("{}.0", i64::MIN + (self.request as i64)),
        }
    }

    /// How many rows stand before the page.
    fn start(&self, asked: &Asked, rows: &[&Row], size: usize) -> usize {
        let count =
            |number: Option<u64>| usize::try_from(number.unwrap_or(0)).unwrap_or(usize::MAX);
        match self.scenario.facts.kind {
            Kind::PageNumber if self.scenario.lie == Some(Lie::SamePage) => 0,
            Kind::PageNumber => {
                let before = count(asked.page.map(|page| page.saturating_sub(1)));
                before.saturating_mul(size).min(rows.len())
            }
            Kind::Token => {
                let token = asked.token.as_ref().and_then(|token| token.split_once('.'));
                let place = token.and_then(|(at, tie)| Some((at.parse().ok()?, tie.parse().ok()?)));
                let Some((at, tie)) = place else { return 0 };
                let after: Place = (Reverse(at), tie);
                rows.partition_point(|row| self.place(row) <= after)
            }
            _ => count(asked.skip).min(rows.len()),
        }
    }

    fn place(&self, row: &Row) -> Place {
        let at = match self.scenario.order {
            ListOrder::OldestFirst => row.listed_us.wrapping_neg(),
            ListOrder::NewestFirst | ListOrder::Backdated => row.listed_us,
        };
        let number = row.number as u64 + 1;
        let tie = if self.scenario.ties.permuted {
            // Another order with each request, and no two alike.
            (number ^ (self.request + 1).wrapping_mul(0x9e37_79b9))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(17)
        } else {
            number
        };
        (Reverse(at), tie)
    }
}
