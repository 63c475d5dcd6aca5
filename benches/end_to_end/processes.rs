//! What runs in processes of their own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use callmux::{CallFilter, CallProviderExt as _};
use callmux_benches::server::{World, router};
use callmux_benches::{Vendor, account, floor as the_floor};

use crate::measure::{Started, Taken};

/// A vendor that listens until this is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) origin: String,
}

impl Serving {
    pub(crate) fn start(world: World) -> Self {
        let World { vendor, bytes, calls, delay, gzip } = world;
        let mut child = itself()
            .args(["serve", vendor.id(), &bytes.to_string(), &calls.to_string()])
            .args([delay.as_millis().to_string(), gzip.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process for the vendor");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let origin = lines.next().expect("its address").expect("text");
        Self { child, origin }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This program, once more.
pub(crate) fn itself() -> Command {
    Command::new(std::env::current_exe().expect("this program"))
}

/// Runs a program that prints what it took.
pub(crate) fn taken(command: &mut Command) -> Taken {
    let output = command.stderr(Stdio::inherit()).output().expect("a process");
    assert!(output.status.success(), "{command:?} failed");
    serde_json::from_slice(&output.stdout).expect("what it took")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn print(taken: &Taken) {
    println!("{}", serde_json::to_string(taken).expect("numbers"));
}

pub(crate) fn serve(arguments: impl Iterator<Item = String>) {
    let arguments: Vec<String> = arguments.collect();
    let number = |index: usize| arguments[index].parse::<u64>().expect("a number");
    let world = World {
        vendor: Vendor::of(&arguments[0]),
        bytes: number(1) as usize,
        calls: number(2),
        delay: Duration::from_millis(number(3)),
        gzip: arguments[4] == "true",
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (address, serving) = callmux_testkit::serve(router(world), 0).await.expect("a port");
        println!("http://{address}");
        serving.await.expect("it serves").expect("it serves");
    });
}

pub(crate) fn floor(arguments: impl Iterator<Item = String>) {
    let arguments: Vec<String> = arguments.collect();
    let (vendor, origin) = (Vendor::of(&arguments[0]), &arguments[1]);
    let size = arguments[2].parse().expect("a size");
    runtime().block_on(async {
        let started = Started::now();
        let fetched = the_floor::fetch(vendor, origin, size).await.expect("calls");
        print(&started.taken(fetched.calls, fetched.requests, 0.0));
    });
}

pub(crate) fn callmux(arguments: impl Iterator<Item = String>) {
    let arguments: Vec<String> = arguments.collect();
    let (vendor, origin) = (Vendor::of(&arguments[0]), &arguments[1]);
    let number = |index: usize| arguments[index].parse::<u32>().expect("a number");
    let (size, windows) = (number(2), number(3));
    // The whole, or a range that can be cut into windows.
    let filter = match arguments.get(4) {
        None => CallFilter::new(),
        Some(since) => CallFilter::new().since(since.parse().expect("an instant")),
    };
    runtime().block_on(async {
        let started = Started::now();
        let mut listing =
            account(vendor, origin).calls(filter).page_size(size).concurrency(windows);
        let (mut calls, mut first) = (0, 0.0);
        while let Some(call) = listing.next().await {
            drop(call.expect("a call"));
            if calls == 0 {
                first = started.wall();
            }
            calls += 1;
        }
        let certificate = listing.certificate();
        assert!(certificate.is_complete(), "{certificate:?}");
        print(&started.taken(calls, certificate.requests(), first));
    });
}
