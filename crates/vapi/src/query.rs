//! A filter in Vapi's twelve query names.

use callmux_core::{CallFilter, Field, Result, Support, TimeRange};
use callmux_http::paging::TimeKeyset;
use callmux_http::{Dialect as _, Plan};
use chrono::{DateTime, Datelike as _, SecondsFormat, SubsecRound as _, TimeDelta, Utc};

use crate::Vapi;

/// `createdAtLt` one millisecond after the oldest call seen: should Vapi store finer than it shows, `createdAtLe` would lose calls.
pub(crate) const PAGING: TimeKeyset = TimeKeyset {
    until: "createdAtLt",
    inclusive: false,
    truncates: false,
    unit: TimeDelta::milliseconds(1),
    limit: "limit",
    skip: None,
    format: instant,
};

pub(crate) fn plan(filter: &CallFilter) -> Result<Plan> {
    let mut plan = Plan::of(filter, &Vapi::VENDOR)?;
    send_range(&mut plan, Field::Placed, filter.placed, "createdAtGe", "createdAtLt");
    send_range(&mut plan, Field::Updated, filter.updated, "updatedAtGe", "updatedAtLt");
    let is_blank = |id: &str| id.trim().is_empty();
    if filter.agent.as_deref().is_some_and(is_blank)
        || filter.ids.as_ref().is_some_and(|ids| ids.iter().all(|id| is_blank(id.as_str())))
    {
        // Sent blank, a condition might be taken for none.
        plan.never("nothing at Vapi has a blank id");
    }
    if let Some(agent) = &filter.agent {
        plan.send("assistantId", agent);
        plan.serve(Field::Agent, Support::Exact);
    }
    if let Some(ids) = &filter.ids {
        match ids.iter().next() {
            Some(id) if ids.len() == 1 => {
                plan.send("id", id.as_str());
                plan.serve(Field::Id, Support::Exact);
            }
            _ => plan.serve_because(Field::Id, Support::Client, "Vapi takes one id at a time"),
        }
    }
    Ok(plan)
}

fn send_range(plan: &mut Plan, field: Field, range: TimeRange, since: &str, until: &str) {
    if range.is_open() {
        return;
    }
    if let Some(instant) = range.since {
        plan.send(since, ceiling(instant));
    }
    if let Some(instant) = range.until {
        plan.send(until, ceiling(instant));
    }
    plan.serve(field, Support::Exact);
}

/// The first whole millisecond not before an instant. Shown times are whole milliseconds, so this is the same bound for them.
fn ceiling(bound: DateTime<Utc>) -> String {
    let floor = bound.trunc_subsecs(3);
    let next = if floor < bound { floor.checked_add_signed(PAGING.unit) } else { None };
    instant(next.unwrap_or(floor))
}

/// An instant as Vapi writes them. Beyond the years of four digits, where no call is, the nearest of them asks for the same.
fn instant(instant: DateTime<Utc>) -> String {
    match instant.year() {
        ..1 => "0001-01-01T00:00:00.000Z".to_owned(),
        1..10_000 => instant.to_rfc3339_opts(SecondsFormat::Millis, true),
        10_000.. => "9999-12-31T23:59:59.999Z".to_owned(),
    }
}
