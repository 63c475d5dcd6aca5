//! What each day cost, part on part.

use callmux_core::{Component, Currency, Decimal, add_exactly};
use callmux_costs::Group;
use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use super::scale::Scale;
use super::{Chart, line, number, percent};
use crate::figures::InCurrency;
use crate::text;

const HEIGHT: f64 = 220.0;

/// How many components have a colour of their own.
const COLOURS: usize = 6;

/// A day with its calls.
pub(crate) struct Day<'a> {
    pub(crate) date: NaiveDate,
    pub(crate) group: &'a Group,
}

/// A part of a day's cost that has a colour.
#[derive(Clone, PartialEq)]
enum Part {
    Component(Component),
    Others(Vec<Component>),
    NotItemised,
}

/// Into which parts days are cut: the components that cost most, all others in one, and what is not itemised.
pub(crate) struct Parts {
    currency: Currency,
    parts: Vec<Part>,
}

impl Parts {
    pub(crate) fn of(overall: &Group, currency: Currency) -> Self {
        let of_currency = overall.components.iter().filter(|part| part.currency == currency);
        let mut by_amount: Vec<(Decimal, Component)> =
            of_currency.map(|part| (part.amount.abs(), part.component)).collect();
        by_amount.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        let ordered = |components: &[(Decimal, Component)]| {
            let mut components: Vec<Component> = components.iter().map(|(_, of)| *of).collect();
            components.sort_unstable();
            components
        };
        let (large, small) = by_amount.split_at(by_amount.len().min(COLOURS));
        let mut parts: Vec<Part> = ordered(large).into_iter().map(Part::Component).collect();
        if !small.is_empty() {
            parts.push(Part::Others(ordered(small)));
        }
        parts.push(Part::NotItemised);
        Self { currency, parts }
    }

    /// The names of the parts beside their colours.
    pub(crate) fn legend(&self) -> Markup {
        html! {
            ul.legend {
                @for (index, part) in self.parts.iter().enumerate() {
                    li {
                        svg.swatch width="14" height="14" aria-hidden="true" {
                            rect class=(part.class(index)) width="14" height="14" fill=[self.fill(part)] {}
                        }
                        (part.name())
                    }
                }
                li {
                    svg.swatch width="14" height="14" aria-hidden="true" {
                        circle.incomplete cx="7" cy="7" r="3" {}
                    }
                    "some costs not known"
                }
            }
        }
    }

    fn amount(&self, part: &Part, group: &Group) -> Decimal {
        let of = InCurrency::of(group, self.currency);
        let component = |component| of.component(component).unwrap_or_default();
        match part {
            Part::Component(one) => component(*one),
            Part::Others(others) => {
                let sum = |sum: Decimal, one: &Component| {
                    add_exactly(sum, component(*one)).unwrap_or(sum)
                };
                others.iter().fold(Decimal::ZERO, sum)
            }
            Part::NotItemised => of.unattributed().unwrap_or_default(),
        }
    }

    fn hatch(&self) -> String {
        format!("hatch-{}", self.currency)
    }

    fn fill(&self, part: &Part) -> Option<String> {
        (*part == Part::NotItemised).then(|| format!("url(#{})", self.hatch()))
    }
}

impl Part {
    fn name(&self) -> String {
        match self {
            Self::Component(component) => text::component(*component),
            Self::Others(_) => "Smaller components".to_owned(),
            Self::NotItemised => "Not itemised".to_owned(),
        }
    }

    fn class(&self, index: usize) -> String {
        match self {
            Self::Component(_) => format!("part-{index}"),
            Self::Others(_) => "part-others".to_owned(),
            Self::NotItemised => "part-rest".to_owned(),
        }
    }
}

/// The chart. Days must be in order, and there must be one.
pub(crate) fn days(days: &[Day<'_>], parts: &Parts) -> Option<Markup> {
    let (first, last) = (days.first()?.date, days.last()?.date);
    let slots = (last - first).num_days() + 1;
    let scale = Scale::around(days.iter().flat_map(|day| ends(day, parts)), 5);
    let chart = Chart {
        of: "days",
        id: format!("chart-days-{}", parts.currency),
        title: format!("Cost per day in {}, by component", parts.currency),
        description: description(days, parts, slots),
        currency: Some(parts.currency.to_string()),
        height: HEIGHT,
    };
    let slot = |date: NaiveDate| (date - first).num_days() as f64 / slots as f64;
    let width = 1.0 / slots as f64;
    Some(chart.markup(&html! {
        (hatching(parts))
        (grid(&scale))
        g class=[(!is_dense(width)).then_some("apart")] {
            @for day in days { (bar(day, parts, &scale, (slot(day.date), width))) }
        }
        (line("zero", ("0", &down(&scale, Decimal::ZERO)), ("100%", &down(&scale, Decimal::ZERO))))
        (dates(first, last, slots))
    }))
}

fn hatching(parts: &Parts) -> Markup {
    html! {
        defs {
            pattern id=(parts.hatch()) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.hatch-ground width="6" height="6" {}
                rect.hatch-line width="2.2" height="6" {}
            }
        }
    }
}

/// The least and the largest height of a day's stack.
fn ends(day: &Day<'_>, parts: &Parts) -> [Decimal; 2] {
    let mut ends = [Decimal::ZERO; 2];
    for part in &parts.parts {
        let amount = parts.amount(part, day.group);
        let [low, high] = &mut ends;
        let end = if amount < Decimal::ZERO { low } else { high };
        *end = end.saturating_add(amount);
    }
    ends
}

fn place(scale: &Scale, amount: Decimal) -> f64 {
    HEIGHT * (1.0 - scale.part(amount))
}

fn down(scale: &Scale, amount: Decimal) -> String {
    number(place(scale, amount))
}

fn grid(scale: &Scale) -> Markup {
    html! {
        @for (tick, label) in scale.ticks() {
            @let y = down(scale, tick);
            (line("grid", ("0", &y), ("100%", &y)))
            text.tick x="-8" y=(y) dy="0.32em" text-anchor="end" { (label) }
        }
    }
}

/// Whether bars are too thin to be set apart from one another.
fn is_dense(slot_width: f64) -> bool {
    slot_width < 1.0 / 120.0
}

/// One day: what is above zero stacked upwards, what is below it downwards.
fn bar(day: &Day<'_>, parts: &Parts, scale: &Scale, (slot, slot_width): (f64, f64)) -> Markup {
    // Few days leave room between bars, many none.
    let share = if is_dense(slot_width) { 0.94 } else { 0.76 };
    let width = (slot_width * share).min(0.06);
    let left = slot + (slot_width - width) / 2.0;
    let (mut above, mut below) = (Decimal::ZERO, Decimal::ZERO);
    let mut pieces = Vec::new();
    for (index, part) in parts.parts.iter().enumerate() {
        let amount = parts.amount(part, day.group);
        if amount.is_zero() {
            continue;
        }
        let end = if amount < Decimal::ZERO { &mut below } else { &mut above };
        let from = place(scale, *end);
        *end = end.saturating_add(amount);
        let to = place(scale, *end);
        pieces.push(html! {
            rect class={ "mark " (part.class(index)) } x=(percent(left)) width=(percent(width))
                y=(number(from.min(to))) height=(number((from - to).abs().max(0.5)))
                fill=[parts.fill(part)] {}
        });
    }
    html! {
        g {
            title { (tip(day, parts)) }
            @for piece in &pieces { (piece) }
            @if day.group.without_cost > 0 {
                circle.incomplete cx=(percent(slot + slot_width / 2.0)) cy=(number(HEIGHT + 9.0)) r="3" {}
            }
        }
    }
}

/// What is shown of a day that is pointed at.
fn tip(day: &Day<'_>, parts: &Parts) -> String {
    let currency = parts.currency;
    let total = InCurrency::of(day.group, currency).total();
    let total = total.map_or_else(
        || "cost not known".to_owned(),
        |total| format!("{} {currency}", text::amount(total)),
    );
    let mut tip = format!("{}: {total}", text::day(day.date));
    for part in &parts.parts {
        let amount = parts.amount(part, day.group);
        if !amount.is_zero() {
            tip.push_str(&format!("\n{}: {}", part.name(), text::amount(amount)));
        }
    }
    if day.group.without_cost > 0 {
        let unknown = text::counted(day.group.without_cost, "call", "calls");
        tip.push_str(&format!("\nNot known: the cost of {unknown}"));
    }
    tip
}

/// A few dates below the bars, not more than a telephone has room for.
fn dates(first: NaiveDate, last: NaiveDate, slots: i64) -> Markup {
    let several_years = first.year() != last.year();
    let marks = if several_years { 3 } else { 5 }.min(slots);
    let shown = (0..marks).map(|mark| {
        let slot = if marks > 1 { mark * (slots - 1) / (marks - 1) } else { 0 };
        let date = first.checked_add_signed(chrono::TimeDelta::days(slot)).unwrap_or(last);
        let format = if several_years { "%-d %b %Y" } else { "%-d %b" };
        let anchor = match mark {
            _ if slots <= 8 => ("middle", 0.5),
            0 => ("start", 0.0),
            last if last == marks - 1 => ("end", 1.0),
            _ => ("middle", 0.5),
        };
        let at = (slot as f64 + anchor.1) / slots as f64;
        (percent(at), anchor.0, date.format(format).to_string())
    });
    html! {
        @for (at, anchor, label) in shown {
            text.tick x=(at) y=(number(HEIGHT + 30.0)) text-anchor=(anchor) { (label) }
        }
    }
}

fn description(days: &[Day<'_>], parts: &Parts, slots: i64) -> String {
    let currency = parts.currency;
    let total = |day: &&Day<'_>| InCurrency::of(day.group, currency).total();
    let of_days = text::counted(slots.unsigned_abs(), "day", "days");
    let mut text = format!("A bar for each day with calls, over {of_days}.");
    let dearest = days.iter().filter(|day| total(day).is_some()).max_by_key(total);
    if let Some((day, amount)) = dearest.and_then(|day| Some((day, total(&day)?))) {
        let amount = text::amount(amount);
        text.push_str(&format!(
            " The day with the highest cost is {}, with {amount} {currency}.",
            text::day(day.date)
        ));
    }
    let unknown = days.iter().filter(|day| day.group.without_cost > 0).count();
    if unknown > 0 {
        text.push_str(&format!(" On {unknown} of them, some costs are not known."));
    }
    text.push_str(" The figures are in the table below the chart.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_few_and_at_the_ends() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let labels = dates(day("2026-01-01"), day("2026-12-31"), 365).into_string();
        assert_eq!(labels.matches("<text").count(), 5);
        assert!(labels.contains("1 Jan") && labels.contains("31 Dec"));
        let one = dates(day("2026-01-01"), day("2026-01-01"), 1).into_string();
        assert_eq!(one.matches("<text").count(), 1);
        let years = dates(day("2025-12-01"), day("2026-12-31"), 396).into_string();
        assert_eq!(years.matches("<text").count(), 3);
    }
}
