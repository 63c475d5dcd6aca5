//! The listing is exactly the calls that match, newest first, each once.

use std::collections::BTreeSet;
use std::time::Duration;

use callmux::{
    Call, CallFilter, CallStatus, Channel, Direction, DurationRange, EndedReason, TimeRange,
};

use crate::support::{Sandbox, VENDORS, Vendor, all, arguments, sources, world};

fn ids(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.id.as_str()).collect()
}

fn since(text: &str) -> CallFilter {
    let mut filter = CallFilter::new();
    filter.placed = TimeRange { since: Some(text.parse().unwrap()), until: None };
    filter
}

#[test]
fn without_a_filter_it_is_what_the_vendor_holds() {
    for name in VENDORS {
        let vendor = Vendor::serve(name, &world(450));
        let ran = Sandbox::new().run(&[
            "calls",
            "-s",
            &vendor.source(),
            "-o",
            "ndjson",
            "--certificate",
            "c",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let calls = ran.calls();
        let held: BTreeSet<String> =
            vendor.simulator.rows().into_iter().map(|row| row.id).collect();
        assert_eq!(calls.len(), 450, "{name}");
        assert_eq!(
            ids(&calls).into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
            held,
            "{name}"
        );
        assert!(calls.is_sorted_by_key(Call::order_key), "{name}");
    }
}

/// Each condition of the command line against what the library says it means, over calls that were listed without any.
#[test]
fn with_a_filter_it_is_what_matches() {
    for name in VENDORS {
        let vendor = Vendor::serve(name, &world(400));
        let everything = vendor.library(CallFilter::new());
        let some = &everything[200];
        let number = everything
            .iter()
            .find_map(|call| Some(call.customer.as_ref()?.number.as_ref()?.as_str().to_owned()))
            .unwrap();
        let spelled = format!("({}) {}", &number[1..4], &number[4..]);
        let contains = &number[number.len() - 5..];
        let id = some.id.to_string();
        let issue = since("2026-01-01T00:00:00Z").status([CallStatus::Completed]);
        let mut january = since("2026-01-01T05:00:00Z");
        january.placed.until = Some("2026-02-01T05:00:00Z".parse().unwrap());
        let seconds = |seconds: f64| Some(Duration::from_secs_f64(seconds));
        for (words, filter) in [
            (vec!["--from", "2026-01-01", "--status", "completed"], issue),
            (
                vec!["--from", "2026-01-01", "--to", "2026-01-31", "--tz", "America/New_York"],
                january,
            ),
            (
                vec!["--status", "failed,no_answer"],
                CallFilter::new().status([CallStatus::Failed, CallStatus::NoAnswer]),
            ),
            (vec!["--status", "unknown"], CallFilter::new().status([CallStatus::Unknown])),
            (vec!["--direction", "inbound"], CallFilter::new().direction([Direction::Inbound])),
            (vec!["--channel", "web,sip"], CallFilter::new().channel([Channel::Web, Channel::Sip])),
            (vec!["--customer", &spelled], CallFilter::new().customer(spelled.as_str())),
            (vec!["--customer-contains", contains], CallFilter::new().customer_contains(contains)),
            (
                vec!["--min-duration", "30.5", "--max-duration", "200"],
                CallFilter::new()
                    .duration(DurationRange { min: seconds(30.5), max: seconds(200.0) }),
            ),
            (vec!["--id", &id], CallFilter::new().ids([id.as_str()])),
            (
                vec!["--ended-reason", "customer_hangup"],
                CallFilter::new().ended_reason([EndedReason::CustomerHangup]),
            ),
        ] {
            let source = vendor.source();
            let words = [vec!["calls", "-s", &source, "-o", "ndjson"], words].concat();
            let ran = Sandbox::new().run(&words);
            if ran.code == 2 {
                assert!(
                    name == "burki" && ran.err.contains("cannot filter by ended_reason"),
                    "{}",
                    ran.err
                );
                continue;
            }
            assert_eq!(ran.code, 0, "{name} {words:?}: {}", ran.err);
            let expected: Vec<Call> =
                everything.iter().filter(|call| filter.matches(call)).cloned().collect();
            assert_eq!(ids(&ran.calls()), ids(&expected), "{name} {words:?}");
            assert!(
                !expected.is_empty() || words.contains(&"web,sip"),
                "{name} {words:?} asks nothing"
            );

            let limited = Sandbox::new().run(&[words, vec!["--limit", "7"]].concat());
            let first = expected.len().min(7);
            assert_eq!(
                ids(&limited.calls()),
                ids(&expected[..first]),
                "{name}: a limit counts matches"
            );
            assert_eq!(limited.code, 0);
        }
    }
}

#[test]
fn several_sources_are_one_list() {
    let vendors = all(300);
    let words = ["calls", "--from", "2026-01-01", "--status", "completed", "-o", "ndjson"];
    let ran = Sandbox::new().run(&arguments(&words, &sources(&vendors)));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let filter = since("2026-01-01T00:00:00Z").status([CallStatus::Completed]);
    let mut expected: Vec<Call> =
        vendors.iter().flat_map(|vendor| vendor.library(filter.clone())).collect();
    expected.sort_by_key(Call::order_key);
    assert_eq!(ran.calls(), expected);
    assert!(VENDORS.iter().all(|name| expected.iter().any(|call| call.vendor.as_str() == *name)));
}

#[test]
fn the_certificate_file_says_what_was_done() {
    let vendors = all(260);
    let sandbox = Sandbox::new();
    let words = ["calls", "--status", "completed", "-o", "ndjson", "--certificate", "c"];
    let ran = sandbox.run(&arguments(&words, &sources(&vendors)));
    let certificate = sandbox.json("c");
    assert_eq!(certificate["verdict"], "complete");
    assert_eq!(certificate["reasons"], serde_json::json!([]));
    assert!(
        certificate["as_of"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().is_ok()
    );
    let reports = certificate["sources"].as_array().unwrap();
    assert_eq!(reports.len(), 3);
    for vendor in &vendors {
        let report = reports.iter().find(|report| report["vendor"] == vendor.name).unwrap();
        assert_eq!(report["account"], vendor.name);
        let count = |name: &str| report[name].as_u64().unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(count("requests"), vendor.simulator.requests().len() as u64, "{}", vendor.name);
        assert_eq!((count("retries"), count("rejected")), (0, 0));
        assert_eq!(count("pages"), count("requests"));
        let listed = ran.calls().iter().filter(|call| call.vendor.as_str() == vendor.name).count();
        assert_eq!(count("rows"), listed as u64 + count("repeats") + count("filtered_here"));
    }
    // The one that counts gives its total: of what it was asked, which it cannot ask by this status.
    let total = |name: &str| {
        reports.iter().find(|report| report["vendor"] == name).unwrap().get("total").cloned()
    };
    assert_eq!(total("autocalls"), Some(260.into()));
    assert_eq!(total("vapi"), None);
}

/// A certificate of yesterday must not vouch for a listing that was killed today.
#[test]
fn an_old_certificate_does_not_outlive_a_new_listing() {
    let vapi = Vendor::serve("vapi", &world(10));
    let sandbox = Sandbox::new();
    let source = vapi.source();
    let words = ["calls", "-s", &source, "-o", "ndjson", "--certificate", "c"];
    sandbox.run(&words);
    assert_eq!(sandbox.json("c")["verdict"], "complete");
    let wrong = Sandbox::new();
    wrong.write("c", &sandbox.read("c"));
    let ran = wrong.with("VAPI_API_KEY", "wrong");
    let ended = ran.run(&words);
    assert_eq!(ended.code, 4);
    assert_eq!(ran.json("c")["verdict"], "incomplete");
    // Whoever reads has gone before anything was written.
    sandbox.run(&words);
    let mut child = sandbox.command(&words).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(sandbox.json("c")["reasons"][0]["kind"], "not_finished");
}

/// Windows of time are read at once, by the argument or by an account's option; the list is the same.
#[test]
fn windows_read_at_once_give_the_same_list() {
    let vendors = all(300);
    let range = ["--from", "2025-08-01", "--to", "2026-09-30"];
    let words = [&["calls", "-o", "ndjson", "--certificate", "c"][..], &range].concat();
    let mut words = arguments(&words, &sources(&vendors));
    for vendor in &vendors {
        words.extend(["--option".to_owned(), format!("{}.page_size=20", vendor.name)]);
    }
    let sandbox = Sandbox::new();
    let windows = |sandbox: &Sandbox| {
        let certificate = sandbox.json("c");
        let sources = certificate["sources"].as_array().unwrap().clone();
        let of = |source: &serde_json::Value| source["windows"].as_u64().unwrap();
        (certificate["verdict"].as_str().unwrap().to_owned(), sources.iter().map(of).max().unwrap())
    };
    let one = sandbox.run(&words);
    assert_eq!((one.code, windows(&sandbox)), (0, ("complete".to_owned(), 1)), "{}", one.err);
    let by_option = ["--option", "vapi.concurrency=4", "--option", "burki.concurrency=4"];
    for more in [&["--concurrency", "4"][..], &by_option] {
        let more: Vec<String> = more.iter().map(|&word| word.to_owned()).collect();
        let several = sandbox.run(&[&words[..], &more].concat());
        assert_eq!(several.code, 0, "{}", several.err);
        assert_eq!(several.out, one.out);
        let (verdict, most) = windows(&sandbox);
        assert!(verdict == "complete" && most > 4, "{verdict}, {most} windows");
    }
    // So are sums.
    let costs = |more: &[&str]| {
        let words = [&["costs", "-o", "csv", "--certificate", "c"][..], &range, more].concat();
        sandbox.run(&arguments(&words, &sources(&vendors))).out
    };
    let one = costs(&[]);
    assert_eq!(windows(&sandbox).1, 1);
    assert_eq!(costs(&["--concurrency", "4"]), one);
    assert!(windows(&sandbox).1 > 1);
    // A limit is read as one window.
    let limit = ["--concurrency", "4", "--limit", "30"].map(str::to_owned);
    let limited = sandbox.run(&[&words[..], &limit].concat());
    assert_eq!(limited.code, 0, "{}", limited.err);
    assert!(windows(&sandbox).1 <= 1);
    for (argument, value) in [("--concurrency", "0"), ("--concurrency", "65")] {
        let refused = sandbox.run(&["calls", argument, value]);
        assert_eq!(refused.code, 2, "{}", refused.err);
    }
    let refused = sandbox.run(&["calls", "-s", "vapi", "--option", "vapi.concurrency=0"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("not a number of requests, from 1"), "{}", refused.err);
}
