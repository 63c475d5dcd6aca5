//! Reads one window to its end: page after page, splitting instants that no page holds, and holding what was met against the
//! vendor's count.

use std::future::poll_fn;
use std::num::NonZeroU32;
use std::pin::pin;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::Instrument as _;

use super::ahead::Ahead;
use super::asking::Asking;
use super::certificate::Reason;
use super::scout::{Scout, leave_older};
use super::tally::Tally;
use super::walk::{Aside, Batch, Place, Share, Walk};
use crate::ahead::Placed;
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{CallFilter, Field};
use crate::ids::{AccountId, VendorId};
use crate::page::{CallPage, Floor, PageRequest, TieGroup};
use crate::parts::Parts;

/// How many pages in a row may bring nothing new before a walk counts as stalled.
pub(super) const BARREN_PAGES: u32 = 64;

/// How many requests beside a walk, to split one instant or to settle what does not agree, may bring nothing new before that
/// is left as it is: as many as the walk itself took, and at least this many.
const FRUITLESS_REQUESTS: u64 = 64;

/// How the reading of a window ended.
pub(super) enum End {
    /// At its end; this could not be settled.
    Read(Vec<Reason>),
    /// After its first page: what is older than this instant is left to other windows.
    Cut(DateTime<Utc>),
}

/// The reader of one window.
pub(super) struct Reader {
    pub(super) asking: Asking,
    /// The pages that it has asked for ahead of their turn.
    ahead: Ahead,
    /// Set until the first page has shown how the rest is cut into windows.
    scout: Option<Scout>,
    pub(super) requests: u64,
    /// Requests for what is being split or settled that brought nothing new.
    pub(super) fruitless: u64,
}

impl Reader {
    pub(super) fn new(asking: Asking, most_ahead: u32, scout: Option<Scout>) -> Self {
        let ahead = Ahead::new(most_ahead, asking.clone());
        Self { asking, ahead, scout, requests: 0, fruitless: 0 }
    }

    /// Reads from a cursor on.
    pub(super) async fn read(mut self, from: Option<Cursor>, mut walk: Walk) -> Result<End> {
        let mut place = Place { asked_at: from, ..Place::default() };
        loop {
            let mut page = self.next_page(&mut walk, &place).await?;
            self.requests += 1;
            let next = page.next.clone();
            if next.is_none() {
                self.ahead.drop_all();
            }
            let ties: Vec<TieGroup> =
                page.sources.iter().filter_map(|source| source.ties).collect();
            if let Some(edge) = self.scout.take().and_then(|scout| scout.edge(&page)) {
                leave_older(&mut page, edge);
                self.send(walk.digest(page, &place));
                return Ok(End::Cut(edge));
            }
            let is_outside = self.is_outside(&page);
            if ties.is_empty() {
                let mut batch = walk.digest(page, &place);
                batch.is_outside = is_outside;
                if next.is_none() {
                    batch.floor = self.end();
                    batch.is_unsettled = walk.missing().is_some();
                }
                self.send(batch);
            } else {
                self.pass_ties(page, &ties, &mut walk, &place).await?;
            }
            let Some(next) = next else { break };
            if walk.barren() >= BARREN_PAGES {
                let message = format!("{BARREN_PAGES} pages in a row brought nothing new");
                let (vendor, account) = self.account();
                return Err(Error::new(ErrorKind::Stalled, message)
                    .with_vendor(vendor)
                    .with_account(account)
                    .with_remedy("narrow the time range, or report this vendor's behaviour"));
            }
            place.asked_at = Some(next);
        }
        Ok(End::Read(self.settle(&mut walk, &place).await?))
    }

    /// Whether a vendor that can be asked for a range answers with older calls: then every window of its list is all the rest.
    fn is_outside(&self, page: &CallPage) -> bool {
        let spare = TimeDelta::seconds(1);
        let Some(since) =
            self.asking.filter.placed.since.and_then(|at| at.checked_sub_signed(spare))
        else {
            return false;
        };
        self.asking.provider.info().padding == Some(TimeDelta::zero())
            && page
                .sources
                .iter()
                .flat_map(|source| &source.filtered)
                .any(|row| row.placed_at.is_some_and(|at| at < since))
    }

    /// What may still come once the walk has ended: nothing of the window but what settling it finds.
    pub(super) fn end(&self) -> Option<Floor> {
        let at = self.asking.filter.placed.since.unwrap_or(DateTime::<Utc>::MIN_UTC);
        Some(Floor { at, proven: false })
    }

    /// Hands a page on whose instants are still to be split: what is older waits until they are.
    async fn pass_ties(
        &mut self,
        page: CallPage,
        ties: &[TieGroup],
        walk: &mut Walk,
        place: &Place,
    ) -> Result<()> {
        let next = page.next.clone();
        let floor = if next.is_some() { page.floor } else { self.end() };
        let mut batch = walk.digest(page, place);
        let newest = ties.iter().map(|tie| tie.instant).max();
        let held = match (floor, newest) {
            (Some(floor), Some(at)) => Some(Floor { at: floor.at.max(at), ..floor }),
            (None, Some(at)) => Some(Floor { at, proven: false }),
            (floor, None) => floor,
        };
        batch.floor = held;
        batch.resume_at.clone_from(&place.asked_at);
        self.send(batch);
        let mut share = Share::default();
        for tie in ties {
            if self.split(walk, place, *tie, held).await? {
                share.ties_split += 1;
            } else {
                let (vendor, account) = self.account();
                let TieGroup { instant, page, .. } = *tie;
                share.reasons.push(Reason::TiesBeyondPage { vendor, account, instant, page });
            }
        }
        let mut done = Batch { floor, ..Batch::default() };
        done.asked_at.clone_from(&place.asked_at);
        done.resume_at = next.or_else(|| place.asked_at.clone());
        done.doubts = walk.doubts().to_vec();
        let (vendor, account) = self.account();
        *done.shares.of(&vendor, &account) = share;
        self.send(done);
        Ok(())
    }

    pub(super) fn account(&self) -> (VendorId, AccountId) {
        let info = self.asking.provider.info();
        (info.vendor.clone(), info.account.clone())
    }

    /// Hands on what came.
    pub(super) fn send(&self, batch: Batch) {
        self.asking.line.send(batch);
    }

    /// Waits for a turn and asks for a page of a filter.
    async fn ask(
        &mut self,
        filter: &CallFilter,
        cursor: Option<Cursor>,
        size: Option<NonZeroU32>,
    ) -> Result<CallPage> {
        self.asking.line.turn().await;
        let request = PageRequest { size, ..self.asking.request(cursor) };
        let page = self.asking.provider.list_page(filter, request);
        page.instrument(self.asking.span.clone()).await
    }

    /// The next page of the walk.
    async fn next_page(&mut self, walk: &mut Walk, place: &Place) -> Result<CallPage> {
        match self.page_read_ahead(place).await? {
            Some(page) => Ok(page),
            None => self.ask_in_parts(walk, place).await,
        }
    }

    /// The next page of the walk, where it was read ahead.
    async fn page_read_ahead(&mut self, place: &Place) -> Result<Option<CallPage>> {
        let cursor = place.asked_at.as_ref();
        let request = self.asking.request(cursor.cloned());
        let mut first = poll_fn(|context| self.ahead.poll_first(context)).await;
        while let (Some(early), Some(provider)) =
            (first.take(), self.asking.provider.as_read_ahead())
        {
            let requests = early.requests;
            match provider.place(&self.asking.filter, &request, early)? {
                Placed::Here(page) => {
                    self.ahead.hit();
                    return Ok(Some(*page));
                }
                Placed::Later(early) => self.ahead.put_back(early),
                Placed::Missed => {
                    self.ahead.missed(requests);
                    // The page whose turn it is waits for no other.
                    first = self.ahead.first_come();
                }
            }
        }
        self.ahead.follow(cursor);
        Ok(None)
    }

    /// Asks for the next page of the walk, and hands on what is new of it while the rest arrives.
    async fn ask_in_parts(&mut self, walk: &mut Walk, place: &Place) -> Result<CallPage> {
        self.asking.line.turn().await;
        let request = self.asking.request(place.asked_at.clone());
        let place = Place { is_part: true, ..place.clone() };
        let parts = Parts::default();
        let asking = self.asking.clone();
        let page = asking.provider.list_page_in_parts(&asking.filter, request, &parts);
        let mut page = pin!(page.instrument(asking.span.clone()));
        let page = poll_fn(|context| {
            let polled = page.as_mut().poll(context);
            while let Some(part) = parts.take() {
                let Some(scout) = &mut self.scout else {
                    self.pass_on(part, walk, &place);
                    continue;
                };
                scout.hold(part);
                while let Some(part) = self.scout.as_mut().and_then(Scout::pass_on) {
                    self.pass_on(part, walk, &place);
                }
            }
            self.ahead.go_on(context);
            polled
        });
        let page = page.await?;
        Ok(match &mut self.scout {
            Some(scout) => scout.whole(page),
            None => page,
        })
    }

    fn pass_on(&self, part: CallPage, walk: &mut Walk, place: &Place) {
        let is_outside = self.is_outside(&part);
        let batch = walk.digest(part, place);
        self.send(Batch { is_outside, ..batch });
    }

    /// Asks for a page beside the walk, hands on what is new, and says what it showed. `counted` counts its rows too.
    pub(super) async fn look(
        &mut self,
        walk: &mut Walk,
        aside: &Look<'_>,
        cursor: Option<Cursor>,
        counted: Option<&mut Tally>,
    ) -> Result<Glimpse> {
        let page = self.ask(aside.filter, cursor, aside.size).await?;
        if let Some(counted) = counted {
            counted.read(&page);
        }
        let mut glimpse = Glimpse::of(&page);
        let asked_at = aside.place.asked_at.clone();
        let place = Place { asked_at, aside: Some(aside.why), is_part: false };
        let mut batch = walk.digest(page, &place);
        batch.floor = aside.floor;
        glimpse.new = batch.shares.values().map(|share| share.met).sum();
        self.fruitless += u64::from(glimpse.new == 0);
        self.send(batch);
        Ok(glimpse)
    }

    /// Whether no more requests may be spent beside the walk.
    pub(super) fn is_spent(&self) -> bool {
        self.fruitless >= self.requests.max(FRUITLESS_REQUESTS)
    }

    /// Whether a condition of a filter is served just so, and the filter is not known to be in vain.
    pub(super) fn is_served(&self, filter: &CallFilter, field: Field) -> bool {
        self.asking.provider.explain(filter).is_ok_and(|pushdown| pushdown.serves(field))
    }
}

/// How to look beside the walk.
pub(super) struct Look<'a> {
    pub(super) filter: &'a CallFilter,
    pub(super) size: Option<NonZeroU32>,
    pub(super) place: &'a Place,
    /// What the walk itself may still give.
    pub(super) floor: Option<Floor>,
    pub(super) why: Aside,
}

/// What a page asked beside the walk showed.
pub(super) struct Glimpse {
    pub(super) next: Option<Cursor>,
    pub(super) rows: u64,
    pub(super) total: Option<u64>,
    /// How many rows on it were new.
    pub(super) new: u64,
    pub(super) ties: Option<TieGroup>,
    pub(super) doubts: bool,
    pub(super) calls: Vec<Traits>,
}

/// What a call can be told from others of its instant by.
pub(super) struct Traits {
    pub(super) updated: Option<DateTime<Utc>>,
    pub(super) talk: Option<std::time::Duration>,
    pub(super) agent: Option<String>,
}

impl Glimpse {
    fn of(page: &CallPage) -> Self {
        let traits = |call: &crate::call::Call| Traits {
            updated: call.times.updated,
            talk: call.durations.talk,
            agent: call.agent.as_ref().and_then(|agent| agent.id.clone()),
        };
        Self {
            next: page.next.clone(),
            rows: page.sources.iter().map(|source| source.rows).sum(),
            total: match page.sources.as_slice() {
                [source] => source.total,
                _ => None,
            },
            new: 0,
            ties: page.sources.iter().find_map(|source| source.ties),
            doubts: page.sources.iter().any(|source| !source.doubts.is_empty()),
            calls: page.calls.iter().map(traits).collect(),
        }
    }
}
