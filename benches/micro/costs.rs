//! Calls added to reports, a comparison and a watch, whose groups exist already, which is the usual case.
#![allow(clippy::expect_used, reason = "a mistake of a benchmark's author ends it")]

use callmux::Call;
use callmux_benches::billed;
use callmux_costs::{Comparer, Dimension, Report, Watch};
use chrono::DateTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn costs(criterion: &mut Criterion) {
    // As many as there are groups by agent and day.
    let calls = billed(10_000);
    for (name, by) in [
        ("vendor", vec![Dimension::Vendor]),
        ("agent", vec![Dimension::Agent]),
        ("day", vec![Dimension::Day]),
        ("agent and day", vec![Dimension::Agent, Dimension::Day]),
    ] {
        let mut report = Report::new(by);
        let add = |call: &Call| report.add(call).expect("room for the sum");
        adding(criterion, &format!("report by {name}"), &calls, add);
    }
    let mut comparer = Comparer::new(Dimension::Vendor);
    let add = |call: &Call| comparer.add(call).expect("room for the sum");
    adding(criterion, "comparer", &calls, add);
    let mut watch = Watch::new([Dimension::Vendor], DateTime::UNIX_EPOCH);
    adding(criterion, "watch", &calls, |call| watch.add(call));
}

fn adding(criterion: &mut Criterion, name: &str, calls: &[Call], mut add: impl FnMut(&Call)) {
    let mut group = criterion.benchmark_group("costs");
    group.throughput(Throughput::Elements(calls.len() as u64)).sample_size(20);
    group.bench_function(name, |bencher| bencher.iter(|| calls.iter().for_each(&mut add)));
    group.finish();
}

criterion_group!(benches, costs);
criterion_main!(benches);
