//! What one call adds to a report.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Call, CallStatus, Component, Cost, CostLine, Decimal, Money};

use super::tally::{Counts, Covered, CreditsByUnit, Sums, Timed};
use crate::error::Result;
use crate::few::Few;
use crate::grow::amount;
use crate::key::Portion;
use crate::scope::Stated;

/// The sums over one call, or over a portion of its cost.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) sums: Sums,
    /// What it cost, where that is known.
    pub(crate) billed: Option<Money>,
}

impl Charge {
    /// The whole call.
    pub(crate) fn of(call: &Call) -> Result<Self> {
        let known = call.cost.known_total();
        let mut charge = Self::counting(call, known.is_some());
        charge.note_credits(call);
        if let Some(total) = known {
            let splits = splits(&call.cost, total);
            charge.sums.counts.unsplit = u64::from(!splits);
            let rest = charge.itemise(total.amount, splits, call.cost.lines.iter())?;
            charge.bill(call, total, rest);
        }
        Ok(charge)
    }

    /// The portions of one call's cost: one for each component, or model, or both, that it has a line of, and one for what its lines
    /// leave.
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
            let mut charge = Self::counting(call, true);
            let below = charge.itemise(Decimal::ZERO, splits, lines.into_iter())?;
            if charge.sums.money.get(total.currency).is_some_and(|sums| !sums.components.is_empty())
            {
                let part = -below;
                rest = amount(rest, -part)?;
                charge.bill(call, Money::new(part, total.currency), Decimal::ZERO);
            }
            portions.push((portion, charge));
        }
        if !rest.is_zero() || portions.is_empty() {
            let mut charge = Self::counting(call, true);
            charge.sums.counts.unsplit = u64::from(!splits);
            charge.bill(call, Money::new(rest, total.currency), rest);
            match portions.iter_mut().find(|(portion, _)| *portion == Portion::default()) {
                // Lines of no model, where models are told apart, and what no line is for.
                Some((_, itemised)) => itemised.join(charge)?,
                None => portions.push((Portion::default(), charge)),
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
            states: Few::one(call.cost.state, covered),
            ..Sums::default()
        };
        Self { sums, billed: None }
    }

    fn note_credits(&mut self, call: &Call) {
        if let Some(credits) = call.cost.credits.as_ref().filter(|_| call.cost.state.is_known()) {
            let noted = BTreeMap::from([(credits.unit.clone(), credits.amount)]);
            self.sums.credits = CreditsByUnit(noted);
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
                self.sums.elsewhere.update(line.component, |calls| *calls = 1);
                continue;
            }
            let Money { amount: part, currency } = line.amount;
            self.sums.money.update(currency, |sums| {
                if !line.in_total {
                    add_part(&mut sums.outside_total, line.component, part)?;
                } else if splits {
                    sums.components.make_room(Component::ALL.len());
                    add_part(&mut sums.components, line.component, part)?;
                    rest = amount(rest, -part)?;
                }
                Ok(())
            })?;
        }
        Ok(rest)
    }

    /// Notes what the call, or this portion of it, cost.
    fn bill(&mut self, call: &Call, total: Money, rest: Decimal) {
        self.sums.money.update(total.currency, |sums| {
            sums.calls = 1;
            sums.connected = u64::from(is_connected(call));
            sums.completed = u64::from(is_completed(call));
            sums.total = total.amount;
            sums.unattributed = rest;
            sums.scope = Stated::by(&call.cost.scope);
            if let Some(talk) = call.durations.talk {
                sums.timed = Timed { calls: 1, total: total.amount, talk };
            }
        });
        self.billed = Some(total);
    }

    /// Puts two portions of one call together: it is still one call.
    fn join(&mut self, other: Self) -> Result<()> {
        for (currency, theirs) in other.sums.money {
            let total = self.sums.money.update(currency, |mine| {
                mine.total = amount(mine.total, theirs.total)?;
                mine.unattributed = amount(mine.unattributed, theirs.unattributed)?;
                mine.timed.total = amount(mine.timed.total, theirs.timed.total)?;
                if mine.calls == 0 {
                    (mine.calls, mine.connected, mine.completed) =
                        (theirs.calls, theirs.connected, theirs.completed);
                    (mine.timed.calls, mine.timed.talk) = (theirs.timed.calls, theirs.timed.talk);
                }
                Ok(mine.total)
            })?;
            self.billed = Some(Money::new(total, currency));
        }
        self.sums.counts.unsplit = self.sums.counts.unsplit.max(other.sums.counts.unsplit);
        Ok(())
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

fn add_part(
    parts: &mut Few<Component, Decimal>,
    component: Component,
    more: Decimal,
) -> Result<()> {
    parts.update(component, |part| {
        *part = amount(*part, more)?;
        Ok(())
    })
}
