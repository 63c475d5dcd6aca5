//! What Autocalls sends: a Laravel paginator, full or trimmed, and rows whose types differ from the published ones.

use std::collections::BTreeMap;

use callmux_http::{Envelope, EnvelopeError};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

callmux_http::wire_objects! { "snake_case";
    /// A call, in the list and on its own page alike.
    pub struct Row {
        id: Text, assistant_name: Text, campaign_name: Text, r#type: Text, status: Text,
        duration: Number, assistant_phone_number: Text, client_phone_number: Text,
        transcript: TextOrItems<Utterance>, variables: Object, evaluation: Object, webhook_response: Object,
        carrier_cost: Amount, total_cost: Amount, answered_by: Text, recording_url: Text,
        created_at: Text, updated_at: Text,
    }

    /// Something said, where a transcript is a list of turns, as one brand corrected its pages; `timestamp` in epoch seconds, with a fraction.
    pub struct Utterance { text: Text, sender: Word, timestamp: Number }

    /// Where a page stands. Before Laravel 9.2 `per_page` is a text.
    pub struct Numbers { current_page: Whole, last_page: Whole, per_page: Whole, total: Whole }
}

/// How the page is described. The links are never read: they lose the filter, and may name another host.
pub(crate) fn envelope(body: &str) -> Result<Envelope, EnvelopeError> {
    if body.starts_with('[') {
        return Err(EnvelopeError::Shape("it is a bare list"));
    }
    let body: Body = serde_json::from_str(body)?;
    let [] = body.data.ok_or(EnvelopeError::Shape("it has no `data`"))?;
    let meta = body.meta.0.unwrap_or_default();
    let number =
        |own: Whole, meta: Whole| own.0.or(meta.0).and_then(|number| number.try_into().ok());
    Ok(Envelope {
        total: number(body.total, meta.total),
        page: number(body.current_page, meta.current_page),
        last_page: number(body.last_page, meta.last_page),
        page_size: number(body.per_page, meta.per_page).and_then(|size| u32::try_from(size).ok()),
        has_more: body.next_page_url,
        next_token: None,
    })
}

/// What was wrong with a refused request, by its first field.
pub(crate) fn first_refusal(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        errors: BTreeMap<String, Vec<String>>,
    }
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    refusal.errors.into_values().flatten().next()
}

#[derive(Deserialize)]
struct Body {
    data: Option<[(); 0]>,
    #[serde(default)]
    current_page: Whole,
    #[serde(default)]
    last_page: Whole,
    #[serde(default)]
    per_page: Whole,
    #[serde(default)]
    total: Whole,
    /// The same numbers, should the list become a resource collection.
    #[serde(default)]
    meta: Loose<Numbers>,
    /// `null` says that there is no next page; a link says that there is one.
    #[serde(default, deserialize_with = "is_given")]
    next_page_url: Option<bool>,
}

fn is_given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Some(Option::<IgnoredAny>::deserialize(deserializer)?.is_some()))
}
