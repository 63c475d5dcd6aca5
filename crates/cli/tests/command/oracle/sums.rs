//! The figures of a group, by docs/costs.md: kept as a list of its calls, and worked out one by one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::call::{COMPONENTS, Call, Line};
use super::exact::{Amount, per_minute, rounded, seconds, share, whole};
use super::groups::{By, Place};

/// A call in a group, with what of its cost is in the group.
pub(super) struct Entry<'a> {
    call: &'a Call,
    /// What it cost; `None` where that is not known, or somebody else charges for all of it.
    billed: Option<Amount>,
    lines: Vec<&'a Line>,
    elsewhere: BTreeSet<&'static str>,
}

impl<'a> Entry<'a> {
    /// The whole call.
    fn of(call: &'a Call) -> Self {
        let billed = call.cost.total;
        // What is not known is not itemised either.
        let (elsewhere, lines) =
            call.cost.lines.iter().filter(|_| billed.is_some()).partition(|line| line.is_elsewhere);
        Self { call, billed, lines, elsewhere: components(elsewhere) }
    }

    /// The parts of a call's cost: each line with its likes, and what the lines leave, if anything, with those that have no line.
    fn parts(by: By<'_>, call: &'a Call) -> BTreeMap<Place, Self> {
        let whole = Self::of(call);
        let Some(total) = whole.billed else {
            return BTreeMap::from([(by.place(call, None), whole)]);
        };
        let mut parts = BTreeMap::new();
        let nothing = || Self { call, billed: None, lines: Vec::new(), elsewhere: BTreeSet::new() };
        for line in &call.cost.lines {
            let part = parts.entry(by.place(call, Some(line))).or_insert_with(nothing);
            if line.is_elsewhere {
                part.elsewhere.insert(line.component);
            } else {
                part.lines.push(line);
                part.billed = Some(part.billed.unwrap_or_default() + line.amount);
            }
        }
        let rest = total - whole.itemised();
        if !rest.is_zero() || parts.is_empty() {
            let part = parts.entry(by.place(call, None)).or_insert_with(nothing);
            part.billed = Some(part.billed.unwrap_or_default() + rest);
        }
        parts
    }

    fn itemised(&self) -> Amount {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

fn components(lines: Vec<&Line>) -> BTreeSet<&'static str> {
    lines.into_iter().map(|line| line.component).collect()
}

/// `zone`, `groups` and `overall`.
pub(super) fn report(by: By<'_>, calls: &[Call]) -> Value {
    let mut places: BTreeMap<Place, Vec<Entry<'_>>> = BTreeMap::new();
    for call in calls {
        let parts = match by.divides_calls() {
            true => Entry::parts(by, call),
            false => BTreeMap::from([(by.place(call, None), Entry::of(call))]),
        };
        for (place, part) in parts {
            places.entry(place).or_default().push(part);
        }
    }
    let groups = places.iter().map(|(place, entries)| {
        let calls: Vec<&Call> = entries.iter().map(|entry| entry.call).collect();
        let mut group = by.name(place, &calls);
        group.extend(figures(entries));
        if by.divides_calls() {
            // What a component costs once all is known cannot be said of calls that are in no component yet, and a part of a total
            // covers itself.
            group.remove("bounds");
            group.remove("scope");
        }
        Value::Object(group)
    });
    let groups: Vec<Value> = groups.collect();
    let whole: Vec<Entry<'_>> = calls.iter().map(Entry::of).collect();
    let mut overall = figures(&whole);
    overall.insert("key".to_owned(), json!({}));
    json!({ "zone": by.zone.name(), "groups": groups, "overall": overall })
}

/// What a set of calls has: how many they are and how long they talked.
fn talk<'a>(calls: impl Iterator<Item = &'a Call>) -> i128 {
    calls.filter_map(|call| call.talk).sum()
}

fn figures(entries: &[Entry<'_>]) -> Map<String, Value> {
    let calls = || entries.iter().map(|entry| entry.call);
    let count = |is: &dyn Fn(&Call) -> bool| calls().filter(|call| is(call)).count();
    let is_known = |call: &&Call| call.cost.total.is_some();
    let with_cost = calls().filter(is_known).count();
    let (talk_of_all, talk_known) = (talk(calls()), talk(calls().filter(is_known)));
    let states: BTreeSet<&str> = calls().map(|call| call.cost.state).collect();
    let state = |state: &str| {
        let of = || calls().filter(|call| call.cost.state == state);
        json!({ "calls": of().count(), "seconds": seconds(talk(of())) })
    };
    let states: Map<String, Value> =
        states.into_iter().map(|of| (of.to_owned(), state(of))).collect();
    let mut figures = json!({
        "calls": entries.len(),
        "connected": count(&|call| call.talked().is_some()),
        "completed": count(&|call| call.status == "completed"),
        "with_talk": count(&|call| call.talk.is_some()),
        "with_cost": with_cost,
        "without_cost": entries.len() - with_cost,
        "states": states,
        "seconds": seconds(talk_of_all),
        "seconds_with_cost": seconds(talk_known),
        "coverage": shown(share(&whole(with_cost), &whole(entries.len()))),
        "coverage_by_seconds": shown(share(&whole(talk_known), &whole(talk_of_all))),
        // No vendor that is simulated has them.
        "credits": [],
    });
    let figures = figures.as_object_mut().unwrap();
    figures.extend(money(entries, entries.len() - with_cost));
    let elsewhere = COMPONENTS.iter().filter_map(|component| {
        let calls = entries.iter().filter(|entry| entry.elsewhere.contains(component)).count();
        (calls > 0).then(|| json!({ "component": component, "calls": calls }))
    });
    let elsewhere: Vec<Value> = elsewhere.collect();
    if !elsewhere.is_empty() {
        figures.insert("billed_elsewhere".to_owned(), json!(elsewhere));
    }
    std::mem::take(figures)
}

/// The figures of one currency. Where no cost is known they are empty lists: no total is not a total of 0.
fn money(entries: &[Entry<'_>], unknown: usize) -> Map<String, Value> {
    const LISTS: [&str; 7] = [
        "totals",
        "per_minute",
        "per_connected",
        "per_completed",
        "quantiles",
        "components",
        "unattributed",
    ];
    let billed: Vec<(&Entry<'_>, Amount)> =
        entries.iter().filter_map(|entry| Some((entry, entry.billed?))).collect();
    let mut lists: Map<String, Value> =
        LISTS.iter().map(|list| ((*list).to_owned(), json!([]))).collect();
    if billed.is_empty() {
        return lists;
    }
    let sum = |of: &dyn Fn(&Call) -> bool| -> Amount {
        billed.iter().filter(|(entry, _)| of(entry.call)).map(|(_, amount)| *amount).sum()
    };
    let count =
        |of: &dyn Fn(&Call) -> bool| billed.iter().filter(|(entry, _)| of(entry.call)).count();
    let total = sum(&|_| true);
    let is_timed = |call: &Call| call.talk.is_some();
    let millis = talk(billed.iter().map(|(entry, _)| entry.call));
    let per_call = |of: &dyn Fn(&Call) -> bool| {
        let calls = count(of);
        let each = (calls > 0).then(|| rounded(&(total.fraction() / whole(calls))));
        json!([{ "currency": "USD", "amount": shown(each), "calls": calls }])
    };
    let mut sorted: Vec<Amount> = billed.iter().map(|(_, amount)| *amount).collect();
    sorted.sort_unstable();
    let (cheapest, dearest) = (sorted[0], sorted[sorted.len() - 1]);
    let itemised: Amount = billed.iter().map(|(entry, _)| entry.itemised()).sum();
    let mut set = |name: &str, value: Value| lists.insert(name.to_owned(), value);
    set("totals", json!([{ "amount": total.to_string(), "currency": "USD" }]));
    let at_least = total + cheapest.min(Amount::ZERO).times(unknown);
    let at_most = total + dearest.max(Amount::ZERO).times(unknown);
    set(
        "bounds",
        json!([{
            "currency": "USD", "unknown": unknown,
            "at_least": at_least.to_string(), "at_most": at_most.to_string(),
        }]),
    );
    let rate = per_minute(sum(&is_timed), millis).map(|rate| rounded(&rate));
    set(
        "per_minute",
        json!([{
            "currency": "USD", "amount": shown(rate),
            "calls": count(&is_timed), "seconds": seconds(millis),
        }]),
    );
    set("per_connected", per_call(&|call| call.talked().is_some()));
    set("per_completed", per_call(&|call| call.status == "completed"));
    set(
        "quantiles",
        json!([{
            "currency": "USD", "calls": sorted.len(),
            "min": cheapest.to_string(), "max": dearest.to_string(),
            "median": nearest_rank(&sorted, 50).to_string(),
            "p95": nearest_rank(&sorted, 95).to_string(),
            "exact": true,
        }]),
    );
    set("unattributed", json!([{ "amount": (total - itemised).to_string(), "currency": "USD" }]));
    set("components", Value::Array(by_component(&billed, total)));
    let scope = scope(&billed);
    if !scope.is_empty() {
        set("scope", Value::Array(scope));
    }
    lists
}

/// In how many totals a component is, and of how many it is charged apart.
fn scope(billed: &[(&Entry<'_>, Amount)]) -> Vec<Value> {
    let count =
        |of: &dyn Fn(&Call) -> bool| billed.iter().filter(|(entry, _)| of(entry.call)).count();
    let component = |component: &&'static str| {
        let included = count(&|call| call.cost.includes.contains(component));
        let excluded = count(&|call| call.cost.excludes.contains(component));
        (included + excluded > 0).then(|| {
            json!({
                "component": component, "currency": "USD", "included": included, "excluded": excluded,
            })
        })
    };
    COMPONENTS.iter().filter_map(component).collect()
}

fn by_component(billed: &[(&Entry<'_>, Amount)], total: Amount) -> Vec<Value> {
    let lines = || billed.iter().flat_map(|(entry, _)| &entry.lines);
    let component = |component: &&str| {
        let of: Vec<Amount> =
            lines().filter(|line| line.component == *component).map(|line| line.amount).collect();
        if of.is_empty() {
            return None;
        }
        let amount: Amount = of.into_iter().sum();
        let mut part =
            json!({ "component": component, "currency": "USD", "amount": amount.to_string() });
        // Of a total of 0 nothing has a share.
        if let Some(share) = share(&amount.fraction(), &total.fraction()) {
            part["share"] = json!(share.to_string());
        }
        Some(part)
    };
    COMPONENTS.iter().filter_map(component).collect()
}

/// The least amount that so many in a hundred did not exceed.
pub(super) fn nearest_rank(sorted: &[Amount], percent: usize) -> Amount {
    let is_enough = |at: &usize| (at + 1) * 100 >= sorted.len() * percent;
    sorted[(0..sorted.len()).find(is_enough).unwrap()]
}

/// What JSON has for a figure that may be missing.
pub(super) fn shown(figure: Option<Amount>) -> Value {
    figure.map_or(Value::Null, |figure| json!(figure.to_string()))
}
