//! Arguments and help texts of `linernotes load`.

use std::path::PathBuf;

use clap::Subcommand;

/// The sources whose dumps can be loaded.
#[derive(Debug, Subcommand)]
pub enum LoadCommand {
    /// Load the monthly Discogs dump: releases, then the pages of their artists
    #[command(after_help = "\
Examples:
  linernotes load discogs discogs_20260801_releases.xml.gz \\
      discogs_20260801_artists.xml.gz
  zcat discogs_20260801_releases.xml.gz | linernotes load discogs - --all

Download the files from https://data.discogs.com (license: CC0).

By default, only releases with a production credit are loaded. Loading a newer
dump updates changed records, and removes those that it lacks if it has at least
98 % of the stored ones. An older dump or an excerpt removes nothing unless you
give --remove. Tracks with your own credits or verdicts always stay.

A load needs a direct connection to Postgres, not one through a pooler that
shares connections between transactions. A load into an empty catalog drops its
keys and indexes; until it has created them again, workers wait.

Press Ctrl-C to stop after the current batch (twice to stop at once). Run the
same command again to resume: loaded records are not loaded twice. Records that
cannot be read are named in the result, and the others are loaded.

Exit status: 0 if all files were read to the end, otherwise 1.")]
    Discogs {
        /// Dump of releases, compressed or not; - for standard input
        #[arg(value_name = "RELEASES.xml.gz")]
        releases: PathBuf,
        /// Dump of artists: names, name variations and links
        #[arg(value_name = "ARTISTS.xml.gz")]
        artists: Option<PathBuf>,
        /// Also load releases without a production credit
        #[arg(long)]
        all: bool,
        /// Remove stored releases that are not in this file, however many
        #[arg(long)]
        remove: bool,
        /// Print progress and result as JSON, one document per line
        #[arg(long)]
        json: bool,
    },
    /// Load a MusicBrainz dump: the best release of each group, then the artists
    #[command(
        name = "musicbrainz",
        after_help = "\
Examples:
  linernotes load musicbrainz release.tar.xz artist.tar.xz
  curl -L …/release.tar.xz | linernotes load musicbrainz -

Download the files (license: CC0) from
https://data.metabrainz.org/pub/musicbrainz/data/json-dumps/

By default, only releases with a production credit are loaded. Loading a newer
dump updates changed records, and removes those that it lacks if it has at least
98 % of the stored ones. An older dump or an excerpt removes nothing unless you
give --remove. Tracks with your own credits or verdicts always stay.

A load needs a direct connection to Postgres, not one through a pooler that
shares connections between transactions.

Press Ctrl-C to stop after the current batch (twice to stop at once). Run the
same command again to resume: loaded records are not loaded twice. Records that
cannot be read are named in the result, and the others are loaded.

Exit status: 0 if all files were read to the end, otherwise 1."
    )]
    MusicBrainz {
        /// Dump of releases, compressed or not; - for standard input
        #[arg(value_name = "RELEASE.tar.xz")]
        releases: PathBuf,
        /// Dump of artists: names, aliases and links
        #[arg(value_name = "ARTIST.tar.xz")]
        artists: Option<PathBuf>,
        /// Also load releases without a production credit
        #[arg(long)]
        all: bool,
        /// Remove stored releases that are not in this file, however many
        #[arg(long)]
        remove: bool,
        /// Print progress and result as JSON, one document per line
        #[arg(long)]
        json: bool,
    },
}
