//! Asking an account for something: address, key, pace, retry, and what an answer means.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use callmux_core::{AccountId, Error, ErrorKind, Result, VendorId};
use futures_util::future::{Either, select};
use secrecy::SecretString;
use url::Url;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::pace::Pacer;
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

    /// Asks, as often as it takes, until an answer is understood.
    pub(crate) async fn get<T>(
        &self,
        url: Url,
        classify: impl Fn(&Request, &Response, Fault) -> Fault,
        understand: impl Fn(&Response) -> Result<T, Fault>,
    ) -> Result<Answer<T>> {
        let started = self.clock.elapsed();
        let mut attempts = 0;
        loop {
            if let Err(held) = self.pacer.acquire(self.retry.total).await {
                return Err(self.error(Fault::held(held), attempts));
            }
            attempts += 1;
            let fault = match self.attempt(url.clone(), &classify, &understand).await {
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

    async fn attempt<T>(
        &self,
        url: Url,
        classify: &impl Fn(&Request, &Response, Fault) -> Fault,
        understand: &impl Fn(&Response) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (request, response) = self.send(url).await?;
        if let Some(fault) = Fault::of_status(&response, &self.key_hint, self.clock.now()) {
            return Err(classify(&request, &response, fault));
        }
        if let Some(fault) = Fault::of_foreign_body(&response, &self.key_hint) {
            return Err(fault);
        }
        understand(&response)
    }

    /// Sends, and follows redirects that keep the method and stay within the origin: the key goes nowhere else.
    async fn send(&self, mut url: Url) -> Result<(Request, Response), Fault> {
        for _ in 0..=REDIRECTS {
            let request = self.request(url);
            let response =
                self.in_time(&request).await.map_err(|error| Fault::of_transport(&error))?;
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

    async fn in_time(&self, request: &Request) -> Result<Response, TransportError> {
        let answer = self.transport.send(request);
        let timeout = self.clock.sleep(self.retry.attempt_timeout);
        match select(answer, timeout).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(TransportError::new(TransportErrorKind::Timeout)),
        }
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
