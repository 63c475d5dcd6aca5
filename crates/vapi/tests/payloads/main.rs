//! Payloads that Vapi documents or was seen to send, read field by field; `tests/data/SOURCES.md` says where each is from.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod absent;
mod address;
mod batch;
mod canned;
mod cost;
mod drift;
mod ended;
mod errors;
mod live;
mod older;
mod published;
mod query;
mod reasons;

use callmux_core::Call;
use callmux_http::{Dialect as _, RowError, Source};
use callmux_vapi::Vapi;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// One row as a call.
fn read(row: &str) -> Result<Call, RowError> {
    Vapi.call(serde_json::from_str(row).unwrap(), &Source::new("vapi", "main"))
}

/// A row of these fields as a call.
fn call(row: &Value) -> Call {
    read(&row.to_string()).unwrap()
}

/// Every row of a payload as a call.
fn calls(payload: &str) -> Vec<Call> {
    let callmux_http::Answer { rows, envelope } =
        callmux_http::Answer::read(&Vapi, payload.as_bytes()).unwrap();
    assert_eq!((envelope.total, envelope.next_token, envelope.has_more), (None, None, None));
    rows.iter().map(|row| read(row.get()).unwrap()).collect()
}

/// The whole of a call, in the public JSON: what is not in it is absent.
fn whole(call: &Call) -> Value {
    serde_json::to_value(call).unwrap()
}

/// What every call of this vendor has, with these fields beside it.
fn expected(mut fields: Value) -> Value {
    for (name, value) in [("vendor", "vapi"), ("account", "main"), ("detail", "full")] {
        fields[name] = value.into();
    }
    fields
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A line of a bill as the public JSON writes it. The quantity is `4.2 minutes`; either text may be empty.
fn line(component: &str, label: &str, dollars: &str, quantity: &str, model: &str) -> Value {
    let amount = json!({ "amount": dollars, "currency": "USD" });
    let mut line =
        json!({ "component": component, "label": label, "amount": amount, "in_total": true });
    if let Some((quantity, unit)) = quantity.split_once(' ') {
        line["quantity"] = quantity.into();
        line["unit"] = unit.into();
    }
    if !model.is_empty() {
        line["model"] = model.into();
    }
    line
}

/// The same line, charged by somebody else.
fn elsewhere(mut line: Value) -> Value {
    line["in_total"] = false.into();
    line["billed_elsewhere"] = true.into();
    line
}

/// A turn as the public JSON writes it.
fn turn(speaker: &str, text: &str, at: &str) -> Value {
    json!({ "speaker": speaker, "text": text, "at": at })
}
