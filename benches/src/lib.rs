//! What the benchmarks stand on: vendors with a million calls, and the smallest program that reads them.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a mistake of a benchmark's author ends it"
)]

mod accounts;
pub mod floor;
mod in_process;
mod rows;
pub mod server;
mod spread;

pub use accounts::{account, account_over};
pub use in_process::InProcess;
pub use rows::{Rows, Vendor, instant};
pub use spread::Spread;
