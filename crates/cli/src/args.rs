//! What the command line takes.

use std::fmt;
use std::path::PathBuf;

use callmux::{CallStatus, Channel, Currency, Direction, EndedReason, Source};
use callmux_costs::{Dimension, Rate};
use chrono_tz::Tz;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// What every help text ends with.
const EXIT_CODES: &str =
    "Exit codes: 0 complete, 1 failure, 2 usage, 3 incomplete, 4 a key was refused.";

/// How many time windows may be read at once, as for the option of an account.
const MAX_CONCURRENCY: i64 = 64;

/// Lists calls from many voice-AI vendors through one interface: complete or it says so, exact about money.
///
/// Data goes to standard output, all else to standard error.
#[derive(Debug, Parser)]
#[command(
    name = "callmux",
    version,
    max_term_width = 110,
    arg_required_else_help = true,
    after_help = EXIT_CODES
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Say what is done; twice for every detail (RUST_LOG is obeyed too)
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,

    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List simulated vendors on loopback and compare their costs: no key needed
    #[command(after_help = EXIT_CODES)]
    Demo(DemoArgs),
    /// List calls
    #[command(after_help = EXIT_CODES)]
    Calls(CallsArgs),
    /// Sum what calls cost, compare it, say why it changed, find what stands out
    #[command(after_help = EXIT_CODES)]
    Costs(CostsArgs),
    /// Show what would be sent for a filter, and what is checked here; send nothing
    #[command(after_help = EXIT_CODES)]
    Explain(ExplainArgs),
    /// See whether the keys are good
    #[command(after_help = EXIT_CODES)]
    Check(SourceArgs),
    /// Show the vendors and what each can filter by
    #[command(after_help = EXIT_CODES)]
    Vendors(VendorsArgs),
    /// Serve simulated vendors on loopback, for tests of your own
    #[command(after_help = EXIT_CODES)]
    Simulate(SimulateArgs),
}

/// Where calls come from.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sources")]
pub(crate) struct SourceArgs {
    /// An account: VENDOR[:LABEL][@BASE_URL]; may be repeated. Its key is read from the environment: VAPI_API_KEY, for a label
    /// VAPI_<LABEL>_API_KEY. Without any: every account of the configuration, else every vendor whose key is set
    #[arg(short, long = "source", value_name = "SOURCE")]
    pub(crate) sources: Vec<Source>,

    /// The configuration that holds accounts; callmux.toml of this folder unless given. It is not read where a --source is given
    #[arg(long, value_name = "FILE", env = "CALLMUX_CONFIG")]
    pub(crate) config: Option<PathBuf>,

    /// An option of an account: LABEL.NAME=VALUE; may be repeated (`callmux vendors --options` lists them)
    #[arg(long = "option", value_name = "LABEL.NAME=VALUE")]
    pub(crate) options: Vec<String>,

    /// End with the first source that fails, instead of going on with the others
    #[arg(long)]
    pub(crate) stop_on_failure: bool,
}

/// Which calls are meant.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Filter")]
pub(crate) struct FilterArgs {
    /// Placed at or after: 2026-01-31, 2026-01-31T12:00:00Z, 7d, "24h ago", yesterday
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,

    /// Placed before; a date means through the end of that day
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,

    /// The time zone of dates, here and in reports: UTC, Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    pub(crate) tz: Tz,

    /// Changed at or after
    #[arg(long, value_name = "TIME")]
    pub(crate) updated_from: Option<String>,

    /// Changed before; a date means through the end of that day
    #[arg(long, value_name = "TIME")]
    pub(crate) updated_to: Option<String>,

    #[arg(
        long,
        value_name = "STATUS,…",
        value_delimiter = ',',
        help = one_of("In one of these states", CallStatus::ALL)
    )]
    pub(crate) status: Vec<CallStatus>,

    #[arg(
        long,
        value_name = "DIRECTION,…",
        value_delimiter = ',',
        help = one_of("In one of these directions", Direction::ALL)
    )]
    pub(crate) direction: Vec<Direction>,

    #[arg(
        long,
        value_name = "CHANNEL,…",
        value_delimiter = ',',
        help = one_of("Through one of these channels", Channel::ALL)
    )]
    pub(crate) channel: Vec<Channel>,

    #[arg(
        long,
        value_name = "REASON,…",
        value_delimiter = ',',
        help = one_of("Ended for one of these reasons", EndedReason::ALL)
    )]
    pub(crate) ended_reason: Vec<EndedReason>,

    /// With this other party, compared by digits
    #[arg(long, value_name = "NUMBER")]
    pub(crate) customer: Option<String>,

    /// With an other party whose number contains these digits
    #[arg(long, value_name = "DIGITS", conflicts_with = "customer")]
    pub(crate) customer_contains: Option<String>,

    /// Held by the agent with this id
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<String>,

    /// In the campaign with this id
    #[arg(long, value_name = "ID")]
    pub(crate) campaign: Option<String>,

    /// Of at least this talk time, in seconds
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) min_duration: Option<String>,

    /// Of at most this talk time, in seconds
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) max_duration: Option<String>,

    /// With a known total of at least this: 0.05, or "0.05 EUR" (USD unless said)
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(crate) min_cost: Option<String>,

    /// With a known total of at most this
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(crate) max_cost: Option<String>,

    /// With one of these ids
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) id: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CallsArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    /// How calls are written
    #[arg(short, long, value_enum, default_value_t = CallsFormat::Table, help_heading = "Output")]
    pub(crate) output: CallsFormat,

    /// End after this many calls
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "Output"
    )]
    pub(crate) limit: Option<u64>,

    /// Rows to ask for at a time: a hint
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Output")]
    pub(crate) page_size: Option<u32>,

    /// Requests to have under way at once for each account, up to 64: for windows of a range (--from), or for pages ahead at Autocalls. Not with --limit
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_CONCURRENCY), help_heading = "Output")]
    pub(crate) concurrency: Option<u32>,

    /// Send no more requests than this
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Output")]
    pub(crate) max_requests: Option<u64>,

    /// Write the vendor's own row with each call, secrets masked (json, ndjson)
    #[arg(long, help_heading = "Output")]
    pub(crate) raw: bool,

    /// Keep the listing's place in this file, and go on from it if it is there (ndjson, appended with >>)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) checkpoint: Option<PathBuf>,

    /// Write the certificate to this file, as JSON
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) certificate: Option<PathBuf>,

    /// Write rows that could not be understood to this file, whole, secrets masked
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) rejects: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CostsArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    #[arg(
        long,
        value_name = "WHAT,…",
        value_delimiter = ',',
        default_value = "vendor",
        help_heading = "Output",
        help = one_of("What to group by, one or several", Dimension::ALL)
    )]
    pub(crate) by: Vec<Dimension>,

    /// Set vendors, accounts or agents side by side, like for like, instead of listing groups
    #[arg(
        long,
        value_name = "WHAT",
        num_args = 0..=1,
        default_missing_value = "vendor",
        conflicts_with = "by",
        help_heading = "Questions"
    )]
    pub(crate) compare: Option<Side>,

    /// What changed since an earlier range, and why: `previous` (as long, just before --from) or FROM..TO
    #[arg(long, value_name = "RANGE", conflicts_with_all = ["compare", "outliers", "html", "certificate"], help_heading = "Questions")]
    pub(crate) against: Option<String>,

    /// Calls that stand out from their own group (--by), that never ended, that were never billed
    #[arg(long, conflicts_with = "compare", help_heading = "Questions")]
    pub(crate) outliers: bool,

    /// Convert amounts at a rate: EUR=1.08@2026-01-01 (from that day on), or EUR=1.08; may be repeated
    #[arg(long, value_name = "RATE", help_heading = "Currency")]
    pub(crate) fx: Vec<Rate>,

    /// The same from a file, a rate a line
    #[arg(long, value_name = "FILE", help_heading = "Currency")]
    pub(crate) fx_file: Option<PathBuf>,

    /// The currency that amounts are converted to; USD unless given
    #[arg(long, value_name = "CODE", help_heading = "Currency")]
    pub(crate) currency: Option<Currency>,

    /// Requests to have under way at once for each account, up to 64: for windows of a range (--from), or for pages ahead at Autocalls
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_CONCURRENCY), help_heading = "Output")]
    pub(crate) concurrency: Option<u32>,

    /// How the report is written
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Table, help_heading = "Output")]
    pub(crate) output: ReportFormat,

    /// Write a page to look at and pass on: one file, which needs no network
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) html: Option<PathBuf>,

    /// Write the certificate to this file, as JSON
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) certificate: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    /// How the plan is written
    #[arg(short, long, value_enum, default_value_t = PlanFormat::Table, help_heading = "Output")]
    pub(crate) output: PlanFormat,

    /// As `callmux calls` would be given it: a page is no larger than what is wanted of it
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "Output"
    )]
    pub(crate) limit: Option<u64>,

    /// As `callmux calls` would be given it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Output")]
    pub(crate) page_size: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct VendorsArgs {
    /// List the white-labels of each vendor
    #[arg(long)]
    pub(crate) white_labels: bool,

    /// List the options of each vendor's accounts
    #[arg(long)]
    pub(crate) options: bool,

    /// How the table is written
    #[arg(short, long, value_enum, default_value_t = PlanFormat::Table)]
    pub(crate) output: PlanFormat,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// How many calls each simulated vendor holds
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub(crate) calls: usize,

    /// Decides what the calls are
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// The page that the report is written to
    #[arg(long, value_name = "FILE", default_value = "callmux-report.html")]
    pub(crate) html: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// The vendors to serve; all unless given
    #[arg(value_name = "VENDOR")]
    pub(crate) vendors: Vec<String>,

    /// How many calls each holds
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub(crate) calls: usize,

    /// How many calls share an instant at most
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) ties: usize,

    /// Decides what the calls are
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// The port of the first vendor, the next ones following; any free ports unless given
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
}

/// What may be set side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    Vendor,
    Account,
    Agent,
}

impl From<Side> for Dimension {
    fn from(side: Side) -> Self {
        match side {
            Side::Vendor => Self::Vendor,
            Side::Account => Self::Account,
            Side::Agent => Self::Agent,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CallsFormat {
    /// For people
    Table,
    /// One JSON array
    Json,
    /// One call a line
    Ndjson,
    /// One call a row, for spreadsheets
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Table,
    /// One JSON object
    Json,
    /// One group a row, for spreadsheets
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Table,
    /// One JSON array
    Json,
    /// One JSON object a line
    Ndjson,
}

/// What an option is for, with the words that it takes.
fn one_of<T: fmt::Display>(what: &str, words: &[T]) -> String {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    format!("{what}: {}", words.join(", "))
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| {
        format!("{text:?} is not a time zone; give a name such as UTC or Europe/Berlin")
    })
}
