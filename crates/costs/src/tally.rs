//! What a report holds of a group: sums that can be added to one another.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Call, CallStatus, Component, Cost, CostState, Currency, Decimal, Money};

use crate::error::{Error, Result};
use callmux_core::add_exactly;

/// The sums over some calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    pub(crate) states: BTreeMap<CostState, u64>,
    pub(crate) money: BTreeMap<Currency, Sums>,
    pub(crate) credits: BTreeMap<String, Decimal>,
}

/// Counts and times, whatever the currency.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) calls: u64,
    pub(crate) connected: u64,
    pub(crate) completed: u64,
    pub(crate) with_talk: u64,
    pub(crate) with_cost: u64,
    pub(crate) unsplit: u64,
    pub(crate) talk: Duration,
    pub(crate) talk_with_cost: Duration,
}

/// The sums of one currency.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    /// Calls with a known total in this currency.
    pub(crate) calls: u64,
    pub(crate) total: Decimal,
    pub(crate) components: BTreeMap<Component, Decimal>,
    pub(crate) unattributed: Decimal,
    pub(crate) outside_total: BTreeMap<Component, Decimal>,
    /// The part of the above whose talk time is known too: what a rate is made of.
    pub(crate) timed: Timed,
}

/// Calls of which both the cost and the talk time are known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timed {
    pub(crate) calls: u64,
    pub(crate) total: Decimal,
    pub(crate) talk: Duration,
}

impl Tally {
    /// The sums over one call.
    pub(crate) fn of(call: &Call) -> Result<Self> {
        let talk = call.durations.talk;
        let known = call.cost.known_total();
        let mut tally = Self {
            counts: Counts {
                calls: 1,
                connected: u64::from(talk.is_some_and(|talk| !talk.is_zero())),
                completed: u64::from(call.status.value == CallStatus::Completed),
                with_talk: u64::from(talk.is_some()),
                with_cost: u64::from(known.is_some()),
                unsplit: 0,
                talk: talk.unwrap_or_default(),
                talk_with_cost: talk.filter(|_| known.is_some()).unwrap_or_default(),
            },
            states: BTreeMap::from([(call.cost.state, 1)]),
            ..Self::default()
        };
        if let Some(total) = known {
            tally.bill(&call.cost, total, talk)?;
        }
        if let Some(credits) = call.cost.credits.as_ref().filter(|_| call.cost.state.is_known()) {
            tally.credits.insert(credits.unit.clone(), credits.amount);
        }
        Ok(tally)
    }

    /// Splits a known total into its lines and the rest.
    fn bill(&mut self, cost: &Cost, total: Money, talk: Option<Duration>) -> Result<()> {
        // A line in another currency cannot be set against the total: none of it is then attributed.
        let splits = cost
            .lines
            .iter()
            .filter(|line| line.in_total)
            .all(|line| line.amount.currency == total.currency);
        self.counts.unsplit = u64::from(!splits);

        let mut rest = total.amount;
        for line in &cost.lines {
            let Money { amount, currency } = line.amount;
            let sums = self.money.entry(currency).or_default();
            if !line.in_total {
                add_part(&mut sums.outside_total, line.component, amount)?;
            } else if splits {
                add_part(&mut sums.components, line.component, amount)?;
                rest = add_exactly(rest, -amount).ok_or(Error::AMOUNTS)?;
            }
        }

        let sums = self.money.entry(total.currency).or_default();
        sums.calls = 1;
        sums.total = total.amount;
        sums.unattributed = rest;
        if let Some(talk) = talk {
            sums.timed = Timed { calls: 1, total: total.amount, talk };
        }
        Ok(())
    }

    /// Adds the sums over other calls; on an error nothing is changed.
    pub(crate) fn absorb(&mut self, other: &Self) -> Result<()> {
        let counts = self.counts.plus(other.counts)?;
        let states = sums(&self.states, &other.states, |mine, theirs| count(*mine, *theirs))?;
        let money = sums(&self.money, &other.money, Sums::plus)?;
        let credits = sums(&self.credits, &other.credits, |mine, theirs| {
            add_exactly(*mine, *theirs).ok_or(Error::CREDITS)
        })?;

        self.counts = counts;
        self.states.extend(states);
        self.money.extend(money);
        self.credits.extend(credits);
        Ok(())
    }
}

impl Counts {
    fn plus(self, other: Self) -> Result<Self> {
        Ok(Self {
            calls: count(self.calls, other.calls)?,
            connected: count(self.connected, other.connected)?,
            completed: count(self.completed, other.completed)?,
            with_talk: count(self.with_talk, other.with_talk)?,
            with_cost: count(self.with_cost, other.with_cost)?,
            unsplit: count(self.unsplit, other.unsplit)?,
            talk: time(self.talk, other.talk)?,
            talk_with_cost: time(self.talk_with_cost, other.talk_with_cost)?,
        })
    }
}

impl Sums {
    fn plus(&self, other: &Self) -> Result<Self> {
        let parts = |mine: &BTreeMap<Component, Decimal>, theirs: &BTreeMap<Component, Decimal>| {
            let mut all = mine.clone();
            all.extend(sums(mine, theirs, |mine, theirs| amount(*mine, *theirs))?);
            Ok::<_, Error>(all)
        };
        Ok(Self {
            calls: count(self.calls, other.calls)?,
            total: amount(self.total, other.total)?,
            components: parts(&self.components, &other.components)?,
            unattributed: amount(self.unattributed, other.unattributed)?,
            outside_total: parts(&self.outside_total, &other.outside_total)?,
            timed: Timed {
                calls: count(self.timed.calls, other.timed.calls)?,
                total: amount(self.timed.total, other.timed.total)?,
                talk: time(self.timed.talk, other.timed.talk)?,
            },
        })
    }
}

/// For each key of theirs, the sum of both sides; nothing is changed yet, so that an error costs nothing.
pub(crate) fn sums<K: Ord + Clone, V: Clone>(
    mine: &BTreeMap<K, V>,
    theirs: &BTreeMap<K, V>,
    plus: impl Fn(&V, &V) -> Result<V>,
) -> Result<Vec<(K, V)>> {
    theirs
        .iter()
        .map(|(key, theirs)| {
            let sum = match mine.get(key) {
                Some(mine) => plus(mine, theirs)?,
                None => theirs.clone(),
            };
            Ok((key.clone(), sum))
        })
        .collect()
}

fn add_part(
    parts: &mut BTreeMap<Component, Decimal>,
    component: Component,
    more: Decimal,
) -> Result<()> {
    let part = parts.entry(component).or_default();
    *part = amount(*part, more)?;
    Ok(())
}

fn amount(left: Decimal, right: Decimal) -> Result<Decimal> {
    add_exactly(left, right).ok_or(Error::AMOUNTS)
}

fn count(left: u64, right: u64) -> Result<u64> {
    left.checked_add(right).ok_or(Error::CALLS)
}

fn time(left: Duration, right: Duration) -> Result<Duration> {
    left.checked_add(right).ok_or(Error::SECONDS)
}
