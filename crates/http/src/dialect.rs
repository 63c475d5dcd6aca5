//! A vendor's dialect: pure functions between its words and ours.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use callmux_core::{
    AccountId, Call, CallFilter, CallId, Error, Field, Result, SentParameter, Served, Support,
    VendorId,
};
use serde::Deserialize;
use thiserror::Error;

use crate::fault::Fault;
use crate::paging::Paging;
use crate::transport::{Request, Response};
use crate::vendor::Vendor;

/// A vendor's dialect. No I/O, no clock, no state.
///
/// [`HttpProvider`](crate::HttpProvider) checks every call again, whatever [`plan`](Self::plan) claims.
pub trait Dialect: fmt::Debug + Send + Sync + 'static {
    /// One row as the vendor sends it. Its fields are lenient ([`crate::wire`]), so that drift costs a field, not a row.
    type Row<'a>: Deserialize<'a>;
    /// How the vendor's pages follow one another.
    type Paging: Paging;

    /// The vendor's facts.
    const VENDOR: Vendor;

    /// How its pages follow one another.
    fn paging(&self) -> Self::Paging;

    /// The whole filter in the vendor's words: what is sent, and how well each condition is served by it.
    ///
    /// # Errors
    /// A condition that the vendor neither filters by nor reports ([`Plan::of`] finds those).
    fn plan(&self, filter: &CallFilter) -> Result<Plan>;

    /// What an answer says of its page and of others, besides the rows: in their place stands an empty list.
    ///
    /// # Errors
    /// [`EnvelopeError`] if the answer is not of the vendor's shape: a list and nothing more, unless the vendor has another.
    fn envelope(&self, body: &str) -> Result<Envelope, EnvelopeError> {
        let [] = serde_json::from_str::<[(); 0]>(body)?;
        Ok(Envelope::default())
    }

    /// A row as a call.
    ///
    /// # Errors
    /// [`RowError`] if the row cannot be a call at all; anything less than that is `None` or an unknown word.
    fn call(&self, row: Self::Row<'_>, source: &Source) -> Result<Call, RowError>;

    /// The path below the base that gives one call, where the vendor has one. The id is percent-encoded already.
    fn get_path(&self, id: &str) -> Option<String> {
        let _ = id;
        None
    }

    /// The cheapest request that only a good key answers.
    fn check(&self) -> Check {
        Check::FirstRow
    }

    /// A base URL that the user gave, in the form that paths can be appended to.
    fn base_url(&self, given: &str) -> String {
        given.trim().trim_end_matches('/').to_owned()
    }

    /// The header that carries the key, its name in lower case: a bearer token, unless the vendor takes its key otherwise.
    fn authorization(&self, key: &str) -> (&'static str, String) {
        ("authorization", format!("Bearer {key}"))
    }

    /// What an unsuccessful answer means: for the vendor whose status codes do not say it.
    fn classify(&self, request: &Request, response: &Response, fault: Fault) -> Fault {
        let _ = (request, response);
        fault
    }
}

/// The cheapest request that only a good key answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The list request for one row.
    FirstRow,
    /// Another path below the base, that answers any JSON.
    Path(&'static str),
}

/// The account that a row came from.
#[derive(Clone, Debug)]
pub struct Source {
    pub(crate) vendor: VendorId,
    pub(crate) account: AccountId,
}

impl Source {
    /// An account of a vendor.
    pub fn new(vendor: impl Into<VendorId>, account: impl Into<AccountId>) -> Self {
        Self { vendor: vendor.into(), account: account.into() }
    }

    /// A call of this account, of which only the id is known.
    pub fn call(&self, id: impl Into<CallId>) -> Call {
        Call::new(self.vendor.clone(), self.account.clone(), id)
    }
}

/// Why a row cannot be a call. It holds no content of the row.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct RowError(Cow<'static, str>);

impl RowError {
    /// A reason, without any content of the row.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }

    /// A field that every row must have is missing.
    #[must_use]
    pub fn missing(field: &'static str) -> Self {
        Self(format!("it has no {field}").into())
    }
}

/// What an answer says of its page and of others. What it does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// How many rows there are for what was asked.
    pub total: Option<u64>,
    /// The number of this page.
    pub page: Option<u64>,
    /// The number of the last page.
    pub last_page: Option<u64>,
    /// How many rows a page has, as the vendor understood it.
    pub page_size: Option<u32>,
    /// The token of the next page.
    pub next_token: Option<String>,
    /// Whether there is a next page.
    pub has_more: Option<bool>,
}

/// Why an answer is not of the vendor's shape.
#[derive(Debug, Error)]
pub enum EnvelopeError {
    /// It is not JSON, or its JSON is cut short.
    #[error("it is not valid JSON")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another shape.
    #[error("{0}")]
    Shape(&'static str),
}

/// A filter in a vendor's words.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The parameters to send, before those of the page.
    pub parameters: Vec<SentParameter>,
    /// How each condition of the filter is served.
    pub conditions: BTreeMap<Field, Served>,
    /// Why no call of this vendor can match, in which case nothing is sent.
    pub impossible: Option<String>,
}

impl Plan {
    /// The plan that sends nothing and checks every condition here.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](callmux_core::ErrorKind::Unsupported) for a condition that the vendor neither filters by nor
    /// reports.
    pub fn of(filter: &CallFilter, vendor: &Vendor) -> Result<Self> {
        let mut conditions = BTreeMap::new();
        for field in filter.fields() {
            if vendor.support(field) == Support::Unsupported {
                let why = format!("{} neither filters by it nor reports it", vendor.name);
                return Err(Error::unsupported(&vendor.id.into(), field, &why));
            }
            conditions.insert(field, Served::new(Support::Client));
        }
        let impossible =
            filter.impossible().map(|field| format!("no call can match this condition: {field}"));
        Ok(Self { parameters: Vec::new(), conditions, impossible })
    }

    /// Sends a parameter.
    pub fn send(&mut self, name: &str, value: impl Into<String>) {
        self.parameters.push(SentParameter { name: name.to_owned(), value: value.into() });
    }

    /// Sends a condition on the id of a thing that the vendor numbers 1, 2, 3, …: any other text names none of them.
    pub fn send_number(&mut self, field: Field, name: &str, id: &str, support: Support) {
        if id.parse::<i64>().is_ok_and(|number| number > 0 && number.to_string() == id) {
            self.send(name, id);
            self.serve(field, support);
        } else {
            self.never(format!(
                "the vendor numbers each {field} 1, 2, 3, …, and {id:?} is no such number"
            ));
        }
    }

    /// Says how a condition is served, better than by checking it here alone.
    pub fn serve(&mut self, field: Field, support: Support) {
        self.conditions.insert(field, Served::new(support));
    }

    /// Says how a condition is served, and why no better.
    pub fn serve_because(&mut self, field: Field, support: Support, why: &str) {
        self.conditions.insert(field, Served::because(support, why));
    }

    /// Says that no call of this vendor can match.
    pub fn never(&mut self, why: impl Into<String>) {
        self.impossible.get_or_insert_with(|| why.into());
    }

    /// Whether the vendor returns just the calls that match.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.conditions.values().all(|served| served.support.is_exact())
    }

    /// Whether the vendor vouches for a condition that its rows do not show.
    #[must_use]
    pub fn is_trusted(&self, field: Field) -> bool {
        self.conditions.get(&field).is_some_and(|served| served.support == Support::Trusted)
    }
}
