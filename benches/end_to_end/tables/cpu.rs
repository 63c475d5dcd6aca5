//! CPU seconds a call, beside the floor.

use std::time::Duration;

use callmux_benches::server::World;
use callmux_benches::{Spread, Vendor};

use super::columns::Columns;
use super::verdicts::Verdicts;
use super::{MIB, extremes, median};
use crate::measure::Taken;
use crate::processes::{Serving, taken};
use crate::roles::{Listing, Role};
use crate::wanted::Wanted;

/// CPU seconds of callmux over those of the floor.
const TARGET: f64 = 1.5;

pub(super) fn print(wanted: &Wanted, verdicts: &mut Verdicts) {
    // So many that a run takes some half a second.
    let sizes = [(3_000, 30_000), (27_000, 10_000)];
    beside_the_floor("cpu", wanted, &sizes, false, verdicts);
}

/// The table, for rows of so many bytes and so many calls, compressed or not.
pub(super) fn beside_the_floor(
    table: &str,
    wanted: &Wanted,
    sizes: &[(usize, u64)],
    gzip: bool,
    verdicts: &mut Verdicts,
) {
    let heads = [
        "vendor   ",
        "bytes",
        "page",
        "who    ",
        "calls/s",
        "MB/s",
        "CPU us a call",
        "calls/s and core",
        "peak MiB",
        "requests",
        "ratio (min-max) ",
    ];
    let heading = format!(
        "{table}: CPU seconds a call over the floor's, median of {} pairs; target {TARGET}",
        wanted.runs
    );
    let columns = Columns::begin(&heading, heads);
    let mut worst: f64 = 0.0;
    for &vendor in &wanted.vendors {
        for &(bytes, calls) in sizes {
            let world = World { vendor, bytes, calls, delay: Duration::ZERO, gzip };
            let (floors, own) = pairs(world, wanted.runs);
            let ratios: Vec<f64> =
                floors.iter().zip(&own).map(|(floor, own)| own.cpu / floor.cpu).collect();
            let (ratio, (least, most)) = (median(ratios.iter().copied()), extremes(&ratios));
            worst = worst.max(ratio);
            let ratio = format!("{ratio:.2} ({least:.2}-{most:.2})");
            for (who, runs, ratio) in [("floor", &floors, ""), ("callmux", &own, ratio.as_str())] {
                columns.row(&cells(world, who, runs, ratio));
            }
        }
    }
    verdicts.at_most(&format!("{table}: CPU over the floor's, worst case"), worst, TARGET);
}

/// The rows that are asked for at a time: what callmux asks for by itself.
fn page(vendor: Vendor) -> u32 {
    match vendor {
        Vendor::Autocalls => 100,
        Vendor::Vapi => 200,
        Vendor::Burki => 1000,
    }
}

/// The floor and callmux, alternately, so that what else the machine does meets both.
fn pairs(world: World, runs: usize) -> (Vec<Taken>, Vec<Taken>) {
    let serving = Serving::start(world, Spread::default());
    let (vendor, page) = (world.vendor, page(world.vendor));
    let origin = || serving.origin.clone();
    let listing = Listing { page, concurrency: 1, range: None };
    let floor = Role::Floor { vendor, origin: origin(), page };
    let callmux = Role::Callmux { vendor, origin: origin(), listing };
    let pairs: (Vec<_>, Vec<_>) = (0..runs).map(|_| (taken(&floor), taken(&callmux))).unzip();
    let all_there = |runs: &[Taken]| runs.iter().all(|run| run.calls == world.calls);
    assert!(all_there(&pairs.0) && all_there(&pairs.1), "calls were lost");
    pairs
}

fn cells(world: World, who: &str, runs: &[Taken], ratio: &str) -> [String; 11] {
    let middle = |figure: fn(&Taken) -> f64| median(runs.iter().map(figure));
    let per_second = middle(|run| run.calls as f64 / run.wall);
    [
        world.vendor.id().to_owned(),
        world.bytes.to_string(),
        page(world.vendor).to_string(),
        who.to_owned(),
        format!("{per_second:.0}"),
        format!("{:.0}", per_second * world.bytes as f64 / 1e6),
        format!("{:.2}", middle(|run| run.cpu / run.calls as f64 * 1e6)),
        format!("{:.0}", middle(|run| run.calls as f64 / run.cpu)),
        format!("{:.1}", middle(|run| run.peak as f64 / MIB)),
        format!("{:.0}", middle(|run| run.requests as f64)),
        ratio.to_owned(),
    ]
}
