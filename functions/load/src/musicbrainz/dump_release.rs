//! A line of the MusicBrainz dump of releases: the release, its rank in its release group, and its rows.

use serde::Deserialize;
use shared::catalog::album_import::ArrivingAlbum;
use shared::catalog::credit_matching::musicbrainz::findings_from_release;
use shared::catalog::release_selection::ReleaseCandidate;
use shared::domain::ids::{AlbumId, TrackId};
use shared::platform::http::Error;
use shared::store::catalog::tracks::Track;
use shared::store::loads::loaded_releases::LoadedRelease;
use shared::upstreams::musicbrainz::{Release, is_special_artist, release_from_dump};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::batch::dumped_album::DumpedAlbum;
use crate::counts::MalformedRecord;

/// Part of the content hash. Raise it whenever the rows written for a release change: then all releases are
/// written again.
const RULES_VERSION: u64 = 3;

/// A line of the dump of releases.
pub(crate) type ReleaseLine = Result<Box<MusicBrainzRelease>, MalformedRecord>;

/// A release of the MusicBrainz dump.
pub(crate) struct MusicBrainzRelease {
    /// As the dump states it.
    pub(crate) release: Release,
    /// Its rank in its release group; `None` if it has no audio tracks.
    candidate: Option<ReleaseCandidate>,
    /// Hash of the line.
    pub(crate) content_hash: i64,
}

/// A new release to write.
pub(crate) struct ChosenRelease {
    pub(crate) release: MusicBrainzRelease,
    /// The stored release of its group that it replaces.
    pub(crate) replaced: Option<LoadedRelease>,
}

impl MusicBrainzRelease {
    pub(crate) fn from_line(line: &[u8]) -> Result<Box<Self>, Error> {
        let (listed, release) = release_from_dump(line)?;
        Ok(Box::new(Self {
            release,
            candidate: ReleaseCandidate::new(listed),
            content_hash: xxh3_64_with_seed(line, RULES_VERSION).cast_signed(),
        }))
    }

    /// The MBID as text, as it is stored.
    pub(crate) fn id(&self) -> &str {
        self.release.id.as_str()
    }

    /// The MBID of the release group; the release's own if it is in none.
    pub(crate) fn group(&self) -> &str {
        self.candidate.as_ref().map_or(self.id(), ReleaseCandidate::group)
    }

    /// Whether it has a production credit.
    pub(crate) fn has_production(&self) -> bool {
        let tracks = self.release.audio_tracks();
        let mut credits = tracks
            .flat_map(|track| &track.recording.credits)
            .chain(&self.release.credits);
        credits.any(|credit| {
            let artist = credit.source_artist_id.as_deref();
            credit.role.is_music_production() && artist.is_some_and(|id| !is_special_artist(id))
        })
    }

    /// Whether it can be an album.
    pub(crate) fn is_album(&self) -> bool {
        let album = ArrivingAlbum::from_musicbrainz(&self.release);
        self.candidate.is_some() && !album.tracks.is_empty() && album.first_artist().is_some()
    }

    /// Whether it is preferred over another release of its group.
    pub(crate) fn is_better_than(&self, other: &Self) -> bool {
        let candidates = self.candidate.as_ref().zip(other.candidate.as_ref());
        candidates.is_some_and(|(candidate, other)| candidate.is_better_than(other))
    }

    /// Whether it is preferred over the stored release of its group.
    pub(crate) fn is_better_than_stored(&self, stored: &LoadedRelease) -> bool {
        let stored = stored.candidate.as_ref();
        let stored = stored.and_then(|stored| ReleaseCandidate::deserialize(stored).ok());
        let candidate = self.candidate.as_ref();
        stored.is_none_or(|stored| candidate.is_some_and(|candidate| candidate.is_better_than(&stored)))
    }

    /// The row of `loaded_releases` once it is an album.
    pub(crate) fn loaded_release(&self, album_id: AlbumId, load_id: i64) -> anyhow::Result<LoadedRelease> {
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

    /// The release as a new album, with its recordings and credits.
    pub(crate) fn prepare(&self) -> DumpedAlbum {
        let mut album = ArrivingAlbum::from_musicbrainz(&self.release);
        let tracks = (0..).map(TrackId).zip(&album.tracks);
        let tracks: Vec<Track> = tracks
            .map(|(id, track)| Track {
                id,
                spotify_track_id: None,
                name: track.name.clone(),
                disc_number: track.disc_number,
                track_number: track.track_number,
                duration_ms: track.facts.duration_ms,
                isrc: None,
                artist_names: Vec::new(),
            })
            .collect();
        let mut findings = findings_from_release(&self.release, &tracks);
        let ids = tracks.iter().map(|track| track.id);
        let recordings = ids.map(|id| findings.tracks.remove(&id)).collect();
        for (track, numbered) in album.tracks.iter_mut().zip(&tracks) {
            if let Some((isrc, duration_ms)) = findings.facts.remove(&numbered.id) {
                track.facts.isrc = isrc;
                track.facts.duration_ms = track.facts.duration_ms.or(duration_ms);
            }
        }
        DumpedAlbum::new(album, recordings, findings.credits)
    }
}
