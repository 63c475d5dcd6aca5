//! What the 682 words for an end mean that Vapi publishes or has published.

use std::collections::BTreeMap;

use callmux_core::{CallStatus, EndedBy, EndedReason};

use super::*;

const WORDS: &str = include_str!("../data/ended-reasons.txt");

fn ended(word: &str) -> Call {
    call(&json!({ "id": "1", "status": "ended", "endedReason": word }))
}

fn reason(word: &str) -> EndedReason {
    let reason = ended(word).ended_reason.unwrap();
    assert_eq!(reason.word.as_deref(), Some(word));
    reason.value
}

#[test]
fn every_published_word_has_a_meaning() {
    let mut meanings = BTreeMap::new();
    for word in WORDS.lines() {
        *meanings.entry(reason(word).as_str()).or_insert(0) += 1;
    }
    let expected = [
        ("account_limit", 9),
        ("assistant_hangup", 7),
        ("busy", 2),
        ("canceled", 3),
        ("customer_hangup", 5),
        ("error", 15),
        ("error_configuration", 21),
        ("error_llm", 344),
        ("error_platform", 27),
        ("error_stt", 80),
        ("error_telephony", 14),
        ("error_transport", 7),
        ("error_tts", 130),
        ("hangup", 5),
        ("invalid_number", 2),
        ("max_duration", 1),
        ("no_answer", 2),
        ("no_microphone", 1),
        ("rejected", 1),
        ("silence_timeout", 1),
        ("transferred", 4),
        ("voicemail", 1),
    ];
    assert_eq!(meanings, BTreeMap::from(expected));
}

#[test]
fn what_a_word_says_of_itself_is_believed() {
    for word in WORDS.lines() {
        let expected = if word.ends_with("-llm-failed") || word.contains("azure-openai") {
            EndedReason::ErrorLlm
        } else if word.ends_with("-voice-failed") || word.contains("eleven-labs-voice") {
            EndedReason::ErrorTts
        } else if word.contains("-transcriber-") || word.contains("-returning-") {
            EndedReason::ErrorStt
        } else if word.contains("-sip-") && word.contains("error") {
            EndedReason::ErrorTelephony
        } else if word.contains("-transport-never-connected") {
            EndedReason::ErrorTransport
        } else if word.contains("configfault") {
            EndedReason::ErrorConfiguration
        } else if word.contains("call.start.error-vapifault") || word.contains("-worker-") {
            EndedReason::ErrorPlatform
        } else {
            continue;
        };
        assert_eq!(reason(word), expected, "{word}");
    }
}

#[test]
fn errors_name_the_part_that_failed_and_are_failures() {
    use EndedReason as Reason;
    for (word, expected) in [
        (
            "call.in-progress.error-providerfault-outbound-sip-503-service-unavailable",
            Reason::ErrorTelephony,
        ),
        ("call.in-progress.error-sip-outbound-call-failed-to-connect", Reason::ErrorTelephony),
        ("phone-call-provider-closed-websocket", Reason::ErrorTelephony),
        ("twilio-failed-to-connect-call", Reason::ErrorTelephony),
        ("call.in-progress.error-providerfault-transport-never-connected", Reason::ErrorTransport),
        ("pipeline-error-openai-401-unauthorized", Reason::ErrorLlm),
        ("pipeline-error-azure-openai-429-exceeded-quota", Reason::ErrorLlm),
        (
            "call.in-progress.error-vapifault-minimax-400-bad-request-validation-failed",
            Reason::ErrorLlm,
        ),
        ("pipeline-error-baseten-503-server-overloaded-error", Reason::ErrorLlm),
        ("pipeline-no-available-model", Reason::ErrorLlm),
        ("pipeline-error-eleven-labs-quota-exceeded", Reason::ErrorTts),
        ("pipeline-error-cartesia-socket-hang-up", Reason::ErrorTts),
        ("pipeline-error-playht-429-exceeded-quota", Reason::ErrorTts),
        ("call.in-progress.error-vapifault-deepgram-voice-failed", Reason::ErrorTts),
        ("call.in-progress.error-vapifault-xai-transcriber-auth-failed", Reason::ErrorStt),
        ("pipeline-error-deepgram-404-not-found", Reason::ErrorStt),
        (
            "call.in-progress.error-vapifault-deepgram-returning-403-model-access-denied",
            Reason::ErrorStt,
        ),
        ("pipeline-error-assembly-ai-returning-400-insufficent-funds", Reason::ErrorStt),
        ("call.in-progress.error-vapifault-worker-died", Reason::ErrorPlatform),
        ("call.start.error-vapifault-database-error", Reason::ErrorPlatform),
        ("call.start.error-vapifault-get-subscription", Reason::ErrorPlatform),
        ("worker-shutdown", Reason::ErrorPlatform),
        ("call.start.error-subscription-frozen", Reason::AccountLimit),
        ("call.start.error-subscription-concurrency-limit-reached", Reason::AccountLimit),
        ("call.start.error-fraud-check-failed", Reason::AccountLimit),
        ("call.start.error-vapi-number-outbound-daily-limit", Reason::AccountLimit),
        ("call.start.error-get-assistant", Reason::ErrorConfiguration),
        ("call-start-error-neither-assistant-nor-server-set", Reason::ErrorConfiguration),
        ("assistant-request-failed", Reason::ErrorConfiguration),
        ("assistant-not-found", Reason::ErrorConfiguration),
        ("assistant-join-timed-out", Reason::Error),
        ("unknown-error", Reason::Error),
        ("call.in-progress.error-providerfault-brand-new-provider-failed", Reason::Error),
        ("customer-did-not-give-microphone-permission", Reason::NoMicrophone),
        ("twilio-reported-customer-misdialed", Reason::InvalidNumber),
        ("vonage-rejected", Reason::Rejected),
    ] {
        assert_eq!(reason(word), expected, "{word}");
        let call = ended(word);
        assert_eq!(call.status.value, CallStatus::Failed, "{word}");
        assert_eq!(call.ended_by, Some(EndedBy::System), "{word}");
    }
}

#[test]
fn words_that_are_no_failure() {
    use CallStatus::{Busy, Canceled, Completed, NoAnswer};
    use EndedReason as Reason;
    let (customer, assistant, system) =
        (Some(EndedBy::Customer), Some(EndedBy::Assistant), Some(EndedBy::System));
    for (word, expected, status, ended_by) in [
        ("customer-ended-call", Reason::CustomerHangup, Completed, customer),
        ("customer-ended-call-during-transfer", Reason::CustomerHangup, Completed, customer),
        ("assistant-ended-call", Reason::AssistantHangup, Completed, assistant),
        (
            "assistant-ended-call-after-message-spoken",
            Reason::AssistantHangup,
            Completed,
            assistant,
        ),
        ("assistant-said-end-call-phrase", Reason::AssistantHangup, Completed, assistant),
        ("call.ringing.hook-executed-say", Reason::AssistantHangup, Completed, assistant),
        ("assistant-forwarded-call", Reason::Transferred, Completed, assistant),
        (
            "assistant-request-returned-forwarding-phone-number",
            Reason::Transferred,
            Completed,
            assistant,
        ),
        ("call.in-progress.sip-completed-call", Reason::Hangup, Completed, None),
        ("vonage-disconnected", Reason::Hangup, Completed, None),
        ("voicemail", Reason::Voicemail, Completed, system),
        ("silence-timed-out", Reason::SilenceTimeout, Completed, system),
        ("exceeded-max-duration", Reason::MaxDuration, Completed, system),
        ("customer-busy", Reason::Busy, Busy, system),
        ("customer-did-not-answer", Reason::NoAnswer, NoAnswer, system),
        ("call.forwarding.no-answer", Reason::NoAnswer, NoAnswer, system),
        ("manually-canceled", Reason::Canceled, Canceled, system),
        ("scheduled-call-deleted", Reason::Canceled, Canceled, system),
        // The caller hung up, and nobody had answered yet.
        (
            "call.ringing.sip-inbound-caller-hungup-before-call-connect",
            Reason::CustomerHangup,
            Canceled,
            customer,
        ),
        // A word of tomorrow, of a call that never started, says nothing of the outcome.
        ("gone-fishing", Reason::Unknown, CallStatus::Unknown, None),
    ] {
        assert_eq!(reason(word), expected, "{word}");
        let call = ended(word);
        assert_eq!((call.status.value, call.ended_by), (status, ended_by), "{word}");
        assert_eq!(call.answered_by.is_some(), word == "voicemail", "{word}");
    }
}

#[test]
fn a_reason_changes_no_call_that_is_not_over() {
    let call = call(&json!({ "id": "1", "status": "in-progress", "endedReason": "customer-busy" }));
    assert_eq!(call.status.value, CallStatus::InProgress);
    let ended = super::call(&json!({ "id": "1", "status": "ended" }));
    assert_eq!((ended.status.value, ended.ended_reason), (CallStatus::Unknown, None));
    // A call that was held is completed, whatever word of tomorrow it ended with, or with none.
    let started = "2026-08-30T12:00:05.000Z";
    for reason in [json!(null), json!("gone-fishing")] {
        let held = super::call(
            &json!({ "id": "1", "status": "ended", "startedAt": started, "endedReason": reason }),
        );
        assert_eq!(held.status.value, CallStatus::Completed, "{reason}");
    }
}
