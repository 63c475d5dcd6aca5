//! Rows that moved between the pages of a walk by position.
//!
//! Where pages are positions in a list (numbers, offsets), a row that is met twice was pushed onto the next page by an arrival
//! above it, or it changed places with a row of the same instant, which is then on no page at all. The vendor's total tells
//! the two apart: arrivals make it grow.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::page::PageSource;

/// The walks of a listing, by source.
#[derive(Default)]
pub(super) struct Drift {
    walks: HashMap<usize, Walk>,
}

#[derive(Default)]
struct Walk {
    pages: u64,
    /// Of the page that is being read: rows that had been met before, and the oldest instant.
    repeats: u64,
    oldest: Option<DateTime<Utc>>,
    total: Option<u64>,
    /// The oldest instant of the page before.
    edge: Option<DateTime<Utc>>,
    /// The edges at which more rows came again than arrived.
    doubts: Vec<Option<DateTime<Utc>>>,
    /// Whether a page was newer, as a whole, than what came before it.
    is_disordered: bool,
}

impl Drift {
    /// Takes note of a row of the page that is being read.
    pub(super) fn meet(&mut self, source: usize, placed_at: Option<DateTime<Utc>>) {
        if let Some(placed_at) = placed_at {
            let oldest = &mut self.walks.entry(source).or_default().oldest;
            *oldest = Some(oldest.map_or(placed_at, |oldest| oldest.min(placed_at)));
        }
    }

    /// Takes note that a row of the page that is being read had been met before.
    pub(super) fn repeat(&mut self, source: usize) {
        self.walks.entry(source).or_default().repeats += 1;
    }

    /// The page is read.
    pub(super) fn turn(&mut self, source: usize, page: &PageSource) {
        let walk = self.walks.entry(source).or_default();
        let repeats = std::mem::take(&mut walk.repeats);
        let oldest = walk.oldest.take();
        let arrived = match (walk.total, page.total) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => 0,
        };
        if page.is_positional {
            if walk.pages > 0 && repeats > arrived {
                walk.doubts.push(walk.edge);
            }
            walk.is_disordered |= walk.edge.is_some_and(|edge| oldest > Some(edge));
        }
        walk.pages += 1;
        walk.total = page.total.or(walk.total);
        walk.edge = oldest.or(walk.edge);
    }

    /// Whether the pages of a source did not come newest first, so that the first calls given need not be the newest.
    pub(super) fn is_disordered(&self, source: usize) -> bool {
        self.walks.get(&source).is_some_and(|walk| walk.is_disordered)
    }

    /// Whether rows may have been left out, and at which edge first. A whole walk that met as many rows as the vendor counts
    /// left out none; a listing that ended above an edge does not need what is there.
    pub(super) fn doubt(
        &self,
        source: usize,
        met: u64,
        is_whole: bool,
        ended_at: Option<DateTime<Utc>>,
    ) -> Option<Option<DateTime<Utc>>> {
        let walk = self.walks.get(&source)?;
        if is_whole && walk.total.is_some_and(|total| met >= total) {
            return None;
        }
        let matters = |edge: &&Option<DateTime<Utc>>| match (edge, ended_at) {
            (Some(edge), Some(ended_at)) => ended_at <= *edge,
            _ => true,
        };
        walk.doubts.iter().find(matters).copied()
    }
}
