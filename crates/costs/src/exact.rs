//! Arithmetic that is exact or says that it is not.

use std::time::Duration;

use rust_decimal::{Decimal, RoundingStrategy};

/// Decimal places of a rate and of a share.
pub(crate) const PLACES: u32 = 6;

/// An amount per minute: `total × 60 ÷ seconds`, rounded half away from zero to six places. `Ok(None)` where no time
/// passed, `Err(())` where the rate is too large.
pub(crate) fn per_minute(total: Decimal, time: Duration) -> Result<Option<Decimal>, ()> {
    if time.is_zero() {
        return Ok(None);
    }
    let rate = unrounded_per_minute(total, time).ok_or(())?;
    Ok(Some(rounded(rate, PLACES)))
}

/// The same before it is rounded; `None` where no time passed, or there is no room for it.
pub(crate) fn unrounded_per_minute(total: Decimal, time: Duration) -> Option<Decimal> {
    // The product comes first: a quotient that does not end would be cut before it is multiplied.
    total.checked_mul(Decimal::from(60))?.checked_div(seconds(time)?)
}

/// An amount for each of some: `total ÷ count`, rounded as a rate is. `Ok(None)` of none.
pub(crate) fn per_one(total: Decimal, count: u64) -> Result<Option<Decimal>, ()> {
    if count == 0 {
        return Ok(None);
    }
    Ok(Some(rounded(total.checked_div(Decimal::from(count)).ok_or(())?, PLACES)))
}

/// Rounded half away from zero, without trailing zeros.
pub(crate) fn rounded(amount: Decimal, places: u32) -> Decimal {
    amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// The product, if a decimal holds it exactly.
pub(crate) fn product(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left, right) = (left.normalize(), right.normalize());
    let mut digits = left.mantissa().checked_mul(right.mantissa())?;
    let mut scale = left.scale() + right.scale();
    while scale > 0 && digits % 10 == 0 {
        digits /= 10;
        scale -= 1;
    }
    Decimal::try_from_i128_with_scale(digits, scale).ok()
}

/// A part of a whole as a share between 0 and 1; `None` of a whole that is 0. It is rounded down to six places, so that
/// 1 means all of it.
pub(crate) fn share(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let share = part.checked_div(whole)?;
    Some(share.round_dp_with_strategy(PLACES, RoundingStrategy::ToZero).normalize())
}

/// Seconds as a decimal, to the nanosecond. No `Duration` is too long for it.
pub(crate) fn seconds(time: Duration) -> Option<Decimal> {
    let nanoseconds = i128::try_from(time.as_nanos()).ok()?;
    Decimal::try_from_i128_with_scale(nanoseconds, 9).ok()
}

/// Seconds as a JSON number: an integer where they are whole, else the number nearest to the exact decimal.
pub(crate) fn serialize_seconds<S: serde::Serializer>(
    time: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if time.subsec_nanos() == 0 {
        return serializer.serialize_u64(time.as_secs());
    }
    let exact = seconds(*time).ok_or_else(|| serde::ser::Error::custom("a time too long"))?;
    // Through the decimal text: adding a binary fraction to whole seconds would write 0.30000000000000004.
    let number: f64 = exact.to_string().parse().map_err(serde::ser::Error::custom)?;
    serializer.serialize_f64(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_is_rounded_once_and_half_away_from_zero() {
        for (total, time, expected) in [
            ("0.1035", Duration::from_secs(90), "0.069"),
            ("1", Duration::from_secs(3), "20"),
            ("1", Duration::from_secs(7), "8.571429"),
            ("0.0000005", Duration::from_secs(60), "0.000001"),
            ("-0.0000005", Duration::from_secs(60), "-0.000001"),
            ("0.05", Duration::from_millis(1500), "2"),
        ] {
            assert_eq!(per_minute(decimal(total), time), Ok(Some(decimal(expected))), "{total}");
        }
        assert_eq!(per_minute(decimal("1"), Duration::ZERO), Ok(None));
        assert_eq!(per_minute(Decimal::MAX, Duration::from_secs(1)), Err(()));
    }

    #[test]
    fn a_share_never_says_more_than_is_so() {
        assert_eq!(share(decimal("97"), decimal("100")).unwrap().to_string(), "0.97");
        assert_eq!(share(decimal("2"), decimal("3")).unwrap().to_string(), "0.666666");
        assert_eq!(
            share(decimal("999999999"), decimal("1000000000")).unwrap().to_string(),
            "0.999999"
        );
        assert_eq!(share(decimal("3"), decimal("3")).unwrap().to_string(), "1");
        assert_eq!(share(decimal("0"), decimal("3")).unwrap().to_string(), "0");
        assert_eq!(share(decimal("0"), decimal("0")), None);
    }

    #[test]
    fn a_product_is_exact_or_none() {
        for (left, right, product_text) in [
            ("0.30000000000000004", "1.08", Some("0.3240000000000000432")),
            ("0.00000042", "1.0", Some("0.00000042")),
            ("79228162514264337593543950335", "10", None),
            ("79228162514264337593543950330", "0.1", Some("7922816251426433759354395033")),
            ("0.0000000000000000000000000001", "0.1", None),
            ("0.0000000000000000000000000005", "2", Some("0.000000000000000000000000001")),
            ("-2", "3", Some("-6")),
            ("0.00", "3", Some("0")),
        ] {
            let exact = product(decimal(left), decimal(right)).map(|exact| exact.to_string());
            assert_eq!(exact.as_deref(), product_text, "{left} times {right}");
        }
    }

    #[test]
    fn an_amount_for_each_is_rounded_once() {
        assert_eq!(per_one(decimal("1"), 3), Ok(Some(decimal("0.333333"))));
        assert_eq!(per_one(decimal("2"), 3), Ok(Some(decimal("0.666667"))));
        assert_eq!(per_one(decimal("2"), 0), Ok(None));
    }

    #[test]
    fn the_longest_time_has_seconds() {
        assert_eq!(seconds(Duration::MAX).unwrap().to_string(), "18446744073709551615.999999999");
    }
}
