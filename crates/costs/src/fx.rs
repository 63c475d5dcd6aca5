//! Amounts converted at rates that the user gives.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use callmux_core::{Call, Currency, Decimal, Money, decimal_from_json};
use chrono::NaiveDate;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::exact;
use crate::grow::{amount, count};
use crate::zone::Zone;

/// The digits that a rate may have, so that its product with an amount of 18 digits is exact.
const DIGITS: u32 = 10;

/// What one unit of a currency is worth, from a day on: `EUR=1.08@2026-01-01`; without a day, ever since.
///
/// ```
/// use callmux_costs::Rate;
/// let rate: Rate = "EUR=1.08@2026-01-01".parse()?;
/// assert_eq!(rate.to_string(), "EUR=1.08@2026-01-01");
/// assert!("EUR=0".parse::<Rate>().is_err());
/// # Ok::<(), callmux_costs::InvalidRate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The currency that is converted.
    pub from: Currency,
    /// How many units of the other currency one unit of it is worth.
    pub rate: Decimal,
    /// The first day that the rate is for.
    pub since: Option<NaiveDate>,
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid =
            |why: &'static str| InvalidRate { text: text.chars().take(60).collect(), why };
        let (currency, rest) = text.split_once('=').ok_or_else(|| invalid("it has no ="))?;
        let (rate, since) = match rest.split_once('@') {
            Some((rate, day)) => (rate, Some(day)),
            None => (rest, None),
        };
        let from =
            currency.parse().map_err(|_| invalid("the currency is no code of three letters"))?;
        let rate =
            decimal_from_json(rate).map_err(|_| invalid("the rate is no number"))?.normalize();
        if rate <= Decimal::ZERO {
            return Err(invalid("the rate is not above 0"));
        }
        if rate.mantissa() >= 10i128.pow(DIGITS) || rate.scale() > DIGITS {
            return Err(invalid("the rate has more than ten digits"));
        }
        let day = |day: &str| NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d");
        let since = since.map(day).transpose().map_err(|_| invalid("the day is none"))?;
        Ok(Self { from, rate, since })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.from, self.rate)?;
        self.since.map_or(Ok(()), |since| write!(f, "@{since}"))
    }
}

/// A text that is not a [`Rate`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a rate: {why}; give EUR=1.08 or EUR=1.08@2026-01-01")]
pub struct InvalidRate {
    text: String,
    why: &'static str,
}

/// Converts what calls cost into one currency, and keeps account of it.
///
/// A call is converted at the latest rate of its currency that is dated on its day or before, by the exact product; nothing is
/// rounded. Where there is none, the call keeps its currency.
#[derive(Clone, Debug)]
pub struct Converter {
    to: Currency,
    zone: Zone,
    rates: BTreeMap<Currency, BTreeMap<Option<NaiveDate>, Account>>,
    unconverted: BTreeMap<Currency, (u64, Decimal)>,
}

/// A rate, and what was converted at it.
#[derive(Clone, Copy, Debug)]
struct Account {
    rate: Decimal,
    calls: u64,
    amount: Decimal,
}

/// What was converted, and at which rates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Conversion {
    /// The currency that amounts were converted to.
    pub to: Currency,
    /// Each rate, by currency and day.
    pub rates: Vec<ConversionRate>,
    /// What kept its currency for want of a rate.
    pub unconverted: Vec<Unconverted>,
}

/// A rate, and what was converted at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConversionRate {
    /// The currency that was converted.
    pub from: Currency,
    /// What one unit of it is worth.
    pub rate: Decimal,
    /// The first day that the rate is for; `None` for ever since.
    pub since: Option<NaiveDate>,
    /// How many calls were converted at it.
    pub calls: u64,
    /// Their totals, in the currency that they came in.
    pub amount: Decimal,
}

/// Calls that kept their currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unconverted {
    /// The currency.
    pub currency: Currency,
    /// How many calls.
    pub calls: u64,
    /// Their totals.
    pub amount: Decimal,
}

impl Converter {
    /// A converter to a currency at these rates. Days are those of the zone.
    ///
    /// # Errors
    /// [`Error::Rate`] for a rate that is not above 0, for one of the currency itself, and for two of one currency and day.
    pub fn new(to: Currency, rates: impl IntoIterator<Item = Rate>, zone: Zone) -> Result<Self> {
        let mut all: BTreeMap<Currency, BTreeMap<_, _>> = BTreeMap::new();
        for rate in rates {
            // The fields are public, so a rate need not have been read from a text.
            if rate.rate <= Decimal::ZERO {
                let why = "it is not above 0";
                return Err(Error::Rate { rate: rate.to_string(), why });
            }
            if rate.from == to {
                let why = "it converts the currency to itself";
                return Err(Error::Rate { rate: rate.to_string(), why });
            }
            let account = Account { rate: rate.rate, calls: 0, amount: Decimal::ZERO };
            if all.entry(rate.from).or_default().insert(rate.since, account).is_some() {
                let why = "there is another one for that currency and day";
                return Err(Error::Rate { rate: rate.to_string(), why });
            }
        }
        Ok(Self { to, zone, rates: all, unconverted: BTreeMap::new() })
    }

    /// The call with its known cost in the converter's currency, total and lines alike, as far as there are rates.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a product or the account of it cannot be held exactly.
    pub fn convert<'a>(&mut self, call: &'a Call) -> Result<Cow<'a, Call>> {
        let day = call.placed_at.map(|at| self.zone.local(at).date());
        let converted = self.converted(call, day)?;
        if let Some(total) = call.cost.known_total().filter(|total| total.currency != self.to) {
            self.keep_account(total, day)?;
        }
        Ok(converted)
    }

    fn converted<'a>(&self, call: &'a Call, day: Option<NaiveDate>) -> Result<Cow<'a, Call>> {
        let cost = &call.cost;
        let amounts = || cost.total.iter().chain(cost.lines.iter().map(|line| &line.amount));
        if amounts().all(|money| self.rate(money.currency, day).is_none()) {
            return Ok(Cow::Borrowed(call));
        }
        let convert = |money: &mut Money| {
            let Some(account) = self.rate(money.currency, day) else { return Ok(()) };
            let converted = exact::product(money.amount, account.rate).ok_or(Error::CONVERTED)?;
            *money = Money::new(converted, self.to);
            Ok::<_, Error>(())
        };
        let mut call = call.clone();
        call.cost.total.iter_mut().try_for_each(convert)?;
        call.cost.lines.iter_mut().map(|line| &mut line.amount).try_for_each(convert)?;
        Ok(Cow::Owned(call))
    }

    /// What was converted until now, and at which rates.
    #[must_use]
    pub fn conversion(&self) -> Conversion {
        let rates = self.rates.iter().flat_map(|(&from, accounts)| {
            accounts.iter().map(move |(&since, account)| ConversionRate {
                from,
                rate: account.rate,
                since,
                calls: account.calls,
                amount: account.amount.normalize(),
            })
        });
        let unconverted = self.unconverted.iter().map(|(&currency, &(calls, amount))| {
            Unconverted { currency, calls, amount: amount.normalize() }
        });
        Conversion { to: self.to, rates: rates.collect(), unconverted: unconverted.collect() }
    }

    /// The latest rate on a day; of a call without a time, only one that holds on every day.
    fn rate(&self, from: Currency, day: Option<NaiveDate>) -> Option<&Account> {
        let (_, account) = self.rates.get(&from)?.range(..=day).next_back()?;
        Some(account)
    }

    fn keep_account(&mut self, total: Money, day: Option<NaiveDate>) -> Result<()> {
        let held = self.rates.get_mut(&total.currency);
        match held.and_then(|rates| rates.range_mut(..=day).next_back()) {
            Some((_, account)) => {
                let calls = count(account.calls, 1)?;
                account.amount = amount(account.amount, total.amount)?;
                account.calls = calls;
            }
            None => {
                let (calls, sum) = self.unconverted.entry(total.currency).or_default();
                let more = count(*calls, 1)?;
                *sum = amount(*sum, total.amount)?;
                *calls = more;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callmux_core::{Component, Cost, CostLine};

    fn euros(day: Option<&str>, amount: &str) -> Call {
        let mut call = Call::new("example", "main", "1");
        call.placed_at = day.map(|day| format!("{day}T23:30:00Z").parse().unwrap());
        let money = |text: &str| Money::new(text.parse().unwrap(), Currency::EUR);
        call.cost = Cost::reported(money(amount));
        call.cost.lines.push(CostLine::new(Component::Llm, "llm", money("0.10")));
        call
    }

    fn converter(rates: &[&str]) -> Converter {
        let rates = rates.iter().map(|rate| rate.parse().unwrap());
        Converter::new(Currency::USD, rates, Zone::utc()).unwrap()
    }

    fn total(converter: &mut Converter, call: &Call) -> String {
        converter.convert(call).unwrap().cost.total.unwrap().to_string()
    }

    #[test]
    fn the_latest_rate_of_the_day_is_taken() {
        let mut converter = converter(&["EUR=1.1@2026-02-01", "EUR=1.08@2026-01-01"]);
        for (day, expected) in [
            (Some("2025-12-31"), "2 EUR"),
            (Some("2026-01-01"), "2.16 USD"),
            (Some("2026-01-31"), "2.16 USD"),
            (Some("2026-02-01"), "2.2 USD"),
            (None, "2 EUR"),
        ] {
            assert_eq!(total(&mut converter, &euros(day, "2")), expected, "{day:?}");
        }
        let conversion = serde_json::to_value(converter.conversion()).unwrap();
        let expected = serde_json::json!({
            "to": "USD",
            "rates": [
                {"from": "EUR", "rate": "1.08", "since": "2026-01-01", "calls": 2, "amount": "4"},
                {"from": "EUR", "rate": "1.1", "since": "2026-02-01", "calls": 1, "amount": "2"},
            ],
            "unconverted": [{"currency": "EUR", "calls": 2, "amount": "4"}],
        });
        assert_eq!(conversion, expected);
    }

    #[test]
    fn a_rate_without_a_day_holds_until_one_with_a_day_does() {
        let mut converter = converter(&["EUR=1.0", "EUR=1.5@2026-01-01"]);
        assert_eq!(total(&mut converter, &euros(Some("2025-12-31"), "2")), "2 USD");
        assert_eq!(total(&mut converter, &euros(Some("2026-01-01"), "2")), "3 USD");
        assert_eq!(total(&mut converter, &euros(None, "2")), "2 USD");
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let tokyo = chrono::FixedOffset::east_opt(9 * 3600).unwrap();
        let zone = Zone::new("+09:00", move |at| at.with_timezone(&tokyo).naive_local());
        let rates = ["EUR=2@2026-01-02".parse().unwrap()];
        let mut converter = Converter::new(Currency::USD, rates, zone).unwrap();
        assert_eq!(total(&mut converter, &euros(Some("2026-01-01"), "2")), "4 USD");
    }

    #[test]
    fn lines_are_converted_with_their_total_and_no_digit_is_lost() {
        let mut converter = converter(&["EUR=1.23456789"]);
        let call = euros(None, "0.014204399999999999");
        let converted = converter.convert(&call).unwrap();
        assert_eq!(converted.cost.total.unwrap().to_string(), "0.01753629613671599876543211 USD");
        assert_eq!(converted.cost.lines[0].amount.to_string(), "0.123456789 USD");
        assert_eq!(
            converted.cost.unattributed().unwrap().to_string(),
            "-0.10592049286328400123456789 USD"
        );
        let mut dear = call.clone();
        dear.cost = Cost::reported(Money::new(Decimal::MAX, Currency::EUR));
        assert_eq!(converter.convert(&dear).unwrap_err(), Error::CONVERTED);
    }

    #[test]
    fn what_is_in_the_currency_already_is_left_alone() {
        let mut converter = converter(&["EUR=2"]);
        let mut call = euros(None, "1");
        call.cost = Cost::reported(Money::usd(Decimal::ONE));
        assert!(matches!(converter.convert(&call).unwrap(), Cow::Borrowed(_)));
        assert_eq!(converter.conversion().rates[0].calls, 0);
        // A cost that is not known is none of the calls that are accounted for.
        call.cost = Cost::pending();
        call.cost.total = Some(Money::new(Decimal::ONE, Currency::EUR));
        converter.convert(&call).unwrap();
        assert_eq!(converter.conversion().rates[0].calls, 0);
    }

    #[test]
    fn a_rate_that_is_none_is_refused_with_the_reason() {
        for (text, why) in [
            ("EUR", "no ="),
            ("EURO=1", "three letters"),
            ("EUR=one", "no number"),
            ("EUR=0", "not above 0"),
            ("EUR=-1", "not above 0"),
            ("EUR=1.23456789012", "ten digits"),
            ("EUR=0.00000000001", "ten digits"),
            ("EUR=1@2026-02-30", "the day"),
            ("EUR=1@", "the day"),
        ] {
            let refused = text.parse::<Rate>().unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
        for (rates, why) in [
            (["USD=1", "EUR=1"], "USD=1: it converts the currency to itself"),
            (["EUR=1@2026-01-01", "EUR=2@2026-01-01"], "another one"),
        ] {
            let rates = rates.map(|rate| rate.parse().unwrap());
            let refused = Converter::new(Currency::USD, rates, Zone::utc()).unwrap_err();
            assert!(refused.to_string().contains(why), "{refused}");
        }
    }
}
