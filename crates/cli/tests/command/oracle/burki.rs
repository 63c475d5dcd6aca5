//! Rows of Burki, by docs/vendors/burki.md.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::call::{Call, Cost, Line, Named, amount, is_live, time};

#[derive(Deserialize)]
struct Row<'a> {
    id: u64,
    status: String,
    started_at: Option<String>,
    duration: Option<i128>,
    assistant_id: Option<u64>,
    assistant_name: Option<String>,
    #[serde(borrow)]
    total_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    llm_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    tts_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    stt_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    telephony_cost: Option<&'a RawValue>,
    cost_currency: Option<String>,
}

pub(super) fn call(text: &str) -> Call {
    let row: Row<'_> = serde_json::from_str(text).unwrap();
    assert!(
        row.cost_currency.is_none_or(|currency| currency == "USD"),
        "the oracle knows dollars alone"
    );
    let status = match row.status.as_str() {
        "ongoing" | "in-progress" => "in_progress",
        "completed" => "completed",
        "failed" => "failed",
        "no-answer" => "no_answer",
        "busy" => "busy",
        "canceled" | "cancelled" => "canceled",
        _ => "unknown",
    };
    let parts = [
        ("llm", row.llm_cost),
        ("tts", row.tts_cost),
        ("stt", row.stt_cost),
        ("telephony", row.telephony_cost),
    ];
    let covers = parts.map(|(component, _)| component);
    let line = |(component, part)| Some(Line::new(component, amount(part)?));
    let lines = parts.into_iter().filter_map(line).collect();
    Call {
        vendor: "burki",
        id: row.id.to_string(),
        placed_at: row.started_at.as_deref().map(time),
        status,
        talk: row.duration.map(|seconds| seconds * 1000),
        agent: row.assistant_id.map(|id| Named { value: id.to_string(), name: row.assistant_name }),
        campaign: None,
        cost: Cost::new(amount(row.total_cost), is_live(status), lines, &covers, &["platform"]),
        // Transcripts are not in the list.
        turns: Vec::new(),
        ended: None,
    }
}
