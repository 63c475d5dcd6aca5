//! Offsets: skip this many rows.

use serde::{Deserialize, Serialize};

use super::position::{Place, Read};
use super::{Observed, Paging, Stalled, Step};

/// For a vendor that can only skip rows. Where it can also bound the time, [`TimeKeyset`](super::TimeKeyset) is the right choice.
///
/// Pages overlap by a row or more, and each must hold a row of the one before: else a row that went has pulled others past its
/// edge, and the walk asks again from further up. What cannot be joined is named ([`Finding::EdgeInDoubt`](super::Finding)).
#[derive(Clone, Copy, Debug)]
pub struct Offset {
    /// The parameter of the number of rows to skip.
    pub skip: &'static str,
    /// The parameter of the page's size.
    pub limit: &'static str,
}

/// Where a walk by offset stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OffsetPosition(Place);

impl Paging for Offset {
    type Position = OffsetPosition;

    fn first(&self) -> OffsetPosition {
        OffsetPosition::default()
    }

    /// The overlap comes on top, as far as the vendor lets it.
    fn page_size(&self, OffsetPosition(at): &OffsetPosition, wanted: u32, max: u32) -> u32 {
        if at.is_wide() {
            return max;
        }
        let overlap = if at.looks_back() { 0 } else { at.reached.saturating_sub(at.start) };
        let overlap = u32::try_from(overlap).unwrap_or(u32::MAX);
        wanted.max(1).saturating_add(overlap).clamp(1, max)
    }

    fn parameters(
        &self,
        OffsetPosition(at): &OffsetPosition,
        page_size: u32,
    ) -> Vec<(&'static str, String)> {
        vec![(self.skip, at.start.to_string()), (self.limit, page_size.to_string())]
    }

    fn next(
        &self,
        OffsetPosition(at): &OffsetPosition,
        page: &Observed,
    ) -> Result<Step<OffsetPosition>, Stalled> {
        let read = Read {
            page,
            start: at.start,
            size: page.page_size.unwrap_or(page.asked).min(page.asked),
            has_next: page.has_more == Some(true),
            can_choose: true,
        };
        let most = page.page_size.filter(|served| *served < page.asked).unwrap_or(page.max);
        let max = u64::from(most.min(page.max));
        let reach = |begin: u64, beyond: u64| beyond.saturating_sub(begin) < max;
        Ok(at.next(&read, &reach)?.map(OffsetPosition))
    }

    fn total_is_whole(&self, _: &OffsetPosition) -> bool {
        true
    }
}
