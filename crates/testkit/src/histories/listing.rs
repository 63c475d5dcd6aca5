//! Asks for a listing as the scenario says, once or in two parts.

use std::sync::Arc;

use callmux_core::{CallFilter, CallProvider, Calls, Cursor, Result};
use callmux_http::Clock;
use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::ManualClock;

use super::dialect::{connect, status_of};
use super::judge::Given;
use super::scenario::{NEWEST_MS, Question, Scenario};
use super::server::Server;

/// What of the drawn histories is put to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Switches {
    /// Whether listings are broken off and gone on with, and what the parts together must be.
    pub resume: Resume,
}

impl Switches {
    /// The same with listings that are broken off.
    #[must_use]
    pub fn resume(mut self, resume: Resume) -> Self {
        self.resume = resume;
        self
    }
}

/// Whether listings are broken off and gone on with by another provider of the same account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// Never.
    #[default]
    Never,
    /// The parts together skip nothing; the second may repeat calls of the first.
    SkipsNothing,
    /// The parts together give each call once.
    ExactlyOnce,
}

fn filter(question: &Question) -> CallFilter {
    let instant = |(at, half): (i64, bool)| -> DateTime<Utc> {
        let at = DateTime::from_timestamp_millis(at).unwrap_or_default();
        at + TimeDelta::microseconds(if half { 500 } else { 0 })
    };
    let mut filter = CallFilter::new();
    if let Some(since) = question.since {
        filter = filter.since(instant(since));
    }
    if let Some(until) = question.until {
        filter = filter.until(instant(until));
    }
    if let Some(word) = question.word {
        filter = filter.status([status_of(word.as_str())]);
    }
    filter
}

fn provider(
    scenario: &Scenario,
    server: &Arc<Server>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn CallProvider>> {
    connect(scenario.facts, &|mut parts| {
        parts.transport = Some(server.clone());
        parts.clock = Some(Arc::clone(clock));
        parts.page_size = scenario.question.account_page_size;
        // Every other account passes on what it can of a page before the page is whole.
        parts.part_size = (scenario.seed % 2 == 1).then_some(1);
        parts.seed = scenario.seed;
        parts
    })
}

fn listing(scenario: &Scenario, provider: &Arc<dyn CallProvider>) -> Calls {
    let question = &scenario.question;
    let mut listing = Calls::new(Arc::clone(provider), filter(question));
    if let Some(rows) = question.page_size {
        listing = listing.page_size(rows);
    }
    if let Some(limit) = question.limit {
        listing = listing.limit(limit);
    }
    if let Some(most) = question.max_requests {
        listing = listing.max_requests(most);
    }
    listing.concurrency(question.concurrency)
}

/// Lists. The parts of a listing that is broken off come in their order.
///
/// # Errors
/// No provider could be made, or a cursor did not survive being written.
pub(super) async fn list(
    scenario: &Scenario,
    server: &Arc<Server>,
    switches: Switches,
) -> Result<Vec<Given>> {
    let now = DateTime::from_timestamp_millis(NEWEST_MS + scenario.skew_ms).unwrap_or_default();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(now));
    // A vendor that lies to one of two parts only is found out by neither.
    let breaks_off = switches.resume != Resume::Never
        && scenario.question.limit.is_none()
        && scenario.is_plain();
    let break_after = scenario.question.break_after.filter(|_| breaks_off);

    let first = listing(scenario, &provider(scenario, server, &clock)?);
    let (given, cursor) = read(server, first, break_after).await;
    if !given.is_broken_off {
        return Ok(vec![given]);
    }
    server.note(|| format!("broken off: {cursor:?}"));
    let second = listing(scenario, &provider(scenario, server, &clock)?);
    let second = match cursor {
        Some(cursor) => second.resume(cursor.as_str().parse()?),
        None => second,
    };
    let (rest, _) = read(server, second, None).await;
    Ok(vec![given, rest])
}

async fn read(
    server: &Server,
    mut listing: Calls,
    break_after: Option<u64>,
) -> (Given, Option<Cursor>) {
    let mut calls = Vec::new();
    let mut failed = false;
    let mut is_broken_off = false;
    loop {
        if break_after.is_some_and(|most| calls.len() as u64 >= most) {
            is_broken_off = true;
            break;
        }
        match listing.next().await {
            None => break,
            Some(Ok(call)) => {
                server.note(|| format!("        {}", call.id));
                calls.push(call);
            }
            Some(Err(error)) => {
                server.note(|| format!("        {error}"));
                failed |= error.rejected().is_none();
            }
        }
    }
    let certificate = listing.certificate().clone();
    server.note(|| format!("{certificate}"));
    (Given { calls, certificate, failed, is_broken_off }, listing.cursor())
}
