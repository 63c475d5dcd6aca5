//! `callmux demo`: the whole path over simulated vendors, without a key.

use std::io::{self, Write as _};
use std::sync::Arc;

use callmux::{
    CallFilter, CallProvider, CallProviderExt as _, Environment, Federation, OnFailure, Registry,
    Source,
};
use callmux_costs::Zone;
use callmux_testkit::World;

use super::costs::{AboutPage, Groups, PageFile, PageReports, sentences};
use super::simulate::{KEY, Served, serve_all};
use crate::args::DemoArgs;
use crate::exit::{Failure, Outcome};
use crate::output::{table_row, write_table};

/// How many of the newest calls are shown.
const NEWEST: usize = 20;

pub(crate) async fn run(args: &DemoArgs) -> Result<Outcome, Failure> {
    let page = PageFile::open(&args.html)?;
    let world = World::new(args.seed, args.calls).everyday();
    let served = serve_all(&[], world, None).await?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "Three simulated vendors with {} calls each, on loopback, listed through HTTP as one:\n",
        args.calls
    )?;
    out.flush()?;

    let federation = Arc::new(Federation::new(connect(&served)?, OnFailure::Continue)?);
    // The clock of the simulated vendors: their newest calls are minutes old.
    let mut reports = PageReports::new(Zone::utc(), world.until);
    let mut newest = Vec::with_capacity(NEWEST);
    let mut listing = federation.calls(CallFilter::new());
    while let Some(call) = listing.next().await {
        let call = call?;
        reports.add(&call)?;
        if newest.len() < NEWEST {
            newest.push(table_row(&call));
        }
    }
    write_table(&mut out, &mut newest)?;

    writeln!(
        out,
        "\nWhat they cost (a cost that is not known yet is counted as unknown, not as zero):\n"
    )?;
    writeln!(out, "{}", Groups::of(reports.by_vendor())?.table())?;
    writeln!(out, "\nWhich is cheaper, for calls of like length:\n")?;
    for comparison in reports.vendors().comparisons()? {
        sentences(&comparison).try_for_each(|sentence| writeln!(out, "{sentence}"))?;
    }

    let certificate = listing.certificate();
    writeln!(out, "\nCertificate: {certificate}")?;
    for source in &certificate.sources {
        let total = source
            .total
            .map_or_else(|| "no total".to_owned(), |total| format!("{total} by its own count"));
        writeln!(
            out,
            "  {}: {} requests, {} rows, {} repeats dropped, {} different calls, {total}",
            source.vendor, source.requests, source.rows, source.repeats, source.met
        )?;
    }
    let filter = [format!("Three simulated vendors with {} calls each", args.calls)];
    let about = AboutPage { filter: &filter, made_at: world.until, conversion: None, certificate };
    page.write(&reports.html(&about)?)?;
    writeln!(out, "\nThe report as a page to look at: {}", args.html.display())?;

    writeln!(
        out,
        "\nWith a key of your own:\n\n  export VAPI_API_KEY=…      # or AUTOCALLS_API_KEY, BURKI_API_KEY\n  \
         callmux check\n  callmux calls --from 7d --status completed\n  callmux costs --from 30d --by vendor,agent"
    )?;
    out.flush()?;
    Ok(Outcome::of(certificate))
}

fn connect(served: &[Served]) -> Result<Vec<Arc<dyn CallProvider>>, Failure> {
    let registry = Registry::standard();
    let key = |vendor: &str| format!("{}_API_KEY", vendor.to_uppercase());
    let environment: Environment =
        served.iter().map(|served| (key(served.vendor), KEY.to_owned())).collect();
    let connect = |served: &Served| {
        let mut source = Source::new(served.vendor);
        source.base_url = Some(served.base_url.clone());
        // Nobody throttles here, so nothing is to be waited for.
        source.options.insert("requests_per_minute".to_owned(), "0".to_owned());
        Ok(registry.connect_source(&source, &environment)?)
    };
    served.iter().map(connect).collect()
}
