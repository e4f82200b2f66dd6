//! Discogs' dump of releases: read, compared with what is here, and written. Its dump of artists is in `artists`.
//!
//! A release is an album by the rules of one asked for online; pressings of one master, or with one barcode, that have the
//! same titles in the same places are one album with a link each; the one with the smallest number says what the album is
//! called, and what it leaves out the next one says that does, whichever is loaded first. Of several names of an artist the
//! most frequent holds, unless the artist's page was loaded. A release that changed is written again. One that is gone from
//! the dump, though the dump has numbers before and behind it, was deleted at Discogs or merged into another: what it
//! claimed and its link go, since no source states them any more, and its album, too, where no other record of any source is
//! that album. A dump in part takes nothing else away.

mod artists;
mod dumped;
mod load;
mod places;
mod reading;
mod single;
mod writing;

use anyhow::Context as _;
use chrono::NaiveDate;

pub use artists::load_artists;

use self::load::Load;
use self::reading::{Cut, Cuts, Sieve};
use super::bulk::RestoreScope;
use super::control::{LoadControl, LoadStage};
use super::exclusive::run_exclusively;
use super::input::DumpInput;
use super::progress::LoadOutcome;
use super::{bulk, elements};
use crate::credits::Source;
use crate::db::Pool;
use crate::store::loads::{self, LoadMode, LoadStart};

const SOURCE: Source = Source::Discogs;

/// Loads a dump of releases; `everything`: also those that nobody is credited with producing. What it comes to is kept in
/// `loads`, and whatever stops it, the next load goes on.
///
/// # Errors
/// Where the file is no such dump, is cut off or cannot be read, where another load is at work, and the database's. What was
/// read before is kept.
pub async fn load_releases(
    pool: &Pool,
    input: DumpInput,
    everything: bool,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let name = input.name.clone();
    let mut cuts = reading::cut(input.reader, input.read);
    // A file of the wrong kind is told before anything is touched.
    let Some(first) = cuts.recv().await else {
        return Err(elements::XmlDumpError::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = load_cuts(pool, &name, input.dump_date, everything, control, first, cuts);
    run_exclusively(pool, load).await.with_context(|| name.clone())
}

async fn load_cuts(
    pool: &Pool,
    name: &str,
    dump_date: Option<NaiveDate>,
    everything: bool,
    control: &LoadControl,
    first: Cut,
    cuts: Cuts,
) -> anyhow::Result<LoadOutcome> {
    control.enter(LoadStage::Indexes);
    let mut client = pool.client().await?;
    // One that was ended from outside goes on without the keys and indexes that it went without.
    let is_empty = loads::is_empty(&client).await?;
    let pending = loads::find_pending_source(&client).await?;
    let is_going_on = !is_empty && pending.as_deref() == Some(SOURCE.as_str());
    let extent = if is_going_on {
        RestoreScope::Lookups
    } else {
        RestoreScope::All
    };
    bulk::restore(pool, extent)
        .await
        .context("make the indexes that a load left to be made")?;
    let started = LoadStart {
        source: SOURCE,
        file_name: name,
        dump_date,
        everything,
        mode: if is_empty || is_going_on {
            LoadMode::Empty
        } else {
            LoadMode::Filled
        },
    };
    let load_id = loads::insert(&client, &started).await?;
    if is_empty {
        bulk::drop_ddl(&mut client, load_id).await?;
    }
    control.enter(LoadStage::Records);
    let load = Load::new(pool, client, control, load_id, is_empty, is_empty || is_going_on);
    let sieve = Sieve {
        client: pool.client().await?,
        is_first: is_empty,
        everything,
    };
    load.run_to_end(sieve, first, cuts).await
}
