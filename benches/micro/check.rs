//! Calls checked against filters, each of which asks more than the one before it.

use std::hint::black_box;

use callmux_benches::{filtered, filters};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn check(criterion: &mut Criterion) {
    let calls = filtered(1_000);
    let mut group = criterion.benchmark_group("check");
    group.throughput(Throughput::Elements(calls.len() as u64));
    for (name, filter) in filters(&calls) {
        group.bench_function(name, |bencher| {
            bencher.iter(|| calls.iter().filter(|call| filter.matches(black_box(call))).count());
        });
    }
    group.finish();
}

criterion_group!(benches, check);
criterion_main!(benches);
