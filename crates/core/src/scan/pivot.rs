//! Where to cut values in two.

/// A value about the middle, with some of the values below it; `None` where all are one.
pub(super) fn pivot<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    let least = *values.first()?;
    let upper = values.get(values.len() / 2..)?;
    upper.iter().copied().find(|value| *value > least)
}

#[cfg(test)]
mod tests {
    use super::pivot;

    #[test]
    fn some_are_below_and_some_are_not() {
        for (values, cut) in [
            (vec![], None),
            (vec![4, 4, 4], None),
            (vec![3, 1, 2], Some(2)),
            (vec![1, 4, 3, 2], Some(3)),
            (vec![1, 1, 1, 2], Some(2)),
            (vec![1, 2, 2, 2], Some(2)),
        ] {
            assert_eq!(pivot(values.clone()), cut, "{values:?}");
        }
    }
}
