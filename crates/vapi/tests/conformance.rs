//! Vapi against the conformance suite.

use callmux_testkit::conformance::Http;
use callmux_testkit::{conformance_suite, sims};

conformance_suite!(Http::new(sims::vapi::simulate, |link| link.connect(callmux_vapi::builder(""))));

mod in_parts {
    use super::*;

    conformance_suite!(Http::new(sims::vapi::simulate, |link| {
        link.connect(callmux_vapi::builder("").part_size(1))
    }));
}
