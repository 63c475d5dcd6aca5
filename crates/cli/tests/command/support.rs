//! What runs the command, and what answers it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use callmux::{Call, CallFilter, CallProviderExt as _, Environment, Registry};
use callmux_testkit::sims::{Simulated, autocalls, burki, vapi};
use callmux_testkit::{Query, Simulator, World, serve};
use chrono::TimeDelta;

/// The key of every simulated vendor. It must never be seen.
pub(crate) const KEY: &str = "sk-never-to-be-seen-7f3a";

type Simulate = fn(&str, &World) -> Simulated;

/// The vendors, with what plays them.
const PLAYED: [(&str, Simulate); 3] =
    [("autocalls", autocalls::simulate), ("vapi", vapi::simulate), ("burki", burki::simulate)];

/// The vendors' names.
pub(crate) const VENDORS: [&str; 3] = ["autocalls", "vapi", "burki"];

/// So many awkward calls over fourteen months, so that a bound in time leaves some of them out.
pub(crate) fn world(calls: usize) -> World {
    World { span: TimeDelta::days(420), ..World::new(7, calls) }
}

/// A simulated vendor that listens until it is dropped.
pub(crate) struct Vendor {
    pub(crate) name: &'static str,
    pub(crate) base_url: String,
    pub(crate) simulator: Simulator,
    stop: tokio::task::AbortHandle,
    thread: Option<JoinHandle<()>>,
}

impl Vendor {
    pub(crate) fn serve(name: &'static str, world: &World) -> Self {
        let (_, simulate) = PLAYED.iter().find(|(played, _)| *played == name).unwrap();
        let Simulated { simulator, router, base_path } = simulate(KEY, world);
        let (started, start) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let (address, task) = serve(router, 0).await.unwrap();
                started.send((address, task.abort_handle())).unwrap();
                // It ends by being aborted.
                let _ = task.await;
            });
        });
        let (address, stop) = start.recv().unwrap();
        let base_url = format!("http://{address}{base_path}");
        Self { name, base_url, simulator, stop, thread: Some(thread) }
    }

    /// As the command line names it.
    pub(crate) fn source(&self) -> String {
        format!("{}@{}", self.name, self.base_url)
    }

    /// The parameters of each request for a list so far, and whether it was one.
    pub(crate) fn asked(&self) -> Vec<Query> {
        let requests = self.simulator.requests();
        requests.iter().map(|request| Query::of(&request.parse().unwrap())).collect()
    }

    /// What the library lists.
    pub(crate) fn library(&self, filter: CallFilter) -> Vec<Call> {
        let environment: Environment =
            [(format!("{}_API_KEY", self.name.to_uppercase()), KEY.to_owned())]
                .into_iter()
                .collect();
        let provider = Registry::standard().connect(&self.source(), &environment).unwrap();
        assert_eq!(provider.info().vendor.as_str(), self.name);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut listing = provider.calls(filter);
            let mut calls = Vec::new();
            while let Some(call) = listing.next().await {
                calls.push(call.unwrap());
            }
            assert!(listing.certificate().is_complete(), "{}", listing.certificate());
            calls
        })
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.stop.abort();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// All three vendors, each with so many calls.
pub(crate) fn all(calls: usize) -> Vec<Vendor> {
    VENDORS.iter().map(|name| Vendor::serve(name, &world(calls))).collect()
}

/// `--source` for each.
pub(crate) fn sources(vendors: &[Vendor]) -> Vec<String> {
    vendors.iter().flat_map(|vendor| ["--source".to_owned(), vendor.source()]).collect()
}

/// A server that answers every request with the same bytes, until it is dropped.
pub(crate) struct Answers {
    pub(crate) address: SocketAddr,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Answers {
    pub(crate) fn with(status: &str, content_type: &str, body: &str) -> Self {
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stopping);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                // Whoever asked may have gone.
                let _ = stream.and_then(|stream| answer_one(stream, answer.as_bytes()));
            }
        });
        Self { address, stopping, thread: Some(thread) }
    }
}

fn answer_one(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&chunk[..read]);
    }
    stream.write_all(answer)
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An address at which nobody listens.
pub(crate) fn nobody() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// A folder of its own, and the keys of the simulated vendors: all that a command knows.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    /// With the right keys.
    pub(crate) fn new() -> Self {
        let mut sandbox = Self::without_keys();
        for name in VENDORS {
            sandbox = sandbox.with(&format!("{}_API_KEY", name.to_uppercase()), KEY);
        }
        sandbox
    }

    pub(crate) fn without_keys() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// The command, ready to be spawned.
    pub(crate) fn command<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_callmux")));
        command.args(arguments.iter().map(AsRef::as_ref));
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub(crate) fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        let ran = Ran {
            code: output.status.code().expect("it was killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        for (name, stream) in [("stdout", &ran.out), ("stderr", &ran.err)] {
            assert!(!stream.contains(KEY), "the key is on {name}");
            assert!(!stream.contains('\u{1b}'), "colours on {name}, which is no terminal");
        }
        ran
    }
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The calls that it printed, one a line.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Arguments of several kinds as one list.
pub(crate) fn arguments(words: &[&str], more: &[String]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).chain(more.iter().cloned()).collect()
}
