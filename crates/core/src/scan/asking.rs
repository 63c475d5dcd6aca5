//! What the pages of a window are asked for with.

use std::num::NonZeroU32;
use std::sync::Arc;

use tracing::{Instrument as _, Span};

use super::line::Line;
use crate::ahead::EarlyPage;
use crate::cursor::Cursor;
use crate::filter::CallFilter;
use crate::page::PageRequest;
use crate::provider::CallProvider;

/// What the pages of a window are asked for with. Clones share it.
#[derive(Clone)]
pub(super) struct Asking {
    pub(super) provider: Arc<dyn CallProvider>,
    /// The listing's filter, within the window.
    pub(super) filter: Arc<CallFilter>,
    pub(super) page_size: Option<NonZeroU32>,
    pub(super) keep_raw: bool,
    pub(super) line: Line,
    pub(super) span: Span,
}

impl Asking {
    pub(super) fn request(&self, cursor: Option<Cursor>) -> PageRequest {
        PageRequest { cursor, size: self.page_size, keep_raw: self.keep_raw }
    }

    pub(super) fn likely_next(&self, cursor: Option<Cursor>) -> Option<Cursor> {
        let provider = self.provider.as_read_ahead()?;
        provider.likely_next(&self.filter, &self.request(cursor))
    }

    pub(super) async fn read_ahead(self, cursor: Cursor) -> EarlyPage {
        let request = self.request(Some(cursor));
        match self.provider.as_read_ahead() {
            Some(provider) => {
                let read = provider.read_ahead(&self.filter, request);
                read.instrument(self.span.clone()).await
            }
            None => EarlyPage::new(0, ()),
        }
    }
}
