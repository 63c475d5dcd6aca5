//! A filter in Vapi's twelve query names.

use callmux_core::{CallFilter, Field, Result, Support, TimeRange};
use callmux_http::paging::TimeKeyset;
use callmux_http::{Dialect as _, Plan};
use chrono::{DateTime, DurationRound as _, SecondsFormat, TimeDelta, Utc};

use crate::Vapi;

/// `createdAtLt` one millisecond after the oldest call seen: should Vapi store finer than it shows, `createdAtLe` would lose calls.
pub(crate) const PAGING: TimeKeyset = TimeKeyset {
    until: "createdAtLt",
    inclusive: false,
    unit: TimeDelta::milliseconds(1),
    limit: "limit",
    format: instant,
};

pub(crate) fn plan(filter: &CallFilter) -> Result<Plan> {
    let mut plan = Plan::of(filter, &Vapi::VENDOR)?;
    send_range(&mut plan, Field::Placed, filter.placed, "createdAtGe", "createdAtLt");
    send_range(&mut plan, Field::Updated, filter.updated, "updatedAtGe", "updatedAtLt");
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
    let floor = bound.duration_trunc(PAGING.unit).unwrap_or(bound);
    instant(if floor < bound { floor + PAGING.unit } else { floor })
}

fn instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use callmux_core::CallStatus;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn sent(filter: &CallFilter) -> Vec<(String, String)> {
        let plan = plan(filter).unwrap();
        plan.parameters.into_iter().map(|sent| (sent.name, sent.value)).collect()
    }

    #[test]
    fn bounds_are_sent_as_milliseconds_and_never_moved_inward() {
        let filter = CallFilter::new()
            .since(at("2026-01-01T00:00:00.0001Z"))
            .until(at("2026-02-01T00:00:00.9999Z"))
            .updated(TimeRange { since: Some(at("2026-03-01T00:00:00.5Z")), until: None });
        let expected = [
            ("createdAtGe", "2026-01-01T00:00:00.001Z"),
            ("createdAtLt", "2026-02-01T00:00:01.000Z"),
            ("updatedAtGe", "2026-03-01T00:00:00.500Z"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(sent(&filter), expected);
    }

    #[test]
    fn one_id_and_one_agent_are_sent_and_the_rest_is_checked_here() {
        let filter = CallFilter::new().ids(["a"]).agent("b").status([CallStatus::Failed]);
        assert_eq!(sent(&filter), [("assistantId".into(), "b".into()), ("id".into(), "a".into())]);
        assert!(!plan(&filter).unwrap().is_exact());
        assert!(sent(&CallFilter::new().ids(["a", "b"])).is_empty());
    }
}
