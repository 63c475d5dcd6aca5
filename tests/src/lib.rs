//! What the tests across vendors share: the vendors, each with what simulates it and what connects to it.

use std::sync::Arc;

use callmux::CallProvider;
use callmux::http::Dialect;
use callmux_testkit::World;
use callmux_testkit::conformance::{Http, Link, Opened, Setup, Subject};
use callmux_testkit::sims::{self, Simulated};

/// A vendor, simulated.
#[derive(Clone, Copy, Debug)]
pub struct VendorUnderTest {
    /// Its name in the registry.
    pub name: &'static str,
    /// The variable of its key.
    pub key_variable: &'static str,
    /// Plays it.
    pub simulate: fn(&str, &World) -> Simulated,
    /// Connects to it.
    pub connect: fn(Link) -> Arc<dyn CallProvider>,
}

/// Every vendor.
pub const VENDORS: [VendorUnderTest; 3] = [AUTOCALLS, BURKI, VAPI];

/// Autocalls: page numbers, days, a trusted agent.
pub const AUTOCALLS: VendorUnderTest = VendorUnderTest {
    name: "autocalls",
    key_variable: callmux::autocalls::Autocalls::VENDOR.key_variable,
    simulate: sims::autocalls::simulate,
    connect: |link| link.connect(callmux::autocalls::builder("")),
};

/// Burki: a keyset of microseconds with an inclusive bound, calls without a time.
pub const BURKI: VendorUnderTest = VendorUnderTest {
    name: "burki",
    key_variable: callmux::burki::Burki::VENDOR.key_variable,
    simulate: sims::burki::simulate,
    connect: |link| link.connect(callmux::burki::builder("")),
};

/// Vapi: a keyset of milliseconds with an exclusive bound.
pub const VAPI: VendorUnderTest = VendorUnderTest {
    name: "vapi",
    key_variable: callmux::vapi::Vapi::VENDOR.key_variable,
    simulate: sims::vapi::simulate,
    connect: |link| link.connect(callmux::vapi::builder("")),
};

impl Subject for VendorUnderTest {
    fn open(&self, setup: &Setup) -> Opened {
        Http::new(self.simulate, self.connect).open(setup)
    }
}

/// Each Rust block of these pages is compiled, and run unless it says otherwise (`cargo test --doc`). A page that is missing here
/// fails `tests/docs.rs`.
#[cfg(doctest)]
mod pages {
    macro_rules! pages {
        ($($name:ident $page:literal)+) => {
            $(
                #[doc = include_str!(concat!("../../", $page))]
                pub struct $name;
            )+
        };
    }

    pages! {
        Readme "README.md"
        Contributing "CONTRIBUTING.md"
        AddingAVendor "docs/adding-a-vendor.md"
        Changelog "docs/CHANGELOG.md"
        Costs "docs/costs.md"
        Guide "docs/guide.md"
        Performance "docs/performance.md"
        Semantics "docs/semantics.md"
        Autocalls "docs/vendors/autocalls.md"
        Burki "docs/vendors/burki.md"
        Vapi "docs/vendors/vapi.md"
    }
}
