//! What Vapi's ended reasons mean. There are some 600, more each month, so they are told by pattern, not by table.

use callmux_core::{CallStatus, EndedReason, Labeled};

/// The normalised reason for one of Vapi's words.
pub(crate) fn reason(word: &str) -> EndedReason {
    use EndedReason as Reason;
    match word {
        "customer-busy" | "call.forwarding.operator-busy" => Reason::Busy,
        "customer-did-not-answer" | "call.forwarding.no-answer" => Reason::NoAnswer,
        "customer-did-not-give-microphone-permission" => Reason::NoMicrophone,
        "twilio-reported-customer-misdialed" | "sip-outbound-unallocated-number" => {
            Reason::InvalidNumber
        }
        "voicemail" => Reason::Voicemail,
        "silence-timed-out" => Reason::SilenceTimeout,
        "exceeded-max-duration" => Reason::MaxDuration,
        "manually-canceled" | "scheduled-call-deleted" | "call-deleted" => Reason::Canceled,
        "vonage-rejected" => Reason::Rejected,
        "assistant-forwarded-call"
        | "assistant-request-returned-forwarding-phone-number"
        | "call.ringing.hook-executed-transfer"
        | "call.ending.hook-executed-transfer" => Reason::Transferred,
        "assistant-said-end-call-phrase"
        | "assistant-said-message-with-end-call-enabled"
        | "call.ringing.hook-executed-say"
        | "call.ending.hook-executed-say" => Reason::AssistantHangup,
        "call.in-progress.twilio-completed-call"
        | "call.in-progress.sip-completed-call"
        | "vonage-completed"
        | "vonage-disconnected"
        | "sip-outbound-carrier-released-call" => Reason::Hangup,
        CALLER_GAVE_UP => Reason::CustomerHangup,
        _ if word.starts_with("customer-ended-call") => Reason::CustomerHangup,
        _ if word.starts_with("assistant-ended-call") => Reason::AssistantHangup,
        _ if has(word, FAILED) => error(word),
        _ => Reason::Unknown,
    }
}

/// The one hang-up that comes before the call was answered.
const CALLER_GAVE_UP: &str = "call.ringing.sip-inbound-caller-hungup-before-call-connect";

/// What only the words for a failure contain.
const FAILED: &str = "error fault failed timed-out pipeline- assistant-not- assistant-request- \
                      phone-call-provider- worker-shutdown no-server-available";

/// Providers of models whose failures are named by an HTTP status, and not as a model's.
const MODELS: &str = "openai anthropic google groq xai mistral together-ai perplexity-ai deepinfra deep-seek \
                      cerebras inflection-ai anyscale openrouter runpod baseten minimax";

/// The part that failed, from an error's word.
fn error(word: &str) -> EndedReason {
    use EndedReason as Reason;
    let has = |parts| has(word, parts);
    if has("error-subscription fraud-check enterprise-feature vapi-number") {
        return Reason::AccountLimit;
    }
    let starting = has("call.start. call-start-") && !has("vapifault");
    if starting || has("assistant-not- assistant-request- configfault") {
        return Reason::ErrorConfiguration;
    }
    if has("sip twilio vonage telnyx phone-call-provider") {
        return Reason::ErrorTelephony;
    }
    if has("transport") {
        return Reason::ErrorTransport;
    }
    // Deepgram speaks as well; only its words for that say so.
    if has("transcriber -returning-") || has("deepgram") && !has("voice") {
        return Reason::ErrorStt;
    }
    if has("voice eleven-labs cartesia playht") {
        return Reason::ErrorTts;
    }
    if has("llm model") || has(MODELS) {
        return Reason::ErrorLlm;
    }
    if has("vapifault worker no-server-available vapi-") {
        return Reason::ErrorPlatform;
    }
    Reason::Error
}

/// Whether a word contains one of these parts, which a space separates.
fn has(word: &str, parts: &str) -> bool {
    parts.split(' ').any(|part| word.contains(part))
}

/// The outcome of a call that is over. One that ended for no known reason was completed if it was held, else nobody knows.
pub(crate) fn outcome(reason: Option<&Labeled<EndedReason>>, was_held: bool) -> CallStatus {
    let unexplained = if was_held { CallStatus::Completed } else { CallStatus::Unknown };
    match reason {
        Some(reason) if reason.word.as_deref() == Some(CALLER_GAVE_UP) => CallStatus::Canceled,
        Some(reason) => reason.value.outcome().unwrap_or(unexplained),
        None => unexplained,
    }
}
