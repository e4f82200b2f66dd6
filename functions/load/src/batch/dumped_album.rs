//! A release of a dump as an album, prepared for writing without a database.

use shared::catalog::album_import::{ArrivingAlbum, Track};
use shared::catalog::credit_matching::{MatchedCredit, MatchedRecord, TrackPlace};
use shared::domain::albums::AlbumFacts;
use shared::domain::credits::MatchMethod;
use shared::domain::ids::{Isrc, TrackId};
use shared::store::catalog::known_albums::AlbumMatchReason;
use shared::store::catalog::pressings::Pressing;

use crate::batch::hashes::hash;

/// The kind of the records that credits are stored with.
const RELEASE: &str = "release";

/// A release as an album, with its credits.
pub(crate) struct DumpedAlbum {
    pub(crate) album: ArrivingAlbum,
    /// Hash of the places and title keys of its tracks.
    pub(crate) tracklist_hash: i64,
    /// What the pressings of an album share, as hashes: the master or the barcode, each with the tracklist.
    pub(crate) pressing_keys: [(AlbumMatchReason, Option<u64>); 2],
    /// The recording of each track, if the source has recordings.
    pub(crate) recordings: Vec<Option<MatchedRecord>>,
    /// Its credits. Their track ids are indexes into the tracks of the album.
    pub(crate) credits: Vec<MatchedCredit>,
}

impl DumpedAlbum {
    pub(crate) fn new(
        album: ArrivingAlbum,
        recordings: Vec<Option<MatchedRecord>>,
        credits: Vec<MatchedCredit>,
    ) -> Self {
        let tracklist_hash = album.tracklist_hash();
        let keys = album.keys();
        let master = keys
            .master_id
            .map(|id| hash(b'm', tracklist_hash, &id.to_string()));
        let upc = keys.upc.map(|upc| hash(b'u', tracklist_hash, upc.as_str()));
        Self {
            pressing_keys: [
                (AlbumMatchReason::Master, master),
                (AlbumMatchReason::Barcode, upc),
            ],
            tracklist_hash,
            album,
            recordings,
            credits,
        }
    }

    /// Whether it has a production credit.
    pub(crate) fn has_production(&self) -> bool {
        self.credits.iter().any(|credit| credit.producer.is_some())
    }

    /// The places of its tracks, whose ids are indexes.
    pub(crate) fn track_places(&self) -> Vec<TrackPlace> {
        let tracks = (0..).map(TrackId).zip(&self.album.tracks);
        tracks
            .map(|(id, track)| (id, track.disc_number, track.track_number))
            .collect()
    }

    /// The facts to store if the release is one of several pressings of an album.
    pub(crate) fn pressing(&self) -> Pressing {
        let mut tracks: Vec<&Track> = self.album.tracks.iter().collect();
        tracks.sort_by_key(|track| track.place());
        let isrc = |track: &&Track| track.facts.isrc.as_ref().map_or("", Isrc::as_str).to_owned();
        Pressing {
            source_id: self.album.id.clone(),
            facts: AlbumFacts {
                cover_url: None,
                total_tracks: None,
                ..self.album.facts.clone()
            },
            durations_ms: tracks
                .iter()
                .map(|track| track.facts.duration_ms.unwrap_or_default())
                .collect(),
            isrcs: tracks.iter().map(isrc).collect(),
        }
    }
}

/// The record of a release. Its tracks need no matching, so the score is 1.
pub(crate) fn release_record(id: &str) -> MatchedRecord {
    MatchedRecord {
        kind: RELEASE.to_owned(),
        id: id.to_owned(),
        matched_by: MatchMethod::Own,
        score: 1.0,
    }
}
