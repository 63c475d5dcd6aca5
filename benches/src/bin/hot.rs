//! One hot path by its name, as often as is wanted: for a profiler.
//!
//! `hot list vapi 3000 2000` lists through callmux, `hot floor vapi 3000 2000` reads the same pages as the floor does.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use callmux::{CallFilter, CallProvider, CallProviderExt as _};
use callmux_benches::server::World;
use callmux_benches::{InProcess, Vendor, account_over, floor};
use tokio::runtime::Runtime;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, vendor, bytes, calls] = arguments.as_slice() else { return };
    let vendor = Vendor::of(vendor);
    let (bytes, calls) = (bytes.parse().unwrap_or(3_000), calls.parse().unwrap_or(1_000));
    let world = World { vendor, bytes, calls, delay: Duration::ZERO, gzip: false };
    let transport = Arc::new(InProcess::new(world));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    let account = || account_over(vendor, Arc::<InProcess>::clone(&transport));
    runtime.block_on(list(account()));
    let cpu = || {
        let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID);
        Duration::from(now.unwrap_or(nix::sys::time::TimeSpec::new(0, 0)))
    };
    let started = cpu();
    match what.as_str() {
        "floor" => counted_floor(vendor, &transport.answered()),
        _ => counted_list(&runtime, account()),
    }
    println!("{:.2} us a call", (cpu() - started).as_secs_f64() * 1e6 / calls as f64);
}

#[inline(never)]
fn counted_floor(vendor: Vendor, pages: &[Bytes]) {
    for page in pages {
        black_box(floor::decode(vendor, page));
    }
}

#[inline(never)]
fn counted_list(runtime: &Runtime, account: Arc<dyn CallProvider>) {
    black_box(runtime.block_on(list(account)));
}

async fn list(account: Arc<dyn CallProvider>) -> u64 {
    let mut listing = account.calls(CallFilter::new());
    let mut calls = 0;
    while let Some(Ok(_)) = listing.next().await {
        calls += 1;
    }
    calls
}
