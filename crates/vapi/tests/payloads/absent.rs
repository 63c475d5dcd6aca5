//! A missing field, `null`, `""`, `{}` and `[]` all say the same: there is nothing.

use super::*;

const PAYLOADS: [&str; 7] = [
    include_str!("../data/2024-03-inbound-explicit-nulls.json"),
    include_str!("../data/2025-06-outbound-voicemail-vapi-sip.json"),
    include_str!("../data/2025-06-web-call-daily.json"),
    include_str!("../data/2025-08-outbound-queued-twilio.json"),
    include_str!("../data/2025-09-web-call-tool-calls.json"),
    include_str!("../data/2026-08-partial-states.json"),
    include_str!("../data/type-drift-synthetic.json"),
];

/// The user's own maps: what is in them is kept, whatever it is.
const MAPS: [&str; 5] =
    ["variableValues", "structuredData", "structuredOutputs", "metadata", "variables"];

/// The pointer of every field of every object in a row.
fn fields(value: &Value, at: &str, found: &mut Vec<String>) {
    let entries: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => return,
    };
    for (name, inner) in entries {
        let at = format!("{at}/{name}");
        if !MAPS.contains(&name.as_str()) {
            fields(inner, &at, found);
        }
        if value.is_object() {
            found.push(at);
        }
    }
}

fn without(row: &Value, pointer: &str) -> Value {
    let mut row = row.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    row.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    row
}

#[test]
fn every_way_of_saying_nothing_is_nothing() {
    let mut compared = 0;
    for row in PAYLOADS.iter().flat_map(|text| serde_json::from_str::<Vec<Value>>(text).unwrap()) {
        let mut pointers = Vec::new();
        fields(&row, "", &mut pointers);
        for pointer in pointers.iter().filter(|pointer| *pointer != "/id") {
            let missing = whole(&call(&without(&row, pointer)));
            // An object where an amount belongs is not nothing: it is an amount that cannot be read.
            let is_amount = pointer.ends_with("/cost") || pointer.starts_with("/costBreakdown/");
            let forms = [json!(null), json!(""), json!("  "), json!({}), json!([])];
            for form in forms.into_iter().take(if is_amount { 3 } else { 5 }) {
                let mut given = row.clone();
                *given.pointer_mut(pointer).unwrap() = form.clone();
                assert_eq!(whole(&call(&given)), missing, "{pointer} = {form}");
                compared += 1;
            }
        }
    }
    assert!(compared > 2000, "{compared}");
}
