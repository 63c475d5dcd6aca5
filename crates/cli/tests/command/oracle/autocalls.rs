//! Rows of Autocalls, by docs/vendors/autocalls.md.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::call::{Call, Cost, Line, Named, amount, is_live, time};
use super::exact::Amount;

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    status: String,
    created_at: String,
    #[serde(borrow)]
    duration: Option<&'a RawValue>,
    #[serde(borrow)]
    total_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    carrier_cost: Option<&'a RawValue>,
    assistant_name: Option<String>,
    campaign_name: Option<String>,
    #[serde(borrow)]
    transcript: Option<&'a RawValue>,
}

/// A turn of a transcript. A transcript that is no list is text, without times.
#[derive(Deserialize)]
struct Turn<'a> {
    #[serde(borrow)]
    timestamp: &'a RawValue,
}

pub(super) fn call(text: &str) -> Call {
    let row: Row<'_> = serde_json::from_str(text).unwrap();
    let status = status(&row.status);
    let is_live = is_live(status);
    let millis = |seconds: Amount| {
        let text = seconds.to_string();
        text.parse::<i128>().expect("whole seconds") * 1000
    };
    // The 0 of a live call is no length yet.
    let talk = amount(row.duration).map(millis).filter(|talk| !(is_live && *talk == 0));
    // What talking takes is covered; telephony where the carrier's cost is given, which is a line then.
    let lines = amount(row.carrier_cost).map(|amount| Line::new("telephony", amount));
    let covers = ["platform", "stt", "llm", "tts"];
    let named = |name: Option<String>| name.map(|value| Named { value, name: None });
    let turns =
        row.transcript.and_then(|turns| serde_json::from_str::<Vec<Turn<'_>>>(turns.get()).ok());
    Call {
        vendor: "autocalls",
        id: row.id.get().trim_matches('"').to_owned(),
        placed_at: Some(time(&row.created_at)),
        status,
        talk,
        agent: named(row.assistant_name),
        campaign: named(row.campaign_name),
        cost: Cost::new(amount(row.total_cost), is_live, lines.into_iter().collect(), &covers, &[]),
        turns: turns.unwrap_or_default().iter().map(|turn| micros(turn.timestamp)).collect(),
        // The vendor reports no end.
        ended: None,
    }
}

fn status(word: &str) -> &'static str {
    match word {
        "initiated" => "queued",
        "ringing" => "ringing",
        "in-progress" => "in_progress",
        "completed" | "ended" | "ended_by_customer" | "ended_by_assistant" => "completed",
        "no-answer" => "no_answer",
        "busy" => "busy",
        "failed" => "failed",
        _ => "unknown",
    }
}

/// Seconds since 1970, to the microsecond.
fn micros(seconds: &RawValue) -> i64 {
    let text = Amount::read(seconds.get()).unwrap().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    assert!(fraction.len() <= 6, "{text} is finer than a microsecond");
    format!("{whole}{fraction:0<6}").parse().unwrap()
}
