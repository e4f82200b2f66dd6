//! A planned batch: the album of each release, the rows to write, and what has to be recomputed after them.

use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, NormalizedTrackId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::{normalized_tracks, pressings, stated_names};
use shared::store::credits::{credit_overrides, track_producers};
use shared::store::producers::ProducerName;
use shared::store::producers::{self, statistics};

use crate::batch::rows::BatchTables;

/// Which album a release is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AlbumPlacement {
    /// A new album.
    New,
    /// A pressing of a stored album, with the album's tracks in the order of the release's.
    Pressing { album: i64, tracks: Vec<i64> },
    /// A pressing of the album of another release of the batch, given by its index there.
    PressingOf(usize),
    /// Undecided: perhaps an album of another source, or a pressing that replaces the first one of a stored
    /// album. Such a release is written by itself, by the rules of an online import.
    WriteSingly,
}

/// The album of a release of a batch.
#[derive(Clone)]
pub(crate) struct BatchAlbum {
    pub(crate) id: i64,
    /// Its tracks in the order of the release's.
    pub(crate) tracks: Vec<i64>,
}

/// What has to be written for a batch.
pub(crate) struct PlannedBatch {
    pub(crate) source: Source,
    /// The rows to copy.
    pub(crate) tables: BatchTables,
    /// The album of each release; `None` for releases that are written singly.
    pub(crate) albums: Vec<Option<BatchAlbum>>,
    /// Further names of producers that were stored before.
    pub(crate) known_names: Vec<ProducerName>,
    /// Songs whose representative track may change.
    pub(crate) touched_songs: Vec<NormalizedTrackId>,
    /// Tracks about which pressings have credits.
    pub(crate) pressed_tracks: Vec<TrackId>,
    /// The albums of these tracks.
    pub(crate) pressed_albums: Vec<AlbumId>,
    /// Ids, in the source, of artists and producers that got another name.
    pub(crate) renamed: Vec<String>,
}

impl PlannedBatch {
    /// Writes further names of producers that were stored before.
    pub(crate) async fn insert_known_names(&self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        if !self.known_names.is_empty() {
            producers::insert_names(client, self.source, &self.known_names).await?;
        }
        Ok(())
    }

    /// Lists the renamed artists and producers; the end of the load chooses their names.
    pub(crate) async fn defer_names(&self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        stated_names::insert_unsettled(client, self.source, &self.renamed)
            .await
            .map(drop)
    }

    /// Recomputes what the new rows change for songs and albums that were stored before, and marks statistics
    /// as stale. A load into empty tables does this at its end instead.
    pub(crate) async fn refresh(&self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        if !self.touched_songs.is_empty() {
            normalized_tracks::refresh(client, &self.touched_songs).await?;
            if credit_overrides::has_any(client, &self.touched_songs).await? {
                track_producers::refresh(client, &self.tables.track_ids()).await?;
            }
        }
        if !self.pressed_tracks.is_empty() {
            track_producers::refresh(client, &self.pressed_tracks).await?;
            pressings::insert_single_records(client, &self.pressed_albums).await?;
            pressings::refresh(client, &self.pressed_albums).await?;
        }
        stated_names::settle(client, self.source, &self.renamed).await?;
        statistics::mark_stale(client, &self.tables.producer_ids()).await
    }
}
