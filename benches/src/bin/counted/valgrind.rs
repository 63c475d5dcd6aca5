//! Counting by valgrind.

use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;

use crate::path::Path;
use crate::{Failure, Result};

/// The instructions that one operation of each of these paths takes. As many are counted at a time as there are processors: a
/// count does not depend on what else runs.
pub(crate) fn count_all(paths: &[Path]) -> Result<Vec<f64>> {
    let counted = Mutex::new(vec![None; paths.len()]);
    let waiting = Mutex::new(paths.iter().enumerate());
    let work = || -> Result<()> {
        loop {
            let next = waiting.lock().map_err(|_| "another count failed")?.next();
            let Some((index, &path)) = next else { return Ok(()) };
            let count = count(path).map_err(|failure| format!("{path}: {failure}"))?;
            if let Some(place) = counted.lock().map_err(|_| "another count failed")?.get_mut(index)
            {
                *place = Some(count);
            }
        }
    };
    let processors = thread::available_parallelism()?.get();
    thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a count panicked")?)
    })?;
    let counted = counted.into_inner().map_err(|_| "another count failed")?;
    counted.into_iter().map(|count| count.ok_or_else(|| "not counted".into())).collect()
}

fn count(path: Path) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg("--toggle-collect=*collected*");
    let output_file = directory.path().join("callgrind").into_os_string();
    let mut option = std::ffi::OsString::from("--callgrind-out-file=");
    option.push(output_file);
    command.arg(option).arg(std::env::current_exe()?).args(["run", &path.to_string()]);
    let output = output(&mut command)?;
    let operations: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected: f64 = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .ok_or("valgrind says no count")?
        .1
        .trim()
        .parse()?;
    // Each operation takes some: else the function to count in was not found.
    if collected < operations {
        return Err("nothing was counted; was this built with `--profile counted`?".into());
    }
    Ok(collected / operations)
}

/// What counts depend on besides our code: the compiler, valgrind and the C library, which allocates.
pub(crate) fn tools() -> Result<Vec<String>> {
    let mut commands = ["rustc", "valgrind", "getconf"].map(Command::new);
    let [compiler, valgrind, library] = &mut commands;
    compiler.arg("--version");
    valgrind.arg("--version");
    library.arg("GNU_LIBC_VERSION");
    let version = |command: &mut Command| -> Result<String> {
        Ok(String::from_utf8_lossy(&output(command)?.stdout).trim().to_owned())
    };
    commands.iter_mut().map(version).collect()
}

fn output(command: &mut Command) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::from(format!("{name} failed ({}):\n{said}", output.status)));
    }
    Ok(output)
}
