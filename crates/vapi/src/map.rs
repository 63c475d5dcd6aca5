//! A row of Vapi's as a call.

use callmux_core::{
    AnsweredBy, Call, CallStatus, Channel, Direction, Durations, EndedReason, JsonMap, Labeled,
    Named, Party, Speaker, Success, Transcript, Turn,
};
use callmux_http::wire::{Items, Text};
use callmux_http::{RowError, Source, Zone, instant};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::wire::{Analysis, Artifact, Message, Row};
use crate::{cost, ending};

pub(crate) fn call(row: Row<'_>, source: &Source) -> Result<Call, RowError> {
    let mut call = source.call(row.id.0.ok_or_else(|| RowError::missing("id"))?);
    let utc = Zone::utc();
    let time = |text: &Text| instant(text.as_deref()?, &utc);

    call.times.created = time(&row.created_at);
    call.times.started = time(&row.started_at);
    call.times.ended = time(&row.ended_at);
    call.times.updated = time(&row.updated_at);
    call.times.scheduled = row.schedule_plan.0.as_ref().and_then(|plan| time(&plan.earliest_at));
    // Nothing in its place: it is what `createdAtLt` and the others filter by.
    call.placed_at = call.times.created;
    call.durations.talk = Durations::between(call.times.started, call.times.ended);

    let reason = row.ended_reason.0.map(|word| Labeled::new(ending::reason(&word), word));
    let was_held = call.times.started.is_some();
    call.status = status(row.status.0, reason.as_ref(), was_held);
    call.ended_by = reason.as_ref().and_then(|reason| reason.value.ended_by());
    call.answered_by = reason
        .as_ref()
        .filter(|reason| reason.value == EndedReason::Voicemail)
        .map(|reason| Labeled { value: AnsweredBy::Machine, word: reason.word.clone() });
    call.ended_reason = reason;
    call.direction = direction(row.r#type.as_deref());
    call.channel = channel(row.r#type.0, row.phone_call_transport.as_deref());

    let customer = row.customer.0.unwrap_or_default();
    call.customer =
        Party::of(customer.number.0.or(customer.sip_uri.0), row.customer_id.0, customer.name.0);
    let number = row.phone_number.0.unwrap_or_default();
    call.line =
        Party::of(number.number.0.or(number.twilio_phone_number.0), row.phone_number_id.0, None);
    let transport = row.transport.0.unwrap_or_default();
    call.related.carrier_call_id = (row.phone_call_provider_id.0)
        .or(transport.call_sid.0)
        .or(transport.call_control_id.0)
        .or(transport.conversation_uuid.0);

    let assistant = row.assistant.0.unwrap_or_default();
    let overrides = row.assistant_overrides.0.unwrap_or_default();
    let squad = row.squad.0.unwrap_or_default();
    let of_squad = squad.name.0.filter(|_| row.assistant_id.0.is_none());
    let agent_name = assistant.name.0.or(overrides.name.0).or(of_squad);
    // The id is the saved assistant's and nothing else: it is what `assistantId` filters by.
    call.agent = Named::of(row.assistant_id.0, agent_name);
    call.campaign = Named::of(row.campaign_id.0, None);
    call.metadata = row.metadata.0.or(assistant.metadata.0).or(overrides.metadata.0);

    let analysis = row.analysis.0.unwrap_or_default();
    let artifact = row.artifact.0.unwrap_or_default();
    call.summary = analysis.summary.0.clone().or(row.summary.0);
    call.success = analysis.success_evaluation.0.clone().map(Success::from_word);
    call.evaluation = evaluation(analysis, &artifact);
    call.recording_url = recording(&artifact).or(row.recording_url.0);
    call.variables = artifact.variable_values.0.or(overrides.variable_values.0);
    call.transcript = transcript(artifact.messages)
        .or_else(|| transcript(row.messages.read()))
        .or_else(|| artifact.transcript.read::<Text>().0.map(Transcript::Text))
        .or_else(|| row.transcript.read::<Text>().0.map(Transcript::Text));

    call.cost =
        cost::cost(&row.cost, &row.costs.0, &row.cost_breakdown, call.status.value, was_held);
    Ok(call)
}

fn status(
    word: Option<String>,
    reason: Option<&Labeled<EndedReason>>,
    was_held: bool,
) -> Labeled<CallStatus> {
    let Some(word) = word else { return CallStatus::Unknown.into() };
    let value = match word.as_str() {
        "scheduled" => CallStatus::Scheduled,
        "queued" => CallStatus::Queued,
        "ringing" => CallStatus::Ringing,
        "in-progress" | "forwarding" => CallStatus::InProgress,
        "ended" => ending::outcome(reason, was_held),
        _ => CallStatus::Unknown,
    };
    Labeled::new(value, word)
}

fn direction(word: Option<&str>) -> Option<Direction> {
    match word? {
        "inboundPhoneCall" => Some(Direction::Inbound),
        "outboundPhoneCall" => Some(Direction::Outbound),
        _ => None,
    }
}

fn channel(word: Option<String>, transport: Option<&str>) -> Option<Labeled<Channel>> {
    let word = word?;
    let value = match (word.as_str(), transport) {
        ("inboundPhoneCall" | "outboundPhoneCall", Some("sip")) => Channel::Sip,
        ("inboundPhoneCall" | "outboundPhoneCall", _) => Channel::Phone,
        ("webCall" | "vapi.websocketCall", _) => Channel::Web,
        _ => Channel::Unknown,
    };
    Some(Labeled::new(value, word))
}

/// What was spoken; prompts and tool calls were not.
fn transcript(messages: Items<Message>) -> Option<Transcript> {
    let spoken = |message: Message| {
        let speaker = match message.role.as_deref()? {
            "bot" | "assistant" => Speaker::Assistant,
            "user" => Speaker::Customer,
            _ => return None,
        };
        let at: Option<DateTime<Utc>> =
            message.time.0.and_then(|millis| DateTime::from_timestamp_millis(millis as i64));
        Some(Turn::new(speaker, message.message.0?, at))
    };
    let turns: Vec<Turn> = messages.0.into_iter().filter_map(spoken).collect();
    (!turns.is_empty()).then_some(Transcript::Turns(turns))
}

/// Structured data by its own keys, and structured outputs by their names, or by their ids where a name is taken.
fn evaluation(analysis: Analysis, artifact: &Artifact<'_>) -> Option<JsonMap> {
    let mut map = analysis.structured_data.0.unwrap_or_default();
    for (id, output) in artifact.structured_outputs.0.iter().flatten() {
        let name = output.get("name").and_then(Value::as_str);
        let name = name.filter(|name| !map.contains_key(*name)).unwrap_or(id);
        map.insert(name.to_owned(), output.get("result").cloned().unwrap_or(Value::Null));
    }
    (!map.is_empty()).then_some(map)
}

fn recording(artifact: &Artifact<'_>) -> Option<String> {
    let mono = artifact.recording.0.as_ref().and_then(|recording| recording.mono.0.as_ref());
    mono.and_then(|mono| mono.combined_url.0.clone()).or_else(|| artifact.recording_url.0.clone())
}
