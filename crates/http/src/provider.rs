//! Any dialect as a provider.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use callmux_core::{
    Call, CallFilter, CallPage, CallProvider, Cursor, EarlyPage, Error, ErrorKind, PageRequest,
    PageSource, Parts, Placed, ProviderInfo, Pushdown, ReadAhead, Reason, Result, SentParameter,
    SourcePlan,
};
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use tracing::Instrument as _;

use crate::buffers::Buffers;
use crate::client::{Answer, Client, Reading, Whole};
use crate::dialect::{Check, Dialect, Envelope, EnvelopeError, Plan, Source};
use crate::document::{Document, Unread};
use crate::fault::Fault;
use crate::paging::{Early, Finding, Fit, Observed, Paging, Step};
use crate::rows::{Decoded, Decoder, decode_row};

/// An account of a vendor: any [`Dialect`] as a [`CallProvider`].
///
/// Clones are cheap and share the pace.
pub struct HttpProvider<D: Dialect>(Arc<Inner<D>>);

struct Inner<D> {
    dialect: D,
    client: Client,
    info: ProviderInfo,
    source: Source,
    /// The largest number of rows that a page ever had.
    largest_page: AtomicU32,
    buffers: Buffers,
    /// With how many bytes rows are passed on before their page is whole.
    part_size: usize,
}

impl<D: Dialect> Clone for HttpProvider<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: Dialect> fmt::Debug for HttpProvider<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpProvider({})", self.0.info.identity)
    }
}

impl<D: Dialect> HttpProvider<D> {
    pub(crate) fn new(
        dialect: D,
        client: Client,
        info: ProviderInfo,
        source: Source,
        part_size: usize,
    ) -> Self {
        let (largest_page, buffers) = (AtomicU32::new(0), Buffers::default());
        Self(Arc::new(Inner { dialect, client, info, source, largest_page, buffers, part_size }))
    }
}

type Position<D> = <<D as Dialect>::Paging as Paging>::Position;

/// A page as it was understood.
struct Understood {
    decoded: Decoded,
    observed: Observed,
}

/// What is asked for to get a page.
struct Asking<D: Dialect> {
    plan: Plan,
    at: Position<D>,
    /// How many rows.
    size: u32,
    keep_raw: bool,
}

/// What came of it.
struct Answered {
    asked_at: DateTime<Utc>,
    answer: Answer<Understood>,
}

/// A page that was read ahead.
type EarlyAnswer<D> = (Asking<D>, Answered);

/// A page as it arrives.
struct PageReading<'a, D: Dialect> {
    provider: &'a Inner<D>,
    document: Document<'a>,
    rows: Decoder<'a, D>,
    /// Where the page stands.
    at: &'a Position<D>,
    /// How many rows were asked for.
    asked: u32,
}

impl<D: Dialect> Reading for PageReading<'_, D> {
    type Value = Understood;

    fn push(&mut self, part: &[u8]) {
        self.document.push(part, &mut self.rows);
    }

    fn part(&mut self) -> Option<CallPage> {
        let paging = self.provider.dialect.paging();
        self.rows.part(|first| paging.can_pass_on(self.at, first))
    }

    fn finish(mut self) -> Result<Understood, Fault> {
        let around = self.document.finish(&mut self.rows).map_err(unread)?;
        let info = &self.provider.info;
        let envelope =
            self.provider.dialect.envelope(&around).map_err(|error| envelope_fault(&error))?;
        let mut decoded = self.rows.finish();
        let Envelope { total, page, last_page, page_size, next_token, has_more } = envelope;
        let observed = Observed {
            asked: self.asked,
            max: info.page.max,
            unasked: D::VENDOR.page_unasked,
            // Known when the page is placed.
            served_before: 0,
            sent: decoded.rows,
            marks: std::mem::take(&mut decoded.marks),
            total,
            page,
            last_page,
            page_size,
            next_token,
            has_more,
        };
        Ok(Understood { decoded, observed })
    }
}

impl<D: Dialect> Inner<D> {
    fn span(&self) -> tracing::Span {
        tracing::debug_span!(
            "callmux.page",
            vendor = %self.info.vendor,
            account = %self.info.account,
        )
    }

    fn plan(&self, filter: &CallFilter) -> Result<Plan> {
        self.dialect.plan(filter).map_err(|error| error.with_account(self.info.account.clone()))
    }

    /// The plan's parameters and the page's; the page's win.
    fn parameters(&self, plan: &Plan, at: &Position<D>, size: u32) -> Vec<SentParameter> {
        let of_page = self.dialect.paging().parameters(at, size);
        let kept = plan
            .parameters
            .iter()
            .filter(|kept| of_page.iter().all(|(name, _)| *name != kept.name))
            .cloned();
        let page = of_page
            .iter()
            .map(|(name, value)| SentParameter { name: (*name).to_owned(), value: value.clone() });
        kept.chain(page).collect()
    }

    fn page_size(&self, at: &Position<D>, request: Option<u32>) -> u32 {
        let wanted = request.unwrap_or(self.info.page.default);
        self.dialect.paging().page_size(at, wanted, self.info.page.max)
    }

    /// Writes what the walk found to its source. Ties and doubts are for the listing to settle; the rest stands.
    fn report(&self, finding: Finding, source: &mut PageSource) {
        let (vendor, account) = (self.info.vendor.clone(), self.info.account.clone());
        source.reasons.push(match finding {
            Finding::Ties(ties) => {
                source.ties = Some(ties);
                return;
            }
            Finding::EdgeInDoubt(edge) => {
                source.doubts.push(edge);
                return;
            }
            Finding::UntimedBeyondPage => {
                Reason::UntimedBeyondPage { vendor, account, page: self.info.page.max }
            }
            Finding::OrderBroken => Reason::OrderBroken { vendor, account },
            Finding::BoundMissed(instant) => Reason::BoundMissed { vendor, account, instant },
        });
    }

    /// What to ask for to get a page.
    fn asking(&self, filter: &CallFilter, request: &PageRequest) -> Result<Asking<D>> {
        let plan = self.plan(filter)?;
        let paging = self.dialect.paging();
        let at = match &request.cursor {
            None => paging.first(),
            Some(cursor) => cursor.open(&self.info.identity, filter).map_err(|error| {
                error.with_vendor(self.info.vendor.clone()).with_account(self.info.account.clone())
            })?,
        };
        let size = self.page_size(&at, request.size.map(std::num::NonZeroU32::get));
        Ok(Asking { plan, at, size, keep_raw: request.keep_raw })
    }

    async fn ask(
        &self,
        filter: &CallFilter,
        asking: &Asking<D>,
        parts: Option<&Parts>,
    ) -> Result<Answered> {
        let Asking { plan, at, size, keep_raw } = asking;
        let sent = self.parameters(plan, at, *size);
        let pairs: Vec<(&str, &str)> =
            sent.iter().map(|sent| (sent.name.as_str(), sent.value.as_str())).collect();
        let asked_at = self.client.clock.now();
        let answer = self
            .client
            .get(
                self.client.url(D::VENDOR.path, &pairs),
                |request, response, fault| self.dialect.classify(request, response, fault),
                || PageReading {
                    provider: self,
                    document: Document::new(D::VENDOR.rows, &self.buffers, self.part_size),
                    rows: Decoder::new(
                        &self.dialect,
                        &self.source,
                        (filter, plan),
                        *keep_raw,
                        self.part_size,
                    ),
                    at,
                    asked: *size,
                },
                parts,
            )
            .await?;
        Ok(Answered { asked_at, answer })
    }

    async fn list_page(
        &self,
        filter: &CallFilter,
        request: PageRequest,
        parts: Option<&Parts>,
    ) -> Result<CallPage> {
        let asking = self.asking(filter, &request)?;
        if asking.plan.impossible.is_some() {
            return Ok(CallPage::default());
        }
        let answered = self.ask(filter, &asking, parts).await?;
        self.page(filter, &asking, answered)
    }

    /// The page that an answer is, and where the walk goes from there.
    fn page(
        &self,
        filter: &CallFilter,
        Asking { plan, at, .. }: &Asking<D>,
        Answered { asked_at, answer }: Answered,
    ) -> Result<CallPage> {
        let paging = self.dialect.paging();
        let Understood { mut decoded, mut observed } = answer.value;
        observed.served_before = self.largest_page.fetch_max(observed.rows(), Ordering::Relaxed);
        let step = paging.next(at, &observed).map_err(|stalled| {
            let fault = Fault::new(ErrorKind::Stalled, stalled.0)
                .with_remedy("narrow the time range, or report this vendor's behaviour");
            self.client.error(fault, answer.attempts)
        })?;
        let Step { next, floor, read_above, findings } = step;
        if let Some(newest) = read_above {
            decoded.leave_out_above(newest);
        }
        let total = observed.total.filter(|_| paging.total_is_whole(at));

        let mut source = PageSource::new(self.info.vendor.clone(), self.info.account.clone());
        source.asked_at = Some(asked_at);
        source.requests = answer.attempts;
        source.retries = answer.attempts.saturating_sub(1);
        source.rows = observed.rows().saturating_sub(decoded.passed_on).into();
        source.bytes = decoded.bytes as u64;
        source.filtered = decoded.filtered;
        source.total = total;
        source.floor = floor;
        let (vendor, account) = (&self.info.vendor, &self.info.account);
        let not_as_asked = decoded.not_as_asked.into_iter().map(|field| Reason::NotAsAsked {
            vendor: vendor.clone(),
            account: account.clone(),
            field,
        });
        findings.into_iter().for_each(|finding| self.report(finding, &mut source));
        source.reasons.extend(not_as_asked);

        let mut page = CallPage::default();
        page.calls = decoded.calls;
        page.rejected = decoded.rejected;
        page.next =
            next.map(|next| Cursor::seal(&self.info.identity, filter, &next)).transpose()?;
        page.floor = floor;
        page.total = total.filter(|_| plan.is_exact());
        page.sources = vec![source];
        Ok(page)
    }
}

fn unread(unread: Unread) -> Fault {
    match unread {
        // JSON that ends too early is an answer cut short on its way.
        Unread::Cut => Fault::transient(ErrorKind::Unavailable, "the answer was cut short"),
        Unread::Broken(byte) => not_json(&format!(" (from byte {byte} on)")),
    }
}

fn not_json(place: &str) -> Fault {
    Fault::new(ErrorKind::Malformed, format!("the answer is not the JSON expected{place}"))
        .with_remedy("check the base URL")
}

fn envelope_fault(error: &EnvelopeError) -> Fault {
    match error {
        EnvelopeError::Json(json) if json.is_eof() => unread(Unread::Cut),
        EnvelopeError::Json(_) => not_json(""),
        EnvelopeError::Shape(why) => {
            Fault::new(ErrorKind::Malformed, format!("the answer is not a list of calls: {why}"))
                .with_remedy("check the base URL")
        }
    }
}

#[async_trait]
impl<D: Dialect> CallProvider for HttpProvider<D> {
    fn info(&self) -> &ProviderInfo {
        &self.0.info
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        let inner = &*self.0;
        let plan = inner.plan(filter)?;
        let endpoint = format!("GET {}", inner.client.url(D::VENDOR.path, &[]));
        let mut explained =
            SourcePlan::new(inner.info.vendor.clone(), inner.info.account.clone(), endpoint);
        if plan.impossible.is_none() {
            let first = inner.dialect.paging().first();
            explained.sent = inner.parameters(&plan, &first, inner.page_size(&first, None));
        }
        explained.conditions = plan.conditions;
        explained.impossible = plan.impossible;
        Ok(explained.into())
    }

    async fn list_page(&self, filter: &CallFilter, page: PageRequest) -> Result<CallPage> {
        self.0.list_page(filter, page, None).instrument(self.0.span()).await
    }

    async fn list_page_in_parts(
        &self,
        filter: &CallFilter,
        page: PageRequest,
        parts: &Parts,
    ) -> Result<CallPage> {
        self.0.list_page(filter, page, Some(parts)).instrument(self.0.span()).await
    }

    fn as_read_ahead(&self) -> Option<&dyn ReadAhead> {
        Some(self)
    }

    async fn get(&self, id: &str) -> Result<Call> {
        let inner = &*self.0;
        // These would be the path of something else.
        if matches!(id.trim(), "" | "." | "..") {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                format!("{id:?} is not the id of a call"),
            )
            .with_vendor(inner.info.vendor.clone())
            .with_account(inner.info.account.clone()));
        }
        let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let Some(path) = inner.dialect.get_path(&encoded.replace('+', "%20")) else {
            return Err(inner.info.cannot_get());
        };
        let answer = inner
            .client
            .get(
                inner.client.url(&path, &[]),
                |request, response, fault| inner.dialect.classify(request, response, fault),
                || {
                    Whole::new(|body: &[u8]| {
                        let raw: &RawValue = serde_json::from_slice(body)
                            .map_err(|error| envelope_fault(&error.into()))?;
                        decode_row(&inner.dialect, &inner.source, raw)
                            .map_err(|error| Fault::new(ErrorKind::Malformed, error.to_string()))
                    })
                },
                None,
            )
            .await?;
        Ok(answer.value)
    }

    async fn check(&self) -> Result<()> {
        let inner = &*self.0;
        match inner.dialect.check() {
            Check::FirstRow => {
                let page = PageRequest::first().with_size(1);
                inner.list_page(&CallFilter::new(), page, None).await.map(drop)
            }
            Check::Path(path) => {
                let url = inner.client.url(path, &[]);
                let json = || {
                    Whole::new(|body: &[u8]| {
                        serde_json::from_slice::<serde::de::IgnoredAny>(body)
                            .map_err(|error| envelope_fault(&error.into()))
                    })
                };
                let classify = |request: &_, response: &_, fault| {
                    inner.dialect.classify(request, response, fault)
                };
                inner.client.get(url, classify, json, None).await.map(drop)
            }
        }
    }
}

#[async_trait]
impl<D: Dialect> ReadAhead for HttpProvider<D> {
    fn likely_next(&self, filter: &CallFilter, page: &PageRequest) -> Option<Cursor> {
        let inner = &*self.0;
        let Asking { at, size, .. } = inner.asking(filter, page).ok()?;
        let next = inner.dialect.paging().likely_next(&at, size, inner.info.page.max)?;
        Cursor::seal(&inner.info.identity, filter, &next).ok()
    }

    async fn read_ahead(&self, filter: &CallFilter, page: PageRequest) -> EarlyPage {
        let read = async {
            let asking = self.0.asking(filter, &page)?;
            let answered = self.0.ask(filter, &asking, None).await?;
            Ok((asking, answered))
        };
        let early: Result<EarlyAnswer<D>> = read.instrument(self.0.span()).await;
        match early {
            Ok((asking, answered)) => EarlyPage::new(answered.answer.attempts, (asking, answered)),
            // It is asked for again in its turn, and then the failure is the listing's.
            Err(error) => EarlyPage::new(error.attempts(), error),
        }
    }

    fn place(&self, filter: &CallFilter, page: &PageRequest, early: EarlyPage) -> Result<Placed> {
        let inner = &*self.0;
        let requests = early.requests;
        let Ok((early, answered)) = early.into_answer::<EarlyAnswer<D>>() else {
            return Ok(Placed::Missed);
        };
        let asking = Asking { size: early.size, ..inner.asking(filter, page)? };
        let observed = &answered.answer.value.observed;
        let fit = Early { at: &early.at, page_size: early.size, page: observed };
        Ok(match inner.dialect.paging().fit(&asking.at, fit) {
            Fit::Next => Placed::Here(Box::new(inner.page(filter, &asking, answered)?)),
            Fit::Later => Placed::Later(EarlyPage::new(requests, (early, answered))),
            Fit::Missed => Placed::Missed,
        })
    }
}
