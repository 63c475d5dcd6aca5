//! Calls as three vendors bill them, as many as are wanted.

use std::time::Duration;

use callmux::Component::{Analysis, Llm, Platform, Stt, Telephony, Tts};
use callmux::{
    Call, CallId, CallStatus, Component, Cost, CostLine, CostScope, Currency, Decimal, Money,
    Named, fingerprint,
};
use chrono::{DateTime, TimeDelta};

/// How many calls differ in more than their identifier and time.
const DIFFERENT: u64 = 2970;

/// How many agents they are of, a third of them at each vendor.
const AGENTS: u64 = 99;

/// How many days they are of: with the agents, ten thousand groups.
const DAYS: u64 = 101;

/// What a vendor bills: each component in millionths of a currency for a minute, and how many decimal places its amounts have.
struct Vendor {
    name: &'static str,
    currency: Currency,
    places: u32,
    prices: &'static [(Component, u64)],
    scope: fn() -> CostScope,
}

/// Six lines a call, four, and one beside what is not itemised.
const VENDORS: [Vendor; 3] = [
    Vendor {
        name: "vapi",
        currency: Currency::USD,
        places: 18,
        prices: &[
            (Telephony, 8_000),
            (Stt, 9_900),
            (Llm, 21_300),
            (Tts, 36_400),
            (Platform, 50_000),
            (Analysis, 1_100),
        ],
        scope: || CostScope::new([Telephony, Platform, Stt, Llm, Tts, Analysis], []),
    },
    Vendor {
        name: "burki",
        currency: Currency::USD,
        places: 8,
        prices: &[(Llm, 12_000), (Tts, 30_000), (Stt, 7_700), (Telephony, 8_500)],
        scope: || CostScope::new([Llm, Tts, Stt, Telephony], [Platform]),
    },
    Vendor {
        name: "autocalls",
        currency: Currency::EUR,
        places: 4,
        prices: &[(Telephony, 10_000)],
        scope: || CostScope::new([Platform, Stt, Llm, Tts, Telephony], []),
    },
];

/// So many calls, newest first. Only what tells one from others is made anew once there are some thousands.
#[must_use]
pub fn billed(calls: u64) -> Vec<Call> {
    let newest = DateTime::from_timestamp(1_790_000_000, 0).expect("an instant");
    let pool: Vec<Call> = (0..DIFFERENT.min(calls)).map(call).collect();
    let placed = |index: u64| {
        let mut call = pool[(index % DIFFERENT) as usize].clone();
        call.id = CallId::from(format!("{index:032x}"));
        call.placed_at = Some(newest - TimeDelta::seconds((index * DAYS * 86_400 / calls) as i64));
        call
    };
    (0..calls).map(placed).collect()
}

/// A number below an end, drawn from a seed.
fn draw(seed: u64, what: u64, end: u64) -> u64 {
    let bytes = [seed, what].map(u64::to_le_bytes).concat();
    // The high bits: the low ones of neighbouring seeds are alike.
    (fingerprint(&bytes) >> 20) % end
}

fn call(seed: u64) -> Call {
    let agent = seed % AGENTS;
    let vendor = &VENDORS[(agent % 3) as usize];
    let mut call = Call::new(vendor.name, vendor.name, "");
    call.agent = Named::of(
        Some(format!("{:08x}-6f1d-4b3a-9c55-0123456789ab", agent * 2_654_435_761)),
        Some(format!("Agent {agent}")),
    );
    // One in ten was not answered, and one in twenty is not billed yet.
    let is_answered = draw(seed, 0, 10) > 0;
    call.status = if is_answered { CallStatus::Completed } else { CallStatus::NoAnswer }.into();
    let millis = if is_answered { 1000 + draw(seed, 1, 600_000) } else { 0 };
    call.durations.talk = Some(Duration::from_millis(millis));
    call.cost = if draw(seed, 2, 20) == 0 { Cost::pending() } else { bill(vendor, seed, millis) };
    call
}

fn bill(vendor: &Vendor, seed: u64, millis: u64) -> Cost {
    // The price of a minute differs by up to a tenth from call to call.
    let tenths = 950 + draw(seed, 3, 100);
    let amount = |price: u64| {
        let whole = i128::from(price * tenths) * i128::from(millis);
        Decimal::from_i128_with_scale(whole, 9).checked_div(Decimal::from(60_000)).map(|amount| {
            let mut amount = amount.round_dp(vendor.places);
            amount.rescale(vendor.places);
            Money::new(amount, vendor.currency)
        })
    };
    let lines = vendor.prices.iter().filter_map(|&(component, price)| {
        let line = CostLine::new(component, component.as_str(), amount(price)?);
        Some(line.with_model(Some(format!("{}/{component}", vendor.name))))
    });
    let lines: Vec<CostLine> = lines.collect();
    let sum: Decimal = lines.iter().map(|line| line.amount.amount).sum();
    // What is not itemised: nothing at two of the vendors, and the fee of the third.
    let fee = if lines.len() == 1 { amount(90_000) } else { None };
    let total = sum + fee.map_or(Decimal::ZERO, |fee| fee.amount);
    let mut cost = Cost::reported(Money::new(total, vendor.currency));
    cost.scope = (vendor.scope)();
    cost.lines = lines;
    cost
}
