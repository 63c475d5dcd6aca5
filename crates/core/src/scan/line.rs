//! What stands between a listing and the reader of one window: turns one way, pages the other.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::walk::Batch;

/// A reader asks for nothing before it was given a turn, so that a listing that nobody polls sends nothing.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<State>>);

/// What a reader wants a turn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The page that comes next.
    Next,
    /// A page ahead of its turn.
    Ahead,
}

/// Pages read ahead that were of no use.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dropped {
    /// How many turns they had.
    pub(super) turns: u64,
    pub(super) requests: u64,
    pub(super) retries: u64,
}

#[derive(Default)]
struct State {
    is_granted: bool,
    waits_for: Option<Turn>,
    waker: Option<Waker>,
    batches: VecDeque<Batch>,
    dropped: Dropped,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one request may be sent.
    pub(super) async fn turn(&self) {
        poll_fn(|context| self.poll_turn(Turn::Next, context)).await;
    }

    /// Whether one request may be sent, which this is for.
    pub(super) fn poll_turn(&self, turn: Turn, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if std::mem::take(&mut state.is_granted) {
            state.waits_for = None;
            return Poll::Ready(());
        }
        state.waits_for = Some(turn);
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    pub(super) fn send(&self, batch: Batch) {
        self.state().batches.push_back(batch);
    }

    /// What the reader waits for a turn for that it was not given yet.
    pub(super) fn waits_for(&self) -> Option<Turn> {
        let state = self.state();
        state.waits_for.filter(|_| !state.is_granted)
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

    /// Gives back the turn of a page that was of no use, for which so many requests were sent.
    pub(super) fn give_back(&self, requests: u32) {
        let dropped = &mut self.state().dropped;
        dropped.turns += 1;
        dropped.requests += u64::from(requests);
        dropped.retries += u64::from(requests.saturating_sub(1));
    }

    pub(super) fn take_dropped(&self) -> Option<Dropped> {
        let dropped = std::mem::take(&mut self.state().dropped);
        (dropped.turns > 0).then_some(dropped)
    }

    pub(super) fn receive(&self) -> Option<Batch> {
        self.state().batches.pop_front()
    }
}
