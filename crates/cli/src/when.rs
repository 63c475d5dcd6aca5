//! Times as people write them.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// Which end of a range a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// A date is its first instant.
    From,
    /// A date is the first instant after it.
    To,
}

/// Reads a time: RFC 3339; a date, or a date and a time, in the zone; `now`, `today`, `yesterday`; how long ago: `7d`,
/// `24h ago`.
pub(crate) fn instant(
    text: &str,
    end: End,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    let unreadable = || {
        format!("{text:?} is not a time; give 2026-01-31, 2026-01-31T12:00:00Z, 7d or \"24h ago\"")
    };
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let today = now.with_timezone(&zone).date_naive();
    let date = match text {
        "now" => return Ok(now),
        "today" => Some(today),
        "yesterday" => today.pred_opt(),
        _ if is_date(text) => Some(
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .map_err(|_| format!("there is no day {text}"))?,
        ),
        _ => None,
    };
    if let Some(date) = date {
        let date = match end {
            End::From => Some(date),
            End::To => date.checked_add_days(Days::new(1)),
        };
        let midnight = date.map(|date| date.and_time(NaiveTime::MIN)).ok_or_else(unreadable)?;
        return Ok(in_zone(midnight, zone));
    }
    for format in
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
    {
        if let Ok(naive) = NaiveDateTime::parse_from_str(text, format) {
            return Ok(in_zone(naive, zone));
        }
    }
    let ago = text.strip_suffix("ago").map_or(text, str::trim_end);
    let back = how_long(ago).ok_or_else(unreadable)?;
    now.checked_sub_signed(back).ok_or_else(unreadable)
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// A local time in a zone. One that a clock change repeats is the earlier, one that it skips an hour later.
pub(crate) fn in_zone(naive: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let local = |naive: NaiveDateTime| zone.from_local_datetime(&naive).earliest();
    local(naive)
        .or_else(|| local(naive.checked_add_signed(TimeDelta::hours(1))?))
        .map_or_else(|| naive.and_utc(), |instant| instant.to_utc())
}

fn how_long(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().last()?;
    let number: i64 =
        text.strip_suffix(unit)?.trim_end().parse().ok().filter(|number| *number >= 0)?;
    match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, end: End, zone: Tz) -> Result<String, String> {
        let now = "2026-11-21T11:30:00Z".parse().unwrap();
        instant(text, end, zone, now)
            .map(|instant| instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }

    #[test]
    fn every_form_is_read() {
        let berlin = chrono_tz::Europe::Berlin;
        for (text, end, zone, expected) in [
            ("2026-01-31", End::From, Tz::UTC, "2026-01-31T00:00:00Z"),
            ("2026-01-31", End::To, Tz::UTC, "2026-02-01T00:00:00Z"),
            ("2026-01-31", End::From, berlin, "2026-01-30T23:00:00Z"),
            ("2026-01-31", End::To, berlin, "2026-01-31T23:00:00Z"),
            // The day on which summer time begins has 23 hours.
            ("2026-03-29", End::From, berlin, "2026-03-28T23:00:00Z"),
            ("2026-03-29", End::To, berlin, "2026-03-29T22:00:00Z"),
            ("2026-01-31T12:00:00Z", End::To, berlin, "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00+02:00", End::From, berlin, "2026-01-31T10:00:00Z"),
            ("2026-01-31T12:00", End::From, berlin, "2026-01-31T11:00:00Z"),
            ("2026-03-29 02:30:00", End::From, berlin, "2026-03-29T01:30:00Z"),
            ("now", End::To, Tz::UTC, "2026-11-21T11:30:00Z"),
            ("today", End::From, Tz::UTC, "2026-11-21T00:00:00Z"),
            ("yesterday", End::To, Tz::UTC, "2026-11-21T00:00:00Z"),
            ("7d", End::From, Tz::UTC, "2026-11-14T11:30:00Z"),
            ("24h ago", End::From, Tz::UTC, "2026-11-20T11:30:00Z"),
            ("90 m ago", End::From, Tz::UTC, "2026-11-21T10:00:00Z"),
            ("2w", End::From, Tz::UTC, "2026-11-07T11:30:00Z"),
        ] {
            assert_eq!(read(text, end, zone).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_and_nothing_panics() {
        for text in [
            "",
            "soon",
            "2026-02-30",
            "2026-13-01",
            "-7d",
            "7",
            "d",
            "7y",
            "99999999999999d",
            "9999-99-99",
            "é",
            "ago",
            "7é",
        ] {
            let refused = read(text, End::From, Tz::UTC).unwrap_err();
            assert!(refused.contains(text), "{refused}");
        }
    }
}
