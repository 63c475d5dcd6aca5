//! The columns of a call.

use std::borrow::Cow;

use callmux_core::{
    AnsweredBy, Call, Channel, Component, Direction, EndedBy, EndedReason, Labeled, Money, Named,
    Party, PhoneNumber, Transcript,
};

use crate::cell::Cell;
use crate::column::{Column, Kind};

const fn column_of(
    name: &'static str,
    kind: Kind,
    doc: &'static str,
    read: for<'a> fn(&'a Call) -> Cell<'a>,
) -> Column {
    Column { name, kind, doc, read }
}

/// Declares columns, one a line: constant, name, kind, accessor, meaning; and the list of them all.
macro_rules! columns {
    ($( $column:ident = $name:literal $kind:ident, $read:expr, $doc:literal; )+) => {
        $( const $column: Column = column_of($name, Kind::$kind, $doc, $read); )+

        /// Every column of a call, in the order of a file. The raw row is not among them.
        pub const COLUMNS: &[Column] = &[ $( $column, )+ ];
    };
}

columns! {
    VENDOR = "vendor" Text, |call| Cell::text(Some(call.vendor.as_str())),
        "The vendor.";
    ACCOUNT = "account" Text, |call| Cell::text(Some(call.account.as_str())),
        "The label of the credential that listed the call.";
    ID = "id" Text, |call| Cell::text(Some(call.id.as_str())),
        "The vendor's identifier, unique within the account.";
    PLACED_AT = "placed_at" Instant, |call| Cell::instant(call.placed_at),
        "The time of the call: created where reported, else started.";
    STATUS = "status" Text, |call| Cell::text(Some(call.status.value.as_str())),
        "Where the call is in its life.";
    VENDOR_STATUS = "vendor_status" Text, |call| Cell::text(call.status.word.as_deref()),
        "The vendor's word for the status.";
    DIRECTION = "direction" Text, |call| Cell::text(call.direction.map(Direction::as_str)),
        "Who called whom.";
    CHANNEL = "channel" Text, |call| Cell::text(value(call.channel.as_ref()).map(Channel::as_str)),
        "The medium.";
    VENDOR_CHANNEL = "vendor_channel" Text, |call| Cell::text(word(call.channel.as_ref())),
        "The vendor's word for the medium.";
    ENDED_REASON = "ended_reason" Text, |call| Cell::text(value(call.ended_reason.as_ref()).map(EndedReason::as_str)),
        "Why it ended.";
    VENDOR_ENDED_REASON = "vendor_ended_reason" Text, |call| Cell::text(word(call.ended_reason.as_ref())),
        "The vendor's word for why it ended.";
    ENDED_BY = "ended_by" Text, |call| Cell::text(call.ended_by.map(EndedBy::as_str)),
        "Which side ended it.";
    ANSWERED_BY = "answered_by" Text, |call| Cell::text(value(call.answered_by.as_ref()).map(AnsweredBy::as_str)),
        "Who or what answered.";
    VENDOR_ANSWERED_BY = "vendor_answered_by" Text, |call| Cell::text(word(call.answered_by.as_ref())),
        "The vendor's word for who answered.";

    CUSTOMER_NUMBER = "customer_number" Text, |call| number(call.customer.as_ref()),
        "The other party's number or address, as the vendor gives it.";
    CUSTOMER_NAME = "customer_name" Text, |call| Cell::text(call.customer.as_ref().and_then(|party| party.name.as_deref())),
        "The other party's name.";
    CUSTOMER_ID = "customer_id" Text, |call| Cell::text(call.customer.as_ref().and_then(|party| party.id.as_deref())),
        "The vendor's identifier of the other party.";
    LINE_NUMBER = "line_number" Text, |call| number(call.line.as_ref()),
        "Our number, as the vendor gives it.";
    LINE_NAME = "line_name" Text, |call| Cell::text(call.line.as_ref().and_then(|party| party.name.as_deref())),
        "The name of our number.";
    LINE_ID = "line_id" Text, |call| Cell::text(call.line.as_ref().and_then(|party| party.id.as_deref())),
        "The vendor's identifier of our number.";
    AGENT_ID = "agent_id" Text, |call| Cell::text(id(call.agent.as_ref())),
        "The vendor's identifier of the assistant that spoke.";
    AGENT_NAME = "agent_name" Text, |call| Cell::text(name(call.agent.as_ref())),
        "The name of that assistant.";
    CAMPAIGN_ID = "campaign_id" Text, |call| Cell::text(id(call.campaign.as_ref())),
        "The vendor's identifier of the campaign.";
    CAMPAIGN_NAME = "campaign_name" Text, |call| Cell::text(name(call.campaign.as_ref())),
        "The name of the campaign.";

    TALK_SECONDS = "talk_seconds" Seconds, |call| Cell::seconds(call.durations.talk),
        "How long the parties were connected.";
    BILLED_SECONDS = "billed_seconds" Seconds, |call| Cell::seconds(call.durations.billed),
        "How long the vendor charges for.";
    CREATED_AT = "created_at" Instant, |call| Cell::instant(call.times.created),
        "When the vendor made the record.";
    SCHEDULED_AT = "scheduled_at" Instant, |call| Cell::instant(call.times.scheduled),
        "When it was, or is, to be placed.";
    STARTED_AT = "started_at" Instant, |call| Cell::instant(call.times.started),
        "When sound or dialling began.";
    ANSWERED_AT = "answered_at" Instant, |call| Cell::instant(call.times.answered),
        "When the other party answered.";
    ENDED_AT = "ended_at" Instant, |call| Cell::instant(call.times.ended),
        "When the call was over.";
    UPDATED_AT = "updated_at" Instant, |call| Cell::instant(call.times.updated),
        "When the vendor last changed the record.";

    COST_STATE = "cost_state" Text, |call| Cell::text(Some(call.cost.state.as_str())),
        "How far the cost can be relied on.";
    COST = "cost" Decimal, |call| Cell::decimal(total(call).map(|total| total.amount)),
        "The total, only where it is known: a pending or absent cost is an empty cell, never 0.";
    COST_CURRENCY = "cost_currency" Text, |call| total(call).map_or(Cell::Absent, |total| Cell::Text(Cow::Owned(total.currency.to_string()))),
        "The currency of the total and of all its parts.";
    COST_TELEPHONY = "cost_telephony" Decimal, |call| part(call, Component::Telephony),
        "The part of the total for carrier minutes and transport.";
    COST_STT = "cost_stt" Decimal, |call| part(call, Component::Stt),
        "The part of the total for speech to text.";
    COST_LLM = "cost_llm" Decimal, |call| part(call, Component::Llm),
        "The part of the total for the language model.";
    COST_TTS = "cost_tts" Decimal, |call| part(call, Component::Tts),
        "The part of the total for text to speech.";
    COST_SPEECH_TO_SPEECH = "cost_speech_to_speech" Decimal, |call| part(call, Component::SpeechToSpeech),
        "The part of the total for a model that hears and speaks by itself.";
    COST_PLATFORM = "cost_platform" Decimal, |call| part(call, Component::Platform),
        "The part of the total that is the vendor's own fee.";
    COST_TRANSFER = "cost_transfer" Decimal, |call| part(call, Component::Transfer),
        "The part of the total for a transferred leg.";
    COST_ANALYSIS = "cost_analysis" Decimal, |call| part(call, Component::Analysis),
        "The part of the total for summaries and evaluations.";
    COST_KNOWLEDGE_BASE = "cost_knowledge_base" Decimal, |call| part(call, Component::KnowledgeBase),
        "The part of the total for look-ups in a knowledge base.";
    COST_VOICEMAIL_DETECTION = "cost_voicemail_detection" Decimal, |call| part(call, Component::VoicemailDetection),
        "The part of the total for telling a person from a machine.";
    COST_RECORDING = "cost_recording" Decimal, |call| part(call, Component::Recording),
        "The part of the total for recordings.";
    COST_OTHER = "cost_other" Decimal, |call| part(call, Component::Other),
        "The part of the total that the vendor names with another word.";
    COST_UNATTRIBUTED = "cost_unattributed" Decimal, |call| Cell::decimal(total(call).and_then(|_| call.cost.unattributed()).map(|rest| rest.amount)),
        "The part of the total that the vendor does not itemise; below zero where rounded lines exceed a rounded total.";
    COST_INCLUDES = "cost_includes" Json, |call| Cell::json(non_empty(&call.cost.scope.includes)),
        "The components that the total covers, where that is known.";
    COST_EXCLUDES = "cost_excludes" Json, |call| Cell::json(non_empty(&call.cost.scope.excludes)),
        "The components that are charged beside the total, where that is known.";
    COST_LINES = "cost_lines" Json, |call| Cell::json(non_empty(&call.cost.lines)),
        "Every line of the bill, in the vendor's order.";
    COST_UNREADABLE = "cost_unreadable" Text, |call| Cell::text(call.cost.unreadable.as_deref()),
        "The vendor's own text of an amount that could not be read exactly.";
    CREDITS = "credits" Decimal, |call| Cell::decimal(call.cost.credits.as_ref().map(|credits| credits.amount)),
        "What was charged in the vendor's own unit, which is not money.";
    CREDITS_UNIT = "credits_unit" Text, |call| Cell::text(call.cost.credits.as_ref().map(|credits| credits.unit.as_str())),
        "The name of that unit.";

    RECORDING_URL = "recording_url" Text, |call| Cell::text(call.recording_url.as_deref()),
        "Where the recording is; it may be a signed link.";
    SUMMARY = "summary" Text, |call| Cell::text(call.summary.as_deref()),
        "A summary made by the vendor.";
    SUCCESS = "success" Boolean, |call| call.success.as_ref().and_then(|success| success.reached).map_or(Cell::Absent, Cell::Boolean),
        "Whether the call reached its goal, where the vendor says yes or no.";
    VENDOR_SUCCESS = "vendor_success" Text, |call| Cell::text(call.success.as_ref().map(|success| success.word.as_str())),
        "The vendor's word for whether it did.";
    CARRIER_CALL_ID = "carrier_call_id" Text, |call| Cell::text(call.related.carrier_call_id.as_deref()),
        "The carrier's identifier of the call.";
    PARENT_ID = "parent_id" Text, |call| Cell::text(call.related.parent_id.as_deref()),
        "The call of which this is a leg.";
    SESSION_ID = "session_id" Text, |call| Cell::text(call.related.session_id.as_deref()),
        "The session or conversation it belongs to.";
    DETAIL = "detail" Text, |call| Cell::text(Some(call.detail.as_str())),
        "Whether the listed row is the whole call: `full` or `summary`.";
    TRANSCRIPT = "transcript" Text, |call| call.transcript.as_ref().map_or(Cell::Absent, |transcript| Cell::Text(spoken(transcript))),
        "What was said; where the vendor gives turns, one a line after its speaker.";
    VARIABLES = "variables" Json, |call| Cell::json(call.variables.as_ref()),
        "Input to the call.";
    METADATA = "metadata" Json, |call| Cell::json(call.metadata.as_ref()),
        "The user's own data on the call.";
    EVALUATION = "evaluation" Json, |call| Cell::json(call.evaluation.as_ref()),
        "What the vendor took from the call afterwards.";
}

/// How many decimal places a price has at most.
const PRICE_PLACES: u32 = 6;

// Columns made for reading: they join what a file keeps apart.
const CUSTOMER: Column = column_of(
    "customer",
    Kind::Text,
    "The other party's number, else its name, else its identifier.",
    |call| Cell::text(call.customer.as_ref().and_then(label)),
);
const AGENT: Column = column_of(
    "agent",
    Kind::Text,
    "The name of the assistant that spoke, else its identifier.",
    |call| Cell::text(call.agent.as_ref().and_then(Named::label)),
);
const PRICE: Column = column_of(
    "price",
    Kind::Text,
    "The total with its currency where it is known, to six decimal places at most; else the state of the cost, as in `(pending)`.",
    |call| {
        Cell::Text(Cow::Owned(match total(call) {
            Some(total) => price(total),
            None => format!("({})", call.cost.state),
        }))
    },
);

/// The few columns that fit a terminal. `customer`, `agent` and `price` join what [`COLUMNS`] keeps apart.
pub const DEFAULT_TABLE: &[Column] =
    &[PLACED_AT, VENDOR, ACCOUNT, STATUS, DIRECTION, CUSTOMER, AGENT, TALK_SECONDS, PRICE];

/// The column of this name, of [`COLUMNS`] or of [`DEFAULT_TABLE`].
#[must_use]
pub fn column(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().chain(DEFAULT_TABLE).find(|column| column.name == name)
}

fn value<T: Copy>(labeled: Option<&Labeled<T>>) -> Option<T> {
    labeled.map(|labeled| labeled.value)
}

fn word<T>(labeled: Option<&Labeled<T>>) -> Option<&str> {
    labeled.and_then(|labeled| labeled.word.as_deref())
}

fn number(party: Option<&Party>) -> Cell<'_> {
    Cell::text(party.and_then(|party| party.number.as_ref()).map(PhoneNumber::as_str))
}

fn label(party: &Party) -> Option<&str> {
    let number = party.number.as_ref().map(PhoneNumber::as_str);
    number.or(party.name.as_deref()).or(party.id.as_deref())
}

fn id(named: Option<&Named>) -> Option<&str> {
    named.and_then(|named| named.id.as_deref())
}

fn name(named: Option<&Named>) -> Option<&str> {
    named.and_then(|named| named.name.as_deref())
}

/// The total that may be summed: a spreadsheet would take a pending 0 for a price.
fn total(call: &Call) -> Option<Money> {
    call.cost.known_total()
}

/// An amount for reading: the vendor's own digits where they are few. What is something is never shown as zero.
fn price(total: Money) -> String {
    if total.amount.scale() <= PRICE_PLACES {
        return total.to_string();
    }
    let rounded = total.amount.round_dp(PRICE_PLACES).normalize();
    match (rounded.is_zero(), total.amount.is_zero(), total.amount.is_sign_negative()) {
        (true, false, false) => format!("<0.000001 {}", total.currency),
        (true, false, true) => format!(">-0.000001 {}", total.currency),
        _ => Money::new(rounded, total.currency).to_string(),
    }
}

/// A component's lines in the total, summed. Absent where there is no such line, and where the bill cannot be split
/// because a line of it is in another currency.
fn part(call: &Call, component: Component) -> Cell<'static> {
    let sum = || {
        total(call)?;
        call.cost.unattributed()?;
        let mut lines =
            call.cost.lines.iter().filter(|line| line.in_total && line.component == component);
        let first = lines.next()?.amount;
        lines.try_fold(first, |sum, line| sum.checked_add(line.amount).ok())
    };
    Cell::decimal(sum().map(|sum| sum.amount))
}

fn non_empty<'a, C>(items: &'a C) -> Option<&'a C>
where
    &'a C: IntoIterator,
{
    items.into_iter().next().is_some().then_some(items)
}

fn spoken(transcript: &Transcript) -> Cow<'_, str> {
    match transcript {
        Transcript::Text(text) => Cow::Borrowed(text),
        Transcript::Turns(turns) => {
            let lines: Vec<String> =
                turns.iter().map(|turn| format!("{}: {}", turn.speaker, turn.text)).collect();
            Cow::Owned(lines.join("\n"))
        }
    }
}
