//! The payload of 2024: every absent field is an explicit `null`.

use std::time::Duration;

use super::*;

const PAYLOAD: &str = include_str!("../data/2024-03-inbound-explicit-nulls.json");

#[test]
fn nulls_are_absent() {
    let calls = calls(PAYLOAD);
    let ringing = expected(json!({
        "id": "4bd29b07-b248-4df3-b9db-29dc821e0001",
        "status": "ringing",
        "vendor_status": "ringing",
        "placed_at": "2024-03-19T10:29:34.426Z",
        "direction": "inbound",
        "channel": "phone",
        "vendor_channel": "inboundPhoneCall",
        "customer": { "number": "+33155501001" },
        "line": { "id": "7cfcdb17-0000-4eaf-b7ef-2630fae10001" },
        "agent": { "id": "0eff0e2a-0000-4fac-b867-3e40f6570001" },
        "related": { "carrier_call_id": "CA00000000000000000000000000000002" },
        "times": { "created": "2024-03-19T10:29:34.426Z", "updated": "2024-03-19T10:29:34.426Z" },
        // A zero on a call that is not over is no price.
        "cost": { "state": "pending" },
    }));
    let ended = expected(json!({
        "id": "8248e704-2a50-40d2-b3a2-bd1d52a70001",
        "status": "completed",
        "vendor_status": "ended",
        "placed_at": "2024-03-19T06:45:44.101Z",
        "direction": "inbound",
        "channel": "phone",
        "vendor_channel": "inboundPhoneCall",
        "ended_reason": "customer_hangup",
        "vendor_ended_reason": "customer-ended-call",
        "ended_by": "customer",
        "customer": { "number": "+33155501001" },
        "line": { "number": "+15550100199", "id": "7cfcdb17-0000-4eaf-b7ef-2630fae10001" },
        "agent": { "id": "0eff0e2a-0000-4fac-b867-3e40f6570001" },
        "transcript": [
            turn("assistant", "Bienvenue. Je me présente, je suis Léo,", "2024-03-19T06:45:51.773Z"),
            turn("customer", "Bonjour Léo.", "2024-03-19T06:46:00.353Z"),
        ],
        "recording_url": "https://auth.vapi.ai/storage/v1/object/public/recordings/1710830770068-910a9cd0-c2ec-4789-9dd5-ab03dad10001.wav",
        "summary": "The conversation is between a user and an AI named Léo.",
        "related": { "carrier_call_id": "CA00000000000000000000000000000002" },
        "times": {
            "created": "2024-03-19T06:45:44.101Z",
            "started": "2024-03-19T06:45:49.876Z",
            "ended": "2024-03-19T06:46:10.068Z",
            "updated": "2024-03-19T06:46:15.220Z",
        },
        "durations": { "talk": 20.192 },
        // A zero without a single line on a call that was held is no price either.
        "cost": { "state": "pending" },
    }));
    assert_eq!(calls.iter().map(whole).collect::<Vec<_>>(), [ringing, ended]);
    assert_eq!(calls[1].durations.talk, Some(Duration::from_millis(20_192)));
    assert_eq!(calls[1].from(), calls[1].customer.as_ref());
    assert_eq!(calls[1].to(), calls[1].line.as_ref());
}

#[test]
fn the_carriers_token_in_an_embedded_number_is_not_read() {
    assert!(PAYLOAD.contains(r#""twilioAuthToken": "REDACTED""#));
    for call in calls(PAYLOAD) {
        assert!(!whole(&call).to_string().contains("REDACTED"));
    }
}
