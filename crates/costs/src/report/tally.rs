//! What a report holds of a group: sums that can be added to one another.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Component, CostState, Currency, Decimal, Money, add_exactly};

use super::charge::Charge;
use crate::error::{Error, Result};
use crate::few::Few;
use crate::grow::{Grow, grow};
use crate::scope::Stated;
use crate::spread::{Precision, Spread};

/// The sums over some calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) sums: Sums,
    /// What each call cost, per currency: how that is spread.
    pub(crate) spreads: Few<Currency, Spread>,
}

/// All that is added up, and may grow too large.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) counts: Counts,
    pub(crate) states: Few<CostState, Covered>,
    /// Calls with a component that somebody else charges for.
    pub(crate) elsewhere: Few<Component, u64>,
    pub(crate) money: Few<Currency, Amounts>,
    pub(crate) credits: CreditsByUnit,
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
    pub(crate) components: Few<Component, Decimal>,
    pub(crate) unattributed: Decimal,
    pub(crate) outside_total: Few<Component, Decimal>,
    /// How many totals say that they include a component, and how many that they leave it out.
    pub(crate) scope: Few<Component, Stated>,
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

/// Credits, which are not money, by their unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct CreditsByUnit(pub(crate) BTreeMap<String, Decimal>);

grow!(Sums { counts, states, elsewhere, money, credits });
grow!(Counts { calls, connected, completed, with_talk, with_cost, unsplit, talk, talk_with_cost });
grow!(Covered { calls, talk });
grow!(Amounts {
    calls,
    connected,
    completed,
    total,
    components,
    unattributed,
    outside_total,
    scope,
    timed,
});
grow!(Timed { calls, total, talk });

impl Grow for CreditsByUnit {
    fn plus(&mut self, held: &Self) -> Result<()> {
        for (unit, credits) in &mut self.0 {
            if let Some(held) = held.0.get(unit) {
                *credits = add_exactly(*held, *credits).ok_or(Error::CREDITS)?;
            }
        }
        Ok(())
    }

    fn commit(&mut self, grown: Self) {
        self.0.extend(grown.0);
    }
}

impl Tally {
    /// Takes over a charge whose sums were added to these; says how many more amounts are told apart.
    pub(crate) fn commit(&mut self, charge: Charge, precision: Precision) -> usize {
        self.sums.commit(charge.sums);
        let Some(Money { amount, currency }) = charge.billed else { return 0 };
        self.spreads.update(currency, |spread| spread.note(amount, precision))
    }

    /// Takes over sums to which another's were added, and its spreads; says how many more amounts are told apart.
    pub(crate) fn absorb(&mut self, grown: Sums, other: &Self, precision: Precision) -> usize {
        self.sums.commit(grown);
        let spreads = other.spreads.iter();
        let take =
            |(currency, theirs)| self.spreads.update(currency, |mine| mine.take(theirs, precision));
        spreads.map(take).sum()
    }

    pub(crate) fn roughen(&mut self) {
        self.spreads.iter_mut().for_each(|(_, spread)| spread.roughen());
    }
}
