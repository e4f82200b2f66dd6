//! Arguments and help texts of the commands for operators: `linernotes dead`, `issues`, `ingestions` and
//! `sources`.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::messages::QueueName;

use super::lists::list_limit;
use super::reasons::reason;

/// Commands on dead letters: messages that are not handled any more.
#[derive(Debug, Subcommand)]
pub enum DeadCommand {
    /// List dead letters by cause
    #[command(after_help = "\
Examples:
  linernotes dead list --queue catalog
  linernotes dead list --cause \"503\" --newer-than 2h")]
    List {
        /// Which ones
        #[command(flatten)]
        selection: SelectionArguments,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Show one dead letter with its body
    #[command(after_help = "Example:\n  linernotes dead show 17")]
    Show {
        /// Its id, from `linernotes dead list`
        #[arg(value_name = "ID")]
        id: String,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Send dead letters to their queues again, with new attempts
    #[command(after_help = "\
Examples:
  linernotes dead retry 17 18
  linernotes dead retry --cause \"503\" --dry-run
  linernotes dead retry --all")]
    Retry {
        /// Which ones
        #[command(flatten)]
        selection: SelectionArguments,
        /// All dead letters
        #[arg(long)]
        all: bool,
        /// Only list what would be sent
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete dead letters; what they asked for is not done
    #[command(after_help = "\
Examples:
  linernotes dead drop 17 --reason \"the artist was deleted at Spotify\"
  linernotes dead drop --older-than 30d --reason \"too old\" --dry-run

Who dropped them and why is recorded, with their bodies, in the table
operator_decisions.")]
    Drop {
        /// Which ones
        #[command(flatten)]
        selection: SelectionArguments,
        /// All dead letters
        #[arg(long)]
        all: bool,
        /// Why they are not needed
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// Only list what would be deleted
        #[arg(long)]
        dry_run: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Arguments that select dead letters.
#[derive(Debug, Args)]
pub struct SelectionArguments {
    /// Ids, from `linernotes dead list`
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// Only those of this queue
    #[arg(long, value_name = "QUEUE", value_parser = queue())]
    pub queue: Option<QueueName>,
    /// Only those whose cause contains this text
    #[arg(long, value_name = "TEXT")]
    pub cause: Option<String>,
    /// Only those that died longer ago than this, such as 90s, 30m, 12h or 7d
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub older_than: Option<Duration>,
    /// Only those that died more recently than this
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub newer_than: Option<Duration>,
}

impl SelectionArguments {
    /// Whether nothing was chosen, which selects all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let has_age = self.older_than.is_some() || self.newer_than.is_some();
        self.ids.is_empty() && self.queue.is_none() && self.cause.is_none() && !has_age
    }
}

/// Commands on issues that workers report.
#[derive(Debug, Subcommand)]
pub enum IssuesCommand {
    /// List the open issues, the most recent first
    #[command(after_help = "Example:\n  linernotes issues list")]
    List {
        /// Maximum number of issues
        #[arg(long, default_value_t = 50, value_name = "N", value_parser = list_limit())]
        limit: i64,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Show one issue with its details
    #[command(after_help = "Example:\n  linernotes issues show 3")]
    Show {
        /// Its id, from `linernotes issues list`
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Close issues that are settled; a problem that occurs again opens a new one
    #[command(after_help = "\
Example:
  linernotes issues resolve 3 4 --reason \"the token was replaced\"")]
    Resolve {
        /// Their ids
        #[arg(value_name = "ID", required = true, value_parser = clap::value_parser!(i64).range(1..))]
        ids: Vec<i64>,
        /// What was done
        #[arg(long, value_name = "TEXT", default_value = "resolved by hand", value_parser = reason)]
        reason: String,
    },
}

/// Commands on ingestions.
#[derive(Debug, Subcommand)]
pub enum IngestionsCommand {
    /// List the ingestions, the most recent first
    #[command(after_help = "Example:\n  linernotes ingestions list --limit 5")]
    List {
        /// Maximum number of ingestions
        #[arg(long, default_value_t = 20, value_name = "N", value_parser = list_limit())]
        limit: i64,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Show the progress of one ingestion and what failed
    #[command(after_help = "Example:\n  linernotes ingestions show 7")]
    Show {
        /// Its id, from `linernotes ingestions list`
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Stop what has not begun; what is stored stays
    #[command(after_help = "Example:\n  linernotes ingestions cancel 7 --reason \"a mistyped list\"")]
    Cancel {
        /// Its id, from `linernotes ingestions list`
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "cancelled by hand", value_parser = reason)]
        reason: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Commands on the sources.
#[derive(Debug, Subcommand)]
pub enum SourcesCommand {
    /// List the sources that were called, their rate limits and blocks
    #[command(after_help = "Example:\n  linernotes sources list")]
    List {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Call a source again before its block ends
    #[command(after_help = "\
Example:
  linernotes sources unblock musicbrainz --reason \"they lifted the ban\"

Work that waits for the end of the block starts within a minute. A source that
still refuses blocks itself again.")]
    Unblock {
        /// The source
        #[arg(value_name = "SOURCE", value_parser = source())]
        source: Source,
        /// Why it can be called again
        #[arg(long, value_name = "TEXT", default_value = "unblocked by hand", value_parser = reason)]
        reason: String,
    },
}

fn queue() -> impl TypedValueParser<Value = QueueName> {
    PossibleValuesParser::new(QueueName::ALL.iter().map(|queue| queue.as_str()))
        .try_map(|word| word.parse::<QueueName>())
}

/// The sources that are called.
fn source() -> impl TypedValueParser<Value = Source> {
    let called: BTreeSet<&str> = Bucket::ALL
        .iter()
        .map(|bucket| bucket.source().as_str())
        .collect();
    PossibleValuesParser::new(called).try_map(|word| word.parse::<Source>())
}

/// Reads an age such as `30m`.
fn age(text: &str) -> Result<Duration, String> {
    let invalid = || "write a number with a unit: 90s, 30m, 12h or 7d".to_owned();
    let seconds = match text.chars().last().ok_or_else(invalid)? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(invalid()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| invalid())?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_with_a_unit() {
        for (text, seconds) in [
            ("90s", Some(90)),
            ("30m", Some(1_800)),
            ("12h", Some(43_200)),
            ("7d", Some(604_800)),
            ("0s", Some(0)),
            ("7", None),
            ("", None),
            ("d", None),
            ("-1d", None),
            ("1.5h", None),
            ("7 d", None),
            ("7é", None),
        ] {
            assert_eq!(age(text).ok(), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
