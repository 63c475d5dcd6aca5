//! How much memory a call's trees take.

use callmux_core::{Call, JsonMap};
use serde_json::Value;

/// A node of a map, which has room for eleven members: as much for one.
const NODE: usize = 640;
/// How many members a node has, where there are many.
const MEMBERS: usize = 6;
/// What an allocation takes beside what is in it.
const ALLOCATION: usize = 16;

/// About how many bytes the trees of a call take in memory, beyond their text: up to eight times as many.
pub(crate) fn of_trees(call: &Call) -> usize {
    let maps = [&call.variables, &call.metadata, &call.evaluation];
    maps.into_iter().flatten().map(of_map).sum()
}

fn of_map(map: &JsonMap) -> usize {
    let values: usize = map.values().map(of_value).sum();
    map.len().div_ceil(MEMBERS) * NODE + map.len() * ALLOCATION + values
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::Object(map) => of_map(map),
        Value::Array(values) => {
            let own = values.len() * size_of::<Value>() + ALLOCATION;
            own + values.iter().map(of_value).sum::<usize>()
        }
        Value::String(_) => ALLOCATION,
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
