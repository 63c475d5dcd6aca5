//! The columns, held against a call in which nothing is missing.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod full;

use std::collections::{BTreeMap, BTreeSet};

use callmux_core::{
    Call, Component, Cost, CostLine, CostState, Currency, Money, Party, Transcript,
};
use callmux_table::{COLUMNS, Column, DEFAULT_TABLE, Kind, column, markdown_table};
use serde_json::Value;

use full::{full_call, usd};

fn cell(name: &str, call: &Call) -> String {
    column(name).unwrap_or_else(|| panic!("no column {name}")).cell(call).to_string()
}

#[test]
fn names_are_unique_and_in_snake_case() {
    let mut names = BTreeSet::new();
    for column in COLUMNS {
        assert!(names.insert(column.name), "{} twice", column.name);
        let snake = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        assert!(column.name.bytes().all(snake), "{}", column.name);
        assert!(!column.name.starts_with('_') && !column.name.ends_with('_'), "{}", column.name);
        assert!(column.doc.ends_with('.') && !column.doc.contains('\n'), "{}", column.name);
    }
    for shown in DEFAULT_TABLE {
        let found = column(shown.name).unwrap();
        assert_eq!((found.kind, found.doc), (shown.kind, shown.doc), "{}", shown.name);
    }
}

/// What each value of the call's public JSON is called as a column, and its text there.
#[test]
fn every_value_of_a_full_call_has_its_column() {
    let call = full_call();
    let mut values = BTreeMap::new();
    leaves("", &serde_json::to_value(&call).unwrap(), &mut values);

    let mut seen = BTreeSet::new();
    for (path, name) in [
        ("/vendor", "vendor"),
        ("/account", "account"),
        ("/id", "id"),
        ("/status", "status"),
        ("/vendor_status", "vendor_status"),
        ("/placed_at", "placed_at"),
        ("/direction", "direction"),
        ("/channel", "channel"),
        ("/vendor_channel", "vendor_channel"),
        ("/ended_reason", "ended_reason"),
        ("/vendor_ended_reason", "vendor_ended_reason"),
        ("/ended_by", "ended_by"),
        ("/answered_by", "answered_by"),
        ("/vendor_answered_by", "vendor_answered_by"),
        ("/customer/number", "customer_number"),
        ("/customer/id", "customer_id"),
        ("/customer/name", "customer_name"),
        ("/line/number", "line_number"),
        ("/line/id", "line_id"),
        ("/line/name", "line_name"),
        ("/agent/id", "agent_id"),
        ("/agent/name", "agent_name"),
        ("/campaign/id", "campaign_id"),
        ("/campaign/name", "campaign_name"),
        ("/transcript", "transcript"),
        ("/recording_url", "recording_url"),
        ("/summary", "summary"),
        ("/success", "success"),
        ("/vendor_success", "vendor_success"),
        ("/variables", "variables"),
        ("/metadata", "metadata"),
        ("/evaluation", "evaluation"),
        ("/related/carrier_call_id", "carrier_call_id"),
        ("/related/parent_id", "parent_id"),
        ("/related/session_id", "session_id"),
        ("/times/created", "created_at"),
        ("/times/started", "started_at"),
        ("/times/answered", "answered_at"),
        ("/times/ended", "ended_at"),
        ("/times/updated", "updated_at"),
        ("/times/scheduled", "scheduled_at"),
        ("/durations/talk", "talk_seconds"),
        ("/durations/billed", "billed_seconds"),
        ("/cost/state", "cost_state"),
        ("/cost/total/amount", "cost"),
        ("/cost/total/currency", "cost_currency"),
        ("/cost/scope/includes", "cost_includes"),
        ("/cost/scope/excludes", "cost_excludes"),
        ("/cost/lines", "cost_lines"),
        ("/cost/credits/amount", "credits"),
        ("/cost/credits/unit", "credits_unit"),
        ("/cost/unreadable", "cost_unreadable"),
        ("/detail", "detail"),
    ] {
        let value = values.remove(path).unwrap_or_else(|| panic!("the full call lacks {path}"));
        let text = cell(name, &call);
        if column(name).unwrap().kind == Kind::Json {
            // As JSON, since the order of an object's fields says nothing.
            let parsed: [Value; 2] =
                [&text, &value].map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(parsed[0], parsed[1], "{name}");
        } else {
            assert_eq!(text, value, "{name}");
        }
        seen.insert(name);
    }
    assert!(values.is_empty(), "values without a column: {values:?}");

    // What is left is computed from the bill's lines.
    for column in COLUMNS.iter().filter(|column| !seen.contains(column.name)) {
        assert!(column.name.starts_with("cost_"), "{} is not tested", column.name);
        assert!(!column.cell(&call).is_absent(), "{}", column.name);
    }
}

/// The texts of a JSON value's leaves by their paths. Maps of the user's and lists are one leaf.
fn leaves(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let own = ["/variables", "/metadata", "/evaluation"].contains(&path);
    match value {
        Value::Object(fields) if !own => {
            for (name, value) in fields {
                leaves(&format!("{path}/{name}"), value, into);
            }
        }
        Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => {
            into.insert(path.to_owned(), other.to_string());
        }
    }
}

#[test]
fn cells_are_of_their_columns_kind() {
    let call = full_call();
    for column in COLUMNS.iter().chain(DEFAULT_TABLE) {
        let shown = format!("{:?}", column.cell(&call)).to_lowercase();
        assert_eq!(shown, format!("{}(…)", column.kind), "{}", column.name);
    }
}

#[test]
fn what_a_call_lacks_is_absent() {
    let call = Call::new("example", "main", "42");
    let present: Vec<(&str, String)> = COLUMNS
        .iter()
        .filter(|column| !column.cell(&call).is_absent())
        .map(|column| (column.name, column.cell(&call).to_string()))
        .collect();
    let expected = [
        ("vendor", "example"),
        ("account", "main"),
        ("id", "42"),
        ("status", "unknown"),
        ("cost_state", "unavailable"),
        ("detail", "full"),
    ];
    assert_eq!(present, expected.map(|(name, text)| (name, text.to_owned())));
    for column in COLUMNS {
        assert_eq!(column.cell(&call).is_absent(), column.cell(&call).to_string().is_empty());
    }
}

#[test]
fn components_are_summed_over_the_lines_in_the_total() {
    let mut call = Call::new("example", "main", "42");
    call.cost = Cost::reported(usd("0.100"));
    let mut beside = CostLine::new(Component::Llm, "beside", usd("5"));
    beside.in_total = false;
    call.cost.lines = vec![
        CostLine::new(Component::Llm, "prompt", usd("0.010")),
        CostLine::new(Component::Llm, "completion", usd("0.0201")),
        beside.clone(),
    ];
    assert_eq!(cell("cost_llm", &call), "0.0301");
    assert_eq!(cell("cost_unattributed", &call), "0.0699");
    assert_eq!(cell("cost_tts", &call), "");

    // Every component has its column.
    for &component in Component::ALL {
        call.cost.lines = vec![CostLine::new(component, "line", usd("0.07")), beside.clone()];
        let name = format!("cost_{component}");
        for column in COLUMNS.iter().filter(|column| column.doc.contains("part of the total")) {
            let expected = match column.name {
                "cost_unattributed" => "0.030",
                other if other == name => "0.07",
                _ => "",
            };
            assert_eq!(column.cell(&call).to_string(), expected, "{} of {component}", column.name);
        }
        assert_eq!(cell(&name, &call), "0.07");
    }

    // A line in another currency: the bill cannot be split, and nothing is passed off as an amount of the total's.
    call.cost.lines = vec![
        CostLine::new(Component::Llm, "prompt", usd("0.01")),
        CostLine::new(Component::Tts, "voice", Money::new(usd("0.01").amount, Currency::EUR)),
    ];
    for name in ["cost_llm", "cost_tts", "cost_unattributed"] {
        assert_eq!(cell(name, &call), "", "{name}");
    }
    assert_eq!(cell("cost", &call), "0.100");
}

#[test]
fn a_cost_that_is_not_known_is_no_number() {
    let mut call = full_call();
    for &state in CostState::ALL {
        call.cost.state = state;
        call.cost.total = Some(usd("0"));
        let known = state.is_known();
        for column in COLUMNS.iter().filter(|column| {
            column.kind == Kind::Decimal && column.name != "credits"
                || column.name == "cost_currency"
        }) {
            assert_eq!(column.cell(&call).is_absent(), !known, "{} {state}", column.name);
        }
        let price = if known { "0 USD".to_owned() } else { format!("({state})") };
        assert_eq!(cell("price", &call), price);
    }
}

/// A vendor's binary fraction does not push the table apart; a file keeps every digit.
#[test]
fn a_price_is_rounded_for_reading_and_a_cost_is_not() {
    let mut call = full_call();
    for (amount, price) in [
        ("0.0690", "0.0690 USD"),
        ("100", "100 USD"),
        ("12.345678", "12.345678 USD"),
        ("0.30000000000000004", "0.3 USD"),
        ("0.2203542174088562", "0.220354 USD"),
        ("0.014204399999999999", "0.014204 USD"),
        ("1.83300000", "1.833 USD"),
        ("0.00000042", "<0.000001 USD"),
        ("-0.00000042", ">-0.000001 USD"),
        ("0.00000000", "0 USD"),
    ] {
        call.cost = Cost::reported(usd(amount));
        assert_eq!((cell("price", &call).as_str(), cell("cost", &call).as_str()), (price, amount));
    }
}

#[test]
fn the_terminal_shows_the_best_name_there_is() {
    let mut call = full_call();
    let row = |call: &Call| -> Vec<String> {
        DEFAULT_TABLE.iter().map(|column| column.cell(call).to_string()).collect()
    };
    assert_eq!(
        row(&call),
        [
            "2026-01-05T10:00:00Z",
            "example",
            "main",
            "completed",
            "outbound",
            "+15550100100",
            "Sales",
            "63.5",
            "1.30 USD",
        ]
    );
    call.customer = Party::of(None, Some("c-1".into()), Some("Ada".into()));
    call.agent = callmux_core::Named::of(Some("12".into()), None);
    assert_eq!((cell("customer", &call), cell("agent", &call)), ("Ada".into(), "12".into()));
    call.customer = Party::of(None, Some("c-1".into()), None);
    assert_eq!(cell("customer", &call), "c-1");
    call.customer = None;
    call.agent = None;
    assert_eq!((cell("customer", &call), cell("agent", &call)), (String::new(), String::new()));
}

#[test]
fn a_transcript_of_turns_is_a_line_a_turn() {
    let mut call = full_call();
    assert_eq!(cell("transcript", &call), "as the vendor wrote it");
    call.transcript = Some(Transcript::Turns(full::turns()));
    assert_eq!(cell("transcript", &call), "assistant: Hello, \"Ada\".\ncustomer: Hi;\nbye");
}

#[test]
fn the_documentation_has_a_line_a_column() {
    let table = markdown_table(COLUMNS);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), COLUMNS.len() + 2);
    for (line, Column { name, kind, doc, .. }) in lines[2..].iter().zip(COLUMNS) {
        assert_eq!(*line, format!("| `{name}` | {kind} | {doc} |"));
        assert_eq!(line.matches('|').count(), 4, "{line}");
    }
}
