//! Instants as vendors write them.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};

/// The time zone of instants that a vendor writes without one.
#[derive(Clone)]
pub struct Zone {
    name: String,
    to_utc: Arc<dyn Fn(NaiveDateTime) -> DateTime<Utc> + Send + Sync>,
}

impl Zone {
    /// Coordinated Universal Time.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), to_utc: Arc::new(|naive| naive.and_utc()) }
    }

    /// Any zone of chrono's. An instant that a clock change repeats is taken for the earlier; one that it skips, for an hour
    /// later.
    pub fn of<T>(name: impl Into<String>, zone: T) -> Self
    where
        T: TimeZone + Send + Sync + 'static,
    {
        let to_utc = move |naive: NaiveDateTime| {
            let local = |naive: NaiveDateTime| zone.from_local_datetime(&naive).earliest();
            let later = || local(naive.checked_add_signed(TimeDelta::hours(1))?);
            local(naive).or_else(later).map_or_else(|| naive.and_utc(), |instant| instant.to_utc())
        };
        Self { name: name.into(), to_utc: Arc::new(to_utc) }
    }

    /// The instant that a local time names.
    #[must_use]
    pub fn to_utc(&self, naive: NaiveDateTime) -> DateTime<Utc> {
        (self.to_utc)(naive)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

/// Reads an instant: RFC 3339, or the same without an offset, which is then in the zone given. `T` or a space between date
/// and time; any number of decimals.
///
/// ```
/// use callmux_http::{Zone, instant};
/// let utc = Zone::utc();
/// assert_eq!(instant("2026-04-15 12:00:00", &utc), instant("2026-04-15T14:00:00.000+02:00", &utc));
/// assert_eq!(instant("yesterday", &utc), None);
/// ```
#[must_use]
pub fn instant(text: &str, zone: &Zone) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Some((naive, is_utc)) = usual(text) {
        return Some(if is_utc { naive.and_utc() } else { zone.to_utc(naive) });
    }
    any_instant(text, zone)
}

/// An instant in any of the forms.
fn any_instant(text: &str, zone: &Zone) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    let naive = |format| NaiveDateTime::parse_from_str(text, format).ok();
    naive("%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|| naive("%Y-%m-%d %H:%M:%S%.f"))
        .map(|naive| zone.to_utc(naive))
}

/// The form that nearly all are written in, `2026-04-15T12:00:00.000Z`, with or without decimals and `Z`, and whether it is in
/// UTC. What is not quite so is for a reader that knows all forms, and is slower.
fn usual(text: &str) -> Option<(NaiveDateTime, bool)> {
    let (text, is_utc) = match text.strip_suffix('Z') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (clock, decimals) = text.as_bytes().split_at_checked(19)?;
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let &[
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T' | b' ',
        h0,
        h1,
        b':',
        i0,
        i1,
        b':',
        s0,
        s1,
    ] = clock
    else {
        return None;
    };
    let nanos = match decimals {
        [] => 0,
        [b'.', decimals @ ..] if (1..=9).contains(&decimals.len()) => {
            decimals
                .iter()
                .try_fold((0, 100_000_000), |(nanos, unit), digit| {
                    digit
                        .is_ascii_digit()
                        .then(|| (nanos + u32::from(digit - b'0') * unit, unit / 10))
                })?
                .0
        }
        _ => return None,
    };
    let year = i32::try_from(number(&[y0, y1, y2, y3])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&[m0, m1])?, number(&[d0, d1])?)?;
    let seconds = number(&[s0, s1]).filter(|seconds| *seconds < 60)?;
    let time =
        NaiveTime::from_hms_nano_opt(number(&[h0, h1])?, number(&[i0, i1])?, seconds, nanos)?;
    Some((date.and_time(time), is_utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    #[test]
    fn every_form_of_an_instant_is_read() {
        let east = Zone::of("+02:00", FixedOffset::east_opt(7200).unwrap());
        for (text, zone, expected) in [
            ("2026-04-15T12:00:00Z", &east, "2026-04-15T12:00:00Z"),
            ("2026-04-15T12:00:00.500Z", &east, "2026-04-15T12:00:00.500Z"),
            ("2026-04-15T12:00:00.000000Z", &east, "2026-04-15T12:00:00Z"),
            ("2026-04-15T12:00:00", &east, "2026-04-15T10:00:00Z"),
            ("2026-04-15 12:00:00", &Zone::utc(), "2026-04-15T12:00:00Z"),
            ("2026-04-15T12:00:00.250000", &Zone::utc(), "2026-04-15T12:00:00.250Z"),
        ] {
            let expected = DateTime::parse_from_rfc3339(expected).unwrap();
            assert_eq!(instant(text, zone), Some(expected.to_utc()), "{text}");
        }
        for text in [
            "",
            "2026-04-15 12:00:00.Z",
            "2026-04-15T12:00:00.000+00:0é",
            "2026-04-15",
            "2026-02-30T00:00:00Z",
            "12:00",
        ] {
            assert_eq!(instant(text, &Zone::utc()), None, "{text}");
        }
    }

    proptest::proptest! {
        /// Both readers agree wherever the fast one reads at all.
        #[test]
        fn the_usual_form_is_read_as_any_other(
            text in r"[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?Z?",
        ) {
            let east = Zone::of("+02:00", FixedOffset::east_opt(7200).unwrap());
            proptest::prop_assert_eq!(
                usual(&text).map(|_| instant(&text, &east)),
                usual(&text).map(|_| any_instant(&text, &east)),
            );
        }
    }
}
