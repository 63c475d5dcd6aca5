//! Burki's call list for callmux: `GET /api/v1/calls/`, walked by a falling `date_to` bound.
//!
//! Its facts, and where they come from, are in this crate's README.
//!
//! ```no_run
//! use callmux_core::{CallFilter, CallProviderExt, CallStatus};
//! use std::sync::Arc;
//!
//! # async fn list() -> callmux_core::Result<()> {
//! let burki = Arc::new(callmux_burki::builder("an API key").build()?);
//! let mut calls = burki.calls(CallFilter::new().status([CallStatus::Failed])).limit(20);
//! while let Some(call) = calls.next().await {
//!     println!("{:?}", call?);
//! }
//! # Ok(())
//! # }
//! ```

mod map;
mod query;
mod time_format;
mod wire;

use callmux_core::{
    Call, CallFilter, ErrorKind, Field, PageBounds, Result, Support, TimePrecision,
};
use callmux_http::paging::TimeKeyset;
use callmux_http::{
    Dialect, Envelope, EnvelopeError, Environment, Fault, HttpProvider, HttpProviderBuilder, Plan,
    Request, Response, RowError, RowsAt, SecretString, Source, Vendor,
};
use chrono::TimeDelta;

pub use time_format::TimeFormat;

/// Burki's dialect.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Burki {
    /// How instants are written in a request.
    pub time_format: TimeFormat,
}

impl Burki {
    /// The dialect that writes instants thus.
    #[must_use]
    pub const fn with_time_format(time_format: TimeFormat) -> Self {
        Self { time_format }
    }
}

/// An account with this key.
pub fn builder(key: impl Into<SecretString>) -> HttpProviderBuilder<Burki> {
    builder_with(Burki::default(), key)
}

/// An account with this key, asked in a dialect with options.
pub fn builder_with(dialect: Burki, key: impl Into<SecretString>) -> HttpProviderBuilder<Burki> {
    HttpProvider::builder(dialect, key)
}

/// The account of `BURKI_API_KEY`, at `BURKI_BASE_URL` if that is set.
pub fn from_environment(environment: &Environment) -> HttpProviderBuilder<Burki> {
    HttpProvider::from_environment(Burki::default(), environment)
}

impl Dialect for Burki {
    type Row<'a> = wire::Row;
    type Paging = TimeKeyset;

    const VENDOR: Vendor = Vendor {
        id: "burki",
        name: "Burki",
        base_url: "https://api.burki.dev",
        // Without the last slash the server redirects, at times to plain http.
        path: "/api/v1/calls/",
        key_variable: "BURKI_API_KEY",
        base_url_variable: "BURKI_BASE_URL",
        documentation: "https://docs.burki.dev/api-reference/calls/list",
        rows: RowsAt::Member("items"),
        // A thousand rows are some 0.3 MB.
        page: PageBounds { default: 1000, max: 1000 },
        page_unasked: 100,
        precision: TimePrecision::Microsecond,
        capabilities: &[
            (Field::Placed, Support::Exact),
            (Field::Status, Support::Exact),
            (Field::Direction, Support::Client),
            (Field::Channel, Support::Client),
            (Field::Customer, Support::Narrowed),
            (Field::Agent, Support::Exact),
            (Field::Duration, Support::Exact),
            (Field::Cost, Support::Client),
            (Field::Id, Support::Client),
        ],
        padding: Some(TimeDelta::zero()),
        can_get: true,
        requests_per_minute: None,
    };

    fn paging(&self) -> TimeKeyset {
        query::paging(self.time_format)
    }

    fn plan(&self, filter: &CallFilter) -> Result<Plan> {
        query::plan(filter, self.time_format)
    }

    /// A bare list (the public server), or an object with the list in `items` (the hosted one).
    fn envelope(&self, body: &str) -> Result<Envelope, EnvelopeError> {
        wire::envelope(body)
    }

    fn call(&self, row: wire::Row, source: &Source) -> Result<Call, RowError> {
        map::call(row, source)
    }

    fn get_path(&self, id: &str) -> Option<String> {
        Some(format!("/api/v1/calls/{id}"))
    }

    /// The origin alone, also where the address of the API or of its list was given.
    fn base_url(&self, given: &str) -> String {
        let base = given.trim().trim_end_matches('/');
        let above = ["/api/v1/calls", "/api/v1"].iter().find_map(|tail| base.strip_suffix(tail));
        above.unwrap_or(base).trim_end_matches('/').to_owned()
    }

    fn classify(&self, request: &Request, response: &Response, mut fault: Fault) -> Fault {
        let is_list = request.url.path().ends_with(Self::VENDOR.path);
        match response.status {
            // One answer for a bad key and for a database that cannot be asked.
            401 => {
                let check = fault.remedy.take().unwrap_or_default();
                fault.with_remedy(format!(
                    "{check}; a server whose database is down says the same, so try once more"
                ))
            }
            422 if !is_list => {
                fault.kind = ErrorKind::NotFound;
                fault.with_remedy("Burki's calls are numbered 1, 2, 3, …: check the id")
            }
            500 if request.has_parameter("assistant_id") => fault.with_remedy(
                "check the agent: Burki fails thus where the assistant is not of this organisation",
            ),
            500 if is_list => fault.with_remedy(
                "try again later; where it stays, one broken call may fail its whole page: narrow the time range",
            ),
            _ => fault,
        }
    }
}

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
