//! What was paid for.

use callmux_core::{Component, Currency};
use callmux_costs::{Dimension, Group};
use maud::{Markup, html};

use super::days::components as components_of;
use super::{currency_heading, in_currency, section, variant};
use crate::figures::{Figure, InCurrency, Table};
use crate::page::Figures;
use crate::text;

/// For how many vendors there are columns of their own.
const VENDORS: usize = 6;

/// The components, with what is in no component and what is in no total.
pub(crate) fn components(figures: &Figures<'_>) -> Markup {
    section(
        "components",
        "What was paid for",
        &html! {
            @if figures.currencies.is_empty() { p.empty { "No cost is known." } }
            @for &currency in &figures.currencies {
                (currency_heading(figures, Some(currency)))
                (table(figures, currency))
                (outside(&figures.overall, currency))
            }
            (remarks(&figures.overall))
        },
    )
}

fn table(figures: &Figures<'_>, currency: Currency) -> Markup {
    let overall = &figures.overall;
    let of_currency = |group: &&Group| group.totals.get(currency).is_some();
    let vendors: Vec<&Group> = figures.vendors.iter().filter(of_currency).collect();
    let vendors = if (2..=VENDORS).contains(&vendors.len()) { vendors } else { Vec::new() };
    let unattributed = |group: &Group| InCurrency::of(group, currency).unattributed();
    let total = |group: &Group| InCurrency::of(group, currency).total();
    Table {
        of: "components",
        variant: variant(Some(currency)),
        currency: Some(currency),
        caption: html! { "By component" (in_currency(Some(currency))) },
        is_long: false,
        head: html! {
            tr {
                th scope="col" { "Component" }
                th.figure scope="col" { "Amount" }
                th.figure scope="col" { "Share of the total" }
                @for vendor in &vendors { th.figure scope="col" { (text::key(&vendor.key)) } }
            }
        },
        body: html! {
            @for component in components_of(overall, Some(currency)) {
                tr data-key=(component) data-currency=(currency) {
                    th scope="row" { (text::component(component)) }
                    (Figure::amount("amount", InCurrency::of(overall, currency).component(component)).cell())
                    (Figure::share("share", share(overall, currency, component)).cell())
                    @for vendor in &vendors {
                        (amount_of(vendor, InCurrency::of(vendor, currency).component(component)))
                    }
                }
            }
            tr data-key="unattributed" data-currency=(currency) {
                th scope="row" { "Not itemised" }
                (Figure::amount("amount", unattributed(overall)).cell())
                td.figure { (rest_share(overall, currency)) }
                @for vendor in &vendors { (amount_of(vendor, unattributed(vendor))) }
            }
        },
        foot: Some(html! {
            tr {
                th scope="row" { "Total" }
                (Figure::amount("total", total(overall)).cell())
                td {}
                @for vendor in &vendors { (amount_of(vendor, total(vendor))) }
            }
        }),
    }
    .markup()
}

fn amount_of(vendor: &Group, amount: Option<callmux_core::Decimal>) -> Markup {
    let name = text::attribute(vendor.key.value(Dimension::Vendor).unwrap_or_default());
    Figure::amount("amount", amount).or("not itemised").cell_of(None, Some(&name))
}

fn share(group: &Group, currency: Currency, component: Component) -> Option<callmux_core::Decimal> {
    let is_it = |part: &&callmux_costs::ComponentTotal| {
        part.currency == currency && part.component == component
    };
    group.components.iter().find(is_it)?.share
}

/// The part of the total that is not itemised. JSON has no such share, so it is for people alone.
fn rest_share(group: &Group, currency: Currency) -> Markup {
    let of = InCurrency::of(group, currency);
    let share = of.unattributed().zip(of.total()).and_then(|(rest, total)| rest.checked_div(total));
    html! {
        @match share {
            Some(share) => (text::share(share)),
            None => (text::dash("not known")),
        }
    }
}

fn outside(group: &Group, currency: Currency) -> Markup {
    let lines = group.outside_total.iter().filter(|part| part.currency == currency);
    let lines: Vec<String> = lines
        .map(|part| {
            format!(
                "{} {}",
                text::component(part.component).to_lowercase(),
                text::amount(part.amount)
            )
        })
        .collect();
    html! {
        @if !lines.is_empty() {
            p.remark { "Charged beside the totals, and not in them: " (lines.join(", ")) " (" (currency) ")." }
        }
    }
}

fn remarks(group: &Group) -> Markup {
    let elsewhere: Vec<String> = group
        .billed_elsewhere
        .iter()
        .map(|of| {
            let calls = text::counted(of.calls, "call", "calls");
            format!("{} ({calls})", text::component(of.component).to_lowercase())
        })
        .collect();
    html! {
        @if !elsewhere.is_empty() {
            p.remark { "Billed by somebody else, and not in the totals: " (elsewhere.join(", ")) "." }
        }
        @if group.unsplit > 0 {
            p.remark {
                "The totals of " (text::counted(group.unsplit, "call", "calls"))
                " could not be split, since their lines are in another currency: they are not itemised."
            }
        }
    }
}
