//! The contract: what lists calls.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::Serialize;

use crate::ahead::ReadAhead;
use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::federation::Federation;
use crate::filter::{CallFilter, Field};
use crate::ids::{AccountId, VendorId};
use crate::page::{CallPage, PageRequest};
use crate::parts::Parts;
use crate::pushdown::{Pushdown, Support};
use crate::scan::Calls;
use crate::words::words;

words! {
    /// The finest instant that a vendor's filters tell apart.
    pub enum TimePrecision, "time precision" {
        /// Whole days.
        Day = "day",
        /// Whole seconds.
        Second = "second",
        /// Milliseconds.
        Millisecond = "millisecond",
        /// Microseconds.
        Microsecond = "microsecond",
    }
}

impl TimePrecision {
    /// The step between two instants that are told apart.
    pub(crate) const fn unit(self) -> TimeDelta {
        match self {
            Self::Day => TimeDelta::days(1),
            Self::Second => TimeDelta::seconds(1),
            Self::Millisecond => TimeDelta::milliseconds(1),
            Self::Microsecond => TimeDelta::microseconds(1),
        }
    }
}

/// How many rows a page may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PageBounds {
    /// The number asked for unless the caller says otherwise.
    pub default: u32,
    /// The largest number the vendor takes.
    pub max: u32,
}

/// What is known of a provider without asking anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// The vendor.
    pub vendor: VendorId,
    /// The account.
    pub account: AccountId,
    /// Whose cursors this provider takes: vendor, account and origin.
    pub identity: String,
    /// The best support that a condition on each field can have here. A field that is missing is unsupported.
    pub capabilities: BTreeMap<Field, Support>,
    /// How many rows a page may have.
    pub page: PageBounds,
    /// The finest instant its filters tell apart.
    pub precision: TimePrecision,
    /// Whether [`CallProvider::get`] works.
    pub can_get: bool,
    /// How many requests a listing may have under way at once, unless it says otherwise: one for each of so many windows of time,
    /// or for pages ahead of their turn.
    pub concurrency: u32,
    /// How much more time than a window its requests read: zero where a range is served to the instant; `None` where no range
    /// can be sent.
    #[serde(skip)]
    pub padding: Option<TimeDelta>,
}

impl ProviderInfo {
    /// What every provider must say of itself; the rest starts at the least: no capability, no `get`.
    pub fn new(vendor: VendorId, account: AccountId, identity: impl Into<String>) -> Self {
        Self {
            vendor,
            account,
            identity: identity.into(),
            capabilities: BTreeMap::new(),
            page: PageBounds { default: 100, max: 100 },
            precision: TimePrecision::Microsecond,
            can_get: false,
            concurrency: 1,
            padding: None,
        }
    }

    /// The error of a provider that cannot fetch one call.
    #[must_use]
    pub fn cannot_get(&self) -> Error {
        Error::new(ErrorKind::Unsupported, "a call cannot be fetched by its id here")
            .with_vendor(self.vendor.clone())
            .with_account(self.account.clone())
            .with_remedy("list with an id filter instead")
    }
}

/// Lists calls: a vendor's account, memory, a federation of many, or a wrapper around any of these.
///
/// # Contract
///
/// [`list_page`](Self::list_page) is what implementers write and what [`Calls`] is made of; users call
/// [`CallProviderExt::calls`]. Of every page it must hold that
///
/// * each call matches the filter, as [`CallFilter::matches`] says;
/// * it may be empty and have a next, and it may repeat calls of earlier pages; it never skips one;
/// * `total` is given only where the pushdown is exact;
/// * a cursor of another provider, another filter or another version is refused;
/// * one page is one request, retries aside (a federation asks several members at once);
/// * where it ends is judged by what the vendor sent, before any check of ours;
/// * `floor` is a promise about all later pages.
///
/// # Wrappers
///
/// Whatever wraps a provider is a provider again: forward every method, and give what you change an identity of its own.
#[async_trait]
pub trait CallProvider: fmt::Debug + Send + Sync + 'static {
    /// What is known without asking anybody.
    fn info(&self) -> &ProviderInfo;

    /// What would be sent for a filter and what would be checked here. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] naming vendor and field, where a condition is neither filtered nor reported.
    fn explain(&self, filter: &CallFilter) -> Result<Pushdown>;

    /// One page of the calls that match.
    ///
    /// # Errors
    /// Those of [`explain`](Self::explain), before any request; [`ErrorKind::InvalidCursor`]; and what the vendor or the
    /// network answers, after retries.
    async fn list_page(&self, filter: &CallFilter, page: PageRequest) -> Result<CallPage>;

    /// The same page, of which parts are handed on before it is whole, so that a large one need not be held. What was handed on
    /// is not in the page that is given back; the two together hold what [`list_page`](Self::list_page) gives, and a call may
    /// be in both. A provider that hands nothing on, as most do not, leaves this as it is.
    ///
    /// # Errors
    /// Those of [`list_page`](Self::list_page). What was handed on before stands.
    async fn list_page_in_parts(
        &self,
        filter: &CallFilter,
        page: PageRequest,
        parts: &Parts,
    ) -> Result<CallPage> {
        let _ = parts;
        self.list_page(filter, page).await
    }

    /// One call by its id, where the vendor can ([`ProviderInfo::can_get`]).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such call, [`ErrorKind::Unsupported`] if the vendor has no such request.
    async fn get(&self, id: &str) -> Result<Call> {
        let _ = id;
        Err(self.info().cannot_get())
    }

    /// The federation that this is, if it is nothing but many providers: a listing then reads each of its members by itself.
    fn as_federation(&self) -> Option<&Federation> {
        None
    }

    /// The same provider where its pages can be asked for ahead of their turn: a listing then asks for as many at a time as it may
    /// ([`ProviderInfo::concurrency`]).
    fn as_read_ahead(&self) -> Option<&dyn ReadAhead> {
        None
    }

    /// Whether the key is good, by one cheap request.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] or [`ErrorKind::Forbidden`] if it is not.
    async fn check(&self) -> Result<()>;
}

/// What users call on any provider.
pub trait CallProviderExt {
    /// A listing of the calls that match: nothing is sent until it is polled.
    fn calls(&self, filter: CallFilter) -> Calls;
}

impl<P: CallProvider> CallProviderExt for Arc<P> {
    fn calls(&self, filter: CallFilter) -> Calls {
        let provider: Arc<dyn CallProvider> = self.clone();
        Calls::new(provider, filter)
    }
}

impl CallProviderExt for Arc<dyn CallProvider> {
    fn calls(&self, filter: CallFilter) -> Calls {
        Calls::new(Arc::clone(self), filter)
    }
}
