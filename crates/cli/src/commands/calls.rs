//! `callmux calls`: the list itself.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use callmux::{CallProviderExt as _, Rejected};
use indicatif::{ProgressBar, ProgressStyle};

use super::{begin_certificate, keep_certificate, now, sum_up};
use crate::args::{CallsArgs, CallsFormat, Cli};
use crate::checkpoint::Checkpoint;
use crate::exit::{Failure, Outcome, note, say};
use crate::filter::filter;
use crate::mask::mask;
use crate::output::Output;
use crate::sources::federate;

pub(crate) async fn run(args: &CallsArgs, cli: &Cli) -> Result<Outcome, Failure> {
    if args.raw && !matches!(args.output, CallsFormat::Json | CallsFormat::Ndjson) {
        return Err(Failure::usage("--raw needs -o json or -o ndjson: a row is JSON"));
    }
    if args.checkpoint.is_some() && !matches!(args.output, CallsFormat::Ndjson) {
        return Err(Failure::usage("--checkpoint needs -o ndjson, to which lines can be appended"));
    }
    let mut filter = filter(&args.filter, now())?;
    let provider = federate(&args.sources)?;
    let mut place = match &args.checkpoint {
        None => None,
        Some(path) => {
            let identity = &provider.info().identity;
            let arguments = format!("{identity} {:?} {:?}", args.filter, args.limit);
            Some(Checkpoint::open(path, arguments, filter.clone())?)
        }
    };
    if let Some(place) = &place {
        if let Some(certificate) = place.finished() {
            note(cli, "this listing came to its end before; remove the checkpoint to start anew");
            keep_certificate(args.certificate.as_deref(), certificate)?;
            sum_up(certificate, cli.quiet);
            return Ok(Outcome::of(certificate));
        }
        filter = place.filter().clone();
    }
    // Before anything is written: what cannot be asked is an error with nothing beside it.
    provider.explain(&filter)?;

    let mut listing = provider.calls(filter).page_size(args.page_size.unwrap_or(0));
    if let Some(limit) = args.limit {
        listing = listing.limit(limit);
    }
    if let Some(requests) = args.max_requests {
        listing = listing.max_requests(requests);
    }
    if args.raw {
        listing = listing.keep_raw();
    }
    if let Some(cursor) = place.as_ref().and_then(Checkpoint::cursor) {
        note(
            cli,
            "going on from the checkpoint; the calls of the pages that were being written may be repeated",
        );
        listing = listing.resume(cursor.clone());
    }

    let mut rejects = args.rejects.as_deref().map(open_rejects).transpose()?;
    begin_certificate(args.certificate.as_deref(), listing.certificate())?;
    if let Some(place) = &place {
        place.begin()?;
    }
    let mut output = Output::new(args.output)?;
    if place.is_some() && output.begin_line()? {
        say("the last line of the output is half a line; what follows begins on a line of its own");
    }
    let progress = progress(cli);
    let mut failure = None;
    let mut given = 0_u64;
    while let Some(item) = listing.next().await {
        match item {
            Ok(call) => {
                given += 1;
                output.write(&call)?;
                progress.set_position(given);
                if let Some(place) = &mut place {
                    let cursor = listing.cursor();
                    if cursor.as_ref() != place.cursor() {
                        output.flush()?;
                        place.keep(cursor, listing.certificate())?;
                    }
                }
            }
            Err(error) => match error.rejected() {
                Some(row) => {
                    progress.suspend(|| say(&error.to_string()));
                    if let Some(file) = &mut rejects {
                        keep_reject(file, row)?;
                    }
                }
                None => failure = Some(error),
            },
        }
    }
    progress.finish_and_clear();
    let certificate = match &place {
        None => listing.certificate().clone(),
        Some(place) => place.whole(listing.certificate()),
    };
    if let Some(error) = failure {
        keep_certificate(args.certificate.as_deref(), &certificate)?;
        output.flush()?;
        if let Some(place) = &mut place {
            place.keep(listing.cursor(), listing.certificate())?;
        }
        // What was given out stays, and it is said that it is a part.
        if given > 0 {
            say(&format!("the listing is broken off: the {given} calls above are a part of it"));
        }
        return Err(error.into());
    }
    output.finish()?;
    keep_certificate(args.certificate.as_deref(), &certificate)?;
    if let Some(place) = &mut place {
        place.finish(certificate.clone())?;
    }
    if given == 0 && certificate.is_complete() && !certificate.limit_reached {
        note(cli, "no call matches");
    }
    sum_up(&certificate, cli.quiet);
    Ok(Outcome::of(&certificate))
}

fn open_rejects(path: &Path) -> Result<File, Failure> {
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))
}

/// A row that could not be understood, whole, on a line of its own.
fn keep_reject(file: &mut File, row: &Rejected) -> Result<(), Failure> {
    let mut line = serde_json::json!({
        "vendor": row.vendor,
        "account": row.account,
        "row": row.row,
        "id": row.id,
        "reason": row.reason,
    })
    .to_string();
    line.pop();
    Ok(writeln!(file, "{line},\"raw\":{}}}", mask(row.raw.get()))?)
}

/// A count of calls, on a terminal only.
fn progress(cli: &Cli) -> ProgressBar {
    // Calls on a terminal are their own progress, and so are logs.
    if cli.quiet || cli.verbose > 0 || !io::stderr().is_terminal() || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos} calls");
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}
