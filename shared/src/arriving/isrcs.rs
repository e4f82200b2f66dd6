//! Which ISRCs tell that an album of Spotify's is one that a dump brought. Spotify tells an ISRC only with the track itself, a
//! request for each, so they are asked for before the album is written, and only where they decide: where a dump brought an
//! album of the same titles in the same places that has no barcode in common with it. Asking for them is the function's.

use std::collections::BTreeMap;

use super::matching::{self, Titled};
use super::{ArrivingAlbum, Track};
use crate::db::Client;
use crate::ids::{AlbumId, Isrc, SpotifyTrackId};
use crate::store::albums::AlbumMatchReason;
use crate::store::alike_albums;
use crate::store::tracks::{self, KnownTrack};
use crate::upstreams::spotify;

/// Albums of the longest titles are looked for, which the fewest others have.
const TITLES: usize = 3;

/// Albums of ours that one of Spotify's may be, if its ISRCs say so.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct IsrcCandidates {
    /// Of each album, the ISRCs that its tracks have, by what they would be at Spotify.
    albums: Vec<BTreeMap<SpotifyTrackId, String>>,
    told: BTreeMap<SpotifyTrackId, Isrc>,
}

impl IsrcCandidates {
    /// Looks for those of an album that is not here yet.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(client: &Client<'_>, album: &spotify::Album) -> Result<Self, tokio_postgres::Error> {
        let arriving = ArrivingAlbum::from_spotify(album);
        let titled = matching::titled(&arriving.tracks);
        let mut by_length: Vec<&Track> = titled.iter().map(|(track, _)| *track).collect();
        by_length.sort_by_key(|track| std::cmp::Reverse(track.name.chars().count()));
        let titles: Vec<(&str, i16, i32)> = by_length
            .iter()
            .take(TITLES)
            .map(|track| (track.name.as_str(), track.disc_number, track.track_number))
            .collect();
        let total = i32::try_from(titled.len()).unwrap_or(i32::MAX);
        let upc = album.upc.as_ref();
        let alike = alike_albums::list_candidates(client, &titles, total, upc).await?;
        if alike.iter().any(|(_, has_barcode)| *has_barcode) {
            return Ok(Self::default());
        }
        let ids: Vec<AlbumId> = alike.into_iter().map(|(id, _)| id).collect();
        let known = tracks::list_known(client, &ids, &[]).await?;
        let of_album = |id: &AlbumId| {
            let of_album = |track: &&KnownTrack| track.album_id == *id && !track.is_removed;
            isrcs(&titled, &known.iter().filter(of_album).collect::<Vec<_>>())
        };
        Ok(Self {
            albums: ids.iter().filter_map(of_album).collect(),
            told: BTreeMap::new(),
        })
    }

    /// The next track whose ISRC is wanted; None where all is told.
    #[must_use]
    pub fn next(&self) -> Option<SpotifyTrackId> {
        let wanted = self.albums.iter().flat_map(BTreeMap::keys);
        wanted.min().cloned()
    }

    /// Takes what Spotify says of that track. An album whose track has another ISRC is none of them.
    pub fn tell(&mut self, id: SpotifyTrackId, isrc: Option<Isrc>) {
        self.albums.retain_mut(|album| {
            let known = album.remove(&id);
            let (Some(known), Some(isrc)) = (known, &isrc) else {
                return true;
            };
            known == isrc.as_str()
        });
        self.told.extend(isrc.map(|isrc| (id, isrc)));
    }

    /// What was told.
    #[must_use]
    pub fn into_isrcs(self) -> BTreeMap<SpotifyTrackId, Isrc> {
        self.told
    }
}

/// The ISRCs of an album's tracks; None where it cannot be the album that arrives, or too few of them are known to tell.
fn isrcs(titled: &[Titled<'_>], known: &[&KnownTrack]) -> Option<BTreeMap<SpotifyTrackId, String>> {
    let isrcs: BTreeMap<SpotifyTrackId, String> = titled
        .iter()
        .filter_map(|(track, _)| {
            let place = (track.disc_number, track.track_number);
            let same = known
                .iter()
                .find(|known| (known.disc_number, known.track_number) == place);
            Some((track.spotify_id.clone()?, same?.isrc.clone()?))
        })
        .collect();
    let may_be = matching::is_same_album(AlbumMatchReason::Barcode, titled, known.iter().copied());
    (may_be && isrcs.len() * 2 >= titled.len()).then_some(isrcs)
}
