//! A side while it is worked out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use callmux_core::{Component, Decimal, fingerprint};

use super::bootstrap::{RESAMPLES, Sequence};
use super::buckets::BUCKETS;
use super::comparison::{Estimate, LeftOut, Scope, ScopeOf, SideBucket, SideFigures, Unsupported};
use super::rates::Mix;
use super::side::{Ledger, Side, Sum};
use crate::error::{Error, Result};
use crate::exact;
use crate::key::Key;

/// How many calls a side needs, to be compared at all.
pub(crate) const CALLS: u64 = 30;

/// How many blocks the calls of a side need to be of, to be resampled.
const BLOCKS_MET: usize = 10;

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
    /// How often each block is drawn in each resample; none of a side that cannot be resampled.
    pub(crate) draws: Vec<Vec<f64>>,
}

/// Agents of two accounts may have one id and one name.
pub(crate) fn tell_apart(candidates: &mut [Candidate<'_>]) {
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

impl<'a> Candidate<'a> {
    pub(crate) fn new(key: Key, side: &'a Side, ledger: &'a Ledger) -> Result<Self> {
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

    /// Draws its resamples, unless its calls are of too few blocks to say anything about others. The seed is of its name, so that
    /// no other side changes them.
    pub(crate) fn draw(&mut self) {
        let blocks: BTreeSet<u64> = self.ledger.cells.iter().map(|((_, block), _)| block).collect();
        if self.unsupported.is_none() && blocks.len() >= BLOCKS_MET {
            let mut sequence = Sequence::new(fingerprint(self.name.as_bytes()));
            self.draws = (0..RESAMPLES).map(|_| sequence.draw()).collect();
        }
    }

    /// How much of its talk time is in the buckets of the mix.
    pub(crate) fn shared_part(&self, mix: &Mix) -> Decimal {
        let shared = self.by_bucket.iter().filter(|(bucket, _)| mix.buckets.contains_key(bucket));
        let talk = shared.map(|(_, sum)| sum.talk).fold(Duration::ZERO, Duration::saturating_add);
        let part = exact::seconds(talk).zip(exact::seconds(self.counted.talk));
        part.and_then(|(part, whole)| exact::share(part, whole)).unwrap_or_default()
    }

    pub(crate) fn figures(&self, mix: &Mix) -> Result<SideFigures> {
        let per_minute =
            |sum: &Sum| exact::per_minute(sum.total, sum.talk).map_err(|()| Error::AMOUNTS);
        let bucket = |bucket| {
            let sum = self.by_bucket.get(&bucket).copied().unwrap_or_default();
            let per_minute = per_minute(&sum)?;
            Ok(SideBucket {
                calls: sum.calls,
                seconds: sum.talk,
                total: sum.known_total(),
                per_minute,
            })
        };
        let mix_adjusted = match self.unsupported {
            Some(_) => None,
            None => mix.rate(&self.by_bucket)?.map(|rate| {
                Estimate::one_of(1, rate, &mix.resample(self.ledger, None, &self.draws))
            }),
        };
        let other = self.by_bucket.iter().filter(|(bucket, _)| !mix.buckets.contains_key(bucket));
        let other_lengths = match self.unsupported {
            Some(_) => 0,
            None => other.map(|(_, sum)| sum.calls).sum(),
        };
        let told = [self.counted.calls, self.side.talked_without_cost, self.ledger.silent];
        Ok(SideFigures {
            key: self.key.clone(),
            calls: self.side.calls,
            counted: self.counted.calls,
            left_out: LeftOut {
                without_cost: self.side.talked_without_cost,
                without_talk: self.ledger.silent,
                without_talk_total: (self.ledger.silent > 0)
                    .then(|| self.ledger.silent_total.normalize()),
                neither: told
                    .iter()
                    .fold(self.side.calls, |calls, told| calls.saturating_sub(*told)),
                other_lengths,
            },
            seconds: self.counted.talk,
            total: self.counted.known_total(),
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
        let counts = self.ledger.scope.get(component)?;
        Some(ScopeOf {
            component,
            scope: self.scope(component),
            included: counts.stated.included,
            excluded: counts.stated.excluded,
            itemised: counts.itemised,
        })
    }

    /// Whether more than half of the totals include a component; `Some(false)` where more than half of them exclude it.
    pub(crate) fn mostly_includes(&self, component: Component) -> Option<bool> {
        let counts = self.ledger.scope.get(component)?;
        let is_most = |calls: u64| calls.saturating_mul(2) > self.counted.calls;
        // A total that says both says nothing.
        match (is_most(counts.stated.included), is_most(counts.stated.excluded)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    pub(crate) fn scope(&self, component: Component) -> Scope {
        let counts = self.ledger.scope.get(component).copied().unwrap_or_default();
        let all = self.counted.calls;
        match (counts.stated.included, counts.stated.excluded) {
            (0, 0) => Scope::Unknown,
            (included, 0) if included == all => Scope::Included,
            (0, excluded) if excluded == all => Scope::Excluded,
            _ => Scope::Partly,
        }
    }
}
