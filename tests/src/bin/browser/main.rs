//! Opens the page of `callmux costs --html` in a browser, and holds what is seen there against the command's JSON.
//!
//! `cargo run -p callmux-tests --bin browser -- target/debug/callmux` needs Chromium and its driver; `.ci/browser` installs both.
//! Pictures of the page, by telephone and desk, in light and dark, are written beside the command.

#![expect(clippy::indexing_slicing, reason = "what is not there of a JSON value is null")]

mod checks;
mod driver;
mod figures;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use callmux_testkit::{SimulatedRow, World, serve};
use callmux_tests::{VENDORS, VendorUnderTest};
use serde_json::{Value, json};

use checks::{Answers, LOOK, Look};
use driver::Browser;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The key that simulated vendors take.
const KEY: &str = "simulated-key";

/// Screens: a telephone's and a desk's.
const SCREENS: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desk", 1280, 900)];

/// What a vendor may call an agent.
const HOSTILE: &str = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">\u{202e}=cmd()\n\"'";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let command = std::env::args().nth(1).ok_or("which command? give its path")?;
    let command = fs::canonicalize(command)?;
    let folder = command.parent().unwrap_or(Path::new(".")).join("pages");
    fs::create_dir_all(&folder)?;
    let profile = folder.join("profile");
    if profile.exists() {
        fs::remove_dir_all(&profile)?;
    }
    let browser = Browser::start(&profile).await?;
    let mut wrong = Vec::new();
    for (name, world, is_hostile) in [
        ("everyday", World::new(1, 600).everyday(), false),
        ("awkward", World::new(5, 300), true),
        ("one-call", World::new(2, 1).everyday(), false),
        ("empty", World::new(3, 0), false),
    ] {
        let sources = serve_all(&world, is_hostile).await?;
        let page = folder.join(format!("{name}.html"));
        let (command, page, sources) = (command.clone(), page.clone(), sources);
        let written = page.clone();
        let answers = tokio::task::spawn_blocking(move || {
            answers(&command, &sources, &written).map_err(|error| error.to_string())
        })
        .await??;
        let found = look_at(&browser, &page, name, &answers, &folder).await?;
        wrong.extend(found.into_iter().map(|what| format!("{name}: {what}")));
    }
    browser.stop().await?;
    if wrong.is_empty() {
        return Ok(());
    }
    wrong.iter().for_each(|what| say(what));
    Err(format!("{} things are wrong with the page", wrong.len()).into())
}

#[expect(clippy::print_stdout, reason = "it is for whoever runs it")]
fn say(line: &str) {
    println!("{line}");
}

/// Serves every vendor's world on loopback, and gives what the command is to be told of them.
async fn serve_all(world: &World, is_hostile: bool) -> Result<Vec<String>> {
    let mut sources = Vec::new();
    for (index, VendorUnderTest { name, simulate, .. }) in VENDORS.iter().enumerate() {
        let simulated = simulate(KEY, &World { seed: world.seed + index as u64, ..*world });
        if is_hostile && *name == "vapi" {
            simulated.simulator.change(|rows| rows.insert(0, hostile()));
        }
        let (address, _) = serve(simulated.router, 0).await?;
        sources.push(format!("--source={name}@http://{address}{}", simulated.base_path));
    }
    Ok(sources)
}

/// A call whose every word is hostile.
fn hostile() -> SimulatedRow {
    let placed_at = World::new(1, 1).until;
    let at = placed_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let row = json!({
        "id": HOSTILE, "status": "ended", "type": "webCall", "createdAt": at, "startedAt": at,
        "endedAt": (placed_at + chrono::TimeDelta::minutes(300)).to_rfc3339(), "cost": 987.65,
        "assistant": { "name": HOSTILE }, "campaignId": HOSTILE, "endedReason": HOSTILE,
        "costs": [{ "type": HOSTILE, "cost": 987.65, "model": { "provider": HOSTILE, "model": HOSTILE } }],
    });
    SimulatedRow::new(HOSTILE.to_owned(), Some(placed_at), row)
}

/// Has the command write the page, and answer the same questions in JSON.
fn answers(command: &Path, sources: &[String], page: &Path) -> Result<Answers> {
    let ask = |words: &[&str]| -> Result<Value> {
        let mut asked = Command::new(command);
        asked.env_clear().arg("costs").args(sources).args(["-o", "json"]).args(words);
        for VendorUnderTest { key_variable, .. } in VENDORS {
            asked.env(key_variable, KEY);
        }
        let output = asked.output()?;
        if !output.status.success() {
            return Err(format!("{words:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    let page = page.display().to_string();
    Ok(Answers {
        vendors: ask(&["--html", &page])?,
        days: ask(&["--by", "day"])?,
        agents: ask(&["--by", "agent"])?,
        campaigns: ask(&["--by", "campaign"])?,
        comparison: ask(&["--compare"])?,
        outliers: ask(&["--outliers"])?,
    })
}

/// Opens a page on every screen, and says what is wrong with it.
async fn look_at(
    browser: &Browser,
    page: &Path,
    name: &str,
    answers: &Answers,
    folder: &Path,
) -> Result<Vec<String>> {
    // What the browser shows before it shows anything asks for much.
    browser.open("about:blank").await?;
    browser.log("performance").await?;
    let mut wrong = Vec::new();
    let address = format!("file://{}", page.display());
    for (screen, width, height) in SCREENS {
        for scheme in ["light", "dark"] {
            browser.show_as(width, height, scheme).await?;
            browser.open(&address).await?;
            let look: Look = serde_json::from_value(browser.run(LOOK).await?)?;
            let picture = folder.join(format!("{name}-{screen}-{scheme}.png"));
            fs::write(picture, browser.picture().await?)?;
            let mut found = checks::layout(&look);
            let (figures, held) = checks::figures(&look, answers);
            found.extend(figures);
            if look.text.contains('\u{202e}') {
                found.push("a mark of direction came through".to_owned());
            }
            if matches!(name, "everyday" | "awkward") {
                found.extend(checks::missing_charts(&look));
                if held < 200 {
                    found.push(format!("only {held} figures were held against JSON"));
                }
            }
            wrong.extend(found.into_iter().map(|what| format!("{screen}, {scheme}: {what}")));
        }
    }
    fs::write(folder.join(format!("{name}.pdf")), browser.print().await?)?;
    let console = browser.log("browser").await?;
    wrong.extend(console.iter().map(|entry| format!("the console says {}", entry["message"])));
    for entry in browser.log("performance").await? {
        let event: Value = serde_json::from_str(entry["message"].as_str().unwrap_or_default())?;
        let event = &event["message"];
        let asked = event["params"]["request"]["url"].as_str().unwrap_or_default();
        if event["method"] == "Network.requestWillBeSent" && asked != address {
            wrong.push(format!("it asks for {asked}"));
        }
    }
    Ok(wrong)
}
