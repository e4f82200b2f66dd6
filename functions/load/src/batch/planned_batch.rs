//! A planned batch: the album of each release, the rows to write, and what has to be recomputed after them.

use std::collections::BTreeSet;

use shared::catalog::album_import;
use shared::domain::ids::{AlbumId, NormalizedTrackId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::{normalized_tracks, pressings, stated_names};
use shared::store::credits::{credit_overrides, early_records, track_producers};
use shared::store::producers::ProducerName;
use shared::store::producers::{self, statistics};

use crate::batch::placement::PlacedAlbum;
use crate::batch::rows::BatchTables;

/// What has to be written for a batch.
pub(crate) struct PlannedBatch {
    /// The rows to copy.
    pub(crate) tables: BatchTables,
    /// The album of each release.
    pub(crate) placed: Vec<PlacedAlbum>,
    /// Further names of producers that were stored before.
    pub(crate) known_names: Vec<ProducerName>,
    /// Songs whose representative track may change.
    pub(crate) touched_songs: BTreeSet<NormalizedTrackId>,
    /// Tracks about which pressings have credits.
    pub(crate) pressed_tracks: Vec<TrackId>,
    /// The albums of these tracks.
    pub(crate) pressed_albums: Vec<AlbumId>,
    /// Ids, in the source, of artists and producers that got another name.
    pub(crate) renamed: Vec<String>,
    /// Ids, in the source, of the releases that are early or have supervisors.
    pub(crate) early_or_supervised: Vec<String>,
    /// Whether one of them has a supervisor.
    pub(crate) has_supervisors: bool,
}

impl PlannedBatch {
    /// A batch without releases that adds rows to `tables`.
    pub(crate) fn new(tables: BatchTables) -> Self {
        Self {
            tables,
            placed: Vec::new(),
            known_names: Vec::new(),
            touched_songs: BTreeSet::new(),
            pressed_tracks: Vec::new(),
            pressed_albums: Vec::new(),
            renamed: Vec::new(),
            early_or_supervised: Vec::new(),
            has_supervisors: false,
        }
    }

    /// Writes the rows. If `is_only_writer`, the end of the load recomputes what depends on them.
    pub(crate) async fn write(&mut self, client: &Client<'_>, is_only_writer: bool) -> anyhow::Result<()> {
        let source = self.tables.source();
        self.tables.copy_in(client).await?;
        if !self.known_names.is_empty() {
            producers::insert_names(client, source, &self.known_names).await?;
        }
        if is_only_writer {
            stated_names::insert_unsettled(client, source, &self.renamed).await?;
        } else {
            self.refresh(client).await?;
        }
        Ok(())
    }

    /// Recomputes what the new rows change for songs and albums that were stored before, and marks statistics
    /// as stale.
    async fn refresh(&self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        if !self.touched_songs.is_empty() {
            let songs: Vec<NormalizedTrackId> = self.touched_songs.iter().copied().collect();
            normalized_tracks::refresh(client, &songs).await?;
            if credit_overrides::has_any(client, &songs).await? {
                track_producers::refresh(client, &self.tables.track_ids()).await?;
            }
        }
        if !self.pressed_tracks.is_empty() {
            track_producers::refresh(client, &self.pressed_tracks).await?;
            pressings::insert_single_records(client, &self.pressed_albums).await?;
            album_import::pressings::refresh(client, &self.pressed_albums).await?;
        }
        if self.has_supervisors {
            early_records::lock(client).await?;
        }
        if !self.early_or_supervised.is_empty() {
            let source = self.tables.source();
            early_records::refresh_producers(client, source, &self.early_or_supervised).await?;
        }
        stated_names::settle(client, self.tables.source(), &self.renamed).await?;
        statistics::mark_stale(client, &self.tables.producer_ids()).await
    }
}
