//! What a process took.

use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// What a listing took, and what it brought.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) calls: u64,
    pub(crate) requests: u64,
    /// Seconds by the clock on the wall.
    pub(crate) wall: f64,
    /// Seconds of all threads, in the kernel too.
    pub(crate) cpu: f64,
    /// Seconds until the first call.
    pub(crate) first: f64,
    /// The most memory that was resident, in bytes, from the start of the process.
    pub(crate) peak: u64,
}

/// A measurement under way.
pub(crate) struct Started {
    wall: Instant,
    cpu: Duration,
}

impl Started {
    pub(crate) fn now() -> Self {
        Self { wall: Instant::now(), cpu: cpu() }
    }

    pub(crate) fn wall(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }

    /// What this process took.
    pub(crate) fn taken(&self, calls: u64, requests: u64, first: f64) -> Taken {
        let cpu = (cpu() - self.cpu).as_secs_f64();
        Taken { calls, requests, wall: self.wall(), cpu, first, peak: peak() }
    }

    /// What the only process took that this one has waited for. Its peak is at least what this one held when it started it.
    pub(crate) fn taken_by_child(&self) -> Taken {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage of children");
        let seconds = |time: nix::sys::time::TimeVal| {
            time.tv_sec() as f64 + time.tv_usec() as f64 / 1_000_000.0
        };
        Taken {
            wall: self.wall(),
            cpu: seconds(usage.user_time()) + seconds(usage.system_time()),
            peak: usage.max_rss() as u64 * 1024,
            ..Taken::default()
        }
    }
}

fn cpu() -> Duration {
    let spec = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("a clock");
    Duration::from(spec)
}

/// The high water mark of resident memory.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or(0);
    kib * 1024
}
