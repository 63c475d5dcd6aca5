//! Of the harness itself: the judge sees each breach, and a seed decides everything.

use callmux_core::{Call, Certificate};
use chrono::DateTime;
use serde_json::json;

use super::dialect::status_of;
use super::judge::{Breach, Given, judge};
use super::scenario::{NEWEST_MS, Scenario};
use super::server::Log;
use super::table::{Life, State, Word, id_of};
use super::{Switches, replay, run};

/// A call of so many milliseconds before the newest instant.
fn state(ago: i64, word: Word) -> Option<State> {
    Some(State { shown_ms: NEWEST_MS - ago, word, updated_ms: NEWEST_MS })
}

fn call(number: usize, ago: i64, word: Word) -> Call {
    let mut call = Call::new("toy", "toy", id_of(number));
    call.placed_at = DateTime::from_timestamp_millis(NEWEST_MS - ago);
    call.times.updated = DateTime::from_timestamp_millis(NEWEST_MS);
    call.status = status_of(word.as_str()).into();
    call
}

fn certificate(verdict: &str, limit_reached: bool) -> Certificate {
    let certificate = json!({
        "verdict": verdict,
        "reasons": [],
        "limit_reached": limit_reached,
        "resumed": false,
        "sources": [],
    });
    serde_json::from_value(certificate).unwrap()
}

/// What the judge finds where these calls were given of these lives. Done calls from 100 ms ago on are asked for.
fn found(lives: &[Life], calls: &[Call], verdict: &str, limit: Option<u64>) -> Vec<Breach> {
    let mut scenario = Scenario::draw(0);
    scenario.question.since = Some((NEWEST_MS - 100, false));
    scenario.question.until = None;
    scenario.question.word = Some(Word::Done);
    scenario.question.limit = limit;
    let log = Log {
        lives: lives.to_vec(),
        perfect: 1,
        answered: 1,
        is_endless: false,
        refused: None,
        trace: Vec::new(),
    };
    let given = Given {
        calls: calls.to_vec(),
        certificate: certificate(verdict, limit.is_some()),
        failed: false,
        is_broken_off: false,
    };
    let found = judge(&scenario, &log, &[given], false);
    found.into_iter().map(|violation| violation.breach).collect()
}

#[test]
fn the_judge_sees_each_breach_and_no_other() {
    use Breach::{Disorder, FalseComplete, FalseLimit, Invented, Twice};
    use Word::{Done, Live};
    // Two that matched all the while, one that went, one that left the filter, one that came, one before the range.
    let lives: Vec<Life> = vec![
        vec![state(10, Done)],
        vec![state(20, Done)],
        vec![state(30, Done), None],
        vec![state(40, Done), state(40, Live)],
        vec![None, state(50, Done)],
        vec![state(101, Done)],
    ];
    let [a, b, c, d, e] = [10, 20, 30, 40, 50].map(|ago| call(ago as usize / 10 - 1, ago, Done));
    let of = |calls: &[&Call]| calls.iter().map(|call| (*call).clone()).collect::<Vec<_>>();
    let before = call(5, 101, Done);
    let never_so = call(1, 20, Live);
    let unknown = call(7, 60, Done);
    for (calls, verdict, limit, expected) in [
        (of(&[&a, &b]), "complete", None, vec![]),
        (of(&[&a, &b, &c, &d, &e]), "complete", None, vec![]),
        (of(&[&a]), "complete", None, vec![FalseComplete]),
        (of(&[&a, &c, &d, &e]), "complete", None, vec![FalseComplete]),
        (of(&[]), "complete", None, vec![FalseComplete]),
        (of(&[&a]), "incomplete", None, vec![]),
        (of(&[&a]), "complete", Some(1), vec![]),
        (of(&[&b]), "complete", Some(1), vec![FalseLimit]),
        (of(&[&c]), "complete", Some(1), vec![FalseLimit]),
        (of(&[&a]), "complete", Some(2), vec![FalseLimit]),
        (of(&[&a, &b, &b]), "incomplete", None, vec![Twice, Disorder]),
        (of(&[&b, &a]), "complete", None, vec![Disorder]),
        (of(&[&a, &never_so]), "complete", None, vec![Invented]),
        (of(&[&a, &b, &unknown]), "complete", None, vec![Invented]),
        (of(&[&a, &b, &before]), "complete", None, vec![Invented]),
    ] {
        let ids: Vec<&str> = calls.iter().map(|call| call.id.as_str()).collect();
        assert_eq!(found(&lives, &calls, verdict, limit), expected, "{ids:?} {verdict} {limit:?}");
    }
}

#[test]
fn a_tie_at_the_limit_goes_by_its_id() {
    let lives: Vec<Life> = vec![vec![state(10, Word::Done)], vec![state(10, Word::Done)]];
    let (first, second) = (call(0, 10, Word::Done), call(1, 10, Word::Done));
    assert!(first.order_key() < second.order_key());
    assert_eq!(found(&lives, &[first], "complete", Some(1)), []);
    assert_eq!(found(&lives, &[second], "complete", Some(1)), [Breach::FalseLimit]);
}

#[test]
fn a_seed_decides_everything() {
    let traces: Vec<String> =
        (0..40).map(|seed| replay(seed, Switches::default()).trace.join("\n")).collect();
    let again: Vec<String> =
        (0..40).map(|seed| replay(seed, Switches::default()).trace.join("\n")).collect();
    assert_eq!(traces, again);
    let figures = |threads| run(0..300, threads, Switches::default()).to_string();
    assert_eq!(figures(1), figures(3));
}

/// Each kind of vendor, event, lie and answer is drawn often enough to matter.
#[test]
fn the_draws_cover_what_they_should() {
    let report = run(0..1_500, 2, Switches::default());
    assert_eq!(report.kinds.len(), super::Kind::ALL.len());
    let all = report.all();
    assert_eq!(all.histories, 1_500);
    assert!(all.honest > 500 && all.honest < 1_200, "{} honest", all.honest);
    let scenarios: Vec<String> = (0..1_500).map(|seed| Scenario::draw(seed).to_string()).collect();
    for word in [
        "SamePage",
        "IgnoresFilter",
        "IgnoresSize",
        "CapsSize",
        "Endless",
        "EmptyPage",
        "PageBefore",
        "TokenCircle",
        "TwiceOnPage",
        "WrongTotal",
        "lag",
        "poison",
        "Backdated",
        "OldestFirst",
        "permuted",
        "stable",
        "faults",
        "down from",
        "max_requests",
        "limit",
        " arrive ",
        "arrive late",
        "join tie",
        "delete near",
        "swap",
        "status near",
        "expire",
        "Coarse",
        "Unsent",
        "has_more",
        "last_page",
    ] {
        let times = scenarios.iter().filter(|line| line.contains(word)).count();
        assert!(times >= 4, "{word}: {times} times");
    }
}
