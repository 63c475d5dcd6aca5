//! What was met, held against what the vendor counts; and read again, in smaller windows, where the two do not agree.

use std::num::NonZeroU32;

use chrono::TimeDelta;

use super::certificate::Reason;
use super::reader::{Look, Reader};
use super::tally::Tally;
use super::walk::{Aside, Place, Walk};
use crate::error::Result;
use crate::filter::{CallFilter, Field, TimeRange};

/// How often something is read again before its count is taken for wrong.
const READINGS: u32 = 2;

/// How a part of a window was read again.
enum Again {
    Agrees,
    /// The vendor counts this many, this many were met.
    Differs {
        total: u64,
        met: u64,
    },
    /// The pages did not join either, and no count settles what is between them.
    InDoubt,
    /// The requests set aside for it are used up, or the vendor does not count it.
    Unknown,
}

impl Reader {
    /// Settles a window that was read to its end: what cannot be settled is given back.
    pub(super) async fn settle(&mut self, walk: &mut Walk, place: &Place) -> Result<Vec<Reason>> {
        if walk.missing().is_none() && walk.doubts().is_empty() {
            return Ok(Vec::new());
        }
        self.fruitless = 0;
        let counted = walk.is_counted() && !walk.is_resumed();
        let again = if !counted {
            Again::Unknown
        } else if walk.doubts().is_empty() {
            self.count_again(walk, place).await?
        } else {
            let filter = self.asking.filter.clone();
            self.read_until_it_agrees(walk, place, &filter).await?
        };
        let (vendor, account) = self.account();
        Ok(match again {
            Again::Agrees => Vec::new(),
            Again::Differs { total, met } => {
                vec![Reason::TotalDisagrees { vendor, account, total, met }]
            }
            Again::InDoubt | Again::Unknown => {
                let missing = walk.missing().map(|total| Reason::TotalDisagrees {
                    vendor: vendor.clone(),
                    account: account.clone(),
                    total,
                    met: walk.tally.len(),
                });
                let doubts = walk.doubts().iter().map(|instant| Reason::EdgeInDoubt {
                    vendor: vendor.clone(),
                    account: account.clone(),
                    instant: *instant,
                });
                doubts.chain(missing).collect()
            }
        })
    }

    /// Asks the vendor to count ever smaller parts of the window, and reads those again of which it has more than were met.
    async fn count_again(&mut self, walk: &mut Walk, place: &Place) -> Result<Again> {
        let can_be_cut = self.asking.provider.info().padding == Some(TimeDelta::zero());
        let page = u64::from(self.asking.provider.info().page.max);
        let mut ranges = vec![self.asking.filter.placed];
        let mut is_whole = true;
        while let Some(range) = ranges.pop() {
            let part = self.asking.filter.within(range);
            if self.is_spent() || !is_whole && !self.is_served(&part, Field::Placed) {
                return Ok(Again::Unknown);
            }
            let look = self.aside(&part, place, NonZeroU32::MIN);
            let Some(total) = self.look(walk, &look, None, None).await?.total else {
                return Ok(Again::Unknown);
            };
            // A vendor that reads more than a window counts more, too.
            let met = if is_whole { walk.tally.len() } else { walk.tally.within(range) };
            is_whole = false;
            if total <= met {
                continue;
            }
            let is_large = can_be_cut && total > page;
            match is_large.then(|| walk.tally.middle_of(range)).flatten() {
                Some(middle) => {
                    ranges.push(TimeRange { since: range.since, until: Some(middle) });
                    ranges.push(TimeRange { since: Some(middle), until: range.until });
                }
                None => match self.read_until_it_agrees(walk, place, &part).await? {
                    Again::Agrees => {}
                    other => return Ok(other),
                },
            }
        }
        Ok(Again::Agrees)
    }

    /// Reads again what was read, until a reading agrees with the vendor's count: a count may lag behind the list.
    async fn read_until_it_agrees(
        &mut self,
        walk: &mut Walk,
        place: &Place,
        part: &CallFilter,
    ) -> Result<Again> {
        let mut last = Again::Unknown;
        for _ in 0..READINGS {
            last = self.read_again(walk, place, part).await?;
            if matches!(last, Again::Agrees | Again::Unknown) {
                break;
            }
        }
        Ok(last)
    }

    /// Reads some of what was read from its start, and counts what comes.
    async fn read_again(
        &mut self,
        walk: &mut Walk,
        place: &Place,
        part: &CallFilter,
    ) -> Result<Again> {
        let mut tally = Tally::default();
        let (mut cursor, mut new, mut is_joined) = (None, 0, true);
        loop {
            if self.is_spent() {
                return Ok(Again::Unknown);
            }
            let size =
                NonZeroU32::new(self.asking.provider.info().page.max).unwrap_or(NonZeroU32::MIN);
            let look = self.aside(part, place, size);
            let glimpse = self.look(walk, &look, cursor, Some(&mut tally)).await?;
            new += glimpse.new;
            is_joined &= !glimpse.doubts && glimpse.ties.is_none();
            match glimpse.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        Ok(match tally.missing() {
            Some(total) => Again::Differs { total, met: tally.len() },
            None if is_joined => Again::Agrees,
            // What one reading left out, the other may have left out too, and something that went been counted for it: only a
            // count that stood still, and a reading that brought nothing new, tell.
            None if tally.agrees() && new == 0 => Again::Agrees,
            None => Again::InDoubt,
        })
    }

    fn aside<'a>(&self, filter: &'a CallFilter, place: &'a Place, size: NonZeroU32) -> Look<'a> {
        let floor = self.end();
        Look { filter, size: Some(size), place, floor, why: Aside::Again }
    }
}
