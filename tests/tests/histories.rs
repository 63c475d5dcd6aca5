//! Ten thousand random histories of lists that change while they are read: no listing may call itself complete and miss a call,
//! give one twice, invent one, go on for ever or panic; and hardly one that a perfect reader completes may end incomplete.
//!
//! A longer run, and the trace of one seed, are a command: `cargo run -p callmux-tests --bin histories -- --seed 4711`.

use callmux_testkit::histories::{Report, Resume, Switches, run};

/// The least share of honest histories that must end complete, in percent.
const SHARE: f64 = 99.0;

#[expect(clippy::print_stdout, reason = "the figures are what this is for")]
fn no_breach(seeds: std::ops::Range<u64>, switches: Switches) -> Report {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let report = run(seeds.clone(), threads, switches);
    println!("seeds {} to {}\n{report}", seeds.start, seeds.end - 1);
    let all = report.all();
    assert_eq!(all.histories, seeds.end - seeds.start);
    assert_eq!(all.violated, 0, "histories with a breach: see above");
    report
}

#[test]
fn ten_thousand_histories_without_a_false_complete() {
    let all = no_breach(0..10_000, Switches::default()).all();
    // A run that is hardly ever put to the test proves nothing.
    assert!(all.honest > 4_000, "{} honest histories", all.honest);
    let share = all.share().unwrap_or(0.0);
    assert!(share >= SHARE, "{share:.2} % of the honest histories ended complete");
}

/// A listing that is broken off and goes on in another gives each call once, in one of the two.
#[test]
fn broken_off_and_gone_on_with_each_call_is_given_once() {
    no_breach(0..2_500, Switches::default().resume(Resume::ExactlyOnce));
}
