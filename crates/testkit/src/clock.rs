//! Time that passes only by being waited for.

use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use callmux_http::Clock;
use chrono::{DateTime, TimeDelta, Utc};

/// How often a sleep lets others run before it counts as slept: more than any answer in process needs.
const YIELDS: u32 = 64;

/// A clock on which a sleep takes no real time. A sleep first lets whatever else is ready run, so that a timeout does not fire
/// while an in-process answer is on its way.
#[derive(Debug)]
pub struct ManualClock {
    start: DateTime<Utc>,
    elapsed: Mutex<Duration>,
}

impl ManualClock {
    /// A clock that starts at this instant.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Self {
        Self { start, elapsed: Mutex::new(Duration::ZERO) }
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let mut elapsed = self.elapsed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *elapsed = elapsed.saturating_add(duration);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::from_std(self.elapsed()).unwrap_or(TimeDelta::MAX)
    }

    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn sleep(&self, duration: Duration) {
        let mut left = YIELDS;
        std::future::poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        self.advance(duration);
    }
}
