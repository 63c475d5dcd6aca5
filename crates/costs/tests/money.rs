//! The faults that public code shows, held against every figure of a report; and what holds of money at any size.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod ratio;

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{
    Call, CallStatus, Component, Cost, CostLine, CostState, Credits, Currency, Decimal, Money,
    Named, decimal_from_json,
};
use callmux_costs::{Converter, Dimension, Error, Group, Rate, Report, Zone};
use chrono::DateTime;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use ratio::Ratio;
use serde_json::{Value, json};

fn decimal(text: &str) -> Decimal {
    decimal_from_json(text).unwrap()
}

/// A completed call of a minute, of which one line is itemised.
fn call(total: &str, llm: &str) -> Call {
    let mut call = Call::new("a", "main", "1");
    call.status = CallStatus::Completed.into();
    call.durations.talk = Some(Duration::from_secs(60));
    call.cost = Cost::reported(Money::usd(decimal(total)));
    call.cost.lines.push(CostLine::new(Component::Llm, "llm", Money::usd(decimal(llm))));
    call
}

fn report<'a>(dimensions: &[Dimension], calls: impl IntoIterator<Item = &'a Call>) -> Report {
    let mut report = Report::new(dimensions.iter().copied());
    calls.into_iter().for_each(|call| report.add(call).unwrap());
    report
}

fn overall(calls: &[Call]) -> Group {
    report(&[], calls).overall().unwrap()
}

fn json_of(calls: &[Call]) -> Value {
    serde_json::to_value(overall(calls)).unwrap()
}

/// Every amount of money in a group's JSON, by where it is. They are strings, each of them.
fn amounts(group: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let lists = [
        "totals",
        "per_minute",
        "per_connected",
        "per_completed",
        "components",
        "unattributed",
        "outside_total",
    ];
    for list in lists {
        for entry in group[list].as_array().into_iter().flatten() {
            let of = entry["component"].as_str().unwrap_or_default();
            all.insert(
                format!("{list} {of}").trim().to_owned(),
                entry["amount"].as_str().unwrap().to_owned(),
            );
        }
    }
    for (list, figures) in
        [("quantiles", &["min", "median", "p95", "max"][..]), ("bounds", &["at_least", "at_most"])]
    {
        for entry in group[list].as_array().into_iter().flatten() {
            for figure in figures {
                all.insert(format!("{list} {figure}"), entry[figure].as_str().unwrap().to_owned());
            }
        }
    }
    all
}

fn same(amount: &str) -> BTreeMap<String, String> {
    [
        "totals",
        "per_minute",
        "per_connected",
        "per_completed",
        "quantiles min",
        "quantiles median",
        "quantiles p95",
        "quantiles max",
        "bounds at_least",
        "bounds at_most",
        "components llm",
    ]
    .map(|figure| (figure.to_owned(), amount.to_owned()))
    .into_iter()
    .chain([("unattributed".to_owned(), "0".to_owned())])
    .collect()
}

#[test]
fn cents_are_not_dollars_in_any_figure() {
    // One call of a minute, all of it itemised: every figure of it is its amount, and no other.
    for amount in ["7", "0.07", "700", "0.0007", "1234567.89"] {
        assert_eq!(amounts(&json_of(&[call(amount, amount)])), same(amount));
    }
}

#[test]
fn amounts_below_a_cent_are_rounded_in_no_figure() {
    // A thousand calls that whole cents would make 0, or 10 dollars.
    let calls = vec![call("0.0042", "0.0042"); 1000];
    let mut expected = same("0.0042");
    for figure in ["totals", "bounds at_least", "bounds at_most", "components llm"] {
        expected.insert(figure.to_owned(), "4.2".to_owned());
    }
    assert_eq!(amounts(&json_of(&calls)), expected);
    // A rate is a quotient, and has six places.
    let mut third = call("0.01", "0.0033333333333333333333");
    third.durations.talk = Some(Duration::from_secs(180));
    let figures = amounts(&json_of(&[third]));
    assert_eq!(figures["per_minute"], "0.003333");
    assert_eq!(figures["components llm"], "0.0033333333333333333333");
    assert_eq!(figures["unattributed"], "0.0066666666666666666667");
}

#[test]
fn every_digit_survives_into_every_sum() {
    // Digits that a binary fraction of 64 bits would lose, and those of a float's own text.
    let texts =
        ["0.014204399999999999", "0.30000000000000004", "4.2e-7", "123456789.123456789012345"];
    let calls: Vec<Call> = texts.iter().map(|text| call(text, text)).collect();
    let sum = Ratio::sum(texts.iter().map(|text| Ratio::of(decimal(text))));
    let figures = amounts(&json_of(&calls));
    for figure in ["totals", "bounds at_least", "bounds at_most", "components llm"] {
        assert_eq!(Ratio::text(&figures[figure]), sum, "{figure}");
    }
    assert_eq!(figures["totals"], "123456789.437661609012345039");
    for (figure, text) in [
        ("quantiles min", "0.00000042"),
        ("quantiles median", "0.014204399999999999"),
        ("quantiles max", "123456789.123456789012345"),
    ] {
        assert_eq!(figures[figure], text);
    }
    // By component, each amount is in a group of its own, to the last digit too.
    let by_component = report(&[Dimension::Component], &calls).groups().unwrap();
    let of = serde_json::to_value(&by_component[0]).unwrap();
    assert_eq!(amounts(&of)["totals"], figures["totals"]);
}

#[test]
fn what_is_missing_is_0_in_no_figure() {
    let missing = |state: CostState, total: Option<&str>| {
        let mut missing = call("1", "1");
        missing.cost = Cost::unavailable();
        missing.cost.state = state;
        missing.cost.total = total.map(|total| Money::usd(decimal(total)));
        // A line of a bill that is being made is no amount either.
        missing.cost.lines = vec![CostLine::new(Component::Llm, "llm", Money::usd(decimal("0")))];
        missing
    };
    let known = vec![call("0.30", "0.30"); 3];
    let expected = amounts(&json_of(&known));
    for (state, total) in [
        (CostState::Pending, None),
        (CostState::Pending, Some("0")),
        (CostState::Unavailable, None),
        (CostState::Unavailable, Some("0")),
        (CostState::BilledElsewhere, None),
        (CostState::BilledElsewhere, Some("0")),
        // Known, and yet without a readable amount.
        (CostState::Reported, None),
        (CostState::Final, None),
    ] {
        let calls = [known.clone(), vec![missing(state, total); 2]].concat();
        let group = json_of(&calls);
        let mut figures = amounts(&group);
        // No sum, rate or quantile moves; only how much the whole may still be does.
        let most = if state == CostState::BilledElsewhere { "0.9" } else { "1.5" };
        assert_eq!(
            figures.insert("bounds at_most".into(), "0.9".into()).as_deref(),
            Some(most),
            "{state}"
        );
        assert_eq!(figures, expected, "{state}");
        assert_eq!(group["coverage"], "0.6", "{state}");
        assert_eq!(
            (&group["with_cost"], &group["without_cost"]),
            (&json!(3), &json!(2)),
            "{state}"
        );
        assert_eq!(group["quantiles"][0]["calls"], 3, "{state}");

        // Where nothing at all is known there is no amount, and none of 0.
        let alone = json_of(&[missing(state, total)]);
        assert_eq!(amounts(&alone), BTreeMap::new(), "{state}");
        assert_eq!((&alone["coverage"], &alone["totals"]), (&json!("0"), &json!([])), "{state}");
    }
    // A 0 that the vendor reports is one, in all of them.
    let group = json_of(&[known, vec![call("0", "0"); 3]].concat());
    let figures = amounts(&group);
    assert_eq!((figures["per_minute"].as_str(), figures["quantiles min"].as_str()), ("0.15", "0"));
    assert_eq!((figures["quantiles median"].as_str(), &group["coverage"]), ("0", &json!("1")));
}

#[test]
fn no_amount_is_a_number_of_json() {
    fn check(value: &Value, at: &str) {
        let counts = [
            "calls",
            "connected",
            "completed",
            "with_talk",
            "with_cost",
            "without_cost",
            "seconds",
            "seconds_with_cost",
            "unknown",
            "unsplit",
        ];
        match value {
            Value::Number(_) => assert!(counts.contains(&at), "{at}"),
            Value::Array(list) => list.iter().for_each(|value| check(value, at)),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| check(value, name)),
            _ => {}
        }
    }
    let mut pending = call("1", "1");
    pending.cost = Cost::pending();
    let mut beside = call("1.5", "0.25");
    beside.cost.lines[0].in_total = false;
    beside.cost.credits = Some(Credits { amount: decimal("2.5"), unit: "credits".into() });
    let calls = [call("1.5", "0.25"), pending, beside];
    for dimension in [Dimension::Vendor, Dimension::Component] {
        check(&serde_json::to_value(report(&[dimension], &calls).groups().unwrap()).unwrap(), "");
    }
}

#[test]
fn credits_are_never_in_money_nor_currencies_in_one_sum() {
    let mut calls = Vec::new();
    for (index, currency) in ["USD", "EUR", "JPY"].into_iter().enumerate() {
        let mut call = call("0", "0");
        call.cost.lines.clear();
        call.cost.total = Some(Money::new(Decimal::from(1 << index), currency.parse().unwrap()));
        // A unit that is called as a currency is, is still none.
        call.cost.credits = Some(Credits { amount: decimal("1000"), unit: currency.into() });
        calls.push(call);
    }
    let group = overall(&calls);
    let totals: Vec<String> = group.totals.iter().map(|total| total.to_string()).collect();
    assert_eq!(totals, ["2 EUR", "4 JPY", "1 USD"]);
    let credits: Vec<String> =
        group.credits.iter().map(|of| format!("{} {}", of.amount, of.unit)).collect();
    assert_eq!(credits, ["1000 EUR", "1000 JPY", "1000 USD"]);
    for list in [
        group.per_minute.len(),
        group.per_connected.len(),
        group.quantiles.len(),
        group.bounds.len(),
    ] {
        assert_eq!(list, 3);
    }
    // Credits alone are no amount of money, and no known cost.
    let mut only = call("0", "0");
    only.cost = Cost::unavailable();
    only.cost.state = CostState::Reported;
    only.cost.credits = Some(Credits { amount: decimal("5"), unit: "USD".into() });
    let group = overall(&[only]);
    assert!(group.totals.is_empty() && group.bounds.is_empty() && group.quantiles.is_empty());
    assert_eq!((group.with_cost, group.credits.len()), (0, 1));
}

/// A million calls take about fifteen seconds in a build without optimisation, so there are a fifth of that; the groups are as many.
#[test]
fn many_calls_in_many_groups_are_summed_to_the_last_digit() {
    const CALLS: i64 = 200_000;
    const GROUPS: i64 = 10_000;
    let mut report = Report::new([Dimension::Agent]);
    let mut one = call("0", "0");
    one.cost.lines.clear();
    // A cost of 18 places that depends on the call: 0.010000000000000001 and up.
    let digits = |index: i64| 10_000_000_000_000_000 + (index % 50) * 1_000_000_000 + 1;
    for index in 0..CALLS {
        one.agent = Named::of(Some((index % GROUPS).to_string()), None);
        one.cost.total = Some(Money::usd(Decimal::from_i128_with_scale(digits(index).into(), 18)));
        report.add(&one).unwrap();
    }
    let sum = |indices: &mut dyn Iterator<Item = i64>| -> i128 {
        indices.map(|index| i128::from(digits(index))).sum()
    };
    let of = |group: &Group| group.totals.get(Currency::USD).unwrap().amount;
    let exact = |digits: i128| Decimal::from_i128_with_scale(digits, 18);
    let whole = report.overall().unwrap();
    assert_eq!((whole.calls, of(&whole)), (CALLS as u64, exact(sum(&mut (0..CALLS)))));
    let groups = report.groups().unwrap();
    assert_eq!(groups.len() as i64, GROUPS);
    for group in &groups {
        let agent: i64 = group.key.value(Dimension::Agent).unwrap().parse().unwrap();
        let own = sum(&mut (0..CALLS / GROUPS).map(|round| agent + round * GROUPS));
        assert_eq!((group.calls as i64, of(group)), (CALLS / GROUPS, exact(own)), "{agent}");
    }
    // Every call, one after the other, is in the sum of the groups once.
    let sum = Ratio::sum(groups.iter().map(|group| Ratio::of(of(group))));
    assert_eq!(sum, Ratio::of(of(&whole)));
}

fn rate(from: &str, rate: &str) -> Rate {
    format!("{from}={rate}").parse().unwrap()
}

#[test]
fn a_rate_that_makes_nothing_of_amounts_is_refused_however_it_was_made() {
    for worth in ["0", "-1", "0.000"] {
        let rate = Rate { from: Currency::EUR, rate: decimal(worth), since: None };
        let refused = Converter::new(Currency::USD, [rate], Zone::utc());
        assert!(matches!(refused, Err(Error::Rate { .. })), "{worth}");
    }
}

#[test]
fn a_product_that_cannot_be_held_is_refused_and_keeps_no_account() {
    let mut converter =
        Converter::new(Currency::USD, [rate("EUR", "1.23456789")], Zone::utc()).unwrap();
    let mut call = call("1", "1");
    call.cost = Cost::reported(Money::new(decimal("0.1234567890123456789012345"), Currency::EUR));
    assert!(matches!(converter.convert(&call), Err(Error::Overflow { .. })));
    let rates = converter.conversion().rates;
    assert_eq!((rates[0].calls, rates[0].amount), (0, Decimal::ZERO));
}

fn bills() -> impl Strategy<Value = Vec<Call>> {
    let amount =
        || (-1_000i64..1_000_000, 0u32..=9).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let line = (select(Component::ALL), amount(), any::<bool>());
    let one = (
        select(vec!["a", "b"]),
        amount(),
        vec(line, 0..4),
        option::weighted(0.8, 0u64..900),
        select(CostState::ALL),
        0i64..100,
    );
    vec(one, 0..25).prop_map(|calls| {
        let call =
            |(vendor, total, lines, talk, state, hour): (_, _, Vec<_>, Option<u64>, _, i64)| {
                let mut call = Call::new(vendor, "main", "1");
                call.status = CallStatus::Completed.into();
                call.placed_at = DateTime::from_timestamp(1_767_000_000 + hour * 3600, 0);
                call.durations.talk = talk.map(Duration::from_secs);
                call.cost = Cost::reported(Money::new(total, Currency::EUR));
                call.cost.state = state;
                call.cost.credits = Some(Credits { amount: total, unit: "credits".into() });
                for (component, amount, in_total) in lines {
                    let mut line =
                        CostLine::new(component, "line", Money::new(amount, Currency::EUR));
                    line.in_total = in_total;
                    call.cost.lines.push(line);
                }
                call
            };
        calls.into_iter().map(call).collect()
    })
}

/// All that is linear in what calls cost, as fractions, by where it is.
fn linear(group: &Group) -> BTreeMap<String, Ratio> {
    let mut all = BTreeMap::new();
    let mut put = |name: String, amount: Decimal| {
        assert!(all.insert(name.clone(), Ratio::of(amount)).is_none(), "{name} twice");
    };
    for total in group.totals.iter() {
        put("total".into(), total.amount);
    }
    for rest in group.unattributed.iter() {
        put("unattributed".into(), rest.amount);
    }
    for part in &group.components {
        put(format!("{} in total", part.component), part.amount);
    }
    for part in &group.outside_total {
        put(format!("{} beside", part.component), part.amount);
    }
    for of in &group.quantiles {
        for (name, amount) in
            [("min", of.min), ("median", of.median), ("p95", of.p95), ("max", of.max)]
        {
            put(name.into(), amount);
        }
    }
    for of in &group.bounds {
        put("at least".into(), of.at_least);
        put("at most".into(), of.at_most.unwrap());
    }
    all
}

proptest! {
    #[test]
    fn converting_and_then_reporting_is_reporting_and_then_multiplying(
        calls in bills(),
        digits in 1i64..10_000_000_000,
        scale in 0u32..=9,
        by in select(vec![vec![], vec![Dimension::Vendor], vec![Dimension::Component], vec![Dimension::Day]]),
    ) {
        let worth = Decimal::new(digits, scale);
        let mut converter =
            Converter::new(Currency::USD, [rate("EUR", &worth.to_string())], Zone::utc()).unwrap();
        let converted: Vec<Call> =
            calls.iter().map(|call| converter.convert(call).unwrap().into_owned()).collect();
        let (there, here) = (report(&by, &converted), report(&by, &calls));
        let all = |report: &Report| [report.groups().unwrap(), vec![report.overall().unwrap()]].concat();
        let (there, here) = (all(&there), all(&here));
        prop_assert_eq!(there.len(), here.len());
        for (there, here) in there.iter().zip(&here) {
            let expected: BTreeMap<String, Ratio> = linear(here)
                .into_iter()
                .map(|(name, amount)| (name, amount.times(Ratio::of(worth))))
                .collect();
            prop_assert_eq!(linear(there), expected);
            // What is no money is as it was.
            prop_assert_eq!(&there.key, &here.key);
            prop_assert_eq!(&there.credits, &here.credits);
            prop_assert_eq!(&there.states, &here.states);
            prop_assert_eq!((there.coverage, there.seconds, there.unsplit), (here.coverage, here.seconds, here.unsplit));
            let shares = |group: &Group| group.components.iter().map(|of| of.share).collect::<Vec<_>>();
            prop_assert_eq!(shares(there), shares(here));
            prop_assert!(there.totals.iter().all(|total| total.currency == Currency::USD));
        }
        // The account is of what was known, in the currency that it came in.
        let account = converter.conversion().rates[0];
        let known: Vec<Ratio> =
            calls.iter().filter_map(|call| call.cost.known_total()).map(|total| Ratio::of(total.amount)).collect();
        prop_assert_eq!(account.calls, known.len() as u64);
        prop_assert_eq!(Ratio::of(account.amount), Ratio::sum(known));
    }

    #[test]
    fn rates_are_quotients_of_what_they_say_they_are(calls in bills()) {
        let known: Vec<(&Call, Ratio)> = calls
            .iter()
            .filter_map(|call| Some((call, Ratio::of(call.cost.known_total()?.amount))))
            .collect();
        let group = overall(&calls);
        let talk = |call: &Call| call.durations.talk.map(|talk| talk.as_secs());
        let timed = || known.iter().filter(|(call, _)| talk(call).is_some());
        let seconds: u64 = timed().filter_map(|(call, _)| talk(call)).sum();
        let total = Ratio::sum(timed().map(|(_, amount)| *amount)).times(Ratio::count(60));
        let expected = (seconds > 0).then(|| total.over(Ratio::count(seconds)).six_places());
        prop_assert_eq!(group.per_minute.first().and_then(|of| of.amount), expected);

        let total = Ratio::sum(known.iter().map(|(_, amount)| *amount));
        let connected = known.iter().filter(|(call, _)| talk(call).is_some_and(|talk| talk > 0)).count() as u64;
        let expected = (connected > 0).then(|| total.over(Ratio::count(connected)).six_places());
        prop_assert_eq!(group.per_connected.first().and_then(|of| of.amount), expected);
        let completed = known.len() as u64;
        let expected = (completed > 0).then(|| total.over(Ratio::count(completed)).six_places());
        prop_assert_eq!(group.per_completed.first().and_then(|of| of.amount), expected);

        let mut sorted: Vec<Ratio> = known.iter().map(|(_, amount)| *amount).collect();
        sorted.sort();
        if let Some(of) = group.quantiles.first() {
            let rank = |part: usize| sorted[(sorted.len() * part).div_ceil(100) - 1];
            prop_assert_eq!([Ratio::of(of.median), Ratio::of(of.p95)], [rank(50), rank(95)]);
        }
    }
}
