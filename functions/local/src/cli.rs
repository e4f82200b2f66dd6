//! The command line: commands, arguments and help texts.
//! For what a command does see the module of its name in `commands`.

mod api;
mod curation;
mod ingest;
mod keys;
mod lists;
mod load;
mod operators;
mod reasons;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use shared::store::search::SearchKind;

pub use api::ApiArguments;
pub use curation::{CreditsCommand, ProducersCommand, VerdictArguments};
pub use ingest::{IngestArguments, TypedItem};
pub use keys::KeysCommand;
pub use load::LoadCommand;
pub use operators::{DeadCommand, IngestionsCommand, IssuesCommand, SelectionArguments, SourcesCommand};

const ABOUT: &str = "Find out who produced a track, how certain that is, and which sources say so";

const START: &str = "\
Start here:
  linernotes demo                  see it work on real records, without any key
  linernotes config                list the settings and what each one enables
  linernotes ingest \"AC/DC\"        import an artist and find the producers
  linernotes search \"mutt lange\"   find people, songs and albums
  linernotes producer 12           show one producer, with the evidence
  linernotes load discogs FILE     load all credits from a Discogs dump
  linernotes up                    run the HTTP API, workers and schedules

Settings are environment variables; `linernotes config` lists them. If
DATABASE_URL is not set, a private Postgres keeps everything in the data
directory. For help on a command, run for example: linernotes help ingest";

/// The kinds of search results, by their names.
fn kinds() -> impl TypedValueParser<Value = SearchKind> {
    PossibleValuesParser::new(SearchKind::ALL.iter().map(|kind| kind.as_str()))
        .try_map(|kind| kind.parse::<SearchKind>())
}

/// The parsed command line.
#[derive(Debug, Parser)]
#[command(
    name = "linernotes",
    version,
    about = ABOUT,
    after_help = START,
    arg_required_else_help = true,
    max_term_width = 80
)]
pub struct Cli {
    /// Data directory of the private Postgres [default: /var/lib/linernotes for root, otherwise
    /// ~/.local/share/linernotes]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the HTTP API, the workers and the schedules in one process
    #[command(after_help = "\
Example:
  linernotes up --listen 127.0.0.1:9000
  curl 'http://127.0.0.1:9000/v1/producers?q=lange'
  linernotes api POST /v1/ingestions '{\"what\": [\"AC/DC\"]}'

The first start makes a key for you, with all rights, in the data directory:
owner.key, and owner.header for `curl -H @FILE`. `linernotes api` sends it.

Press Ctrl-C, or send SIGTERM, to stop. Running work gets 30 seconds to finish;
everything else resumes at the next start.")]
    Up {
        /// Address of the API
        #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
        listen: SocketAddr,
    },
    /// Import artists or records and find out who produced them
    #[command(after_help = ingest::EXAMPLES)]
    Ingest(IngestArguments),
    /// Load all credits from a source's dump, without limits or keys
    #[command(subcommand)]
    Load(LoadCommand),
    /// Find producers, artists, songs, albums and credited people, even misspelled
    #[command(after_help = "Examples:\n  linernotes search \"quincy jnes\"\n  \
                      linernotes search \"thriller michael jackson\" --kind song")]
    Search {
        /// A name, a title, a title and an artist, or an id, link, ISRC or UPC
        #[arg(value_name = "WHAT")]
        text: String,
        /// Only results of this kind
        #[arg(long, value_name = "KIND", value_parser = kinds())]
        kind: Option<SearchKind>,
        /// Maximum number of results
        #[arg(
            long,
            default_value_t = 20,
            value_name = "N",
            value_parser = clap::value_parser!(i32).range(1..=100)
        )]
        limit: i32,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Show one producer: names, links, artists and credits
    #[command(after_help = "Example:\n  linernotes producer 12\n\nFind the id with `linernotes search`.")]
    Producer {
        /// Id of the producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Merge or split producers, and erase their contact details
    #[command(subcommand)]
    Producers(ProducersCommand),
    /// Confirm or reject credits, and add your own
    #[command(subcommand)]
    Credits(CreditsCommand),
    /// Show what is stored, what waits, what is blocked and what went wrong
    #[command(after_help = "Example:\n  linernotes status --json")]
    Status {
        /// Print JSON instead of tables
        #[arg(long)]
        json: bool,
    },
    /// List, retry and drop messages that are not handled any more
    #[command(subcommand)]
    Dead(DeadCommand),
    /// List and resolve the problems that workers report
    #[command(subcommand)]
    Issues(IssuesCommand),
    /// List, show and cancel what people requested
    #[command(subcommand)]
    Ingestions(IngestionsCommand),
    /// List the rate limits and blocks of the sources, and lift a block
    #[command(subcommand)]
    Sources(SourcesCommand),
    /// List all settings and what each missing one disables
    #[command(after_help = "Example:\n  SPOTIFY_MARKET=SE linernotes config\n\nSecrets are hidden.")]
    Config {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Send a request to the running HTTP API, with the owner's key
    #[command(after_help = api::EXAMPLES)]
    Api(ApiArguments),
    /// Create, list and revoke keys for the HTTP API
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Migrate the database to the current schema
    #[command(after_help = "\
Example:
  DATABASE_URL=postgres://… linernotes migrate

The private Postgres is migrated automatically. If a load was killed, this also
creates the keys and indexes that it had dropped.")]
    Migrate,
    /// Regroup songs after the title rules changed; safe to interrupt and run again
    #[command(after_help = "Example:\n  linernotes renormalize")]
    Renormalize,
    /// Compute the producers of tracks, the dates of songs and the statistics again
    #[command(after_help = "\
Example:
  linernotes rebuild

Derived rows are kept by every command and worker. This is for a database that was
changed or restored by other means. It says how many rows differed.")]
    Rebuild,
    /// Print a hash of catalog and credits, to compare two databases
    #[command(after_help = "Example:\n  test \"$(linernotes fingerprint)\" = \"$(cat expected)\"")]
    Fingerprint {
        /// Print JSON with one sum per table
        #[arg(long)]
        json: bool,
    },
    /// Run everything on real records, without keys or network
    #[command(after_help = "\
Examples:
  linernotes demo           keeps serving the API until Ctrl-C
  linernotes demo --once    exits when the report is printed
  linernotes demo --keep    keeps the database, for every other command

The demo asks stand-ins for Spotify and MusicBrainz on this machine and uses a
database of its own. Your own database is not touched. With --keep, the database
stays in the data directory: the one of --data-dir, which must be new, otherwise
linernotes-demo beside the default one.")]
    Demo(DemoArguments),
}

/// Arguments of `linernotes demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Exit after the report instead of serving the API
    #[arg(long)]
    pub once: bool,
    /// Keep the database after the end
    #[arg(long)]
    pub keep: bool,
    /// Print one line of JSON on standard output; the report goes to standard error
    #[arg(long)]
    pub json: bool,
}
