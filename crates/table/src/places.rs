//! Amounts as people read them.

use callmux_core::Decimal;

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
