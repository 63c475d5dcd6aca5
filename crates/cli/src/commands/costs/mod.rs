//! `callmux costs`: what calls cost, which side is cheaper, what changed, what stands out.

mod answer;
mod change;
mod comparison;
mod figures;
mod groups;
mod outliers;
mod page;
mod ranges;
mod rates;

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::sync::Arc;

use callmux::{CallFilter, CallProvider, CallProviderExt as _, Certificate};
use callmux_costs::{Comparer, Converter, Report, Watch, Zone};
use chrono_tz::Tz;

use self::answer::{About, Answer, Question};
use super::{begin_certificate, keep_certificate, now, sum_up};
use crate::args::{Cli, CostsArgs, ReportFormat};
use crate::conditions::conditions;
use crate::exit::{Failure, Outcome, note, say};
use crate::filter::filter;
use crate::sources::federate;

pub(crate) use comparison::sentences;
pub(crate) use groups::Groups;
pub(crate) use page::{AboutPage, PageFile, PageReports};

pub(crate) async fn run(args: &CostsArgs, cli: &Cli) -> Result<Outcome, Failure> {
    let now = now();
    let filter = filter(&args.filter, now)?;
    let zone = zone(args.filter.tz);
    let mut listing = Listing {
        provider: federate(&args.sources)?,
        converter: rates::converter(args, zone.clone())?,
        args,
        page: None,
        calls: 0,
    };
    listing.provider.explain(&filter)?;
    let conditions = conditions(&filter, args.filter.tz);
    let page = args.html.as_deref().map(PageFile::open).transpose()?;
    listing.page = page.is_some().then(|| PageReports::new(zone.clone(), now));
    let by = || args.by.iter().copied();
    if let Some(part) = by().find(|by| args.outliers && by.divides_calls()) {
        return Err(Failure::usage(format!(
            "--outliers: calls stand out as a whole, and --by {part} is of parts of them"
        )));
    }
    if let Some(against) = &args.against {
        let earlier = ranges::earlier(against, filter.placed, args.filter.tz, now)?;
        let report = || Report::new(by()).in_zone(zone.clone());
        return change::run(&mut listing, filter, earlier, report, cli).await;
    }
    let mut question: Box<dyn Question> = match args.compare {
        Some(side) => Box::new(Comparer::new(side.into())),
        None if args.outliers => Box::new(Watch::new(by(), now).in_zone(zone)),
        None => Box::new(Report::new(by()).in_zone(zone)),
    };
    let certificate = listing.read(filter, &mut *question).await?;
    let about = About { conversion: None, certificate: Some(&certificate) };
    listing.write(&*question, about)?;
    if let Some((file, reports)) = page.zip(listing.page.as_ref()) {
        let conversion = listing.converter.as_ref().map(Converter::conversion);
        let (conversion, certificate) = (conversion.as_ref(), &certificate);
        let about = AboutPage { filter: &conditions, made_at: now, conversion, certificate };
        file.write(&reports.html(&about)?)?;
    }
    if certificate.is_complete() && listing.calls == 0 {
        note(cli, "no call matches");
    }
    sum_up(&certificate, cli.quiet);
    Ok(Outcome::of(&certificate))
}

/// A zone as reports take it.
fn zone(zone: Tz) -> Zone {
    Zone::new(zone.name(), move |instant| instant.with_timezone(&zone).naive_local())
}

/// What is listed, and how it is written.
struct Listing<'a> {
    provider: Arc<dyn CallProvider>,
    converter: Option<Converter>,
    args: &'a CostsArgs,
    /// What the page is made of, if one is wanted.
    page: Option<PageReports>,
    /// How many calls were read.
    calls: u64,
}

impl Listing<'_> {
    /// Shows the question every call that matches.
    async fn read(
        &mut self,
        filter: CallFilter,
        question: &mut dyn Question,
    ) -> Result<Certificate, Failure> {
        let certificate_path = self.args.certificate.as_deref();
        let concurrency = self.args.concurrency.unwrap_or(0);
        let mut listing = self.provider.calls(filter).concurrency(concurrency);
        begin_certificate(certificate_path, listing.certificate())?;
        while let Some(item) = listing.next().await {
            match item {
                Ok(call) => {
                    self.calls += 1;
                    let call = match &mut self.converter {
                        Some(converter) => converter.convert(&call)?,
                        None => Cow::Borrowed(&call),
                    };
                    question.add(&call)?;
                    if let Some(page) = &mut self.page {
                        page.add(&call)?;
                    }
                }
                Err(error) if error.rejected().is_some() => say(&error.to_string()),
                Err(error) => {
                    // A sum of a part is no sum: nothing is printed.
                    keep_certificate(certificate_path, listing.certificate())?;
                    return Err(error.into());
                }
            }
        }
        keep_certificate(certificate_path, listing.certificate())?;
        Ok(listing.certificate().clone())
    }

    /// Writes the answer in the form that was asked for.
    fn write(&self, answer: &dyn Answer, about: About<'_>) -> Result<(), Failure> {
        let conversion = self.converter.as_ref().map(Converter::conversion);
        let about = About { conversion: conversion.as_ref(), ..about };
        let mut out = io::stdout().lock();
        match self.args.output {
            ReportFormat::Table => {
                let table = answer.table()?;
                if !table.is_empty() {
                    writeln!(out, "{table}")?;
                }
                let lines = conversion.iter().flat_map(rates::lines);
                lines.enumerate().try_for_each(|(index, line)| {
                    writeln!(out, "{}{line}", if index == 0 { "\n" } else { "" })
                })?;
            }
            ReportFormat::Json => answer.json(&mut out, about)?,
            ReportFormat::Csv => {
                let rates = conversion.as_ref().map(rates::in_one);
                answer.csv(&mut out, rates.as_deref())?;
            }
        }
        Ok(out.flush()?)
    }
}
