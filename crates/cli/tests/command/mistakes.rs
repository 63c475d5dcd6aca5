//! Bad input: one line that says what, where and what to do; nothing printed, nothing sent.

use crate::support::{Answers, Sandbox, all, arguments, sources};

/// Runs it, and gives the one line that it says.
fn line_of(sandbox: &Sandbox, words: &[&str], code: i32) -> String {
    let ran = sandbox.run(words);
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{words:?}: {}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{words:?}: {}", ran.err);
    assert!(ran.err.starts_with("error: "), "{words:?}: {}", ran.err);
    ran.err
}

#[test]
fn what_makes_no_sense_is_2_in_one_line() {
    let vendors = all(3);
    let [autocalls, vapi, burki] = [0, 1, 2].map(|index: usize| vendors[index].source());
    let sandbox = Sandbox::new();
    sandbox.write("garbage", "no checkpoint");
    for (words, says) in [
        (vec!["calls", "-s", "bland"], vec!["unknown vendor \"bland\"", "autocalls, vapi, burki"]),
        (
            vec!["calls", "-s", "vapi@"],
            vec!["\"vapi@\" is not a source", "VENDOR[:LABEL][@BASE_URL]"],
        ),
        (
            vec!["calls", "-s", "vapi@ftp://x"],
            vec!["vapi: \"ftp://x\" is not a base URL", "https://"],
        ),
        (vec!["calls", "-s", &vapi, "-s", &vapi], vec!["two sources are called vapi", "label"]),
        (vec!["calls", "-s", &vapi, "--status", "done"], vec!["--status", "\"done\"", "completed"]),
        (vec!["calls", "-s", &vapi, "--direction", "up"], vec!["--direction", "\"up\"", "inbound"]),
        (vec!["calls", "-s", &vapi, "--channel", "fax"], vec!["--channel", "\"fax\"", "phone"]),
        (vec!["calls", "-s", &vapi, "--ended-reason", "x"], vec!["--ended-reason", "voicemail"]),
        (
            vec!["calls", "-s", &vapi, "--from", "31.12.2026"],
            vec!["--from", "\"31.12.2026\"", "2026-01-31"],
        ),
        (vec!["calls", "-s", &vapi, "--to", "2026-02-30"], vec!["--to", "no day 2026-02-30"]),
        (vec!["calls", "-s", &vapi, "--updated-from", "x"], vec!["--updated-from", "\"x\""]),
        (
            vec!["calls", "-s", &vapi, "--from", "2026-03-01", "--to", "2026-02-01"],
            vec!["--from (2026-03-01 00:00:00 UTC)", "--to (2026-02-02 00:00:00 UTC)", "swap them"],
        ),
        (vec!["calls", "-s", &vapi, "--tz", "Mars"], vec!["--tz", "\"Mars\"", "Europe/Berlin"]),
        (vec!["calls", "-s", &vapi, "--limit", "-1"], vec!["--limit", "'-1'"]),
        (vec!["calls", "-s", &vapi, "--page-size", "0"], vec!["--page-size", "'0'"]),
        (
            vec!["calls", "-s", &vapi, "--min-duration", "-1"],
            vec!["--min-duration", "\"-1\"", "seconds"],
        ),
        (vec!["calls", "-s", &vapi, "--min-cost", "much"], vec!["--min-cost", "\"much\"", "0.05"]),
        (vec!["calls", "-s", &vapi, "--agent", ""], vec!["--agent is empty"]),
        (vec!["calls", "-s", &vapi, "-o", "xml"], vec!["--output", "'xml'", "ndjson"]),
        (vec!["costs", "-s", &vapi, "--by", "year"], vec!["--by", "\"year\"", "vendor"]),
        (vec!["calls", "-s", &vapi, "--raw"], vec!["--raw", "-o ndjson"]),
        (vec!["calls", "-s", &vapi, "--checkpoint", "c"], vec!["--checkpoint", "-o ndjson"]),
        (
            vec!["calls", "-s", &vapi, "-o", "ndjson", "--checkpoint", "garbage"],
            vec!["garbage is not a checkpoint", "remove it"],
        ),
        (
            vec!["calls", "-s", &vapi, "-o", "ndjson", "--checkpoint", "no/folder"],
            vec!["cannot write no/folder"],
        ),
        (vec!["calls", "-s", &vapi, "--certificate", "no/folder"], vec!["cannot write no/folder"]),
        (vec!["costs", "-s", &vapi, "--certificate", "no/folder"], vec!["cannot write no/folder"]),
        (vec!["calls", "-s", &vapi, "--rejects", "no/folder"], vec!["cannot write no/folder"]),
        (
            vec!["calls", "-s", &vapi, "--option", "zone=UTC"],
            vec!["\"zone=UTC\"", "LABEL.NAME=VALUE"],
        ),
        (
            vec!["calls", "-s", &vapi, "--option", "burki.x=1"],
            vec!["no source is labelled \"burki\"", "vapi"],
        ),
        (
            vec!["calls", "-s", &vapi, "--option", "vapi.zone=UTC"],
            vec!["vapi: option \"zone\"", "page_size"],
        ),
        (
            vec!["calls", "-s", &vapi, "--option", "vapi.page_size=x"],
            vec!["vapi: option \"page_size\"", "\"x\""],
        ),
        (
            vec!["explain", "-s", &autocalls, "--option", "autocalls.zone=Mars"],
            vec!["\"Mars\"", "UTC"],
        ),
        (
            vec!["simulate", "bland"],
            vec!["\"bland\" cannot be simulated", "autocalls, vapi, burki"],
        ),
        (vec!["calls", "--config", "none.toml"], vec!["cannot read none.toml"]),
        (
            vec!["calls", "-s", &burki, "--campaign", "7", "-o", "json"],
            vec!["burki: cannot filter by campaign"],
        ),
        (
            vec!["calls", "-s", &burki, "--updated-from", "7d", "-o", "csv"],
            vec!["burki: cannot filter by updated"],
        ),
        (
            vec!["costs", "-s", &burki, "--ended-reason", "voicemail"],
            vec!["burki: cannot filter by ended_reason"],
        ),
        (
            vec!["explain", "-s", &burki, "--campaign", "7"],
            vec!["burki: cannot filter by campaign"],
        ),
    ] {
        let line = line_of(&sandbox, &words, 2);
        for part in says {
            assert!(line.contains(part), "{words:?}: {line}");
        }
    }
    // What one source cannot answer is refused for all of them.
    let refused =
        sandbox.run(&arguments(&["calls", "--campaign", "7", "-o", "json"], &sources(&vendors)));
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.starts_with("error: burki: cannot filter by campaign"), "{}", refused.err);
    assert!(refused.err.contains("leave this condition out, or leave this source out"));

    for vendor in &vendors {
        assert!(vendor.simulator.requests().is_empty(), "{}", vendor.name);
    }
}

#[test]
fn no_source_at_all_says_what_there_could_be() {
    let line = line_of(&Sandbox::without_keys(), &["calls"], 2);
    for part in ["AUTOCALLS_API_KEY", "VAPI_API_KEY", "BURKI_API_KEY", "callmux.toml", "--source"] {
        assert!(line.contains(part), "{line}");
    }
}

/// Options of clap's own: more than a line, on standard error, and 2.
#[test]
fn unknown_options_are_usage_too() {
    for words in [vec!["calls", "--foo"], vec!["call"], vec![], vec!["calls", "-v", "-q"]] {
        let ran = Sandbox::new().run(&words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}");
        assert!(ran.err.contains("Usage: callmux"), "{words:?}: {}", ran.err);
    }
}

#[test]
fn what_is_no_answer_of_a_vendor_is_1_in_one_line() {
    let page = "<!DOCTYPE html>\n<html><title>Sign in</title></html>";
    let sandbox = Sandbox::new();
    for (status, content_type, body, code, says) in [
        ("200 OK", "text/html; charset=UTF-8", page, 1, "web page"),
        ("200 OK", "application/json", page, 1, "web page"),
        (
            "302 Found\r\nlocation: http://elsewhere.example/login",
            "text/html",
            page,
            1,
            "redirects elsewhere (302)",
        ),
        ("200 OK", "application/json", r#"{"hello":"world"}"#, 1, "not the JSON expected"),
        ("200 OK", "application/json", "nonsense", 1, "not the JSON expected"),
        ("404 Not Found", "text/html", page, 1, "there is nothing there (404)"),
        (
            "403 Forbidden",
            "application/json",
            r#"{"message":"No plan.\nSorry"}"#,
            1,
            "No plan. Sorry",
        ),
        (
            "400 Bad Request",
            "application/json",
            r#"{"message":["limit is bad"]}"#,
            1,
            "limit is bad",
        ),
        ("401 Unauthorized", "application/json", "{}", 4, "VAPI_API_KEY"),
    ] {
        let answers = Answers::with(status, content_type, body);
        let source = format!("vapi@http://{}", answers.address);
        for command in ["calls", "costs", "check"] {
            let ran = sandbox.run(&[command, "-s", &source]);
            assert_eq!(ran.code, code, "{status} {body}: {}", ran.err);
            assert_eq!(ran.err.lines().count(), 1, "{status} {body}: {}", ran.err);
            let named = format!("error: vapi: {}: ", answers.address);
            assert!(ran.err.starts_with(&named), "{status} {body}: {}", ran.err);
            assert!(ran.err.contains(says), "{status} {body}: {}", ran.err);
            assert!(command == "check" || ran.out.is_empty(), "{status} {body}: {}", ran.out);
        }
    }
}
