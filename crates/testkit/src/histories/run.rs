//! Runs histories: one, traced; or many, on threads of their own.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::judge::{Breach, Violation, judge, largest_ties};
use super::listing::{Resume, Switches, list};
use super::report::Report;
use super::scenario::{Kind, Scenario};
use super::server::Server;

/// How a listing ended, by its own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Its certificate says complete.
    Complete,
    /// Its certificate says incomplete.
    Incomplete,
    /// An error ended it.
    Failed,
}

/// What became of one history.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// How the vendor's pages follow one another.
    pub kind: Kind,
    /// Whether a perfect reader could have completed it, whatever came, went and changed: no lie, no unreadable row, newest first,
    /// faults that pass, ties that can be read whole.
    pub is_honest: bool,
    /// Whether only its ties keep it from being honest.
    pub has_pathological_ties: bool,
    /// Whether the vendor's totals lag behind its calls.
    pub has_lagging_totals: bool,
    /// What is against it, in a few words: `plain` where nothing is but calls that come, go and change.
    pub circumstance: String,
    /// How it ended.
    pub ending: Ending,
    /// Why it was not complete, in one word each.
    pub reasons: BTreeSet<String>,
    /// What it did that no listing may.
    pub violations: Vec<Violation>,
    /// How many pages were answered.
    pub pages: u64,
    /// How many a perfect reader of the list at its beginning needs; `None` under a limit.
    pub perfect: Option<u64>,
    /// The history in one line.
    pub history: String,
    /// The history in full, where it was asked for.
    pub trace: Vec<String>,
}

/// Runs one history again, with its trace.
///
/// # Panics
/// No runtime can be made.
#[must_use]
pub fn replay(seed: u64, switches: Switches) -> Outcome {
    one(&runtime(), seed, switches, true)
}

/// Runs the histories of these seeds on so many threads.
///
/// # Panics
/// No runtime can be made.
#[must_use]
pub fn run(seeds: Range<u64>, threads: usize, switches: Switches) -> Report {
    let next = AtomicU64::new(seeds.start);
    let report = Mutex::new(Report::default());
    let work = || {
        let runtime = runtime();
        let mut own = Report::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            own.add(&one(&runtime, seed, switches, false));
        }
        report.lock().unwrap_or_else(PoisonError::into_inner).merge(own);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::expect_used, reason = "a test that cannot start has failed")]
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

fn one(
    runtime: &tokio::runtime::Runtime,
    seed: u64,
    switches: Switches,
    is_traced: bool,
) -> Outcome {
    let scenario = Scenario::draw(seed);
    let server = Arc::new(Server::new(&scenario, is_traced));
    // The state that a panic leaves is thrown away, but for the vendor's log, which is whole after each request.
    let listed =
        catch_unwind(AssertUnwindSafe(|| runtime.block_on(list(&scenario, &server, switches))));
    let log = server.log();
    let (parts, broken) = match listed {
        Ok(Ok(parts)) => (parts, None),
        Ok(Err(error)) => (Vec::new(), Some(Violation::new(Breach::Refused, error.to_string()))),
        Err(panic) => (Vec::new(), Some(Violation::new(Breach::Panic, said(panic.as_ref())))),
    };
    let mut violations = judge(&scenario, &log, &parts, switches.resume == Resume::ExactlyOnce);
    violations.extend(broken);
    let (largest, split) = largest_ties(&scenario, &log);
    let fits = scenario.ties_fit(largest, split);
    let last = parts.last();
    let is_complete = last.is_some_and(|part| part.certificate.is_complete());
    let reasons = last.map(|part| part.certificate.reasons.iter().map(word).collect());
    Outcome {
        seed,
        kind: scenario.kind(),
        is_honest: scenario.is_plain() && fits,
        has_pathological_ties: scenario.is_plain() && !fits,
        has_lagging_totals: scenario.lag > 0,
        circumstance: match scenario.circumstance() {
            plain if plain.is_empty() && fits => "plain".to_owned(),
            plain if plain.is_empty() => "ties beyond pages".to_owned(),
            other => other,
        },
        ending: match last {
            Some(_) if is_complete => Ending::Complete,
            Some(part) if !part.failed => Ending::Incomplete,
            _ => Ending::Failed,
        },
        reasons: reasons.unwrap_or_default(),
        violations,
        pages: log.answered,
        perfect: scenario.question.limit.is_none().then_some(log.perfect),
        history: scenario.to_string(),
        trace: log.trace,
    }
}

/// A reason's name.
fn word(reason: &callmux_core::Reason) -> String {
    let json = serde_json::to_value(reason).unwrap_or_default();
    let field = |name: &str| json.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    let kind = field("kind").unwrap_or_default();
    match field("error") {
        Some(error) => format!("{kind} {error}"),
        None => kind,
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
