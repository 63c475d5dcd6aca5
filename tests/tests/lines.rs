//! What the house rests on: vendors are small, the core knows no HTTP, and arrows only point down.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A vendor is about 400 lines; this is what "about" may stretch to.
const MOST: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file's lines before its tests, and those of them that are neither blank nor a comment.
fn lines(path: &Path) -> (usize, usize) {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<&str> =
        text.lines().take_while(|line| *line != "#[cfg(test)]").map(str::trim).collect();
    let is_code = |line: &&&str| !line.is_empty() && !line.starts_with("//");
    (lines.len(), lines.iter().filter(is_code).count())
}

#[test]
fn a_vendor_is_small() {
    for vendor in ["autocalls", "burki", "vapi"] {
        let files = fs::read_dir(root().join("crates").join(vendor).join("src")).unwrap();
        let counts = files.map(|file| {
            let path = file.unwrap().path();
            assert!(path.is_file(), "{}: folders are not counted", path.display());
            if path.file_name().is_some_and(|name| name == "tests.rs") {
                (0, 0)
            } else {
                lines(&path)
            }
        });
        let (all, code) = counts.fold((0, 0), |sum, file| (sum.0 + file.0, sum.1 + file.1));
        println!("{vendor}: {code} lines of code, {all} with comments and blank lines");
        assert!(code > 100, "{vendor}: {code} lines cannot be a vendor");
        assert!(code <= MOST, "{vendor} has {code} lines: what of them belongs to everyone?");
    }
}

/// The names in `[dependencies]` of a crate.
fn dependencies(name: &str) -> BTreeSet<String> {
    let path = root().join("crates").join(name).join("Cargo.toml");
    let text = fs::read_to_string(path).unwrap();
    assert!(
        !text.contains("[dependencies.") && !text.contains("[target."),
        "{name}: not read here"
    );
    let section = text.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let section = section.take_while(|line| !line.starts_with('['));
    section
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split(['.', ' ', '=']).next().unwrap().to_owned())
        .collect()
}

/// What each package of the lock file needs, by name.
fn lock() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in text.split("[[package]]").skip(1) {
        let quoted: Vec<&str> = package.split('"').collect();
        let name = quoted[1].to_owned();
        let needs = package.split("dependencies = [").nth(1).unwrap_or_default();
        let needs = needs.split('"').skip(1).step_by(2);
        // Where there are two versions of a package, the version stands behind its name.
        let needs = needs.filter_map(|need| need.split(' ').next()).map(str::to_owned);
        packages.entry(name).or_default().extend(needs);
    }
    packages
}

#[test]
fn the_core_needs_no_http_client_and_no_runtime() {
    let lock = lock();
    assert!(lock["callmux-http"].contains("reqwest"), "the lock file was not understood");
    let mut needed = BTreeSet::new();
    let mut next: Vec<String> = dependencies("core").into_iter().collect();
    assert!(next.len() > 5, "{next:?}");
    while let Some(name) = next.pop() {
        let needs = lock.get(&name).unwrap_or_else(|| panic!("{name} is not in the lock file"));
        if needed.insert(name) {
            next.extend(needs.iter().cloned());
        }
    }
    for unwanted in [
        "async-std",
        "curl",
        "h2",
        "http",
        "hyper",
        "isahc",
        "mio",
        "native-tls",
        "reqwest",
        "rustls",
        "smol",
        "socket2",
        "tokio",
        "ureq",
    ] {
        assert!(!needed.contains(unwanted), "the core needs {unwanted}");
    }
}

#[test]
fn arrows_only_point_down() {
    let vendors = ["autocalls", "burki", "vapi"];
    let below = |name: &str| -> Vec<&str> {
        match name {
            "core" => vec![],
            "http" | "costs" | "table" => vec!["core"],
            "testkit" => vec!["core", "http"],
            "callmux" => ["core", "http"].into_iter().chain(vendors).collect(),
            "page" => vec!["core", "costs", "table"],
            "cli" => vec!["callmux", "costs", "page", "table", "testkit"],
            _ if vendors.contains(&name) => vec!["core", "http"],
            _ => panic!("{name} is not drawn here"),
        }
    };
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let ours = dependencies(&name).into_iter().filter(|need| need.starts_with("callmux"));
        for need in ours {
            let short = need.strip_prefix("callmux-").unwrap_or(&need);
            assert!(below(&name).contains(&short), "{name} needs {need}");
        }
    }
}
