//! The whole way over loopback: callmux beside the floor, alternately, with the vendor in a process of its own.
//!
//! `cargo bench -p callmux-benches --bench end_to_end -- [--runs N] [--million] [--check] [TABLE…] [VENDOR…]`
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
mod roles;
mod tables;
mod wanted;

use std::process::ExitCode;

use roles::Role;
use wanted::Wanted;

fn main() -> ExitCode {
    let mut arguments =
        std::env::args().skip(1).filter(|argument| argument != "--bench").peekable();
    if arguments.next_if_eq(roles::ARGUMENT).is_some() {
        Role::read(&arguments.next().expect("a role")).play();
        return ExitCode::SUCCESS;
    }
    match Wanted::read(arguments) {
        Ok(wanted) => tables::print(&wanted),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
