//! `callmux costs`: what calls cost.

use std::io::{self, Write};

use callmux::{CallProviderExt as _, Certificate, Component, Decimal};
use callmux_costs::{Group, Report, Zone};
use callmux_table::{Cell, printable, write_records};
use chrono_tz::Tz;
use serde::Serialize;

use super::{begin_certificate, keep_certificate, now, sum_up};
use crate::args::{Cli, CostsArgs, ReportFormat};
use crate::exit::{Failure, Outcome, note, say};
use crate::filter::filter;
use crate::sources::federate;
use crate::tables::grid;

pub(crate) async fn run(args: &CostsArgs, cli: &Cli) -> Result<Outcome, Failure> {
    let filter = filter(&args.filter, now())?;
    let provider = federate(&args.sources)?;
    provider.explain(&filter)?;
    let mut report = Report::new(args.by.iter().copied()).in_zone(zone(args.filter.tz));
    let mut listing = provider.calls(filter).concurrency(args.concurrency.unwrap_or(0));
    begin_certificate(args.certificate.as_deref(), listing.certificate())?;
    while let Some(item) = listing.next().await {
        match item {
            Ok(call) => report.add(&call)?,
            Err(error) if error.rejected().is_some() => say(&error.to_string()),
            Err(error) => {
                // A sum of a part is no sum: nothing is printed.
                keep_certificate(args.certificate.as_deref(), listing.certificate())?;
                return Err(error.into());
            }
        }
    }
    let certificate = listing.certificate();
    keep_certificate(args.certificate.as_deref(), certificate)?;
    let groups = report.groups()?;
    let mut out = io::stdout().lock();
    match args.output {
        ReportFormat::Table if groups.is_empty() => {}
        ReportFormat::Table => writeln!(out, "{}", table(&report, &groups)?)?,
        ReportFormat::Json => write_json(&mut out, &groups, certificate)?,
        ReportFormat::Csv => write_csv(&mut out, &report, &groups)?,
    }
    out.flush()?;
    if groups.is_empty() && certificate.is_complete() {
        note(cli, "no call matches");
    }
    sum_up(certificate, cli.quiet);
    Ok(Outcome::of(certificate))
}

/// A zone as reports take it.
pub(crate) fn zone(zone: Tz) -> Zone {
    Zone::new(zone.name(), move |instant| instant.with_timezone(&zone).naive_local())
}

fn write_json(
    out: &mut impl Write,
    groups: &[Group],
    certificate: &Certificate,
) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Answer<'a> {
        groups: &'a [Group],
        certificate: &'a Certificate,
    }
    serde_json::to_writer_pretty(&mut *out, &Answer { groups, certificate })
        .map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

/// The figures of a group in one currency; a group without a known cost has one row, without a currency.
struct Row {
    currency: Option<String>,
    total: Option<Decimal>,
    per_minute: Option<Decimal>,
    components: Vec<(Component, Decimal)>,
    unattributed: Option<Decimal>,
}

fn rows(group: &Group) -> Vec<Row> {
    if group.totals.is_empty() {
        return vec![Row {
            currency: None,
            total: None,
            per_minute: None,
            components: Vec::new(),
            unattributed: None,
        }];
    }
    let of_currency = |total: callmux::Money| {
        let currency = total.currency;
        let components = group.components.iter().filter(|part| part.currency == currency);
        Row {
            currency: Some(currency.to_string()),
            total: Some(total.amount),
            per_minute: group
                .per_minute
                .iter()
                .find(|rate| rate.currency == currency)
                .and_then(|rate| rate.amount),
            components: components.map(|part| (part.component, part.amount)).collect(),
            unattributed: group
                .unattributed
                .iter()
                .find(|rest| rest.currency == currency)
                .map(|rest| rest.amount),
        }
    };
    group.totals.iter().map(of_currency).collect()
}

/// The components that any group has a line of, in their own order.
fn components(groups: &[Group]) -> Vec<Component> {
    let has = |component: &Component| {
        groups.iter().any(|group| group.components.iter().any(|part| part.component == *component))
    };
    Component::ALL.iter().copied().filter(has).collect()
}

/// The report as a table for people, with a row for all calls where there are several groups.
pub(crate) fn table(report: &Report, groups: &[Group]) -> Result<String, Failure> {
    let components = components(groups);
    let dimensions = report.dimensions();
    let mut header: Vec<String> = dimensions.iter().map(ToString::to_string).collect();
    let first_figure = header.len();
    header.extend(["calls", "minutes", "currency", "total", "per_minute"].map(str::to_owned));
    header.extend(components.iter().map(ToString::to_string));
    header.extend(["unattributed", "cost_known"].map(str::to_owned));

    let mut cells = Vec::new();
    for group in groups {
        let mut key: Vec<String> = group
            .key
            .parts()
            .iter()
            .map(|part| printable(&part.to_string()).into_owned())
            .collect();
        for row in rows(group) {
            let key = std::mem::take(&mut key);
            cells.push(figures(key, group, &row, &components, dimensions.len()));
        }
    }
    if groups.len() > 1 {
        let overall = report.overall()?;
        let mut key = vec!["all".to_owned()];
        for row in rows(&overall) {
            let key = std::mem::take(&mut key);
            cells.push(figures(key, &overall, &row, &components, dimensions.len()));
        }
    }
    let names: Vec<&str> = header.iter().map(String::as_str).collect();
    let figures: Vec<usize> = (first_figure..header.len()).collect();
    Ok(grid(&names, cells, &figures))
}

/// One row of a group. Its further currencies have rows without a key, and without the figures that are of all of it.
fn figures(
    mut key: Vec<String>,
    group: &Group,
    row: &Row,
    components: &[Component],
    width: usize,
) -> Vec<String> {
    let is_first = !key.is_empty();
    let once = |figure: String| if is_first { figure } else { String::new() };
    key.resize(width.max(key.len()), String::new());
    let part = |component: &Component| {
        row.components.iter().find(|(of, _)| of == component).map(|(_, amount)| *amount)
    };
    key.push(once(group.calls.to_string()));
    key.push(once(minutes(group)));
    key.push(row.currency.clone().unwrap_or_else(|| "-".to_owned()));
    key.push(rounded(row.total));
    key.push(rounded(row.per_minute));
    key.extend(components.iter().map(|component| rounded(part(component))));
    key.push(rounded(row.unattributed));
    key.push(once(share(group.coverage)));
    key
}

/// Minutes of talk; a dash where no call has a known one.
fn minutes(group: &Group) -> String {
    if group.with_talk == 0 {
        return "-".to_owned();
    }
    let tenths = (group.seconds.as_millis() + 3000) / 6000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// An amount for people, to four places: what is not known is a dash, and what is something is no zero.
fn rounded(amount: Option<Decimal>) -> String {
    let Some(amount) = amount else { return "-".to_owned() };
    let rounded = amount.round_dp(4);
    match (rounded.is_zero(), amount.is_zero(), amount.is_sign_negative()) {
        (true, false, false) => "<0.0001".to_owned(),
        (true, false, true) => ">-0.0001".to_owned(),
        _ => format!("{rounded:.4}"),
    }
}

/// A share in percent, rounded down: what is nearly all is not all.
fn share(coverage: Option<Decimal>) -> String {
    let Some(share) = coverage else { return "-".to_owned() };
    format!("{:.1} %", (share * Decimal::from(100)).trunc_with_scale(1))
}

fn write_csv(out: &mut impl Write, report: &Report, groups: &[Group]) -> Result<(), Failure> {
    let components = components(groups);
    let dimensions = report.dimensions();
    let mut header: Vec<String> = dimensions.iter().map(ToString::to_string).collect();
    header.extend(["calls", "with_cost", "without_cost", "seconds"].map(str::to_owned));
    header.extend(["currency", "total", "per_minute"].map(str::to_owned));
    header.extend(components.iter().map(|component| format!("cost_{component}")));
    header.push("unattributed".to_owned());

    let number = |number: Option<Decimal>| number.map_or(Cell::Absent, Cell::Decimal);
    let mut records = Vec::new();
    for group in groups {
        for row in rows(group) {
            let part =
                |of: &Component| row.components.iter().find(|(component, _)| component == of);
            let keys = dimensions.iter().map(|of| text(group.key.value(*of).map(str::to_owned)));
            let counts = [group.calls, group.with_cost, group.without_cost];
            let mut record: Vec<Cell<'_>> = keys.collect();
            record.extend(counts.map(|count| Cell::Decimal(count.into())));
            record.push(Cell::Seconds(group.seconds));
            record.push(text(row.currency.clone()));
            record.extend([number(row.total), number(row.per_minute)]);
            record.extend(components.iter().map(|of| number(part(of).map(|(_, amount)| *amount))));
            record.push(number(row.unattributed));
            records.push(record);
        }
    }
    Ok(write_records(out, &header, records)?)
}

fn text(text: Option<String>) -> Cell<'static> {
    text.map_or(Cell::Absent, |text| Cell::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Option<Decimal> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_figure_for_people_never_pretends() {
        for (amount, shown) in [
            ("12.34567", "12.3457"),
            ("100", "100.0000"),
            ("0", "0.0000"),
            ("0.00004", "<0.0001"),
            ("-0.00004", ">-0.0001"),
            ("-0.0038", "-0.0038"),
        ] {
            assert_eq!(rounded(decimal(amount)), shown);
        }
        assert_eq!(rounded(None), "-");
        for (part, shown) in
            [("1", "100.0 %"), ("0.999888", "99.9 %"), ("0.5", "50.0 %"), ("0", "0.0 %")]
        {
            assert_eq!(share(decimal(part)), shown);
        }
        assert_eq!(share(None), "-");
    }
}
