//! Writes a page about simulated calls: `cargo run -p callmux-page --example look -- look.html`.

use std::sync::Arc;

use callmux::{CallFilter, CallProviderExt as _, Certificate, Federation, OnFailure};
use callmux_core::Call;
use callmux_costs::{Comparer, Dimension, Report, Watch, Zone};
use callmux_page::Page;
use callmux_testkit::World;

mod simulated;

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "look.html".to_owned());
    let calls = arguments.next().map_or(Ok(3000), |calls| calls.parse())?;
    let world = World::new(7, calls).everyday();
    let (calls, certificate) = listed(&world).await?;
    let by = |dimension| {
        let mut report = Report::new([dimension]);
        calls.iter().try_for_each(|call| report.add(call))?;
        Ok::<_, callmux_costs::Error>(report)
    };
    let mut comparer = Comparer::new(Dimension::Vendor);
    let mut watch = Watch::new([Dimension::Vendor], world.until);
    for call in &calls {
        comparer.add(call)?;
        watch.add(call);
    }
    let page = Page {
        title: "Calls in September 2026",
        filter: &["placed from 2026-09-01 through 2026-09-30".to_owned()],
        made_at: world.until,
        zone: &Zone::utc(),
        by_vendor: &by(Dimension::Vendor)?,
        by_day: &by(Dimension::Day)?,
        by_agent: &by(Dimension::Agent)?,
        by_campaign: &by(Dimension::Campaign)?,
        comparisons: &comparer.comparisons()?,
        outliers: &watch.outliers()?,
        conversion: None,
        certificate: &certificate,
    };
    std::fs::write(file, page.html()?)?;
    Ok(())
}

/// All calls of three simulated vendors, and what the listing can prove.
async fn listed(world: &World) -> Result<(Vec<Call>, Certificate), Failure> {
    let federation =
        Arc::new(Federation::new(simulated::vendors(world).await?, OnFailure::Continue)?);
    let mut listing = federation.calls(CallFilter::new());
    let mut calls = Vec::new();
    while let Some(call) = listing.next().await {
        calls.push(call?);
    }
    Ok((calls, listing.certificate().clone()))
}
