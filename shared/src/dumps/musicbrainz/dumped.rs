//! A line of the dump of releases: what it says, what the choice among its group goes by, and how it is written.

use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::arriving::ArrivingAlbum;
use crate::choosing::ReleaseCandidate;
use crate::dumps::batch::prepared::Prepared;
use crate::identifying::musicbrainz::findings_from_release;
use crate::ids::{AlbumId, TrackId};
use crate::store::loaded_releases::LoadedRelease;
use crate::store::tracks::Track;
use crate::upstreams::musicbrainz::{Release, is_special_artist, release_from_dump};

/// Raised whenever what is written for a release becomes another: then all are written again.
const RULES_VERSION: u64 = 1;

/// A line of the dump.
pub(super) enum Line {
    Release(Box<Dumped>),
    /// None it can be; with its id where it has one.
    Malformed(Option<String>),
}

/// A release.
pub(super) struct Dumped {
    /// As the dump has it.
    pub(super) release: Release,
    /// None where nothing is to be heard.
    candidate: Option<ReleaseCandidate>,
    /// Of what the dump says of it.
    pub(super) content_hash: i64,
}

impl Line {
    pub(super) fn of(line: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        match release_from_dump(line) {
            Ok((listed, release)) => Self::Release(Box::new(Dumped {
                release,
                candidate: ReleaseCandidate::new(listed),
                content_hash: xxh3_64_with_seed(line, RULES_VERSION).cast_signed(),
            })),
            Err(_) => {
                let named = serde_json::from_slice::<Named>(line).ok();
                Self::Malformed(named.map(|named| named.id))
            }
        }
    }
}

impl Dumped {
    /// Its id, as it is kept.
    pub(super) fn id(&self) -> &str {
        self.release.id.as_str()
    }

    /// Its group; itself where it is in none.
    pub(super) fn group(&self) -> &str {
        self.candidate.as_ref().map_or(self.id(), ReleaseCandidate::group)
    }

    /// Whether anybody is said to have produced anything.
    pub(super) fn has_production(&self) -> bool {
        let tracks = self.release.tracks.iter();
        let heard = tracks.filter(|track| track.position > 0 && !track.recording.video);
        let mut credits = heard
            .flat_map(|track| &track.recording.credits)
            .chain(&self.release.credits);
        credits.any(|credit| {
            let artist = credit.source_artist_id.as_deref();
            credit.role.is_music_production() && artist.is_some_and(|id| !is_special_artist(id))
        })
    }

    /// Whether it can be an album.
    pub(super) fn is_album(&self) -> bool {
        let album = ArrivingAlbum::from_musicbrainz(&self.release);
        self.candidate.is_some() && !album.has_no_tracks() && !album.has_no_artist()
    }

    /// Whether it is taken rather than another of its group.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        let (one, other) = (&self.candidate, &other.candidate);
        one.as_ref()
            .zip(other.as_ref())
            .is_some_and(|(one, other)| one.is_before(other))
    }

    /// Whether it takes the place of one that is here.
    pub(super) fn is_before_one_here(&self, here: &LoadedRelease) -> bool {
        let known = here.candidate.as_ref();
        let known = known.and_then(|known| ReleaseCandidate::deserialize(known).ok());
        let candidate = self.candidate.as_ref();
        known.is_none_or(|known| candidate.is_some_and(|one| one.is_before(&known)))
    }

    /// What is kept of it once it is an album.
    pub(super) fn loaded(&self, album_id: AlbumId, load_id: i64) -> anyhow::Result<LoadedRelease> {
        let candidate = self.candidate.as_ref();
        Ok(LoadedRelease {
            release_mbid: self.id().to_owned(),
            group_mbid: self.group().to_owned(),
            content_hash: self.content_hash,
            candidate: candidate.map(serde_json::to_value).transpose()?,
            album_id,
            load_id,
        })
    }

    /// As it is written where it is an album of its own.
    pub(super) fn prepared(&self) -> Prepared {
        let mut album = Prepared::of(ArrivingAlbum::from_musicbrainz(&self.release));
        let tracks = (0..).map(TrackId).zip(&album.tracks);
        let tracks: Vec<Track> = tracks
            .map(|(id, (track, _))| Track {
                id,
                spotify_track_id: None,
                name: track.name.clone(),
                disc_number: track.disc_number,
                track_number: track.track_number,
                duration_ms: track.duration_ms,
                isrc: None,
                artist_names: Vec::new(),
            })
            .collect();
        let mut told = findings_from_release(&self.release, &tracks);
        let ids = tracks.iter().map(|track| track.id);
        album.recordings = ids.map(|id| told.tracks.remove(&id)).collect();
        for ((track, _), known) in album.tracks.iter_mut().zip(&tracks) {
            if let Some((isrc, duration_ms)) = told.facts.remove(&known.id) {
                track.isrc = isrc;
                track.duration_ms = track.duration_ms.or(duration_ms);
            }
        }
        album.claims = told.credits;
        album
    }
}
