//! The pages that a reader has asked for before their turn.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::future::BoxFuture;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tracing::{Instrument as _, Span};

use super::line::{Line, Turn};
use crate::ahead::EarlyPage;
use crate::cursor::Cursor;
use crate::filter::CallFilter;
use crate::page::PageRequest;
use crate::provider::CallProvider;

/// What pages are asked for with.
#[derive(Clone)]
pub(super) struct Asking {
    pub(super) provider: Arc<dyn CallProvider>,
    pub(super) filter: Arc<CallFilter>,
    pub(super) page_size: Option<NonZeroU32>,
    pub(super) keep_raw: bool,
    pub(super) line: Line,
    pub(super) span: Span,
}

impl Asking {
    pub(super) fn request(&self, cursor: Option<Cursor>) -> PageRequest {
        PageRequest { cursor, size: self.page_size, keep_raw: self.keep_raw }
    }

    fn likely_next(&self, cursor: Option<Cursor>) -> Option<Cursor> {
        let provider = self.provider.as_read_ahead()?;
        provider.likely_next(&self.filter, &self.request(cursor))
    }

    /// `None` from a provider that reads nothing ahead.
    async fn read_ahead(self, cursor: Cursor) -> Option<EarlyPage> {
        let request = self.request(Some(cursor));
        let read = self.provider.as_read_ahead()?.read_ahead(&self.filter, request);
        Some(read.instrument(self.span.clone()).await)
    }
}

/// Pages that are read ahead, in the order in which they are likely to follow one another.
#[derive(Default)]
pub(super) struct Ahead {
    /// How many may be under way, or wait for their turn, beside the page whose turn it is.
    most: usize,
    under_way: FuturesUnordered<BoxFuture<'static, (u64, Option<EarlyPage>)>>,
    /// Those that have come, by number.
    come: BTreeMap<u64, Option<EarlyPage>>,
    /// The number of the last that was asked for.
    last: u64,
    /// The cursor of the next.
    next: Option<Cursor>,
}

impl Ahead {
    pub(super) fn new(most: u32) -> Self {
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), ..Self::default() }
    }

    fn len(&self) -> usize {
        self.under_way.len() + self.come.len()
    }

    /// Takes note of the page whose turn it is: what follows it is read ahead, unless that is under way.
    pub(super) fn follow(&mut self, asking: &Asking, cursor: Option<&Cursor>) {
        if self.most > 0 && self.len() == 0 {
            self.next = asking.likely_next(cursor.cloned());
        }
    }

    /// Goes on while the page whose turn it is comes.
    pub(super) fn go_on(&mut self, asking: &Asking, context: &mut Context<'_>) {
        self.read(self.most, asking, context);
    }

    /// Goes on with those that are under way, and asks for more as turns are given.
    fn read(&mut self, most: usize, asking: &Asking, context: &mut Context<'_>) {
        self.take(context);
        while self.len() < most
            && let Some(cursor) = self.next.take()
        {
            if asking.line.poll_turn(Turn::Ahead, context).is_pending() {
                self.next = Some(cursor);
                return;
            }
            self.last += 1;
            let (number, read) = (self.last, asking.clone().read_ahead(cursor.clone()));
            self.under_way.push(Box::pin(async move { (number, read.await) }));
            self.next = asking.likely_next(Some(cursor));
            self.take(context);
        }
    }

    fn take(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(Some((number, page))) = self.under_way.poll_next_unpin(context) {
            self.come.insert(number, page);
        }
    }

    /// The first, once it has come; `None` where there is none.
    pub(super) fn poll_first(
        &mut self,
        asking: &Asking,
        context: &mut Context<'_>,
    ) -> Poll<Option<EarlyPage>> {
        // With none under way, the page whose turn it is comes before any other. Else the first is that, or is about to be.
        if self.len() > 0 {
            self.read(self.most.saturating_add(1), asking, context);
        }
        loop {
            let Some(first) = self.first() else { return Poll::Ready(None) };
            match self.come.remove(&first) {
                Some(Some(page)) => return Poll::Ready(Some(page)),
                Some(None) => {}
                None => return Poll::Pending,
            }
        }
    }

    fn first(&self) -> Option<u64> {
        let len = self.len() as u64;
        (len > 0).then(|| self.last + 1 - len)
    }

    /// Puts the first back: its turn is later.
    pub(super) fn put_back(&mut self, page: EarlyPage) {
        let number = self.last - self.len() as u64;
        self.come.insert(number, Some(page));
    }

    /// Drops all; how many they were, and how many requests were sent for them.
    pub(super) fn drop_all(&mut self) -> (u64, u64) {
        let requests = |page: &Option<EarlyPage>| page.as_ref().map_or(0, |page| page.requests);
        let come: u64 = self.come.values().map(requests).map(u64::from).sum();
        let dropped = (self.len() as u64, come + self.under_way.len() as u64);
        *self = Self { most: self.most, ..Self::default() };
        dropped
    }
}
