//! Checks of keys, single calls, and secrets.

use callmux_core::{CallFilter, CallProviderExt as _, ErrorKind, PageRequest};

use super::subject::{KEY, Setup, Subject, collect};
use crate::faults::{FaultKind, Faults};
use crate::world::World;

/// `check` tells a good key from a bad one, and a listing with a bad one says so after one request.
pub async fn tells_a_good_key_from_a_bad_one(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(41, 10)));
    let checked = opened.provider.check().await;
    assert!(checked.is_ok(), "{checked:?}");

    let mut setup = Setup::new(World::new(41, 10));
    setup.key = "sk-wrong".to_owned();
    let opened = subject.open(&setup);
    let Err(error) = opened.provider.check().await else { panic!("a wrong key passed") };
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
    assert!(error.remedy().is_some(), "{error}");

    let opened = subject.open(&setup);
    let (calls, errors) = collect(opened.provider.calls(CallFilter::new())).await;
    assert!(calls.is_empty());
    assert!(
        matches!(errors.as_slice(), [error] if error.kind() == ErrorKind::Unauthenticated),
        "{errors:?}"
    );
    // The first refusal ends a federation, and what it asked the others is called off.
    let requests = opened.requests();
    assert!((1..=opened.simulators.len()).contains(&requests), "a refused key was tried again");
}

/// Where the vendor can, a call fetched by its id is the call that is listed.
pub async fn gives_one_call_by_its_id(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(42, 30)));
    let all = opened.all().await;
    if !opened.provider.info().can_get {
        return;
    }
    let ids = opened.ids();
    for call in all.iter().step_by(7) {
        let got = opened.provider.get(call.id.as_str()).await;
        if ids.iter().filter(|id| **id == call.id.as_str()).count() == 1 {
            assert_eq!(got.as_ref().ok(), Some(call), "{got:?}");
        } else {
            let refused =
                got.as_ref().is_err_and(|error| error.kind() == ErrorKind::InvalidRequest);
            assert!(refused, "one of several calls was chosen: {got:?}");
        }
    }
    for id in ["999999999", "no such call/../x?y#z", "", "..", " "] {
        let Err(error) = opened.provider.get(id).await else { panic!("{id} was found") };
        assert!(
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidRequest),
            "{id}: {error}"
        );
    }
}

/// Neither the key nor a phone number nor a spoken word is in any `Debug` or error.
pub async fn shows_no_secret(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(43, 40)));
    let page = opened.provider.list_page(&CallFilter::new(), PageRequest::first()).await;
    let all = opened.all().await;
    let number = all.iter().find_map(|call| call.customer.as_ref()?.number.clone());
    let filter =
        number.iter().fold(CallFilter::new(), |filter, number| filter.customer(number.clone()));
    let mut shown = vec![
        format!("{:?}", opened.provider),
        format!("{:?}", opened.provider.info()),
        format!("{page:?}"),
        format!("{all:?}"),
        format!("{filter:?}"),
        format!("{:?}", opened.provider.explain(&filter)),
        format!("{:?}", opened.provider.calls(filter.clone())),
    ];
    for fault in
        [FaultKind::Status(500), FaultKind::Html, FaultKind::NoConnection, FaultKind::WrongShape]
    {
        let opened =
            subject.open(&Setup::new(World::new(43, 4)).with_faults(Faults::always(fault)));
        let (_, errors) = collect(opened.provider.calls(filter.clone())).await;
        shown.extend(errors.iter().flat_map(|error| [error.to_string(), format!("{error:?}")]));
    }
    let digits = number.map(|number| number.digits()).filter(|digits| digits.len() >= 7);
    for text in &shown {
        assert!(!text.contains(KEY), "the key is in: {text}");
        if let Some(digits) = &digits {
            assert!(!text.contains(digits.as_str()), "a phone number is in: {text}");
        }
        assert!(!text.contains("how can I help you"), "a transcript is in: {text}");
    }
}
