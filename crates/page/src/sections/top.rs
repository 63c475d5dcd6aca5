//! The agents and the campaigns that cost most.

use std::cmp::Reverse;

use callmux_core::Currency;
use callmux_costs::Group;
use maud::{Markup, html};

use super::{counts_of_all, currency_heading, in_currency, section, variant};
use crate::figures::{Figure, InCurrency, Table, columns, talk};
use crate::page::Figures;
use crate::text;

/// How many are shown of each.
const SHOWN: usize = 10;

/// The dearest agents and campaigns.
pub(crate) fn top(figures: &Figures<'_>) -> Markup {
    html! {
        (one(figures, "agents", "Agents that cost most", &figures.agents))
        (one(figures, "campaigns", "Campaigns that cost most", &figures.campaigns))
    }
}

fn one(figures: &Figures<'_>, of: &str, heading: &str, groups: &[Group]) -> Markup {
    section(
        of,
        heading,
        &html! {
            @if groups.is_empty() { p.empty { "No call matches." } }
            @else {
                @for currency in figures.currencies_or_none() {
                    (currency_heading(figures, currency))
                    (table(of, groups, currency))
                }
                (counts_of_all(figures))
            }
        },
    )
}

/// The dearest first. Those of no known cost follow, by how many calls they have.
fn ranked(groups: &[Group], currency: Option<Currency>) -> Vec<&Group> {
    let total = |group: &Group| currency.and_then(|of| InCurrency::of(group, of).total());
    let mut ranked: Vec<&Group> =
        groups.iter().filter(|group| total(group).is_some() || group.totals.is_empty()).collect();
    // The sort is stable, so that equals stay in the order of their keys.
    ranked.sort_by_key(|group| Reverse((total(group), group.calls)));
    ranked
}

fn table(of: &str, groups: &[Group], currency: Option<Currency>) -> Markup {
    let ranked = ranked(groups, currency);
    let rest = ranked.len().saturating_sub(SHOWN);
    let first = if of == "agents" { "Agent" } else { "Campaign" };
    let table = Table {
        of,
        variant: variant(currency),
        currency,
        caption: html! { "By total" (in_currency(currency)) },
        is_long: false,
        head: columns(first, ["Calls", "Minutes", "Total", "Per minute", "Cost known"]),
        body: html! { @for group in ranked.iter().take(SHOWN) { (row(group, currency)) } },
        foot: None,
    };
    html! {
        (table.markup())
        @if rest > 0 { p.remark { (text::count(rest as u64)) " more are not shown." } }
    }
}

fn row(group: &Group, currency: Option<Currency>) -> Markup {
    let of = currency.map(|currency| InCurrency::of(group, currency));
    let of = of.as_ref();
    let owner = group.key.parts().first().and_then(|part| part.owner.as_ref());
    html! {
        tr data-key=(text::key_value(&group.key)) data-currency=[currency]
            data-vendor=[owner.map(|owner| text::attribute(owner.vendor.as_str()))]
            data-account=[owner.map(|owner| text::attribute(owner.account.as_str()))] {
            th scope="row" { (text::key(&group.key)) }
            (Figure::count("calls", group.calls).cell())
            (Figure::minutes("seconds", talk(group)).cell())
            (Figure::amount("total", of.and_then(InCurrency::total)).cell())
            (Figure::amount("per_minute", of.and_then(InCurrency::per_minute)).cell())
            (Figure::share("coverage", group.coverage).cell())
        }
    }
}
