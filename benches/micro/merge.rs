//! Accounts in memory, listed whole. The time a call grows as the logarithm of their number: `counted check` holds it to that.

use callmux_benches::Listing;
use callmux_benches::merging::{CALLS_EACH, federation};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn merge(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("merge");
    group.sample_size(20);
    for accounts in [1, 10, 100] {
        let listing = Listing::of(federation(accounts));
        group.throughput(Throughput::Elements(accounts * CALLS_EACH));
        group.bench_with_input(BenchmarkId::from_parameter(accounts), &listing, |bencher, all| {
            bencher.iter(|| all.count());
        });
    }
    group.finish();
}

criterion_group!(benches, merge);
criterion_main!(benches);
