//! Keyset by time: an inclusive upper bound falls to the oldest instant seen.

use callmux_core::Floor;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Finding, Observed, Paging, Stalled, Step};

/// For a vendor that answers newest first and can bound the time from above.
///
/// Each page asks for rows no newer than the oldest one seen, so that calls that share an instant over a page's edge are met
/// again rather than missed; the listing drops what it has seen. A short page ends the walk. A full page of one instant is
/// asked for again at the largest size; what does not fit even then is named ([`Finding::TiesBeyondPage`]), never skipped in
/// silence, and the walk goes on below it.
#[derive(Clone, Copy, Debug)]
pub struct TimeKeyset {
    /// The parameter of the upper bound.
    pub until: &'static str,
    /// Whether the vendor includes the bound itself. Where it does not, the bound is one unit later.
    pub inclusive: bool,
    /// The finest step of the times that the vendor shows.
    pub unit: TimeDelta,
    /// The parameter of the page's size.
    pub limit: &'static str,
    /// Writes an instant as the vendor reads it.
    pub format: fn(DateTime<Utc>) -> String,
}

/// Where a walk by time stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysetPosition {
    /// No row of the page is newer than this; `None` for the first page.
    bound: Option<DateTime<Utc>>,
    /// Whether the largest page is needed here.
    wide: bool,
    /// Whether the bound is the time of a row that was met, which the page must therefore hold again.
    #[serde(default)]
    overlaps: bool,
}

impl TimeKeyset {
    /// The first instant that the bound must let through nothing of, or the last one it must let through.
    fn bound_to_send(&self, bound: DateTime<Utc>) -> DateTime<Utc> {
        if self.inclusive {
            return bound;
        }
        // Outward: a vendor that stores finer than it shows still includes the whole unit.
        self.after(bound.duration_trunc(self.unit).unwrap_or(bound))
    }

    /// One unit later, as far as instants go.
    fn after(&self, instant: DateTime<Utc>) -> DateTime<Utc> {
        instant.checked_add_signed(self.unit).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl TimeKeyset {
    fn step(&self, at: &KeysetPosition, page: &Observed) -> Step<KeysetPosition> {
        // A vendor may hold a page to be smaller than it was asked for, and say so.
        let served = page.page_size.unwrap_or(page.asked).min(page.asked);
        if page.rows < served {
            return Step::end();
        }
        let can_widen = page.asked < page.max && served == page.asked;
        let widened = KeysetPosition { wide: true, ..*at };
        let Some(oldest) = page.oldest else {
            if can_widen {
                return Step::to(widened, None);
            }
            return Step::end().with(Some(Finding::UntimedBeyondPage));
        };
        let disorder = (!page.in_order).then_some(Finding::OrderBroken);
        let floor = |at| Some(Floor { at, proven: true });
        let fell = at.bound.is_none_or(|bound| oldest < bound);
        let step = if fell {
            let next = KeysetPosition { bound: Some(oldest), wide: false, overlaps: true };
            Step::to(next, floor(oldest))
        } else if can_widen {
            Step::to(widened, floor(oldest))
        } else {
            let ties = Some(Finding::TiesBeyondPage(oldest));
            match oldest.checked_sub_signed(self.unit) {
                None => Step::end().with(ties),
                Some(below) => {
                    let next = KeysetPosition { bound: Some(below), wide: false, overlaps: false };
                    Step::to(next, floor(below)).with(ties)
                }
            }
        };
        step.with(disorder)
    }
}

impl Paging for TimeKeyset {
    type Position = KeysetPosition;

    fn first(&self) -> KeysetPosition {
        KeysetPosition::default()
    }

    fn page_size(&self, at: &KeysetPosition, wanted: u32, max: u32) -> u32 {
        if at.wide { max } else { wanted.clamp(1, max) }
    }

    fn parameters(&self, at: &KeysetPosition, page_size: u32) -> Vec<(&'static str, String)> {
        let bound = at.bound.map(|bound| (self.until, (self.format)(self.bound_to_send(bound))));
        bound.into_iter().chain([(self.limit, page_size.to_string())]).collect()
    }

    fn next(&self, at: &KeysetPosition, page: &Observed) -> Result<Step<KeysetPosition>, Stalled> {
        if let (Some(bound), Some(newest)) = (at.bound, page.newest)
            && newest >= self.after(bound)
        {
            return Err(Stalled("the vendor answered with calls newer than it was asked for"));
        }
        // A row at the bound was met before. Where it is not met again, it went, or the vendor took the bound for another
        // instant and left out calls between the two.
        let missed = at
            .bound
            .filter(|bound| at.overlaps && page.newest.is_none_or(|newest| newest < *bound));
        let step = self.step(at, page);
        Ok(step.with(missed.map(Finding::BoundMissed)))
    }

    /// Only the first page is asked without a bound of the walk's own.
    fn total_is_whole(&self, at: &KeysetPosition) -> bool {
        at.bound.is_none()
    }
}
