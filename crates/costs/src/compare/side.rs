//! What a comparison holds of one side.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Call, Component, Currency, Decimal, Money, Named, fingerprint};

use super::bootstrap::{BLOCKS, Sequence};
use super::buckets::bucket;
use crate::error::Result;
use crate::few::Few;
use crate::grow::{Grow as _, amount, grow};
use crate::scope::Stated;

/// The calls of one vendor, account or agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side {
    /// All of them.
    pub(crate) calls: u64,
    /// Those that talked, and of them those whose cost is not known.
    pub(crate) talked: u64,
    pub(crate) talked_without_cost: u64,
    pub(crate) ledgers: Few<Currency, Ledger>,
}

/// The calls of a side with a known cost in one currency.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// Calls that did not talk, and what they cost.
    pub(crate) silent: u64,
    pub(crate) silent_total: Decimal,
    /// Calls that talked, by bucket of length and by block.
    pub(crate) cells: Few<(usize, u64), Cell>,
    pub(crate) scope: Few<Component, ScopeCounts>,
    /// Calls whose total's scope is not known at all.
    pub(crate) without_scope: u64,
}

/// Calls of about one length.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) sum: Sum,
    pub(crate) components: Few<Component, Sum>,
}

/// Calls, what they cost and how long they talked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) calls: u64,
    pub(crate) total: Decimal,
    pub(crate) talk: Duration,
}

/// In how many calls' totals a component is, in how many it is not, and in how many it has a line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ScopeCounts {
    pub(crate) stated: Stated,
    pub(crate) itemised: u64,
}

grow!(Side { calls, talked, talked_without_cost, ledgers });
grow!(Ledger { silent, silent_total, cells, scope, without_scope });
grow!(Cell { sum, components });
grow!(Sum { calls, total, talk });
grow!(ScopeCounts { stated, itemised });

impl Side {
    pub(crate) fn of(call: &Call) -> Result<Self> {
        let talk = call.durations.talk.filter(|talk| !talk.is_zero());
        let known = call.cost.known_total();
        let mut side = Self {
            calls: 1,
            talked: u64::from(talk.is_some()),
            talked_without_cost: u64::from(talk.is_some() && known.is_none()),
            ledgers: Few::default(),
        };
        let Some(total) = known else { return Ok(side) };
        side.ledgers = Few::one(total.currency, Ledger::of(call, total, talk)?);
        Ok(side)
    }
}

impl Ledger {
    fn of(call: &Call, total: Money, talk: Option<Duration>) -> Result<Self> {
        let mut ledger = Self::default();
        let Some(talk) = talk else {
            ledger.silent = 1;
            ledger.silent_total = total.amount;
            return Ok(ledger);
        };
        ledger.scope.make_room(Component::ALL.len());
        let one = |total| Sum { calls: 1, total, talk };
        let mut cell = Cell { sum: one(total.amount), components: Few::default() };
        cell.components.make_room(Component::ALL.len());
        let lines = call.cost.lines.iter().filter(|line| line.in_total);
        for line in lines.filter(|line| line.amount.currency == total.currency) {
            cell.components.update(line.component, |part: &mut Sum| {
                *part = one(amount(part.total, line.amount.amount)?);
                Ok(())
            })?;
            ledger.scope.update(line.component, |counts| counts.itemised = 1);
        }
        let scope = &call.cost.scope;
        for (component, stated) in Stated::by(scope) {
            ledger.scope.update(component, |counts| counts.stated = stated);
        }
        ledger.without_scope = u64::from(scope.includes.is_empty() && scope.excludes.is_empty());
        ledger.cells = Few::one((bucket(talk), block(call)), cell);
        Ok(ledger)
    }

    /// The calls that talked.
    pub(crate) fn counted(&self) -> Result<Sum> {
        let mut sum = Sum::default();
        self.cells.iter().try_for_each(|(_, cell)| sum.plus(&cell.sum))?;
        Ok(sum)
    }

    /// The sums of each bucket: of totals, or of one component's lines.
    pub(crate) fn by_bucket(&self, component: Option<Component>) -> Result<BTreeMap<usize, Sum>> {
        let mut sums: BTreeMap<usize, Sum> = BTreeMap::new();
        for ((bucket, _), cell) in self.cells.iter() {
            if let Some(sum) = cell.sum_of(component) {
                sums.entry(bucket).or_default().plus(sum)?;
            }
        }
        Ok(sums)
    }
}

impl Cell {
    pub(crate) fn sum_of(&self, component: Option<Component>) -> Option<&Sum> {
        match component {
            None => Some(&self.sum),
            Some(component) => self.components.get(component),
        }
    }
}

impl Sum {
    /// The total; `None` of no call, whose 0 would not be what they cost.
    pub(crate) fn known_total(&self) -> Option<Decimal> {
        (self.calls > 0).then(|| self.total.normalize())
    }
}

/// The block that a call is resampled with. Calls of one day, agent and campaign are much alike, so that drawing them one by one
/// would make too little of chance. It depends on the call alone, so that neither order nor windows matter.
fn block(call: &Call) -> u64 {
    fn name(named: Option<&Named>) -> &str {
        named.and_then(|named| named.id.as_deref().or(named.name.as_deref())).unwrap_or_default()
    }
    let shared = match call.placed_at {
        Some(at) => {
            let (agent, campaign) = (name(call.agent.as_ref()), name(call.campaign.as_ref()));
            [&at.date_naive().to_string(), agent, campaign].join("\u{0}")
        }
        None => call.id.to_string(),
    };
    // Mixed once more: keys that count upwards would share the low bits of their fingerprints.
    Sequence::new(fingerprint(shared.as_bytes())).next() % BLOCKS
}
