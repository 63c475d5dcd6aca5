//! What a change between two periods is made of: by hand, and recomputed in fractions.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod ratio;

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Call, Component, Cost, CostLine, Currency, Decimal, Money};
use callmux_costs::{Change, Dimension, Error, GroupChange, Period, Report};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ratio::Ratio;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn call(vendor: &str, amount: &str, talk: Option<u64>) -> Call {
    let mut call = Call::new(vendor, "main", "1");
    let (amount, currency) = amount.split_once(' ').unwrap_or((amount, "USD"));
    call.cost = Cost::reported(Money::new(decimal(amount), currency.parse().unwrap()));
    call.durations.talk = talk.map(Duration::from_secs);
    call
}

fn report(dimensions: &[Dimension], calls: &[Call]) -> Report {
    let mut report = Report::new(dimensions.iter().copied());
    for call in calls {
        report.add(call).unwrap();
    }
    report
}

fn change(dimensions: &[Dimension], before: &[Call], after: &[Call]) -> Change {
    Change::between(&report(dimensions, before), &report(dimensions, after)).unwrap()
}

fn parts(of: &GroupChange) -> [Decimal; 4] {
    [of.volume, of.length, of.price, of.untimed]
}

/// `key currency: change = volume + length + price + untimed`.
fn line(of: &GroupChange) -> String {
    let [volume, length, price, untimed] = parts(of);
    let GroupChange { key, currency, change, .. } = of;
    format!("{key} {currency}: {change} = {volume} + {length} + {price} + {untimed}")
}

fn lines(of: &[GroupChange]) -> Vec<String> {
    of.iter().map(line).collect()
}

#[test]
fn each_cause_of_a_change_is_told_apart() {
    type Calls<'a> = &'a [(&'a str, Option<u64>)];
    let cases: &[(&str, Calls<'_>, Calls<'_>, &str)] = &[
        ("nothing", &[("0.20", Some(120))], &[("0.20", Some(120))], "0 = 0 + 0 + 0 + 0"),
        (
            "more calls",
            &[("0.20", Some(120))],
            &[("0.20", Some(120)), ("0.20", Some(120)), ("0.20", Some(120))],
            "0.4 = 0.4 + 0 + 0 + 0",
        ),
        (
            "fewer calls",
            &[("0.20", Some(120)), ("0.20", Some(120))],
            &[("0.20", Some(120))],
            "-0.2 = -0.2 + 0 + 0 + 0",
        ),
        ("longer", &[("0.10", Some(60))], &[("0.30", Some(180))], "0.2 = 0 + 0.2 + 0 + 0"),
        ("shorter", &[("0.30", Some(180))], &[("0.10", Some(60))], "-0.2 = 0 + -0.2 + 0 + 0"),
        ("dearer", &[("0.10", Some(60))], &[("0.15", Some(60))], "0.05 = 0 + 0 + 0.05 + 0"),
        ("cheaper", &[("0.15", Some(60))], &[("0.10", Some(60))], "-0.05 = 0 + 0 + -0.05 + 0"),
        ("new", &[], &[("0.50", Some(60))], "0.5 = 0.5 + 0 + 0 + 0"),
        ("gone", &[("0.50", Some(60))], &[], "-0.5 = -0.5 + 0 + 0 + 0"),
        ("new, and without a length", &[], &[("0.50", None)], "0.5 = 0 + 0 + 0 + 0.5"),
        // Calls that did not talk have a length, which is 0: nothing says what a minute cost.
        (
            "no minutes before",
            &[("0.05", Some(0))],
            &[("0.20", Some(60)), ("0.20", Some(60))],
            "0.35 = 0.05 + 0 + 0.3 + 0",
        ),
        (
            "no minutes after",
            &[("0.20", Some(60))],
            &[("0.05", Some(0))],
            "-0.15 = 0 + -0.2 + 0.05 + 0",
        ),
        (
            "no minutes at all",
            &[("0.05", Some(0))],
            &[("0.06", Some(0)), ("0.06", Some(0))],
            "0.07 = 0.05 + 0 + 0.02 + 0",
        ),
        (
            "calls without a known talk time",
            &[("0.05", None), ("0.10", Some(60))],
            &[("0.07", None), ("0.08", None), ("0.10", Some(60))],
            "0.1 = 0 + 0 + 0 + 0.1",
        ),
        // A call cost a third before; what rounding leaves is in the price.
        (
            "thirds",
            &[("1", Some(60)), ("0", Some(60)), ("0", Some(60))],
            &[("1.30", Some(60)), ("0", Some(60)), ("0", Some(60)), ("0", Some(60))],
            "0.3 = 0.333333 + 0 + -0.033333 + 0",
        ),
        (
            "free before",
            &[("0", Some(60))],
            &[("0.10", Some(60)), ("0", Some(60))],
            "0.1 = 0 + 0 + 0.1 + 0",
        ),
        (
            "a refund",
            &[("-0.10", Some(60))],
            &[("-0.10", Some(60)), ("-0.10", Some(60))],
            "-0.1 = -0.1 + 0 + 0 + 0",
        ),
        (
            "all digits",
            &[("0.014204399999999999", Some(60))],
            &[("0.014204399999999998", Some(60))],
            "-0.000000000000000001 = 0 + 0 + -0.000000000000000001 + 0",
        ),
    ];
    for (name, before, after, expected) in cases {
        let calls = |of: Calls<'_>| -> Vec<Call> {
            of.iter().map(|(amount, talk)| call("a", amount, *talk)).collect()
        };
        let change = change(&[], &calls(before), &calls(after));
        assert_eq!(lines(&change.overall), [format!(" USD: {expected}")], "{name}");
        assert_eq!(lines(&change.groups), [format!(" USD: {expected}")], "{name}");
    }
}

#[test]
fn a_half_is_rounded_away_from_zero_however_its_digits_end() {
    // Three calls of a second each cost 1.0000001 before. 35 seconds in 20 calls are 15 more than they were, at a third of that:
    // 5.0000005, a half of the last digit, which is also the difference of two quotients that never end.
    let before = ["1.0000001", "0", "0"].map(|amount| call("a", amount, Some(1)));
    let after: Vec<Call> =
        (0..20).map(|index| call("a", "1", Some(if index < 15 { 2 } else { 1 }))).collect();
    let seconds: u64 = after.iter().map(|call| call.durations.talk.unwrap().as_secs()).sum();
    assert_eq!(seconds, 35);
    let longer = Ratio::text("1.0000001").times(Ratio::new(35 - 20, 3));
    assert_eq!(longer, Ratio::text("5.0000005"));
    let change = change(&[], &before, &after);
    assert_eq!(change.overall[0].length, decimal("5.000001"));
}

#[test]
fn a_group_that_is_new_or_gone_changed_by_volume_alone() {
    let before = [call("gone", "0.50", Some(60)), call("kept", "0.10", Some(60))];
    let after = [
        call("new", "0.75", Some(60)),
        call("kept", "0.10", Some(60)),
        call("kept", "0.30", Some(120)),
    ];
    let change = change(&[Dimension::Vendor], &before, &after);
    assert_eq!(
        lines(&change.groups),
        [
            "gone USD: -0.5 = -0.5 + 0 + 0 + 0",
            "kept USD: 0.3 = 0.1 + 0.1 + 0.1 + 0",
            "new USD: 0.75 = 0.75 + 0 + 0 + 0",
        ]
    );
    // The sums of the above, which is not what the sums of the calls would give.
    assert_eq!(lines(&change.overall), [" USD: 0.55 = 0.35 + 0.1 + 0.1 + 0"]);
}

#[test]
fn two_currencies_are_two_changes_and_never_one() {
    let before = [call("a", "1 USD", Some(60)), call("a", "5 EUR", Some(60))];
    let after = [call("a", "2 USD", Some(60)), call("b", "7 EUR", Some(60))];
    let change = change(&[Dimension::Vendor], &before, &after);
    assert_eq!(
        lines(&change.groups),
        ["a EUR: -5 = -5 + 0 + 0 + 0", "a USD: 1 = 0 + 0 + 1 + 0", "b EUR: 7 = 7 + 0 + 0 + 0",]
    );
    assert_eq!(lines(&change.overall), [" EUR: 2 = 2 + 0 + 0 + 0", " USD: 1 = 0 + 0 + 1 + 0"]);
    // Both calls are calls of the group, and one of them has a cost in the currency.
    let a = &change.groups[1];
    assert_eq!((a.before.calls, a.before.with_cost, a.before.without_cost), (2, 1, 0));
}

#[test]
fn by_component_each_component_has_a_change_of_its_own() {
    let bill = |total: &str, llm: &str, stt: &str, seconds: u64| {
        let mut call = call("a", total, Some(seconds));
        for (component, amount) in [(Component::Llm, llm), (Component::Stt, stt)] {
            let line = CostLine::new(component, "line", Money::usd(decimal(amount)));
            call.cost.lines.push(line);
        }
        call
    };
    let before = [bill("0.10", "0.04", "0.01", 60)];
    let after = [bill("0.30", "0.12", "0.02", 120), bill("0.10", "0.04", "0.01", 60)];
    let change = change(&[Dimension::Component], &before, &after);
    assert_eq!(
        lines(&change.groups),
        [
            // 0.04 for a call more, 0.04 for its minute more, and 0.12 for 3 minutes is the price as it was, and 0.04 more.
            "llm USD: 0.12 = 0.04 + 0.04 + 0.04 + 0",
            "stt USD: 0.02 = 0.01 + 0.01 + 0 + 0",
            "(none) USD: 0.16 = 0.05 + 0.05 + 0.06 + 0",
        ]
    );
    assert_eq!(lines(&change.overall), [" USD: 0.3 = 0.1 + 0.1 + 0.1 + 0"]);
    // A call is counted once, however many components it has.
    assert_eq!((change.overall[0].before.calls, change.overall[0].after.calls), (1, 2));
}

#[test]
fn what_is_not_known_is_no_part_of_a_change_and_is_counted() {
    let mut pending = call("a", "9", Some(600));
    pending.cost = Cost::pending();
    let mut zero = pending.clone();
    zero.cost.total = Some(Money::usd(Decimal::ZERO));
    let before = [call("a", "0.10", Some(60)), pending.clone()];
    let after = [call("a", "0.10", Some(60)), pending, zero];
    let change = change(&[], &before, &after);
    assert_eq!(lines(&change.overall), [" USD: 0 = 0 + 0 + 0 + 0"]);
    let (before, after) = (change.overall[0].before, change.overall[0].after);
    assert_eq!((before.calls, before.with_cost, before.without_cost), (2, 1, 1));
    assert_eq!((after.calls, after.with_cost, after.without_cost), (3, 1, 2));
    assert_eq!((after.seconds, after.total), (Duration::from_secs(60), Some(decimal("0.1"))));
    // Where neither side knows an amount, nothing is claimed, not even 0.
    let mut unknown = call("a", "9", None);
    unknown.cost = Cost::unavailable();
    let change = self::change(&[], &[unknown.clone()], &[unknown]);
    assert!(change.groups.is_empty() && change.overall.is_empty());
}

#[test]
fn a_change_in_json() {
    let before = [call("a", "0.10", Some(60))];
    let after = [call("a", "0.30", Some(90))];
    let change = serde_json::to_value(change(&[Dimension::Vendor], &before, &after)).unwrap();
    assert_eq!(
        change["groups"][0],
        serde_json::json!({
            "key": {"vendor": "a"},
            "currency": "USD",
            "before": {"calls": 1, "with_cost": 1, "without_cost": 0, "seconds": 60, "total": "0.1", "timed": 1, "timed_total": "0.1"},
            "after": {"calls": 1, "with_cost": 1, "without_cost": 0, "seconds": 90, "total": "0.3", "timed": 1, "timed_total": "0.3"},
            "change": "0.2", "volume": "0", "length": "0.05", "price": "0.15", "untimed": "0",
        })
    );
    assert_eq!(change["overall"][0]["key"], serde_json::json!({}));
}

#[test]
fn a_period_of_unknown_costs_has_no_total_and_one_without_calls_cost_nothing() {
    let mut unknown = call("a", "0.10", Some(60));
    unknown.cost = Cost::pending();
    let known = [call("a", "0.10", Some(60))];
    let of = |before: &[Call]| change(&[], before, &known).overall.remove(0);
    let pending = of(&[unknown]);
    assert_eq!((pending.before.total, pending.before.without_cost), (None, 1));
    assert_eq!(of(&[]).before.total, Some(Decimal::ZERO));
    // Only what is known is in the parts, either way.
    assert_eq!((pending.change, of(&[]).change), (decimal("0.1"), decimal("0.1")));
}

#[test]
fn reports_by_other_dimensions_have_no_change() {
    let refused = Change::between(&report(&[Dimension::Vendor], &[]), &report(&[], &[]));
    assert!(matches!(refused, Err(Error::DimensionsDiffer { .. })));
}

#[test]
fn what_cannot_be_held_is_refused_and_nothing_panics() {
    let largest = |amount: Decimal, talk| {
        let mut call = call("a", "0", talk);
        call.cost = Cost::reported(Money::usd(amount));
        report(&[], &[call])
    };
    for (before, after) in [(Decimal::MIN, Decimal::MAX), (Decimal::MAX, Decimal::MIN)] {
        for talk in [None, Some(0), Some(1), Some(u64::MAX)] {
            let refused = Change::between(&largest(before, talk), &largest(after, Some(60)));
            assert!(matches!(refused, Err(Error::Overflow { .. })), "{talk:?}");
        }
    }
}

/// A call of whole microdollars and milliseconds, so that fractions of it fit.
fn calls() -> impl Strategy<Value = Vec<Call>> {
    let talk = prop_oneof![
        1 => Just(None),
        1 => Just(Some(0u64)),
        6 => (1u64..2000).prop_map(|tenths| Some(tenths * 100)),
    ];
    let one = (
        select(vec!["a", "b", "c"]),
        select(vec![Currency::USD, Currency::USD, Currency::EUR]),
        -2_000i64..500_000,
        0u32..=6,
        talk,
        prop::bool::weighted(0.85),
    );
    let one = one.prop_map(|(vendor, currency, digits, scale, talk, is_known)| {
        let mut call = Call::new(vendor, "main", "1");
        call.durations.talk = talk.map(Duration::from_millis);
        if is_known {
            call.cost = Cost::reported(Money::new(Decimal::new(digits, scale), currency));
        }
        call
    });
    vec(one, 0..12)
}

/// Calls of one group and currency, as the doc comment of [`Change`] speaks of them.
#[derive(Clone, Copy, Debug)]
struct Sums {
    total: Ratio,
    timed: u64,
    timed_total: Ratio,
    minutes: Ratio,
}

fn sums(calls: &[Call]) -> BTreeMap<(String, Currency), Sums> {
    let mut all = BTreeMap::new();
    for call in calls {
        let Some(total) = call.cost.known_total() else { continue };
        let nothing =
            Sums { total: Ratio::ZERO, timed: 0, timed_total: Ratio::ZERO, minutes: Ratio::ZERO };
        let of = all.entry((call.vendor.to_string(), total.currency)).or_insert(nothing);
        let amount = Ratio::of(total.amount);
        of.total = of.total.plus(amount);
        if let Some(talk) = call.durations.talk {
            of.timed += 1;
            of.timed_total = of.timed_total.plus(amount);
            of.minutes = of.minutes.plus(Ratio::seconds(talk).over(Ratio::count(60)));
        }
    }
    all
}

/// Volume, length and untimed, from their definitions; the price is what remains.
fn by_definition(before: Option<&Sums>, after: Option<&Sums>) -> [Decimal; 3] {
    let amount = |of: Option<&Sums>, amount: fn(&Sums) -> Ratio| of.map_or(Ratio::ZERO, amount);
    let untimed = |of| amount(of, |sums| sums.total.less(sums.timed_total));
    let untimed = untimed(after).less(untimed(before)).six_places();
    let timed = |of: Option<&Sums>| amount(of, |sums| sums.timed_total);
    let [calls_before, calls_after] = [before, after].map(|of| of.map_or(0, |sums| sums.timed));
    if calls_before == 0 || calls_after == 0 {
        return [timed(after).less(timed(before)).six_places(), Decimal::ZERO, untimed];
    }
    let (before, after) = (before.unwrap(), after.unwrap());
    let (calls_before, calls_after) = (Ratio::count(calls_before), Ratio::count(calls_after));
    let cost_of_a_call = before.timed_total.over(calls_before);
    let volume = calls_after.less(calls_before).times(cost_of_a_call);
    let length = if before.minutes.is_zero() {
        Ratio::ZERO
    } else {
        let longer = after.minutes.over(calls_after).less(before.minutes.over(calls_before));
        calls_after.times(longer).times(before.timed_total.over(before.minutes))
    };
    [volume.six_places(), length.six_places(), untimed]
}

proptest! {
    #[test]
    fn parts_are_what_their_definitions_give(before in calls(), after in calls()) {
        let change = change(&[Dimension::Vendor], &before, &after);
        let (before, after) = (sums(&before), sums(&after));
        let mut keys: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(change.groups.len(), keys.len());
        for (key, of) in keys.iter().zip(&change.groups) {
            prop_assert_eq!((of.key.value(Dimension::Vendor), of.currency), (Some(key.0.as_str()), key.1));
            let expected = by_definition(before.get(key), after.get(key));
            prop_assert_eq!([of.volume, of.length, of.untimed], expected, "{:?}", key);
        }
    }

    #[test]
    fn parts_sum_to_the_change_to_the_last_digit(before in calls(), after in calls()) {
        for dimensions in [&[][..], &[Dimension::Vendor]] {
            let change = change(dimensions, &before, &after);
            for of in change.groups.iter().chain(&change.overall) {
                // What is not known of a period is in no part.
                let total = |period: Period| period.total.map_or(Ratio::ZERO, Ratio::of);
                let sum = Ratio::sum(parts(of).map(Ratio::of));
                prop_assert_eq!(sum, Ratio::of(of.change));
                prop_assert_eq!(sum, total(of.after).less(total(of.before)));
            }
        }
    }

    #[test]
    fn the_overall_parts_are_the_sums_of_the_groups(before in calls(), after in calls()) {
        let change = change(&[Dimension::Vendor], &before, &after);
        let mut currencies: Vec<Currency> = change.groups.iter().map(|of| of.currency).collect();
        currencies.sort();
        currencies.dedup();
        let overall: Vec<Currency> = change.overall.iter().map(|of| of.currency).collect();
        prop_assert_eq!(overall, currencies);
        for of in &change.overall {
            let groups: Vec<_> =
                change.groups.iter().filter(|group| group.currency == of.currency).collect();
            for part in 0..4 {
                let sum = Ratio::sum(groups.iter().map(|group| Ratio::of(parts(group)[part])));
                prop_assert_eq!(sum, Ratio::of(parts(of)[part]));
            }
            let sum = |figure: fn(&GroupChange) -> u64| groups.iter().map(|of| figure(of)).sum::<u64>();
            prop_assert_eq!(sum(|of| of.before.with_cost), of.before.with_cost);
            prop_assert_eq!(sum(|of| of.after.with_cost), of.after.with_cost);
            // Calls of a group without an amount in the currency are calls of the whole.
            prop_assert!(sum(|of| of.after.calls) <= of.after.calls);
        }
    }

    #[test]
    fn the_order_of_calls_does_not_matter(
        (before, shuffled) in calls().prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle())),
        after in calls(),
    ) {
        let text = |before: &[Call]| {
            serde_json::to_string(&change(&[Dimension::Vendor], before, &after)).unwrap()
        };
        prop_assert_eq!(text(&before), text(&shuffled));
    }

    /// Volume, length and price are counted in the earlier calls and prices, and are others the other way round.
    #[test]
    fn the_other_way_round_the_change_is_negated(before in calls(), after in calls()) {
        let there = change(&[Dimension::Vendor], &before, &after);
        let back = change(&[Dimension::Vendor], &after, &before);
        prop_assert_eq!(there.groups.len(), back.groups.len());
        let all = |of: &Change| [of.groups.clone(), of.overall.clone()].concat();
        for (there, back) in all(&there).iter().zip(&all(&back)) {
            prop_assert_eq!((&there.key, there.currency), (&back.key, back.currency));
            prop_assert_eq!((there.before, there.after), (back.after, back.before));
            prop_assert_eq!(there.change, -back.change);
            prop_assert_eq!(there.untimed, -back.untimed);
        }
    }

    #[test]
    fn no_change_is_written_as_minus_nothing(before in calls(), after in calls()) {
        let text = serde_json::to_string(&change(&[], &before, &after)).unwrap();
        prop_assert!(!text.contains("\"-0\""), "{}", text);
    }
}
