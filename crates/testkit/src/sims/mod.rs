//! The vendors, simulated from what is known of their APIs, traps included.

use axum::Router;

use crate::simulator::Simulator;

pub mod autocalls;
pub mod burki;
pub mod vapi;

/// A simulated vendor: its state, and the router that plays it.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The state.
    pub simulator: Simulator,
    /// The routes, from the root of the origin.
    pub router: Router,
    /// The base path of the API below the origin, without a trailing slash: `""` or `/api`.
    pub base_path: &'static str,
}
