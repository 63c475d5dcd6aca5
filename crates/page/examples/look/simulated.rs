//! Three simulated vendors on loopback, as `callmux demo` has them.

use std::sync::Arc;

use callmux::{CallProvider, Environment, Registry, Source};
use callmux_testkit::sims::{Simulated, autocalls, burki, vapi};
use callmux_testkit::{World, serve};

const KEY: &str = "simulated-key";

type Simulate = fn(&str, &World) -> Simulated;

const SIMULATORS: [(&str, Simulate); 3] =
    [("autocalls", autocalls::simulate), ("vapi", vapi::simulate), ("burki", burki::simulate)];

pub(crate) async fn vendors(
    world: &World,
) -> Result<Vec<Arc<dyn CallProvider>>, Box<dyn std::error::Error>> {
    let registry = Registry::standard();
    let mut vendors = Vec::new();
    for (index, (vendor, simulate)) in SIMULATORS.into_iter().enumerate() {
        let world = World { seed: world.seed.wrapping_add(index as u64), ..*world };
        let Simulated { router, base_path, .. } = simulate(KEY, &world);
        let (address, _) = serve(router, 0).await?;
        let key = format!("{}_API_KEY", vendor.to_uppercase());
        let environment: Environment = [(key, KEY.to_owned())].into_iter().collect();
        let mut source = Source::new(vendor);
        source.base_url = Some(format!("http://{address}{base_path}"));
        source.options.insert("requests_per_minute".to_owned(), "0".to_owned());
        vendors.push(registry.connect_source(&source, &environment)?);
    }
    Ok(vendors)
}
