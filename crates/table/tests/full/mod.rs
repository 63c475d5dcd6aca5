//! A call in which nothing is missing.

#![allow(dead_code, reason = "each test file uses a part")]

use std::time::Duration;

use callmux_core::{
    AnsweredBy, Call, CallStatus, Channel, Component, Cost, CostLine, CostScope, Credits, Detail,
    Direction, EndedBy, EndedReason, JsonMap, Labeled, Money, Named, Party, Speaker, Success,
    Transcript, Turn, decimal_from_json,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

pub(crate) fn usd(text: &str) -> Money {
    Money::usd(decimal_from_json(text).unwrap())
}

pub(crate) fn turns() -> Vec<Turn> {
    vec![
        Turn::new(Speaker::Assistant, "Hello, \"Ada\".", None),
        Turn::new(Speaker::Customer, "Hi;\nbye", None),
    ]
}

fn map(value: &serde_json::Value) -> Option<JsonMap> {
    value.as_object().cloned()
}

pub(crate) fn full_call() -> Call {
    let placed: DateTime<Utc> = "2026-01-05T10:00:00Z".parse().unwrap();
    let after = |seconds: i64| Some(placed + TimeDelta::milliseconds(seconds * 1000 + 250));

    let mut call = Call::new("example", "main", "call-42");
    call.related.carrier_call_id = Some("CA1".into());
    call.related.parent_id = Some("parent".into());
    call.related.session_id = Some("session".into());
    call.channel = Some(Labeled::new(Channel::Phone, "pstn"));
    call.direction = Some(Direction::Outbound);
    call.status = Labeled::new(CallStatus::Completed, "ended");
    call.ended_reason = Some(Labeled::new(EndedReason::CustomerHangup, "customer-ended-call"));
    call.ended_by = Some(EndedBy::Customer);
    call.answered_by = Some(Labeled::new(AnsweredBy::Human, "person"));
    call.placed_at = Some(placed);
    call.times.created = after(0);
    call.times.scheduled = after(1);
    call.times.started = after(2);
    call.times.answered = after(3);
    call.times.ended = after(4);
    call.times.updated = after(5);
    call.durations.talk = Some(Duration::from_millis(63_500));
    call.durations.billed = Some(Duration::from_secs(120));
    call.customer = Party::of(Some("+15550100100".into()), Some("c-1".into()), Some("Ada".into()));
    call.line =
        Party::of(Some("+15550100199".into()), Some("l-1".into()), Some("Front desk".into()));
    call.agent = Named::of(Some("12".into()), Some("Sales".into()));
    call.campaign = Named::of(Some("7".into()), Some("Spring".into()));
    call.transcript = Some(Transcript::Text("as the vendor wrote it".into()));
    call.recording_url = Some("https://example.invalid/recording?signature=1".into());
    call.summary = Some("She asked, \"when?\"\nNobody knew.".into());
    call.success = Some(Success::from_word("true"));
    call.variables = map(&json!({"first": "Ada", "n": 1}));
    call.metadata = map(&json!({"tags": ["a", "b"]}));
    call.evaluation = map(&json!({"mood": null}));

    call.cost = Cost::reported(usd("1.30"));
    call.cost.lines = Component::ALL
        .iter()
        .map(|&component| {
            CostLine::new(component, component.as_str(), usd("0.10"))
                .with_quantity(Some(usd("2").amount), "minutes")
                .with_model(Some("provider/model".into()))
        })
        .collect();
    call.cost.scope = CostScope::new([Component::Llm, Component::Platform], [Component::Telephony]);
    call.cost.credits = Some(Credits { amount: usd("3.0").amount, unit: "credits".into() });
    call.cost.unreadable = Some("1e400".into());
    call.detail = Detail::Summary;
    call
}
