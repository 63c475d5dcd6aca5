//! What it writes: one `Call` a line, an array, CSV, a table.

use callmux::{Call, CallFilter};
use callmux_table::{COLUMNS, CsvWriter, DEFAULT_TABLE, column};

use crate::support::{Sandbox, VENDORS, Vendor, world};

fn as_json(calls: &[Call]) -> Vec<String> {
    calls.iter().map(|call| serde_json::to_string(call).unwrap()).collect()
}

#[test]
fn ndjson_and_json_are_the_librarys_calls_to_the_letter() {
    for name in VENDORS {
        let vendor = Vendor::serve(name, &world(250));
        let library = vendor.library(CallFilter::new());
        assert_eq!(library.len(), 250);

        let sandbox = Sandbox::new();
        let lines = sandbox.run(&["calls", "-s", &vendor.source(), "-o", "ndjson"]);
        assert_eq!(lines.code, 0, "{}", lines.err);
        assert_eq!(lines.out.lines().collect::<Vec<_>>(), as_json(&library), "{name}");
        assert!(lines.out.ends_with('\n'));
        assert_eq!(lines.calls(), library, "{name}: what is written is read back");

        let array = sandbox.run(&["calls", "-s", &vendor.source(), "-o", "json"]);
        let calls: Vec<Call> = serde_json::from_str(&array.out).unwrap();
        assert_eq!(calls, library, "{name}");
    }
}

#[test]
fn csv_has_every_column_and_every_digit() {
    for name in VENDORS {
        let vendor = Vendor::serve(name, &world(250));
        let ran = Sandbox::new().run(&["calls", "-s", &vendor.source(), "-o", "csv"]);
        let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(ran.out.lines().next().unwrap(), names.join(","));

        let mut csv = CsvWriter::new(Vec::new()).unwrap();
        for call in vendor.library(CallFilter::new()) {
            csv.write(&call).unwrap();
        }
        assert_eq!(ran.out, String::from_utf8(csv.finish().unwrap()).unwrap(), "{name}");
    }
}

#[test]
fn an_empty_listing_is_whole_in_every_format() {
    let vendor = Vendor::serve("vapi", &world(5));
    for (format, expected) in [("table", 0), ("json", 1), ("ndjson", 0), ("csv", 1)] {
        let ran = Sandbox::new().run(&["calls", "-s", &vendor.source(), "--id", "x", "-o", format]);
        assert_eq!((ran.code, ran.out.lines().count()), (0, expected), "{format}: {}", ran.out);
        assert!(ran.err.contains("no call matches"), "{format}: {}", ran.err);
    }
    let quiet = Sandbox::new().run(&["calls", "-s", &vendor.source(), "--id", "x", "-q"]);
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (0, "", ""));
}

#[test]
fn a_table_has_a_line_a_call_and_figures_for_people() {
    for name in VENDORS {
        let vendor = Vendor::serve(name, &world(120));
        let ran = Sandbox::new().run(&["calls", "-s", &vendor.source()]);
        let mut lines = ran.out.lines();
        let header = lines.next().unwrap();
        let names: Vec<String> =
            DEFAULT_TABLE.iter().map(|column| column.name.replace('_', " ")).collect();
        assert_eq!(
            header.split("  ").map(str::trim).filter(|name| !name.is_empty()).collect::<Vec<_>>(),
            names
        );

        let library = vendor.library(CallFilter::new());
        let lines: Vec<&str> = lines.collect();
        assert_eq!(lines.len(), library.len(), "{name}");
        for (line, call) in lines.iter().zip(&library) {
            assert_eq!(*line, line.trim_end(), "{name}: nothing trails");
            let price = column("price").unwrap().cell(call).to_string();
            assert!(line.ends_with(&price), "{name}: {line}");
            let digits = price
                .split_once('.')
                .map_or(0, |(_, places)| places.chars().take_while(char::is_ascii_digit).count());
            assert!(digits <= 6, "{name}: {line}");
            if let Some(at) = call.placed_at {
                assert!(line.starts_with(&at.format("%Y-%m-%dT%H:%M:%SZ ").to_string()), "{line}");
            }
        }
    }
}

#[test]
fn one_line_of_a_listing_is_one_line() {
    // Line breaks, escapes and marks of direction in what a vendor sends must not reach a terminal.
    let vapi = Vendor::serve("vapi", &world(3));
    let row = vapi.simulator.rows()[1].clone();
    let mut hostile = row.value;
    hostile["customer"] = serde_json::json!({ "name": "a\nb\u{1b}[2J\u{202e}c" });
    hostile["assistantId"] = "x\ty".into();
    vapi.simulator.poison(&row.id, &hostile.to_string());
    for words in [vec!["calls"], vec!["costs", "--by", "agent"]] {
        let mut words = words.clone();
        let source = vapi.source();
        words.extend(["-s", &source]);
        let ran = Sandbox::new().run(&words);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.chars().all(|shown| shown == '\n' || !shown.is_control()), "{:?}", ran.out);
        assert!(!ran.out.contains('\u{202e}'), "{:?}", ran.out);
        assert!(ran.out.contains("x y"), "{:?}", ran.out);
    }
}

#[test]
fn what_is_said_is_on_standard_error_and_as_much_as_is_wanted() {
    let vapi = Vendor::serve("vapi", &world(60));
    let source = vapi.source();
    let said = |sandbox: Sandbox, more: &[&str]| {
        let mut words = vec!["calls", "-s", &source, "-o", "ndjson"];
        words.extend(more);
        let ran = sandbox.run(&words);
        assert_eq!((ran.code, ran.calls().len()), (0, 60), "{}", ran.err);
        ran.err
    };
    assert_eq!(said(Sandbox::new(), &["-q"]), "");
    assert_eq!(said(Sandbox::new(), &[]).lines().count(), 1);
    let verbose = said(Sandbox::new(), &["-v"]);
    assert!(verbose.contains("callmux.page") && !verbose.contains("hyper"), "{verbose}");
    assert!(said(Sandbox::new(), &["-vv"]).contains("hyper"));
    let asked =
        said(Sandbox::new().with("RUST_LOG", "callmux_http=debug").with("NO_COLOR", "1"), &[]);
    assert!(asked.contains("callmux.page"), "{asked}");
    assert_eq!(said(Sandbox::new().with("RUST_LOG", "=nonsense="), &[]).lines().count(), 1);
}
