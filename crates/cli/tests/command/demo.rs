//! The demo: what a stranger sees first. Its figures may change with the simulated data, its shape may not.

use std::io::{BufRead as _, BufReader};

use callmux_table::DEFAULT_TABLE;

use crate::support::{KEY, Sandbox};

fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

#[test]
fn it_lists_compares_and_certifies_the_same_on_every_run() {
    let sandbox = Sandbox::without_keys();
    let words = ["demo", "--calls", "200", "--seed", "1"];
    let ran = sandbox.run(&words);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out, sandbox.run(&words).out, "the same seed gives the same demo");
    assert_ne!(ran.out, sandbox.run(&["demo", "--calls", "200", "--seed", "2"]).out);

    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].contains("200 calls"), "{}", lines[0]);
    let header = lines.iter().position(|line| line.starts_with("placed at")).unwrap();
    let names: Vec<String> =
        DEFAULT_TABLE.iter().map(|column| column.name.replace('_', " ")).collect();
    assert_eq!(cells(lines[header]), names);
    let newest = &lines[header + 1..header + 21];
    for line in newest {
        assert!(
            ["autocalls", "vapi", "burki"].iter().any(|vendor| line.contains(vendor)),
            "{line}"
        );
        assert!(line.ends_with(" USD") || line.ends_with(')'), "{line}");
    }
    assert_eq!(lines[header + 21], "", "twenty, and no more");

    let costs = lines.iter().position(|line| line.starts_with("vendor ")).unwrap();
    assert_eq!(
        cells(lines[costs])[..6],
        ["vendor", "calls", "connected", "completed", "minutes", "currency"]
    );
    let groups: Vec<(&str, &str)> =
        lines[costs + 1..costs + 5].iter().map(|line| (cells(line)[0], cells(line)[1])).collect();
    assert_eq!(groups, [("autocalls", "200"), ("burki", "200"), ("vapi", "200"), ("all", "600")]);

    let certificate =
        lines.iter().position(|line| line.starts_with("Certificate: complete")).unwrap();
    for line in &lines[certificate + 1..certificate + 4] {
        assert!(line.contains("200 different calls"), "{line}");
    }
    assert!(ran.out.contains("\nThe report as a page to look at: callmux-report.html\n"));
    let page = sandbox.read("callmux-report.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    for part in ["export VAPI_API_KEY=", "callmux check", "callmux calls ", "callmux costs "] {
        assert!(lines[certificate + 4..].iter().any(|line| line.contains(part)), "{part}");
    }
}

#[test]
fn it_has_an_answer_for_few_calls_and_none() {
    for (calls, rows) in [("0", 0), ("1", 3), ("5", 15)] {
        let ran = Sandbox::without_keys().run(&["demo", "--calls", calls]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let shown = ran.out.lines().skip_while(|line| !line.starts_with("placed at")).skip(1);
        assert_eq!(shown.take_while(|line| !line.is_empty()).count(), rows, "{}", ran.out);
    }
}

/// What `simulate` prints can be pasted.
#[test]
fn simulated_vendors_can_be_listed_by_what_is_printed() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(&["simulate", "--calls", "40"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for vendor in ["autocalls", "vapi", "burki"] {
        let line = lines.next().unwrap().unwrap();
        let mut words = line.split(' ');
        let (variable, key) = words.next().unwrap().split_once('=').unwrap();
        assert_eq!(words.next(), Some("callmux"));
        let words: Vec<&str> = words.chain(["-o", "ndjson"]).collect();
        let listed = Sandbox::without_keys().with(variable, key).run(&words);
        assert_eq!((listed.code, listed.calls().len()), (0, 40), "{line}: {}", listed.err);
        assert!(listed.calls().iter().all(|call| call.vendor.as_str() == vendor));
        let refused = Sandbox::without_keys().with(variable, KEY).run(&words);
        assert_eq!(refused.code, 4, "{}", refused.err);
    }
    child.kill().unwrap();
    let said = child.wait_with_output().unwrap().stderr;
    assert_eq!(String::from_utf8(said).unwrap(), "serving until interrupted (Ctrl-C)\n");
}

#[test]
fn it_prints_what_the_readme_says_it_prints() {
    let readme = include_str!("../../../../README.md");
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next());
    let ran = Sandbox::without_keys().run(&["demo"]);
    let mut printed = ran.out.lines();
    for line in shown.expect("the README shows the demo").lines() {
        // An ellipsis stands for lines that the README leaves out.
        if line != "…" {
            let found = printed.any(|printed| printed.trim_end() == line);
            assert!(found, "the demo does not print, or not in this order: {line}");
        }
    }
}
