//! A filter in words.

use std::collections::BTreeSet;
use std::fmt::Display;

use callmux::{CallFilter, CustomerMatch, TimeRange};
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

/// Each condition in words; none for all calls.
pub(crate) fn conditions(filter: &CallFilter, zone: Tz) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(range("Placed", filter.placed, zone));
    words.extend(range("Changed", filter.updated, zone));
    words.extend(any_of("Status", filter.status.as_ref()));
    words.extend(any_of("Direction", filter.direction.as_ref()));
    words.extend(any_of("Channel", filter.channel.as_ref()));
    words.extend(any_of("Ended reason", filter.ended_reason.as_ref()));
    words.extend(filter.customer.as_ref().map(|customer| match customer {
        CustomerMatch::Exact(number) => format!("Customer: {}", number.as_str()),
        CustomerMatch::Contains(digits) => {
            format!("Customer's number contains {}", digits.as_str())
        }
    }));
    words.extend(filter.agent.as_ref().map(|id| format!("Agent: {id}")));
    words.extend(filter.campaign.as_ref().map(|id| format!("Campaign: {id}")));
    words.extend(filter.duration.and_then(|range| {
        let seconds = |length: std::time::Duration| format!("{} s", length.as_secs_f64());
        between("Talk time", range.min.map(seconds), range.max.map(seconds))
    }));
    words.extend(filter.cost.and_then(|range| {
        let money = |amount: callmux::Decimal| format!("{amount} {}", range.currency);
        between("Cost", range.min.map(money), range.max.map(money))
    }));
    words.extend(any_of("Id", filter.ids.as_ref()));
    words
}

fn range(what: &str, range: TimeRange, zone: Tz) -> Option<String> {
    let at = |at: DateTime<Utc>| at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true);
    match (range.since.map(at), range.until.map(at)) {
        (None, None) => None,
        (Some(since), None) => Some(format!("{what} at {since} or later")),
        (None, Some(until)) => Some(format!("{what} before {until}")),
        (Some(since), Some(until)) => Some(format!("{what} from {since}, before {until}")),
    }
}

fn any_of(what: &str, words: Option<&BTreeSet<impl Display>>) -> Option<String> {
    let words: Vec<String> = words?.iter().map(ToString::to_string).collect();
    Some(format!("{what}: {}", words.join(", ")))
}

fn between(what: &str, min: Option<String>, max: Option<String>) -> Option<String> {
    match (min, max) {
        (None, None) => None,
        (Some(min), None) => Some(format!("{what}: {min} or more")),
        (None, Some(max)) => Some(format!("{what}: {max} or less")),
        (Some(min), Some(max)) => Some(format!("{what}: {min} to {max}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use clap::Parser as _;

    fn words(arguments: &[&str]) -> Vec<String> {
        let cli = Cli::try_parse_from(["callmux", "costs"].iter().chain(arguments)).unwrap();
        let Command::Costs(args) = cli.command else { panic!("not costs") };
        let now = "2026-11-21T11:30:00Z".parse().unwrap();
        conditions(&crate::filter::filter(&args.filter, now).unwrap(), args.filter.tz)
    }

    #[test]
    fn each_condition_is_a_line() {
        assert_eq!(words(&[]), [""; 0]);
        assert_eq!(
            words(&[
                "--from",
                "2026-01-01",
                "--to",
                "2026-01-31",
                "--tz",
                "Europe/Berlin",
                "--status",
                "failed,completed"
            ]),
            [
                "Placed from 2026-01-01T00:00:00+01:00, before 2026-02-01T00:00:00+01:00",
                "Status: completed, failed"
            ]
        );
        assert_eq!(
            words(&[
                "--updated-from",
                "2026-01-01",
                "--customer",
                "+1555",
                "--agent",
                "a",
                "--campaign",
                "c",
                "--min-duration",
                "1.5",
                "--max-cost",
                "0.50 EUR",
                "--id",
                "2,1",
                "--channel",
                "web",
                "--direction",
                "inbound",
                "--ended-reason",
                "busy",
            ]),
            [
                "Changed at 2026-01-01T00:00:00Z or later",
                "Direction: inbound",
                "Channel: web",
                "Ended reason: busy",
                "Customer: +1555",
                "Agent: a",
                "Campaign: c",
                "Talk time: 1.5 s or more",
                "Cost: 0.50 EUR or less",
                "Id: 1, 2",
            ]
        );
        assert_eq!(
            words(&[
                "--to",
                "2026-01-01T00:00:00Z",
                "--customer-contains",
                "555",
                "--min-cost",
                "1",
                "--max-cost",
                "2",
                "--max-duration",
                "9"
            ]),
            [
                "Placed before 2026-01-01T00:00:00Z",
                "Customer's number contains 555",
                "Talk time: 9 s or less",
                "Cost: 1 USD to 2 USD"
            ]
        );
    }
}
