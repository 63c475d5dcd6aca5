//! Types that are not as documented, words that are new: the row still arrives.

use std::sync::Arc;
use std::time::Duration;

use callmux_core::{CallFilter, CallProvider as _, CallProviderExt as _, PageRequest, Transcript};
use proptest::prelude::*;

use super::canned::{Canned, connect};
use super::*;

const PAYLOAD: &str = include_str!("../data/type-drift-synthetic.json");

#[test]
fn every_row_field_by_field() {
    let calls = calls(PAYLOAD);
    let common = |id: &str, created: &str, updated: &str| {
        json!({
            "id": id,
            "placed_at": created,
            "times": { "created": created, "started": "2026-08-28T12:00:01Z", "updated": updated },
        })
    };
    let with = |mut call: Value, mut fields: Value| {
        call.as_object_mut().unwrap().append(fields.as_object_mut().unwrap());
        call
    };

    let mut boolean = expected(with(
        common(
            "01a0483d-ba03-7000-8000-000000000001",
            "2026-08-28T12:00:00.003Z",
            "2026-08-28T12:03:00.004Z",
        ),
        json!({
            "status": "completed",
            "vendor_status": "ended",
            "direction": "inbound",
            "channel": "phone",
            "vendor_channel": "inboundPhoneCall",
            "ended_reason": "customer_hangup",
            "vendor_ended_reason": "customer-ended-call",
            "ended_by": "customer",
            "summary": "Spoke with the customer.",
            "success": false,
            "vendor_success": "false",
            "durations": { "talk": 60 },
            "cost": {
                "state": "reported",
                "total": { "amount": "0.0871", "currency": "USD" },
                "scope": { "includes": ["stt", "llm", "tts", "platform", "analysis"] },
            },
        }),
    ));
    boolean["times"]["ended"] = "2026-08-28T12:01:01Z".into();

    let mut number = expected(with(
        common(
            "01a0483d-ba02-7000-8000-000000000002",
            "2026-08-28T12:00:00.002Z",
            "2026-08-28T12:03:00.003Z",
        ),
        json!({
            "status": "failed",
            "vendor_status": "ended",
            "direction": "inbound",
            "channel": "phone",
            "vendor_channel": "inboundPhoneCall",
            "ended_reason": "error",
            "vendor_ended_reason": "call.in-progress.error-providerfault-brand-new-provider-failed",
            "ended_by": "system",
            "vendor_success": "7",
            "durations": { "talk": 60 },
            "cost": {
                "state": "reported",
                "total": { "amount": "0.0871", "currency": "USD" },
                "scope": {
                    "includes": ["telephony", "stt", "llm", "tts", "platform", "analysis", "other"],
                },
                "lines": [
                    line("other", "brand-new-cost", "0.00000042", "", ""),
                    line("telephony", "transport", "0.0086", "1.0167 minutes", "brand-new-carrier"),
                ],
            },
        }),
    ));
    number["times"]["ended"] = "2026-08-28T12:01:01Z".into();

    let words = expected(with(
        common(
            "01a0483d-ba01-7000-8000-000000000003",
            "2026-08-28T12:00:00.001Z",
            "2026-08-28T12:03:00.002Z",
        ),
        json!({
            "status": "unknown",
            "vendor_status": "brand-new-status",
            "channel": "unknown",
            "vendor_channel": "brand.newCall",
            "cost": { "state": "unavailable" },
        }),
    ));
    assert_eq!(calls.iter().map(whole).collect::<Vec<_>>(), [boolean, number, words]);
    assert_eq!(calls[0].durations.talk, Some(Duration::from_secs(60)));
    assert_eq!(calls[1].cost.unattributed().unwrap().to_string(), "0.07849958 USD");
}

#[test]
fn a_verdict_in_every_type() {
    for (given, reached, word) in [
        (json!(true), Some(true), Some("true")),
        (json!(false), Some(false), Some("false")),
        (json!("true"), Some(true), Some("true")),
        (json!("False"), Some(false), Some("False")),
        (json!(7), None, Some("7")),
        (json!(0.85), None, Some("0.85")),
        (json!("8/10"), None, Some("8/10")),
        (json!("Excellent"), None, Some("Excellent")),
        (json!(""), None, None),
        (json!(null), None, None),
        (json!({}), None, None),
        (json!(["true"]), None, None),
    ] {
        let call = call(&json!({ "id": "1", "analysis": { "successEvaluation": given } }));
        let read =
            call.success.map_or((None, None), |success| (success.reached, Some(success.word)));
        assert_eq!(read, (reached, word.map(str::to_owned)), "{given}");
    }
}

#[test]
fn times_that_cannot_be_read_or_run_backwards() {
    let call = call(&json!({
        "id": "1",
        "createdAt": "yesterday",
        "startedAt": "2026-08-28T12:00:01.000Z",
        "endedAt": "2026-08-28T12:00:00.000Z",
        "updatedAt": 1_756_382_400,
    }));
    assert_eq!((call.times.created, call.times.updated), (None, None));
    assert_eq!(call.times.ended, Some(at("2026-08-28T12:00:00Z")));
    assert_eq!(call.durations.talk, None);
}

#[test]
fn messages_without_words_or_with_impossible_times() {
    let call = call(&json!({ "id": "1", "artifact": { "messages": [
        { "role": "bot", "message": "Hello.", "time": 1e300 },
        { "role": "user", "message": "", "time": 1_749_546_419_759_i64 },
        { "role": "assistant", "message": "Still there?", "time": "1749546419759.9" },
        { "role": "user" },
        { "role": "tool_call_result", "result": "{}" },
        { "message": "nobody's" },
        "text",
    ] } }));
    let Some(Transcript::Turns(turns)) = call.transcript else { panic!("turns") };
    let turns: Vec<_> = turns.into_iter().map(|turn| (turn.text, turn.at)).collect();
    let said = |text: &str, at| (text.to_owned(), at);
    assert_eq!(
        turns,
        [said("Hello.", None), said("Still there?", Some(at("2025-06-10T09:06:59.759Z"))),]
    );
}

#[test]
fn structured_outputs_of_one_name_do_not_replace_one_another() {
    let call = call(&json!({
        "id": "1",
        "analysis": { "structuredData": { "mood": "good" } },
        "artifact": { "structuredOutputs": {
            "a": { "name": "score", "result": 1 },
            "b": { "name": "score", "result": 2 },
            "c": { "name": "mood", "result": "bad" },
            "d": { "result": true },
            "e": { "name": "empty" },
            "f": 7,
        } },
    }));
    let expected = json!({
        "mood": "good", "score": 1, "b": 2, "c": "bad", "d": true, "empty": null, "f": null,
    });
    assert_eq!(Value::Object(call.evaluation.unwrap()), expected);
}

#[tokio::test]
async fn a_row_without_an_id_is_rejected_and_its_neighbours_are_not() {
    let canned =
        Canned::with(200, r#"[{"id":"1"},{"createdAt":"2026-08-28T12:00:00.000Z"},7,{"id":"2"}]"#);
    let provider = connect(&canned, |builder| builder);
    let page = provider.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap();
    let ids: Vec<&str> = page.calls.iter().map(|call| call.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"]);
    let rejected: Vec<_> =
        page.rejected.iter().map(|rejected| (rejected.row, rejected.reason.as_str())).collect();
    assert_eq!(rejected[0], (2, "it has no id"));
    assert_eq!(rejected[1].0, 3);
    assert_eq!(rejected.len(), 2);
}

#[tokio::test]
async fn a_row_from_the_end_of_time_stops_no_listing() {
    for created in ["+262142-12-31T23:59:59.9995", "-262143-01-01T00:00:00.0"] {
        let canned = Canned::with(200, json!([{ "id": "1", "createdAt": created }]).to_string());
        let provider = Arc::new(connect(&canned, |builder| builder.page_size(1)));
        let mut listing = provider.calls(CallFilter::new());
        assert_eq!(listing.next().await.unwrap().unwrap().id.as_str(), "1");
        assert!(listing.next().await.is_none());
    }
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(Value::from("+262142-12-31T23:59:59.999")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let names =
            "[a-z]{1,4}|cost|type|model|minutes|messages|name|result|mono|role|message|time|number";
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_in_a_field_loses_the_row(
        field in proptest::sample::select(super::published::FIELDS.to_vec()),
        json in any_json(),
    ) {
        let row = json!({ "status": "ended", "id": "1", field: json });
        let read = read(&row.to_string());
        prop_assert!(read.is_ok() || field == "id", "{}", row);
        if let Ok(call) = read {
            let text = serde_json::to_string(&call).unwrap();
            prop_assert!(serde_json::from_str::<Call>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn no_body_panics(body in "\\PC{0,60}") {
        let _ = callmux_http::Answer::read(&Vapi, body.as_bytes());
    }
}

/// Answers with a byte that is no text in the words of one call.
#[derive(Debug)]
struct Broken;

#[async_trait::async_trait]
impl callmux_http::Transport for Broken {
    async fn send(
        &self,
        _: &callmux_http::Request,
    ) -> Result<callmux_http::Response<callmux_http::Body>, callmux_http::TransportError> {
        let body = b"[{\"id\":\"1\",\"summary\":\"caf\xe9\"},{\"id\":\"2\"}]".to_vec();
        Ok(callmux_http::Response { status: 200, headers: Vec::new(), body: body.into() })
    }
}

#[tokio::test]
async fn a_byte_that_is_no_text_costs_no_call() {
    use callmux_core::{CallFilter, CallProviderExt as _};
    let provider = callmux_vapi::builder("a key").transport(std::sync::Arc::new(Broken));
    let provider = std::sync::Arc::new(provider.build().unwrap());
    let mut calls = provider.calls(CallFilter::new());
    let mut summaries = Vec::new();
    while let Some(call) = calls.next().await {
        summaries.push(call.unwrap().summary);
    }
    assert_eq!(summaries, [Some("caf\u{fffd}".to_owned()), None]);
    assert!(calls.certificate().is_complete());
}
