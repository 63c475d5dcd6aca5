//! What Vapi's ended reasons mean. There are some 600, more each month, so they are told by pattern, not by table.

use callmux_core::{CallStatus, EndedBy, EndedReason};

/// The normalised reason for one of Vapi's words.
pub(crate) fn reason(word: &str) -> EndedReason {
    use EndedReason as Reason;
    let has = |part: &str| word.contains(part);
    let starts = |start: &str| word.starts_with(start);

    match word {
        "customer-busy" | "call.forwarding.operator-busy" => return Reason::Busy,
        "customer-did-not-answer" | "call.forwarding.no-answer" => return Reason::NoAnswer,
        "customer-did-not-give-microphone-permission" => return Reason::NoMicrophone,
        "twilio-reported-customer-misdialed" | "sip-outbound-unallocated-number" => {
            return Reason::InvalidNumber;
        }
        "voicemail" => return Reason::Voicemail,
        "silence-timed-out" => return Reason::SilenceTimeout,
        "exceeded-max-duration" => return Reason::MaxDuration,
        "manually-canceled" | "scheduled-call-deleted" | "call-deleted" => return Reason::Canceled,
        "vonage-rejected" => return Reason::Rejected,
        "assistant-said-end-call-phrase" => return Reason::AssistantHangup,
        "assistant-forwarded-call"
        | "assistant-request-returned-forwarding-phone-number"
        | "call.ringing.hook-executed-transfer"
        | "call.ending.hook-executed-transfer" => return Reason::Transferred,
        "call.ringing.hook-executed-say" | "call.ending.hook-executed-say" => {
            return Reason::AssistantHangup;
        }
        "call.in-progress.twilio-completed-call"
        | "call.in-progress.sip-completed-call"
        | "vonage-completed"
        | "vonage-disconnected"
        | "sip-outbound-carrier-released-call" => return Reason::Hangup,
        "call.ringing.sip-inbound-caller-hungup-before-call-connect" => {
            return Reason::CustomerHangup;
        }
        _ => {}
    }
    if starts("customer-ended-call") {
        return Reason::CustomerHangup;
    }
    if starts("assistant-ended-call") || word == "assistant-said-message-with-end-call-enabled" {
        return Reason::AssistantHangup;
    }
    let is_error = has("error")
        || has("failed")
        || has("fault")
        || starts("assistant-not-")
        || starts("assistant-request-")
        || starts("phone-call-provider-")
        || has("timed-out")
        || starts("pipeline-")
        || matches!(word, "worker-shutdown" | "no-server-available");
    if is_error { error(word) } else { Reason::Unknown }
}

/// The part that failed, from an error's word.
fn error(word: &str) -> EndedReason {
    use EndedReason as Reason;
    let has = |part: &str| word.contains(part);
    let starts = |start: &str| word.starts_with(start);
    if has("subscription") || has("concurrency") || has("fraud") || has("enterprise-feature") {
        return Reason::AccountLimit;
    }
    if starts("assistant-") || starts("call.start.") || starts("call-start-") || has("configfault")
    {
        return Reason::ErrorConfiguration;
    }
    if has("sip") || has("twilio") || has("vonage") || has("telnyx") || has("phone-call-provider") {
        return Reason::ErrorTelephony;
    }
    if has("transport") || has("websocket") || has("daily") {
        return Reason::ErrorTransport;
    }
    if has("transcriber") {
        return Reason::ErrorStt;
    }
    if has("voice") || VOICES.iter().any(|voice| has(voice)) {
        return Reason::ErrorTts;
    }
    if has("llm") || has("model") || MODELS.iter().any(|model| has(model)) {
        return Reason::ErrorLlm;
    }
    if has("vapifault") || has("worker") || word == "no-server-available" || has("vapi-") {
        return Reason::ErrorPlatform;
    }
    Reason::Error
}

/// Providers that Vapi's words name without saying that they speak.
const VOICES: [&str; 12] = [
    "eleven-labs",
    "cartesia",
    "playht",
    "azure-",
    "rime-ai",
    "smallest-ai",
    "neuphonic",
    "hume",
    "sesame",
    "inworld",
    "minimax",
    "wellsaid",
];

/// Providers that Vapi's words name without saying that they think.
const MODELS: [&str; 15] = [
    "openai",
    "anthropic",
    "together-ai",
    "groq",
    "openrouter",
    "perplexity-ai",
    "deepinfra",
    "runpod",
    "google",
    "anyscale",
    "cerebras",
    "inflection-ai",
    "deep-seek",
    "mistral",
    "xai",
];

/// Which side a reason names.
pub(crate) fn ended_by(reason: EndedReason) -> Option<EndedBy> {
    use EndedReason as Reason;
    match reason {
        Reason::CustomerHangup => Some(EndedBy::Customer),
        Reason::AssistantHangup | Reason::Transferred => Some(EndedBy::Assistant),
        Reason::Hangup | Reason::Unknown => None,
        _ => Some(EndedBy::System),
    }
}

/// The outcome of a call that is over.
pub(crate) fn outcome(reason: Option<EndedReason>) -> CallStatus {
    use EndedReason as Reason;
    match reason {
        Some(Reason::Busy) => CallStatus::Busy,
        Some(Reason::NoAnswer) => CallStatus::NoAnswer,
        Some(Reason::Canceled) => CallStatus::Canceled,
        Some(
            Reason::CustomerHangup
            | Reason::AssistantHangup
            | Reason::Hangup
            | Reason::Transferred
            | Reason::Voicemail
            | Reason::SilenceTimeout
            | Reason::MaxDuration
            | Reason::Unknown,
        )
        | None => CallStatus::Completed,
        Some(_) => CallStatus::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word that Vapi publishes or has published; `tests/data/SOURCES.md` says where they come from.
    const WORDS: &str = include_str!("../tests/data/ended-reasons.txt");

    #[test]
    fn every_published_word_has_a_meaning() {
        let unknown: Vec<&str> = WORDS
            .lines()
            .filter(|word| !word.is_empty() && reason(word) == EndedReason::Unknown)
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn words_that_look_like_errors_and_are_none() {
        for (word, expected) in [
            ("customer-busy", EndedReason::Busy),
            ("customer-did-not-answer", EndedReason::NoAnswer),
            ("customer-ended-call-during-transfer", EndedReason::CustomerHangup),
            ("assistant-ended-call-after-message-spoken", EndedReason::AssistantHangup),
            ("call.in-progress.sip-completed-call", EndedReason::Hangup),
            ("call.ringing.hook-executed-say", EndedReason::AssistantHangup),
            ("call.forwarding.no-answer", EndedReason::NoAnswer),
            ("manually-canceled", EndedReason::Canceled),
        ] {
            assert_eq!(reason(word), expected, "{word}");
            assert_ne!(outcome(Some(expected)), CallStatus::Failed, "{word}");
        }
    }

    #[test]
    fn errors_name_the_part_that_failed() {
        for (word, expected) in [
            (
                "call.in-progress.error-providerfault-outbound-sip-503-service-unavailable",
                EndedReason::ErrorTelephony,
            ),
            (
                "call.in-progress.error-sip-outbound-call-failed-to-connect",
                EndedReason::ErrorTelephony,
            ),
            (
                "call.in-progress.error-providerfault-transport-never-connected",
                EndedReason::ErrorTransport,
            ),
            ("pipeline-error-openai-401-unauthorized", EndedReason::ErrorLlm),
            ("pipeline-error-eleven-labs-quota-exceeded", EndedReason::ErrorTts),
            ("call.in-progress.error-vapifault-xai-transcriber-auth-failed", EndedReason::ErrorStt),
            ("call.in-progress.error-vapifault-worker-died", EndedReason::ErrorPlatform),
            ("call.start.error-subscription-frozen", EndedReason::AccountLimit),
            ("call-start-error-neither-assistant-nor-server-set", EndedReason::ErrorConfiguration),
            ("assistant-request-failed", EndedReason::ErrorConfiguration),
            ("call.in-progress.error-providerfault-brand-new-provider-failed", EndedReason::Error),
        ] {
            assert_eq!(reason(word), expected, "{word}");
            assert_eq!(outcome(Some(expected)), CallStatus::Failed, "{word}");
        }
    }

    #[test]
    fn a_word_of_tomorrow_is_unknown_and_not_a_failure() {
        assert_eq!(reason("gone-fishing"), EndedReason::Unknown);
        assert_eq!(outcome(Some(EndedReason::Unknown)), CallStatus::Completed);
    }
}
