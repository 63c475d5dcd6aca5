//! Page numbers: page 1, 2, 3, … of a size that is asked for.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::position::{Place, Read};
use super::{Early, Fit, Observed, Paging, Stalled, Step};

/// With how many rows read a likely page begins, where it can: so many of one instant at its edge do not keep it from joining.
const LIKELY_OVERLAP: u64 = 4;

/// For a vendor that numbers its pages.
///
/// Pages of one size never overlap, so the size changes from page to page: rows 197 to 294 are page 3 of 98. Each page must
/// hold a row of the one before: else a row that went has pulled others past its edge, and the walk asks again from further
/// up. What cannot be joined is named ([`Finding::EdgeInDoubt`](super::Finding)): ties that fill a page, and every edge at a vendor that
/// serves pages of its own size.
///
/// Where the vendor counts its rows, pages can be asked for before those above them have come: a page joins or does not,
/// whichever of the two was read first.
///
/// Links to further pages are never followed.
#[derive(Clone, Copy, Debug)]
pub struct PageNumber {
    /// The parameter of the page's number, counted from 1.
    pub page: &'static str,
    /// The parameter of the page's size.
    pub page_size: &'static str,
}

/// Where a walk by page number stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNumberPosition {
    place: Place,
    /// The size of the vendor's own pages, where it does not serve what it is asked for.
    #[serde(default)]
    own: Option<OwnSize>,
    /// How many rows the vendor says there are.
    #[serde(default)]
    total: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OwnSize {
    /// It is asked for the same again, so that it answers alike.
    asked: u32,
    served: u32,
}

/// The number of the page of this size that begins at a row or before it, and where it ends.
fn page_around(row: u64, size: u32) -> (u64, u64) {
    let size = u64::from(size.max(1));
    let number = (row / size).saturating_add(1);
    (number, number.saturating_mul(size))
}

/// The size of the page that begins at `begin` or before it and reads the most rows beyond `beyond`, as many as are wanted
/// being enough. It is about the size wanted, and as large as the vendor takes only where no other reaches beyond.
fn best_size(begin: u64, beyond: u64, wanted: u32, max: u32) -> Option<u32> {
    let overlap = u32::try_from(beyond.saturating_sub(begin)).unwrap_or(u32::MAX);
    let usual = wanted.saturating_add(overlap.saturating_add(wanted / 2 + 4)).min(max);
    let gain = |size: &u32| page_around(begin, *size).1.saturating_sub(beyond).min(wanted.into());
    let best =
        |sizes: RangeInclusive<u32>| sizes.rev().filter(|size| gain(size) > 0).max_by_key(gain);
    best((wanted / 2).max(1)..=usual).or_else(|| best(1..=max))
}

/// The size of the page that begins at `begin`, or as little before it as can be, and reaches beyond `beyond`.
fn latest_size(begin: u64, beyond: u64, max: u32) -> Option<u32> {
    let reaches = |size: &u32| page_around(begin, *size).1 > beyond;
    (1..=max).rev().filter(reaches).min_by_key(|size| begin % u64::from(*size))
}

/// What a page is to a walk; `None` where it is another than was asked for. With the size of the vendor's own pages, if it serves
/// those.
fn read<'a>(at: &PageNumberPosition, page: &'a Observed) -> Option<(Read<'a>, Option<OwnSize>)> {
    let expected = at.own.map_or(page.asked, |own| own.served);
    let (number, _) = page_around(at.place.start, expected);
    if page.page.is_some_and(|answered| answered != number) {
        return None;
    }
    // A page with more rows than asked for is one of the vendor's own.
    let served = page.page_size.unwrap_or(expected.max(page.rows())).max(1);
    let is_own = at.own.is_some() || served != page.asked;
    let own = is_own.then_some(OwnSize { asked: page.asked, served });
    let read = Read {
        page,
        start: (number - 1).saturating_mul(u64::from(served)),
        size: served,
        has_next: page.last_page.map_or(page.has_more == Some(true), |last| number < last),
        can_choose: own.is_none(),
    };
    Some((read, own))
}

impl Paging for PageNumber {
    type Position = PageNumberPosition;

    fn first(&self) -> PageNumberPosition {
        PageNumberPosition::default()
    }

    fn page_size(&self, at: &PageNumberPosition, wanted: u32, max: u32) -> u32 {
        let wanted = wanted.clamp(1, max);
        let Place { start, reached, .. } = at.place;
        match at.own {
            Some(own) => own.asked.clamp(1, max),
            None if reached == 0 => wanted,
            None if at.place.looks_back() => best_size(start, start, wanted, max).unwrap_or(wanted),
            None if at.place.is_at_an_end() => latest_size(start, reached, max).unwrap_or(wanted),
            None if at.place.is_wide() => best_size(start, reached, max, max).unwrap_or(max),
            None => best_size(start, reached, wanted, max).unwrap_or(wanted),
        }
    }

    fn parameters(&self, at: &PageNumberPosition, page_size: u32) -> Vec<(&'static str, String)> {
        let served = at.own.map_or(page_size, |own| own.served);
        let (number, _) = page_around(at.place.start, served);
        vec![(self.page, number.to_string()), (self.page_size, page_size.to_string())]
    }

    fn next(
        &self,
        at: &PageNumberPosition,
        page: &Observed,
    ) -> Result<Step<PageNumberPosition>, Stalled> {
        let Some((read, own)) = read(at, page) else {
            return Err(Stalled("the vendor answered with another page than it was asked for"));
        };
        let of_pages = page.last_page.map(|last| last.saturating_mul(read.size.into()));
        let total = page.total.or(of_pages);
        // The pages of the vendor's own follow one another.
        let reach = |begin: u64, beyond: u64| match own {
            Some(_) => begin == beyond,
            None => best_size(begin, beyond, page.max, page.max).is_some(),
        };
        let step = at.place.next(&read, &reach)?;
        Ok(step.map(|place| PageNumberPosition { place, own, total }))
    }

    fn likely_next(
        &self,
        at: &PageNumberPosition,
        page_size: u32,
        max: u32,
    ) -> Option<PageNumberPosition> {
        if at.own.is_some() || !at.place.is_plain() {
            return None;
        }
        let (_, end) = page_around(at.place.start, page_size);
        let total = at.total.filter(|total| *total > end)?;
        let overlap = LIKELY_OVERLAP.min(u64::from(max / 4)).max(2);
        let place = Place::likely(end.saturating_sub(overlap), end);
        Some(PageNumberPosition { place, own: None, total: Some(total) })
    }

    /// A page that does not join is asked for again rather than from further up: what came since the early one was read may have
    /// pushed the page before it down.
    fn fit(&self, at: &PageNumberPosition, early: Early<'_, PageNumberPosition>) -> Fit {
        let (number, end) = page_around(early.at.place.start, early.page_size);
        let start = (number - 1).saturating_mul(early.page_size.into());
        if at.own.is_some() || end <= at.place.reached {
            return Fit::Missed;
        }
        if !at.place.is_plain() || start > at.place.start {
            return Fit::Later;
        }
        let joins = read(at, early.page).is_some_and(|(read, _)| at.place.joins(&read));
        if joins { Fit::Next } else { Fit::Missed }
    }

    fn total_is_whole(&self, _: &PageNumberPosition) -> bool {
        true
    }
}
