//! What stands between a listing and the reader of one window: turns one way, pages the other.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use super::walk::Batch;

/// A reader asks for nothing before it was given a turn, so that a listing that nobody polls sends nothing.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_granted: bool,
    is_waiting: bool,
    waker: Option<Waker>,
    batches: VecDeque<Batch>,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one request may be sent.
    pub(super) async fn turn(&self) {
        poll_fn(|context| {
            let mut state = self.state();
            if std::mem::take(&mut state.is_granted) {
                state.is_waiting = false;
                return Poll::Ready(());
            }
            state.is_waiting = true;
            state.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    pub(super) fn send(&self, batch: Batch) {
        self.state().batches.push_back(batch);
    }

    /// Whether the reader waits for a turn that it was not given yet.
    pub(super) fn is_waiting(&self) -> bool {
        let state = self.state();
        state.is_waiting && !state.is_granted
    }

    /// Gives the reader a turn.
    pub(super) fn grant(&self) {
        let waker = {
            let mut state = self.state();
            state.is_granted = true;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn receive(&self) -> Option<Batch> {
        self.state().batches.pop_front()
    }
}
