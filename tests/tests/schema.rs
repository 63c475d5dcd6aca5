//! The public JSON of a call is what `docs/call.schema.json` says.
//!
//! `UPDATE=1 cargo test -p callmux-tests --test schema` writes the page anew.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may fail as tests may")]

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use callmux::{Call, CallFilter, CallProvider, CallProviderExt as _, Environment};
use callmux_testkit::World;
use callmux_testkit::conformance::{Http, Setup, Subject};
use callmux_testkit::sims::burki::{Generation, simulate_as};
use callmux_tests::{BURKI, VENDORS};
use chrono::DateTime;
use serde_json::{Value, json};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/call.schema.json");

/// The schema of what is written; what is read may also have numbers for decimals.
fn schema() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Call>().into()
}

#[test]
fn the_page_is_the_schema() {
    if Environment::of_process().get("UPDATE") == Some("1") {
        fs::write(PAGE, format!("{:#}\n", schema())).unwrap();
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let page: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(page, schema(), "run it with UPDATE=1 and look at what changed");
}

/// What is wrong with a value, by a schema. A keyword that this does not know is an error too, so that nothing passes unread.
fn wrong(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    let Value::Object(keywords) = schema else {
        return if *schema == json!(true) { Ok(()) } else { Err(format!("{at} may not be")) };
    };
    let any = |says: &str| Err(format!("{at} is not {says}: {value}"));
    for (keyword, says) in keywords {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" => {}
            "$ref" => {
                let name = says.as_str().and_then(|to| to.strip_prefix('#')).unwrap();
                wrong(value, root.pointer(name).unwrap(), root, at)?;
            }
            "type" => {
                let is_of = |kind: &Value| match kind.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("a type that this does not know: {other}"),
                };
                let one_of =
                    says.as_array().map_or_else(|| vec![says], |kinds| kinds.iter().collect());
                if !one_of.into_iter().any(is_of) {
                    return any(&says.to_string());
                }
            }
            "enum" => {
                if !says.as_array().unwrap().contains(value) {
                    return any(&says.to_string());
                }
            }
            "pattern" => {
                if value.as_str().is_some_and(|text| !has_form(text, says.as_str().unwrap())) {
                    return any(&says.to_string());
                }
            }
            "format" => {
                let fits = match says.as_str().unwrap() {
                    // Always in UTC.
                    "date-time" => value.as_str().is_none_or(|text| {
                        text.ends_with('Z') && DateTime::parse_from_rfc3339(text).is_ok()
                    }),
                    "double" => value.is_number() || value.is_null(),
                    other => panic!("a format that this does not know: {other}"),
                };
                if !fits {
                    return any(&says.to_string());
                }
            }
            "anyOf" => {
                let one_of = says.as_array().unwrap();
                if !one_of.iter().any(|schema| wrong(value, schema, root, at).is_ok()) {
                    return any("any of what it may be");
                }
            }
            "required" => {
                let missing = |name: &&Value| value.get(name.as_str().unwrap()).is_none();
                if let Some(name) = says.as_array().unwrap().iter().find(missing) {
                    return Err(format!("{at} has no {name}"));
                }
            }
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let Some(schema) = says.get(name) else {
                        return Err(format!("{at} has {name}, which no page explains"));
                    };
                    wrong(value, schema, root, &format!("{at}/{name}"))?;
                }
            }
            "additionalProperties" => assert_eq!(*says, json!(true)),
            "items" => {
                for (place, value) in value.as_array().into_iter().flatten().enumerate() {
                    wrong(value, says, root, &format!("{at}/{place}"))?;
                }
            }
            "uniqueItems" => {
                let items = value.as_array().into_iter().flatten();
                let unique: BTreeSet<String> = items.clone().map(Value::to_string).collect();
                if unique.len() != items.count() {
                    return any("of unique items");
                }
            }
            other => panic!("a keyword that this does not know: {other}"),
        }
    }
    Ok(())
}

/// The two patterns that there are.
fn has_form(text: &str, pattern: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match pattern {
        "^[A-Z]{3}$" => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        r"^-?\d+(\.\d+)?$" => {
            let number = text.strip_prefix('-').unwrap_or(text);
            number.split_once('.').map_or_else(
                || digits(number),
                |(whole, fraction)| digits(whole) && digits(fraction),
            )
        }
        other => panic!("a pattern that this does not know: {other}"),
    }
}

async fn list(provider: &Arc<dyn CallProvider>) -> Vec<Call> {
    let mut listing = provider.calls(CallFilter::new()).keep_raw();
    let mut calls = Vec::new();
    while let Some(call) = listing.next().await {
        calls.push(call.unwrap());
    }
    calls
}

/// Calls of every vendor, awkward ones and everyday ones.
async fn every_kind() -> Vec<Call> {
    let mut calls = Vec::new();
    for world in [World::new(201, 400), World::new(202, 100).everyday()] {
        let setup = Setup::new(world);
        for vendor in VENDORS {
            calls.extend(list(&vendor.open(&setup).provider).await);
        }
        let older = |key: &str, world: &World| simulate_as(Generation::Public, key, world);
        calls.extend(list(&Http::new(older, BURKI.connect).open(&setup).provider).await);
    }
    calls
}

#[tokio::test]
async fn every_call_is_of_the_schema_and_reads_back_as_it_was() {
    let root = schema();
    let calls = every_kind().await;
    assert!(calls.len() > 1900, "{}", calls.len());
    let mut met = BTreeSet::new();
    for call in &calls {
        let json = serde_json::to_value(call).unwrap();
        if let Err(why) = wrong(&json, &root, &root, "") {
            panic!("{}:{}: {why}", call.vendor, call.id);
        }
        met.extend(json.as_object().unwrap().keys().cloned());
        let text = serde_json::to_string(call).unwrap();
        assert_eq!(&serde_json::from_str::<Call>(&text).unwrap(), call, "{}", call.id);
    }
    // A field that no call has is a field that nothing was checked of.
    let fields: BTreeSet<String> =
        root["properties"].as_object().unwrap().keys().cloned().collect();
    let unmet: Vec<&String> = fields.difference(&met).collect();
    assert!(unmet.is_empty(), "no call has {unmet:?}");
}

type Change = fn(&mut Value);

#[tokio::test]
async fn what_is_not_of_the_schema_is_noticed() {
    let root = schema();
    let calls = list(&VENDORS[2].open(&Setup::new(World::new(203, 40))).provider).await;
    let billed = calls.iter().find(|call| !call.cost.lines.is_empty() && call.summary.is_some());
    let good = serde_json::to_value(billed.unwrap()).unwrap();
    assert_eq!(wrong(&good, &root, &root, ""), Ok(()));
    let changes: [(&str, Change); 9] = [
        ("an unknown field", |json| json["agent_name"] = json!("Ada")),
        ("an unknown field deep inside", |json| json["cost"]["lines"][0]["price"] = json!("1")),
        ("an unknown word", |json| json["status"] = json!("ended")),
        ("a float for money", |json| json["cost"]["total"]["amount"] = json!(0.1)),
        ("an amount in another notation", |json| json["cost"]["total"]["amount"] = json!("1e-3")),
        ("a currency in lower case", |json| json["cost"]["total"]["currency"] = json!("usd")),
        ("a time of another zone", |json| json["placed_at"] = json!("2026-01-01T00:00:00+02:00")),
        ("a number for a text", |json| json["summary"] = json!(7)),
        ("no id", |json| drop(json.as_object_mut().unwrap().remove("id"))),
    ];
    for (what, change) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        assert!(wrong(&bad, &root, &root, "").is_err(), "{what} was not noticed");
    }
}
