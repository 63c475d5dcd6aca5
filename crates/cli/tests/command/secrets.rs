//! Nothing leaks: no key, no phone number in what is said, no secret in a raw row.

use serde_json::{Value, json};

use crate::support::{Answers, KEY, Sandbox, Vendor, all, arguments, sources, world};

/// A row with every kind of secret that a vendor is known to send.
fn telltale(row: &Value) -> String {
    let mut row = row.clone();
    row.as_object_mut().unwrap().remove("cost");
    row["phoneNumber"] = json!({ "twilioAuthToken": "LEAK-1", "number": "+15550100199" });
    row["assistant"] = json!({
        "server": { "url": "https://me:LEAK-2@example.com/hook", "secret": "LEAK-3", "headers": { "x-team": "LEAK-4" } },
        "credentials": [{ "provider": "openai", "apiKey": "LEAK-5" }],
        "model": { "tools": [{ "server": { "headers": { "authorization": "Bearer LEAK-6" } } }] },
    });
    row["transport"] = json!({ "callToken": "LEAK-7", "callSid": "CA1" });
    row["monitor"] =
        json!({ "listenUrl": "wss://x/LEAK-8/listen", "controlUrl": "https://x/LEAK-9/control" });
    row["artifact"] = json!({
        "logUrl": "https://x/log.gz?X-Amz-Credential=LEAK-10&X-Amz-Expires=60&X-Amz-Signature=LEAK-11",
        "messages": [{ "role": "tool", "message": r#"{"api_key":"LEAK-12","n":1}"# }],
    });
    row.to_string().replace("https://x/log.gz", r"https:\/\/x\/log.gz")
}

#[test]
fn raw_rows_are_given_without_their_secrets_and_to_the_digit() {
    let vapi = Vendor::serve("vapi", &world(6));
    let row = vapi.simulator.rows()[2].clone();
    let text =
        telltale(&row.value).replacen('{', "{\"cost\": 0.014204399999999999, \"tiny\":4.2E-7,", 1);
    vapi.simulator.poison(&row.id, &text);
    for format in ["ndjson", "json"] {
        let ran = Sandbox::new().run(&["calls", "-s", &vapi.source(), "-o", format, "--raw"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!ran.out.contains("LEAK-"), "{}", ran.out);
        let line = ran.out.lines().find(|line| line.contains(&row.id)).unwrap();
        let raw = &line[line.find("\"raw\":").unwrap()..];
        for kept in [
            "\"cost\":0.014204399999999999,\"tiny\":4.2E-7,",
            "\"twilioAuthToken\":\"***\"",
            "\"number\":\"+15550100199\"",
            "\"callSid\":\"CA1\"",
            "X-Amz-Expires=60&X-Amz-Signature=***",
        ] {
            assert!(raw.contains(kept), "{kept}: {raw}");
        }
    }
    // A call as callmux knows it has no place for such things.
    for format in ["ndjson", "csv", "table"] {
        let ran = Sandbox::new().run(&["calls", "-s", &vapi.source(), "-o", format]);
        assert!(!ran.out.contains("LEAK-"), "{format}: {}", ran.out);
    }
}

#[test]
fn every_raw_row_is_the_vendors_own_but_for_white_space() {
    for vendor in all(120) {
        let ran = Sandbox::new().run(&["calls", "-s", &vendor.source(), "-o", "ndjson", "--raw"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        for row in vendor.simulator.rows() {
            let sent: Value = serde_json::from_str(&row.text).unwrap();
            let is_it = |line: &&str| {
                let raw = serde_json::from_str::<Value>(line).unwrap()["raw"].take();
                raw["id"] == sent["id"]
            };
            let line = ran.out.lines().find(is_it).unwrap();
            let raw = serde_json::from_str::<Value>(line).unwrap()["raw"].take();
            let masked = raw.to_string().matches("***").count();
            assert!(masked > 0 || raw == sent, "{}\n{raw}\n{sent}", vendor.name);
        }
    }
}

/// `run` sees to it that the key is never on either stream, whatever is asked; here with every log there is.
#[test]
fn no_log_shows_a_key_or_a_number() {
    let vendors = all(40);
    let sandbox = Sandbox::new().with("RUST_LOG", "trace");
    let number = "+49 30 5550 1234 77";
    let names = sources(&vendors);
    for words in [
        vec!["calls", "--customer", number, "-o", "ndjson"],
        vec!["calls", "--customer-contains", "305550123477", "-o", "csv"],
        vec!["costs", "--customer", number],
        vec!["check"],
    ] {
        let ran = sandbox.run(&arguments(&words, &names));
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.err.contains("TRACE"), "nothing was logged");
        for trace in [number, "305550123477", "4930555", "30%205550", "30+5550"] {
            assert!(!ran.err.contains(trace), "{words:?}: {trace} is in the log");
        }
    }
    let refused = Sandbox::new().with("RUST_LOG", "trace").with("VAPI_API_KEY", "another-key-9d2c");
    let ran = refused.run(&arguments(&["calls"], &names));
    assert_eq!(ran.code, 4);
    assert!(!ran.err.contains("another-key-9d2c"), "a wrong key is a key");
}

#[test]
fn what_a_vendor_says_back_is_scrubbed() {
    let said =
        format!(r#"{{"message":"key {KEY} may not call +1 (555) 010-9999 or 15550109998"}}"#);
    for status in ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "422 Unprocessable"] {
        let answers = Answers::with(status, "application/json", &said);
        let ran = Sandbox::new().run(&["calls", "-s", &format!("vapi@http://{}", answers.address)]);
        assert!(matches!(ran.code, 1 | 4), "{}", ran.err);
        assert!(ran.err.contains("may not call +*** or ***"), "{}", ran.err);
    }
}

#[test]
fn what_is_given_by_mistake_is_not_repeated() {
    let sandbox = Sandbox::new();
    sandbox.write("key.toml", "[[account]]\nvendor = \"vapi\"\nkey = \"LEAK-1\"\n");
    sandbox.write("env.toml", "[[account]]\nvendor = \"vapi\"\nkey_env = \"LEAK-2\"\n");
    sandbox.write(
        "url.toml",
        "[[account]]\nvendor = \"vapi\"\nbase_url = \"https://LEAK-3@x.example\"\n",
    );
    for (words, says) in [
        (vec!["calls", "--config", "key.toml"], "never a key"),
        (vec!["calls", "--config", "env.toml"], "not the name of an environment variable"),
        (vec!["calls", "--config", "url.toml"], "it holds credentials"),
        (vec!["calls", "-s", "vapi@https://me:LEAK-4@x.example"], "it holds credentials"),
        (vec!["calls", "-s", "vapi@https://x.example/?api_key=LEAK-5"], "it has a query"),
    ] {
        let ran = sandbox.run(&words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{words:?}: {}", ran.err);
        assert!(!ran.err.contains("LEAK-"), "{words:?}: {}", ran.err);
    }
}
