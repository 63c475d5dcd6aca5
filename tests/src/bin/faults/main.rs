//! Breaks the walks on purpose, one fault at a time, and sees that a test fails for each.
//!
//! ```text
//! cargo run -p callmux-tests --bin faults              all of them
//! cargo run -p callmux-tests --bin faults -- --some 4  a few, others for each commit
//! cargo run -p callmux-tests --bin faults -- --only 7  one
//! ```
//!
//! The sources are copied to `target/faults`, where each fault replaces one place in one file. A place that is no longer there, or
//! a fault that does not compile, is an error: the list follows the code.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]

mod table;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use table::{FAULTS, Fault};

const USAGE: &str = "usage: faults [--some N | --only NUMBER]";

/// The tests that are run on a fault, the quick ones first, until one fails.
const TESTS: &[&[&str]] = &[
    &["-p", "callmux-core", "--lib", "--test", "listing", "--test", "windows"],
    &["-p", "callmux-http", "--lib"],
    &["-p", "callmux-tests", "--test", "histories"],
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let chosen = match words.as_slice() {
        [] => FAULTS.iter().enumerate().collect(),
        ["--some", count] => count.parse().map(some).unwrap_or_default(),
        ["--only", number] => {
            let number = number.parse().unwrap_or(usize::MAX);
            FAULTS.iter().enumerate().filter(|(index, _)| *index == number).collect()
        }
        _ => Vec::new(),
    };
    if chosen.is_empty() {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    match run(&chosen) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// So many faults, beginning where the last commit's name says: over time all are tried.
fn some(count: usize) -> Vec<(usize, &'static Fault)> {
    let commit = Command::new("git").args(["rev-parse", "HEAD"]).output();
    let name = commit.map(|output| output.stdout).unwrap_or_default();
    let start = name.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte));
    let faults = FAULTS.iter().enumerate().cycle();
    faults.skip(start % FAULTS.len()).take(count.min(FAULTS.len())).collect()
}

/// Tries each fault; whether all were caught.
fn run(chosen: &[(usize, &Fault)]) -> io::Result<bool> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let copy = root.join("target/faults");
    copy_sources(&root, &copy)?;
    let mut survived = Vec::new();
    for &(index, fault) in chosen {
        let file = copy.join(fault.file);
        let sound = fs::read_to_string(&file)?;
        if sound.matches(fault.sound).count() != 1 {
            let message = format!("fault {index}: {} has no such place, or several", fault.file);
            return Err(io::Error::other(message));
        }
        write_new(&file, &sound.replace(fault.sound, fault.broken))?;
        let caught_by = try_tests(&copy)?;
        write_new(&file, &sound)?;
        println!("{index:>3}  {:<72} {}", fault.name, caught_by.as_deref().unwrap_or("SURVIVES"));
        if caught_by.is_none() {
            survived.push(index);
        }
    }
    println!("{} of {} faults caught", chosen.len() - survived.len(), chosen.len());
    Ok(survived.is_empty())
}

/// The first test that fails.
fn try_tests(copy: &Path) -> io::Result<Option<String>> {
    for arguments in TESTS {
        let cargo = |extra: &[&str]| {
            Command::new("cargo")
                .arg("test")
                .args(*arguments)
                .args(["--quiet", "--locked"])
                .args(extra)
                .current_dir(copy)
                // Not the workspace's own: packages of one name would be taken for one another.
                .env("CARGO_TARGET_DIR", copy.join("target"))
                .env("RUST_BACKTRACE", "0")
                .output()
        };
        let built = cargo(&["--no-run"])?;
        if !built.status.success() {
            let what = String::from_utf8_lossy(&built.stderr).into_owned();
            return Err(io::Error::other(format!("a fault does not compile:\n{what}")));
        }
        let tested = cargo(&[])?;
        if !tested.status.success() {
            let output = String::from_utf8_lossy(&tested.stdout);
            let failed = output.lines().find_map(|line| {
                line.strip_prefix("---- ").and_then(|line| line.strip_suffix(" stdout ----"))
            });
            return Ok(Some(failed.unwrap_or("a test that did not end well").to_owned()));
        }
    }
    Ok(None)
}

/// Copies the sources, those that are as they were left alone, so that only what a fault touches is built again.
fn copy_sources(root: &Path, copy: &Path) -> io::Result<()> {
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        fs::create_dir_all(copy.join(&folder))?;
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let is_source = !matches!(name.to_str(), Some("target" | ".git"));
                folders.extend(is_source.then_some(name));
            } else if kind.is_file() {
                let content = fs::read(root.join(&name))?;
                let to = copy.join(&name);
                if fs::read(&to).ok().as_ref() != Some(&content) {
                    fs::write(&to, content)?;
                }
            }
        }
    }
    Ok(())
}

/// Writes a file so that the build sees that it has changed.
fn write_new(file: &Path, content: &str) -> io::Result<()> {
    fs::remove_file(file)?;
    fs::write(file, content)
}
