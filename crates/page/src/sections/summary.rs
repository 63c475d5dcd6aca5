//! The headline figures, and those of each vendor.

use callmux_core::Currency;
use callmux_costs::{Bounds, Dimension, Group, TotalsScope};
use maud::{Markup, html};

use super::{counts_of_all, currency_heading, in_currency, section, variant};
use crate::figures::{Figure, InCurrency, Table, columns, talk};
use crate::page::Figures;
use crate::text;

/// The headline figures.
pub(crate) fn summary(figures: &Figures<'_>) -> Markup {
    let overall = &figures.overall;
    section(
        "summary",
        "Summary",
        &html! {
            @if overall.calls == 0 { p.empty { "No call matches." } }
            @for currency in figures.currencies_or_none() {
                (currency_heading(figures, currency))
                @match currency {
                    Some(currency) => (money(overall, currency)),
                    None => {
                        dl.tiles {
                            (tile("Total spent", &Figure::amount("total", None), html! { "no cost is known" }))
                        }
                    }
                }
            }
            @if figures.has_several_currencies() { h3 { "Calls" } }
            (calls(overall))
            (states(overall))
            @if !figures.vendors.is_empty() {
                @for currency in figures.currencies_or_none() { (vendors(figures, currency)) }
                (left_out(figures))
                (counts_of_all(figures))
                @if figures.vendors.len() > 1 {
                    p.remark {
                        "Vendors' totals may cover different things, and their calls differ in length: see "
                        a href="#comparison" { "cost per minute" } " before you compare."
                    }
                }
            }
        },
    )
}

fn tile(name: &str, figure: &Figure, note: Markup) -> Markup {
    let note: Markup = note;
    html! {
        div.tile {
            dt { (name) }
            dd.value { (figure.inline()) }
            dd.note { (note) }
        }
    }
}

fn money(group: &Group, currency: Currency) -> Markup {
    let of = InCurrency::of(group, currency);
    let quantiles = of.quantiles();
    let known = quantiles.map_or(0, |of| of.calls);
    let rate = group.per_minute.iter().find(|rate| rate.currency == currency);
    let calls_of = |rates: &[callmux_costs::PerCall]| {
        rates.iter().find(|rate| rate.currency == currency).map_or(0, |rate| rate.calls)
    };
    let is_rough = quantiles.is_some_and(|of| !of.exact);
    html! {
        div data-section="headline" data-currency=(currency) {
            dl.tiles {
                div.tile.first {
                    dt { "Total spent" }
                    dd.value { (Figure::amount("total", of.total()).inline()) " " span.unit { (currency) } }
                    dd.note { "by " (text::counted(known, "call", "calls")) " with a known cost" }
                    (bounds(group, currency))
                }
                (tile("Per minute", &Figure::amount("per_minute", of.per_minute()), html! {
                    @if let Some(rate) = rate {
                        (text::counted(rate.calls, "call", "calls")) ", " (text::minutes(rate.seconds)) " min"
                    }
                }))
                (tile("Per connected call", &Figure::amount("per_connected", of.per_connected()), html! {
                    (text::counted(calls_of(&group.per_connected), "call", "calls"))
                }))
                (tile("Per completed call", &Figure::amount("per_completed", of.per_completed()), html! {
                    (text::counted(calls_of(&group.per_completed), "call", "calls"))
                }))
                (tile("Median call", &Figure::amount("median", quantiles.map(|of| of.median)), html! {
                    "half of the calls cost no more" @if is_rough { " (within 1/64)" }
                }))
                (tile("95th percentile", &Figure::amount("p95", quantiles.map(|of| of.p95)), html! {
                    "95 in 100 calls cost no more" @if is_rough { " (within 1/64)" }
                }))
            }
        }
    }
}

/// Between which the total is once every cost is known, where some are not.
fn bounds(group: &Group, currency: Currency) -> Markup {
    let bounds = group.bounds.iter().find(|bounds| bounds.currency == currency);
    let Some(Bounds { unknown, at_least, at_most, .. }) = bounds.filter(|of| of.unknown > 0) else {
        return Markup::default();
    };
    html! {
        dd.note {
            "if the " (Figure::count("unknown", *unknown).inline()) " that are not known were added: at least "
            (Figure::amount("at_least", Some(*at_least)).inline())
            @if at_most.is_some() {
                ", at most " (Figure::amount("at_most", *at_most).inline())
            } @else {
                ", and nobody knows in which currency they come"
            }
        }
    }
}

fn calls(group: &Group) -> Markup {
    html! {
        div data-section="calls" {
            dl.tiles {
                (tile("Calls", &Figure::count("calls", group.calls), Markup::default()))
                (tile("Connected", &Figure::count("connected", group.connected), html! { "the parties talked" }))
                (tile("Completed", &Figure::count("completed", group.completed), html! { "by their status" }))
                (tile("Minutes of talk", &Figure::minutes("seconds", talk(group)), html! {
                    "of " (text::counted(group.with_talk, "call", "calls")) " with a known length"
                }))
                (tile("Cost known, calls", &Figure::share("coverage", group.coverage), html! {
                    (text::count(group.with_cost)) " of " (text::count(group.calls))
                }))
                (tile("Cost known, minutes", &Figure::share("coverage_by_seconds", group.coverage_by_seconds), html! {
                    (text::minutes(group.seconds_with_cost)) " of " (text::minutes(group.seconds)) " min"
                }))
            }
        }
    }
}

fn states(group: &Group) -> Markup {
    html! {
        @if !group.states.is_empty() {
            p.states {
                "Costs by how far they can be relied on: "
                @for (index, (state, of)) in group.states.iter().enumerate() {
                    @if index > 0 { ", " }
                    (text::state(*state)) " " (Figure::count(format!("states.{state}"), of.calls).inline())
                }
                "."
            }
        }
        @if !group.credits.is_empty() {
            p.states {
                "Charged in credits, which are not money and are in no total: "
                @for (index, credits) in group.credits.iter().enumerate() {
                    @if index > 0 { ", " }
                    (text::amount(credits.amount)) " " (text::name(&credits.unit))
                }
                "."
            }
        }
    }
}

fn vendors(figures: &Figures<'_>, currency: Option<Currency>) -> Markup {
    let shown = |group: &&Group| {
        currency
            .is_none_or(|currency| group.totals.is_empty() || group.totals.get(currency).is_some())
    };
    let names = [
        "Calls",
        "Connected",
        "Completed",
        "Minutes",
        "Total",
        "Per minute",
        "Per connected call",
        "Per completed call",
        "Median",
        "95th percentile",
        "Cost known",
        "by minutes",
    ];
    Table {
        of: "vendors",
        variant: variant(currency),
        currency,
        caption: html! { "By vendor" (in_currency(currency)) },
        is_long: false,
        head: columns("Vendor", names),
        body: html! { @for group in figures.vendors.iter().filter(shown) { (vendor(group, currency)) } },
        // Calls of several currencies are not those of this one.
        foot: (figures.vendors.len() > 1 && !figures.has_several_currencies()).then(|| html! {
            tr { th scope="row" { "All" } (cells(&figures.overall, currency)) }
        }),
    }
    .markup()
}

/// What each vendor's totals say that they leave out: such a total is not cheaper for it.
fn left_out(figures: &Figures<'_>) -> Markup {
    let names = |group: &Group| {
        let left = group.scope.iter().filter(|of| of.excluded > 0);
        let name = |of: &TotalsScope| {
            let whose = if of.included == 0 { "" } else { " (of some calls)" };
            format!("{}{whose}", of.component.in_words())
        };
        left.map(name).collect::<Vec<_>>().join(", ")
    };
    let vendors = figures.vendors.iter().map(|group| (group, names(group)));
    let vendors: Vec<(&Group, String)> = vendors.filter(|(_, names)| !names.is_empty()).collect();
    html! {
        @if !vendors.is_empty() {
            p.states {
                "Not in these totals: "
                @for (index, (group, names)) in vendors.iter().enumerate() {
                    @if index > 0 { "; " }
                    (text::key(&group.key)) ": " (names)
                }
                "."
            }
        }
    }
}

fn vendor(group: &Group, currency: Option<Currency>) -> Markup {
    let vendor = group.key.value(Dimension::Vendor);
    html! {
        tr data-key=(text::attribute(vendor.unwrap_or_default())) data-currency=[currency] {
            th scope="row" { (text::key(&group.key)) }
            (cells(group, currency))
        }
    }
}

fn cells(group: &Group, currency: Option<Currency>) -> Markup {
    let of = currency.map(|currency| InCurrency::of(group, currency));
    let of = of.as_ref();
    let quantiles = of.and_then(InCurrency::quantiles);
    html! {
        (Figure::count("calls", group.calls).cell())
        (Figure::count("connected", group.connected).cell())
        (Figure::count("completed", group.completed).cell())
        (Figure::minutes("seconds", talk(group)).cell())
        (Figure::amount("total", of.and_then(InCurrency::total)).cell())
        (Figure::amount("per_minute", of.and_then(InCurrency::per_minute)).cell())
        (Figure::amount("per_connected", of.and_then(InCurrency::per_connected)).cell())
        (Figure::amount("per_completed", of.and_then(InCurrency::per_completed)).cell())
        (Figure::amount("median", quantiles.map(|of| of.median)).cell())
        (Figure::amount("p95", quantiles.map(|of| of.p95)).cell())
        (Figure::share("coverage", group.coverage).cell())
        (Figure::share("coverage_by_seconds", group.coverage_by_seconds).cell())
    }
}
