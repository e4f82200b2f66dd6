//! What can be typed after `linernotes`: commands, their arguments and the help that explains them.
//! What a command does is in its own room.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use shared::domain::ids::RequestedItem;
use shared::platform::api_keys::Scope;

const ABOUT: &str =
    "Finds the producers behind the records: who made a track, how sure that is, and who says so.";

const START: &str = "\
Start here:
  linernotes demo                    see it work on real records, without any key
  linernotes config                  what is set, and what each missing setting switches off
  linernotes ingest \"AC/DC\"          bring in an artist and find the producers
  linernotes search \"mutt lange\"     find a producer by any name
  linernotes producer 12             one producer, with the evidence
  linernotes load discogs FILE       load all the credits that Discogs has
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
  linernotes ingest https://musicbrainz.org/artist/66c662b6-6e2f-4930-8610-912e24c63ed1
  linernotes ingest --fresh \"Billy Joel\" spotify:album:1zXYNAA57WJ33GgZJHchhX

What is asked for is an artist's name, id or link, the link of an album or a track, an ISRC or a UPC (also as isrc:… and upc:…).
Without Spotify, with CONTACT alone: the link of an artist, a release or a release group of musicbrainz.org, or mbid:….
The exit status is 0 when all of it was found, 1 when something failed, is unclear or has to wait, 2 for a mistyped \
command. Run the same command again to go on: what is known is not asked for twice.")]
    Ingest(Ingest),
    /// Load a source's dump: all the credits it has, without limits or keys
    #[command(subcommand)]
    Load(Load),
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
    #[command(after_help = "Example:\n  linernotes producer 12\n\n`linernotes search` gives the ids.")]
    Producer {
        /// Our id of the producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// One JSON document instead of text
        #[arg(long)]
        json: bool,
    },
    /// Say who is one and who is two, and forget how to reach somebody
    #[command(subcommand)]
    Producers(Producers),
    /// Say who made a song: confirm or reject a credit, and add credits of your own
    #[command(subcommand)]
    Credits(Credits),
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
    /// Read the titles of songs anew that were told apart by the rules of an earlier linernotes; can be stopped and run again
    #[command(after_help = "Example:\n  linernotes renormalize")]
    Renormalize,
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
}

/// What to bring in.
#[derive(Debug, Args)]
pub struct Ingest {
    /// Names, Spotify ids, URIs or links, links and ids of MusicBrainz, ISRCs, UPCs
    #[arg(required = true, value_name = "WHAT")]
    pub what: Vec<RequestedItem>,
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

/// Whose dump to load.
#[derive(Debug, Subcommand)]
pub enum Load {
    /// Load the monthly dump of Discogs: releases, then what its artists' pages say of those who are on them
    #[command(after_help = "\
Examples:
  linernotes load discogs discogs_20260801_releases.xml.gz discogs_20260801_artists.xml.gz
  zcat discogs_20260801_releases.xml.gz | linernotes load discogs - --all

The files are on https://data.discogs.com, free for any use (CC0). Ctrl-C stops it after what is under way, twice at once; \
run the same command again to go on: what is here is not loaded twice. A newer dump changes what changed and takes away what \
is gone. The exit status is 0 when all of it was read, 1 when not.")]
    Discogs {
        /// The dump of releases, as it is or decompressed; - for standard input
        #[arg(value_name = "RELEASES.xml.gz")]
        releases: PathBuf,
        /// The dump of artists: their names, other ways of writing them, and links
        #[arg(value_name = "ARTISTS.xml.gz")]
        artists: Option<PathBuf>,
        /// Load releases that nobody is credited with producing, too
        #[arg(long)]
        all: bool,
        /// One JSON document a line: how far it is, and what it came to
        #[arg(long)]
        json: bool,
    },
    /// Load a dump of MusicBrainz: of each release group the best release, then what is said of the artists on them
    #[command(
        name = "musicbrainz",
        after_help = "\
Examples:
  linernotes load musicbrainz release.tar.xz artist.tar.xz
  curl -L …/release.tar.xz | linernotes load musicbrainz -

The files are in https://data.metabrainz.org/pub/musicbrainz/data/json-dumps/, free for any use (CC0). Ctrl-C stops it \
after what is under way, twice at once; run the same command again to go on: what is here is not loaded twice. A newer dump \
changes what changed and takes away what is gone. The exit status is 0 when all of it was read, 1 when not."
    )]
    MusicBrainz {
        /// The dump of releases, as it is or decompressed; - for standard input
        #[arg(value_name = "RELEASE.tar.xz")]
        releases: PathBuf,
        /// The dump of artists: their names, aliases and links
        #[arg(value_name = "ARTIST.tar.xz")]
        artists: Option<PathBuf>,
        /// Load releases that nobody is credited with producing, too
        #[arg(long)]
        all: bool,
        /// One JSON document a line: how far it is, and what it came to
        #[arg(long)]
        json: bool,
    },
}

/// What to decide of producers.
#[derive(Debug, Subcommand)]
pub enum Producers {
    /// List producers that may be one, with what speaks for it, the strongest first
    #[command(after_help = "Example:\n  linernotes producers duplicates --limit 20")]
    Duplicates {
        /// How many pairs at most
        #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// One JSON document instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Make one producer of two; the lower id stays, and it can be undone
    #[command(after_help = "\
Example:
  linernotes producers merge 12 40 --reason \"his own site lists both\"

The credits stay as their sources state them. `linernotes producers unmerge 40` undoes it.")]
    Merge {
        /// Our id of one producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        one: i64,
        /// Our id of the other
        #[arg(value_name = "OTHER_ID", value_parser = clap::value_parser!(i64).range(1..))]
        other: i64,
        /// Why they are one
        #[arg(long, value_name = "TEXT", default_value = "merged by hand")]
        reason: String,
        /// One JSON document instead of text
        #[arg(long)]
        json: bool,
    },
    /// Undo a merge: the producer is back under the id of before, with all credits that are theirs
    #[command(after_help = "\
Example:
  linernotes producers unmerge 40

The id is that of the producer who went, or of the one who stayed where only one went into it.")]
    Unmerge {
        /// Our id of the producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// One JSON document instead of text
        #[arg(long)]
        json: bool,
    },
    /// Erase how to reach a producer, for good: handle, e-mail address, links, bio and picture
    #[command(after_help = "\
Example:
  linernotes producers erase-contact 12

Only hashes stay, so that no source, merge or load brings any of it back. There is no way to undo it.")]
    EraseContact {
        /// Our id of the producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// One JSON document instead of text
        #[arg(long)]
        json: bool,
    },
}

/// What to decide of credits.
#[derive(Debug, Subcommand)]
pub enum Credits {
    /// Say that a producer did make a song, whatever the sources say
    #[command(after_help = "\
Example:
  linernotes credits confirm 311 12 --reason \"booklet of the first pressing\"

It holds for every version of the song, and until it is withdrawn.")]
    Confirm(Verdict),
    /// Say that a producer did not make a song, whatever the sources say
    #[command(after_help = "\
Example:
  linernotes credits reject 311 12 --reason \"a namesake\"

It holds for every version of the song, and until it is withdrawn. The credit stays visible as rejected.")]
    Reject(Verdict),
    /// Take back what was confirmed or rejected
    #[command(after_help = "Example:\n  linernotes credits withdraw 311 12")]
    Withdraw {
        /// The track: our id, or a Spotify id or link
        #[arg(value_name = "TRACK")]
        track: String,
        /// Our id of the producer
        #[arg(value_name = "PRODUCER_ID", value_parser = clap::value_parser!(i64).range(1..))]
        producer: i64,
        /// One JSON document instead of text
        #[arg(long)]
        json: bool,
    },
    /// Add credits of your own from a CSV file: all of it or nothing
    #[command(after_help = "\
Example:
  linernotes credits import booklets.csv

The first line names the columns:
  track,producer,producer_id,role,note
  311,Quincy Jones,,producer,booklet page 4
  USSM18300503,,12,co-producer,

track is our id, a Spotify id or link, or an ISRC (then every track that has it). producer is a name, producer_id our id or \
one of MusicBrainz; one of the two is enough. note may be empty. The same file again changes nothing.")]
    Import {
        /// The file
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// One JSON document instead of text
        #[arg(long)]
        json: bool,
    },
}

/// A verdict on a song and a producer.
#[derive(Debug, Args)]
pub struct Verdict {
    /// A track of the song: our id, or a Spotify id or link
    #[arg(value_name = "TRACK")]
    pub track: String,
    /// Our id of the producer
    #[arg(value_name = "PRODUCER_ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub producer: i64,
    /// How you know
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// One JSON document instead of text
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
        let cli = Cli::try_parse_from(["linernotes", "ingest", "Amy Winehouse", "isrc:GB-UM7-06-03730"]);
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
            (&["ingest", ""], "the request is empty"),
            (&["ingest", "isrc:1"], "isrc:1"),
            (&["search", "x", "--limit", "0"], "1..=100"),
            (&["producer", "quincy"], "invalid digit"),
            (&["producers", "merge", "1"], "<OTHER_ID>"),
            (&["credits", "reject", "1", "2"], "--reason <TEXT>"),
            (&["keys", "create", "x", "--scope", "all"], "write, contacts"),
            (&["up", "--listen", "8080"], "--listen"),
        ] {
            let error = Cli::try_parse_from([&["linernotes"], typed].concat()).expect_err("it was taken");
            assert_eq!(error.exit_code(), 2, "{typed:?}");
            assert!(error.to_string().contains(expected), "{typed:?}: {error}");
        }
    }
}
