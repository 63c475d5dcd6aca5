//! Groups of calls: a table for people, JSON, CSV.

use std::io::Write;

use callmux::{Call, Component, CostState, Currency, Decimal};
use callmux_costs::{Dimension, Group, Report};
use callmux_table::{Cell, minutes, write_records};
use serde::Serialize;

use super::answer::{About, Answer, Question, pretty};
use super::figures::{
    UNKNOWN, count, key_cells, key_header, key_record, number, rounded, share, text,
};
use crate::exit::Failure;
use crate::tables::grid;

impl Question for Report {
    fn add(&mut self, call: &Call) -> Result<(), Failure> {
        Ok(Self::add(self, call)?)
    }
}

impl Answer for Report {
    fn table(&self) -> Result<String, Failure> {
        let groups = Groups::of(self)?;
        Ok(if groups.groups.is_empty() { String::new() } else { groups.table() })
    }

    fn json(&self, out: &mut dyn Write, about: About<'_>) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Json<'a> {
            zone: &'a str,
            groups: Vec<Group>,
            overall: Group,
            #[serde(flatten)]
            about: About<'a>,
        }
        let (groups, overall) = (self.groups()?, self.overall()?);
        pretty(out, &Json { zone: self.zone().name(), groups, overall, about })
    }

    fn csv(&self, out: &mut dyn Write, rates: Option<&str>) -> Result<(), Failure> {
        Groups::of(self)?.csv(out, rates)
    }
}

/// The groups of a report, and all calls together.
pub(crate) struct Groups {
    dimensions: Vec<Dimension>,
    groups: Vec<Group>,
    overall: Group,
}

impl Groups {
    pub(crate) fn of(report: &Report) -> Result<Self, Failure> {
        Ok(Self {
            dimensions: report.dimensions().to_vec(),
            groups: report.groups()?,
            overall: report.overall()?,
        })
    }

    /// The figures as a table, with a row for all calls where there are several groups, and below it what they were paid for.
    pub(crate) fn table(&self) -> String {
        let mut figures = self.grid(&FIGURES.map(str::to_owned), &|row| row.figures());
        if self.overall.quantiles.iter().any(|quantiles| !quantiles.exact) {
            figures.push_str(ROUGH);
        }
        for line in self.left_out() {
            figures.push_str(&line);
        }
        let components = self.components();
        if components.is_empty() || self.dimensions.contains(&Dimension::Component) {
            return figures;
        }
        let mut header: Vec<String> = ["currency", "total"].map(str::to_owned).into();
        header.extend(components.iter().map(ToString::to_string));
        header.push("unattributed".to_owned());
        let parts = self.grid(&header, &|row| row.parts(&components));
        format!("{figures}\n\nOf which:\n\n{parts}")
    }

    /// What the groups' totals say that they leave out: such a total is not cheaper for it.
    fn left_out(&self) -> Vec<String> {
        let keys = key_cells(self.groups.iter().map(|group| &group.key));
        let of = |(key, group): (Vec<String>, &Group)| {
            let left = group.scope.iter().filter(|of| of.excluded > 0);
            let left: Vec<String> = left
                .map(|of| {
                    let whose = if of.included == 0 { "" } else { " of some calls" };
                    format!("{}{whose}", of.component.in_words())
                })
                .collect();
            let whose = if key.is_empty() {
                "the totals".to_owned()
            } else {
                format!("the total of {}", key.join(", "))
            };
            (!left.is_empty()).then(|| format!("\nNot in {whose}: {}.", left.join(", ")))
        };
        let mut lines: Vec<String> = keys.into_iter().zip(&self.groups).filter_map(of).collect();
        if let Some(first) = lines.first_mut() {
            first.insert(0, '\n');
        }
        // As many lines as groups would hide the table.
        let more = lines.len().saturating_sub(NOTES);
        lines.truncate(NOTES);
        lines.extend(
            (more > 0).then(|| format!("\nNor do {more} more totals cover all: JSON has `scope`.")),
        );
        lines
    }

    fn grid(&self, figures: &[String], cells: &dyn Fn(&Row<'_>) -> Vec<String>) -> String {
        let mut rows = Vec::new();
        let named =
            key_cells(self.groups.iter().map(|group| &group.key)).into_iter().zip(&self.groups);
        let all = (self.groups.len() > 1).then(|| (vec!["all".to_owned()], &self.overall));
        for (key, group) in named.chain(all) {
            // Further currencies of a group have rows without a key, and without the figures that are of all of it.
            let mut key = Some(key);
            for currency in currencies(group) {
                let row = Row { group, currency, is_first: key.is_some() };
                let mut line = key.take().unwrap_or_default();
                line.resize(self.dimensions.len().max(line.len()), String::new());
                line.extend(cells(&row));
                rows.push(line);
            }
        }
        // Where all calls are one group there is no key to show.
        let keys = self.dimensions.iter().map(|dimension| dimension.as_str());
        let names: Vec<&str> = keys.chain(figures.iter().map(String::as_str)).collect();
        let right: Vec<usize> = (self.dimensions.len()..names.len()).collect();
        grid(&names, rows, &right)
    }

    fn csv(&self, out: &mut dyn Write, rates: Option<&str>) -> Result<(), Failure> {
        let components = self.components();
        let mut header = key_header(&self.dimensions);
        header.extend(COUNTS.map(str::to_owned));
        header.extend(CostState::ALL.iter().map(|state| format!("calls_{state}")));
        header.extend(AMOUNTS.map(str::to_owned));
        header.extend(components.iter().map(|component| format!("cost_{component}")));
        header.push("unattributed".to_owned());
        header.extend(rates.map(|_| "rates".to_owned()));
        let mut records = Vec::new();
        for group in &self.groups {
            for currency in currencies(group) {
                let row = Row { group, currency, is_first: true };
                let mut record = row.record(&components);
                record.extend(rates.map(|rates| text(Some(rates.to_owned()))));
                records.push(record);
            }
        }
        Ok(write_records(out, &header, records)?)
    }

    /// The components that any group has a line of, in their own order.
    fn components(&self) -> Vec<Component> {
        let lines = &self.overall.components;
        let has = |component: &Component| lines.iter().any(|part| part.component == *component);
        Component::ALL.iter().copied().filter(has).collect()
    }
}

/// Of how many groups it is said what their totals leave out.
const NOTES: usize = 8;

/// What is said of quantiles that are not exact.
const ROUGH: &str = "\n\nThere are too many different amounts for exact quantiles: median and p95 may be too low by 1 part in 64.";

/// The figures of a group for people.
const FIGURES: [&str; 14] = [
    "calls",
    "connected",
    "completed",
    "minutes",
    "currency",
    "total",
    "at_most",
    "per_minute",
    "per_connected",
    "per_completed",
    "median",
    "p95",
    "max",
    "cost_known",
];

/// The columns of CSV that are of a group, whatever the currency.
const COUNTS: [&str; 7] = [
    "calls",
    "connected",
    "completed",
    "with_cost",
    "without_cost",
    "seconds",
    "seconds_with_cost",
];

/// The columns of CSV that are of one currency.
const AMOUNTS: [&str; 12] = [
    "currency",
    "total",
    "at_least",
    "at_most",
    "per_minute",
    "per_connected",
    "per_completed",
    "min",
    "median",
    "p95",
    "max",
    "quantiles_exact",
];

/// The currencies of a group's rows; a group without a known cost has one row, without a currency.
fn currencies(group: &Group) -> Vec<Option<Currency>> {
    let totals: Vec<_> = group.totals.iter().map(|total| Some(total.currency)).collect();
    if totals.is_empty() { vec![None] } else { totals }
}

/// The figures of a group in one currency.
struct Row<'a> {
    group: &'a Group,
    currency: Option<Currency>,
    is_first: bool,
}

impl Row<'_> {
    /// The entry of a list that has one a currency.
    fn find<'a, T>(&self, list: &'a [T], of: impl Fn(&T) -> Currency) -> Option<&'a T> {
        list.iter().find(|entry| Some(of(entry)) == self.currency)
    }

    fn total(&self) -> Option<Decimal> {
        Some(self.group.totals.get(self.currency?)?.amount)
    }

    fn bounds(&self) -> [Option<Decimal>; 2] {
        let bounds = self.find(&self.group.bounds, |bounds| bounds.currency);
        [bounds.map(|bounds| bounds.at_least), bounds.and_then(|bounds| bounds.at_most)]
    }

    /// A minute's, a connected and a completed call's cost.
    fn rates(&self) -> [Option<Decimal>; 3] {
        let group = self.group;
        [
            self.find(&group.per_minute, |rate| rate.currency).and_then(|rate| rate.amount),
            self.find(&group.per_connected, |rate| rate.currency).and_then(|rate| rate.amount),
            self.find(&group.per_completed, |rate| rate.currency).and_then(|rate| rate.amount),
        ]
    }

    /// The cheapest call, the middle one, the 95th in a hundred, the dearest.
    fn quantiles(&self) -> [Option<Decimal>; 4] {
        let quantiles = self.find(&self.group.quantiles, |quantiles| quantiles.currency);
        quantiles.map_or([None; 4], |of| [of.min, of.median, of.p95, of.max].map(Some))
    }

    fn part(&self, component: Component) -> Option<Decimal> {
        let of = |part: &&callmux_costs::ComponentTotal| {
            part.component == component && Some(part.currency) == self.currency
        };
        self.group.components.iter().find(of).map(|part| part.amount)
    }

    fn unattributed(&self) -> Option<Decimal> {
        Some(self.group.unattributed.get(self.currency?)?.amount)
    }

    fn figures(&self) -> Vec<String> {
        let once = |figure: String| if self.is_first { figure } else { String::new() };
        let group = self.group;
        let talk = if group.with_talk == 0 { UNKNOWN.to_owned() } else { minutes(group.seconds) };
        let mut cells: Vec<String> = [group.calls, group.connected, group.completed]
            .map(|count| once(count.to_string()))
            .into();
        cells.push(once(talk));
        cells.push(currency(self.currency));
        cells.push(rounded(self.total()));
        // Where every cost is known, there is nothing that the total could grow by.
        let [_, at_most] = self.bounds();
        cells.push(rounded(at_most.filter(|_| group.without_cost > 0)));
        cells.extend(self.rates().map(rounded));
        let [_, quantiles @ ..] = self.quantiles();
        cells.extend(quantiles.map(rounded));
        cells.push(once(share(group.coverage)));
        cells
    }

    fn parts(&self, components: &[Component]) -> Vec<String> {
        let mut cells = vec![currency(self.currency), rounded(self.total())];
        cells.extend(components.iter().map(|&component| rounded(self.part(component))));
        cells.push(rounded(self.unattributed()));
        cells
    }

    fn record(&self, components: &[Component]) -> Vec<Cell<'static>> {
        let group = self.group;
        let mut record = key_record(&group.key);
        let counts =
            [group.calls, group.connected, group.completed, group.with_cost, group.without_cost];
        record.extend(counts.map(count));
        record.extend([group.seconds, group.seconds_with_cost].map(Cell::Seconds));
        let states = CostState::ALL.iter();
        record.extend(states.map(|state| count(group.states.get(state).map_or(0, |of| of.calls))));
        record.push(text(self.currency.map(|currency| currency.to_string())));
        record.push(number(self.total()));
        record.extend(self.bounds().map(number));
        record.extend(self.rates().map(number));
        record.extend(self.quantiles().map(number));
        let quantiles = self.find(&group.quantiles, |quantiles| quantiles.currency);
        record.push(quantiles.map_or(Cell::Absent, |quantiles| Cell::Boolean(quantiles.exact)));
        record.extend(components.iter().map(|&component| number(self.part(component))));
        record.push(number(self.unattributed()));
        record
    }
}

fn currency(currency: Option<Currency>) -> String {
    currency.map_or_else(|| UNKNOWN.to_owned(), |currency| currency.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use callmux::{Cost, Money};

    #[test]
    fn rough_quantiles_are_said_to_be() {
        let mut report = Report::new([]);
        let mut add = |micros: i64| {
            let mut call = Call::new("example", "main", "1");
            call.cost = Cost::reported(Money::usd(Decimal::new(micros, 6)));
            report.add(&call).unwrap();
        };
        (1..=65_536).for_each(&mut add);
        add(1);
        assert!(!Groups::of(&report).unwrap().table().contains("1 part in 64"));
        let mut one_more = Call::new("example", "main", "1");
        one_more.cost = Cost::reported(Money::usd(Decimal::ONE));
        report.add(&one_more).unwrap();
        assert!(Groups::of(&report).unwrap().table().contains("1 part in 64"));
    }
}
