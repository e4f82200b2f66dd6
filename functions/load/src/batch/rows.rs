//! Encodes the rows of a batch for COPY, one function per table.

mod credits;

use std::collections::BTreeSet;

use shared::catalog::album_import::{Artist, Track};
use shared::catalog::credit_matching::MatchedRecord;
use shared::domain::albums::AlbumType;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::{Isrc, ProducerId, TrackId, Upc};
use shared::domain::names;
use shared::domain::titles::{RULES_VERSION, Title, VersionKind};
use shared::platform::db::Client;
use shared::store::catalog::pressings::Pressing;
use shared::store::loads::loaded_records;
use shared::store::loads::loading::{COPIES, LoadTable};
use shared::store::producers::NameKind;

use crate::batch::prepared_album::PreparedAlbum;
use crate::copy::CopyRows;

/// The encoded rows of every table that a load fills.
pub(crate) struct BatchTables {
    source: Source,
    /// In the order of [`COPIES`].
    rows: [CopyRows; COPIES.len()],
    track_ids: Vec<TrackId>,
    producer_ids: BTreeSet<ProducerId>,
}

impl BatchTables {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            rows: Default::default(),
            track_ids: Vec::new(),
            producer_ids: BTreeSet::new(),
        }
    }

    pub(crate) fn source(&self) -> Source {
        self.source
    }

    pub(crate) fn add_artist(&mut self, id: i64, source_id: &str, name: &str) {
        self.rows(LoadTable::Artists).row(2).bigint(id).text(name);
        let source = self.source.as_str();
        let identity = self.rows(LoadTable::ArtistIdentities).row(3);
        identity.text(source).text(source_id).bigint(id);
    }

    pub(crate) fn add_producer(&mut self, id: i64, identity: i64, source_id: &str, name: &str) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::Producers).row(3);
        row.bigint(id).text(name).text(names::fold(name).as_str());
        let row = self.rows(LoadTable::ProducerIdentities).row(5);
        let row = row.bigint(identity).text(source).text(source_id);
        row.bigint(id).text(name);
    }

    pub(crate) fn add_producer_name(&mut self, producer: i64, name: &str, kind: NameKind) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::ProducerNames).row(5);
        let row = row.bigint(producer).text(name).text(kind.as_str());
        row.text(source).text(names::fold(name).as_str());
    }

    /// `stated_artist_name` is the artist's name on this release, if the source has releases that name an
    /// artist differently.
    pub(crate) fn add_album(
        &mut self,
        id: i64,
        artist: i64,
        album: &PreparedAlbum,
        stated_artist_name: Option<&str>,
    ) {
        let album_type = album.album_type.unwrap_or(AlbumType::Other);
        let row = self.rows(LoadTable::Albums).row(11).bigint(id).bigint(artist);
        let row = row.text(album.name.as_str()).text(album_type.as_str());
        row.date(album.date.map(|date| date.date))
            .text(album.date.map(|date| date.precision.as_str()))
            .text(album.upc.as_ref().map(Upc::as_str))
            .integer(album.track_count())
            .text(album.label.as_deref())
            .texts(Some(&album.genres))
            .text(stated_artist_name);
    }

    /// Links an album to a record of a source.
    pub(crate) fn add_album_link(
        &mut self,
        album: i64,
        source: Source,
        source_id: &str,
        matched_by: MatchMethod,
    ) {
        let row = self.rows(LoadTable::AlbumLinks).row(5).bigint(album);
        let row = row.text(source.as_str()).text(source_id);
        row.text(matched_by.as_str()).real(1.0);
    }

    pub(crate) fn add_song(&mut self, id: i64, artist: i64, key: &str, track: i64) {
        let row = self.rows(LoadTable::NormalizedTracks).row(5);
        let row = row.bigint(id).bigint(artist);
        row.text(key).smallint(RULES_VERSION).bigint(track);
    }

    pub(crate) fn add_track(&mut self, id: i64, album: i64, track: &Track, title: &Title, song: Option<i64>) {
        self.track_ids.push(TrackId(id));
        let version = title.version.as_ref();
        let row = self.rows(LoadTable::Tracks).row(10).bigint(id).bigint(album);
        let row = row.text(track.name.as_str()).smallint(track.disc_number);
        row.integer(track.track_number)
            .integer(track.duration_ms)
            .text(track.isrc.as_ref().map(Isrc::as_str))
            .bigint(song)
            .text(version.map(|version| VersionKind::as_str(version.kind)))
            .text(version.map(|version| version.label.as_str()));
    }

    /// `stated_name` is the artist's name on this release, if the source has releases that name an artist
    /// differently.
    pub(crate) fn add_track_artist(
        &mut self,
        track: i64,
        position: i16,
        id: i64,
        artist: &Artist,
        stated_name: Option<&str>,
    ) {
        let row = self.rows(LoadTable::TrackArtists).row(5);
        let part = if artist.is_featured { "featured" } else { "main" };
        let row = row.bigint(track).smallint(position).bigint(id);
        row.text(part).text(stated_name);
    }

    /// Links a track to its recording in the source.
    pub(crate) fn add_track_link(&mut self, track: i64, record: &MatchedRecord) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::TrackLinks).row(5).bigint(track);
        let row = row.text(source).text(record.id.as_str());
        row.text(record.matched_by.as_str()).real(record.score);
    }

    /// Notes that a record is stored, so that a newer dump can be compared with it.
    pub(crate) fn add_loaded_record(&mut self, record: &loaded_records::LoadedRecordRow<'_>) {
        let source = self.source.as_str();
        let loaded = &record.loaded;
        let row = self.rows(LoadTable::LoadedRecords).row(7).text(source);
        row.text(record.source_id)
            .bigint(loaded.content_hash)
            .bigint(loaded.album_id.0)
            .bigint(record.master_id)
            .bigint(loaded.tracklist_hash)
            .bigint(record.load_id);
    }

    /// Notes that an artist or producer has several names; the end of the load chooses one.
    pub(crate) fn add_unsettled_name(&mut self, source_id: &str) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::UnsettledNames).row(2);
        row.text(source).text(source_id);
    }

    /// The facts of one of several pressings of an album.
    pub(crate) fn add_pressing(&mut self, pressing: &Pressing<'_>) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::Pressings).row(10).text(source);
        row.text(pressing.source_id)
            .text(pressing.album_type.map(AlbumType::as_str))
            .date(pressing.release_date.map(|date| date.date))
            .text(pressing.release_date.map(|date| date.precision.as_str()))
            .text(pressing.upc)
            .text(pressing.label)
            .texts(Some(pressing.genres))
            .integers(&pressing.durations_ms)
            .texts(Some(&pressing.isrcs));
    }

    /// The tracks added.
    pub(crate) fn track_ids(&self) -> Vec<TrackId> {
        self.track_ids.clone()
    }

    /// The producers that have a credit.
    pub(crate) fn producer_ids(&self) -> Vec<ProducerId> {
        self.producer_ids.iter().copied().collect()
    }

    /// Number of credits.
    pub(crate) fn credit_count(&self) -> u64 {
        self.rows[LoadTable::Credits as usize].count
    }

    fn rows(&mut self, table: LoadTable) -> &mut CopyRows {
        &mut self.rows[table as usize]
    }

    /// Number of rows.
    pub(crate) fn row_count(&self) -> u64 {
        self.rows.iter().map(|rows| rows.count).sum()
    }

    /// Copies all rows into the tables.
    pub(crate) async fn copy_in(&mut self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        for ((_, copy), rows) in COPIES.iter().zip(&mut self.rows) {
            if let Some(rows) = rows.finish() {
                client.copy_in(copy, rows).await?;
            }
        }
        Ok(())
    }
}
