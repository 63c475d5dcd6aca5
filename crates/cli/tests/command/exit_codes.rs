//! How it ends: 0 complete, 1 failure, 2 usage, 3 incomplete, 4 a key was refused; where several hold, 2, 4, 1, 3.

use std::io::{BufRead as _, BufReader, Read as _};

use crate::support::{Sandbox, Vendor, all, arguments, nobody, sources, world};

const POISON: &str = r#"{"customer":{"number":"+15550109999"}}"#;

fn poison(vendor: &Vendor, place: usize) {
    let id = vendor.simulator.rows()[place].id.clone();
    vendor.simulator.poison(&id, POISON);
}

#[test]
fn a_whole_listing_is_0_a_limit_reached_and_an_empty_one_included() {
    let vapi = Vendor::serve("vapi", &world(40));
    let sandbox = Sandbox::new();
    for (more, says) in [
        (vec![], "complete: "),
        (vec!["--limit", "3"], "complete (limit reached): "),
        (vec!["--id", "nobody"], "no call matches"),
    ] {
        let mut arguments = vec!["calls", "-s"];
        let source = vapi.source();
        arguments.push(&source);
        arguments.extend(more);
        let ran = sandbox.run(&arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
    }
    let none = sandbox.run(&["calls", "-s", &vapi.source(), "-n", "0"]);
    assert_eq!(none.code, 0);
    assert!(!none.err.contains("no call matches"), "nothing was asked: {}", none.err);
}

#[test]
fn an_unreachable_host_is_1_and_the_others_are_listed() {
    let vendors = all(30);
    let sandbox = Sandbox::new();
    let alone = sandbox.run(&["calls", "-s", &format!("vapi@http://{}", nobody()), "-o", "json"]);
    assert_eq!((alone.code, alone.out.as_str()), (1, ""));
    assert_eq!(alone.err.lines().count(), 1, "{}", alone.err);
    assert!(alone.err.starts_with("error: vapi: 127.0.0.1:"), "{}", alone.err);
    assert!(alone.err.contains("check the base URL"), "{}", alone.err);

    let dead = format!("vapi:dead@http://{}", nobody());
    let sandbox = sandbox.with("VAPI_DEAD_API_KEY", "any");
    let mut names = sources(&vendors);
    names.extend(["--source".to_owned(), dead]);
    let ran = sandbox.run(&arguments(&["calls", "-o", "ndjson", "--certificate", "c"], &names));
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(ran.calls().len(), 90);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.starts_with("incomplete: "), "{}", ran.err);
    assert!(ran.err.contains("because vapi:dead: 127.0.0.1:"), "{}", ran.err);

    let certificate = sandbox.json("c");
    assert_eq!(certificate["verdict"], "incomplete");
    let reason = &certificate["reasons"][0];
    assert_eq!(
        (&reason["kind"], &reason["account"], &reason["error"]),
        (&"failed".into(), &"dead".into(), &"unavailable".into())
    );

    let stopped = sandbox.run(&arguments(&["calls", "--stop-on-failure", "-o", "json"], &names));
    assert_eq!(stopped.code, 1, "{}", stopped.err);
    assert!(
        stopped.err.lines().last().unwrap().starts_with("error: vapi:dead: "),
        "{}",
        stopped.err
    );
    assert!(
        serde_json::from_str::<serde_json::Value>(&stopped.out).is_err(),
        "half an array is none"
    );

    let sums = sandbox.run(&arguments(&["costs", "--stop-on-failure"], &names));
    assert_eq!((sums.code, sums.out.as_str()), (1, ""), "a sum of a part is no sum");
}

#[test]
fn a_missing_key_is_2_and_nothing_is_sent() {
    let vapi = Vendor::serve("vapi", &world(5));
    let sandbox = Sandbox::without_keys();
    for command in ["calls", "costs", "check", "explain"] {
        let ran = sandbox.run(&[command, "-s", &vapi.source()]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{command}");
        assert_eq!(ran.err, "error: vapi: no key is set; set VAPI_API_KEY\n");
    }
    assert!(vapi.simulator.requests().is_empty());
}

#[test]
fn a_row_that_is_not_understood_is_3_and_its_neighbours_are_unharmed() {
    let vapi = Vendor::serve("vapi", &world(50));
    poison(&vapi, 20);
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["calls", "-s", &vapi.source(), "-o", "ndjson"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert_eq!(ran.calls().len(), 49);
    assert!(ran.err.starts_with("vapi: row "), "{}", ran.err);

    let sums = sandbox.run(&["costs", "-s", &vapi.source(), "-q"]);
    assert_eq!(sums.code, 3, "{}", sums.err);
    assert!(sums.err.contains("incomplete: "), "an incomplete sum says so, quiet or not");
}

#[test]
fn a_refused_key_is_4_alone_and_among_others() {
    let vendors = all(20);
    let sandbox = Sandbox::new().with("VAPI_API_KEY", "wrong");
    let vapi = vendors.iter().find(|vendor| vendor.name == "vapi").unwrap();
    let alone = sandbox.run(&["calls", "-s", &vapi.source(), "-o", "csv"]);
    assert_eq!(alone.code, 4, "{}", alone.err);
    assert!(alone.err.starts_with("error: vapi: 127.0.0.1:"), "{}", alone.err);
    assert!(alone.err.contains("check VAPI_API_KEY"), "{}", alone.err);

    let mut names = sources(&vendors);
    let ran = sandbox.run(&arguments(&["calls", "-o", "ndjson"], &names));
    assert_eq!((ran.code, ran.calls().len()), (4, 40), "{}", ran.err);

    let checked = sandbox.run(&arguments(&["check"], &names));
    assert_eq!(checked.code, 4);
    assert_eq!(checked.out, "autocalls  ok\nvapi  unauthenticated\nburki  ok\n");
    assert_eq!(checked.err.lines().count(), 1, "{}", checked.err);

    // A dead source beside it, and a row that is not understood: 4 before 1 before 3.
    poison(vendors.iter().find(|vendor| vendor.name == "burki").unwrap(), 3);
    names.extend(["--source".to_owned(), format!("vapi:dead@http://{}", nobody())]);
    let sandbox = sandbox.with("VAPI_DEAD_API_KEY", "any");
    let ran = sandbox.run(&arguments(&["calls", "-o", "ndjson"], &names));
    assert_eq!((ran.code, ran.calls().len()), (4, 39), "{}", ran.err);
    let sandbox = Sandbox::new().with("VAPI_DEAD_API_KEY", "any");
    let ran = sandbox.run(&arguments(&["calls", "-o", "ndjson"], &names));
    assert_eq!((ran.code, ran.calls().len()), (1, 59), "{}", ran.err);
}

#[test]
fn a_budget_that_is_used_up_breaks_the_listing_off() {
    let vapi = Vendor::serve("vapi", &world(300));
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["calls", "-s", &vapi.source(), "-o", "json", "--max-requests", "1"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.err);
    assert!(lines[0].contains("the listing is broken off"), "{}", ran.err);
    assert!(
        lines[1].starts_with("error: ") && lines[1].contains("--") || lines[1].contains("raise")
    );
    assert!(serde_json::from_str::<serde_json::Value>(&ran.out).is_err(), "half an array is none");
    assert_eq!(vapi.simulator.requests().len(), 1);
}

/// Whoever reads may go at any time: that is no failure, and nothing to speak of.
#[test]
fn a_closed_pipe_ends_it_quietly() {
    let vendors = all(1500);
    let sandbox = Sandbox::new();
    let names = sources(&vendors);
    for words in [
        vec!["calls", "-o", "ndjson"],
        vec!["calls", "-o", "json"],
        vec!["calls", "-o", "csv"],
        vec!["calls", "-o", "table"],
        vec!["calls", "-o", "ndjson", "--raw", "--checkpoint", "place"],
        vec!["calls", "-v", "-o", "ndjson"],
    ] {
        let mut child = sandbox.command(&arguments(&words, &names)).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{words:?}");
        drop(lines);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}: {said}");
        assert!(words.contains(&"-v") || said.is_empty(), "{words:?}: {said}");
        assert!(!said.contains("panicked"), "{words:?}: {said}");
    }
}

/// Nobody reads what is said: that is no reason to fail either, nor to panic.
#[test]
fn a_closed_standard_error_changes_nothing() {
    let vapi = Vendor::serve("vapi", &world(50));
    poison(&vapi, 20);
    let sandbox = Sandbox::new().with("RUST_LOG", "trace");
    let source = vapi.source();
    let mut child = sandbox.command(&["calls", "-s", &source, "-o", "ndjson"]).spawn().unwrap();
    drop(child.stderr.take());
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(out.lines().count(), 49);
}

/// A disk that is full is told in one line.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_1() {
    let vapi = Vendor::serve("vapi", &world(50));
    let sandbox = Sandbox::new();
    let source = vapi.source();
    for words in [
        vec!["calls", "-s", &source, "-o", "ndjson"],
        vec!["calls", "-s", &source, "-o", "csv"],
        vec!["calls", "-s", &source],
        vec!["costs", "-s", &source],
        vec!["explain", "-s", &source],
        vec!["check", "-s", &source],
        vec!["vendors"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = sandbox.command(&words).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{words:?}: {said}");
        assert!(said.starts_with("error: cannot write: "), "{words:?}: {said}");
    }
}
