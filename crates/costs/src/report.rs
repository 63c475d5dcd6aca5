//! Calls in, groups out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use callmux_core::Call;
use chrono::{DateTime, NaiveDateTime, Utc};

use crate::dimension::Dimension;
use crate::error::{Error, Result};
use crate::group::Group;
use crate::key::{Key, Naming, Slot, part, slot};
use crate::tally::{Tally, sums};

type ClockFace = dyn Fn(DateTime<Utc>) -> NaiveDateTime + Send + Sync;

/// Sums over calls, grouped by any number of dimensions.
///
/// Calls are added one by one, in any order, and are not kept. Parts of a listing may be summed apart and
/// [merged](Self::merge): the figures are the same.
#[derive(Clone)]
pub struct Report {
    dimensions: Vec<Dimension>,
    local: Arc<ClockFace>,
    groups: BTreeMap<Vec<Slot>, Entry>,
}

/// A group: its sums, and the name that each part of its key was given last.
#[derive(Clone, Default)]
struct Entry {
    tally: Tally,
    names: Vec<Naming>,
}

impl Report {
    /// A report by these dimensions; by none, all calls are one group. A dimension named twice counts once.
    pub fn new(dimensions: impl IntoIterator<Item = Dimension>) -> Self {
        let mut different = Vec::new();
        for dimension in dimensions {
            if !different.contains(&dimension) {
                different.push(dimension);
            }
        }
        Self {
            dimensions: different,
            local: Arc::new(|instant| instant.naive_utc()),
            groups: BTreeMap::new(),
        }
    }

    /// Days and months are those that this function's clock shows; without it, those of UTC. To be called before the
    /// first call is added.
    ///
    /// ```
    /// use callmux_core::Call;
    /// use callmux_costs::{Dimension, Report};
    /// use chrono::{FixedOffset, TimeZone, Utc};
    ///
    /// let berlin = FixedOffset::east_opt(3600).unwrap();
    /// let mut report =
    ///     Report::new([Dimension::Day]).in_zone(move |instant| instant.with_timezone(&berlin).naive_local());
    /// let mut call = Call::new("example", "main", "1");
    /// call.placed_at = Utc.with_ymd_and_hms(2026, 1, 31, 23, 30, 0).single();
    /// report.add(&call).unwrap();
    /// assert_eq!(report.groups().unwrap()[0].key.value(Dimension::Day), Some("2026-02-01"));
    /// ```
    #[must_use]
    pub fn in_zone(
        mut self,
        local: impl Fn(DateTime<Utc>) -> NaiveDateTime + Send + Sync + 'static,
    ) -> Self {
        self.local = Arc::new(local);
        self
    }

    /// What the report groups by.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// Adds a call.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a sum can no longer be held exactly; the report is then as it was before the call.
    pub fn add(&mut self, call: &Call) -> Result<()> {
        let tally = Tally::of(call)?;
        let (key, names): (Vec<Slot>, Vec<Naming>) =
            self.dimensions.iter().map(|&dimension| slot(dimension, call, &*self.local)).unzip();
        match self.groups.get_mut(&key) {
            Some(entry) => entry.absorb(&Entry { tally, names }),
            None => {
                self.groups.insert(key, Entry { tally, names });
                Ok(())
            }
        }
    }

    /// Adds all that another report holds. Both must read days and months from one clock; this one's is kept.
    ///
    /// # Errors
    /// [`Error::DimensionsDiffer`], or [`Error::Overflow`] as in [`Report::add`]; nothing is then merged.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.dimensions != other.dimensions {
            return Err(Error::DimensionsDiffer {
                mine: self.dimensions.clone(),
                theirs: other.dimensions.clone(),
            });
        }
        let merged = sums(&self.groups, &other.groups, |mine, theirs| {
            let mut both = mine.clone();
            both.absorb(theirs)?;
            Ok(both)
        })?;
        self.groups.extend(merged);
        Ok(())
    }

    /// The groups, sorted by their keys: dimension by dimension, an absent value last.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a rate is too large to be held.
    pub fn groups(&self) -> Result<Vec<Group>> {
        self.groups
            .iter()
            .map(|(slots, entry)| {
                let parts = self.dimensions.iter().zip(slots).zip(&entry.names);
                let key = parts.map(|((&dimension, slot), name)| part(dimension, slot, name));
                Group::new(Key(key.collect()), &entry.tally)
            })
            .collect()
    }

    /// The figures of all calls together, under an empty key.
    ///
    /// # Errors
    /// [`Error::Overflow`] where the sum over all groups, or a rate, cannot be held.
    pub fn overall(&self) -> Result<Group> {
        let mut all = Tally::default();
        for entry in self.groups.values() {
            all.absorb(&entry.tally)?;
        }
        Group::new(Key::default(), &all)
    }
}

impl Entry {
    fn absorb(&mut self, other: &Self) -> Result<()> {
        self.tally.absorb(&other.tally)?;
        for (mine, theirs) in self.names.iter_mut().zip(&other.names) {
            if *mine < *theirs {
                mine.clone_from(theirs);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("dimensions", &self.dimensions)
            .field("groups", &self.groups.len())
            .finish_non_exhaustive()
    }
}
