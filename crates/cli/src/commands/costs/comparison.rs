//! Sides set side by side: tables and sentences for people, JSON, CSV.

use std::fmt::Write as _;
use std::io::Write;

use callmux::Call;
use callmux_costs::{Comparer, Comparison, Dimension, Lengths, Scope, SideFigures, Unsupported};
use callmux_table::{Cell, minutes, printable, write_records};
use serde::Serialize;

use super::answer::{About, Answer, Question, pretty};
use super::figures::{count, key_cells, key_header, key_record, number, rounded, text};
use crate::exit::Failure;
use crate::tables::grid;

impl Question for Comparer {
    fn add(&mut self, call: &Call) -> Result<(), Failure> {
        Ok(Self::add(self, call)?)
    }
}

impl Answer for Comparer {
    fn table(&self) -> Result<String, Failure> {
        Ok(table(self.by(), &self.comparisons()?))
    }

    fn json(&self, out: &mut dyn Write, about: About<'_>) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Json<'a> {
            comparisons: Vec<Comparison>,
            #[serde(flatten)]
            about: About<'a>,
        }
        pretty(out, &Json { comparisons: self.comparisons()?, about })
    }

    fn csv(&self, out: &mut dyn Write, rates: Option<&str>) -> Result<(), Failure> {
        csv(out, self.by(), &self.comparisons()?, rates)
    }
}

/// The comparisons, one a currency, as a table for people and what may be concluded of it.
fn table(by: Dimension, comparisons: &[Comparison]) -> String {
    if comparisons.is_empty() {
        return "No call has a known cost, so there is nothing to compare.".to_owned();
    }
    let texts: Vec<String> = comparisons.iter().map(|comparison| one(by, comparison)).collect();
    texts.join("\n\n")
}

fn one(by: Dimension, comparison: &Comparison) -> String {
    let header = [
        by.as_str(),
        "calls",
        "counted",
        "minutes",
        "currency",
        "total",
        "per_minute",
        "mix_adjusted",
        "low",
        "high",
    ];
    let names = key_cells(comparison.sides.iter().map(|side| &side.key));
    let rows = names.into_iter().zip(&comparison.sides).map(|(mut row, side)| {
        row.extend([side.calls.to_string(), side.counted.to_string(), minutes(side.seconds)]);
        row.push(comparison.currency.to_string());
        row.push(rounded(side.total));
        row.push(rounded(side.per_minute));
        let estimate = side.mix_adjusted;
        row.push(rounded(estimate.map(|estimate| estimate.amount)));
        row.push(rounded(estimate.and_then(|estimate| estimate.low)));
        row.push(rounded(estimate.and_then(|estimate| estimate.high)));
        row
    });
    let mut text = grid(&header, rows, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let _ = write!(text, "\n\nCost per minute by length of call:\n\n{}", by_length(by, comparison));
    let _ = write!(text, "\n\nWhat the totals cover:\n\n{}\n", scopes(by, comparison));
    let said = sentences(comparison);
    for line in said.chain(comparison.notes.iter().cloned()).chain(left_out(comparison)) {
        let _ = write!(text, "\n{}", printable(&line));
    }
    text
}

fn by_length(by: Dimension, comparison: &Comparison) -> String {
    let lengths: Vec<String> =
        comparison.buckets.iter().map(|bucket| bucket.lengths.to_string()).collect();
    let mut header: Vec<&str> = vec![by.as_str()];
    header.extend(lengths.iter().map(String::as_str));
    let weights = comparison.buckets.iter().map(|bucket| rounded(bucket.weight));
    let mut rows = vec![std::iter::once("(weight)".to_owned()).chain(weights).collect::<Vec<_>>()];
    let names = key_cells(comparison.sides.iter().map(|side| &side.key));
    for (name, side) in names.into_iter().zip(&comparison.sides) {
        let rates = side.buckets.iter().map(|bucket| rounded(bucket.per_minute));
        rows.push(name.into_iter().chain(rates).collect());
    }
    let right: Vec<usize> = (1..header.len()).collect();
    grid(&header, rows, &right)
}

fn scopes(by: Dimension, comparison: &Comparison) -> String {
    let of = |side: &SideFigures, scope: Scope| {
        let components = side.scope.iter().filter(|of| of.scope == scope);
        let words: Vec<&str> = components.map(|of| of.component.as_str()).collect();
        words.join(", ")
    };
    let names = key_cells(comparison.sides.iter().map(|side| &side.key));
    let rows = names.into_iter().zip(&comparison.sides).map(|(mut row, side)| {
        row.extend([Scope::Included, Scope::Partly, Scope::Excluded].map(|scope| of(side, scope)));
        row
    });
    grid(&[by.as_str(), "covered", "in_some_totals", "charged_apart"], rows, &[])
}

/// What may be concluded, and of which sides nothing may be.
pub(crate) fn sentences(comparison: &Comparison) -> impl Iterator<Item = String> {
    let unsupported = comparison.sides.iter().filter_map(|side| {
        let why = side.unsupported?;
        let what = match why {
            Unsupported::LengthsNotShared => "has no mix-adjusted figure beside the others",
            _ => "cannot be compared",
        };
        Some(format!("{} {what}: {why}.", side.key))
    });
    unsupported.chain(comparison.pairs.iter().map(|pair| pair.sentence.clone()))
}

/// What of each side is not in its figures.
fn left_out(comparison: &Comparison) -> impl Iterator<Item = String> {
    comparison.sides.iter().filter_map(|side| {
        let left = side.left_out;
        let parts = [
            (left.without_cost, "without a known cost"),
            (left.without_talk, "without talk"),
            (left.neither, "with neither, or with a cost in another currency"),
            (left.other_lengths, "of lengths that do not count"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(calls, _)| *calls > 0)
            .map(|(calls, what)| format!("{calls} {what}"))
            .collect();
        (!parts.is_empty()).then(|| format!("Left out of {}: {}.", side.key, parts.join(", ")))
    })
}

fn csv(
    out: &mut dyn Write,
    by: Dimension,
    comparisons: &[Comparison],
    rates: Option<&str>,
) -> Result<(), Failure> {
    let lengths: Vec<Lengths> = comparisons
        .first()
        .map(|comparison| comparison.buckets.iter().map(|bucket| bucket.lengths).collect())
        .unwrap_or_default();
    let mut header = key_header(&[by]);
    header.extend(
        [
            "currency",
            "calls",
            "counted",
            "seconds",
            "total",
            "per_minute",
            "mix_adjusted",
            "mix_adjusted_low",
            "mix_adjusted_high",
            "unsupported",
            "without_cost",
            "without_talk",
            "without_talk_total",
            "neither",
            "other_lengths",
        ]
        .map(str::to_owned),
    );
    for lengths in &lengths {
        header.extend(["weight", "calls", "per_minute"].map(|what| format!("{what} {lengths}")));
    }
    header.extend(rates.map(|_| "rates".to_owned()));
    let mut records = Vec::new();
    for comparison in comparisons {
        for side in &comparison.sides {
            let estimate = side.mix_adjusted;
            let mut record: Vec<Cell<'static>> = key_record(&side.key);
            record.push(text(Some(comparison.currency.to_string())));
            record.extend([count(side.calls), count(side.counted), Cell::Seconds(side.seconds)]);
            record.push(number(side.total));
            record.push(number(side.per_minute));
            record.push(number(estimate.map(|estimate| estimate.amount)));
            record.push(number(estimate.and_then(|estimate| estimate.low)));
            record.push(number(estimate.and_then(|estimate| estimate.high)));
            record.push(text(side.unsupported.map(|why| why.to_string())));
            let left = side.left_out;
            record.extend([count(left.without_cost), count(left.without_talk)]);
            record.push(number(left.without_talk_total));
            record.extend([left.neither, left.other_lengths].map(count));
            for (bucket, of) in comparison.buckets.iter().zip(&side.buckets) {
                record.extend([number(bucket.weight), count(of.calls), number(of.per_minute)]);
            }
            record.extend(rates.map(|rates| text(Some(rates.to_owned()))));
            records.push(record);
        }
    }
    Ok(write_records(out, &header, records)?)
}
