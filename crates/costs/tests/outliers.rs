//! Calls that stand out, are stuck or were never billed: found, named and counted, and no others.

#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod ratio;

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{
    Call, CallStatus, Cost, CostState, Currency, Decimal, Money, Speaker, Transcript, Turn,
};
use callmux_costs::{Dimension, Error, Measure, NAMED, Outliers, OverdueCalls, Standout, Watch};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use ratio::Ratio;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> Option<DateTime<Utc>> {
    Some(now() - TimeDelta::seconds(seconds))
}

const DAY: i64 = 86_400;

fn call(id: impl ToString, seconds: u64, amount: &str) -> Call {
    let mut call = Call::new("a", "main", id.to_string());
    call.status = CallStatus::Completed.into();
    call.placed_at = ago(60);
    call.durations.talk = Some(Duration::from_secs(seconds));
    call.cost = Cost::reported(Money::usd(decimal(amount)));
    call
}

fn watch<'a>(dimensions: &[Dimension], calls: impl IntoIterator<Item = &'a Call>) -> Watch {
    let mut watch = Watch::new(dimensions.iter().copied(), now());
    calls.into_iter().for_each(|call| watch.add(call));
    watch
}

fn outliers(calls: &[Call]) -> Outliers {
    watch(&[], calls).outliers().unwrap()
}

const PER_MINUTE: Measure = Measure::CostPerMinute(Currency::USD);

fn standout(calls: &[Call], measure: Measure) -> Option<Standout> {
    outliers(calls).groups.into_iter().find(|group| group.measure == measure)
}

fn ids(of: &Standout) -> Vec<String> {
    of.farthest.iter().map(|outlier| format!("{}: {}", outlier.call.id, outlier.value)).collect()
}

fn text(watch: &Watch) -> String {
    serde_json::to_string(&watch.outliers().unwrap()).unwrap()
}

/// Forty calls of one to forty minutes, at a dime a minute and a little more for each.
fn usual() -> Vec<Call> {
    (1..=40)
        .map(|index| {
            call(index, index * 60, &format!("{}.{:03}", index / 10, index % 10 * 100 + index))
        })
        .collect()
}

#[test]
fn planted_outliers_are_found_named_and_counted() {
    let mut calls = usual();
    let none = standout(&calls, PER_MINUTE).unwrap();
    assert_eq!((none.calls, none.beyond, ids(&none).len()), (40, 0, 0));
    assert_eq!(
        (none.median, none.low, none.high),
        (decimal("0.101"), Some(decimal("0.0505")), decimal("0.1515"))
    );
    calls.push(call("dear", 120, "2"));
    calls.push(call("dearest", 60, "7.77"));
    calls.push(call("free", 60, "0"));
    // Shorter than a minute: dear by the minute wherever a started minute is charged whole.
    calls.push(call("short", 59, "50"));
    let found = standout(&calls, PER_MINUTE).unwrap();
    assert_eq!((found.calls, found.beyond), (43, 3));
    assert_eq!(ids(&found), ["dearest: 7.77", "dear: 1", "free: 0"]);
    assert_eq!((found.currency, found.exact), (Some(Currency::USD), true));

    // By length none of them stands out, and one of eight hours does.
    assert_eq!(standout(&calls, Measure::Length).unwrap().beyond, 0);
    calls.push(call("endless", 8 * 3600, "48"));
    let found = standout(&calls, Measure::Length).unwrap();
    assert_eq!((ids(&found), found.low), (vec!["endless: 28800".to_owned()], None));
}

#[test]
fn fewer_than_twenty_calls_have_no_fence() {
    let calls = |count: usize| usual().into_iter().take(count).collect::<Vec<_>>();
    assert_eq!(standout(&calls(19), PER_MINUTE), None);
    assert!(standout(&calls(20), PER_MINUTE).is_some());
    // Calls that cannot be measured are none of the twenty.
    let mut twenty = calls(20);
    twenty[0].cost = Cost::pending();
    twenty[0].cost.total = Some(Money::usd(decimal("0.1")));
    assert_eq!(standout(&twenty, PER_MINUTE), None);
    assert!(standout(&twenty, Measure::Length).is_some());
    twenty[1].durations.talk = Some(Duration::ZERO);
    assert_eq!(standout(&twenty, Measure::Length), None);
}

#[test]
fn a_call_at_the_fence_does_not_stand_out() {
    // Quartiles of 0.1: half of that beyond is 0.15 and 0.05.
    let mut calls: Vec<Call> = (0..60).map(|index| call(index, 60, "0.1")).collect();
    calls.extend([call("at", 60, "0.15"), call("low", 60, "0.05")]);
    assert_eq!(standout(&calls, PER_MINUTE).unwrap().beyond, 0);
    calls.extend([call("over", 60, "0.150001"), call("under", 60, "0.049999")]);
    let found = standout(&calls, PER_MINUTE).unwrap();
    assert_eq!(ids(&found), ["over: 0.150001", "under: 0.049999"]);
}

#[test]
fn a_refund_stands_out_where_prices_are_far_apart_too() {
    // Quartiles of 0.1 and 0.3: far below is −0.5, and only what is paid back can be there.
    let mut calls: Vec<Call> =
        (0..40).map(|index| call(index, 60, if index % 2 == 0 { "0.1" } else { "0.3" })).collect();
    let none = standout(&calls, PER_MINUTE).unwrap();
    assert_eq!((none.low, none.beyond), (None, 0));
    calls.push(call("back", 60, "-0.4"));
    assert_eq!(standout(&calls, PER_MINUTE).unwrap().beyond, 0);
    calls.push(call("far back", 60, "-9"));
    let found = standout(&calls, PER_MINUTE).unwrap();
    assert_eq!((found.low, ids(&found)), (Some(decimal("-0.5")), vec!["far back: -9".to_owned()]));
}

#[test]
fn all_that_are_beyond_are_counted_though_only_some_are_named() {
    let mut calls: Vec<Call> =
        (0..200).map(|index| call(format!("usual {index}"), 60, "0.1")).collect();
    calls.extend((1..=25).map(|index| call(format!("dear {index:02}"), 60, &format!("{index}"))));
    // Of equal ones, those with the least keys.
    calls.extend((1..=23).map(|index| call(format!("free {index:02}"), 60, "0")));
    let found = standout(&calls, PER_MINUTE).unwrap();
    assert_eq!((found.beyond, found.calls), (48, 248));
    let dear = (6..=25).rev().map(|index| format!("dear {index:02}: {index}"));
    let free = (1..=20).map(|index| format!("free {index:02}: 0"));
    assert_eq!(ids(&found), dear.chain(free).collect::<Vec<_>>());
    assert_eq!(found.farthest.len(), 2 * NAMED);
}

#[test]
fn each_group_and_currency_has_a_fence_of_its_own() {
    let mut calls = Vec::new();
    for (vendor, currency, amount) in
        [("a", Currency::USD, "0.1"), ("a", Currency::EUR, "5"), ("b", Currency::USD, "9")]
    {
        for index in 0..20 {
            let mut call = call(index, 60, amount);
            call.vendor = vendor.into();
            call.cost.total = Some(Money::new(decimal(amount), currency));
            calls.push(call);
        }
    }
    let found = watch(&[Dimension::Vendor], &calls).outliers().unwrap();
    let shown: Vec<String> = found
        .groups
        .iter()
        .map(|of| format!("{} by {}: {} of {}", of.key, of.measure, of.beyond, of.calls))
        .collect();
    assert_eq!(
        shown,
        [
            "a by cost per minute, EUR: 0 of 20",
            "a by cost per minute, USD: 0 of 20",
            "a by length, seconds: 0 of 40",
            "b by cost per minute, USD: 0 of 20",
            "b by length, seconds: 0 of 20",
        ]
    );
    // By component a call would be several: it is one here.
    let undivided = watch(&[Dimension::Component, Dimension::Vendor, Dimension::Model], &calls);
    assert_eq!(text(&undivided), text(&watch(&[Dimension::Vendor], &calls)));
}

fn silence(turns: &[Option<i64>], ended: Option<i64>) -> Option<Decimal> {
    let at = |seconds: i64| now() + TimeDelta::seconds(seconds);
    let of = |id: usize| {
        let turn = |second: &Option<i64>| Turn::new(Speaker::Customer, "…", second.map(at));
        let mut call = Call::new("a", "main", id.to_string());
        call.transcript = Some(Transcript::Turns(turns.iter().map(turn).collect()));
        call.times.ended = ended.map(at);
        call
    };
    let calls: Vec<Call> = (0..20).map(of).collect();
    standout(&calls, Measure::Silence).map(|of| of.median)
}

#[test]
fn silence_is_the_longest_time_in_which_nobody_began_to_speak() {
    let of = |turns: &[i64], ended| {
        let turns: Vec<Option<i64>> = turns.iter().copied().map(Some).collect();
        silence(&turns, ended).map(|longest| longest.to_string())
    };
    assert_eq!(of(&[0, 5, 25, 27], None).as_deref(), Some("20"));
    assert_eq!(of(&[0, 5, 25, 27], Some(30)).as_deref(), Some("20"));
    assert_eq!(of(&[0, 5, 25, 27], Some(87)).as_deref(), Some("60"));
    // Turns may come in any order, and an end before the last of them is none.
    assert_eq!(of(&[27, 0, 25, 5], Some(26)).as_deref(), Some("20"));
    assert_eq!(of(&[3], Some(10)).as_deref(), Some("7"));
    assert_eq!(of(&[3, 3], Some(3)).as_deref(), Some("0"));
    // Nothing is made of nothing: one turn, no turn, no time.
    assert_eq!(of(&[3], None), None);
    assert_eq!(of(&[3], Some(3)), None);
    assert_eq!(of(&[], Some(10)), None);
    assert_eq!(silence(&[None, Some(1), None], Some(9)), Some(decimal("8")));
    assert_eq!(silence(&[None, None], Some(9)), None);
    let extreme = |at: DateTime<Utc>| (at - now()).num_seconds();
    let ends = [Some(extreme(DateTime::<Utc>::MIN_UTC)), Some(0)];
    assert!(silence(&ends, None).is_some());
}

#[test]
fn a_transcript_without_turns_says_nothing_of_silence() {
    let calls: Vec<Call> = (0..20)
        .map(|index| {
            let mut call = call(index, 60, "0.1");
            call.transcript = Some(Transcript::Text("…".into()));
            call.times.ended = ago(0);
            call
        })
        .collect();
    assert_eq!(standout(&calls, Measure::Silence), None);
}

fn overdue(call: Call) -> (u64, u64) {
    let found = outliers(&[call]);
    (found.stuck.calls, found.unbilled.calls)
}

#[test]
fn what_is_stuck_and_what_is_unbilled() {
    let live = [
        CallStatus::Scheduled,
        CallStatus::Queued,
        CallStatus::Ringing,
        CallStatus::InProgress,
        CallStatus::Finishing,
    ];
    for &status in CallStatus::ALL {
        for &state in CostState::ALL {
            let of = |since: Option<DateTime<Utc>>| {
                let mut call = call(1, 60, "1");
                call.status = status.into();
                call.cost = Cost::unavailable();
                call.cost.state = state;
                call.placed_at = since;
                overdue(call)
            };
            let is_stuck = live.contains(&status);
            let is_unbilled = !is_stuck
                && status != CallStatus::Unknown
                && [CostState::Pending, CostState::Unavailable].contains(&state);
            let expected = (u64::from(is_stuck), u64::from(is_unbilled));
            assert_eq!(of(ago(DAY + 1)), expected, "{status} {state}");
            // A day to the second is not more than a day; a call of no time is none of a day ago.
            for since in [ago(DAY), ago(0), ago(-DAY), None] {
                assert_eq!(of(since), (0, 0), "{status} {state}");
            }
            assert_eq!(of(Some(now() - TimeDelta::days(1) - TimeDelta::nanoseconds(1))), expected);
            assert_eq!(of(Some(DateTime::<Utc>::MIN_UTC)), expected);
            assert_eq!(of(Some(DateTime::<Utc>::MAX_UTC)), (0, 0));
        }
    }
}

#[test]
fn what_is_scheduled_for_later_is_not_late() {
    let of = |placed: Option<DateTime<Utc>>, scheduled: Option<DateTime<Utc>>| {
        let mut call = call(1, 60, "1");
        call.status = CallStatus::Scheduled.into();
        call.placed_at = placed;
        call.times.scheduled = scheduled;
        overdue(call).0
    };
    assert_eq!(of(ago(30 * DAY), None), 1);
    assert_eq!(of(ago(30 * DAY), ago(-DAY)), 0);
    assert_eq!(of(ago(30 * DAY), ago(DAY)), 0);
    assert_eq!(of(ago(30 * DAY), ago(DAY + 1)), 1);
    assert_eq!(of(None, ago(DAY + 1)), 1);
    assert_eq!(of(ago(DAY), ago(30 * DAY)), 0);
}

#[test]
fn the_oldest_overdue_calls_are_named_and_all_are_counted() {
    let calls: Vec<Call> = (0..50)
        .map(|index| {
            let mut call = call(index, 60, "1");
            call.status = CallStatus::InProgress.into();
            call.placed_at = ago(DAY + 100 + (index * 37) % 50);
            call
        })
        .collect();
    let OverdueCalls { calls: count, oldest, .. } = outliers(&calls).stuck;
    assert_eq!(count, 50);
    let mut expected: Vec<_> =
        calls.iter().map(|call| (call.placed_at, call.id.to_string())).collect();
    expected.sort();
    let shown: Vec<_> = oldest.iter().map(|call| (call.placed_at, call.id.to_string())).collect();
    assert_eq!(shown, expected[..NAMED]);
}

#[test]
fn hostile_ids_are_named_as_they_came() {
    let hostile =
        ["", "\u{0}", "\u{1b}[31m", "</script>", "\"},{\"id\":\"", "\u{202e}", "=cmd()", "💥"];
    let mut calls: Vec<Call> = (0..40).map(|index| call(index, 60, "0.1")).collect();
    for (index, id) in hostile.into_iter().enumerate() {
        calls.push(call(id, 60, &format!("{}", 100 - index)));
    }
    // Longer than any id has a right to be.
    let long = "x".repeat(100_000);
    calls.push(call(&long, 60, "1"));
    let found = standout(&calls, PER_MINUTE).unwrap();
    let shown: Vec<&str> = found.farthest.iter().map(|outlier| outlier.call.id.as_str()).collect();
    assert_eq!(shown[..8], hostile);
    assert_eq!((shown[8], found.beyond), (long.as_str(), 9));
    // Read back from JSON they are what they were, and no row more.
    let json: serde_json::Value = serde_json::from_str(&text(&watch(&[], &calls))).unwrap();
    let named = json["groups"][0]["farthest"].as_array().unwrap();
    let read: Vec<&str> = named.iter().map(|of| of["id"].as_str().unwrap()).collect();
    assert_eq!(read, shown);
}

#[test]
fn the_largest_amounts_and_times_neither_panic_nor_hide_what_stands_out() {
    let largest = Decimal::MAX / Decimal::from(60);
    let mut calls: Vec<Call> = (0..40).map(|index| call(index, 60, "0.1")).collect();
    for (id, amount) in [("most", largest), ("least", -largest), ("not held", Decimal::MAX)] {
        let mut call = call(id, 60, "0");
        call.cost.total = Some(Money::usd(amount));
        calls.push(call);
    }
    // A rate that no decimal holds is no rate.
    let found = standout(&calls, PER_MINUTE).unwrap();
    assert_eq!((found.calls, found.beyond), (42, 2));
    let named: Vec<&str> = found.farthest.iter().map(|of| of.call.id.as_str()).collect();
    assert_eq!(named, ["most", "least"]);
    let apart: Vec<Call> = (0..20).map(|index| calls[40 + index % 2].clone()).collect();
    assert_eq!(standout(&apart, PER_MINUTE).unwrap().beyond, 0);
    let mut other = watch(&[Dimension::Vendor], &[]);
    assert!(matches!(other.merge(&watch(&[], &calls)), Err(Error::DimensionsDiffer { .. })));
    for talk in [Duration::MAX, Duration::from_nanos(1)] {
        let mut call = call(1, 60, "1");
        call.durations.talk = Some(talk);
        call.cost.total = Some(Money::usd(Decimal::MAX));
        let _ = outliers(&vec![call; 20]);
    }
}

#[test]
fn more_different_values_than_are_kept_are_still_all_counted_whatever_the_order() {
    let calls: Vec<Call> = (0u64..35_000)
        .map(|index| {
            let mut call = call(index, 60, "0.1");
            call.durations.talk = Some(Duration::from_millis(60_000 + index));
            call.cost.total = Some(Money::usd(Decimal::new(100_000 + 10 * index as i64, 6)));
            call
        })
        .chain(
            (0..30).map(|index| call(format!("planted {index}"), 60, &format!("{}", 50 + index))),
        )
        .collect();
    let whole = watch(&[], &calls);
    let found = whole.outliers().unwrap();
    let rates = found.groups.iter().find(|of| of.measure == PER_MINUTE).unwrap();
    assert!(!rates.exact);
    assert_eq!((rates.beyond, rates.calls), (30, 35_030));
    assert_eq!(rates.farthest[0].call.id.as_str(), "planted 29");
    assert_eq!(text(&watch(&[], calls.iter().rev())), text(&whole));
    for cut in [10, 20_000, 34_990] {
        let mut merged = watch(&[], &calls[cut..]);
        merged.merge(&watch(&[], &calls[..cut])).unwrap();
        assert_eq!(text(&merged), text(&whole), "{cut}");
    }
}

/// The values of each measure by their definitions.
fn measured(calls: &[Call]) -> BTreeMap<Measure, Vec<(Ratio, String)>> {
    let mut all: BTreeMap<Measure, Vec<(Ratio, String)>> = BTreeMap::new();
    for call in calls {
        let Some(talk) = call.durations.talk.map(Ratio::seconds).filter(|talk| !talk.is_zero())
        else {
            continue;
        };
        let id = call.id.to_string();
        all.entry(Measure::Length).or_default().push((talk, id.clone()));
        if let Some(total) = call.cost.known_total().filter(|_| talk >= Ratio::count(60)) {
            let rate = Ratio::of(total.amount).times(Ratio::count(60)).over(talk);
            let rate = Ratio::of(rate.six_places());
            all.entry(Measure::CostPerMinute(total.currency)).or_default().push((rate, id));
        }
    }
    all
}

/// What stands out, by sorting: the median, the fences and the calls beyond them, the farthest first.
fn by_sorting(
    values: &[(Ratio, String)],
    is_two_sided: bool,
) -> (Decimal, Decimal, Vec<String>, u64) {
    let mut sorted: Vec<Ratio> = values.iter().map(|(value, _)| *value).collect();
    sorted.sort();
    let rank = |part: usize, whole: usize| sorted[(sorted.len() * part).div_ceil(whole) - 1];
    let (lower, median, upper) = (rank(1, 4), rank(1, 2), rank(3, 4));
    let half = |of: Ratio| of.over(Ratio::count(2));
    let far = upper.less(lower).times(Ratio::count(3));
    let high = Ratio::of(upper.plus(far.max(half(upper))).six_places());
    let low = Ratio::of(lower.less(far.max(half(lower))).six_places());
    let mut above: Vec<_> = values.iter().filter(|(value, _)| *value > high).collect();
    above.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let mut below: Vec<_> =
        values.iter().filter(|(value, _)| is_two_sided && *value < low).collect();
    below.sort();
    let beyond = (above.len() + below.len()) as u64;
    let named = above.iter().take(NAMED).chain(below.iter().take(NAMED));
    let named = named.map(|(_, id)| id.clone()).collect();
    (median.six_places(), high.six_places(), named, beyond)
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let amount = prop_oneof![20 => 80_000i64..120_000, 2 => 0i64..10_000_000, 1 => -500_000i64..0];
    let talk = prop_oneof![10 => 60u64..300, 1 => 0u64..60, 1 => 300u64..20_000];
    let one = (amount, option::weighted(0.95, talk), 0u32..20, select(CallStatus::ALL), 0i64..4);
    vec(one, 0..150).prop_map(|calls| {
        let call = |(index, (amount, talk, kind, status, days)): (
            usize,
            (i64, Option<u64>, u32, CallStatus, i64),
        )| {
            let mut call = call(format!("{index:03}"), 0, "0");
            call.durations.talk = talk.map(Duration::from_secs);
            let currency = if kind == 0 { Currency::EUR } else { Currency::USD };
            call.cost.total = Some(Money::new(Decimal::new(amount, 6), currency));
            if kind == 1 {
                call.cost.state = CostState::Pending;
            }
            call.status = status.into();
            call.placed_at = ago(days * DAY);
            call
        };
        calls.into_iter().enumerate().map(call).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn fences_and_what_is_beyond_them_are_what_sorting_gives(calls in calls()) {
        // One time for all, so that equal values come by their ids.
        let calls: Vec<Call> = calls.into_iter().map(|mut call| { call.placed_at = ago(0); call }).collect();
        let found = outliers(&calls);
        let expected: BTreeMap<_, _> =
            measured(&calls).into_iter().filter(|(_, values)| values.len() >= 20).collect();
        let shown: Vec<Measure> = found.groups.iter().map(|of| of.measure).collect();
        prop_assert_eq!(shown, expected.keys().copied().collect::<Vec<_>>());
        for of in &found.groups {
            let is_cost = of.measure.currency().is_some();
            let values = &expected[&of.measure];
            let (median, high, named, beyond) = by_sorting(values, is_cost);
            prop_assert_eq!((of.median, of.high, of.calls), (median, high, values.len() as u64));
            let ids: Vec<String> = of.farthest.iter().map(|outlier| outlier.call.id.to_string()).collect();
            prop_assert_eq!(ids, named);
            prop_assert_eq!(of.beyond, beyond);
            prop_assert!(of.exact);
        }
    }

    #[test]
    fn neither_order_nor_windows_change_a_character(
        (calls, shuffled) in calls().prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle())),
        cut in 0usize..150,
        by in select(vec![None, Some(Dimension::Status), Some(Dimension::Day)]),
    ) {
        let dimensions: Vec<Dimension> = by.into_iter().collect();
        let whole = text(&watch(&dimensions, &calls));
        prop_assert_eq!(&text(&watch(&dimensions, &shuffled)), &whole);
        let (one, other) = shuffled.split_at(cut.min(calls.len()));
        let mut merged = watch(&dimensions, other);
        merged.merge(&watch(&dimensions, one)).unwrap();
        prop_assert_eq!(&text(&merged), &whole);
    }
}
