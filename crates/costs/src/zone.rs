//! The clock that days are read from.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};

type ClockFace = dyn Fn(DateTime<Utc>) -> NaiveDateTime + Send + Sync;

/// A named time zone: what its clock shows at an instant. Hours, days, weeks and months of a report are those of its zone.
///
/// ```
/// use callmux_costs::Zone;
/// use chrono::{FixedOffset, TimeZone, Utc};
///
/// let offset = FixedOffset::east_opt(3600).unwrap();
/// let zone = Zone::new("+01:00", move |instant| instant.with_timezone(&offset).naive_local());
/// let late = Utc.with_ymd_and_hms(2026, 1, 31, 23, 30, 0).unwrap();
/// assert_eq!(zone.local(late).to_string(), "2026-02-01 00:30:00");
/// assert_eq!(Zone::utc().to_string(), "UTC");
/// ```
#[derive(Clone)]
pub struct Zone {
    name: Arc<str>,
    face: Arc<ClockFace>,
}

impl Zone {
    /// A zone by its name and what its clock shows.
    pub fn new(
        name: impl Into<Arc<str>>,
        face: impl Fn(DateTime<Utc>) -> NaiveDateTime + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), face: Arc::new(face) }
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self::new("UTC", |instant| instant.naive_utc())
    }

    /// Its name, as reports give it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its clock shows at an instant.
    #[must_use]
    pub fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        (self.face)(instant)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}
