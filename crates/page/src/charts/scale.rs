//! From amounts to places.

use callmux_core::Decimal;
use callmux_table::to_places;

use crate::text;

/// How many marks an axis has at most.
const MOST: usize = 20;

/// An axis over a range of amounts, 0 included, with marks at round ones.
pub(crate) struct Scale {
    low: Decimal,
    high: Decimal,
    ticks: Vec<Decimal>,
    places: u32,
}

impl Scale {
    /// An axis that has room for these values, with about so many marks.
    pub(crate) fn around(values: impl Iterator<Item = Decimal>, marks: u32) -> Self {
        let (low, high) = values.fold((Decimal::ZERO, Decimal::ZERO), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let high = if low == high { Decimal::ONE } else { high };
        let bare = Self { low, high, ticks: vec![Decimal::ZERO], places: 0 };
        bare.marked(marks).unwrap_or(bare)
    }

    /// The same with its ends at round amounts; `None` where those cannot be held.
    fn marked(&self, marks: u32) -> Option<Self> {
        let marks = Decimal::from(marks.max(2));
        let rough = self.high.checked_div(marks)?.checked_sub(self.low.checked_div(marks)?)?;
        let step = round_step(rough)?;
        let low = self.low.checked_div(step)?.floor().checked_mul(step)?;
        let high = self.high.checked_div(step)?.ceil().checked_mul(step)?;
        let mut ticks = vec![low];
        while let Some(next) = ticks.last()?.checked_add(step) {
            if next > high || ticks.len() >= MOST {
                break;
            }
            ticks.push(next);
        }
        Some(Self { low, high, ticks, places: step.normalize().scale() })
    }

    /// Where an amount is between the ends: 0 at the lower, 1 at the upper one.
    pub(crate) fn part(&self, amount: Decimal) -> f64 {
        let (low, high) = (float(self.low), float(self.high));
        let part = (float(amount) - low) / (high - low);
        if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The round amounts, with how they are written.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = (Decimal, String)> {
        self.ticks.iter().map(|&tick| (tick, text::grouped(&to_places(tick, self.places))))
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not below this.
fn round_step(least: Decimal) -> Option<Decimal> {
    let mut power = Decimal::new(1, 12);
    loop {
        for digit in [1, 2, 5] {
            let step = power.checked_mul(Decimal::from(digit))?;
            if step >= least {
                return Some(step.normalize());
            }
        }
        power = power.checked_mul(Decimal::TEN)?;
    }
}

/// A decimal as a place in a chart.
pub(crate) fn float(amount: Decimal) -> f64 {
    // A decimal's own text always reads as a float.
    amount.to_string().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[&str]) -> Vec<String> {
        let values = values.iter().map(|value| value.parse().unwrap());
        Scale::around(values, 4).ticks().map(|(_, text)| text).collect()
    }

    #[test]
    fn marks_are_round_and_include_zero() {
        assert_eq!(ticks(&["0.37"]), ["0.0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(ticks(&["3", "-0.5"]), ["-1", "0", "1", "2", "3"]);
        assert_eq!(ticks(&["5500"]), ["0", "2\u{202f}000", "4\u{202f}000", "6\u{202f}000"]);
        assert_eq!(ticks(&[]), ["0.0", "0.5", "1.0"]);
    }

    #[test]
    fn the_largest_amounts_have_a_place() {
        let scale = Scale::around([Decimal::MAX, Decimal::MIN].into_iter(), 4);
        assert!((scale.part(Decimal::ZERO) - 0.5).abs() < 1e-9);
        let one = Scale::around([Decimal::from(4)].into_iter(), 4);
        assert!((one.part(Decimal::ONE) - 0.25).abs() < 1e-9);
    }
}
