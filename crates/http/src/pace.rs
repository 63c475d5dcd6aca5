//! The pace of one account: a token bucket that slows when the vendor throttles and recovers with care.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// Slowest pace that throttling alone leads to: one request in this time.
const SLOWEST: Duration = Duration::from_secs(10);
/// The pace that the first throttling leads to where no pace was set.
const FIRST_BRAKE: Duration = Duration::from_millis(250);
/// How many successes in a row make the pace a step faster again.
const RECOVERY: u32 = 20;

/// Decides when the next request of an account may go. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// The time between requests that was set; zero where none was.
    set: Duration,
    /// The time between requests now.
    interval: Duration,
    /// How far requests may run ahead of the interval: a minute's worth, so that short listings do not wait.
    burst: Duration,
    /// When the next request may go, if nothing runs ahead.
    due: Duration,
    /// No request before this.
    hold: Duration,
    successes: u32,
}

impl Pacer {
    pub(crate) fn new(clock: Arc<dyn Clock>, requests_per_minute: Option<u32>) -> Self {
        let minute = Duration::from_secs(60);
        let set =
            requests_per_minute.map_or(Duration::ZERO, |per_minute| minute / per_minute.max(1));
        let burst = if set.is_zero() { Duration::ZERO } else { minute.saturating_sub(set) };
        let state = State {
            set,
            interval: set,
            burst,
            due: Duration::ZERO,
            hold: Duration::ZERO,
            successes: 0,
        };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    /// Waits until a request may go. Where the vendor asked for more than `patience`, how much that is.
    pub(crate) async fn acquire(&self, patience: Duration) -> Result<(), Duration> {
        let wait = self.with(|state, now| {
            let held = state.hold.saturating_sub(now);
            if held > patience {
                return Err(held);
            }
            let earliest = state.due.max(now.saturating_sub(state.burst));
            state.due = earliest.saturating_add(state.interval);
            // A request may go `burst` before its turn.
            Ok(earliest.saturating_sub(state.burst).max(state.hold).saturating_sub(now))
        })?;
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        Ok(())
    }

    /// The vendor throttled: nothing goes until the wait is over, and then at half the pace, without running ahead.
    pub(crate) fn throttled(&self, wait: Option<Duration>) {
        self.with(|state, now| {
            state.interval = (state.interval * 2).clamp(FIRST_BRAKE, SLOWEST.max(state.set));
            state.burst = Duration::ZERO;
            let until = now.saturating_add(wait.unwrap_or(state.interval));
            state.hold = state.hold.max(until);
            state.due = state.due.max(state.hold);
            state.successes = 0;
        });
    }

    pub(crate) fn succeeded(&self) {
        self.with(|state, _| {
            if state.interval <= state.set {
                return;
            }
            state.successes += 1;
            if state.successes >= RECOVERY {
                state.successes = 0;
                // A tenth at a time: what throttled us once will do so again.
                state.interval = state.interval.mul_f64(0.9).max(state.set);
                if state.interval < Duration::from_millis(10) {
                    state.interval = state.set;
                }
            }
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut State, Duration) -> T) -> T {
        let now = self.clock.elapsed();
        // The state is plain numbers: a panic elsewhere cannot leave it half changed.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use chrono::{DateTime, Utc};

    /// A clock on which a sleep takes no time.
    #[derive(Debug, Default)]
    struct Leaping(Mutex<Duration>);

    #[async_trait]
    impl Clock for Leaping {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }
        fn elapsed(&self) -> Duration {
            *self.0.lock().unwrap()
        }
        async fn sleep(&self, duration: Duration) {
            *self.0.lock().unwrap() += duration;
        }
    }

    async fn time_of(pacer: &Pacer, clock: &Leaping, requests: u32) -> Duration {
        let start = clock.elapsed();
        for _ in 0..requests {
            pacer.acquire(Duration::MAX).await.unwrap();
        }
        clock.elapsed() - start
    }

    #[tokio::test]
    async fn a_minutes_worth_goes_at_once_and_the_rest_at_the_pace() {
        let clock = Arc::new(Leaping::default());
        let pacer = Pacer::new(clock.clone(), Some(60));
        assert_eq!(time_of(&pacer, &clock, 60).await, Duration::ZERO);
        assert_eq!(time_of(&pacer, &clock, 60).await, Duration::from_secs(60));
    }

    #[tokio::test]
    async fn without_a_pace_nothing_waits() {
        let clock = Arc::new(Leaping::default());
        let pacer = Pacer::new(clock.clone(), None);
        assert_eq!(time_of(&pacer, &clock, 10_000).await, Duration::ZERO);
    }

    #[tokio::test]
    async fn a_hold_beyond_the_callers_patience_is_said_and_not_slept() {
        let clock = Arc::new(Leaping(Mutex::new(Duration::from_secs(1 << 13))));
        let pacer = Pacer::new(clock.clone(), None);
        let minute = Duration::from_secs(60);
        // The largest wait that a header can name would overflow the clock.
        pacer.throttled(Some(Duration::from_secs_f64(18_446_744_073_709_549_568.0)));
        let held = pacer.acquire(minute).await.unwrap_err();
        assert!(held > minute * 60 * 24 * 365, "{held:?}");
        assert_eq!(clock.elapsed(), Duration::from_secs(1 << 13), "it slept");
        // The answer to a request that was under way does not shorten it.
        pacer.throttled(Some(minute));
        assert!(pacer.acquire(minute).await.is_err());
    }

    #[tokio::test]
    async fn throttling_holds_then_slows_and_success_recovers() {
        let clock = Arc::new(Leaping::default());
        let pacer = Pacer::new(clock.clone(), None);
        pacer.throttled(Some(Duration::from_secs(7)));
        assert_eq!(time_of(&pacer, &clock, 1).await, Duration::from_secs(7));
        assert_eq!(time_of(&pacer, &clock, 4).await, FIRST_BRAKE * 4);
        for _ in 0..RECOVERY * 60 {
            pacer.succeeded();
        }
        // The first of these still stands under the old interval.
        time_of(&pacer, &clock, 1).await;
        assert_eq!(time_of(&pacer, &clock, 100).await, Duration::ZERO);
    }
}
