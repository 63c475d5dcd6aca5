//! A filter in Burki's query names.

use std::time::Duration;

use callmux_core::{
    CallFilter, CustomerMatch, DurationRange, Field, PhoneNumber, Result, Support, TimeRange,
};
use callmux_http::paging::TimeKeyset;
use callmux_http::{Dialect as _, Plan};
use chrono::{DateTime, TimeDelta, Utc};

use crate::map::STATUSES;
use crate::{Burki, TimeFormat};

/// `date_to` falls to the instant of the oldest call seen, to the microsecond. `skip` loses calls that share an
/// instant, even on a server where nothing changes: it is sent only within an instant that fills the largest page, to count its
/// calls.
pub(crate) fn paging(times: TimeFormat) -> TimeKeyset {
    TimeKeyset {
        until: "date_to",
        inclusive: true,
        truncates: false,
        unit: TimeDelta::microseconds(1),
        limit: "limit",
        skip: Some("skip"),
        format: times.writer(),
    }
}

pub(crate) fn plan(filter: &CallFilter, times: TimeFormat) -> Result<Plan> {
    let mut plan = Plan::of(filter, &Burki::VENDOR)?;
    send_range(&mut plan, filter.placed, times.writer());
    if let Some(wanted) = &filter.status {
        STATUSES.send(&mut plan, "status", wanted);
    }
    if let Some(agent) = &filter.agent {
        plan.send_number(Field::Agent, "assistant_id", agent, Support::Exact);
    }
    if let Some(wanted) = &filter.customer {
        send_customer(&mut plan, wanted);
    }
    if let Some(range) = filter.duration {
        send_duration(&mut plan, range);
    }
    if filter.ids.is_some() {
        let why = "Burki does not list by id; one call can be fetched by its id";
        plan.serve_because(Field::Id, Support::Client, why);
    }
    Ok(plan)
}

fn send_range(plan: &mut Plan, range: TimeRange, write: fn(DateTime<Utc>) -> String) {
    if range.is_open() {
        return;
    }
    if let Some(since) = range.since {
        plan.send("date_from", write(within_reach(ceiling(since))));
    }
    if let Some(until) = range.until {
        // `date_to` includes its instant, and `until` does not.
        plan.send("date_to", write(within_reach(ceiling(until) - 1)));
    }
    plan.serve(Field::Placed, Support::Exact);
}

/// The first whole microsecond not before an instant, since the epoch. Burki's times are whole microseconds.
fn ceiling(bound: DateTime<Utc>) -> i64 {
    bound.timestamp_micros() + i64::from(!bound.timestamp_subsec_nanos().is_multiple_of(1000))
}

/// The instant, or the nearest that the vendor can read: years have four digits, and there is no year 0.
fn within_reach(micros: i64) -> DateTime<Utc> {
    const FIRST: i64 = -62_135_596_800_000_000;
    const LAST: i64 = 253_402_300_799_999_999;
    DateTime::from_timestamp_micros(micros.clamp(FIRST, LAST)).unwrap_or_default()
}

/// Burki compares text, callmux digits. Carriers give whole numbers without punctuation, and the server takes no others to dial, so
/// the last four digits stand together there, however the country code is written. What a part of a number is followed by is
/// not known, so none is sent.
fn send_customer(plan: &mut Plan, wanted: &CustomerMatch) {
    let last_four = match wanted {
        CustomerMatch::Exact(number) => last_four(number),
        _ => None,
    };
    if let Some(digits) = last_four {
        plan.send("customer_phone", digits);
        let why = "Burki compares text, so only the last four digits are sent";
        plan.serve_because(Field::Customer, Support::Narrowed, why);
    } else {
        let why = "Burki compares text, and this may be spelled otherwise there";
        plan.serve_because(Field::Customer, Support::Client, why);
    }
}

fn last_four(number: &PhoneNumber) -> Option<String> {
    // The digits of an address are not compared as a number's are.
    if number.as_str().contains(['@', ':']) {
        return None;
    }
    let digits = number.digits();
    digits.get(digits.len().checked_sub(4)?..).map(str::to_owned)
}

/// Burki counts whole seconds, and a bound on either side drops the calls without a duration, as it does here.
fn send_duration(plan: &mut Plan, range: DurationRange) {
    // No duration is longer than this: the column is of 32 bits.
    let send = |plan: &mut Plan, name, seconds: u64| {
        plan.send(name, seconds.min(i32::MAX as u64).to_string());
    };
    let is_part = |duration: Duration| u64::from(duration.subsec_nanos() > 0);
    match range.min {
        Some(min) => send(plan, "min_duration", min.as_secs().saturating_add(is_part(min))),
        None if range.max.is_none() => send(plan, "min_duration", 0),
        None => {}
    }
    if let Some(max) = range.max {
        send(plan, "max_duration", max.as_secs());
    }
    plan.serve(Field::Duration, Support::Exact);
}

#[cfg(test)]
mod tests {
    use super::*;
    use callmux_core::Served;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn planned(filter: &CallFilter) -> Plan {
        plan(filter, TimeFormat::Zulu).unwrap()
    }

    /// What is sent for a filter: `name=value`, separated by spaces.
    fn sent(filter: &CallFilter) -> String {
        let pairs = planned(filter).parameters;
        let pairs: Vec<String> =
            pairs.iter().map(|sent| format!("{}={}", sent.name, sent.value)).collect();
        pairs.join(" ")
    }

    fn served(filter: &CallFilter, field: Field) -> Support {
        let Served { support, .. } = planned(filter).conditions[&field];
        support
    }

    fn seconds(min: Option<f64>, max: Option<f64>) -> CallFilter {
        let duration = |seconds: f64| Duration::from_secs_f64(seconds);
        CallFilter::new().duration(DurationRange { min: min.map(duration), max: max.map(duration) })
    }

    #[test]
    fn a_half_open_range_becomes_an_inclusive_one_to_the_microsecond() {
        for (since, until, expected) in [
            (
                "2026-01-01T00:00:00Z",
                "2026-02-01T00:00:00Z",
                "date_from=2026-01-01T00:00:00Z date_to=2026-01-31T23:59:59.999999Z",
            ),
            (
                "2026-01-01T00:00:00.000000001Z",
                "2026-02-01T00:00:00.000000001Z",
                "date_from=2026-01-01T00:00:00.000001Z date_to=2026-02-01T00:00:00Z",
            ),
            (
                "2026-01-01T00:00:00.999999999Z",
                "2026-02-01T00:00:00.500001Z",
                "date_from=2026-01-01T00:00:01Z date_to=2026-02-01T00:00:00.500000Z",
            ),
            (
                // Before the epoch the fraction still counts upward.
                "1969-12-31T23:59:59.9999995Z",
                "1969-12-31T23:59:59.9999999Z",
                "date_from=1970-01-01T00:00:00Z date_to=1969-12-31T23:59:59.999999Z",
            ),
        ] {
            let filter = CallFilter::new().since(at(since)).until(at(until));
            assert_eq!(sent(&filter), expected);
            assert_eq!(served(&filter, Field::Placed), Support::Exact);
        }
    }

    #[test]
    fn bounds_beyond_what_the_vendor_reads_become_the_nearest_it_does() {
        let first = "0001-01-01T00:00:00Z";
        let last = "9999-12-31T23:59:59.999999Z";
        let (min, max) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let both = CallFilter::new().since(min).until(max);
        assert_eq!(sent(&both), format!("date_from={first} date_to={last}"));
        assert_eq!(sent(&CallFilter::new().since(max)), format!("date_from={last}"));
        assert_eq!(sent(&CallFilter::new().until(min)), format!("date_to={first}"));
        // A leap second is the end of its second.
        let leap = CallFilter::new().since(at("2016-12-31T23:59:60Z"));
        assert_eq!(sent(&leap), "date_from=2017-01-01T00:00:00Z");
    }

    #[test]
    fn a_naive_time_is_the_same_without_its_zone() {
        let filter = CallFilter::new().until(at("2026-02-01T00:00:00Z"));
        let plan = plan(&filter, TimeFormat::Naive).unwrap();
        assert_eq!(plan.parameters[0].value, "2026-01-31T23:59:59.999999");
        let paging = paging(TimeFormat::Naive);
        assert_eq!((paging.format)(at("2026-04-15T12:00:00.5Z")), "2026-04-15T12:00:00.500000");
    }

    #[test]
    fn a_status_is_sent_where_one_word_of_the_vendors_means_it() {
        use callmux_core::CallStatus::*;
        for (wanted, expected) in [
            (vec![Completed], "status=completed"),
            (vec![Failed], "status=failed"),
            (vec![NoAnswer], "status=no-answer"),
            (vec![Busy], "status=busy"),
            // Nothing here is queued, so the others decide.
            (vec![Queued, Completed], "status=completed"),
        ] {
            let filter = CallFilter::new().status(wanted);
            assert_eq!(sent(&filter), expected);
            assert_eq!(served(&filter, Field::Status), Support::Exact);
        }
        for wanted in [
            vec![InProgress],
            vec![Canceled],
            vec![Completed, Failed],
            vec![Unknown],
            vec![Unknown, Completed],
        ] {
            let filter = CallFilter::new().status(wanted);
            assert_eq!(sent(&filter), "", "{filter:?}");
            assert_eq!(served(&filter, Field::Status), Support::Client);
            assert_eq!(planned(&filter).impossible, None);
        }
        for wanted in [vec![Queued], vec![Scheduled, Ringing, Finishing]] {
            assert!(planned(&CallFilter::new().status(wanted)).impossible.is_some());
        }
    }

    #[test]
    fn an_agent_is_a_number_as_rows_show_it() {
        assert_eq!(sent(&CallFilter::new().agent("201")), "assistant_id=201");
        assert_eq!(served(&CallFilter::new().agent("201"), Field::Agent), Support::Exact);
        for agent in ["", "0", "-1", "0201", "+201", " 201", "201.0", "2_01", "nobody", "٢٠١"] {
            let plan = planned(&CallFilter::new().agent(agent));
            assert!(plan.impossible.is_some(), "{agent}");
            assert!(plan.parameters.is_empty(), "{agent}");
        }
    }

    #[test]
    fn only_the_last_digits_of_a_whole_number_are_sent() {
        for number in ["+15557654321", "+1 (555) 765-4321", "001 555 765 43 21"] {
            let filter = CallFilter::new().customer(number);
            assert_eq!(sent(&filter), "customer_phone=4321");
            assert_eq!(served(&filter, Field::Customer), Support::Narrowed);
        }
        for number in ["911", "anonymous", "", "sip:5557654321@pbx.example", "5557654321@pbx"] {
            let filter = CallFilter::new().customer(number);
            assert_eq!(sent(&filter), "", "{number}");
            assert_eq!(served(&filter, Field::Customer), Support::Client);
        }
        let filter = CallFilter::new().customer_contains("7654321");
        assert_eq!(sent(&filter), "");
        assert_eq!(served(&filter, Field::Customer), Support::Client);
    }

    #[test]
    fn durations_are_whole_seconds_that_never_widen_what_is_meant() {
        for (min, max, expected) in [
            (Some(60.0), Some(90.0), "min_duration=60 max_duration=90"),
            (Some(60.001), Some(90.999), "min_duration=61 max_duration=90"),
            (Some(0.0), None, "min_duration=0"),
            (None, Some(0.5), "max_duration=0"),
            // Any duration, but there must be one.
            (None, None, "min_duration=0"),
        ] {
            assert_eq!(sent(&seconds(min, max)), expected);
            assert_eq!(served(&seconds(min, max), Field::Duration), Support::Exact);
        }
        let longest = Some(Duration::MAX);
        let range = CallFilter::new().duration(DurationRange { min: longest, max: longest });
        assert_eq!(sent(&range), "min_duration=2147483647 max_duration=2147483647");
    }

    #[test]
    fn what_burki_neither_filters_nor_reports_is_refused() {
        let updated = TimeRange { since: Some(at("2026-01-01T00:00:00Z")), until: None };
        for filter in [
            CallFilter::new().updated(updated),
            CallFilter::new().campaign("1"),
            CallFilter::new().ended_reason([callmux_core::EndedReason::Busy]),
        ] {
            let error = plan(&filter, TimeFormat::Zulu).unwrap_err();
            assert_eq!(error.kind(), callmux_core::ErrorKind::Unsupported);
        }
        let checked_here = CallFilter::new()
            .direction([callmux_core::Direction::Outbound])
            .channel([callmux_core::Channel::Web])
            .ids(["9001"]);
        assert_eq!(sent(&checked_here), "");
        assert!(!planned(&checked_here).is_exact());
    }
}
