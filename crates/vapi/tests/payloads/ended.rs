//! Calls that ended with a whole bill.

use std::time::Duration;

use super::*;

fn reported(total: &str, includes: &[&str], lines: &[Value]) -> Value {
    json!({
        "state": "reported",
        "total": { "amount": total, "currency": "USD" },
        "scope": { "includes": includes },
        "lines": lines,
    })
}

fn with_excluded(component: &str, mut cost: Value) -> Value {
    cost["scope"]["excludes"] = json!([component]);
    cost
}

fn unattributed(call: &Call) -> String {
    call.cost.unattributed().unwrap().to_string()
}

#[test]
fn outbound_calls_that_reached_a_voicemail() {
    let calls = calls(include_str!("../data/2025-06-outbound-voicemail-vapi-sip.json"));
    assert_eq!(calls.len(), 2);
    let includes =
        ["stt", "llm", "tts", "platform", "analysis", "knowledge_base", "voicemail_detection"];
    let without_tts: Vec<&str> = includes.into_iter().filter(|name| *name != "tts").collect();
    let gemini = "google/gemini-2.5-flash-preview-04-17";

    let first = expected(json!({
        "id": "ea62d31a-7f92-4e02-a059-4d56d6000001",
        "status": "completed",
        "vendor_status": "ended",
        "placed_at": "2025-06-17T18:09:13.351Z",
        "direction": "outbound",
        "channel": "phone",
        "vendor_channel": "outboundPhoneCall",
        "ended_reason": "voicemail",
        "vendor_ended_reason": "voicemail",
        "ended_by": "system",
        "answered_by": "machine",
        "vendor_answered_by": "voicemail",
        "customer": { "number": "+15550100100", "name": "Sam" },
        "line": { "id": "0c07692a-0000-4a56-a895-4debafc20001" },
        "agent": { "id": "550e96c2-0000-4ec7-bd00-61d188b50001" },
        "transcript": [
            turn("customer", "Your call has been forwarded to voice mail. The person you're", "2025-06-17T18:09:31.497Z"),
            turn("assistant", "Hi. This is Morgan. How are you doing today?", "2025-06-17T18:09:34.317Z"),
            turn("customer", "record your message. When you have finished recording, you may hang up,", "2025-06-17T18:09:37.327Z"),
            turn(
                "assistant",
                "Hi. This is Morgan from Example Co. Give me a callback when you are ready. Reach me at 5 5 5 0 1 0 0 1 0 0.",
                "2025-06-17T18:09:47.727Z",
            ),
        ],
        "recording_url": "https://storage.vapi.ai/ea62d31a-7f92-4e02-a059-4d56d6000001-1750183823822-f5633171-086e-4739-a104-98643e700001-mono.wav",
        "summary": "The call reached voicemail. The assistant left a message asking for a callback.",
        "success": false,
        "vendor_success": "false",
        "related": { "carrier_call_id": "4fb10b5b-0000-4e03-8c2f-24393f280001" },
        "times": {
            "created": "2025-06-17T18:09:13.351Z",
            "started": "2025-06-17T18:09:30.485Z",
            "ended": "2025-06-17T18:10:21.316Z",
            "updated": "2025-06-17T18:10:26.647Z",
        },
        "durations": { "talk": 50.831 },
        "cost": with_excluded("tts", reported("0.069", &without_tts, &[
            line("stt", "transcriber", "0.00912396", "0.9332166666666667 minutes", "deepgram/nova-2-phonecall"),
            line("llm", "model", "0.003122", "1000 tokens", "openai/gpt-4.1"),
            // 818 characters of 11labs for nothing: the account's own key.
            elsewhere(line("tts", "voice", "0", "818 characters", "11labs/kBeVB9ym2vQ5VmnFPQSo")),
            line("platform", "vapi/normal", "0.04236", "0.8472 minutes", ""),
            line("analysis", "analysis/summary", "0.0000339", "88 tokens", gemini),
            line("analysis", "analysis/successEvaluation", "0.00011835", "786 tokens", gemini),
            line("voicemail_detection", "voicemail-detection", "0.014204399999999999", "", "openai/gpt-4o-audio-preview"),
            line("knowledge_base", "knowledge-base", "0", "0 tokens", "google/gemini-1.5-flash"),
        ])),
    }));
    assert_eq!(whole(&calls[0]), first);
    assert_eq!(calls[0].durations.talk, Some(Duration::from_millis(50_831)));
    // The total is rounded to four decimals, the lines are not.
    assert_eq!(unattributed(&calls[0]), "0.000037390000000001 USD");

    let second = expected(json!({
        "id": "8f3d6058-486a-40ff-b0c3-bd8a63660001",
        "status": "completed",
        "vendor_status": "ended",
        "placed_at": "2025-06-17T18:09:13.313Z",
        "direction": "outbound",
        "channel": "phone",
        "vendor_channel": "outboundPhoneCall",
        "ended_reason": "voicemail",
        "vendor_ended_reason": "voicemail",
        "ended_by": "system",
        "answered_by": "machine",
        "vendor_answered_by": "voicemail",
        "customer": { "number": "+15550100101", "name": "Alex" },
        "line": { "id": "0c07692a-0000-4a56-a895-4debafc20001" },
        "agent": { "id": "ab4f358c-0000-4676-88a7-83b7c9880001" },
        "transcript": [
            turn("customer", "Hi. You've reached 1 5 5 5 0 1 0 0 1 0 1.", "2025-06-17T18:09:46.181Z"),
            turn(
                "assistant",
                "Hi. This is Morgan. How are you doing today? I was calling about your appointment. Give me a callback when you are ready.",
                "2025-06-17T18:09:54.831Z",
            ),
        ],
        "recording_url": "https://storage.vapi.ai/8f3d6058-486a-40ff-b0c3-bd8a63660001-1750183838092-4b05941b-6816-4e2f-a44c-3631ccaf0001-mono.wav",
        "summary": "Please provide the transcript of the call so I can summarize it for you in 2-3 sentences.",
        "success": false,
        "vendor_success": "false",
        "related": { "carrier_call_id": "50d6d883-0000-40a1-92da-9f6a46720001" },
        "times": {
            "created": "2025-06-17T18:09:13.313Z",
            "started": "2025-06-17T18:09:44.770Z",
            "ended": "2025-06-17T18:10:35.584Z",
            "updated": "2025-06-17T18:10:40.511Z",
        },
        "durations": { "talk": 50.814 },
        "cost": reported("0.0658", &includes, &[
            line("stt", "transcriber", "0.00907072", "0.9264333333333333 minutes", "deepgram/nova-2-phonecall"),
            line("llm", "model", "0", "0 tokens", "openai/gpt-4.1"),
            line("tts", "voice", "0", "0 characters", "11labs/kBeVB9ym2vQ5VmnFPQSo"),
            line("platform", "vapi/normal", "0.042345", "0.8469 minutes", ""),
            line("analysis", "analysis/summary", "0.0000189", "63 tokens", gemini),
            line("analysis", "analysis/successEvaluation", "0.00011745", "780 tokens", gemini),
            line("voicemail_detection", "voicemail-detection", "0.014241", "", "openai/gpt-4o-audio-preview"),
            line("knowledge_base", "knowledge-base", "0", "0 tokens", "google/gemini-1.5-flash"),
        ]),
    }));
    assert_eq!(whole(&calls[1]), second);
    assert_eq!(calls[1].durations.talk, Some(Duration::from_millis(50_814)));
    assert_eq!(unattributed(&calls[1]), "0.00000693 USD");

    // The calling end of an outbound call is our line, the called one the customer.
    assert_eq!(calls[0].from().unwrap().number, None);
    assert_eq!(calls[0].to().unwrap().number.as_ref().unwrap().digits(), "15550100100");
}

#[test]
fn a_web_call_over_daily() {
    let calls = calls(include_str!("../data/2025-06-web-call-daily.json"));
    let gemini = "google/gemini-2.5-flash-preview-04-17";
    let expected = expected(json!({
        "id": "73daba4d-2bcc-4cca-8e49-3d7903460001",
        "status": "completed",
        "vendor_status": "ended",
        "placed_at": "2025-06-10T09:06:55.710Z",
        "channel": "web",
        "vendor_channel": "webCall",
        "ended_reason": "customer_hangup",
        "vendor_ended_reason": "customer-ended-call",
        "ended_by": "customer",
        "agent": { "id": "054ea7e1-0000-4b9c-8c7c-9c6e80d20001" },
        "transcript": [
            turn("assistant", "Hello?", "2025-06-10T09:06:57.519Z"),
            turn("customer", "Okay.", "2025-06-10T09:06:59.759Z"),
            turn(
                "assistant",
                "Hi there. I hope you're doing well. I wanted to check-in see if your Internet issue has been resolved.",
                "2025-06-10T09:07:02.419Z",
            ),
            turn("customer", "Yes. It has been.", "2025-06-10T09:07:10.259Z"),
            turn("assistant", "That's great to hear. Have a wonderful day.", "2025-06-10T09:07:12.989Z"),
        ],
        "recording_url": "https://storage.vapi.ai/73daba4d-2bcc-4cca-8e49-3d7903460001-1749546448431-3ef3457e-6fe6-4410-b76d-7b135cd40001-mono.wav",
        "summary": "The AI called to follow up on a user's internet issue. The user confirmed that the issue had been resolved.",
        "success": true,
        "vendor_success": "true",
        "times": {
            "created": "2025-06-10T09:06:55.710Z",
            "started": "2025-06-10T09:07:00.649Z",
            "ended": "2025-06-10T09:07:25.925Z",
            "updated": "2025-06-10T09:07:30.909Z",
        },
        "durations": { "talk": 25.276 },
        "cost": reported(
            "0.0394",
            &["stt", "llm", "tts", "platform", "analysis", "knowledge_base"],
            &[
                line("stt", "transcriber", "0.00562928", "0.5009166666666667 minutes", "deepgram/nova-2"),
                line("llm", "model", "0.00007275", "314 tokens", "openai/gpt-4o-mini"),
                line("tts", "voice", "0.01255", "251 characters", "vapi/eleven_turbo_v2_5"),
                line("platform", "vapi/normal", "0.021065", "0.4213 minutes", ""),
                line("analysis", "analysis/summary", "0.00004305", "182 tokens", gemini),
                line("analysis", "analysis/successEvaluation", "0.00003825", "252 tokens", gemini),
                line("knowledge_base", "knowledge-base", "0", "0 tokens", "google/gemini-1.5-flash"),
            ],
        ),
    }));
    assert_eq!(calls.iter().map(whole).collect::<Vec<_>>(), [expected]);
    assert_eq!(calls[0].durations.talk, Some(Duration::from_millis(25_276)));
    assert_eq!(unattributed(&calls[0]), "0.00000167 USD");
    // A web call has no direction, so neither end is the calling one.
    assert_eq!((calls[0].from(), calls[0].to()), (None, None));
}

#[test]
fn a_web_call_with_tool_calls() {
    let calls = calls(include_str!("../data/2025-09-web-call-tool-calls.json"));
    let gemini = "google/gemini-2.5-flash";
    let expected = expected(json!({
        "id": "76c99641-e385-4f66-85fc-442ceac60001",
        "status": "completed",
        "vendor_status": "ended",
        "placed_at": "2025-09-25T21:26:36.946Z",
        "channel": "web",
        "vendor_channel": "webCall",
        "ended_reason": "assistant_hangup",
        "vendor_ended_reason": "assistant-ended-call",
        "ended_by": "assistant",
        "agent": { "id": "2087c46f-0000-42d3-a063-203a8e300001" },
        // The system prompt, the tool call and its result were not spoken; a time may have a fraction of a millisecond.
        "transcript": [
            turn("assistant", "Hi, Sam. I'd love to hear about your day. How was your day today?", "2025-09-25T21:26:39.617Z"),
            turn("customer", "It was good. Could you end the conversation?", "2025-09-25T21:26:48.597Z"),
            turn("assistant", "Thank you for sharing your day with me.", "2025-09-25T21:26:52.167Z"),
        ],
        "summary": "Here's a summary of the call:\n\n*   **Summary of the Call:** The user stated their day was \"good\" and then immediately requested to end the conversation.",
        "success": false,
        "vendor_success": "false",
        "variables": {
            "now": "Sep 25, 2025, 9:26 PM UTC",
            "date": "Sep 25, 2025 UTC",
            "time": "9:26 PM UTC",
            "year": "2025",
            "month": "September",
            "day": "25",
            "user_name": "Sam",
        },
        "evaluation": { "story_requested": false, "mood": "good" },
        "times": {
            "created": "2025-09-25T21:26:36.946Z",
            "started": "2025-09-25T21:26:41.660Z",
            "ended": "2025-09-25T21:26:58.888Z",
            "updated": "2025-09-25T21:27:05.207Z",
        },
        "durations": { "talk": 17.228 },
        "cost": reported(
            "0.0196",
            &["stt", "llm", "tts", "platform", "analysis", "knowledge_base"],
            &[
                line("stt", "transcriber", "0.00415504", "0.36593333333333333 minutes", "deepgram/nova-3"),
                line("llm", "model", "0.00023275", "931 tokens", "openai/gpt-5-mini"),
                line("tts", "voice", "0", "0 characters", "minimax/speech-02-turbo"),
                line("platform", "vapi/normal", "0.014355", "0.2871 minutes", ""),
                line("analysis", "analysis/summary", "0.0003421", "231 tokens", gemini),
                line("analysis", "analysis/structuredData", "0.0002858", "300 tokens", gemini),
                line("analysis", "analysis/successEvaluation", "0.0002169", "679 tokens", gemini),
                line("knowledge_base", "knowledge-base", "0", "0 tokens", "google/gemini-1.5-flash"),
            ],
        ),
    }));
    assert_eq!(calls.iter().map(whole).collect::<Vec<_>>(), [expected]);
    assert_eq!(calls[0].durations.talk, Some(Duration::from_millis(17_228)));
    assert_eq!(unattributed(&calls[0]), "0.00001241 USD");
}
