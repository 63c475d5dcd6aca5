//! What a listing must give out, written as plainly as possible and apart from the crate.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use callmux_core::{Call, CallFilter, CostState, CustomerMatch, TimeRange};
use chrono::{DateTime, Utc};

use crate::arbitrary::canonical;

/// The calls that a filter means, each once, in the one order.
pub(crate) fn listing(world: &[Call], filter: &CallFilter, limit: Option<u64>) -> Vec<Call> {
    let mut latest = BTreeMap::new();
    for call in world {
        latest.insert((&call.vendor, &call.account, &call.id), call);
    }
    let mut calls: Vec<Call> =
        latest.into_values().filter(|call| means(filter, call)).cloned().collect();
    let (untimed, mut timed): (Vec<Call>, Vec<Call>) =
        calls.drain(..).partition(|call| call.placed_at.is_none());
    // Each is in the order of vendor, account and id already; a stable sort keeps it where instants tie.
    timed.sort_by_key(|call| Reverse(call.placed_at.unwrap()));
    calls = untimed;
    calls.extend(timed);
    calls.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
    calls
}

fn in_range(range: &TimeRange, instant: Option<DateTime<Utc>>) -> bool {
    let Some(instant) = instant else { return range.since.is_none() && range.until.is_none() };
    let too_early = range.since.is_some_and(|since| instant < since);
    let too_late = range.until.is_some_and(|until| instant >= until);
    !too_early && !too_late
}

/// Whether a filter means a call.
pub(crate) fn means(filter: &CallFilter, call: &Call) -> bool {
    if !in_range(&filter.placed, call.placed_at) || !in_range(&filter.updated, call.times.updated) {
        return false;
    }
    if let Some(wanted) = &filter.status
        && !wanted.contains(&call.status.value)
    {
        return false;
    }
    if let Some(wanted) = &filter.direction
        && !call.direction.is_some_and(|direction| wanted.contains(&direction))
    {
        return false;
    }
    if let Some(wanted) = &filter.channel
        && !call.channel.as_ref().is_some_and(|channel| wanted.contains(&channel.value))
    {
        return false;
    }
    if let Some(wanted) = &filter.ended_reason
        && !call.ended_reason.as_ref().is_some_and(|reason| wanted.contains(&reason.value))
    {
        return false;
    }
    if let Some(wanted) = &filter.customer {
        let Some(number) = call.customer.as_ref().and_then(|party| party.number.as_ref()) else {
            return false;
        };
        let number = canonical(number.as_str());
        let met = match wanted {
            CustomerMatch::Exact(wanted) => number == canonical(wanted.as_str()),
            CustomerMatch::Contains(part) => number.contains(canonical(part.as_str())),
        };
        if !met {
            return false;
        }
    }
    for (wanted, named) in [(&filter.agent, &call.agent), (&filter.campaign, &call.campaign)] {
        let id = named.as_ref().and_then(|named| named.id.as_ref());
        if wanted.is_some() && id != wanted.as_ref() {
            return false;
        }
    }
    if let Some(range) = &filter.duration {
        let Some(talk) = call.durations.talk else { return false };
        if range.min.is_some_and(|min| talk < min) || range.max.is_some_and(|max| talk > max) {
            return false;
        }
    }
    if let Some(range) = &filter.cost {
        let known = [CostState::Estimated, CostState::Reported, CostState::Final, CostState::Free];
        let Some(total) = call.cost.total else { return false };
        if !known.contains(&call.cost.state)
            || total.currency != range.currency
            || range.min.is_some_and(|min| total.amount < min)
            || range.max.is_some_and(|max| total.amount > max)
        {
            return false;
        }
    }
    filter.ids.as_ref().is_none_or(|wanted| wanted.iter().any(|id| *id == call.id))
}
