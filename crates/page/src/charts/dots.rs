//! What a minute costs at each side, and how far that may be off by chance.

use callmux_core::{Component, Decimal};
use callmux_costs::{Basis, Comparison, SideFigures};
use maud::{Markup, html};

use super::scale::Scale;
use super::{Chart, line, number, percent};
use crate::text;

/// How much room a side has.
const ROW: f64 = 68.0;

/// Where the figure for the common mix is in that room, below the name.
const LINE: f64 = 34.0;

/// Where the plain figure is, below that one, so that neither hides the other.
const PLAIN: f64 = 51.0;

/// The chart, with a row for each side; `None` where no side has a rate.
pub(crate) fn dots(comparison: &Comparison) -> Option<Markup> {
    if comparison.sides.iter().all(|side| side.per_minute.is_none()) {
        return None;
    }
    let scale = Scale::around(comparison.sides.iter().flat_map(values), 4);
    let height = ROW * comparison.sides.len() as f64;
    let currency = comparison.currency;
    let chart = Chart {
        of: "per-minute",
        id: format!("chart-per-minute-{currency}"),
        title: format!("Cost per minute in {currency}, by {}", text::dimension(comparison.by)),
        description: description(comparison),
        currency: Some(currency.to_string()),
        height,
    };
    Some(chart.markup(&html! {
        @for (tick, label) in scale.ticks() {
            @let x = percent(scale.part(tick));
            (line(if tick.is_zero() { "zero" } else { "grid" }, (&x, "0"), (&x, &number(height))))
            text.tick x=(x) y=(number(height + 20.0)) text-anchor="middle" { (label) }
        }
        @for (index, side) in comparison.sides.iter().enumerate() {
            (row(side, &name(comparison, side), &scale, ROW * index as f64))
        }
    }))
}

/// What the marks mean.
pub(crate) fn legend() -> Markup {
    html! {
        ul.legend {
            li {
                svg.swatch.wide width="34" height="14" aria-hidden="true" {
                    line.whisker x1="2" y1="7" x2="32" y2="7" {}
                    circle.adjusted cx="17" cy="7" r="5" {}
                }
                "for the common mix of call lengths, with its 95\u{a0}% interval"
            }
            li {
                svg.swatch width="14" height="14" aria-hidden="true" {
                    rect.plain x="3" y="3" width="8" height="8" transform="rotate(45 7 7)" {}
                }
                "plain: total ÷ minutes"
            }
        }
    }
}

/// A side's name, and what others' totals cover and its own leave out: its mark is not lower for being cheaper.
fn name(comparison: &Comparison, side: &SideFigures) -> String {
    let differing =
        comparison.pairs.iter().filter(|pair| pair.lower == side.key || pair.higher == side.key);
    let differing: Vec<Component> = differing
        .filter_map(|pair| match &pair.basis {
            Basis::Components { differing, .. } => Some(differing.as_slice()),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    let is_apart = |component: Component| {
        let of = side.scope.iter().find(|of| of.component == component);
        of.is_some_and(|of| of.excluded > of.included)
    };
    let apart = Component::ALL.iter().filter(|of| differing.contains(of) && is_apart(**of));
    let apart: Vec<String> = apart.map(|of| text::component(*of).to_lowercase()).collect();
    let name = text::plain_key(&side.key, 40);
    if apart.is_empty() { name } else { format!("{name}, without {}", apart.join(", ")) }
}

fn values(side: &SideFigures) -> impl Iterator<Item = Decimal> {
    let adjusted = side.mix_adjusted;
    let ends = adjusted.into_iter().flat_map(|of| [Some(of.amount), of.low, of.high]);
    ends.flatten().chain(side.per_minute)
}

fn row(side: &SideFigures, name: &str, scale: &Scale, top: f64) -> Markup {
    let y = number(top + LINE);
    let at = |amount: Decimal| percent(scale.part(amount));
    let range = side.mix_adjusted.and_then(|of| of.low.zip(of.high));
    let ends = |amount: Decimal| (at(amount), number(top + LINE - 8.0), number(top + LINE + 8.0));
    html! {
        g {
            title { (tip(side)) }
            text.name x="8" y=(number(top + 17.0)) { (name) }
            @if side.unsupported.is_some() {
                text.name.aside x="8" y=(number(top + LINE + 1.0)) { "no figure for the common mix" }
            }
            @if let Some((low, high)) = range {
                (line("whisker", (&at(low), &y), (&at(high), &y)))
                @for (x, from, to) in [ends(low), ends(high)] {
                    (line("whisker", (&x, &from), (&x, &to)))
                }
            }
            @if let Some(adjusted) = side.mix_adjusted {
                circle.mark.adjusted cx=(at(adjusted.amount)) cy=(y) r="4.5" {}
            }
            @if let Some(rate) = side.per_minute {
                // A nested drawing, since only its corner can be placed in percent.
                svg.diamond x=(at(rate)) y=(number(top + PLAIN)) width="1" height="1" {
                    rect.mark.plain x="-4.5" y="-4.5" width="9" height="9" transform="rotate(45)" {}
                }
            }
        }
    }
}

fn tip(side: &SideFigures) -> String {
    let mut tip = text::plain_key(&side.key, 60);
    if let Some(adjusted) = side.mix_adjusted {
        tip.push_str(&format!("\nfor the common mix: {}", text::amount(adjusted.amount)));
        if let Some((low, high)) = adjusted.low.zip(adjusted.high) {
            tip.push_str(&format!(" ({} to {})", text::amount(low), text::amount(high)));
        }
    }
    if let Some(rate) = side.per_minute {
        tip.push_str(&format!("\nplain: {}", text::amount(rate)));
    }
    tip
}

fn description(comparison: &Comparison) -> String {
    let sides: Vec<String> =
        comparison.sides.iter().map(|side| tip(side).replace('\n', ", ")).collect();
    format!("{}. The figures are in the table below the chart.", sides.join("; "))
}
