//! What a comparison holds of one side.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Call, Component, Currency, Decimal, Named, fingerprint};

use super::bootstrap::{BLOCKS, Sequence};
use super::buckets::bucket;
use crate::error::Result;
use crate::report::{amount, count, sums, time};
use crate::scope::Stated;

/// The calls of one vendor, account or agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side {
    /// All of them.
    pub(crate) calls: u64,
    /// Those that talked, and of them those whose cost is not known.
    pub(crate) talked: u64,
    pub(crate) talked_without_cost: u64,
    pub(crate) ledgers: BTreeMap<Currency, Ledger>,
}

/// The calls of a side with a known cost in one currency.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// Calls that did not talk, and what they cost.
    pub(crate) silent: u64,
    pub(crate) silent_total: Decimal,
    /// Calls that talked, by bucket of length and by block.
    pub(crate) cells: BTreeMap<(usize, u64), Cell>,
    pub(crate) scope: BTreeMap<Component, ScopeCounts>,
    /// Calls whose total's scope is not known at all.
    pub(crate) without_scope: u64,
}

/// Calls of about one length.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) sum: Sum,
    pub(crate) components: BTreeMap<Component, Sum>,
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

impl Side {
    pub(crate) fn of(call: &Call) -> Result<Self> {
        let talk = call.durations.talk.filter(|talk| !talk.is_zero());
        let known = call.cost.known_total();
        let mut side = Self {
            calls: 1,
            talked: u64::from(talk.is_some()),
            talked_without_cost: u64::from(talk.is_some() && known.is_none()),
            ledgers: BTreeMap::new(),
        };
        let Some(total) = known else { return Ok(side) };
        let ledger = side.ledgers.entry(total.currency).or_default();
        let Some(talk) = talk else {
            ledger.silent = 1;
            ledger.silent_total = total.amount;
            return Ok(side);
        };
        let mut cell =
            Cell { sum: Sum { calls: 1, total: total.amount, talk }, components: BTreeMap::new() };
        let lines = call.cost.lines.iter().filter(|line| line.in_total);
        for line in lines.filter(|line| line.amount.currency == total.currency) {
            let part = cell.components.entry(line.component).or_insert(Sum {
                calls: 1,
                talk,
                ..Sum::default()
            });
            part.total = amount(part.total, line.amount.amount)?;
            ledger.scope.entry(line.component).or_default().itemised = 1;
        }
        for (component, stated) in Stated::by(&call.cost.scope) {
            ledger.scope.entry(component).or_default().stated = stated;
        }
        let scope = &call.cost.scope;
        ledger.without_scope = u64::from(scope.includes.is_empty() && scope.excludes.is_empty());
        ledger.cells.insert((bucket(talk), block(call)), cell);
        Ok(side)
    }

    /// What this side is with another's calls.
    pub(crate) fn plus(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            calls: count(self.calls, other.calls)?,
            talked: count(self.talked, other.talked)?,
            talked_without_cost: count(self.talked_without_cost, other.talked_without_cost)?,
            ledgers: sums(&self.ledgers, &other.ledgers, Ledger::plus)?,
        })
    }

    /// Takes over what [`Side::plus`] gave.
    pub(crate) fn commit(&mut self, sum: Self) {
        self.calls = sum.calls;
        self.talked = sum.talked;
        self.talked_without_cost = sum.talked_without_cost;
        for (currency, theirs) in sum.ledgers {
            let mine = self.ledgers.entry(currency).or_default();
            mine.silent = theirs.silent;
            mine.silent_total = theirs.silent_total;
            mine.without_scope = theirs.without_scope;
            mine.scope.extend(theirs.scope);
            mine.cells.extend(theirs.cells);
        }
    }
}

impl Ledger {
    fn plus(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            silent: count(self.silent, other.silent)?,
            silent_total: amount(self.silent_total, other.silent_total)?,
            cells: sums(&self.cells, &other.cells, Cell::plus)?,
            scope: sums(&self.scope, &other.scope, |mine, theirs| mine.plus(*theirs))?,
            without_scope: count(self.without_scope, other.without_scope)?,
        })
    }

    /// The calls that talked.
    pub(crate) fn counted(&self) -> Result<Sum> {
        self.cells.values().try_fold(Sum::default(), |sum, cell| sum.plus(&cell.sum))
    }

    /// The sums of each bucket: of totals, or of one component's lines.
    pub(crate) fn by_bucket(&self, component: Option<Component>) -> Result<BTreeMap<usize, Sum>> {
        let mut sums: BTreeMap<usize, Sum> = BTreeMap::new();
        for (&(bucket, _), cell) in &self.cells {
            if let Some(sum) = cell.sum_of(component) {
                let held = sums.entry(bucket).or_default();
                *held = held.plus(sum)?;
            }
        }
        Ok(sums)
    }
}

impl Cell {
    fn plus(&self, other: &Self) -> Result<Self> {
        let mut components = self.components.clone();
        components.extend(sums(&self.components, &other.components, Sum::plus)?);
        Ok(Self { sum: self.sum.plus(&other.sum)?, components })
    }

    pub(crate) fn sum_of(&self, component: Option<Component>) -> Option<&Sum> {
        match component {
            None => Some(&self.sum),
            Some(component) => self.components.get(&component),
        }
    }
}

impl Sum {
    /// The total; `None` of no call, whose 0 would not be what they cost.
    pub(crate) fn known_total(&self) -> Option<Decimal> {
        (self.calls > 0).then(|| self.total.normalize())
    }

    pub(crate) fn plus(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            calls: count(self.calls, other.calls)?,
            total: amount(self.total, other.total)?,
            talk: time(self.talk, other.talk)?,
        })
    }
}

impl ScopeCounts {
    fn plus(self, other: Self) -> Result<Self> {
        Ok(Self {
            stated: self.stated.plus(other.stated)?,
            itemised: count(self.itemised, other.itemised)?,
        })
    }
}

/// The block that a call is resampled with. Calls of one day, agent and campaign are much alike, so that drawing them one by one
/// would make too little of chance. It depends on the call alone, so that neither order nor windows matter.
fn block(call: &Call) -> u64 {
    let name = |named: &Option<Named>| {
        let named = named.as_ref();
        named.and_then(|named| named.id.clone().or_else(|| named.name.clone())).unwrap_or_default()
    };
    let shared = match call.placed_at {
        Some(at) => {
            format!("{}\u{0}{}\u{0}{}", at.date_naive(), name(&call.agent), name(&call.campaign))
        }
        None => call.id.to_string(),
    };
    // Mixed once more: keys that count upwards would share the low bits of their fingerprints.
    Sequence::new(fingerprint(shared.as_bytes())).next() % BLOCKS
}
