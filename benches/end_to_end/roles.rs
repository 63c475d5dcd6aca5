//! What this program does in a process of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use callmux::{CallFilter, CallProvider, CallProviderExt as _, Federation, OnFailure, vapi};
use callmux_benches::server::{World, router_over};
use callmux_benches::{Spread, Vendor, account, floor};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::measure::{Started, Taken};

/// The argument before a role.
pub(crate) const ARGUMENT: &str = "role";

/// A part to play. All but the vendor print what they took.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Role {
    /// A vendor, which prints its origin.
    Serve { world: World, spread: Spread },
    /// The floor.
    Floor { vendor: Vendor, origin: String, page: u32 },
    /// One account through callmux.
    Callmux { vendor: Vendor, origin: String, listing: Listing },
    /// Accounts at Vapi as one.
    Federation { origins: Vec<String>, listing: Listing },
    /// A program, measured from outside by a process that is small itself.
    Command { program: PathBuf, arguments: Vec<String>, environment: Vec<(String, String)> },
}

/// How calls are listed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Listing {
    pub(crate) page: u32,
    /// Requests at once.
    pub(crate) concurrency: u32,
    /// The whole, or a range that can be cut into windows.
    pub(crate) range: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Role {
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).expect("a role")
    }

    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).expect("a role")
    }

    pub(crate) fn play(self) {
        let taken = match self {
            Self::Serve { world, spread } => return serve(world, spread),
            Self::Floor { vendor, origin, page } => read(vendor, &origin, page),
            Self::Callmux { vendor, origin, listing } => list(|| account(vendor, &origin), listing),
            Self::Federation { origins, listing } => list(|| federation(&origins), listing),
            Self::Command { program, arguments, environment } => {
                run(Command::new(program).args(arguments).envs(environment))
            }
        };
        println!("{}", serde_json::to_string(&taken).expect("numbers"));
    }
}

fn serve(world: World, spread: Spread) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let router = router_over(world, spread);
        let (address, serving) = callmux_testkit::serve(router, 0).await.expect("a port");
        println!("http://{address}");
        serving.await.expect("it serves").expect("it serves");
    });
}

/// One thread, as the floor and callmux both have it.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn read(vendor: Vendor, origin: &str, page: u32) -> Taken {
    runtime().block_on(async {
        let started = Started::now();
        let fetched = floor::fetch(vendor, origin, page.into()).await.expect("calls");
        started.taken(fetched.calls, fetched.requests, 0.0)
    })
}

fn list(open: impl FnOnce() -> Arc<dyn CallProvider>, listing: Listing) -> Taken {
    let mut filter = CallFilter::new();
    if let Some((since, until)) = listing.range {
        filter = filter.since(since).until(until);
    }
    runtime().block_on(async {
        let started = Started::now();
        let calls = open().calls(filter).page_size(listing.page);
        let mut listing = calls.concurrency(listing.concurrency);
        let (mut calls, mut first) = (0, 0.0);
        while let Some(call) = listing.next().await {
            drop(call.expect("a call"));
            if calls == 0 {
                first = started.wall();
            }
            calls += 1;
        }
        let certificate = listing.certificate();
        assert!(certificate.is_complete(), "{certificate:?}");
        started.taken(calls, certificate.requests(), first)
    })
}

fn federation(origins: &[String]) -> Arc<dyn CallProvider> {
    let members = origins.iter().enumerate().map(|(index, origin)| {
        let label = format!("account-{index}");
        let account = vapi::builder("key").account(label).base_url(origin).build();
        Arc::new(account.expect("an account")) as Arc<dyn CallProvider>
    });
    Arc::new(Federation::new(members, OnFailure::Stop).expect("members"))
}

fn run(command: &mut Command) -> Taken {
    let started = Started::now();
    let status = command.stdout(Stdio::null()).status().expect("a program");
    assert!(status.success(), "{command:?}: {status}");
    started.taken_by_child()
}
