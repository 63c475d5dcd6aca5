//! Runs random histories of lists that change while they are read, and prints the figures; or one of them, in full.
//!
//! ```text
//! cargo run -p callmux-tests --bin histories -- --count 100000
//! cargo run -p callmux-tests --bin histories -- --seed 4711
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]

use std::process::ExitCode;

use callmux_testkit::histories::{Resume, Switches, replay, run};

const USAGE: &str = "\
usage: histories [--count N] [--from SEED] [--threads N] [--resume never|skips-nothing|exactly-once]
       histories --seed SEED [--resume …]";

#[derive(Debug)]
struct Arguments {
    seed: Option<u64>,
    from: u64,
    count: u64,
    threads: usize,
    switches: Switches,
}

fn main() -> ExitCode {
    let Some(arguments) = read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if let Some(seed) = arguments.seed {
        let outcome = replay(seed, arguments.switches);
        println!("{}", outcome.history);
        for line in &outcome.trace {
            println!("{line}");
        }
        for violation in &outcome.violations {
            println!("BREACH {violation}");
        }
        let class = match (outcome.is_honest, outcome.has_pathological_ties) {
            (true, _) => "honest",
            (_, true) => "honest but for its ties",
            _ => "not honest",
        };
        let circumstance = &outcome.circumstance;
        println!("{:?}, {class} ({circumstance}), {} pages", outcome.ending, outcome.pages);
        return ExitCode::from(u8::from(!outcome.violations.is_empty()));
    }
    let seeds = arguments.from..arguments.from.saturating_add(arguments.count);
    let report = run(seeds, arguments.threads, arguments.switches);
    println!("{report}");
    ExitCode::from(u8::from(report.all().violated > 0))
}

fn read(mut words: impl Iterator<Item = String>) -> Option<Arguments> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut arguments =
        Arguments { seed: None, from: 0, count: 10_000, threads, switches: Switches::default() };
    while let Some(name) = words.next() {
        let value = words.next()?;
        match name.as_str() {
            "--seed" => arguments.seed = Some(value.parse().ok()?),
            "--from" => arguments.from = value.parse().ok()?,
            "--count" => arguments.count = value.parse().ok()?,
            "--threads" => arguments.threads = value.parse().ok()?,
            "--resume" => {
                let resume = match value.as_str() {
                    "never" => Resume::Never,
                    "skips-nothing" => Resume::SkipsNothing,
                    "exactly-once" => Resume::ExactlyOnce,
                    _ => return None,
                };
                arguments.switches = arguments.switches.resume(resume);
            }
            _ => return None,
        }
    }
    Some(arguments)
}
