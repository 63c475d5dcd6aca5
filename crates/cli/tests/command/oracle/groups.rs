//! Which group a call, or a part of its cost, belongs to, and how JSON names the group.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::call::{Call, Line, Named};

/// The place of a group among the others: dimension by dimension, an absent value last. Agents and campaigns of two vendors are
/// two, whatever they are called.
pub(super) type Place = Vec<(bool, String, &'static str)>;

/// What to group by, and on which clock.
#[derive(Clone, Copy)]
pub(super) struct By<'a> {
    pub(super) dimensions: &'a [&'a str],
    pub(super) zone: Tz,
}

impl<'a> By<'a> {
    pub(super) fn utc(dimensions: &'a [&'a str]) -> Self {
        Self { dimensions, zone: Tz::UTC }
    }

    /// Whether a call may be in several groups.
    pub(super) fn divides_calls(&self) -> bool {
        self.dimensions.iter().any(|of| ["component", "model"].contains(of))
    }

    /// The place of a call, or of the part of its cost that a line is for.
    pub(super) fn place(&self, call: &Call, line: Option<&Line>) -> Place {
        let of = |dimension: &&str| match self.value(dimension, call, line) {
            Some(value) if is_named(dimension) => (false, value, call.vendor),
            Some(value) => (false, value, ""),
            None => (true, String::new(), ""),
        };
        self.dimensions.iter().map(of).collect()
    }

    fn value(&self, dimension: &str, call: &Call, line: Option<&Line>) -> Option<String> {
        let dated =
            |format| Some(call.placed_at?.with_timezone(&self.zone).format(format).to_string());
        match dimension {
            "vendor" => Some(call.vendor.to_owned()),
            "status" => Some(call.status.to_owned()),
            "agent" | "campaign" => named(dimension, call).map(|named| named.value.clone()),
            "day" => dated("%Y-%m-%d"),
            "week" => dated("%G-W%V"),
            "month" => dated("%Y-%m"),
            "hour" => dated("%Y-%m-%dT%H"),
            "component" => line.map(|line| line.component.to_owned()),
            "model" => line?.model.clone(),
            _ => panic!("the oracle does not group by {dimension}"),
        }
    }

    /// `key`, and `named` of agents and campaigns, whose name is that of the latest call with one.
    pub(super) fn name(&self, place: &Place, calls: &[&Call]) -> Map<String, Value> {
        let mut names = Map::new();
        let mut key = Map::new();
        for (dimension, (is_absent, value, vendor)) in self.dimensions.iter().zip(place) {
            let value = if *is_absent { Value::Null } else { json!(value) };
            key.insert((*dimension).to_owned(), value);
            if is_named(dimension) && !is_absent {
                let mut names_met = BTreeMap::new();
                for call in calls {
                    if let Some(name) = named(dimension, call).and_then(|named| named.name.as_ref())
                    {
                        names_met.insert(call.placed_at, name);
                    }
                }
                let name = names_met.last_key_value().map(|(_, name)| name);
                let about = json!({ "vendor": vendor, "account": vendor, "name": name });
                names.insert((*dimension).to_owned(), about);
            }
        }
        let mut fields = Map::new();
        fields.insert("key".to_owned(), Value::Object(key));
        if !names.is_empty() {
            fields.insert("named".to_owned(), Value::Object(names));
        }
        fields
    }
}

fn is_named(dimension: &str) -> bool {
    ["agent", "campaign"].contains(&dimension)
}

fn named<'a>(dimension: &str, call: &'a Call) -> Option<&'a Named> {
    if dimension == "agent" { call.agent.as_ref() } else { call.campaign.as_ref() }
}

/// Calls by group.
pub(super) fn grouped<'a>(by: By<'_>, calls: &'a [Call]) -> BTreeMap<Place, Vec<&'a Call>> {
    let mut groups: BTreeMap<Place, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        groups.entry(by.place(call, None)).or_default().push(call);
    }
    groups
}
