//! The whole way over loopback: callmux beside the floor, alternately, with the vendor in a process of its own.
//!
//! `cargo bench -p callmux-benches --bench end_to_end -- [--runs N] [cpu|latency|gzip|memory]…`
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time, prints, and ends where something is wrong"
)]

mod measure;
mod processes;
mod tables;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments =
        std::env::args().skip(1).filter(|argument| argument != "--bench").peekable();
    match arguments.peek().map(String::as_str) {
        Some("serve") => processes::serve(arguments.skip(1)),
        Some("floor") => processes::floor(arguments.skip(1)),
        Some("callmux") => processes::callmux(arguments.skip(1)),
        _ => tables::print(arguments),
    }
    ExitCode::SUCCESS
}
