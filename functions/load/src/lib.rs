//! Loads the dumps of Discogs and MusicBrainz into the same tables that online work fills, by the same rules.
//!
//! # Two ways to write
//! - **Into an empty catalog** (Discogs only): keys and indexes are dropped first and created at the end;
//!   until then, the catalog is locked: nothing else can write, and the workers wait. The load remembers up
//!   to 2.5 million of the artists, songs, albums and names that it wrote. Beyond that it creates the few
//!   indexes that it needs for lookups and goes on without the other indexes and without foreign keys. A load
//!   that resumes one that was killed does the same. A load that is asked to stop creates all of them first,
//!   and the next load then writes into a catalog in use.
//! - **Into a catalog in use** (MusicBrainz always): keys and indexes stay. Every batch of releases is a
//!   transaction of a second or less, and the API and the workers continue.
//!
//! A load that stopped never starts over: records that are stored unchanged are recognised by their hash and
//! skipped. If it was killed while keys were missing, [`restore_keys`] creates them without the load.
//!
//! A load removes stored releases that its dump lacks only if the dump is newer than the last one of its
//! source and has at least 98 % of the stored releases. Otherwise it only counts them, unless it is told to
//! remove them.
//!
//! # Speed and size
//! Measured with `scripts/bench load` on an excerpt of the Discogs dump of 2020 that has many credits,
//! repeated to 49,118 releases (220 MB of XML, 477,370 credits), on two cores, of which one runs `gzip -dc`
//! on it in 0.76 s: 9,300 releases a second into empty tables, 7.0 times as long as `gzip -dc`, of which two
//! fifths are spent creating keys and indexes; 2,200 a second beside as many stored releases, 1.2 times as
//! long as a COPY of the finished rows; 160,000 a second if unchanged. By hand, repeated to 311,764 releases:
//! 16,900 were written a second while the load remembered its rows, 6,700 after that, and 7,200 with all
//! indexes. Of MusicBrainz, made-up releases in the real format of 32 kB each: 600 were written a second, and
//! 9,000 (280 MB) read and skipped.
//!
//! These rates are from before names and titles could be searched by their parts, which doubled the time of a
//! load into empty tables: 220 MB of Discogs took 15.8 s instead of 7.7 (medians of three).
//!
//! Estimates for the whole dumps from those rates; nothing so large was run:
//! - Discogs, 19 million releases, `--all`: 1 to 2 hours into empty tables, as long as the rows
//!   that are looked up fit in memory; 2.5 into a catalog in use.
//! - Only its releases with a production credit, about two in five: half an hour to an hour.
//! - A newer Discogs dump with 300,000 new or changed releases: 2 minutes to skip the rest, 3 for the new
//!   ones; changed releases are written one by one.
//! - MusicBrainz, 301 GB: 20 minutes of a core to read, plus the time of `xz`; half an hour for each million
//!   albums with a production credit.
//! - Memory of the load: 150 MB at most; half of it remembered rows, 4 MB the numbers seen.
//! - Disk: 8 kB a release with its keys and indexes: 150 GB for all of Discogs, 60 without `--all`, and half
//!   as much again while indexes are created.
//!
//! If the database is in the cloud, run the load on a machine beside it, never as a function: it takes hours,
//! needs a direct connection (no pooler, because its lock lasts as long as a connection), and makes a round
//! trip for each table of a batch. Two cores and 1 GB are enough for it; it mostly waits for the database.

mod artists;
mod batch;
pub mod bulk;
mod catalog_lock;
mod control;
mod copy;
mod counts;
mod direct_connection;
pub mod discogs;
pub mod input;
pub mod musicbrainz;
mod progress;
mod record_set;
mod removal;
mod xml_elements;

pub use catalog_lock::{drop_keys, restore_keys};
pub use control::{LoadControl, LoadStage};
pub use counts::{KeepReason, LoadCounts, MalformedRecord, SkipReason, SkippedRecords};
pub use progress::LoadOutcome;
pub use removal::ReleaseOptions;
