//! The call list of Autocalls and its white-labels for callmux: `GET /user/calls`, walked by page number.
//!
//! Its facts, and where they come from, are in this crate's README.
//!
//! ```no_run
//! use callmux_core::{CallFilter, CallProviderExt, CallStatus};
//! use std::sync::Arc;
//!
//! # async fn list() -> Result<(), Box<dyn std::error::Error>> {
//! let brand = callmux_autocalls::brand("intellixent").ok_or("no such brand")?;
//! let account = callmux_autocalls::builder("a key").base_url(brand.base_url).build()?;
//! let mut calls = Arc::new(account).calls(CallFilter::new().status([CallStatus::Failed]));
//! while let Some(call) = calls.next().await {
//!     println!("{:?}", call?);
//! }
//! # Ok(())
//! # }
//! ```

mod brands;
mod map;
mod query;
mod wire;

use callmux_core::{
    Call, CallFilter, Currency, ErrorKind, Field, PageBounds, Result, Support, TimePrecision,
};
use callmux_http::paging::PageNumber;
use callmux_http::{
    Check, Dialect, Envelope, EnvelopeError, Environment, Fault, HttpProvider, HttpProviderBuilder,
    Plan, Request, Response, RowError, RowsAt, SecretString, Source, Vendor, Zone,
};
use chrono::TimeDelta;

pub use brands::{BRANDS, Brand, brand};

/// The dialect of Autocalls and of every brand of it.
#[derive(Clone, Debug)]
pub struct Autocalls {
    zone: Zone,
    currency: Currency,
}

impl Default for Autocalls {
    /// Times without an offset are UTC, amounts are United States dollars.
    fn default() -> Self {
        Self { zone: Zone::utc(), currency: Currency::USD }
    }
}

impl Autocalls {
    /// The zone of times that are sent without an offset, where the account's is not UTC.
    #[must_use]
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// The currency of the amounts, where the brand bills in another than United States dollars. The rows name none.
    #[must_use]
    pub fn with_currency(mut self, currency: Currency) -> Self {
        self.currency = currency;
        self
    }
}

/// An account with this key, at Autocalls itself unless another base URL is set.
pub fn builder(key: impl Into<SecretString>) -> HttpProviderBuilder<Autocalls> {
    builder_with(Autocalls::default(), key)
}

/// An account with this key whose times or amounts are not the usual ones.
pub fn builder_with(
    dialect: Autocalls,
    key: impl Into<SecretString>,
) -> HttpProviderBuilder<Autocalls> {
    HttpProvider::builder(dialect, key)
}

/// The account of `AUTOCALLS_API_KEY`, at `AUTOCALLS_BASE_URL` if that is set.
pub fn from_environment(environment: &Environment) -> HttpProviderBuilder<Autocalls> {
    HttpProvider::from_environment(Autocalls::default(), environment)
}

impl Dialect for Autocalls {
    type Row<'a> = wire::Row;
    type Paging = PageNumber;

    const VENDOR: Vendor = Vendor {
        id: "autocalls",
        name: "Autocalls",
        base_url: "https://app.autocalls.ai/api",
        path: "/user/calls",
        key_variable: "AUTOCALLS_API_KEY",
        base_url_variable: "AUTOCALLS_BASE_URL",
        documentation: "https://docs.autocalls.ai/api-reference/calls/get-calls",
        rows: RowsAt::MemberOrKeyed("data"),
        page: PageBounds { default: 100, max: 100 },
        page_unasked: 15,
        precision: TimePrecision::Day,
        capabilities: &[
            (Field::Placed, Support::Narrowed),
            (Field::Updated, Support::Client),
            (Field::Status, Support::Exact),
            (Field::Direction, Support::Exact),
            (Field::Channel, Support::Exact),
            (Field::Customer, Support::Client),
            (Field::Agent, Support::Trusted),
            (Field::Campaign, Support::Trusted),
            (Field::EndedReason, Support::Client),
            (Field::Duration, Support::Client),
            (Field::Cost, Support::Client),
            (Field::Id, Support::Client),
        ],
        // Asked a day earlier and two days later: see `query`.
        padding: Some(TimeDelta::days(3)),
        can_get: true,
        // Nothing is documented for this list; the framework's usual throttle is 60 a minute for all keys of an account.
        requests_per_minute: Some(60),
    };

    fn paging(&self) -> PageNumber {
        PageNumber { page: "page", page_size: "per_page" }
    }

    fn plan(&self, filter: &CallFilter) -> Result<Plan> {
        query::plan(filter)
    }

    fn envelope(&self, body: &str) -> Result<Envelope, EnvelopeError> {
        wire::envelope(body)
    }

    fn call(&self, row: wire::Row, source: &Source) -> Result<Call, RowError> {
        map::call(row, source, &self.zone, self.currency)
    }

    fn get_path(&self, id: &str) -> Option<String> {
        Some(format!("/user/calls/{id}"))
    }

    fn check(&self) -> Check {
        Check::Path("/user/me")
    }

    /// Brands publish their base with two slashes, or without `/api`.
    fn base_url(&self, given: &str) -> String {
        let given = given.trim();
        let Some((scheme, rest)) = given.split_once("://") else { return given.to_owned() };
        let mut parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 || parts.last() != Some(&"api") {
            parts.push("api");
        }
        format!("{scheme}://{}", parts.join("/"))
    }

    /// Older servers refuse a request with a sentence that names nothing; what was wrong is beside it.
    fn classify(&self, _: &Request, response: &Response, mut fault: Fault) -> Fault {
        if fault.kind == ErrorKind::InvalidRequest
            && let Some(refusal) = wire::first_refusal(&response.body)
            && !fault.message.contains(refusal.trim_end_matches('.'))
        {
            fault.message.push_str(": ");
            fault.message.push_str(refusal.trim_end_matches('.'));
        }
        fault
    }
}

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
