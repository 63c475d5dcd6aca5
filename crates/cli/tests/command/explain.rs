//! `explain` says what is sent and what is checked here, and that is what is sent.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Sandbox, VENDORS, Vendor, all, arguments, sources, world};

/// The arguments of the issue.
const ASKED: [&str; 6] = ["--from", "2026-01-01", "--status", "completed", "-o", "ndjson"];

fn sent(plan: &Value) -> BTreeMap<String, String> {
    let sent = plan["sent"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    sent.iter().map(|parameter| (text(&parameter["name"]), text(&parameter["value"]))).collect()
}

/// What later pages add or change.
fn is_paging(name: &str) -> bool {
    matches!(
        name,
        "page" | "per_page" | "limit" | "skip" | "createdAtLt" | "createdAtLe" | "date_to"
    )
}

/// Asks for the plan, lists, and holds one against the other. The plan; none where the vendor cannot answer.
fn holds(vendor: &Vendor, filter: &[&str]) -> Option<Value> {
    let sandbox = Sandbox::new();
    let source = ["-s".to_owned(), vendor.source()];
    let before = vendor.simulator.requests().len();
    let explained = sandbox.run(&arguments(&[&["explain"], filter].concat(), &source));
    assert_eq!(vendor.simulator.requests().len(), before, "explain sends nothing");
    let listed = sandbox.run(&arguments(&[&["calls"], filter].concat(), &source));
    let requests = vendor.simulator.requests().split_off(before);
    if explained.code == 2 {
        assert_eq!((listed.code, &listed.err), (2, &explained.err), "{filter:?}");
        assert!(explained.out.is_empty() && listed.out.is_empty() && requests.is_empty());
        return None;
    }
    assert_eq!(
        (explained.code, listed.code),
        (0, 0),
        "{filter:?}: {} {}",
        explained.err,
        listed.err
    );
    assert_eq!(explained.out.lines().count(), 1);
    let plan = explained.json();
    assert_eq!(plan["vendor"], vendor.name);
    if plan.get("impossible").is_some() {
        assert!(requests.is_empty(), "{filter:?}: {requests:?}");
        return Some(plan);
    }

    let origin = vendor.base_url.split('/').take(3).collect::<Vec<_>>().join("/");
    let path = requests[0].split('?').next().unwrap();
    assert_eq!(plan["endpoint"], format!("GET {origin}{path}"));
    let asked: Vec<BTreeMap<String, String>> =
        vendor.asked().split_off(before).into_iter().map(|query| query.0).collect();
    let sent = sent(&plan);
    assert_eq!(asked[0], sent, "{} {filter:?}: the first request", vendor.name);
    for later in &asked {
        for (name, value) in later {
            assert!(is_paging(name) || sent.get(name) == Some(value), "{filter:?}: {name}={value}");
        }
        for name in sent.keys() {
            assert!(later.contains_key(name), "{filter:?}: a later page left {name} out");
        }
    }
    Some(plan)
}

#[test]
fn the_issues_arguments_are_sent_as_explained() {
    for (name, on_the_wire, placed, status) in [
        (
            "autocalls",
            [("date_from", "2025-12-31"), ("page", "1"), ("per_page", "100")].to_vec(),
            "narrowed",
            "client",
        ),
        (
            "vapi",
            [("createdAtGe", "2026-01-01T00:00:00.000Z"), ("limit", "200")].to_vec(),
            "exact",
            "client",
        ),
        (
            "burki",
            [("date_from", "2026-01-01T00:00:00Z"), ("limit", "1000"), ("status", "completed")]
                .to_vec(),
            "exact",
            "exact",
        ),
    ] {
        let vendor = Vendor::serve(name, &world(700));
        let plan = holds(&vendor, &ASKED).unwrap();
        let on_the_wire: BTreeMap<String, String> = on_the_wire
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(sent(&plan), on_the_wire, "{name}");
        assert_eq!(plan["conditions"]["placed"]["support"], placed, "{name}");
        assert_eq!(plan["conditions"]["status"]["support"], status, "{name}");
    }
}

#[test]
fn other_arguments_are_sent_as_explained_too() {
    for name in VENDORS {
        let vendor = Vendor::serve(name, &world(150));
        let calls = vendor.library(callmux::CallFilter::new());
        let agent = calls.iter().find_map(|call| call.agent.as_ref()?.id.clone());
        let number = calls
            .iter()
            .find_map(|call| Some(call.customer.as_ref()?.number.as_ref()?.as_str().to_owned()))
            .unwrap();
        let id = calls[70].id.to_string();
        let agent = agent.unwrap_or_else(|| "1".to_owned());
        let mut answered = 0;
        for filter in [
            vec![],
            vec!["--limit", "5"],
            vec!["--limit", "5", "--status", "completed"],
            vec!["--page-size", "30"],
            vec!["--page-size", "30", "--limit", "100"],
            vec!["--from", "2026-02-01", "--to", "2026-02-28", "--tz", "America/New_York"],
            vec!["--from", "2026-02-01T10:00:00.123456Z", "--to", "2026-05-01T10:00:00Z"],
            vec!["--updated-from", "2026-02-01"],
            vec!["--status", "completed,failed"],
            vec!["--status", "unknown"],
            vec!["--status", "queued"],
            vec!["--direction", "inbound"],
            vec!["--channel", "web"],
            vec!["--customer", &number],
            vec!["--customer-contains", "5550"],
            vec!["--agent", &agent],
            vec!["--campaign", "7"],
            vec!["--ended-reason", "voicemail"],
            vec!["--min-duration", "10.5", "--max-duration", "300"],
            vec!["--min-cost", "0.01"],
            vec!["--id", &id],
            vec!["--id", &id, "--from", "2020-01-01", "--direction", "outbound"],
        ] {
            let filter: Vec<&str> = filter.into_iter().chain(["-o", "ndjson"]).collect();
            answered += usize::from(holds(&vendor, &filter).is_some());
        }
        assert!(answered >= 18, "{name} answered {answered}");
    }
}

#[test]
fn dates_are_days_of_the_zone() {
    let vapi = Vendor::serve("vapi", &world(20));
    let filter =
        ["--from", "2026-03-29", "--to", "2026-03-29", "--tz", "Europe/Berlin", "-o", "ndjson"];
    let sent = sent(&holds(&vapi, &filter).unwrap());
    // The day on which summer time begins has 23 hours.
    assert_eq!(sent["createdAtGe"], "2026-03-28T23:00:00.000Z");
    assert_eq!(sent["createdAtLt"], "2026-03-29T22:00:00.000Z");
}

#[test]
fn several_sources_are_explained_one_by_one_in_every_format() {
    let vendors = all(10);
    let sandbox = Sandbox::new();
    let explain = |format: &str| {
        let words = ["explain", "--from", "2026-01-01", "--status", "completed", "-o", format];
        let ran = sandbox.run(&arguments(&words, &sources(&vendors)));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        ran.out
    };
    let lines: Vec<Value> =
        explain("ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let array: Vec<Value> = serde_json::from_str(&explain("json")).unwrap();
    assert_eq!(lines, array);
    assert_eq!(
        array.iter().map(|plan| plan["vendor"].as_str().unwrap()).collect::<Vec<_>>(),
        VENDORS
    );

    let table = explain("table");
    for plan in &array {
        let heading =
            format!("{}  {}", plan["vendor"].as_str().unwrap(), plan["endpoint"].as_str().unwrap());
        assert!(table.lines().any(|line| line == heading), "{heading}\n{table}");
        for (name, value) in sent(plan) {
            assert!(table.contains(&format!("  {name} = {value}\n")), "{name}\n{table}");
        }
    }
    for words in
        ["sent wider, checked here", "checked here", "requests: one for each 1000 calls that match"]
    {
        assert!(table.contains(words), "{words}\n{table}");
    }
    for vendor in &vendors {
        assert!(vendor.simulator.requests().is_empty());
    }
}
