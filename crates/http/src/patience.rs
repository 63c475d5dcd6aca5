//! How long an attempt waits for its vendor.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::clock::Clock;
use crate::transport::{TransportError, TransportErrorKind};

/// How long an attempt may still wait for the vendor. How long its answer takes to be used does not count: not even where what
/// came was not taken for a while.
pub(crate) struct Patience {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) left: Duration,
}

impl Patience {
    pub(crate) async fn wait<T>(
        &mut self,
        awaited: impl Future<Output = T>,
    ) -> Result<T, TransportError> {
        let started = self.clock.elapsed();
        let arrival = Arc::new(Arrival::new(Arc::clone(&self.clock)));
        let arriving = Waker::from(Arc::clone(&arrival));
        let (mut awaited, mut sleep) = (pin!(awaited), pin!(self.clock.sleep(self.left)));
        let waited = poll_fn(|context| {
            arrival.expect(context.waker());
            if let Poll::Ready(value) = awaited.as_mut().poll(&mut Context::from_waker(&arriving)) {
                return Poll::Ready(Ok(value));
            }
            sleep.as_mut().poll(context).map(|()| Err(TransportErrorKind::Timeout))
        });
        let waited = waited.await;
        self.left = self.left.saturating_sub(arrival.at().saturating_sub(started));
        waited.map_err(TransportError::new)
    }
}

/// Notes when something came, for whoever waits for it.
struct Arrival {
    clock: Arc<dyn Clock>,
    state: Mutex<(Waker, Option<Duration>)>,
}

impl Arrival {
    fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::new((Waker::noop().clone(), None)) }
    }

    /// Who waits now.
    fn expect(&self, waker: &Waker) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0.clone_from(waker);
    }

    /// When the last came; now, where nothing did.
    fn at(&self) -> Duration {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1.unwrap_or_else(|| self.clock.elapsed())
    }
}

impl Wake for Arrival {
    fn wake(self: Arc<Self>) {
        let waker = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.1 = Some(self.clock.elapsed());
            state.0.clone()
        };
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use chrono::{DateTime, Utc};
    use tokio::sync::oneshot;

    use super::*;

    /// A clock that stands until it is put forward, and wakes nobody.
    #[derive(Debug, Default)]
    struct Standing(Mutex<Duration>);

    impl Standing {
        fn forward(&self, seconds: u64) {
            *self.0.lock().unwrap() += Duration::from_secs(seconds);
        }
    }

    #[async_trait::async_trait]
    impl Clock for Standing {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            *self.0.lock().unwrap()
        }

        async fn sleep(&self, duration: Duration) {
            let end = self.elapsed() + duration;
            poll_fn(|_| if self.elapsed() < end { Poll::Pending } else { Poll::Ready(()) }).await;
        }
    }

    fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_came_in_time_is_taken_however_late_it_is_looked_for() {
        let clock = Arc::new(Standing::default());
        let shared: Arc<dyn Clock> = Arc::<Standing>::clone(&clock);
        let mut patience = Patience { clock: shared, left: Duration::from_secs(100) };
        {
            let (vendor, answer) = oneshot::channel();
            let mut waiting = pin!(patience.wait(answer));
            assert!(poll(waiting.as_mut()).is_pending());
            clock.forward(10);
            vendor.send(()).unwrap();
            clock.forward(500);
            assert!(matches!(poll(waiting), Poll::Ready(Ok(Ok(())))));
        }
        assert_eq!(patience.left, Duration::from_secs(90), "ten seconds were the vendor's");

        let mut waiting = pin!(patience.wait(pending::<()>()));
        assert!(poll(waiting.as_mut()).is_pending());
        clock.forward(89);
        assert!(poll(waiting.as_mut()).is_pending());
        clock.forward(1);
        let Poll::Ready(Err(error)) = poll(waiting) else { panic!("it waits no longer") };
        assert_eq!(error.kind, TransportErrorKind::Timeout);
    }
}
