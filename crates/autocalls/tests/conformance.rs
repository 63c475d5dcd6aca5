//! Autocalls against the conformance suite.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use callmux_testkit::conformance::Http;
use callmux_testkit::{conformance_suite, sims};

conformance_suite!(Http::new(sims::autocalls::simulate, |link| {
    link.connect(callmux_autocalls::builder(""))
}));

/// Where the vendor is otherwise than most of the evidence says.
mod otherwise {
    use super::*;
    use callmux_autocalls::{Autocalls, builder_with};
    use callmux_http::Zone;
    use callmux_testkit::World;
    use callmux_testkit::sims::Simulated;
    use callmux_testkit::sims::autocalls::{Habits, Metadata, simulate_with};
    use chrono::FixedOffset;

    fn hours(hours: i32) -> FixedOffset {
        FixedOffset::east_opt(hours * 3600).unwrap()
    }

    /// An early day that the last day is missing from, times of a zone, part numbers, and Laravel 8's pages.
    fn east(key: &str, world: &World) -> Simulated {
        let habits = Habits {
            filter_zone: hours(14),
            shown_zone: hours(-5),
            date_to_is_midnight: true,
            phone_in_part: true,
            metadata: Metadata::Laravel8,
            ..Habits::default()
        };
        simulate_with(key, world, habits)
    }

    mod east {
        use super::*;
        conformance_suite!(Http::new(super::east, |link| {
            let zone = Zone::of("UTC-5", hours(-5));
            link.connect(builder_with(Autocalls::default().with_zone(zone), ""))
        }));
    }

    /// A late day, requests that are put right in place of being refused, and a resource collection's pages.
    fn west(key: &str, world: &World) -> Simulated {
        let habits = Habits {
            filter_zone: hours(-12),
            lenient: true,
            metadata: Metadata::Resource,
            ..Habits::default()
        };
        simulate_with(key, world, habits)
    }

    mod west {
        use super::*;
        conformance_suite!(
            Http::new(super::west, |link| link.connect(callmux_autocalls::builder("")))
        );
    }

    fn trimmed(key: &str, world: &World) -> Simulated {
        simulate_with(key, world, Habits { metadata: Metadata::Trimmed, ..Habits::default() })
    }

    mod trimmed {
        use super::*;
        conformance_suite!(
            Http::new(super::trimmed, |link| link.connect(callmux_autocalls::builder("")))
        );
    }
}
