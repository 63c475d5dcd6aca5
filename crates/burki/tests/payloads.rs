//! Every list and call that is documented, observed, or made from the published schema (`data/SOURCES.md`), field by field.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod support;

use callmux_core::{Call, CallFilter, CallPage, CallProvider as _, PageRequest};
use serde_json::{Value, json};
use support::{data, hosted, ok};

/// The page that a body is read as.
async fn page(body: &str) -> CallPage {
    let (provider, _) = hosted([ok(body)]);
    let page = provider.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap();
    assert!(page.rejected.is_empty(), "{:?}", page.rejected);
    assert_eq!(page.sources[0].rows, page.calls.len() as u64);
    page
}

/// The public JSON of the calls in a file, and the total beside them.
async fn read(name: &str) -> (Vec<Value>, Option<u64>) {
    let page = page(&data(name)).await;
    (page.calls.iter().map(public).collect(), page.sources[0].total)
}

fn public(call: &Call) -> Value {
    serde_json::to_value(call).unwrap()
}

/// A cost in dollars: the total, and the lines that have an amount.
fn bill(total: &str, parts: &[(&str, &str)]) -> Value {
    let usd = |amount: &str| json!({ "amount": amount, "currency": "USD" });
    let line = |(component, amount): &(&str, &str)| {
        json!({
            "component": component, "label": format!("{component}_cost"), "amount": usd(amount), "in_total": true,
        })
    };
    let lines: Vec<Value> = parts.iter().map(line).collect();
    json!({
        "state": "reported", "total": usd(total), "lines": lines,
        "scope": { "includes": ["telephony", "stt", "llm", "tts"], "excludes": ["platform"] },
    })
}

/// What every row of the observed pages and their costed twins shares, under the fields given.
fn row(fields: Value) -> Value {
    let mut row = json!({
        "vendor": "burki", "account": "burki", "detail": "summary", "channel": "phone", "direction": "inbound",
        "status": "completed", "vendor_status": "completed",
        "line": { "number": "+15550001001" }, "agent": { "id": "201", "name": "ServiceBot" },
        "cost": { "state": "unavailable" },
    });
    let Value::Object(fields) = fields else { panic!("no fields") };
    for (name, value) in fields {
        match value {
            Value::Null => row.as_object_mut().unwrap().remove(&name),
            value => row.as_object_mut().unwrap().insert(name, value),
        };
    }
    row
}

/// The twelve calls of the mixed pages, in the order sent: the one without a start first.
fn twelve() -> Vec<Value> {
    let of_202 = || json!({ "id": "202", "name": "Ünïcode – Support 日本語" });
    let sid =
        |end: &str| json!({ "carrier_call_id": format!("CA0f3a1c5be2d94e7788aa0011223344{end}") });
    vec![
        row(json!({
            "id": "9011", "related": sid("63"), "customer": { "number": "+15557654328" },
            "times": { "ended": "2026-04-15T12:16:05Z" }, "durations": { "talk": 5 },
            "metadata": {
                "nested": { "a": [1, 2, { "b": "c" }] }, "big": 12_345_678_901_234_567_890_u64,
                "n": 1e21, "tiny": 1e-7, "note": "café ☎",
            },
            "cost": bill("0.04", &[("llm", "0.02"), ("stt", "0.01"), ("telephony", "0.01")]),
        })),
        row(json!({
            "id": "9012", "related": sid("64"), "customer": { "number": "+15557654329" },
            "placed_at": "2026-04-15T12:17:00Z",
            "times": { "started": "2026-04-15T12:17:00Z", "ended": "2026-04-15T12:17:00Z" },
            "durations": { "talk": 0 },
            "cost": bill("100.0", &[
                ("llm", "40.0"), ("tts", "30.0"), ("stt", "20.0"), ("telephony", "10.0"),
            ]),
        })),
        row(json!({
            "id": "9010", "related": sid("62"), "customer": { "number": "+15557654327" },
            "line": { "number": "+15550001002" }, "agent": of_202(),
            "status": "in_progress", "vendor_status": "in-progress",
            "placed_at": "2026-04-15T12:15:00Z", "times": { "started": "2026-04-15T12:15:00Z" },
            "cost": { "state": "pending" },
        })),
        row(json!({
            "id": "9009", "related": sid("61"), "customer": { "number": "+15557654326" },
            "line": { "number": "+15550001002" }, "agent": of_202(), "direction": "outbound",
            "status": "busy", "vendor_status": "busy",
            "placed_at": "2026-04-15T12:14:00Z", "times": { "started": "2026-04-15T12:14:00Z" },
            "metadata": { "outbound": true, "agenda": "Call back", "custom_welcome_message": "Hi José 👋" },
            "cost": bill("0.0000315", &[
                ("llm", "0.0000315"), ("tts", "0.0"), ("stt", "0.0"), ("telephony", "0.0"),
            ]),
        })),
        row(json!({
            "id": "9008", "related": sid("60"), "customer": { "number": "+15557654325" },
            "line": { "number": "+15550001002" }, "agent": of_202(), "direction": "outbound",
            "status": "no_answer", "vendor_status": "no-answer",
            "placed_at": "2026-04-15T12:13:00Z",
            "times": { "started": "2026-04-15T12:13:00Z", "ended": "2026-04-15T12:13:30Z" },
            "durations": { "talk": 0 },
            "metadata": { "outbound": true, "agenda": null, "custom_welcome_message": null },
            "cost": bill("0.0085", &[
                ("llm", "0.0"), ("tts", "0.0"), ("stt", "0.0"), ("telephony", "0.0085"),
            ]),
        })),
        row(json!({
            "id": "9007", "related": sid("5f"), "line": null,
            "placed_at": "2026-04-15T12:12:00Z", "times": { "started": "2026-04-15T12:12:00Z" },
        })),
        row(json!({
            "id": "9006", "related": sid("5e"), "customer": { "number": "anonymous" },
            "status": "failed", "vendor_status": "failed",
            "placed_at": "2026-04-15T12:11:00Z",
            "times": { "started": "2026-04-15T12:11:00Z", "ended": "2026-04-15T12:11:09.250Z" },
        })),
        row(json!({
            "id": "9005", "related": sid("5d"), "customer": { "number": "+15557654324" },
            "status": "failed", "vendor_status": "failed",
            "placed_at": "2026-04-15T12:10:00Z",
            "times": { "started": "2026-04-15T12:10:00Z", "ended": "2026-04-15T12:10:05Z" },
            "durations": { "talk": 0 },
            "cost": bill("0.0", &[("llm", "0.0"), ("tts", "0.0"), ("stt", "0.0"), ("telephony", "0.0")]),
        })),
        row(json!({
            "id": "9004", "related": sid("5c"), "customer": { "number": "+15557654323" },
            "status": "in_progress", "vendor_status": "ongoing",
            "placed_at": "2026-04-15T12:00:00.500Z", "times": { "started": "2026-04-15T12:00:00.500Z" },
            "cost": { "state": "pending" },
        })),
        row(json!({
            "id": "9003", "related": { "carrier_call_id": "v3:KlbZ0c1pQ2mR-aa11bb22cc33dd44ee55ff66" },
            "customer": { "number": "+442079460958" }, "line": { "number": "+15550001002" }, "agent": of_202(),
            "placed_at": "2026-04-15T11:00:00.000001Z",
            "times": { "started": "2026-04-15T11:00:00.000001Z", "ended": "2026-04-15T11:59:59.000001Z" },
            "durations": { "talk": 3599 },
            "metadata": {
                "provider": "telnyx", "call_session_id": "428c31b6-7af4-4bcb-b7f5-5013ef9657c1",
                "streaming_enabled": false,
            },
            "cost": bill("1.2345678901234567", &[
                ("llm", "0.5"), ("tts", "0.4345678901234567"), ("stt", "0.1"), ("telephony", "0.2"),
            ]),
        })),
        row(json!({
            "id": "9002", "related": sid("5b"), "customer": { "number": "+15557654322" }, "direction": "outbound",
            "placed_at": "2026-04-15T10:05:12.345678Z",
            "times": { "started": "2026-04-15T10:05:12.345678Z", "ended": "2026-04-15T10:06:13.991204Z" },
            "durations": { "talk": 61 },
            "metadata": { "outbound": true, "agenda": "Confirm appointment", "custom_welcome_message": null },
            "cost": bill("0.30000000000000004", &[
                ("llm", "0.1"), ("tts", "0.2"), ("stt", "0.0"), ("telephony", "0.0"),
            ]),
        })),
        row(json!({
            "id": "9001", "related": sid("5a"), "customer": { "number": "+15557654321" },
            "placed_at": "2026-04-15T10:00:00Z",
            "times": { "started": "2026-04-15T10:00:00Z", "ended": "2026-04-15T10:03:00Z" },
            "durations": { "talk": 180 },
            "metadata": { "customer_id": "cust_abc123", "campaign": "winter_outreach" },
            "cost": bill("0.05", &[
                ("llm", "0.02"), ("tts", "0.01"), ("stt", "0.01"), ("telephony", "0.01"),
            ]),
        })),
    ]
}

/// The same calls as the public server sends them: without a cost and without the assistant's name.
fn bare(calls: &[Value]) -> Vec<Value> {
    let mut calls = calls.to_vec();
    for call in &mut calls {
        call["agent"].as_object_mut().unwrap().remove("name");
        let is_live = call["status"] == "in_progress";
        call["cost"] = json!({ "state": if is_live { "pending" } else { "unavailable" } });
    }
    calls
}

fn same(given: &[Value], expected: &[Value]) {
    for (given, expected) in given.iter().zip(expected) {
        assert_eq!(given, expected, "\n{given:#}\n{expected:#}");
    }
    assert_eq!(given.len(), expected.len());
}

#[tokio::test]
async fn the_hosted_servers_schema() {
    let (calls, total) = read("paginated-standin-page-mixed").await;
    same(&calls, &twelve());
    assert_eq!(total, Some(12));
}

#[tokio::test]
async fn zoned_times_and_the_older_name_of_a_flow_change_nothing() {
    same(&read("paginated-standin-assistant-graph-name").await.0, &twelve());
    same(&read("paginated-standin-aware-timestamps").await.0, &twelve()[..4]);
}

#[tokio::test]
async fn pages_of_the_hosted_servers_schema() {
    for (name, expected, total) in [
        ("paginated-standin-page-1-of-3", &twelve()[..5], 12),
        ("paginated-standin-page-3-of-3", &twelve()[10..], 12),
        ("paginated-standin-ongoing-null-costs", &twelve()[8..9], 1),
        ("paginated-standin-empty", &[], 0),
        ("paginated-standin-skip-past-end", &[], 12),
    ] {
        let (calls, counted) = read(name).await;
        same(&calls, expected);
        assert_eq!(counted, Some(total), "{name}");
    }
}

#[tokio::test]
async fn the_public_servers_lists() {
    let all = bare(&twelve());
    let pick = |ids: &[&str]| -> Vec<Value> {
        ids.iter().map(|id| all.iter().find(|call| call["id"] == *id).unwrap().clone()).collect()
    };
    for (name, expected) in [
        ("array-page-mixed-statuses", all.clone()),
        ("array-page-limit-3", pick(&["9012", "9010", "9009"])),
        ("array-filter-ongoing", pick(&["9004"])),
        ("array-filter-duration-excludes-null", pick(&["9011", "9012", "9008", "9005"])),
        ("array-empty", vec![]),
    ] {
        let (calls, total) = read(name).await;
        same(&calls, &expected);
        assert_eq!(total, None, "{name}");
    }
}

/// One of the calls that share instants.
fn tied(number: u32, minute: u32) -> Value {
    let started = format!("2026-03-01T00:0{minute}:00Z");
    json!({
        "vendor": "burki", "account": "burki", "id": (89_899 + number).to_string(), "detail": "summary",
        "status": "completed", "vendor_status": "completed", "channel": "phone", "direction": "inbound",
        "placed_at": started, "times": { "started": started }, "durations": { "talk": 30 },
        "customer": { "number": format!("+155500000{number:02}") }, "line": { "number": "+15550001001" },
        "agent": { "id": "90" }, "related": { "carrier_call_id": format!("CAg{number}") },
        "metadata": { "campaign": "x" }, "cost": { "state": "unavailable" },
    })
}

#[tokio::test]
async fn the_public_servers_lists_of_calls_that_share_instants() {
    let ties: [&[(u32, u32)]; 5] = [
        &[(4, 2), (3, 2), (2, 1), (5, 1)],
        &[(2, 1), (11, 0), (1, 0), (12, 0)],
        &[(6, 0), (7, 0), (8, 0), (10, 0)],
        &[],
        &[
            (4, 2),
            (3, 2),
            (9, 1),
            (5, 1),
            (2, 1),
            (11, 0),
            (1, 0),
            (12, 0),
            (6, 0),
            (7, 0),
            (8, 0),
            (10, 0),
        ],
    ];
    for (name, ties) in
        ["page-1", "page-2", "page-3", "page-4", "single-request"].into_iter().zip(ties)
    {
        let expected: Vec<Value> =
            ties.iter().map(|(number, minute)| tied(*number, *minute)).collect();
        same(&read(&format!("array-skip-walk-ties-{name}")).await.0, &expected);
    }
}

/// The call of the vendor's own examples, which differ in the names of fields only.
fn documented(fields: &Value) -> Value {
    let mut call = row(json!({
        "id": "101", "related": { "carrier_call_id": "CAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
        "customer": { "number": "+15559876543" }, "line": { "number": "+15551234567" },
    }));
    for (name, value) in fields.as_object().unwrap() {
        call[name] = value.clone();
    }
    call
}

#[tokio::test]
async fn the_vendors_own_examples() {
    let costed = documented(&json!({
        "agent": { "id": "123", "name": "ServiceBot" },
        "placed_at": "2024-01-15T10:00:00Z",
        "times": { "started": "2024-01-15T10:00:00Z", "ended": "2024-01-15T10:03:00Z" },
        "durations": { "talk": 180 },
        "metadata": { "customer_id": "cust_abc123", "campaign": "winter_outreach" },
        "cost": bill("0.05", &[("llm", "0.02"), ("tts", "0.01"), ("stt", "0.01"), ("telephony", "0.01")]),
    }));
    for name in ["documented-paginated-2026-01", "documented-paginated-2026-04"] {
        let (calls, total) = read(name).await;
        same(&calls, std::slice::from_ref(&costed));
        assert_eq!(total, Some(1250));
    }

    // One amount, of which nothing says what it covers, and two more times, of which neither orders the list.
    let oldest = documented(&json!({
        "agent": { "id": "123" },
        "placed_at": "2023-10-30T10:00:00Z",
        "times": {
            "created": "2023-10-30T10:00:00Z", "started": "2023-10-30T10:00:00Z",
            "ended": "2023-10-30T10:05:00Z", "updated": "2023-10-30T10:05:00Z",
        },
        "durations": { "talk": 300 },
        "metadata": { "customer_id": "cust_abc123" },
        "cost": { "state": "reported", "total": { "amount": "0.05", "currency": "USD" } },
    }));
    same(&read("documented-bare-array-2025-07").await.0, &[oldest]);
}

#[tokio::test]
async fn a_call_by_its_id() {
    let (provider, asked) = hosted([ok(data("call-by-id"))]);
    let call = provider.get("9001").await.unwrap();
    same(&[public(&call)], &bare(&twelve()[11..]));
    assert_eq!(asked.asked(), ["https://api.burki.dev/api/v1/calls/9001"]);
}

/// The one call that a row is read as.
async fn one(row: &Value) -> Call {
    page(&json!([row]).to_string()).await.calls.remove(0)
}

#[tokio::test]
async fn a_row_that_lacks_all_but_its_id_is_a_call() {
    let call = one(&json!({ "id": 7 })).await;
    let expected = json!({
        "vendor": "burki", "account": "burki", "id": "7", "status": "unknown", "direction": "inbound",
        "detail": "summary", "cost": { "state": "unavailable" },
    });
    assert_eq!(public(&call), expected);
}

#[tokio::test]
async fn a_surprise_costs_its_field_and_not_its_row() {
    let call = one(&json!({
        "id": "8", "status": ["completed"], "duration": -5, "started_at": 1_776_000_000, "assistant_id": null,
        "call_meta": "none", "total_cost": "a lot", "llm_cost": "0.25", "brand_new": {},
    }))
    .await;
    let expected = json!({
        "vendor": "burki", "account": "burki", "id": "8", "status": "unknown", "direction": "inbound",
        "detail": "summary",
        "cost": {
            "state": "unavailable", "unreadable": "a lot",
            "lines": [{
                "component": "llm", "label": "llm_cost", "in_total": true,
                "amount": { "amount": "0.25", "currency": "USD" },
            }],
        },
    });
    assert_eq!(public(&call), expected);
}

#[tokio::test]
async fn unknown_words_are_kept_beside_unknown() {
    for word in ["pending", "transferred", "COMPLETED", "completed ", "初期化"] {
        let call = public(&one(&json!({ "id": 1, "status": word })).await);
        assert_eq!((&call["status"], &call["vendor_status"]), (&json!("unknown"), &json!(word)));
    }
    for word in ["canceled", "cancelled"] {
        let call = public(&one(&json!({ "id": 1, "status": word })).await);
        assert_eq!((&call["status"], &call["vendor_status"]), (&json!("canceled"), &json!(word)));
    }
}

#[tokio::test]
async fn what_carried_a_call_is_read_from_its_identifier() {
    for (sid, meta, channel, direction) in [
        ("browser_call_LKa1b2", json!({}), json!("web"), Value::Null),
        ("browser_call_LKa1b2", json!({ "outbound": true }), json!("web"), json!("outbound")),
        ("CA00", json!({ "outbound": false }), json!("phone"), json!("inbound")),
        ("CA00", json!({ "outbound": "true" }), json!("phone"), json!("inbound")),
        ("v3:x", Value::Null, json!("phone"), json!("inbound")),
        ("8f2b6a1e-63aa", json!({ "outbound": true }), Value::Null, json!("outbound")),
    ] {
        let call = public(&one(&json!({ "id": 1, "call_sid": sid, "call_meta": meta })).await);
        assert_eq!((&call["channel"], &call["direction"]), (&channel, &direction), "{sid} {meta}");
        assert_eq!(call["related"]["carrier_call_id"], sid);
        assert_eq!(call.get("vendor_channel"), None);
    }
}

#[tokio::test]
async fn a_currency_is_dollars_unless_said_and_never_guessed() {
    for (currency, expected) in [
        (Value::Null, json!({ "amount": "0.5", "currency": "USD" })),
        (json!("eur"), json!({ "amount": "0.5", "currency": "EUR" })),
    ] {
        let row =
            json!({ "id": 1, "status": "completed", "total_cost": 0.5, "cost_currency": currency });
        assert_eq!(public(&one(&row).await)["cost"]["total"], expected);
    }
    let row =
        json!({ "id": 1, "status": "completed", "total_cost": 0.5, "cost_currency": "credits" });
    let cost = public(&one(&row).await)["cost"].clone();
    assert_eq!(cost, json!({ "state": "unavailable", "unreadable": "credits" }));
}
