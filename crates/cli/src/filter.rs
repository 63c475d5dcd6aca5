//! A filter from the command line.

use std::time::Duration;

use callmux::{
    CallFilter, CostRange, Currency, Decimal, DurationRange, TimeRange, decimal_from_json,
};
use chrono::{DateTime, Utc};

use crate::args::FilterArgs;
use crate::exit::Failure;
use crate::when::{End, instant};

pub(crate) fn filter(args: &FilterArgs, now: DateTime<Utc>) -> Result<CallFilter, Failure> {
    let mut filter = CallFilter::new();
    filter.placed = range(args, ("--from", &args.from), ("--to", &args.to), now)?;
    filter.updated = range(
        args,
        ("--updated-from", &args.updated_from),
        ("--updated-to", &args.updated_to),
        now,
    )?;
    if !args.status.is_empty() {
        filter = filter.status(args.status.iter().copied());
    }
    if !args.direction.is_empty() {
        filter = filter.direction(args.direction.iter().copied());
    }
    if !args.channel.is_empty() {
        filter = filter.channel(args.channel.iter().copied());
    }
    if !args.ended_reason.is_empty() {
        filter = filter.ended_reason(args.ended_reason.iter().copied());
    }
    if let Some(number) = text("--customer", args.customer.as_ref())? {
        filter = filter.customer(number);
    }
    if let Some(digits) = text("--customer-contains", args.customer_contains.as_ref())? {
        filter = filter.customer_contains(digits);
    }
    if let Some(id) = text("--agent", args.agent.as_ref())? {
        filter = filter.agent(id);
    }
    if let Some(id) = text("--campaign", args.campaign.as_ref())? {
        filter = filter.campaign(id);
    }
    let min = seconds("--min-duration", args.min_duration.as_ref())?;
    let max = seconds("--max-duration", args.max_duration.as_ref())?;
    if min.is_some() || max.is_some() {
        refuse_inverted("--min-duration", min, "--max-duration", max)?;
        filter = filter.duration(DurationRange { min, max });
    }
    if let Some(range) = cost(args)? {
        filter = filter.cost(range);
    }
    if !args.id.is_empty() {
        if args.id.iter().any(|id| id.trim().is_empty()) {
            return Err(Failure::usage("--id has an empty id"));
        }
        filter = filter.ids(args.id.iter().map(|id| id.trim()));
    }
    Ok(filter)
}

fn range(
    args: &FilterArgs,
    (from_name, from): (&str, &Option<String>),
    (to_name, to): (&str, &Option<String>),
    now: DateTime<Utc>,
) -> Result<TimeRange, Failure> {
    let read = |name: &str, text: &Option<String>, end: End| {
        let read = text.as_ref().map(|text| instant(text, end, args.tz, now)).transpose();
        read.map_err(|why| Failure::usage(format!("{name}: {why}")))
    };
    let (since, until) = (read(from_name, from, End::From)?, read(to_name, to, End::To)?);
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        let message = format!("{from_name} ({since}) is not before {to_name} ({until}); swap them");
        return Err(Failure::usage(message));
    }
    Ok(TimeRange { since, until })
}

fn text<'a>(name: &str, text: Option<&'a String>) -> Result<Option<&'a str>, Failure> {
    let text = text.map(|text| text.trim());
    if text == Some("") {
        return Err(Failure::usage(format!("{name} is empty")));
    }
    Ok(text)
}

fn seconds(name: &str, text: Option<&String>) -> Result<Option<Duration>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let read =
        text.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match read {
        Some(duration) => Ok(Some(duration)),
        None => Err(Failure::usage(format!(
            "{name}: {text:?} is not a number of seconds, such as 90 or 1.5"
        ))),
    }
}

fn refuse_inverted<T: PartialOrd>(
    min_name: &str,
    min: Option<T>,
    max_name: &str,
    max: Option<T>,
) -> Result<(), Failure> {
    if matches!((min, max), (Some(min), Some(max)) if min > max) {
        return Err(Failure::usage(format!("{min_name} exceeds {max_name}; swap them")));
    }
    Ok(())
}

fn cost(args: &FilterArgs) -> Result<Option<CostRange>, Failure> {
    let min = amount("--min-cost", args.min_cost.as_ref())?;
    let max = amount("--max-cost", args.max_cost.as_ref())?;
    let named =
        |amount: Option<(Decimal, Option<Currency>)>| amount.and_then(|(_, currency)| currency);
    let currency = match (named(min), named(max)) {
        (Some(a), Some(b)) if a != b => {
            return Err(Failure::usage("--min-cost and --max-cost are of different currencies"));
        }
        (a, b) => a.or(b).unwrap_or(Currency::USD),
    };
    let (min, max) = (min.map(|(min, _)| min), max.map(|(max, _)| max));
    if min.is_none() && max.is_none() {
        return Ok(None);
    }
    refuse_inverted("--min-cost", min, "--max-cost", max)?;
    Ok(Some(CostRange { currency, min, max }))
}

/// An amount, exactly, with its currency if one is named: `0.05`, `0.05 EUR`, `EUR 0.05`.
fn amount(
    name: &str,
    text: Option<&String>,
) -> Result<Option<(Decimal, Option<Currency>)>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let is_letter = |character: char| character.is_ascii_alphabetic();
    let trimmed = text.trim();
    let number = trimmed.trim_matches(is_letter).trim();
    let letters: String = trimmed.chars().filter(char::is_ascii_alphabetic).collect();
    let currency = if letters.is_empty() { None } else { Some(letters.parse::<Currency>()) };
    match (decimal_from_json(number), currency.transpose()) {
        (Ok(amount), Ok(currency)) => Ok(Some((amount, currency))),
        _ => Err(Failure::usage(format!(
            "{name}: {text:?} is not an amount, such as 0.05 or \"0.05 EUR\""
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn read(arguments: &[&str]) -> Result<CallFilter, String> {
        let line = ["callmux", "explain"].iter().chain(arguments);
        let cli = crate::args::Cli::try_parse_from(line).map_err(|error| error.to_string())?;
        let crate::args::Command::Explain(args) = cli.command else { panic!("not explain") };
        let now = "2026-11-21T11:30:00Z".parse().unwrap();
        filter(&args.filter, now).map_err(|failure| failure.to_string())
    }

    #[test]
    fn amounts_are_exact_and_their_currency_is_read_on_either_side() {
        let range = |filter: CallFilter| filter.cost.unwrap();
        let usd = range(read(&["--min-cost", "0.014204399999999999"]).unwrap());
        assert_eq!(
            (usd.currency, usd.min.unwrap().to_string()),
            (Currency::USD, "0.014204399999999999".into())
        );
        let eur = range(read(&["--min-cost", "0.05 EUR", "--max-cost", "1"]).unwrap());
        assert_eq!((eur.currency, eur.max), (Currency::EUR, Some(Decimal::ONE)));
        assert_eq!(range(read(&["--max-cost", "eur0.5"]).unwrap()).currency, Currency::EUR);
    }

    #[test]
    fn mistakes_are_told_in_one_line() {
        for (arguments, says) in [
            (vec!["--from", "2026-02-01", "--to", "2026-01-01"], "swap them"),
            (vec!["--from", "soon"], "--from: \"soon\" is not a time"),
            (vec!["--to", "2026-02-30"], "no day 2026-02-30"),
            (vec!["--min-duration", "x"], "--min-duration"),
            (vec!["--min-duration", "-1"], "--min-duration"),
            (vec!["--min-duration", "9", "--max-duration", "8"], "swap them"),
            (vec!["--min-cost", "1 USD", "--max-cost", "2 EUR"], "different currencies"),
            (vec!["--min-cost", "much"], "not an amount"),
            (vec!["--min-cost", "1 USD 2"], "not an amount"),
            (vec!["--agent", " "], "--agent is empty"),
            (vec!["--id", "1,,2"], "empty id"),
            (vec!["--status", "done"], "expected one of: scheduled"),
            (vec!["--tz", "Mars"], "not a time zone"),
        ] {
            let refused = read(&arguments).unwrap_err();
            assert!(refused.contains(says), "{arguments:?}: {refused}");
        }
    }

    #[test]
    fn one_day_is_a_range_of_that_day() {
        let filter =
            read(&["--from", "2026-01-31", "--to", "2026-01-31", "--status", "completed,failed"])
                .unwrap();
        let range = filter.placed;
        assert_eq!(range.until.unwrap() - range.since.unwrap(), chrono::TimeDelta::days(1));
        assert_eq!(filter.status.unwrap().len(), 2);
    }
}
