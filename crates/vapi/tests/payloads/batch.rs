//! Twenty calls of one batch, two of them in the same millisecond.

use std::collections::BTreeMap;
use std::sync::Arc;

use callmux_core::{CallFilter, CallProviderExt as _};

use super::canned::{Canned, connect};
use super::*;

const PAYLOAD: &str = include_str!("../data/2026-02-outbound-batch-newest-first-ms-tie.json");

fn rows() -> Vec<Value> {
    serde_json::from_str(PAYLOAD).unwrap()
}

#[test]
fn every_row_field_by_field() {
    let calls = calls(PAYLOAD);
    assert_eq!(calls.len(), 20);
    for (call, row) in calls.iter().zip(rows()) {
        let word = row["endedReason"].as_str().unwrap();
        let (status, reason, ended_by) = match word {
            "call.in-progress.error-providerfault-outbound-sip-503-service-unavailable"
            | "call.in-progress.error-sip-outbound-call-failed-to-connect" => {
                ("failed", "error_telephony", "system")
            }
            "customer-did-not-answer" => ("no_answer", "no_answer", "system"),
            "assistant-ended-call" => ("completed", "assistant_hangup", "assistant"),
            "customer-ended-call" => ("completed", "customer_hangup", "customer"),
            "voicemail" => ("completed", "voicemail", "system"),
            word => panic!("{word}"),
        };
        let mut fields = json!({
            "id": row["id"],
            "status": status,
            "vendor_status": "ended",
            "placed_at": row["createdAt"],
            "direction": "outbound",
            "channel": "phone",
            "vendor_channel": "outboundPhoneCall",
            "ended_reason": reason,
            "vendor_ended_reason": word,
            "ended_by": ended_by,
            "customer": row["customer"],
            "times": { "created": row["createdAt"], "updated": row["updatedAt"] },
            "cost": { "state": "unavailable" },
        });
        if word == "voicemail" {
            fields["answered_by"] = "machine".into();
            fields["vendor_answered_by"] = word.into();
        }
        for (theirs, ours) in [("transcript", "transcript"), ("recordingUrl", "recording_url")] {
            if row[theirs] != "" {
                fields[ours] = row[theirs].clone();
            }
        }
        assert_eq!(whole(call), expected(fields));
    }
    let mut statuses = BTreeMap::new();
    for call in &calls {
        *statuses.entry(call.status.value.as_str()).or_insert(0) += 1;
    }
    assert_eq!(statuses, BTreeMap::from([("completed", 3), ("failed", 15), ("no_answer", 2)]));
}

/// The vendor's semantics of `limit` and `createdAtLt`, over the rows as they are in the payload.
fn served(query: &BTreeMap<String, String>) -> Vec<Value> {
    let limit: usize = query["limit"].parse().unwrap();
    let bound = query.get("createdAtLt");
    let within =
        |row: &Value| bound.is_none_or(|bound| row["createdAt"].as_str().unwrap() < bound.as_str());
    rows().into_iter().filter(within).take(limit).collect()
}

#[tokio::test]
async fn the_tie_survives_every_page_size() {
    let tied = at("2026-02-02T16:05:46.328Z");
    for size in 1..=21 {
        let canned = Canned::answering(|query| json!(served(query)).to_string());
        let mut listing =
            Arc::new(connect(&canned, |builder| builder.page_size(size))).calls(CallFilter::new());
        let mut ids = Vec::new();
        let mut in_tie = 0;
        while let Some(call) = listing.next().await {
            let call = call.unwrap();
            in_tie += u32::from(call.placed_at == Some(tied));
            ids.push(call.id.as_str().to_owned());
        }
        assert!(listing.certificate().is_complete(), "{size}: {:?}", listing.certificate());
        let expected: Vec<String> =
            rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!((ids, in_tie), (expected, 2), "{size}");
    }
}

#[tokio::test]
async fn the_walk_asks_again_from_the_last_millisecond() {
    let canned = Canned::answering(|query| json!(served(query)).to_string());
    let mut listing =
        Arc::new(connect(&canned, |builder| builder.page_size(12))).calls(CallFilter::new());
    while let Some(call) = listing.next().await {
        call.unwrap();
    }
    let sent: Vec<_> = canned.queries().into_iter().map(Vec::from_iter).collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    // The eleventh row, an instant above the last, is the bound: one millisecond later, so that it is met. The two rows that
    // come again are asked for on top, and the twin of the twelfth comes with them.
    assert_eq!(
        sent,
        [
            vec![pair("limit", "12")],
            vec![pair("createdAtLt", "2026-02-02T16:05:46.336Z"), pair("limit", "14")],
        ]
    );
}
