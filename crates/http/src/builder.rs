//! What an account is made of.

use std::fmt;
use std::sync::{Arc, Mutex};

use callmux_core::{AccountId, Error, ErrorKind, PageBounds, ProviderInfo, Result};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::client::Client;
use crate::clock::Clock;
use crate::dialect::{Dialect, Source};
use crate::environment::Environment;
use crate::pace::Pacer;
use crate::provider::HttpProvider;
use crate::retry::RetryPolicy;
use crate::transport::Transport;

/// The largest body that is read unless the caller says otherwise: a thousand whole calls of a talkative vendor fit well.
const BODY_LIMIT: usize = 256 * 1024 * 1024;

/// With how many bytes of rows those that came are passed on, unless the caller says otherwise.
const PART_SIZE: usize = 1024 * 1024;

/// What an [`HttpProvider`] is made of. Nothing is checked before [`build`](Self::build).
pub struct HttpProviderBuilder<D> {
    dialect: D,
    key: Option<SecretString>,
    key_hint: String,
    account: Option<AccountId>,
    base_url: String,
    page_size: Option<u32>,
    concurrency: u32,
    requests_per_minute: Option<u32>,
    retry: RetryPolicy,
    body_limit: usize,
    part_size: usize,
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
            concurrency: 1,
            requests_per_minute: D::VENDOR.requests_per_minute,
            retry: RetryPolicy::default(),
            body_limit: BODY_LIMIT,
            part_size: PART_SIZE,
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

    /// How many requests a listing may have under way at once unless it says otherwise, 1 to 64; 1 unless set.
    #[must_use]
    pub fn concurrency(mut self, requests: u32) -> Self {
        self.concurrency = requests.clamp(1, 64);
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

    /// With how many bytes of rows those that came are passed on, though their page is still arriving; 1 MiB unless set.
    ///
    /// Only a walk by time does so, whose request itself keeps newer calls out: what a listing holds of a page of any size is
    /// then a few times as much. A row out of its place by more than a part is not put right any more, but given out where it
    /// comes.
    #[must_use]
    pub fn part_size(mut self, bytes: usize) -> Self {
        self.part_size = bytes;
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
        info.concurrency = self.concurrency;
        info.padding = vendor.padding;

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
        Ok(HttpProvider::new(self.dialect, client, info, source, self.part_size))
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
    let tls = crate::tls::config(base.scheme() == "https");
    let tls = tls.map_err(|error| format!("no HTTP client could be made: {error}"))?;
    let mut client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(10))
        .user_agent(concat!("callmux/", env!("CARGO_PKG_VERSION")));
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
