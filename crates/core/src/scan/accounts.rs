//! Something for each account, where nearly always there is one.

use crate::ids::{AccountId, VendorId};

/// A value for each account met. The account met last is found without a look at the others.
pub(super) struct ByAccount<T> {
    current: Option<Entry<T>>,
    others: Vec<Entry<T>>,
}

struct Entry<T> {
    vendor: VendorId,
    account: AccountId,
    value: T,
}

impl<T> Default for ByAccount<T> {
    fn default() -> Self {
        Self { current: None, others: Vec::new() }
    }
}

impl<T: Default> ByAccount<T> {
    /// The value of an account, made where there is none yet.
    pub(super) fn of(&mut self, vendor: &VendorId, account: &AccountId) -> &mut T {
        let is_it = |entry: &Entry<T>| entry.account == *account && entry.vendor == *vendor;
        if !self.current.as_ref().is_some_and(is_it) {
            let known = self.others.iter().position(is_it);
            let next = known.map(|index| self.others.swap_remove(index));
            self.others.extend(std::mem::replace(&mut self.current, next));
        }
        let new =
            || Entry { vendor: vendor.clone(), account: account.clone(), value: T::default() };
        &mut self.current.get_or_insert_with(new).value
    }
}

impl<T> ByAccount<T> {
    /// The values.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.others.iter().chain(&self.current).map(|entry| &entry.value)
    }

    /// The accounts, each with its value.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (VendorId, AccountId, T)> {
        let entries = self.others.into_iter().chain(self.current);
        entries.map(|Entry { vendor, account, value }| (vendor, account, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_keeps_its_value() {
        let mut counts = ByAccount::<u32>::default();
        for (vendor, account) in
            [("a", "x"), ("a", "y"), ("b", "x"), ("a", "x"), ("a", "y"), ("a", "x")]
        {
            *counts.of(&vendor.into(), &account.into()) += 1;
        }
        let mut entries: Vec<_> = counts
            .into_entries()
            .map(|(vendor, account, count)| (vendor.to_string(), account.to_string(), count))
            .collect();
        entries.sort();
        let expected = [("a", "x", 3), ("a", "y", 2), ("b", "x", 1)];
        let expected =
            expected.map(|(vendor, account, count)| (vendor.into(), account.into(), count));
        assert_eq!(entries, expected);
    }
}
