//! What is held for each key.

use std::collections::BTreeMap;

use callmux_core::Call;

use crate::dimension::Dimension;
use crate::error::{Error, Result};
use crate::key::{Key, Naming, Portion, Slot, part, slot};
use crate::zone::Zone;

/// Where a call belongs: its part of each dimension, and the names it gives to them.
pub(crate) struct Place {
    slots: Vec<Slot>,
    names: Vec<Naming>,
}

/// One `T` for each key by these dimensions.
#[derive(Clone)]
pub(crate) struct Groups<T> {
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) zone: Zone,
    entries: BTreeMap<Vec<Slot>, (Vec<Naming>, T)>,
}

impl<T: Default> Groups<T> {
    /// By these dimensions; one named twice counts once.
    pub(crate) fn new(dimensions: impl IntoIterator<Item = Dimension>) -> Self {
        let mut different = Vec::new();
        for dimension in dimensions {
            if !different.contains(&dimension) {
                different.push(dimension);
            }
        }
        Self { dimensions: different, zone: Zone::utc(), entries: BTreeMap::new() }
    }

    /// Where a call belongs, or a portion of what it cost.
    pub(crate) fn place(&self, call: &Call, portion: Portion<'_>) -> Place {
        let parts = self.dimensions.iter();
        let (slots, names) =
            parts.map(|&dimension| slot(dimension, call, portion, &self.zone)).unzip();
        Place { slots, names }
    }

    pub(crate) fn get(&self, place: &Place) -> Option<&T> {
        self.entries.get(&place.slots).map(|(_, held)| held)
    }

    /// What is held at a place, which from now on is called what its latest call says.
    pub(crate) fn at(&mut self, place: Place) -> &mut T {
        let (names, held) = self.entries.entry(place.slots).or_default();
        rename(names, place.names);
        held
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.values().map(|(_, held)| held)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.values_mut().map(|(_, held)| held)
    }

    /// The keys with what they hold, sorted dimension by dimension, an absent value last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        self.entries.iter().map(|(slots, (names, held))| (self.key(slots, names), held))
    }

    /// The places of both, each with what it holds here and there.
    pub(crate) fn beside<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (Key, Option<&'a T>, Option<&'a T>)> {
        let mut keys: BTreeMap<&Vec<Slot>, Vec<Naming>> = BTreeMap::new();
        for (slots, (names, _)) in self.entries.iter().chain(&other.entries) {
            rename(keys.entry(slots).or_default(), names.clone());
        }
        let held = |groups: &'a Self, slots| groups.entries.get(slots).map(|(_, held)| held);
        keys.into_iter().map(move |(slots, names)| {
            (self.key(slots, &names), held(self, slots), held(other, slots))
        })
    }

    /// Whether both group by the same dimensions.
    pub(crate) fn check_alike(&self, other: &Self) -> Result<()> {
        if self.dimensions == other.dimensions {
            return Ok(());
        }
        Err(Error::DimensionsDiffer {
            mine: self.dimensions.clone(),
            theirs: other.dimensions.clone(),
        })
    }

    /// Puts what another holds to what is held here: first what `plus` makes of each pair, then, if none failed, all of them.
    pub(crate) fn merge<D>(
        &mut self,
        other: &Self,
        plus: impl Fn(&T, &T) -> Result<D>,
        mut commit: impl FnMut(&mut T, D, &T),
    ) -> Result<()> {
        self.check_alike(other)?;
        let mut changes = Vec::with_capacity(other.entries.len());
        let nothing = T::default();
        for (slots, (_, theirs)) in &other.entries {
            let mine = self.entries.get(slots).map_or(&nothing, |(_, mine)| mine);
            changes.push(plus(mine, theirs)?);
        }
        for ((slots, (names, theirs)), change) in other.entries.iter().zip(changes) {
            let (mine, held) = self.entries.entry(slots.clone()).or_default();
            rename(mine, names.clone());
            commit(held, change, theirs);
        }
        Ok(())
    }

    fn key(&self, slots: &[Slot], names: &[Naming]) -> Key {
        let parts = self.dimensions.iter().zip(slots).zip(names);
        Key(parts.map(|((&dimension, slot), name)| part(dimension, slot, name)).collect())
    }
}

fn rename(mine: &mut Vec<Naming>, theirs: Vec<Naming>) {
    mine.resize(theirs.len().max(mine.len()), None);
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        if *mine < theirs {
            *mine = theirs;
        }
    }
}
