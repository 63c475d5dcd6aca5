//! Figures as people read them: rounded, and without pretending.

use std::time::Duration;

use callmux_core::Decimal;

/// An amount to four places, half to even. What is something is no zero: `<0.0001`.
///
/// ```
/// assert_eq!(callmux_table::amount("0.00004".parse().unwrap()), "<0.0001");
/// ```
#[must_use]
pub fn amount(amount: Decimal) -> String {
    near_zero(amount.round_dp(4), amount, "0.0001").unwrap_or_else(|| to_places(amount, 4))
}

/// A share between 0 and 1 in percent, to one place, cut and not rounded: what is nearly all is not all, and what is something is
/// no zero. The sign of percent is the caller's to write.
///
/// ```
/// assert_eq!(callmux_table::percent("0.99988".parse().unwrap()), "99.9");
/// ```
#[must_use]
pub fn percent(share: Decimal) -> String {
    // A part may be vast beside a whole that refunds nearly all of it.
    let percent = share.saturating_mul(Decimal::ONE_HUNDRED).trunc_with_scale(1);
    near_zero(percent, share, "0.1").unwrap_or_else(|| to_places(percent, 1))
}

/// A length in minutes, to a tenth, half up.
///
/// ```
/// assert_eq!(callmux_table::minutes(std::time::Duration::from_secs(90)), "1.5");
/// ```
#[must_use]
pub fn minutes(time: Duration) -> String {
    let tenths = time.as_millis().saturating_add(3000) / 6000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What is shown of what is not 0 and would be shown as 0.
fn near_zero(shown: Decimal, exact: Decimal, least: &str) -> Option<String> {
    let is_lost = shown.is_zero() && !exact.is_zero();
    is_lost
        .then(|| if exact.is_sign_negative() { format!(">-{least}") } else { format!("<{least}") })
}

/// A decimal rounded to so many places, half to even, and written with all of them.
///
/// `format!("{:.4}")` of a decimal fails where its digits and the places are more than 32 characters.
///
/// ```
/// use callmux_core::Decimal;
/// use callmux_table::to_places;
/// assert_eq!(to_places("12.34567".parse()?, 4), "12.3457");
/// assert_eq!(to_places("100".parse()?, 2), "100.00");
/// assert_eq!(to_places(Decimal::MAX, 4), "79228162514264337593543950335.0000");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_places(amount: Decimal, places: u32) -> String {
    let mut text = amount.round_dp(places).to_string();
    let written = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let missing = (places as usize).saturating_sub(written);
    if written == 0 && missing > 0 {
        text.push('.');
    }
    text.extend(std::iter::repeat_n('0', missing));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_figure_for_people_never_pretends() {
        for (exact, shown) in [
            ("12.34567", "12.3457"),
            ("100", "100.0000"),
            ("0", "0.0000"),
            ("-0", "0.0000"),
            ("0.00004", "<0.0001"),
            ("-0.00004", ">-0.0001"),
            ("-0.0038", "-0.0038"),
            ("1000000000000000000000000000", "1000000000000000000000000000.0000"),
            ("-79228162514264337593543950335", "-79228162514264337593543950335.0000"),
        ] {
            assert_eq!(amount(decimal(exact)), shown);
        }
        for (part, shown) in [
            ("1", "100.0"),
            ("0.999888", "99.9"),
            ("0.5", "50.0"),
            ("0", "0.0"),
            ("0.0001", "<0.1"),
            ("-0.0001", ">-0.1"),
            ("-1000000000000000000000000000.5", "-79228162514264337593543950335.0"),
        ] {
            assert_eq!(percent(decimal(part)), shown);
        }
        assert_eq!(minutes(Duration::MAX).split('.').count(), 2);
    }

    #[test]
    fn every_decimal_can_be_written_to_any_places() {
        for (amount, places, text) in [
            ("0", 0, "0"),
            ("0", 4, "0.0000"),
            ("-0.5", 4, "-0.5000"),
            ("0.12345", 4, "0.1234"),
            ("0.12355", 4, "0.1236"),
            ("2.500", 0, "2"),
            ("1000000000000000000000000000", 4, "1000000000000000000000000000.0000"),
            ("-79228162514264337593543950335", 4, "-79228162514264337593543950335.0000"),
            ("0.0000000000000000000000000001", 28, "0.0000000000000000000000000001"),
        ] {
            assert_eq!(to_places(amount.parse().unwrap(), places), text, "{amount} to {places}");
        }
    }
}
