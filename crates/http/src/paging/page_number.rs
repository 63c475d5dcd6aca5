//! Page numbers: page 1, 2, 3, … of one fixed size.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Observed, Paging, Stalled, Step, fall, habitual_floor, older};

/// For a vendor that numbers its pages.
///
/// Rows that arrive at the top push others onto the next page: repeats, which the listing drops. Rows that go pull others past a
/// page's edge: a falling total shows it ([`Finding::TotalFell`](super::Finding::TotalFell)). Links to further pages are never
/// followed.
#[derive(Clone, Copy, Debug)]
pub struct PageNumber {
    /// The parameter of the page's number, counted from 1.
    pub page: &'static str,
    /// The parameter of the page's size.
    pub page_size: &'static str,
}

/// Where a walk by page number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNumberPosition {
    page: u64,
    /// The size of the first page: numbers mean nothing once it changes.
    size: Option<u32>,
    oldest: Option<DateTime<Utc>>,
    total: Option<u64>,
}

impl Paging for PageNumber {
    type Position = PageNumberPosition;

    fn first(&self) -> PageNumberPosition {
        PageNumberPosition { page: 1, size: None, oldest: None, total: None }
    }

    fn page_size(&self, at: &PageNumberPosition, wanted: u32, max: u32) -> u32 {
        at.size.unwrap_or(wanted).clamp(1, max)
    }

    fn parameters(&self, at: &PageNumberPosition, page_size: u32) -> Vec<(&'static str, String)> {
        vec![(self.page, at.page.to_string()), (self.page_size, page_size.to_string())]
    }

    fn next(
        &self,
        at: &PageNumberPosition,
        page: &Observed,
    ) -> Result<Step<PageNumberPosition>, Stalled> {
        if page.page.is_some_and(|number| number != at.page) {
            return Err(Stalled("the vendor answered with another page than it was asked for"));
        }
        if page.rows == 0
            && page.last_page.map_or(page.has_more == Some(true), |last| at.page < last)
        {
            return Err(Stalled("the vendor answered with an empty page before the last"));
        }
        let served = u64::from(page.page_size.unwrap_or(page.asked).max(1));
        let is_last = page.rows == 0
            || match (page.last_page, page.total) {
                (Some(last), _) => at.page >= last,
                (None, Some(total)) => at.page.saturating_mul(served) >= total,
                (None, None) => page.has_more.map_or(u64::from(page.rows) < served, |more| !more),
            };
        let finding = fall(at.total, page.total);
        if is_last {
            return Ok(Step::end().with(finding));
        }
        let next = PageNumberPosition {
            page: at.page.saturating_add(1),
            size: Some(page.asked),
            oldest: older(at.oldest, page.oldest),
            total: page.total.or(at.total),
        };
        Ok(Step::to(next, habitual_floor(at.oldest)).with(finding))
    }

    fn is_positional(&self) -> bool {
        true
    }

    fn total_is_whole(&self, _: &PageNumberPosition) -> bool {
        true
    }
}
