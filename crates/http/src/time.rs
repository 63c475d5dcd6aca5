//! Instants as vendors write them.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};

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
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    let naive = |format| NaiveDateTime::parse_from_str(text, format).ok();
    naive("%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|| naive("%Y-%m-%d %H:%M:%S%.f"))
        .map(|naive| zone.to_utc(naive))
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
        for text in ["", "2026-04-15", "2026-02-30T00:00:00Z", "12:00"] {
            assert_eq!(instant(text, &Zone::utc()), None, "{text}");
        }
    }
}
