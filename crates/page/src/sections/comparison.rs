//! What a minute costs at each vendor, like for like.

use callmux_core::Component;
use callmux_costs::{Basis, Comparison, Dimension, Key, Scope, SideFigures};
use maud::{Markup, html};

use super::section;
use crate::charts;
use crate::figures::{Figure, Table, columns};
use crate::page::Figures;
use crate::text;

/// The comparisons, one a currency.
pub(crate) fn comparisons(figures: &Figures<'_>) -> Markup {
    let comparisons = figures.page.comparisons;
    let by = comparisons.first().map_or(Dimension::Vendor, |comparison| comparison.by);
    let heading = format!("Cost per minute by {}", text::dimension(by));
    section(
        "comparison",
        &heading,
        &html! {
            @if comparisons.is_empty() { p.empty { "No cost is known, so nothing can be compared." } }
            @for comparison in comparisons {
                @if comparisons.len() > 1 { h3 { (comparison.currency) } }
                (one(comparison))
            }
        },
    )
}

fn one(comparison: &Comparison) -> Markup {
    html! {
        (scopes_differ(comparison))
        @if let Some(chart) = charts::dots(comparison) {
            figure.chart-box { (charts::dots_legend()) (chart) }
        }
        (conclusions(comparison))
        (sides(comparison))
        (buckets(comparison))
        (scope(comparison))
    }
}

/// A warning where the totals of two sides do not cover the same components.
fn scopes_differ(comparison: &Comparison) -> Markup {
    let differ = comparison.pairs.iter().any(|pair| matches!(pair.basis, Basis::Components { .. }));
    html! {
        @if differ {
            p.notice role="note" {
                strong { "Not every total covers the same things. " }
                "A figure that is lower in the chart may leave something out; what can be compared is said below it."
            }
        }
    }
}

fn conclusions(comparison: &Comparison) -> Markup {
    let keys = || comparison.sides.iter().map(|side| &side.key);
    let unsupported = comparison.sides.iter().filter_map(|side| Some((side, side.unsupported?)));
    html! {
        @if !comparison.pairs.is_empty() {
            ul class=(if comparison.pairs.len() > 3 { "conclusions many" } else { "conclusions" }) {
                @for pair in &comparison.pairs { li { (text::sentence(&pair.sentence, keys())) } }
            }
        }
        ul.remarks {
            @for (side, why) in unsupported {
                li { (text::key(&side.key)) " has no figure for the common mix: " (why) "." }
            }
            @for note in &comparison.notes { li { (text::sentence(note, keys())) } }
        }
    }
}

/// What ids of a comparison's tables end with.
fn variant(comparison: &Comparison) -> String {
    format!("-{}", comparison.currency)
}

fn key(key: &Key) -> String {
    text::key_value(key)
}

fn sides(comparison: &Comparison) -> Markup {
    let names = [
        "Calls",
        "Counted",
        "Cost not known",
        "No talk",
        "What those cost",
        "Neither, or other currency",
        "Other lengths",
        "Minutes",
        "Total",
        "Plain per minute",
        "For the common mix",
        "95 % from",
        "to",
    ];
    Table {
        of: "comparison-sides",
        variant: variant(comparison),
        currency: Some(comparison.currency),
        caption: html! {
            "What is compared, and which calls are left out, amounts in " (comparison.currency)
        },
        is_long: false,
        head: columns(&heading(comparison), names),
        body: html! { @for side in &comparison.sides { (side_row(comparison, side)) } },
        foot: None,
    }
    .markup()
}

fn heading(comparison: &Comparison) -> String {
    let word = text::dimension(comparison.by);
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn side_row(comparison: &Comparison, side: &SideFigures) -> Markup {
    let left_out = side.left_out;
    let adjusted = side.mix_adjusted;
    let talk = (side.counted > 0).then_some(side.seconds);
    html! {
        tr data-key=(key(&side.key)) data-currency=(comparison.currency) {
            th scope="row" { (text::key(&side.key)) }
            (Figure::count("calls", side.calls).cell())
            (Figure::count("counted", side.counted).cell())
            (Figure::count("left_out.without_cost", left_out.without_cost).cell())
            (Figure::count("left_out.without_talk", left_out.without_talk).cell())
            (Figure::amount("left_out.without_talk_total", left_out.without_talk_total).or("none").cell())
            (Figure::count("left_out.neither", left_out.neither).cell())
            (Figure::count("left_out.other_lengths", left_out.other_lengths).cell())
            (Figure::minutes("seconds", talk).cell())
            (Figure::amount("total", side.total).cell())
            (Figure::amount("per_minute", side.per_minute).cell())
            @match side.unsupported {
                Some(why) => td.reason colspan="3" data-field="unsupported" data-value=(why) { (why) },
                None => {
                    (Figure::amount("mix_adjusted.amount", adjusted.map(|of| of.amount)).cell())
                    (Figure::amount("mix_adjusted.low", adjusted.and_then(|of| of.low)).cell())
                    (Figure::amount("mix_adjusted.high", adjusted.and_then(|of| of.high)).cell())
                }
            }
        }
    }
}

fn buckets(comparison: &Comparison) -> Markup {
    Table {
        of: "comparison-buckets",
        variant: variant(comparison),
        currency: Some(comparison.currency),
        caption: html! {
            "Calls by length: the weight of each bucket in the common mix, and each side's calls and cost per minute in it, in "
            (comparison.currency)
        },
        is_long: false,
        head: html! {
            tr {
                th scope="col" rowspan="2" { "Length" }
                th.figure scope="col" rowspan="2" { "Weight" }
                @for side in &comparison.sides {
                    th.pair scope="colgroup" colspan="2" { (text::key(&side.key)) }
                }
            }
            tr {
                @for _ in &comparison.sides {
                    th.figure scope="col" { "Calls" }
                    th.figure scope="col" { "Per minute" }
                }
            }
        },
        body: html! {
            @for (index, bucket) in comparison.buckets.iter().enumerate() {
                tr data-key=(bucket.lengths) data-currency=(comparison.currency) {
                    th scope="row" { (bucket.lengths) }
                    (Figure::share("weight", bucket.weight).or("does not count").cell())
                    @for side in &comparison.sides {
                        @let of = side.buckets.get(index);
                        @let name = key(&side.key);
                        (Figure::count("calls", of.map_or(0, |of| of.calls)).cell_of(Some(&name), None))
                        (Figure::amount("per_minute", of.and_then(|of| of.per_minute)).or("no minutes").cell_of(Some(&name), None))
                    }
                }
            }
        },
        foot: None,
    }
    .markup()
}

fn scope(comparison: &Comparison) -> Markup {
    let named = |component: &Component| {
        comparison.sides.iter().any(|side| side.scope.iter().any(|of| of.component == *component))
    };
    let components: Vec<Component> = Component::ALL.iter().copied().filter(named).collect();
    if components.is_empty() {
        return html! { p.remark { "No total says what it covers." } };
    }
    Table {
        of: "comparison-scope",
        variant: variant(comparison),
        currency: Some(comparison.currency),
        caption: html! { "What the totals cover, as far as they say" },
        is_long: false,
        head: html! {
            tr {
                th scope="col" { "Component" }
                @for side in &comparison.sides { th scope="col" { (text::key(&side.key)) } }
            }
        },
        body: html! {
            @for component in components {
                tr data-key=(component) data-currency=(comparison.currency) {
                    th scope="row" { (text::component(component)) }
                    @for side in &comparison.sides { (covered(side, component)) }
                }
            }
        },
        foot: None,
    }
    .markup()
}

fn covered(side: &SideFigures, component: Component) -> Markup {
    let scope = side.scope.iter().find(|of| of.component == component).map(|of| of.scope);
    let (word, shown) = match scope {
        Some(Scope::Included) => ("included", "✓ included"),
        Some(Scope::Excluded) => ("excluded", "✕ charged apart"),
        Some(Scope::Partly) => ("partly", "◐ in some"),
        _ => ("unknown", "? not said"),
    };
    html! {
        td.word data-field="scope" data-value=(word) data-side=(key(&side.key)) { (shown) }
    }
}
