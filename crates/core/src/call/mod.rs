//! One call, normalised.

mod ending;
mod json;
mod labeled;
mod order;
mod party;
mod raw;
mod status;
mod times;
mod transcript;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use ending::{AnsweredBy, EndedBy, EndedReason};
pub use labeled::Labeled;
pub use order::OrderKey;
pub use party::{Named, Party, PhoneNumber};
pub use raw::RawJson;
pub use status::{CallStatus, Channel, Detail, Direction};
pub use times::{Durations, Times};
pub use transcript::{Speaker, Transcript, Turn};

use crate::cost::Cost;
use crate::ids::{AccountId, CallId, VendorId};
use chrono::{DateTime, Utc};

/// A JSON object of names and values.
pub type JsonMap = serde_json::Map<String, serde_json::Value>;

/// One call, normalised: flat enough for a table, honest enough to compare.
///
/// What a vendor does not report is `None`, never `""`, `0` or `{}`. Where a vendor's word was mapped to one of ours, its own
/// word is kept beside it ([`Labeled`]).
///
/// Its serde form is the public JSON: `snake_case` keys, RFC 3339 times in UTC, decimals as strings, durations in seconds, a
/// labeled value as two flat keys (`status`, `vendor_status`), absent values left out. `Debug` shows no phone number,
/// name, transcript or other content.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "json::CallJson", into = "json::CallJson")]
#[non_exhaustive]
pub struct Call {
    /// The vendor. With `account` and `id` the stable key of a call.
    pub vendor: VendorId,
    /// The label of the credential that listed the call.
    pub account: AccountId,
    /// The vendor's identifier, unique within the account.
    pub id: CallId,
    /// Identifiers of the same call elsewhere.
    pub related: Related,
    /// The medium.
    pub channel: Option<Labeled<Channel>>,
    /// Who called whom; a web call may have none.
    pub direction: Option<Direction>,
    /// Where the call is in its life.
    pub status: Labeled<CallStatus>,
    /// Why it ended.
    pub ended_reason: Option<Labeled<EndedReason>>,
    /// Which side ended it.
    pub ended_by: Option<EndedBy>,
    /// Who or what answered.
    pub answered_by: Option<Labeled<AnsweredBy>>,
    /// *The* time of a call: the instant its vendor orders and filters by. Created where reported, else started. All time
    /// filters and orders use it.
    pub placed_at: Option<DateTime<Utc>>,
    /// Instants by role.
    pub times: Times,
    /// Lengths by role.
    pub durations: Durations,
    /// The other party.
    pub customer: Option<Party>,
    /// Our number.
    pub line: Option<Party>,
    /// The assistant that spoke.
    pub agent: Option<Named>,
    /// The campaign or batch the call belongs to.
    pub campaign: Option<Named>,
    /// What was said.
    pub transcript: Option<Transcript>,
    /// Where the recording is, as the vendor gives it. It may be a signed link: treat it as a secret.
    pub recording_url: Option<String>,
    /// A summary made by the vendor.
    pub summary: Option<String>,
    /// Whether the call reached its goal.
    pub success: Option<Success>,
    /// Input to the call.
    pub variables: Option<JsonMap>,
    /// The user's own data on the call.
    pub metadata: Option<JsonMap>,
    /// What the vendor took from the call afterwards.
    pub evaluation: Option<JsonMap>,
    /// What it cost.
    pub cost: Cost,
    /// Whether this row is the whole call.
    pub detail: Detail,
    /// The row's exact bytes, if they were asked for.
    pub raw: Option<RawJson>,
}

/// Identifiers that join a call to other systems' records of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Related {
    /// The carrier's identifier: a Twilio call SID, a Telnyx call control id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_call_id: Option<String>,
    /// The call of which this is a leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// The session or conversation it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
}

impl Related {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether a call reached its goal, as the vendor judged it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// The verdict, where the vendor's word clearly says yes or no.
    pub reached: Option<bool>,
    /// The vendor's own word: `true`, `7`, `Excellent`.
    pub word: String,
}

impl Success {
    /// A verdict in the vendor's word; only `true` and `false` are taken for yes and no.
    pub fn from_word(word: impl Into<String>) -> Self {
        let word = word.into();
        let reached = if word.eq_ignore_ascii_case("true") {
            Some(true)
        } else if word.eq_ignore_ascii_case("false") {
            Some(false)
        } else {
            None
        };
        Self { reached, word }
    }
}

impl Call {
    /// A call of which only the key is known.
    pub fn new(
        vendor: impl Into<VendorId>,
        account: impl Into<AccountId>,
        id: impl Into<CallId>,
    ) -> Self {
        Self {
            vendor: vendor.into(),
            account: account.into(),
            id: id.into(),
            related: Related::default(),
            channel: None,
            direction: None,
            status: CallStatus::Unknown.into(),
            ended_reason: None,
            ended_by: None,
            answered_by: None,
            placed_at: None,
            times: Times::default(),
            durations: Durations::default(),
            customer: None,
            line: None,
            agent: None,
            campaign: None,
            transcript: None,
            recording_url: None,
            summary: None,
            success: None,
            variables: None,
            metadata: None,
            evaluation: None,
            cost: Cost::unavailable(),
            detail: Detail::Full,
            raw: None,
        }
    }

    /// The calling party, where the direction is known.
    #[must_use]
    pub fn from(&self) -> Option<&Party> {
        match self.direction? {
            Direction::Inbound => self.customer.as_ref(),
            Direction::Outbound => self.line.as_ref(),
        }
    }

    /// The called party, where the direction is known.
    #[must_use]
    pub fn to(&self) -> Option<&Party> {
        match self.direction? {
            Direction::Inbound => self.line.as_ref(),
            Direction::Outbound => self.customer.as_ref(),
        }
    }

    /// Where this call stands in a listing: newest first, calls without a time before all others.
    #[must_use]
    pub fn order_key(&self) -> OrderKey {
        OrderKey::of(self)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An account's calls are personal data: only what identifies a call, and what it cost, is shown.
        f.debug_struct("Call")
            .field("vendor", &self.vendor)
            .field("account", &self.account)
            .field("id", &self.id)
            .field("status", &self.status)
            .field("placed_at", &self.placed_at)
            .field("cost", &self.cost.total)
            .finish_non_exhaustive()
    }
}
