//! What the command's JSON says of a figure that the page shows.

use serde_json::Value;

/// The text of a JSON value; `None` of null, and of what is not there.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The entry of a list that is of a currency.
fn of<'a>(list: &'a Value, currency: Option<&str>) -> &'a Value {
    let entries = list.as_array().into_iter().flatten();
    let mut entries = entries.filter(|entry| entry["currency"].as_str() == currency);
    entries.next().unwrap_or(&Value::Null)
}

/// A figure of a group.
pub(crate) fn group(group: &Value, currency: Option<&str>, field: &str) -> Option<String> {
    if let Some(component) = field.strip_prefix("components.") {
        let parts = group["components"].as_array()?.iter();
        let mut parts = parts.filter(|part| part["currency"].as_str() == currency);
        return text(&parts.find(|part| part["component"] == component)?["amount"]);
    }
    match field {
        // Where no length is known, the sum of none is no figure.
        "seconds" if group["with_talk"] == 0 => None,
        "total" => text(&of(&group["totals"], currency)["amount"]),
        "unattributed" => text(&of(&group["unattributed"], currency)["amount"]),
        "per_minute" | "per_connected" | "per_completed" => {
            text(&of(&group[field], currency)["amount"])
        }
        "min" | "median" | "p95" | "max" => text(&of(&group["quantiles"], currency)[field]),
        _ => text(&group[field]),
    }
}

/// A figure of a side of a comparison.
pub(crate) fn side(side: &Value, field: &str) -> Option<String> {
    match field {
        // Of no counted call there is no sum.
        "seconds" if side["counted"] == 0 => None,
        _ => text(field.split('.').fold(side, |value, part| &value[part])),
    }
}

/// A figure of any other object, by its name.
pub(crate) fn plain(object: &Value, field: &str) -> Option<String> {
    text(&object[field])
}
