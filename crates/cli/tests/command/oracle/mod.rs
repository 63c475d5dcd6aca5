//! An oracle: every figure of `callmux costs` is worked out again from the rows that the simulated vendors send, by
//! docs/costs.md and the vendors' pages, slowly, in whole numbers and fractions, without any code of callmux.

mod autocalls;
mod burki;
mod call;
mod exact;
mod groups;
mod sums;
mod vapi;
mod walk;

use callmux_testkit::World;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{Europe::Berlin, Tz};
use serde_json::Value;

use crate::support::{Sandbox, VENDORS, Vendor, arguments, sources};
use call::Call;
use groups::By;

/// How many calls each vendor holds: as many as in the demo.
const CALLS: usize = 3000;

/// The demo's world.
fn everyday() -> World {
    World::new(1, CALLS).everyday()
}

/// A world of oddities, in which the clocks of Berlin go back.
fn awkward() -> World {
    let until = DateTime::<Utc>::from_timestamp(1_762_300_800, 0).unwrap();
    World { span: TimeDelta::days(30), ..World::new(11, CALLS).until(until) }
}

/// Vendors that are served, and their calls as the oracle reads them.
struct Served {
    vendors: Vec<Vendor>,
    calls: Vec<Call>,
}

impl Served {
    /// Each vendor has a world of its own, as in the demo.
    fn new(world: World) -> Self {
        let vendor = |(index, name): (usize, &&'static str)| {
            Vendor::serve(name, &World { seed: world.seed + index as u64, ..world })
        };
        assert_eq!(VENDORS, ["autocalls", "vapi", "burki"], "the order decides the seeds");
        let vendors: Vec<Vendor> = VENDORS.iter().enumerate().map(vendor).collect();
        let calls = vendors.iter().flat_map(|vendor| {
            let read = match vendor.name {
                "autocalls" => autocalls::call,
                "vapi" => vapi::call,
                _ => burki::call,
            };
            vendor.simulator.rows().into_iter().map(move |row| read(&row.text))
        });
        Self { calls: calls.collect(), vendors }
    }

    /// What the command prints.
    fn costs(&self, words: &[&str]) -> Value {
        let mut arguments = arguments(&["costs", "-q", "-o", "json"], &sources(&self.vendors));
        // Nobody throttles here, so nothing is to be waited for.
        arguments.extend(["--option", "autocalls.requests_per_minute=0"].map(str::to_owned));
        arguments.extend(words.iter().map(|word| (*word).to_owned()));
        let ran = Sandbox::new().run(&arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.json()
    }
}

/// The groupings that are looked at, each with its zone.
const GROUPINGS: [(&[&str], Tz); 11] = [
    (&["vendor"], Tz::UTC),
    (&["vendor", "day"], Tz::UTC),
    (&["agent"], Tz::UTC),
    (&["campaign"], Tz::UTC),
    (&["vendor", "agent", "campaign"], Tz::UTC),
    (&["vendor", "status"], Tz::UTC),
    (&["component"], Tz::UTC),
    (&["vendor", "model"], Tz::UTC),
    (&["component", "model", "status"], Tz::UTC),
    (&["week"], Berlin),
    (&["hour"], Berlin),
];

fn each_grouping_is_that_of_the_rows(world: World) {
    let served = Served::new(world);
    for (dimensions, zone) in GROUPINGS {
        let by = By { dimensions, zone };
        let words = ["--by", &dimensions.join(","), "--tz", zone.name()];
        let expected = sums::report(by, &served.calls);
        walk::check(words[1], &served.costs(&words), &expected, &["certificate"]);
    }
}

#[test]
fn every_group_of_the_demos_report_is_that_of_the_rows() {
    each_grouping_is_that_of_the_rows(everyday());
}

#[test]
fn every_group_of_an_awkward_report_is_that_of_the_rows() {
    each_grouping_is_that_of_the_rows(awkward());
}
