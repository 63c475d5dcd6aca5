//! An account at a vendor that is measured.

use std::sync::Arc;

use callmux::http::{Dialect, HttpProviderBuilder};
use callmux::{CallProvider, Transport, autocalls, burki, vapi};

use crate::rows::Vendor;

/// An account at this origin, at any pace.
#[must_use]
pub fn account(vendor: Vendor, origin: &str) -> Arc<dyn CallProvider> {
    opened(vendor, origin, None)
}

/// An account at a vendor that is reached otherwise.
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
        builder = builder.transport(transport);
    }
    Arc::new(builder.build().expect("an account"))
}
