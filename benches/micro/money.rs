//! Amounts read from a vendor's digits, and added exactly.

use std::hint::black_box;

use callmux::{Decimal, add_exactly, decimal_from_json};
use callmux_benches::DECIMALS;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn money(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("money");
    for (name, texts) in DECIMALS {
        group.throughput(Throughput::Elements(texts.len() as u64));
        group.bench_function(format!("read {name}"), |bencher| {
            bencher.iter(|| texts.map(|text| decimal_from_json(black_box(text))));
        });
    }
    // As amounts of calls are: many of a few places, some of eighteen.
    let amounts: Vec<Decimal> =
        (0..1_000_i64).map(|n| Decimal::new(n * 7_919, if n % 10 == 0 { 18 } else { 4 })).collect();
    group.throughput(Throughput::Elements(amounts.len() as u64));
    group.bench_function("add exactly", |bencher| {
        bencher.iter(|| {
            amounts.iter().try_fold(Decimal::ZERO, |sum, &amount| add_exactly(sum, amount))
        });
    });
    group.finish();
}

criterion_group!(benches, money);
criterion_main!(benches);
