//! Figures as elements: the exact text for programs, the rounded one for people.

use std::time::Duration;

use callmux_core::{Currency, Decimal};
use callmux_costs::Group;
use maud::{Markup, html};

use crate::text;

/// A figure: its name, its text in JSON and how it is shown. One that is not known has neither text.
pub(crate) struct Figure {
    field: String,
    known: Option<(String, String)>,
    /// What the dash means that is shown where the figure is not known.
    dash: &'static str,
}

impl Figure {
    fn new(field: impl Into<String>, known: Option<(String, String)>) -> Self {
        Self { field: field.into(), known, dash: "not known" }
    }

    /// An amount to four places.
    pub(crate) fn amount(field: impl Into<String>, amount: Option<Decimal>) -> Self {
        Self::new(field, amount.map(|amount| (amount.to_string(), text::amount(amount))))
    }

    /// A share between 0 and 1.
    pub(crate) fn share(field: impl Into<String>, share: Option<Decimal>) -> Self {
        Self::new(field, share.map(|share| (share.to_string(), text::share(share))))
    }

    /// A whole number.
    pub(crate) fn count(field: impl Into<String>, count: u64) -> Self {
        Self::new(field, Some((count.to_string(), text::count(count))))
    }

    /// Talk time, shown in minutes.
    pub(crate) fn minutes(field: impl Into<String>, time: Option<Duration>) -> Self {
        Self::new(field, time.map(|time| (text::exact_seconds(time), text::minutes(time))))
    }

    /// A time in seconds, shown to a tenth of one.
    pub(crate) fn seconds(field: impl Into<String>, seconds: Option<Decimal>) -> Self {
        let shown = |seconds: Decimal| text::grouped(&seconds.round_dp(1).normalize().to_string());
        Self::new(field, seconds.map(|seconds| (seconds.to_string(), shown(seconds))))
    }

    /// A number in whatever unit, as it is.
    pub(crate) fn plain(field: impl Into<String>, number: Option<Decimal>) -> Self {
        let known = number.map(|number| (number.to_string(), text::grouped(&number.to_string())));
        Self::new(field, known)
    }

    /// The same, with another meaning of its dash.
    pub(crate) fn or(mut self, dash: &'static str) -> Self {
        self.dash = dash;
        self
    }

    /// As a cell of a table.
    pub(crate) fn cell(&self) -> Markup {
        html! {
            td.figure data-field=(self.field) data-value=[self.exact()] { (self.shown()) }
        }
    }

    /// As a cell of one side's, or one vendor's, column.
    pub(crate) fn cell_of(&self, side: Option<&str>, vendor: Option<&str>) -> Markup {
        html! {
            td.figure data-field=(self.field) data-value=[self.exact()] data-side=[side] data-vendor=[vendor] {
                (self.shown())
            }
        }
    }

    /// As a part of a sentence, or of a tile.
    pub(crate) fn inline(&self) -> Markup {
        html! {
            span.number data-field=(self.field) data-value=[self.exact()] { (self.shown()) }
        }
    }

    fn exact(&self) -> Option<&str> {
        self.known.as_ref().map(|(exact, _)| exact.as_str())
    }

    fn shown(&self) -> Markup {
        match &self.known {
            Some((_, shown)) => html! { (shown) },
            None => text::dash(self.dash),
        }
    }
}

/// A group's talk time; `None` where no call has a known one.
pub(crate) fn talk(group: &Group) -> Option<Duration> {
    (group.with_talk > 0).then_some(group.seconds)
}

/// The figures of a group that are of one currency.
pub(crate) struct InCurrency<'a> {
    group: &'a Group,
    currency: Currency,
}

impl<'a> InCurrency<'a> {
    pub(crate) fn of(group: &'a Group, currency: Currency) -> Self {
        Self { group, currency }
    }

    pub(crate) fn total(&self) -> Option<Decimal> {
        self.group.totals.get(self.currency).map(|total| total.amount)
    }

    pub(crate) fn per_minute(&self) -> Option<Decimal> {
        self.group.per_minute.iter().find(|rate| rate.currency == self.currency)?.amount
    }

    pub(crate) fn per_connected(&self) -> Option<Decimal> {
        self.group.per_connected.iter().find(|rate| rate.currency == self.currency)?.amount
    }

    pub(crate) fn per_completed(&self) -> Option<Decimal> {
        self.group.per_completed.iter().find(|rate| rate.currency == self.currency)?.amount
    }

    pub(crate) fn quantiles(&self) -> Option<callmux_costs::Quantiles> {
        self.group.quantiles.iter().find(|of| of.currency == self.currency).copied()
    }

    pub(crate) fn unattributed(&self) -> Option<Decimal> {
        self.group.unattributed.get(self.currency).map(|rest| rest.amount)
    }

    pub(crate) fn component(&self, component: callmux_core::Component) -> Option<Decimal> {
        let parts = &self.group.components;
        let is_it = |part: &&callmux_costs::ComponentTotal| {
            part.currency == self.currency && part.component == component
        };
        parts.iter().find(is_it).map(|part| part.amount)
    }
}

/// A table in a box of its own, which scrolls where the page has no room for it.
pub(crate) struct Table<'a> {
    /// The value of `data-table`.
    pub(crate) of: &'a str,
    /// What tells it from other tables of the same kind.
    pub(crate) variant: String,
    pub(crate) currency: Option<Currency>,
    pub(crate) caption: Markup,
    /// Whether it may be long, and its box is to be low.
    pub(crate) is_long: bool,
    pub(crate) head: Markup,
    pub(crate) body: Markup,
    pub(crate) foot: Option<Markup>,
}

impl Table<'_> {
    pub(crate) fn markup(&self) -> Markup {
        let id = format!("table-{}{}", self.of, self.variant);
        let currency = self.currency.map(|currency| currency.to_string());
        html! {
            div class=(if self.is_long { "scroll long" } else { "scroll" })
                role="region" aria-labelledby=(id) tabindex="0" {
                table data-table=(self.of) data-currency=[currency] {
                    caption { span.caption id=(id) { (self.caption) } }
                    thead { (self.head) }
                    tbody { (self.body) }
                    @if let Some(foot) = &self.foot { tfoot { (foot) } }
                }
            }
        }
    }
}

/// A row of names of columns, the first of which is for the rows' own names.
pub(crate) fn columns<'a>(first: &str, figures: impl IntoIterator<Item = &'a str>) -> Markup {
    html! {
        tr {
            th scope="col" { (first) }
            @for figure in figures { th.figure scope="col" { (figure) } }
        }
    }
}
