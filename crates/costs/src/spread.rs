//! How amounts are spread: their quantiles, in bounded memory.

use callmux_core::Decimal;

use crate::few::Few;
use crate::many::Many;

/// How many different amounts the spreads of a report may hold between them before all of them become rough.
const EXACT: usize = 65_536;

/// How finely a rough spread tells amounts apart: each doubling is cut in so many steps.
const STEPS: u128 = 64;

/// Amounts, each with how often it was met.
///
/// It is exact at first. A rough one puts amounts together that differ by less than 1 part in 64 (or by less than a billionth) and
/// keeps the least of them (and the largest of all), so that a quantile is an amount that was met, and at most so much below the exact one. Either way
/// neither the order of amounts nor how they were put together matters.
#[derive(Clone, Debug)]
pub(crate) enum Spread {
    Exact(Many<Decimal, u64>),
    Rough { steps: Few<i32, (Decimal, u64)>, most: Option<Decimal> },
}

impl Default for Spread {
    fn default() -> Self {
        Self::Exact(Many::default())
    }
}

impl Spread {
    /// Adds an amount to a spread that is as precise as its report, and says how many more are told apart.
    pub(crate) fn note(&mut self, amount: Decimal, precision: Precision) -> usize {
        if !precision.is_exact() {
            self.roughen();
        }
        usize::from(self.insert(amount, 1))
    }

    /// Adds amounts to a spread that is as precise as its report, and says how many more are told apart.
    pub(crate) fn take(&mut self, other: &Self, precision: Precision) -> usize {
        if !precision.is_exact() {
            self.roughen();
        }
        self.absorb(other)
    }

    /// Adds amounts, and says how many more are told apart.
    fn absorb(&mut self, other: &Self) -> usize {
        if !other.is_exact() {
            self.roughen();
        }
        let mut more = 0;
        for (amount, times) in other.amounts() {
            more += usize::from(self.insert(amount, times));
        }
        if let (Self::Rough { most, .. }, Some([_, highest])) = (self, other.ends()) {
            *most = Some(most.map_or(highest, |most| most.max(highest)));
        }
        more
    }

    /// Adds an amount that was met so many times, at least once, and says whether it is told apart from those that are here.
    pub(crate) fn insert(&mut self, amount: Decimal, times: u64) -> bool {
        let add = |count: &mut u64| {
            *count += times;
            *count == times
        };
        match self {
            Self::Exact(amounts) => amounts.update(amount, add),
            Self::Rough { steps, most } => {
                *most = Some(most.map_or(amount, |most| most.max(amount)));
                steps.update(step(amount), |(least, count)| {
                    let is_new = add(count);
                    *least = if is_new { amount } else { amount.min(*least) };
                    is_new
                })
            }
        }
    }

    pub(crate) fn roughen(&mut self) {
        if let Self::Exact(amounts) = self {
            let exact = std::mem::take(amounts);
            *self = Self::Rough { steps: Few::default(), most: None };
            for (amount, &times) in exact.iter() {
                self.insert(amount, times);
            }
        }
    }

    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }

    pub(crate) fn count(&self) -> u64 {
        self.amounts().map(|(_, times)| times).sum()
    }

    /// The least and the largest amount, always exact.
    pub(crate) fn ends(&self) -> Option<[Decimal; 2]> {
        let (least, _) = self.amounts().next()?;
        let most = match self {
            Self::Exact(amounts) => amounts.iter().next_back().map(|(most, _)| most),
            Self::Rough { most, .. } => *most,
        };
        Some([least, most?])
    }

    /// The least amount that at least `part` in `whole` of all are not above: the nearest rank.
    pub(crate) fn quantile(&self, part: u64, whole: u64) -> Option<Decimal> {
        let rank = (u128::from(self.count()) * u128::from(part)).div_ceil(u128::from(whole)).max(1);
        let mut met = 0;
        self.amounts().find_map(|(amount, times)| {
            met += u128::from(times);
            (met >= rank).then_some(amount)
        })
    }

    /// Amounts in ascending order, each with how often it was met.
    pub(crate) fn amounts(&self) -> impl Iterator<Item = (Decimal, u64)> {
        let (exact, rough) = match self {
            Self::Exact(amounts) => (Some(amounts.iter()), None),
            Self::Rough { steps, .. } => (None, Some(steps.iter())),
        };
        let exact = exact.into_iter().flatten().map(|(amount, &times)| (amount, times));
        exact.chain(rough.into_iter().flatten().map(|(_, &met)| met))
    }
}

/// The place of an amount among those that a rough spread tells apart. It rises with the amount.
fn step(amount: Decimal) -> i32 {
    // In billionths. No decimal is too large: it has 96 bits, and 30 more are enough.
    let (mantissa, scale) = (amount.mantissa(), amount.scale());
    let billionths = match scale {
        0..=9 => mantissa * 10i128.pow(9 - scale),
        _ => mantissa.div_euclid(10i128.pow(scale - 9)),
    };
    let size = billionths.unsigned_abs();
    let bits = 128 - size.leading_zeros();
    let shift = bits.saturating_sub(STEPS.ilog2() + 1);
    // At most 2 × 64 for the leading bits, and 64 for each of 128 doublings.
    let place = i32::try_from(u128::from(shift) * STEPS + (size >> shift)).unwrap_or(i32::MAX);
    if billionths < 0 { -place } else { place }
}

/// Whether the spreads of a report may still be exact.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Precision {
    /// How many different amounts the groups tell apart between them.
    in_groups: usize,
    /// How many all calls together do: each of these is in a group as well, unless calls are divided among groups.
    overall: usize,
}

impl Precision {
    /// Takes note that so many more amounts are told apart, in groups and overall; true when that makes all spreads rough.
    pub(crate) fn note(&mut self, in_groups: usize, overall: usize) -> bool {
        let was_exact = self.is_exact();
        self.in_groups = self.in_groups.saturating_add(in_groups);
        self.overall = self.overall.saturating_add(overall);
        was_exact && !self.is_exact()
    }

    /// That of two that are put together, before their common amounts are counted: mine, unless theirs is rough.
    pub(crate) fn with(self, other: Self) -> Self {
        if other.is_exact() { self } else { other }
    }

    pub(crate) fn is_exact(self) -> bool {
        self.in_groups.max(self.overall) <= EXACT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spread(amounts: &[Decimal]) -> Spread {
        let mut spread = Spread::default();
        for &amount in amounts {
            spread.insert(amount, 1);
        }
        spread
    }

    /// The nearest rank, by sorting.
    fn sorted(amounts: &[Decimal], part: usize, whole: usize) -> Decimal {
        let mut amounts = amounts.to_vec();
        amounts.sort();
        amounts[(amounts.len() * part).div_ceil(whole).max(1) - 1]
    }

    fn amounts() -> impl Strategy<Value = Vec<Decimal>> {
        let amount = (-1_000_000i64..100_000_000, 0u32..12)
            .prop_map(|(digits, scale)| Decimal::from_i128_with_scale(digits.into(), scale));
        prop::collection::vec(amount, 1..200)
    }

    #[test]
    fn the_largest_decimals_have_a_step() {
        let least = Decimal::from_i128_with_scale(1, 28);
        let ascending =
            [Decimal::MIN, -Decimal::ONE, -least, Decimal::ZERO, Decimal::ONE, Decimal::MAX];
        let steps = ascending.map(step);
        assert!(
            steps.windows(2).all(|pair| pair[0] < pair[1] || pair == [-1, 0] || pair == [0, 0]),
            "{steps:?}"
        );
    }

    #[test]
    fn an_even_count_has_the_lower_of_its_two_middles() {
        let of = |text: &str| text.parse::<Decimal>().unwrap();
        let four = spread(&[of("4"), of("1"), of("3"), of("2")]);
        assert_eq!(four.quantile(1, 2), Some(of("2")));
        assert_eq!(four.quantile(95, 100), Some(of("4")));
        assert_eq!(Spread::default().quantile(1, 2), None);
    }

    proptest! {
        #[test]
        fn an_exact_quantile_is_that_of_the_sorted_amounts(amounts in amounts()) {
            for (part, whole) in [(1, 4), (1, 2), (3, 4), (95, 100), (1, 1)] {
                let expected = sorted(&amounts, part, whole);
                prop_assert_eq!(spread(&amounts).quantile(part as u64, whole as u64), Some(expected));
            }
        }

        #[test]
        fn a_rough_quantile_was_met_and_is_at_most_a_64th_below(amounts in amounts()) {
            let mut rough = spread(&amounts);
            rough.roughen();
            prop_assert_eq!(rough.count(), amounts.len() as u64);
            for (part, whole) in [(1, 4), (1, 2), (95, 100)] {
                let exact = sorted(&amounts, part, whole);
                let shown = rough.quantile(part as u64, whole as u64).unwrap();
                prop_assert!(amounts.contains(&shown));
                let room = exact.abs() / Decimal::from(64) + Decimal::new(1, 9);
                prop_assert!(shown <= exact && exact - shown <= room, "{} for {}", shown, exact);
            }
        }

        #[test]
        fn it_does_not_matter_when_a_spread_became_rough(amounts in amounts(), cut in 0usize..200) {
            let (one, other) = amounts.split_at(cut.min(amounts.len()));
            let mut whole = spread(&amounts);
            whole.roughen();
            let mut first = spread(one);
            first.roughen();
            first.absorb(&spread(other));
            let mut second = spread(one);
            let mut late = spread(other);
            late.roughen();
            second.absorb(&late);
            let met = |spread: &Spread| spread.amounts().collect::<Vec<_>>();
            prop_assert_eq!(met(&whole), met(&first));
            prop_assert_eq!(met(&whole), met(&second));
        }
    }
}
