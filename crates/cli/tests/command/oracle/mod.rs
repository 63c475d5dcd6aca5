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
use intervals::Met;

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
            let read = reader(vendor.name);
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

/// Reads a row of a vendor.
fn reader(vendor: &str) -> fn(&str) -> Call {
    match vendor {
        "autocalls" => autocalls::call,
        "vapi" => vapi::call,
        _ => burki::call,
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
    let served = with_refunds(served, "autocalls", "\"-0.12500000\"");
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
        ]);
    }
    if !pairs.is_empty() {
        left_out.push("comparisons.*.pairs.*.sentence");
    }
    if pairs.iter().any(|pair| !pair["difference"].is_null()) {
        left_out.extend([
            "comparisons.*.pairs.*.difference.low",
            "comparisons.*.pairs.*.difference.high",
        ]);
    }
    walk::check("--compare", &printed, &expected, &left_out);
    let notes = printed["comparisons"][0]["notes"].as_array().unwrap();
    let expected = comparison.notes();
    assert_eq!(notes.len(), expected.len(), "{notes:#?}");
    for (note, begins) in notes.iter().zip(expected) {
        assert!(note.as_str().unwrap().starts_with(&begins), "{note}, for {begins}");
    }
    for pair in pairs.iter().filter(|pair| !pair["difference"]["low"].is_null()) {
        sentence_has_the_figures(pair);
    }
    printed
}

/// The amounts and the interval of a pair are those of its sentence, in that order: to four places, or to six where a difference
/// would be lost in four.
fn sentence_has_the_figures(pair: &Value) {
    let sentence = pair["sentence"].as_str().unwrap();
    let [lower, higher] = ["lower", "higher"].map(|side| pair[side]["vendor"].as_str().unwrap());
    let amounts = [
        &pair["lower_amount"],
        &pair["higher_amount"],
        &pair["difference"]["amount"],
        &pair["difference"]["low"],
        &pair["difference"]["high"],
    ];
    let to = |places: u32| {
        amounts.map(|amount| {
            let amount = exact::Amount::read(amount.as_str().unwrap()).unwrap();
            exact::rounded_to(places, &amount.fraction())
        })
    };
    let [low, high, apart, least, _] = to(4);
    let is_lost = high - low != apart || high == low || least.is_zero();
    let shown = to(if pair["verdict"] == "differ" && is_lost { 6 } else { 4 });
    let [low, high, apart, least, most] = shown;
    let mut rest = sentence;
    let mut names = |text: String| {
        let at = rest.find(&text).unwrap_or_else(|| panic!("{text} is not in {rest}: {sentence}"));
        rest = &rest[at + text.len()..];
    };
    names(format!("{low} USD at {lower}"));
    names(format!("{high} USD at {higher}"));
    if pair["verdict"] != "same" {
        names(format!("{apart} USD"));
        names(format!("between {least} USD and {most} USD"));
    }
}

/// The same, and its intervals are as wide as those of another bootstrap. How wide for each that was met.
fn the_comparison_and_its_intervals_are_those_of_the_rows(served: &Served) -> (Value, Met) {
    let printed = the_comparison_is_that_of_the_rows(served);
    let met = intervals::check(&Comparison::new(&served.calls), &printed);
    (printed, met)
}

#[test]
fn the_demos_comparison_is_that_of_the_rows() {
    let (printed, met) =
        the_comparison_and_its_intervals_are_those_of_the_rows(&Served::new(demo()));
    assert_eq!(printed["comparisons"][0]["pairs"].as_array().unwrap().len(), 3, "all are compared");
    assert_eq!([met.sides.len(), met.pairs.len()], [3, 3], "all have intervals");
}

/// Where calls are too unlike in length, and where they are not.
#[test]
fn an_awkward_comparison_is_that_of_the_rows() {
    let (_, unlike) =
        the_comparison_and_its_intervals_are_those_of_the_rows(&Served::new(awkward()));
    assert_eq!(unlike.pairs.len(), 0);
    let (_, alike) = the_comparison_and_its_intervals_are_those_of_the_rows(&shortened(awkward()));
    assert_eq!(alike.pairs.len(), 3);
}

/// With few calls there are sides that cannot be compared, for each of several reasons, and lengths that just count or do not.
#[test]
fn comparisons_of_few_calls_are_those_of_the_rows() {
    let mut reasons = BTreeSet::new();
    let mut verdicts = BTreeSet::new();
    let (mut met, mut of_three) = (Met::default(), Vec::new());
    let counts = || (28..52).step_by(2).chain([2, 80, 140, 300]);
    let temper = |calls| {
        let world = World::new(calls as u64, calls);
        [Served::new(world), shortened(world), Served::new(World::new(7, calls).everyday())]
    };
    let of_a_day = World { span: TimeDelta::hours(20), ..everyday() };
    let more =
        || [with_costs_unknown(everyday()), Served::new(of_a_day), with_like_telephony(demo())];
    for served in counts().flat_map(temper).chain(more()) {
        let (printed, more) = the_comparison_and_its_intervals_are_those_of_the_rows(&served);
        if more.pairs.len() == 3 {
            of_three.extend(&more.pairs);
        }
        met.extend(more);
        let [sides, pairs] =
            ["sides", "pairs"].map(|of| printed["comparisons"][0][of].as_array().unwrap());
        let why = sides.iter().filter_map(|side| side["unsupported"].as_str());
        reasons.extend(why.map(str::to_owned));
        verdicts.extend(pairs.iter().map(|pair| pair["verdict"].as_str().unwrap().to_owned()));
    }
    for reason in ["and it has 29", "too few lengths in common", "there is no other", "the cost of"]
    {
        let is_met = reasons.iter().any(|met| met.contains(reason));
        assert!(is_met, "{reason:?} is not met: {reasons:#?}");
    }
    for verdict in ["differ", "may_be_chance", "same", "not_comparable", "too_few_calls"] {
        assert!(verdicts.contains(verdict), "{verdict:?} is not met: {verdicts:?}");
    }
    assert!(met.without > 0, "there are figures without an interval");
    // One interval may be wider than another's by chance; on the whole they are as wide, each of three pairs wider than by itself.
    for widths in [met.sides, of_three] {
        let mean = widths.iter().sum::<f64>() / widths.len() as f64;
        assert!(widths.len() >= 15 && (mean - 1.0).abs() < 0.08, "{mean}: {widths:?}");
    }
}

/// The sides that share most are compared, be they three that share less talk time than two, or not the two that talk most.
#[test]
fn the_best_set_of_sides_is_that_of_the_rows() {
    let few = [&[808, 438][..], &[0; 18]].concat();
    for (lengths, lengths_of_burki, is_in) in [
        (&[808, 438, 240][..], &few[..], [true, true, true]),
        (&[808, 438], &[808, 808, 250, 250, 250], [true, false, true]),
    ] {
        let served = with_lengths(Served::new(everyday()), "autocalls", lengths);
        let served = with_lengths(served, "burki", lengths_of_burki);
        let (printed, _) = the_comparison_and_its_intervals_are_those_of_the_rows(&served);
        let sides = printed["comparisons"][0]["sides"].as_array().unwrap();
        let met: Vec<bool> = sides.iter().map(|side| side["unsupported"].is_null()).collect();
        assert_eq!(met, is_in);
    }
}

/// Where somebody else charges for just half of the calls, or half of the totals cover something, and where it is one call more.
#[test]
fn a_component_differs_by_the_majority_of_the_rows() {
    for (more, differs) in [(0, false), (1, true)] {
        let worlds = [
            ("tts", ["vapi", "autocalls"], with_own_voices(everyday(), more)),
            (
                "telephony",
                ["autocalls", "vapi"],
                with_some_carriers(World::new(5, 1000).everyday(), more),
            ),
        ];
        for (component, vendors, served) in worlds {
            let (printed, _) = the_comparison_and_its_intervals_are_those_of_the_rows(&served);
            let pairs = printed["comparisons"][0]["pairs"].as_array().unwrap();
            let is_of = |pair: &&Value| {
                let of = ["lower", "higher"].map(|side| pair[side]["vendor"].as_str().unwrap());
                vendors.iter().all(|vendor| of.contains(vendor))
            };
            let pair = pairs.iter().find(is_of).unwrap();
            let differing = pair["basis"]["components"]["differing"].as_array();
            let met = differing.is_some_and(|differing| differing.contains(&json!(component)));
            assert_eq!(met, differs, "{component}: {pair}");
        }
    }
}

/// A world in which no call lasts longer than Vapi's do.
fn shortened(world: World) -> Served {
    let shorten = |text: &str| {
        let with = |seconds: u64| with_field(text, "\"duration\":", &(seconds % 400).to_string());
        field(text, "\"duration\":")
            .and_then(|seconds| seconds.parse().ok())
            .map_or(text.to_owned(), with)
    };
    Served::new(world).rewritten("autocalls", shorten).rewritten("burki", shorten)
}

/// A world in which Autocalls asks of everyday calls what Burki does for telephony.
fn with_like_telephony(world: World) -> Served {
    Served::new(world).rewritten("autocalls", |text| {
        let seconds = field(text, "\"duration\":")
            .and_then(|seconds| seconds.trim_matches('"').parse::<f64>().ok());
        let amount =
            seconds.map_or("null".to_owned(), |seconds| (seconds / 60.0 * 0.0085).to_string());
        with_field(text, "\"carrier_cost\":", &amount)
    })
}

/// The same where the calls of a vendor that were held last so many seconds, in turn.
fn with_lengths(served: Served, vendor: &str, seconds: &[u64]) -> Served {
    let name = "\"duration\":";
    let mut lengths = seconds.iter().cycle();
    served.rewritten(vendor, |text| match field(text, name).map(|value| value.trim_matches('"')) {
        None | Some("0" | "null") => text.to_owned(),
        Some(_) => with_field(text, name, &lengths.next().unwrap().to_string()),
    })
}

/// A world in which somebody else charges for the voice of half of Vapi's counted calls, or of some more.
fn with_own_voices(world: World, more: usize) -> Served {
    let is_own = |call: &Call| call.cost.excludes.contains(&"tts");
    let voice = "\"characters\":818,\"cost\":";
    with_half(Served::new(world), more, ("vapi", is_own), (voice, "0.0"))
}

/// A world in which the totals of half of Autocalls' counted calls do not say that they cover telephony, or of some fewer; and in
/// which somebody else charges Vapi's customers for it.
fn with_some_carriers(world: World, fewer: usize) -> Served {
    let transport = "\"costs\":[{\"cost\":";
    let served = Served::new(world).rewritten("vapi", |text| match field(text, transport) {
        Some(_) => with_field(text, transport, "0.0"),
        None => text.to_owned(),
    });
    let is_unsaid = |call: &Call| !call.cost.includes.contains(&"telephony");
    let served = with_half(served, 0, ("autocalls", is_unsaid), ("\"carrier_cost\":", "null"));
    let mut missing = fewer;
    served.rewritten("autocalls", |text| {
        let call = autocalls::call(text);
        if missing == 0 || call.cost.total.is_none() || call.talked().is_none() || !is_unsaid(&call)
        {
            return text.to_owned();
        }
        missing -= 1;
        with_field(text, "\"carrier_cost\":", "\"0.01400000\"")
    })
}

/// The same where something is so of half of a vendor's counted calls, or of some more, since a field has another value.
fn with_half(
    served: Served,
    more: usize,
    (vendor, is_so): (&str, impl Fn(&Call) -> bool),
    (name, value): (&str, &str),
) -> Served {
    let is_counted = |call: &&Call| {
        call.vendor == vendor && call.cost.total.is_some() && call.talked().is_some()
    };
    let counted: Vec<&Call> = served.calls.iter().filter(is_counted).collect();
    assert_eq!(counted.len() % 2, 0, "there is a half");
    let (so, others): (Vec<&Call>, Vec<&Call>) = counted.iter().partition(|call| is_so(call));
    let mut missing = counted.len() / 2 + more - so.len();
    let others: BTreeSet<String> = others.into_iter().map(|call| call.id.clone()).collect();
    let read = reader(vendor);
    let served = served.rewritten(vendor, |text| {
        if missing == 0 || !others.contains(&read(text).id) || field(text, name).is_none() {
            return text.to_owned();
        }
        missing -= 1;
        with_field(text, name, value)
    });
    assert_eq!(missing, 0, "there are so many");
    served
}

/// A world in which Burki has lost two totals of three.
fn with_costs_unknown(world: World) -> Served {
    let mut met = 0;
    Served::new(world).rewritten("burki", |text| {
        met += 1;
        if met % 3 == 0 { text.to_owned() } else { with_total(text, "null") }
    })
}

/// The same where a vendor pays for each fiftieth call.
fn with_refunds(served: Served, vendor: &str, total: &str) -> Served {
    let mut met = 0;
    served.rewritten(vendor, |text| {
        met += 1;
        if met % 50 == 0 { with_total(text, total) } else { text.to_owned() }
    })
}

/// A row with another `total_cost`.
fn with_total(text: &str, total: &str) -> String {
    with_field(text, "\"total_cost\":", total)
}

/// What a row has in a field, which is not the last.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(name)?;
    Some(after.split_once(',')?.0)
}

/// A row with something else in a field.
fn with_field(text: &str, name: &str, value: &str) -> String {
    let (before, after) = text.split_once(name).unwrap();
    let (_, after) = after.split_once(',').unwrap();
    format!("{before}{name}{value},{after}")
}

#[test]
fn outliers_are_those_of_the_rows() {
    let refunded = with_refunds(Served::new(awkward()), "burki", "-5000.0");
    let mut lowest = exact::Amount::ZERO;
    for served in [Served::new(demo()), Served::new(awkward()), refunded] {
        for dimensions in [&["vendor"][..], &["agent", "status"]] {
            let by = dimensions.join(",");
            let printed = served.costs(&["--outliers", "--by", &by]);
            // The clock is this machine's.
            let now = printed["certificate"]["as_of"].as_str().unwrap().parse().unwrap();
            let expected = outliers::outliers(By::utc(dimensions), &served.calls, now);
            walk::check(&format!("--outliers --by {by}"), &printed, &expected, &["certificate"]);
            for group in printed["outliers"]["groups"].as_array().unwrap() {
                let low = group["low"].as_str().and_then(exact::Amount::read);
                lowest = low.map_or(lowest, |low| lowest.min(low));
            }
        }
    }
    assert!(lowest < exact::Amount::ZERO, "where there are refunds, a fence is below 0");
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
