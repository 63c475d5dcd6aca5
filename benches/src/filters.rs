//! Filters of growing size, and calls that meet them all: a condition that fails ends the check early.

use std::time::Duration;

use callmux::{
    Call, CallFilter, CallStatus, Channel, Cost, CostRange, Currency, Decimal, Direction,
    DurationRange, EndedReason, Money, Named, Party,
};
use chrono::{DateTime, TimeDelta, Utc};

const AGENT: &str = "0a1b2c3d-6f1d-4b3a-9c55-0123456789ab";

fn newest() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("an instant")
}

/// Calls in which each field that a filter asks for is known.
#[must_use]
pub fn filtered(calls: u64) -> Vec<Call> {
    let call = |index: u64| {
        let mut call = Call::new("vapi", "main", id(index));
        call.placed_at = Some(newest() - TimeDelta::seconds(1 + index as i64));
        call.status = [CallStatus::Completed, CallStatus::Failed][index as usize % 2].into();
        call.direction = Some(Direction::Outbound);
        call.channel = Some([Channel::Phone, Channel::Sip][index as usize % 2].into());
        call.ended_reason = Some(EndedReason::CustomerHangup.into());
        call.customer = Party::of(Some(format!("+49 30 {index:08}")), None, None);
        call.agent = Named::of(Some(AGENT.to_owned()), None);
        call.durations.talk = Some(Duration::from_secs(index % 600));
        call.cost = Cost::reported(Money::usd(Decimal::new(index as i64, 4)));
        call
    };
    (0..calls).map(call).collect()
}

/// Filters that these calls meet, by name: each asks what the one before it asks, and more.
#[must_use]
pub fn filters(calls: &[Call]) -> Vec<(&'static str, CallFilter)> {
    let any = CallFilter::new();
    let range = any.clone().since(newest() - TimeDelta::days(7)).until(newest());
    let words = range
        .clone()
        .status([CallStatus::Completed, CallStatus::Failed, CallStatus::NoAnswer])
        .direction([Direction::Outbound])
        .channel([Channel::Phone, Channel::Sip])
        .ended_reason([EndedReason::CustomerHangup, EndedReason::AssistantHangup]);
    let amounts = words
        .clone()
        .duration(DurationRange { min: Some(Duration::ZERO), max: Some(Duration::from_secs(600)) })
        .cost(CostRange { currency: Currency::USD, min: Some(Decimal::ZERO), max: None });
    let people = amounts.clone().agent(AGENT).customer_contains("4930");
    let ids = people.clone().ids(calls.iter().map(|call| call.id.clone()));
    vec![
        ("any", any),
        ("range", range),
        ("words", words),
        ("amounts", amounts),
        ("people", people),
        ("ids", ids),
    ]
}

fn id(index: u64) -> String {
    format!("5eed5eed-0000-4000-8000-{index:012}")
}
