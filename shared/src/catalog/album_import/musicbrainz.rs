//! What a MusicBrainz release means as an arriving album.

use super::album::{ArrivingAlbum, Artist, Track, clean_name, credited_artists, title_or_placeholder};
use crate::domain::albums::{AlbumFacts, TrackFacts};
use crate::domain::credits::Source;
use crate::domain::titles;
use crate::upstreams::musicbrainz::{ArtistCredit, Release, ReleaseTrack, is_special_artist};

impl ArrivingAlbum {
    /// Maps a MusicBrainz release with the tracks that Spotify would have: no videos, and nothing hidden in a
    /// pregap, which no track list counts. The date is the one of the release group, because the chosen
    /// release can be a later edition of the album.
    #[must_use]
    pub fn from_musicbrainz(release: &Release) -> Self {
        let tracks: Vec<Track> = release
            .audio_tracks()
            .filter_map(Track::from_musicbrainz)
            .collect();
        Self {
            source: Source::MusicBrainz,
            id: release.id.to_string(),
            name: title_or_placeholder(&release.title),
            artists: artists_from_musicbrainz(&release.artists),
            facts: AlbumFacts {
                album_type: release.album_type,
                release_date: release.earliest_date(),
                cover_url: None,
                upc: release.barcode.clone(),
                total_tracks: i32::try_from(tracks.len()).ok(),
                label: release.label.clone(),
                genres: Vec::new(),
            },
            spotify_ids: release.spotify_album_ids.clone(),
            master_id: None,
            tracks,
        }
    }
}

impl Track {
    /// `None` if the disc number is out of range.
    fn from_musicbrainz(track: &ReleaseTrack) -> Option<Self> {
        let name = title_or_placeholder(&track.title);
        Some(Self {
            spotify_id: None,
            recording_mbid: Some(track.recording.id.clone()),
            title: titles::read(&name),
            name,
            artists: artists_from_musicbrainz(&track.artists),
            disc_number: track.disc_number.try_into().ok().filter(|disc| *disc >= 0)?,
            track_number: track.position,
            facts: TrackFacts {
                duration_ms: track.recording.duration_ms.or(track.duration_ms),
                ..TrackFacts::default()
            },
        })
    }
}

/// The artists by their own names, not as printed on the release.
fn artists_from_musicbrainz(credits: &[ArtistCredit]) -> Vec<Artist> {
    credited_artists(credits.iter().map(|credit| {
        let artist = Artist {
            id: Some(credit.mbid.to_string()),
            name: clean_name(&credit.name).unwrap_or_else(|| title_or_placeholder(&credit.credited_as)),
            is_featured: false,
            is_special: is_special_artist(credit.mbid.as_str()),
        };
        (artist, credit.join.as_str())
    }))
}
