//! A row of Burki's as a call.

use std::time::Duration;

use callmux_core::{
    Call, CallStatus, Channel, Component, Cost, CostScope, Currency, Detail, Direction, Labeled,
    Named, Party,
};
use callmux_http::wire::{Amount, Text};
use callmux_http::{Bill, RowError, Source, StatusWords, Zone, instant};
use serde_json::Value;

use crate::wire::Row;

/// The words that are known of Burki's open set.
pub(crate) const STATUSES: StatusWords = StatusWords(&[
    ("ongoing", CallStatus::InProgress),
    ("in-progress", CallStatus::InProgress),
    ("completed", CallStatus::Completed),
    ("failed", CallStatus::Failed),
    ("no-answer", CallStatus::NoAnswer),
    ("busy", CallStatus::Busy),
    ("canceled", CallStatus::Canceled),
    ("cancelled", CallStatus::Canceled),
]);

pub(crate) fn call(row: Row, source: &Source) -> Result<Call, RowError> {
    let mut call = source.call(row.id.0.clone().ok_or_else(|| RowError::missing("id"))?);
    let utc = Zone::utc();
    let time = |text: &Text| instant(text.as_deref()?, &utc);

    call.times.created = time(&row.created_at);
    call.times.started = time(&row.started_at);
    call.times.ended = time(&row.ended_at);
    call.times.updated = time(&row.updated_at);
    // What Burki orders and filters by, also where it shows when the record was made.
    call.placed_at = call.times.started;
    let seconds = row.duration.0.and_then(|seconds| u64::try_from(seconds).ok());
    call.durations.talk = seconds.map(Duration::from_secs);

    call.status = STATUSES.read(row.status.0.clone());
    call.cost = cost(&row, call.status.value.is_live());
    call.customer = Party::of(row.customer_phone_number.0, None, None);
    call.line = Party::of(row.to_phone_number.0, None, None);
    call.agent = Named::of(row.assistant_id.0, row.assistant_name.0);
    call.channel = row.call_sid.as_deref().and_then(channel).map(Labeled::from);
    call.related.carrier_call_id = row.call_sid.0;
    call.metadata = row.call_meta.0.or(row.metadata.0);

    let outbound = call.metadata.as_ref().and_then(|metadata| metadata.get("outbound"));
    let is_web = call.channel.as_ref().is_some_and(|channel| channel.value == Channel::Web);
    call.direction = match outbound {
        Some(Value::Bool(true)) => Some(Direction::Outbound),
        // Nobody dials a browser call.
        _ => (!is_web).then_some(Direction::Inbound),
    };
    // Transcripts and recordings have requests of their own.
    call.detail = Detail::Summary;
    Ok(call)
}

/// What carried a call shows in the form of its identifier.
fn channel(call_sid: &str) -> Option<Channel> {
    if call_sid.starts_with("browser_call_") {
        return Some(Channel::Web);
    }
    // Twilio's and Telnyx's.
    (call_sid.starts_with("CA") || call_sid.starts_with("v3:")).then_some(Channel::Phone)
}

/// Amounts without a currency are dollars, the only currency that the vendor's documents name. A currency that cannot be read is
/// not guessed, and then the amounts are not known either.
fn cost(row: &Row, is_live: bool) -> Cost {
    let currency = match row.cost_currency.as_deref() {
        None => Currency::USD,
        Some(word) => match word.parse() {
            Ok(currency) => currency,
            Err(_) => {
                let mut cost = Cost::unavailable();
                cost.unreadable = Some(word.chars().take(60).collect());
                return cost;
            }
        },
    };
    let (total, scope) = match &row.total_cost {
        // The older documents say nothing of what their one amount covers.
        Amount::Absent => (&row.cost, CostScope::default()),
        total => (total, CostScope::new(COMPONENTS, [Component::Platform])),
    };
    let mut bill = Bill::new(currency, total, is_live);
    bill.line(Component::Llm, "llm_cost", &row.llm_cost);
    bill.line(Component::Tts, "tts_cost", &row.tts_cost);
    bill.line(Component::Stt, "stt_cost", &row.stt_cost);
    bill.line(Component::Telephony, "telephony_cost", &row.telephony_cost);
    bill.finish(scope)
}

/// What `total_cost` covers. Burki's own fees are charged apart from it.
const COMPONENTS: [Component; 4] =
    [Component::Llm, Component::Tts, Component::Stt, Component::Telephony];
