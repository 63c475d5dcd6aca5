//! Any dialect as a provider.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use callmux_core::{
    AccountId, Call, CallFilter, CallPage, CallProvider, Cursor, Error, ErrorKind, PageBounds,
    PageRequest, PageSource, ProviderInfo, Pushdown, Reason, Result, SentParameter, SourcePlan,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;
use tracing::Instrument as _;
use url::Url;

use crate::client::Client;
use crate::clock::Clock;
use crate::dialect::{Check, Dialect, Envelope, EnvelopeError, Plan, Source};
use crate::environment::Environment;
use crate::fault::Fault;
use crate::pace::Pacer;
use crate::paging::{Finding, Observed, Paging, Step};
use crate::retry::RetryPolicy;
use crate::rows::{Decoded, decode, decode_row};
use crate::transport::{Response, Transport};

/// The largest body that is read unless the caller says otherwise: a thousand whole calls of a talkative vendor fit well.
const BODY_LIMIT: usize = 256 * 1024 * 1024;

/// An account of a vendor: any [`Dialect`] as a [`CallProvider`].
///
/// Clones are cheap and share the pace.
pub struct HttpProvider<D: Dialect>(Arc<Inner<D>>);

struct Inner<D> {
    dialect: D,
    client: Client,
    info: ProviderInfo,
    source: Source,
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

/// What an [`HttpProvider`] is made of. Nothing is checked before [`build`](Self::build).
pub struct HttpProviderBuilder<D> {
    dialect: D,
    key: Option<SecretString>,
    key_hint: String,
    account: Option<AccountId>,
    base_url: String,
    page_size: Option<u32>,
    requests_per_minute: Option<u32>,
    retry: RetryPolicy,
    body_limit: usize,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
    seed: Option<u64>,
}

impl<D: Dialect> HttpProvider<D> {
    /// An account with this key.
    pub fn builder(dialect: D, key: impl Into<SecretString>) -> HttpProviderBuilder<D> {
        HttpProviderBuilder { key: Some(key.into()), ..Self::without_key(dialect) }
    }

    /// An account whose key, and whose base URL if it is set there, are read from the environment
    /// ([`Vendor::key_variable`](crate::Vendor), [`Vendor::base_url_variable`](crate::Vendor)). A key that is not there is an error
    /// of [`build`](HttpProviderBuilder::build).
    pub fn from_environment(dialect: D, environment: &Environment) -> HttpProviderBuilder<D> {
        let mut builder = Self::without_key(dialect);
        builder.key = environment.get(D::VENDOR.key_variable).map(SecretString::from);
        if let Some(base_url) = environment.get(D::VENDOR.base_url_variable) {
            builder.base_url = base_url.to_owned();
        }
        builder
    }

    fn without_key(dialect: D) -> HttpProviderBuilder<D> {
        HttpProviderBuilder {
            dialect,
            key: None,
            key_hint: D::VENDOR.key_variable.to_owned(),
            account: None,
            base_url: D::VENDOR.base_url.to_owned(),
            page_size: None,
            requests_per_minute: D::VENDOR.requests_per_minute,
            retry: RetryPolicy::default(),
            body_limit: BODY_LIMIT,
            transport: None,
            clock: None,
            seed: None,
        }
    }
}

impl<D: Dialect> HttpProviderBuilder<D> {
    /// The label of this account; the vendor's identifier unless given.
    #[must_use]
    pub fn account(mut self, label: impl Into<AccountId>) -> Self {
        self.account = Some(label.into());
        self
    }

    /// Where the API is. The key is sent there and nowhere else.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The key.
    #[must_use]
    pub fn key(mut self, key: impl Into<SecretString>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Where the user sets the key, for errors to name: a variable, a file, a setting.
    #[must_use]
    pub fn key_hint(mut self, hint: impl Into<String>) -> Self {
        self.key_hint = hint.into();
        self
    }

    /// How many rows a page has unless a listing says otherwise; clamped to what the vendor takes.
    #[must_use]
    pub fn page_size(mut self, rows: u32) -> Self {
        self.page_size = Some(rows);
        self
    }

    /// The pace that is not exceeded; `None` for no limit but the one the vendor teaches.
    #[must_use]
    pub fn requests_per_minute(mut self, requests: Option<u32>) -> Self {
        self.requests_per_minute = requests;
        self
    }

    /// When to try again.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The largest body to read, in bytes after decompression.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The HTTP client. A `reqwest::Client` of the caller's is to be built with redirects off.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The seed of the jitter, for waits that can be repeated.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The account.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a base URL that is none, or a client that could not be made; [`ErrorKind::Unauthenticated`] for
    /// a missing key. No request is sent.
    pub fn build(self) -> Result<HttpProvider<D>> {
        let vendor = D::VENDOR;
        let account = self.account.unwrap_or_else(|| vendor.id.into());
        let error = |kind, message: String| {
            Error::new(kind, message).with_vendor(vendor.id.into()).with_account(account.clone())
        };

        let key = self.key.filter(|key| !key.expose_secret().trim().is_empty());
        let Some(key) = key else {
            return Err(error(ErrorKind::Unauthenticated, "no key is set".to_owned())
                .with_remedy(format!("set {}", self.key_hint)));
        };
        if !key.expose_secret().bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(error(
                ErrorKind::Config,
                "the key holds characters that no key has".to_owned(),
            )
            .with_remedy(format!("check {}", self.key_hint)));
        }
        let base = parse_base(&self.dialect.base_url(&self.base_url)).map_err(|why| {
            // What stands before an `@` or after a `?` may be a key.
            let may_hold_a_key = self.base_url.contains(['@', '?', '#']);
            let shown = if may_hold_a_key {
                "what is given as one".to_owned()
            } else {
                format!("{:?}", self.base_url)
            };
            error(ErrorKind::Config, format!("{shown} is not a base URL: {why}"))
                .with_remedy("give an address such as https://api.example.com")
        })?;

        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(&base).map_err(|why| error(ErrorKind::Config, why))?,
        };
        let clock = match self.clock {
            Some(clock) => clock,
            None => default_clock().map_err(|why| error(ErrorKind::Config, why))?,
        };
        let random = self.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);

        let origin = base.origin().ascii_serialization();
        let identity = format!("{}/{account}@{origin}{}", vendor.id, base.path());
        let mut info = ProviderInfo::new(vendor.id.into(), account.clone(), identity);
        info.capabilities = vendor.capabilities.iter().copied().collect();
        let max = vendor.page.max.max(1);
        let default = self.page_size.unwrap_or(vendor.page.default).clamp(1, max);
        info.page = PageBounds { default, max };
        info.precision = vendor.precision;
        info.can_get = vendor.can_get;

        let key = SecretString::from(key.expose_secret().trim());
        let (header, value) = self.dialect.authorization(key.expose_secret());
        let client = Client {
            vendor: vendor.id.into(),
            account: account.clone(),
            base,
            authorization: (header, value.into()),
            key,
            key_hint: self.key_hint,
            transport,
            pacer: Pacer::new(Arc::clone(&clock), self.requests_per_minute),
            clock,
            retry: self.retry,
            random: Arc::new(Mutex::new(random)),
            body_limit: self.body_limit,
        };
        let source = Source::new(vendor.id, account);
        Ok(HttpProvider(Arc::new(Inner { dialect: self.dialect, client, info, source })))
    }
}

impl<D: Dialect> fmt::Debug for HttpProviderBuilder<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpProviderBuilder")
            .field("dialect", &self.dialect)
            .field("account", &self.account)
            .field("key", &"…")
            .finish_non_exhaustive()
    }
}

fn parse_base(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "it cannot be read")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("it is not http or https");
    }
    if !url.has_host() {
        return Err("it names no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds credentials");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a query or a fragment");
    }
    Ok(url)
}

#[cfg(feature = "reqwest")]
fn default_transport(base: &Url) -> Result<Arc<dyn Transport>, String> {
    let mut client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(10))
        .user_agent(concat!("callmux/", env!("CARGO_PKG_VERSION")));
    if base.scheme() == "http" {
        // Without TLS no certificate is needed, and a machine may have none.
        client = client.tls_certs_only([]);
    }
    if is_loopback(base) {
        // A proxy cannot reach this machine's own servers, and would be shown the key.
        client = client.no_proxy();
    }
    match client.build() {
        Ok(client) => Ok(Arc::new(client)),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            Err(format!("no HTTP client could be made: {error}{}", cause.unwrap_or_default()))
        }
    }
}

#[cfg(feature = "reqwest")]
fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: &Url) -> Result<Arc<dyn Transport>, String> {
    Err("no transport was given, and the feature `reqwest` is off".to_owned())
}

#[cfg(feature = "reqwest")]
fn default_clock() -> Result<Arc<dyn Clock>, String> {
    Ok(Arc::new(crate::clock::SystemClock::default()))
}

#[cfg(not(feature = "reqwest"))]
fn default_clock() -> Result<Arc<dyn Clock>, String> {
    Err("no clock was given, and the feature `reqwest` is off".to_owned())
}

type Position<D> = <<D as Dialect>::Paging as Paging>::Position;

/// What the rest of an envelope said, once its rows were decoded.
struct Understood {
    decoded: Decoded,
    observed: Observed,
}

impl<D: Dialect> Inner<D> {
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

    fn understand(
        &self,
        response: &Response,
        question: (&CallFilter, &Plan),
        asked: u32,
        keep_raw: bool,
    ) -> Result<Understood, Fault> {
        // One byte that is no text, in one call's words, must not cost the page.
        let text = String::from_utf8_lossy(&response.body);
        let envelope =
            self.dialect.envelope(text.as_bytes()).map_err(|error| envelope_fault(&error))?;
        let Envelope { rows, total, page, last_page, page_size, next_token, has_more } = envelope;
        let decoded = decode(&self.dialect, &self.source, &rows, question, keep_raw);
        let observed = Observed {
            asked,
            max: self.info.page.max,
            rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            newest: decoded.newest,
            oldest: decoded.oldest,
            in_order: decoded.in_order,
            total,
            page,
            last_page,
            page_size,
            next_token,
            has_more,
        };
        Ok(Understood { decoded, observed })
    }

    fn reason(&self, finding: Finding) -> Reason {
        let (vendor, account) = (self.info.vendor.clone(), self.info.account.clone());
        match finding {
            Finding::TiesBeyondPage(instant) => {
                Reason::TiesBeyondPage { vendor, account, instant, page: self.info.page.max }
            }
            Finding::UntimedBeyondPage => {
                Reason::UntimedBeyondPage { vendor, account, page: self.info.page.max }
            }
            Finding::OrderBroken => Reason::OrderBroken { vendor, account },
            Finding::BoundMissed(instant) => Reason::BoundMissed { vendor, account, instant },
            Finding::TotalFell { from, to } => Reason::TotalFell { vendor, account, from, to },
        }
    }

    async fn list_page(&self, filter: &CallFilter, request: PageRequest) -> Result<CallPage> {
        let plan = self.plan(filter)?;
        let paging = self.dialect.paging();
        let at = match &request.cursor {
            None => paging.first(),
            Some(cursor) => cursor.open(&self.info.identity, filter).map_err(|error| {
                error.with_vendor(self.info.vendor.clone()).with_account(self.info.account.clone())
            })?,
        };
        if plan.impossible.is_some() {
            return Ok(CallPage::default());
        }
        let size = self.page_size(&at, request.size.map(std::num::NonZeroU32::get));
        let sent = self.parameters(&plan, &at, size);
        let pairs: Vec<(&str, &str)> =
            sent.iter().map(|sent| (sent.name.as_str(), sent.value.as_str())).collect();
        let asked_at = self.client.clock.now();
        let answer = self
            .client
            .get(
                self.client.url(D::VENDOR.path, &pairs),
                |request, response, fault| self.dialect.classify(request, response, fault),
                |response| self.understand(response, (filter, &plan), size, request.keep_raw),
            )
            .await?;

        let Understood { decoded, observed } = answer.value;
        let step = paging.next(&at, &observed).map_err(|stalled| {
            let fault = Fault::new(ErrorKind::Stalled, stalled.0)
                .with_remedy("narrow the time range, or report this vendor's behaviour");
            self.client.error(fault, answer.attempts)
        })?;
        let Step { next, floor, findings } = step;
        let total = observed.total.filter(|_| paging.total_is_whole(&at));

        let mut source = PageSource::new(self.info.vendor.clone(), self.info.account.clone());
        source.asked_at = Some(asked_at);
        source.requests = answer.attempts;
        source.retries = answer.attempts.saturating_sub(1);
        source.rows = u64::from(observed.rows);
        source.filtered = decoded.filtered;
        source.total = total;
        source.floor = floor;
        source.is_positional = paging.is_positional();
        let (vendor, account) = (&self.info.vendor, &self.info.account);
        let not_as_asked = decoded.not_as_asked.into_iter().map(|field| Reason::NotAsAsked {
            vendor: vendor.clone(),
            account: account.clone(),
            field,
        });
        source.reasons = findings.into_iter().map(|finding| self.reason(finding)).collect();
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

fn envelope_fault(error: &EnvelopeError) -> Fault {
    match error {
        // JSON that ends too early is an answer cut short on its way.
        EnvelopeError::Json(json) if json.is_eof() => {
            Fault::transient(ErrorKind::Unavailable, "the answer was cut short")
        }
        EnvelopeError::Json(json) => {
            let place = format!("line {}, column {}", json.line(), json.column());
            Fault::new(
                ErrorKind::Malformed,
                format!("the answer is not the JSON expected ({place})"),
            )
            .with_remedy("check the base URL")
        }
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
        let inner = &*self.0;
        let span = tracing::debug_span!(
            "callmux.page",
            vendor = %inner.info.vendor,
            account = %inner.info.account,
        );
        inner.list_page(filter, page).instrument(span).await
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
            return Err(Error::new(
                ErrorKind::Unsupported,
                "a call cannot be fetched by its id here",
            )
            .with_vendor(inner.info.vendor.clone())
            .with_account(inner.info.account.clone())
            .with_remedy("list with an id filter instead"));
        };
        let answer = inner
            .client
            .get(
                inner.client.url(&path, &[]),
                |request, response, fault| inner.dialect.classify(request, response, fault),
                |response| {
                    let raw: &RawValue = serde_json::from_slice(&response.body)
                        .map_err(|error| envelope_fault(&error.into()))?;
                    decode_row(&inner.dialect, &inner.source, raw)
                        .map_err(|error| Fault::new(ErrorKind::Malformed, error.to_string()))
                },
            )
            .await?;
        Ok(answer.value)
    }

    async fn check(&self) -> Result<()> {
        let inner = &*self.0;
        match inner.dialect.check() {
            Check::FirstRow => {
                let page = PageRequest::first().with_size(1);
                inner.list_page(&CallFilter::new(), page).await.map(drop)
            }
            Check::Path(path) => {
                let url = inner.client.url(path, &[]);
                let json = |response: &Response| {
                    serde_json::from_slice::<serde::de::IgnoredAny>(&response.body)
                        .map_err(|error| envelope_fault(&error.into()))
                };
                let classify = |request: &_, response: &_, fault| {
                    inner.dialect.classify(request, response, fault)
                };
                inner.client.get(url, classify, json).await.map(drop)
            }
        }
    }
}
