//! A map of few keys.

/// A map of few keys, or of keys that are seldom new: a sorted array, hardly larger than what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Few<K, V>(Vec<(K, V)>);

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord, V> Few<K, V> {
    pub(crate) fn one(key: K, value: V) -> Self {
        Self(vec![(key, value)])
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        let place = self.place(key).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// Changes what a key has, which is at first the default.
    pub(crate) fn update<R>(&mut self, key: K, change: impl FnOnce(&mut V) -> R) -> R
    where
        V: Default,
    {
        let place = self.place(key);
        if let Some((_, value)) = place.ok().and_then(|place| self.0.get_mut(place)) {
            return change(value);
        }
        let mut value = V::default();
        let result = change(&mut value);
        if self.0.len() == self.0.capacity() {
            self.0.reserve_exact(1 + self.0.len() / 4);
        }
        self.0.insert(place.unwrap_or_else(|place| place), (key, value));
        result
    }

    /// Makes room for so many at once, where it is known that they come.
    pub(crate) fn make_room(&mut self, for_so_many: usize) {
        self.0.reserve_exact(for_so_many.saturating_sub(self.0.len()));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in it, by key.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    /// The same, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (*key, value))
    }

    /// Takes away all but the least so many.
    pub(crate) fn split_off(&mut self, least: usize) -> Self {
        let others = self.0.split_off(least);
        self.0.shrink_to_fit();
        Self(others)
    }

    fn place(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by(|(held, _)| held.cmp(&key))
    }
}

impl<K, V> IntoIterator for Few<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_map_in_the_order_of_its_keys() {
        let mut few = Few::one(2, 'b');
        for (key, value) in [(3, 'c'), (1, 'a'), (2, 'B')] {
            few.update(key, |held| *held = value);
        }
        assert_eq!(few.iter().collect::<Vec<_>>(), [(1, &'a'), (2, &'B'), (3, &'c')]);
        assert_eq!((few.get(3), few.get(4), few.len()), (Some(&'c'), None, 3));
        few.iter_mut().for_each(|(_, value)| value.make_ascii_uppercase());
        assert_eq!(few.into_iter().collect::<Vec<_>>(), [(1, 'A'), (2, 'B'), (3, 'C')]);
    }
}
