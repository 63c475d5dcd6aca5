//! Calls that stand out, never ended or were never billed, by docs/costs.md.

use std::cmp::Reverse;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::call::Call;
use super::exact::{Amount, per_minute, rounded, whole};
use super::groups::{By, grouped};
use super::sums::{nearest_rank, shown};

/// How many calls are named.
const NAMED: usize = 20;

/// `outliers`, as of an instant.
pub(super) fn outliers(by: By<'_>, calls: &[Call], now: DateTime<Utc>) -> Value {
    let mut groups = Vec::new();
    for (place, calls) in grouped(by, calls) {
        for (measure, of) in MEASURES {
            let measured = calls.iter().filter_map(|call| Some((of(call)?, *call)));
            let measured: Vec<(Amount, &Call)> = measured.collect();
            // A group needs as many to have a fence.
            if measured.len() >= 20 {
                let mut group = by.name(&place, &calls);
                let figures = standout(measure, measured);
                group.extend(figures.as_object().unwrap().clone());
                groups.push(Value::Object(group));
            }
        }
    }
    let is_late = |call: &&Call| call.placed_at.is_some_and(|at| now - at > TimeDelta::days(1));
    let has_none = |call: &&Call| ["pending", "unavailable"].contains(&call.cost.state);
    // Whether a call is over is not known of one whose status is not.
    let is_over = |call: &&Call| !call.is_live() && call.status != "unknown";
    let late = || calls.iter().filter(is_late);
    json!({ "outliers": {
        "groups": groups,
        "stuck": overdue(late().filter(|call| call.is_live()).collect()),
        "unbilled": overdue(late().filter(is_over).filter(has_none).collect()),
    } })
}

type Measure = fn(&Call) -> Option<Amount>;

const MEASURES: [(&str, Measure); 3] =
    [("cost_per_minute", cost_per_minute), ("length", length), ("silence", silence)];

/// Of calls of a minute or longer.
fn cost_per_minute(call: &Call) -> Option<Amount> {
    let millis = call.talk.filter(|millis| *millis >= 60_000)?;
    Some(rounded(&per_minute(call.cost.total?, millis)?))
}

fn length(call: &Call) -> Option<Amount> {
    Some(Amount::of(call.talked()?, 3))
}

/// The longest time from when somebody began to speak until somebody did again, or the call ended.
fn silence(call: &Call) -> Option<Amount> {
    let mut moments = call.turns.clone();
    moments.sort_unstable();
    let last = *moments.last()?;
    moments.extend(call.ended.filter(|ended| *ended > last));
    let longest = moments.windows(2).map(|two| two[1] - two[0]).max()?;
    Some(Amount::of(longest.into(), 6))
}

fn standout(measure: &str, measured: Vec<(Amount, &Call)>) -> Value {
    let mut sorted: Vec<Amount> = measured.iter().map(|(value, _)| *value).collect();
    sorted.sort_unstable();
    let [lower, median, upper] = [25, 50, 75].map(|percent| nearest_rank(&sorted, percent));
    let [high, low] = [(upper, 1), (lower, -1)].map(|(quartile, sign)| {
        let three = (upper.fraction() - lower.fraction()) * whole(3);
        let half = quartile.fraction() / whole(2);
        rounded(&(quartile.fraction() + three.max(half) * whole(sign)))
    });
    let is_cost = measure == "cost_per_minute";
    // Nothing is below nothing, or below the least value where that is less.
    let low = Some(low).filter(|low| is_cost && *low > sorted[0].min(Amount::ZERO));
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for (value, call) in measured {
        if value > high {
            above.push((value, call));
        } else if low.is_some_and(|low| value < low) {
            below.push((value, call));
        }
    }
    // The farthest first, on either side; of like ones the oldest.
    above.sort_by_key(|(value, call)| {
        (Reverse(*value), call.placed_at, call.vendor, call.id.clone())
    });
    below.sort_by_key(|(value, call)| (*value, call.placed_at, call.vendor, call.id.clone()));
    let beyond = above.len() + below.len();
    let named = above.iter().take(NAMED).chain(below.iter().take(NAMED));
    let named: Vec<Value> = named
        .map(|(value, call)| {
            let mut named = name(call);
            named["value"] = json!(value.to_string());
            named
        })
        .collect();
    let mut figures = json!({
        "measure": measure, "calls": sorted.len(), "median": median.to_string(), "low": shown(low),
        "high": high.to_string(), "beyond": beyond, "farthest": named, "exact": true,
    });
    if is_cost {
        figures["currency"] = json!("USD");
    }
    figures
}

/// How a call is named.
fn name(call: &Call) -> Value {
    let at = call.placed_at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    json!({ "placed_at": at, "vendor": call.vendor, "account": call.vendor, "id": call.id })
}

/// All are counted, and the oldest named.
fn overdue(mut calls: Vec<&Call>) -> Value {
    calls.sort_by_key(|call| (call.placed_at, call.vendor, call.id.clone()));
    let named: Vec<Value> = calls.iter().take(NAMED).map(|call| name(call)).collect();
    json!({ "calls": calls.len(), "oldest": named })
}
