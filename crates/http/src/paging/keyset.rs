//! Keyset by time: an inclusive upper bound falls toward the oldest instant seen, and stays up to eight instants above it.

use callmux_core::{Floor, TieGroup};
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Finding, Observed, Paging, Stalled, Step};

/// How many instants are remembered to begin again from, where the rows of a bound are not met.
const EARLIER: usize = 8;

/// How often a walk may begin again from the top.
const RESTARTS: u8 = 3;

/// A page holds again the oldest instants of the one before: one in so many of its rows, and so many at most.
const SHARE_AGAIN: usize = 16;
const MOST_AGAIN: usize = 8;

/// For a vendor that answers newest first and can bound the time from above.
///
/// Each page asks for rows no newer than the oldest ones seen, so that calls that share an instant over a page's edge are met
/// again rather than missed; the listing drops what it has seen. That they are met shows that the vendor understood the bound;
/// where they are not, the walk begins again from an earlier instant, since they may only have been deleted.
///
/// A page with fewer rows than asked for ends the walk where it is known to be so for want of rows. A vendor that ignores or
/// caps the number would answer so on every page: then the next is asked for, and only one without an older row is the last.
///
/// A walk that saw one instant only asks for its first page again, at the largest size: a vendor that answers oldest first would
/// look the same.
///
/// A full page of one instant is asked for again at the largest size. What does not fit even then is counted where the vendor
/// can skip rows, and named in any case ([`Finding::Ties`]); the walk goes on below it.
#[derive(Clone, Copy, Debug)]
pub struct TimeKeyset {
    /// The parameter of the upper bound.
    pub until: &'static str,
    /// Whether the vendor includes the bound itself. Where it does not, the bound is one unit later.
    pub inclusive: bool,
    /// Whether the vendor stores and filters by finer times than it shows. An inclusive bound is then one unit later, as an
    /// exclusive one always is.
    pub truncates: bool,
    /// The finest step of the times that the vendor shows.
    pub unit: TimeDelta,
    /// The parameter of the page's size.
    pub limit: &'static str,
    /// The parameter of the number of rows to skip, where the vendor has one.
    pub skip: Option<&'static str>,
    /// Writes an instant as the vendor reads it.
    pub format: fn(DateTime<Utc>) -> String,
}

/// Where a walk by time stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysetPosition {
    /// No row of the page is newer than this; `None` for the first page.
    bound: Option<DateTime<Utc>>,
    /// Whether the largest page is needed here.
    wide: bool,
    /// Whether the bound is the time of a row that was met, which the page must therefore hold again.
    #[serde(default)]
    overlaps: bool,
    /// How many rows are met again.
    #[serde(default)]
    again: u32,
    /// Times of rows met before, nearest first, to begin again from.
    #[serde(default)]
    earlier: Vec<DateTime<Utc>>,
    /// The bound whose rows were not met, and were looked for.
    #[serde(default)]
    missed: Option<DateTime<Utc>>,
    /// How often the walk began again from the top, because nothing of what it had met was there any more.
    #[serde(default)]
    restarts: u8,
    /// Whether a bound was missed for certain: then no other is looked for.
    #[serde(default)]
    is_astray: bool,
    /// What was promised of the later pages so far.
    #[serde(default)]
    floor: Option<DateTime<Utc>>,
    /// The largest number of rows that a page of this walk had.
    #[serde(default)]
    largest: u32,
    /// Whether the page before had fewer rows than asked for.
    #[serde(default)]
    probes: bool,
    /// Whether there were older rows after such a page, so that none is the last for being short.
    #[serde(default)]
    is_capped: bool,
    /// The instant of the first page, while no other was seen.
    #[serde(default)]
    only: Option<DateTime<Utc>>,
    /// Whether the first page is asked for again, at the largest size, to see in which order the vendor answers.
    #[serde(default)]
    confirms: bool,
    /// How many rows are skipped: the pages of one instant.
    #[serde(default)]
    within: Option<u64>,
}

impl KeysetPosition {
    fn promised(&self) -> Option<Floor> {
        self.floor.map(|at| Floor { at, proven: true })
    }

    /// The same place after a page, before it is known where to go.
    fn after(&self, page: &Observed) -> Self {
        let only = if self.bound.is_none() { page.newest() } else { self.only };
        let only = only.filter(|only| page.times().all(|at| at == *only));
        Self { largest: self.largest.max(page.rows()), only, ..self.clone() }
    }
}

impl TimeKeyset {
    /// The first instant that the bound must let through nothing of, or the last one it must let through.
    fn bound_to_send(&self, bound: DateTime<Utc>) -> DateTime<Utc> {
        if self.inclusive && !self.truncates {
            return bound;
        }
        // Outward: a vendor that stores finer than it shows still includes the whole unit.
        self.after(bound.duration_trunc(self.unit).unwrap_or(bound))
    }

    /// The newest time that a row within a bound may show.
    fn newest_within(&self, bound: DateTime<Utc>) -> DateTime<Utc> {
        match (self.inclusive, self.truncates) {
            (true, true) => self.bound_to_send(bound),
            (false, _) if !self.is_whole(bound) => self.bound_to_send(bound),
            _ => bound,
        }
    }

    /// The newest time that a row of the page may show.
    fn newest_allowed(&self, at: &KeysetPosition) -> Option<DateTime<Utc>> {
        at.bound.map(|bound| match self.inclusive && self.truncates {
            true => self.bound_to_send(bound),
            false => self.after(bound) - TimeDelta::nanoseconds(1),
        })
    }

    /// What is newer than this was read before.
    fn read_above(&self, at: &KeysetPosition) -> Option<DateTime<Utc>> {
        let reads_above =
            |floor: &DateTime<Utc>| at.bound.is_none_or(|bound| self.newest_within(bound) > *floor);
        at.floor.filter(reads_above)
    }

    fn is_whole(&self, instant: DateTime<Utc>) -> bool {
        instant.duration_trunc(self.unit).is_ok_and(|whole| whole == instant)
    }

    /// One unit later, as far as instants go.
    fn after(&self, instant: DateTime<Utc>) -> DateTime<Utc> {
        instant.checked_add_signed(self.unit).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// To a lower bound.
    fn fall(
        &self,
        at: &KeysetPosition,
        page: &Observed,
        mut next: KeysetPosition,
    ) -> Step<KeysetPosition> {
        let floor = next.bound.map(|bound| self.newest_within(bound));
        let floor = match (at.floor, floor) {
            (Some(promised), Some(floor)) => Some(promised.min(floor)),
            (promised, floor) => promised.or(floor),
        };
        let met = page.newest().into_iter().chain(at.bound.filter(|_| at.overlaps));
        let mut earlier: Vec<_> = met.chain(at.earlier.iter().copied()).collect();
        earlier.retain(|instant| Some(*instant) > next.bound);
        earlier.sort_unstable();
        earlier.dedup();
        // The nearest, and some far above them: what goes, goes where the walk is, or at the list's end.
        while earlier.len() > EARLIER {
            earlier.remove(EARLIER / 2);
        }
        (next.floor, next.earlier, next.wide, next.within) = (floor, earlier, false, None);
        let promised = next.promised();
        Step::to(next, promised)
    }

    /// To the rows below an instant, which is done with.
    fn below(
        &self,
        at: &KeysetPosition,
        page: &Observed,
        instant: DateTime<Utc>,
    ) -> Step<KeysetPosition> {
        let Some(below) = instant.checked_sub_signed(self.unit) else { return Step::end() };
        let next =
            KeysetPosition { bound: Some(below), overlaps: false, probes: false, ..at.after(page) };
        self.fall(at, page, next)
    }

    /// The instant to go on from: a little above the oldest. Were it the oldest itself, a single call out of its place at the
    /// page's end would pull the bound past all that stands between.
    fn edge(&self, at: &KeysetPosition, page: &Observed, oldest: DateTime<Utc>) -> DateTime<Utc> {
        let mut times: Vec<_> = page.times().collect();
        times.sort_unstable();
        let instants = (times.len() / SHARE_AGAIN).clamp(1, MOST_AGAIN);
        // They come on top of those wanted, as far as the vendor lets them; then in their place, which half of them may take.
        let spare = usize::try_from(page.max.saturating_sub(page.asked)).unwrap_or(usize::MAX);
        let most = spare.max(times.len() / 2);
        let mut edge = oldest;
        let mut again = 0;
        for rows in times.chunk_by(|a, b| a == b).take(instants.saturating_add(1)) {
            again += rows.len();
            let is_lower =
                |instant: &&DateTime<Utc>| at.bound.is_none_or(|bound| **instant < bound);
            match rows.first().filter(is_lower) {
                Some(instant) if again <= most => edge = *instant,
                _ => break,
            }
        }
        edge
    }

    /// A page of the usual walk.
    fn walk(&self, at: &KeysetPosition, page: &Observed) -> Step<KeysetPosition> {
        let rows = page.rows();
        // A vendor may hold a page to be smaller than it was asked for, and say so.
        let served = page.page_size.unwrap_or(page.asked).min(page.asked);
        let is_short = rows < served;
        let is_contradicted = page.total.is_some_and(|total| total > rows.into());
        let is_surely_short = page.is_surely_short(at.largest);
        if is_short && is_surely_short && !at.is_capped && !is_contradicted {
            return Step::end();
        }
        let can_widen = page.asked < page.max && served == page.asked;
        let widened = KeysetPosition { wide: true, ..at.after(page) };
        let Some(oldest) = page.oldest() else {
            if rows == 0 {
                return Step::end();
            }
            if can_widen {
                return Step::to(widened, at.promised());
            }
            return Step::end().with(Some(Finding::UntimedBeyondPage));
        };
        if at.bound.is_none_or(|bound| oldest < bound) {
            let bound = if is_short || at.is_capped { oldest } else { self.edge(at, page, oldest) };
            let next = KeysetPosition {
                bound: Some(bound),
                again: page
                    .times()
                    .filter(|at| *at <= bound)
                    .count()
                    .try_into()
                    .unwrap_or(u32::MAX),
                overlaps: true,
                probes: is_short,
                is_capped: at.is_capped || at.probes,
                ..at.after(page)
            };
            return self.fall(at, page, next);
        }
        // All rows are of the bound. If a larger page was seen, they are all there are.
        let is_whole = match at.is_capped {
            true => rows < at.largest.max(page.served_before),
            false => is_surely_short,
        };
        if is_short && is_whole {
            return Step::end();
        }
        if can_widen {
            return Step::to(widened, at.promised());
        }
        if self.skip.is_some() && page.distinct() > 1 {
            let skipped = u64::from(page.distinct() - 1);
            let next = KeysetPosition { within: Some(skipped), wide: true, ..at.after(page) };
            return Step::to(next, at.promised());
        }
        // A bound that lets a later instant through cannot be put between the two.
        let passed = at.bound.filter(|bound| *bound < oldest);
        let finer = (!self.is_whole(oldest)).then_some(oldest);
        self.below(at, page, passed.unwrap_or(oldest))
            .with(Some(Finding::Ties(TieGroup::new(oldest, rows))))
            .with(passed.or(finer).map(Finding::BoundMissed))
    }

    /// A page of one instant's rows, of which so many were skipped.
    fn within(
        &self,
        at: &KeysetPosition,
        page: &Observed,
        instant: DateTime<Utc>,
        skipped: u64,
    ) -> Step<KeysetPosition> {
        let rows = page.rows();
        let is_older = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at < instant);
        let here = page.marks.iter().take_while(|mark| !is_older(mark.at)).count();
        let counted = skipped.saturating_add(here as u64);
        let served = page.page_size.unwrap_or(page.asked).min(page.asked).min(at.largest);
        if here == page.marks.len() && here > 1 && rows >= served {
            let next = KeysetPosition { within: Some(counted - 1), ..at.after(page) };
            return Step::to(next, at.promised());
        }
        let ties = TieGroup::new(instant, at.largest).with_rows(counted);
        self.below(at, page, instant).with(Some(Finding::Ties(ties)))
    }

    /// The rows of the bound were met before. Where they are not met again, they went, or the vendor took the bound for another
    /// instant and left out calls between the two. An earlier instant tells: if its rows are met, the vendor reads bounds
    /// well, and what is between is read anew.
    fn look_further_up(
        &self,
        at: &KeysetPosition,
        bound: DateTime<Utc>,
    ) -> Result<Step<KeysetPosition>, Finding> {
        let is_looking = at.missed.is_some_and(|missed| missed < bound);
        let missed = at.missed.filter(|_| is_looking).unwrap_or(bound);
        let Some((&nearest, rest)) = at.earlier.split_first() else {
            if at.is_astray || at.restarts >= RESTARTS {
                return Err(Finding::BoundMissed(missed));
            }
            // None of them is there any more: from the top, where a misread bound would be missed again.
            let again = KeysetPosition {
                floor: at.floor,
                largest: at.largest,
                is_capped: at.is_capped,
                restarts: at.restarts + 1,
                ..self.first()
            };
            return Ok(Step::to(again, at.promised()));
        };
        if at.is_astray || !is_looking && at.missed == Some(bound) {
            return Err(Finding::BoundMissed(bound));
        }
        let next = KeysetPosition {
            bound: Some(nearest),
            wide: false,
            earlier: rest.to_vec(),
            missed: Some(missed),
            probes: false,
            ..at.clone()
        };
        Ok(Step::to(next, at.promised()))
    }
}

impl Paging for TimeKeyset {
    type Position = KeysetPosition;

    fn first(&self) -> KeysetPosition {
        KeysetPosition::default()
    }

    fn page_size(&self, at: &KeysetPosition, wanted: u32, max: u32) -> u32 {
        // The rows that are met again come on top.
        let again = if at.overlaps { at.again.max(1) } else { 0 };
        let wanted = wanted.max(1).saturating_add(again);
        if at.wide { max } else { wanted.clamp(1, max) }
    }

    fn parameters(&self, at: &KeysetPosition, page_size: u32) -> Vec<(&'static str, String)> {
        let bound = at.bound.map(|bound| (self.until, (self.format)(self.bound_to_send(bound))));
        let skip = self.skip.zip(at.within).map(|(skip, rows)| (skip, rows.to_string()));
        let limit = (self.limit, page_size.to_string());
        bound.into_iter().chain(skip).chain([limit]).collect()
    }

    fn next(&self, at: &KeysetPosition, page: &Observed) -> Result<Step<KeysetPosition>, Stalled> {
        let newest = page.newest();
        let allowed = self.newest_allowed(at);
        if allowed.is_some() && newest > allowed {
            return Err(Stalled("the vendor answered with calls newer than it was asked for"));
        }
        let disorder = (!page.falls()).then_some(Finding::OrderBroken);
        let missed = at.bound.filter(|_| at.overlaps && at.within.is_none() && newest < at.bound);
        let mut step = match (at.bound, at.within, missed) {
            (Some(instant), Some(skipped), _) => self.within(at, page, instant, skipped),
            (.., Some(missed)) => match self.look_further_up(at, missed) {
                Ok(further_up) => further_up,
                Err(finding) => {
                    let astray = KeysetPosition { is_astray: true, ..at.clone() };
                    self.walk(&astray, page).with(Some(finding))
                }
            },
            _ if at.confirms && page.oldest() >= at.only => Step::end(),
            // Older ones, which the bound kept out: they are walked from here.
            _ if at.confirms => self.walk(&KeysetPosition { confirms: false, ..at.clone() }, page),
            _ => self.walk(at, page),
        };
        // Whoever has seen one instant only knows nothing of the order: the first of many, newest first, or the last?
        let only = at.after(page).only.filter(|_| at.bound.is_some() && !at.confirms);
        if step.next.is_none() && only.is_some() {
            let first = KeysetPosition { floor: at.floor, wide: true, ..KeysetPosition::default() };
            step.next = Some(KeysetPosition { confirms: true, only, ..first });
            step.floor = at.promised();
        }
        step.read_above = self.read_above(at);
        Ok(step.with(disorder))
    }

    /// A page of the usual walk, that holds the rows of its bound again: it is not asked for again from further up.
    fn can_pass_on(&self, at: &KeysetPosition, first: DateTime<Utc>) -> bool {
        let is_met = !at.overlaps || Some(first) >= at.bound;
        let is_allowed = self.newest_allowed(at).is_none_or(|allowed| first <= allowed);
        let is_usual = at.within.is_none() && !at.confirms && self.read_above(at).is_none();
        is_usual && is_met && is_allowed
    }

    /// Only the first page is asked without a bound of the walk's own.
    fn total_is_whole(&self, at: &KeysetPosition) -> bool {
        at.bound.is_none()
    }
}
