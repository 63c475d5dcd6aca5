//! A row as Burki sends it, in each of its four generations. A field that a generation lacks is absent.

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
