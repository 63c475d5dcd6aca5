//! What the benchmarks stand on: vendors with a million calls, and the smallest program that reads them.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a mistake of a benchmark's author ends it"
)]

mod accounts;
mod billed;
mod decimals;
mod filters;
pub mod floor;
mod in_process;
mod listing;
pub mod merging;
mod rows;
pub mod server;
mod spread;

#[cfg(feature = "network")]
pub use accounts::account;
pub use accounts::account_over;
pub use billed::billed;
pub use decimals::DECIMALS;
pub use filters::{filtered, filters};
pub use in_process::InProcess;
pub use listing::Listing;
pub use rows::{Rows, Vendor, instant};
pub use spread::Spread;
