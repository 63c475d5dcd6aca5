//! The figures of a comparison, ready to show.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use callmux_core::{Component, Currency, Decimal};
use serde::{Serialize, Serializer};

use super::bootstrap::{Resamples, Sequence, interval};
use super::buckets::{BUCKETS, Lengths};
use super::pairs::{Pair, pairs};
use super::rates::Mix;
use super::side::{Ledger, Side, Sum};
use super::{SIDES, bootstrap};
use crate::dimension::Dimension;
use crate::error::{Error, Result};
use crate::exact;
use crate::key::{Key, serialize_key};

/// How many calls a side needs, to be compared at all.
pub(crate) const CALLS: u64 = 30;

/// How many calls each side needs in a bucket of lengths, for the bucket to count.
const CALLS_IN_BUCKET: u64 = 5;

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
    /// What may be concluded of each two sides that can be compared.
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
    /// fewer than five calls in it.
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
    /// What the counted calls cost.
    pub total: Decimal,
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
    /// What those cost.
    pub without_talk_total: Decimal,
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
    /// What they cost.
    pub total: Decimal,
    /// `total × 60 ÷ seconds`, rounded half away from zero to six places.
    pub per_minute: Option<Decimal>,
}

/// A figure, and how far it may be off by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The figure, rounded half away from zero to six places.
    pub amount: Decimal,
    /// The lower end of the 95 % interval.
    pub low: Option<Decimal>,
    /// The upper end of the 95 % interval. Both ends are missing where too many resamples lack a length.
    pub high: Option<Decimal>,
}

impl Estimate {
    pub(crate) fn new(amount: Decimal, resamples: &Resamples) -> Self {
        let interval = interval(resamples);
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
    /// Its calls and those of the sides that are compared have too few lengths in common: less than half of the talk time of one of
    /// them would be in lengths that all have.
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
                    "only {counted} calls have both a known cost and a talk time; {CALLS} are needed"
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

/// A side while it is worked out.
pub(crate) struct Candidate<'a> {
    pub(crate) key: Key,
    /// What sentences call it: as the key is written, and whose it is where another side is written alike.
    pub(crate) name: String,
    pub(crate) side: &'a Side,
    pub(crate) ledger: &'a Ledger,
    pub(crate) counted: Sum,
    pub(crate) by_bucket: BTreeMap<usize, Sum>,
    pub(crate) unsupported: Option<Unsupported>,
    /// The resamples of its blocks.
    pub(crate) draws: Vec<Vec<f64>>,
}

impl Comparison {
    pub(crate) fn new(by: Dimension, currency: Currency, sides: &[(Key, &Side)]) -> Result<Self> {
        let nothing = Ledger::default();
        let mut candidates = Vec::new();
        for (key, side) in sides {
            let ledger = side.ledgers.get(&currency);
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
        let mix = common_mix(&mut candidates)?;
        for (index, candidate) in candidates.iter_mut().enumerate() {
            if candidate.unsupported.is_none() {
                let mut sequence = Sequence::new(index as u64);
                candidate.draws = (0..bootstrap::RESAMPLES).map(|_| sequence.draw()).collect();
            }
        }
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
            pairs: pairs(&candidates, &mix, currency)?,
            notes: notes(&candidates, sides_left_out),
        })
    }
}

/// Agents of two accounts may have one id and one name.
fn tell_apart(candidates: &mut [Candidate<'_>]) {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for candidate in candidates.iter() {
        *met.entry(candidate.name.clone()).or_default() += 1;
    }
    for candidate in candidates {
        if met.get(&candidate.name).is_some_and(|&times| times > 1) {
            let owner = candidate.key.parts().first().and_then(|part| part.owner.as_ref());
            candidate.name = owner.map_or_else(
                || candidate.name.clone(),
                |owner| format!("{} of {}/{}", candidate.name, owner.vendor, owner.account),
            );
        }
    }
}

fn notes(candidates: &[Candidate<'_>], sides_left_out: u64) -> Vec<String> {
    let mut notes = vec![
        "Calls are made alike in length alone: not in agent, direction, channel, outcome or quality."
            .to_owned(),
    ];
    if sides_left_out > 0 {
        notes.push(format!(
            "The {} sides with the most minutes are compared; {sides_left_out} are left out.",
            candidates.len()
        ));
    }
    for Candidate { name, side, ledger, counted, .. } in candidates {
        let (talked, unknown) = (side.talked, side.talked_without_cost);
        // One in twenty.
        if unknown.saturating_mul(20) > talked {
            notes.push(format!(
                "The cost of {unknown} of {talked} calls that talked at {name} is not known; if those are dearer or \
                 cheaper than the others, its figures may mislead."
            ));
        }
        let (unsaid, calls) = (ledger.without_scope, counted.calls);
        if unsaid > 0 {
            notes.push(format!(
                "The totals of {unsaid} of {calls} counted calls at {name} do not say what they cover."
            ));
        }
    }
    notes
}

/// The mix of the lengths that all sides have which can be compared; the others are marked.
///
/// Of all sets of sides in which each has at least half of its talk time in lengths that all of the set have, that of the most
/// sides is taken, then that of the most minutes. There are 247 sets at most.
fn common_mix(candidates: &mut [Candidate<'_>]) -> Result<Mix> {
    let able: Vec<usize> = (0..candidates.len())
        .filter(|&index| candidates.get(index).is_some_and(|of| of.unsupported.is_none()))
        .collect();
    let mut best: Option<(usize, Duration, Vec<usize>, Mix)> = None;
    for set in 0..1u32 << able.len() {
        let members: Vec<usize> = able
            .iter()
            .enumerate()
            .filter_map(|(bit, &index)| (set >> bit & 1 == 1).then_some(index))
            .collect();
        if members.len() < 2 {
            continue;
        }
        let sides: Vec<&Candidate<'_>> =
            members.iter().filter_map(|&index| candidates.get(index)).collect();
        let mix = mix_of(&sides)?;
        let half = Decimal::new(5, 1);
        let is_better =
            best.as_ref().is_none_or(|best| (members.len(), mix.whole) > (best.0, best.1));
        if is_better && sides.iter().all(|side| side.shared_part(&mix) >= half) {
            best = Some((members.len(), mix.whole, members, mix));
        }
    }
    let why = if able.len() < 2 {
        Unsupported::NothingToCompareWith
    } else {
        Unsupported::LengthsNotShared
    };
    let (compared, mix) = best.map_or_else(Default::default, |(_, _, set, mix)| (set, mix));
    for index in able.into_iter().filter(|index| !compared.contains(index)) {
        if let Some(candidate) = candidates.get_mut(index) {
            candidate.unsupported = Some(why);
        }
    }
    Ok(mix)
}

/// The mix of the lengths that all of these have enough calls of.
fn mix_of(sides: &[&Candidate<'_>]) -> Result<Mix> {
    let mut mix = Mix::default();
    for bucket in 0..BUCKETS {
        let sums = sides.iter().filter_map(|side| side.by_bucket.get(&bucket));
        let sums: Vec<&Sum> = sums.filter(|sum| sum.calls >= CALLS_IN_BUCKET).collect();
        if sums.len() == sides.len() {
            for sum in sums {
                mix.add(bucket, sum.talk)?;
            }
        }
    }
    Ok(mix)
}

impl<'a> Candidate<'a> {
    fn new(key: Key, side: &'a Side, ledger: &'a Ledger) -> Result<Self> {
        let counted = ledger.counted()?;
        let unsupported = if counted.calls == 0 {
            Some(Unsupported::NothingKnown)
        } else if counted.calls < CALLS {
            Some(Unsupported::TooFewCalls { counted: counted.calls })
        } else if side.talked_without_cost.saturating_mul(2) > side.talked {
            let (talked, without_cost) = (side.talked, side.talked_without_cost);
            Some(Unsupported::CostMostlyUnknown { talked, without_cost })
        } else {
            None
        };
        let by_bucket = ledger.by_bucket(None)?;
        let name = key.to_string();
        Ok(Self { key, name, side, ledger, counted, by_bucket, unsupported, draws: Vec::new() })
    }

    /// How much of its talk time is in the buckets of the mix.
    fn shared_part(&self, mix: &Mix) -> Decimal {
        let shared = self.by_bucket.iter().filter(|(bucket, _)| mix.buckets.contains_key(bucket));
        let talk = shared.map(|(_, sum)| sum.talk).fold(Duration::ZERO, Duration::saturating_add);
        let part = exact::seconds(talk).zip(exact::seconds(self.counted.talk));
        part.and_then(|(part, whole)| exact::share(part, whole)).unwrap_or_default()
    }

    fn figures(&self, mix: &Mix) -> Result<SideFigures> {
        let per_minute =
            |sum: &Sum| exact::per_minute(sum.total, sum.talk).map_err(|()| Error::AMOUNTS);
        let bucket = |bucket| {
            let sum = self.by_bucket.get(&bucket).copied().unwrap_or_default();
            let per_minute = per_minute(&sum)?;
            Ok(SideBucket {
                calls: sum.calls,
                seconds: sum.talk,
                total: sum.total.normalize(),
                per_minute,
            })
        };
        let mix_adjusted = match self.unsupported {
            Some(_) => None,
            None => mix
                .rate(&self.by_bucket)?
                .map(|rate| Estimate::new(rate, &mix.resample(self.ledger, None, &self.draws))),
        };
        let other = self.by_bucket.iter().filter(|(bucket, _)| !mix.buckets.contains_key(bucket));
        let other_lengths = match self.unsupported {
            Some(_) => 0,
            None => other.map(|(_, sum)| sum.calls).sum(),
        };
        Ok(SideFigures {
            key: self.key.clone(),
            calls: self.side.calls,
            counted: self.counted.calls,
            left_out: LeftOut {
                without_cost: self.side.talked_without_cost,
                without_talk: self.ledger.silent,
                without_talk_total: self.ledger.silent_total.normalize(),
                other_lengths,
            },
            seconds: self.counted.talk,
            total: self.counted.total.normalize(),
            per_minute: per_minute(&self.counted)?,
            mix_adjusted,
            unsupported: self.unsupported,
            buckets: (0..BUCKETS).map(bucket).collect::<Result<_>>()?,
            scope: Component::ALL
                .iter()
                .filter_map(|&component| self.scope_of(component))
                .collect(),
        })
    }

    /// What the totals say of a component; `None` where none says anything.
    fn scope_of(&self, component: Component) -> Option<ScopeOf> {
        let counts = self.ledger.scope.get(&component)?;
        Some(ScopeOf {
            component,
            scope: self.scope(component),
            included: counts.included,
            excluded: counts.excluded,
            itemised: counts.itemised,
        })
    }

    /// Whether more than half of the totals include a component; `Some(false)` where more than half of them exclude it.
    pub(crate) fn mostly_includes(&self, component: Component) -> Option<bool> {
        let counts = self.ledger.scope.get(&component)?;
        let is_most = |calls: u64| calls.saturating_mul(2) > self.counted.calls;
        // A total that says both says nothing.
        match (is_most(counts.included), is_most(counts.excluded)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    pub(crate) fn scope(&self, component: Component) -> Scope {
        let counts = self.ledger.scope.get(&component).copied().unwrap_or_default();
        let all = self.counted.calls;
        match (counts.included, counts.excluded) {
            (0, 0) => Scope::Unknown,
            (included, 0) if included == all => Scope::Included,
            (0, excluded) if excluded == all => Scope::Excluded,
            _ => Scope::Partly,
        }
    }
}
