//! The `callmux` command.

mod args;
mod batch;
mod carried;
mod checkpoint;
mod commands;
mod conditions;
mod exit;
mod filter;
mod journal;
mod links;
mod mask;
mod output;
mod rejects;
mod sources;
mod stdout;
mod tables;
mod when;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::args::{Cli, Command};
use crate::exit::{Failure, Outcome};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    start_logging(&cli);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(&cli)),
        Err(error) => Err(Failure::failed(format!("no runtime could be started: {error}"))),
    };
    exit::report(outcome)
}

/// A value that makes no sense is told in one line, as everything that goes wrong is. The rest is clap's: help, and what the
/// arguments are where they are not understood.
fn usage(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        let text = error.to_string();
        let what = text.split("\n\n").next().unwrap_or_default();
        let line: Vec<&str> = what.lines().map(str::trim).collect();
        exit::say(&line.join(" "));
        return ExitCode::from(2);
    }
    // Nobody may be there to read it.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

async fn run(cli: &Cli) -> Result<Outcome, Failure> {
    match &cli.command {
        Command::Demo(args) => commands::demo::run(args).await,
        Command::Calls(args) => commands::calls::run(args, cli).await,
        Command::Costs(args) => commands::costs::run(args, cli).await,
        Command::Explain(args) => commands::explain::run(args),
        Command::Check(args) => commands::check::run(args).await,
        Command::Vendors(args) => commands::vendors::run(args),
        Command::Simulate(args) => commands::simulate::run(args, cli).await,
    }
}

/// Logs go to standard error: nothing unless asked for by `-v` or `RUST_LOG`.
fn start_logging(cli: &Cli) {
    let wanted = match cli.verbose {
        0 => "off",
        1 => "callmux_http=debug",
        _ => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(wanted));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(exit::stderr_is_coloured())
        // It would panic where nobody reads standard error.
        .log_internal_errors(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .init();
}
