//! One pass over the calls, and what is written after it.

use std::io::{self, Write};

use callmux::{Call, Certificate};
use callmux_costs::Conversion;
use serde::Serialize;

use crate::exit::Failure;

/// What is asked of calls: it sees each of them once, and is then an answer.
pub(super) trait Question: Answer {
    fn add(&mut self, call: &Call) -> Result<(), Failure>;
}

/// What can be written in three forms.
pub(super) trait Answer {
    /// For people.
    fn table(&self) -> Result<String, Failure>;

    /// As JSON, with what is said of the listing.
    fn json(&self, out: &mut dyn Write, about: About<'_>) -> Result<(), Failure>;

    /// As CSV, with the rates that amounts were converted at.
    fn csv(&self, out: &mut dyn Write, rates: Option<&str>) -> Result<(), Failure>;
}

/// What JSON says of the listing, beside the answer.
#[derive(Clone, Copy, Serialize)]
pub(super) struct About<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conversion: Option<&'a Conversion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<&'a Certificate>,
}

/// Writes one JSON object.
pub(super) fn pretty(mut out: &mut dyn Write, answer: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer_pretty(&mut out, answer).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}
