//! When the calls of a vendor were placed.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Calls at even distances, back from the newest.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Spread {
    /// Microseconds from one call to the next.
    step: i64,
}

impl Default for Spread {
    /// A million are some four weeks.
    fn default() -> Self {
        Self { step: 2_500_000 }
    }
}

impl Spread {
    /// So many calls over so many days.
    #[must_use]
    pub fn over(calls: u64, days: i64) -> Self {
        Self { step: days * 86_400_000_000 / calls as i64 }
    }

    /// The instant of a call, by its number; the newest is 0.
    #[must_use]
    pub fn instant(self, index: u64) -> DateTime<Utc> {
        newest() - TimeDelta::microseconds(index as i64 * self.step)
    }

    /// From the oldest of so many calls until after the newest.
    #[must_use]
    pub fn range(self, calls: u64) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.instant(calls), newest() + TimeDelta::seconds(1))
    }

    /// The first number whose call is not newer than this.
    pub(crate) fn first_not_after(self, bound: DateTime<Utc>) -> u64 {
        let back = (newest() - bound).num_microseconds().unwrap_or(0).max(0);
        (back as u64).div_ceil(self.step as u64)
    }
}

fn newest() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_812_799, 0).expect("an instant")
}
