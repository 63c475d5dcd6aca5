//! Seeded filters, drawn from calls that exist, so that they match some and not all.

use std::time::Duration;

use callmux_core::{
    Call, CallFilter, CallStatus, CostRange, DurationRange, Field, PhoneNumber, TimeRange,
};
use chrono::TimeDelta;

use crate::world::Draw;

/// A filter with one to three conditions, each on a field that the provider supports in some way.
pub(super) fn any_filter(draw: &mut Draw, calls: &[Call], fields: &[Field]) -> CallFilter {
    let mut filter = CallFilter::new();
    for _ in 0..=draw.index(3) {
        filter = with_condition(filter, *draw.one_of(fields), draw, calls);
    }
    filter
}

/// The same filter with one more condition.
pub(super) fn with_condition(
    filter: CallFilter,
    field: Field,
    draw: &mut Draw,
    calls: &[Call],
) -> CallFilter {
    let call = draw.one_of(calls).clone();
    let other = draw.one_of(calls).clone();
    match field {
        Field::Placed => {
            let mut filter = filter;
            // Outward and inward, by less and by more than any vendor's unit.
            let steps = [0, 1, 500, 1000, -1, -1000, -1_000_000];
            let nudge = TimeDelta::microseconds(*draw.one_of(&steps));
            if !draw.chance(3) {
                filter.placed.since = call.placed_at.map(|at| at - nudge);
            }
            if !draw.chance(3) {
                filter.placed.until = other.placed_at.map(|at| at + nudge);
            }
            filter
        }
        Field::Updated => {
            let since = call.times.updated;
            let until = other.times.updated.map(|at| at + TimeDelta::milliseconds(1));
            filter.updated(TimeRange { since, until: until.filter(|_| !draw.chance(2)) })
        }
        Field::Status => {
            let mut wanted = vec![call.status.value];
            if draw.chance(3) {
                wanted.extend([other.status.value, CallStatus::Busy]);
            }
            filter.status(wanted)
        }
        Field::Direction => filter.direction(call.direction.or(other.direction)),
        Field::Channel => filter.channel(call.channel.map(|channel| channel.value)),
        Field::Customer => match call.customer.and_then(|party| party.number) {
            None => filter.customer("+15550100000"),
            Some(number) if draw.chance(2) => filter.customer(respelled(draw, &number)),
            Some(number) => {
                let digits = number.digits();
                let part = digits.get(digits.len().saturating_sub(4)..).unwrap_or_default();
                filter.customer_contains(PhoneNumber::new(part))
            }
        },
        Field::Agent => match call.agent.and_then(|agent| agent.id) {
            Some(id) => filter.agent(id),
            None => filter.agent("nobody"),
        },
        Field::Campaign => match call.campaign.and_then(|campaign| campaign.id) {
            Some(id) => filter.campaign(id),
            None => filter.campaign("none"),
        },
        Field::EndedReason => filter.ended_reason(call.ended_reason.map(|reason| reason.value)),
        Field::Duration => {
            let seconds = |call: &Call| call.durations.talk.map(|talk| talk.as_secs());
            let (a, b) = (seconds(&call).unwrap_or(10), seconds(&other).unwrap_or(90));
            let half = Duration::from_millis(500 * draw.up_to(2).unsigned_abs());
            filter.duration(DurationRange {
                min: (!draw.chance(3)).then(|| Duration::from_secs(a.min(b)) + half),
                max: (!draw.chance(3)).then(|| Duration::from_secs(a.max(b)) + half),
            })
        }
        Field::Cost => match (call.cost.known_total(), other.cost.known_total()) {
            (Some(a), Some(b)) if a.currency == b.currency => filter.cost(CostRange {
                currency: a.currency,
                min: Some(a.amount.min(b.amount)),
                max: Some(a.amount.max(b.amount)),
            }),
            (Some(a), _) | (_, Some(a)) => {
                filter.cost(CostRange { currency: a.currency, min: Some(a.amount), max: None })
            }
            _ => filter,
        },
        Field::Id => {
            let count = if draw.chance(2) { 1 } else { 3 };
            filter.ids((0..count).map(|_| draw.one_of(calls).id.clone()))
        }
        _ => filter,
    }
}

/// The same number in another spelling.
fn respelled(draw: &mut Draw, number: &PhoneNumber) -> PhoneNumber {
    let digits = number.digits();
    if digits.len() < 8 || draw.chance(2) {
        return number.clone();
    }
    let (head, tail) = digits.split_at(digits.len() - 4);
    PhoneNumber::new(format!("+{head} - {tail}"))
}
