//! What a call cost at Vapi: a total, and the lines of `costs` or, where there are none, of `costBreakdown`.

use callmux_core::Component::{
    Analysis, KnowledgeBase, Llm, Other, Platform, Stt, Telephony, Tts, VoicemailDetection,
};
use callmux_core::{CallStatus, Component, Cost, CostLine, CostScope, Currency};
use callmux_http::Bill;
use callmux_http::wire::{Amount, Loose, Unread};

use crate::wire::{CostBreakdown, CostItem};

pub(crate) fn cost(
    total: &Amount,
    items: &[CostItem],
    breakdown: &Unread<'_>,
    status: CallStatus,
    was_held: bool,
) -> Cost {
    let sums = || breakdown.read::<Loose<CostBreakdown>>().0.unwrap_or_default();
    let sum = if *total == Amount::Absent { Some(sums().total) } else { None };
    // Vapi bills in United States dollars and says so in its reference.
    let mut bill = Bill::new(Currency::USD, sum.as_ref().unwrap_or(total), status.is_live());
    for item in items {
        add_item(&mut bill, item);
    }
    if bill.has_no_lines() {
        add_breakdown(&mut bill, &sums());
    }
    if bill.has_no_lines() && was_held {
        // A call that was held and has no bill yet: Vapi writes the bill some seconds after the end.
        bill.zero_is_pending();
    }
    bill.finish(CostScope::new([Platform, Stt, Llm, Tts, Analysis], []))
}

fn add_item(bill: &mut Bill, item: &CostItem) {
    let tokens = match (item.prompt_tokens.exact(), item.completion_tokens.exact()) {
        (Some(prompt), Some(completion)) => prompt.checked_add(completion),
        (prompt, completion) => prompt.or(completion),
    };
    let word = item.r#type.as_deref().unwrap_or("unknown");
    let (component, quantity, unit) = match word {
        "transport" => (Telephony, item.minutes.exact(), "minutes"),
        "transcriber" => (Stt, item.minutes.exact(), "minutes"),
        "model" => (Llm, tokens, "tokens"),
        "voice" => (Tts, item.characters.exact(), "characters"),
        "vapi" => (Platform, item.minutes.exact(), "minutes"),
        "voicemail-detection" => (VoicemailDetection, None, ""),
        "analysis" => (Analysis, tokens, "tokens"),
        "knowledge-base" => (KnowledgeBase, tokens, "tokens"),
        _ => (Other, None, ""),
    };
    let detail = item.analysis_type.as_deref().or(item.sub_type.as_deref());
    let label = detail.map_or_else(|| word.to_owned(), |detail| format!("{word}/{detail}"));
    let used =
        [&item.model, &item.voice, &item.transcriber].into_iter().find_map(|used| used.0.as_ref());
    // Not the name of a model, which says nothing of who provides it.
    let provider = used.and_then(|used| used.provider.as_deref()).or(item.provider.as_deref());
    let is_passed_on = is_passed_on(component, provider);
    let name = used.and_then(|used| used.model.as_deref().or(used.voice_id.as_deref()));
    let details = |line: CostLine| {
        let line = line.with_quantity(quantity, unit).with_model_of(provider, name);
        if is_passed_on && line.is_used_for_nothing() { line.billed_elsewhere() } else { line }
    };
    bill.line_with(component, &label, &item.cost, details);
}

/// Whether Vapi passes a provider's price on, unless the account has a key of its own for it, or a number imported from it: then the
/// provider charges, and Vapi nothing, <https://docs.vapi.ai/billing/cost-routing>. Vapi's own may well cost nothing.
fn is_passed_on(component: Component, provider: Option<&str>) -> bool {
    match component {
        Stt | Llm | Tts => provider.is_some_and(|provider| provider != "vapi"),
        Telephony => matches!(provider, Some("twilio" | "vonage" | "telnyx")),
        _ => false,
    }
}

/// The lines of older calls, rounded to four decimals.
fn add_breakdown(bill: &mut Bill, breakdown: &CostBreakdown) {
    for (component, label, amount) in [
        (Telephony, "transport", &breakdown.transport),
        (Stt, "stt", &breakdown.stt),
        (Llm, "llm", &breakdown.llm),
        (Tts, "tts", &breakdown.tts),
        (Platform, "vapi", &breakdown.vapi),
        (Other, "chat", &breakdown.chat),
        (VoicemailDetection, "voicemailDetectionCost", &breakdown.voicemail_detection_cost),
        (KnowledgeBase, "knowledgeBaseCost", &breakdown.knowledge_base_cost),
    ] {
        bill.line(component, label, amount);
    }
    let Some(analysis) = &breakdown.analysis_cost_breakdown.0 else { return };
    for (label, amount) in [
        ("analysis/summary", &analysis.summary),
        ("analysis/structuredData", &analysis.structured_data),
        ("analysis/successEvaluation", &analysis.success_evaluation),
        ("analysis/structuredOutput", &analysis.structured_output),
    ] {
        bill.line(Analysis, label, amount);
    }
}
