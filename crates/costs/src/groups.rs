//! What is held for each key.

use std::collections::{BTreeMap, HashMap};

use callmux_core::Call;

use crate::dimension::Dimension;
use crate::error::{Error, Result};
use crate::key::{Key, Portion, Slot, part, slot};
use crate::names::Names;
use crate::zone::Zone;

/// One `T` for each key by these dimensions.
#[derive(Clone)]
pub(crate) struct Groups<T> {
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) zone: Zone,
    /// Where each key has its entry.
    index: HashMap<Vec<Slot<'static>>, usize>,
    entries: Vec<Entry<T>>,
}

#[derive(Clone, Default)]
struct Entry<T> {
    names: Names,
    held: T,
}

/// Where a call belongs, or a portion of what it cost.
pub(crate) struct Place<'a> {
    slots: Vec<Slot<'a>>,
    /// Its entry, where there is one.
    index: Option<usize>,
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
        let (index, entries) = (HashMap::new(), Vec::new());
        Self { dimensions: different, zone: Zone::utc(), index, entries }
    }

    /// Where a call belongs, or a portion of what it cost.
    pub(crate) fn place<'a>(&self, call: &'a Call, portion: Portion<'a>) -> Place<'a> {
        let parts = self.dimensions.iter();
        self.place_of(parts.map(|&part| slot(part, call, portion, &self.zone)).collect())
    }

    fn place_of<'a>(&self, slots: Vec<Slot<'a>>) -> Place<'a> {
        Place { index: self.index_of(&slots), slots }
    }

    fn index_of<'a>(&self, slots: &[Slot<'a>]) -> Option<usize> {
        // The keys that are held live longer than a call's, and are looked up as if they did not.
        let index: &HashMap<Vec<Slot<'a>>, usize> = &self.index;
        index.get(slots).copied()
    }

    pub(crate) fn get(&self, place: &Place<'_>) -> Option<&T> {
        self.entries.get(place.index?).map(|entry| &entry.held)
    }

    /// Changes what is held at a call's place, which from now on is called what its latest call says.
    pub(crate) fn update<R>(
        &mut self,
        place: Place<'_>,
        call: &Call,
        change: impl FnOnce(&mut T) -> R,
    ) -> R {
        self.enter(place, |dimensions, entry| {
            entry.names.note(dimensions, call);
            change(&mut entry.held)
        })
    }

    /// Changes the entry of a place, which is made where there is none.
    fn enter<R>(
        &mut self,
        place: Place<'_>,
        change: impl FnOnce(&[Dimension], &mut Entry<T>) -> R,
    ) -> R {
        // One that was new when it was looked up may be known by now.
        let index = place.index.or_else(|| self.index_of(&place.slots));
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            return change(&self.dimensions, entry);
        }
        let mut entry = Entry::default();
        let result = change(&self.dimensions, &mut entry);
        let slots = place.slots.into_iter().map(Slot::into_owned).collect();
        self.index.insert(slots, self.entries.len());
        self.entries.push(entry);
        result
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// What is held, in no order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|entry| &entry.held)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().map(|entry| &mut entry.held)
    }

    /// The keys with what they hold, sorted dimension by dimension, an absent value last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        self.sorted().map(|(slots, entry)| (self.key(slots, &entry.names), &entry.held))
    }

    /// The entries with what tells them apart, in the order of it.
    fn sorted(&self) -> impl Iterator<Item = (&Vec<Slot<'static>>, &Entry<T>)> {
        let mut index: Vec<(&Vec<Slot<'_>>, &usize)> = self.index.iter().collect();
        index.sort_unstable();
        index.into_iter().filter_map(|(slots, &index)| Some((slots, self.entries.get(index)?)))
    }

    /// The places of both, each with what it holds here and there.
    pub(crate) fn beside<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (Key, Option<&'a T>, Option<&'a T>)> {
        let mut keys: BTreeMap<_, (Names, [Option<&T>; 2])> = BTreeMap::new();
        for (slots, entry) in self.sorted() {
            keys.insert(slots, (entry.names.clone(), [Some(&entry.held), None]));
        }
        for (slots, entry) in other.sorted() {
            let (names, [_, there]) = keys.entry(slots).or_default();
            names.absorb(&entry.names);
            *there = Some(&entry.held);
        }
        keys.into_iter()
            .map(move |(slots, (names, [here, there]))| (self.key(slots, &names), here, there))
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
        for (slots, theirs) in other.sorted() {
            let place = self.place_of(slots.clone());
            let change = plus(self.get(&place).unwrap_or(&nothing), &theirs.held)?;
            changes.push((place, change, theirs));
        }
        for (place, change, theirs) in changes {
            self.enter(place, |_, mine| {
                mine.names.absorb(&theirs.names);
                commit(&mut mine.held, change, &theirs.held);
            });
        }
        Ok(())
    }

    fn key(&self, slots: &[Slot<'_>], names: &Names) -> Key {
        let parts = self.dimensions.iter().zip(slots);
        Key(parts.map(|(&dimension, slot)| part(dimension, slot, names)).collect())
    }
}
