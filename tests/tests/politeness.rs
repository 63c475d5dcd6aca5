//! How a listing gets along with a vendor that refuses requests beyond a pace: none of them in vain, and no time lost.
//!
//! In process, on a clock that passes only by being waited for.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests may")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use callmux::http::{Body, Dialect, HttpProviderBuilder, Request, Response, TransportError};
use callmux::{CallFilter, CallProvider, CallProviderExt as _, Clock as _, Transport};
use callmux_testkit::conformance;
use callmux_testkit::{ManualClock, RouterTransport, World};
use callmux_tests::{AUTOCALLS, VAPI, VendorUnderTest};

const KEY: &str = "sk-politeness-0123456789";
/// What the vendors allow in a minute.
const ALLOWED: usize = 60;
const MINUTE: Duration = Duration::from_secs(60);
/// How long an answer takes, a refusal too.
const ANSWER: Duration = Duration::from_millis(100);
/// Some 260 to 290 pages: nearly five minutes' worth, and not a whole number of them.
const CALLS: usize = 2_900;
const PAGE: u32 = 10;

/// How a vendor counts. What it refuses does not count.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// So many within any minute.
    SlidingMinute,
    /// So many at once, and one more each second.
    Refilling,
    /// So many in the minute after the first, then anew: Laravel's throttle.
    CountedMinute,
}

/// A vendor's count.
#[derive(Debug)]
struct Limit {
    rule: Rule,
    /// When it took each of the last requests.
    taken: VecDeque<Duration>,
    /// What is left of what may come at once, and when that was.
    left: f64,
    seen: Duration,
}

impl Limit {
    fn new(rule: Rule) -> Self {
        Self { rule, taken: VecDeque::new(), left: ALLOWED as f64, seen: Duration::ZERO }
    }

    /// Takes a request, or says how long it would have to wait.
    fn take(&mut self, now: Duration) -> Result<(), Duration> {
        match self.rule {
            Rule::SlidingMinute => {
                self.taken.retain(|taken| *taken + MINUTE > now);
                self.take_within(now)
            }
            Rule::CountedMinute => {
                if self.taken.front().is_some_and(|first| *first + MINUTE <= now) {
                    self.taken.clear();
                }
                self.take_within(now)
            }
            Rule::Refilling => {
                let refilled = (now - self.seen).as_secs_f64() * ALLOWED as f64 / 60.0;
                self.left = (self.left + refilled).min(ALLOWED as f64);
                self.seen = now;
                // Sums of fractions miss a whole by less than this.
                if self.left < 1.0 - 1e-6 {
                    return Err(Duration::from_secs_f64((1.0 - self.left) * 60.0 / ALLOWED as f64));
                }
                self.left -= 1.0;
                Ok(())
            }
        }
    }

    fn take_within(&mut self, now: Duration) -> Result<(), Duration> {
        match self.taken.front() {
            Some(first) if self.taken.len() >= ALLOWED => Err(*first + MINUTE - now),
            _ => {
                self.taken.push_back(now);
                Ok(())
            }
        }
    }

    /// The least time that so many requests take, one after the other: each as soon as it is allowed.
    fn least_time(mut self, requests: usize) -> Duration {
        let mut now = Duration::ZERO;
        for _ in 0..requests {
            while let Err(wait) = self.take(now) {
                now += wait;
            }
            now += ANSWER;
        }
        now
    }
}

/// A way to a vendor that refuses.
#[derive(Debug)]
struct Limited {
    vendor: RouterTransport,
    clock: Arc<ManualClock>,
    limit: Mutex<Limit>,
    /// When it refused.
    refused: Mutex<Vec<Duration>>,
}

#[async_trait]
impl Transport for Limited {
    async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError> {
        let now = self.clock.elapsed();
        let taken = self.limit.lock().unwrap().take(now);
        self.clock.advance(ANSWER);
        let Err(wait) = taken else { return self.vendor.send(request).await };
        self.refused.lock().unwrap().push(now);
        let seconds = wait.as_secs_f64().ceil().to_string();
        let headers = vec![("retry-after".to_owned(), seconds)];
        Ok(Response { status: 429, headers, body: Vec::new().into() })
    }
}

/// What came of a listing.
#[derive(Debug)]
struct Outcome {
    /// The requests that were served.
    pages: usize,
    /// When one was refused.
    refused: Vec<Duration>,
    took: Duration,
}

impl Outcome {
    /// Within a twentieth of the least time that a rule leaves.
    fn assert_in_time(&self, rule: Rule) {
        let least = Limit::new(rule).least_time(self.pages);
        assert!(self.took <= least.mul_f64(1.05), "{rule:?} leaves {least:?}: {self:?}");
    }
}

fn list<D: Dialect>(
    vendor: VendorUnderTest,
    rule: Rule,
    account: impl Fn() -> HttpProviderBuilder<D>,
) -> Outcome {
    let world = World::new(301, CALLS).with_ties(1);
    let simulated = (vendor.simulate)(KEY, &world);
    let clock = Arc::new(ManualClock::at(world.until));
    let transport = Arc::new(Limited {
        vendor: RouterTransport::new(simulated.router),
        clock: Arc::clone(&clock),
        limit: Mutex::new(Limit::new(rule)),
        refused: Mutex::default(),
    });
    let provider = account()
        .key(KEY)
        .base_url(format!("http://vendor.example{}", simulated.base_path))
        .transport(Arc::<Limited>::clone(&transport))
        .clock(Arc::<ManualClock>::clone(&clock))
        .seed(1)
        .build();
    let provider: Arc<dyn CallProvider> = Arc::new(provider.unwrap());
    conformance::run(async {
        let mut listing = provider.calls(CallFilter::new()).page_size(PAGE);
        while let Some(call) = listing.next().await {
            call.unwrap();
        }
        assert!(listing.certificate().is_complete(), "{}", listing.certificate());
    });
    let refused = std::mem::take(&mut *transport.refused.lock().unwrap());
    let pages = simulated.simulator.requests().len();
    assert!(pages > 4 * ALLOWED, "{pages} pages");
    Outcome { pages, refused, took: clock.elapsed() }
}

/// The pace that Autocalls is believed to allow is kept from the first request on, however it is counted. Nobody knows how, so
/// the least time is that of the strictest rule.
fn assert_default_pace_is_never_refused(rule: Rule) {
    let outcome = list(AUTOCALLS, rule, || callmux::autocalls::builder(""));
    assert!(outcome.refused.is_empty(), "{rule:?}: {outcome:?}");
    outcome.assert_in_time(Rule::SlidingMinute);
}

/// A pace that nobody knows is learnt from the first refusal.
fn assert_unknown_pace_is_learnt(rule: Rule) {
    let outcome = list(VAPI, rule, || callmux::vapi::builder(""));
    assert!(outcome.refused.len() <= 1, "{rule:?}: {outcome:?}");
    outcome.assert_in_time(rule);
}

#[test]
fn the_default_pace_is_within_any_minute() {
    assert_default_pace_is_never_refused(Rule::SlidingMinute);
}

#[test]
fn the_default_pace_is_within_a_counted_minute() {
    assert_default_pace_is_never_refused(Rule::CountedMinute);
}

#[test]
fn the_default_pace_is_within_what_refills() {
    assert_default_pace_is_never_refused(Rule::Refilling);
}

#[test]
fn a_limit_of_any_minute_is_learnt() {
    assert_unknown_pace_is_learnt(Rule::SlidingMinute);
}

#[test]
fn a_limit_of_a_counted_minute_is_learnt() {
    assert_unknown_pace_is_learnt(Rule::CountedMinute);
}

/// A bucket that refills is taken for a minute that is counted: it refuses a few more, and a little time is lost.
#[test]
fn a_limit_that_refills_is_learnt_in_a_few_refusals() {
    let outcome = list(VAPI, Rule::Refilling, || callmux::vapi::builder(""));
    assert!(outcome.refused.len() <= 4, "{outcome:?}");
    let least = Limit::new(Rule::Refilling).least_time(outcome.pages);
    assert!(outcome.took <= least.mul_f64(1.1), "{least:?}: {outcome:?}");
}
