//! What changed: a table for people, JSON, CSV.

use std::io::Write;

use callmux::{CallFilter, Certificate, TimeRange};
use callmux_costs::{Change, Dimension, GroupChange, Report};
use callmux_table::{Cell, printable, write_records};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::Listing;
use super::answer::{About, Answer, pretty};
use super::figures::{count, key_cells, key_header, key_record, number, rounded, signed, text};
use crate::args::Cli;
use crate::commands::sum_up;
use crate::exit::{Failure, Outcome};
use crate::tables::grid;

/// Lists the earlier range, then the later one, and writes what changed.
pub(super) async fn run(
    listing: &mut Listing<'_>,
    filter: CallFilter,
    (earlier, now): (TimeRange, DateTime<Utc>),
    report: impl Fn() -> Report,
    cli: &Cli,
) -> Result<Outcome, Failure> {
    let (mut before, mut after) = (report(), report());
    let later = filter.placed;
    let mut filter_earlier = filter.clone();
    filter_earlier.placed = earlier;
    let of_earlier = listing.read(filter_earlier, &mut before).await?;
    let of_later = listing.read(filter, &mut after).await?;
    let changed = Changed {
        dimensions: after.dimensions().to_vec(),
        change: Change::between(&before, &after)?,
        before: Period { since: earlier.since, until: earlier.until, certificate: of_earlier },
        after: Period { since: later.since, until: later.until, certificate: of_later },
        now,
    };
    let conversion = listing.conversion();
    let about = About { conversion: conversion.as_ref(), certificate: None };
    listing.write(&changed, about)?;
    let periods = [("before", &changed.before), ("after", &changed.after)];
    let outcomes = periods.map(|(_, period)| {
        sum_up(&period.certificate, cli.quiet);
        Outcome::of(&period.certificate)
    });
    Ok(outcomes[0].worse(outcomes[1]))
}

/// What changed from one period to another.
struct Changed {
    dimensions: Vec<Dimension>,
    change: Change,
    before: Period,
    after: Period,
    now: DateTime<Utc>,
}

/// A period that was listed.
#[derive(Serialize)]
struct Period {
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    certificate: Certificate,
}

impl Answer for Changed {
    fn table(&self) -> Result<String, Failure> {
        let range = |period: &Period| {
            let at = |at: Option<DateTime<Utc>>| {
                at.map_or_else(
                    || "…".to_owned(),
                    |at| at.to_rfc3339_opts(SecondsFormat::Secs, true),
                )
            };
            format!("{} to {}", at(period.since), at(period.until))
        };
        let mut table = table(&self.dimensions, &self.change);
        for (name, period) in [("earlier", &self.before), ("later", &self.after)] {
            if !period.certificate.is_complete() {
                let why = printable(&period.certificate.to_string()).into_owned();
                table.push_str(&format!(
                    "\n\nNot all calls of the {name} period are known to be in it: {why}"
                ));
            }
            if period.until.is_some_and(|until| until > self.now) {
                table.push_str(&format!(
                    "\n\nThe {name} period is not over: calls are still to come."
                ));
            }
        }
        if self.before.until.zip(self.after.since).is_some_and(|(until, since)| until > since)
            && self.after.until.zip(self.before.since).is_none_or(|(until, since)| until > since)
        {
            table.push_str("\n\nThe two ranges overlap: calls of both are in both.");
        }
        Ok(format!("before: {}\nafter:  {}\n\n{table}", range(&self.before), range(&self.after)))
    }

    fn json(&self, out: &mut dyn Write, about: About<'_>) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Json<'a> {
            before: &'a Period,
            after: &'a Period,
            change: &'a Change,
            #[serde(flatten)]
            about: About<'a>,
        }
        let Self { before, after, change, .. } = self;
        pretty(out, &Json { before, after, change, about })
    }

    fn csv(&self, out: &mut dyn Write, rates: Option<&str>) -> Result<(), Failure> {
        csv(out, &self.dimensions, &self.change, rates)
    }
}

/// The amounts of a change, in their order.
const AMOUNTS: [&str; 7] = ["before", "after", "change", "volume", "length", "price", "untimed"];

fn table(dimensions: &[Dimension], change: &Change) -> String {
    if change.groups.is_empty() {
        return "No call has a known cost in either period.".to_owned();
    }
    let mut header: Vec<&str> = dimensions.iter().map(|dimension| dimension.as_str()).collect();
    header.extend(["calls_before", "calls_after", "currency"]);
    header.extend(AMOUNTS);
    let row = |mut key: Vec<String>, of: &GroupChange| {
        key.resize(dimensions.len().max(key.len()), String::new());
        key.extend([
            of.before.calls.to_string(),
            of.after.calls.to_string(),
            of.currency.to_string(),
        ]);
        key.extend([of.before.total, of.after.total].map(rounded));
        key.extend([of.change, of.volume, of.length, of.price, of.untimed].map(signed));
        key
    };
    let keys = key_cells(change.groups.iter().map(|of| &of.key));
    let mut rows: Vec<_> =
        keys.into_iter().zip(&change.groups).map(|(key, of)| row(key, of)).collect();
    if change.groups.len() > 1 {
        rows.extend(change.overall.iter().map(|of| {
            let key = if dimensions.is_empty() { Vec::new() } else { vec!["all".to_owned()] };
            row(key, of)
        }));
    }
    let right: Vec<usize> = (dimensions.len()..header.len()).collect();
    let mut text = grid(&header, rows, &right);
    for of in &change.overall {
        let unknown = [&of.before, &of.after].map(|period| period.without_cost);
        if unknown != [0, 0] {
            text.push_str(&format!(
                "\n\nNot in it: calls whose cost is not known, {} of {} before and {} of {} after.",
                unknown[0], of.before.calls, unknown[1], of.after.calls
            ));
            break;
        }
    }
    text
}

fn csv(
    out: &mut dyn Write,
    dimensions: &[Dimension],
    change: &Change,
    rates: Option<&str>,
) -> Result<(), Failure> {
    let mut header = key_header(dimensions);
    header.push("currency".to_owned());
    for period in ["before", "after"] {
        let names =
            ["calls", "with_cost", "without_cost", "seconds", "total", "timed", "timed_total"];
        header.extend(names.map(|name| format!("{name}_{period}")));
    }
    header.extend(["change", "volume", "length", "price", "untimed"].map(str::to_owned));
    header.extend(rates.map(|_| "rates".to_owned()));
    let record = |of: &GroupChange| {
        let mut record: Vec<Cell<'static>> = key_record(&of.key);
        record.push(text(Some(of.currency.to_string())));
        for period in [&of.before, &of.after] {
            record.extend([period.calls, period.with_cost, period.without_cost].map(count));
            record.push(Cell::Seconds(period.seconds));
            record.push(number(period.total));
            record.extend([count(period.timed), number(Some(period.timed_total))]);
        }
        let parts = [of.change, of.volume, of.length, of.price, of.untimed];
        record.extend(parts.map(|part| number(Some(part))));
        record.extend(rates.map(|rates| text(Some(rates.to_owned()))));
        record
    };
    Ok(write_records(out, &header, change.groups.iter().map(record))?)
}
