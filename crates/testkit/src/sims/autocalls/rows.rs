//! The calls of a world as Autocalls stores and writes them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Habits;
use crate::simulator::SimulatedRow;
use crate::world::{Draw, World};

pub(super) fn rows(world: &World, habits: &Habits) -> Vec<SimulatedRow> {
    let mut draw = Draw::new(world.seed);
    let mut id = 9_200_000;
    // Ids are a counter over all the vendor's accounts: they rise with time, and leave gaps.
    let oldest_first = world.instants(TimeDelta::seconds(1)).into_iter().rev();
    let mut rows: Vec<SimulatedRow> = oldest_first
        .map(|placed_at| {
            id += 1 + draw.up_to(40);
            row(&mut draw, world, habits, id, placed_at)
        })
        .collect();
    rows.reverse();
    rows
}

/// The keys of a row in the documented order. The ids of assistant and campaign are stored and not sent.
const SENT: [&str; 18] = [
    "id",
    "assistant_name",
    "campaign_name",
    "type",
    "duration",
    "assistant_phone_number",
    "client_phone_number",
    "status",
    "transcript",
    "variables",
    "evaluation",
    "webhook_response",
    "carrier_cost",
    "total_cost",
    "answered_by",
    "recording_url",
    "created_at",
    "updated_at",
];

fn row(
    draw: &mut Draw,
    world: &World,
    habits: &Habits,
    id: i64,
    placed_at: DateTime<Utc>,
) -> SimulatedRow {
    let kind = *draw.one_of(&["inbound", "inbound", "outbound", "outbound", "outbound", "web"]);
    let kind = if draw.chance(40) { "transfer" } else { kind };
    let (assistant_id, assistant) = *draw.one_of(&[
        (101, Some("Front Desk")),
        (102, Some("Büro Köln")),
        (205, Some("アシスタント")),
        (317, Some("Front Desk")),
        (318, None),
    ]);
    let campaign = draw.one_of(&[(11, "Été 2026"), (12, "Callbacks \"FR\""), (13, "Łódź / Żory")]);
    let campaign = Some(*campaign).filter(|_| kind == "outbound" && !draw.chance(3));
    let status = match status(draw) {
        // In an everyday world only the newest calls are not over yet, but for one that nobody ended.
        "initiated" | "ringing" | "in-progress"
            if world.is_everyday() && !world.is_recent(placed_at) && !draw.chance(40) =>
        {
            "completed"
        }
        status => status,
    };
    let is_live = matches!(status, "initiated" | "ringing" | "in-progress");
    let was_held = !is_live && !matches!(status, "busy" | "no-answer" | "failed");
    let seconds = match was_held {
        false => 0,
        true if world.is_everyday() => draw.skewed(1400),
        true => 1 + draw.up_to(1400),
    };
    let customer = match kind {
        "web" => Value::Null,
        "inbound" if draw.chance(12) => json!("anonymous"),
        _ => json!(draw.phone_number()),
    };
    let line = if kind == "web" { Value::Null } else { json!("+14155550100") };
    let (carrier, total) = costs(draw, kind, seconds, is_live);
    let updated = placed_at + TimeDelta::seconds(seconds + draw.up_to(90));
    let value = json!({
        // Some rows write it as text, as older drivers do.
        "id": if draw.chance(15) { json!(id.to_string()) } else { json!(id) },
        "assistant_id": assistant_id,
        "assistant_name": assistant,
        "campaign_id": campaign.map(|(id, _)| id),
        "campaign_name": campaign.map(|(_, name)| name),
        "type": kind,
        "duration": duration(draw, seconds, was_held),
        "assistant_phone_number": line,
        "client_phone_number": customer,
        "status": status,
        "transcript": if was_held { transcript(draw, placed_at) } else { nothing(draw) },
        "variables": variables(draw),
        "evaluation": if was_held { evaluation(draw) } else { nothing(draw) },
        "webhook_response": draw.one_of(&[
            Value::Null, Value::Null, json!({ "received": true }), json!("OK"), json!([]), json!(200),
        ]),
        "carrier_cost": carrier,
        "total_cost": total,
        "answered_by": draw.one_of(&[json!("human"), json!("human"), json!("machine"), json!("unknown"), Value::Null]),
        "recording_url": recording(draw, id, was_held),
        "created_at": written(draw, habits, placed_at),
        "updated_at": written(draw, habits, updated),
    });
    let fields: Vec<String> = SENT
        .iter()
        .filter_map(|name| Some(format!("\"{name}\":{}", as_php_writes(value.get(name)?))))
        .collect();
    let text = format!("{{{}}}", fields.join(","));
    SimulatedRow { id: id.to_string(), placed_at: Some(placed_at), value, text }
}

fn word(draw: &mut Draw, words: &[&'static str]) -> &'static str {
    let word: &&str = draw.one_of(words);
    word
}

fn status(draw: &mut Draw) -> &'static str {
    match draw.index(24) {
        0 => word(draw, &["initiated", "ringing", "in-progress"]),
        1..=3 => "no-answer",
        4 => "busy",
        5 => "failed",
        6 => word(draw, &["voicemail", "brand-new-status"]),
        7 => "ended",
        8..=11 => "ended_by_customer",
        12..=14 => "ended_by_assistant",
        _ => "completed",
    }
}

fn duration(draw: &mut Draw, seconds: i64, was_held: bool) -> Value {
    match draw.index(10) {
        0 if was_held => json!(seconds.to_string()),
        0..=3 if !was_held => Value::Null,
        _ => json!(seconds),
    }
}

/// The empty forms that PHP gives an object or a list.
fn nothing(draw: &mut Draw) -> Value {
    draw.one_of(&[Value::Null, json!([]), json!({}), json!("")]).clone()
}

fn transcript(draw: &mut Draw, placed_at: DateTime<Utc>) -> Value {
    if draw.chance(10) {
        return nothing(draw);
    }
    let (first, second) = (draw.sentence(), draw.sentence());
    if draw.chance(3) {
        return json!(format!("AI: {first}\nCustomer: {second}"));
    }
    let at = placed_at.timestamp_micros() as f64 / 1e6;
    json!([
        { "text": first, "type": "transcript", "sender": "bot", "timestamp": at + 12.525_861 },
        { "text": second, "type": "transcript", "sender": "human", "timestamp": placed_at.timestamp() + 19 },
    ])
}

fn variables(draw: &mut Draw) -> Value {
    match draw.index(6) {
        0 => nothing(draw),
        1 => json!(["zero", "one"]),
        2 => json!({ "order": { "lines": [{ "sku": "A/1", "qty": 2 }] }, "empty": [] }),
        _ => json!({ "customer_name": draw.person(), "vip": true, "note": null }),
    }
}

fn evaluation(draw: &mut Draw) -> Value {
    let verdicts = [json!(true), json!(false), json!("qualified_lead"), Value::Null];
    let verdict = draw.one_of(&verdicts);
    match draw.index(6) {
        0 => nothing(draw),
        1 => json!({ "sentiment": "positive", "outcome": "qualified_lead", "score": 8.5 }),
        _ => json!([
            { "name": "status", "type": "bool", "value": verdict, "description": "Whether it went well." },
            { "name": "summary", "type": "string", "value": draw.sentence(), "description": "In short." },
            { "name": "rating", "type": "integer", "value": draw.up_to(11), "description": "1 to 10." },
        ]),
    }
}

/// The carrier's part and the total, as numbers or as texts of eight decimals.
fn costs(draw: &mut Draw, kind: &str, seconds: i64, is_live: bool) -> (Value, Value) {
    if is_live || draw.chance(25) {
        return draw.one_of(&[(Value::Null, Value::Null), (json!(0), json!(0))]).clone();
    }
    // In millionths of a dollar: half a minute at least of the assistant, whole minutes of the carrier.
    let carrier = if kind == "web" { 0 } else { (seconds + 59) / 60 * 14_000 };
    let total = if seconds == 0 { 0 } else { seconds.max(30) * 1500 + carrier };
    let as_text = !draw.chance(3);
    let amount = |millionths: i64| match as_text {
        true => json!(format!("{}.{:06}00", millionths / 1_000_000, millionths % 1_000_000)),
        false if millionths == 0 => json!(0),
        false => json!(millionths as f64 / 1e6),
    };
    (amount(carrier), amount(total))
}

fn recording(draw: &mut Draw, id: i64, was_held: bool) -> Value {
    match draw.index(3) {
        0 if was_held => json!(format!("https://vendor.example/media/public/{id}/call_{id}.mp4")),
        1 => json!(""),
        _ => Value::Null,
    }
}

/// The three ways in which times are written.
fn written(draw: &mut Draw, habits: &Habits, instant: DateTime<Utc>) -> String {
    match draw.index(8) {
        0 => instant.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        1 => instant.format("%Y-%m-%dT%H:%M:%S.000000Z").to_string(),
        _ => instant.with_timezone(&habits.shown_zone).format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// JSON as PHP writes it: slashes and everything beyond ASCII are escaped.
fn as_php_writes(value: &Value) -> String {
    let mut text = String::new();
    for character in value.to_string().chars() {
        match character {
            '/' => text.push_str("\\/"),
            _ if character.is_ascii() => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    text
}
