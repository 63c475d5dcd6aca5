//! One row of each vendor as a call.
#![allow(clippy::expect_used, reason = "a mistake of a benchmark's author ends it")]

use std::hint::black_box;

use callmux::autocalls::Autocalls;
use callmux::burki::Burki;
use callmux::http::{Dialect, Source};
use callmux::vapi::Vapi;
use callmux_benches::{Rows, Vendor, instant};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn map(criterion: &mut Criterion) {
    map_of(criterion, Vendor::Autocalls, &Autocalls::default());
    map_of(criterion, Vendor::Vapi, &Vapi);
    map_of(criterion, Vendor::Burki, &Burki::default());
}

fn map_of<D: Dialect>(criterion: &mut Criterion, vendor: Vendor, dialect: &D) {
    let source = Source::new(vendor.id(), "main");
    let mut group = criterion.benchmark_group(format!("map/{}", vendor.id()));
    for bytes in [3_000, 27_000] {
        let mut row = Vec::new();
        Rows::new(vendor, bytes).write(0, instant(0), &mut row);
        let row = String::from_utf8(row).expect("rows are text");
        let read = || serde_json::from_str::<D::Row<'_>>(black_box(&row)).expect("a row");
        group.throughput(Throughput::Bytes(row.len() as u64));
        group.bench_function(format!("read/{bytes}"), |bencher| bencher.iter(read));
        group.bench_function(format!("read and map/{bytes}"), |bencher| {
            bencher.iter(|| dialect.call(read(), &source));
        });
    }
    group.finish();
}

criterion_group!(benches, map);
criterion_main!(benches);
