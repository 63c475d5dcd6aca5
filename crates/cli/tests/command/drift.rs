//! A vendor whose calls change while they are read.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use callmux_testkit::{Draw, SimulatedRow, Simulator};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::support::{Vendor, world};

/// A call by its vendor and its id.
pub(crate) type Key = (String, String);

/// Waits, without a clock of its own.
pub(crate) fn wait(time: Duration) {
    let (_open, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(time);
}

/// Changes a vendor's rows after each request, until it is dropped: some arrive on top, some go, some change.
pub(crate) struct Drift {
    gone: Arc<Mutex<BTreeSet<Key>>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drift {
    pub(crate) fn of(vendor: &Vendor, seed: u64, deletions: bool) -> Self {
        let (gone, stopping) = (Arc::default(), Arc::default());
        let mut drifting = Drifting {
            name: vendor.name,
            simulator: vendor.simulator.clone(),
            draw: Draw::new(seed),
            may_go: if deletions { vendor.simulator.rows().len() / 4 } else { 0 },
            arrived: 0,
            gone: Arc::clone(&gone),
        };
        let stopped: Arc<AtomicBool> = Arc::clone(&stopping);
        let thread = std::thread::spawn(move || {
            let mut asked = drifting.simulator.requests().len();
            while !stopped.load(Ordering::SeqCst) {
                let now = drifting.simulator.requests().len();
                (asked..now).for_each(|_| drifting.change());
                asked = now;
                wait(Duration::from_micros(200));
            }
        });
        Self { gone, stopping, thread: Some(thread) }
    }

    /// The calls that went.
    pub(crate) fn gone(&self) -> BTreeSet<Key> {
        self.gone.lock().unwrap().clone()
    }
}

impl Drop for Drift {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Drifting {
    name: &'static str,
    simulator: Simulator,
    draw: Draw,
    /// How many more rows may go, so that most of them stay.
    may_go: usize,
    arrived: i64,
    gone: Arc<Mutex<BTreeSet<Key>>>,
}

impl Drifting {
    fn change(&mut self) {
        let simulator = self.simulator.clone();
        simulator.change(|rows| {
            if self.draw.chance(2) {
                self.arrive(rows);
            }
            if self.may_go > 0 && self.draw.chance(2) {
                self.may_go -= 1;
                let row = rows.remove(self.draw.index(rows.len()));
                self.gone.lock().unwrap().insert((self.name.to_owned(), row.id));
            }
            let word = match self.name {
                "vapi" => "in-progress",
                _ => "failed",
            };
            let index = self.draw.index(rows.len());
            if rows[index].value["status"].is_string() {
                rows[index].set("status", json!(word));
            }
        });
    }

    /// A copy of some row under a new id, newer than all others.
    fn arrive(&mut self, rows: &mut Vec<SimulatedRow>) {
        let Some(mut row) = rows.iter().find(|row| row.placed_at.is_some()).cloned() else {
            return;
        };
        self.arrived += 1;
        let at: DateTime<Utc> = world(0).until + TimeDelta::seconds(self.arrived);
        let number = 50_000_000 + self.arrived;
        row.id = match self.name {
            "vapi" => self.draw.uuid(),
            _ => number.to_string(),
        };
        let id = if row.value["id"].is_string() { json!(row.id) } else { json!(number) };
        row.set("id", id);
        let (field, form) = match self.name {
            "vapi" => ("createdAt", "%Y-%m-%dT%H:%M:%S.000Z"),
            "burki" => ("started_at", "%Y-%m-%dT%H:%M:%S"),
            _ => ("created_at", "%Y-%m-%d %H:%M:%S"),
        };
        // Some generations of a server write the zone.
        let zone = if row.value[field].as_str().unwrap().ends_with('Z') && self.name == "burki" {
            "Z"
        } else {
            ""
        };
        row.set(field, json!(format!("{}{zone}", at.format(form))));
        row.placed_at = Some(at);
        rows.push(row);
    }
}
