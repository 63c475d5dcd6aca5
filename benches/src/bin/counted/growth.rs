//! How the cost of a call grows with the number of calls, and of accounts. It depends on no record.

use crate::path::{FEW, Path};

/// How far the cost of a call among many may be from its cost among few.
const LISTING_TOLERANCE: f64 = 0.10;

/// How much more a call may cost for being merged from 100 accounts instead of 1 than from 10 instead of 1. What it costs
/// anyway is taken off both, so that it hides nothing. A cost by the logarithm of the number gives 2, one by the number itself
/// gives 99 / 9 = 11. Three leaves room for whole comparisons (7 for 4, where a tree is that deep) and for larger tables, and
/// none for a search through all.
const MOST_MERGE_GROWTH: f64 = 3.0;

/// What grows, by how much, and between which bounds that is good.
pub(crate) struct Growth {
    pub(crate) what: String,
    pub(crate) factor: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Growth {
    pub(crate) fn is_good(&self) -> bool {
        (self.least..=self.most).contains(&self.factor)
    }

    /// Judges what was counted; `count` knows the instructions of each path.
    pub(crate) fn all(count: impl Fn(Path) -> Option<f64>) -> Vec<Self> {
        let listings = Path::growing().into_iter().filter_map(|[few, many]| {
            Some(Self {
                what: format!("{many} beside {FEW}"),
                factor: count(many)? / count(few)?,
                least: 1.0 - LISTING_TOLERANCE,
                most: 1.0 + LISTING_TOLERANCE,
            })
        });
        let merge = |accounts| count(Path::Merge { accounts });
        let merging = merge(1).zip(merge(10)).zip(merge(100)).map(|((one, ten), hundred)| Self {
            what: "merge/100 beside merge/10, merge/1 taken off both".to_owned(),
            factor: (hundred - one) / (ten - one),
            least: 0.0,
            most: MOST_MERGE_GROWTH,
        });
        listings.chain(merging).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merging(cost: impl Fn(f64) -> f64) -> bool {
        let count = |path| match path {
            Path::Merge { accounts } => Some(cost(accounts as f64)),
            _ => None,
        };
        let all = Growth::all(count);
        assert_eq!(all.len(), 1);
        all.iter().all(Growth::is_good)
    }

    #[test]
    fn merging_may_cost_by_the_logarithm_and_not_by_the_number() {
        assert!(merging(|accounts| 5_000.0 + 60.0 * accounts.log2()));
        assert!(!merging(|accounts| 5_000.0 + 3.0 * accounts));
    }

    #[test]
    fn a_listing_may_not_cost_more_among_many() {
        let judged = |many_more: f64| {
            let count = |path| match path {
                Path::List { calls, .. } if calls == crate::path::MANY => Some(many_more),
                _ => Some(100.0),
            };
            let all = Growth::all(count);
            all.iter().filter(|growth| growth.what.contains("list")).all(Growth::is_good)
        };
        assert!(judged(109.0));
        assert!(!judged(111.0));
        assert!(!judged(89.0));
    }
}
