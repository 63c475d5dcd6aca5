//! What the tests of payloads share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use callmux_autocalls::Autocalls;
use callmux_core::{Call, JsonMap, Transcript, decimal_from_json};
use callmux_http::{
    Answer, Body, Dialect, HttpProvider, Request, Response, RowError, Source, Transport,
    TransportError, Zone, instant,
};
use callmux_testkit::ManualClock;
use serde_json::Value;
use serde_json::value::RawValue;

/// A file of `tests/data`.
pub fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// One row of JSON as a call.
pub fn row(dialect: &Autocalls, text: &str) -> Result<Call, RowError> {
    let row: <Autocalls as Dialect>::Row<'_> =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    dialect.call(row, &Source::new("autocalls", "main"))
}

/// The rows of a page as calls, each held against its own JSON.
pub fn page_in(dialect: &Autocalls, zone: &Zone, body: &[u8]) -> Vec<Call> {
    let answer = Answer::read(dialect, body).unwrap();
    let calls = answer.rows.iter().map(|raw| {
        let call = row(dialect, raw.get()).unwrap();
        agrees(&call, raw, zone);
        call
    });
    calls.collect()
}

/// The rows of a file as calls, each held against its own JSON.
pub fn page(name: &str) -> Vec<Call> {
    page_in(&Autocalls::default(), &Zone::utc(), &file(name))
}

/// Each field of a call against the row's own JSON, by a second and plainer reading of it.
pub fn agrees(call: &Call, raw: &RawValue, zone: &Zone) {
    let row: BTreeMap<String, Box<RawValue>> = serde_json::from_str(raw.get()).unwrap();
    let value = |name: &str| -> Value {
        row.get(name).map_or(Value::Null, |raw| serde_json::from_str(raw.get()).unwrap())
    };
    let text = |name: &str| match value(name) {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let time = |name: &str| text(name).and_then(|text| instant(&text, zone));
    let map = |name: &str| -> Option<JsonMap> {
        let map = match value(name) {
            Value::Object(map) => map,
            Value::Array(items) => {
                items.into_iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect()
            }
            _ => JsonMap::new(),
        };
        (!map.is_empty()).then_some(map)
    };
    let amount = |name: &str| {
        let digits = row.get(name)?.get().trim_matches('"').to_owned();
        (!matches!(digits.as_str(), "" | "null")).then(|| decimal_from_json(&digits).unwrap())
    };

    assert_eq!(Some(call.id.to_string()), text("id"));
    let name = |named: &Option<callmux_core::Named>| named.clone().and_then(|named| named.name);
    assert_eq!(name(&call.agent), text("assistant_name"));
    assert_eq!(name(&call.campaign), text("campaign_name"));
    let number = |party: &Option<callmux_core::Party>| {
        party.clone().and_then(|party| party.number).map(|number| number.as_str().to_owned())
    };
    assert_eq!(number(&call.line), text("assistant_phone_number"));
    assert_eq!(number(&call.customer), text("client_phone_number"));
    assert_eq!(call.status.word, text("status"));
    assert_eq!(call.channel.clone().and_then(|channel| channel.word), text("type"));
    let direction = text("type").filter(|word| matches!(word.as_str(), "inbound" | "outbound"));
    assert_eq!(call.direction.map(|direction| direction.to_string()), direction);
    assert_eq!(call.answered_by.clone().and_then(|by| by.word), text("answered_by"));
    assert_eq!(call.recording_url, text("recording_url"));
    assert_eq!((call.times.created, call.placed_at), (time("created_at"), time("created_at")));
    assert_eq!(call.times.updated, time("updated_at"));
    assert_eq!((call.times.started, call.times.ended), (None, None));
    let seconds = call.durations.talk.map(|talk| talk.as_secs());
    assert_eq!(seconds, text("duration").map(|text| text.parse().unwrap()));
    match &call.transcript {
        Some(Transcript::Turns(turns)) => {
            let said: Vec<Option<Value>> =
                turns.iter().map(|turn| Some(turn.text.clone().into())).collect();
            let sent = value("transcript");
            let sent = sent.as_array().unwrap().iter().map(|turn| turn.get("text").cloned());
            assert_eq!(said, sent.collect::<Vec<_>>());
        }
        Some(Transcript::Text(said)) => assert_eq!(Some(said), text("transcript").as_ref()),
        None => {
            let sent = value("transcript");
            assert!(matches!(sent, Value::Null | Value::Array(_) | Value::String(_)));
        }
    }
    assert_eq!(call.variables, map("variables"));
    assert_eq!(call.metadata, map("webhook_response"));
    if value("evaluation").is_object() {
        assert_eq!(call.evaluation, map("evaluation"));
    }
    let carrier = call.cost.lines.iter().find(|line| line.label == "carrier_cost");
    assert_eq!(carrier.map(|line| line.amount.amount), amount("carrier_cost"));
    let total = call.cost.total.map(|total| total.amount);
    assert_eq!(total, amount("total_cost"));
    // Equal decimals may differ in their digits; these are the vendor's own.
    if let Some(Value::String(digits)) = row.contains_key("total_cost").then(|| value("total_cost"))
    {
        assert_eq!(total.map(|total| total.to_string()), Some(digits));
    }
}

/// Gives these answers, one after the other, and notes what was asked.
#[derive(Debug, Default)]
pub struct Canned {
    answers: Mutex<Vec<Response>>,
    asked: Mutex<Vec<String>>,
}

impl Canned {
    /// The addresses asked so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError> {
        self.asked.lock().unwrap().push(request.url.to_string());
        Ok(self.answers.lock().unwrap().remove(0).into())
    }
}

/// An answer of JSON.
pub fn ok(body: impl Into<Vec<u8>>) -> Response {
    answer(200, "application/json", &[], body)
}

/// Any answer.
pub fn answer(
    status: u16,
    content_type: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Response {
    let mut all = vec![("content-type".to_owned(), content_type.to_owned())];
    all.extend(
        headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned())),
    );
    Response { status, headers: all, body: body.into().into() }
}

/// A provider that gets these answers, and what it asked.
pub fn provider(answers: Vec<Response>) -> (Arc<HttpProvider<Autocalls>>, Arc<Canned>) {
    let canned = Arc::new(Canned { answers: Mutex::new(answers), ..Canned::default() });
    let start = chrono::DateTime::from_timestamp(1_791_796_800, 0).unwrap();
    let provider = callmux_autocalls::builder("1|not-a-real-key")
        .transport(canned.clone())
        .clock(Arc::new(ManualClock::at(start)))
        .build()
        .unwrap();
    (Arc::new(provider), canned)
}
