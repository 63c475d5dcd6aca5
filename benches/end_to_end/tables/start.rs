//! How soon the command is there, and how large it is.

use super::columns::Columns;
use super::verdicts::Verdicts;
use super::{MIB, extremes, median};
use crate::measure::Taken;
use crate::processes::{built_command, taken};
use crate::roles::Role;
use crate::wanted::Wanted;

/// Milliseconds.
const TARGET: f64 = 10.0;
/// Megabytes.
const SIZE: f64 = 12.0;
const RUNS: usize = 30;

pub(super) fn print(_: &Wanted, verdicts: &mut Verdicts) {
    let heads = ["what              ", "wall ms (min-max)", "CPU ms", "peak MiB", "size MB"];
    let heading = format!(
        "start: `callmux --version`, median of {RUNS}; targets {TARGET} ms, a command of {SIZE} MB"
    );
    let columns = Columns::begin(&heading, heads);
    let program = built_command();
    let size = std::fs::metadata(&program).expect("the command").len() as f64 / 1e6;
    let arguments = vec!["--version".to_owned()];
    let role = Role::Command { program, arguments, environment: Vec::new() };
    let runs: Vec<Taken> = (0..RUNS).map(|_| taken(&role)).collect();
    let middle = |figure: fn(&Taken) -> f64| median(runs.iter().map(figure));
    let wall = middle(|run| run.wall) * 1e3;
    let walls: Vec<f64> = runs.iter().map(|run| run.wall * 1e3).collect();
    let (least, most) = extremes(&walls);
    columns.row(&[
        "callmux --version".to_owned(),
        format!("{wall:.1} ({least:.1}-{most:.1})"),
        format!("{:.1}", middle(|run| run.cpu) * 1e3),
        format!("{:.1}", middle(|run| run.peak as f64 / MIB)),
        format!("{size:.2}"),
    ]);
    verdicts.at_most("start: milliseconds until `--version` has ended", wall, TARGET);
    verdicts.at_most("start: megabytes of the command", size, SIZE);
}
