//! Listings of a vendor in this process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use callmux::{Call, CallFilter, CallPage, CallProvider, CallProviderExt as _, PageRequest};
use tokio::runtime::Runtime;

use crate::accounts::account_over;
use crate::in_process::InProcess;
use crate::rows::Vendor;
use crate::server::World;

/// What lists calls, and what it runs on.
pub struct Listing {
    runtime: Runtime,
    provider: Arc<dyn CallProvider>,
}

impl Listing {
    /// Of a provider that needs no network.
    ///
    /// # Panics
    /// Where the system gives no runtime.
    #[must_use]
    pub fn of(provider: Arc<dyn CallProvider>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { runtime: runtime.expect("a runtime"), provider }
    }

    /// Of a vendor with so many calls, each of about so many bytes. It was listed once, so that its pages are written.
    ///
    /// # Panics
    /// Where a listing is not whole.
    #[must_use]
    pub fn of_vendor(vendor: Vendor, bytes: usize, calls: u64) -> (Self, Vec<Bytes>) {
        let world = World { vendor, bytes, calls, delay: Duration::ZERO, gzip: false };
        let transport = Arc::new(InProcess::new(world));
        let listing = Self::of(account_over(vendor, Arc::<InProcess>::clone(&transport)));
        assert_eq!(listing.count(), calls, "all calls are listed");
        (listing, transport.answered())
    }

    /// Lists all, and counts.
    ///
    /// # Panics
    /// Where it is not whole.
    #[must_use]
    pub fn count(&self) -> u64 {
        let mut calls = 0;
        self.each(|_| calls += 1);
        calls
    }

    /// Lists all.
    ///
    /// # Panics
    /// Where it is not whole.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        let mut calls = Vec::new();
        self.each(|call| calls.push(call));
        calls
    }

    /// One page of what it lists.
    ///
    /// # Panics
    /// Where the provider fails.
    #[must_use]
    pub fn page(&self, filter: &CallFilter, page: PageRequest) -> CallPage {
        self.runtime.block_on(self.provider.list_page(filter, page)).expect("a page")
    }

    fn each(&self, mut take: impl FnMut(Call)) {
        self.runtime.block_on(async {
            let mut listing = self.provider.calls(CallFilter::new());
            while let Some(call) = listing.next().await {
                take(call.expect("a call"));
            }
            assert!(listing.certificate().is_complete(), "{}", listing.certificate());
        });
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listing({:?})", self.provider)
    }
}
