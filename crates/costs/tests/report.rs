//! What a report says of given calls.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use std::time::Duration;

use callmux_core::{
    Call, CallStatus, Component, Cost, CostLine, CostScope, CostState, Credits, Currency, Decimal,
    Money, Named, Party, decimal_from_json,
};
use callmux_costs::{Dimension, Error, Group, Report, Zone};
use chrono::{DateTime, FixedOffset, Utc};
use serde_json::{Value, json};

fn decimal(text: &str) -> Decimal {
    decimal_from_json(text).unwrap()
}

fn usd(text: &str) -> Money {
    Money::usd(decimal(text))
}

fn eur(text: &str) -> Money {
    Money::new(decimal(text), Currency::EUR)
}

fn at(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().unwrap())
}

fn call(talk: Option<u64>, cost: Cost) -> Call {
    let mut call = Call::new("example", "main", "1");
    call.status = CallStatus::Completed.into();
    call.durations.talk = talk.map(Duration::from_secs);
    call.cost = cost;
    call
}

fn in_state(state: CostState, total: Option<Money>) -> Cost {
    let mut cost = Cost::unavailable();
    cost.state = state;
    cost.total = total;
    cost
}

fn itemised(total: Money, lines: &[(Component, Money, bool)]) -> Cost {
    let mut cost = Cost::reported(total);
    for &(component, amount, in_total) in lines {
        let mut line = CostLine::new(component, "line", amount);
        line.in_total = in_total;
        cost.lines.push(line);
    }
    cost
}

fn overall(calls: &[Call]) -> Group {
    let mut report = Report::new([]);
    for call in calls {
        report.add(call).unwrap();
    }
    report.overall().unwrap()
}

fn groups(dimensions: &[Dimension], calls: &[Call]) -> Vec<Group> {
    let mut report = Report::new(dimensions.iter().copied());
    for call in calls {
        report.add(call).unwrap();
    }
    report.groups().unwrap()
}

fn amounts(group: &Group) -> Vec<String> {
    group.totals.iter().map(|total| total.to_string()).collect()
}

fn json(group: &Group) -> Value {
    serde_json::to_value(group).unwrap()
}

#[test]
fn a_group_in_json() {
    let mut first = call(
        Some(90),
        itemised(
            usd("0.1035"),
            &[
                (Component::Llm, usd("0.0031"), true),
                (Component::Platform, usd("0.1"), true),
                (Component::Platform, usd("0.05"), false),
            ],
        ),
    );
    first.agent = Named::of(Some("12".into()), Some("Sales".into()));
    let mut second = call(None, Cost::pending());
    second.agent = Named::of(Some("12".into()), None);
    second.status = CallStatus::InProgress.into();
    let mut third = call(Some(30), Cost::unavailable());
    third.agent = Named::of(Some("12".into()), None);
    third.cost.state = CostState::Reported;
    third.cost.credits = Some(Credits { amount: decimal("2.50"), unit: "credits".into() });
    third.durations.talk = Some(Duration::from_millis(30_300));

    let groups =
        groups(&[Dimension::Vendor, Dimension::Agent, Dimension::Day], &[first, second, third]);
    let expected = json!([{
        "key": {"vendor": "example", "agent": "12", "day": null},
        "named": {"agent": {"vendor": "example", "account": "main", "name": "Sales"}},
        "calls": 3,
        "connected": 2,
        "completed": 2,
        "with_talk": 2,
        "with_cost": 1,
        "without_cost": 2,
        "states": {
            "pending": {"calls": 1, "seconds": 0},
            "reported": {"calls": 2, "seconds": 120.3},
        },
        "seconds": 120.3,
        "seconds_with_cost": 90,
        "coverage": "0.333333",
        "coverage_by_seconds": "0.748129",
        "totals": [{"currency": "USD", "amount": "0.1035"}],
        "bounds": [{"currency": "USD", "unknown": 2, "at_least": "0.1035", "at_most": "0.3105"}],
        "per_minute": [{"currency": "USD", "amount": "0.069", "calls": 1, "seconds": 90}],
        "per_connected": [{"currency": "USD", "amount": "0.1035", "calls": 1}],
        "per_completed": [{"currency": "USD", "amount": "0.1035", "calls": 1}],
        "quantiles": [{
            "currency": "USD", "calls": 1, "min": "0.1035", "median": "0.1035", "p95": "0.1035", "max": "0.1035", "exact": true,
        }],
        "components": [
            {"component": "llm", "currency": "USD", "amount": "0.0031", "share": "0.029951"},
            {"component": "platform", "currency": "USD", "amount": "0.1", "share": "0.966183"},
        ],
        "unattributed": [{"currency": "USD", "amount": "0.0004"}],
        "outside_total": [
            {"component": "platform", "currency": "USD", "amount": "0.05"},
        ],
        "credits": [{"amount": "2.5", "unit": "credits"}],
    }]);
    assert_eq!(serde_json::to_value(&groups).unwrap(), expected);
    assert_eq!(groups[0].key.to_string(), "example, Sales (12), (none)");
}

#[test]
fn cents_stay_cents_and_no_digit_is_rounded_away() {
    // The three faults of public code: cents for dollars, a missing price for 0, whole cents for exact amounts.
    let group = overall(&[
        call(None, Cost::reported(usd("0.014204399999999999"))),
        call(None, Cost::reported(usd("4.2e-7"))),
        call(None, Cost::reported(eur("7"))),
        call(None, Cost::unavailable()),
    ]);
    assert_eq!(amounts(&group), ["7 EUR", "0.014204819999999999 USD"]);
    assert_eq!((group.with_cost, group.without_cost), (3, 1));

    let tenth = call(None, itemised(usd("0.10"), &[(Component::Llm, usd("0.10"), true)]));
    let group = overall(&vec![tenth; 3]);
    assert_eq!(json(&group)["totals"][0]["amount"], "0.3");
    assert_eq!(json(&group)["components"][0]["amount"], "0.3");
    assert_eq!(json(&group)["unattributed"][0]["amount"], "0");
}

#[test]
fn only_a_known_cost_counts() {
    for &state in CostState::ALL {
        let group = overall(&[call(Some(60), in_state(state, Some(usd("0.5"))))]);
        let counts = [CostState::Estimated, CostState::Reported, CostState::Final, CostState::Free]
            .contains(&state);
        assert_eq!(group.with_cost, u64::from(counts), "{state}");
        assert_eq!(amounts(&group).len(), usize::from(counts), "{state}");
        assert_eq!(group.per_minute.len(), usize::from(counts), "{state}");
        let expected = json!({ state.as_str(): {"calls": 1, "seconds": 60} });
        assert_eq!(json(&group)["states"], expected);
        assert_eq!(json(&group)["coverage"], if counts { "1" } else { "0" });
    }
}

#[test]
fn a_pending_zero_is_no_amount_and_a_reported_zero_is_one() {
    let pending = in_state(CostState::Pending, Some(usd("0")));
    let group = overall(&[call(Some(60), pending)]);
    assert!(
        group.totals.is_empty() && group.per_minute.is_empty() && group.unattributed.is_empty()
    );

    let group = overall(&[call(Some(60), Cost::reported(usd("0.00")))]);
    assert_eq!(amounts(&group), ["0 USD"]);
    assert_eq!(group.per_minute[0].amount, Some(Decimal::ZERO));
}

#[test]
fn a_rate_is_made_of_the_calls_that_have_both_halves() {
    let group = overall(&[
        call(Some(60), Cost::reported(usd("0.07"))),
        call(Some(30), Cost::reported(usd("0.05"))),
        // Neither an amount without a length nor a length without an amount may move the rate.
        call(None, Cost::reported(usd("100"))),
        call(Some(6000), Cost::pending()),
        call(Some(120), Cost::reported(eur("1"))),
    ]);
    let rates: Vec<String> = group
        .per_minute
        .iter()
        .map(|rate| {
            format!(
                "{} {} of {} in {:?}",
                rate.amount.unwrap(),
                rate.currency,
                rate.calls,
                rate.seconds
            )
        })
        .collect();
    assert_eq!(rates, ["0.5 EUR of 1 in 120s", "0.08 USD of 2 in 90s"]);
    assert_eq!(amounts(&group), ["1 EUR", "100.12 USD"]);

    for talk in [None, Some(0)] {
        let group = overall(&[call(talk, Cost::reported(usd("1")))]);
        assert_eq!(group.per_minute[0].amount, None);
        assert_eq!(group.connected, 0);
        assert_eq!(json(&group)["per_minute"][0]["amount"], Value::Null);
        assert_eq!(group.coverage_by_seconds, None);
    }
}

#[test]
fn a_line_in_another_currency_leaves_the_total_whole() {
    let mixed = itemised(
        usd("1"),
        &[(Component::Llm, usd("0.25"), true), (Component::Telephony, eur("0.5"), true)],
    );
    let plain = itemised(usd("2"), &[(Component::Llm, usd("0.5"), true)]);
    let group = overall(&[call(None, mixed), call(None, plain)]);
    assert_eq!(amounts(&group), ["3 USD"]);
    assert_eq!(group.unsplit, 1);
    assert_eq!(
        json(&group)["components"],
        json!([{"component": "llm", "currency": "USD", "amount": "0.5", "share": "0.166666"}])
    );
    assert_eq!(json(&group)["unattributed"], json!([{"currency": "USD", "amount": "2.5"}]));

    // What is charged beside the total may be in any currency; it makes no total of 0 in it.
    let beside = itemised(usd("1"), &[(Component::Telephony, eur("0.5"), false)]);
    let group = overall(&[call(Some(60), beside)]);
    assert_eq!((amounts(&group), group.unsplit), (vec!["1 USD".to_owned()], 0));
    assert_eq!(group.per_minute.len(), 1);
    assert_eq!(group.outside_total[0].currency, Currency::EUR);
}

#[test]
fn the_rest_of_a_bill_is_what_core_says_it_is() {
    let cost = itemised(
        usd("0.069"),
        &[(Component::Llm, usd("0.0031"), true), (Component::Platform, usd("0.0660"), true)],
    );
    let rest = cost.unattributed().unwrap();
    let group = overall(&[call(None, cost)]);
    assert_eq!(group.unattributed.get(Currency::USD), Some(rest));
    assert_eq!(json(&group)["unattributed"][0]["amount"], "-0.0001");
}

#[test]
fn credits_are_kept_per_unit_and_only_of_known_costs() {
    let mut calls = Vec::new();
    for (state, amount, unit) in [
        (CostState::Reported, "1.5", "credits"),
        (CostState::Final, "2", "credits"),
        (CostState::Reported, "7", "tokens"),
        (CostState::Pending, "100", "credits"),
    ] {
        let mut cost = in_state(state, None);
        cost.credits = Some(Credits { amount: decimal(amount), unit: unit.into() });
        calls.push(call(None, cost));
    }
    let group = overall(&calls);
    assert_eq!(
        json(&group)["credits"],
        json!([{"amount": "3.5", "unit": "credits"}, {"amount": "7", "unit": "tokens"}])
    );
    assert!(group.totals.is_empty());
    assert_eq!(group.with_cost, 0);
}

#[test]
fn groups_come_in_the_order_of_their_keys_with_absent_last() {
    let mut calls = Vec::new();
    for (vendor, day) in [
        ("b", at("2026-01-02T00:00:00Z")),
        ("a", None),
        ("a", at("2026-01-10T00:00:00Z")),
        ("b", at("2025-12-31T23:59:59Z")),
        ("a", at("2026-01-02T00:00:00Z")),
        ("a", at("2026-01-02T23:59:59Z")),
    ] {
        let mut call = Call::new(vendor, "main", "1");
        call.placed_at = day;
        calls.push(call);
    }
    let keys = |dimensions: &[Dimension]| -> Vec<String> {
        let groups = groups(dimensions, &calls);
        groups.iter().map(|group| format!("{}: {}", group.key, group.calls)).collect()
    };
    assert_eq!(
        keys(&[Dimension::Vendor, Dimension::Day]),
        [
            "a, 2026-01-02: 2",
            "a, 2026-01-10: 1",
            "a, (none): 1",
            "b, 2025-12-31: 1",
            "b, 2026-01-02: 1"
        ]
    );
    assert_eq!(keys(&[Dimension::Month]), ["2025-12: 1", "2026-01: 4", "(none): 1"]);
    assert_eq!(keys(&[Dimension::Status, Dimension::Status]), ["unknown: 6"]);
    assert_eq!(keys(&[]), [": 6"]);
}

#[test]
fn days_and_months_are_those_of_the_zone() {
    let tokyo = FixedOffset::east_opt(9 * 3600).unwrap();
    let mut report = Report::new([Dimension::Month, Dimension::Day])
        .in_zone(Zone::new("+09:00", move |at| at.with_timezone(&tokyo).naive_local()));
    assert_eq!(report.zone().name(), "+09:00");
    let mut call = call(None, Cost::unavailable());
    call.placed_at = at("2026-01-31T15:00:00Z");
    report.add(&call).unwrap();
    assert_eq!(report.groups().unwrap()[0].key.to_string(), "2026-02, 2026-02-01");
}

#[test]
fn what_is_not_itemised_is_a_group_of_its_own_by_component_and_model() {
    let mut first = call(
        Some(60),
        itemised(
            usd("1"),
            &[
                (Component::Llm, usd("0.25"), true),
                (Component::Llm, usd("0.125"), true),
                (Component::Stt, usd("0.5"), true),
                (Component::Tts, usd("9"), false),
            ],
        ),
    );
    first.cost.lines[0].model = Some("openai/gpt-4.1".into());
    first.cost.lines[2].model = Some("deepgram/nova-2".into());
    let mut elsewhere = CostLine::new(Component::Telephony, "transport", usd("0"));
    elsewhere = elsewhere.billed_elsewhere();
    first.cost.lines.push(elsewhere);
    first.cost.credits = Some(Credits { amount: decimal("3"), unit: "credits".into() });
    let second = call(Some(30), Cost::reported(usd("0.25")));
    let third = call(Some(10), Cost::pending());
    let calls = [first, second, third];
    let figures = |dimension| {
        let group = |group: &Group| {
            let talked = group.seconds.as_secs();
            format!("{}: {} in {talked}, {:?}", group.key, group.calls, amounts(group))
        };
        groups(&[dimension], &calls).iter().map(group).collect::<Vec<_>>()
    };
    assert_eq!(
        figures(Dimension::Component),
        [
            "llm: 1 in 60, [\"0.375 USD\"]",
            "stt: 1 in 60, [\"0.5 USD\"]",
            "telephony: 1 in 60, []",
            "tts: 1 in 60, []",
            // What the lines leave of the first, all of the second, and the third, of which nothing is known.
            "(none): 3 in 100, [\"0.375 USD\"]",
        ]
    );
    assert_eq!(
        figures(Dimension::Model),
        [
            "deepgram/nova-2: 1 in 60, [\"0.5 USD\"]",
            "openai/gpt-4.1: 1 in 60, [\"0.25 USD\"]",
            // The line without a model and the rest of the first are one part of one call.
            "(none): 3 in 100, [\"0.5 USD\"]",
        ]
    );
    let by_component = groups(&[Dimension::Component], &calls);
    assert_eq!(json(&by_component[3])["outside_total"][0]["amount"], "9");
    assert_eq!(
        json(&by_component[2])["billed_elsewhere"],
        json!([{"component": "telephony", "calls": 1}])
    );
    assert_eq!(by_component.iter().map(|group| group.credits.len()).sum::<usize>(), 1);
    assert!(by_component.iter().all(|group| group.bounds.is_empty()));
    let model = &groups(&[Dimension::Model], &calls)[2];
    assert_eq!(json(model)["quantiles"][0]["max"], "0.25");
    assert_eq!(json(model)["unattributed"][0]["amount"], "0.375");
}

#[test]
fn a_customer_is_one_however_the_number_is_written() {
    let with = |number: Option<&str>, id: Option<&str>, name: Option<&str>| {
        let mut call = call(None, Cost::unavailable());
        let text = |text: Option<&str>| text.map(str::to_owned);
        call.customer = Party::of(text(number), text(id), text(name));
        call
    };
    let calls = [
        with(Some("+1 (555) 010-0100"), None, Some("Sam")),
        with(Some("15550100100"), Some("c1"), None),
        with(None, Some("c1"), None),
        with(None, None, Some("Sam")),
        with(Some("Anonymous"), None, None),
        with(None, None, None),
    ];
    let keys: Vec<String> = groups(&[Dimension::Customer], &calls)
        .iter()
        .map(|group| format!("{}: {}", group.key, group.calls))
        .collect();
    assert_eq!(keys, ["15550100100: 2", "Sam: 1", "anonymous: 1", "c1: 1", "(none): 1"]);
    let shown = format!("{:?}", groups(&[Dimension::Customer], &calls));
    assert!(!shown.contains("15550100100") && !shown.contains("Sam"), "{shown}");
}

#[test]
fn what_totals_cover_is_counted_per_currency() {
    let scoped = |total: Money, includes: &[Component], excludes: &[Component]| {
        let mut call = call(None, Cost::reported(total));
        call.cost.scope = CostScope::new(includes.iter().copied(), excludes.iter().copied());
        call
    };
    let calls = [
        scoped(usd("1"), &[Component::Llm], &[Component::Platform]),
        scoped(usd("1"), &[Component::Llm, Component::Platform], &[]),
        scoped(eur("1"), &[Component::Llm], &[]),
        scoped(usd("1"), &[], &[]),
        call(None, Cost::pending()),
    ];
    assert_eq!(
        json(&overall(&calls))["scope"],
        json!([
            {"component": "llm", "currency": "EUR", "included": 1, "excluded": 0},
            {"component": "llm", "currency": "USD", "included": 2, "excluded": 0},
            {"component": "platform", "currency": "USD", "included": 1, "excluded": 1},
        ])
    );
    // A part of a total covers itself.
    assert!(groups(&[Dimension::Component], &calls).iter().all(|group| group.scope.is_empty()));
}

#[test]
fn hours_and_weeks_are_written_as_iso_8601_does() {
    let mut sunday = call(None, Cost::unavailable());
    sunday.placed_at = at("2027-01-03T09:59:59Z");
    let key = |dimension| groups(&[dimension], &[sunday.clone()])[0].key.to_string();
    assert_eq!(key(Dimension::Hour), "2027-01-03T09");
    assert_eq!(key(Dimension::Week), "2026-W53");
}

#[test]
fn a_call_that_is_to_be_billed_widens_the_bounds_and_one_billed_elsewhere_does_not() {
    let mut calls = vec![
        call(None, Cost::reported(usd("0.50"))),
        call(None, Cost::reported(usd("0.10"))),
        call(None, Cost::pending()),
        call(None, Cost::unavailable()),
        call(None, in_state(CostState::BilledElsewhere, None)),
    ];
    let bounds = |calls: &[Call]| {
        let bounds = |bounds: &callmux_costs::Bounds| {
            let most = bounds.at_most.map(|most| most.to_string());
            format!("{} {} {most:?}", bounds.unknown, bounds.at_least)
        };
        overall(calls).bounds.iter().map(bounds).collect::<Vec<_>>()
    };
    assert_eq!(bounds(&calls), ["2 0.6 Some(\"1.6\")"]);
    // A refund shows that a call can cost less than nothing.
    calls.push(call(None, Cost::reported(usd("-0.2"))));
    assert_eq!(bounds(&calls), ["2 0 Some(\"1.4\")"]);
    // In which currency an unknown cost will be, nobody knows.
    calls.push(call(None, Cost::reported(eur("1"))));
    assert_eq!(bounds(&calls), ["2 1 None", "2 0 None"]);
    assert_eq!(bounds(&calls[2..4]), [""; 0]);
}

#[test]
fn more_different_amounts_than_are_kept_make_quantiles_rough_whatever_the_order() {
    let priced = |index: u32| {
        let mut call = call(None, Cost::reported(Money::usd(Decimal::new(i64::from(index), 4))));
        call.agent = Named::of(Some((index % 7).to_string()), None);
        call
    };
    let calls: Vec<Call> = (1..=80_000).map(priced).collect();
    let add = |calls: &mut dyn Iterator<Item = &Call>| {
        let mut report = Report::new([Dimension::Agent]);
        calls.for_each(|call| report.add(call).unwrap());
        report
    };
    let text = |report: &Report| {
        serde_json::to_string(&(report.groups().unwrap(), report.overall().unwrap())).unwrap()
    };
    let forwards = add(&mut calls.iter());
    assert_eq!(text(&forwards), text(&add(&mut calls.iter().rev())));
    let mut merged = add(&mut calls[..65_537].iter());
    assert!(!merged.overall().unwrap().quantiles[0].exact);
    merged.merge(&add(&mut calls[65_537..].iter())).unwrap();
    assert_eq!(text(&forwards), text(&merged));
    let mut merged = add(&mut calls[..65_536].iter());
    assert!(merged.overall().unwrap().quantiles[0].exact);
    merged.merge(&add(&mut calls[65_536..].iter())).unwrap();
    assert_eq!(text(&forwards), text(&merged));

    let quantiles = forwards.overall().unwrap().quantiles[0];
    assert!(!quantiles.exact);
    assert_eq!((quantiles.min, quantiles.max), (decimal("0.0001"), decimal("8")));
    for (shown, exact) in [(quantiles.median, decimal("4")), (quantiles.p95, decimal("7.6"))] {
        assert!(shown <= exact && exact - shown <= exact / decimal("64"), "{shown} for {exact}");
    }
}

#[test]
fn agents_of_two_accounts_are_two_agents_and_the_latest_name_is_shown() {
    let mut calls = Vec::new();
    for (account, placed_at, agent) in [
        ("red", at("2026-01-02T00:00:00Z"), Named::of(Some("12".into()), Some("Sales".into()))),
        ("red", at("2026-01-01T00:00:00Z"), Named::of(Some("12".into()), Some("Zebra".into()))),
        ("red", at("2026-01-03T00:00:00Z"), Named::of(Some("12".into()), None)),
        ("blue", None, Named::of(Some("12".into()), Some("Support".into()))),
        ("blue", None, Named::of(None, Some("Anna".into()))),
        ("blue", None, None),
        ("red", None, None),
    ] {
        let mut call = Call::new("example", account, "1");
        call.placed_at = placed_at;
        call.agent = agent.clone();
        call.campaign = agent;
        calls.push(call);
    }
    for dimension in [Dimension::Agent, Dimension::Campaign] {
        let shown: Vec<String> = groups(&[dimension], &calls)
            .iter()
            .map(|group| {
                let part = &group.key.parts()[0];
                let account = part.owner.as_ref().map(|owner| owner.account.to_string());
                format!("{part} of {}: {}", account.unwrap_or_default(), group.calls)
            })
            .collect();
        assert_eq!(
            shown,
            ["Support (12) of blue: 1", "Sales (12) of red: 3", "Anna of blue: 1", "(none) of : 2"]
        );
    }
}

#[test]
fn what_cannot_be_held_exactly_is_refused_and_changes_nothing() {
    let refused = [
        // Too large; then two that `Decimal` would round without a word.
        call(None, Cost::reported(Money::usd(Decimal::MAX))),
        call(None, Cost::reported(usd("79228162514264337593543950334"))),
        call(None, Cost::reported(usd("1000000000000000000000000000"))),
        call(None, itemised(usd("0"), &[(Component::Llm, Money::usd(Decimal::MAX), true); 2])),
        call(None, itemised(usd("0"), &[(Component::Llm, Money::usd(Decimal::MAX), false)])),
        {
            let mut call = call(None, Cost::unavailable());
            call.durations.talk = Some(Duration::MAX);
            call
        },
        {
            let mut call = call(None, in_state(CostState::Final, None));
            call.cost.credits = Some(Credits { amount: Decimal::MAX, unit: "credits".into() });
            call
        },
    ];
    let mut first = call(
        Some(60),
        itemised(
            usd("1.25"),
            &[(Component::Llm, usd("0.50"), true), (Component::Llm, usd("0.50"), false)],
        ),
    );
    first.cost.credits = Some(Credits { amount: decimal("0.5"), unit: "credits".into() });

    for (index, call) in refused.iter().enumerate() {
        for dimensions in [vec![], vec![Dimension::Vendor]] {
            let mut report = Report::new(dimensions.clone());
            report.add(&first).unwrap();
            let before = report.groups().unwrap();
            assert!(matches!(report.add(call), Err(Error::Overflow { .. })), "{index}");
            assert_eq!(report.groups().unwrap(), before, "{index}");

            let mut other = Report::new(dimensions);
            if other.add(call).is_ok() {
                assert!(matches!(report.merge(&other), Err(Error::Overflow { .. })), "{index}");
                assert_eq!(report.groups().unwrap(), before, "{index}");
            }
        }
    }

    // Two groups that each can be held, and not together: the whole is a sum too.
    let mut report = Report::new([Dimension::Vendor]);
    let dear = |vendor: &str| {
        let mut call = Call::new(vendor, "main", "1");
        call.cost = Cost::reported(Money::usd(Decimal::MAX));
        call
    };
    report.add(&dear("a")).unwrap();
    let refused = report.add(&dear("b")).unwrap_err();
    assert_eq!(refused.to_string(), "the sum of amounts is too large to be held exactly");
    assert_eq!((report.groups().unwrap().len(), report.overall().unwrap().calls), (1, 1));
}

#[test]
fn a_failed_merge_merges_nothing() {
    let with = |vendor: &str, amount: Decimal| {
        let mut call = Call::new(vendor, "main", "1");
        call.cost = Cost::reported(Money::usd(amount));
        call
    };
    let mut mine = Report::new([Dimension::Vendor]);
    mine.add(&with("b", Decimal::MAX)).unwrap();
    let before = mine.groups().unwrap();
    let mut theirs = Report::new([Dimension::Vendor]);
    theirs.add(&with("a", Decimal::ONE)).unwrap();
    theirs.add(&with("b", Decimal::ONE)).unwrap();
    assert!(mine.merge(&theirs).is_err());
    assert_eq!(mine.groups().unwrap(), before);
}

#[test]
fn a_group_without_room_leaves_the_whole_as_it_was() {
    let of = |vendor: &str, amount: Decimal| {
        let mut call = Call::new(vendor, "main", "1");
        call.cost = Cost::reported(Money::usd(amount));
        call
    };
    let mut report = Report::new([Dimension::Vendor]);
    // Together they are 0, so that the whole has room for what the first group has none for.
    report.add(&of("a", Decimal::MAX)).unwrap();
    report.add(&of("b", Decimal::MIN)).unwrap();
    let figures = |report: &Report| (report.groups().unwrap(), report.overall().unwrap());
    let before = figures(&report);
    assert!(matches!(report.add(&of("a", Decimal::ONE)), Err(Error::Overflow { .. })));
    assert_eq!(figures(&report), before);

    let mut other = Report::new([Dimension::Vendor]);
    for vendor in ["c", "a"] {
        other.add(&of(vendor, Decimal::ONE)).unwrap();
    }
    assert!(matches!(report.merge(&other), Err(Error::Overflow { .. })));
    assert_eq!(figures(&report), before);
}

#[test]
fn reports_by_other_dimensions_do_not_merge() {
    let mut mine = Report::new([Dimension::Vendor, Dimension::Day]);
    let refused = mine.merge(&Report::new([])).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a report by vendor, day cannot be merged with a report by nothing"
    );
    assert!(mine.merge(&Report::new([Dimension::Day, Dimension::Vendor])).is_err());
}

#[test]
fn no_call_gives_no_group_and_an_empty_whole() {
    let report = Report::new([Dimension::Vendor]);
    assert!(report.groups().unwrap().is_empty());
    let whole = report.overall().unwrap();
    assert_eq!((whole.calls, whole.coverage, whole.coverage_by_seconds), (0, None, None));
    assert_eq!(json(&whole)["key"], json!({}));
    assert_eq!(json(&whole)["coverage"], Value::Null);
}

#[test]
fn debug_shows_no_name() {
    let mut report = Report::new([Dimension::Agent]);
    let mut call = call(None, Cost::unavailable());
    call.agent = Named::of(Some("12".into()), Some("Sales".into()));
    report.add(&call).unwrap();
    assert_eq!(format!("{report:?}"), "Report { dimensions: [Agent], groups: 1, .. }");
}
