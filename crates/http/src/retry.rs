//! When to try again, and how long to wait before.

use std::time::Duration;

/// When to try again: a count *and* a total time, whichever ends first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many times a request is sent at most.
    pub attempts: u32,
    /// The longest wait before the second attempt; it doubles with each further one.
    pub base: Duration,
    /// The longest wait that is chosen here. The vendor may ask for a longer one.
    pub cap: Duration,
    /// The longest time that all attempts and waits of one request may take together.
    pub total: Duration,
    /// The longest time that one attempt may take.
    pub attempt_timeout: Duration,
}

impl Default for RetryPolicy {
    /// Five attempts within five minutes, waits from half a second to half a minute, two minutes an attempt.
    fn default() -> Self {
        Self {
            attempts: 5,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            total: Duration::from_secs(300),
            attempt_timeout: Duration::from_secs(120),
        }
    }
}

impl RetryPolicy {
    /// One attempt, no second.
    #[must_use]
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// The same with another number of attempts; at least one is made.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The same with another limit on one attempt.
    #[must_use]
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long to wait after an attempt that failed: what the vendor asked for, else full jitter under a doubling bound.
    /// `None` when there is to be no further attempt.
    pub(crate) fn wait(
        &self,
        attempt: u32,
        spent: Duration,
        asked: Option<Duration>,
        random: &mut fastrand::Rng,
    ) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        // A vendor that asks for no wait at all would be asked again at once, until the attempts are used up.
        let wait = asked.filter(|asked| !asked.is_zero()).unwrap_or_else(|| {
            let bound = self.base.saturating_mul(1 << (attempt - 1).min(20)).min(self.cap);
            bound.mul_f64(random.f64())
        });
        (spent.saturating_add(wait) <= self.total).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_under_the_doubling_bound_and_the_cap() {
        let policy = RetryPolicy { attempts: 40, total: Duration::MAX, ..RetryPolicy::default() };
        let mut random = fastrand::Rng::with_seed(7);
        let mut longest = Duration::ZERO;
        for attempt in 1..40 {
            let wait = policy.wait(attempt, Duration::ZERO, None, &mut random).unwrap();
            let bound = policy.base.saturating_mul(1 << (attempt - 1).min(20)).min(policy.cap);
            assert!(wait <= bound, "{attempt}: {wait:?} > {bound:?}");
            longest = longest.max(wait);
        }
        assert!(longest > policy.base, "the bound never grew");
    }

    #[test]
    fn the_vendors_wait_is_kept_unless_it_exceeds_the_total() {
        let policy = RetryPolicy::default();
        let mut random = fastrand::Rng::with_seed(7);
        let asked = Some(Duration::from_secs(45));
        assert_eq!(policy.wait(1, Duration::ZERO, asked, &mut random), asked);
        assert_eq!(policy.wait(1, Duration::from_secs(260), asked, &mut random), None);
        assert_eq!(policy.wait(5, Duration::ZERO, asked, &mut random), None);
        assert_eq!(RetryPolicy::never().wait(1, Duration::ZERO, None, &mut random), None);
    }
}
