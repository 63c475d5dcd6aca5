//! The judge: what a listing gave, against the vendor's own log. It knows nothing of pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use callmux_core::{Call, Certificate};
use chrono::{DateTime, Utc};

use super::dialect::status_of;
use super::scenario::{Question, Scenario};
use super::server::Log;
use super::table::{Life, State, id_of};

/// What a listing must never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breach {
    /// It says that it is complete, and a call that matched all the while is missing.
    FalseComplete,
    /// It says that it is complete up to its limit, and the calls are not the first of their order.
    FalseLimit,
    /// It gives a call twice.
    Twice,
    /// It gives a call that never was, or never matched, or never was so.
    Invented,
    /// It asks for more pages than any reader needs.
    Endless,
    /// It gives calls out of order, and does not say so.
    Disorder,
    /// It sends what the vendor does not take.
    Refused,
    /// It panics.
    Panic,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FalseComplete => "false complete",
            Self::FalseLimit => "false complete under a limit",
            Self::Twice => "a call twice",
            Self::Invented => "a call that never was",
            Self::Endless => "no end",
            Self::Disorder => "out of order, unsaid",
            Self::Refused => "a request that is no request",
            Self::Panic => "a panic",
        })
    }
}

/// A breach, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub breach: Breach,
    /// What it was, in one line.
    pub what: String,
}

impl Violation {
    pub(super) fn new(breach: Breach, what: impl Into<String>) -> Self {
        Self { breach, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.breach, self.what)
    }
}

/// What one listing gave, or the last of several that went on from one another.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) calls: Vec<Call>,
    pub(super) certificate: Certificate,
    /// Whether an error ended it.
    pub(super) failed: bool,
    /// Whether it was broken off, to be gone on with.
    pub(super) is_broken_off: bool,
}

impl Question {
    /// Whether a state of a call is what is asked for: its own reading of the filter, apart from the library's.
    fn means(&self, state: &State) -> bool {
        // A bound half a millisecond later lets the instant before it through, and not its own.
        let reached = |(at, half): (i64, bool)| state.shown_ms >= at + i64::from(half);
        self.since.is_none_or(reached)
            && self.until.is_none_or(|until| !reached(until))
            && self.word.is_none_or(|word| word == state.word)
    }
}

/// Calls that match at every moment from before the first request to after the last.
fn throughout(life: &Life, question: &Question) -> Option<State> {
    let first = (*life.first()?)?;
    let always = life.iter().all(|state| state.is_some_and(|state| question.means(&state)));
    always.then_some(first)
}

/// Judges the listings of a history: one, or the parts of one.
pub(super) fn judge(
    scenario: &Scenario,
    log: &Log,
    parts: &[Given],
    exact: bool,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let lives: BTreeMap<String, &Life> =
        log.lives.iter().enumerate().map(|(number, life)| (id_of(number), life)).collect();
    for part in parts {
        repeats(part.calls.iter(), &mut found);
        order(part, &mut found);
    }
    // A place in an order that the vendor breaks is none: there calls may come again.
    let late = |part: &Given| part.certificate.sources.iter().any(|source| source.order_late > 0);
    if exact && parts.len() > 1 && !parts.iter().any(late) {
        repeats(parts.iter().flat_map(|part| &part.calls), &mut found);
    }
    for call in parts.iter().flat_map(|part| &part.calls) {
        truth(scenario, &lives, call, &mut found);
    }
    completeness(scenario, &lives, parts, &mut found);
    if log.is_endless {
        found.push(Violation::new(Breach::Endless, format!("{} pages", log.answered)));
    }
    if let Some(request) = &log.refused {
        found.push(Violation::new(Breach::Refused, request.clone()));
    }
    found
}

fn repeats<'a>(calls: impl Iterator<Item = &'a Call>, found: &mut Vec<Violation>) {
    let mut met = BTreeSet::new();
    for call in calls {
        if !met.insert(call.id.as_str()) {
            found.push(Violation::new(Breach::Twice, call.id.to_string()));
        }
    }
}

fn order(part: &Given, found: &mut Vec<Violation>) {
    let late: u64 = part.certificate.sources.iter().map(|source| source.order_late).sum();
    let pairs = part.calls.iter().zip(part.calls.iter().skip(1));
    let wrong = pairs.into_iter().find(|(before, after)| before.order_key() >= after.order_key());
    if let Some((before, after)) = wrong.filter(|_| late == 0) {
        found.push(Violation::new(Breach::Disorder, format!("{} before {}", before.id, after.id)));
    }
}

fn truth(
    scenario: &Scenario,
    lives: &BTreeMap<String, &Life>,
    call: &Call,
    found: &mut Vec<Violation>,
) {
    let Some(life) = lives.get(call.id.as_str()) else {
        found.push(Violation::new(Breach::Invented, format!("there was no {}", call.id)));
        return;
    };
    let at = |ms: i64| DateTime::<Utc>::from_timestamp_millis(ms);
    let was_so = life.iter().flatten().any(|state| {
        scenario.question.means(state)
            && call.placed_at == at(state.shown_ms)
            && call.times.updated == at(state.updated_ms)
            && call.status.value == status_of(state.word.as_str())
    });
    if !was_so {
        found.push(Violation::new(Breach::Invented, format!("{} never was so", call.id)));
    }
}

fn completeness(
    scenario: &Scenario,
    lives: &BTreeMap<String, &Life>,
    parts: &[Given],
    found: &mut Vec<Violation>,
) {
    let Some(last) = parts.last() else { return };
    if last.is_broken_off || !last.certificate.is_complete() {
        return;
    }
    // A part that did not understand a row has said so.
    let has_rejected =
        |part: &Given| part.certificate.sources.iter().any(|source| source.rejected > 0);
    if parts.iter().rev().skip(1).any(has_rejected) {
        return;
    }
    let question = &scenario.question;
    let given: BTreeSet<&str> =
        parts.iter().flat_map(|part| &part.calls).map(|call| call.id.as_str()).collect();
    let missing = lives.iter().filter(|(id, _)| !given.contains(id.as_str()));
    let missing: Vec<(&str, i64)> = missing
        .filter_map(|(id, life)| Some((id.as_str(), throughout(life, question)?.shown_ms)))
        .collect();
    if last.failed {
        let what = "an error ended it, and it is called complete";
        found.push(Violation::new(Breach::FalseComplete, what));
    }
    if !last.certificate.limit_reached {
        if !missing.is_empty() {
            let ids: Vec<&str> = missing.iter().map(|(id, _)| *id).collect();
            found.push(Violation::new(Breach::FalseComplete, format!("without {}", some(&ids))));
        }
        return;
    }
    let limit = question.limit.unwrap_or(u64::MAX);
    if (last.calls.len() as u64) < limit {
        let what = format!("{} of {limit}", last.calls.len());
        found.push(Violation::new(Breach::FalseLimit, what));
    }
    let oldest = parts.iter().flat_map(|part| &part.calls).max_by_key(|call| call.order_key());
    let Some(oldest) = oldest else { return };
    let Some(oldest_ms) = oldest.placed_at.map(|at| at.timestamp_millis()) else { return };
    let passed_over =
        |&&(id, at): &&(&str, i64)| at > oldest_ms || at == oldest_ms && id < oldest.id.as_str();
    let ids: Vec<&str> = missing.iter().filter(passed_over).map(|(id, _)| *id).collect();
    if !ids.is_empty() {
        let what = format!("down to {}, without {}", oldest.id, some(&ids));
        found.push(Violation::new(Breach::FalseLimit, what));
    }
}

fn some(ids: &[&str]) -> String {
    let shown = ids.get(..6).unwrap_or(ids).join(" ");
    if ids.len() > 6 { format!("{shown} and {} more", ids.len() - 6) } else { shown }
}

/// The largest group of one instant that the vendor ever held among what it is asked for, and the largest that is left where
/// each is split by when it was last changed.
pub(super) fn largest_ties(scenario: &Scenario, log: &Log) -> (u32, u32) {
    let word = scenario.question.word.filter(|_| scenario.facts.sends_status);
    let mut groups: BTreeMap<i64, u32> = BTreeMap::new();
    let mut parts: BTreeMap<(i64, i64), u32> = BTreeMap::new();
    for life in &log.lives {
        let asked = |state: &&State| word.is_none_or(|word| word == state.word);
        let mut states: Vec<State> = life.iter().flatten().filter(asked).copied().collect();
        states.dedup();
        let Some(first) = states.first() else { continue };
        *groups.entry(first.shown_ms).or_default() += 1;
        let instants: BTreeSet<i64> = states.iter().map(|state| state.updated_ms).collect();
        for updated_ms in instants {
            *parts.entry((first.shown_ms, updated_ms)).or_default() += 1;
        }
    }
    let largest = |sizes: Option<u32>| sizes.unwrap_or(0);
    (largest(groups.into_values().max()), largest(parts.into_values().max()))
}
