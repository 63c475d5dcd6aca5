//! How many instructions each hot path takes, held against the record in `benches/instructions.txt`.
//!
//! `.ci/instructions` runs `counted check`. After a change that is meant to cost, or that gains, write the record anew:
//! `.ci/instructions record`.
//!
//! `counted list vapi 3000 2000` lists so many calls of so many bytes, `counted floor vapi 3000 2000` reads the same pages as
//! the floor does: each prints its time, and is there for profilers.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a program that prints figures, and ends where something is wrong"
)]

mod check;
mod growth;
mod path;
mod profile;
mod record;
mod valgrind;
mod verdict;
mod work;

use std::process::ExitCode;

use path::Path;
use work::Work;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Failure> = std::result::Result<T, E>;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_good = match arguments.as_slice() {
        ["check"] => check::check()?,
        ["record"] => check::record()?,
        // What valgrind runs.
        ["run", name] => {
            let mut work = Work::of(Path::of(name).ok_or("no such path")?);
            work.run();
            println!("{}", work.operations);
            true
        }
        [what @ ("list" | "floor"), vendor, bytes, calls] => {
            profile::run(what, vendor, bytes.parse()?, calls.parse()?);
            true
        }
        _ => return Err("check, record, or: list|floor VENDOR BYTES CALLS".into()),
    };
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
