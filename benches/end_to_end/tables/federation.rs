//! Ten accounts as one, beside the slowest of them alone.

use callmux_benches::server::World;
use callmux_benches::{Spread, Vendor};

use super::columns::Columns;
use super::latency::ANSWER;
use super::verdicts::Verdicts;
use super::{extremes, median};
use crate::measure::Taken;
use crate::processes::{Serving, taken};
use crate::roles::{Listing, Role};
use crate::wanted::Wanted;

/// The time of all over that of the slowest.
const TARGET: f64 = 1.2;
const ACCOUNTS: u64 = 10;
/// The first account has so many calls, the second twice as many.
const STEP: u64 = 1_000;
const DAYS: i64 = 30;

pub(super) fn print(wanted: &Wanted, verdicts: &mut Verdicts) {
    let heads =
        ["who         ", "calls", "requests", "wall s", "CPU s", "peak MiB", "ratio (min-max) "];
    let heading = format!(
        "federation: {ACCOUNTS} accounts at Vapi of {STEP} to {} calls of the same {DAYS} days, \
         {} ms an answer, median of {} pairs; target {TARGET} of the slowest alone",
        ACCOUNTS * STEP,
        ANSWER.as_millis(),
        wanted.runs
    );
    let columns = Columns::begin(&heading, heads);
    let serving: Vec<Serving> = (1..=ACCOUNTS)
        .map(|number| {
            let (vendor, calls) = (Vendor::Vapi, number * STEP);
            let world = World { vendor, bytes: 3_000, calls, delay: ANSWER, gzip: false };
            Serving::start(world, Spread::over(calls, DAYS))
        })
        .collect();
    let origins: Vec<String> = serving.iter().map(|serving| serving.origin.clone()).collect();
    let listing = Listing { page: 100, concurrency: 1, range: None };
    let slowest = Role::Federation { origins: origins[origins.len() - 1..].to_vec(), listing };
    let all = Role::Federation { origins, listing };
    let (alone, together): (Vec<_>, Vec<_>) =
        (0..wanted.runs).map(|_| (taken(&slowest), taken(&all))).unzip();
    let ratios: Vec<f64> =
        alone.iter().zip(&together).map(|(alone, all)| all.wall / alone.wall).collect();
    let (ratio, (least, most)) = (median(ratios.iter().copied()), extremes(&ratios));
    columns.row(&cells("slowest", &alone, String::new()));
    columns.row(&cells("all as one", &together, format!("{ratio:.2} ({least:.2}-{most:.2})")));
    verdicts.at_most("federation: time over that of its slowest member", ratio, TARGET);
}

fn cells(who: &str, runs: &[Taken], ratio: String) -> [String; 7] {
    let middle = |figure: fn(&Taken) -> f64| median(runs.iter().map(figure));
    [
        who.to_owned(),
        format!("{:.0}", middle(|run| run.calls as f64)),
        format!("{:.0}", middle(|run| run.requests as f64)),
        format!("{:.2}", middle(|run| run.wall)),
        format!("{:.2}", middle(|run| run.cpu)),
        format!("{:.1}", middle(|run| run.peak as f64 / super::MIB)),
        ratio,
    ]
}
