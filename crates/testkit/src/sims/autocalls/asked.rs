//! What a request asks for, and what is refused.

use chrono::{NaiveDate, NaiveTime};
use serde_json::Value;

use super::Habits;
use crate::simulator::{Query, SimulatedRow};

const STATUSES: [&str; 10] = [
    "initiated",
    "ringing",
    "busy",
    "in-progress",
    "ended",
    "completed",
    "ended_by_customer",
    "ended_by_assistant",
    "no-answer",
    "failed",
];
const TYPES: [&str; 3] = ["inbound", "outbound", "web"];

/// What a request asks for. A blank value is none, as the framework has it.
pub(super) struct Asked {
    status: Option<String>,
    kind: Option<String>,
    phone_number: Option<String>,
    assistant_id: Option<i64>,
    campaign_id: Option<i64>,
    date_from: Option<NaiveDate>,
    date_to: Option<NaiveDate>,
    pub(super) page: u64,
    pub(super) per_page: u64,
    pub(super) size_was_asked: bool,
}

impl Asked {
    pub(super) fn of(query: &Query, lenient: bool) -> Result<Self, Vec<(String, String)>> {
        let mut errors: Vec<(String, String)> = Vec::new();
        let text = |name: &str| {
            query.get(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let label = |name: &str| name.replace('_', " ");
        let word = |name: &str, known: &[&str], errors: &mut Vec<(String, String)>| {
            if query.0.keys().any(|key| key.starts_with(&format!("{name}["))) {
                errors.push((name.to_owned(), format!("The {name} field must be a string.")));
            }
            let word = text(name)?;
            if !known.contains(&word.as_str()) && !lenient {
                errors.push((name.to_owned(), format!("The selected {name} is invalid.")));
            }
            Some(word)
        };
        let status = word("status", &STATUSES, &mut errors);
        let kind = word("type", &TYPES, &mut errors);
        let mut integer = |name: &str| {
            let number = text(name)?.parse::<i64>().ok();
            if number.is_none() {
                let message = format!("The {} field must be an integer.", label(name));
                errors.push((name.to_owned(), message));
            }
            number
        };
        let (assistant_id, campaign_id) = (integer("assistant_id"), integer("campaign_id"));
        let per_page = integer("per_page");
        let mut date = |name: &str| {
            let given = text(name)?;
            let date = given.parse::<NaiveDate>().ok();
            let date = date.filter(|date| date.format("%Y-%m-%d").to_string() == given);
            if date.is_none() {
                let message = format!("The {} field must match the format Y-m-d.", label(name));
                errors.push((name.to_owned(), message));
            }
            date
        };
        let (date_from, date_to) = (date("date_from"), date("date_to"));
        if !lenient && per_page.is_some_and(|size| size < 1) {
            let message = "The per page field must be at least 1.".to_owned();
            errors.push(("per_page".to_owned(), message));
        }
        if !lenient && per_page.is_some_and(|size| size > 100) {
            let message = "The per page field must not be greater than 100.".to_owned();
            errors.push(("per_page".to_owned(), message));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        // A page that is no number from 1 to 2^63 - 1 is the first.
        let page = text("page").and_then(|page| page.parse::<i64>().ok()).filter(|page| *page >= 1);
        Ok(Self {
            status,
            kind,
            phone_number: text("phone_number"),
            assistant_id,
            campaign_id,
            date_from,
            date_to,
            page: page.unwrap_or(1).unsigned_abs(),
            per_page: per_page.unwrap_or(15).clamp(1, 100).unsigned_abs(),
            size_was_asked: per_page.is_some(),
        })
    }

    /// Whether it asks for a row.
    pub(super) fn means(&self, row: &SimulatedRow, habits: &Habits) -> bool {
        let text = |name: &str| row.value.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |name: &str| row.value.get(name).and_then(Value::as_i64);
        let phone = |wanted: &String| {
            let number = text("client_phone_number");
            if habits.phone_in_part { number.contains(wanted) } else { number == wanted }
        };
        let local = row.placed_at.map(|at| at.with_timezone(&habits.filter_zone).naive_local());
        let until = |day: NaiveDate| {
            local.is_some_and(|local| match habits.date_to_is_midnight {
                true => local <= day.and_time(NaiveTime::MIN),
                false => local.date() <= day,
            })
        };
        self.status.as_ref().is_none_or(|wanted| text("status") == wanted)
            && self.kind.as_ref().is_none_or(|wanted| text("type") == wanted)
            && self.phone_number.as_ref().is_none_or(phone)
            && self.assistant_id.is_none_or(|wanted| number("assistant_id") == Some(wanted))
            && self.campaign_id.is_none_or(|wanted| number("campaign_id") == Some(wanted))
            && self.date_from.is_none_or(|day| local.is_some_and(|local| local.date() >= day))
            && self.date_to.is_none_or(until)
    }
}
