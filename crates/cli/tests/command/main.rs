//! The command from outside: run as a stranger runs it, against simulated vendors on loopback, with an empty environment.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests may fail as tests may"
)]

mod checkpoint;
mod config;
mod costs;
mod demo;
mod drift;
mod exit_codes;
mod explain;
mod formats;
mod help;
mod listing;
mod mistakes;
mod oracle;
mod questions;
mod rejects;
mod secrets;
mod support;
