//! What a path does, so often that the count of one time is exact.

use std::hint::black_box;

use callmux::decimal_from_json;
use callmux_benches::merging::{CALLS_EACH, federation};
use callmux_benches::{DECIMALS, Listing, billed, filtered, filters};
use callmux_costs::{Comparer, Dimension, Report};

use crate::path::Path;

/// What is done at one go.
pub(crate) struct Work {
    /// How many calls, or operations, that is.
    pub(crate) operations: u64,
    run: Box<dyn FnMut()>,
}

impl Work {
    pub(crate) fn new(operations: u64, run: impl FnMut() + 'static) -> Self {
        Self { operations, run: Box::new(run) }
    }

    pub(crate) fn of(path: Path) -> Self {
        match path {
            Path::List { vendor, bytes, calls } => {
                let (listing, _) = Listing::of_vendor(vendor, bytes, calls);
                Self::list(listing, calls)
            }
            Path::Merge { accounts } => {
                Self::list(Listing::of(federation(accounts)), accounts * CALLS_EACH)
            }
            // As many calls as there are groups; that these exist already is the usual case.
            Path::Report => {
                let mut report = Report::new([Dimension::Agent, Dimension::Day]);
                Self::each(billed(10_000), move |call| report.add(call).expect("room"))
            }
            Path::Comparer => {
                let mut comparer = Comparer::new(Dimension::Vendor);
                Self::each(billed(10_000), move |call| comparer.add(call).expect("room"))
            }
            Path::Decimal => {
                let texts = DECIMALS.map(|(_, texts)| texts).concat().repeat(1_000);
                Self::each(texts, |text| {
                    black_box(decimal_from_json(black_box(text))).expect("a number");
                })
            }
            Path::Matches => {
                let calls = filtered(1_000);
                let filters = filters(&calls);
                Self::new(calls.len() as u64 * filters.len() as u64, move || {
                    for (_, filter) in &filters {
                        for call in &calls {
                            black_box(black_box(filter).matches(black_box(call)));
                        }
                    }
                })
            }
            Path::Ndjson { vendor } => {
                let (listing, _) = Listing::of_vendor(vendor, 3_000, 500);
                let mut line = Vec::new();
                Self::each(listing.calls(), move |call| {
                    line.clear();
                    serde_json::to_writer(&mut line, call).expect("a call is JSON");
                    line.push(b'\n');
                    black_box(&line);
                })
            }
        }
    }

    pub(crate) fn list(listing: Listing, calls: u64) -> Self {
        Self::new(calls, move || {
            black_box(listing.count());
        })
    }

    fn each<T: 'static>(items: Vec<T>, mut act: impl FnMut(&T) + 'static) -> Self {
        Self::new(items.len() as u64, move || items.iter().for_each(&mut act))
    }

    /// Does it once unseen and once more seen: what is made the first time alone does not count.
    pub(crate) fn run(&mut self) {
        (self.run)();
        collected(&mut *self.run);
    }

    /// Does it once.
    pub(crate) fn run_once(&mut self) {
        collected(&mut *self.run);
    }
}

/// The function in which valgrind counts. It is of one name, and is neither inlined nor left by a jump.
#[inline(never)]
fn collected(run: &mut dyn FnMut()) {
    run();
    black_box(());
}
