//! Fractions of integers: what the figures are held against. They share no arithmetic with the crate.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fmt;
use std::time::Duration;

use callmux_core::Decimal;

/// A fraction in lowest terms, its denominator above 0. What is too large for it fails the test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ratio(i128, i128);

impl Ratio {
    pub(crate) const ZERO: Self = Self(0, 1);

    pub(crate) fn new(over: i128, under: i128) -> Self {
        let (mut one, mut other) = (over.abs(), under.abs());
        while other != 0 {
            (one, other) = (other, one % other);
        }
        let sign = under.signum();
        Self(sign * over / one.max(1), sign * under / one.max(1))
    }

    pub(crate) fn count(count: u64) -> Self {
        Self(count.into(), 1)
    }

    pub(crate) fn of(amount: Decimal) -> Self {
        Self::new(amount.mantissa(), 10i128.pow(amount.scale()))
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::of(text.parse().unwrap())
    }

    pub(crate) fn seconds(time: Duration) -> Self {
        Self::new(i128::try_from(time.as_nanos()).unwrap(), 1_000_000_000)
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let product = |one: i128, other: i128| one.checked_mul(other).unwrap();
        // What the denominators have in common is left out, so that the products stay small.
        let Self(mine, theirs) = Self::new(self.1, other.1);
        let over = product(self.0, theirs).checked_add(product(other.0, mine)).unwrap();
        Self::new(over, product(self.1, theirs))
    }

    pub(crate) fn less(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    pub(crate) fn times(self, other: Self) -> Self {
        // Crosswise first, so that the products stay small.
        let (left, right) = (Self::new(self.0, other.1), Self::new(other.0, self.1));
        let product = |one: i128, other: i128| one.checked_mul(other).unwrap();
        Self::new(product(left.0, right.0), product(left.1, right.1))
    }

    pub(crate) fn over(self, other: Self) -> Self {
        self.times(Self::new(other.1, other.0))
    }

    pub(crate) fn sum(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(Self::ZERO, Self::plus)
    }

    /// Rounded half away from zero to six places.
    pub(crate) fn six_places(self) -> Decimal {
        let doubled = self.0.abs().checked_mul(2_000_000).unwrap() + self.1;
        let digits = self.0.signum() * (doubled / (2 * self.1));
        Decimal::from_i128_with_scale(digits, 6).normalize()
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.less(*other).0.cmp(&0)
    }
}

impl fmt::Debug for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, self.1)
    }
}
