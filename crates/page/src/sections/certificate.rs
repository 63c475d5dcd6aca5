//! What the listing can prove about itself.

use callmux_core::{Certificate, SourceReport};
use maud::{Markup, html};

use super::section;
use crate::figures::{Figure, Table, columns};
use crate::page::Figures;
use crate::text;

/// The verdict, its reasons and what each source gave.
pub(crate) fn certificate(figures: &Figures<'_>) -> Markup {
    let certificate = figures.page.certificate;
    let is_complete = certificate.is_complete();
    section(
        "certificate",
        "Is every call in it?",
        &html! {
            p.verdict data-field="verdict" data-value=(certificate.verdict) {
                strong { @if is_complete { "✓ Complete. " } @else { "! Not known to be complete. " } }
                @if is_complete {
                    @if certificate.limit_reached { "Every call up to the limit that was asked for was read, once." }
                    @else { "Every call that matched was read, once." }
                } @else { "The reasons:" }
            }
            @if !certificate.reasons.is_empty() {
                ul.reasons { @for reason in &certificate.reasons { li { bdi { (text::shortened(&reason.to_string(), 600)) } } } }
            }
            @if let Some(at) = certificate.as_of {
                p.remark { "Read from " time datetime=(at.to_rfc3339()) { (text::instant(at, figures.page.zone)) } " on." }
            }
            @if certificate.resumed {
                p.remark { "The listing went on from an earlier one; the counts are of what came after it." }
            }
            @if !certificate.sources.is_empty() { (sources(certificate)) }
        },
    )
}

fn sources(certificate: &Certificate) -> Markup {
    let names = [
        "Requests",
        "Rows",
        "Repeats dropped",
        "Not understood",
        "Filtered here",
        "Different calls",
        "Vendor's total",
    ];
    Table {
        of: "certificate",
        variant: String::new(),
        currency: None,
        caption: html! { "What each source gave" },
        is_long: false,
        head: columns("Source", names),
        body: html! { @for source in &certificate.sources { (row(source)) } },
        foot: None,
    }
    .markup()
}

fn row(source: &SourceReport) -> Markup {
    let (vendor, account) = (source.vendor.as_str(), source.account.as_str());
    let total = source.total.map(callmux_core::Decimal::from);
    html! {
        tr data-key=(text::attribute(vendor)) data-account=(text::attribute(account)) {
            th scope="row" {
                (text::name(vendor))
                @if account != vendor { " " small { (text::name(account)) } }
            }
            (Figure::count("requests", source.requests).cell())
            (Figure::count("rows", source.rows).cell())
            (Figure::count("repeats", source.repeats).cell())
            (Figure::count("rejected", source.rejected).cell())
            (Figure::count("filtered_here", source.filtered_here).cell())
            (Figure::count("met", source.met).cell())
            (Figure::plain("total", total).cell())
        }
    }
}
