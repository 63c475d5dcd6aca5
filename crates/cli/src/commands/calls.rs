//! `callmux calls`: the list itself.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use callmux::{CallProvider, CallProviderExt as _, Calls, Certificate, Error};
use indicatif::{ProgressBar, ProgressStyle};

use super::{begin_certificate, keep_certificate, now, sum_up};
use crate::args::{CallsArgs, CallsFormat, Cli};
use crate::batch::{Batch, End};
use crate::checkpoint::{Checkpoint, Pending, REMEMBERED, Recovered};
use crate::exit::{Failure, Outcome, note, say};
use crate::filter::filter;
use crate::journal::{Appended, Key};
use crate::output::Output;
use crate::rejects::{Rejects, reject_line};
use crate::sources::{account_name, federate};
use crate::stdout::Stdout;

pub(crate) async fn run(args: &CallsArgs, cli: &Cli) -> Result<Outcome, Failure> {
    if args.raw && !matches!(args.output, CallsFormat::Json | CallsFormat::Ndjson) {
        return Err(Failure::usage("--raw needs -o json or -o ndjson: a row is JSON"));
    }
    if args.checkpoint.is_some() && !matches!(args.output, CallsFormat::Ndjson) {
        return Err(Failure::usage("--checkpoint needs -o ndjson, to which lines can be appended"));
    }
    let filter = filter(&args.filter, now())?;
    let provider = federate(&args.sources)?;
    let Some(path) = &args.checkpoint else {
        // Before anything is written: what cannot be asked is an error with nothing beside it.
        provider.explain(&filter)?;
        let listing = options(provider.calls(filter), args, args.limit);
        return write(listing, args, cli).await;
    };
    let identity = &provider.info().identity;
    let arguments = format!("{identity} {:?} {:?}", args.filter, args.limit);
    let checkpoint = Checkpoint::open(path, arguments, filter)?;
    go_on(&provider, checkpoint, args, cli).await
}

fn options(mut listing: Calls, args: &CallsArgs, limit: Option<u64>) -> Calls {
    listing = listing.page_size(args.page_size.unwrap_or(0));
    listing = listing.concurrency(args.concurrency.unwrap_or(0));
    if let Some(limit) = limit {
        listing = listing.limit(limit);
    }
    if let Some(requests) = args.max_requests {
        listing = listing.max_requests(requests);
    }
    if args.raw {
        listing = listing.keep_raw();
    }
    listing
}

/// Writes each call as it comes.
async fn write(mut listing: Calls, args: &CallsArgs, cli: &Cli) -> Result<Outcome, Failure> {
    let mut rejects = args.rejects.as_deref().map(Rejects::open).transpose()?;
    begin_certificate(args.certificate.as_deref(), listing.certificate())?;
    let mut output = Output::new(args.output)?;
    let progress = progress(cli);
    let mut failure = None;
    let mut given = 0_u64;
    while let Some(item) = listing.next().await {
        match item {
            Ok(call) => {
                given += 1;
                output.write(&call)?;
                progress.set_position(given);
            }
            Err(error) => match error.rejected() {
                Some(row) => {
                    progress.suspend(|| say(&error.to_string()));
                    if let Some(file) = &mut rejects {
                        file.append(reject_line(row).as_bytes())?;
                    }
                }
                None => failure = Some(error),
            },
        }
    }
    progress.finish_and_clear();
    let certificate = listing.certificate();
    if let Some(error) = failure {
        keep_certificate(args.certificate.as_deref(), certificate)?;
        output.flush()?;
        return broken_off(error, given);
    }
    output.finish()?;
    keep_certificate(args.certificate.as_deref(), certificate)?;
    Ok(end(certificate, given, cli))
}

/// Goes on where a checkpoint stands, and keeps it where the output is.
async fn go_on(
    provider: &Arc<dyn CallProvider>,
    mut checkpoint: Checkpoint,
    args: &CallsArgs,
    cli: &Cli,
) -> Result<Outcome, Failure> {
    let filter = checkpoint.filter().clone();
    provider.explain(&filter)?;
    let mut output = Stdout::of_process();
    let mut rejects = args.rejects.as_deref().map(Rejects::open).transpose()?;
    let was_finished = checkpoint.finished().is_some();
    tell(&checkpoint.recover(&output, rejects.as_ref()), cli);
    if checkpoint.finished().is_some() && !was_finished {
        checkpoint.begin()?;
    }
    if let Some(certificate) = checkpoint.finished() {
        note(cli, "this listing came to its end before; remove the checkpoint to start anew");
        keep_certificate(args.certificate.as_deref(), certificate)?;
        sum_up(certificate, cli.quiet);
        return Ok(Outcome::of(certificate));
    }
    let place = checkpoint.place();
    let limit = args.limit.map(|limit| limit.saturating_sub(place.given));
    let mut listing = options(provider.calls(filter), args, limit);
    if let Some(cursor) = &place.cursor {
        note(cli, "going on from the checkpoint");
        if place.already.len() >= REMEMBERED {
            say(&format!(
                "a vendor does not keep its order: of the calls before the last {REMEMBERED}, some may be there twice"
            ));
        }
        listing = listing.resume(cursor.clone());
    }
    begin_certificate(args.certificate.as_deref(), listing.certificate())?;
    checkpoint.begin()?;
    if output.ends_in_half_a_line() {
        output.append(b"\n")?;
        say("the last line of the output is half a line; what follows begins on a line of its own");
    }
    let progress = progress(cli);
    let mut given = 0;
    loop {
        let on_reject = |error: &Error| progress.suspend(|| say(&error.to_string()));
        let already = &checkpoint.place().already;
        let mut batch = Batch::gather(&mut listing, already, on_reject).await?;
        given += batch.lines.len() as u64;
        let end_of_listing = batch.end.take();
        let whole = matches!(end_of_listing, Some(End::Over))
            .then(|| checkpoint.whole(listing.certificate()));
        hand_on(batch, &listing, whole.clone(), &mut checkpoint, &mut output, rejects.as_mut())?;
        progress.set_position(given);
        match (end_of_listing, whole) {
            (Some(End::Failed(error)), _) => {
                progress.finish_and_clear();
                let whole = checkpoint.whole(listing.certificate());
                keep_certificate(args.certificate.as_deref(), &whole)?;
                return broken_off(error, given);
            }
            (_, Some(whole)) => {
                progress.finish_and_clear();
                keep_certificate(args.certificate.as_deref(), &whole)?;
                return Ok(end(&whole, given.max(checkpoint.place().given), cli));
            }
            _ => {}
        }
    }
}

/// Writes a batch, with what is to be known of it on disk before and after.
fn hand_on(
    batch: Batch,
    listing: &Calls,
    certificate: Option<Certificate>,
    checkpoint: &mut Checkpoint,
    output: &mut Stdout,
    rejects: Option<&mut Rejects>,
) -> Result<(), Failure> {
    let after = checkpoint.after(&batch, listing.cursor(), listing.certificate());
    let rejects = rejects.filter(|_| !batch.rejects.is_empty());
    if batch.lines.is_empty() && rejects.is_none() {
        return checkpoint.move_to(after, certificate);
    }
    let rows = rejects.as_ref().and_then(|file| file.about_to_append(batch.rejects.as_bytes()));
    let calls = Appended { from: output.length(), lines: batch.lines };
    checkpoint.about_to_write(Pending { calls, rejects: rows, after, certificate })?;
    // Before the calls: one line of these shows that all of those are there.
    if let Some(file) = rejects {
        file.append(batch.rejects.as_bytes())?;
        file.sync()?;
    }
    output.append(&batch.text)?;
    checkpoint.has_written()
}

/// Says what was found of the lines that the last run was writing.
fn tell(recovered: &Recovered, cli: &Cli) {
    match recovered {
        Recovered::Whole => {}
        Recovered::Half => {
            note(cli, "half a line, which was being written when the last run ended, is cut off");
        }
        // Whoever takes the output has to know, however quiet it is to be.
        Recovered::Unknown(calls) => say(&format!(
            "{} calls were being written when the last run ended, and this output does not show which of them were; they may \
             be there twice: {}",
            calls.len(),
            names(calls)
        )),
    }
}

/// Calls by account and id.
fn names(calls: &[Key]) -> String {
    let name = |call: &Key| {
        format!("{} {}", account_name(call.vendor.as_str(), call.account.as_str()), call.id)
    };
    calls.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn broken_off(error: Error, given: u64) -> Result<Outcome, Failure> {
    // What was given out stays, and it is said that it is a part.
    if given > 0 {
        say(&format!("the listing is broken off: the {given} calls above are a part of it"));
    }
    Err(error.into())
}

fn end(certificate: &Certificate, given: u64, cli: &Cli) -> Outcome {
    if given == 0 && certificate.is_complete() && !certificate.limit_reached {
        note(cli, "no call matches");
    }
    sum_up(certificate, cli.quiet);
    Outcome::of(certificate)
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
