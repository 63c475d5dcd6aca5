//! Burki: `GET /api/v1/calls/`, newest first by `started_at`, calls without a start before all others.
//!
//! As the public server does, it parses parameters like pydantic, ignores names it does not know, redirects where the last slash
//! is missing, fails on an assistant of another organisation and on a row whose `call_meta` is no object, and has no order among
//! calls that share an instant: it changes with `skip + limit`, so that a walk by `skip` loses and repeats calls.
//!
//! What the hosted server is known to do otherwise is in [`Generation`]. Where neither is known (the texts of rarer refusals), it
//! says something alike.

mod pydantic;
mod python;
mod rows;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use axum::routing::get;
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use self::pydantic::{instant, integer};
use self::rows::{ASSISTANTS, rows};
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
    let host = host.or_else(|| uri.authority().map(Authority::as_str));
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
    let (Some(mut rows), Ok(skip)) = (asked.select(&server), i64::try_from(asked.skip)) else {
        return failure();
    };
    let total = rows.len();
    let shuffle = server.seed ^ ((asked.skip + asked.limit) as u64).rotate_left(32);
    let order = |id: &str| Draw::new(shuffle ^ id.parse().unwrap_or(0)).up_to(i64::MAX);
    // The newest first, and what has no time before it, as PostgreSQL sorts.
    rows.sort_by_cached_key(|row| {
        (row.placed_at.is_some(), Reverse(row.placed_at), order(&row.id))
    });
    let page: Vec<Arc<SimulatedRow>> =
        rows.into_iter().skip(skip as usize).take(asked.limit as usize).collect();
    let is_broken = |row: &Arc<SimulatedRow>| {
        row.value.get("call_meta").is_some_and(|meta| !meta.is_object() && !meta.is_null())
    };
    if page.iter().any(is_broken) {
        return failure();
    }
    let texts: Vec<&str> = page.iter().map(|row| row.text.as_str()).collect();
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
    match server.simulator.look().into_iter().find(|row| row.id == number.to_string()) {
        Some(row) => Reply::json(200, &row.text),
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
    fn select(&self, server: &Server) -> Option<Vec<Arc<SimulatedRow>>> {
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
        let mut rows = server.simulator.look();
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
