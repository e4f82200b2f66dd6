//! The rows of a batch, table by table, as COPY takes them: which columns have what. Which rows there are is decided in
//! `batch`.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet, HashSetExt as _};

use super::prepared::Prepared;
use crate::arriving::{Artist, Track};
use crate::catalog::AlbumType;
use crate::confidence::{self, ClaimLevel, CreditClaim};
use crate::credits::{MatchMethod, Source};
use crate::db::Client;
use crate::dumps::copy::CopyRows;
use crate::identifying::{CreditScope, MatchedCredit, MatchedRecord};
use crate::ids::{Isrc, ProducerId, TrackId, Upc};
use crate::names;
use crate::store::credits::position;
use crate::store::loaded_records;
use crate::store::loading::{COPIES, LoadTable};
use crate::store::pressings::Pressing;
use crate::store::producers::NameKind;
use crate::titles::{RULES_VERSION, Title, VersionKind};

/// CopyRows of every table that a load fills.
pub(in crate::dumps) struct Tables {
    source: Source,
    /// In the order of [`COPIES`].
    rows: [CopyRows; COPIES.len()],
    written_tracks: Vec<TrackId>,
    produced: BTreeSet<ProducerId>,
}

impl Tables {
    /// None yet of what a source says.
    pub(in crate::dumps) fn of(source: Source) -> Self {
        Self {
            source,
            rows: Default::default(),
            written_tracks: Vec::new(),
            produced: BTreeSet::new(),
        }
    }

    pub(super) fn source(&self) -> Source {
        self.source
    }

    pub(super) fn artist(&mut self, id: i64, source_id: &str, name: &str) {
        self.rows(LoadTable::Artists).row(2).bigint(id).text(name);
        let source = self.source.as_str();
        let identity = self.rows(LoadTable::ArtistIdentities).row(3);
        identity.text(source).text(source_id).bigint(id);
    }

    pub(super) fn producer(&mut self, id: i64, identity: i64, source_id: &str, name: &str) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::Producers).row(3);
        row.bigint(id).text(name).text(names::fold(name).as_str());
        let row = self.rows(LoadTable::ProducerIdentities).row(5);
        let row = row.bigint(identity).text(source).text(source_id);
        row.bigint(id).text(name);
    }

    pub(super) fn producer_name(&mut self, producer: i64, name: &str, kind: NameKind) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::ProducerNames).row(5);
        let row = row.bigint(producer).text(name).text(kind.as_str());
        row.text(source).text(names::fold(name).as_str());
    }

    /// An album; `stated_artist_name` where the records of its source call an artist differently.
    pub(super) fn album(&mut self, id: i64, artist: i64, album: &Prepared, stated_artist_name: Option<&str>) {
        let album_type = album.album_type.unwrap_or(AlbumType::Other);
        let row = self.rows(LoadTable::Albums).row(11).bigint(id).bigint(artist);
        let row = row.text(album.name.as_str()).text(album_type.as_str());
        row.date(album.date.map(|date| date.date))
            .text(album.date.map(|date| date.precision.as_str()))
            .text(album.upc.as_ref().map(Upc::as_str))
            .integer(album.total())
            .text(album.label.as_deref())
            .texts(Some(&album.genres))
            .text(stated_artist_name);
    }

    /// That an album is a record of a source.
    pub(super) fn album_link(
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

    pub(super) fn song(&mut self, id: i64, artist: i64, key: &str, track: i64) {
        let row = self.rows(LoadTable::NormalizedTracks).row(5);
        let row = row.bigint(id).bigint(artist);
        row.text(key).smallint(RULES_VERSION).bigint(track);
    }

    pub(super) fn track(&mut self, id: i64, album: i64, track: &Track, title: &Title, song: Option<i64>) {
        self.written_tracks.push(TrackId(id));
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

    /// Whom a track is by; `stated_name` where the records of its source call one differently.
    pub(super) fn track_artist(
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

    /// Which record of its source a track is.
    pub(super) fn track_link(&mut self, track: i64, record: &MatchedRecord) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::TrackLinks).row(5).bigint(track);
        let row = row.text(source).text(record.id.as_str());
        row.text(record.matched_by.as_str()).real(record.score);
    }

    /// That a record is here, so that it is told whether a newer dump says something else.
    pub(in crate::dumps) fn loaded_record(&mut self, record: &loaded_records::LoadedRecordRow<'_>) {
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

    /// That somebody is called by another name here than before.
    pub(super) fn unsettled_name(&mut self, source_id: &str) {
        let source = self.source.as_str();
        let row = self.rows(LoadTable::UnsettledNames).row(2);
        row.text(source).text(source_id);
    }

    /// What a pressing of an album that is another release, too, says of it.
    pub(super) fn pressing(&mut self, pressing: &Pressing<'_>) {
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

    /// What a release claims of an album's tracks, each claim once, and what that adds up to where nobody else claims
    /// anything of them: `alone`.
    pub(super) fn claims(
        &mut self,
        release: &Prepared,
        album: i64,
        tracks: &[i64],
        identities: &HashMap<&str, (i64, i64)>,
        alone: bool,
    ) {
        let mut keys = HashSet::new();
        let mut produced: Vec<((i64, i64), CreditClaim)> = Vec::new();
        for stated in &release.claims {
            let range = stated.scope.range();
            let credit = &stated.credit;
            let about_track = stated.scope.track();
            let key = (
                about_track,
                &credit.source_artist_id,
                &credit.credited_as,
                &credit.raw_role,
                range,
            );
            if !keys.insert(key) {
                continue;
            }
            let ours = stated.producer.as_deref().and_then(|id| identities.get(id));
            self.credit(release, album, tracks, stated, ours.map(|(_, id)| *id));
            if let Some((producer, _)) = ours {
                let counted = counted(self.source, stated, tracks).into_iter();
                produced.extend(counted.map(|(track, claim)| ((track, *producer), claim)));
            }
        }
        produced.sort_by_key(|(key, _)| *key);
        for of_key in produced.chunk_by(|(one, _), (other, _)| one == other) {
            let (track, producer) = of_key[0].0;
            self.produced.insert(ProducerId(producer));
            let claims: Vec<CreditClaim> = of_key.iter().map(|(_, claim)| *claim).collect();
            let verdict = confidence::assess(&claims).filter(|_| alone);
            if let Some(verdict) = verdict {
                let row = self.rows(LoadTable::TrackProducers).row(5);
                let row = row.bigint(track).bigint(producer);
                let row = row.real(verdict.confidence);
                row.text(verdict.source.as_str()).text(verdict.role.as_str());
            }
        }
    }

    fn credit(
        &mut self,
        release: &Prepared,
        album: i64,
        tracks: &[i64],
        stated: &MatchedCredit,
        identity: Option<i64>,
    ) {
        let place = |id: &TrackId| {
            let (track, _) = release.tracks.get(usize::try_from(id.0).ok()?)?;
            Some(position(track.disc_number, track.track_number))
        };
        let positions: Option<Vec<String>> = match &stated.scope {
            CreditScope::Tracks(ids, _) => Some(ids.iter().filter_map(place).collect()),
            CreditScope::Track(_) | CreditScope::Album | CreditScope::Unresolved(_) => None,
        };
        let track = stated.scope.track().and_then(|id| key_of(tracks, id));
        let (credit, record) = (&stated.credit, &stated.record);
        let source = self.source.as_str();
        let row = self.rows(LoadTable::Credits).row(15);
        let row = row.bigint(album).bigint(track);
        row.texts(positions.as_deref())
            .text(stated.scope.range())
            .text(source)
            .text(record.kind.as_str())
            .text(record.id.as_str())
            .text(credit.source_artist_id.as_deref())
            .bigint(identity)
            .text(credit.credited_as.as_str())
            .text(credit.stated_name())
            .text(credit.raw_role.as_str())
            .text(credit.role.as_str())
            .text(record.matched_by.as_str())
            .real(record.score);
    }

    /// The tracks that were written.
    pub(in crate::dumps) fn track_ids(&self) -> Vec<TrackId> {
        self.written_tracks.clone()
    }

    /// The producers of whom something is claimed.
    pub(in crate::dumps) fn producer_ids(&self) -> Vec<ProducerId> {
        self.produced.iter().copied().collect()
    }

    /// How many credits there are.
    pub(in crate::dumps) fn credits(&self) -> u64 {
        self.rows[LoadTable::Credits as usize].count
    }

    fn rows(&mut self, table: LoadTable) -> &mut CopyRows {
        &mut self.rows[table as usize]
    }

    /// How many rows there are.
    pub(in crate::dumps) fn count(&self) -> u64 {
        self.rows.iter().map(|rows| rows.count).sum()
    }

    /// Sends all rows.
    pub(in crate::dumps) async fn send(&mut self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        for ((_, copy), rows) in COPIES.iter().zip(&mut self.rows) {
            if let Some(rows) = rows.finish() {
                client.copy_in(copy, rows).await?;
            }
        }
        Ok(())
    }
}

fn key_of(tracks: &[i64], id: TrackId) -> Option<i64> {
    tracks.get(usize::try_from(id.0).ok()?).copied()
}

/// The tracks that a claim counts for.
fn counted(source: Source, stated: &MatchedCredit, tracks: &[i64]) -> Vec<(i64, CreditClaim)> {
    let claim = |level| CreditClaim {
        source,
        role: stated.credit.role,
        level,
        matched_by: stated.record.matched_by,
        match_score: stated.record.score,
    };
    let some = |ids: &[TrackId]| -> Vec<i64> { ids.iter().filter_map(|id| key_of(tracks, *id)).collect() };
    let (level, about) = match &stated.scope {
        CreditScope::Track(id) => (ClaimLevel::Track, some(&[*id])),
        CreditScope::Album => (ClaimLevel::Album, tracks.to_vec()),
        CreditScope::Tracks(ids, Some(_)) => (ClaimLevel::Range, some(ids)),
        CreditScope::Tracks(ids, None) => (ClaimLevel::Album, some(ids)),
        CreditScope::Unresolved(_) => return Vec::new(),
    };
    let claim = claim(level);
    about.into_iter().map(|track| (track, claim)).collect()
}
