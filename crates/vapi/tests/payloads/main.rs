//! x
use callmux_core::Call;
use callmux_http::{Dialect, Source};
use callmux_vapi::Vapi;

fn calls(payload: &str) -> Vec<Call> {
    let envelope = Vapi.envelope(payload.as_bytes()).unwrap();
    let source = Source::new("vapi", "main");
    envelope.rows.iter().map(|row| Vapi.call(serde_json::from_str(row.get()).unwrap(), &source).unwrap()).collect()
}
#[test]
fn dump() {
    for p in [include_str!("../data/2024-03-inbound-explicit-nulls.json"), include_str!("../data/2025-06-outbound-voicemail-vapi-sip.json"), include_str!("../data/2025-06-web-call-daily.json"), include_str!("../data/2025-08-outbound-queued-twilio.json"), include_str!("../data/2025-09-web-call-tool-calls.json"), include_str!("../data/2026-08-partial-states.json"), include_str!("../data/type-drift-synthetic.json")] {
        for c in calls(p) { println!("{}", serde_json::to_string_pretty(&c).unwrap()); }
    }
}
