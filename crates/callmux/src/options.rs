//! Options of a vendor, by name, as a configuration or the command line gives them.

use std::collections::BTreeMap;
use std::fmt;

use callmux_http::{Dialect, HttpProviderBuilder, Zone};
use chrono::FixedOffset;

/// An option that a vendor's accounts have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionInfo {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
}

/// Options that every vendor's accounts have.
pub(crate) const COMMON: &[OptionInfo] = &[
    OptionInfo {
        name: "page_size",
        doc: "rows to ask for at a time: a hint, since calls that share an instant may need more",
    },
    OptionInfo {
        name: "concurrency",
        doc: "requests to have under way at once, up to 64, for windows of time or pages ahead: not with a limit",
    },
    OptionInfo {
        name: "requests_per_minute",
        doc: "the pace that is not exceeded; 0 for none but what the vendor teaches",
    },
];

/// An option that is not known, or whose value makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    pub(crate) name: String,
    pub(crate) why: String,
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "option {:?}: {}", self.name, self.why)
    }
}

impl std::error::Error for OptionError {}

/// The options of one account, taken out one by one, so that what nobody took is known to be a mistake.
#[derive(Clone, Debug)]
pub struct VendorOptions {
    given: BTreeMap<String, String>,
}

impl VendorOptions {
    pub(crate) fn new(given: BTreeMap<String, String>) -> Self {
        Self { given }
    }

    /// Takes an option out and reads it.
    ///
    /// # Errors
    /// The value makes no sense: `read` says what would.
    pub fn take<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, OptionError> {
        let Some(value) = self.given.remove(name) else { return Ok(None) };
        read(value.trim()).map(Some).map_err(|why| OptionError {
            name: name.to_owned(),
            why: format!("{value:?} is not {why}"),
        })
    }

    pub(crate) fn apply_common<D: Dialect>(
        &mut self,
        mut builder: HttpProviderBuilder<D>,
    ) -> Result<HttpProviderBuilder<D>, OptionError> {
        let rows = |text: &str| {
            text.parse().ok().filter(|rows| *rows > 0).ok_or("a number of rows, from 1".to_owned())
        };
        if let Some(rows) = self.take("page_size", rows)? {
            builder = builder.page_size(rows);
        }
        let requests = |text: &str| {
            text.parse()
                .ok()
                .filter(|requests| *requests > 0)
                .ok_or("a number of requests, from 1".to_owned())
        };
        if let Some(requests) = self.take("concurrency", requests)? {
            builder = builder.concurrency(requests);
        }
        let pace =
            |text: &str| text.parse().map_err(|_| "a number of requests a minute".to_owned());
        if let Some(pace) = self.take("requests_per_minute", pace)? {
            builder = builder.requests_per_minute(Some(pace).filter(|pace: &u32| *pace > 0));
        }
        Ok(builder)
    }

    pub(crate) fn finish(self, of_vendor: &[OptionInfo]) -> Result<(), OptionError> {
        let Some((name, _)) = self.given.into_iter().next() else { return Ok(()) };
        let known: Vec<&str> = COMMON.iter().chain(of_vendor).map(|option| option.name).collect();
        Err(OptionError { name, why: format!("not known here; there are: {}", known.join(", ")) })
    }
}

/// Reads a time zone: `UTC`, an offset such as `+02:00`, or, with the feature `timezones`, a name such as `Europe/Berlin`.
#[cfg_attr(
    not(feature = "autocalls"),
    expect(dead_code, reason = "only Autocalls writes local times")
)]
pub(crate) fn zone(text: &str) -> Result<Zone, String> {
    if text.eq_ignore_ascii_case("utc") {
        return Ok(Zone::utc());
    }
    if let Ok(offset) = text.parse::<FixedOffset>() {
        return Ok(Zone::of(text, offset));
    }
    #[cfg(feature = "timezones")]
    if let Ok(zone) = text.parse::<chrono_tz::Tz>() {
        return Ok(Zone::of(text, zone));
    }
    Err("a time zone: UTC, an offset such as +02:00, or a name such as Europe/Berlin".to_owned())
}
