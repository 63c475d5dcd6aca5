//! A vendor with as many calls as are wanted: rows are written when they are asked for.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use callmux_testkit::Query;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::rows::{Rows, Vendor};
use crate::spread::Spread;

/// What a vendor holds, and how it answers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct World {
    /// Which vendor.
    pub vendor: Vendor,
    /// About how many bytes a row has.
    pub bytes: usize,
    /// How many calls there are.
    pub calls: u64,
    /// How long it waits before each answer.
    pub delay: Duration,
    /// Whether answers are compressed.
    pub gzip: bool,
}

pub(crate) struct Served {
    world: World,
    spread: Spread,
    rows: Rows,
}

/// The routes of a vendor, from the root of its origin. It takes any key.
pub fn router(world: World) -> Router {
    router_over(world, Spread::default())
}

/// The same with calls that are placed otherwise.
pub fn router_over(world: World, spread: Spread) -> Router {
    let served = Served { spread, ..Served::new(world) };
    let path = match world.vendor {
        Vendor::Autocalls => "/api/user/calls",
        Vendor::Vapi => "/call",
        Vendor::Burki => "/api/v1/calls/",
    };
    Router::new().route(path, get(list)).with_state(Arc::new(served))
}

#[expect(clippy::disallowed_methods, reason = "a vendor takes its time")]
async fn list(State(served): State<Arc<Served>>, headers: HeaderMap, uri: Uri) -> Response {
    let page = served.page(&Query::of(&uri));
    tokio::time::sleep(served.world.delay).await;
    let json = (header::CONTENT_TYPE, "application/json");
    let accepts = headers
        .get(header::ACCEPT_ENCODING)
        .is_some_and(|accepted| accepted.to_str().is_ok_and(|accepted| accepted.contains("gzip")));
    if served.world.gzip && accepts {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&page).expect("memory");
        let page = encoder.finish().expect("memory");
        return ([json, (header::CONTENT_ENCODING, "gzip")], page).into_response();
    }
    ([json], page).into_response()
}

impl Served {
    pub(crate) fn new(world: World) -> Self {
        let rows = Rows::new(world.vendor, world.bytes);
        Self { world, spread: Spread::default(), rows }
    }

    /// What a request is answered with.
    pub(crate) fn page(&self, query: &Query) -> Vec<u8> {
        match self.world.vendor {
            Vendor::Autocalls => self.numbered(query),
            Vendor::Vapi => self.newest_first(query, ["createdAtGe", "createdAtLt"]),
            Vendor::Burki => self.newest_first(query, ["date_from", "date_to"]),
        }
    }

    /// Calls of a range, newest first.
    fn newest_first(&self, query: &Query, [since, until]: [&str; 2]) -> Vec<u8> {
        let is_burki = self.world.vendor == Vendor::Burki;
        let bound = |name: &str| query.get(name).map(read);
        let first = bound(until).map_or(0, |until| match is_burki {
            true => self.spread.first_not_after(until),
            false => self.spread.first_not_after(until - TimeDelta::microseconds(1)),
        });
        let end = bound(since).map_or(self.world.calls, |since| {
            self.spread.first_not_after(since - TimeDelta::microseconds(1)).min(self.world.calls)
        });
        let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
        let skip: u64 = number("skip").unwrap_or(0);
        let limit: u64 = number("limit").unwrap_or(100);
        let mut page = Vec::new();
        if !is_burki {
            self.write_list(first + skip, end, limit, &mut page);
            return page;
        }
        page.extend_from_slice(b"{\"items\":");
        self.write_list(first + skip, end, limit, &mut page);
        let total = end.saturating_sub(first);
        page.extend_from_slice(
            format!(",\"total\":{total},\"skip\":{skip},\"limit\":{limit}}}").as_bytes(),
        );
        page
    }

    /// Calls by the number of their page, as Laravel writes them.
    fn numbered(&self, query: &Query) -> Vec<u8> {
        let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
        let size: u64 = number("per_page").unwrap_or(15);
        let number: u64 = number("page").unwrap_or(1);
        // Days, the last one whole.
        let day = |name: &str, days: i64| {
            let day = query.get(name).map(|text| read(&format!("{text}T00:00:00")))?;
            Some(
                self.spread
                    .first_not_after(day + TimeDelta::days(days) - TimeDelta::microseconds(1)),
            )
        };
        let first = day("date_to", 1).unwrap_or(0);
        let end = day("date_from", 0).unwrap_or(u64::MAX).min(self.world.calls);
        let total = end.saturating_sub(first);
        let last = total.div_ceil(size).max(1);
        let mut page = format!("{{\"current_page\":{number},\"data\":").into_bytes();
        self.write_list(first + (number - 1) * size, end, size, &mut page);
        let rest = format!(",\"last_page\":{last},\"per_page\":{size},\"total\":{total}}}");
        page.extend_from_slice(rest.as_bytes());
        page
    }

    fn write_list(&self, first: u64, end: u64, limit: u64, page: &mut Vec<u8>) {
        page.reserve(limit.min(end.saturating_sub(first)) as usize * (self.world.bytes + 1_000));
        page.push(b'[');
        for index in first..end.min(first + limit) {
            if index > first {
                page.push(b',');
            }
            self.rows.write(index, self.spread.instant(index), page);
        }
        page.push(b']');
    }
}

fn read(text: &str) -> DateTime<Utc> {
    let text = text.trim_end_matches('Z');
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    naive.expect("an instant as callmux writes them").and_utc()
}
