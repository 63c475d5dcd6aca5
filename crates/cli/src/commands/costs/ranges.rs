//! Which earlier range a range is held against.

use callmux::TimeRange;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::exit::Failure;
use crate::when::{End, in_zone, instant};

/// The range that `--against` names: `previous`, or `FROM..TO` as `--from` and `--to` take them.
pub(super) fn earlier(
    text: &str,
    range: TimeRange,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<TimeRange, Failure> {
    if text == "previous" {
        return previous(range, zone, now);
    }
    let Some((from, to)) = text.split_once("..") else {
        return Err(Failure::usage(format!(
            "--against {text:?}: give `previous`, or a range such as 2026-01-01..2026-01-31"
        )));
    };
    let read = |text: &str, end: End| {
        instant(text, end, zone, now).map_err(|why| Failure::usage(format!("--against: {why}")))
    };
    let (since, until) = (read(from, End::From)?, read(to, End::To)?);
    if since >= until {
        return Err(Failure::usage(format!("--against: {since} is not before {until}; swap them")));
    }
    Ok(TimeRange { since: Some(since), until: Some(until) })
}

/// The range as long as this one that ends where it begins. It is as long on the clocks of the zone, so that a week of whole days
/// stays one over a change of the clocks.
fn previous(range: TimeRange, zone: Tz, now: DateTime<Utc>) -> Result<TimeRange, Failure> {
    let Some(since) = range.since else {
        return Err(Failure::usage(
            "--against previous: give --from, so that there is a range to step back by",
        ));
    };
    let until = range.until.unwrap_or(now);
    let local = |instant: DateTime<Utc>| instant.with_timezone(&zone).naive_local();
    let length = local(until) - local(since);
    let before = local(since).checked_sub_signed(length).map(|before| in_zone(before, zone));
    match before {
        Some(before) if before < since => Ok(TimeRange { since: Some(before), until: Some(since) }),
        _ => Err(Failure::usage(format!(
            "--against previous: there is no such range before {since}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(since: Option<&str>, until: Option<&str>) -> TimeRange {
        let read = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        TimeRange { since: read(since), until: read(until) }
    }

    fn against(text: &str, now: TimeRange, zone: &str) -> Result<String, String> {
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let earlier =
            earlier(text, now, zone.parse().unwrap(), at).map_err(|error| error.to_string())?;
        let text = |at: Option<DateTime<Utc>>| at.unwrap().format("%Y-%m-%dT%H:%M").to_string();
        Ok(format!("{} {}", text(earlier.since), text(earlier.until)))
    }

    #[test]
    fn the_previous_range_is_as_long_and_ends_where_this_one_begins() {
        let week = range(Some("2026-09-08T00:00:00Z"), Some("2026-09-15T00:00:00Z"));
        assert_eq!(against("previous", week, "UTC").unwrap(), "2026-09-01T00:00 2026-09-08T00:00");
        // Until now, where there is no end.
        let open = range(Some("2026-11-20T12:00:00Z"), None);
        assert_eq!(against("previous", open, "UTC").unwrap(), "2026-11-19T12:00 2026-11-20T12:00");
        // The clocks go back on 25 October in Berlin: whole days stay whole days.
        let after = range(Some("2026-10-25T23:00:00Z"), Some("2026-10-27T23:00:00Z"));
        assert_eq!(
            against("previous", after, "Europe/Berlin").unwrap(),
            "2026-10-23T22:00 2026-10-25T23:00"
        );
    }

    #[test]
    fn a_range_is_read_as_from_and_to_are() {
        let any = range(None, None);
        assert_eq!(
            against("2026-01-01..2026-01-31", any, "UTC").unwrap(),
            "2026-01-01T00:00 2026-02-01T00:00"
        );
        for (text, why) in [
            ("2026-01-01", "give `previous`, or a range"),
            ("previous", "give --from"),
            ("2026-02-01..2026-01-01", "swap them"),
            ("soon..now", "not a time"),
            ("..", "not a time"),
        ] {
            let refused = against(text, any, "UTC").unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
        let ever = range(Some("-262000-01-01T00:00:00Z"), Some("+262000-01-01T00:00:00Z"));
        assert!(against("previous", ever, "UTC").unwrap_err().contains("no such range"));
    }
}
