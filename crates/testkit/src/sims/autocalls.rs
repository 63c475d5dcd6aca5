//! Autocalls: `GET /api/user/calls` of a Laravel application, newest first, pages by number.
//!
//! What its documentation leaves open is one of its [`Habits`] here, so that a provider can be held against each way it may be. It takes
//! its ten words, three types and dates and refuses others with 422; it ignores names that it does not know; it hides the ids it
//! filters by; it sends whoever does not ask for JSON to its login page. Rows mix the published types with the corrected ones.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::routing::get;
use chrono::{FixedOffset, Offset as _, Utc};
use serde_json::{Value, json};

use super::Simulated;
use crate::simulator::{Query, Reply, SimulatedRow, Simulator};
use crate::world::World;
use asked::Asked;

mod asked;
mod page;
mod rows;

/// What is not known of the vendor. The default is what most of the evidence points to.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// The zone whose days `date_from` and `date_to` name.
    pub filter_zone: FixedOffset,
    /// The zone of times that are written without an offset.
    pub shown_zone: FixedOffset,
    /// `date_to` is compared with its midnight, which leaves out all of its day.
    pub date_to_is_midnight: bool,
    /// `phone_number` also finds a part of a number.
    pub phone_in_part: bool,
    /// Calls of one second have an order that differs from page to page, as a database may choose without a second sort key.
    pub unstable_ties: bool,
    /// The list is oldest first, as a database gives it that was told no order.
    pub oldest_first: bool,
    /// Whatever is asked for is put right silently in place of being refused.
    pub lenient: bool,
    /// How pages are described.
    pub metadata: Metadata,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            filter_zone: Utc.fix(),
            shown_zone: Utc.fix(),
            date_to_is_midnight: false,
            phone_in_part: false,
            unstable_ties: false,
            oldest_first: false,
            lenient: false,
            metadata: Metadata::Laravel12,
        }
    }
}

/// How a page is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Metadata {
    /// All keys; links have a page.
    Laravel12,
    /// All keys; a size that was asked for comes back as text, and rows are keyed by index.
    Laravel8,
    /// The five keys that every brand documents.
    Trimmed,
    /// A resource collection: the numbers are in `meta`.
    Resource,
}

#[derive(Clone)]
struct Vendor {
    simulator: Simulator,
    habits: Habits,
}

/// A simulated Autocalls that takes this key and holds a world's calls.
#[must_use]
pub fn simulate(key: &str, world: &World) -> Simulated {
    simulate_with(key, world, Habits::default())
}

/// The same with other habits.
#[must_use]
pub fn simulate_with(key: &str, world: &World, habits: Habits) -> Simulated {
    let simulator = Simulator::new(key, rows::rows(world, &habits));
    let router = Router::new()
        .route("/api/user/calls", get(list))
        .route("/api/user/calls/{id}", get(one))
        .route("/api/user/me", get(me))
        .route("/login", get(async || Reply::text(200, "text/html; charset=UTF-8", LOGIN)))
        .fallback(async || Reply::json(404, json!({ "message": "The route could not be found." })))
        .with_state(Vendor { simulator: simulator.clone(), habits });
    Simulated { simulator, router, base_path: "/api" }
}

const LOGIN: &str =
    "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Log in</body></html>\n";

async fn list(State(vendor): State<Vendor>, headers: HeaderMap, uri: Uri) -> Reply {
    if let Some(refusal) = vendor.refuse(&headers, &uri) {
        return refusal;
    }
    match Asked::of(&Query::of(&uri), vendor.habits.lenient) {
        Ok(asked) => Reply::json(200, vendor.page(&asked, &origin(&headers, &uri))),
        Err(errors) if wants_json(&headers) => Reply::json(422, refused(&errors)),
        Err(_) => redirect(&format!("{}/", origin(&headers, &uri))),
    }
}

async fn one(
    State(vendor): State<Vendor>,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
) -> Reply {
    if let Some(refusal) = vendor.refuse(&headers, &uri) {
        return refusal;
    }
    match vendor.simulator.look().into_iter().find(|row| row.id == id) {
        Some(row) => Reply::json(200, &row.text),
        None => Reply::json(404, json!({ "message": "Call not found" })),
    }
}

async fn me(State(vendor): State<Vendor>, headers: HeaderMap, uri: Uri) -> Reply {
    let account =
        json!({ "name": "A Name", "email": "a@example.com", "total_balance": 100.67447094 });
    vendor.refuse(&headers, &uri).unwrap_or_else(|| Reply::json(200, account))
}

/// Laravel looks at the first type that is accepted, and at no other.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let first = accepted.unwrap_or("*/*").split(',').next().unwrap_or_default();
    first.contains("/json") || first.contains("+json")
}

/// Links are built from the Host header.
fn origin(headers: &HeaderMap, uri: &Uri) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    format!("http://{}", host.unwrap_or("localhost"))
}

fn redirect(to: &str) -> Reply {
    let page =
        format!("<!DOCTYPE html>\n<html><head><title>Redirecting to {to}</title></head></html>\n");
    Reply::text(302, "text/html; charset=utf-8", page).with_header("location", to)
}

fn refused(errors: &[(String, String)]) -> Value {
    let mut fields = serde_json::Map::new();
    for (field, message) in errors {
        let messages = fields.entry(field.as_str()).or_insert_with(|| json!([]));
        if let Some(messages) = messages.as_array_mut() {
            messages.push(message.as_str().into());
        }
    }
    let first = errors.first().map(|(_, message)| message.as_str()).unwrap_or_default();
    let message = match errors.len() {
        0 | 1 => first.to_owned(),
        2 => format!("{first} (and 1 more error)"),
        more => format!("{first} (and {} more errors)", more - 1),
    };
    json!({ "message": message, "errors": fields })
}

impl Vendor {
    fn refuse(&self, headers: &HeaderMap, uri: &Uri) -> Option<Reply> {
        self.simulator.record(uri);
        if self.simulator.admits(headers) {
            return None;
        }
        Some(if wants_json(headers) {
            Reply::json(401, json!({ "message": "Unauthenticated." }))
        } else {
            redirect(&format!("{}/login", origin(headers, uri)))
        })
    }

    fn page(&self, asked: &Asked, origin: &str) -> String {
        let mut rows = self.simulator.look();
        rows.retain(|row| asked.means(row, &self.habits));
        let first = (asked.page - 1).saturating_mul(asked.per_page);
        let tie = |row: &SimulatedRow| match self.habits.unstable_ties {
            true => shuffled(&row.id, first, asked.per_page),
            false => row.id.parse().unwrap_or(0),
        };
        rows.sort_by_cached_key(|row| std::cmp::Reverse((row.placed_at, tie(row))));
        if self.habits.oldest_first {
            rows.reverse();
        }
        let total = rows.len() as u64;
        let skip = usize::try_from(first).unwrap_or(usize::MAX);
        let take = usize::try_from(asked.per_page).unwrap_or(usize::MAX);
        let texts: Vec<String> =
            rows.iter().skip(skip).take(take).map(|row| row.text.clone()).collect();
        page::describe(
            self.habits.metadata,
            asked,
            total,
            &texts,
            &format!("{origin}/api/user/calls"),
        )
    }
}

/// A place among calls of one second that depends on the page asked for.
fn shuffled(id: &str, offset: u64, limit: u64) -> i64 {
    let mixed = id
        .bytes()
        .chain(offset.to_le_bytes())
        .chain(limit.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    (mixed >> 1).cast_signed()
}
