//! Sums that grow in two steps, so that one without room changes nothing.

use std::time::Duration;

use callmux_core::{Decimal, add_exactly};

use crate::error::{Error, Result};
use crate::few::Few;

/// Sums that others are added to.
///
/// First [`plus`](Self::plus) makes of what is added what is then to be held, which may fail. When nothing has failed,
/// [`commit`](Self::commit) takes it over. So each sum is worked out once, nothing that is held is copied, and only the keys of
/// what is added are looked at.
pub(crate) trait Grow: Clone {
    /// Adds what another holds under the keys that are here.
    fn plus(&mut self, held: &Self) -> Result<()>;

    /// Takes over sums to which these were added.
    fn commit(&mut self, grown: Self);

    /// What these sums are with others, as far as the others touch them.
    fn with(&self, more: &Self) -> Result<Self> {
        let mut grown = more.clone();
        grown.plus(self)?;
        Ok(grown)
    }
}

/// Lets a structure grow field by field. One that is forgotten does not compile.
macro_rules! grow {
    ($sums:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::grow::Grow for $sums {
            fn plus(&mut self, held: &Self) -> $crate::error::Result<()> {
                let Self { $($field),+ } = held;
                $( self.$field.plus($field)?; )+
                Ok(())
            }

            fn commit(&mut self, grown: Self) {
                let Self { $($field),+ } = grown;
                $( self.$field.commit($field); )+
            }
        }
    };
}

pub(crate) use grow;

/// Lets one number grow by a function.
macro_rules! grow_by {
    ($($number:ty: $sum:ident),+) => { $(
        impl Grow for $number {
            fn plus(&mut self, held: &Self) -> Result<()> {
                *self = $sum(*held, *self)?;
                Ok(())
            }

            fn commit(&mut self, grown: Self) {
                *self = grown;
            }
        }
    )+ };
}

grow_by!(Decimal: amount, u64: count, Duration: time);

impl<K: Copy + Ord, V: Grow + Default> Grow for Few<K, V> {
    fn plus(&mut self, held: &Self) -> Result<()> {
        for (key, value) in self.iter_mut() {
            held.get(key).map_or(Ok(()), |held| value.plus(held))?;
        }
        Ok(())
    }

    fn commit(&mut self, grown: Self) {
        for (key, grown) in grown {
            self.update(key, |value| value.commit(grown));
        }
    }
}

pub(crate) fn amount(left: Decimal, right: Decimal) -> Result<Decimal> {
    add_exactly(left, right).ok_or(Error::AMOUNTS)
}

pub(crate) fn count(left: u64, right: u64) -> Result<u64> {
    left.checked_add(right).ok_or(Error::CALLS)
}

pub(crate) fn time(left: Duration, right: Duration) -> Result<Duration> {
    left.checked_add(right).ok_or(Error::SECONDS)
}
