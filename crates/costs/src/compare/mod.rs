//! Sides set side by side, like for like.

mod bootstrap;
mod buckets;
mod candidate;
mod comparison;
mod mixes;
mod notes;
mod pairs;
mod rates;
mod side;

use std::fmt;

use callmux_core::{Call, Currency};

use crate::dimension::Dimension;
use crate::error::Result;
use crate::groups::Groups;
use crate::grow::Grow as _;
use crate::key::{Key, Portion};
use crate::zone::Zone;
use side::Side;

pub use buckets::Lengths;
pub use comparison::{
    Bucket, Comparison, Estimate, LeftOut, Scope, ScopeOf, SideBucket, SideFigures, Unsupported,
};
pub use pairs::{Basis, Pair, Verdict};

/// How many sides are compared: those with the most minutes.
pub(crate) const SIDES: usize = 8;

/// Holds calls against each other by what they are of: vendors, accounts, agents.
///
/// Calls are added one by one, in any order, and are not kept: what is held grows with the sides, up to 2,000 sums each. Parts of
/// a listing may be held apart and [merged](Self::merge).
///
/// ```
/// use callmux_core::{Call, Cost, Money};
/// use callmux_costs::{Comparer, Dimension, Verdict};
/// use std::time::Duration;
///
/// let mut comparer = Comparer::new(Dimension::Vendor);
/// for (vendor, dollars_a_minute) in [("dear", "0.12"), ("cheap", "0.08")] {
///     for id in 0..100u64 {
///         let mut call = Call::new(vendor, "main", id.to_string());
///         let minutes = 1 + id % 5;
///         call.durations.talk = Some(Duration::from_secs(minutes * 60));
///         let price: callmux_core::Decimal = dollars_a_minute.parse()?;
///         call.cost = Cost::reported(Money::usd(price * callmux_core::Decimal::from(minutes)));
///         call.cost.scope = callmux_core::CostScope::new([callmux_core::Component::Platform], []);
///         comparer.add(&call)?;
///     }
/// }
/// let comparison = &comparer.comparisons()?[0];
/// assert_eq!(comparison.pairs[0].verdict, Verdict::Differ);
/// assert!(comparison.pairs[0].sentence.starts_with("A minute costs 0.08 USD at cheap and 0.12 USD at dear"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Comparer {
    sides: Groups<Side>,
}

impl Comparer {
    /// Compares by a dimension of calls: not by component or model, which are parts of what a call costs.
    #[must_use]
    pub fn new(by: Dimension) -> Self {
        Self { sides: Groups::new([by]) }
    }

    /// Hours, days, weeks and months are those of this zone; without it, those of UTC.
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.sides.zone = zone;
        self
    }

    /// What is compared.
    #[must_use]
    pub fn by(&self) -> Dimension {
        self.sides.dimensions.first().copied().unwrap_or(Dimension::Vendor)
    }

    /// Adds a call.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) where a sum can no longer be held exactly; nothing is then added.
    pub fn add(&mut self, call: &Call) -> Result<()> {
        let mut side = Side::of(call)?;
        let place = self.sides.place(call, Portion::default());
        if let Some(held) = self.sides.get(&place) {
            side.plus(held)?;
        }
        self.sides.update(place, call, |held| held.commit(side));
        Ok(())
    }

    /// Adds all that another holds.
    ///
    /// # Errors
    /// [`Error::DimensionsDiffer`](crate::Error::DimensionsDiffer), or [`Error::Overflow`](crate::Error::Overflow); nothing is
    /// then merged.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.sides.merge(&other.sides, Side::with, |mine, sum, _| mine.commit(sum))
    }

    /// The comparisons: one for each currency that a cost is known in, by its code. Amounts of two currencies are not compared.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) where a rate is too large to be held.
    pub fn comparisons(&self) -> Result<Vec<Comparison>> {
        let ledgers = self.sides.values().flat_map(|side| side.ledgers.iter());
        let mut currencies: Vec<Currency> = ledgers.map(|(currency, _)| currency).collect();
        currencies.sort_unstable();
        currencies.dedup();
        let by = self.by();
        let sides: Vec<(Key, &Side)> = self.sides.iter().collect();
        currencies.iter().map(|&currency| Comparison::new(by, currency, &sides)).collect()
    }
}

impl fmt::Debug for Comparer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comparer")
            .field("by", &self.sides.dimensions)
            .field("sides", &self.sides.len())
            .finish_non_exhaustive()
    }
}
