//! A row as Vapi sends it, what it says twice being read once. Absent, `null`, `""` and `{}` all mean that there is nothing.

callmux_http::wire_objects! { "camelCase";
    /// A whole call: the list's rows are the same objects as `GET /call/{id}` gives.
    pub struct Row<'a> {
        id: Text, r#type: Text, status: Text, ended_reason: Text,
        created_at: Text, updated_at: Text, started_at: Text, ended_at: Text,
        schedule_plan: Loose<SchedulePlan>,
        phone_call_transport: Text, phone_call_provider_id: Text, transport: Loose<Transport>,
        customer_id: Text, customer: Loose<Customer>,
        phone_number_id: Text, phone_number: Loose<PhoneNumber>,
        assistant_id: Text, assistant: Loose<Assistant>, assistant_overrides: Loose<Assistant>,
        squad: Loose<Assistant>, campaign_id: Text, metadata: Object,
        #[serde(borrow)] artifact: Loose<Artifact<'a>>,
        #[serde(borrow)] messages: Unread<'a>,
        #[serde(borrow)] transcript: Unread<'a>,
        recording_url: Text, summary: Text, analysis: Loose<Analysis>,
        cost: Amount, costs: Items<CostItem>,
        #[serde(borrow)] cost_breakdown: Unread<'a>,
    }

    /// When a scheduled call may be placed.
    pub struct SchedulePlan { earliest_at: Text }

    /// What carries the sound.
    pub struct Transport {
        call_sid: Text, call_control_id: Text,
        #[serde(rename = "conversationUUID")]
        conversation_uuid: Text,
    }

    /// The other party.
    pub struct Customer { number: Text, sip_uri: Text, name: Text }

    /// Our number, where it is embedded. It may come with its carrier's token, which is not read.
    pub struct PhoneNumber { number: Text, twilio_phone_number: Text }

    /// An assistant, its overrides, or a squad.
    pub struct Assistant { name: Text, metadata: Object, variable_values: Object }

    /// What a call left behind.
    pub struct Artifact<'a> {
        messages: Items<Message>,
        #[serde(borrow)] transcript: Unread<'a>,
        recording: Loose<Recording>, recording_url: Text,
        variable_values: Object, structured_outputs: Object,
    }

    /// The recording's files.
    pub struct Recording { mono: Loose<Mono> }

    /// The recording's files of one channel.
    pub struct Mono { combined_url: Text }

    /// Something said, or done; `time` in epoch milliseconds, with a fraction at times.
    pub struct Message { role: Word, message: Text, time: Number }

    /// What Vapi made of a call.
    pub struct Analysis { summary: Text, success_evaluation: Text, structured_data: Object }

    /// One entry of `costs`; which fields it has depends on its `type`.
    pub struct CostItem {
        r#type: Text, cost: Amount, minutes: Amount, characters: Amount,
        prompt_tokens: Amount, completion_tokens: Amount, sub_type: Text, analysis_type: Text,
        provider: Text, model: Loose<Model>, voice: Loose<Model>, transcriber: Loose<Model>,
    }

    /// A model, a voice or a transcriber.
    pub struct Model { provider: Text, model: Text, voice_id: Text }

    /// The rounded sums of `costs`, and on older calls all there is.
    pub struct CostBreakdown {
        transport: Amount, stt: Amount, llm: Amount, tts: Amount, vapi: Amount, chat: Amount,
        total: Amount, voicemail_detection_cost: Amount, knowledge_base_cost: Amount,
        analysis_cost_breakdown: Loose<AnalysisCosts>,
    }

    /// The part of the sums that is for analysis.
    pub struct AnalysisCosts {
        summary: Amount, structured_data: Amount, success_evaluation: Amount,
        structured_output: Amount,
    }
}
