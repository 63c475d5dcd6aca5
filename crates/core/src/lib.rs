//! The model and the contract of callmux.
//!
//! * [`Call`]: one call, normalised, with its vendor's own words kept beside ours.
//! * [`CallFilter`]: which calls are meant; [`CallFilter::matches`] *is* the meaning, at every vendor.
//! * [`CallProvider`]: what lists calls: a vendor, memory, a federation of many, or a wrapper around any of these.
//! * [`Calls`]: a listing: a lazy `Stream` of calls, newest first, each exactly once, ending with a [`Certificate`].
//! * [`Cost`], [`Money`]: exact decimals from the vendor's own digits; unknown is never zero.
//!
//! There is no HTTP client, no runtime and no vendor's name in this crate.
//!
//! ```
//! use callmux_core::{Call, CallFilter, CallProviderExt, CallStatus, MemoryProvider};
//! use std::sync::Arc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> callmux_core::Result<()> {
//! let mut call = Call::new("example", "main", "42");
//! call.status = CallStatus::Completed.into();
//! let provider = Arc::new(MemoryProvider::new([call]));
//!
//! let mut calls = provider.calls(CallFilter::new().status([CallStatus::Completed]));
//! while let Some(call) = calls.next().await {
//!     println!("{}", call?.id);
//! }
//! assert!(calls.certificate().is_complete());
//! # Ok(())
//! # }
//! ```

mod ahead;
mod call;
mod cost;
mod cursor;
mod error;
mod federation;
mod filter;
mod fingerprint;
mod ids;
mod memory;
mod money;
mod page;
mod parts;
mod provider;
mod pushdown;
mod scan;
mod words;

pub use ahead::{EarlyPage, Placed, ReadAhead};
pub use call::{
    AnsweredBy, Call, CallStatus, Channel, Detail, Direction, Durations, EndedBy, EndedReason,
    JsonMap, Labeled, Named, OrderKey, Party, PhoneNumber, RawJson, Related, Speaker, Success,
    Times, Transcript, Turn,
};
pub use cost::{Component, Cost, CostLine, CostScope, CostState};
pub use cursor::Cursor;
pub use error::{Error, ErrorKind, Result};
pub use federation::{Federation, OnFailure};
pub use filter::{CallFilter, CostRange, CustomerMatch, DurationRange, Field, TimeRange};
pub use fingerprint::fingerprint;
pub use ids::{AccountId, CallId, VendorId};
pub use memory::MemoryProvider;
pub use money::{
    Credits, Currency, CurrencyMismatch, DecimalError, InvalidCurrency, Money, Totals, add_exactly,
    decimal_from_json,
};
pub use page::{CallPage, FilteredRow, Floor, PageRequest, PageSource, Rejected, TieGroup};
pub use parts::Parts;
pub use provider::{CallProvider, CallProviderExt, PageBounds, ProviderInfo, TimePrecision};
pub use pushdown::{Pushdown, SentParameter, Served, SourcePlan, Support};
pub use scan::{Calls, Certificate, Reason, SourceReport, Verdict};
pub use words::UnknownWord;

/// The exact decimal type of every amount, re-exported so that users need not match versions.
pub use rust_decimal::Decimal;
