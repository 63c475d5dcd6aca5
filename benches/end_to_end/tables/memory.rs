//! The most memory that the command holds, however many calls there are.

use std::path::Path;
use std::time::Duration;

use callmux_benches::server::World;
use callmux_benches::{Spread, Vendor};
use chrono::SecondsFormat;

use super::columns::Columns;
use super::verdicts::Verdicts;
use super::{MIB, median};
use crate::measure::Taken;
use crate::processes::{Serving, built_command, taken};
use crate::roles::Role;
use crate::wanted::Wanted;

/// MiB.
const TARGET: f64 = 64.0;
/// The peak of the most calls over that of the fewest.
const FLAT: f64 = 1.15;
const BYTES: usize = 27_000;
const DAYS: i64 = 30;

pub(super) fn print(wanted: &Wanted, verdicts: &mut Verdicts) {
    let heads =
        ["vendor   ", "calls  ", "at once", "wall s", "CPU us a call", "peak MiB", "over fewest's"];
    let heading = format!(
        "memory: the command, -o ndjson, rows of {BYTES} bytes, pages of 1000 (Autocalls: 100), calls of {DAYS} days; \
         targets {TARGET} MiB, and {FLAT} times that of the fewest calls"
    );
    let columns = Columns::begin(&heading, heads);
    let command = built_command();
    let sizes: &[u64] =
        if wanted.million { &[10_000, 100_000, 1_000_000] } else { &[10_000, 100_000] };
    let (mut worst, mut steepest): (f64, f64) = (0.0, 0.0);
    for &vendor in &wanted.vendors {
        let mut fewest = [None; 2];
        for &calls in sizes {
            let spread = Spread::over(calls, DAYS);
            let world = World { vendor, bytes: BYTES, calls, delay: Duration::ZERO, gzip: false };
            let serving = Serving::start(world, spread);
            // Nearly the same each time; the long ones are taken once.
            let runs = if calls > 10_000 { 1 } else { wanted.runs };
            for (at_once, fewest) in [1, 8].into_iter().zip(&mut fewest) {
                let arguments = arguments(vendor, &serving.origin, at_once, spread, calls);
                let role = role(&command, vendor, arguments);
                let taken: Vec<Taken> = (0..runs).map(|_| taken(&role)).collect();
                let peak = median(taken.iter().map(|run| run.peak as f64 / MIB));
                let steepness = peak / *fewest.get_or_insert(peak);
                worst = worst.max(peak);
                steepest = steepest.max(steepness);
                columns.row(&[
                    vendor.id().to_owned(),
                    calls.to_string(),
                    at_once.to_string(),
                    format!("{:.1}", median(taken.iter().map(|run| run.wall))),
                    format!("{:.2}", median(taken.iter().map(|run| run.cpu)) / calls as f64 * 1e6),
                    format!("{peak:.1}"),
                    format!("{steepness:.2}"),
                ]);
            }
        }
    }
    verdicts.at_most("memory: peak MiB of the command, worst case", worst, TARGET);
    verdicts.at_most("memory: peak over that of the fewest calls, worst case", steepest, FLAT);
}

/// The listing, whole by default or a range that can be cut into windows.
fn arguments(
    vendor: Vendor,
    origin: &str,
    at_once: u32,
    spread: Spread,
    calls: u64,
) -> Vec<String> {
    let id = vendor.id();
    let path = if vendor == Vendor::Autocalls { "/api" } else { "" };
    let mut arguments = vec!["calls".to_owned(), "--source".to_owned()];
    arguments.push(format!("{id}@{origin}{path}"));
    arguments
        .extend(["-o", "ndjson", "--quiet", "--page-size", "1000", "--option"].map(Into::into));
    arguments.push(format!("{id}.requests_per_minute=0"));
    if at_once > 1 {
        let (since, until) = spread.range(calls);
        let text =
            |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
        arguments.extend(["--from".to_owned(), text(since), "--to".to_owned(), text(until)]);
        arguments.extend(["--concurrency".to_owned(), at_once.to_string()]);
    }
    arguments
}

fn role(command: &Path, vendor: Vendor, arguments: Vec<String>) -> Role {
    let variable = format!("{}_API_KEY", vendor.id().to_uppercase());
    let environment = vec![(variable, "key".to_owned())];
    Role::Command { program: command.to_owned(), arguments, environment }
}
