//! The figures of one group, ready to show.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Component, CostState, Credits, Currency, Decimal, Money, Totals};
use serde::{Serialize, Serializer};

use crate::error::{Error, Result};
use crate::exact;
use crate::key::{Key, serialize_key};
use crate::tally::{Sums, Tally};

/// The figures of the calls that share a key.
///
/// Amounts are exact and written without trailing zeros, so that the same calls give the same text in whatever order
/// they came; JSON has them as strings. Lists are in the order of currencies' codes, then of components.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Group {
    /// What the calls share; empty where all calls are one group. Beside `key`, JSON writes `named`: of an agent or a
    /// campaign in the key, whose it is and its name.
    #[serde(flatten, serialize_with = "serialize_key")]
    pub key: Key,
    /// How many calls.
    pub calls: u64,
    /// Calls in which the parties talked: their talk time is known and above zero.
    pub connected: u64,
    /// Calls whose status is completed.
    pub completed: u64,
    /// Calls whose talk time is known.
    pub with_talk: u64,
    /// Calls with a known cost.
    pub with_cost: u64,
    /// Calls without one: it is pending, unavailable, billed elsewhere, or came without a readable amount.
    pub without_cost: u64,
    /// Calls by the state of their cost; states without a call are left out.
    pub states: BTreeMap<CostState, u64>,
    /// Known talk time, summed. JSON writes seconds.
    #[serde(serialize_with = "exact::serialize_seconds")]
    pub seconds: Duration,
    /// Known talk time of the calls with a known cost. JSON writes seconds.
    #[serde(serialize_with = "exact::serialize_seconds")]
    pub seconds_with_cost: Duration,
    /// `with_cost ÷ calls`, between 0 and 1, rounded down to six places; `None` without calls.
    pub coverage: Option<Decimal>,
    /// `seconds_with_cost ÷ seconds`, between 0 and 1, rounded down to six places; `None` without talk time.
    pub coverage_by_seconds: Option<Decimal>,
    /// Known totals, summed per currency.
    #[serde(serialize_with = "serialize_totals")]
    pub totals: Totals,
    /// What a minute of talk costs, per currency.
    pub per_minute: Vec<PerMinute>,
    /// The itemised lines that are in the totals, summed. With `unattributed` they make up `totals` exactly.
    pub components: Vec<ComponentTotal>,
    /// The part of the totals that is in no component, per currency: what vendors charge and do not itemise. Below zero
    /// where rounded lines exceed a rounded total.
    #[serde(serialize_with = "serialize_totals")]
    pub unattributed: Totals,
    /// Itemised lines of the same calls that their totals leave out, summed: charged beside the total.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outside_total: Vec<ComponentTotal>,
    /// Calls with a line in another currency than the total that includes it. The whole total of such a call is in
    /// `unattributed`, and none of its lines is in `components`.
    #[serde(skip_serializing_if = "is_zero")]
    pub unsplit: u64,
    /// Credits per unit, of the calls whose cost is in a known state. Credits are not money and are in no total.
    pub credits: Vec<Credits>,
}

/// What a minute of talk costs in one currency.
///
/// `amount = total × 60 ÷ seconds`, over the calls whose cost in this currency and whose talk time are both known, and
/// no others; rounded half away from zero to six places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PerMinute {
    /// The currency.
    pub currency: Currency,
    /// The rate; `None` where those calls have no second of talk.
    pub amount: Option<Decimal>,
    /// How many calls it is made of.
    pub calls: u64,
    /// Their talk time. JSON writes seconds.
    #[serde(serialize_with = "exact::serialize_seconds")]
    pub seconds: Duration,
}

/// A component's sum in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ComponentTotal {
    /// The component.
    pub component: Component,
    /// The currency.
    pub currency: Currency,
    /// The sum.
    pub amount: Decimal,
}

impl Group {
    pub(crate) fn new(key: Key, tally: &Tally) -> Result<Self> {
        let counts = &tally.counts;
        // A currency may be met only in lines outside the totals: it then has no total, not one of 0.
        let billed = || tally.money.iter().filter(|(_, sums)| sums.calls > 0);
        Ok(Self {
            key,
            calls: counts.calls,
            connected: counts.connected,
            completed: counts.completed,
            with_talk: counts.with_talk,
            with_cost: counts.with_cost,
            without_cost: counts.calls.saturating_sub(counts.with_cost),
            states: tally.states.clone(),
            seconds: counts.talk,
            seconds_with_cost: counts.talk_with_cost,
            coverage: exact::share(counts.with_cost.into(), counts.calls.into()),
            coverage_by_seconds: exact::seconds(counts.talk_with_cost)
                .zip(exact::seconds(counts.talk))
                .and_then(|(part, whole)| exact::share(part, whole)),
            totals: totals(billed().map(|(&currency, sums)| (currency, sums.total)))?,
            per_minute: billed()
                .map(|(&currency, sums)| PerMinute::new(currency, sums))
                .collect::<Result<_>>()?,
            components: components(tally, |sums| &sums.components),
            unattributed: totals(billed().map(|(&currency, sums)| (currency, sums.unattributed)))?,
            outside_total: components(tally, |sums| &sums.outside_total),
            unsplit: counts.unsplit,
            credits: tally
                .credits
                .iter()
                .map(|(unit, amount)| Credits { amount: amount.normalize(), unit: unit.clone() })
                .collect(),
        })
    }
}

impl PerMinute {
    fn new(currency: Currency, sums: &Sums) -> Result<Self> {
        let timed = &sums.timed;
        let amount = exact::per_minute(timed.total, timed.talk).map_err(|()| Error::AMOUNTS)?;
        Ok(Self { currency, amount, calls: timed.calls, seconds: timed.talk })
    }
}

fn totals(sums: impl Iterator<Item = (Currency, Decimal)>) -> Result<Totals> {
    let mut totals = Totals::default();
    for (currency, amount) in sums {
        // One amount a currency, so that nothing is added here.
        totals.add(Money::new(amount.normalize(), currency)).map_err(|_| Error::AMOUNTS)?;
    }
    Ok(totals)
}

fn components(
    tally: &Tally,
    of: impl Fn(&Sums) -> &BTreeMap<Component, Decimal>,
) -> Vec<ComponentTotal> {
    let mut components = Vec::new();
    for (&currency, sums) in &tally.money {
        for (&component, amount) in of(sums) {
            components.push(ComponentTotal { component, currency, amount: amount.normalize() });
        }
    }
    components
}

fn serialize_totals<S: Serializer>(totals: &Totals, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(totals.iter())
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
