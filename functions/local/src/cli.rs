//! What can be typed after `linernotes`: commands, their arguments and the help that explains them.
//! What a command does is in its own room.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use shared::api_keys::Scope;
use shared::ids::What;

const ABOUT: &str =
    "Finds the producers behind the records: who made a track, how sure that is, and who says so.";

const START: &str = "\
Start here:
  linernotes demo                    see it work on real records, without any key
  linernotes config                  what is set, and what each missing setting switches off
  linernotes ingest \"AC/DC\"          bring in an artist and find the producers
  linernotes search \"mutt lange\"     find a producer by any name
  linernotes producer 12             one producer, with the evidence
  linernotes up                      keep it running: the HTTP API, the workers and the schedules

Settings come from environment variables; `linernotes config` lists them. Without DATABASE_URL a private Postgres \
keeps everything in the data directory. Every command explains itself: linernotes help ingest";

/// Everything that was typed.
#[derive(Debug, Parser)]
#[command(name = "linernotes", version, about = ABOUT, after_help = START, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// Where the private Postgres keeps its data [default: /var/lib/linernotes for root, else
    /// ~/.local/share/linernotes]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything in one process: the HTTP API, the workers and the schedules
    #[command(after_help = "\
Example:
  linernotes up --listen 127.0.0.1:9000
  curl 'http://127.0.0.1:9000/v1/producers?q=lange'

Ctrl-C, or SIGTERM, stops it: what is under way may end, the rest goes on at the next start.")]
    Up {
        /// Where the API listens; on anything but the loopback, writing needs an API key
        #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
        listen: SocketAddr,
    },
    /// Bring in artists or records and find who produced them
    #[command(after_help = "\
Examples:
  linernotes ingest \"AC/DC\"
  linernotes ingest https://open.spotify.com/artist/711MCceyCBcFnzjGY4Q7Un
  linernotes ingest --fresh \"Billy Joel\" spotify:album:1zXYNAA57WJ33GgZJHchhX

What is asked for is an artist's name, id or link, the link of an album or a track, an ISRC or a UPC (also as isrc:… and upc:…).
The exit status is 0 when all of it was found, 1 when something failed, is unclear or has to wait, 2 for a mistyped \
command. Run the same command again to go on: what is known is not asked for twice.")]
    Ingest(Ingest),
    /// Find producers by name, alias or a name as printed, also mistyped
    #[command(after_help = "Example:\n  linernotes search \"quincy jnes\"")]
    Search {
        /// A name, or how it begins
        #[arg(value_name = "TEXT")]
        text: String,
        /// How many producers at most
        #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=100))]
        limit: i32,
        /// One JSON document instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Show one producer: names, links, artists, and the credits that say so
    #[command(
        after_help = "Example:\n  linernotes producer 12\n\n`linernotes search` gives the ids."
    )]
    Producer {
        /// Our id of the producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// One JSON document instead of text
        #[arg(long)]
        json: bool,
    },
    /// Show how the work stands: queues, what waits until when and why, budgets, open issues
    #[command(after_help = "Example:\n  linernotes status --json")]
    Status {
        /// One JSON document instead of tables
        #[arg(long)]
        json: bool,
    },
    /// Show every setting: what is set (secrets hidden), and what a missing one switches off
    #[command(after_help = "Example:\n  SPOTIFY_MARKET=SE linernotes config")]
    Config {
        /// One JSON document instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Make, list and revoke the keys that others use the HTTP API with
    #[command(subcommand)]
    Keys(Keys),
    /// Bring the database's tables up to date; the private Postgres is kept up to date by itself
    #[command(after_help = "Example:\n  DATABASE_URL=postgres://… linernotes migrate")]
    Migrate,
    /// Print a hash over catalog and credits, by which two databases that should agree are compared
    #[command(after_help = "Example:\n  test \"$(linernotes fingerprint)\" = \"$(cat expected)\"")]
    Fingerprint {
        /// One JSON document that tells the tables apart
        #[arg(long)]
        json: bool,
    },
    /// See all of it work on real records, without keys or network
    #[command(after_help = "\
Examples:
  linernotes demo           then asks for Ctrl-C, so that the API can be tried
  linernotes demo --once    ends by itself

It answers from stand-ins for Spotify and MusicBrainz on this machine, into a database of its own that is gone \
afterwards; yours is not touched.")]
    Demo {
        /// End instead of going on to serve the API
        #[arg(long)]
        once: bool,
        /// End with one line of JSON on standard output; all else goes to standard error
        #[arg(long)]
        json: bool,
    },
    /// Measure the rules of identification on labelled tables, and end with one line of JSON
    #[command(
        hide = true,
        after_help = "Example:\n  linernotes eval ../shared/data\n\nThe folder holds version_pairs, name_pairs, name_negatives, \
                      credit_roles, track_ranges and anv, as .tsv or .csv, each with or without _sample in its name."
    )]
    Eval {
        /// The folder with the labelled tables
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Measure, beside a baseline in the same run, and print one line of JSON
    #[command(subcommand, hide = true)]
    Bench(Bench),
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Albums written, beside a commit for each row and a COPY of the same rows
    Ingest,
    /// Starts of the functions under AWS's emulator, beside those of the smallest function
    Cold {
        /// Where cargo builds, with the functions in lambda/ and the emulator in aws/
        #[arg(long, default_value = "target", value_name = "DIR")]
        target: PathBuf,
    },
    /// Titles and names read, beside lower-casing and taking them apart alone
    Text,
}

/// What to bring in.
#[derive(Debug, Args)]
pub struct Ingest {
    /// Names, Spotify ids, URIs or links, ISRCs, UPCs
    #[arg(required = true, value_name = "WHAT")]
    pub what: Vec<What>,
    /// Bring in the albums that an artist only appears on, too
    #[arg(long)]
    pub appears_on: bool,
    /// Look everything up again, also what is known
    #[arg(long)]
    pub fresh: bool,
    /// Nothing but one JSON document with the result
    #[arg(long)]
    pub json: bool,
}

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key and print it, this once
    #[command(after_help = "Example:\n  linernotes keys create website --scope write")]
    Create {
        /// What to call it, such as who gets it
        #[arg(value_name = "NAME")]
        name: String,
        /// What it may do; a key without a scope reads all but contacts
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scope())]
        scopes: Vec<Scope>,
    },
    /// List the keys: never the keys themselves, which nobody keeps
    #[command(after_help = "Example:\n  linernotes keys list")]
    List {
        /// One JSON document instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Make a key useless from now on
    #[command(after_help = "Example:\n  linernotes keys revoke 3")]
    Revoke {
        /// The key's id, as `linernotes keys list` shows it
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
    },
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str()))
        .try_map(|word| word.parse::<Scope>())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_is_asked_for_is_read_at_once() {
        let cli = Cli::try_parse_from([
            "linernotes",
            "ingest",
            "Amy Winehouse",
            "isrc:GB-UM7-06-03730",
        ]);
        let Ok(Cli {
            command: Command::Ingest(ingest),
            ..
        }) = cli
        else {
            panic!("{cli:?}");
        };
        let written: Vec<_> = ingest.what.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["name:Amy Winehouse", "isrc:GBUM70603730"]);
    }

    #[test]
    fn what_is_mistyped_is_refused_with_what_would_be_right() {
        for (typed, expected) in [
            (&["ingest"][..], "<WHAT>..."),
            (&["ingest", ""], "nothing was asked for"),
            (&["ingest", "isrc:1"], "isrc:1"),
            (&["search", "x", "--limit", "0"], "1..=100"),
            (&["producer", "quincy"], "invalid digit"),
            (
                &["keys", "create", "x", "--scope", "all"],
                "write, contacts",
            ),
            (&["up", "--listen", "8080"], "--listen"),
        ] {
            let error =
                Cli::try_parse_from([&["linernotes"], typed].concat()).expect_err("it was taken");
            assert_eq!(error.exit_code(), 2, "{typed:?}");
            assert!(error.to_string().contains(expected), "{typed:?}: {error}");
        }
    }
}
