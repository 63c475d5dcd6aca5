//! A map that may have many keys.

use crate::few::Few;

/// How many keys are kept in one array: so many that few arrays are looked through, and so few that a new key moves little.
const RUN: usize = 128;

/// A map that is as small as [`Few`] while its keys are few, and as quick when they are many: runs of keys in ascending order, each
/// cut in two when it is full.
#[derive(Clone, Debug)]
pub(crate) struct Many<K, V> {
    first: Few<K, V>,
    others: Vec<Few<K, V>>,
}

impl<K, V> Default for Many<K, V> {
    fn default() -> Self {
        Self { first: Few::default(), others: Vec::new() }
    }
}

impl<K: Copy + Ord, V> Many<K, V> {
    /// Changes what a key has, which is at first the default.
    pub(crate) fn update<R>(&mut self, key: K, change: impl FnOnce(&mut V) -> R) -> R
    where
        V: Default,
    {
        let is_from = |run: &Few<K, V>| run.iter().next().is_some_and(|(least, _)| least <= key);
        let next = self.others.partition_point(is_from);
        let run = next.checked_sub(1).and_then(|place| self.others.get_mut(place));
        let run = run.unwrap_or(&mut self.first);
        let result = run.update(key, change);
        if run.len() > RUN {
            let upper = run.split_off(RUN / 2);
            self.others.insert(next, upper);
        }
        result
    }

    /// What is in it, by key.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &V)> {
        std::iter::once(&self.first).chain(&self.others).flat_map(Few::iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_is_a_map_in_the_order_of_its_keys(keys in prop::collection::vec(0u16..2000, 0..3000)) {
            let (mut many, mut map) = (Many::default(), BTreeMap::new());
            for key in keys {
                *map.entry(key).or_insert(0u64) += 1;
                many.update(key, |times: &mut u64| *times += 1);
            }
            prop_assert!(many.iter().eq(map.iter().map(|(&key, times)| (key, times))));
            prop_assert!(many.others.iter().chain([&many.first]).all(|run| run.len() <= RUN));
        }
    }
}
