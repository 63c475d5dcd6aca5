//! `docs/costs.md`: what it works out is worked out again.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use callmux::{Call, Cost, Decimal, Money};
use callmux_costs::{
    Change, Comparer, Comparison, Converter, Dimension, Group, Measure, Rate, Report, SideFigures,
    Watch, Zone,
};
use chrono::DateTime;

const PAGE: &str = include_str!("../../docs/costs.md");

/// The text between a heading and the next one of its level.
fn section(heading: &str) -> &'static str {
    let rest = PAGE.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The text of the first code block of this kind.
fn block(text: &'static str, kind: &str) -> &'static str {
    text.split(&format!("```{kind}\n")).nth(1).unwrap().split("\n```").next().unwrap()
}

/// The rows of a section's table that has this first heading, cell by cell.
fn table(section: &'static str, first: &str) -> Vec<Vec<&'static str>> {
    let head = format!("| {first}");
    let mut lines = section.lines().skip_while(|line| !line.starts_with(&head)).skip(2);
    let mut rows = Vec::new();
    while let Some(line) = lines.next().filter(|line| line.starts_with('|')) {
        rows.push(line.trim_matches('|').split('|').map(str::trim).collect());
    }
    assert!(!rows.is_empty(), "no table begins with {first}");
    rows
}

/// The cells in the column of this number, by those in the first one.
fn column(rows: &[Vec<&'static str>], index: usize) -> BTreeMap<&'static str, &'static str> {
    rows.iter().map(|row| (row[0], row[index])).collect()
}

fn calls() -> Vec<Call> {
    let lines = block(section("Figures of a group"), "ndjson").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn report<'a>(calls: impl IntoIterator<Item = &'a Call>, by: &[Dimension]) -> Report {
    let mut report = Report::new(by.iter().copied());
    calls.into_iter().for_each(|call| report.add(call).unwrap());
    report
}

fn of_vendor(report: &Report, vendor: &str) -> Group {
    let mut groups = report.groups().unwrap().into_iter();
    groups.find(|group| group.key.value(Dimension::Vendor) == Some(vendor)).unwrap()
}

fn dollars(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A call of a length and a cost.
fn priced(vendor: &str, id: usize, seconds: u64, amount: &str) -> Call {
    let mut call = Call::new(vendor, "main", id.to_string());
    call.durations.talk = Some(Duration::from_secs(seconds));
    call.cost = Cost::reported(Money::usd(dollars(amount)));
    call
}

#[test]
fn the_figures_of_a_group() {
    let group = of_vendor(&report(&calls(), &[Dimension::Vendor]), "vapi");
    let list = |parts: Vec<String>| parts.join(", ");
    let text = |amount: Option<Decimal>| amount.unwrap().to_string();
    let [quantiles] = group.quantiles[..] else { panic!("one currency") };
    let components = |figure: fn(&callmux_costs::ComponentTotal) -> String| {
        list(
            group
                .components
                .iter()
                .map(|part| format!("{} {}", part.component, figure(part)))
                .collect(),
        )
    };
    let figures = BTreeMap::from([
        ("`calls`", group.calls.to_string()),
        ("`connected`", group.connected.to_string()),
        ("`completed`", group.completed.to_string()),
        ("`with_cost`, `without_cost`", format!("{}, {}", group.with_cost, group.without_cost)),
        (
            "`states`",
            list(group.states.iter().map(|(state, of)| format!("{state} {}", of.calls)).collect()),
        ),
        ("`seconds`", group.seconds.as_secs().to_string()),
        ("`totals`", list(group.totals.iter().map(|total| total.to_string()).collect())),
        ("`coverage`", text(group.coverage)),
        ("`coverage_by_seconds`", text(group.coverage_by_seconds)),
        ("`bounds.at_least`", group.bounds[0].at_least.to_string()),
        ("`bounds.at_most`", text(group.bounds[0].at_most)),
        ("`per_minute`", text(group.per_minute[0].amount)),
        ("`per_connected`", text(group.per_connected[0].amount)),
        ("`per_completed`", text(group.per_completed[0].amount)),
        (
            "`quantiles.min`, `median`, `p95`, `max`",
            list(
                [quantiles.min, quantiles.median, quantiles.p95, quantiles.max]
                    .map(|of| of.to_string())
                    .into(),
            ),
        ),
        ("`components`", components(|part| part.amount.to_string())),
        ("`components.share`", components(|part| part.share.unwrap().to_string())),
        ("`unattributed`", group.unattributed.iter().next().unwrap().amount.to_string()),
    ]);
    let shown = column(&table(section("Figures of a group"), "Figure (the key in JSON)"), 2);
    assert_eq!(shown.len(), figures.len());
    for (name, figure) in figures {
        assert_eq!(shown.get(name), Some(&figure.as_str()), "{name}");
    }
}

#[test]
fn the_converted_amounts() {
    let rate: Rate = "EUR=1.08".parse().unwrap();
    let mut converter = Converter::new(callmux::Currency::USD, [rate], Zone::utc()).unwrap();
    let calls: Vec<Call> =
        calls().iter().map(|call| converter.convert(call).unwrap().into_owned()).collect();
    let burki = of_vendor(&report(&calls, &[Dimension::Vendor]), "burki");
    let totals: Vec<String> = burki.totals.iter().map(|total| total.to_string()).collect();
    let rate = converter.conversion().rates[0];
    let shown = column(&table(section("Currencies"), "Figure"), 2);
    assert_eq!([shown["`totals` of Burki"]], totals[..]);
    assert_eq!(shown["`conversion.rates.amount`"], format!("{} {}", rate.amount, rate.from));
}

#[test]
fn the_comparison() {
    let mut comparer = Comparer::new(Dimension::Vendor);
    for row in table(section("Comparison"), "Side") {
        let [side, seconds, calls, cost] = row[..] else { panic!("{row:?}") };
        for id in 0..calls.parse().unwrap() {
            let mut call = priced(side, id, seconds.parse().unwrap(), cost);
            call.id = format!("{seconds}-{id}").into();
            comparer.add(&call).unwrap();
        }
    }
    let comparison: Comparison = comparer.comparisons().unwrap().remove(0);
    let at = |lengths: &str| {
        let mut buckets = comparison.buckets.iter();
        buckets.position(|bucket| bucket.lengths.to_string() == lengths).unwrap()
    };
    let figures = |side: &SideFigures| {
        let mut figures = BTreeMap::from([
            ("`per_minute`".to_owned(), side.per_minute),
            ("`mix_adjusted`".to_owned(), side.mix_adjusted.map(|estimate| estimate.amount)),
        ]);
        for lengths in ["30 s to 1 min", "3 to 5 min"] {
            let index = at(lengths);
            figures.insert(format!("`per_minute` of {lengths}"), side.buckets[index].per_minute);
            figures.insert(format!("`weight` of {lengths}"), comparison.buckets[index].weight);
        }
        figures
    };
    let rows = table(section("Comparison"), "Figure");
    for (index, name) in [(2, "brisk"), (3, "steady")] {
        let mut sides = comparison.sides.iter();
        let side = sides.find(|side| side.key.value(Dimension::Vendor) == Some(name)).unwrap();
        let (shown, figures) = (column(&rows, index), figures(side));
        assert_eq!(shown.len(), figures.len());
        for (figure, amount) in figures {
            assert_eq!(shown[figure.as_str()], amount.unwrap().to_string(), "{name}: {figure}");
        }
    }
    assert_eq!(comparison.pairs[0].lower.value(Dimension::Vendor), Some("brisk"));
}

#[test]
fn the_parts_of_a_change() {
    let periods = table(section("What changed"), "Period").into_iter().map(|row| {
        let [_, calls, minutes, cost] = row[..] else { panic!("{row:?}") };
        let minutes: u64 = minutes.parse().unwrap();
        let calls = (0..calls.parse().unwrap()).map(|id| priced("a", id, minutes * 60, cost));
        report(&calls.collect::<Vec<_>>(), &[])
    });
    let [before, after] = periods.collect::<Vec<_>>().try_into().unwrap();
    let change = Change::between(&before, &after).unwrap().overall.remove(0);
    let shown = column(&table(section("What changed"), "Part"), 2);
    for (name, part) in [
        ("`change`", change.change),
        ("`volume`", change.volume),
        ("`length`", change.length),
        ("`price`", change.price),
        ("`untimed`", change.untimed),
    ] {
        assert_eq!(shown[name], part.to_string(), "{name}");
    }
    assert_eq!(shown.len(), 5);
}

#[test]
fn the_fence() {
    let text = section("Outliers");
    let lengths = block(text, "text").split_whitespace().map(|length| length.parse().unwrap());
    let mut watch = Watch::new([], DateTime::UNIX_EPOCH);
    lengths.enumerate().for_each(|(id, length)| watch.add(&priced("a", id, length, "0.1")));
    let outliers = watch.outliers().unwrap();
    let of = outliers.groups.iter().find(|of| of.measure == Measure::Length).unwrap();
    assert!(text.contains(&format!("the fence is 88 + 3 × (88 − 68) = {}", of.high)));
    let values: Vec<String> = of.farthest.iter().map(|of| of.value.to_string()).collect();
    assert!(text.contains(&format!("the call of {} seconds stands out", values.join(" "))));
    assert_eq!((of.calls, of.beyond), (20, 1));
}
