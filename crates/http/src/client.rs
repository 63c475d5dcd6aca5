//! Asking an account for something: address, key, pace, retry, and what an answer means.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use callmux_core::{AccountId, CallPage, Error, ErrorKind, Parts, Result, VendorId};
use secrecy::SecretString;
use url::Url;

use crate::body::Body;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::pace::Pacer;
use crate::patience::Patience;
use crate::retry::RetryPolicy;
use crate::secret::{scrub, shorten};
use crate::transport::{Request, Response, Transport, TransportError, TransportErrorKind};

/// How many redirects within the same origin are followed.
const REDIRECTS: u32 = 3;

/// One account's way to its vendor. Clones share the pace.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) vendor: VendorId,
    pub(crate) account: AccountId,
    pub(crate) base: Url,
    pub(crate) key: SecretString,
    /// The header that carries the key.
    pub(crate) authorization: (&'static str, SecretString),
    /// Where the user sets the key, as errors name it.
    pub(crate) key_hint: String,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retry: RetryPolicy,
    pub(crate) pacer: Pacer,
    pub(crate) random: Arc<Mutex<fastrand::Rng>>,
    pub(crate) body_limit: usize,
}

/// An answer being read, a part at a time, as it arrives.
pub(crate) trait Reading {
    /// What it turns out to be.
    type Value;

    /// Takes the next part.
    fn push(&mut self, part: &[u8]);

    /// What can be passed on before the rest arrives.
    fn part(&mut self) -> Option<CallPage> {
        None
    }

    /// Nothing more comes.
    fn finish(self) -> Result<Self::Value, Fault>;
}

/// An answer that is read once it is whole.
pub(crate) struct Whole<F> {
    body: Vec<u8>,
    read: F,
}

impl<F> Whole<F> {
    pub(crate) const fn new(read: F) -> Self {
        Self { body: Vec::new(), read }
    }
}

impl<T, F: FnOnce(&[u8]) -> Result<T, Fault>> Reading for Whole<F> {
    type Value = T;

    fn push(&mut self, part: &[u8]) {
        self.body.extend_from_slice(part);
    }

    fn finish(self) -> Result<T, Fault> {
        (self.read)(&self.body)
    }
}

/// What was asked for, as it was understood, and what it took.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) value: T,
    pub(crate) attempts: u32,
}

impl Client {
    /// The address of a path below the base, with parameters. The base's own path is kept.
    pub(crate) fn url(&self, path: &str, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        url
    }

    /// Asks, as often as it takes, until an answer is understood. Each is read anew.
    pub(crate) async fn get<R: Reading>(
        &self,
        url: Url,
        classify: impl Fn(&Request, &Response, Fault) -> Fault,
        reading: impl Fn() -> R,
        parts: Option<&Parts>,
    ) -> Result<Answer<R::Value>> {
        let started = self.clock.elapsed();
        let mut attempts = 0;
        loop {
            if let Err(held) = self.pacer.acquire(self.retry.total).await {
                return Err(self.error(Fault::held(held), attempts));
            }
            attempts += 1;
            let fault = match self.attempt(url.clone(), &classify, reading(), parts).await {
                Ok(value) => {
                    self.pacer.succeeded();
                    return Ok(Answer { value, attempts });
                }
                Err(fault) => fault,
            };
            if fault.kind == ErrorKind::RateLimited {
                self.pacer.throttled(fault.retry_after);
            }
            let wait = self.wait(attempts, started, &fault);
            let Some(wait) = wait.filter(|_| fault.transient) else {
                return Err(self.error(fault, attempts));
            };
            tracing::debug!(vendor = %self.vendor, kind = %fault.kind, attempt = attempts, ?wait, "retrying");
            self.clock.sleep(wait).await;
        }
    }

    fn wait(&self, attempts: u32, started: Duration, fault: &Fault) -> Option<Duration> {
        let spent = self.clock.elapsed().saturating_sub(started);
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        self.retry.wait(attempts, spent, fault.retry_after, &mut random)
    }

    async fn attempt<R: Reading>(
        &self,
        url: Url,
        classify: &impl Fn(&Request, &Response, Fault) -> Fault,
        mut reading: R,
        parts: Option<&Parts>,
    ) -> Result<R::Value, Fault> {
        let clock = Arc::clone(&self.clock);
        let mut patience = Patience { clock, left: self.retry.attempt_timeout };
        let (request, mut response) = patience.wait(self.send(url)).await??;
        if !response.is_success() {
            let response = patience.wait(response.whole(self.body_limit)).await??;
            let fault = Fault::of_status(&response, &self.key_hint, self.clock.now());
            return Err(classify(&request, &response, fault));
        }
        let content_type = response.header("content-type").map(str::to_owned);
        let foreign =
            |part: &[u8]| Fault::of_foreign_body(content_type.as_deref(), part, &self.key_hint);
        let (mut length, mut is_known) = (0_usize, false);
        while let Some(part) = patience.wait(response.body.next()).await?? {
            length = length.saturating_add(part.len());
            if length > self.body_limit {
                return Err(TransportError::new(TransportErrorKind::TooLarge).into());
            }
            if !is_known && !part.trim_ascii().is_empty() {
                is_known = true;
                foreign(&part).map_or(Ok(()), Err)?;
            }
            reading.push(&part);
            if let Some(parts) = parts
                && let Some(part) = reading.part()
            {
                parts.hand_on(part).await;
            }
        }
        if !is_known {
            foreign(&[]).map_or(Ok(()), Err)?;
        }
        reading.finish()
    }

    /// Sends, and follows redirects that keep the method and stay within the origin: the key goes nowhere else.
    async fn send(&self, mut url: Url) -> Result<(Request, Response<Body>), Fault> {
        for _ in 0..=REDIRECTS {
            let request = self.request(url);
            let response = self.transport.send(&request).await?;
            let target = match response.status {
                307 | 308 => response.header("location").and_then(|to| request.url.join(to).ok()),
                _ => None,
            };
            match target {
                Some(target) if asks_the_same(&request.url, &target) => url = target,
                _ => return Ok((request, response)),
            }
        }
        Err(Fault::new(ErrorKind::Config, "the server redirects in a circle")
            .with_remedy("check the base URL"))
    }

    fn request(&self, url: Url) -> Request {
        let mut request = Request::new(url, self.body_limit);
        request.headers.push(self.authorization.clone());
        request.headers.push(("accept", "application/json".to_owned().into()));
        request
    }

    pub(crate) fn error(&self, fault: Fault, attempts: u32) -> Error {
        let at = self.base.host_str().unwrap_or_default();
        let port = self.base.port().map(|port| format!(":{port}")).unwrap_or_default();
        let message = format!("{at}{port}: {}", shorten(&scrub(&fault.message, &self.key)));
        let mut error = Error::new(fault.kind, message)
            .with_vendor(self.vendor.clone())
            .with_account(self.account.clone())
            .with_attempts(attempts)
            .with_transience(fault.transient)
            .with_retry_after(fault.retry_after);
        if let Some(remedy) = fault.remedy {
            error = error.with_remedy(remedy);
        }
        if let Some(status) = fault.status {
            error = error.with_status(status);
        }
        error
    }
}

/// Whether a redirect leads to the same server with the same question. Credentials in its address would be sent beside the key,
/// or in its place; and a page that is asked for without its size or its bounds would be taken for the last.
fn asks_the_same(asked: &Url, target: &Url) -> bool {
    target.origin() == asked.origin()
        && target.username().is_empty()
        && target.password().is_none()
        && target.query_pairs().eq(asked.query_pairs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_followed_only_to_the_same_server_with_the_same_question() {
        let asked: Url = "https://api.example.com/calls?limit=200&to=%2B1".parse().unwrap();
        for (location, is_followed) in [
            ("/calls/?limit=200&to=%2B1", true),
            ("https://api.example.com:443/v2/calls?limit=200&to=%2b1", true),
            ("/calls/", false),
            ("/calls/?limit=200", false),
            ("/calls/?limit=200&to=+1", false),
            ("https://user:word@api.example.com/calls?limit=200&to=%2B1", false),
            ("https://user@api.example.com/calls?limit=200&to=%2B1", false),
            ("http://api.example.com/calls?limit=200&to=%2B1", false),
            ("https://api.example.com:444/calls?limit=200&to=%2B1", false),
            ("//api.example.com.evil.example/calls?limit=200&to=%2B1", false),
        ] {
            let target = asked.join(location).unwrap();
            assert_eq!(asks_the_same(&asked, &target), is_followed, "{location}");
        }
    }
}
