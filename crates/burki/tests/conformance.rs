//! Burki against the conformance suite, in each generation that answers somewhere.

use callmux_testkit::conformance::Http;
use callmux_testkit::{conformance_suite, sims};

conformance_suite!(
    Http::new(sims::burki::simulate, |link| link.connect(callmux_burki::builder("")))
);

mod the_public_server {
    use super::*;
    use sims::burki::{Generation, simulate_as};

    conformance_suite!(Http::new(
        |key, world| simulate_as(Generation::Public, key, world),
        |link| link.connect(callmux_burki::builder("")),
    ));
}

mod the_hosted_server_of_january {
    use super::*;
    use sims::burki::{Generation, simulate_as};

    conformance_suite!(Http::new(
        |key, world| simulate_as(Generation::January2026, key, world),
        |link| link.connect(callmux_burki::builder("")),
    ));
}

mod a_public_server_in_new_york {
    use super::*;
    use callmux_burki::{Burki, TimeFormat};
    use chrono::TimeDelta;
    use sims::burki::{Generation, Options, simulate_with};

    conformance_suite!(Http::new(
        |key, world| {
            let session_zone = TimeDelta::hours(-4);
            simulate_with(Options { generation: Generation::Public, session_zone }, key, world)
        },
        |link| {
            let dialect = Burki::with_time_format(TimeFormat::Naive);
            link.connect(callmux_burki::builder_with(dialect, ""))
        },
    ));
}

mod in_parts {
    use super::*;

    conformance_suite!(Http::new(sims::burki::simulate, |link| {
        link.connect(callmux_burki::builder("").part_size(1))
    }));
}
