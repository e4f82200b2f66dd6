//! The arguments of `linernotes ingest`.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use shared::domain::ids::{InvalidId, RequestedItem};

pub(super) const EXAMPLES: &str = "\
Examples:
  linernotes ingest \"AC/DC\"
  linernotes ingest https://open.spotify.com/artist/711MCceyCBcFnzjGY4Q7Un
  linernotes ingest mbid:66c662b6-6e2f-4930-8610-912e24c63ed1
  linernotes ingest --fresh \"Billy Joel\" spotify:album:1zXYNAA57WJ33GgZJHchhX
  linernotes ingest --file wanted.txt --dry-run
  grep Queen wanted.txt | linernotes ingest -

Name an artist by name, Spotify id, URI or link. Name a record by the link of an
album or track, or by ISRC or UPC (optionally written isrc:… and upc:…). Write
name:… for an artist whose name looks like a link or a code.

A list has one item per line. Empty lines and lines that begin with \"# \" are
skipped. If one line cannot be read, nothing is imported.

Without Spotify, CONTACT alone is enough to import from MusicBrainz: give a
name, a UPC, the musicbrainz.org link of an artist, a release or a release
group, or mbid:….

Run the same command again to resume: known facts are not requested twice.

Exit status: 0 if everything was found, 1 if something failed, is ambiguous or
has to wait, 2 for invalid arguments.";

/// Arguments of `linernotes ingest`.
#[derive(Debug, Args)]
pub struct IngestArguments {
    /// Names, Spotify ids, URIs or links, MusicBrainz links or ids, ISRCs, UPCs; - reads them from standard
    /// input, one per line
    #[arg(required_unless_present = "file", value_name = "WHAT")]
    pub what: Vec<TypedItem>,
    /// Read more items from a file, one per line
    #[arg(long, value_name = "FILE")]
    pub file: Vec<PathBuf>,
    /// Print what each item was read as, and import nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Also import albums on which an artist only appears
    #[arg(long)]
    pub appears_on: bool,
    /// Look everything up again, including known facts
    #[arg(long)]
    pub fresh: bool,
    /// Print only the result, as one JSON document
    #[arg(long)]
    pub json: bool,
}

/// An item as it was typed, and what it was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedItem {
    /// The typed text.
    pub text: String,
    /// The item, or why it cannot be read.
    pub item: Result<RequestedItem, InvalidId>,
}

impl FromStr for TypedItem {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let item = text.parse();
        Ok(Self {
            text: text.to_owned(),
            item,
        })
    }
}
