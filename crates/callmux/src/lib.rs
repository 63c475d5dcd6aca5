//! Lists calls from many voice-AI vendors through one interface.
//!
//! ```no_run
//! use callmux::{CallFilter, CallProviderExt, CallStatus, Environment, Registry};
//!
//! # async fn list() -> callmux::Result<()> {
//! // VAPI_API_KEY is read from the environment; "burki" or "autocalls" in its place changes nothing below.
//! let provider = Registry::standard().connect("vapi", &Environment::of_process())?;
//!
//! let filter = CallFilter::new().status([CallStatus::Completed]);
//! let mut calls = provider.calls(filter).limit(1000);
//! while let Some(call) = calls.next().await {
//!     let call = call?;
//!     println!("{} {:?} {:?}", call.id, call.placed_at, call.cost.total);
//! }
//! println!("{}", calls.certificate());
//! # Ok(())
//! # }
//! ```
//!
//! Everything of [`callmux_core`] is here under its own name; each vendor's own options are in a module of the vendor's name.

#[cfg(feature = "config")]
mod config;
mod options;
mod registry;
mod source;

#[cfg(feature = "config")]
pub use config::Config;
pub use options::{OptionError, OptionInfo, VendorOptions};
pub use registry::{Connection, Registry, VendorEntry};
pub use source::{Source, SourceError};

pub use callmux_core::*;
pub use callmux_http::{Clock, Environment, RetryPolicy, SecretString, Transport, Vendor, Zone};

/// The machinery that makes a vendor's dialect a provider: for vendors of your own.
pub use callmux_http as http;

/// Autocalls and its white-labels.
#[cfg(feature = "autocalls")]
pub use callmux_autocalls as autocalls;
/// Burki.
#[cfg(feature = "burki")]
pub use callmux_burki as burki;
/// Vapi.
#[cfg(feature = "vapi")]
pub use callmux_vapi as vapi;
