//! Which rows the releases of a batch are, the same that one asked for online gets: albums of their own, and pressings of
//! albums that are here. Which of these each release is, and what has to be decided one by one, is its source's matter.

pub(super) mod known;
pub(super) mod memory;
mod planning;
pub(super) mod prepared;
mod rows;

pub(super) use self::planning::plan;
pub(super) use self::rows::Tables;
use crate::credits::Source;
use crate::db::Client;
use crate::ids::{AlbumId, NormalizedTrackId, TrackId};
use crate::store::producers::ProducerName;
use crate::store::{
    credit_overrides, normalized_tracks, pressings, producers, stated_names, statistics, track_producers,
};

/// What a release is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// An album of its own.
    Own,
    /// A pressing of an album that is here, with its tracks in order.
    Pressing { album: i64, tracks: Vec<i64> },
    /// A pressing of the album that the release at this place of the batch is.
    PressingOf(usize),
    /// Perhaps an album that another source brought in, or a pressing that leads one that is here.
    Aside,
}

/// An album that a release of a batch is.
#[derive(Clone)]
pub(super) struct Album {
    pub(super) id: i64,
    /// Its tracks in the order of the release's.
    pub(super) tracks: Vec<i64>,
}

/// What is to be written of a batch.
pub(super) struct Planned {
    source: Source,
    /// The rows.
    pub(super) tables: Tables,
    /// What each release is; None for those that have to be decided one by one.
    pub(super) albums: Vec<Option<Album>>,
    /// Names of producers who were here before.
    known_names: Vec<ProducerName>,
    /// The songs whose main version may be another now.
    touched: Vec<NormalizedTrackId>,
    /// The tracks that pressings claim something of.
    pressed: Vec<TrackId>,
    /// The albums that those are of.
    pressed_albums: Vec<AlbumId>,
    /// The ids of those who are called otherwise than before.
    renamed: Vec<String>,
}

impl Planned {
    /// Writes the names of producers who were here before.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn keep_names(&self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        if !self.known_names.is_empty() {
            producers::insert_names(client, self.source, &self.known_names).await?;
        }
        Ok(())
    }

    /// Leaves it to the end of the load which names hold.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn leave_names(&self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        stated_names::insert_unsettled(client, self.source, &self.renamed)
            .await
            .map(drop)
    }

    /// Writes what follows from the rows for songs and albums that were here before, and whose songs are to be counted anew.
    /// What is loaded into empty tables is settled at its end instead.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn follow_up(&self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        if !self.touched.is_empty() {
            normalized_tracks::refresh(client, &self.touched).await?;
            if credit_overrides::has_any(client, &self.touched).await? {
                track_producers::refresh(client, &self.tables.track_ids()).await?;
            }
        }
        if !self.pressed.is_empty() {
            track_producers::refresh(client, &self.pressed).await?;
            pressings::insert_single_records(client, &self.pressed_albums).await?;
            pressings::refresh(client, &self.pressed_albums).await?;
        }
        stated_names::settle(client, self.source, &self.renamed).await?;
        statistics::mark_stale(client, &self.tables.producer_ids()).await
    }
}
