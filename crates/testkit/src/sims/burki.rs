//! Burki: `GET /api/v1/calls/`, newest first by `started_at`, calls without a start before all others.
//!
//! As the public server does, it parses parameters like pydantic, ignores names it does not know, redirects where the last slash
//! is missing, fails on an assistant of another organisation and on a row whose `call_meta` is no object, and has no order among
//! calls that share an instant: it changes with `skip + limit`, so that a walk by `skip` loses and repeats calls.
//!
//! What the hosted server is known to do otherwise is in [`Generation`]. Where neither is known (the texts of rarer refusals), it
//! says something alike.

use std::cmp::Reverse;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::routing::get;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _, Utc};
use serde_json::{Map, Value, json};

use super::Simulated;
use crate::simulator::{Query, Reply, SimulatedRow, Simulator};
use crate::world::{Draw, World};

/// Which server answers: its envelope and its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Generation {
    /// The public server, which people host themselves: a bare list without costs, times without a zone.
    Public,
    /// The hosted server as documented in January 2026: counted pages, costs, `assistant_graph_name`, times that end in `Z`.
    January2026,
    /// The hosted server as its schema of April 2026 has it: `flow_name`, two more filters, times without a zone.
    April2026,
}

/// How a simulated Burki differs from the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which server answers.
    pub generation: Generation,
    /// How far the zone of its database session is ahead of UTC. A bound that has a zone is shifted by it; one without is not.
    pub session_zone: TimeDelta,
}

#[derive(Clone, Debug)]
struct Server {
    simulator: Simulator,
    options: Options,
    seed: u64,
}

/// A simulated Burki of April 2026 that takes this key and holds a world's calls.
#[must_use]
pub fn simulate(key: &str, world: &World) -> Simulated {
    simulate_as(Generation::April2026, key, world)
}

/// A simulated Burki of another generation.
#[must_use]
pub fn simulate_as(generation: Generation, key: &str, world: &World) -> Simulated {
    simulate_with(Options { generation, session_zone: TimeDelta::zero() }, key, world)
}

/// A simulated Burki with options.
#[must_use]
pub fn simulate_with(options: Options, key: &str, world: &World) -> Simulated {
    let simulator = Simulator::new(key, rows(world, options.generation));
    let server = Server { simulator: simulator.clone(), options, seed: world.seed };
    let router = Router::new()
        .route("/health", get(health))
        .route("/api/v1/calls", get(redirect))
        .route("/api/v1/calls/", get(list))
        .route("/api/v1/calls/count", get(count))
        .route("/api/v1/calls/{id}", get(one))
        .fallback(nowhere)
        .with_state(server);
    Simulated { simulator, router, base_path: "" }
}

/// Healthy, whatever is asked with.
async fn health(State(server): State<Server>, uri: Uri) -> Reply {
    server.simulator.record(&uri);
    Reply::json(200, json!({ "status": "healthy", "service": "burki-voice-ai" }))
}

/// Before the key is looked at. The scheme is what the server behind its proxy believes it is.
async fn redirect(State(server): State<Server>, headers: HeaderMap, uri: Uri) -> Reply {
    server.simulator.record(&uri);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(|authority| authority.as_str()));
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let target = format!("http://{}/api/v1/calls/{query}", host.unwrap_or_default());
    Reply::text(307, "text/plain", "").with_header("location", target)
}

async fn nowhere(State(server): State<Server>, uri: Uri) -> Reply {
    server.simulator.record(&uri);
    Reply::json(404, json!({ "detail": "Not Found" }))
}

async fn list(State(server): State<Server>, headers: HeaderMap, uri: Uri) -> Reply {
    server.simulator.record(&uri);
    if !server.simulator.admits(&headers) {
        return refused_key();
    }
    let query = Query::of(&uri);
    let asked = match Asked::of(&query, server.options) {
        Ok(asked) => asked,
        Err(refusals) => return Reply::json(422, json!({ "detail": refusals })),
    };
    let (Some(mut rows), Ok(skip)) = (asked.select(&server), usize::try_from(asked.skip)) else {
        return failure();
    };
    let total = rows.len();
    let shuffle = server.seed ^ ((asked.skip + asked.limit) as u64).rotate_left(32);
    let order = |id: &str| Draw::new(shuffle ^ id.parse().unwrap_or(0)).up_to(i64::MAX);
    // The newest first, and what has no time before it, as PostgreSQL sorts.
    rows.sort_by_cached_key(|row| {
        (row.placed_at.is_some(), Reverse(row.placed_at), order(&row.id))
    });
    let page: Vec<SimulatedRow> = rows.into_iter().skip(skip).take(asked.limit as usize).collect();
    let is_broken = |row: &SimulatedRow| {
        row.value.get("call_meta").is_some_and(|meta| !meta.is_object() && !meta.is_null())
    };
    if page.iter().any(is_broken) {
        return failure();
    }
    let texts: Vec<String> = page.into_iter().map(|row| row.text).collect();
    let items = format!("[{}]", texts.join(","));
    match server.options.generation {
        Generation::Public => Reply::json(200, items),
        _ => {
            let Asked { skip, limit, .. } = asked;
            let counts = format!(r#""total":{total},"skip":{skip},"limit":{limit}"#);
            Reply::json(200, format!(r#"{{"items":{items},{counts}}}"#))
        }
    }
}

/// Counts by four of the filters, and ignores the others.
async fn count(State(server): State<Server>, headers: HeaderMap, uri: Uri) -> Reply {
    server.simulator.record(&uri);
    if !server.simulator.admits(&headers) {
        return refused_key();
    }
    let mut query = Query::of(&uri);
    query.0.retain(|name, _| {
        matches!(name.as_str(), "status" | "assistant_id" | "date_from" | "date_to")
    });
    match Asked::of(&query, server.options) {
        Ok(asked) => match asked.select(&server) {
            Some(rows) => Reply::json(200, json!({ "count": rows.len() })),
            None => failure(),
        },
        Err(refusals) => Reply::json(422, json!({ "detail": refusals })),
    }
}

async fn one(
    State(server): State<Server>,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
) -> Reply {
    server.simulator.record(&uri);
    if !server.simulator.admits(&headers) {
        return refused_key();
    }
    let Some(number) = integer(&id) else {
        return Reply::json(422, json!({ "detail": [not_a_number(("path", "call_id"), &id)] }));
    };
    match server.simulator.rows().into_iter().find(|row| row.id == number.to_string()) {
        Some(row) => Reply::json(200, row.text),
        None => {
            let detail = format!("Call with ID {number} not found in your organization");
            Reply::json(404, json!({ "detail": detail }))
        }
    }
}

fn refused_key() -> Reply {
    let detail = "Authentication required. Provide a valid API key or login session.";
    Reply::json(401, json!({ "detail": detail })).with_header("www-authenticate", "Bearer")
}

fn failure() -> Reply {
    Reply::text(500, "text/plain; charset=utf-8", "Internal Server Error")
}

/// What a list request asks for, as the server understands it. Names it does not know are not in it.
struct Asked<'a> {
    skip: i128,
    limit: i128,
    assistant_id: Option<i128>,
    from: Option<NaiveDateTime>,
    to: Option<NaiveDateTime>,
    min_duration: Option<i128>,
    max_duration: Option<i128>,
    query: &'a Query,
}

impl<'a> Asked<'a> {
    /// Reads every parameter; the refusals come in the order of declaration.
    fn of(query: &'a Query, options: Options) -> Result<Self, Vec<Value>> {
        let mut reader = Reader { query, zone: options.session_zone, refusals: Vec::new() };
        let asked = Self {
            skip: reader.whole("skip", Some(0), None).unwrap_or(0),
            limit: reader.whole("limit", Some(1), Some(1000)).unwrap_or(100),
            // 0 does not filter.
            assistant_id: reader.whole("assistant_id", None, None).filter(|id| *id != 0),
            from: reader.time("date_from"),
            to: reader.time("date_to"),
            min_duration: reader.whole("min_duration", None, None),
            max_duration: reader.whole("max_duration", None, None),
            query,
        };
        if reader.refusals.is_empty() { Ok(asked) } else { Err(reader.refusals) }
    }

    /// The rows that are meant; `None` where the server fails instead.
    fn select(&self, server: &Server) -> Option<Vec<SimulatedRow>> {
        let is_ours = |id: i128| ASSISTANTS.iter().any(|(ours, _)| i128::from(*ours) == id);
        let is_hosted = server.options.generation != Generation::Public;
        let phone = self.text("customer_phone");
        let has_nul = phone.is_some_and(|phone| phone.contains('\0'));
        if self.assistant_id.is_some_and(|id| !is_ours(id)) || has_nul {
            return None;
        }
        let searches = match server.options.generation {
            Generation::April2026 => ["call_sid", "assistant_name"].as_slice(),
            _ => &[],
        };
        let mut rows = server.simulator.rows();
        rows.retain(|row| {
            let text = |name: &str| row.value.get(name).and_then(Value::as_str).unwrap_or_default();
            let number = |name: &str| row.value.get(name).and_then(Value::as_i64).map(i128::from);
            let started = row.placed_at.map(|at| at.naive_utc());
            self.text("status").is_none_or(|status| text("status") == status)
                && self.assistant_id.is_none_or(|id| number("assistant_id") == Some(id))
                && phone.is_none_or(|phone| match is_hosted {
                    true => contains(text("customer_phone_number"), phone),
                    false => like(text("customer_phone_number"), &format!("%{phone}%")),
                })
                && searches.iter().all(|name| {
                    self.text(name).is_none_or(|wanted| contains(text(name), wanted))
                })
                // As in SQL, nothing compares with null.
                && self.from.is_none_or(|from| started.is_some_and(|at| at >= from))
                && self.to.is_none_or(|to| started.is_some_and(|at| at <= to))
                && self.min_duration.is_none_or(|min| number("duration").is_some_and(|is| is >= min))
                && self.max_duration.is_none_or(|max| number("duration").is_some_and(|is| is <= max))
        });
        Some(rows)
    }

    /// A text that filters; an empty one does not.
    fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name).filter(|text| !text.is_empty())
    }
}

/// Reads parameters, and keeps what is wrong with them.
struct Reader<'a> {
    query: &'a Query,
    zone: TimeDelta,
    refusals: Vec<Value>,
}

impl Reader<'_> {
    fn whole(&mut self, name: &str, least: Option<i128>, most: Option<i128>) -> Option<i128> {
        let text = self.query.get(name)?;
        let Some(value) = integer(text) else {
            self.refusals.push(not_a_number(("query", name), text));
            return None;
        };
        let (kind, than, bound) = match (least, most) {
            (Some(least), _) if value < least => ("greater_than_equal", "greater", least),
            (_, Some(most)) if value > most => ("less_than_equal", "less", most),
            _ => return Some(value),
        };
        let message = format!("Input should be {than} than or equal to {bound}");
        let context = json!({ if than == "less" { "le" } else { "ge" }: bound as i64 });
        self.refusals.push(refusal(kind, ("query", name), &message, text, Some(context)));
        None
    }

    /// A time as it is compared with a column without a zone.
    fn time(&mut self, name: &str) -> Option<NaiveDateTime> {
        let text = self.query.get(name)?;
        match instant(text) {
            Ok((time, has_zone)) => Some(if has_zone { time + self.zone } else { time }),
            Err(why) => {
                let kind = "datetime_from_date_parsing";
                let message = format!("Input should be a valid datetime or date, {why}");
                let context = json!({ "error": why });
                self.refusals.push(refusal(kind, ("query", name), &message, text, Some(context)));
                None
            }
        }
    }
}

fn refusal(
    kind: &str,
    (part, name): (&str, &str),
    message: &str,
    input: &str,
    context: Option<Value>,
) -> Value {
    let url = format!("https://errors.pydantic.dev/2.11/v/{kind}");
    let mut refusal =
        json!({ "type": kind, "loc": [part, name], "msg": message, "input": input, "url": url });
    if let (Some(context), Some(fields)) = (context, refusal.as_object_mut()) {
        fields.insert("ctx".to_owned(), context);
    }
    refusal
}

fn not_a_number(place: (&str, &str), input: &str) -> Value {
    let message = "Input should be a valid integer, unable to parse string as an integer";
    refusal("int_parsing", place, message, input, None)
}

/// An integer as pydantic reads it from a text: `+10`, `1_0` and `10.0` are some.
fn integer(text: &str) -> Option<i128> {
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole
        }
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    if digits.split('_').any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    whole.replace('_', "").parse().ok()
}

/// An instant as pydantic reads it from a text, cut to the microsecond, and whether it named its zone.
fn instant(text: &str) -> Result<(NaiveDateTime, bool), &'static str> {
    const OUTSIDE: &str = "day value is outside expected range";
    const EXTRA: &str = "unexpected extra characters at the end of the input";
    if let Ok(number) = text.parse::<f64>() {
        // Beyond the year 2603 seconds are taken for milliseconds.
        let seconds = if number.abs() > 2e10 { number / 1000.0 } else { number };
        let micros = (seconds * 1e6).round() as i64;
        let instant = DateTime::from_timestamp_micros(micros).ok_or(OUTSIDE)?;
        return Ok((instant.naive_utc(), true));
    }
    let (date, rest) = text.split_at_checked(10).ok_or("input is too short")?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| OUTSIDE)?;
    if rest.is_empty() {
        return Ok((date.and_time(NaiveTime::MIN), false));
    }
    let time = rest.strip_prefix(['T', 't', ' ', '_']).ok_or(EXTRA)?;
    let (time, offset) = match time.find(['Z', 'z', '+', '-']) {
        None => (time, None),
        Some(at) => {
            let (time, zone) = time.split_at(at);
            (time, Some(offset(zone).ok_or(EXTRA)?))
        }
    };
    let time = time.replace(',', ".");
    let fraction = time.split_once('.').map(|(_, fraction)| fraction.len());
    let read = |format| NaiveTime::parse_from_str(&time, format);
    let time = read("%H:%M:%S%.f").or_else(|_| read("%H:%M")).map_err(|_| EXTRA)?;
    if time.nanosecond() >= 1_000_000_000 || fraction.is_some_and(|digits| digits > 9) {
        return Err(EXTRA);
    }
    let time = time.with_nanosecond(time.nanosecond() / 1000 * 1000).unwrap_or(time);
    let local = date.and_time(time);
    Ok((local - offset.unwrap_or_default(), offset.is_some()))
}

/// `Z`, or hours and minutes with or without a colon.
fn offset(zone: &str) -> Option<TimeDelta> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(TimeDelta::zero());
    }
    let digits = zone.get(1..)?.replace(':', "");
    let number = |part: Option<&str>| part?.parse::<i64>().ok();
    let minutes = number(digits.get(..2))? * 60 + number(digits.get(2..).filter(|m| m.len() == 2))?;
    Some(TimeDelta::minutes(if zone.starts_with('-') { -minutes } else { minutes }))
}

/// SQL's LIKE: `%` is anything, `_` is any one character.
fn like(text: &str, pattern: &str) -> bool {
    let mut pattern = pattern.chars();
    let mut rest = text.chars();
    match pattern.next() {
        None => text.is_empty(),
        Some('%') => loop {
            if like(rest.as_str(), pattern.as_str()) {
                return true;
            }
            if rest.next().is_none() {
                return false;
            }
        },
        Some(wanted) => {
            rest.next().is_some_and(|is| wanted == '_' || wanted == is)
                && like(rest.as_str(), pattern.as_str())
        }
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// The organisation's assistants.
const ASSISTANTS: [(i64, &str); 4] =
    [(201, "ServiceBot"), (202, "Ünïcode – Support 日本語"), (203, "مساعد"), (7, "été 🙂")];

fn rows(world: &World, generation: Generation) -> Vec<SimulatedRow> {
    let mut draw = Draw::new(world.seed);
    let instants = world.instants(TimeDelta::microseconds(1));
    let oldest_id = 7_000_000;
    let numbered = instants.into_iter().zip((oldest_id..oldest_id + world.calls as i64).rev());
    numbered
        .map(|(instant, id)| {
            // Half of the instants fall on a whole second, which is then written without a fraction.
            let second = instant.with_nanosecond(0).unwrap_or(instant);
            let started = if instant.timestamp_micros() % 2 == 0 { second } else { instant };
            let started = Some(started).filter(|_| !draw.chance(40));
            row(&mut draw, id, started, generation)
        })
        .collect()
}

fn row(
    draw: &mut Draw,
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
    let status = *draw.one_of(&[
        "completed",
        "completed",
        "completed",
        "completed",
        "completed",
        "completed",
        "failed",
        "failed",
        "ongoing",
        "in-progress",
        "no-answer",
        "busy",
        "canceled",
        "transferred",
        "pending",
    ]);
    let is_live = matches!(status, "ongoing" | "in-progress");
    let seconds = match draw.index(8) {
        0 => 0,
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
        fields.extend(costs(draw, is_live));
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
fn costs(draw: &mut Draw, is_live: bool) -> Vec<(&'static str, Value)> {
    const NAMES: [&str; 4] = ["llm_cost", "tts_cost", "stt_cost", "telephony_cost"];
    let currency = if draw.chance(3) { Value::Null } else { json!("USD") };
    if is_live || draw.chance(10) {
        let nulls = NAMES.into_iter().map(|name| (name, Value::Null));
        let ends = [("total_cost", Value::Null), ("cost_currency", currency)];
        return nulls.chain(ends).collect();
    }
    let mut parts = NAMES.map(|_| draw.dollars(0.2));
    match draw.index(5) {
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

/// JSON as Python writes it, where floats look otherwise: `1e+21`, `3.15e-05`, `100.0`.
fn python(value: &Value) -> String {
    let object = |fields: &Map<String, Value>| {
        let name = |name: &String| Value::from(name.as_str()).to_string();
        let fields: Vec<String> =
            fields.iter().map(|(key, value)| format!("{}:{}", name(key), python(value))).collect();
        format!("{{{}}}", fields.join(","))
    };
    match value {
        Value::Object(fields) => object(fields),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python).collect();
            format!("[{}]", items.join(","))
        }
        Value::Number(number) if number.is_f64() => python_float(number.as_f64().unwrap_or(0.0)),
        other => other.to_string(),
    }
}

/// The shortest digits that name the float, with an exponent below 1e-4 and from 1e16.
fn python_float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => format!("{number:?}"),
    }
}
