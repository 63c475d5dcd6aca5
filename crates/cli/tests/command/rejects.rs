//! A row that cannot be understood: reported without its content, kept whole where that is asked for.

use serde_json::Value;

use crate::support::{Sandbox, Vendor, all, arguments, sources, world};

#[test]
fn one_broken_row_is_one_broken_row() {
    for vendor in all(90) {
        let broken = vendor.simulator.rows()[40].id.clone();
        vendor.simulator.poison(
            &broken,
            r#"{"customer":{"number":"+15550109999"},"secret_note":"hush","amount":0.10000000000000000001}"#,
        );
        let sandbox = Sandbox::new();
        let ran = sandbox.run(&[
            "calls",
            "-s",
            &vendor.source(),
            "-o",
            "ndjson",
            "--rejects",
            "r",
            "--certificate",
            "c",
        ]);
        assert_eq!(ran.code, 3, "{}", ran.err);
        let left: Vec<String> = ran.calls().iter().map(|call| call.id.to_string()).collect();
        let mut expected: Vec<String> =
            vendor.simulator.rows().into_iter().map(|row| row.id).collect();
        expected.retain(|id| *id != broken);
        assert_eq!(left.len(), 89);
        assert!(
            expected.iter().all(|id| left.contains(id)),
            "{}: its neighbours are unharmed",
            vendor.name
        );

        // Vendor, place, reason; never the payload.
        let lines: Vec<&str> = ran.err.lines().collect();
        assert_eq!(lines.len(), 2, "{}", ran.err);
        assert!(lines[0].starts_with(&format!("{}: row ", vendor.name)), "{}", ran.err);
        assert!(lines[0].contains("was not understood: "), "{}", ran.err);
        assert!(
            lines[1].starts_with("incomplete: ") && lines[1].contains("not understood"),
            "{}",
            ran.err
        );
        for content in ["5550109999", "hush", "0.1000"] {
            assert!(
                !ran.err.contains(content) && !ran.out.contains(content),
                "{content}: {}",
                ran.err
            );
        }

        let kept: Value = serde_json::from_str(&sandbox.read("r")).unwrap();
        assert_eq!((&kept["vendor"], &kept["account"]), (&vendor.name.into(), &vendor.name.into()));
        assert!(kept["row"].as_u64().unwrap() > 0 && kept["reason"].is_string());
        // Whole and to the digit, its secrets aside.
        let raw = r#""raw":{"customer":{"number":"+15550109999"},"secret_note":"***","amount":0.10000000000000000001}}"#;
        assert!(sandbox.read("r").trim_end().ends_with(raw), "{}", sandbox.read("r"));

        let certificate = sandbox.json("c");
        assert_eq!(certificate["verdict"], "incomplete");
        assert_eq!(certificate["reasons"][0]["kind"], "rejected_rows");
        assert_eq!(certificate["reasons"][0]["rows"], 1);
    }
}

#[test]
fn rejects_are_appended_and_an_id_is_named() {
    let vapi = Vendor::serve("vapi", &world(12));
    let id = vapi.simulator.rows()[3].id.clone();
    // A row that names a field twice is refused, and its id is readable all the same; the next is no row at all.
    let twice = format!(r#"{{"id":"{id}","cost":1,"cost":2}}"#);
    vapi.simulator.poison(&id, &twice);
    vapi.simulator.poison(&vapi.simulator.rows()[7].id.clone(), "null");
    let sandbox = Sandbox::new();
    sandbox.write("r", "{\"earlier\":true}\n");
    let ran = sandbox.run(&["calls", "-s", &vapi.source(), "-o", "ndjson", "--rejects", "r", "-q"]);
    assert_eq!((ran.code, ran.calls().len()), (3, 10), "{}", ran.err);
    assert!(ran.err.contains(&format!("(call {id}) was not understood")), "{}", ran.err);
    let kept: Vec<Value> =
        sandbox.read("r").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(kept.len(), 3);
    let of = |id: &Value| kept.iter().find(|kept| kept["id"] == *id).unwrap();
    assert_eq!(of(&id.as_str().into())["raw"], serde_json::from_str::<Value>(&twice).unwrap());
    assert!(kept.iter().any(|kept| kept.get("raw") == Some(&Value::Null)));
}

/// A row nested so deep that reading it costs the stack.
#[test]
fn a_bottomless_row_costs_only_itself() {
    let vapi = Vendor::serve("vapi", &world(12));
    let id = vapi.simulator.rows()[3].id.clone();
    let depth = 100_000;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        for row in [
            format!(r#"{{"id":"{id}","createdAt":"2026-09-01T00:00:00.000Z","metadata":{deep}}}"#),
            format!(r#"{{"id":"{id}","analysis":{deep},"costs":{deep},"artifact":{deep}}}"#),
            deep.clone(),
        ] {
            vapi.simulator.poison(&id, &row);
            let sandbox = Sandbox::new();
            let words = ["calls", "-o", "ndjson", "--raw", "--rejects", "r"];
            let ran = sandbox.run(&arguments(&words, &sources(std::slice::from_ref(&vapi))));
            assert!(matches!(ran.code, 0 | 3), "{}", ran.err);
            assert!(ran.out.lines().count() >= 11, "{}", ran.err);
            for line in ran.out.lines().filter(|line| !line.contains(&id)) {
                serde_json::from_str::<callmux::Call>(line).unwrap();
            }
        }
    }
}
