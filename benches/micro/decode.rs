//! The rows of a page: as a provider gives them, beside the floor that only decodes them.

use std::hint::black_box;

use callmux::{CallFilter, PageRequest};
use callmux_benches::{Listing, Vendor, floor};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// How many rows: the largest page that all three vendors give.
const ROWS: u64 = 100;

fn decode(criterion: &mut Criterion) {
    for vendor in Vendor::ALL {
        for bytes in [3_000, 27_000] {
            let (listing, pages) = Listing::of_vendor(vendor, bytes, ROWS);
            // A listing asks for the page after the last one too.
            let page = pages.into_iter().max_by_key(bytes::Bytes::len).unwrap_or_default();
            let mut group = criterion.benchmark_group(format!("decode/{}/{bytes}", vendor.id()));
            group.throughput(Throughput::ElementsAndBytes {
                elements: ROWS,
                bytes: page.len() as u64,
            });
            let request = PageRequest::first().with_size(ROWS as u32);
            group.bench_function("callmux", |bencher| {
                bencher.iter(|| listing.page(&CallFilter::new(), request.clone()));
            });
            group.bench_function("floor", |bencher| {
                bencher.iter(|| floor::decode(vendor, black_box(&page)));
            });
            group.finish();
        }
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
