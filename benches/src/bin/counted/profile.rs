//! One path as often as is wanted, with its time: for a profiler.

use std::hint::black_box;
use std::time::Duration;

use callmux_benches::{Listing, Vendor, floor};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};

use crate::work::Work;

/// Lists, or reads the same pages as the floor does.
pub(crate) fn run(what: &str, vendor: &str, bytes: usize, calls: u64) {
    let vendor = Vendor::of(vendor);
    let (listing, pages) = Listing::of_vendor(vendor, bytes, calls);
    let mut work = match what {
        "floor" => Work::new(calls, move || {
            for page in &pages {
                black_box(floor::decode(vendor, page));
            }
        }),
        _ => Work::list(listing, calls),
    };
    let started = processor_time();
    work.run_once();
    let time = processor_time() - started;
    println!("{:.2} us a call", time.as_secs_f64() * 1e6 / calls as f64);
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap_or(TimeSpec::new(0, 0)).into()
}
