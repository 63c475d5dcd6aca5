//! An oracle: every figure of `callmux costs` is worked out again from the rows that the simulated vendors send, by
//! docs/costs.md and the vendors' pages, slowly, in whole numbers and fractions, without any code of callmux.

mod autocalls;
mod burki;
mod call;
mod change;
mod comparison;
mod exact;
mod groups;
mod intervals;
mod outliers;
mod sums;
mod vapi;
mod walk;

use std::collections::BTreeSet;

use callmux_testkit::World;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{Europe::Berlin, Tz};
use serde_json::{Value, json};

use crate::support::{Sandbox, VENDORS, Vendor, arguments, sources};
use call::Call;
use comparison::Comparison;
use groups::By;

/// The demo's world.
fn demo() -> World {
    World::new(1, 3000).everyday()
}

/// The same with fewer calls, for what is asked of it many times.
fn everyday() -> World {
    World::new(1, 1000).everyday()
}

/// A world of oddities, in which the clocks of Berlin go back.
fn awkward() -> World {
    let until = DateTime::<Utc>::from_timestamp(1_762_300_800, 0).unwrap();
    World::new(11, 1000).until(until)
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
        Self::reading(vendors)
    }

    fn reading(vendors: Vec<Vendor>) -> Self {
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

    /// The same where a vendor sends its rows otherwise.
    fn rewritten(self, name: &str, mut rewrite: impl FnMut(&str) -> String) -> Self {
        let vendor = self.vendors.iter().find(|vendor| vendor.name == name).unwrap();
        vendor
            .simulator
            .change(|rows| rows.iter_mut().for_each(|row| row.text = rewrite(&row.text)));
        Self::reading(self.vendors)
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

fn each_grouping_is_that_of_the_rows(served: &Served) {
    for (dimensions, zone) in GROUPINGS {
        let by = By { dimensions, zone };
        let words = ["--by", &dimensions.join(","), "--tz", zone.name()];
        let expected = sums::report(by, &served.calls);
        walk::check(words[1], &served.costs(&words), &expected, &["certificate"]);
    }
}

#[test]
fn the_demos_report_is_that_of_the_rows() {
    let served = Served::new(demo());
    let expected = sums::report(By::utc(&["vendor"]), &served.calls);
    walk::check("the demo", &served.costs(&[]), &expected, &["certificate"]);
}

#[test]
fn every_group_of_an_everyday_report_is_that_of_the_rows() {
    each_grouping_is_that_of_the_rows(&Served::new(everyday()));
}

#[test]
fn every_group_of_an_awkward_report_is_that_of_the_rows() {
    each_grouping_is_that_of_the_rows(&Served::new(awkward()));
}

/// Amounts that the simulators do not make: of live calls, of calls that were held and have no bill yet, of calls that were not held,
/// and of refunds.
#[test]
fn rare_amounts_are_summed_as_the_documents_say() {
    let is_over = "\"status\":\"ended\"";
    let served = Served::new(awkward()).rewritten("vapi", |text| match text {
        _ if text.contains("\"status\":\"in-progress\"") => {
            text.replacen("\"cost\":0,", "\"cost\":0.0123,", 1)
        }
        _ if text.contains(is_over) && !text.contains("\"cost\":") => {
            text.replacen(is_over, &format!("\"cost\":0,{is_over}"), 1)
        }
        _ => text.to_owned(),
    });
    let mut met = 0;
    let served = served.rewritten("autocalls", |text| {
        met += 1;
        if met % 50 == 0 { with_total(text, "\"-0.12500000\"") } else { text.to_owned() }
    });
    let has = |state: &str| served.calls.iter().any(|call| call.cost.state == state);
    assert!(has("estimated"), "a live call has an amount");
    for dimensions in [&["vendor"][..], &["vendor", "status"], &["component"]] {
        let expected = sums::report(By::utc(dimensions), &served.calls);
        let printed = served.costs(&["--by", &dimensions.join(",")]);
        walk::check("rare amounts", &printed, &expected, &["certificate"]);
    }
}

fn the_comparison_is_that_of_the_rows(served: &Served) -> Value {
    let printed = served.costs(&["--compare"]);
    let comparison = Comparison::new(&served.calls);
    let mut expected = comparison.json();
    // What a verdict of chance is, follows from the interval.
    let pairs = printed["comparisons"][0]["pairs"].as_array().unwrap();
    let expected_pairs = expected["comparisons"][0]["pairs"].as_array_mut().unwrap();
    for (expected, printed) in expected_pairs.iter_mut().zip(pairs) {
        if expected.get("verdict").is_none() {
            expected["verdict"] = intervals::verdict(&printed["difference"]).into();
        }
    }
    let mut left_out = vec!["certificate", "comparisons.*.notes"];
    if !comparison.mix.is_empty() {
        left_out.extend([
            "comparisons.*.sides.*.mix_adjusted.low",
            "comparisons.*.sides.*.mix_adjusted.high",
            "comparisons.*.pairs.*.sentence",
        ]);
    }
    if pairs.iter().any(|pair| !pair["difference"].is_null()) {
        left_out.extend([
            "comparisons.*.pairs.*.difference.low",
            "comparisons.*.pairs.*.difference.high",
        ]);
    }
    walk::check("--compare", &printed, &expected, &left_out);
    let notes = printed["comparisons"][0]["notes"].as_array().unwrap();
    let unknown = comparison.unknown();
    assert_eq!(notes.len(), 1 + unknown.len());
    for (note, (vendor, unknown, talked)) in notes[1..].iter().zip(unknown) {
        let begins = format!("The cost of {unknown} of {talked} calls that talked at {vendor} ");
        assert!(note.as_str().unwrap().starts_with(&begins), "{note}");
    }
    for pair in pairs.iter().filter(|pair| !pair["difference"]["low"].is_null()) {
        sentence_has_the_figures(pair);
    }
    printed
}

/// The amounts and the interval of a pair, to four places, are those of its sentence, in that order.
fn sentence_has_the_figures(pair: &Value) {
    let sentence = pair["sentence"].as_str().unwrap();
    let [cheaper, dearer] =
        ["cheaper", "dearer"].map(|side| pair[side]["vendor"].as_str().unwrap());
    let mut rest = sentence;
    let mut names = |text: String| {
        let at = rest.find(&text).unwrap_or_else(|| panic!("{text} is not in {rest}: {sentence}"));
        rest = &rest[at + text.len()..];
    };
    let four = |amount: &Value| {
        let amount = exact::Amount::read(amount.as_str().unwrap()).unwrap();
        exact::rounded_to(4, &amount.fraction()).to_string()
    };
    names(format!("{} USD at {cheaper}", four(&pair["cheaper_amount"])));
    names(format!("{} USD at {dearer}", four(&pair["dearer_amount"])));
    let difference = &pair["difference"];
    names(format!("{} USD", four(&difference["amount"])));
    names(format!(
        "between {} USD and {} USD",
        four(&difference["low"]),
        four(&difference["high"])
    ));
}

#[test]
fn the_demos_comparison_is_that_of_the_rows() {
    let served = Served::new(demo());
    let printed = the_comparison_is_that_of_the_rows(&served);
    intervals::check(&Comparison::new(&served.calls), &printed);
    assert_eq!(printed["comparisons"][0]["pairs"].as_array().unwrap().len(), 3, "all are compared");
}

#[test]
fn an_awkward_comparison_is_that_of_the_rows() {
    let served = Served::new(awkward());
    let printed = the_comparison_is_that_of_the_rows(&served);
    intervals::check(&Comparison::new(&served.calls), &printed);
}

/// With few calls there are sides that cannot be compared, for each of several reasons, and lengths that just count or do not.
#[test]
fn comparisons_of_few_calls_are_those_of_the_rows() {
    let mut reasons = BTreeSet::new();
    let counts = (28..52).step_by(2).chain([2, 80, 140]);
    let temper = |calls| [World::new(calls as u64, calls), World::new(7, calls).everyday()];
    let worlds = counts.flat_map(temper);
    for served in worlds.map(Served::new).chain([with_costs_unknown(everyday())]) {
        let printed = the_comparison_is_that_of_the_rows(&served);
        let sides = printed["comparisons"][0]["sides"].as_array().unwrap();
        let why = sides.iter().filter_map(|side| side["unsupported"].as_str());
        reasons.extend(why.map(str::to_owned));
    }
    for reason in ["only 29 calls", "less than half", "there is no other", "the cost of"] {
        let is_met = reasons.iter().any(|met| met.starts_with(reason));
        assert!(is_met, "{reason:?} is not met: {reasons:#?}");
    }
}

/// A world in which Burki has lost two totals of three.
fn with_costs_unknown(world: World) -> Served {
    let mut met = 0;
    Served::new(world).rewritten("burki", |text| {
        met += 1;
        if met % 3 == 0 { text.to_owned() } else { with_total(text, "null") }
    })
}

/// A row with another `total_cost`, which is not the last of its fields.
fn with_total(text: &str, total: &str) -> String {
    let field = "\"total_cost\":";
    let (before, after) = text.split_once(field).unwrap();
    let (_, after) = after.split_once(',').unwrap();
    format!("{before}{field}{total},{after}")
}

#[test]
fn outliers_are_those_of_the_rows() {
    for world in [demo(), awkward()] {
        let served = Served::new(world);
        for dimensions in [&["vendor"][..], &["agent", "status"]] {
            let by = dimensions.join(",");
            let printed = served.costs(&["--outliers", "--by", &by]);
            // The clock is this machine's.
            let now = printed["certificate"]["as_of"].as_str().unwrap().parse().unwrap();
            let expected = outliers::outliers(By::utc(dimensions), &served.calls, now);
            walk::check(&format!("--outliers --by {by}"), &printed, &expected, &["certificate"]);
        }
    }
}

#[test]
fn changes_are_those_of_the_rows() {
    let day = |text: &str| format!("{text}T00:00:00Z").parse::<DateTime<Utc>>().unwrap();
    let worlds = [
        (demo(), ["2026-09-01", "2026-09-11", "2026-09-21"]),
        (awkward(), ["2025-10-10", "2025-10-20", "2025-10-30"]),
    ];
    for (world, dates) in worlds {
        let served = Served::new(world);
        let [first, middle, end] = dates.map(day);
        let last = (end - TimeDelta::days(1)).format("%Y-%m-%d").to_string();
        let range = ["--from", dates[1], "--to", &last, "--against", "previous"];
        for dimensions in [&["vendor"][..], &["agent"], &["vendor", "status", "campaign"]] {
            let by = dimensions.join(",");
            let printed = served.costs(&[&range[..], &["--by", &by]].concat());
            let periods = [[first, middle], [middle, end]];
            let at = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let expected = json!({
                "before": { "since": at(first), "until": at(middle) },
                "after": { "since": at(middle), "until": at(end) },
                "change": change::change(By::utc(dimensions), &served.calls, periods),
            });
            let left_out = ["before.certificate", "after.certificate"];
            walk::check(&format!("--against --by {by}"), &printed, &expected, &left_out);
        }
    }
}

#[test]
fn a_rate_of_exchange_changes_nothing_where_all_are_dollars() {
    let served = Served::new(everyday());
    let printed = served.costs(&["--fx", "EUR=1.08"]);
    let mut expected = sums::report(By::utc(&["vendor"]), &served.calls);
    expected["conversion"] = json!({
        "to": "USD", "unconverted": [],
        "rates": [{ "from": "EUR", "rate": "1.08", "since": null, "calls": 0, "amount": "0" }],
    });
    walk::check("--fx", &printed, &expected, &["certificate"]);
}
