//! The brands under which Autocalls is sold. One application serves them all.

/// A brand of the Autocalls platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Brand {
    /// A short name: lower case, stable.
    pub slug: &'static str,
    /// The name that people know.
    pub name: &'static str,
    /// Where its API is.
    pub base_url: &'static str,
}

const fn of(slug: &'static str, name: &'static str, base_url: &'static str) -> Brand {
    Brand { slug, name, base_url }
}

/// The brands whose documentation shows this API, in the order of their short names. A brand that is missing works by its base URL.
///
/// Famulor 2.0 is not among them: its API is another.
pub const BRANDS: &[Brand] = &[
    of("askhannah", "AskHannah", "https://app.askhannah.be/api"),
    of("autocalls", "Autocalls", "https://app.autocalls.ai/api"),
    of("botrep", "BotRep.ai", "https://app.botrep.ai/api"),
    of("callcloser", "CallCloser.ai", "https://app.callcloser.ai/api"),
    of("clickspeak", "ClickSpeak", "https://app.clickspeak.ai/api"),
    of("cloudone", "CloudOne AI", "https://app.cloudone-ai.com/api"),
    of("ears", "EARS AI", "https://ai.earsconnect.com/api"),
    of("famulor", "Famulor Classic 1.0", "https://app.famulor.de/api"),
    of("gloria", "GlorIA", "https://app.gloriagent.ai/api"),
    of("heyfred", "HeyFred", "https://app.heyfred.nl/api"),
    of("intellixent", "Intellixent", "https://portal.intellixent.ai/api"),
    of("kalla", "Kalla AI", "https://app.kallaai.com/api"),
    of("konnect-u", "Konnect-U", "https://app.konnect-u.com/api"),
    of("lacy", "Lacy.ai", "https://app.lacy.ai/api"),
    of("mayahub", "Mayahub", "https://app.mayahub.ai/api"),
    of("mycalls", "myCalls", "https://app.mycalls.ro/api"),
    of("nicecall", "Nicecall", "https://app.nicecall.ai/api"),
    of("novia", "Novia AI Call Center", "https://callcenter.novia.ltd/api"),
    of("omnitech", "OmniTech IA", "https://app.omnitechsolucoes.com.br/api"),
    of("otonistark", "OtoniStark", "https://call.otonistark.com.br/api"),
    of("permanence-ia", "Permanence IA", "https://app.autocalls.ai/api"),
    of("repforce", "RepForce.ai", "https://repforce.ai/api"),
    of("robocallz", "RoboCallz", "https://app.robocallz.ai/api"),
    of("sondos", "Sondos AI", "https://app.sondos-ai.com/api"),
    of("spotzyai", "SpotzyAI", "https://platform.spotzyai.com/api"),
    of("voicery", "Voicery", "https://app.voicery.ai/api"),
    of("website-excellence-builders", "Website Excellence Builders", "https://ki.web-wb.de/api"),
    of("whattalk", "WhatTalk", "https://app.whattalk.ai/api"),
    of("wiseping", "Wise Ping", "https://app.wiseping.com/api"),
];

/// The brand with this short name.
#[must_use]
pub fn brand(slug: &str) -> Option<&'static Brand> {
    BRANDS.iter().find(|brand| brand.slug == slug)
}
