//! Amounts as whole numbers and quotients as fractions. There is no rounding here but the one that is asked for.

use std::fmt;
use std::ops::{Add, Neg, Sub};

use num_bigint::BigInt;
use num_rational::BigRational;

/// Decimal places that an amount holds: as many as the command promises.
const PLACES: u32 = 28;

/// Decimal places of rates and shares.
const SHOWN: u32 = 6;

/// An amount, as a whole number of its 28th decimal places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Amount(i128);

impl Amount {
    pub(super) const ZERO: Self = Self(0);

    /// The digits of a JSON number, or of a text that holds one; `None` of anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches('"').trim();
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let number: i128 = format!("{whole}{fraction}").parse().ok()?;
        let places = i32::try_from(PLACES).ok()? + exponent - i32::try_from(fraction.len()).ok()?;
        let step =
            10i128.checked_pow(u32::try_from(places).expect("more digits than an amount holds"));
        Some(Self(number.checked_mul(step.unwrap()).expect("an amount that is too large")))
    }

    /// So many units of which so many decimal places are shown: 1,500 of 3 places are 1.5.
    pub(super) fn of(number: i128, places: u32) -> Self {
        Self(number * 10i128.pow(PLACES - places))
    }

    pub(super) fn fraction(self) -> BigRational {
        BigRational::new(self.0.into(), BigInt::from(10).pow(PLACES))
    }

    pub(super) fn times(self, count: usize) -> Self {
        Self(self.0.checked_mul(count as i128).unwrap())
    }

    pub(super) fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).unwrap())
    }
}

impl Neg for Amount {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sub for Amount {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// Without trailing zeros, as JSON has it.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let one = 10u128.pow(PLACES);
        let size = self.0.unsigned_abs();
        let text = format!("{sign}{}.{:028}", size / one, size % one);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A whole number as a fraction.
pub(super) fn whole(number: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(number.into())
}

/// Rounded half away from zero to six places, as rates are.
pub(super) fn rounded(fraction: &BigRational) -> Amount {
    rounded_to(SHOWN, fraction)
}

/// Rounded half away from zero.
pub(super) fn rounded_to(places: u32, fraction: &BigRational) -> Amount {
    let half = BigRational::new(1.into(), 2.into());
    let is_negative = *fraction < whole(0);
    let size = if is_negative { -fraction } else { fraction.clone() };
    let amount = steps(&(size * whole(10i64.pow(places)) + half).floor(), places);
    if is_negative { -amount } else { amount }
}

/// Rounded towards zero to six places, as shares are.
pub(super) fn cut(fraction: &BigRational) -> Amount {
    steps(&(fraction * whole(10i64.pow(SHOWN))).trunc(), SHOWN)
}

fn steps(number: &BigRational, places: u32) -> Amount {
    Amount::of(i128::try_from(number.to_integer()).unwrap(), places)
}

/// A part of a whole, as a share; `None` of nothing.
pub(super) fn share(part: &BigRational, of: &BigRational) -> Option<Amount> {
    (*of != whole(0)).then(|| cut(&(part / of)))
}

/// An amount a minute, not rounded yet; `None` where no time passed. Time is in milliseconds.
pub(super) fn per_minute(total: Amount, millis: i128) -> Option<BigRational> {
    (millis != 0).then(|| total.fraction() * whole(60_000) / whole(millis))
}

/// Milliseconds as the seconds that JSON has: an integer where they are whole.
pub(super) fn seconds(millis: i128) -> serde_json::Value {
    let text = Amount::of(millis, 3).to_string();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn amounts_are_read_and_written_digit_by_digit() {
    for (text, shown) in [
        ("0.30000000000000004", "0.30000000000000004"),
        ("3.15e-05", "0.0000315"),
        ("1.50000000", "1.5"),
        ("\"12.34000000\"", "12.34"),
        ("100.0", "100"),
        ("-0.5", "-0.5"),
        ("2e3", "2000"),
        ("0", "0"),
    ] {
        assert_eq!(Amount::read(text).unwrap().to_string(), shown);
    }
    assert_eq!([Amount::read("free"), Amount::read("true"), Amount::read("")], [None; 3]);
}

#[test]
fn there_are_two_ways_of_rounding() {
    let third = |number: i64| BigRational::new(number.into(), 3.into());
    let half = |number: i64| BigRational::new(number.into(), 2_000_000.into());
    for (fraction, near, towards_zero) in [
        (third(2), "0.666667", "0.666666"),
        (third(-2), "-0.666667", "-0.666666"),
        (half(1), "0.000001", "0"),
        (half(-1), "-0.000001", "0"),
        (half(3), "0.000002", "0.000001"),
    ] {
        assert_eq!(rounded(&fraction).to_string(), near);
        assert_eq!(cut(&fraction).to_string(), towards_zero);
    }
}
