//! What is measured, and how it is printed.

use std::time::Duration;

use callmux_benches::Vendor;
use callmux_benches::server::World;

use crate::measure::Taken;
use crate::processes::{Serving, itself, taken};

pub(crate) fn print(arguments: impl Iterator<Item = String>) {
    let mut runs = 5;
    let mut wanted = Vec::new();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => {
                runs = arguments.next().and_then(|runs| runs.parse().ok()).expect("--runs N")
            }
            _ => wanted.push(argument),
        }
    }
    let (names, tables): (Vec<String>, Vec<String>) =
        wanted.into_iter().partition(|name| Vendor::ALL.iter().any(|vendor| vendor.id() == name));
    let is_wanted = |table: &str| tables.is_empty() || tables.iter().any(|name| name == table);
    let mut vendors = Vendor::ALL.to_vec();
    vendors.retain(|vendor| names.is_empty() || names.iter().any(|name| name == vendor.id()));
    if is_wanted("cpu") {
        cpu(runs, &vendors);
    }
}

/// The middle one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn page(vendor: Vendor) -> u32 {
    match vendor {
        Vendor::Autocalls => 100,
        Vendor::Vapi => 200,
        Vendor::Burki => 1000,
    }
}

/// CPU seconds a call, beside the floor.
fn cpu(runs: usize, vendors: &[Vendor]) {
    println!(
        "\nvendor     bytes  page  who      calls/s   MB/s  CPU us/call  peak MiB  requests  ratio"
    );
    for &vendor in vendors {
        for (bytes, calls) in [(3_000, 30_000), (27_000, 8_000)] {
            let world = World { vendor, bytes, calls, delay: Duration::ZERO, gzip: false };
            let serving = Serving::start(world);
            let size = page(vendor).to_string();
            let (mut floors, mut ours) = (Vec::new(), Vec::new());
            for _ in 0..runs {
                floors.push(taken(itself().args(["floor", vendor.id(), &serving.origin, &size])));
                ours.push(taken(itself().args([
                    "callmux",
                    vendor.id(),
                    &serving.origin,
                    &size,
                    "1",
                ])));
            }
            assert!(floors.iter().chain(&ours).all(|run| run.calls == calls), "calls were lost");
            let ratios = floors.iter().zip(&ours).map(|(floor, own)| own.cpu / floor.cpu);
            let ratio = median(ratios.collect());
            for (who, of) in [("floor", &floors), ("callmux", &ours)] {
                let middle = |figure: fn(&Taken) -> f64| median(of.iter().map(figure).collect());
                let per_second = middle(|run| run.calls as f64 / run.wall);
                println!(
                    "{:<10} {:>5}  {:>4}  {:<7} {:>8.0}  {:>5.0}  {:>11.2}  {:>8.1}  {:>8}  {}",
                    vendor.id(),
                    bytes,
                    size,
                    who,
                    per_second,
                    per_second * bytes as f64 / 1e6,
                    middle(|run| run.cpu / run.calls as f64 * 1e6),
                    middle(|run| run.peak as f64 / 1_048_576.0),
                    middle(|run| run.requests as f64),
                    if who == "callmux" { format!("{ratio:.2}") } else { String::new() },
                );
            }
        }
    }
}
