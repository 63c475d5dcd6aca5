//! What a minute costs, weighted to one mix of lengths.

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Component, Decimal};

use super::bootstrap::{BLOCKS, Block, Resamples, Table};
use super::side::{Ledger, Sum};
use crate::error::{Error, Result};
use crate::exact;
use crate::grow::Grow as _;

/// The common mix: of each bucket that counts, its talk time over all sides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mix {
    pub(crate) buckets: BTreeMap<usize, Duration>,
    pub(crate) whole: Duration,
}

impl Mix {
    pub(crate) fn add(&mut self, bucket: usize, talk: Duration) -> Result<()> {
        self.buckets.entry(bucket).or_default().plus(&talk)?;
        self.whole.plus(&talk)
    }

    /// A bucket's share of the mix, between 0 and 1.
    pub(crate) fn weight(&self, bucket: usize) -> Option<Decimal> {
        let talk = exact::seconds(*self.buckets.get(&bucket)?)?;
        talk.checked_div(exact::seconds(self.whole)?)
    }

    /// The sum over buckets of a side's cost per minute, each by its weight; `None` where the side has no minute in one of them.
    /// It is not rounded yet.
    pub(crate) fn rate(&self, sums: &BTreeMap<usize, Sum>) -> Result<Option<Decimal>> {
        let mut rate = Decimal::ZERO;
        for &bucket in self.buckets.keys() {
            let Some(sum) = sums.get(&bucket).filter(|sum| !sum.talk.is_zero()) else {
                return Ok(None);
            };
            let weighted = || {
                let per_minute = exact::unrounded_per_minute(sum.total, sum.talk)?;
                rate.checked_add(per_minute.checked_mul(self.weight(bucket)?)?)
            };
            rate = weighted().ok_or(Error::AMOUNTS)?;
        }
        Ok((!self.buckets.is_empty()).then_some(rate))
    }

    /// The same of each resample of a side: of its totals, or of the sum of some components' rates.
    pub(crate) fn resample(
        &self,
        ledger: &Ledger,
        components: Option<&[Component]>,
        draws: &[Vec<f64>],
    ) -> Resamples {
        let tables: Vec<Table> = match components {
            None => vec![self.table(ledger, None)],
            Some(components) => {
                components.iter().map(|&component| self.table(ledger, Some(component))).collect()
            }
        };
        let resample = |draw: &Vec<f64>| tables.iter().map(|table| table.rate(draw)).sum();
        draws.iter().map(resample).collect()
    }

    fn table(&self, ledger: &Ledger, component: Option<Component>) -> Table {
        let buckets = self.buckets.keys().map(|&bucket| {
            let blocks = (0..BLOCKS).filter_map(|block| {
                let sum = ledger.cells.get((bucket, block))?.sum_of(component)?;
                Some(Block::new(block, sum.total, sum.talk))
            });
            (self.weight(bucket).unwrap_or_default(), blocks.collect())
        });
        Table::new(buckets)
    }
}
