//! Encodes the rows of a batch for COPY, one function per table.

mod credits;

use std::collections::BTreeSet;

use shared::catalog::album_import::PlannedTrack;
use shared::catalog::credit_matching::MatchedRecord;
use shared::domain::albums::{AlbumFacts, AlbumType};
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::dates::ReleaseDate;
use shared::domain::ids::{ProducerId, TrackId};
use shared::domain::names;
use shared::domain::titles::RULES_VERSION;
use shared::platform::db::Client;
use shared::store::catalog::pressings::Pressing;
use shared::store::loads::loaded_records;
use shared::store::loads::loading::{COPIES, LoadTable};
use shared::store::producers::NameKind;

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

    /// Begins a row of a table.
    fn row(&mut self, table: LoadTable) -> &mut CopyRows {
        self.rows[table as usize].row()
    }

    pub(crate) fn add_artist(&mut self, id: i64, source_id: &str, name: &str) {
        let source = self.source;
        self.row(LoadTable::Artists).value(id).value(name);
        let identity = self.row(LoadTable::ArtistIdentities);
        identity.value(source).value(source_id).value(id);
    }

    pub(crate) fn add_producer(&mut self, id: i64, identity: i64, source_id: &str, name: &str) {
        let source = self.source;
        let row = self.row(LoadTable::Producers);
        row.value(id).value(name).value(names::fold(name));
        let row = self.row(LoadTable::ProducerIdentities);
        row.value(identity)
            .value(source)
            .value(source_id)
            .value(id)
            .value(name);
    }

    pub(crate) fn add_producer_name(&mut self, producer: i64, name: &str, kind: NameKind) {
        let source = self.source;
        let row = self.row(LoadTable::ProducerNames);
        row.value(producer)
            .value(name)
            .value(kind)
            .value(source)
            .value(names::fold(name));
    }

    /// `stated_artist_name` is the artist's name on this release, if the source has releases that name an
    /// artist differently.
    pub(crate) fn add_album(
        &mut self,
        id: i64,
        artist: i64,
        name: &str,
        facts: &AlbumFacts,
        stated_artist_name: Option<&str>,
    ) {
        let row = self.row(LoadTable::Albums);
        row.value(id).value(artist).value(name);
        row.value(facts.album_type.unwrap_or(AlbumType::Other));
        row.value(facts.release_date.map(|date| date.date));
        row.value(facts.release_date.map(|date| date.precision));
        row.value(facts.upc.as_ref()).value(facts.total_tracks);
        row.value(facts.label.as_deref()).value(&facts.genres[..]);
        row.value(stated_artist_name);
    }

    /// Links an album to a record of a source.
    pub(crate) fn add_album_link(
        &mut self,
        album: i64,
        source: Source,
        source_id: &str,
        matched_by: MatchMethod,
    ) {
        let row = self.row(LoadTable::AlbumLinks);
        row.value(album).value(source).value(source_id);
        row.value(matched_by).value(1.0_f32);
    }

    /// Adds a song of one track, which came out at `date`.
    pub(crate) fn add_song(
        &mut self,
        id: i64,
        artist: i64,
        key: &str,
        track: i64,
        date: Option<ReleaseDate>,
    ) {
        let row = self.row(LoadTable::NormalizedTracks);
        row.value(id).value(artist).value(key);
        row.value(RULES_VERSION).value(track);
        row.value(date.map(|date| date.date));
        row.value(date.map(|date| date.precision));
    }

    pub(crate) fn add_track(&mut self, id: i64, album: i64, planned: &PlannedTrack<'_>, song: Option<i64>) {
        self.track_ids.push(TrackId(id));
        let (track, facts) = (planned.track, &planned.facts);
        let version = track.title.version.as_ref();
        let row = self.row(LoadTable::Tracks);
        row.value(id).value(album).value(track.name.as_str());
        row.value(track.disc_number).value(track.track_number);
        row.value(facts.duration_ms)
            .value(facts.isrc.as_ref())
            .value(song);
        row.value(version.map(|version| version.kind));
        row.value(version.map(|version| version.label.as_str()));
    }

    /// `stated_name` is the artist's name on this release, if the source has releases that name an artist
    /// differently.
    pub(crate) fn add_track_artist(
        &mut self,
        track: i64,
        position: i16,
        artist: i64,
        is_featured: bool,
        stated_name: Option<&str>,
    ) {
        let part = if is_featured { "featured" } else { "main" };
        let row = self.row(LoadTable::TrackArtists);
        row.value(track)
            .value(position)
            .value(artist)
            .value(part)
            .value(stated_name);
    }

    /// Links a track to its recording in the source.
    pub(crate) fn add_track_link(&mut self, track: i64, record: &MatchedRecord) {
        let source = self.source;
        let row = self.row(LoadTable::TrackLinks);
        row.value(track).value(source).value(record.id.as_str());
        row.value(record.matched_by).value(record.score);
    }

    /// Notes that a record is stored, so that a newer dump can be compared with it.
    pub(crate) fn add_loaded_record(&mut self, record: &loaded_records::LoadedRecordRow<'_>) {
        let (source, loaded) = (self.source, &record.loaded);
        let row = self.row(LoadTable::LoadedRecords);
        row.value(source)
            .value(record.source_id)
            .value(loaded.content_hash);
        row.value(loaded.album_id).value(record.master_id);
        row.value(loaded.tracklist_hash).value(record.load_id);
    }

    /// Notes that a record states an early date.
    pub(crate) fn add_early_record(&mut self, source_id: &str) {
        let source = self.source;
        self.row(LoadTable::EarlyRecords).value(source).value(source_id);
    }

    /// Notes that an artist or producer has several names; the end of the load chooses one.
    pub(crate) fn add_unsettled_name(&mut self, source_id: &str) {
        let source = self.source;
        self.row(LoadTable::UnsettledNames).value(source).value(source_id);
    }

    /// The facts of one of several pressings of an album.
    pub(crate) fn add_pressing(&mut self, pressing: &Pressing) {
        let (source, facts) = (self.source, &pressing.facts);
        let row = self.row(LoadTable::Pressings);
        row.value(source)
            .value(pressing.source_id.as_str())
            .value(facts.album_type);
        row.value(facts.release_date.map(|date| date.date));
        row.value(facts.release_date.map(|date| date.precision));
        row.value(facts.upc.as_ref())
            .value(facts.label.as_deref())
            .value(&facts.genres[..]);
        row.value(&pressing.durations_ms[..]).value(&pressing.isrcs[..]);
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

    /// Number of rows.
    pub(crate) fn row_count(&self) -> u64 {
        self.rows.iter().map(|rows| rows.count).sum()
    }

    /// Copies all rows into the tables.
    pub(crate) async fn copy_in(&mut self, client: &Client<'_>) -> anyhow::Result<()> {
        for ((_, copy), rows) in COPIES.iter().zip(&mut self.rows) {
            if let Some(rows) = rows.finish()? {
                client.copy_in(copy, rows).await?;
            }
        }
        Ok(())
    }
}
