//! What a report holds of a group: sums that can be added to one another.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{
    Call, CallStatus, Component, Cost, CostLine, CostState, Currency, Decimal, Money, add_exactly,
};

use crate::error::{Error, Result};
use crate::key::Portion;
use crate::scope::Stated;
use crate::spread::{Precision, Spread};

/// The sums over some calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) sums: Sums,
    /// What each call cost, per currency: how that is spread.
    pub(crate) spreads: BTreeMap<Currency, Spread>,
}

/// All that is added up, and may grow too large.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) counts: Counts,
    pub(crate) states: BTreeMap<CostState, Covered>,
    /// Calls with a component that somebody else charges for.
    pub(crate) elsewhere: BTreeMap<Component, u64>,
    pub(crate) money: BTreeMap<Currency, Amounts>,
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

/// Calls, and their known talk time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Covered {
    pub(crate) calls: u64,
    pub(crate) talk: Duration,
}

/// The sums of one currency.
#[derive(Clone, Debug, Default)]
pub(crate) struct Amounts {
    /// Calls with a known total in this currency, and those of them that were connected and completed.
    pub(crate) calls: u64,
    pub(crate) connected: u64,
    pub(crate) completed: u64,
    pub(crate) total: Decimal,
    pub(crate) components: BTreeMap<Component, Decimal>,
    pub(crate) unattributed: Decimal,
    pub(crate) outside_total: BTreeMap<Component, Decimal>,
    /// How many totals say that they include a component, and how many that they leave it out.
    pub(crate) scope: BTreeMap<Component, Stated>,
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
        let known = call.cost.known_total();
        let mut tally = Self::counting(call, known.is_some());
        tally.note_credits(call);
        if let Some(total) = known {
            let splits = splits(&call.cost, total);
            tally.sums.counts.unsplit = u64::from(!splits);
            let rest = tally.itemise(total.amount, splits, call.cost.lines.iter())?;
            tally.bill(call, total, rest);
        }
        Ok(tally)
    }

    /// The sums over the portions of one call's cost: one for each component, or model, or both, that it has a line of, and one
    /// for what its lines leave.
    pub(crate) fn portions<'a>(
        call: &'a Call,
        portion: impl Fn(&'a CostLine) -> Portion<'a>,
    ) -> Result<Vec<(Portion<'a>, Self)>> {
        let Some(total) = call.cost.known_total() else {
            return Ok(vec![(Portion::default(), Self::of(call)?)]);
        };
        let mut lines: BTreeMap<Portion<'a>, Vec<&CostLine>> = BTreeMap::new();
        let splits = splits(&call.cost, total);
        for line in call.cost.lines.iter().filter(|line| splits || !line.in_total) {
            lines.entry(portion(line)).or_default().push(line);
        }
        let mut rest = total.amount;
        let mut portions = Vec::with_capacity(lines.len() + 1);
        for (portion, lines) in lines {
            let mut tally = Self::counting(call, true);
            let below = tally.itemise(Decimal::ZERO, splits, lines.into_iter())?;
            if tally.sums.money.get(&total.currency).is_some_and(|sums| !sums.components.is_empty())
            {
                let part = -below;
                rest = amount(rest, -part)?;
                tally.bill(call, Money::new(part, total.currency), Decimal::ZERO);
            }
            portions.push((portion, tally));
        }
        if !rest.is_zero() || portions.is_empty() {
            let mut tally = Self::counting(call, true);
            tally.sums.counts.unsplit = u64::from(!splits);
            tally.bill(call, Money::new(rest, total.currency), rest);
            match portions.iter_mut().find(|(portion, _)| *portion == Portion::default()) {
                // Lines of no model, where models are told apart, and what no line is for.
                Some((_, itemised)) => itemised.join(&tally)?,
                None => portions.push((Portion::default(), tally)),
            }
        }
        if let Some((_, first)) = portions.first_mut() {
            first.note_credits(call);
        }
        Ok(portions)
    }

    /// One call, of which only the counts are known.
    fn counting(call: &Call, is_known: bool) -> Self {
        let talk = call.durations.talk;
        let covered = Covered { calls: 1, talk: talk.unwrap_or_default() };
        let sums = Sums {
            counts: Counts {
                calls: 1,
                connected: u64::from(is_connected(call)),
                completed: u64::from(is_completed(call)),
                with_talk: u64::from(talk.is_some()),
                with_cost: u64::from(is_known),
                unsplit: 0,
                talk: covered.talk,
                talk_with_cost: if is_known { covered.talk } else { Duration::ZERO },
            },
            states: BTreeMap::from([(call.cost.state, covered)]),
            ..Sums::default()
        };
        Self { sums, spreads: BTreeMap::new() }
    }

    fn note_credits(&mut self, call: &Call) {
        if let Some(credits) = call.cost.credits.as_ref().filter(|_| call.cost.state.is_known()) {
            self.sums.credits.insert(credits.unit.clone(), credits.amount);
        }
    }

    /// Splits a total into these of its lines, if it can be split, and gives the rest.
    fn itemise<'a>(
        &mut self,
        total: Decimal,
        splits: bool,
        lines: impl Iterator<Item = &'a CostLine>,
    ) -> Result<Decimal> {
        let mut rest = total;
        for line in lines {
            if line.billed_elsewhere {
                self.sums.elsewhere.insert(line.component, 1);
                continue;
            }
            let Money { amount: part, currency } = line.amount;
            let sums = self.sums.money.entry(currency).or_default();
            if !line.in_total {
                add_part(&mut sums.outside_total, line.component, part)?;
            } else if splits {
                add_part(&mut sums.components, line.component, part)?;
                rest = amount(rest, -part)?;
            }
        }
        Ok(rest)
    }

    /// Notes what the call, or this portion of it, cost.
    fn bill(&mut self, call: &Call, total: Money, rest: Decimal) {
        let sums = self.sums.money.entry(total.currency).or_default();
        sums.calls = 1;
        sums.connected = u64::from(is_connected(call));
        sums.completed = u64::from(is_completed(call));
        sums.total = total.amount;
        sums.unattributed = rest;
        sums.scope = Stated::by(&call.cost.scope);
        if let Some(talk) = call.durations.talk {
            sums.timed = Timed { calls: 1, total: total.amount, talk };
        }
        self.spreads.insert(total.currency, Spread::of(total.amount));
    }

    /// Puts two portions of one call together: it is still one call.
    fn join(&mut self, other: &Self) -> Result<()> {
        for (&currency, theirs) in &other.sums.money {
            let mine = self.sums.money.entry(currency).or_default();
            mine.total = amount(mine.total, theirs.total)?;
            mine.unattributed = amount(mine.unattributed, theirs.unattributed)?;
            mine.timed.total = amount(mine.timed.total, theirs.timed.total)?;
            if mine.calls == 0 {
                (mine.calls, mine.connected, mine.completed) =
                    (theirs.calls, theirs.connected, theirs.completed);
                (mine.timed.calls, mine.timed.talk) = (theirs.timed.calls, theirs.timed.talk);
            }
            self.spreads.insert(currency, Spread::of(mine.total));
        }
        self.sums.counts.unsplit = self.sums.counts.unsplit.max(other.sums.counts.unsplit);
        Ok(())
    }

    /// Takes over sums that [`Sums::plus`] made with those of another, and its spreads; says how many more amounts are told apart.
    pub(crate) fn commit(&mut self, sums: Sums, other: &Self, precision: Precision) -> usize {
        self.sums.counts = sums.counts;
        self.sums.states.extend(sums.states);
        self.sums.elsewhere.extend(sums.elsewhere);
        self.sums.money.extend(sums.money);
        self.sums.credits.extend(sums.credits);
        let mut more = 0;
        for (&currency, theirs) in &other.spreads {
            more += self.spreads.entry(currency).or_default().take(theirs, precision);
        }
        more
    }

    pub(crate) fn roughen(&mut self) {
        self.spreads.values_mut().for_each(Spread::roughen);
    }
}

fn is_connected(call: &Call) -> bool {
    call.durations.talk.is_some_and(|talk| !talk.is_zero())
}

fn is_completed(call: &Call) -> bool {
    call.status.value == CallStatus::Completed
}

/// Whether a total can be split: a line in another currency cannot be set against it, and then none is.
fn splits(cost: &Cost, total: Money) -> bool {
    let mut lines = cost.lines.iter().filter(|line| line.in_total);
    lines.all(|line| line.amount.currency == total.currency)
}

impl Sums {
    /// What these sums are with those over other calls, as far as the others touch them.
    pub(crate) fn plus(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            counts: self.counts.plus(other.counts)?,
            states: sums(&self.states, &other.states, |mine, theirs| mine.plus(*theirs))?,
            elsewhere: sums(&self.elsewhere, &other.elsewhere, |mine, theirs| {
                count(*mine, *theirs)
            })?,
            money: sums(&self.money, &other.money, Amounts::plus)?,
            credits: sums(&self.credits, &other.credits, |mine, theirs| {
                add_exactly(*mine, *theirs).ok_or(Error::CREDITS)
            })?,
        })
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

impl Covered {
    fn plus(self, other: Self) -> Result<Self> {
        Ok(Self { calls: count(self.calls, other.calls)?, talk: time(self.talk, other.talk)? })
    }
}

impl Amounts {
    fn plus(&self, other: &Self) -> Result<Self> {
        let parts = |mine: &BTreeMap<Component, Decimal>, theirs: &BTreeMap<Component, Decimal>| {
            let mut all = mine.clone();
            all.extend(sums(mine, theirs, |mine, theirs| amount(*mine, *theirs))?);
            Ok::<_, Error>(all)
        };
        Ok(Self {
            calls: count(self.calls, other.calls)?,
            connected: count(self.connected, other.connected)?,
            completed: count(self.completed, other.completed)?,
            total: amount(self.total, other.total)?,
            components: parts(&self.components, &other.components)?,
            unattributed: amount(self.unattributed, other.unattributed)?,
            outside_total: parts(&self.outside_total, &other.outside_total)?,
            scope: {
                let mut scope = self.scope.clone();
                scope.extend(sums(&self.scope, &other.scope, |mine, theirs| mine.plus(*theirs))?);
                scope
            },
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
) -> Result<BTreeMap<K, V>> {
    let both = |(key, theirs): (&K, &V)| {
        let sum = match mine.get(key) {
            Some(mine) => plus(mine, theirs)?,
            None => theirs.clone(),
        };
        Ok((key.clone(), sum))
    };
    theirs.iter().map(both).collect()
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

pub(crate) fn amount(left: Decimal, right: Decimal) -> Result<Decimal> {
    add_exactly(left, right).ok_or(Error::AMOUNTS)
}

pub(crate) fn count(left: u64, right: u64) -> Result<u64> {
    left.checked_add(right).ok_or(Error::CALLS)
}

pub(crate) fn time(left: Duration, right: Duration) -> Result<Duration> {
    left.checked_add(right).ok_or(Error::SECONDS)
}
