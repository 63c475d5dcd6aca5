//! How far figures of a comparison may be off by chance: a plain bootstrap over sets of calls that are much alike, to hold the
//! command's against.
//!
//! Floats are at home here: an interval is a statistic, and no amount is made of it.

#![allow(clippy::float_arithmetic, reason = "intervals are statistics, not amounts")]

use std::collections::BTreeMap;

use callmux_testkit::Draw;
use chrono::NaiveDate;
use serde_json::Value;

use super::call::Named;
use super::comparison::{Comparison, Counted, LENGTHS, Mix, Of, Side};
use super::exact::Amount;

/// How often each side is drawn anew.
const DRAWS: usize = 2000;

/// Of how many intervals in a hundred what is looked for is outside.
const OUTSIDE: f64 = 0.05;

/// By how much the widths of two bootstraps may differ, of the wider one.
const ROOM: f64 = 0.35;

/// What rounding two ends to six places may add: where every minute costs the same there is no width but this.
const ROUNDING: f64 = 2e-6;

/// Of so few sets there is no interval. Sets that share a block are one, so that a few more may be as few blocks.
const FEW_SETS: usize = 10;
const SOME_MORE_SETS: usize = 15;

/// There is no interval where more resamples than one in twenty lack a length. By chance, as many of these may be fewer or more.
const LACKING: [f64; 2] = [0.025, 0.1];

/// The intervals that were met, each as its width over that of this bootstrap, and how many figures had none.
#[derive(Debug, Default)]
pub(super) struct Met {
    pub(super) sides: Vec<f64>,
    pub(super) pairs: Vec<f64>,
    pub(super) without: usize,
}

impl Met {
    pub(super) fn extend(&mut self, more: Self) {
        self.sides.extend(more.sides);
        self.pairs.extend(more.pairs);
        self.without += more.without;
    }
}

/// Holds the intervals of each side and each pair against those of this bootstrap.
pub(super) fn check(comparison: &Comparison<'_>, printed: &Value) -> Met {
    let printed = &printed["comparisons"][0];
    let mut met = Met::default();
    for (index, side) in comparison.sides.iter().enumerate() {
        if side.unsupported.is_none() {
            let sets = sets(side, &Of::Totals);
            let drawn = draws(&sets, &comparison.mix, 100 + index as u64);
            let printed = &printed["sides"][index]["mix_adjusted"];
            match is_like(side.vendor, printed, sets.len(), drawn, OUTSIDE) {
                Some(width) => met.sides.push(width),
                None => met.without += 1,
            }
        }
    }
    let pairs = comparison.pairs();
    // So that the intervals of all pairs hold together.
    let outside = OUTSIDE / pairs.len() as f64;
    for (index, pair) in pairs.iter().enumerate() {
        let Some([(lower, _), (higher, _)]) = pair.sorted() else { continue };
        let [lows, highs] = [lower, higher].map(|side| sets(side, &pair.of));
        let low = draws(&lows, &pair.mix, 200 + 2 * index as u64);
        let high = draws(&highs, &pair.mix, 201 + 2 * index as u64);
        let what = format!("{} and {}", lower.vendor, higher.vendor);
        let apart = high.iter().zip(low).map(|(high, low)| high - low).collect();
        let sets = lows.len().min(highs.len());
        match is_like(&what, &printed["pairs"][index]["difference"], sets, apart, outside) {
            Some(width) => met.pairs.push(width),
            None => met.without += 1,
        }
    }
    met
}

/// What is called a difference does not reach 0. Without an interval there are too few calls.
pub(super) fn verdict(difference: &Value) -> &'static str {
    if difference["low"].is_null() {
        return "too_few_calls";
    }
    match ["low", "amount", "high"].map(|name| number(&difference[name])) {
        [low, _, high] if low > 0.0 || high < 0.0 => "differ",
        [0.0, 0.0, 0.0] => "same",
        _ => "may_be_chance",
    }
}

fn number(text: &Value) -> f64 {
    text.as_str().unwrap().parse().unwrap()
}

/// Holds an interval against what was drawn, a draw that lacks a length being no number. Says how wide it is in widths of this
/// bootstrap's; `None` where there is rightly none.
fn is_like(
    what: &str,
    printed: &Value,
    sets: usize,
    mut drawn: Vec<f64>,
    outside: f64,
) -> Option<f64> {
    drawn.retain(|rate| !rate.is_nan());
    let lacking = 1.0 - drawn.len() as f64 / DRAWS as f64;
    if printed["low"].is_null() {
        assert!(printed["high"].is_null(), "{what}: {printed}");
        let is_little = sets < SOME_MORE_SETS || lacking > LACKING[0];
        assert!(is_little, "{what}: no interval of {sets} sets, {lacking} of draws lack a length");
        return None;
    }
    let is_enough = sets >= FEW_SETS && lacking < LACKING[1];
    assert!(is_enough, "{what}: an interval of {sets} sets, {lacking} of draws lack a length");
    let [low, amount, high] = ["low", "amount", "high"].map(|name| number(&printed[name]));
    assert!(low <= amount && amount <= high, "{what}: {printed}");
    drawn.sort_by(f64::total_cmp);
    let at = |part: f64| drawn[((drawn.len() - 1) as f64 * part).round() as usize];
    let [from, to] = [at(outside / 2.0), at(1.0 - outside / 2.0)];
    let (width, expected) = (high - low, to - from);
    let apart = (width - expected).abs();
    let room = ROOM * width.max(expected) + ROUNDING;
    assert!(apart <= room, "{what}: {low} to {high}, where sets of calls give {from} to {to}");
    Some((width + ROUNDING) / (expected + ROUNDING))
}

/// Amounts and minutes by length and by what is compared.
type Sums = BTreeMap<(usize, usize), [f64; 2]>;

/// The counted calls of a side in sets of one day, agent and campaign. A call without a time is a set by itself.
fn sets(side: &Side<'_>, of: &Of) -> Vec<Sums> {
    let mut sets: BTreeMap<(NaiveDate, Option<&str>, Option<&str>), Sums> = BTreeMap::new();
    let mut single = Vec::new();
    for counted in &side.counted {
        let call = counted.call;
        match call.placed_at {
            Some(at) => {
                let alike = (at.date_naive(), value(&call.agent), value(&call.campaign));
                add(sets.entry(alike).or_default(), counted, of);
            }
            None => {
                single.push(Sums::new());
                add(single.last_mut().unwrap(), counted, of);
            }
        }
    }
    sets.into_values().chain(single).collect()
}

fn value(named: &Option<Named>) -> Option<&str> {
    named.as_ref().map(|named| named.value.as_str())
}

fn add(sums: &mut Sums, call: &Counted<'_>, of: &Of) {
    let amounts = match of {
        Of::Totals => vec![Some(call.total)],
        Of::Components(components) => components.iter().map(|of| call.component(of)).collect(),
    };
    let float = |amount: Amount| amount.to_string().parse::<f64>().unwrap();
    for (place, amount) in amounts.into_iter().enumerate() {
        if let Some(amount) = amount {
            let sum = sums.entry((call.length(), place)).or_default();
            sum[0] += float(amount);
            sum[1] += call.millis as f64 / 60_000.0;
        }
    }
}

/// What a minute costs where as many sets as there are were drawn, with replacement; no number where a length is lacking.
fn draws(sets: &[Sums], mix: &Mix, seed: u64) -> Vec<f64> {
    let all: i128 = mix.iter().map(|(_, millis)| millis).sum();
    let places = sets.iter().flat_map(|set| set.keys()).map(|(_, place)| place + 1).max();
    let places = places.unwrap_or(0);
    let mut draw = Draw::new(seed);
    let rate = |_| {
        let mut drawn = vec![[0.0; 2]; LENGTHS.len() * places];
        for _ in sets {
            for ((length, place), [amount, minutes]) in &sets[draw.index(sets.len())] {
                let sum = &mut drawn[length * places + place];
                sum[0] += amount;
                sum[1] += minutes;
            }
        }
        let of_length = |(length, millis): &(usize, i128)| {
            let drawn = &drawn[length * places..(length + 1) * places];
            let rate: f64 = drawn.iter().map(|[amount, minutes]| amount / minutes).sum();
            *millis as f64 / all as f64 * rate
        };
        mix.iter().map(of_length).sum()
    };
    (0..DRAWS).map(rate).collect()
}
