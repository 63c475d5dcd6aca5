//! Totals and lines, to the last digit.

use callmux_core::CostState;

use super::*;

/// The cost of a call that was held and is over, but for what these fields say.
fn cost(fields: &Value) -> Value {
    let mut row = json!({ "id": "1", "status": "ended", "startedAt": "2026-01-01T00:00:00.000Z" });
    for (name, value) in fields.as_object().unwrap() {
        row[name] = value.clone();
    }
    whole(&call(&row))["cost"].clone()
}

fn row(payload: &str, without: &[&str]) -> Value {
    let mut row = serde_json::from_str::<Vec<Value>>(payload).unwrap().remove(0);
    for field in without {
        row.as_object_mut().unwrap().remove(*field).unwrap();
    }
    row
}

#[test]
fn the_breakdown_gives_the_lines_where_no_items_came() {
    let voicemail = include_str!("../data/2025-06-outbound-voicemail-vapi-sip.json");
    let read = call(&row(voicemail, &["costs"]));
    let lines = [
        line("stt", "stt", "0.0091", "", ""),
        line("llm", "llm", "0.0031", "", ""),
        line("tts", "tts", "0", "", ""),
        line("platform", "vapi", "0.0424", "", ""),
        line("other", "chat", "0", "", ""),
        line("voicemail_detection", "voicemailDetectionCost", "0.0142", "", ""),
        line("knowledge_base", "knowledgeBaseCost", "0", "", ""),
        line("analysis", "analysis/summary", "0", "", ""),
        line("analysis", "analysis/structuredData", "0", "", ""),
        line("analysis", "analysis/successEvaluation", "0.0001", "", ""),
    ];
    assert_eq!(whole(&read)["cost"]["lines"], json!(lines));
    assert_eq!(read.cost.total.unwrap().to_string(), "0.069 USD");
    // The parts are rounded one by one, so they need not add up, and are not made to.
    assert_eq!(read.cost.unattributed().unwrap().to_string(), "0.0001 USD");

    let web = call(&row(include_str!("../data/2025-09-web-call-tool-calls.json"), &["costs"]));
    let lines = whole(&web)["cost"]["lines"].as_array().unwrap().clone();
    assert!(lines.contains(&line("telephony", "transport", "0", "", "")));
    assert!(lines.contains(&line("analysis", "analysis/structuredData", "0.0003", "", "")));
    assert!(lines.contains(&line("analysis", "analysis/structuredOutput", "0", "", "")));
    assert_eq!(lines.len(), 12);
}

#[test]
fn the_breakdowns_total_stands_in_for_a_missing_one() {
    let payload = include_str!("../data/2025-06-web-call-daily.json");
    let whole = call(&row(payload, &[]));
    assert_eq!(call(&row(payload, &["cost"])).cost, whole.cost);
    let mut other = row(payload, &[]);
    other["cost"] = json!(0.5);
    assert_eq!(call(&other).cost.total.unwrap().to_string(), "0.5 USD");
}

#[test]
fn each_type_of_item_is_a_line() {
    let model = json!({ "provider": "openai", "model": "gpt-4.1" });
    let items = json!([
        { "type": "transport", "provider": "twilio", "minutes": 0.8472, "cost": 0.0071 },
        { "type": "transcriber", "minutes": 0.9332166666666667, "cost": 0.00912396,
          "transcriber": { "provider": "deepgram", "model": "nova-2" } },
        { "type": "model", "promptTokens": 813, "completionTokens": 187, "cachedPromptTokens": 5, "cost": 0.003122, "model": model },
        { "type": "voice", "characters": 818, "cost": 0.01, "voice": { "provider": "11labs", "voiceId": "v1" } },
        { "type": "voice", "characters": 1, "cost": 0.01, "voice": { "voiceId": "v1", "model": "turbo" } },
        { "type": "vapi", "subType": "overage", "minutes": 0.8472, "cost": 0.04236 },
        { "type": "voicemail-detection", "provider": "twilio", "cost": 0.001 },
        { "type": "analysis", "analysisType": "structuredOutput", "promptTokens": 42, "cost": 0.0001, "model": model },
        { "type": "knowledge-base", "promptTokens": 0, "completionTokens": 0, "cost": 0, "model": { "provider": "google" } },
        { "type": "brand-new-cost", "cost": 0.25, "model": model },
        { "cost": 0.125 },
        { "type": "model", "promptTokens": 1 },
    ]);
    let lines = [
        line("telephony", "transport", "0.0071", "0.8472 minutes", "twilio"),
        line("stt", "transcriber", "0.00912396", "0.9332166666666667 minutes", "deepgram/nova-2"),
        line("llm", "model", "0.003122", "1000 tokens", "openai/gpt-4.1"),
        line("tts", "voice", "0.01", "818 characters", "11labs/v1"),
        line("tts", "voice", "0.01", "1 characters", "turbo"),
        line("platform", "vapi/overage", "0.04236", "0.8472 minutes", ""),
        line("voicemail_detection", "voicemail-detection", "0.001", "", "twilio"),
        line("analysis", "analysis/structuredOutput", "0.0001", "42 tokens", "openai/gpt-4.1"),
        line("knowledge_base", "knowledge-base", "0", "0 tokens", "google"),
        line("other", "brand-new-cost", "0.25", "", "openai/gpt-4.1"),
        line("other", "unknown", "0.125", "", ""),
    ];
    let cost = cost(&json!({ "cost": 0.9, "costs": items, "costBreakdown": { "stt": 7 } }));
    assert_eq!(cost["lines"], json!(lines));
    assert_eq!(cost["total"], json!({ "amount": "0.9", "currency": "USD" }));
}

#[test]
fn what_own_keys_pay_for_is_billed_elsewhere() {
    let voice = |provider: &str, characters: u32, dollars: f64| {
        json!({ "type": "voice", "characters": characters, "cost": dollars,
                "voice": { "provider": provider, "voiceId": "v" } })
    };
    let transport = |provider: &str, minutes: f64| json!({ "type": "transport", "provider": provider, "minutes": minutes, "cost": 0 });
    for (item, is_elsewhere) in [
        (voice("11labs", 818, 0.0), true),
        // Nothing was spoken, so nothing was to be paid.
        (voice("11labs", 0, 0.0), false),
        (voice("11labs", 818, 0.0001), false),
        (voice("vapi", 818, 0.0), false),
        (json!({ "type": "voice", "characters": 818, "cost": 0 }), false),
        // Whose model it is, is not said.
        (
            json!({ "type": "model", "promptTokens": 7, "cost": 0, "model": { "model": "m" } }),
            false,
        ),
        (
            json!({ "type": "model", "promptTokens": 7, "cost": 0, "provider": "openai", "model": { "model": "m" } }),
            true,
        ),
        (
            json!({ "type": "transcriber", "minutes": 0.5, "cost": 0, "transcriber": { "provider": "deepgram" } }),
            true,
        ),
        (
            json!({ "type": "model", "promptTokens": 7, "cost": 0, "model": { "provider": "custom-llm", "model": "m" } }),
            true,
        ),
        // An imported number's minutes are the carrier's to charge; Vapi's own ways cost nothing.
        (transport("twilio", 0.5), true),
        (transport("twilio", 0.0), false),
        (transport("daily", 0.5), false),
        (transport("vapi.sip", 0.5), false),
        // Vapi's own fee and what it does with its own models.
        (json!({ "type": "vapi", "minutes": 0.5, "cost": 0 }), false),
        (
            json!({ "type": "analysis", "promptTokens": 9, "cost": 0, "model": { "provider": "google" } }),
            false,
        ),
    ] {
        let row = json!({ "id": "1", "status": "ended", "cost": 0.1, "costs": [item] });
        let cost = call(&row).cost;
        let line = &cost.lines[0];
        assert_eq!((line.billed_elsewhere, line.in_total), (is_elsewhere, !is_elsewhere), "{item}");
        assert_eq!(cost.scope.includes.contains(&line.component), !is_elsewhere, "{item}");
        assert_eq!(cost.scope.excludes.contains(&line.component), is_elsewhere, "{item}");
    }
}

#[test]
fn every_digit_is_kept_and_none_is_guessed() {
    for (text, amount) in [
        ("0.014204399999999999", "0.014204399999999999"),
        ("0.00007275", "0.00007275"),
        ("4.2e-7", "0.00000042"),
        ("1E2", "100"),
        (r#""0.08000000""#, "0.08000000"),
    ] {
        for row in [
            format!(r#"{{"id":"1","status":"ended","cost":{text}}}"#),
            format!(r#"{{"id":"1","status":"ended","costBreakdown":{{"total":{text}}}}}"#),
        ] {
            let cost = read(&row).unwrap().cost;
            assert_eq!(cost.total.unwrap().amount.to_string(), amount, "{row}");
        }
        let row =
            format!(r#"{{"id":"1","costs":[{{"type":"vapi","minutes":{text},"cost":{text}}}]}}"#);
        let line = read(&row).unwrap().cost.lines.remove(0);
        assert_eq!(line.amount.to_string(), format!("{amount} USD"));
        assert_eq!(line.quantity.unwrap().to_string(), amount);
    }
    for text in ["0.12345678901234567890123456789", "1e400", r#""free""#] {
        let cost = read(&format!(r#"{{"id":"1","status":"ended","cost":{text}}}"#)).unwrap().cost;
        assert_eq!((cost.state, cost.total), (CostState::Unavailable, None), "{text}");
        assert_eq!(cost.unreadable.as_deref(), Some(text.trim_matches('"')));
    }
}

#[test]
fn a_zero_is_a_price_only_where_it_can_be_one() {
    let zero_line = json!([{ "type": "vapi", "cost": 0 }]);
    for (fields, state) in [
        // Held, and no bill yet.
        (json!({ "cost": 0 }), "pending"),
        (json!({ "cost": 0, "costs": [], "costBreakdown": {} }), "pending"),
        // Held, and billed nothing for each part.
        (json!({ "cost": 0, "costs": zero_line }), "reported"),
        (json!({ "cost": 0, "costBreakdown": { "vapi": 0 } }), "reported"),
        // Never held.
        (json!({ "cost": 0, "startedAt": null }), "reported"),
        (json!({ "cost": 0.5 }), "reported"),
        (json!({}), "unavailable"),
        // Not over.
        (json!({ "cost": 0, "status": "in-progress", "costs": zero_line }), "pending"),
        (json!({ "cost": 0.5, "status": "in-progress" }), "estimated"),
        (json!({ "status": "in-progress" }), "pending"),
    ] {
        let cost = cost(&fields);
        assert_eq!(cost["state"], state, "{fields}");
        let has_total = matches!(state, "reported" | "estimated");
        assert_eq!(cost.get("total").is_some(), has_total, "{fields}");
        assert_eq!(cost.get("scope").is_some(), has_total, "{fields}");
    }
}

#[test]
fn telephony_is_in_the_total_only_where_a_line_says_so() {
    let scope = |fields: Value| cost(&fields)["scope"].clone();
    let usual = json!({ "includes": ["stt", "llm", "tts", "platform", "analysis"] });
    assert_eq!(scope(json!({ "cost": 0.5 })), usual);
    let transport = json!({ "cost": 0.5, "costs": [{ "type": "transport", "cost": 0.1 }] });
    let with = json!({ "includes": ["telephony", "stt", "llm", "tts", "platform", "analysis"] });
    assert_eq!(scope(transport), with);
}
