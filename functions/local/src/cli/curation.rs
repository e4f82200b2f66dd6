//! Arguments and help texts of `linernotes producers` and `linernotes credits`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::lists::list_limit;
use super::reasons::reason;

/// Commands on the identity and contact details of producers.
#[derive(Debug, Subcommand)]
pub enum ProducersCommand {
    /// List possible duplicates, strongest evidence first
    #[command(after_help = "Example:\n  linernotes producers duplicates --limit 20")]
    Duplicates {
        /// Maximum number of pairs
        #[arg(long, default_value_t = 50, value_name = "N", value_parser = list_limit())]
        limit: i64,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Merge two producers into the one with the lower id
    #[command(after_help = "\
Example:
  linernotes producers merge 12 40 --reason \"his own site lists both\"

Credits stay as their sources state them. To undo this merge, run:
linernotes producers unmerge 40")]
    Merge {
        /// Id of one producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        one: i64,
        /// Id of the other producer
        #[arg(value_name = "OTHER_ID", value_parser = clap::value_parser!(i64).range(1..))]
        other: i64,
        /// Why they are the same person
        #[arg(long, value_name = "TEXT", default_value = "merged by hand", value_parser = reason)]
        reason: String,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Undo a merge: restore the producer with their old id and credits
    #[command(after_help = "\
Example:
  linernotes producers unmerge 40

Give the id that disappeared in the merge, or the id that stayed if only one
producer was merged into it.")]
    Unmerge {
        /// Id of the producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Erase a producer's contact details: hide them now, delete them in a day
    #[command(after_help = "\
Examples:
  linernotes producers erase-contact 12 --dry-run
  linernotes producers erase-contact 12 --reason \"she asked for it\"

Handle, email address, links, bio and picture are hidden at once, wherever they
are stored, and deleted permanently after 24 hours. Until then, restore-contact
brings them back. Only hashes remain, so that no source, merge or load restores
the details. Who decided it and why is recorded in the table operator_decisions.")]
    EraseContact {
        /// Id of the producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// Why; it is recorded
        #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
        reason: Option<String>,
        /// Delete them permanently now, with those that are hidden already
        #[arg(long)]
        now: bool,
        /// Only list what would be erased
        #[arg(long)]
        dry_run: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Bring back contact details that were erased in the last 24 hours
    #[command(after_help = "\
Example:
  linernotes producers restore-contact 12 --reason \"the wrong Ann\"

The sources are asked about the producer again.")]
    RestoreContact {
        /// Id of the producer
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// Why; it is recorded
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
}

/// Commands on credits.
#[derive(Debug, Subcommand)]
pub enum CreditsCommand {
    /// Confirm that a producer made a song, whatever the sources say
    #[command(after_help = "\
Example:
  linernotes credits confirm 311 12 --reason \"booklet of the first pressing\"

Applies to every version of the song until it is withdrawn.")]
    Confirm(VerdictArguments),
    /// Reject a producer's credit for a song, whatever the sources say
    #[command(after_help = "\
Example:
  linernotes credits reject 311 12 --reason \"a namesake\"

Applies to every version of the song until it is withdrawn. The credit stays
visible as rejected.")]
    Reject(VerdictArguments),
    /// Withdraw a confirmation or rejection
    #[command(after_help = "Example:\n  linernotes credits withdraw 311 12")]
    Withdraw {
        /// The track: our id, or its Spotify id or link
        #[arg(value_name = "TRACK")]
        track: String,
        /// Id of the producer
        #[arg(value_name = "PRODUCER_ID", value_parser = clap::value_parser!(i64).range(1..))]
        producer: i64,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Import your own credits from a CSV file
    #[command(after_help = "\
Example:
  linernotes credits import booklets.csv

The first line names the columns:
  track,producer,producer_id,role,note
  311,Quincy Jones,,producer,booklet page 4
  USSM18300503,,12,co-producer,

track        our id, a Spotify id or link, or an ISRC (applies to every track
             that has it)
producer     a name
producer_id  our id, or a MusicBrainz id; one of the two columns is enough.
             A name that a producer here has already needs the id, or new if
             it is another person
note         optional

Lines that cannot be used are listed, and the others are imported. Importing
the same file again changes nothing.")]
    Import {
        /// The CSV file
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
}

/// Arguments of a verdict on a producer's credit for a song.
#[derive(Debug, Args)]
pub struct VerdictArguments {
    /// A track of the song: our id, or its Spotify id or link
    #[arg(value_name = "TRACK")]
    pub track: String,
    /// Id of the producer
    #[arg(value_name = "PRODUCER_ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub producer: i64,
    /// How you know
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub reason: String,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}
