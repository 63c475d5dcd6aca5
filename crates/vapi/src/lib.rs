//! Vapi's call list for callmux: `GET /call`, walked by a falling `createdAt` bound.
//!
//! Its facts, and where they come from, are in this crate's README.
//!
//! ```no_run
//! use callmux_core::{CallFilter, CallProviderExt, CallStatus};
//! use std::sync::Arc;
//!
//! # async fn list() -> callmux_core::Result<()> {
//! let vapi = Arc::new(callmux_vapi::builder("a private key").build()?);
//! let mut calls = vapi.calls(CallFilter::new().status([CallStatus::Failed])).limit(20);
//! while let Some(call) = calls.next().await {
//!     println!("{:?}", call?);
//! }
//! # Ok(())
//! # }
//! ```

mod cost;
mod ending;
mod map;
mod query;
mod wire;

use callmux_core::{
    Call, CallFilter, ErrorKind, Field, PageBounds, Result, Support, TimePrecision,
};
use callmux_http::paging::TimeKeyset;
use callmux_http::{
    Dialect, Environment, Fault, HttpProvider, HttpProviderBuilder, Plan, Request, Response,
    RowError, RowsAt, SecretString, Source, Vendor,
};
use chrono::TimeDelta;

/// The address of the European region; keys are of one region.
pub const EU_BASE_URL: &str = "https://api.eu.vapi.ai";

/// Vapi's dialect.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vapi;

/// An account with this private key.
pub fn builder(key: impl Into<SecretString>) -> HttpProviderBuilder<Vapi> {
    HttpProvider::builder(Vapi, key)
}

/// The account of `VAPI_API_KEY`, at `VAPI_BASE_URL` if that is set.
pub fn from_environment(environment: &Environment) -> HttpProviderBuilder<Vapi> {
    HttpProvider::from_environment(Vapi, environment)
}

impl Dialect for Vapi {
    type Row<'a> = wire::Row<'a>;
    type Paging = TimeKeyset;

    const VENDOR: Vendor = Vendor {
        id: "vapi",
        name: "Vapi",
        base_url: "https://api.vapi.ai",
        path: "/call",
        key_variable: "VAPI_API_KEY",
        base_url_variable: "VAPI_BASE_URL",
        documentation: "https://docs.vapi.ai/api-reference/calls/list",
        rows: RowsAt::List,
        // A row is a whole call of some 20 kB, so the default stays well below the largest page.
        page: PageBounds { default: 200, max: 1000 },
        page_unasked: 100,
        precision: TimePrecision::Millisecond,
        capabilities: &[
            (Field::Placed, Support::Exact),
            (Field::Updated, Support::Exact),
            (Field::Status, Support::Client),
            (Field::Direction, Support::Client),
            (Field::Channel, Support::Client),
            (Field::Customer, Support::Client),
            (Field::Agent, Support::Exact),
            (Field::Campaign, Support::Client),
            (Field::EndedReason, Support::Client),
            (Field::Duration, Support::Client),
            (Field::Cost, Support::Client),
            (Field::Id, Support::Exact),
        ],
        padding: Some(TimeDelta::zero()),
        can_get: true,
        requests_per_minute: None,
    };

    fn paging(&self) -> TimeKeyset {
        query::PAGING
    }

    fn plan(&self, filter: &CallFilter) -> Result<Plan> {
        query::plan(filter)
    }

    fn call(&self, row: wire::Row<'_>, source: &Source) -> Result<Call, RowError> {
        map::call(row, source)
    }

    fn get_path(&self, id: &str) -> Option<String> {
        Some(format!("/call/{id}"))
    }

    /// A call, or a range, that is older than the plan covers is answered with 400; only the text tells.
    fn classify(&self, _: &Request, response: &Response, fault: Fault) -> Fault {
        let says =
            |text: &str| response.body.windows(text.len()).any(|part| part == text.as_bytes());
        if response.status == 400 && (says("only covers the last") || says("retention window")) {
            let mut fault = fault.with_remedy("ask for a later start (--from)");
            fault.kind = ErrorKind::RetentionWindow;
            return fault;
        }
        match &fault.remedy {
            Some(check) if fault.kind == ErrorKind::Unauthenticated => {
                let remedy =
                    format!("{check}: a private key, of the region that the base URL names");
                fault.with_remedy(remedy)
            }
            _ => fault,
        }
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
