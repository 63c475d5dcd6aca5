//! The tables: what is measured, and which target it is held against.

mod columns;
mod cpu;
mod federation;
mod gzip;
mod latency;
mod memory;
mod start;
mod verdicts;

use std::process::ExitCode;

use crate::wanted::Wanted;
use verdicts::Verdicts;

/// A table.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    print: fn(&Wanted, &mut Verdicts),
}

/// All of them, in the order they are printed in.
pub(crate) const TABLES: [Table; 6] = [
    Table { name: "cpu", print: cpu::print },
    Table { name: "gzip", print: gzip::print },
    Table { name: "latency", print: latency::print },
    Table { name: "federation", print: federation::print },
    Table { name: "memory", print: memory::print },
    Table { name: "start", print: start::print },
];

/// Prints what is wanted, then the verdicts.
pub(crate) fn print(wanted: &Wanted) -> ExitCode {
    let mut verdicts = Verdicts::default();
    for table in &wanted.tables {
        (table.print)(wanted, &mut verdicts);
    }
    let all_met = verdicts.print();
    if wanted.check && !all_met { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

const MIB: f64 = 1_048_576.0;

/// The middle one.
fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The smallest and the largest.
fn extremes(figures: &[f64]) -> (f64, f64) {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    (least, figures.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}
