//! An account at a vendor that is measured.

use std::sync::Arc;

use callmux::http::{Dialect, HttpProviderBuilder};
use callmux::{CallProvider, Transport, autocalls, burki, vapi};
use callmux_testkit::ManualClock;

use crate::rows::{Vendor, instant};

/// An account at this origin, at any pace.
#[cfg(feature = "network")]
#[must_use]
pub fn account(vendor: Vendor, origin: &str) -> Arc<dyn CallProvider> {
    opened(vendor, origin, None)
}

/// An account at a vendor that is reached otherwise. Its time stands still, so that each listing is as the one before.
#[must_use]
pub fn account_over(vendor: Vendor, transport: Arc<dyn Transport>) -> Arc<dyn CallProvider> {
    opened(vendor, "http://localhost", Some(transport))
}

fn opened(
    vendor: Vendor,
    origin: &str,
    transport: Option<Arc<dyn Transport>>,
) -> Arc<dyn CallProvider> {
    match vendor {
        Vendor::Autocalls => build(autocalls::builder("key"), &format!("{origin}/api"), transport),
        Vendor::Vapi => build(vapi::builder("key"), origin, transport),
        Vendor::Burki => build(burki::builder("key"), origin, transport),
    }
}

fn build<D: Dialect>(
    builder: HttpProviderBuilder<D>,
    base_url: &str,
    transport: Option<Arc<dyn Transport>>,
) -> Arc<dyn CallProvider> {
    let mut builder = builder.base_url(base_url).requests_per_minute(None);
    if let Some(transport) = transport {
        let clock = Arc::new(ManualClock::at(instant(0)));
        builder = builder.transport(transport).clock(clock);
    }
    Arc::new(builder.build().expect("an account"))
}
