//! Checks of what a listing gives when things go wrong.

use callmux_core::{CallFilter, CallProviderExt as _, ErrorKind, Reason};

use super::subject::{Setup, Subject, collect};
use crate::faults::{FaultKind, Faults};
use crate::world::World;

/// Faults that pass change nothing but the number of requests.
pub async fn rides_out_passing_faults(subject: &dyn Subject) {
    let world = World::new(31, 90);
    let quiet = subject.open(&Setup::new(world)).all().await;
    for fault in [
        FaultKind::Throttled(Some(3)),
        FaultKind::Throttled(None),
        FaultKind::Status(500),
        FaultKind::Status(502),
        FaultKind::Status(503),
        FaultKind::NoConnection,
        FaultKind::Hang,
        FaultKind::Cut,
        FaultKind::Truncated,
    ] {
        // The first request, two in a row, and one in the middle.
        let faults = Faults::planned([(0, fault), (2, fault), (3, fault), (7, fault)]);
        let opened = subject.open(&Setup::new(world).with_faults(faults));
        let mut listing = opened.provider.calls(CallFilter::new()).page_size(20);
        let mut given = Vec::new();
        while let Some(call) = listing.next().await {
            given.push(call.unwrap_or_else(|error| panic!("{fault:?}: {error}")));
        }
        assert_eq!(given, quiet, "{fault:?}");
        let certificate = listing.certificate();
        assert!(certificate.is_complete(), "{fault:?}: {certificate}");
        let retries: u64 = certificate.sources.iter().map(|source| source.retries).sum();
        let vendors = opened.simulators.len() as u64;
        assert!(retries >= 3 * vendors, "{fault:?}: {retries} retries at {vendors} vendors");
    }
}

/// Faults that stay end the listing, once, with the kind that says what happened, and a certificate that is incomplete.
pub async fn ends_with_an_error_when_faults_persist(subject: &dyn Subject) {
    for (fault, kind, tries_again) in [
        (FaultKind::Throttled(Some(1)), ErrorKind::RateLimited, true),
        (FaultKind::Throttled(Some(4_000_000_000)), ErrorKind::RateLimited, false),
        (FaultKind::Status(503), ErrorKind::Unavailable, true),
        (FaultKind::NoConnection, ErrorKind::Unavailable, true),
        (FaultKind::Hang, ErrorKind::Timeout, true),
        (FaultKind::Cut, ErrorKind::Unavailable, true),
        (FaultKind::Html, ErrorKind::Malformed, false),
        (FaultKind::WrongShape, ErrorKind::Malformed, false),
        (FaultKind::ForeignRedirect, ErrorKind::Config, false),
        (FaultKind::Status(403), ErrorKind::Forbidden, false),
        (FaultKind::Status(404), ErrorKind::NotFound, false),
        (FaultKind::Status(422), ErrorKind::InvalidRequest, false),
    ] {
        let faults = Faults::always(fault);
        let opened = subject.open(&Setup::new(World::new(32, 30)).with_faults(faults.clone()));
        let sources = opened.simulators.len() as u64;
        let mut listing = opened.provider.calls(CallFilter::new());
        let Some(Err(error)) = listing.next().await else { panic!("{fault:?} was not an error") };
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
        assert!(error.vendor().is_some(), "{fault:?}: {error}");
        assert!(listing.next().await.is_none(), "{fault:?}: an error comes once");
        assert!(!listing.certificate().is_complete());
        let failed =
            |reason: &Reason| matches!(reason, Reason::Failed { error, .. } if *error == kind);
        assert!(listing.certificate().reasons.iter().any(failed), "{}", listing.certificate());
        assert_eq!(faults.sent() > sources, tries_again, "{fault:?}: {} requests", faults.sent());
        assert!(faults.sent() <= 8 * sources, "{fault:?}: {} requests", faults.sent());
    }
}

/// A row that cannot be understood is one error in its place; its neighbours are unharmed, and the certificate says so.
pub async fn one_bad_row_is_one_bad_row(subject: &dyn Subject) {
    for poison in ["17", "null", "[]", r#""row""#, r#"{"no":"id"}"#, r#"{"id":null}"#] {
        let opened = subject.open(&Setup::new(World::new(33, 60)));
        let mut expected = opened.all().await;
        let bad = expected.remove(25);
        opened.holder_of(&bad).poison(bad.id.as_str(), poison);
        let mut listing = opened.provider.calls(CallFilter::new()).page_size(20);
        let (mut given, mut rejected) = (Vec::new(), Vec::new());
        while let Some(item) = listing.next().await {
            match item {
                Ok(call) => given.push(call),
                Err(error) => rejected.push((given.len(), error)),
            }
        }
        assert_eq!(given, expected, "{poison}");
        assert_eq!(rejected.len(), 1, "{poison}: {rejected:?}");
        let (place, error) = rejected.remove(0);
        assert_eq!(error.kind(), ErrorKind::Malformed);
        let row = error.rejected();
        assert_eq!(row.map(|row| row.raw.get()), Some(poison), "the row is kept as it came");
        assert!(
            place.abs_diff(25) <= 12,
            "{poison}: reported after {place} calls, not after about 25"
        );
        let certificate = listing.certificate();
        assert!(!certificate.is_complete());
        let counted = |reason: &Reason| matches!(reason, Reason::RejectedRows { rows: 1, .. });
        assert!(certificate.reasons.iter().any(counted), "{certificate}");
    }
}

/// A limit counts calls; rows that cannot be understood are reported beside them.
pub async fn bad_rows_do_not_count_toward_a_limit(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(34, 80)));
    let all = opened.all().await;
    for bad in [2, 5, 6] {
        opened.holder_of(&all[bad]).poison(all[bad].id.as_str(), "false");
    }
    let (given, errors) =
        collect(opened.provider.calls(CallFilter::new()).limit(10).page_size(9)).await;
    let mut expected = all;
    for bad in [6, 5, 2] {
        expected.remove(bad);
    }
    expected.truncate(10);
    assert_eq!(given, expected);
    // The three rows are the same text, but each is a row of its own... unless the provider met one again.
    assert!(!errors.is_empty() && errors.len() <= 3, "{errors:?}");
}
