//! Calls as the simulated server stores and sends them.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use serde_json::{Value, json};

use super::Generation;
use super::python::python;
use crate::simulator::SimulatedRow;
use crate::world::{Draw, World};

/// The organisation's assistants.
pub(super) const ASSISTANTS: [(i64, &str); 4] =
    [(201, "ServiceBot"), (202, "Ünïcode – Support 日本語"), (203, "مساعد"), (7, "été 🙂")];

/// Words that a call's status was seen, documented or said to be.
const STATUSES: [&str; 9] = [
    "failed",
    "failed",
    "ongoing",
    "in-progress",
    "no-answer",
    "busy",
    "canceled",
    "transferred",
    "pending",
];

/// A world's calls as a generation of the server stores and sends them.
pub(super) fn rows(world: &World, generation: Generation) -> Vec<SimulatedRow> {
    let mut draw = Draw::new(world.seed);
    let instants = world.instants(TimeDelta::microseconds(1));
    let oldest_id = 7_000_000;
    let numbered = instants.into_iter().zip((oldest_id..oldest_id + world.calls as i64).rev());
    numbered
        .map(|(instant, id)| {
            // Half of the instants fall on a whole second, which is then written without a fraction.
            let second = instant.with_nanosecond(0).unwrap_or(instant);
            let started = if instant.timestamp_micros() % 2 == 0 { second } else { instant };
            let is_untimed = draw.chance(40) && !world.is_everyday();
            let started = Some(started).filter(|_| !is_untimed);
            row(&mut draw, world, id, started, generation)
        })
        .collect()
}

fn row(
    draw: &mut Draw,
    world: &World,
    id: i64,
    started: Option<DateTime<Utc>>,
    generation: Generation,
) -> SimulatedRow {
    let time = |instant: Option<DateTime<Utc>>| match instant {
        None => Value::Null,
        Some(instant) => {
            let is_whole = instant.nanosecond() == 0;
            let format = if is_whole { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.6f" };
            let zone = if generation == Generation::January2026 { "Z" } else { "" };
            format!("{}{zone}", instant.format(format)).into()
        }
    };
    let (assistant_id, assistant_name) = *draw.one_of(&ASSISTANTS);
    let (call_sid, customer, meta) = parties(draw, id);
    let status = match if draw.chance(2) { "completed" } else { *draw.one_of(&STATUSES) } {
        // In an everyday world only the newest calls are not over yet, and every word is a known one.
        "ongoing" | "in-progress" if started.is_some_and(|started| world.is_recent(started)) => {
            "ongoing"
        }
        "ongoing" | "in-progress" | "transferred" | "pending" if world.is_everyday() => "completed",
        status => status,
    };
    let is_live = matches!(status, "ongoing" | "in-progress");
    let seconds = match draw.index(8) {
        0 => 0,
        _ if world.is_everyday() => draw.skewed(1000),
        _ => draw.up_to(600),
    };
    let duration = Some(seconds).filter(|_| !is_live && !draw.chance(12));
    let lag = TimeDelta::microseconds(draw.up_to(4_000_000));
    let ended = started.filter(|_| !is_live).map(|at| at + TimeDelta::seconds(seconds) + lag);
    let ours = if draw.chance(20) { "" } else { *draw.one_of(&["+15550001001", "+15550001002"]) };
    let mut fields = vec![
        ("id", json!(id)),
        ("call_sid", json!(call_sid)),
        ("assistant_id", json!(assistant_id)),
        ("to_phone_number", json!(ours)),
        ("customer_phone_number", json!(customer)),
        ("status", json!(status)),
        ("duration", json!(duration)),
        ("started_at", time(started)),
        ("ended_at", time(ended)),
        ("call_meta", meta),
    ];
    if generation != Generation::Public {
        let flow = if draw.chance(3) { json!("Customer Support Flow") } else { Value::Null };
        let name_of_flow = match generation {
            Generation::January2026 => "assistant_graph_name",
            _ => "flow_name",
        };
        fields.extend([("assistant_name", json!(assistant_name)), (name_of_flow, flow)]);
        fields.extend(costs(draw, world, is_live, seconds));
    }
    let text: Vec<String> =
        fields.iter().map(|(name, value)| format!(r#""{name}":{}"#, python(value))).collect();
    let text = format!("{{{}}}", text.join(","));
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    SimulatedRow { id: id.to_string(), placed_at: started, value: fields.collect(), text }
}

/// What carried the call, who was at its other end, and what it was given along.
fn parties(draw: &mut Draw, id: i64) -> (String, String, Value) {
    let customer = match draw.index(12) {
        0 => String::new(),
        1 => "anonymous".to_owned(),
        _ => draw.phone_number(),
    };
    // Unique, as the column is.
    let unique = format!("{:024x}{id:08x}", draw.up_to(i64::MAX));
    let outbound = json!({
        "outbound": true, "agenda": draw.sentence(), "custom_welcome_message": Value::Null,
    });
    match draw.index(10) {
        0 => (format!("browser_call_LK{unique}"), String::new(), json!({})),
        1 => {
            let meta = json!({
                "provider": "telnyx", "call_session_id": draw.uuid(), "streaming_enabled": false,
            });
            (format!("v3:{unique}"), customer, meta)
        }
        2..=4 => (format!("CA{unique}"), customer, outbound),
        5 => (format!("CA{unique}"), customer, Value::Null),
        6 => {
            let meta = json!({
                "customer": draw.person(), "big": u64::MAX, "n": 1e21, "tiny": 1e-7, "nested": { "a": [1, { "b": [] }] },
            });
            (format!("CA{unique}"), customer, meta)
        }
        _ => (format!("CA{unique}"), customer, json!({})),
    }
}

/// Costs as sums of binary fractions; all of them unknown while the call is held, and one or all of them at times after.
fn costs(
    draw: &mut Draw,
    world: &World,
    is_live: bool,
    seconds: i64,
) -> Vec<(&'static str, Value)> {
    const NAMES: [&str; 4] = ["llm_cost", "tts_cost", "stt_cost", "telephony_cost"];
    let currency = if draw.chance(3) { Value::Null } else { json!("USD") };
    if is_live || draw.chance(10) {
        let nulls = NAMES.into_iter().map(|name| (name, Value::Null));
        let ends = [("total_cost", Value::Null), ("cost_currency", currency)];
        return nulls.chain(ends).collect();
    }
    let mut parts = NAMES.map(|_| draw.dollars(0.2));
    match draw.index(5) {
        _ if world.is_everyday() => {
            let minutes = seconds as f64 / 60.0;
            parts = [0.018, 0.024, 0.0077, 0.0085].map(|rate| minutes * rate);
        }
        0 => parts = [0.1, 0.2, 0.0, 0.0],
        1 => parts = [3.15e-5, 0.0, 0.0, 0.0],
        2 => parts = [40.0, 30.0, 20.0, 10.0],
        _ => {}
    }
    let total: f64 = parts.iter().sum();
    let missing = draw.index(16);
    let part = |(index, (name, amount)): (usize, (&'static str, f64))| {
        (name, if index == missing { Value::Null } else { json!(amount) })
    };
    let parts = NAMES.into_iter().zip(parts).enumerate().map(part);
    parts.chain([("total_cost", json!(total)), ("cost_currency", json!("USD"))]).collect()
}
