//! How far figures of a comparison may be off by chance: a plain bootstrap over single calls, to hold the command's against.
//!
//! Floats are at home here: an interval is a statistic, and no amount is made of it.

#![allow(clippy::float_arithmetic, reason = "intervals are statistics, not amounts")]

use callmux_testkit::Draw;
use serde_json::Value;

use super::comparison::{Comparison, Counted, Mix, Of, Side};

/// How often each side is drawn anew.
const DRAWS: usize = 400;

/// By how much the widths of two bootstraps may differ, of the wider one.
const ROOM: f64 = 0.35;

/// What rounding two ends to six places may add: where every minute costs the same there is no width but this.
const ROUNDING: f64 = 2e-6;

/// Holds the intervals of each side and each pair against those of this bootstrap.
pub(super) fn check(comparison: &Comparison<'_>, printed: &Value) {
    let mix = &comparison.mix;
    let printed = &printed["comparisons"][0];
    for (index, side) in comparison.sides.iter().enumerate() {
        if side.unsupported.is_none() {
            let drawn = draws(side, mix, &Of::Totals, 100 + index as u64);
            is_like(side.vendor, &printed["sides"][index]["mix_adjusted"], drawn);
        }
    }
    for (index, pair) in comparison.pairs().iter().enumerate() {
        let printed = &printed["pairs"][index];
        let Some([(cheaper, _), (dearer, _)]) = pair.sorted(mix) else { continue };
        let low = draws(cheaper, mix, &pair.of, 200 + 2 * index as u64);
        let high = draws(dearer, mix, &pair.of, 201 + 2 * index as u64);
        let what = format!("{} and {}", cheaper.vendor, dearer.vendor);
        let apart = high.iter().zip(low).map(|(high, low)| high - low).collect();
        is_like(&what, &printed["difference"], apart);
    }
}

/// What is called a difference does not reach 0. Without an interval there are too few calls.
pub(super) fn verdict(difference: &Value) -> &'static str {
    match &difference["low"] {
        Value::Null => "too_few_calls",
        low if number(low) > 0.0 => "differ",
        _ => "may_be_chance",
    }
}

fn number(text: &Value) -> f64 {
    text.as_str().unwrap().parse().unwrap()
}

fn is_like(what: &str, printed: &Value, mut drawn: Vec<f64>) {
    let [low, amount, high] = ["low", "amount", "high"].map(|name| number(&printed[name]));
    assert!(low <= amount && amount <= high, "{what}: {printed}");
    drawn.sort_by(f64::total_cmp);
    let [from, to] = [drawn[DRAWS * 25 / 1000], drawn[DRAWS * 975 / 1000]];
    let (width, expected) = (high - low, to - from);
    let apart = (width - expected).abs();
    let room = ROOM * width.max(expected) + ROUNDING;
    assert!(apart <= room, "{what}: {low} to {high}, where single calls give {from} to {to}");
}

/// What a minute costs at a side of which as many calls as it has were drawn, with replacement.
fn draws(side: &Side<'_>, mix: &Mix, of: &Of, seed: u64) -> Vec<f64> {
    let calls: Vec<Seen> = side.counted.iter().map(|call| Seen::of(call, of)).collect();
    let all: i128 = mix.iter().map(|(_, millis)| millis).sum();
    let weights: Vec<(usize, f64)> =
        mix.iter().map(|(length, millis)| (*length, *millis as f64 / all as f64)).collect();
    let mut draw = Draw::new(seed);
    let rate = |_| {
        let drawn: Vec<&Seen> = calls.iter().map(|_| &calls[draw.index(calls.len())]).collect();
        weights.iter().map(|(length, weight)| weight * per_minute(&drawn, *length)).sum()
    };
    (0..DRAWS).map(rate).collect()
}

/// What of a call the bootstrap looks at: its minutes, and the amounts that are compared.
struct Seen {
    length: usize,
    minutes: f64,
    amounts: Vec<Option<f64>>,
}

impl Seen {
    fn of(call: &Counted<'_>, of: &Of) -> Self {
        let amounts = match of {
            Of::Totals => vec![Some(call.total)],
            Of::Components(components) => {
                components.iter().map(|component| call.component(component)).collect()
            }
        };
        let float = |amount: super::exact::Amount| amount.to_string().parse().unwrap();
        let amounts = amounts.into_iter().map(|amount| amount.map(float)).collect();
        Self { length: call.length(), minutes: call.millis as f64 / 60_000.0, amounts }
    }
}

/// The sum of what a minute costs of each that is compared, over the calls that have it.
fn per_minute(calls: &[&Seen], length: usize) -> f64 {
    let places = calls.first().map_or(0, |call| call.amounts.len());
    let rate = |place: usize| {
        let (mut total, mut minutes) = (0.0, 0.0);
        for call in calls.iter().filter(|call| call.length == length) {
            if let Some(amount) = call.amounts[place] {
                total += amount;
                minutes += call.minutes;
            }
        }
        total / minutes
    };
    (0..places).map(rate).sum()
}
