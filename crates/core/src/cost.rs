//! What a call cost, and how much of that is known.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::{Credits, Money};
use crate::words::words;

words! {
    /// How far a cost can be relied on.
    pub enum CostState, "cost state" {
        /// Not known yet: the call is live, or its bill is still being made. A zero that means "not yet" is this.
        Pending = "pending",
        /// The vendor's own estimate.
        Estimated = "estimated",
        /// Reported by the vendor, which may still correct it.
        Reported = "reported",
        /// Settled: the vendor no longer changes it.
        Final = "final",
        /// The vendor charges nothing for this call.
        Free = "free",
        /// Charged, but by somebody else (own keys, own carrier).
        BilledElsewhere = "billed_elsewhere",
        /// Not reported.
        Unavailable = "unavailable",
    }
}

impl CostState {
    /// Whether a total in this state is an amount that may be summed.
    #[must_use]
    pub const fn is_known(self) -> bool {
        matches!(self, Self::Estimated | Self::Reported | Self::Final | Self::Free)
    }
}

words! {
    /// A part of what a call costs.
    pub enum Component, "cost component" {
        /// Carrier minutes and transport.
        Telephony = "telephony",
        /// Speech to text.
        Stt = "stt",
        /// The language model.
        Llm = "llm",
        /// Text to speech.
        Tts = "tts",
        /// A model that hears and speaks by itself.
        SpeechToSpeech = "speech_to_speech",
        /// The vendor's own fee.
        Platform = "platform",
        /// A transferred leg.
        Transfer = "transfer",
        /// Summaries, evaluations and data taken from the call afterwards.
        Analysis = "analysis",
        /// Look-ups in a knowledge base.
        KnowledgeBase = "knowledge_base",
        /// Telling a person from a machine.
        VoicemailDetection = "voicemail_detection",
        /// Storing or making a recording.
        Recording = "recording",
        /// What the vendor names with a word that is none of these.
        Other = "other",
    }
}

impl Component {
    /// What it is to whoever pays: `speech to text` for [`Component::Stt`].
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Telephony => "telephony",
            Self::Stt => "speech to text",
            Self::Llm => "language model",
            Self::Tts => "text to speech",
            Self::SpeechToSpeech => "speech to speech",
            Self::Platform => "platform fee",
            Self::Transfer => "transferred leg",
            Self::Analysis => "analysis",
            Self::KnowledgeBase => "knowledge base",
            Self::VoicemailDetection => "voicemail detection",
            Self::Recording => "recording",
            Self::Other => "other",
        }
    }
}

/// Which components a total covers. What is in neither set is not known.
///
/// A vendor whose total leaves telephony out is not cheaper; its total is of another scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CostScope {
    /// Components that the total includes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub includes: BTreeSet<Component>,
    /// Components that are charged and that the total leaves out: by the vendor apart from it, or by somebody else.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub excludes: BTreeSet<Component>,
}

impl CostScope {
    /// A scope of what is in the total, and what is charged beside it.
    pub fn new(
        includes: impl IntoIterator<Item = Component>,
        excludes: impl IntoIterator<Item = Component>,
    ) -> Self {
        Self { includes: includes.into_iter().collect(), excludes: excludes.into_iter().collect() }
    }

    fn is_unknown(&self) -> bool {
        self.includes.is_empty() && self.excludes.is_empty()
    }
}

/// One line of a call's bill, as the vendor itemises it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CostLine {
    /// Which component it is for.
    pub component: Component,
    /// The vendor's own word for the line.
    pub label: String,
    /// What it costs.
    pub amount: Money,
    /// How much was used, in the unit of `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// The unit of `quantity`: `minutes`, `tokens`, `characters`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The model, voice or carrier that was used, as `provider/model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether the call's total includes this line.
    pub in_total: bool,
    /// Whether somebody else charges for it: own keys, an own carrier. Its amount, 0 as a rule, is then not what it costs,
    /// and no total includes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub billed_elsewhere: bool,
}

impl CostLine {
    /// A line that the call's total includes.
    pub fn new(component: Component, label: impl Into<String>, amount: Money) -> Self {
        Self {
            component,
            label: label.into(),
            amount,
            quantity: None,
            unit: None,
            model: None,
            in_total: true,
            billed_elsewhere: false,
        }
    }

    /// The same line, charged by somebody else.
    #[must_use]
    pub fn billed_elsewhere(mut self) -> Self {
        self.in_total = false;
        self.billed_elsewhere = true;
        self
    }

    /// Whether something was used and nothing charged: where the vendor passes prices on, somebody else charges for it.
    #[must_use]
    pub fn is_used_for_nothing(&self) -> bool {
        let was_used = self.quantity.is_some_and(|quantity| quantity > Decimal::ZERO);
        was_used && self.amount.amount.is_zero()
    }

    /// The same line with how much was used.
    #[must_use]
    pub fn with_quantity(mut self, quantity: Option<Decimal>, unit: &str) -> Self {
        self.unit = quantity.is_some().then(|| unit.to_owned());
        self.quantity = quantity;
        self
    }

    /// The same line with the provider and the name of the model, voice or carrier that was used, as far as they are known.
    #[must_use]
    pub fn with_model_of(self, provider: Option<&str>, name: Option<&str>) -> Self {
        let model = match (provider, name) {
            (Some(provider), Some(name)) => Some(format!("{provider}/{name}")),
            (provider, name) => provider.or(name).map(str::to_owned),
        };
        self.with_model(model)
    }

    /// The same line with the model, voice or carrier that was used.
    #[must_use]
    pub fn with_model(mut self, model: Option<String>) -> Self {
        self.model = model;
        self
    }
}

/// What a call cost.
///
/// Lines are not forced to add up to the total: [`Cost::unattributed`] is shown, never hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Cost {
    /// How far the total can be relied on.
    pub state: CostState,
    /// The total, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// Which components the total covers.
    #[serde(default, skip_serializing_if = "CostScope::is_unknown")]
    pub scope: CostScope,
    /// The bill's lines, in the vendor's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<CostLine>,
    /// What was charged in the vendor's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<Credits>,
    /// The vendor's own text where an amount of this cost could not be read exactly. Such an amount is never guessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

impl Default for Cost {
    fn default() -> Self {
        Self::unavailable()
    }
}

impl Cost {
    /// No cost is reported.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::without_total(CostState::Unavailable)
    }

    /// A cost is still to come.
    #[must_use]
    pub fn pending() -> Self {
        Self::without_total(CostState::Pending)
    }

    /// A total as the vendor reports it.
    #[must_use]
    pub fn reported(total: Money) -> Self {
        Self { total: Some(total), ..Self::without_total(CostState::Reported) }
    }

    fn without_total(state: CostState) -> Self {
        Self {
            state,
            total: None,
            scope: CostScope::default(),
            lines: Vec::new(),
            credits: None,
            unreadable: None,
        }
    }

    /// The total, if its state says that it may be summed.
    #[must_use]
    pub fn known_total(&self) -> Option<Money> {
        self.total.filter(|_| self.state.is_known())
    }

    /// The total less the lines that are in it: what the vendor charges and does not itemise.
    ///
    /// It may be negative where rounded lines exceed a rounded total. `None` where there is no total, or where a line
    /// in it is of another currency.
    #[must_use]
    pub fn unattributed(&self) -> Option<Money> {
        let total = self.total?;
        self.lines.iter().filter(|line| line.in_total).try_fold(total, |rest, line| {
            let amount = Money { amount: -line.amount.amount, ..line.amount };
            rest.checked_add(amount).ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, decimal_from_json};

    fn money(text: &str, currency: Currency) -> Money {
        Money::new(decimal_from_json(text).unwrap(), currency)
    }

    #[test]
    fn what_is_not_itemised_is_shown_even_below_zero() {
        let mut cost = Cost::reported(money("0.069", Currency::USD));
        assert_eq!(cost.unattributed(), Some(money("0.069", Currency::USD)));
        cost.lines = vec![
            CostLine::new(Component::Llm, "model", money("0.0031", Currency::USD)),
            CostLine::new(Component::Platform, "vapi", money("0.0660", Currency::USD)),
        ];
        assert_eq!(cost.unattributed(), Some(money("-0.0001", Currency::USD)));
        cost.lines[1].in_total = false;
        assert_eq!(cost.unattributed(), Some(money("0.0659", Currency::USD)));
        cost.lines[0].amount = money("0.0031", Currency::EUR);
        assert_eq!(cost.unattributed(), None);
    }

    #[test]
    fn a_pending_total_is_not_summed() {
        let mut cost = Cost::reported(Money::usd(Decimal::ZERO));
        assert!(cost.known_total().is_some());
        cost.state = CostState::Pending;
        assert_eq!(cost.known_total(), None);
        assert_eq!(Cost::default().known_total(), None);
    }
}
