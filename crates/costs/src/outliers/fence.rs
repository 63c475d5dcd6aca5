//! Beyond which a call stands out.

use callmux_core::Decimal;

use super::measures::Measure;
use crate::exact;
use crate::spread::Spread;

/// How many calls a group needs to have a fence.
const CALLS: u64 = 20;

/// Where a group's fence stands.
pub(crate) struct Fence {
    pub(crate) median: Decimal,
    pub(crate) low: Option<Decimal>,
    pub(crate) high: Decimal,
}

impl Fence {
    /// The fence around values; `None` where they are too few, `Some(None)` where it cannot be held.
    pub(crate) fn around(spread: &Spread, measure: Measure) -> Option<Option<Self>> {
        if spread.count() < CALLS {
            return None;
        }
        let [lower, median, upper] =
            [(1, 4), (1, 2), (3, 4)].map(|(part, whole)| spread.quantile(part, whole));
        let (lower, median, upper) = (lower?, median?, upper?);
        let fence = Self::of(lower, median, upper);
        // Below nothing there is no call, unless prices are below it themselves.
        let [least, _] = spread.ends()?;
        let has_low = |low: Decimal| measure.is_two_sided() && low > least.min(Decimal::ZERO);
        Some(fence.map(|fence| Self { low: fence.low.filter(|low| has_low(*low)), ..fence }))
    }

    fn of(lower: Decimal, median: Decimal, upper: Decimal) -> Option<Self> {
        let half = Decimal::new(5, 1);
        let far = upper.checked_sub(lower)?.checked_mul(Decimal::from(3))?;
        let high = upper.checked_add(far.max(upper.checked_mul(half)?))?;
        let low = lower.checked_sub(far.max(lower.checked_mul(half)?))?;
        let shown = |value: Decimal| exact::rounded(value, exact::PLACES);
        Some(Self { median: median.normalize(), low: Some(shown(low)), high: shown(high) })
    }

    pub(crate) fn is_beyond(&self, value: Decimal) -> bool {
        value > self.high || self.low.is_some_and(|low| value < low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callmux_core::Currency;

    fn fence(values: impl IntoIterator<Item = i64>, measure: Measure) -> Option<Fence> {
        let mut spread = Spread::default();
        for value in values {
            spread.insert(Decimal::from(value), 1);
        }
        Fence::around(&spread, measure).map(Option::unwrap)
    }

    #[test]
    fn it_stands_three_times_the_quartiles_apart() {
        // Quartiles 25, 50, 75: 150 beyond them.
        let length = fence(1..=100, Measure::Length).unwrap();
        assert_eq!((length.median, length.low, length.high), (50.into(), None, 225.into()));
        // Quartiles 1025, 1075: half of the quartile is more than three times 50.
        let price = fence(1001..=1100, Measure::CostPerMinute(Currency::USD)).unwrap();
        assert_eq!((price.low, price.high), (Some(Decimal::new(5125, 1)), Decimal::new(16125, 1)));
        assert!(price.is_beyond(512.into()) && !price.is_beyond(513.into()));
        assert!(price.is_beyond(1613.into()) && !price.is_beyond(1612.into()));
    }

    #[test]
    fn few_calls_have_none() {
        assert!(fence(1..20, Measure::Length).is_none());
        assert!(fence(1..21, Measure::Length).is_some());
    }
}
