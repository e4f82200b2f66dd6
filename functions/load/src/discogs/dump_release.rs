//! The parsed releases of the Discogs dump, prepared for writing.

use std::collections::BTreeMap;

use shared::catalog::album_import::{ArrivingAlbum, track_positions};
use shared::catalog::credit_matching::discogs::credits_from_release;
use shared::domain::ids::{AlbumId, TrackId};
use shared::store::loads::loaded_records::{LoadedRecord, LoadedRecordRow};
use shared::upstreams::discogs::Release;

use crate::batch::dumped_album::{DumpedAlbum, release_record};
use crate::batch::lookup::KeyLookup;
use crate::batch::planned_batch::PlannedBatch;
use crate::batch::planning;
use crate::batch::rows::BatchTables;

/// A release of the Discogs dump.
pub(crate) struct DiscogsRelease {
    /// As the dump states it.
    pub(crate) release: Release,
    /// As it is written.
    pub(crate) dumped: DumpedAlbum,
    /// Hash of the release's XML.
    content_hash: i64,
}

impl DiscogsRelease {
    pub(crate) fn new(release: Release, content_hash: i64) -> Self {
        let places: BTreeMap<TrackId, (usize, f32)> = (0..)
            .map(TrackId)
            .zip(track_positions(&release))
            .map(|(track, (index, ..))| (track, (index, 1.0)))
            .collect();
        let album = ArrivingAlbum::from_discogs(&release);
        let credits = credits_from_release(&release, &release_record(&album.id), &places, places.len());
        Self {
            content_hash,
            dumped: DumpedAlbum::new(album, Vec::new(), credits),
            release,
        }
    }

    /// The release's number as text, as it is stored.
    pub(crate) fn id(&self) -> &str {
        &self.dumped.album.id
    }

    /// The number of its tracks and credits.
    pub(crate) fn row_count(&self) -> usize {
        self.dumped.album.tracks.len() + self.dumped.credits.len()
    }

    /// The row that notes that the release is stored as an album.
    pub(crate) fn loaded_record(&self, album_id: AlbumId, load_id: i64) -> LoadedRecordRow<'_> {
        LoadedRecordRow {
            source_id: self.id(),
            loaded: LoadedRecord {
                content_hash: self.content_hash,
                album_id,
                tracklist_hash: self.dumped.tracklist_hash,
            },
            master_id: self.release.master_id,
            load_id,
        }
    }
}

/// Plans a batch, with the rows that note which releases are stored.
pub(crate) async fn plan_batch(
    lookup: KeyLookup<'_>,
    batch: &[DiscogsRelease],
    load_id: i64,
    tables: BatchTables,
) -> Result<PlannedBatch, tokio_postgres::Error> {
    let albums: Vec<_> = batch.iter().map(|release| &release.dumped).collect();
    let mut planned = planning::plan(lookup, &albums, tables).await?;
    for (release, placed) in batch.iter().zip(&planned.placed) {
        if placed.is_in_batch() {
            let record = release.loaded_record(AlbumId(placed.id), load_id);
            planned.tables.add_loaded_record(&record);
        }
    }
    Ok(planned)
}
