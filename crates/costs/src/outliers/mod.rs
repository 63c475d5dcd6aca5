//! Calls that stand out from their own group, that never ended, that were never billed.

mod fence;
mod measures;

use std::collections::BTreeSet;
use std::fmt;

use callmux_core::{AccountId, Call, CallId, CallStatus, CostState, Decimal, VendorId};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::dimension::Dimension;
use crate::error::{Error, Result};
use crate::few::Few;
use crate::groups::Groups;
use crate::key::{Key, Portion, serialize_key};
use crate::spread::{Precision, Spread};
use crate::zone::Zone;
use fence::Fence;
use measures::measures;

pub use measures::Measure;

/// How many calls are named of each group and measure, so many at either end where both count, and of those that are overdue; all
/// are counted.
pub const NAMED: usize = 20;

/// Looks for calls that stand out.
///
/// A call stands out where a measure is beyond its group's fence, by Tukey's rule for what is far out: above the upper quartile by
/// more than three times the distance between the quartiles, and by more than half of that quartile; for the cost per minute also as
/// far below the lower one. Groups of fewer than twenty such calls have no fence.
///
/// Calls are added one by one, in any order, and are not kept, but for the twenty farthest of each group and measure.
#[derive(Clone)]
pub struct Watch {
    now: DateTime<Utc>,
    groups: Groups<Few<Measure, Measured>>,
    precision: Precision,
    stuck: Overdue,
    unbilled: Overdue,
}

/// What is held of a group and a measure.
#[derive(Clone, Debug, Default)]
struct Measured {
    spread: Spread,
    highest: Farthest,
    lowest: Farthest,
}

/// The calls with the least of some value.
#[derive(Clone, Debug, Default)]
struct Farthest(BTreeSet<(Decimal, CallRef)>);

/// Calls for which something was due a day ago.
#[derive(Clone, Debug, Default)]
struct Overdue {
    calls: u64,
    oldest: BTreeSet<CallRef>,
}

/// Which call it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct CallRef {
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// The vendor.
    pub vendor: VendorId,
    /// The label of the credential.
    pub account: AccountId,
    /// The vendor's identifier.
    pub id: CallId,
}

/// What stands out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Outliers {
    /// Each group and measure with a fence, whether or not a call is beyond it.
    pub groups: Vec<Standout>,
    /// Calls that are still live a day after they were placed, or were to be: stuck, and maybe still charging. The oldest are named.
    pub stuck: OverdueCalls,
    /// Calls that are over, and a day after they were placed have no cost: it is pending or not reported. The oldest are named.
    pub unbilled: OverdueCalls,
}

/// What stands out in a group by a measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Standout {
    /// What the group's calls share.
    #[serde(flatten, serialize_with = "serialize_key")]
    pub key: Key,
    /// What they are measured by.
    pub measure: Measure,
    /// The currency of a cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<callmux_core::Currency>,
    /// How many calls could be measured.
    pub calls: u64,
    /// The middle one.
    pub median: Decimal,
    /// Below this, a call stands out; `None` where no call can: nothing costs less than nothing, unless some call did.
    pub low: Option<Decimal>,
    /// Above this, a call stands out.
    pub high: Decimal,
    /// How many calls stand out.
    pub beyond: u64,
    /// The farthest of them, the highest first, then the lowest.
    pub farthest: Vec<Outlier>,
    /// Whether the fence and `beyond` are exact. They are drawn from rough quantiles where a listing has more than 65,536 different
    /// values.
    pub exact: bool,
}

/// A call that stands out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outlier {
    /// The call.
    #[serde(flatten)]
    pub call: CallRef,
    /// Its value, in the unit of the measure.
    pub value: Decimal,
}

/// Calls for which something was due a day ago.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OverdueCalls {
    /// How many.
    pub calls: u64,
    /// The oldest of them, oldest first.
    pub oldest: Vec<CallRef>,
}

impl Watch {
    /// Looks for calls that stand out from those that share their parts of these dimensions. `now` says what is overdue.
    pub fn new(dimensions: impl IntoIterator<Item = Dimension>, now: DateTime<Utc>) -> Self {
        Self {
            now,
            // A call is one call here, whatever its cost is made of.
            groups: Groups::new(dimensions.into_iter().filter(|of| !of.divides_calls())),
            precision: Precision::default(),
            stuck: Overdue::default(),
            unbilled: Overdue::default(),
        }
    }

    /// Hours, days, weeks and months are those of this zone.
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.groups.zone = zone;
        self
    }

    /// What a call's own group is.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.groups.dimensions
    }

    /// Looks at a call.
    pub fn add(&mut self, call: &Call) {
        // What is to be placed later is not late yet.
        let since = call.times.scheduled.max(call.placed_at);
        if since.is_some_and(|since| self.now - since > TimeDelta::days(1)) {
            let has_none = matches!(call.cost.state, CostState::Pending | CostState::Unavailable);
            match call.status.value {
                status if status.is_live() => self.stuck.add(call),
                // Whether such a call is over is not known.
                CallStatus::Unknown => {}
                _ if has_none => self.unbilled.add(call),
                _ => {}
            }
        }
        let place = self.groups.place(call, Portion::default());
        let note = |(measure, value): (Measure, Decimal), measured: &mut Measured| {
            measured.highest.add(-value, || CallRef::of(call));
            if measure.is_two_sided() {
                measured.lowest.add(value, || CallRef::of(call));
            }
            measured.spread.note(value, self.precision)
        };
        let more = self.groups.update(place, call, |group| {
            let measures = measures(call);
            measures.map(|of| group.update(of.0, |measured| note(of, measured))).sum()
        });
        if self.precision.note(more, 0) {
            self.roughen();
        }
    }

    /// Takes over all that another has seen.
    ///
    /// # Errors
    /// [`Error::DimensionsDiffer`](crate::Error::DimensionsDiffer); nothing is then taken over.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let precision = self.precision.with(other.precision);
        let mut more = 0;
        let absorb = |mine: &mut Few<Measure, Measured>, (), theirs: &Few<Measure, Measured>| {
            for (measure, theirs) in theirs.iter() {
                more += mine.update(measure, |mine| mine.absorb(theirs, precision));
            }
        };
        self.groups.merge(&other.groups, |_, _| Ok(()), absorb)?;
        self.stuck.absorb(&other.stuck);
        self.unbilled.absorb(&other.unbilled);
        self.precision = precision;
        self.precision.note(more, 0);
        if !self.precision.is_exact() {
            self.roughen();
        }
        Ok(())
    }

    /// What stands out of all that was seen.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) where a fence is too far away to be held.
    pub fn outliers(&self) -> Result<Outliers> {
        let mut groups = Vec::new();
        for (key, measured) in self.groups.iter() {
            for (measure, measured) in measured.iter() {
                let Some(fence) = Fence::around(&measured.spread, measure) else { continue };
                let fence = fence.ok_or(Error::AMOUNTS)?;
                groups.push(measured.standout(key.clone(), measure, &fence));
            }
        }
        Ok(Outliers { groups, stuck: self.stuck.calls(), unbilled: self.unbilled.calls() })
    }

    fn roughen(&mut self) {
        let measured = self.groups.values_mut().flat_map(Few::iter_mut);
        measured.for_each(|(_, measured)| measured.spread.roughen());
    }
}

impl Measured {
    fn absorb(&mut self, other: &Self, precision: Precision) -> usize {
        self.highest.absorb(&other.highest);
        self.lowest.absorb(&other.lowest);
        self.spread.take(&other.spread, precision)
    }

    fn standout(&self, key: Key, measure: Measure, fence: &Fence) -> Standout {
        let outlier = |value: Decimal, call: &CallRef| Outlier { call: call.clone(), value };
        let highest = self.highest.0.iter().map(|(value, call)| outlier(-*value, call));
        let lowest = self.lowest.0.iter().map(|(value, call)| outlier(*value, call));
        let highest = highest.filter(|outlier| outlier.value > fence.high);
        let lowest = lowest.filter(|outlier| fence.low.is_some_and(|low| outlier.value < low));
        let beyond = self.spread.amounts().filter(|(value, _)| fence.is_beyond(*value));
        Standout {
            key,
            measure,
            currency: measure.currency(),
            calls: self.spread.count(),
            median: fence.median,
            low: fence.low,
            high: fence.high,
            beyond: beyond.map(|(_, times)| times).sum(),
            farthest: highest.chain(lowest).collect(),
            exact: self.spread.is_exact(),
        }
    }
}

impl Farthest {
    fn add(&mut self, value: Decimal, call: impl FnOnce() -> CallRef) {
        if self.0.len() >= NAMED && self.0.last().is_some_and(|(last, _)| value > *last) {
            return;
        }
        keep(&mut self.0, (value, call()));
    }

    fn absorb(&mut self, other: &Self) {
        other.0.iter().for_each(|(value, call)| self.add(*value, || call.clone()));
    }
}

impl Overdue {
    fn add(&mut self, call: &Call) {
        self.calls += 1;
        keep(&mut self.oldest, CallRef::of(call));
    }

    fn absorb(&mut self, other: &Self) {
        self.calls += other.calls;
        other.oldest.iter().for_each(|call| keep(&mut self.oldest, call.clone()));
    }

    fn calls(&self) -> OverdueCalls {
        OverdueCalls { calls: self.calls, oldest: self.oldest.iter().cloned().collect() }
    }
}

/// Puts one to the least of its kind, of which so many are kept as are named.
fn keep<T: Ord>(least: &mut BTreeSet<T>, one: T) {
    least.insert(one);
    if least.len() > NAMED {
        least.pop_last();
    }
}

impl CallRef {
    fn of(call: &Call) -> Self {
        Self {
            placed_at: call.placed_at,
            vendor: call.vendor.clone(),
            account: call.account.clone(),
            id: call.id.clone(),
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("dimensions", &self.groups.dimensions)
            .field("groups", &self.groups.len())
            .finish_non_exhaustive()
    }
}
