//! Calls of about one length.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Where buckets end, in seconds. A call of just so many seconds is in the bucket that ends there; longer calls are in the last
/// one, which has no end.
pub(crate) const ENDS: [u64; 9] = [15, 30, 60, 90, 120, 180, 300, 600, 1200];

/// How many buckets there are.
pub(crate) const BUCKETS: usize = ENDS.len() + 1;

/// The bucket of a length.
pub(crate) fn bucket(talk: Duration) -> usize {
    ENDS.iter().position(|&end| talk <= Duration::from_secs(end)).unwrap_or(ENDS.len())
}

/// A range of lengths: longer than `above`, and not longer than `up_to`.
///
/// `Display` and JSON write it as people do: `up to 30 s`, `3 to 5 min`, `over 20 min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Lengths {
    /// Calls are longer than this.
    pub above: Duration,
    /// And not longer than this; `None` for any length.
    pub up_to: Option<Duration>,
}

impl Lengths {
    pub(crate) fn of(bucket: usize) -> Self {
        let end = |bucket: usize| ENDS.get(bucket).map(|&seconds| Duration::from_secs(seconds));
        let above = bucket.checked_sub(1).and_then(end).unwrap_or_default();
        Self { above, up_to: end(bucket) }
    }
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = |length: Duration| match length.as_secs() {
            seconds if seconds % 60 != 0 => (seconds, "s"),
            seconds => (seconds / 60, "min"),
        };
        let (from, from_unit) = unit(self.above);
        match self.up_to.map(unit) {
            None => write!(f, "over {from} {from_unit}"),
            Some((to, to_unit)) if self.above.is_zero() => write!(f, "up to {to} {to_unit}"),
            Some((to, to_unit)) if from_unit == to_unit => write!(f, "{from} to {to} {to_unit}"),
            Some((to, to_unit)) => write!(f, "{from} {from_unit} to {to} {to_unit}"),
        }
    }
}

impl Serialize for Lengths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_length_is_in_one_bucket() {
        let text = |millis: u64| Lengths::of(bucket(Duration::from_millis(millis))).to_string();
        for (millis, expected) in [
            (1, "up to 15 s"),
            (15_000, "up to 15 s"),
            (15_001, "15 to 30 s"),
            (30_001, "30 s to 1 min"),
            (60_000, "30 s to 1 min"),
            (90_000, "1 min to 90 s"),
            (120_000, "90 s to 2 min"),
            (180_000, "2 to 3 min"),
            (300_000, "3 to 5 min"),
            (301_000, "5 to 10 min"),
            (1_200_000, "10 to 20 min"),
            (1_200_001, "over 20 min"),
        ] {
            assert_eq!(text(millis), expected);
        }
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
    }
}
