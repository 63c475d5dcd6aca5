//! The public JSON of a call, and the way to and from it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    AnsweredBy, Call, CallStatus, Channel, Detail, Direction, Durations, EndedBy, EndedReason,
    JsonMap, Labeled, Named, Party, RawJson, Related, Success, Times, Transcript,
};
use crate::cost::Cost;
use crate::ids::{AccountId, CallId, VendorId};

macro_rules! call_json {
    ($( $(#[$meta:meta])* $field:ident: $type:ty, )+) => {
        /// One call, normalised, as callmux writes it.
        #[derive(Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(rename = "Call"))]
        pub(super) struct CallJson {
            /// The vendor.
            vendor: VendorId,
            /// The label of the credential that listed the call.
            account: AccountId,
            /// The vendor's identifier of the call.
            id: CallId,
            /// Where the call is in its life.
            status: CallStatus,
            $( $(#[$meta])* #[serde(default, skip_serializing_if = "Option::is_none")] $field: Option<$type>, )+
            /// Identifiers of the same call elsewhere.
            #[serde(default, skip_serializing_if = "Related::is_empty")]
            related: Related,
            /// Instants by role.
            #[serde(default, skip_serializing_if = "Times::is_empty")]
            times: Times,
            /// Lengths by role, in seconds.
            #[serde(default, skip_serializing_if = "Durations::is_empty")]
            durations: Durations,
            /// What it cost.
            cost: Cost,
            /// Whether the row is the whole call.
            detail: Detail,
            /// The row as the vendor sent it, if it was asked for.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Value>"))]
            raw: Option<RawJson>,
        }
    };
}

call_json! {
    /// The vendor's word for the status.
    vendor_status: String,
    /// The time of the call: created where reported, else started.
    placed_at: DateTime<Utc>,
    /// Who called whom.
    direction: Direction,
    /// The medium.
    channel: Channel,
    /// The vendor's word for the medium.
    vendor_channel: String,
    /// Why it ended.
    ended_reason: EndedReason,
    /// The vendor's word for why it ended.
    vendor_ended_reason: String,
    /// Which side ended it.
    ended_by: EndedBy,
    /// Who or what answered.
    answered_by: AnsweredBy,
    /// The vendor's word for who answered.
    vendor_answered_by: String,
    /// The other party.
    customer: Party,
    /// Our number.
    line: Party,
    /// The assistant that spoke.
    agent: Named,
    /// The campaign the call belongs to.
    campaign: Named,
    /// What was said: a text, or turns.
    transcript: Transcript,
    /// Where the recording is; it may be a signed link.
    recording_url: String,
    /// A summary made by the vendor.
    summary: String,
    /// Whether the call reached its goal, where the vendor says yes or no.
    success: bool,
    /// The vendor's word for whether it did.
    vendor_success: String,
    /// Input to the call.
    variables: JsonMap,
    /// The user's own data on the call.
    metadata: JsonMap,
    /// What the vendor took from the call afterwards.
    evaluation: JsonMap,
}

fn split<T>(labeled: Option<Labeled<T>>) -> (Option<T>, Option<String>) {
    labeled.map_or((None, None), |labeled| (Some(labeled.value), labeled.word))
}

fn join<T>(value: Option<T>, word: Option<String>) -> Option<Labeled<T>> {
    value.map(|value| Labeled { value, word })
}

impl From<Call> for CallJson {
    fn from(call: Call) -> Self {
        let (channel, vendor_channel) = split(call.channel);
        let (ended_reason, vendor_ended_reason) = split(call.ended_reason);
        let (answered_by, vendor_answered_by) = split(call.answered_by);
        let (success, vendor_success) =
            call.success.map_or((None, None), |success| (success.reached, Some(success.word)));
        Self {
            vendor: call.vendor,
            account: call.account,
            id: call.id,
            status: call.status.value,
            vendor_status: call.status.word,
            placed_at: call.placed_at,
            direction: call.direction,
            channel,
            vendor_channel,
            ended_reason,
            vendor_ended_reason,
            ended_by: call.ended_by,
            answered_by,
            vendor_answered_by,
            customer: call.customer,
            line: call.line,
            agent: call.agent,
            campaign: call.campaign,
            transcript: call.transcript,
            recording_url: call.recording_url,
            summary: call.summary,
            success,
            vendor_success,
            variables: call.variables,
            metadata: call.metadata,
            evaluation: call.evaluation,
            related: call.related,
            times: call.times,
            durations: call.durations,
            cost: call.cost,
            detail: call.detail,
            raw: call.raw,
        }
    }
}

impl From<CallJson> for Call {
    fn from(json: CallJson) -> Self {
        Self {
            vendor: json.vendor,
            account: json.account,
            id: json.id,
            related: json.related,
            channel: join(json.channel, json.vendor_channel),
            direction: json.direction,
            status: Labeled { value: json.status, word: json.vendor_status },
            ended_reason: join(json.ended_reason, json.vendor_ended_reason),
            ended_by: json.ended_by,
            answered_by: join(json.answered_by, json.vendor_answered_by),
            placed_at: json.placed_at,
            times: json.times,
            durations: json.durations,
            customer: json.customer,
            line: json.line,
            agent: json.agent,
            campaign: json.campaign,
            transcript: json.transcript,
            recording_url: json.recording_url,
            summary: json.summary,
            success: json
                .vendor_success
                .map(|word| Success { reached: json.success, word })
                .or_else(|| json.success.map(|reached| Success::from_word(reached.to_string()))),
            variables: json.variables,
            metadata: json.metadata,
            evaluation: json.evaluation,
            cost: json.cost,
            detail: json.detail,
            raw: json.raw,
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Call {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Call".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        CallJson::json_schema(generator)
    }
}
