//! How far a figure may be off: resampled from what was drawn, with a fixed seed.
//!
//! Floats are at home here, since an interval is a statistic. No amount is made of them.

#![allow(clippy::float_arithmetic, reason = "intervals are statistics, not amounts")]

use std::time::Duration;

use callmux_core::Decimal;

/// How many times a side is resampled.
pub(crate) const RESAMPLES: usize = 2000;

/// Into how many blocks the calls of a side are put, by a hash of what they have in common. A resample draws as many blocks, with
/// replacement.
pub(crate) const BLOCKS: u64 = 200;

/// Of how many resamples at least a figure must be known, for its interval to be.
const KNOWN: usize = RESAMPLES * 95 / 100;

/// A random sequence that is the same on every machine and in every version: `SplitMix64`.
pub(crate) struct Sequence(u64);

impl Sequence {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// How often each block was drawn in one resample.
    pub(crate) fn draw(&mut self) -> Vec<f64> {
        let mut times = vec![0.0; BLOCKS as usize];
        for _ in 0..BLOCKS {
            let block = (self.next() % BLOCKS) as usize;
            if let Some(times) = times.get_mut(block) {
                *times += 1.0;
            }
        }
        times
    }
}

/// What each resample gave; none where a bucket of lengths was empty in it.
pub(crate) type Resamples = Vec<Option<f64>>;

/// A side's calls of one bucket and block.
pub(crate) struct Block {
    index: usize,
    total: f64,
    minutes: f64,
}

impl Block {
    pub(crate) fn new(index: u64, total: Decimal, talk: Duration) -> Self {
        Self { index: index as usize, total: float(total), minutes: talk.as_secs_f64() / 60.0 }
    }
}

/// A side's calls, by bucket with its weight, and by block.
pub(crate) struct Table(Vec<(f64, Vec<Block>)>);

impl Table {
    pub(crate) fn new(buckets: impl Iterator<Item = (Decimal, Vec<Block>)>) -> Self {
        Self(buckets.map(|(weight, blocks)| (float(weight), blocks)).collect())
    }

    /// The cost per minute by the mix, of one resample; `None` where it has no minute in a bucket.
    pub(crate) fn rate(&self, draw: &[f64]) -> Option<f64> {
        let of_bucket = |(weight, blocks): &(f64, Vec<Block>)| {
            let (mut total, mut minutes) = (0.0, 0.0);
            for block in blocks {
                let times = draw.get(block.index).copied().unwrap_or_default();
                total += times * block.total;
                minutes += times * block.minutes;
            }
            (minutes > 0.0).then(|| weight * total / minutes)
        };
        self.0.iter().map(of_bucket).sum()
    }
}

/// The range that 95 in 100 of the resamples are within; for each of several ranges that are to hold together, one that is so much
/// wider (Bonferroni). `None` where too many resamples gave nothing.
pub(crate) fn interval(resamples: &[Option<f64>], together: usize) -> Option<[Decimal; 2]> {
    let mut known: Vec<f64> = resamples.iter().flatten().copied().collect();
    if known.len() < KNOWN {
        return None;
    }
    known.sort_by(f64::total_cmp);
    let outside = known.len() * 25 / (1000 * together.max(1));
    let at = |index: usize| {
        let text = format!("{:.6}", known.get(index)?);
        Some(text.parse::<Decimal>().ok()?.normalize())
    };
    Some([at(outside)?, at(known.len() - 1 - outside)?])
}

/// The differences of two sides that were resampled apart.
pub(crate) fn differences(one: &[Option<f64>], other: &[Option<f64>]) -> Resamples {
    one.iter().zip(other).map(|(one, other)| Some((*one)? - (*other)?)).collect()
}

/// A decimal as a float, for resampling.
fn float(amount: Decimal) -> f64 {
    // A decimal's own text always reads as a float.
    amount.to_string().parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The first outputs of SplitMix64 from 1234567, as its reference implementation gives them.
        let mut sequence = Sequence::new(1_234_567);
        let first = [sequence.next(), sequence.next(), sequence.next()];
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn a_resample_draws_as_many_blocks_as_there_are() {
        let times = Sequence::new(1).draw();
        assert_eq!(times.iter().map(|times| *times as u64).sum::<u64>(), BLOCKS);
        assert!(times.iter().any(|times| *times < 1.0) && times.iter().any(|times| *times > 1.0));
    }

    #[test]
    fn an_interval_is_of_the_middle_95_in_100_or_none() {
        let resamples: Resamples = (0..2000).map(|index| Some(f64::from(index) / 1000.0)).collect();
        let shown = |interval: Option<[Decimal; 2]>| interval.unwrap().map(|end| end.to_string());
        assert_eq!(shown(interval(&resamples, 1)), ["0.05", "1.949"]);
        // Each of ten leaves a tenth as many outside.
        assert_eq!(shown(interval(&resamples, 10)), ["0.005", "1.994"]);
        assert_eq!(shown(interval(&resamples, 28)), ["0.001", "1.998"]);
        let mut some = resamples.clone();
        some[..101].fill(None);
        assert_eq!(interval(&some, 1), None);
        assert_eq!(interval(&[], 1), None);
        let none = differences(&resamples, &some);
        assert_eq!((none[0], none[101]), (None, Some(0.0)));
    }
}
