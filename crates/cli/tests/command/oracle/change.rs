//! What changed from one period to another, by docs/costs.md.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::call::Call;
use super::exact::{Amount, rounded, seconds, whole};
use super::groups::{By, Place};
use super::sums::shown;

/// `change` of the calls that were placed in two periods. A call without a time is in none.
pub(super) fn change(by: By<'_>, calls: &[Call], periods: [[DateTime<Utc>; 2]; 2]) -> Value {
    let placed = periods.map(|[since, until]| {
        let is_in = move |at: DateTime<Utc>| since <= at && at < until;
        calls.iter().filter(|call| call.placed_at.is_some_and(is_in)).collect::<Vec<_>>()
    });
    let mut groups: BTreeMap<Place, [Vec<&Call>; 2]> = BTreeMap::new();
    for (period, calls) in placed.iter().enumerate() {
        for call in calls {
            groups.entry(by.place(call, None)).or_default()[period].push(call);
        }
    }
    let is_billed =
        |calls: &[Vec<&Call>; 2]| calls.iter().flatten().any(|call| call.cost.total.is_some());
    let groups: Vec<(Place, [Vec<&Call>; 2])> =
        groups.into_iter().filter(|(_, calls)| is_billed(calls)).collect();
    let parts: Vec<Parts> = groups.iter().map(|(_, calls)| Parts::of(calls)).collect();
    let of = |((place, calls), parts): (&(Place, [Vec<&Call>; 2]), &Parts)| {
        let mut fields = by.name(place, &calls.concat());
        fields.extend(parts.json(calls).as_object().unwrap().clone());
        Value::Object(fields)
    };
    let listed: Vec<Value> = groups.iter().zip(&parts).map(of).collect();
    // The parts of all calls are the sums of the groups' parts.
    let sum = |of: fn(&Parts) -> Amount| parts.iter().map(of).sum();
    let all = Parts {
        change: sum(|of| of.change),
        volume: sum(|of| of.volume),
        length: sum(|of| of.length),
        price: sum(|of| of.price),
        untimed: sum(|of| of.untimed),
    };
    let mut overall = all.json(&placed);
    overall["key"] = json!({});
    json!({ "groups": listed, "overall": [overall] })
}

struct Parts {
    change: Amount,
    volume: Amount,
    length: Amount,
    price: Amount,
    untimed: Amount,
}

/// The calls of a period of which cost and talk time are known: how many, how long, for how much.
fn timed(calls: &[&Call]) -> (usize, i128, Amount) {
    let known = calls.iter().filter_map(|call| Some((call.talk?, call.cost.total?)));
    known.fold((0, 0, Amount::ZERO), |(count, millis, total), (talk, cost)| {
        (count + 1, millis + talk, total + cost)
    })
}

fn total(calls: &[&Call]) -> Amount {
    calls.iter().filter_map(|call| call.cost.total).sum()
}

impl Parts {
    fn of([before, after]: &[Vec<&Call>; 2]) -> Self {
        let change = total(after) - total(before);
        let [(count_before, millis_before, cost_before), (count, millis, cost)] =
            [before, after].map(|calls| timed(calls));
        let untimed = change - (cost - cost_before);
        // A group that is new or gone changed by volume alone.
        if count_before == 0 || count == 0 {
            let (volume, length, price) = (cost - cost_before, Amount::ZERO, Amount::ZERO);
            return Self { change, volume, length, price, untimed };
        }
        let of_a_call = cost_before.fraction() / whole(count_before);
        let more_calls = whole(count) - whole(count_before);
        let volume = rounded(&(more_calls * &of_a_call));
        let length = if millis_before == 0 {
            // Where there were no minutes, length is not told from price.
            Amount::ZERO
        } else {
            let minutes = |millis: i128, calls: usize| whole(millis) / whole(60_000) / whole(calls);
            let longer = minutes(millis, count) - minutes(millis_before, count_before);
            let price_before = cost_before.fraction() / (whole(millis_before) / whole(60_000));
            rounded(&(whole(count) * longer * price_before))
        };
        // Price is what remains.
        let price = change - untimed - volume - length;
        Self { change, volume, length, price, untimed }
    }

    fn json(&self, [before, after]: &[Vec<&Call>; 2]) -> Value {
        let period = |calls: &[&Call]| {
            let known = calls.iter().filter(|call| call.cost.total.is_some()).count();
            let (timed, millis, timed_total) = timed(calls);
            // What calls cost of which no cost is known is not known, and what no calls cost is.
            let is_unknown = known == 0 && !calls.is_empty();
            json!({
                "calls": calls.len(), "with_cost": known, "without_cost": calls.len() - known,
                "seconds": seconds(millis), "total": shown((!is_unknown).then(|| total(calls))),
                "timed": timed, "timed_total": timed_total.to_string(),
            })
        };
        json!({
            "currency": "USD", "before": period(before), "after": period(after),
            "change": self.change.to_string(), "volume": self.volume.to_string(),
            "length": self.length.to_string(), "price": self.price.to_string(),
            "untimed": self.untimed.to_string(),
        })
    }
}
