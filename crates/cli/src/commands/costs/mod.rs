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

use callmux::{Call, CallFilter, CallProvider, CallProviderExt as _, Certificate};
use callmux_costs::{Comparer, Conversion, Converter, Report, Watch, Zone};
use callmux_table::printable;
use chrono::{Offset as _, TimeZone as _};
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
    refuse_senseless(args)?;
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
    if let Some((page, path)) = page.as_ref().zip(args.certificate.as_deref())
        && page.is(path)
    {
        return Err(Failure::usage("--html and --certificate name the same file"));
    }
    listing.page = page.is_some().then(|| PageReports::new(zone.clone(), now));
    let by = || args.by.iter().copied();
    if let Some(against) = &args.against {
        let earlier = ranges::earlier(against, filter.placed, args.filter.tz, now)?;
        let report = || Report::new(by()).in_zone(zone.clone());
        return change::run(&mut listing, filter, (earlier, now), report, cli).await;
    }
    let mut question: Box<dyn Question> = match args.compare {
        Some(side) => Box::new(Comparer::new(side.into())),
        None if args.outliers => Box::new(Watch::new(by(), now).in_zone(zone)),
        None => Box::new(Report::new(by()).in_zone(zone)),
    };
    let certificate = listing.read(filter, &mut *question).await?;
    let conversion = listing.conversion();
    let (conversion, of) = (conversion.as_ref(), &certificate);
    let printed = listing.write(&*question, About { conversion, certificate: Some(of) });
    // Whoever reads the first lines and goes still wants the page.
    if let Some((file, reports)) = page.zip(listing.page.as_ref()) {
        let about = AboutPage { filter: &conditions, made_at: now, conversion, certificate: of };
        file.write(&reports.html(&about)?)?;
    }
    printed?;
    if certificate.is_complete() && listing.calls == 0 {
        note(cli, "no call matches");
    }
    sum_up(&certificate, cli.quiet);
    Ok(Outcome::of(&certificate))
}

/// What would be answered, and would mislead.
fn refuse_senseless(args: &CostsArgs) -> Result<(), Failure> {
    let by = || args.by.iter();
    if let Some(part) = by().find(|by| args.outliers && by.divides_calls()) {
        return Err(Failure::usage(format!(
            "--outliers: calls stand out as a whole, and --by {part} is of parts of them"
        )));
    }
    if let Some(time) = by().find(|by| args.against.is_some() && by.is_time()) {
        return Err(Failure::usage(format!(
            "--against: no {time} is in both ranges, so that --by {time} would make all of a change one of volume"
        )));
    }
    Ok(())
}

/// A zone as reports take it.
fn zone(zone: Tz) -> Zone {
    Zone::new(zone.name(), move |instant| {
        let utc = instant.naive_utc();
        // A clock that would show a day beyond the last one there is shows that of UTC.
        utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix()).unwrap_or(utc)
    })
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
                    self.show(&call, question).map_err(|failure| {
                        let of = format!("{} of {} {}", call.id, call.vendor, call.account);
                        Failure::failed(format!("{failure}: it could be until the call {of}"))
                    })?;
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

    /// Shows the question a call, converted, and the page too.
    fn show(&mut self, call: &Call, question: &mut dyn Question) -> Result<(), Failure> {
        let call = match &mut self.converter {
            Some(converter) => converter.convert(call)?,
            None => Cow::Borrowed(call),
        };
        question.add(&call)?;
        if let Some(page) = &mut self.page {
            page.add(&call)?;
        }
        Ok(())
    }

    /// What was converted until now, and at which rates; `None` where nothing is to be.
    fn conversion(&self) -> Option<Conversion> {
        self.converter.as_ref().map(Converter::conversion)
    }

    /// Writes the answer in the form that was asked for.
    fn write(&self, answer: &dyn Answer, about: About<'_>) -> Result<(), Failure> {
        let conversion = about.conversion;
        let mut out = io::stdout().lock();
        match self.args.output {
            ReportFormat::Table => {
                let table = answer.table()?;
                if !table.is_empty() {
                    writeln!(out, "{table}")?;
                }
                if let Some(part) = about.certificate.filter(|of| !of.is_complete()) {
                    // Where the table goes, that it is of a part goes too.
                    writeln!(
                        out,
                        "\nNot all calls are known to be in it: {}",
                        printable(&part.to_string())
                    )?;
                }
                let lines = conversion.into_iter().flat_map(rates::lines);
                lines.enumerate().try_for_each(|(index, line)| {
                    writeln!(out, "{}{line}", if index == 0 { "\n" } else { "" })
                })?;
            }
            ReportFormat::Json => answer.json(&mut out, about)?,
            ReportFormat::Csv => {
                let rates = conversion.map(rates::in_one);
                answer.csv(&mut out, rates.as_deref())?;
            }
        }
        Ok(out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};

    #[test]
    fn a_clock_shows_something_at_any_instant() {
        let shown = |name: &str, at: DateTime<Utc>| zone(name.parse().unwrap()).local(at);
        let summer: DateTime<Utc> = "2026-07-01T23:30:00Z".parse().unwrap();
        assert_eq!(shown("Europe/Berlin", summer).to_string(), "2026-07-02 01:30:00");
        for (name, at) in [
            ("Asia/Tokyo", DateTime::<Utc>::MAX_UTC),
            ("America/New_York", DateTime::<Utc>::MIN_UTC),
        ] {
            assert_eq!(shown(name, at), at.naive_utc(), "{name}");
        }
    }
}
