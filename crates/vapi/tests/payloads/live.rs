//! Calls that are not over, and those that left little behind.

use std::time::Duration;

use super::*;

#[test]
fn a_queued_call() {
    let expected = expected(json!({
        "id": "a1b2c3d4-0000-4e5f-8a9b-0c1d2e3f0001",
        "status": "queued",
        "vendor_status": "queued",
        "placed_at": "2025-08-14T19:54:48.706Z",
        "direction": "outbound",
        "channel": "phone",
        "vendor_channel": "outboundPhoneCall",
        "customer": { "number": "+15550100186", "name": "Sam G" },
        "line": { "id": "c1b2c3d4-0000-4e5f-8a9b-0c1d2e3f0001" },
        "agent": { "id": "b1b2c3d4-0000-4e5f-8a9b-0c1d2e3f0001" },
        "related": { "carrier_call_id": "CA00000000000000000000000000000001" },
        "times": { "created": "2025-08-14T19:54:48.706Z", "updated": "2025-08-14T19:54:48.706Z" },
        "cost": { "state": "pending" },
    }));
    let calls = calls(include_str!("../data/2025-08-outbound-queued-twilio.json"));
    assert_eq!(calls.iter().map(whole).collect::<Vec<_>>(), [expected]);
}

#[test]
fn partial_states() {
    let calls = calls(include_str!("../data/2026-08-partial-states.json"));
    let variables = json!({
        "call_purpose": "Move the recheck to Tuesday morning",
        "callee": "Riverside Veterinary Clinic",
    });
    let in_progress = expected(json!({
        "id": "01a029e2-1299-7a19-b3d5-9f1e2a7c0002",
        "status": "in_progress",
        "vendor_status": "in-progress",
        "placed_at": "2026-08-22T14:31:16.889Z",
        "direction": "inbound",
        "channel": "phone",
        "vendor_channel": "inboundPhoneCall",
        "transcript": "User: Riverside Veterinary, how can I help?\n",
        "times": {
            "created": "2026-08-22T14:31:16.889Z",
            "started": "2026-08-22T14:31:22Z",
            "updated": "2026-08-22T14:31:22.020Z",
        },
        "cost": { "state": "pending" },
    }));
    // `summary: ""` and `analysis: {}` are no summary and no verdict; the signed link is not taken.
    let ended = expected(json!({
        "id": "01a029e1-c52e-7a19-b3d5-9f1e2a7c0001",
        "status": "completed",
        "vendor_status": "ended",
        "placed_at": "2026-08-22T14:30:57.070Z",
        "direction": "outbound",
        "channel": "phone",
        "vendor_channel": "outboundPhoneCall",
        "ended_reason": "customer_hangup",
        "vendor_ended_reason": "customer-ended-call",
        "ended_by": "customer",
        "transcript": "User: Riverside Veterinary, how can I help?\n",
        "recording_url": "https://0a1b2c3d.r2.cloudflarestorage.com/hipaa-recordings/01a029e1-c52e-7a19-b3d5-9f1e2a7c0001-1787409204000-2df6e5bd-59d4-4ef3-81d5-7024bef00002-mono.wav",
        "variables": variables,
        "times": {
            "created": "2026-08-22T14:30:57.070Z",
            "started": "2026-08-22T14:31:02.400Z",
            "ended": "2026-08-22T14:33:16.910Z",
            "updated": "2026-08-22T14:33:24.311Z",
        },
        "durations": { "talk": 134.51 },
        "cost": { "state": "unavailable" },
    }));
    // It never started, so it has an end and no length.
    let failed = expected(json!({
        "id": "01a0291d-d698-7667-8fb8-d8746e6d0001",
        "status": "failed",
        "vendor_status": "ended",
        "placed_at": "2026-08-22T10:56:56.472Z",
        "direction": "outbound",
        "channel": "phone",
        "vendor_channel": "outboundPhoneCall",
        "ended_reason": "error_transport",
        "vendor_ended_reason": "call.in-progress.error-providerfault-transport-never-connected",
        "ended_by": "system",
        "variables": variables,
        "times": {
            "created": "2026-08-22T10:56:56.472Z",
            "ended": "2026-08-22T10:57:03.100Z",
            "updated": "2026-08-22T10:57:12.004Z",
        },
        "cost": { "state": "unavailable" },
    }));
    let queued = expected(json!({
        "id": "019cda7d-a75d-7ee9-b9db-82c8c1ea0001",
        "status": "queued",
        "vendor_status": "queued",
        "placed_at": "2026-03-11T01:23:13.885Z",
        "channel": "web",
        "vendor_channel": "webCall",
        "agent": { "id": "92aa0cdc-0000-47f4-a993-fe492e540001" },
        "times": { "created": "2026-03-11T01:23:13.885Z", "updated": "2026-03-11T01:23:13.885Z" },
        "cost": { "state": "pending" },
    }));
    assert_eq!(calls.iter().map(whole).collect::<Vec<_>>(), [in_progress, ended, failed, queued]);
    assert_eq!(calls[1].durations.talk, Some(Duration::from_millis(134_510)));
}

#[test]
fn every_state_before_the_end() {
    for (word, status, cost) in [
        ("scheduled", "scheduled", "pending"),
        ("queued", "queued", "pending"),
        ("ringing", "ringing", "pending"),
        ("in-progress", "in_progress", "pending"),
        ("forwarding", "in_progress", "pending"),
        ("not-found", "unknown", "unavailable"),
        ("deletion-failed", "unknown", "unavailable"),
    ] {
        let call = call(&json!({ "id": "1", "status": word }));
        assert_eq!(call.status.value.as_str(), status);
        assert_eq!(call.status.word.as_deref(), Some(word));
        assert_eq!(call.cost.state.as_str(), cost, "{word}");
    }
}

#[test]
fn a_scheduled_call_says_when() {
    let plan =
        json!({ "earliestAt": "2026-09-01T08:00:00.000Z", "latestAt": "2026-09-01T09:00:00.000Z" });
    let created = "2026-08-30T12:00:00.000Z";
    let call = call(&json!({ "id": "1", "createdAt": created, "schedulePlan": plan }));
    assert_eq!(call.times.scheduled, Some(at("2026-09-01T08:00:00Z")));
    assert_eq!(call.placed_at, Some(at(created)));
}

#[test]
fn a_call_without_its_creation_has_no_time_that_vapi_filters_by() {
    let started = "2026-08-30T12:00:05.000Z";
    let call = call(&json!({ "id": "1", "startedAt": started }));
    assert_eq!((call.placed_at, call.times.started), (None, Some(at(started))));
}
