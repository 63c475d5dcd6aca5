//! What the command can do, a file each.

pub(crate) mod calls;
pub(crate) mod check;
pub(crate) mod costs;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod simulate;
pub(crate) mod vendors;

use std::fs;
use std::path::Path;

use callmux::{Certificate, Clock as _};
use chrono::{DateTime, Utc};

use crate::exit::{Failure, say};

/// The time of day, read once for a command.
fn now() -> DateTime<Utc> {
    callmux::http::SystemClock::default().now()
}

/// Writes the certificate of a listing that has not begun. The file of an earlier one must not vouch for it while it runs, nor
/// if it is killed; and a file that cannot be written is known before anything is sent.
fn begin_certificate(path: Option<&Path>, certificate: &Certificate) -> Result<(), Failure> {
    keep_certificate(path, certificate).map_err(Failure::before_the_start)
}

/// Writes a certificate to the file that was named, if one was.
fn keep_certificate(path: Option<&Path>, certificate: &Certificate) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let json = serde_json::to_string_pretty(certificate).map_err(|error| {
        Failure::failed(format!("the certificate could not be written: {error}"))
    })?;
    fs::write(path, json + "\n")
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
}

/// Sums a certificate up on standard error: what an incomplete listing misses is always said.
fn sum_up(certificate: &Certificate, quiet: bool) {
    if !quiet || !certificate.is_complete() {
        say(&certificate.to_string());
    }
}
