//! The pace of one account: so many requests within any minute, set or learnt from the vendor's first refusal.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// What a vendor calls a minute. Requests do not take equally long to arrive: those of two bursts a minute apart may come closer.
const MINUTE: Duration = Duration::from_secs(61);
/// The fewest requests a minute that refusals lead to.
const FEWEST: usize = 6;
/// The most requests that are remembered: a limit above it is not learnt.
const REMEMBERED: usize = 4_096;
/// How long a limit that was learnt stands without a refusal before more is tried.
const RECOVERY: Duration = Duration::from_secs(600);
/// A refusal after fewer requests in a minute says little of the limit: others may have used it up. It is doubted each minute.
const TELLING: usize = 30;

/// Decides when the next request of an account may go. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// The requests within a minute that were set.
    set: Option<usize>,
    /// The requests within a minute now.
    limit: Option<usize>,
    /// When the requests of the last minute went or are to go, in order.
    sent: VecDeque<Duration>,
    /// No request before this.
    hold: Duration,
    /// When a limit that was learnt was last found or raised.
    learnt: Duration,
}

impl Pacer {
    pub(crate) fn new(clock: Arc<dyn Clock>, requests_per_minute: Option<u32>) -> Self {
        let set = requests_per_minute.map(|requests| requests.max(1) as usize);
        let (sent, hold, learnt) = (VecDeque::new(), Duration::ZERO, Duration::ZERO);
        Self { clock, state: Arc::new(Mutex::new(State { set, limit: set, sent, hold, learnt })) }
    }

    /// Waits until a request may go. Where the vendor asked for more than `patience`, how much that is.
    pub(crate) async fn acquire(&self, patience: Duration) -> Result<(), Duration> {
        let wait = self.with(|state, now| {
            let held = state.hold.saturating_sub(now);
            if held > patience {
                return Err(held);
            }
            let last = state.sent.back().copied().unwrap_or_default();
            let mut at = now.max(state.hold).max(last);
            // The request that stands as far back as a minute allows must be a minute old.
            let before = state.limit.and_then(|limit| state.sent.len().checked_sub(limit));
            if let Some(sent) = before.and_then(|index| state.sent.get(index)) {
                at = at.max(sent.saturating_add(MINUTE));
            }
            state.sent.push_back(at);
            let kept = state.limit.unwrap_or(REMEMBERED).max(REMEMBERED);
            while state.sent.len() > kept
                || state.sent.front().is_some_and(|sent| sent.saturating_add(MINUTE) <= now)
            {
                state.sent.pop_front();
            }
            Ok(at.saturating_sub(now))
        })?;
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        Ok(())
    }

    /// The vendor throttled: nothing goes until the wait is over, and then no more in a minute than it took in the last one.
    pub(crate) fn throttled(&self, wait: Option<Duration>) {
        self.with(|state, now| {
            // The one that was refused does not count.
            state.sent.pop_back();
            let taken = state.sent.iter().filter(|sent| sent.saturating_add(MINUTE) > now).count();
            if taken < REMEMBERED {
                let limit = state.limit.map_or(taken, |limit| limit.min(taken));
                state.limit = Some(limit.max(FEWEST.min(state.set.unwrap_or(FEWEST))));
            }
            state.learnt = now;
            let until = now.saturating_add(wait.unwrap_or(Duration::from_millis(250)));
            state.hold = state.hold.max(until);
        });
    }

    pub(crate) fn succeeded(&self) {
        self.with(|state, now| {
            let Some(limit) = state.limit else { return };
            // A tenth at a time: what throttled us once will do so again.
            let (patience, more) = match limit < TELLING {
                true => (MINUTE, limit),
                false => (RECOVERY, limit.div_ceil(10)),
            };
            if state.set.is_some_and(|set| set <= limit)
                || now < state.learnt.saturating_add(patience)
            {
                return;
            }
            let raised = limit.saturating_add(more);
            state.limit = Some(state.set.map_or(raised, |set| set.min(raised)));
            state.learnt = now;
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
        assert_eq!(time_of(&pacer, &clock, 60).await, MINUTE);
        assert_eq!(time_of(&pacer, &clock, 121).await, MINUTE * 3);
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
    async fn throttling_holds_then_goes_on_as_fast_as_the_vendor_took_it() {
        let clock = Arc::new(Leaping::default());
        let pacer = Pacer::new(clock.clone(), None);
        time_of(&pacer, &clock, 41).await;
        // The last of them was refused: forty a minute are taken.
        pacer.throttled(Some(Duration::from_secs(7)));
        assert_eq!(time_of(&pacer, &clock, 1).await, MINUTE);
        assert_eq!(time_of(&pacer, &clock, 39).await, Duration::ZERO);
        assert_eq!(time_of(&pacer, &clock, 1).await, MINUTE);
        // Ten minutes later a tenth more is tried.
        clock.sleep(RECOVERY).await;
        pacer.succeeded();
        assert_eq!(time_of(&pacer, &clock, 44).await, Duration::ZERO);
        assert_eq!(time_of(&pacer, &clock, 1).await, MINUTE);
    }

    #[tokio::test]
    async fn a_refusal_after_few_requests_is_doubted_soon() {
        let clock = Arc::new(Leaping::default());
        let pacer = Pacer::new(clock.clone(), Some(600));
        time_of(&pacer, &clock, 1).await;
        pacer.throttled(Some(Duration::from_secs(7)));
        assert_eq!(time_of(&pacer, &clock, 1).await, Duration::from_secs(7));
        assert_eq!(time_of(&pacer, &clock, FEWEST as u32).await, MINUTE);
        for _ in 0..10 {
            clock.sleep(MINUTE).await;
            pacer.succeeded();
        }
        // 6, 12, 24, 48; from there on a tenth in ten minutes.
        assert_eq!(time_of(&pacer, &clock, 48).await, Duration::ZERO);
    }
}
