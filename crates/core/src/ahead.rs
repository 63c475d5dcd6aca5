//! Pages that are asked for before the one that leads to them has come.

use std::any::Any;
use std::fmt;

use async_trait::async_trait;

use crate::cursor::Cursor;
use crate::error::Result;
use crate::filter::CallFilter;
use crate::page::{CallPage, PageRequest};

/// A provider whose pages can be asked for ahead of their turn ([`CallProvider::as_read_ahead`]): where a page stands is known,
/// about, before the one before it has come.
///
/// [`Calls`](crate::Calls) asks for several at a time and has them placed in their turn. A page that does not fit then is
/// dropped, and the one that is wanted is asked for: reading ahead may cost requests, and never the answer.
///
/// [`CallProvider::as_read_ahead`]: crate::CallProvider::as_read_ahead
#[async_trait]
pub trait ReadAhead: Send + Sync {
    /// A cursor of the page that is likely to follow the one at `page`; `None` where nobody can tell, or likely none does.
    fn likely_next(&self, filter: &CallFilter, page: &PageRequest) -> Option<Cursor>;

    /// Asks for the page at a likely cursor. One that fails is of no use when it is to be placed.
    async fn read_ahead(&self, filter: &CallFilter, page: PageRequest) -> EarlyPage;

    /// Places a page that was read ahead: whether it is the page at `page`, as a walk from page to page has found it.
    ///
    /// # Errors
    /// Those of [`CallProvider::list_page`](crate::CallProvider::list_page).
    fn place(&self, filter: &CallFilter, page: &PageRequest, early: EarlyPage) -> Result<Placed>;
}

/// A page that was read ahead. What it is, only the provider that read it knows.
pub struct EarlyPage {
    /// How many requests were sent for it.
    pub requests: u32,
    answer: Box<dyn Any + Send>,
}

impl EarlyPage {
    /// What a provider makes of an answer that it will have to place.
    pub fn new(requests: u32, answer: impl Any + Send) -> Self {
        Self { requests, answer: Box::new(answer) }
    }

    /// What it was made of.
    ///
    /// # Errors
    /// The page itself, where it was made of something else.
    pub fn into_answer<T: Any>(self) -> std::result::Result<T, Self> {
        let Self { requests, answer } = self;
        answer.downcast().map(|answer| *answer).map_err(|answer| Self { requests, answer })
    }
}

impl fmt::Debug for EarlyPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EarlyPage").field("requests", &self.requests).finish_non_exhaustive()
    }
}

/// What a page that was read ahead turned out to be.
#[derive(Debug)]
pub enum Placed {
    /// The page that was wanted, with the requests that were sent for it.
    Here(Box<CallPage>),
    /// A later page.
    Later(EarlyPage),
    /// A page that is of no use any more.
    Missed,
}
