//! The figures of a comparison, ready to show.

use std::fmt;
use std::time::Duration;

use callmux_core::{Component, Currency, Decimal};
use serde::{Serialize, Serializer};

use super::SIDES;
use super::bootstrap::{Resamples, interval};
use super::buckets::{BUCKETS, Lengths};
use super::candidate::{CALLS, Candidate, tell_apart};
use super::mixes::common_mix;
use super::notes::notes;
use super::pairs::{Pair, pairs};
use super::side::{Ledger, Side};
use crate::dimension::Dimension;
use crate::error::Result;
use crate::exact;
use crate::key::{Key, serialize_key};

/// Sides set side by side, in one currency.
///
/// Only calls are counted of which both the cost and a talk time above zero are known. A side's *mix-adjusted* cost per minute is
/// the sum, over buckets of lengths, of its cost per minute there times the weight of the bucket: the share of the talk time of all
/// sides that is in it. So a side is not cheaper for having longer calls.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// What the sides are.
    pub by: Dimension,
    /// The currency.
    pub currency: Currency,
    /// The buckets of lengths with their weights.
    pub buckets: Vec<Bucket>,
    /// The sides with the most minutes, most first, eight at most.
    pub sides: Vec<SideFigures>,
    /// How many sides are left out.
    pub sides_left_out: u64,
    /// What may be concluded of each two sides that have thirty counted calls, and a known cost of most. A pair is weighted to its own
    /// two sides' mix, so that a third side changes nothing of it.
    pub pairs: Vec<Pair>,
    /// What it is to be read with.
    pub notes: Vec<String>,
}

/// Calls of about one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Bucket {
    /// Their lengths.
    pub lengths: Lengths,
    /// The bucket's weight in the mix, rounded half away from zero to six places; `None` where it does not count, since a side has
    /// fewer than five calls in it, or the sides' calls in it are not of like length: on average more than 15 % apart.
    pub weight: Option<Decimal>,
}

/// One side's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SideFigures {
    /// Whose they are.
    #[serde(flatten, serialize_with = "serialize_key")]
    pub key: Key,
    /// How many calls it has.
    pub calls: u64,
    /// How many are counted: their cost in the currency is known, and a talk time above zero.
    pub counted: u64,
    /// What is not counted.
    pub left_out: LeftOut,
    /// Talk time of the counted calls. JSON writes seconds.
    #[serde(serialize_with = "exact::serialize_seconds")]
    pub seconds: Duration,
    /// What the counted calls cost; `None` where no call is counted.
    pub total: Option<Decimal>,
    /// `total × 60 ÷ seconds`, rounded half away from zero to six places.
    pub per_minute: Option<Decimal>,
    /// The same, weighted to the common mix of lengths; `None` where the data does not support it.
    pub mix_adjusted: Option<Estimate>,
    /// Why there is no mix-adjusted figure.
    pub unsupported: Option<Unsupported>,
    /// The counted calls by length, in the order of [`Comparison::buckets`].
    pub buckets: Vec<SideBucket>,
    /// What the totals cover.
    pub scope: Vec<ScopeOf>,
}

/// Calls that a comparison does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Calls that talked and whose cost is not known.
    pub without_cost: u64,
    /// Calls with a known cost in the currency that did not talk, or of which that is not known.
    pub without_talk: u64,
    /// What those cost; `None` of none.
    pub without_talk_total: Option<Decimal>,
    /// Calls that are in none of the other counts: they have neither a known cost nor talk, or a cost in another currency.
    pub neither: u64,
    /// Counted calls of lengths that not all sides have: they are in `per_minute` and not in `mix_adjusted`.
    pub other_lengths: u64,
}

/// One side's calls of about one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SideBucket {
    /// How many.
    pub calls: u64,
    /// Their talk time. JSON writes seconds.
    #[serde(serialize_with = "exact::serialize_seconds")]
    pub seconds: Duration,
    /// What they cost; `None` of none.
    pub total: Option<Decimal>,
    /// `total × 60 ÷ seconds`, rounded half away from zero to six places.
    pub per_minute: Option<Decimal>,
}

/// A figure, and how far it may be off by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The figure, rounded half away from zero to six places.
    pub amount: Decimal,
    /// The lower end of the 95 % interval. Of differences, so many intervals as there are pairs hold together with 95 %.
    pub low: Option<Decimal>,
    /// The upper end. Both ends are missing where the calls are of fewer than ten days, agents and campaigns, or too many resamples lack
    /// a length.
    pub high: Option<Decimal>,
}

impl Estimate {
    /// One of so many estimates that are to hold together.
    pub(crate) fn one_of(count: usize, amount: Decimal, resamples: &Resamples) -> Self {
        let interval = interval(resamples, count);
        Self {
            amount: exact::rounded(amount, exact::PLACES),
            low: interval.map(|[low, _]| low),
            high: interval.map(|[_, high]| high),
        }
    }
}

/// Whether totals cover a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Every total says that it includes it.
    Included,
    /// Every total says that it is charged apart, or by somebody else.
    Excluded,
    /// The totals differ, or some do not say.
    Partly,
    /// No total says.
    Unknown,
}

/// Whether one side's totals cover a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ScopeOf {
    /// The component.
    pub component: Component,
    /// Whether the totals cover it.
    pub scope: Scope,
    /// How many counted calls' totals include it.
    pub included: u64,
    /// How many leave it out.
    pub excluded: u64,
    /// How many have a line for it in the total.
    pub itemised: u64,
}

/// Why a side cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// It has no call with a known cost and a talk time.
    NothingKnown,
    /// It has fewer than 30 such calls.
    TooFewCalls {
        /// How many it has.
        counted: u64,
    },
    /// Of more than half of the calls that talked the cost is not known.
    CostMostlyUnknown {
        /// Calls that talked.
        talked: u64,
        /// Those of them without a known cost.
        without_cost: u64,
    },
    /// Its calls and those of the other sides have too few lengths in common: less than half of the talk time of one of them would be
    /// in lengths that all have. It may still be one of a pair.
    LengthsNotShared,
    /// There is no other side that can be compared.
    NothingToCompareWith,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingKnown => f.write_str("no call has both a known cost and a talk time"),
            Self::TooFewCalls { counted } => {
                write!(
                    f,
                    "{CALLS} calls with both a known cost and a talk time are needed, and it has {counted}"
                )
            }
            Self::CostMostlyUnknown { talked, without_cost } => {
                write!(
                    f,
                    "the cost of {without_cost} of its {talked} calls that talked is not known"
                )
            }
            Self::LengthsNotShared => {
                f.write_str("its calls and those of the other sides have too few lengths in common")
            }
            Self::NothingToCompareWith => {
                f.write_str("there is no other side that can be compared")
            }
        }
    }
}

impl Serialize for Unsupported {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Comparison {
    pub(crate) fn new(by: Dimension, currency: Currency, sides: &[(Key, &Side)]) -> Result<Self> {
        let nothing = Ledger::default();
        let mut candidates = Vec::new();
        for (key, side) in sides {
            let ledger = side.ledgers.get(currency);
            // A side of other currencies is compared there.
            if ledger.is_some() || side.ledgers.is_empty() {
                let ledger = ledger.unwrap_or(&nothing);
                candidates.push(Candidate::new(key.clone(), side, ledger)?);
            }
        }
        // The sort is stable, so that sides of like length stay in the order of their keys.
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.counted.talk));
        let sides_left_out = candidates.len().saturating_sub(SIDES) as u64;
        candidates.truncate(SIDES);
        tell_apart(&mut candidates);
        candidates.iter_mut().for_each(Candidate::draw);
        let pairs = pairs(&candidates, currency)?;
        let mix = common_mix(&mut candidates)?;
        let weight =
            |bucket| mix.weight(bucket).map(|weight| exact::rounded(weight, exact::PLACES));
        Ok(Self {
            by,
            currency,
            buckets: (0..BUCKETS)
                .map(|bucket| Bucket { lengths: Lengths::of(bucket), weight: weight(bucket) })
                .collect(),
            sides: candidates
                .iter()
                .map(|candidate| candidate.figures(&mix))
                .collect::<Result<_>>()?,
            sides_left_out,
            pairs,
            notes: notes(&candidates, sides_left_out, currency),
        })
    }
}
