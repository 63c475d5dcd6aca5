//! What it costs to add a call to a report, a comparison or a watch, and what they hold of a million calls:
//! `cargo run --release -p callmux-costs --example hot`, or with a number of calls.
//!
//! Time is that of the processor, not of a clock on the wall, and without the making of calls. Each subject is measured in a process of
//! its own, so that its peak of memory is not another's. Linux only: both are read from `/proc`.

#![allow(clippy::print_stdout, reason = "a program that prints figures")]

mod calls;

use std::hint::black_box;
use std::process::Command;

use callmux_core::Call;
use callmux_costs::{Comparer, Dimension, Report, Watch};
use chrono::DateTime;

use calls::Calls;

type Failure = Box<dyn std::error::Error>;
type Result<T, E = Failure> = std::result::Result<T, E>;

const SUBJECTS: [&str; 6] = ["vendor", "agent", "day", "agent,day", "comparer", "watch"];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let all: u64 = arguments.next().map_or(Ok(1_000_000), |all| all.parse())?;
    if let Some(name) = arguments.next() {
        return measure(&name, all);
    }
    println!("{all} calls     ns a call   MB before    MB peak");
    for name in SUBJECTS {
        let mut own = Command::new(std::env::current_exe()?);
        if !own.arg(all.to_string()).arg(name).status()?.success() {
            return Err(format!("{name} could not be measured").into());
        }
    }
    Ok(())
}

fn measure(name: &str, all: u64) -> Result<()> {
    let mut calls = Calls::new(all);
    let made = time_of(&mut calls, all, &mut |call| {
        black_box(call);
        Ok(())
    })?;
    let mut subject = subject(name)?;
    let before = peak()?;
    let added = time_of(&mut calls, all, &mut subject)?;
    let after = peak()?;
    let nanoseconds = added.saturating_sub(made) / all;
    println!(
        "{name:<16} {nanoseconds:>10} {:>11}.{} {:>8}.{}",
        before / 1000,
        before % 1000 / 100,
        after / 1000,
        after % 1000 / 100
    );
    Ok(())
}

/// What calls are added to.
type Subject = Box<dyn FnMut(&Call) -> Result<()>>;

fn subject(name: &str) -> Result<Subject> {
    Ok(match name {
        "comparer" => {
            let mut comparer = Comparer::new(Dimension::Vendor);
            Box::new(move |call| Ok(comparer.add(call)?))
        }
        "watch" => {
            let mut watch = Watch::new([Dimension::Vendor], DateTime::UNIX_EPOCH);
            Box::new(move |call| {
                watch.add(call);
                Ok(())
            })
        }
        by => {
            let by: Result<Vec<Dimension>, _> = by.split(',').map(str::parse).collect();
            let mut report = Report::new(by?);
            Box::new(move |call| Ok(report.add(call)?))
        }
    })
}

/// The nanoseconds of processor time in which all calls are made and added.
fn time_of(calls: &mut Calls, all: u64, add: &mut dyn FnMut(&Call) -> Result<()>) -> Result<u64> {
    let started = processor_time()?;
    for index in 0..all {
        add(calls.call(index).ok_or("a call that is not in the pool")?)?;
    }
    Ok(processor_time()? - started)
}

/// Nanoseconds that this process, which has one thread, was on a processor.
fn processor_time() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("no time in schedstat")?.parse()?)
}

/// The most memory that this process ever had resident, in kB.
fn peak() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.and_then(|line| line.split_whitespace().next()).ok_or("no peak in status")?.parse()?)
}
