//! What several requests at once make of a vendor that takes its time.

use std::time::Duration;

use callmux_benches::server::World;
use callmux_benches::{Spread, Vendor};

use super::columns::Columns;
use super::median;
use super::verdicts::Verdicts;
use crate::measure::Taken;
use crate::processes::{Serving, taken};
use crate::roles::{Listing, Role};
use crate::wanted::Wanted;

/// How long a vendor takes for an answer.
pub(super) const ANSWER: Duration = Duration::from_millis(50);
/// How much faster eight requests at once are than one after the other.
const SPEED_UP: f64 = 6.0;
/// Their requests over those of one after the other.
const REQUESTS: f64 = 1.10;
/// Answers until the first call.
const FIRST: f64 = 2.0;

const CALLS: u64 = 12_000;
const DAYS: i64 = 30;
const PAGE: u32 = 100;

/// Calls of so many bytes.
struct Scene {
    vendor: Vendor,
    bytes: usize,
}

const SCENES: [Scene; 5] = [
    Scene { vendor: Vendor::Autocalls, bytes: 3_000 },
    Scene { vendor: Vendor::Autocalls, bytes: 27_000 },
    Scene { vendor: Vendor::Vapi, bytes: 3_000 },
    Scene { vendor: Vendor::Vapi, bytes: 27_000 },
    Scene { vendor: Vendor::Burki, bytes: 3_000 },
];

/// The worst of what is judged.
struct Worst {
    speed_up: f64,
    requests: f64,
    first: f64,
}

pub(super) fn print(wanted: &Wanted, verdicts: &mut Verdicts) {
    let heads = [
        "vendor   ",
        "bytes",
        "at once",
        "wall s",
        "speed-up",
        "CPU s",
        "requests",
        "over 1's",
        "first call s",
        "answers",
    ];
    let heading = format!(
        "latency: {} ms an answer, {CALLS} calls of {DAYS} days, pages of {PAGE}, median of {}; \
         targets: eight at once {SPEED_UP} times as fast as one, {REQUESTS} times the requests, \
         first call within {FIRST} answers",
        ANSWER.as_millis(),
        wanted.runs
    );
    let columns = Columns::begin(&heading, heads);
    let mut worst = Worst { speed_up: f64::INFINITY, requests: 0.0, first: 0.0 };
    for scene in SCENES.iter().filter(|scene| wanted.vendors.contains(&scene.vendor)) {
        scene.print(wanted.runs, &columns, &mut worst);
    }
    verdicts.at_least("latency: speed-up of eight at once, worst case", worst.speed_up, SPEED_UP);
    verdicts.at_most("latency: requests over those of one at a time", worst.requests, REQUESTS);
    verdicts.at_most("latency: answers until the first call", worst.first, FIRST);
}

impl Scene {
    fn print(&self, runs: usize, columns: &Columns<10>, worst: &mut Worst) {
        let Self { vendor, bytes } = *self;
        let spread = Spread::over(CALLS, DAYS);
        let world = World { vendor, bytes, calls: CALLS, delay: ANSWER, gzip: false };
        let serving = Serving::start(world, spread);
        let mut one: Option<[f64; 3]> = None;
        for concurrency in [1, 2, 4, 8] {
            let range = Some(spread.range(CALLS));
            let listing = Listing { page: PAGE, concurrency, range };
            let origin = serving.origin.clone();
            let role = Role::Callmux { vendor, origin, listing };
            let taken: Vec<Taken> = (0..runs).map(|_| taken(&role)).collect();
            assert!(taken.iter().all(|run| run.calls == CALLS), "calls were lost");
            let middle = |figure: fn(&Taken) -> f64| median(taken.iter().map(figure));
            let wall = middle(|run| run.wall);
            let requests = middle(|run| run.requests as f64);
            let first = middle(|run| run.first);
            // An answer takes as long as it does where they come one after the other.
            let [wall_of_one, requests_of_one, answer] =
                *one.get_or_insert([wall, requests, wall / requests]);
            let (speed_up, more) = (wall_of_one / wall, requests / requests_of_one);
            let answers = first / answer;
            worst.requests = worst.requests.max(more);
            worst.first = worst.first.max(answers);
            if concurrency == 8 {
                worst.speed_up = worst.speed_up.min(speed_up);
            }
            columns.row(&[
                vendor.id().to_owned(),
                bytes.to_string(),
                concurrency.to_string(),
                format!("{wall:.2}"),
                format!("{speed_up:.2}"),
                format!("{:.2}", middle(|run| run.cpu)),
                format!("{requests:.0}"),
                format!("{more:.2}"),
                format!("{first:.3}"),
                format!("{answers:.2}"),
            ]);
        }
    }
}
