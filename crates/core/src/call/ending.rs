//! The words for how a call was answered and how it ended.

use super::status::CallStatus;
use crate::words::words;

words! {
    /// Why a call ended.
    pub enum EndedReason, "ended reason" {
        /// The customer hung up.
        CustomerHangup = "customer_hangup",
        /// The assistant ended the call.
        AssistantHangup = "assistant_hangup",
        /// The line was closed, and it is not said by which side.
        Hangup = "hangup",
        /// The call was handed to somebody else.
        Transferred = "transferred",
        /// It reached a voicemail.
        Voicemail = "voicemail",
        /// Nobody spoke for too long.
        SilenceTimeout = "silence_timeout",
        /// It reached the longest duration allowed.
        MaxDuration = "max_duration",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The other party was busy.
        Busy = "busy",
        /// It was called off.
        Canceled = "canceled",
        /// The other side, or its carrier, refused the call.
        Rejected = "rejected",
        /// The number does not exist or cannot be reached.
        InvalidNumber = "invalid_number",
        /// The customer's browser gave no microphone.
        NoMicrophone = "no_microphone",
        /// The account may not place this call: funds, limits, subscription, terms.
        AccountLimit = "account_limit",
        /// The user's own settings or server were at fault.
        ErrorConfiguration = "error_configuration",
        /// The carrier failed.
        ErrorTelephony = "error_telephony",
        /// The connection that carries the sound failed.
        ErrorTransport = "error_transport",
        /// Speech to text failed.
        ErrorStt = "error_stt",
        /// The language model failed.
        ErrorLlm = "error_llm",
        /// Text to speech failed.
        ErrorTts = "error_tts",
        /// The vendor itself failed.
        ErrorPlatform = "error_platform",
        /// Something failed, and it is not said what.
        Error = "error",
        /// The vendor's word is none that callmux knows; it is kept beside this.
        Unknown = "unknown",
    }
}

impl EndedReason {
    /// The side that this reason names; `None` where it names none.
    #[must_use]
    pub const fn ended_by(self) -> Option<EndedBy> {
        match self {
            Self::CustomerHangup => Some(EndedBy::Customer),
            Self::AssistantHangup | Self::Transferred => Some(EndedBy::Assistant),
            Self::Hangup | Self::Unknown => None,
            _ => Some(EndedBy::System),
        }
    }

    /// The status of a call that ended for this reason, for a vendor that says only that it ended; `None` where the reason is not
    /// known.
    #[must_use]
    pub const fn outcome(self) -> Option<CallStatus> {
        match self {
            Self::Unknown => None,
            Self::Busy => Some(CallStatus::Busy),
            Self::NoAnswer => Some(CallStatus::NoAnswer),
            Self::Canceled => Some(CallStatus::Canceled),
            Self::CustomerHangup
            | Self::AssistantHangup
            | Self::Hangup
            | Self::Transferred
            | Self::Voicemail
            | Self::SilenceTimeout
            | Self::MaxDuration => Some(CallStatus::Completed),
            _ => Some(CallStatus::Failed),
        }
    }
}

words! {
    /// Which side ended a call.
    pub enum EndedBy, "ended by" {
        /// The other party.
        Customer = "customer",
        /// The assistant.
        Assistant = "assistant",
        /// Neither: a timeout, a fault, an operator.
        System = "system",
    }
}

words! {
    /// Who or what answered a call.
    pub enum AnsweredBy, "answered by" {
        /// A person.
        Human = "human",
        /// A voicemail or another machine.
        Machine = "machine",
        /// The vendor could not tell, or its word is none that callmux knows.
        Unknown = "unknown",
    }
}
