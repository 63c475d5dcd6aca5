//! A row of Vapi's as a call.

use callmux_core::{
    AnsweredBy, Call, CallStatus, Channel, Component, Cost, CostLine, CostScope, Currency,
    Direction, Durations, EndedReason, JsonMap, Labeled, Named, Party, Speaker, Success,
    Transcript, Turn,
};
use callmux_http::wire::{Amount, Text};
use callmux_http::{Bill, RowError, Source, Zone, instant};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::ending;
use crate::wire::{Analysis, Artifact, CostBreakdown, CostItem, Message, Model, Row};

pub(crate) fn call(row: Row, source: &Source) -> Result<Call, RowError> {
    let mut call = source.call(row.id.0.ok_or_else(|| RowError::missing("id"))?);
    let utc = Zone::utc();
    let time = |text: &Text| instant(text.as_deref()?, &utc);

    call.times.created = time(&row.created_at);
    call.times.started = time(&row.started_at);
    call.times.ended = time(&row.ended_at);
    call.times.updated = time(&row.updated_at);
    call.times.scheduled = row.schedule_plan.0.as_ref().and_then(|plan| time(&plan.earliest_at));
    call.placed_at = call.times.created.or(call.times.started);
    call.durations.talk = Durations::between(call.times.started, call.times.ended);

    let reason = row.ended_reason.0.map(|word| Labeled::new(ending::reason(&word), word));
    call.status = status(row.status.0, reason.as_ref());
    call.ended_by = reason.as_ref().and_then(|reason| ending::ended_by(reason.value));
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
    let agent_name = assistant.name.0.or(overrides.name.0).or(squad.name.0);
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
    call.transcript = transcript(&artifact.messages.0)
        .or_else(|| transcript(&row.messages.0))
        .or_else(|| artifact.transcript.0.or(row.transcript.0).map(Transcript::Text));

    let is_held = call.times.started.is_some();
    call.cost = cost(&row.cost, &row.costs.0, row.cost_breakdown.0, &call.status.value, is_held);
    Ok(call)
}

fn status(word: Option<String>, reason: Option<&Labeled<EndedReason>>) -> Labeled<CallStatus> {
    let Some(word) = word else { return CallStatus::Unknown.into() };
    let value = match word.as_str() {
        "scheduled" => CallStatus::Scheduled,
        "queued" => CallStatus::Queued,
        "ringing" => CallStatus::Ringing,
        "in-progress" | "forwarding" => CallStatus::InProgress,
        "ended" => ending::outcome(reason.map(|reason| reason.value)),
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
fn transcript(messages: &[Message]) -> Option<Transcript> {
    let spoken = |message: &Message| {
        let speaker = match message.role.as_deref()? {
            "bot" | "assistant" => Speaker::Assistant,
            "user" => Speaker::Customer,
            _ => return None,
        };
        let at: Option<DateTime<Utc>> =
            message.time.0.and_then(|millis| DateTime::from_timestamp_millis(millis as i64));
        Some(Turn::new(speaker, message.message.as_deref()?, at))
    };
    let turns: Vec<Turn> = messages.iter().filter_map(spoken).collect();
    (!turns.is_empty()).then_some(Transcript::Turns(turns))
}

/// Structured data by its own keys, and structured outputs by their names.
fn evaluation(analysis: Analysis, artifact: &Artifact) -> Option<JsonMap> {
    let mut map = analysis.structured_data.0.unwrap_or_default();
    for (id, output) in artifact.structured_outputs.0.iter().flatten() {
        let name = output.get("name").and_then(Value::as_str).unwrap_or(id);
        map.insert(name.to_owned(), output.get("result").cloned().unwrap_or(Value::Null));
    }
    (!map.is_empty()).then_some(map)
}

fn recording(artifact: &Artifact) -> Option<String> {
    let mono = artifact.recording.0.as_ref().and_then(|recording| recording.mono.0.as_ref());
    mono.and_then(|mono| mono.combined_url.0.clone()).or_else(|| artifact.recording_url.0.clone())
}

fn cost(
    total: &Amount,
    items: &[CostItem],
    breakdown: Option<CostBreakdown>,
    status: &CallStatus,
    is_held: bool,
) -> Cost {
    let breakdown = breakdown.unwrap_or_default();
    let total = if *total == Amount::Absent { &breakdown.total } else { total };
    // Vapi bills in United States dollars and says so in its reference.
    let mut bill = Bill::new(Currency::USD, total, status.is_live());
    for item in items {
        add_item(&mut bill, item);
    }
    if bill.has_no_lines() {
        add_breakdown(&mut bill, &breakdown);
    }
    if bill.has_no_lines() && is_held {
        // A call that was held and has no bill yet: Vapi writes the bill some seconds after the end.
        bill.zero_is_pending();
    }
    use Component::{Analysis, Llm, Platform, Stt, Tts};
    bill.finish(CostScope::new([Platform, Stt, Llm, Tts, Analysis], []))
}

fn add_item(bill: &mut Bill, item: &CostItem) {
    let word = item.r#type.as_deref().unwrap_or("unknown");
    let tokens = match (item.prompt_tokens.exact(), item.completion_tokens.exact()) {
        (Some(prompt), Some(completion)) => prompt.checked_add(completion),
        (prompt, completion) => prompt.or(completion),
    };
    let (component, model, quantity, unit) = match word {
        "transport" => (Component::Telephony, None, item.minutes.exact(), "minutes"),
        "transcriber" => {
            (Component::Stt, item.transcriber.0.as_ref(), item.minutes.exact(), "minutes")
        }
        "model" => (Component::Llm, item.model.0.as_ref(), tokens, "tokens"),
        "voice" => (Component::Tts, item.voice.0.as_ref(), item.characters.exact(), "characters"),
        "vapi" => (Component::Platform, None, item.minutes.exact(), "minutes"),
        "voicemail-detection" => (Component::VoicemailDetection, None, None, ""),
        "analysis" => (Component::Analysis, item.model.0.as_ref(), tokens, "tokens"),
        "knowledge-base" => (Component::KnowledgeBase, item.model.0.as_ref(), tokens, "tokens"),
        _ => (Component::Other, item.model.0.as_ref(), None, ""),
    };
    let detail = item.analysis_type.as_deref().or(item.sub_type.as_deref());
    let label = detail.map_or_else(|| word.to_owned(), |detail| format!("{word}/{detail}"));
    let model = model.and_then(model_name).or_else(|| item.provider.0.clone());
    let details = |line: CostLine| line.with_quantity(quantity, unit).with_model(model);
    bill.line_with(component, &label, &item.cost, details);
}

fn model_name(model: &Model) -> Option<String> {
    let name = model.model.as_deref().or(model.voice_id.as_deref());
    match (model.provider.as_deref(), name) {
        (Some(provider), Some(name)) => Some(format!("{provider}/{name}")),
        (provider, name) => provider.or(name).map(str::to_owned),
    }
}

fn add_breakdown(bill: &mut Bill, breakdown: &CostBreakdown) {
    bill.line(Component::Telephony, "transport", &breakdown.transport);
    bill.line(Component::Stt, "stt", &breakdown.stt);
    bill.line(Component::Llm, "llm", &breakdown.llm);
    bill.line(Component::Tts, "tts", &breakdown.tts);
    bill.line(Component::Platform, "vapi", &breakdown.vapi);
    bill.line(Component::Other, "chat", &breakdown.chat);
    bill.line(
        Component::VoicemailDetection,
        "voicemailDetectionCost",
        &breakdown.voicemail_detection_cost,
    );
    bill.line(Component::KnowledgeBase, "knowledgeBaseCost", &breakdown.knowledge_base_cost);
    if let Some(analysis) = &breakdown.analysis_cost_breakdown.0 {
        bill.line(Component::Analysis, "analysis/summary", &analysis.summary);
        bill.line(Component::Analysis, "analysis/structuredData", &analysis.structured_data);
        bill.line(Component::Analysis, "analysis/successEvaluation", &analysis.success_evaluation);
        bill.line(Component::Analysis, "analysis/structuredOutput", &analysis.structured_output);
    }
}
