//! Processes that are started to be measured, or to be asked.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use callmux_benches::Spread;
use callmux_benches::server::World;

use crate::measure::Taken;
use crate::roles::{self, Role};

/// A vendor that listens until this is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) origin: String,
}

impl Serving {
    pub(crate) fn start(world: World, spread: Spread) -> Self {
        let mut child = itself(&Role::Serve { world, spread })
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

/// What a role took, in a process of its own.
pub(crate) fn taken(role: &Role) -> Taken {
    let output = itself(role).stderr(Stdio::inherit()).output().expect("a process");
    assert!(output.status.success(), "{role:?} failed");
    serde_json::from_slice(&output.stdout).expect("what it took")
}

fn itself(role: &Role) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args([roles::ARGUMENT, &role.write()]);
    command
}

/// The command, built as it is released.
pub(crate) fn built_command() -> PathBuf {
    let this = std::env::current_exe().expect("this program");
    // `release/deps/end_to_end-…`
    let release = this.parent().and_then(|deps| deps.parent()).expect("a folder of builds");
    let target = release.parent().expect("a folder of targets");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "-p", "callmux-cli", "--target-dir"])
        .arg(target)
        .status();
    assert!(built.is_ok_and(|status| status.success()), "the command cannot be built");
    release.join("callmux")
}
