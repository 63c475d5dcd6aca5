//! Offsets: skip this many rows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Observed, Paging, Stalled, Step, fall, habitual_floor, older};

/// For a vendor that can only skip rows. Where it can also bound the time, [`TimeKeyset`](super::TimeKeyset) is the right choice:
/// a skip is only as stable as the vendor's order.
#[derive(Clone, Copy, Debug)]
pub struct Offset {
    /// The parameter of the number of rows to skip.
    pub skip: &'static str,
    /// The parameter of the page's size.
    pub limit: &'static str,
}

/// Where a walk by offset stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffsetPosition {
    skip: u64,
    oldest: Option<DateTime<Utc>>,
    total: Option<u64>,
}

impl Paging for Offset {
    type Position = OffsetPosition;

    fn first(&self) -> OffsetPosition {
        OffsetPosition::default()
    }

    fn page_size(&self, _: &OffsetPosition, wanted: u32, max: u32) -> u32 {
        wanted.clamp(1, max)
    }

    fn parameters(&self, at: &OffsetPosition, page_size: u32) -> Vec<(&'static str, String)> {
        vec![(self.skip, at.skip.to_string()), (self.limit, page_size.to_string())]
    }

    fn next(&self, at: &OffsetPosition, page: &Observed) -> Result<Step<OffsetPosition>, Stalled> {
        let reached = at.skip.saturating_add(u64::from(page.rows));
        let served = page.page_size.unwrap_or(page.asked);
        let is_last = page.rows == 0
            || match (page.has_more, page.total) {
                (Some(more), _) => !more,
                (None, Some(total)) => reached >= total,
                (None, None) => page.rows < served,
            };
        let finding = fall(at.total, page.total);
        if is_last {
            return Ok(Step::end().with(finding));
        }
        let next = OffsetPosition {
            skip: reached,
            oldest: older(at.oldest, page.oldest),
            total: page.total.or(at.total),
        };
        Ok(Step::to(next, habitual_floor(at.oldest)).with(finding))
    }

    fn is_positional(&self) -> bool {
        true
    }

    fn total_is_whole(&self, _: &OffsetPosition) -> bool {
        true
    }
}
