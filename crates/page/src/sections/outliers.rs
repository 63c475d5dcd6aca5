//! Calls that stand out, never ended, or were never billed.

use callmux_costs::{CallRef, Measure, Outlier, Outliers, OverdueCalls, Standout, Zone};
use maud::{Markup, html};

use super::section;
use crate::figures::{Figure, Table};
use crate::page::Figures;
use crate::text;

/// How many calls are named in all, shared among the groups.
const NAMED: usize = 60;

/// How many of a group are named in any case.
const NAMED_OF_GROUP: usize = 3;

/// How many groups are listed.
const GROUPS: usize = 50;

/// What stands out.
pub(crate) fn outliers(figures: &Figures<'_>) -> Markup {
    let outliers = figures.page.outliers;
    let zone = figures.page.zone;
    section(
        "outliers",
        "Calls to look at",
        &html! {
            h3 { "Far from the others" }
            p {
                "A call stands out where its cost per minute, its length, or the longest time in which nobody began to "
                "speak, is far above what is usual in its group: above the upper quartile by more than three times the distance between the quartiles and by more than half of "
                "that quartile; a cost per minute also as far below the lower one."
            }
            (standouts(outliers, zone))
            h3 { "Still live after a day" }
            p { "Placed more than a day ago and not over by their status: stuck, and maybe still charging." }
            (overdue("stuck", "Calls that are still live", &outliers.stuck, zone))
            h3 { "Without a bill after a day" }
            p { "Over, placed more than a day ago, and their cost is still to come or not reported." }
            (overdue("unbilled", "Calls without a bill", &outliers.unbilled, zone))
        },
    )
}

fn standouts(outliers: &Outliers, zone: &Zone) -> Markup {
    if outliers.groups.is_empty() {
        return html! { p.empty { "No group has the twenty calls that it takes to say what is usual." } };
    }
    let mut groups: Vec<&Standout> = outliers.groups.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.beyond));
    let beyond: u64 = groups.iter().map(|group| group.beyond).sum();
    let with_calls = groups.iter().filter(|group| group.beyond > 0).count();
    let each = NAMED.checked_div(with_calls).unwrap_or(NAMED).max(NAMED_OF_GROUP);
    let listed = groups.get(..GROUPS.min(groups.len())).unwrap_or_default();
    let rest = groups.len() - listed.len();
    html! {
        (summary(listed))
        @if rest > 0 { p.remark { (text::count(rest as u64)) " more groups are not shown." } }
        @if beyond == 0 { p.empty { "No call stands out." } }
        @else { (named(listed, each, zone)) }
    }
}

fn summary(groups: &[&Standout]) -> Markup {
    Table {
        of: "outlier-groups",
        variant: String::new(),
        currency: None,
        caption: html! { "What is usual in each group, and how many calls are beyond it" },
        is_long: groups.len() > 12,
        head: html! {
            tr {
                th scope="col" { "Group" }
                th scope="col" { "Measure" }
                @for name in ["Calls measured", "Median", "Stands out below", "above", "Calls that do"] {
                    th.figure scope="col" { (name) }
                }
            }
        },
        body: html! {
            @for group in groups {
                tr data-key=(text::key_value(&group.key)) data-measure=(group.measure.as_str()) data-currency=[group.currency] {
                    th scope="row" { (text::key(&group.key)) }
                    td { (measure(group.measure)) @if !group.exact { " (about)" } }
                    (Figure::count("calls", group.calls).cell())
                    (value("median", group.measure, Some(group.median)).cell())
                    (value("low", group.measure, group.low).cell())
                    (value("high", group.measure, Some(group.high)).cell())
                    (Figure::count("beyond", group.beyond).cell())
                }
            }
        },
        foot: None,
    }
    .markup()
}

fn named(groups: &[&Standout], each: usize, zone: &Zone) -> Markup {
    let calls =
        groups.iter().flat_map(|group| group.farthest.iter().take(each).map(|call| (*group, call)));
    let calls: Vec<(&Standout, &Outlier)> = calls.collect();
    Table {
        of: "outliers",
        variant: String::new(),
        currency: None,
        caption: html! { "The farthest of them: " (text::counted(calls.len() as u64, "call", "calls")) },
        is_long: calls.len() > 12,
        head: html! {
            tr {
                th scope="col" { "Call" }
                th scope="col" { "Group" }
                th scope="col" { "Measure" }
                th.figure scope="col" { "Value" }
                th.figure scope="col" { "Fence" }
                th scope="col" { "Placed at" }
            }
        },
        body: html! { @for (group, outlier) in &calls { (outlier_row(group, outlier, zone)) } },
        foot: None,
    }
    .markup()
}

fn outlier_row(group: &Standout, outlier: &Outlier, zone: &Zone) -> Markup {
    let is_low = group.low.is_some_and(|low| outlier.value < low);
    let fence = if is_low { ("low", group.low) } else { ("high", Some(group.high)) };
    html! {
        tr data-key=(text::attribute(outlier.call.id.as_str())) data-measure=(group.measure.as_str()) data-currency=[group.currency]
            data-group=(text::key_value(&group.key)) {
            th scope="row" { (text::name(outlier.call.id.as_str())) }
            td { (text::key(&group.key)) }
            td { (measure(group.measure)) }
            (value("value", group.measure, Some(outlier.value)).cell())
            (value(fence.0, group.measure, fence.1).cell())
            (placed_at(&outlier.call, zone))
        }
    }
}

fn measure(measure: Measure) -> String {
    match measure {
        Measure::CostPerMinute(currency) => format!("Cost per minute, {currency}"),
        Measure::Length => "Length, seconds".to_owned(),
        Measure::Silence => "Longest wait for a turn, seconds".to_owned(),
        another => another.to_string(),
    }
}

fn value(field: &str, measure: Measure, value: Option<callmux_core::Decimal>) -> Figure {
    match measure {
        Measure::CostPerMinute(_) => Figure::amount(field, value).or("none"),
        _ => Figure::seconds(field, value).or("none"),
    }
}

fn placed_at(call: &CallRef, zone: &Zone) -> Markup {
    html! {
        td.time {
            @match call.placed_at {
                Some(at) => time datetime=(at.to_rfc3339()) { (text::instant(at, zone)) },
                None => (text::dash("not known")),
            }
        }
    }
}

fn overdue(of: &str, caption: &str, calls: &OverdueCalls, zone: &Zone) -> Markup {
    if calls.calls == 0 {
        return html! { p.empty { "None." } };
    }
    let named = calls.oldest.len() as u64;
    Table {
        of,
        variant: String::new(),
        currency: None,
        caption: html! {
            (caption) ": " span data-field="calls" data-value=(calls.calls) { (text::count(calls.calls)) }
            @if named < calls.calls { ", the oldest " (text::count(named)) " of them" }
        },
        is_long: named > 8,
        head: html! {
            tr {
                th scope="col" { "Call" }
                th scope="col" { "Vendor" }
                th scope="col" { "Account" }
                th scope="col" { "Placed at" }
            }
        },
        body: html! {
            @for call in &calls.oldest {
                tr data-key=(text::attribute(call.id.as_str())) {
                    th scope="row" { (text::name(call.id.as_str())) }
                    td { (text::name(call.vendor.as_str())) }
                    td { (text::name(call.account.as_str())) }
                    (placed_at(call, zone))
                }
            }
        },
        foot: None,
    }
    .markup()
}
