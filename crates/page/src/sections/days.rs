//! What each day cost.

use callmux_core::{Component, Currency};
use callmux_costs::{Dimension, Group};
use chrono::NaiveDate;
use maud::{Markup, html};

use super::{counts_of_all, currency_heading, in_currency, section, variant};
use crate::charts::{self, Day, Parts};
use crate::figures::{Figure, InCurrency, Table, columns, talk};
use crate::page::Figures;
use crate::text;

/// The cost of each day, drawn and as a table, per currency.
pub(crate) fn days(figures: &Figures<'_>) -> Markup {
    section(
        "days",
        "Cost per day",
        &html! {
            @if figures.days.is_empty() { p.empty { "No call, no day." } }
            @else {
                @for currency in figures.currencies_or_none() {
                    (currency_heading(figures, currency))
                    @match currency {
                        Some(currency) => (drawn(figures, currency)),
                        None => p.empty { "No cost is known on any day." },
                    }
                    (table(figures, currency))
                }
            }
        },
    )
}

fn drawn(figures: &Figures<'_>, currency: Currency) -> Markup {
    let days: Vec<Day<'_>> = figures.days.iter().filter_map(dated).collect();
    let parts = Parts::of(&figures.overall, currency);
    let undated = figures.days.iter().filter(|group| dated(group).is_none());
    html! {
        @if let Some(chart) = charts::days(&days, &parts) {
            figure.chart-box {
                (parts.legend())
                (chart)
            }
        }
        @for group in undated {
            p.remark { (text::counted(group.calls, "call has", "calls have")) " no known day, and no place in the chart." }
        }
    }
}

fn dated(group: &Group) -> Option<Day<'_>> {
    let day = group.key.value(Dimension::Day)?;
    let date = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    Some(Day { date, group })
}

fn table(figures: &Figures<'_>, currency: Option<Currency>) -> Markup {
    let components = components(&figures.overall, currency);
    let names: Vec<String> = components.iter().map(|of| text::component(*of)).collect();
    let mut head = vec!["Calls", "Minutes", "Total"];
    head.extend(names.iter().map(String::as_str));
    head.extend(["Not itemised", "Per minute", "Cost known"]);
    let table = Table {
        of: "days",
        variant: variant(currency),
        currency,
        caption: html! { "By day" (in_currency(currency)) },
        is_long: figures.days.len() > 10,
        head: columns("Day", head),
        body: html! { @for group in &figures.days { (row(group, currency, &components)) } },
        foot: None,
    };
    html! {
        (table.markup())
        (counts_of_all(figures))
    }
}

fn row(group: &Group, currency: Option<Currency>, components: &[Component]) -> Markup {
    let of = currency.map(|currency| InCurrency::of(group, currency));
    let of = of.as_ref();
    // A day with a total has no amount of a component that it has no line of; a day without one has none that is known.
    let part = |component| of.and_then(|of| of.component(component));
    html! {
        tr data-key=(text::key_value(&group.key)) data-currency=[currency] {
            th scope="row" { (text::key(&group.key)) }
            (Figure::count("calls", group.calls).cell())
            (Figure::minutes("seconds", talk(group)).cell())
            (Figure::amount("total", of.and_then(InCurrency::total)).cell())
            @for component in components {
                (Figure::amount(format!("components.{component}"), part(*component)).or("not itemised").cell())
            }
            (Figure::amount("unattributed", of.and_then(InCurrency::unattributed)).cell())
            (Figure::amount("per_minute", of.and_then(InCurrency::per_minute)).cell())
            (Figure::share("coverage", group.coverage).cell())
        }
    }
}

/// The components that totals of a currency have lines of.
pub(super) fn components(group: &Group, currency: Option<Currency>) -> Vec<Component> {
    let of_currency = group.components.iter().filter(|part| Some(part.currency) == currency);
    of_currency.map(|part| part.component).collect()
}
