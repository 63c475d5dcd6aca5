//! The sections of the page, each from its heading on.

mod certificate;
mod comparison;
mod components;
mod days;
mod guide;
mod header;
mod lengths;
mod outliers;
mod summary;
mod top;

use callmux_core::Currency;
use maud::{Markup, html};

use crate::page::Figures;

pub(crate) use certificate::certificate;
pub(crate) use comparison::comparisons;
pub(crate) use components::components;
pub(crate) use days::days;
pub(crate) use guide::guide;
pub(crate) use header::header;
pub(crate) use lengths::lengths;
pub(crate) use outliers::outliers;
pub(crate) use summary::summary;
pub(crate) use top::top;

/// A section with its heading.
fn section(id: &str, heading: &str, content: &Markup) -> Markup {
    let heading_id = format!("{id}-heading");
    html! {
        section id=(id) aria-labelledby=(heading_id) {
            h2 id=(heading_id) { (heading) }
            (content)
        }
    }
}

/// A currency as the heading of what is in it, where there are several.
fn currency_heading(figures: &Figures<'_>, currency: Option<Currency>) -> Markup {
    html! {
        @if figures.has_several_currencies() {
            @if let Some(currency) = currency { h3 { (currency) } }
        }
    }
}

/// What counts are of, where amounts are of one currency of several.
fn counts_of_all(figures: &Figures<'_>) -> Markup {
    html! {
        @if figures.has_several_currencies() {
            p.remark { "Calls, minutes and how much is known are of all currencies." }
        }
    }
}

/// What ids of a currency's parts end with.
fn variant(currency: Option<Currency>) -> String {
    currency.map(|currency| format!("-{currency}")).unwrap_or_default()
}

/// A currency in a caption.
fn in_currency(currency: Option<Currency>) -> String {
    currency.map(|currency| format!(", amounts in {currency}")).unwrap_or_default()
}
