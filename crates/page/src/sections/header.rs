//! What the page is about: title, calls, time, conversion.

use callmux_costs::Conversion;
use maud::{Markup, html};

use crate::figures::{Figure, Table, columns};
use crate::page::Figures;
use crate::text;

/// The head of the page, with the one heading of the first rank.
pub(crate) fn header(figures: &Figures<'_>) -> Markup {
    let page = figures.page;
    let made_at = page.zone.local(page.made_at).format("%-d %B %Y, %H:%M");
    html! {
        header {
            h1 { bdi { (text::attribute(page.title)) } }
            @if page.filter.is_empty() {
                p.filter { "All calls" }
            } @else {
                ul.filter { @for line in page.filter { li { bdi { (text::attribute(line)) } } } }
            }
            p.made {
                "Made on " time datetime=(page.made_at.to_rfc3339()) { (made_at) } ". "
                "Days and times are those of " bdi { (text::attribute(page.zone.name())) } "."
            }
            (warnings(figures))
            @if let Some(conversion) = page.conversion { (converted(conversion)) }
        }
    }
}

/// What must be known before any figure is read.
fn warnings(figures: &Figures<'_>) -> Markup {
    let is_complete = figures.page.certificate.is_complete();
    let limit_reached = figures.page.certificate.limit_reached;
    let overall = &figures.overall;
    html! {
        @if !is_complete {
            p.notice role="note" {
                strong { "This listing is not known to be complete. " }
                "Figures may lack calls: " a href="#certificate" { "why" } "."
            }
        }
        @if limit_reached {
            p.notice role="note" {
                strong { "Only the newest calls. " }
                "The listing ended at the limit that was asked for."
            }
        }
        @if overall.without_cost > 0 {
            p.notice role="note" {
                strong { "Some costs are not known: " }
                "those of " (text::count(overall.without_cost)) " of "
                (text::counted(overall.calls, "call", "calls"))
                ". They are in no total."
            }
        }
    }
}

fn converted(conversion: &Conversion) -> Markup {
    let rates = Table {
        of: "conversion",
        variant: String::new(),
        currency: None,
        caption: html! { "Rates of exchange to " (conversion.to) },
        is_long: false,
        head: columns("Currency", ["1 unit is worth", "From day", "Calls", "Converted amount"]),
        body: html! {
            @for rate in &conversion.rates {
                tr data-key=(rate.from) data-currency=(rate.from) {
                    th scope="row" { (rate.from) }
                    (Figure::plain("rate", Some(rate.rate)).cell())
                    td.figure data-field="since" data-value=[rate.since] {
                        @match rate.since {
                            Some(day) => (text::day(day)),
                            None => "always",
                        }
                    }
                    (Figure::count("calls", rate.calls).cell())
                    (Figure::amount("amount", Some(rate.amount)).cell())
                }
            }
        },
        foot: None,
    };
    html! {
        div.conversion {
            p { "Amounts were converted to " (conversion.to) " at the rates that were given for this report." }
            @if !conversion.rates.is_empty() { (rates.markup()) }
            @for kept in &conversion.unconverted {
                p.notice role="note" {
                    strong { "Not converted, for want of a rate: " }
                    (text::amount(kept.amount)) " " (kept.currency) " of "
                    (text::counted(kept.calls, "call", "calls")) "."
                }
            }
        }
    }
}
