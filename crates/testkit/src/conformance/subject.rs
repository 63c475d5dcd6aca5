//! What is under test, and what it is opened with.

use std::sync::Arc;

use callmux_core::{Call, CallFilter, CallProvider, CallProviderExt as _};
use callmux_http::{Clock, Dialect, HttpProviderBuilder, Transport};

use crate::clock::ManualClock;
use crate::faults::{Faults, FaultyTransport};
use crate::sims::Simulated;
use crate::simulator::Simulator;
use crate::transport::RouterTransport;
use crate::world::World;

/// The key that the simulated vendors take. Checks look for it where it must not be.
pub(super) const KEY: &str = "sk-conformance-0123456789abcdef";

/// A provider under test.
pub trait Subject {
    /// Opens the provider over freshly simulated vendors.
    fn open(&self, setup: &Setup) -> Opened;
}

/// What a provider is opened with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The calls that each simulated vendor holds.
    pub world: World,
    /// What goes wrong on the way.
    pub faults: Faults,
    /// The key that is given; the vendors take only the right one.
    pub key: String,
    /// The label of the account.
    pub account: String,
}

impl Setup {
    /// Nothing wrong, over this world.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self {
            world,
            faults: Faults::none(),
            key: KEY.to_owned(),
            account: "conformance".to_owned(),
        }
    }

    /// The same with faults.
    #[must_use]
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }
}

/// A provider under test, and the vendors behind it.
#[derive(Debug)]
pub struct Opened {
    /// The provider.
    pub provider: Arc<dyn CallProvider>,
    /// The vendors, in the order of the provider's plans.
    pub simulators: Vec<Simulator>,
}

impl Opened {
    /// The ids of all calls that the vendors hold.
    pub(super) fn ids(&self) -> Vec<String> {
        let rows = self.simulators.iter().flat_map(Simulator::rows);
        let mut ids: Vec<String> = rows.map(|row| row.id).collect();
        ids.sort();
        ids
    }

    /// The vendor that holds a call. Its id alone does not tell: another account may have the same one.
    pub(super) fn holder_of(&self, call: &Call) -> &Simulator {
        let explained = self.provider.explain(&CallFilter::new());
        let plans = explained.unwrap_or_else(|error| panic!("{error}")).plans;
        let place = plans
            .iter()
            .position(|plan| plan.vendor == call.vendor && plan.account == call.account);
        let simulator = place.and_then(|place| self.simulators.get(place));
        simulator.unwrap_or_else(|| panic!("no vendor holds {}:{}", call.vendor, call.account))
    }

    /// How many requests the vendors got.
    pub(super) fn requests(&self) -> usize {
        self.simulators.iter().map(|simulator| simulator.requests().len()).sum()
    }

    /// Every call, by an unfiltered listing, whose completeness other checks prove.
    pub(super) async fn all(&self) -> Vec<Call> {
        let (calls, errors) = collect(self.provider.calls(CallFilter::new())).await;
        assert!(errors.is_empty(), "{errors:?}");
        calls
    }
}

/// All that a listing gives: calls, and errors in their order.
pub(super) async fn collect(
    mut listing: callmux_core::Calls,
) -> (Vec<Call>, Vec<callmux_core::Error>) {
    let (mut calls, mut errors) = (Vec::new(), Vec::new());
    while let Some(item) = listing.next().await {
        match item {
            Ok(call) => calls.push(call),
            Err(error) => errors.push(error),
        }
    }
    (calls, errors)
}

/// A vendor's provider over its simulator.
pub struct Http<C> {
    simulate: fn(&str, &World) -> Simulated,
    connect: C,
}

impl<C: Fn(Link) -> Arc<dyn CallProvider>> Http<C> {
    /// A vendor, by what simulates it and what connects to it.
    pub fn new(simulate: fn(&str, &World) -> Simulated, connect: C) -> Self {
        Self { simulate, connect }
    }
}

/// The way to a simulated vendor.
#[derive(Clone, Debug)]
pub struct Link {
    /// In process, with the setup's faults.
    pub transport: Arc<dyn Transport>,
    /// A clock on which waiting takes no time.
    pub clock: Arc<dyn Clock>,
    /// The vendor's address.
    pub base_url: String,
    /// The key to give.
    pub key: String,
    /// The label of the account.
    pub account: String,
}

impl Link {
    /// The provider that a builder makes over this link.
    ///
    /// # Panics
    /// The builder refuses it.
    #[expect(clippy::expect_used, reason = "a subject that cannot be built has failed")]
    #[must_use]
    pub fn connect<D: Dialect>(self, builder: HttpProviderBuilder<D>) -> Arc<dyn CallProvider> {
        let builder = builder
            .key(self.key)
            .account(self.account.as_str())
            .base_url(self.base_url)
            .transport(self.transport)
            .clock(self.clock)
            .seed(7);
        Arc::new(builder.build().expect("a provider over the link"))
    }
}

impl<C: Fn(Link) -> Arc<dyn CallProvider>> Subject for Http<C> {
    fn open(&self, setup: &Setup) -> Opened {
        let Simulated { simulator, router, base_path } = (self.simulate)(KEY, &setup.world);
        let transport = Arc::new(RouterTransport::new(router));
        let provider = (self.connect)(Link {
            transport: Arc::new(FaultyTransport::new(transport, setup.faults.clone())),
            clock: Arc::new(ManualClock::at(setup.world.until)),
            base_url: format!("http://vendor.example{base_path}"),
            key: setup.key.clone(),
            account: setup.account.clone(),
        });
        Opened { provider, simulators: vec![simulator] }
    }
}
