//! A filter in Autocalls' query names.

use std::collections::BTreeSet;

use callmux_core::{CallFilter, CallStatus, Channel, Direction, Field, Result, Support, TimeRange};
use callmux_http::{Dialect as _, Plan};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::Autocalls;
use crate::map::STATUSES;

pub(crate) fn plan(filter: &CallFilter) -> Result<Plan> {
    let mut plan = Plan::of(filter, &Autocalls::VENDOR)?;
    placed(&mut plan, filter.placed);
    if let Some(statuses) = &filter.status {
        status(&mut plan, statuses);
    }
    kind(&mut plan, filter.direction.as_ref(), filter.channel.as_ref());
    // Rows do not show these ids, so the vendor's answer is all there is to go by.
    if let Some(agent) = &filter.agent {
        plan.send_number(Field::Agent, "assistant_id", agent, Support::Trusted);
    }
    if let Some(campaign) = &filter.campaign {
        plan.send_number(Field::Campaign, "campaign_id", campaign, Support::Trusted);
    }
    if filter.customer.is_some() {
        let why = "whether Autocalls compares the whole number or a part of it is not known";
        plan.serve_because(Field::Customer, Support::Client, why);
    }
    Ok(plan)
}

/// Whole days, in a zone that is not known, of which the last may be left out: a day more before, two more after.
fn placed(plan: &mut Plan, range: TimeRange) {
    if range.is_open() {
        return;
    }
    if let Some(since) = range.since {
        let day = since.date_naive().checked_sub_days(Days::new(1));
        plan.send("date_from", date(day.unwrap_or(NaiveDate::MIN)));
    }
    if let Some(until) = range.until {
        let day = last_before(until).date_naive().checked_add_days(Days::new(2));
        plan.send("date_to", date(day.unwrap_or(NaiveDate::MAX)));
    }
    let why = "it takes whole days in an unknown zone, and may leave out the last: \
               asked a day earlier and two days later";
    plan.serve_because(Field::Placed, Support::Narrowed, why);
}

fn last_before(until: DateTime<Utc>) -> DateTime<Utc> {
    until.checked_sub_signed(TimeDelta::nanoseconds(1)).unwrap_or(until)
}

/// A date of four digits for the year, which is all that databases take; there are no calls beyond.
fn date(day: NaiveDate) -> String {
    let year = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    let first = year(1000, 1, 1).unwrap_or(NaiveDate::MIN);
    let last = year(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    day.clamp(first, last).format("%Y-%m-%d").to_string()
}

/// A live call leaves its state while pages are read: its row pulls others past a page's edge, and another that comes in hides it.
fn status(plan: &mut Plan, wanted: &BTreeSet<CallStatus>) {
    if wanted.iter().any(|status| status.is_live()) && !STATUSES.of(wanted).is_empty() {
        let why = "a live call leaves its state while pages are read, and rows would be lost";
        plan.serve_because(Field::Status, Support::Client, why);
    } else {
        STATUSES.send(plan, "status", wanted);
    }
}

/// One word is both direction and channel.
fn kind(
    plan: &mut Plan,
    directions: Option<&BTreeSet<Direction>>,
    channels: Option<&BTreeSet<Channel>>,
) {
    let has = |channel| channels.is_none_or(|channels| channels.contains(&channel));
    if let Some(directions) = directions {
        if !has(Channel::Phone) {
            plan.never("at Autocalls only telephone calls have a direction");
        }
        match (directions.contains(&Direction::Inbound), directions.contains(&Direction::Outbound))
        {
            (true, false) => send_kind(plan, Field::Direction, "inbound"),
            (false, true) => send_kind(plan, Field::Direction, "outbound"),
            _ => {}
        }
    } else if channels.is_some_and(|channels| channels.len() == 1) && has(Channel::Web) {
        send_kind(plan, Field::Channel, "web");
    }
    if !has(Channel::Phone) && !has(Channel::Web) && !has(Channel::Unknown) {
        plan.never("Autocalls has no such channel");
    }
}

fn send_kind(plan: &mut Plan, field: Field, word: &str) {
    plan.send("type", word);
    plan.serve(field, Support::Exact);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn planned(filter: &CallFilter) -> Plan {
        plan(filter).unwrap()
    }

    fn sent(filter: &CallFilter) -> String {
        let pair = |sent: &callmux_core::SentParameter| format!("{}={}", sent.name, sent.value);
        planned(filter).parameters.iter().map(pair).collect::<Vec<_>>().join("&")
    }

    fn support(filter: &CallFilter, field: Field) -> Support {
        planned(filter).conditions[&field].support
    }

    #[test]
    fn dates_are_widened_so_that_no_zone_or_habit_loses_a_call() {
        for (since, until, expected) in [
            ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-01 2026-01-04"),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000001Z", "2025-12-31 2026-01-03"),
            ("2026-01-01T23:59:59.999Z", "2026-01-02T00:00:01Z", "2025-12-31 2026-01-04"),
            ("2024-03-01T12:00:00Z", "2024-02-28T00:00:00Z", "2024-02-29 2024-02-29"),
            ("2023-03-01T12:00:00Z", "2023-02-28T00:00:01Z", "2023-02-28 2023-03-02"),
            ("2024-12-31T12:00:00Z", "2024-12-31T12:00:00Z", "2024-12-30 2025-01-02"),
            ("0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1000-01-01 9999-12-31"),
            ("+20000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31 1000-01-01"),
        ] {
            let (from, to) = expected.split_once(' ').unwrap();
            let since = CallFilter::new().since(at(since));
            assert_eq!(sent(&since), format!("date_from={from}"));
            let until = CallFilter::new().until(at(until));
            assert_eq!(sent(&until), format!("date_to={to}"));
            assert_eq!(support(&until, Field::Placed), Support::Narrowed);
            assert!(!planned(&until).is_exact());
        }
        let widest =
            CallFilter::new().since(DateTime::<Utc>::MIN_UTC).until(DateTime::<Utc>::MAX_UTC);
        assert_eq!(sent(&widest), "date_from=1000-01-01&date_to=9999-12-31");
        assert_eq!(sent(&CallFilter::new()), "");
    }

    /// The three ways in which the vendor may read its dates, in every zone there is: none may lose a call of the range.
    #[test]
    fn the_dates_sent_hold_every_call_of_the_range() {
        let (since, until) = (at("2026-03-07T22:30:00Z"), at("2026-03-09T00:00:00Z"));
        let filter = CallFilter::new().since(since).until(until);
        let parameters = planned(&filter).parameters;
        let date = |index: usize| parameters[index].value.parse::<NaiveDate>().unwrap();
        let (from, to) = (date(0), date(1));
        for minutes in (-12 * 60..=14 * 60).step_by(15) {
            for placed_at in [since, at("2026-03-08T12:00:00Z"), last_before(until)] {
                let local = placed_at.naive_utc() + TimeDelta::minutes(minutes);
                assert!(local.date() >= from && local.date() <= to, "whole days, {minutes}");
                assert!(local <= to.and_hms_opt(0, 0, 0).unwrap(), "midnight, {minutes}");
            }
        }
    }

    #[test]
    fn a_status_is_sent_where_one_word_means_it_and_its_calls_keep_it() {
        use CallStatus::{
            Busy, Canceled, Completed, Failed, Finishing, InProgress, NoAnswer, Queued, Ringing,
            Scheduled, Unknown,
        };
        for (statuses, expected) in [
            (vec![Busy], "status=busy"),
            (vec![NoAnswer], "status=no-answer"),
            (vec![Failed], "status=failed"),
            (vec![Failed, Canceled], "status=failed"),
            (vec![Completed], ""),
            (vec![Busy, NoAnswer], ""),
            (vec![Unknown], ""),
            (vec![Busy, Unknown], ""),
            (vec![Queued], ""),
            (vec![Ringing], ""),
            (vec![InProgress, Busy], ""),
        ] {
            let filter = CallFilter::new().status(statuses.clone());
            assert_eq!(sent(&filter), expected, "{statuses:?}");
            let exact = support(&filter, Field::Status) == Support::Exact;
            assert_eq!(exact, !expected.is_empty(), "{statuses:?}");
            assert_eq!(planned(&filter).impossible, None, "{statuses:?}");
        }
        for status in [Scheduled, Finishing, Canceled] {
            assert!(planned(&CallFilter::new().status([status])).impossible.is_some(), "{status}");
        }
    }

    #[test]
    fn direction_and_channel_share_one_parameter_and_never_contradict() {
        use Channel::{Phone, Sip, Text, Unknown, Web};
        use Direction::{Inbound, Outbound};
        let filter = |directions: &[Direction], channels: &[Channel]| {
            let mut filter = CallFilter::new();
            if !directions.is_empty() {
                filter = filter.direction(directions.iter().copied());
            }
            if !channels.is_empty() {
                filter = filter.channel(channels.iter().copied());
            }
            filter
        };
        for (directions, channels, expected, impossible) in [
            (vec![Inbound], vec![], "type=inbound", false),
            (vec![Outbound], vec![], "type=outbound", false),
            (vec![Inbound, Outbound], vec![], "", false),
            (vec![], vec![Web], "type=web", false),
            (vec![], vec![Phone], "", false),
            (vec![], vec![Web, Unknown], "", false),
            (vec![], vec![Sip, Text], "", true),
            (vec![], vec![Sip, Web], "", false),
            (vec![Inbound], vec![Phone], "type=inbound", false),
            (vec![Inbound], vec![Web, Phone], "type=inbound", false),
            (vec![Inbound], vec![Web], "type=inbound", true),
        ] {
            let filter = filter(&directions, &channels);
            let plan = planned(&filter);
            assert_eq!(sent(&filter), expected, "{directions:?} {channels:?}");
            assert_eq!(plan.impossible.is_some(), impossible, "{directions:?} {channels:?}");
            let exact = |support: &callmux_core::Served| support.support == Support::Exact;
            let sent = usize::from(!expected.is_empty());
            assert_eq!(plan.conditions.values().filter(|served| exact(served)).count(), sent);
        }
    }

    #[test]
    fn an_id_that_no_row_can_have_sends_nothing() {
        let filter = CallFilter::new().agent("42").campaign("9223372036854775807");
        assert_eq!(sent(&filter), "assistant_id=42&campaign_id=9223372036854775807");
        assert!(planned(&filter).is_trusted(Field::Agent));
        assert!(planned(&filter).is_trusted(Field::Campaign));
        for id in ["", "0", "-1", "+1", "007", " 7", "7.0", "9223372036854775808", "a uuid"] {
            for filter in [CallFilter::new().agent(id), CallFilter::new().campaign(id)] {
                assert!(planned(&filter).impossible.is_some(), "{id:?}");
                assert_eq!(sent(&filter), "", "{id:?}");
            }
        }
    }

    #[test]
    fn nothing_else_is_sent() {
        let filter = CallFilter::new()
            .customer("+1 555 0100")
            .ids(["1"])
            .ended_reason([callmux_core::EndedReason::Busy])
            .duration(callmux_core::DurationRange::default());
        assert_eq!(sent(&filter), "");
        assert!(planned(&filter).conditions[&Field::Customer].note.is_some());
    }
}
