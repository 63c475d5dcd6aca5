//! `callmux simulate`: the simulated vendors, served for tests.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use callmux_testkit::sims::{Simulated, autocalls, burki, vapi};
use callmux_testkit::{World, serve};

use crate::args::{Cli, SimulateArgs};
use crate::exit::{Failure, Outcome, note};

/// The key that simulated vendors take.
pub(crate) const KEY: &str = "simulated-key";

type Simulate = fn(&str, &World) -> Simulated;

/// The vendors that can be simulated.
const SIMULATORS: [(&str, Simulate); 3] =
    [("autocalls", autocalls::simulate), ("vapi", vapi::simulate), ("burki", burki::simulate)];

/// A simulated vendor that listens.
pub(crate) struct Served {
    pub(crate) vendor: &'static str,
    pub(crate) base_url: String,
}

/// Serves these vendors, or all of them, each with a world of its own.
pub(crate) async fn serve_all(
    wanted: &[String],
    world: World,
    port: Option<u16>,
) -> Result<Vec<Served>, Failure> {
    let names = SIMULATORS.map(|(name, _)| name);
    if let Some(unknown) = wanted.iter().find(|wanted| !names.contains(&wanted.as_str())) {
        return Err(Failure::usage(format!(
            "{unknown:?} cannot be simulated; there are: {}",
            names.join(", ")
        )));
    }
    let mut served = Vec::new();
    let mut next_port = port;
    let chosen = SIMULATORS
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name));
    for (index, (vendor, simulate)) in chosen.enumerate() {
        let seed = world.seed.wrapping_add(index as u64);
        let Simulated { router, base_path, .. } = simulate(KEY, &World { seed, ..world });
        let address = listen(router, next_port).await?;
        next_port = next_port.and_then(|port| port.checked_add(1));
        served.push(Served { vendor, base_url: format!("http://{address}{base_path}") });
    }
    Ok(served)
}

async fn listen(router: callmux_testkit::Router, port: Option<u16>) -> Result<SocketAddr, Failure> {
    let (address, _) = serve(router, port.unwrap_or(0)).await.map_err(|error| {
        Failure::failed(format!("cannot listen on loopback port {}: {error}", port.unwrap_or(0)))
    })?;
    Ok(address)
}

pub(crate) async fn run(args: &SimulateArgs, cli: &Cli) -> Result<Outcome, Failure> {
    let world = World::new(args.seed, args.calls).with_ties(args.ties);
    let served = serve_all(&args.vendors, world, args.port).await?;
    let mut out = io::stdout().lock();
    for Served { vendor, base_url } in &served {
        writeln!(
            out,
            "{}_API_KEY={KEY} callmux calls --source {vendor}@{base_url}",
            vendor.to_uppercase()
        )?;
    }
    out.flush()?;
    drop(out);
    note(cli, "serving until interrupted (Ctrl-C)");
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| Failure::failed(format!("cannot wait for an interrupt: {error}")))?;
    Ok(Outcome::Complete)
}
