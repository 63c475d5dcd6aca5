//! What tests of callmux stand on.
//!
//! * [`sims`]: each vendor simulated as an axum router with the vendor's own semantics and refusals, over seeded [`World`]s.
//!   They run in process ([`RouterTransport`]) and over loopback ([`serve`]).
//! * [`Faults`]: what a network and a vendor do wrong, scripted.
//! * [`ManualClock`]: time that passes only by being waited for.
//! * [`histories`]: random vendors with lists that change while they are read, and a judge.
//! * [`conformance`]: the suite that every provider and every wrapper passes; one line turns it on ([`conformance_suite!`]).

mod clock;
pub mod conformance;
mod faults;
pub mod histories;
mod server;
pub mod sims;
mod simulator;
mod transport;
mod world;

/// The router type of every simulated vendor.
pub use axum::Router;
pub use clock::ManualClock;
pub use faults::{FaultKind, Faults, FaultyTransport};
pub use server::serve;
pub use simulator::{Query, Reply, SimulatedRow, Simulator};
pub use transport::RouterTransport;
pub use world::{Draw, Temper, World};
