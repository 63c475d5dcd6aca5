//! The figures of one group, ready to show.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Component, CostState, Credits, Currency, Decimal, Money, Totals};
use serde::{Serialize, Serializer};

use super::tally::{Amounts, Tally};
use crate::error::{Error, Result};
use crate::exact;
use crate::few::Few;
use crate::grow::amount;
use crate::key::{Key, serialize_key};
use crate::scope::Stated;
use crate::spread::Spread;

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
    /// Calls and their talk time by the state of their cost; states without a call are left out.
    pub states: BTreeMap<CostState, Coverage>,
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
    /// Between which the totals are once every cost is known, per currency. Left out by component or model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<Bounds>,
    /// What a minute of talk costs, per currency.
    pub per_minute: Vec<PerMinute>,
    /// What a connected call costs, per currency: calls that were not connected are paid for by those that were.
    pub per_connected: Vec<PerCall>,
    /// What a completed call costs, per currency: calls that were not completed are paid for by those that were.
    pub per_completed: Vec<PerCall>,
    /// How the calls' costs are spread, per currency.
    pub quantiles: Vec<Quantiles>,
    /// The itemised lines that are in the totals, summed. With `unattributed` they make up `totals` exactly.
    pub components: Vec<ComponentTotal>,
    /// The part of the totals that is in no component, per currency: what vendors charge and do not itemise. Below zero
    /// where rounded lines exceed a rounded total.
    #[serde(serialize_with = "serialize_totals")]
    pub unattributed: Totals,
    /// Itemised lines of the same calls that their totals leave out, summed: charged beside the total.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outside_total: Vec<ComponentTotal>,
    /// What the totals say that they cover, per currency: components that some total names. Left out by component or model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<TotalsScope>,
    /// Components that somebody else charges for: own keys, an own carrier.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub billed_elsewhere: Vec<Elsewhere>,
    /// Calls with a line in another currency than the total that includes it. The whole total of such a call is in
    /// `unattributed`, and none of its lines is in `components`.
    #[serde(skip_serializing_if = "is_zero")]
    pub unsplit: u64,
    /// Credits per unit, of the calls whose cost is in a known state. Credits are not money and are in no total.
    pub credits: Vec<Credits>,
}

/// How many calls share a state of their cost, and how long they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// The calls.
    pub calls: u64,
    /// Their known talk time. JSON writes seconds.
    #[serde(serialize_with = "exact::serialize_seconds")]
    pub seconds: Duration,
}

/// Between which a total is once every cost is known, if no call of the group that has no cost yet costs less than nothing (or
/// than the cheapest of it, where that is below 0), or more than the dearest of it.
///
/// Calls that somebody else bills cost nothing here and widen nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Bounds {
    /// The currency.
    pub currency: Currency,
    /// The calls whose cost is to come or not reported.
    pub unknown: u64,
    /// The least total.
    pub at_least: Decimal,
    /// The largest total; `None` where the group has several currencies, and nobody knows in which a call is billed.
    pub at_most: Option<Decimal>,
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

/// What a call of some kind costs in one currency, the others' cost included.
///
/// `amount = total ÷ calls`, where `total` is of all calls with a known cost in this currency, and `calls` those of them that
/// are of the kind; rounded half away from zero to six places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PerCall {
    /// The currency.
    pub currency: Currency,
    /// The rate; `None` where no call is of the kind.
    pub amount: Option<Decimal>,
    /// How many calls of the kind have a known cost.
    pub calls: u64,
}

/// How the costs of calls are spread in one currency. Each figure is what some call cost.
///
/// A quantile is the least amount that so large a part of the calls did not exceed (the nearest rank; the lower middle of an even
/// number).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Quantiles {
    /// The currency.
    pub currency: Currency,
    /// How many calls have a known cost in it.
    pub calls: u64,
    /// The cheapest.
    pub min: Decimal,
    /// Half of the calls cost no more.
    pub median: Decimal,
    /// 95 in 100 of the calls cost no more.
    pub p95: Decimal,
    /// The dearest.
    pub max: Decimal,
    /// Whether `median` and `p95` are exact. In a report of more than 65,536 different amounts they may be below the exact ones, by
    /// 1 part in 64 at most.
    pub exact: bool,
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
    /// `amount ÷ total` of this currency, rounded towards zero to six places; `None` where that total is 0, or leaves the
    /// component out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Decimal>,
}

/// In how many calls' totals a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TotalsScope {
    /// The component.
    pub component: Component,
    /// The currency.
    pub currency: Currency,
    /// How many totals say that they include it.
    pub included: u64,
    /// How many totals say that it is charged apart from them, by the vendor or by somebody else.
    pub excluded: u64,
}

/// A component that somebody else charges for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Elsewhere {
    /// The component.
    pub component: Component,
    /// How many calls have such a line.
    pub calls: u64,
}

impl Group {
    pub(crate) fn new(key: Key, tally: &Tally, is_portion: bool) -> Result<Self> {
        let sums = &tally.sums;
        let counts = &sums.counts;
        // A currency may be met only in lines outside the totals: it then has no total, not one of 0.
        let billed = || sums.money.iter().filter(|(_, amounts)| amounts.calls > 0);
        let per_call = |of: fn(&Amounts) -> u64| {
            billed()
                .map(|(currency, amounts)| PerCall::new(currency, amounts.total, of(amounts)))
                .collect::<Result<Vec<_>>>()
        };
        Ok(Self {
            key,
            calls: counts.calls,
            connected: counts.connected,
            completed: counts.completed,
            with_talk: counts.with_talk,
            with_cost: counts.with_cost,
            without_cost: counts.calls.saturating_sub(counts.with_cost),
            states: sums
                .states
                .iter()
                .map(|(state, of)| (state, Coverage { calls: of.calls, seconds: of.talk }))
                .collect(),
            seconds: counts.talk,
            seconds_with_cost: counts.talk_with_cost,
            coverage: exact::share(counts.with_cost.into(), counts.calls.into()),
            coverage_by_seconds: exact::seconds(counts.talk_with_cost)
                .zip(exact::seconds(counts.talk))
                .and_then(|(known, all)| exact::share(known, all)),
            totals: totals(billed().map(|(currency, amounts)| (currency, amounts.total)))?,
            bounds: if is_portion { Vec::new() } else { bounds(tally)? },
            per_minute: billed()
                .map(|(currency, amounts)| PerMinute::new(currency, amounts))
                .collect::<Result<_>>()?,
            per_connected: per_call(|amounts| amounts.connected)?,
            per_completed: per_call(|amounts| amounts.completed)?,
            quantiles: tally.spreads.iter().filter_map(quantiles).collect(),
            components: components(tally, |amounts| &amounts.components, |of| Some(of.total)),
            unattributed: totals(
                billed().map(|(currency, amounts)| (currency, amounts.unattributed)),
            )?,
            outside_total: components(tally, |amounts| &amounts.outside_total, |_| None),
            scope: if is_portion { Vec::new() } else { scope(tally) },
            billed_elsewhere: sums
                .elsewhere
                .iter()
                .map(|(component, &calls)| Elsewhere { component, calls })
                .collect(),
            unsplit: counts.unsplit,
            credits: sums
                .credits
                .0
                .iter()
                .map(|(unit, amount)| Credits { amount: amount.normalize(), unit: unit.clone() })
                .collect(),
        })
    }
}

impl PerMinute {
    fn new(currency: Currency, amounts: &Amounts) -> Result<Self> {
        let timed = &amounts.timed;
        let amount = exact::per_minute(timed.total, timed.talk).map_err(|()| Error::AMOUNTS)?;
        Ok(Self { currency, amount, calls: timed.calls, seconds: timed.talk })
    }
}

impl PerCall {
    fn new(currency: Currency, total: Decimal, calls: u64) -> Result<Self> {
        let amount = exact::per_one(total, calls).map_err(|()| Error::AMOUNTS)?;
        Ok(Self { currency, amount, calls })
    }
}

fn quantiles((currency, spread): (Currency, &Spread)) -> Option<Quantiles> {
    let of = |part, whole| Some(spread.quantile(part, whole)?.normalize());
    let [min, max] = spread.ends()?.map(|end| end.normalize());
    Some(Quantiles {
        currency,
        calls: spread.count(),
        min,
        median: of(1, 2)?,
        p95: of(95, 100)?,
        max,
        exact: spread.is_exact(),
    })
}

fn bounds(tally: &Tally) -> Result<Vec<Bounds>> {
    let counts = &tally.sums.counts;
    let elsewhere = tally.sums.states.get(CostState::BilledElsewhere).map_or(0, |of| of.calls);
    let unknown = counts.calls.saturating_sub(counts.with_cost).saturating_sub(elsewhere);
    let has_one_currency = tally.spreads.len() == 1;
    let bounds = |(currency, spread): (Currency, &Spread)| {
        let total = tally.sums.money.get(currency).map_or(Decimal::ZERO, |sums| sums.total);
        let with = |each: Decimal| {
            let more = exact::product(each, unknown.into()).ok_or(Error::AMOUNTS)?;
            Ok::<_, Error>(amount(total, more)?.normalize())
        };
        let [least, most] = spread.ends().unwrap_or_default();
        Ok(Bounds {
            currency,
            unknown,
            at_least: with(least.min(Decimal::ZERO))?,
            at_most: has_one_currency.then(|| with(most.max(Decimal::ZERO))).transpose()?,
        })
    };
    tally.spreads.iter().map(bounds).collect()
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
    of: impl Fn(&Amounts) -> &Few<Component, Decimal>,
    whole: impl Fn(&Amounts) -> Option<Decimal>,
) -> Vec<ComponentTotal> {
    let mut components = Vec::new();
    for (currency, amounts) in tally.sums.money.iter() {
        for (component, &amount) in of(amounts).iter() {
            let share = whole(amounts).and_then(|whole| exact::share(amount, whole));
            let amount = amount.normalize();
            components.push(ComponentTotal { component, currency, amount, share });
        }
    }
    components
}

fn scope(tally: &Tally) -> Vec<TotalsScope> {
    let money = tally.sums.money.iter();
    let stated = money.flat_map(|(currency, amounts)| {
        amounts.scope.iter().map(move |(component, stated)| (component, currency, *stated))
    });
    let total = |(component, currency, Stated { included, excluded })| TotalsScope {
        component,
        currency,
        included,
        excluded,
    };
    stated.map(total).collect()
}

fn serialize_totals<S: Serializer>(totals: &Totals, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(totals.iter())
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
