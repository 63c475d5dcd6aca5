//! The pages: their Rust blocks are compiled, and their links lead somewhere.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The pages below a folder, by their path from the root.
fn pages_below(folder: &str, pages: &mut BTreeSet<String>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if root().join(&path).is_dir() {
            pages_below(&path, pages);
        } else if path.ends_with(".md") {
            pages.insert(path);
        }
    }
}

/// The pages that people read: beside the root's own, all of `docs`.
fn pages() -> BTreeSet<String> {
    let mut pages: BTreeSet<String> = ["README.md", "CONTRIBUTING.md"].map(str::to_owned).into();
    pages_below("docs", &mut pages);
    pages
}

/// Whether rustdoc finds Rust in a page: a block that says so, or that does not say what it is.
fn has_rust(page: &str) -> bool {
    let fences = page.lines().filter_map(|line| line.trim_start().strip_prefix("```"));
    fences.step_by(2).any(|says| says.is_empty() || says.starts_with("rust"))
}

#[test]
fn the_rust_blocks_of_every_page_are_compiled() {
    let lib = fs::read_to_string(root().join("tests/src/lib.rs")).unwrap();
    for page in pages() {
        // Decisions come often, and show no code as a rule.
        let is_decision = page.starts_with("docs/decisions/");
        if is_decision && !has_rust(&fs::read_to_string(root().join(&page)).unwrap()) {
            continue;
        }
        assert!(lib.contains(&format!("\"{page}\"")), "{page} is missing in tests/src/lib.rs");
    }
}

/// The lines of a page that are not code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// What a page links to, in either form: `[text](target)`, `[name]: target`. Code between backticks is not a link.
fn links(page: &str) -> Vec<String> {
    let mut links = Vec::new();
    for line in prose(page) {
        let text: String = line.split('`').step_by(2).collect();
        for part in text.split("](").skip(1) {
            links.extend(part.split([')', ' ']).next().map(str::to_owned));
        }
        let definition = text.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        links.extend(definition.map(|(_, target)| target.trim().to_owned()));
    }
    links
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = prose(page).filter_map(|line| {
        line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))
    });
    let anchor = |heading: &str| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let text: String = heading.trim().to_lowercase().chars().filter(kept).collect();
        text.replace(' ', "-")
    };
    let mut anchors = BTreeSet::new();
    for anchor in headings.map(anchor) {
        // A heading that is met again gets a number.
        let again = (1..).map(|number| format!("{anchor}-{number}"));
        let free =
            std::iter::once(anchor.clone()).chain(again).find(|name| !anchors.contains(name));
        anchors.extend(free);
    }
    anchors
}

#[test]
fn every_link_within_the_project_leads_somewhere() {
    let mut readers = pages();
    let crates = fs::read_dir(root().join("crates")).unwrap();
    let readme = |name: String| format!("crates/{name}/README.md");
    let readmes = crates.map(|entry| readme(entry.unwrap().file_name().into_string().unwrap()));
    readers.extend(readmes.filter(|path| root().join(path).exists()));
    let (mut checked, mut broken) = (0, Vec::new());
    for page in readers {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => root().join(&page),
                _ => root().join(&page).parent().unwrap().join(path),
            };
            let leads = match fs::read_to_string(&target) {
                Ok(text) => anchor.is_empty() || anchors(&text).contains(anchor),
                Err(_) => anchor.is_empty() && target.exists(),
            };
            if !leads {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere: {broken:#?}");
    assert!(checked > 20, "only {checked} links were found");
}

#[test]
fn links_and_anchors_are_read_as_they_are_written() {
    let page = "# A b: `c`, d!\n[x](y.md#z) and [é](<w>) `[no](code)`\n```sh\n[no](block)\n# no\n```\n[name]: q.md\n## A b: c, d\n## É_1 – 2\n";
    assert_eq!(links(page), ["y.md#z", "<w>", "q.md"]);
    let expected = ["a-b-c-d", "a-b-c-d-1", "é_1--2"];
    assert_eq!(anchors(page), expected.map(str::to_owned).into());
    assert!(!has_rust(page) && has_rust("```sh\n```\n```rust,no_run\n```") && has_rust("```\n```"));
}
