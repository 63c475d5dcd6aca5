//! Ten thousand histories: random vendors with random lists that change while they are read, and a judge.
//!
//! A seed decides everything: the vendor ([`Scenario`]: how it pages, what it filters by, how it orders ties, how it lies), its
//! calls, what happens to them between any two requests, and how the listing is asked for. The whole stack runs: provider,
//! retry, paging, scan, certificate. The judge looks only at the vendor's own log of states and at what the listing gave, and
//! knows nothing of pages.
//!
//! No socket is opened and nothing sleeps, so that thousands run in seconds. A seed that fails is run again alone:
//!
//! ```text
//! cargo run -p callmux-tests --bin histories -- --seed 4711
//! ```

mod answer;
mod asked;
mod dialect;
mod draws;
mod events;
mod judge;
mod listing;
mod report;
mod run;
mod scenario;
mod server;
mod table;

pub use judge::{Breach, Violation};
pub use listing::{Resume, Switches};
pub use report::{Figures, Report};
pub use run::{Ending, Outcome, replay, run};
pub use scenario::{Kind, Scenario};

#[cfg(test)]
mod tests;
