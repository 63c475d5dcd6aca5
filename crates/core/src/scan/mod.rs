//! The listing: lazy, in order, each call exactly once, with a certificate at its end.

mod certificate;
mod drift;
mod seen;
mod window;

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use tracing::{Instrument as _, Span};

pub use certificate::{Certificate, Reason, SourceReport, Verdict};

use crate::call::Call;
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::CallFilter;
use crate::page::{CallPage, PageRequest};
use crate::provider::CallProvider;
use drift::Drift;
use seen::{Seen, Sight};
use window::{Item, Window};

/// How many pages in a row may bring nothing new before a listing counts as stalled.
const BARREN_PAGES: u32 = 64;

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
    window: Window,
    seen: Seen,
    drift: Drift,
    certificate: Certificate,
    yielded: u64,
    barren: u32,
    stopped_at: Option<Cursor>,
    /// `callmux.list`: each page of this listing is asked for within it.
    span: Span,
}

#[derive(Default)]
struct Options {
    limit: Option<u64>,
    page_size: Option<NonZeroU32>,
    keep_raw: bool,
    max_requests: Option<u64>,
    resume: Option<Cursor>,
}

enum Phase {
    /// Nothing was asked yet.
    Start,
    /// The page at this cursor is wanted next.
    Between(Cursor),
    /// A page was asked for, at this cursor.
    Asking(Option<Cursor>, BoxFuture<'static, Result<CallPage>>),
    /// The last page is in; what is held is given out.
    Draining,
    /// The page at this cursor failed. What is certain is given out, then what is held.
    Failing(Option<Cursor>, Error),
    /// What is held is given out, though the failed page may have held what belongs between, then the error.
    Failed(Option<Cursor>, Error),
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
            window: Window::default(),
            seen: Seen::default(),
            drift: Drift::default(),
            certificate: Certificate::unfinished(),
            yielded: 0,
            barren: 0,
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

    /// Goes on where another listing of the same provider and filter stood ([`Calls::cursor`]).
    pub fn resume(mut self, cursor: Cursor) -> Self {
        self.options.resume = Some(cursor);
        self
    }

    /// Where to go on later: a listing resumed here skips nothing that this one has not yet yielded, and may repeat calls
    /// of the pages that are still being given out.
    ///
    /// It stays when a limit or a fatal error has ended the listing. `None` while the first page is being given out (start
    /// anew then), and when the listing was read to its end.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        if let Some(oldest_held) = self.window.oldest_page() {
            return oldest_held.clone();
        }
        match &self.phase {
            Phase::Start => self.options.resume.clone(),
            Phase::Between(cursor) => Some(cursor.clone()),
            Phase::Asking(cursor, _) | Phase::Failing(cursor, _) | Phase::Failed(cursor, _) => {
                cursor.clone()
            }
            Phase::Draining => None,
            Phase::Ended => self.stopped_at.clone(),
        }
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

    fn ask(&mut self, cursor: Option<Cursor>) -> Phase {
        if let Some(max) = self.options.max_requests
            && self.certificate.requests() >= max
        {
            let error = Error::new(
                ErrorKind::Budget,
                format!("the listing needs more than {max} requests"),
            )
            .with_remedy("raise the limit on requests, or narrow the filter");
            return Phase::Failing(cursor, error);
        }
        let request = PageRequest {
            cursor: cursor.clone(),
            size: self.page_size_hint(),
            keep_raw: self.options.keep_raw,
        };
        let (provider, filter) = (Arc::clone(&self.provider), Arc::clone(&self.filter));
        let answer = async move { provider.list_page(&filter, request).await };
        Phase::Asking(cursor, Box::pin(answer.instrument(self.span.clone())))
    }

    /// A limit makes pages smaller only where every row is a match; one more row than the limit shows whether the last
    /// call ties with the one after it. The size stays the same from page to page, as page numbers need it to.
    fn page_size_hint(&self) -> Option<NonZeroU32> {
        let Some(limit) = self.options.limit else { return self.options.page_size };
        if !self.provider.explain(&self.filter).is_ok_and(|pushdown| pushdown.is_exact()) {
            return self.options.page_size;
        }
        let size =
            self.options.page_size.map_or(self.provider.info().page.default, NonZeroU32::get);
        let wanted = u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX);
        NonZeroU32::new(size.min(wanted))
    }

    fn take_page(&mut self, asked_at: Option<Cursor>, page: CallPage) -> Phase {
        let CallPage { calls, rejected, next, floor, sources, total: _ } = page;
        self.window.open_page(asked_at);
        let mut new = 0_u64;
        for source in &sources {
            self.certificate.count_page(source);
        }
        for call in calls {
            let source = self.certificate.source_of(&call.vendor, &call.account);
            self.drift.meet(source, call.placed_at);
            match self.seen.see_match(source, &call.id, call.placed_at) {
                Sight::New => {
                    new += 1;
                    self.certificate.count_unique(source);
                }
                Sight::NowMatching => new += 1,
                Sight::Repeat => {
                    self.certificate.count_repeat(source);
                    self.drift.repeat(source);
                    continue;
                }
                Sight::AboveFloor => {
                    self.certificate.count_above_floor(source);
                    continue;
                }
            }
            let order = self.window.hold_call(source, call);
            self.certificate.count_order(source, order);
        }
        for row in rejected {
            let source = self.certificate.source_of(&row.vendor, &row.account);
            if self.seen.see_rejected(source, &row) {
                new += 1;
                self.certificate.count_unique(source);
                self.window.hold_rejected(row);
            } else {
                self.certificate.count_repeat(source);
                self.drift.repeat(source);
            }
        }
        for page_source in &sources {
            let source = self.certificate.source_of(&page_source.vendor, &page_source.account);
            for row in &page_source.filtered {
                self.drift.meet(source, row.placed_at);
                match self.seen.see_filtered(source, &row.id, row.placed_at) {
                    Sight::Repeat => {
                        self.certificate.count_repeat(source);
                        self.drift.repeat(source);
                    }
                    Sight::AboveFloor => self.certificate.count_above_floor(source),
                    Sight::New | Sight::NowMatching => {
                        new += 1;
                        self.certificate.count_filtered(source);
                    }
                }
            }
            self.seen.forget_above(source, page_source.floor);
            self.drift.turn(source, page_source);
        }
        self.barren = if new == 0 { self.barren + 1 } else { 0 };

        let Some(next) = next else {
            self.window.release_all();
            return Phase::Draining;
        };
        self.window.release_above(floor);
        if self.barren >= BARREN_PAGES {
            let message = format!("{BARREN_PAGES} pages in a row brought nothing new");
            let error = Error::new(ErrorKind::Stalled, message)
                .with_remedy("narrow the time range, or report this vendor's behaviour");
            return Phase::Failing(Some(next), error);
        }
        Phase::Between(next)
    }

    fn end_at_limit(&mut self) {
        self.stopped_at = self.cursor();
        self.certificate.limit_reached();
        self.end(None);
    }

    /// What a limit left of the held rows is still to be had at their page, else at the page that failed.
    fn end_at_failure(&mut self, failed_at: Option<Cursor>, error: &Error) {
        self.stopped_at = self.window.oldest_page().cloned().unwrap_or(failed_at);
        self.end(Some(error));
    }

    fn end(&mut self, failure: Option<&Error>) {
        let resumed = self.options.resume.is_some();
        let ended_at = self.window.last_given().filter(|_| self.certificate.limit_reached);
        self.certificate.finish(failure, resumed, &self.drift, ended_at);
        self.phase = Phase::Ended;
        self.window = Window::default();
        self.seen = Seen::default();
        self.drift = Drift::default();
    }

    fn limit_reached(&self) -> bool {
        self.options.limit.is_some_and(|limit| self.yielded >= limit)
    }
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
            let failed = matches!(this.phase, Phase::Failed(..));
            if this.limit_reached() && !failed {
                this.end_at_limit();
                continue;
            }
            match if this.limit_reached() { None } else { this.window.pop() } {
                Some(Item::Call(call)) => {
                    this.yielded += 1;
                    if this.limit_reached() && !failed {
                        this.end_at_limit();
                    }
                    return Poll::Ready(Some(Ok(*call)));
                }
                Some(Item::Rejected(row)) => {
                    let source = this.certificate.source_of(&row.vendor, &row.account);
                    this.certificate.count_rejected(source);
                    return Poll::Ready(Some(Err(Error::rejected_row(*row))));
                }
                None => {}
            }
            this.phase = match std::mem::replace(&mut this.phase, Phase::Ended) {
                Phase::Start => {
                    let resume = this.options.resume.clone();
                    this.ask(resume)
                }
                Phase::Between(cursor) => this.ask(Some(cursor)),
                Phase::Asking(cursor, mut answer) => match answer.as_mut().poll(context) {
                    Poll::Pending => {
                        this.phase = Phase::Asking(cursor, answer);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(page)) => this.take_page(cursor, page),
                    Poll::Ready(Err(error)) => {
                        this.certificate.count_failed_page(&error);
                        Phase::Failing(cursor, error)
                    }
                },
                Phase::Draining => {
                    this.end(None);
                    Phase::Ended
                }
                Phase::Failing(failed_at, error) => {
                    this.window.release_all();
                    Phase::Failed(failed_at, error)
                }
                Phase::Failed(failed_at, error) => {
                    this.end_at_failure(failed_at, &error);
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
