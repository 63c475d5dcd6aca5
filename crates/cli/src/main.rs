//! The `callmux` command.

mod args;
mod checkpoint;
mod commands;
mod exit;
mod filter;
mod mask;
mod output;
mod sources;
mod tables;
mod when;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::exit::{Failure, Outcome};

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(&cli);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(&cli)),
        Err(error) => Err(Failure::failed(format!("no runtime could be started: {error}"))),
    };
    exit::report(outcome)
}

async fn run(cli: &Cli) -> Result<Outcome, Failure> {
    match &cli.command {
        Command::Demo(args) => commands::demo::run(args).await,
        Command::Calls(args) => commands::calls::run(args, cli).await,
        Command::Costs(args) => commands::costs::run(args, cli).await,
        Command::Explain(args) => commands::explain::run(args),
        Command::Check(args) => commands::check::run(args).await,
        Command::Vendors(args) => commands::vendors::run(args),
        Command::Simulate(args) => commands::simulate::run(args).await,
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
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .init();
}
