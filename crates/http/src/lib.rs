//! What every REST vendor of callmux shares.
//!
//! A vendor is a [`Dialect`]: its address, a filter put into its words, a row mapped to a [`Call`](callmux_core::Call); pure
//! functions. [`HttpProvider`] makes any dialect a [`CallProvider`](callmux_core::CallProvider): transport, pacing, retry,
//! [paging], checking and cursors are written here, once.
//!
//! The caller may bring the HTTP client ([`Transport`]), the clock ([`Clock`]) and the limits ([`RetryPolicy`], the pace).

mod answer;
mod bill;
mod body;
mod buffers;
mod builder;
mod client;
mod clock;
mod dialect;
mod document;
mod environment;
mod fault;
mod pace;
pub mod paging;
mod patience;
mod provider;
mod retry;
mod rows;
mod secret;
mod statuses;
mod time;
#[cfg(feature = "reqwest")]
mod tls;
mod transport;
mod vendor;
mod weight;
pub mod wire;

pub use answer::Answer;
pub use bill::Bill;
pub use body::Body;
pub use builder::HttpProviderBuilder;
pub use clock::Clock;
#[cfg(feature = "reqwest")]
pub use clock::SystemClock;
pub use dialect::{Check, Dialect, Envelope, EnvelopeError, Plan, RowError, Source};
pub use environment::Environment;
pub use fault::Fault;
pub use provider::HttpProvider;
pub use retry::RetryPolicy;
pub use statuses::StatusWords;
pub use time::{Zone, instant};
pub use transport::{Request, Response, Transport, TransportError, TransportErrorKind};
pub use vendor::{RowsAt, Vendor};

/// What a builder takes a key as: text that `Debug` never shows.
pub use secrecy::SecretString;
