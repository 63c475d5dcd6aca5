//! What calls cost: the figures are those of the calls, and say what they cover.

use std::collections::BTreeMap;

use callmux::{Call, Decimal};
use serde_json::{Value, json};

use crate::support::{Sandbox, VENDORS, all, arguments, sources};

#[test]
fn json_has_the_groups_and_the_certificate() {
    let vendors = all(150);
    let sandbox = Sandbox::new();
    let names = sources(&vendors);
    let ran = sandbox.run(&arguments(&["costs", "-o", "json", "--certificate", "c"], &names));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = ran.json();
    assert_eq!(
        report.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["certificate", "groups", "overall", "zone"]
    );
    assert_eq!(report["certificate"], sandbox.json("c"));

    let calls = sandbox.run(&arguments(&["calls", "-o", "ndjson"], &names)).calls();
    let groups = report["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 3);
    for name in VENDORS {
        let group = groups.iter().find(|group| group["key"] == json!({ "vendor": name })).unwrap();
        let of: Vec<&Call> = calls.iter().filter(|call| call.vendor.as_str() == name).collect();
        let known: Vec<Decimal> =
            of.iter().filter_map(|call| Some(call.cost.known_total()?.amount)).collect();
        assert_eq!(group["calls"], of.len());
        assert_eq!(group["with_cost"], known.len());
        assert_eq!(group["without_cost"], of.len() - known.len());
        let talk: f64 =
            of.iter().filter_map(|call| call.durations.talk).map(|talk| talk.as_secs_f64()).sum();
        assert!((group["seconds"].as_f64().unwrap() - talk).abs() < 1e-6, "{name}");
        let total: Decimal = known.iter().sum();
        assert_eq!(
            group["totals"],
            json!([{ "amount": total.normalize().to_string(), "currency": "USD" }])
        );
        // The parts and what is in none of them are the whole, exactly.
        let amounts = |list: &Value| -> Decimal {
            let list = list.as_array().unwrap().iter();
            list.map(|part| part["amount"].as_str().unwrap().parse::<Decimal>().unwrap()).sum()
        };
        assert_eq!(
            amounts(&group["components"]) + amounts(&group["unattributed"]),
            total,
            "{name}"
        );
        assert!(group["components"][0]["component"].is_string());
    }
}

#[test]
fn csv_has_the_same_figures() {
    let vendors = all(60);
    let sandbox = Sandbox::new();
    let words = ["costs", "--by", "vendor,status"];
    let csv = sandbox.run(&arguments(&[&words[..], &["-o", "csv"]].concat(), &sources(&vendors)));
    let json =
        sandbox.run(&arguments(&[&words[..], &["-o", "json"]].concat(), &sources(&vendors))).json();
    let mut lines = csv.out.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    assert_eq!(header[..5], ["vendor", "status", "calls", "connected", "completed"]);
    assert_eq!(header.last(), Some(&"unattributed"));
    let groups = json["groups"].as_array().unwrap();
    for (line, group) in lines.zip(groups) {
        let row: BTreeMap<&str, &str> = header.iter().copied().zip(line).collect();
        assert_eq!(
            (row["vendor"], row["status"]),
            (group["key"]["vendor"].as_str().unwrap(), group["key"]["status"].as_str().unwrap())
        );
        assert_eq!(row["calls"], group["calls"].to_string());
        assert_eq!(row["seconds"], group["seconds"].to_string().trim_end_matches(".0"));
        let total = group["totals"].get(0).map_or("", |total| total["amount"].as_str().unwrap());
        assert_eq!(row["total"], total, "what is not known is empty, never 0");
        for (column, figure) in [
            ("per_minute", &group["per_minute"][0]["amount"]),
            ("per_connected", &group["per_connected"][0]["amount"]),
            ("per_completed", &group["per_completed"][0]["amount"]),
            ("min", &group["quantiles"][0]["min"]),
            ("median", &group["quantiles"][0]["median"]),
            ("p95", &group["quantiles"][0]["p95"]),
            ("max", &group["quantiles"][0]["max"]),
            ("at_least", &group["bounds"][0]["at_least"]),
            ("at_most", &group["bounds"][0]["at_most"]),
            ("unattributed", &group["unattributed"][0]["amount"]),
        ] {
            assert_eq!(row[column], figure.as_str().unwrap_or_default(), "{column}");
        }
        for (state, of) in group["states"].as_object().unwrap() {
            assert_eq!(row[format!("calls_{state}").as_str()], of["calls"].to_string());
        }
    }
    assert_eq!(csv.out.lines().count(), groups.len() + 1);
}

#[test]
fn the_table_has_a_row_a_group_and_one_for_all() {
    let vendors = all(80);
    let ran = Sandbox::new().run(&arguments(&["costs"], &sources(&vendors)));
    let (figures, parts) = ran.out.split_once("\n\nOf which:\n\n").unwrap();
    // A total that leaves something out is not cheaper for it.
    let (figures, said) = figures.split_once("\n\n").unwrap();
    assert!(said.contains("Not in the total of burki: platform fee."), "{said}");
    let cells = |line: &'_ str| -> Vec<String> {
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    for (table, first, last) in [
        (
            figures,
            ["vendor", "calls", "connected", "completed", "minutes", "currency"],
            "cost known",
        ),
        (parts, ["vendor", "currency", "total", "telephony", "stt", "llm"], "unattributed"),
    ] {
        let rows: Vec<Vec<String>> = table.lines().map(cells).collect();
        assert_eq!(rows[0][..6], first);
        assert_eq!(rows[0].last().unwrap(), last);
        let named: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
        assert_eq!(named, ["autocalls", "burki", "vapi", "all"]);
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{table}");
        // Figures stand under each other.
        let width = table.lines().next().unwrap().chars().count();
        assert!(table.lines().all(|line| line.chars().count() == width), "{table}");
    }
    for row in figures.lines().skip(1).map(cells) {
        let known = row.last().unwrap().strip_suffix(" %").unwrap();
        assert!(
            known.parse::<f64>().unwrap() <= 100.0 && known.split_once('.').unwrap().1.len() == 1
        );
        assert_eq!(row[1], if row[0] == "all" { "240" } else { "80" });
    }
}

#[test]
fn days_and_months_are_those_of_the_zone() {
    let vendors = all(100);
    let sandbox = Sandbox::new();
    let names = sources(&vendors);
    for zone in ["UTC", "Asia/Tokyo"] {
        let words = ["costs", "--by", "day", "--tz", zone, "-o", "json"];
        let report = sandbox.run(&arguments(&words, &names)).json();
        let tz: chrono_tz::Tz = zone.parse().unwrap();
        let mut expected: BTreeMap<Option<String>, u64> = BTreeMap::new();
        for call in sandbox.run(&arguments(&["calls", "-o", "ndjson"], &names)).calls() {
            let day = call.placed_at.map(|at| at.with_timezone(&tz).format("%Y-%m-%d").to_string());
            *expected.entry(day).or_default() += 1;
        }
        let groups = report["groups"].as_array().unwrap();
        assert_eq!(groups.len(), expected.len());
        for group in groups {
            let day = group["key"]["day"].as_str().map(str::to_owned);
            assert_eq!(group["calls"], expected[&day], "{zone} {day:?}");
        }
    }
}

#[test]
fn nothing_to_sum_says_so() {
    let vendors = all(5);
    for (format, says) in [("table", ""), ("json", "\"groups\": []"), ("csv", "vendor,calls,")] {
        let words = ["costs", "--id", "nobody", "-o", format];
        let ran = Sandbox::new().run(&arguments(&words, &sources(&vendors)));
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains(says), "{format}: {}", ran.out);
        assert!(ran.err.contains("no call matches"), "{format}: {}", ran.err);
        let quiet =
            Sandbox::new().run(&arguments(&[&words[..], &["-q"]].concat(), &sources(&vendors)));
        assert_eq!(quiet.err, "", "{format}");
    }
}
