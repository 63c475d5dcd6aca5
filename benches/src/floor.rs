//! The floor: the smallest honest program that fetches the same calls. One connection, one page after the other, `serde_json`
//! into a struct of the same fields; no check, no retry, no order, money as floats.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::rows::Vendor;

/// What was fetched.
#[cfg(feature = "network")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Fetched {
    /// How many calls.
    pub calls: u64,
    /// How many requests it took.
    pub requests: u64,
}

/// Fetches all calls of a vendor, in pages of this size.
///
/// # Errors
/// Anything that goes wrong ends it.
#[cfg(feature = "network")]
pub async fn fetch(vendor: Vendor, origin: &str, size: u64) -> reqwest::Result<Fetched> {
    // reqwest wants cryptography even where it speaks without. Whoever came first has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build()?;
    let mut fetched = Fetched::default();
    let mut bound: Option<String> = None;
    loop {
        let requests = fetched.requests;
        let url = match (vendor, &bound) {
            (Vendor::Autocalls, _) => {
                format!("{origin}/api/user/calls?page={}&per_page={size}", requests + 1)
            }
            (Vendor::Vapi, None) => format!("{origin}/call?limit={size}"),
            (Vendor::Vapi, Some(bound)) => {
                format!("{origin}/call?limit={size}&createdAtLt={bound}")
            }
            (Vendor::Burki, _) => {
                format!("{origin}/api/v1/calls/?limit={size}&skip={}", requests * size)
            }
        };
        let body = client.get(url).send().await?.bytes().await?;
        let calls = match vendor {
            Vendor::Autocalls => read::<Numbered>(&body).data.len(),
            Vendor::Burki => read::<Counted>(&body).items.len(),
            Vendor::Vapi => {
                let page = read::<Vec<VapiCall>>(&body);
                bound = page
                    .last()
                    .map(|call| call.created_at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
                page.len()
            }
        };
        fetched.requests += 1;
        fetched.calls += calls as u64;
        if (calls as u64) < size {
            return Ok(fetched);
        }
    }
}

/// One page, as the floor reads it: how many rows there were.
#[must_use]
pub fn decode(vendor: Vendor, body: &[u8]) -> usize {
    match vendor {
        Vendor::Autocalls => read::<Numbered>(body).data.len(),
        Vendor::Burki => read::<Counted>(body).items.len(),
        Vendor::Vapi => read::<Vec<VapiCall>>(body).len(),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice(body).expect("a page of the shape expected")
}

macro_rules! objects {
    ($case:literal; $( struct $name:ident { $( $field:ident: $type:ty ),* $(,)? } )*) => {
        $(
            #[derive(Deserialize)]
            #[serde(rename_all = $case)]
            #[allow(dead_code, reason = "the floor decodes what a call has, and looks at nothing")]
            struct $name { $( $field: $type, )* }
        )*
    };
}

objects! { "camelCase";
    struct VapiCall {
        id: String, r#type: Option<String>, status: Option<String>, ended_reason: Option<String>,
        created_at: DateTime<Utc>, updated_at: Option<DateTime<Utc>>,
        started_at: Option<DateTime<Utc>>, ended_at: Option<DateTime<Utc>>,
        phone_call_transport: Option<String>, phone_call_provider_id: Option<String>,
        customer: Option<VapiCustomer>, customer_id: Option<String>,
        phone_number_id: Option<String>, assistant_id: Option<String>, campaign_id: Option<String>,
        metadata: Option<Map<String, Value>>, artifact: Option<VapiArtifact>,
        recording_url: Option<String>, summary: Option<String>, analysis: Option<VapiAnalysis>,
        cost: Option<f64>, costs: Option<Vec<VapiCost>>, cost_breakdown: Option<VapiBreakdown>,
    }
    struct VapiCustomer { number: Option<String>, name: Option<String> }
    struct VapiArtifact {
        messages: Option<Vec<VapiMessage>>, recording_url: Option<String>,
        variable_values: Option<Map<String, Value>>,
    }
    struct VapiMessage { role: String, message: String, time: f64 }
    struct VapiAnalysis { summary: Option<String>, success_evaluation: Option<Value> }
    struct VapiCost {
        r#type: String, cost: f64, minutes: Option<f64>, characters: Option<f64>,
        prompt_tokens: Option<f64>, completion_tokens: Option<f64>, sub_type: Option<String>,
        analysis_type: Option<String>, provider: Option<String>, model: Option<VapiModel>,
        voice: Option<VapiModel>, transcriber: Option<VapiModel>,
    }
    struct VapiModel {
        provider: Option<String>, model: Option<String>, voice_id: Option<String>,
    }
    struct VapiBreakdown {
        transport: Option<f64>, stt: Option<f64>, llm: Option<f64>, tts: Option<f64>,
        vapi: Option<f64>, total: Option<f64>,
    }
}

objects! { "snake_case";
    struct Numbered { data: Vec<AutocallsCall>, current_page: u64, last_page: u64, total: u64 }
    struct AutocallsCall {
        id: u64, assistant_name: Option<String>, campaign_name: Option<String>,
        r#type: Option<String>, status: Option<String>, duration: Option<Value>,
        assistant_phone_number: Option<String>, client_phone_number: Option<String>,
        transcript: Option<Vec<Utterance>>, variables: Option<Value>, evaluation: Option<Value>,
        webhook_response: Option<Value>, carrier_cost: Option<Value>, total_cost: Option<Value>,
        answered_by: Option<String>, recording_url: Option<String>,
        created_at: String, updated_at: String,
    }
    struct Utterance { text: String, sender: String, timestamp: f64 }

    struct Counted { items: Vec<BurkiCall>, total: u64 }
    struct BurkiCall {
        id: u64, call_sid: Option<String>, assistant_id: Option<u64>,
        assistant_name: Option<String>, to_phone_number: Option<String>,
        customer_phone_number: Option<String>, status: Option<String>, duration: Option<u64>,
        started_at: NaiveDateTime, ended_at: Option<NaiveDateTime>, call_meta: Option<Map<String, Value>>,
        llm_cost: Option<f64>, tts_cost: Option<f64>, stt_cost: Option<f64>,
        telephony_cost: Option<f64>, total_cost: Option<f64>, cost_currency: Option<String>,
    }
}
