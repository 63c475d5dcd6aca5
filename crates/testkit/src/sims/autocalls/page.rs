//! A page as Laravel describes it.

use serde_json::{Value, json};

use super::Metadata;
use super::asked::Asked;

/// The keys in the framework's own order. Links carry the page and nothing else of what was asked.
pub(super) fn describe(
    metadata: Metadata,
    asked: &Asked,
    total: u64,
    rows: &[String],
    path: &str,
) -> String {
    let (page, size) = (asked.page, asked.per_page);
    let last = total.div_ceil(size).max(1);
    let link = |page: u64| json!(format!("{path}?page={page}"));
    let next = if page < last { link(page + 1) } else { Value::Null };
    let previous = if page > 1 { link(page - 1) } else { Value::Null };
    let from = (page - 1).saturating_mul(size).saturating_add(1);
    let (from, to) = match rows.len() as u64 {
        0 => (Value::Null, Value::Null),
        rows => (json!(from), json!(from + rows - 1)),
    };
    let data = format!("[{}]", rows.join(","));
    match metadata {
        Metadata::Trimmed => format!(
            r#"{{"current_page":{page},"data":{data},"per_page":{size},"total":{total},"last_page":{last}}}"#
        ),
        Metadata::Resource => format!(
            r#"{{"data":{data},"links":{{"first":{},"last":{},"prev":{previous},"next":{next}}},"meta":{{"current_page":{page},"from":{from},"last_page":{last},"path":"{path}","per_page":{size},"to":{to},"total":{total}}}}}"#,
            link(1),
            link(last)
        ),
        version => {
            let is_old = version == Metadata::Laravel8;
            let size = match is_old && asked.size_was_asked {
                true => format!("\"{size}\""),
                false => size.to_string(),
            };
            let data = if is_old && !rows.is_empty() { keyed(rows) } else { data };
            let links = links(page, last, path, !is_old);
            format!(
                r#"{{"current_page":{page},"data":{data},"first_page_url":{},"from":{from},"last_page":{last},"last_page_url":{},"links":{links},"next_page_url":{next},"path":"{path}","per_page":{size},"prev_page_url":{previous},"to":{to},"total":{total}}}"#,
                link(1),
                link(last)
            )
        }
    }
}

/// What PHP makes of a list that was filtered: an object keyed by index.
fn keyed(rows: &[String]) -> String {
    let entries: Vec<String> =
        rows.iter().enumerate().map(|(index, row)| format!(r#""{}":{row}"#, index + 1)).collect();
    format!("{{{}}}", entries.join(","))
}

/// The links of a paginator: at most fifteen, with gaps.
fn links(page: u64, last: u64, path: &str, with_page: bool) -> Value {
    let mut numbers: Vec<Option<u64>> = Vec::new();
    let gap = |numbers: &mut Vec<Option<u64>>| numbers.push(None);
    let range = |from: u64, to: u64| (from..=to).map(Some);
    if last < 14 {
        numbers.extend(range(1, last));
    } else if page <= 7 {
        numbers.extend(range(1, 10));
        gap(&mut numbers);
        numbers.extend(range(last - 1, last));
    } else if page > last - 7 {
        numbers.extend(range(1, 2));
        gap(&mut numbers);
        numbers.extend(range(last - 9, last));
    } else {
        numbers.extend(range(1, 2));
        gap(&mut numbers);
        numbers.extend(range(page - 3, page + 3));
        gap(&mut numbers);
        numbers.extend(range(last - 1, last));
    }
    let entry = |number: Option<u64>, label: String, is_gap: bool, active: bool| {
        let url = number.map(|number| format!("{path}?page={number}"));
        let mut entry = json!({ "url": url, "label": label, "active": active });
        if let Some(fields) = entry.as_object_mut().filter(|_| with_page && !is_gap) {
            fields.insert("page".to_owned(), json!(number));
        }
        entry
    };
    let before = (page > 1).then(|| page - 1);
    let after = (page < last).then(|| page + 1);
    let mut links = vec![entry(before, "&laquo; Previous".to_owned(), false, false)];
    links.extend(numbers.into_iter().map(|number| match number {
        Some(own) => entry(number, own.to_string(), false, own == page),
        None => entry(None, "...".to_owned(), true, false),
    }));
    links.push(entry(after, "Next &raquo;".to_owned(), false, false));
    Value::Array(links)
}
