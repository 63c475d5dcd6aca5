//! Exact money: decimals read from the vendor's own digits, a currency on every amount.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A currency: three upper-case letters, as ISO 4217 writes them.
///
/// The letters are not checked against the list of currencies in force: a vendor that starts to bill in one that is
/// newer than this crate must not lose its amounts.
///
/// ```
/// use callmux_core::Currency;
/// assert_eq!("usd".parse::<Currency>(), Ok(Currency::USD));
/// assert!("dollars".parse::<Currency>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The constructor admits ASCII letters only, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

/// A text that is not a currency code.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0:?} is not a currency code: three letters, as in USD (ISO 4217)")]
pub struct InvalidCurrency(String);

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = <[u8; 3]>::try_from(text.trim().as_bytes())
            .ok()
            .filter(|code| code.iter().all(u8::is_ascii_alphabetic))
            .ok_or_else(|| InvalidCurrency(text.chars().take(20).collect()))?;
        Ok(Self(code.map(|letter| letter.to_ascii_uppercase())))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Currency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
}

/// An amount in a currency. Spending is positive.
///
/// There is no `Add`: amounts of two currencies cannot be added, so addition is [`Money::checked_add`], and sums over
/// calls are [`Totals`], one amount a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Money {
    /// How much, exactly; JSON writes it as a string.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

/// Two amounts that could not be added: their currencies differ, or the sum has no room.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CurrencyMismatch {
    /// The currencies differ.
    #[error("cannot add {1} to {0}: amounts of different currencies are never mixed")]
    Currencies(Currency, Currency),
    /// The sum exceeds what an exact decimal of 28 digits can hold.
    #[error("the sum does not fit an exact decimal of 28 digits")]
    Overflow,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// An amount of United States dollars.
    #[must_use]
    pub const fn usd(amount: Decimal) -> Self {
        Self::new(amount, Currency::USD)
    }

    /// The sum, if both amounts are of one currency and the sum fits.
    ///
    /// # Errors
    /// [`CurrencyMismatch`] says which of the two did not hold.
    pub fn checked_add(self, other: Self) -> Result<Self, CurrencyMismatch> {
        if self.currency != other.currency {
            return Err(CurrencyMismatch::Currencies(self.currency, other.currency));
        }
        let amount = add_exactly(self.amount, other.amount).ok_or(CurrencyMismatch::Overflow)?;
        Ok(Self { amount, ..self })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.amount, self.currency))
    }
}

/// A vendor's own unit of account. Credits are not money and are never added to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Credits {
    /// How many, exactly.
    pub amount: Decimal,
    /// The vendor's name for the unit.
    pub unit: String,
}

/// Sums, one a currency, in the order of the currencies' codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals(BTreeMap<Currency, Decimal>);

impl Totals {
    /// Adds an amount to the sum of its currency.
    ///
    /// # Errors
    /// [`CurrencyMismatch::Overflow`] when the sum no longer fits; the sum is left as it was.
    pub fn add(&mut self, money: Money) -> Result<(), CurrencyMismatch> {
        let sum = self.0.entry(money.currency).or_default();
        *sum = add_exactly(*sum, money.amount).ok_or(CurrencyMismatch::Overflow)?;
        Ok(())
    }

    /// Adds every sum of another.
    ///
    /// # Errors
    /// As [`Totals::add`].
    pub fn merge(&mut self, other: &Self) -> Result<(), CurrencyMismatch> {
        other.iter().try_for_each(|money| self.add(money))
    }

    /// The sums.
    pub fn iter(&self) -> impl Iterator<Item = Money> {
        self.0.iter().map(|(&currency, &amount)| Money { amount, currency })
    }

    /// The sum of one currency; `None` where nothing of it was added.
    #[must_use]
    pub fn get(&self, currency: Currency) -> Option<Money> {
        self.0.get(&currency).map(|&amount| Money { amount, currency })
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The sum, if it can be held exactly.
///
/// `Decimal::checked_add` rounds a sum that needs more than 28 digits; it then has fewer decimal places than the amounts
/// have, which is how that is noticed.
#[must_use]
pub fn add_exactly(left: Decimal, right: Decimal) -> Option<Decimal> {
    let sum = left.checked_add(right)?;
    let exact = sum.scale() >= left.scale().max(right.scale())
        || sum.scale() >= left.normalize().scale().max(right.normalize().scale());
    exact.then_some(sum)
}

/// Why a JSON number could not be held exactly.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DecimalError {
    /// The text is not a number.
    #[error("not a number")]
    NotANumber,
    /// The number needs more than 28 digits, or is too large.
    #[error("a number of more than 28 digits, which cannot be held exactly")]
    Inexact,
}

/// Reads a decimal from the text of a JSON number or from a decimal string, to the last digit.
///
/// Exponents are understood. A number that needs more than the 28 digits of [`Decimal`] is an error, never rounded.
///
/// ```
/// use callmux_core::{decimal_from_json, DecimalError};
/// assert_eq!(decimal_from_json("0.014204399999999999").unwrap().to_string(), "0.014204399999999999");
/// assert_eq!(decimal_from_json("4.2e-7").unwrap().to_string(), "0.00000042");
/// assert_eq!(decimal_from_json("0.08000000").unwrap().to_string(), "0.08000000");
/// assert_eq!(decimal_from_json("1e400"), Err(DecimalError::Inexact));
/// ```
///
/// # Errors
/// [`DecimalError`]: not a number, or not held exactly.
pub fn decimal_from_json(text: &str) -> Result<Decimal, DecimalError> {
    let text = text.trim();
    if let Some(short) = short_decimal(text) {
        return Ok(short);
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        None => (text, 0),
        Some(at) => {
            let (mantissa, exponent) = text.split_at(at);
            let exponent = exponent.get(1..).unwrap_or_default();
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(DecimalError::NotANumber);
            }
            (mantissa, exponent.parse::<i32>().map_err(|_| DecimalError::Inexact)?)
        }
    };
    let (negative, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let digits = Digits::of(unsigned)?;
    // The number is integer × 10^zeros × 10^-scale.
    let mut scale =
        i64::try_from(digits.after_point).map_err(|_| DecimalError::Inexact)? - i64::from(exponent);
    if digits.integer == 0 {
        let scale = u32::try_from(scale.clamp(0, MOST_DECIMALS)).unwrap_or(0);
        return Ok(Decimal::new(0, scale));
    }
    // Zeros at the end, beyond what a Decimal has room for, carry no information.
    let spare = scale.saturating_sub(MOST_DECIMALS).clamp(0, digits.zeros);
    scale -= spare;
    let mut zeros = digits.zeros - spare;
    if scale < -MOST_DECIMALS {
        return Err(DecimalError::Inexact);
    }
    if scale < 0 {
        zeros -= scale;
        scale = 0;
    }
    let power = u32::try_from(zeros).ok().and_then(|zeros| 10_i128.checked_pow(zeros));
    let integer = power.and_then(|power| digits.integer.checked_mul(power));
    let integer = integer.ok_or(DecimalError::Inexact)?;
    let integer = if negative { -integer } else { integer };
    let scale = u32::try_from(scale).map_err(|_| DecimalError::Inexact)?;
    Decimal::try_from_i128_with_scale(integer, scale).map_err(|_| DecimalError::Inexact)
}

/// A number of few digits and no exponent, as most amounts are.
fn short_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // A point and eighteen digits: any of them is an i64.
    if digits.len() > 19 {
        return None;
    }
    let (mut integer, mut count, mut point) = (0_i64, 0, None);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                integer = integer.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                count += 1;
            }
            b'.' if point.is_none() => point = Some(count),
            _ => return None,
        }
    }
    let scale = point.map_or(0, |point| count - point);
    let signed = if digits.len() < text.len() { -integer } else { integer };
    (count > 0).then(|| Decimal::new(signed, scale))
}

/// How many decimals a `Decimal` has room for.
const MOST_DECIMALS: i64 = Decimal::MAX_SCALE as i64;

/// The digits of a number without sign and exponent: integer × 10^zeros, a point before the last so many of them.
struct Digits {
    integer: i128,
    zeros: i64,
    after_point: usize,
}

impl Digits {
    fn of(text: &str) -> Result<Self, DecimalError> {
        let (mut integer, mut zeros, mut count) = (0_i128, 0_u32, 0);
        let mut point = None;
        let mut has_room = true;
        for byte in text.bytes() {
            match byte {
                b'0' => zeros += 1,
                b'1'..=b'9' => {
                    let power = 10_i128.checked_pow(zeros + 1);
                    let shifted = if integer == 0 {
                        Some(0)
                    } else {
                        power.and_then(|power| integer.checked_mul(power))
                    };
                    let longer =
                        shifted.and_then(|shifted| shifted.checked_add(i128::from(byte - b'0')));
                    has_room &= longer.is_some();
                    (integer, zeros) = (longer.unwrap_or(integer), 0);
                }
                b'.' if point.is_none() => {
                    point = Some(count);
                    continue;
                }
                _ => return Err(DecimalError::NotANumber),
            }
            count += 1;
        }
        if count == 0 {
            return Err(DecimalError::NotANumber);
        }
        if !has_room {
            return Err(DecimalError::Inexact);
        }
        let after_point = point.map_or(0, |point| count - point);
        Ok(Self { integer, zeros: zeros.into(), after_point })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dollars(text: &str) -> Money {
        Money::usd(decimal_from_json(text).unwrap())
    }

    fn amount(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn reads_every_form_a_vendor_writes() {
        for (text, expected) in [
            ("0", "0"),
            ("-0.0", "0.0"),
            ("1", "1"),
            ("100.0", "100.0"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("123456789.123456789", "123456789.123456789"),
            ("3.15e-05", "0.0000315"),
            ("1.0e-5", "0.000010"),
            ("1e+21", "1000000000000000000000"),
            ("1E2", "100"),
            (".5", "0.5"),
            ("-1.25", "-1.25"),
            ("0.0000000000000000000000000000000", "0.0000000000000000000000000000"),
        ] {
            assert_eq!(decimal_from_json(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_number_or_has_no_room() {
        for text in ["", "-", "e5", "1e", "1e+", "1e1.5", "0x10", "NaN", "1,5", "1.2.3", "--1", "."]
        {
            assert_eq!(decimal_from_json(text), Err(DecimalError::NotANumber), "{text:?}");
        }
        for text in ["1e29", "1e-29", "1e99999999999", "0.12345678901234567890123456789012"] {
            assert_eq!(decimal_from_json(text), Err(DecimalError::Inexact), "{text:?}");
        }
    }

    #[test]
    fn currencies_are_never_mixed() {
        let euros = Money::new(Decimal::ONE, Currency::EUR);
        assert!(dollars("1").checked_add(euros).is_err());
        let mut totals = Totals::default();
        totals.add(dollars("1.10")).unwrap();
        totals.add(euros).unwrap();
        totals.add(dollars("2.205")).unwrap();
        let sums: Vec<String> = totals.iter().map(|money| money.to_string()).collect();
        assert_eq!(sums, ["1 EUR", "3.305 USD"]);
    }

    #[test]
    fn a_sum_is_exact_or_refused() {
        let max = "79228162514264337593543950335";
        for (left, right, expected) in [
            ("0.1", "0.2", Some("0.3")),
            ("0.014204399999999999", "0.000000000000000001", Some("0.0142044")),
            ("1.0000000000000000000000000000", "100", Some("101")),
            ("0.000", "12345678901234567890123456789", Some("12345678901234567890123456789")),
            (max, "0", Some(max)),
            (max, "1", None),
            (max, "0.4", None),
            ("10000000000000000000000000000", "0.01", None),
            ("1000000000000", "0.00000000000000001", None),
            ("1000000000000", "0.0000000000000001", Some("1000000000000.0000000000000001")),
        ] {
            let expected = expected.map(amount);
            assert_eq!(add_exactly(amount(left), amount(right)), expected, "{left} + {right}");
            assert_eq!(add_exactly(amount(right), amount(left)), expected, "{right} + {left}");
        }
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error_and_changes_nothing() {
        let mut totals = Totals::default();
        totals.add(Money::usd(Decimal::MAX)).unwrap();
        assert_eq!(totals.add(Money::usd(Decimal::MAX)), Err(CurrencyMismatch::Overflow));
        assert_eq!(totals.get(Currency::USD), Some(Money::usd(Decimal::MAX)));
    }

    proptest! {
        #[test]
        fn a_decimals_own_text_reads_back_to_itself(mantissa in any::<i64>(), scale in 0u32..=28) {
            let decimal = Decimal::from_i128_with_scale(i128::from(mantissa), scale);
            let read = decimal_from_json(&decimal.to_string()).unwrap();
            prop_assert_eq!(read.to_string(), decimal.to_string());
        }

        #[test]
        fn an_exponent_only_moves_the_point(mantissa in -999_999_999i64..999_999_999, exponent in -15i32..=15) {
            let read = decimal_from_json(&format!("{mantissa}e{exponent}")).unwrap();
            let power = Decimal::from_i128_with_scale(10i128.pow(exponent.unsigned_abs()), 0);
            let expected = if exponent < 0 {
                Decimal::from(mantissa) / power
            } else {
                Decimal::from(mantissa) * power
            };
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn a_short_number_is_read_as_a_long_one_is(text in "-?[0-9.]{0,21}") {
            // An exponent of zero changes nothing, and takes the longer way.
            prop_assert_eq!(decimal_from_json(&text), decimal_from_json(&format!("{text}e0")));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = decimal_from_json(&text);
        }
    }
}
