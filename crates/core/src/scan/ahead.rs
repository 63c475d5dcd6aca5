//! The pages that a reader has asked for before their turn.

use std::collections::BTreeMap;
use std::task::{Context, Poll};

use futures_core::future::BoxFuture;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::asking::Asking;
use super::line::Turn;
use crate::ahead::EarlyPage;
use crate::cursor::Cursor;

/// After how many pages without any one is read ahead again, where none was of use.
const PAUSE: u32 = 8;

/// Pages that are read ahead, in the order in which they are likely to follow one another.
pub(super) struct Ahead {
    asking: Asking,
    /// How many may be under way, or wait for their turn, beside the page whose turn it is.
    most: usize,
    /// The same for now: half after each that was of no use, one more after each that was.
    allowed: usize,
    /// How many pages came one after the other since none is allowed.
    paused: u32,
    under_way: FuturesUnordered<BoxFuture<'static, (u64, EarlyPage)>>,
    /// Those that have come, by number.
    come: BTreeMap<u64, EarlyPage>,
    /// The number of the last that was asked for.
    last: u64,
    /// The cursor of the next.
    next: Option<Cursor>,
}

impl Ahead {
    pub(super) fn new(most: u32, asking: Asking) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Self {
            asking,
            most,
            allowed: most,
            paused: 0,
            under_way: FuturesUnordered::new(),
            come: BTreeMap::new(),
            last: 0,
            next: None,
        }
    }

    fn len(&self) -> usize {
        self.under_way.len() + self.come.len()
    }

    /// Takes note of the page whose turn it is: what follows it is read ahead, unless that is under way.
    pub(super) fn follow(&mut self, cursor: Option<&Cursor>) {
        if self.most == 0 || self.len() > 0 {
            return;
        }
        if self.allowed == 0 {
            self.paused += 1;
            if self.paused < PAUSE {
                return;
            }
            (self.allowed, self.paused) = (1, 0);
        }
        self.next = self.asking.likely_next(cursor.cloned());
    }

    /// Goes on while the page whose turn it is comes.
    pub(super) fn go_on(&mut self, context: &mut Context<'_>) {
        self.read(self.allowed, context);
    }

    /// Goes on with those that are under way, and asks for more as turns are given.
    fn read(&mut self, most: usize, context: &mut Context<'_>) {
        self.take(context);
        while self.len() < most
            && let Some(cursor) = self.next.take()
        {
            if self.asking.line.poll_turn(Turn::Ahead, context).is_pending() {
                self.next = Some(cursor);
                return;
            }
            self.last += 1;
            let (number, asking) = (self.last, self.asking.clone());
            let read = asking.read_ahead(cursor.clone());
            self.under_way.push(Box::pin(async move { (number, read.await) }));
            self.next = self.asking.likely_next(Some(cursor));
            self.take(context);
        }
    }

    fn take(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(Some((number, page))) = self.under_way.poll_next_unpin(context) {
            self.come.insert(number, page);
        }
    }

    /// The first, once it has come; `None` where there is none.
    pub(super) fn poll_first(&mut self, context: &mut Context<'_>) -> Poll<Option<EarlyPage>> {
        if self.first().is_none() {
            return Poll::Ready(None);
        }
        // The first is the page whose turn it is, or is about to be.
        self.read(self.allowed.saturating_add(1), context);
        self.first_come().map_or(Poll::Pending, |page| Poll::Ready(Some(page)))
    }

    /// The first, if it has come.
    pub(super) fn first_come(&mut self) -> Option<EarlyPage> {
        self.come.remove(&self.first()?)
    }

    fn first(&self) -> Option<u64> {
        let len = self.len() as u64;
        (len > 0).then(|| self.last + 1 - len)
    }

    /// Puts the first back: its turn is later.
    pub(super) fn put_back(&mut self, page: EarlyPage) {
        let number = self.last - self.len() as u64;
        self.come.insert(number, page);
    }

    /// The first was of no use. Those that follow may be none either: no more is asked for until they have shown what they are.
    pub(super) fn missed(&mut self, requests: u32) {
        self.asking.line.give_back(requests);
        self.allowed /= 2;
        self.next = None;
    }

    /// The first was of use.
    pub(super) fn hit(&mut self) {
        self.allowed = self.allowed.saturating_add(1).min(self.most);
    }

    /// Drops all. Of those under way nobody knows how many requests were sent: one each.
    pub(super) fn drop_all(&mut self) {
        let under_way = std::mem::take(&mut self.under_way).into_iter().map(|_| 1);
        let come = std::mem::take(&mut self.come).into_values().map(|page| page.requests);
        under_way.chain(come).for_each(|requests| self.asking.line.give_back(requests));
        self.next = None;
    }
}

/// A listing that ends counts what it asked for.
impl Drop for Ahead {
    fn drop(&mut self) {
        self.drop_all();
    }
}
