//! Rows of Vapi, by docs/vendors/vapi.md.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::call::{Call, Cost, Line, Named, amount, is_live, time};
use super::exact::Amount;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: String,
    created_at: String,
    started_at: Option<String>,
    ended_at: Option<String>,
    status: String,
    ended_reason: Option<String>,
    assistant_id: Option<String>,
    campaign_id: Option<String>,
    #[serde(borrow)]
    cost: Option<&'a RawValue>,
    #[serde(borrow)]
    cost_breakdown: Option<Breakdown<'a>>,
    #[serde(borrow, default)]
    costs: Vec<Item<'a>>,
    #[serde(borrow)]
    artifact: Option<Artifact<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Breakdown<'a> {
    #[serde(borrow)]
    total: Option<&'a RawValue>,
    #[serde(borrow)]
    transport: Option<&'a RawValue>,
    #[serde(borrow)]
    stt: Option<&'a RawValue>,
    #[serde(borrow)]
    llm: Option<&'a RawValue>,
    #[serde(borrow)]
    tts: Option<&'a RawValue>,
    #[serde(borrow)]
    vapi: Option<&'a RawValue>,
    #[serde(borrow)]
    analysis_cost_breakdown: Option<Analysis<'a>>,
}

#[derive(Deserialize)]
struct Analysis<'a> {
    #[serde(borrow)]
    summary: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    r#type: String,
    #[serde(borrow)]
    cost: Option<&'a RawValue>,
    #[serde(borrow)]
    minutes: Option<&'a RawValue>,
    characters: Option<u64>,
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    provider: Option<String>,
    transcriber: Option<Used>,
    model: Option<Used>,
    voice: Option<Used>,
}

/// Who provides what was used, and under which name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Used {
    provider: String,
    model: Option<String>,
    voice_id: Option<String>,
}

#[derive(Deserialize)]
struct Artifact<'a> {
    #[serde(borrow, default)]
    messages: Vec<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    role: String,
    #[serde(borrow)]
    time: &'a RawValue,
}

pub(super) fn call(text: &str) -> Call {
    let row: Row<'_> = serde_json::from_str(text).unwrap();
    let [started, ended] = [&row.started_at, &row.ended_at].map(|at| at.as_deref().map(time));
    let was_held = started.is_some();
    let status = status(&row.status, row.ended_reason.as_deref(), was_held);
    // Absent where the call ends before it starts.
    let talk = started.zip(ended).map(|(from, to)| i128::from((to - from).num_milliseconds()));
    let messages = row.artifact.map(|artifact| artifact.messages).unwrap_or_default();
    // What assistant and customer said; prompts are left out.
    let spoken = messages.iter().filter(|message| ["bot", "user"].contains(&message.role.as_str()));
    let campaign = row.campaign_id.map(|value| Named { value, name: None });
    Call {
        vendor: "vapi",
        placed_at: Some(time(&row.created_at)),
        status,
        talk: talk.filter(|talk| *talk >= 0),
        agent: row.assistant_id.map(|value| Named { value, name: None }),
        campaign,
        cost: cost(row.cost, row.cost_breakdown.as_ref(), &row.costs, status, was_held),
        turns: spoken.map(|message| millis(message.time) * 1000).collect(),
        ended: ended.map(|ended| ended.timestamp_micros()),
        id: row.id,
    }
}

/// Milliseconds since 1970; a part of one is dropped.
fn millis(time: &RawValue) -> i64 {
    time.get().split('.').next().unwrap().parse().unwrap()
}

fn status(word: &str, reason: Option<&str>, was_held: bool) -> &'static str {
    match word {
        "scheduled" => "scheduled",
        "queued" => "queued",
        "ringing" => "ringing",
        "in-progress" | "forwarding" => "in_progress",
        "ended" => match reason {
            Some("customer-busy") => "busy",
            Some("customer-did-not-answer") => "no_answer",
            Some(word) if word.contains("error") => "failed",
            Some(
                "customer-ended-call"
                | "assistant-ended-call"
                | "assistant-said-end-call-phrase"
                | "assistant-forwarded-call"
                | "silence-timed-out"
                | "exceeded-max-duration"
                | "voicemail",
            ) => "completed",
            Some(word) => panic!("the oracle does not know the reason {word}"),
            None if was_held => "completed",
            None => "unknown",
        },
        _ => "unknown",
    }
}

fn cost(
    total: Option<&RawValue>,
    breakdown: Option<&Breakdown<'_>>,
    items: &[Item<'_>],
    status: &str,
    was_held: bool,
) -> Cost {
    let total = amount(total).or_else(|| amount(breakdown?.total));
    let mut lines: Vec<Line> = items.iter().filter_map(item).collect();
    // Without items, the parts of the breakdown are the lines.
    if lines.is_empty() {
        lines.extend(breakdown.into_iter().flat_map(parts));
    }
    let has_no_line = lines.is_empty();
    let covers = ["platform", "stt", "llm", "tts", "analysis"];
    let cost = Cost::new(total, is_live(status), lines, &covers, &[]);
    // A 0 on a call that was held and has no line yet is not a price.
    if was_held && has_no_line { cost.with_zero_pending() } else { cost }
}

fn parts(breakdown: &Breakdown<'_>) -> Vec<Line> {
    let summary = breakdown.analysis_cost_breakdown.as_ref().and_then(|analysis| analysis.summary);
    let parts = [
        ("telephony", breakdown.transport),
        ("stt", breakdown.stt),
        ("llm", breakdown.llm),
        ("tts", breakdown.tts),
        ("platform", breakdown.vapi),
        ("analysis", summary),
    ];
    parts.into_iter().filter_map(|(of, part)| Some(Line::new(of, amount(part)?))).collect()
}

fn item(item: &Item<'_>) -> Option<Line> {
    let amount_of = amount(item.cost)?;
    let tokens = item.prompt_tokens.unwrap_or(0) + item.completion_tokens.unwrap_or(0);
    let minutes = || amount(item.minutes).is_some_and(|minutes| minutes > Amount::ZERO);
    let (component, was_used) = match item.r#type.as_str() {
        "transport" => ("telephony", minutes()),
        "transcriber" => ("stt", minutes()),
        "model" => ("llm", tokens > 0),
        "voice" => ("tts", item.characters.unwrap_or(0) > 0),
        "vapi" => ("platform", minutes()),
        "analysis" => ("analysis", tokens > 0),
        word => panic!("the oracle does not know the item {word}"),
    };
    let used = item.transcriber.as_ref().or(item.model.as_ref()).or(item.voice.as_ref());
    let provider = used.map(|used| &used.provider).or(item.provider.as_ref());
    let named = |used: &Used| match used.model.as_ref().or(used.voice_id.as_ref()) {
        Some(name) => format!("{}/{name}", used.provider),
        None => used.provider.clone(),
    };
    // 0 for what was used is charged by the provider itself: of speech and models any but Vapi, of transport the three carriers.
    let may_be_own = match (component, provider.map(String::as_str)) {
        ("stt" | "llm" | "tts", Some(provider)) => provider != "vapi",
        ("telephony", Some(provider)) => ["twilio", "vonage", "telnyx"].contains(&provider),
        _ => false,
    };
    Some(Line {
        component,
        amount: amount_of,
        model: used.map(named).or_else(|| item.provider.clone()),
        is_elsewhere: may_be_own && was_used && amount_of.is_zero(),
    })
}
