//! Random calls and filters.
//!
//! A call of a world takes few values in each field, so that filters hit and instants tie; a call for its JSON takes any.

use std::time::Duration;

use callmux_core::{AnsweredBy, DurationRange, EndedBy};
use callmux_core::{
    Call, CallFilter, CallStatus, Channel, Component, Cost, CostLine, CostRange, CostScope,
    CostState, Credits, Currency, Decimal, Detail, Direction, Durations, EndedReason, JsonMap,
    Labeled, Money, Named, Party, RawJson, Related, Speaker, Success, TimeRange, Times, Transcript,
    Turn,
};
use chrono::{DateTime, Utc};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// The accounts of a world.
pub(crate) const ACCOUNTS: [(&str, &str); 4] =
    [("alpha", "eu"), ("alpha", "main"), ("beta", "main"), ("gamma", "main")];

/// Spellings, and what is compared of them.
const NUMBERS: [(&str, &str); 8] = [
    ("+1 (555) 010-0100", "15550100100"),
    ("1.555.010.0100", "15550100100"),
    ("5550100100", "5550100100"),
    ("+44 20 7946 0100", "442079460100"),
    ("sip:ada7@example.org", "sip:ada7@example.org"),
    ("SIP:Ada7@Example.org", "sip:ada7@example.org"),
    ("anonymous", "anonymous"),
    (" Anonymous", "anonymous"),
];

/// Parts of them, likewise.
const PARTS: [(&str, &str); 5] =
    [("0100", "0100"), ("555-01", "55501"), ("+44", "44"), ("nonym", "nonym"), ("999", "999")];

/// What is compared of a spelling.
pub(crate) fn canonical(spelling: &str) -> &'static str {
    let all = NUMBERS.iter().chain(&PARTS);
    all.into_iter().find(|(known, _)| *known == spelling).expect("a spelling of the tables").1
}

fn near_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..8, select(vec![0, 500_000_000])).prop_map(|(second, nanos)| {
        DateTime::from_timestamp(1_700_000_000 + second, nanos).unwrap()
    })
}

fn near_id() -> impl Strategy<Value = String> {
    (0_u32..30).prop_map(|id| id.to_string())
}

fn near_named() -> impl Strategy<Value = Named> {
    let text = |texts: &'static [&str]| option::of(select(texts).prop_map(str::to_owned));
    (text(&["a", "b"]), text(&["a", "Ada"]))
        .prop_filter_map("neither", |(id, name)| Named::of(id, name))
}

fn near_cost() -> impl Strategy<Value = Cost> {
    let total = (-1_i64..4, select(vec![Currency::USD, Currency::EUR]));
    (select(CostState::ALL), option::of(total)).prop_map(|(state, total)| {
        let mut cost = Cost::default();
        cost.state = state;
        cost.total = total.map(|(cents, currency)| Money::new(Decimal::new(cents, 2), currency));
        cost
    })
}

fn near_call() -> impl Strategy<Value = Call> {
    let number = option::weighted(0.8, select(&NUMBERS[..]));
    (
        select(&ACCOUNTS[..]),
        near_id(),
        option::weighted(0.85, near_instant()),
        option::of(near_instant()),
        select(&CallStatus::ALL[..3]),
        option::of(select(Direction::ALL)),
        option::of(select(&Channel::ALL[..2])),
        option::of(number),
        (option::of(near_named()), option::of(near_named())),
        option::of(select(&EndedReason::ALL[..3])),
        option::of((0_u64..3, select(vec![0_u64, 1]))),
        near_cost(),
    )
        .prop_map(
            |(
                (vendor, account),
                id,
                placed_at,
                updated,
                status,
                direction,
                channel,
                customer,
                (agent, campaign),
                ended_reason,
                talk,
                cost,
            )| {
                let mut call = Call::new(vendor, account, id);
                call.placed_at = placed_at;
                call.times.updated = updated;
                call.status = Labeled::new(status, "word");
                call.direction = direction;
                call.channel = channel.map(Labeled::from);
                call.customer = customer.and_then(|number| {
                    let number = number.map(|(spelling, _)| spelling.to_owned());
                    Party::of(number, None, Some("Ada".into()))
                });
                call.agent = agent;
                call.campaign = campaign;
                call.ended_reason = ended_reason.map(Labeled::from);
                call.durations.talk = talk.map(|(secs, micros)| {
                    Duration::from_secs(secs) + Duration::from_micros(micros)
                });
                call.cost = cost;
                call
            },
        )
}

/// Calls of several accounts; some have the same key, and then the last is meant.
pub(crate) fn world() -> impl Strategy<Value = Vec<Call>> {
    vec(near_call(), 0..60)
}

fn range() -> impl Strategy<Value = TimeRange> {
    (option::of(near_instant()), option::of(near_instant()))
        .prop_map(|(since, until)| TimeRange { since, until })
}

/// A filter over any of the fields, impossible ones among them.
pub(crate) fn filter() -> impl Strategy<Value = CallFilter> {
    const SELDOM: f64 = 0.12;
    let number = prop_oneof![
        select(&NUMBERS[..]).prop_map(|(number, _)| CallFilter::new().customer(number)),
        select(&PARTS[..]).prop_map(|(part, _)| CallFilter::new().customer_contains(part)),
    ];
    let name = || option::weighted(SELDOM, select(vec!["a", "b", "Ada"]).prop_map(str::to_owned));
    let length = || option::of((0_u64..3).prop_map(Duration::from_secs));
    let cents = || option::of((-1_i64..4).prop_map(|cents| Decimal::new(cents, 2)));
    (
        option::weighted(0.3, range()),
        option::weighted(SELDOM, range()),
        option::weighted(SELDOM, btree_set(select(&CallStatus::ALL[..3]), 0..3)),
        option::weighted(SELDOM, btree_set(select(Direction::ALL), 0..3)),
        option::weighted(SELDOM, btree_set(select(&Channel::ALL[..2]), 0..3)),
        option::weighted(SELDOM, number),
        (name(), name()),
        option::weighted(SELDOM, btree_set(select(&EndedReason::ALL[..3]), 0..3)),
        option::weighted(SELDOM, (length(), length())),
        option::weighted(SELDOM, (select(vec![Currency::USD, Currency::EUR]), cents(), cents())),
        option::weighted(SELDOM, btree_set(near_id(), 0..20)),
    )
        .prop_map(
            |(
                placed,
                updated,
                status,
                direction,
                channel,
                customer,
                (agent, campaign),
                ended_reason,
                duration,
                cost,
                ids,
            )| {
                let mut filter = customer.unwrap_or_default();
                filter.placed = placed.unwrap_or_default();
                filter.updated = updated.unwrap_or_default();
                filter.status = status;
                filter.direction = direction;
                filter.channel = channel;
                filter.agent = agent;
                filter.campaign = campaign;
                filter.ended_reason = ended_reason;
                filter.duration = duration.map(|(min, max)| DurationRange { min, max });
                filter.cost = cost.map(|(currency, min, max)| CostRange { currency, min, max });
                filter.ids = ids.map(|ids| ids.into_iter().map(Into::into).collect());
                filter
            },
        )
}

fn text() -> impl Strategy<Value = String> {
    "(?s).{0,10}"
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (-1_000_000_000_i64..4_000_000_000, 0_u32..1_000_000_000)
        .prop_map(|(second, nanos)| DateTime::from_timestamp(second, nanos).unwrap())
}

/// A length as its JSON can hold it: to the microsecond.
fn length() -> impl Strategy<Value = Duration> {
    (0_u64..100_000_000, prop_oneof![Just(0), 0_u64..1_000_000])
        .prop_map(|(secs, micros)| Duration::from_secs(secs) + Duration::from_micros(micros))
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0_u32..=28).prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

fn money() -> impl Strategy<Value = Money> {
    (decimal(), "[A-Z]{3}").prop_map(|(amount, code)| Money::new(amount, code.parse().unwrap()))
}

fn labeled<T: Copy + std::fmt::Debug>(all: &'static [T]) -> impl Strategy<Value = Labeled<T>> {
    (select(all), option::of(text())).prop_map(|(value, word)| Labeled { value, word })
}

/// A number of up to 15 digits: one of more may be read back a hair off, as serde_json reads numbers by default.
fn number() -> impl Strategy<Value = f64> {
    (-999_999_999_999_999_i64..1_000_000_000_000_000, -15..=0)
        .prop_map(|(digits, exponent)| format!("{digits}e{exponent}").parse().unwrap())
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        number().prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Into::into),
            vec((text(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn json_map() -> impl Strategy<Value = JsonMap> {
    vec((text(), json()), 0..3).prop_map(|pairs| pairs.into_iter().collect())
}

/// A row, laid out in one line or in many.
fn raw() -> impl Strategy<Value = RawJson> {
    (json_map(), any::<bool>()).prop_map(|(row, pretty)| {
        let text =
            if pretty { serde_json::to_string_pretty(&row) } else { serde_json::to_string(&row) };
        RawJson::new(serde_json::value::RawValue::from_string(text.unwrap()).unwrap())
    })
}

fn party() -> impl Strategy<Value = Party> {
    (option::of(text()), option::of(text()), option::of(text()))
        .prop_map(|(number, id, name)| Party::of(number, id, name).unwrap_or_default())
}

fn named() -> impl Strategy<Value = Named> {
    (option::of(text()), option::of(text()))
        .prop_map(|(id, name)| Named::of(id, name).unwrap_or_default())
}

fn related() -> impl Strategy<Value = Related> {
    (option::of(text()), option::of(text()), option::of(text())).prop_map(
        |(carrier_call_id, parent_id, session_id)| {
            let mut related = Related::default();
            related.carrier_call_id = carrier_call_id;
            related.parent_id = parent_id;
            related.session_id = session_id;
            related
        },
    )
}

fn times() -> impl Strategy<Value = Times> {
    vec(option::of(instant()), 6).prop_map(|instants| {
        let mut times = Times::default();
        times.created = instants[0];
        times.started = instants[1];
        times.answered = instants[2];
        times.ended = instants[3];
        times.updated = instants[4];
        times.scheduled = instants[5];
        times
    })
}

fn durations() -> impl Strategy<Value = Durations> {
    (option::of(length()), option::of(length())).prop_map(|(talk, billed)| {
        let mut durations = Durations::default();
        durations.talk = talk;
        durations.billed = billed;
        durations
    })
}

fn transcript() -> impl Strategy<Value = Transcript> {
    let turn = (select(Speaker::ALL), text(), option::of(instant()))
        .prop_map(|(speaker, text, at)| Turn::new(speaker, text, at));
    prop_oneof![text().prop_map(Transcript::Text), vec(turn, 0..4).prop_map(Transcript::Turns),]
}

fn cost_line() -> impl Strategy<Value = CostLine> {
    (
        select(Component::ALL),
        text(),
        money(),
        option::of(decimal()),
        text(),
        option::of(text()),
        any::<bool>(),
    )
        .prop_map(|(component, label, amount, quantity, unit, model, in_total)| {
            let mut line = CostLine::new(component, label, amount)
                .with_quantity(quantity, &unit)
                .with_model(model);
            line.in_total = in_total;
            if line.label.is_empty() { line.billed_elsewhere() } else { line }
        })
}

fn cost() -> impl Strategy<Value = Cost> {
    let components = || btree_set(select(Component::ALL), 0..4);
    let credits = (decimal(), text()).prop_map(|(amount, unit)| Credits { amount, unit });
    (
        select(CostState::ALL),
        option::of(money()),
        (components(), components()),
        vec(cost_line(), 0..3),
        option::of(credits),
        option::of(text()),
    )
        .prop_map(|(state, total, (includes, excludes), lines, credits, unreadable)| {
            let mut cost = Cost::default();
            cost.state = state;
            cost.total = total;
            cost.scope = CostScope::new(includes, excludes);
            cost.lines = lines;
            cost.credits = credits;
            cost.unreadable = unreadable;
            cost
        })
}

/// A call with any value in any field.
pub(crate) fn call() -> impl Strategy<Value = Call> {
    let key = (text(), text(), text(), related());
    let kind = (
        option::of(labeled(Channel::ALL)),
        option::of(select(Direction::ALL)),
        labeled(CallStatus::ALL),
        option::of(labeled(EndedReason::ALL)),
        option::of(select(EndedBy::ALL)),
        option::of(labeled(AnsweredBy::ALL)),
    );
    let when = (option::of(instant()), times(), durations());
    let who = (option::of(party()), option::of(party()), option::of(named()), option::of(named()));
    let said = (option::of(transcript()), option::of(text()), option::of(text()));
    let success =
        (option::of(any::<bool>()), text()).prop_map(|(reached, word)| Success { reached, word });
    let data = (
        option::of(success),
        option::of(json_map()),
        option::of(json_map()),
        option::of(json_map()),
    );
    let rest = (cost(), select(Detail::ALL), option::of(raw()));
    (key, kind, when, who, said, data, rest).prop_map(|(key, kind, when, who, said, data, rest)| {
        let mut call = Call::new(key.0, key.1, key.2);
        call.related = key.3;
        (
            call.channel,
            call.direction,
            call.status,
            call.ended_reason,
            call.ended_by,
            call.answered_by,
        ) = kind;
        (call.placed_at, call.times, call.durations) = when;
        (call.customer, call.line, call.agent, call.campaign) = who;
        (call.transcript, call.recording_url, call.summary) = said;
        (call.success, call.variables, call.metadata, call.evaluation) = data;
        (call.cost, call.detail, call.raw) = rest;
        call
    })
}
