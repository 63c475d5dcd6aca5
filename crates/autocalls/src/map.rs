//! A row of Autocalls' as a call.

use callmux_core::{
    AnsweredBy, Call, CallStatus, Channel, Component, Cost, CostScope, Currency, Direction,
    EndedBy, EndedReason, JsonMap, Labeled, Named, Party, Speaker, Success, Transcript, Turn,
};
use callmux_http::wire::{Number, Text, TextOrItems};
use callmux_http::{Bill, RowError, Source, StatusWords, Zone, instant};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::time::Duration;

use crate::wire::{Row, Utterance};

/// The ten documented words. Any other is kept and unknown.
pub(crate) const STATUSES: StatusWords = StatusWords(&[
    ("initiated", CallStatus::Queued),
    ("ringing", CallStatus::Ringing),
    ("in-progress", CallStatus::InProgress),
    ("completed", CallStatus::Completed),
    ("ended", CallStatus::Completed),
    ("ended_by_customer", CallStatus::Completed),
    ("ended_by_assistant", CallStatus::Completed),
    ("busy", CallStatus::Busy),
    ("no-answer", CallStatus::NoAnswer),
    ("failed", CallStatus::Failed),
]);

pub(crate) fn call(
    row: Row,
    source: &Source,
    zone: &Zone,
    currency: Currency,
) -> Result<Call, RowError> {
    let mut call = source.call(row.id.0.ok_or_else(|| RowError::missing("id"))?);
    let time = |text: &Text| instant(text.as_deref()?, zone);
    call.times.created = time(&row.created_at);
    call.times.updated = time(&row.updated_at);
    call.placed_at = call.times.created;

    let word = row.status.0;
    (call.ended_reason, call.ended_by) = ending(word.as_deref());
    call.status = STATUSES.read(word);
    let is_live = call.status.value.is_live();
    // The zero of a call that is not over is no length yet.
    call.durations.talk = seconds(row.duration).filter(|talk| !(is_live && talk.is_zero()));
    call.answered_by = row.answered_by.0.map(answered_by);
    (call.direction, call.channel) = kind(row.r#type.0);

    call.customer = Party::of(row.client_phone_number.0, None, None);
    call.line = Party::of(row.assistant_phone_number.0, None, None);
    call.agent = Named::of(None, row.assistant_name.0);
    call.campaign = Named::of(None, row.campaign_name.0);

    call.transcript = transcript(row.transcript);
    call.recording_url = row.recording_url.0;
    call.variables = row.variables.0;
    call.metadata = row.webhook_response.0;
    call.evaluation = row.evaluation.0.map(by_name);
    let evaluated = |name: &str| call.evaluation.as_ref()?.get(name);
    call.summary = evaluated("summary").and_then(Value::as_str).and_then(not_blank);
    call.success = evaluated("status").and_then(verdict);

    let mut bill = Bill::new(currency, &row.total_cost, is_live);
    bill.line(Component::Telephony, "carrier_cost", &row.carrier_cost);
    call.cost = cost(bill);
    Ok(call)
}

/// The total is the plan's rate for the minutes of the assistant, which is not itemised, and the carrier's.
fn cost(bill: Bill) -> Cost {
    use Component::{Llm, Platform, Stt, Tts};
    bill.finish(CostScope::new([Platform, Stt, Llm, Tts], []))
}

/// Why a call ended and which side ended it, as far as its status says so.
fn ending(word: Option<&str>) -> (Option<Labeled<EndedReason>>, Option<EndedBy>) {
    let Some(word) = word else { return (None, None) };
    let (reason, by) = match word {
        "ended_by_customer" => (EndedReason::CustomerHangup, Some(EndedBy::Customer)),
        "ended_by_assistant" => (EndedReason::AssistantHangup, Some(EndedBy::Assistant)),
        "no-answer" => (EndedReason::NoAnswer, None),
        "busy" => (EndedReason::Busy, None),
        "voicemail" => (EndedReason::Voicemail, None),
        _ => return (None, None),
    };
    (Some(Labeled::new(reason, word)), by)
}

fn answered_by(word: String) -> Labeled<AnsweredBy> {
    let value = match word.as_str() {
        "human" => AnsweredBy::Human,
        "machine" => AnsweredBy::Machine,
        _ => AnsweredBy::Unknown,
    };
    Labeled::new(value, word)
}

fn kind(word: Option<String>) -> (Option<Direction>, Option<Labeled<Channel>>) {
    let Some(word) = word else { return (None, None) };
    let (direction, channel) = match word.as_str() {
        "inbound" => (Some(Direction::Inbound), Channel::Phone),
        "outbound" => (Some(Direction::Outbound), Channel::Phone),
        "web" => (None, Channel::Web),
        _ => (None, Channel::Unknown),
    };
    (direction, Some(Labeled::new(channel, word)))
}

fn seconds(number: Number) -> Option<Duration> {
    Duration::try_from_secs_f64(number.0?).ok()
}

fn transcript(said: TextOrItems<Utterance>) -> Option<Transcript> {
    match said {
        TextOrItems::Text(text) => not_blank(&text).map(Transcript::Text),
        TextOrItems::Items(turns) => {
            let turns: Vec<Turn> = turns.into_iter().filter_map(turn).collect();
            (!turns.is_empty()).then_some(Transcript::Turns(turns))
        }
    }
}

fn turn(said: Utterance) -> Option<Turn> {
    let speaker = match said.sender.as_deref() {
        Some("bot") => Speaker::Assistant,
        Some("human") => Speaker::Customer,
        _ => Speaker::Other,
    };
    // Microseconds: the digits that are sent, and all that a float of today's epoch holds.
    let at = said.timestamp.0.map(|seconds| (seconds * 1e6).round() as i64);
    let at: Option<DateTime<Utc>> = at.and_then(DateTime::from_timestamp_micros);
    Some(Turn::new(speaker, said.text.0?, at))
}

/// A list of `{name, value, …}` as a map of names to values; what has another form stays under its own key.
fn by_name(entries: JsonMap) -> JsonMap {
    let mut map = JsonMap::new();
    for (key, mut entry) in entries {
        let name = entry.get("name").and_then(Value::as_str).map(str::to_owned);
        let name = name.filter(|name| !map.contains_key(name));
        match (name, entry.get_mut("value")) {
            (Some(name), Some(value)) => map.insert(name, value.take()),
            _ => map.insert(key, entry),
        };
    }
    map
}

/// Only a plain yes or no: other values of an entry named `status` are the user's own words.
fn verdict(value: &Value) -> Option<Success> {
    let word = match value {
        Value::Bool(reached) => reached.to_string(),
        Value::String(word) => word.clone(),
        _ => return None,
    };
    Some(Success::from_word(word)).filter(|success| success.reached.is_some())
}

fn not_blank(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}
