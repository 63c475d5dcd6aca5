//! Rows that the vendor, its brands and its framework are documented or observed to send, field by field.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod support;

use callmux_autocalls::Autocalls;
use callmux_core::{
    AnsweredBy, Call, CallStatus, Channel, Component, CostState, Currency, Direction, EndedBy,
    EndedReason, Speaker, Success, Transcript,
};
use callmux_http::{Dialect as _, Zone};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::time::Duration;
use support::{file, page, page_in, row};

fn at(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().unwrap())
}

fn map(value: Value) -> Option<callmux_core::JsonMap> {
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

fn call_of(text: &str) -> Call {
    row(&Autocalls::default(), text).unwrap()
}

fn total(call: &Call) -> String {
    call.cost.total.map(|total| total.to_string()).unwrap_or_default()
}

fn carrier(call: &Call) -> String {
    let lines: Vec<String> = call
        .cost
        .lines
        .iter()
        .map(|line| format!("{} {} {}", line.component, line.label, line.amount))
        .collect();
    lines.join(", ")
}

/// The row that the vendor's own page shows; brands changed its name, its recording host and little else.
fn is_the_template(call: &Call, speaker: &str, recording_url: &str) {
    assert_eq!(call.id.as_str(), "123");
    assert_eq!(call.agent.as_ref().unwrap().name.as_deref(), Some("Sales Assistant"));
    assert_eq!(call.agent.as_ref().unwrap().id, None);
    assert_eq!(call.campaign.as_ref().unwrap().name.as_deref(), Some("Q4 Outreach Campaign"));
    assert_eq!(call.direction, Some(Direction::Outbound));
    let channel = call.channel.as_ref().unwrap();
    assert_eq!((channel.value, channel.word.as_deref()), (Channel::Phone, Some("outbound")));
    assert_eq!(call.durations.talk, Some(Duration::from_secs(245)));
    assert_eq!(call.line.as_ref().unwrap().number.as_ref().unwrap().as_str(), "+1234567890");
    assert_eq!(call.customer.as_ref().unwrap().number.as_ref().unwrap().as_str(), "+1987654321");
    assert_eq!(call.status.value, CallStatus::Completed);
    assert_eq!((call.ended_reason.clone(), call.ended_by), (None, None));
    let said = match call.transcript.as_ref().unwrap() {
        Transcript::Text(text) => text.clone(),
        Transcript::Turns(turns) => turns[0].text.clone(),
    };
    assert!(said.starts_with(&format!("Hello, this is Sarah from {speaker}")), "{said}");
    assert_eq!(call.recording_url.as_deref(), Some(recording_url));
    assert_eq!(call.times.created, at("2025-08-04T14:30:00Z"));
    assert_eq!(call.placed_at, call.times.created);
    assert_eq!(call.times.updated, at("2025-08-04T14:34:05Z"));
    assert_eq!(call.summary, None);
    assert_eq!(call.success, None);
    assert_eq!(call.cost.state, CostState::Reported);
    let includes: Vec<Component> = call.cost.scope.includes.iter().copied().collect();
    use Component::{Llm, Platform, Stt, Telephony, Tts};
    assert_eq!(includes, [Telephony, Stt, Llm, Tts, Platform]);
    assert_eq!(call.raw, None);
}

#[test]
fn the_vendors_own_example() {
    let [call] = &page("documented/list_calls.autocalls_docs.json")[..] else { panic!() };
    is_the_template(call, "Autocalls", "https://recordings.autocalls.ai/calls/123.mp3");
    let variables = json!({ "customer_name": "John Smith", "interest_level": "high",
        "follow_up_date": "2025-08-15" });
    assert_eq!(call.variables, map(variables));
    let evaluation = json!({ "sentiment": "positive", "outcome": "qualified_lead", "score": 8.5 });
    assert_eq!(call.evaluation, map(evaluation));
    let response = json!({ "status": "success", "data": { "crm_contact_id": "abc123" } });
    assert_eq!(call.metadata, map(response));
    assert_eq!(call.answered_by.as_ref().unwrap().value, AnsweredBy::Human);
    assert_eq!(
        (total(call), carrier(call)),
        ("0.025 USD".into(), "telephony carrier_cost 0.02 USD".into())
    );
    assert_eq!(call.cost.unattributed().unwrap().to_string(), "0.005 USD");
}

#[test]
fn intellixents_own_example() {
    let [call] = &page("documented/list_calls.intellixent_docs_trimmed.json")[..] else { panic!() };
    is_the_template(call, "Intellixent", "https://portal.intellixent.ai/recordings/calls/123.mp3");
    assert_eq!(
        call.variables,
        map(json!({ "customer_name": "John Smith", "interest_level": "high" }))
    );
    assert_eq!(call.metadata, None, "webhook_response is not in this brand's example");
    assert_eq!(call.answered_by.as_ref().unwrap().word.as_deref(), Some("human"));
    assert_eq!(total(call), "0.025 USD");
}

#[test]
fn otonistarks_own_field_list() {
    let [call] = &page("documented/list_calls.otonistark_field_list.json")[..] else { panic!() };
    assert_eq!(call.id.as_str(), "480336");
    assert_eq!(call.agent.as_ref().unwrap().name.as_deref(), Some("Assistente de Vendas"));
    assert_eq!(call.campaign.as_ref().unwrap().name.as_deref(), Some("Campanha Q4"));
    assert_eq!(call.direction, Some(Direction::Outbound));
    assert_eq!(call.customer.as_ref().unwrap().number.as_ref().unwrap().digits(), "5511999990000");
    assert_eq!(call.line.as_ref().unwrap().number.as_ref().unwrap().digits(), "551140028922");
    assert_eq!(call.status.value, CallStatus::NoAnswer);
    assert_eq!(call.ended_reason.as_ref().unwrap().value, EndedReason::NoAnswer);
    assert_eq!(call.ended_by, None);
    let said = "Olá, aqui é a Sarah da OtoniStark. Como vai você hoje?";
    assert_eq!(call.transcript, Some(Transcript::Text(said.to_owned())));
    assert_eq!(call.variables, map(json!({ "nome": "João", "interesse": "alto" })));
    assert_eq!(call.evaluation, map(json!({ "sentimento": "positivo" })));
    assert_eq!(call.metadata, map(json!({ "recebido": true })));
    assert_eq!(call.answered_by.as_ref().unwrap().value, AnsweredBy::Unknown);
    assert_eq!(
        (total(call), carrier(call)),
        ("0.025 USD".into(), "telephony carrier_cost 0.02 USD".into())
    );
    assert!(call.recording_url.as_deref().unwrap().ends_with("/480336.mp3"));
}

#[test]
fn a_call_on_its_own_page_in_both_worlds_of_types() {
    let old = call_of(&String::from_utf8(file("documented/get_call.konnectu_docs.json")).unwrap());
    is_the_template(&old, "Konnect-U", "https://app.konnect-u.com//recordings/calls/123.mp3");

    let new =
        call_of(&String::from_utf8(file("documented/get_call.famulor_docs_2026.json")).unwrap());
    let url = "https://app.famulor.de/media/public/123/call_+491234567890_example.mp4";
    is_the_template(&new, "Famulor", url);
    let Some(Transcript::Turns(turns)) = &new.transcript else { panic!() };
    assert_eq!((turns.len(), turns[0].speaker), (1, Speaker::Assistant));
    assert_eq!(turns[0].at, at("2025-08-01T13:34:28.525861Z"));
    assert_eq!((new.variables.clone(), new.answered_by.clone()), (None, None));
    assert_eq!(new.evaluation, map(json!({ "status": "qualified_lead" })));
    assert_eq!(new.success, None, "a status in the user's own words is no verdict");
    assert_eq!(
        (total(&new), carrier(&new)),
        ("0.02500000 USD".into(), "telephony carrier_cost 0.02000000 USD".into())
    );
}

#[test]
fn famulors_examples_before_and_after_its_correction() {
    let before = page("documented/list_calls.famulor_docs_2025_trimmed_meta.json");
    let after = page("documented/list_calls.famulor_docs_2026.json");
    for (calls, totals) in
        [(&before, ["0.12 USD", "0.08 USD"]), (&after, ["0.12000000 USD", "0.08000000 USD"])]
    {
        let [sale, support] = &calls[..] else { panic!() };
        assert_eq!([total(sale), total(support)], totals);
        assert_eq!(sale.times.created, at("2024-01-15T10:30:00Z"));
        assert_eq!(sale.success, Some(Success { reached: Some(true), word: "true".into() }));
        let summary = "Connected to the customer, obtained name of the person responsible for IT.";
        assert_eq!(sale.summary.as_deref(), Some(summary));
        assert_eq!(sale.evaluation, map(json!({ "status": true, "summary": summary })));
        assert_eq!(sale.metadata, map(json!({ "crm_updated": true, "lead_score": 75 })));
        let Some(Transcript::Turns(turns)) = &sale.transcript else { panic!() };
        assert_eq!(turns[1].speaker, Speaker::Customer);
        assert_eq!(
            (turns[1].text.as_str(), turns[1].at),
            ("Hallo?", at("2025-08-01T13:34:32.069057Z"))
        );

        assert_eq!((support.direction, support.campaign.clone()), (Some(Direction::Inbound), None));
        assert_eq!(support.status.value, CallStatus::Completed);
        let reason = support.ended_reason.as_ref().unwrap();
        assert_eq!(
            (reason.value, reason.word.as_deref()),
            (EndedReason::CustomerHangup, Some("ended_by_customer"))
        );
        assert_eq!(support.ended_by, Some(EndedBy::Customer));
        assert_eq!((support.success.clone(), support.summary.clone()), (None, None));
        assert_eq!(
            support.evaluation,
            map(json!({ "issue_resolved": true, "satisfaction_rating": 9 }))
        );
        assert_eq!((support.recording_url.clone(), support.metadata.clone()), (None, None));
    }
    // But for the digits of the amounts the two are one.
    let digits = |calls: &[Call]| -> Vec<Call> {
        let mut calls = calls.to_vec();
        calls.iter_mut().for_each(|call| call.cost = callmux_core::Cost::unavailable());
        calls
    };
    assert_eq!(digits(&before), digits(&after));
}

#[test]
fn a_page_of_every_known_oddity() {
    let calls = page("list_calls.synthetic_mixed_page.json");
    let by_id = |id: &str| calls.iter().find(|call| call.id.as_str() == id).unwrap();

    let live = by_id("9234510");
    assert_eq!((live.status.value, live.cost.state), (CallStatus::InProgress, CostState::Pending));
    assert_eq!(
        (live.durations.talk, live.transcript.clone(), live.variables.clone()),
        (None, None, None)
    );

    let web = by_id("9234492");
    assert_eq!((web.direction, web.channel.as_ref().unwrap().value), (None, Channel::Web));
    assert_eq!(
        (web.customer.clone(), web.line.clone(), web.from(), web.to()),
        (None, None, None, None)
    );
    assert_eq!(
        (total(web), carrier(web)),
        ("0.12200000 USD".into(), "telephony carrier_cost 0.00000000 USD".into())
    );

    let hung_up = by_id("9230718");
    assert_eq!(hung_up.ended_by, Some(EndedBy::Customer));
    assert_eq!(hung_up.success.as_ref().unwrap().reached, Some(false));
    assert_eq!(hung_up.cost.unattributed().unwrap().to_string(), "0.02700000 USD");

    let missed = by_id("9230701");
    assert_eq!(missed.placed_at, hung_up.placed_at, "calls of one second");
    assert_eq!((missed.transcript.clone(), missed.evaluation.clone()), (None, None));
    assert_eq!(missed.durations.talk, Some(Duration::ZERO));
    assert_eq!((missed.cost.state, total(missed)), (CostState::Reported, "0.00000000 USD".into()));

    let machine = by_id("9230655");
    assert_eq!(
        (machine.status.value, machine.status.word.as_deref()),
        (CallStatus::Unknown, Some("voicemail"))
    );
    assert_eq!(machine.ended_reason.as_ref().unwrap().value, EndedReason::Voicemail);
    assert_eq!(machine.answered_by.as_ref().unwrap().value, AnsweredBy::Machine);
    assert_eq!((machine.recording_url.clone(), machine.metadata.clone()), (None, None));
    let Some(Transcript::Turns(turns)) = &machine.transcript else { panic!() };
    assert_eq!(turns[0].at, at("2026-10-12T09:56:40Z"), "a whole second");

    let old = by_id("9230654");
    assert_eq!((old.agent.clone(), old.ended_by), (None, Some(EndedBy::Assistant)));
    assert_eq!(old.ended_reason.as_ref().unwrap().value, EndedReason::AssistantHangup);
    assert_eq!(old.customer.as_ref().unwrap().number.as_ref().unwrap().as_str(), "anonymous");
    assert_eq!(old.placed_at, at("2026-10-12T09:50:00Z"));
    assert_eq!(
        (total(old), carrier(old)),
        ("1 USD".into(), "telephony carrier_cost 0.028 USD".into())
    );
    assert_eq!(old.variables, map(json!({ "customer_name": "Zoë 😀", "nested": { "a": [1, 2] } })));

    let leg = by_id("9230600");
    let channel = leg.channel.as_ref().unwrap();
    assert_eq!((channel.value, channel.word.as_deref()), (Channel::Unknown, Some("transfer")));
    assert_eq!((leg.direction, leg.success.clone(), leg.evaluation.clone()), (None, None, None));
}

#[test]
fn rows_without_an_id_are_refused() {
    let dialect = Autocalls::default();
    let body = file("list_calls.integrator_fixture_sparse_rows.json");
    let callmux_http::Answer { rows, envelope } =
        callmux_http::Answer::read(&dialect, &body).unwrap();
    assert_eq!((rows.len(), envelope.total), (2, Some(2)));
    for raw in rows {
        assert_eq!(row(&dialect, raw.get()).unwrap_err().to_string(), "it has no id");
    }
}

#[test]
fn whatever_a_field_holds_the_row_lives() {
    let odd = [
        "null",
        "17",
        "1.5",
        "-1",
        "true",
        r#""""#,
        r#"" ""#,
        r#""?""#,
        "[]",
        "{}",
        "[[]]",
        r#"[null, 1, "a", {}]"#,
        r#"{"a": null}"#,
        "1e400",
        "99999999999999999999",
    ];
    let fields = [
        "assistant_name",
        "campaign_name",
        "type",
        "duration",
        "assistant_phone_number",
        "client_phone_number",
        "status",
        "transcript",
        "variables",
        "evaluation",
        "webhook_response",
        "carrier_cost",
        "total_cost",
        "answered_by",
        "recording_url",
        "created_at",
        "updated_at",
    ];
    for field in fields {
        for value in odd {
            let text = format!(r#"{{"id": "7", "{field}": {value}}}"#);
            let Ok(parsed) =
                serde_json::from_str::<<Autocalls as callmux_http::Dialect>::Row<'_>>(&text)
            else {
                // The only number that JSON text can hold and a parser cannot.
                assert_eq!(value, "1e400", "{text}");
                continue;
            };
            let source = callmux_http::Source::new("autocalls", "main");
            let call = Autocalls::default().call(parsed, &source).unwrap();
            assert_eq!(call.id.as_str(), "7", "{text}");
        }
    }
    for (text, id) in [(r#"{"id": 9230718}"#, "9230718"), (r#"{"id": "9230718"}"#, "9230718")] {
        assert_eq!(call_of(text).id.as_str(), id);
    }
}

#[test]
fn amounts_are_read_to_the_digit_or_kept_and_never_guessed() {
    for (sent, state, total) in [
        (r#""0.08000000""#, CostState::Reported, Some("0.08000000 USD")),
        ("0.02", CostState::Reported, Some("0.02 USD")),
        ("1", CostState::Reported, Some("1 USD")),
        ("1.0e-5", CostState::Reported, Some("0.000010 USD")),
        ("0.30105700000000002", CostState::Reported, Some("0.30105700000000002 USD")),
        ("null", CostState::Unavailable, None),
        (r#""""#, CostState::Unavailable, None),
        (r#""free""#, CostState::Unavailable, None),
    ] {
        let call = call_of(&format!(r#"{{"id": 1, "status": "completed", "total_cost": {sent}}}"#));
        assert_eq!(call.cost.state, state, "{sent}");
        assert_eq!(call.cost.total.map(|total| total.to_string()).as_deref(), total, "{sent}");
        assert!(
            call.cost.lines.is_empty() && !call.cost.scope.includes.contains(&Component::Telephony)
        );
    }
    let live = call_of(r#"{"id": 1, "status": "ringing", "total_cost": 0, "duration": 0}"#);
    assert_eq!((live.cost.state, live.durations.talk), (CostState::Pending, None));
    let euro = Autocalls::default().with_currency(Currency::EUR);
    let call =
        row(&euro, r#"{"id": 1, "status": "ended", "total_cost": "0.5", "carrier_cost": 0.1}"#)
            .unwrap();
    assert_eq!(
        (total(&call), carrier(&call)),
        ("0.5 EUR".into(), "telephony carrier_cost 0.1 EUR".into())
    );
}

#[test]
fn a_verdict_is_a_plain_yes_or_no() {
    for (evaluation, reached) in [
        (r#"[{"name": "status", "type": "bool", "value": true}]"#, Some(true)),
        (r#"[{"name": "status", "type": "string", "value": "False"}]"#, Some(false)),
        (r#"{"status": false}"#, Some(false)),
        (r#"[{"name": "status", "type": "string", "value": "done"}]"#, None),
        (r#"[{"name": "status", "type": "integer", "value": 1}]"#, None),
        (r#"[{"name": "status", "value": null}]"#, None),
        (r#"[{"name": "status"}]"#, None),
        (r#"[true]"#, None),
    ] {
        let call = call_of(&format!(r#"{{"id": 1, "evaluation": {evaluation}}}"#));
        assert_eq!(call.success.and_then(|success| success.reached), reached, "{evaluation}");
        assert!(call.evaluation.is_some(), "{evaluation}");
    }
    // Entries of one name, and entries of another form, are all kept.
    let call = call_of(
        r#"{"id": 1, "evaluation": [{"name": "a", "value": 1}, {"name": "a", "value": 2}, {"value": 3}, 4]}"#,
    );
    let kept = json!({ "a": 1, "1": { "name": "a", "value": 2 }, "2": { "value": 3 }, "3": 4 });
    assert_eq!(call.evaluation, map(kept));
}

#[test]
fn times_without_an_offset_are_of_the_zone_given() {
    let new_york = Zone::of("America/New_York", chrono_tz::America::New_York);
    let local = Autocalls::default().with_zone(new_york.clone());
    let cast = page("observed/quirk-dates-cast.json");
    let iso = page("observed/quirk-dates-iso.json");
    // The same two calls, one before and one after the clocks went back, in three ways of writing them.
    let read = page_in(&local, &new_york, &file("observed/quirk-dates-local.json"));
    let expected = [at("2025-11-02T04:55:53Z"), at("2025-11-03T04:35:26Z")];
    for calls in [&cast, &iso, &read] {
        assert_eq!(calls.iter().map(|call| call.placed_at).collect::<Vec<_>>(), expected);
    }
    assert_eq!((&cast, &iso), (&iso, &read));
    // A zone changes nothing about instants that carry their offset.
    assert_eq!(page_in(&local, &new_york, &file("observed/quirk-dates-iso.json")), iso);
    // A time that is none costs the time and not the row.
    let call = call_of(r#"{"id": 1, "created_at": "soon", "updated_at": "2026-02-30 00:00:00"}"#);
    assert_eq!((call.placed_at, call.times.updated), (None, None));
}

#[test]
fn every_observed_row_is_read_field_by_field() {
    let first = page("observed/page-first.json");
    assert_eq!(first.len(), 15);
    let sorted: Vec<&str> = first.iter().map(|call| call.id.as_str()).collect();
    assert_eq!(sorted.first().copied().zip(sorted.last().copied()), Some(("5209", "5195")));
    assert_eq!(first[3].cost.lines[0].amount.to_string(), "0.000022 USD", "sent as 2.2e-5");
    assert_eq!(first[5].cost.total.unwrap().to_string(), "12 USD");
    assert_eq!(first[4].agent.as_ref().unwrap().name.as_deref(), Some("アシスタント"));

    assert_eq!(page("observed/page-last.json").len(), 8);
    assert_eq!(page("observed/page-middle.json").len(), 2);
    assert_eq!(page("observed/style-12-page.json"), page("observed/quirk-with-query.json"));

    let precise = page("observed/quirk-serialize-precision-17.json");
    assert_eq!(total(&precise[0]), "0.30105700000000002 USD", "digits are kept, not mended");
    assert_eq!(total(&page("observed/quirk-decimal-strings.json")[0]), "0.3011 USD");
    assert_eq!(total(&page("observed/quirk-decimal-strings-6.json")[0]), "0.301057 USD");

    // `[]` for `{}` makes no difference, nor does a list for an object keyed by index.
    let arrays = page("observed/quirk-empty-arrays.json");
    let same = |id: &str| {
        let of = |calls: &[Call]| calls.iter().find(|call| call.id.as_str() == id).cloned();
        (of(&arrays).unwrap(), of(&first).unwrap())
    };
    let (array, object) = same("5195");
    assert_eq!(array, object);
    assert_eq!(array.variables, map(json!({ "0": "zero", "1": "one" })));
    assert_eq!(array.metadata, None);

    for trimmed in ["observed/quirk-trimmed-1.json", "observed/quirk-trimmed-2.json"] {
        let calls = page(trimmed);
        assert_eq!(calls[0].metadata, None);
        assert_eq!(calls[0].variables, None);
        assert_eq!(calls[1].id.as_str(), "5205");
    }
}
