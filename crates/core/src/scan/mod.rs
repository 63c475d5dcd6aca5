//! The listing: lazy, in order, each call exactly once, with a certificate at its end.
//!
//! A [`Reader`](reader::Reader) walks one window of one account, page after page, and hands on what is new. [`Calls`] gives the
//! readers their turns, puts what they bring in order, and gives out what is certain.

mod accounts;
mod ahead;
mod asking;
mod certificate;
mod line;
mod name;
mod order;
mod pivot;
mod place;
mod reader;
mod release;
mod scout;
mod seen;
mod settle;
mod source;
mod tally;
mod ties;
mod walk;

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_util::StreamExt as _;
use futures_util::future::{Abortable, Aborted};
use futures_util::stream::FuturesUnordered;
use tracing::Span;

use accounts::ByAccount;
pub use certificate::{Certificate, Reason, SourceReport, Verdict};

use crate::call::Call;
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::federation::{OnFailure, may_be_left_out};
use crate::filter::CallFilter;
use crate::ids::{AccountId, VendorId};
use crate::provider::CallProvider;
use asking::Asking;
use line::Turn;
use order::{Arrival, Brought, Given, Item, Order, WindowId};
use place::Standing;
use reader::{End, Reader};
pub(crate) use release::Release;
use scout::Scout;
use source::{HELD_AHEAD, Source};
use walk::{Batch, Walk};

/// A listing of the calls that match a filter: a `Stream`, newest first, each call exactly once.
///
/// Nothing is sent until it is polled, and dropping it cancels it. An item is a call, or an error:
///
/// * a row that could not be understood is an error in its place ([`Error::rejected`]), and the listing goes on;
/// * any other error is fatal: it comes once, after the calls that are known to be right, and ends the listing.
///
/// When it has ended, [`certificate`](Self::certificate) says whether it is complete, and if not, why.
///
/// Options are set before the first poll.
#[must_use = "a listing does nothing until it is polled"]
pub struct Calls {
    provider: Arc<dyn CallProvider>,
    filter: Arc<CallFilter>,
    options: Options,
    phase: Phase,
    sources: Vec<Source>,
    readers: FuturesUnordered<BoxFuture<'static, Reading>>,
    order: Order,
    release: Release,
    certificate: Certificate,
    yielded: u64,
    stopped_at: Option<Cursor>,
    /// `callmux.list`: each page of this listing is asked for within it.
    span: Span,
}

/// How many pages are held of a window that is not the next to be given out, where nobody knows how many bytes they are.
const PAGES_AHEAD: u64 = 16;

/// How a reader came to its end.
type Reading = (WindowId, Result<Result<End>, Aborted>);

#[derive(Default)]
struct Options {
    limit: Option<u64>,
    page_size: Option<NonZeroU32>,
    keep_raw: bool,
    max_requests: Option<u64>,
    concurrency: Option<NonZeroU32>,
    resume: Option<Cursor>,
}

enum Phase {
    /// Nothing was asked yet.
    Start,
    Reading,
    /// A page failed. What is certain is given out, then what is held.
    Failing(Error),
    /// What is held is given out, though the failed page may have held what belongs between, then the error.
    Failed(Error),
    /// Nothing more comes.
    Ended,
}

impl Calls {
    /// A listing of a provider's calls.
    pub fn new(provider: Arc<dyn CallProvider>, filter: CallFilter) -> Self {
        let info = provider.info();
        let span = tracing::debug_span!(
            "callmux.list",
            vendor = %info.vendor,
            account = %info.account,
        );
        Self {
            span,
            provider,
            filter: Arc::new(filter),
            options: Options::default(),
            phase: Phase::Start,
            sources: Vec::new(),
            readers: FuturesUnordered::new(),
            order: Order::default(),
            release: Release::Nothing,
            certificate: Certificate::unfinished(),
            yielded: 0,
            stopped_at: None,
        }
    }

    /// Ends after this many calls. It counts matches, not rows.
    pub fn limit(mut self, calls: u64) -> Self {
        self.options.limit = Some(calls);
        self
    }

    /// How many rows to ask for at a time: a hint, clamped to what the vendor takes. 0 leaves the choice to the provider.
    pub fn page_size(mut self, rows: u32) -> Self {
        self.options.page_size = NonZeroU32::new(rows);
        self
    }

    /// How many requests to have under way at once of each account. 0 leaves the choice to the provider
    /// ([`ProviderInfo::concurrency`](crate::ProviderInfo::concurrency)).
    ///
    /// The answer is the same as with one. A vendor that is walked by time is read in so many windows, if the range has a beginning
    /// ([`CallFilter::since`]); one that numbers its pages, so many pages at a time
    /// ([`CallProvider::as_read_ahead`]). A listing with a limit asks for one page after the other, and one with
    /// [`max_requests`](Self::max_requests) reads no page ahead: what it would read may not be needed.
    pub fn concurrency(mut self, requests: u32) -> Self {
        self.options.concurrency = NonZeroU32::new(requests);
        self
    }

    /// Keeps each row's exact bytes in [`Call::raw`].
    pub fn keep_raw(mut self) -> Self {
        self.options.keep_raw = true;
        self
    }

    /// Ends with an error of kind [`ErrorKind::Budget`] rather than send a request beyond this many.
    ///
    /// It is checked before each page, so the retries of one page may exceed it.
    pub fn max_requests(mut self, requests: u64) -> Self {
        self.options.max_requests = Some(requests);
        self
    }

    /// Goes on where another listing of the same provider and filter stood ([`Calls::cursor`]), or from a page's
    /// [`next`](crate::CallPage::next).
    pub fn resume(mut self, cursor: Cursor) -> Self {
        self.options.resume = Some(cursor);
        self
    }

    /// Where to go on later. A listing resumed here gives what this one has not given, and nothing that it has given, as far as
    /// the vendor keeps its order; where it does not, some may come again.
    ///
    /// It stays when a limit or a fatal error has ended the listing. `None` before the first page is asked for, unless it was
    /// resumed itself, and when the listing has ended otherwise.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        match &self.phase {
            Phase::Start => self.options.resume.clone(),
            Phase::Ended => self.stopped_at.clone(),
            Phase::Reading | Phase::Failing(_) | Phase::Failed(_) => self.standing(),
        }
    }

    fn standing(&self) -> Option<Cursor> {
        if self.sources.is_empty() {
            return self.options.resume.clone();
        }
        let standing = Standing::of(&self.sources, &self.order, &self.certificate.reasons);
        // The parts are texts and instants, which JSON can always hold.
        standing.seal(&self.provider.info().identity, &self.filter).ok()
    }

    /// What is known of the listing's completeness: final once it has ended, and incomplete until then.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The next call, `None` at the end. The same as the `Stream`, without a stream crate.
    pub async fn next(&mut self) -> Option<Result<Call>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The accounts, each to be read by itself, or the standing of each where another listing stood.
    fn start(&mut self) -> Phase {
        // Before any request: a condition that one account cannot serve is an error of the whole.
        if let Err(error) = self.provider.explain(&self.filter) {
            return Phase::Failing(error);
        }
        let mut accounts = Vec::new();
        leaves(&self.provider, OnFailure::Stop, &mut accounts);
        let identity = self.provider.info().identity.clone();
        let mut standing = None;
        let mut page = None;
        if let Some(cursor) = self.options.resume.clone() {
            if Standing::is_one(&cursor, &identity) {
                match Standing::open(&cursor, &identity, &self.filter, accounts.len()) {
                    Ok(open) => standing = Some(open),
                    Err(error) => return Phase::Failing(error),
                }
            } else {
                // A page's own cursor: its provider knows whose it is.
                page = Some(cursor);
                accounts = vec![(Arc::clone(&self.provider), OnFailure::Stop)];
            }
        }
        self.certificate.resumed = self.options.resume.is_some();
        for (provider, on_failure) in accounts {
            let source = self.source(provider, on_failure);
            self.sources.push(source);
        }
        if let Some(standing) = standing {
            self.resume_sources(standing);
        }
        if let (Some(cursor), Some(source)) = (page, self.sources.first_mut()) {
            source.resume_page(cursor);
            let walk = Walk::resumed(walk::Given::default(), Vec::new(), true);
            self.spawn(0, 1, walk);
        }
        self.update_release();
        Phase::Reading
    }

    fn source(&self, provider: Arc<dyn CallProvider>, on_failure: OnFailure) -> Source {
        let workers = match self.options.limit {
            Some(_) => 1,
            None => self.options.concurrency.map_or(provider.info().concurrency, NonZeroU32::get),
        };
        let page_size = self.page_size_hint(&*provider);
        let mut source = Source::new(provider, on_failure, &self.filter, workers, page_size);
        if self.options.max_requests.is_some() {
            // A page that was of no use may be the one too many.
            source.ahead = 0;
        }
        source
    }

    /// A limit makes pages smaller only where every row is a match; one more row than the limit shows whether the last
    /// call ties with the one after it. The size stays the same from page to page, as page numbers need it to.
    fn page_size_hint(&self, provider: &dyn CallProvider) -> Option<NonZeroU32> {
        let Some(limit) = self.options.limit else { return self.options.page_size };
        if !provider.explain(&self.filter).is_ok_and(|pushdown| pushdown.is_exact()) {
            return self.options.page_size;
        }
        let size = self.options.page_size.map_or(provider.info().page.default, NonZeroU32::get);
        let wanted = u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX);
        NonZeroU32::new(size.min(wanted))
    }

    fn resume_sources(&mut self, standing: Standing) {
        self.certificate.add(standing.reasons);
        for (index, standing) in standing.sources.into_iter().enumerate() {
            let Some(source) = self.sources.get_mut(index) else { continue };
            let windows = source.resume(standing);
            let given = source.given_before.clone();
            if let Some(reason) = &source.failed {
                self.certificate.add([reason.clone()]);
            }
            for (window, doubts, is_begun) in windows {
                self.spawn(index, window, Walk::resumed(given.clone(), doubts, is_begun));
            }
        }
    }

    /// Sets a reader to a window; it waits for its turn.
    fn spawn(&mut self, index: usize, window: u64, walk: Walk) {
        let Some(source) = self.sources.get_mut(index) else { return };
        let (provider, page_size) = (Arc::clone(&source.provider), source.page_size);
        let scout = source.wants_scout(window).then(Scout::default);
        let most_ahead = source.ahead;
        let Some(window) = source.window(window) else { return };
        let asking = Asking {
            provider,
            filter: Arc::new(self.filter.within(window.range)),
            page_size,
            keep_raw: self.options.keep_raw,
            line: window.line.clone(),
            span: self.span.clone(),
        };
        let reader = Reader::new(asking, most_ahead, scout);
        let id = (index, window.id);
        let reading = reader.read(window.resume_at.clone(), walk);
        let (reading, handle) = futures_util::future::abortable(reading);
        window.reader = Some(handle);
        self.readers.push(Box::pin(named(id, reading)));
    }

    /// Gives turns to the readers that hold the listing up, and to those that read ahead of it; whether there was one.
    fn grant(&mut self) -> bool {
        let mut has_granted = false;
        for index in 0..self.sources.len() {
            if !self.sources.get(index).is_some_and(|source| source.is_due(self.release)) {
                continue;
            }
            while let Some((window, tells_total)) =
                self.sources.get_mut(index).and_then(Source::cut)
            {
                let source = self.sources.get(index);
                let given = source.map(|source| source.given_before.clone()).unwrap_or_default();
                self.spawn(index, window, Walk::new(tells_total, given));
                has_granted = true;
            }
            has_granted |= self.grant_source(index);
        }
        has_granted
    }

    fn grant_source(&mut self, index: usize) -> bool {
        let mut has_granted = false;
        let mut left = self.requests_left();
        let mut room = HELD_AHEAD.saturating_sub(self.order.bytes());
        let Some(source) = self.sources.get_mut(index) else { return false };
        let (page_bytes, at_once) = (source.page_bytes, u64::from(source.at_once));
        let mut asked: u64 = source.windows.iter().map(|window| window.asked).sum();
        let mut is_first_idle = false;
        for place in 0..source.windows.len() {
            let is_first = source.is_first(place);
            let Some(window) = source.windows.get_mut(place) else { continue };
            room = room.saturating_sub(page_bytes.saturating_mul(window.asked));
            is_first_idle |= is_first && window.asked == 0 && window.line.waits_for().is_none();
            let Some(turn) = window.line.waits_for().filter(|_| !window.is_read) else { continue };
            let pages = self.order.pages_held((index, window.id)) as u64 + window.asked;
            let has_room = if page_bytes == 0 { pages < PAGES_AHEAD } else { room >= page_bytes };
            // The page that the listing waits for is asked for, however much is held; others leave it its place.
            let may_read = match turn {
                Turn::Next if is_first => true,
                Turn::Next => has_room && asked + u64::from(is_first_idle) < at_once,
                // How large a page is shows once one has come.
                Turn::Ahead => has_room && asked < at_once && window.pages > 0,
            };
            if may_read && left > 0 {
                window.line.grant();
                window.asked += 1;
                asked += 1;
                left -= 1;
                room = room.saturating_sub(page_bytes);
                has_granted = true;
            }
        }
        has_granted
    }

    /// How many requests may still be sent.
    fn requests_left(&self) -> u64 {
        let Some(max) = self.options.max_requests else { return u64::MAX };
        max.saturating_sub(self.certificate.requests()).saturating_sub(self.asked())
    }

    /// How many turns were given of which nothing has come yet.
    fn asked(&self) -> u64 {
        let windows = self.sources.iter().flat_map(|source| &source.windows);
        windows.map(|window| window.asked).sum()
    }

    /// Lets the readers go on, until one has brought something.
    fn advance(&mut self, context: &mut Context<'_>) -> Poll<Phase> {
        loop {
            let mut has_moved = false;
            while let Poll::Ready(Some((window, reading))) = self.readers.poll_next_unpin(context) {
                has_moved = true;
                self.receive(window.0);
                if let Ok(end) = reading
                    && let Some(error) = self.finish_window(window, end)
                {
                    return Poll::Ready(self.fail(error));
                }
            }
            for index in 0..self.sources.len() {
                has_moved |= self.receive(index);
            }
            if has_moved {
                self.update_release();
                return Poll::Ready(Phase::Reading);
            }
            if self.grant() {
                continue;
            }
            if self.sources.iter().all(Source::is_over) {
                self.end(None);
                return Poll::Ready(Phase::Ended);
            }
            if self.requests_left() == 0 && self.asked() == 0 {
                let max = self.options.max_requests.unwrap_or_default();
                let message = format!("the listing needs more than {max} requests");
                let error = Error::new(ErrorKind::Budget, message)
                    .with_remedy("raise the limit on requests, or narrow the filter");
                return Poll::Ready(self.fail(error));
            }
            return Poll::Pending;
        }
    }

    /// Takes what the readers of an account have brought; whether there was anything.
    fn receive(&mut self, index: usize) -> bool {
        let (mut has_received, mut ignores_range) = (false, false);
        let Some(source) = self.sources.get_mut(index) else { return false };
        for place in 0..source.windows.len() {
            if let Some(window) = source.windows.get_mut(place)
                && let Some(dropped) = window.line.take_dropped()
            {
                has_received = true;
                window.asked = window.asked.saturating_sub(dropped.turns);
                let info = source.provider.info();
                let of = self.certificate.source_of(&info.vendor, &info.account);
                self.certificate.count_dropped(of, dropped);
            }
            while let Some((window, batch)) = source
                .windows
                .get_mut(place)
                .and_then(|window| window.line.receive().map(|batch| (window, batch)))
            {
                has_received = true;
                window.asked = window.asked.saturating_sub(batch.is_page.into());
                window.pages += 1;
                window.page_bytes = window.page_bytes.saturating_add(batch.bytes);
                if batch.is_page {
                    source.page_bytes =
                        source.page_bytes.max(std::mem::take(&mut window.page_bytes));
                }
                window.top = batch.top;
                window.floor = batch.floor.map(|floor| floor.at);
                window.newest = batch.calls.iter().filter_map(|call| call.placed_at).max();
                window.resume_at.clone_from(&batch.resume_at);
                window.doubts.clone_from(&batch.doubts);
                window.is_unsettled = batch.is_unsettled;
                window.rows += batch.shares.values().map(|share| share.met).sum::<u64>();
                let (id, page) = ((index, window.id), window.pages);
                source.is_walk_disordered |= batch.is_disordered;
                ignores_range |= batch.is_outside;
                source.is_disordered |=
                    take(&mut self.order, &mut self.certificate, (id, page), batch);
            }
        }
        if ignores_range && !source.ignores_range {
            let given_up = source.stop_cutting();
            self.order.drop_windows(index, &given_up);
        }
        has_received
    }

    /// A reader came to its end. The error that ends the listing, if it does.
    fn finish_window(&mut self, (index, id): WindowId, end: Result<End>) -> Option<Error> {
        let source = self.sources.get_mut(index)?;
        match end {
            Ok(end) => {
                let reasons = source.finish_window(id, end);
                self.certificate.add(reasons);
                let info = source.provider.info();
                self.certificate.count_window(&info.vendor, &info.account);
                source.prune(index, &self.order);
                None
            }
            Err(error) => {
                let info = source.provider.info();
                let is_one_of_many = self.provider.as_federation().is_some();
                let error =
                    if is_one_of_many { crate::federation::named(error, info) } else { error };
                self.certificate.count_failed_page(&error);
                if source.on_failure == OnFailure::Stop || !may_be_left_out(&error) {
                    return Some(error);
                }
                let reason = Reason::failed(&error);
                self.certificate.source_of(&info.vendor, &info.account);
                self.certificate.add([reason.clone()]);
                let left_out = source.leave_out(reason);
                self.order.drop_windows(index, &left_out);
                None
            }
        }
    }

    /// The listing ends here. What was read ahead is read again by whoever goes on: what was given out is without gaps.
    fn fail(&mut self, error: Error) -> Phase {
        self.readers.clear();
        for index in 0..self.sources.len() {
            self.receive(index);
            let Some(source) = self.sources.get_mut(index) else { continue };
            let read_ahead = source.forget_ahead();
            self.order.drop_windows(index, &read_ahead);
        }
        self.update_release();
        Phase::Failing(error)
    }

    fn update_release(&mut self) {
        self.release = Release::of_all(self.sources.iter().map(Source::floor));
        self.order.release(self.release);
    }

    fn end_at_limit(&mut self) {
        self.stopped_at = self.standing();
        self.certificate.limit_reached();
        self.end(None);
    }

    fn end(&mut self, failure: Option<&Error>) {
        // A listing that ended above an edge does not need what is there.
        let ended_at = self.order.last_given().filter(|_| self.certificate.limit_reached);
        for source in &self.sources {
            let reasons = source.open_reasons(ended_at, self.certificate.limit_reached);
            self.certificate.add(reasons);
        }
        let accounts: Vec<(VendorId, AccountId)> = self
            .sources
            .iter()
            .map(|source| {
                let info = source.provider.info();
                (info.vendor.clone(), info.account.clone())
            })
            .collect();
        self.certificate.finish(failure, &accounts);
        self.phase = Phase::Ended;
        self.readers.clear();
        self.sources.clear();
        self.order = Order::default();
    }

    fn limit_reached(&self) -> bool {
        self.options.limit.is_some_and(|limit| self.yielded >= limit)
    }

    /// The next row that may go.
    fn pop(&mut self) -> Option<Item> {
        let Given { key, window, item, ends_page } = self.order.pop()?;
        let is_certain = !matches!(self.phase, Phase::Failed(_));
        if let Some(source) = self.sources.get_mut(window.0) {
            if is_certain {
                source.given = source.given.take().max(Some(key));
            } else {
                source.beyond.insert(key);
            }
            if ends_page {
                source.prune(window.0, &self.order);
            }
        }
        Some(item)
    }
}

/// The accounts behind a provider, each with what its failure means.
fn leaves(
    provider: &Arc<dyn CallProvider>,
    on_failure: OnFailure,
    found: &mut Vec<(Arc<dyn CallProvider>, OnFailure)>,
) {
    match provider.as_federation() {
        None => found.push((Arc::clone(provider), on_failure)),
        Some(federation) => {
            let on_failure = match on_failure {
                OnFailure::Continue => OnFailure::Continue,
                OnFailure::Stop => federation.on_failure(),
            };
            for member in federation.members() {
                leaves(member, on_failure, found);
            }
        }
    }
}

async fn named(id: WindowId, reading: Abortable<impl Future<Output = Result<End>>>) -> Reading {
    (id, reading.await)
}

/// Holds what is new of a page; whether a row of it came too late for its place.
fn take(
    order: &mut Order,
    certificate: &mut Certificate,
    (window, page): (WindowId, u64),
    mut batch: Batch,
) -> bool {
    for (vendor, account, share) in std::mem::take(&mut batch.shares).into_entries() {
        certificate.count_share((&vendor, &account), share);
    }
    let mut is_late = false;
    let mut indices = ByAccount::<Option<usize>>::default();
    let tell = |call: &Call, arrival: Arrival| {
        let (vendor, account) = (&call.vendor, &call.account);
        let index = indices.of(vendor, account);
        let source = *index.get_or_insert_with(|| certificate.source_of(vendor, account));
        // What has arrived since, or is found by reading again, says nothing of the vendor's order.
        let is_in_turn = !batch.is_again && batch.top.is_none_or(|top| call.placed_at <= Some(top));
        is_late |= is_in_turn && arrival == Arrival::TooLate;
        certificate.count_order(source, arrival);
    };
    let Batch { asked_at, calls, rejected, bytes, .. } = batch;
    order.hold((window, page), Brought { asked_at, calls, rejected, bytes }, tell);
    is_late
}

impl Stream for Calls {
    type Item = Result<Call>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if matches!(this.phase, Phase::Ended) {
                return Poll::Ready(None);
            }
            // Rows given out after a failure fill a limit and do not make the listing whole: the error still comes.
            let failed = matches!(this.phase, Phase::Failed(_));
            if this.limit_reached() && !failed {
                this.end_at_limit();
                continue;
            }
            match if this.limit_reached() { None } else { this.pop() } {
                Some(Item::Call(call)) => {
                    this.yielded += 1;
                    if this.limit_reached() && !failed {
                        this.end_at_limit();
                    }
                    return Poll::Ready(Some(Ok(call)));
                }
                Some(Item::Rejected(row)) => {
                    let source = this.certificate.source_of(&row.vendor, &row.account);
                    this.certificate.count_rejected(source);
                    return Poll::Ready(Some(Err(Error::rejected_row(*row))));
                }
                None => {}
            }
            this.phase = match std::mem::replace(&mut this.phase, Phase::Reading) {
                Phase::Start => this.start(),
                Phase::Reading => match this.advance(context) {
                    Poll::Ready(phase) => phase,
                    Poll::Pending => return Poll::Pending,
                },
                Phase::Failing(error) => {
                    this.order.release(Release::All);
                    Phase::Failed(error)
                }
                Phase::Failed(error) => {
                    this.stopped_at = this.standing();
                    this.end(Some(&error));
                    return Poll::Ready(Some(Err(error)));
                }
                Phase::Ended => Phase::Ended,
            };
        }
    }
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls")
            .field("provider", &self.provider)
            .field("filter", &self.filter)
            .field("yielded", &self.yielded)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
