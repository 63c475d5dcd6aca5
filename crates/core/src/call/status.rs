//! The words for what a call is and where it is in its life.

use crate::words::words;

words! {
    /// Where a call is in its life; the telephone world's own words.
    pub enum CallStatus, "status" {
        /// Planned for later.
        Scheduled = "scheduled",
        /// Accepted, not dialled yet.
        Queued = "queued",
        /// Dialled, not answered yet.
        Ringing = "ringing",
        /// Being held.
        InProgress = "in_progress",
        /// Over, while its record is still being written.
        Finishing = "finishing",
        /// Answered and over.
        Completed = "completed",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The other party was busy.
        Busy = "busy",
        /// Called off before it was answered.
        Canceled = "canceled",
        /// It could not be placed or held.
        Failed = "failed",
        /// The vendor's word is none that callmux knows; it is kept beside this.
        Unknown = "unknown",
    }
}

impl CallStatus {
    /// Whether the call is not over yet, so that its length and cost are still to come.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Scheduled | Self::Queued | Self::Ringing | Self::InProgress | Self::Finishing
        )
    }
}

words! {
    /// Who called whom.
    pub enum Direction, "direction" {
        /// The customer called us.
        Inbound = "inbound",
        /// We called the customer.
        Outbound = "outbound",
    }
}

words! {
    /// The medium of a call.
    pub enum Channel, "channel" {
        /// The telephone network.
        Phone = "phone",
        /// A SIP trunk or endpoint.
        Sip = "sip",
        /// A browser, an app or a socket.
        Web = "web",
        /// Written words.
        Text = "text",
        /// The vendor's word is none that callmux knows; it is kept beside this.
        Unknown = "unknown",
    }
}

words! {
    /// Whether a listed row is the whole call.
    pub enum Detail, "detail" {
        /// The vendor's list leaves fields out that fetching the call by its id would give.
        Summary = "summary",
        /// All that the vendor has.
        Full = "full",
    }
}
