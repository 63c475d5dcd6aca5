//! Parts of a page that is still arriving.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use crate::page::CallPage;

/// Takes what is known of a page before the page is whole ([`CallProvider::list_page_in_parts`]).
///
/// [`CallProvider::list_page_in_parts`]: crate::CallProvider::list_page_in_parts
#[derive(Default)]
pub struct Parts(Mutex<VecDeque<CallPage>>);

impl Parts {
    /// Hands a part on: calls, rejected and filtered rows in the order sent, and as its floor the newest instant that what
    /// follows may have. It comes back when the part is taken and more is wanted, so that a page arrives no faster than its
    /// calls are used.
    pub async fn hand_on(&self, part: CallPage) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(part);
        let mut was_asked = false;
        poll_fn(|context| {
            if std::mem::replace(&mut was_asked, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    pub(crate) fn take(&self) -> Option<CallPage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts")
    }
}
