//! Vapi: `GET /call` with its twelve query names, newest first by `createdAt`, one bare array.
//!
//! It refuses an unknown name, a limit above 1,000 and a malformed instant with 400, and a wrong key with 401, in the bodies that the
//! vendor is known to send. Calls that share a millisecond come in ascending order of id.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::get;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Simulated;
use crate::simulator::{Query, Reply, SimulatedRow, Simulator};
use crate::world::{Draw, World};

const NAMES: [&str; 12] = [
    "id",
    "assistantId",
    "phoneNumberId",
    "limit",
    "createdAtGt",
    "createdAtLt",
    "createdAtGe",
    "createdAtLe",
    "updatedAtGt",
    "updatedAtLt",
    "updatedAtGe",
    "updatedAtLe",
];

/// A simulated Vapi that takes this key and holds a world's calls.
#[must_use]
pub fn simulate(key: &str, world: &World) -> Simulated {
    let simulator = Simulator::new(key, rows(world));
    let router = Router::new()
        .route("/call", get(list))
        .route("/call/{id}", get(one))
        .with_state(simulator.clone());
    Simulated { simulator, router, base_path: "" }
}

async fn list(State(simulator): State<Simulator>, headers: HeaderMap, uri: Uri) -> Reply {
    simulator.record(&uri);
    if !simulator.admits(&headers) {
        return refused_key();
    }
    match select(&simulator, &Query::of(&uri)) {
        Ok(rows) => {
            let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
            Reply::json(200, format!("[{}]", texts.join(",")))
        }
        Err(messages) => Reply::json(
            400,
            json!({ "message": messages, "error": "Bad Request", "statusCode": 400 }),
        ),
    }
}

async fn one(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
) -> Reply {
    simulator.record(&uri);
    if !simulator.admits(&headers) {
        return refused_key();
    }
    match simulator.look().into_iter().find(|row| row.id == id) {
        Some(row) => Reply::json(200, &row.text),
        None => Reply::json(
            404,
            json!({ "message": "Couldn't Find Call", "error": "Not Found", "statusCode": 404 }),
        ),
    }
}

fn refused_key() -> Reply {
    let message = "Invalid Key. Hot tip, you may be using the private key instead of the public key, or vice versa.";
    Reply::json(401, json!({ "message": message, "error": "Unauthorized", "statusCode": 401 }))
}

fn select(simulator: &Simulator, query: &Query) -> Result<Vec<Arc<SimulatedRow>>, Vec<String>> {
    let mut refusals: Vec<String> = query
        .0
        .keys()
        .filter(|name| !NAMES.contains(&name.as_str()))
        .map(|name| format!("property {name} should not exist"))
        .collect();
    let limit = match query.get("limit").map(str::parse::<usize>) {
        None => 100,
        Some(Ok(limit)) if limit <= 1000 => limit,
        Some(Ok(_)) => {
            refusals.push("limit must not be greater than 1000".to_owned());
            0
        }
        Some(Err(_)) => {
            refusals
                .push("limit must be a number conforming to the specified constraints".to_owned());
            0
        }
    };
    let mut bounds = Vec::new();
    for name in NAMES.iter().filter(|name| name.contains("At")) {
        let Some(text) = query.get(name) else { continue };
        match DateTime::parse_from_rfc3339(text) {
            Ok(bound) => bounds.push((*name, bound.to_utc())),
            Err(_) => refusals.push(format!("{name} must be a valid ISO 8601 date string")),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut rows = simulator.look();
    rows.retain(|row| {
        ["id", "assistantId", "phoneNumberId"].iter().all(|name| {
            query
                .get(name)
                .is_none_or(|wanted| row.value.get(name).and_then(Value::as_str) == Some(wanted))
        }) && bounds.iter().all(|(name, bound)| within(row, name, *bound))
    });
    rows.sort_by(|a, b| b.placed_at.cmp(&a.placed_at).then_with(|| a.id.cmp(&b.id)));
    rows.truncate(limit);
    Ok(rows)
}

fn within(row: &SimulatedRow, name: &str, bound: DateTime<Utc>) -> bool {
    let instant = if name.starts_with("created") {
        row.placed_at
    } else {
        row.value.get("updatedAt").and_then(Value::as_str).and_then(|text| text.parse().ok())
    };
    instant.is_some_and(|instant| match name.get(name.len() - 2..) {
        Some("Gt") => instant > bound,
        Some("Ge") => instant >= bound,
        Some("Lt") => instant < bound,
        _ => instant <= bound,
    })
}

fn rows(world: &World) -> Vec<SimulatedRow> {
    let mut draw = Draw::new(world.seed);
    let instants = world.instants(TimeDelta::milliseconds(1));
    instants.into_iter().map(|placed_at| row(&mut draw, world, placed_at)).collect()
}

fn millis(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

const ASSISTANTS: [&str; 4] = [
    "92aa0cdc-0000-47f4-a993-fe492e540001",
    "0eff0e2a-0000-4fac-b867-3e40f6570001",
    "054ea7e1-0000-4b9c-8c7c-9c6e80d20001",
    "550e96c2-0000-4ec7-bd00-61d188b50001",
];

const REASONS: [&str; 12] = [
    "customer-ended-call",
    "customer-ended-call",
    "customer-ended-call",
    "assistant-ended-call",
    "assistant-said-end-call-phrase",
    "assistant-forwarded-call",
    "silence-timed-out",
    "exceeded-max-duration",
    "voicemail",
    "customer-did-not-answer",
    "customer-busy",
    "call.in-progress.error-providerfault-outbound-sip-503-service-unavailable",
];

fn row(draw: &mut Draw, world: &World, placed_at: DateTime<Utc>) -> SimulatedRow {
    let id = draw.uuid();
    let started = placed_at + TimeDelta::milliseconds(400 + draw.up_to(9000));
    let length = if world.is_everyday() { draw.skewed(1_300_000) } else { draw.up_to(400_000) };
    let ended = started + TimeDelta::milliseconds(length);
    let kind =
        *draw.one_of(&["inboundPhoneCall", "outboundPhoneCall", "outboundPhoneCall", "webCall"]);
    let mut row = json!({
        "id": id,
        "orgId": "d1b2c3d4-0000-4e5f-8a9b-0c1d2e3f0001",
        "type": kind,
        "createdAt": millis(placed_at),
        "updatedAt": millis(ended + TimeDelta::milliseconds(5000)),
    });
    let mut set = |name: &str, value: Value| {
        if let Some(fields) = row.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    let assistant = (!draw.chance(8)).then(|| *draw.one_of(&ASSISTANTS));
    if let Some(assistant) = assistant {
        set("assistantId", assistant.into());
    }
    if draw.chance(3) {
        set("campaignId", (*draw.one_of(&["spring", "été", "2026-Q4"])).into());
    }
    if kind != "webCall" {
        let customer = json!({ "number": draw.phone_number(), "name": draw.person() });
        set("customer", if draw.chance(20) { json!({}) } else { customer });
        set("phoneNumberId", "0c07692a-0000-4a56-a895-4debafc20001".into());
        set("phoneCallTransport", (*draw.one_of(&["pstn", "pstn", "sip"])).into());
        set("phoneCallProviderId", format!("CA{:032x}", draw.up_to(i64::MAX)).into());
    }
    let fate = draw.index(20);
    match fate {
        // In an everyday world only the newest calls are not over yet.
        _ if world.is_everyday() && fate < 3 && !world.is_recent(placed_at) => {
            end(draw, world, &mut set, assistant, started, ended);
        }
        0 => {
            set("status", (*draw.one_of(&["queued", "ringing", "scheduled"])).into());
            set("cost", 0.into());
        }
        1 => {
            set("status", "in-progress".into());
            set("startedAt", millis(started).into());
            set("cost", 0.into());
            set("endedAt", Value::Null);
        }
        2 if !world.is_everyday() => {
            set("status", (*draw.one_of(&["brand-new-status", "not-found"])).into());
        }
        3 => {
            set("status", "ended".into());
            set("endedAt", millis(ended).into());
            set(
                "endedReason",
                "call.in-progress.error-providerfault-transport-never-connected".into(),
            );
            set("transcript", "".into());
        }
        _ => end(draw, world, &mut set, assistant, started, ended),
    }
    SimulatedRow::new(id, Some(placed_at), row)
}

/// What an ended call has: words, and a bill whose rounded parts need not add up.
fn end(
    draw: &mut Draw,
    world: &World,
    set: &mut impl FnMut(&str, Value),
    assistant: Option<&str>,
    started: DateTime<Utc>,
    ended: DateTime<Utc>,
) {
    set("status", "ended".into());
    set("startedAt", millis(started).into());
    set("endedAt", millis(ended).into());
    if !draw.chance(30) {
        set("endedReason", (*draw.one_of(&REASONS)).into());
    }
    let first = draw.sentence();
    let second = draw.sentence();
    let mut messages = vec![
        json!({ "role": "system", "message": "You are helpful.", "time": started.timestamp_millis() }),
        json!({ "role": "bot", "message": first, "time": started.timestamp_millis() + 900 }),
        json!({ "role": "user", "message": second, "time": started.timestamp_millis() as f64 + 3100.5 }),
    ];
    // In an everyday world the parties go on speaking until the end, but for a few that fall silent.
    if world.is_everyday() && !draw.chance(500) {
        let (from, to) = (started.timestamp_millis() + 9000, ended.timestamp_millis() - 2000);
        let step = ((to - from) / 10).max(6000) as usize;
        for (index, time) in (from..to).step_by(step).enumerate() {
            let (role, message) = if index % 2 == 0 { ("bot", first) } else { ("user", second) };
            messages.push(json!({ "role": role, "message": message, "time": time }));
        }
    }
    set(
        "artifact",
        json!({
            "messages": messages,
            "transcript": format!("AI: {first}\nUser: {second}\n"),
            "recording": {},
            "variableValues": { "name": draw.person() },
        }),
    );
    let success =
        [json!("true"), json!("false"), json!(true), json!(7), json!("Excellent"), Value::Null];
    set(
        "analysis",
        json!({ "summary": draw.sentence(), "successEvaluation": draw.one_of(&success) }),
    );
    if draw.chance(12) && !world.is_everyday() {
        return;
    }
    let minutes = (ended - started).num_milliseconds() as f64 / 60_000.0;
    let transport = minutes * 0.01;
    let mut parts = [
        minutes * 0.0108,
        draw.dollars(0.02),
        draw.dollars(0.05),
        minutes * 0.05,
        draw.dollars(0.001),
    ];
    if world.is_everyday() {
        // A few calls talk a model into long answers, and one assistant speaks with a key of the account's own.
        let model = if draw.chance(400) { 0.3 } else { 0.006 + draw.up_to(6000) as f64 / 1e6 };
        let voice = if assistant == ASSISTANTS.last().copied() { 0.0 } else { 0.022 };
        parts =
            [minutes * 0.0108, minutes * model, minutes * voice, minutes * 0.05, minutes * 0.0004];
    }
    let total: f64 = parts.iter().sum::<f64>() + transport;
    let rounded = |amount: f64| (amount * 10_000.0).round() / 10_000.0;
    let [stt, llm, tts, platform, analysis] = parts;
    set("cost", rounded(total).into());
    set(
        "costBreakdown",
        json!({
            "transport": rounded(transport), "stt": rounded(stt), "llm": rounded(llm), "tts": rounded(tts),
            "vapi": rounded(platform), "total": rounded(total),
            "analysisCostBreakdown": { "summary": rounded(analysis) },
        }),
    );
    if draw.chance(6) {
        return;
    }
    set(
        "costs",
        json!([
            { "type": "transport", "provider": "twilio", "minutes": minutes, "cost": transport },
            { "type": "transcriber", "minutes": minutes, "cost": stt,
              "transcriber": { "provider": "deepgram", "model": "nova-2" } },
            { "type": "model", "promptTokens": 813, "completionTokens": 187, "cost": llm,
              "model": { "provider": "openai", "model": "gpt-4.1" } },
            { "type": "voice", "characters": 818, "cost": tts,
              "voice": { "provider": "11labs", "voiceId": "kBeVB9ym2vQ5VmnFPQSo" } },
            { "type": "vapi", "subType": "normal", "minutes": minutes, "cost": platform },
            { "type": "analysis", "analysisType": "summary", "promptTokens": 147, "completionTokens": 35,
              "cost": analysis, "model": { "provider": "google", "model": "gemini-2.5-flash" } },
        ]),
    );
}
