//! What holds of every report, whatever the calls.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{
    Call, CallStatus, Component, Cost, CostLine, CostState, Credits, Currency, Decimal, Direction,
    Money, Named, Party,
};
use callmux_costs::{Dimension, Group, Report};
use chrono::DateTime;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn decimals() -> impl Strategy<Value = Decimal> {
    (-100_000i64..100_000_000, 0u32..=9)
        .prop_map(|(digits, scale)| Decimal::from_i128_with_scale(digits.into(), scale))
}

fn money() -> impl Strategy<Value = Money> {
    // Mostly one currency, so that most bills can be split.
    let currency = prop_oneof![9 => Just(Currency::USD), 1 => Just(Currency::EUR)];
    (decimals(), currency).prop_map(|(amount, currency)| Money::new(amount, currency))
}

fn costs() -> impl Strategy<Value = Cost> {
    let model = option::of(select(vec!["a/1", "b/2"]));
    let kind = prop_oneof![8 => Just("in"), 2 => Just("beside"), 1 => Just("elsewhere")];
    let line = (select(Component::ALL), money(), kind, model);
    let credits = (decimals(), select(vec!["credits", "tokens"]));
    (select(CostState::ALL), option::of(money()), vec(line, 0..5), option::of(credits)).prop_map(
        |(state, total, lines, credits)| {
            let mut cost = Cost::unavailable();
            cost.state = state;
            cost.total = total;
            for (component, amount, kind, model) in lines {
                let mut line =
                    CostLine::new(component, "line", amount).with_model(model.map(str::to_owned));
                line.in_total = kind == "in";
                cost.lines.push(if kind == "elsewhere" { line.billed_elsewhere() } else { line });
            }
            cost.credits = credits.map(|(amount, unit)| Credits { amount, unit: unit.into() });
            cost
        },
    )
}

prop_compose! {
    fn calls_of_any_kind()(
        vendor in select(vec!["a", "b"]),
        account in select(vec!["main", "other"]),
        agent in option::of((select(vec!["1", "2"]), option::of("[xyz]"))),
        hour in option::of(0i64..2000),
        status in select(CallStatus::ALL),
        customer in option::of(select(vec!["+1 555 0100", "15550100", "anonymous"])),
        direction in option::of(select(Direction::ALL)),
        talk in option::of(prop_oneof![Just(0), 1u64..900_000]),
        cost in costs(),
    ) -> Call {
        let mut call = Call::new(vendor, account, "1");
        call.agent = agent.and_then(|(id, name)| Named::of(Some(id.to_owned()), name));
        call.placed_at = hour.map(|hour| DateTime::from_timestamp(1_767_000_000 + hour * 3600, 0).unwrap());
        call.status = status.into();
        call.customer = customer.and_then(|number| Party::of(Some(number.to_owned()), None, None));
        call.direction = direction;
        call.durations.talk = talk.map(Duration::from_millis);
        call.cost = cost;
        call
    }
}

fn dimensions() -> impl Strategy<Value = Vec<Dimension>> {
    prop::sample::subsequence(Dimension::ALL, 0..=3).prop_shuffle()
}

fn report(dimensions: &[Dimension], calls: &[Call]) -> Report {
    let mut report = Report::new(dimensions.iter().copied());
    for call in calls {
        report.add(call).unwrap();
    }
    report
}

/// All of a report's figures, to the last character.
fn text(report: &Report) -> String {
    let all = (report.groups().unwrap(), report.overall().unwrap());
    serde_json::to_string_pretty(&all).unwrap()
}

/// An amount in billionths, without any of the crate's arithmetic.
fn billionths(amount: Decimal) -> i128 {
    amount.mantissa() * 10i128.pow(9 - amount.scale())
}

/// The figures of all calls, recomputed in integers.
#[derive(Debug, Default, PartialEq)]
struct Oracle {
    totals: BTreeMap<Currency, i128>,
    parts: BTreeMap<(Currency, Option<Component>), i128>,
    credits: BTreeMap<String, i128>,
    with_cost: u64,
    milliseconds: u128,
}

impl Oracle {
    fn of_calls(calls: &[Call]) -> Self {
        let mut oracle = Self::default();
        for call in calls {
            oracle.milliseconds += call.durations.talk.unwrap_or_default().as_millis();
            let cost = &call.cost;
            if !["estimated", "reported", "final", "free"].contains(&cost.state.as_str()) {
                continue;
            }
            if let Some(credits) = &cost.credits {
                *oracle.credits.entry(credits.unit.clone()).or_default() +=
                    billionths(credits.amount);
            }
            let Some(total) = cost.total else { continue };
            oracle.with_cost += 1;
            *oracle.totals.entry(total.currency).or_default() += billionths(total.amount);
            let mut rest = billionths(total.amount);
            let lines: Vec<&CostLine> = cost.lines.iter().filter(|line| line.in_total).collect();
            if lines.iter().all(|line| line.amount.currency == total.currency) {
                for line in lines {
                    let amount = billionths(line.amount.amount);
                    *oracle.parts.entry((total.currency, Some(line.component))).or_default() +=
                        amount;
                    rest -= amount;
                }
            }
            *oracle.parts.entry((total.currency, None)).or_default() += rest;
        }
        oracle
    }

    fn of_group(group: &Group) -> Self {
        let of = |money: Money| (money.currency, billionths(money.amount));
        let components = group
            .components
            .iter()
            .map(|part| ((part.currency, Some(part.component)), billionths(part.amount)));
        let rests =
            group.unattributed.iter().map(of).map(|(currency, rest)| ((currency, None), rest));
        let credits = group.credits.iter();
        Self {
            totals: group.totals.iter().map(of).collect(),
            parts: components.chain(rests).collect(),
            credits: credits
                .map(|credits| (credits.unit.clone(), billionths(credits.amount)))
                .collect(),
            with_cost: group.with_cost,
            milliseconds: group.seconds.as_millis(),
        }
    }
}

proptest! {
    #[test]
    fn the_order_of_calls_does_not_matter(
        (calls, shuffled) in vec(calls_of_any_kind(), 0..30)
            .prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle())),
        dimensions in dimensions(),
    ) {
        prop_assert_eq!(text(&report(&dimensions, &calls)), text(&report(&dimensions, &shuffled)));
    }

    #[test]
    fn windows_summed_apart_and_merged_are_the_whole(
        calls in vec(calls_of_any_kind(), 0..30),
        cuts in vec(0usize..=30, 0..4),
        dimensions in dimensions(),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|&cut| cut.min(calls.len())).collect();
        cuts.extend([0, calls.len()]);
        cuts.sort_unstable();
        let mut merged = Report::new(dimensions.iter().copied());
        for window in cuts.windows(2) {
            merged.merge(&report(&dimensions, &calls[window[0]..window[1]])).unwrap();
        }
        prop_assert_eq!(text(&merged), text(&report(&dimensions, &calls)));
    }

    #[test]
    fn grouping_and_then_totalling_is_totalling(
        calls in vec(calls_of_any_kind(), 0..30),
        dimensions in dimensions(),
    ) {
        let grouped = report(&dimensions, &calls);
        let whole = report(&[], &calls).overall().unwrap();
        prop_assert_eq!(grouped.overall().unwrap(), whole.clone());

        let mut sums = Oracle::default();
        let (mut counted, mut most) = (0, 0);
        for group in grouped.groups().unwrap() {
            let of = Oracle::of_group(&group);
            for (currency, total) in of.totals {
                *sums.totals.entry(currency).or_default() += total;
            }
            for (part, amount) in of.parts {
                *sums.parts.entry(part).or_default() += amount;
            }
            for (unit, amount) in of.credits {
                *sums.credits.entry(unit).or_default() += amount;
            }
            sums.with_cost += of.with_cost;
            sums.milliseconds += of.milliseconds;
            counted += group.calls;
            most = most.max(group.calls);
        }
        let expected = Oracle::of_group(&whole);
        // What is divided may leave nothing to the group of the rest, which then is not there, with its 0.
        sums.parts.retain(|part, amount| expected.parts.contains_key(part) || *amount != 0);
        sums.parts.extend(expected.parts.iter().filter(|(_, amount)| **amount == 0).map(|(&part, _)| (part, 0)));
        prop_assert_eq!(&sums.totals, &expected.totals);
        prop_assert_eq!(&sums.parts, &expected.parts);
        prop_assert_eq!(&sums.credits, &expected.credits);
        if dimensions.iter().any(|dimension| dimension.divides_calls()) {
            // A call may be in several groups, and in none twice.
            prop_assert!(counted >= whole.calls && most <= whole.calls);
        } else {
            prop_assert_eq!(counted, whole.calls);
            prop_assert_eq!(sums, expected);
        }
    }

    #[test]
    fn parts_and_the_rest_are_the_total_and_shares_are_shares(
        calls in vec(calls_of_any_kind(), 0..30),
        dimensions in dimensions(),
    ) {
        for group in report(&dimensions, &calls).groups().unwrap() {
            let mut sums: BTreeMap<Currency, Decimal> =
                group.unattributed.iter().map(|rest| (rest.currency, rest.amount)).collect();
            for part in &group.components {
                *sums.entry(part.currency).or_default() += part.amount;
            }
            let totals: BTreeMap<Currency, Decimal> =
                group.totals.iter().map(|total| (total.currency, total.amount)).collect();
            prop_assert_eq!(sums, totals);

            prop_assert_eq!(group.with_cost + group.without_cost, group.calls);
            prop_assert_eq!(group.states.values().map(|of| of.calls).sum::<u64>(), group.calls);
            prop_assert_eq!(group.states.values().map(|of| of.seconds).sum::<Duration>(), group.seconds);
            for quantiles in &group.quantiles {
                let ascending = [quantiles.min, quantiles.median, quantiles.p95, quantiles.max];
                prop_assert!(ascending.is_sorted() && quantiles.exact);
            }
            for bounds in &group.bounds {
                let total = group.totals.get(bounds.currency).unwrap().amount;
                prop_assert!(bounds.at_least <= total);
                prop_assert!(bounds.at_most.is_none_or(|most| total <= most));
                let is_known = bounds.unknown == 0;
                prop_assert!(!is_known || bounds.at_least == total);
            }
            for share in [group.coverage, group.coverage_by_seconds].into_iter().flatten() {
                prop_assert!((Decimal::ZERO..=Decimal::ONE).contains(&share));
            }
            prop_assert_eq!(group.coverage == Some(Decimal::ONE), group.without_cost == 0);
        }
    }

    #[test]
    fn every_sum_is_that_of_integers(calls in vec(calls_of_any_kind(), 0..30)) {
        let group = report(&[], &calls).overall().unwrap();
        prop_assert_eq!(Oracle::of_group(&group), Oracle::of_calls(&calls));
    }

    #[test]
    fn each_group_is_a_report_of_its_own_calls(calls in vec(calls_of_any_kind(), 0..30)) {
        for group in report(&[Dimension::Vendor, Dimension::Status], &calls).groups().unwrap() {
            let own: Vec<Call> = calls
                .iter()
                .filter(|call| {
                    group.key.value(Dimension::Vendor) == Some(call.vendor.as_str())
                        && group.key.value(Dimension::Status) == Some(call.status.value.as_str())
                })
                .cloned()
                .collect();
            prop_assert_eq!(Oracle::of_group(&group), Oracle::of_calls(&own));
            prop_assert_eq!(group.calls, own.len() as u64);
        }
    }

    #[test]
    fn no_amount_panics(
        amounts in vec((any::<i128>(), 0u32..=28), 0..8),
        seconds in vec(any::<u64>(), 0..8),
    ) {
        let mut report = Report::new([]);
        for (index, (digits, scale)) in amounts.into_iter().enumerate() {
            let digits = digits % (1i128 << 96);
            let amount = Money::usd(Decimal::from_i128_with_scale(digits, scale));
            let mut call = Call::new("a", "main", "1");
            call.durations.talk = seconds.get(index).map(|&seconds| Duration::from_secs(seconds));
            call.cost = Cost::reported(amount);
            call.cost.lines.push(CostLine::new(Component::Other, "line", amount));
            let _ = report.add(&call);
        }
        let _ = report.groups();
        let _ = report.overall();
    }
}
