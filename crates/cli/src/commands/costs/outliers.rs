//! Calls that stand out: tables for people, JSON, CSV.

use std::io::Write;

use callmux::{Call, Decimal};
use callmux_costs::{CallRef, Dimension, Outliers, OverdueCalls, Standout, Watch};
use callmux_table::{Cell, write_records};
use chrono::SecondsFormat;
use serde::Serialize;

use super::answer::{About, Answer, Question, pretty};
use super::figures::{key_cells, key_header, key_record, number, rounded, shown, text};
use crate::exit::Failure;
use crate::tables::grid;

/// How many calls of each kind a table shows; JSON and CSV have all that are named.
const SHOWN: usize = 5;

impl Question for Watch {
    fn add(&mut self, call: &Call) -> Result<(), Failure> {
        Self::add(self, call);
        Ok(())
    }
}

impl Answer for Watch {
    fn table(&self) -> Result<String, Failure> {
        Ok(table(self.dimensions(), &self.outliers()?))
    }

    fn json(&self, out: &mut dyn Write, about: About<'_>) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Json<'a> {
            outliers: Outliers,
            #[serde(flatten)]
            about: About<'a>,
        }
        pretty(out, &Json { outliers: self.outliers()?, about })
    }

    fn csv(&self, out: &mut dyn Write, rates: Option<&str>) -> Result<(), Failure> {
        csv(out, self.dimensions(), &self.outliers()?, rates)
    }
}

fn table(dimensions: &[Dimension], outliers: &Outliers) -> String {
    let mut parts = Vec::new();
    let standing_out: Vec<&Standout> =
        outliers.groups.iter().filter(|group| group.beyond > 0).collect();
    if standing_out.is_empty() {
        parts.push("No call stands out from its own group.".to_owned());
    } else {
        parts.push(format!(
            "Calls that stand out from their own group:\n\n{}",
            standouts(dimensions, &standing_out)
        ));
    }
    parts.push(overdue("still live after a day", &outliers.stuck));
    parts.push(overdue("over, and without a cost after a day", &outliers.unbilled));
    parts.join("\n\n")
}

fn standouts(dimensions: &[Dimension], groups: &[&Standout]) -> String {
    let mut header: Vec<&str> = dimensions.iter().map(|dimension| dimension.as_str()).collect();
    let first_figure = header.len();
    header.extend([
        "measure",
        "calls",
        "beyond",
        "median",
        "fence",
        "value",
        "placed_at",
        "account",
        "id",
    ]);
    let mut rows = Vec::new();
    for group in groups {
        for (index, outlier) in group.farthest.iter().take(SHOWN).enumerate() {
            let once = |text: String| if index == 0 { text } else { String::new() };
            // Whose group it is can be seen from its calls.
            let names = key_cells(std::iter::once(&group.key)).into_iter().flatten();
            let mut row: Vec<String> = names.map(once).collect();
            let is_low = outlier.value < group.median;
            let fence = if is_low { group.low } else { Some(group.high) };
            row.push(once(group.measure.to_string()));
            row.extend([group.calls, group.beyond].map(|count| once(count.to_string())));
            row.push(once(plain(group.median)));
            row.push(fence.map(plain).unwrap_or_default());
            row.push(plain(outlier.value));
            row.extend(place(&outlier.call));
            rows.push(row);
        }
    }
    grid(&header, rows, &[1, 2, 3, 4, 5].map(|column| first_figure + column))
}

/// A value in the unit of its measure, to four places at most.
fn plain(value: Decimal) -> String {
    let text = rounded(Some(value));
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if text.contains('<') { text } else { short.to_owned() }
}

fn place(call: &CallRef) -> [String; 3] {
    let at = call.placed_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
    [at.unwrap_or_default(), shown(call.account.as_str()), shown(call.id.as_str())]
}

fn overdue(what: &str, calls: &OverdueCalls) -> String {
    match calls.calls {
        0 => format!("No call is {what}."),
        count => {
            let rows = calls.oldest.iter().take(SHOWN).map(|call| {
                let mut row = vec![shown(call.vendor.as_str())];
                row.extend(place(call));
                row
            });
            let oldest = grid(&["vendor", "placed_at", "account", "id"], rows, &[]);
            let verb = if count == 1 { "call is" } else { "calls are" };
            format!("{count} {verb} {what}; the oldest:\n\n{oldest}")
        }
    }
}

fn csv(
    out: &mut dyn Write,
    dimensions: &[Dimension],
    outliers: &Outliers,
    rates: Option<&str>,
) -> Result<(), Failure> {
    let mut header = vec!["kind".to_owned()];
    header.extend(key_header(dimensions).into_iter().map(|name| format!("group_{name}")));
    let names =
        ["currency", "median", "low", "high", "value", "placed_at", "vendor", "account", "id"];
    header.extend(names.map(str::to_owned));
    let until_the_call = header.len() - 4;
    header.extend(rates.map(|_| "rates".to_owned()));
    let rates = || rates.map(|rates| text(Some(rates.to_owned())));
    let mut records = Vec::new();
    for group in &outliers.groups {
        for outlier in &group.farthest {
            let mut record = vec![text(Some(group.measure.as_str().to_owned()))];
            record.extend(key_record(&group.key));
            record.push(text(group.currency.map(|currency| currency.to_string())));
            let figures = [Some(group.median), group.low, Some(group.high), Some(outlier.value)];
            record.extend(figures.map(number));
            record.extend(call(&outlier.call));
            record.extend(rates());
            records.push(record);
        }
    }
    for (kind, calls) in [("stuck", &outliers.stuck), ("unbilled", &outliers.unbilled)] {
        for of in &calls.oldest {
            let mut record = vec![text(Some(kind.to_owned()))];
            record.resize(until_the_call, Cell::Absent);
            record.extend(call(of));
            record.extend(rates());
            records.push(record);
        }
    }
    Ok(write_records(out, &header, records)?)
}

fn call(call: &CallRef) -> [Cell<'static>; 4] {
    [
        call.placed_at.map_or(Cell::Absent, Cell::Instant),
        text(Some(call.vendor.to_string())),
        text(Some(call.account.to_string())),
        text(Some(call.id.to_string())),
    ]
}
