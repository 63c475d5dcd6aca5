//! Calls in, groups out.

mod charge;
mod group;
mod tally;

use std::fmt;

use callmux_core::Call;

use crate::dimension::Dimension;
use crate::error::Result;
use crate::groups::Groups;
use crate::grow::Grow as _;
use crate::key::{Key, Portion};
use crate::spread::Precision;
use crate::zone::Zone;
use charge::Charge;

pub use group::{
    Bounds, ComponentTotal, Coverage, Elsewhere, Group, PerCall, PerMinute, Quantiles, TotalsScope,
};
pub(crate) use tally::{Amounts, Tally};

/// Sums over calls, grouped by any number of dimensions.
///
/// Calls are added one by one, in any order, and are not kept. Parts of a listing may be summed apart and
/// [merged](Self::merge): the figures are the same.
#[derive(Clone)]
pub struct Report {
    groups: Groups<Tally>,
    overall: Tally,
    precision: Precision,
}

impl Report {
    /// A report by these dimensions; by none, all calls are one group. A dimension named twice counts once.
    pub fn new(dimensions: impl IntoIterator<Item = Dimension>) -> Self {
        Self {
            groups: Groups::new(dimensions),
            overall: Tally::default(),
            precision: Precision::default(),
        }
    }

    /// Hours, days, weeks and months are those of this zone; without it, those of UTC. To be called before the first call is
    /// added.
    ///
    /// ```
    /// use callmux_core::Call;
    /// use callmux_costs::{Dimension, Report, Zone};
    /// use chrono::{FixedOffset, TimeZone, Utc};
    ///
    /// let offset = FixedOffset::east_opt(3600).unwrap();
    /// let zone = Zone::new("+01:00", move |instant| instant.with_timezone(&offset).naive_local());
    /// let mut report = Report::new([Dimension::Day]).in_zone(zone);
    /// let mut call = Call::new("example", "main", "1");
    /// call.placed_at = Utc.with_ymd_and_hms(2026, 1, 31, 23, 30, 0).single();
    /// report.add(&call).unwrap();
    /// assert_eq!(report.groups().unwrap()[0].key.value(Dimension::Day), Some("2026-02-01"));
    /// ```
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.groups.zone = zone;
        self
    }

    /// What the report groups by.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.groups.dimensions
    }

    /// The zone that hours, days, weeks and months are of.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.groups.zone
    }

    /// Adds a call.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) where a sum can no longer be held exactly; the report is then as it was before
    /// the call.
    pub fn add(&mut self, call: &Call) -> Result<()> {
        let mut whole = Charge::of(call)?;
        let portions = if self.divides_calls() {
            self.portions(call)?
        } else {
            vec![(Portion::default(), whole.clone())]
        };
        // First all that may fail, then all that changes something.
        whole.sums.plus(&self.overall.sums)?;
        let mut changes = Vec::with_capacity(portions.len());
        for (portion, mut charge) in portions {
            let place = self.groups.place(call, portion);
            if let Some(held) = self.groups.get(&place) {
                charge.sums.plus(&held.sums)?;
            }
            changes.push((place, charge));
        }
        let more_overall = self.overall.commit(whole, self.precision);
        let mut more = 0;
        for (place, charge) in changes {
            more += self.groups.update(place, call, |held| held.commit(charge, self.precision));
        }
        if self.precision.note(more, more_overall) {
            self.roughen();
        }
        Ok(())
    }

    /// Adds all that another report holds. Both must read days from one zone; this one's is kept.
    ///
    /// # Errors
    /// [`Error::DimensionsDiffer`](crate::Error::DimensionsDiffer), or [`Error::Overflow`](crate::Error::Overflow) as in
    /// [`Report::add`]; nothing is then merged.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.groups.check_alike(&other.groups)?;
        let overall = self.overall.sums.with(&other.overall.sums)?;
        let precision = self.precision.with(other.precision);
        let mut more = 0;
        self.groups.merge(
            &other.groups,
            |mine, theirs| mine.sums.with(&theirs.sums),
            |mine, sums, theirs| more += mine.absorb(sums, theirs, precision),
        )?;
        let more_overall = self.overall.absorb(overall, &other.overall, precision);
        self.precision = precision;
        self.precision.note(more, more_overall);
        if !self.precision.is_exact() {
            self.roughen();
        }
        Ok(())
    }

    /// The groups, sorted by their keys: dimension by dimension, an absent value last.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) where a rate is too large to be held.
    pub fn groups(&self) -> Result<Vec<Group>> {
        self.groups.iter().map(|(key, tally)| self.group(key, tally)).collect()
    }

    /// The figures of all calls together, under an empty key.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) where a rate is too large to be held.
    pub fn overall(&self) -> Result<Group> {
        self.group(Key::default(), &self.overall)
    }

    pub(crate) fn whole(&self) -> &Tally {
        &self.overall
    }

    /// The groups of two reports side by side.
    pub(crate) fn beside<'a>(
        &'a self,
        other: &'a Self,
    ) -> Result<impl Iterator<Item = (Key, Option<&'a Tally>, Option<&'a Tally>)>> {
        self.groups.check_alike(&other.groups)?;
        Ok(self.groups.beside(&other.groups))
    }

    fn group(&self, key: Key, tally: &Tally) -> Result<Group> {
        let is_portion = self.divides_calls() && !key.parts().is_empty();
        Group::new(key, tally, is_portion)
    }

    fn divides_calls(&self) -> bool {
        self.groups.dimensions.iter().any(|dimension| dimension.divides_calls())
    }

    fn portions<'a>(&self, call: &'a Call) -> Result<Vec<(Portion<'a>, Charge)>> {
        let by = |dimension| self.groups.dimensions.contains(&dimension);
        let (by_component, by_model) = (by(Dimension::Component), by(Dimension::Model));
        Charge::portions(call, |line| Portion {
            component: by_component.then_some(line.component),
            model: line.model.as_deref().filter(|_| by_model),
        })
    }

    fn roughen(&mut self) {
        self.overall.roughen();
        self.groups.values_mut().for_each(Tally::roughen);
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("dimensions", &self.groups.dimensions)
            .field("groups", &self.groups.len())
            .finish_non_exhaustive()
    }
}
