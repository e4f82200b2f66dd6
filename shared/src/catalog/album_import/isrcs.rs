//! Decides which ISRCs of a Spotify album to fetch before the album is written. Spotify states an ISRC only
//! with the track itself, at one request per track, so they are fetched only if they decide whether the album
//! is a loaded one: if a dump brought an album with the same titles at the same positions, and the two share
//! no barcode.

use std::collections::BTreeMap;

use super::album::{ArrivingAlbum, Track};
use super::matching;
use crate::domain::ids::{AlbumId, Isrc, SpotifyTrackId};
use crate::platform::db::Client;
use crate::store::catalog::album_candidates;
use crate::store::catalog::known_albums::AlbumMatchReason;
use crate::store::catalog::tracks::{self, KnownTrack};
use crate::upstreams::spotify;

/// The number of titles by which albums are searched: the longest ones, which the fewest other albums have.
const SEARCHED_TITLES: usize = 3;

/// Known albums that a Spotify album may be, depending on its ISRCs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct IsrcCandidates {
    /// The known ISRCs of each album, by the Spotify id of the track at the same position.
    albums: Vec<BTreeMap<SpotifyTrackId, Isrc>>,
    /// The ISRCs that Spotify stated so far.
    isrcs: BTreeMap<SpotifyTrackId, Isrc>,
}

impl IsrcCandidates {
    /// Finds the candidates for an album that is not stored yet.
    pub async fn find(client: &Client<'_>, album: &spotify::Album) -> Result<Self, tokio_postgres::Error> {
        let arriving = ArrivingAlbum::from_spotify(album, &BTreeMap::new());
        let mut by_length: Vec<&Track> = arriving.tracks.iter().collect();
        by_length.sort_by_key(|track| std::cmp::Reverse(track.name.chars().count()));
        let titles: Vec<(&str, i16, i32)> = by_length
            .iter()
            .take(SEARCHED_TITLES)
            .map(|track| (track.name.as_str(), track.disc_number, track.track_number))
            .collect();
        let total = i32::try_from(arriving.tracks.len()).unwrap_or(i32::MAX);
        let candidates =
            album_candidates::list_candidates(client, &titles, total, album.upc.as_ref()).await?;
        if candidates.iter().any(|(_, has_barcode)| *has_barcode) {
            return Ok(Self::default());
        }
        let ids: Vec<AlbumId> = candidates.into_iter().map(|(id, _)| id).collect();
        let known = tracks::list_known(client, &ids, &[]).await?;
        let isrcs_of_album = |id: &AlbumId| {
            let on_album = |track: &&KnownTrack| track.album_id == *id && !track.is_removed;
            isrcs_by_track(&arriving, &known.iter().filter(on_album).collect::<Vec<_>>())
        };
        Ok(Self {
            albums: ids.iter().filter_map(isrcs_of_album).collect(),
            isrcs: BTreeMap::new(),
        })
    }

    /// The next track whose ISRC to fetch; `None` if no candidate depends on a further one.
    #[must_use]
    pub fn next_track(&self) -> Option<SpotifyTrackId> {
        let wanted = self.albums.iter().flat_map(BTreeMap::keys);
        wanted.min().cloned()
    }

    /// Records the ISRC that Spotify states for a track. Candidates whose track has another ISRC are dropped.
    pub fn record_isrc(&mut self, id: SpotifyTrackId, isrc: Option<Isrc>) {
        self.albums.retain_mut(|album| {
            let known = album.remove(&id);
            let (Some(known), Some(isrc)) = (known, &isrc) else {
                return true;
            };
            known == *isrc
        });
        self.isrcs.extend(isrc.map(|isrc| (id, isrc)));
    }

    /// The recorded ISRCs.
    #[must_use]
    pub fn into_isrcs(self) -> BTreeMap<SpotifyTrackId, Isrc> {
        self.isrcs
    }
}

/// The ISRCs of a known album's tracks. `None` if it cannot be the arriving album, or if ISRCs of fewer than
/// half of the tracks are known.
fn isrcs_by_track(arriving: &ArrivingAlbum, known: &[&KnownTrack]) -> Option<BTreeMap<SpotifyTrackId, Isrc>> {
    let tracks = &arriving.tracks;
    let isrcs: BTreeMap<SpotifyTrackId, Isrc> = tracks
        .iter()
        .filter_map(|track| {
            let same = known.iter().find(|known| known.place() == track.place());
            Some((track.spotify_id.clone()?, same?.facts.isrc.clone()?))
        })
        .collect();
    let may_be_same = matching::is_same_tracklist(tracks, known.iter().copied(), AlbumMatchReason::Barcode);
    (may_be_same && isrcs.len() * 2 >= tracks.len()).then_some(isrcs)
}
