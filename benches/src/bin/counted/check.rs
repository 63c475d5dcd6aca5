//! Counts all, and prints what it is beside the record.

use crate::Result;
use crate::growth::Growth;
use crate::path::Path;
use crate::record::Record;
use crate::valgrind::{count_all, tools};
use crate::verdict::Verdict;

/// Whether all is as recorded, and grows as it may.
pub(crate) fn check() -> Result<bool> {
    let record = Record::read()?;
    let used = tools()?;
    let counted = count()?;
    let mut is_good = print_counts(&record, &counted);
    if used != record.tools {
        // Other tools count otherwise for the same code.
        println!("\n!! NOT COMPARABLE, so nothing above fails !!");
        println!("!! recorded with: {}", record.tools.join(", "));
        println!("!! counted with:  {}", used.join(", "));
        is_good = true;
    } else if !is_good {
        println!("\nWhere the change is meant, record it and commit the record:");
        println!(".ci/instructions record");
    }
    Ok(print_growths(&counted) && is_good)
}

/// Writes the record anew. Whether all grows as it may.
pub(crate) fn record() -> Result<bool> {
    let counted = count()?;
    let of = |path: Path| counted.of(path).map(|count| (path.to_string(), count));
    let lines: Vec<_> = Path::recorded().into_iter().filter_map(of).collect();
    let before = Record::read().unwrap_or_default();
    print_counts(&before, &counted);
    Record::write(&tools()?, &lines)?;
    Ok(print_growths(&counted))
}

struct Counted(Vec<(Path, f64)>);

impl Counted {
    fn of(&self, path: Path) -> Option<f64> {
        self.0.iter().find(|(other, _)| *other == path).map(|&(_, count)| count)
    }
}

fn count() -> Result<Counted> {
    // What takes longest first: then no processor waits long for another at the end.
    let growing = Path::growing().into_iter().flat_map(|[few, many]| [many, few]);
    let paths: Vec<Path> = growing.chain(Path::recorded()).collect();
    let counts = count_all(&paths)?;
    Ok(Counted(paths.into_iter().zip(counts).collect()))
}

fn print_counts(record: &Record, counted: &Counted) -> bool {
    let mut is_good = true;
    println!("{:<38}{:>12}{:>12}{:>8}", "instructions a call", "recorded", "counted", "ratio");
    let mut known = record.instructions.clone();
    for path in Path::recorded() {
        let recorded = known.remove(&path.to_string());
        let counted = counted.of(path).unwrap_or(f64::NAN);
        let verdict = Verdict::of(recorded, counted);
        is_good &= verdict == Verdict::Same;
        let (before, ratio) = recorded.map_or(("-".to_owned(), "-".to_owned()), |recorded| {
            (format!("{recorded:.1}"), format!("{:.3}", counted / recorded))
        });
        println!("{path:<38}{before:>12}{counted:>12.1}{ratio:>8}  {verdict}");
    }
    for name in known.keys() {
        is_good = false;
        println!("{name:<38} is recorded, and is no path: record anew");
    }
    is_good
}

fn print_growths(counted: &Counted) -> bool {
    let growths = Growth::all(|path| counted.of(path));
    println!("\n{:<58}{:>8}  may be", "growth of the instructions a call", "factor");
    for growth in &growths {
        let Growth { what, factor, least, most } = growth;
        let verdict = if growth.is_good() { "" } else { "  GROWS OTHERWISE" };
        println!("{what:<58}{factor:>8.3}  {least:.1} to {most:.1}{verdict}");
    }
    growths.iter().all(Growth::is_good)
}
