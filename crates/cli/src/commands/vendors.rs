//! `callmux vendors`: what each vendor can filter by.

use std::io::{self, Write as _};

use callmux::{Registry, VendorEntry};
use serde_json::{Value, json};

use super::explain::{fields, said};
use crate::args::{PlanFormat, VendorsArgs};
use crate::exit::{Failure, Outcome};
use crate::tables::grid;

pub(crate) fn run(args: &VendorsArgs) -> Result<Outcome, Failure> {
    let registry = Registry::standard();
    let mut out = io::stdout().lock();
    let mut vendors = own(&registry).map(|entry| as_json(entry, &registry));
    match args.output {
        PlanFormat::Json => {
            let vendors: Vec<Value> = vendors.collect();
            serde_json::to_writer_pretty(&mut out, &vendors).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        PlanFormat::Ndjson => vendors.try_for_each(|vendor| writeln!(out, "{vendor}"))?,
        PlanFormat::Table => write_tables(&mut out, args, &registry)?,
    }
    Ok(Outcome::Complete)
}

fn write_tables(
    out: &mut impl io::Write,
    args: &VendorsArgs,
    registry: &Registry,
) -> io::Result<()> {
    writeln!(out, "{}", capabilities(registry))?;
    if args.options {
        writeln!(out, "\n{}", options(registry))?;
    }
    if args.white_labels {
        writeln!(out, "\n{}", white_labels(registry))?;
    } else {
        let count = registry.entries().iter().filter(|entry| entry.is_white_label()).count();
        writeln!(
            out,
            "\n{count} white-labels can be named as sources too: callmux vendors --white-labels"
        )?;
    }
    Ok(())
}

fn own(registry: &Registry) -> impl Iterator<Item = &VendorEntry> {
    registry.entries().iter().filter(|entry| !entry.is_white_label())
}

/// One column a vendor: how well it serves a condition on each field, then its facts.
pub(crate) fn capabilities(registry: &Registry) -> String {
    let vendors: Vec<&VendorEntry> = own(registry).collect();
    let row = |name: String, of: &dyn Fn(&VendorEntry) -> String| {
        let mut row = vec![name];
        row.extend(vendors.iter().map(|entry| of(entry)));
        row
    };
    let mut rows: Vec<Vec<String>> = fields()
        .iter()
        .map(|field| row(field.to_string(), &|entry| said(entry.vendor.support(*field)).to_owned()))
        .collect();
    rows.push(row("fetch by id".to_owned(), &|entry| yes(entry.vendor.can_get).to_owned()));
    rows.push(row("rows a page".to_owned(), &|entry| {
        format!("{} (up to {})", entry.vendor.page.default, entry.vendor.page.max)
    }));
    rows.push(row("key".to_owned(), &|entry| entry.vendor.key_variable.to_owned()));
    rows.push(row("address".to_owned(), &|entry| entry.vendor.base_url.to_owned()));
    let mut header = vec!["filter"];
    header.extend(vendors.iter().map(|entry| entry.name));
    grid(&header, rows, &[])
}

fn yes(whether: bool) -> &'static str {
    if whether { "yes" } else { "no" }
}

fn options(registry: &Registry) -> String {
    let rows = own(registry).flat_map(|entry| {
        entry.all_options().map(|option| {
            vec![entry.name.to_owned(), option.name.to_owned(), option.doc.to_owned()]
        })
    });
    grid(&["vendor", "option", "meaning"], rows, &[])
}

fn white_labels(registry: &Registry) -> String {
    let brands = registry.entries().iter().filter(|entry| entry.is_white_label());
    let rows = brands.map(|entry| {
        vec![entry.name.to_owned(), entry.vendor.id.to_owned(), entry.base_url.to_owned()]
    });
    grid(&["white-label", "of", "address"], rows, &[])
}

fn as_json(entry: &VendorEntry, registry: &Registry) -> Value {
    let vendor = &entry.vendor;
    let filters: serde_json::Map<String, Value> =
        fields().iter().map(|field| (field.to_string(), json!(vendor.support(*field)))).collect();
    let white_labels: Vec<Value> = registry
        .entries()
        .iter()
        .filter(|other| other.is_white_label() && other.vendor.id == vendor.id)
        .map(|other| json!({ "name": other.name, "base_url": other.base_url }))
        .collect();
    let options: Vec<Value> = entry
        .all_options()
        .map(|option| json!({ "name": option.name, "doc": option.doc }))
        .collect();
    json!({
        "vendor": vendor.id,
        "name": vendor.name,
        "base_url": vendor.base_url,
        "key_variable": vendor.key_variable,
        "documentation": vendor.documentation,
        "page": vendor.page,
        "precision": vendor.precision,
        "can_get": vendor.can_get,
        "filters": filters,
        "options": options,
        "white_labels": white_labels,
    })
}
