//! Every field that Vapi publishes or was seen to send is read, or the README says that it is not.

use std::collections::BTreeSet;

use super::*;

/// The published response fields, then those that real payloads add.
pub(super) const FIELDS: [&str; 56] = [
    "id",
    "orgId",
    "createdAt",
    "updatedAt",
    "type",
    "costs",
    "messages",
    "phoneCallTransport",
    "status",
    "endedReason",
    "endedMessage",
    "destination",
    "startedAt",
    "endedAt",
    "cost",
    "costBreakdown",
    "artifactPlan",
    "analysis",
    "monitor",
    "artifact",
    "compliance",
    "campaignId",
    "assistantId",
    "assistant",
    "assistantOverrides",
    "squadId",
    "squad",
    "squadOverrides",
    "workflowId",
    "workflow",
    "workflowOverrides",
    "phoneNumberId",
    "phoneNumber",
    "customerId",
    "customer",
    "name",
    "schedulePlan",
    "transport",
    "phoneCallProvider",
    "phoneCallProviderId",
    "assistantVersion",
    "squadVersion",
    "transcript",
    "summary",
    "recordingUrl",
    "stereoRecordingUrl",
    "metadata",
    "webCallUrl",
    "webCallSipUri",
    "phoneCallProviderDetails",
    "phoneCallProviderBypassEnabled",
    "subscriptionLimits",
    "maxDurationSeconds",
    "twilioCallSid",
    "twilioCallStatus",
    "forwardedPhoneNumber",
];

/// The published parts of the two fields that hold what a call left behind.
const PARTS: [&str; 32] = [
    "analysis.summary",
    "analysis.successEvaluation",
    "analysis.structuredData",
    "analysis.structuredDataMulti",
    "artifact.messages",
    "artifact.messagesOpenAIFormatted",
    "artifact.skippedStructuredOutputs",
    "artifact.transfers",
    "artifact.recordingUrl",
    "artifact.stereoRecordingUrl",
    "artifact.videoRecordingUrl",
    "artifact.videoRecordingStartDelaySeconds",
    "artifact.recording",
    "artifact.transcript",
    "artifact.pcapUrl",
    "artifact.logUrl",
    "artifact.nodes",
    "artifact.assistantActivations",
    "artifact.variableValues",
    "artifact.variables",
    "artifact.performanceMetrics",
    "artifact.structuredOutputs",
    "artifact.scorecards",
    "artifact.structuredOutputsLastUpdatedAt",
    "artifact.presignedMonoUrl",
    "artifact.presignedStereoUrl",
    "artifact.presignedVideoUrl",
    "artifact.presignedAssistantUrl",
    "artifact.presignedCustomerUrl",
    "artifact.presignedPcapUrl",
    "artifact.presignedLogUrl",
    "artifact.presignedUrlsExpiresAt",
];

/// A value that a field may have, other than what [`base`] has.
fn sample(field: &str) -> Value {
    let instant = json!("2026-05-01T10:00:00.000Z");
    let message = json!([{ "role": "bot", "message": "Hello.", "time": 1_777_629_600_000_i64 }]);
    match field {
        "createdAt" | "updatedAt" | "startedAt" | "endedAt" => instant,
        "type" => json!("webCall"),
        "status" => json!("queued"),
        "phoneCallTransport" => json!("sip"),
        "cost" => json!(0.5),
        "costs" => json!([{ "type": "vapi", "cost": 0.5 }]),
        "costBreakdown" => json!({ "total": 0.5 }),
        "messages" | "artifact.messages" => message,
        "schedulePlan" => json!({ "earliestAt": instant }),
        "transport" => json!({ "callSid": "CA1", "provider": "twilio" }),
        "customer" | "phoneNumber" => json!({ "number": "+15550100100" }),
        "assistant" | "assistantOverrides" | "squad" => json!({ "name": "Morgan" }),
        "metadata" | "artifact.variableValues" | "analysis.structuredData" => json!({ "k": "v" }),
        "artifact.structuredOutputs" => json!({ "a": { "name": "score", "result": 1 } }),
        "artifact.recording" => {
            json!({ "mono": { "combinedUrl": "https://recordings.example/1" } })
        }
        "artifact" => json!({ "transcript": "AI: Hello.\n" }),
        "analysis" => json!({ "summary": "Hello." }),
        "destination" | "monitor" | "compliance" | "workflow" | "squadOverrides" => {
            json!({ "number": "+15550100100", "name": "Morgan" })
        }
        _ => json!("text"),
    }
}

fn base() -> Value {
    json!({ "id": "1", "type": "outboundPhoneCall", "status": "ended" })
}

fn with(field: &str) -> Value {
    let mut row = base();
    match field.split_once('.') {
        Some((outer, inner)) => row[outer] = json!({ inner: sample(field) }),
        None => row[field] = sample(field),
    }
    row
}

#[test]
fn what_is_not_read_is_what_the_readme_says() {
    let nothing = whole(&call(&base()));
    let ignored: BTreeSet<&str> = FIELDS
        .into_iter()
        .chain(PARTS)
        .filter(|field| whole(&call(&with(field))) == nothing)
        .collect();

    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("\n## Not read\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let listed: BTreeSet<&str> = section.split('`').skip(1).step_by(2).collect();
    assert_eq!(ignored, listed);
}

#[test]
fn the_parts_of_a_field_that_are_read() {
    for (row, pointer, expected) in [
        (
            json!({ "customer": { "sipUri": "sip:sam@example.com" } }),
            "/customer/number",
            "sip:sam@example.com",
        ),
        (
            json!({ "customer": { "number": "+1", "sipUri": "sip:sam@example.com" } }),
            "/customer/number",
            "+1",
        ),
        (json!({ "customerId": "c1" }), "/customer/id", "c1"),
        (json!({ "customer": { "name": "Sam" } }), "/customer/name", "Sam"),
        (json!({ "phoneNumber": { "twilioPhoneNumber": "+2" } }), "/line/number", "+2"),
        (
            json!({ "phoneNumber": { "number": "+3", "twilioPhoneNumber": "+2" } }),
            "/line/number",
            "+3",
        ),
        (json!({ "phoneNumberId": "p1" }), "/line/id", "p1"),
        (
            json!({ "phoneCallProviderId": "CA1", "transport": { "callSid": "CA2" } }),
            "/related/carrier_call_id",
            "CA1",
        ),
        (json!({ "transport": { "callSid": "CA2" } }), "/related/carrier_call_id", "CA2"),
        (json!({ "transport": { "callControlId": "v3:1" } }), "/related/carrier_call_id", "v3:1"),
        (
            json!({ "transport": { "conversationUUID": "CON-1" } }),
            "/related/carrier_call_id",
            "CON-1",
        ),
        (json!({ "assistantId": "a1", "assistant": { "name": "Morgan" } }), "/agent/id", "a1"),
        (
            json!({ "assistantId": "a1", "assistant": { "name": "Morgan" } }),
            "/agent/name",
            "Morgan",
        ),
        (json!({ "assistantOverrides": { "name": "Alex" } }), "/agent/name", "Alex"),
        (
            json!({ "squadId": "s1", "squad": { "name": "Night shift" } }),
            "/agent/name",
            "Night shift",
        ),
        (json!({ "campaignId": "k1" }), "/campaign/id", "k1"),
        (
            json!({ "metadata": { "k": "1" }, "assistant": { "metadata": { "k": "2" } } }),
            "/metadata/k",
            "1",
        ),
        (json!({ "assistant": { "metadata": { "k": "2" } } }), "/metadata/k", "2"),
        (json!({ "assistantOverrides": { "metadata": { "k": "3" } } }), "/metadata/k", "3"),
        (json!({ "assistantOverrides": { "variableValues": { "k": "4" } } }), "/variables/k", "4"),
        (
            json!({ "artifact": { "variableValues": { "k": "5" } }, "assistantOverrides": { "variableValues": { "k": "4" } } }),
            "/variables/k",
            "5",
        ),
        (json!({ "artifact": { "transcript": "a" }, "transcript": "b" }), "/transcript", "a"),
        (json!({ "artifact": { "transcript": "" }, "transcript": "b" }), "/transcript", "b"),
        (
            json!({ "messages": [{ "role": "user", "message": "c" }], "transcript": "b" }),
            "/transcript/0/text",
            "c",
        ),
        (
            json!({ "messages": [{ "role": "system", "message": "c" }], "transcript": "b" }),
            "/transcript",
            "b",
        ),
        (json!({ "analysis": { "summary": "" }, "summary": "s" }), "/summary", "s"),
        (
            json!({ "artifact": { "recordingUrl": "u1" }, "recordingUrl": "u2" }),
            "/recording_url",
            "u1",
        ),
        (json!({ "artifact": { "recording": {} }, "recordingUrl": "u2" }), "/recording_url", "u2"),
        (
            json!({ "artifact": { "recording": "u0" }, "recordingUrl": "u2" }),
            "/recording_url",
            "u2",
        ),
        (json!({ "type": "inboundPhoneCall" }), "/direction", "inbound"),
        (json!({ "type": "vapi.websocketCall" }), "/channel", "web"),
        (json!({ "type": "inboundPhoneCall", "phoneCallTransport": "sip" }), "/channel", "sip"),
        (json!({ "type": "webCall", "phoneCallTransport": "sip" }), "/channel", "web"),
    ] {
        let mut row = row;
        row["id"] = "1".into();
        let read = whole(&call(&row));
        assert_eq!(read.pointer(pointer), Some(&json!(expected)), "{row}");
    }
    // A squad's name is not the name of the assistant that an id names.
    let call = call(&json!({ "id": "1", "assistantId": "a1", "squad": { "name": "Night shift" } }));
    assert_eq!(whole(&call)["agent"], json!({ "id": "a1" }));
}
