//! A row as Burki sends it, in each of its four generations. A field that a generation lacks is absent.

use callmux_http::{Envelope, EnvelopeError};
use serde::Deserialize;

callmux_http::wire_objects! { "snake_case";
    /// A call: the list's rows are the same objects as `GET /api/v1/calls/{id}` gives.
    pub struct Row {
        id: Text, call_sid: Text, assistant_id: Text, assistant_name: Text,
        to_phone_number: Text, customer_phone_number: Text,
        status: Text, duration: Whole, started_at: Text, ended_at: Text, call_meta: Object,
        total_cost: Amount, llm_cost: Amount, tts_cost: Amount, stt_cost: Amount,
        telephony_cost: Amount, cost_currency: Text,
        // Of 2025's documents only; no public server has ever sent these.
        cost: Amount, metadata: Object, created_at: Text, updated_at: Text,
    }
}

/// A bare list (the public server), or an object with the list in `items` (the hosted one).
pub(crate) fn envelope(body: &str) -> Result<Envelope, EnvelopeError> {
    #[derive(Deserialize)]
    struct Counted {
        #[serde(rename = "items")]
        _items: [(); 0],
        #[serde(default)]
        total: Whole,
        #[serde(default)]
        limit: Whole,
    }
    if body == "[]" {
        return Ok(Envelope::default());
    }
    let counted: Counted = serde_json::from_str(body).map_err(|error| match error.is_data() {
        true => EnvelopeError::Shape("it is neither a list nor an object with a list in items"),
        false => error.into(),
    })?;
    let total = counted.total.0.and_then(|total| total.try_into().ok());
    let page_size = counted.limit.0.and_then(|limit| limit.try_into().ok());
    Ok(Envelope { total, page_size, ..Envelope::default() })
}
