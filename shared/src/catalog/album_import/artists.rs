//! Writes the artists that an arriving album names.

use std::collections::{BTreeMap, BTreeSet};

use super::album::{ArrivingAlbum, Artist, Track};
use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ArtistId, ArtistMbid, SpotifyArtistId};
use crate::domain::names;
use crate::platform::db::Client;
use crate::store::catalog::artist_identities;
use crate::store::catalog::artist_merges;
use crate::store::catalog::artists;
use anyhow::Context as _;

/// The stored artists of an arriving album and its tracks.
pub(super) struct AlbumArtists {
    /// Our ids by the ids of the source.
    ids: BTreeMap<String, ArtistId>,
    /// The first artist of the album, otherwise of its tracks.
    pub(super) first: ArtistId,
    /// The artists that stand for many or for none.
    special: BTreeSet<ArtistId>,
}

impl AlbumArtists {
    /// Writes all artists of the album.
    ///
    /// # Errors
    /// Fails if no artist has an id.
    pub(super) async fn upsert(transaction: &Client<'_>, album: &ArrivingAlbum<'_>) -> anyhow::Result<Self> {
        let names = album
            .all_artists()
            .filter_map(|artist| Some((artist.id.clone()?, artist.name.clone())))
            .collect();
        let ids = upsert_names(transaction, album.source, names).await?;
        let id = |artist: &Artist| ids.get(artist.id.as_ref()?).copied();
        let first = album
            .all_artists()
            .find_map(id)
            .with_context(|| format!("album {} names no artist with an id", album.id))?;
        let special = album.all_artists().filter(|artist| artist.is_special);
        let special = special.filter_map(id).collect();
        Ok(Self { ids, first, special })
    }

    pub(super) fn id(&self, artist: &Artist) -> Option<ArtistId> {
        self.ids.get(artist.id.as_ref()?).copied()
    }

    /// Merges each artist of a known album with the artist that the arriving album, which is the same, names
    /// alike, unless a source has separate pages for the two.
    pub(super) async fn merge_with_known(
        &mut self,
        transaction: &Client<'_>,
        known: AlbumId,
        album: &ArrivingAlbum<'_>,
    ) -> Result<(), tokio_postgres::Error> {
        let known_artists = artists::list_on_album(transaction, known).await?;
        let arriving: BTreeMap<&str, &Artist> = album
            .all_artists()
            .filter_map(|artist| Some((artist.id.as_deref()?, artist)))
            .collect();
        for (source_id, artist) in arriving {
            let Some(&id) = self.ids.get(source_id) else {
                continue;
            };
            let mut same = known_artists
                .iter()
                .filter(|(_, name)| names::is_same_name(name, &artist.name));
            let (Some((other, _)), None) = (same.next(), same.next()) else {
                continue;
            };
            if *other == id || artist_identities::are_distinct(transaction, *other, id).await? {
                continue;
            }
            let (kept, removed) = (id.min(*other), id.max(*other));
            artist_merges::merge(transaction, kept, removed).await?;
            for id in self.ids.values_mut().chain([&mut self.first]) {
                if *id == removed {
                    *id = kept;
                }
            }
            if self.special.remove(&removed) {
                self.special.insert(kept);
            }
        }
        Ok(())
    }

    /// The artist who owns the song of a track: its first main artist, otherwise the album's first artist.
    /// `None` for Various Artists and the like, who own no songs.
    pub(super) fn song_artist(&self, track: &Track) -> Option<ArtistId> {
        track
            .artists
            .iter()
            .filter(|artist| !artist.is_featured)
            .find_map(|artist| self.id(artist))
            .or(Some(self.first))
            .filter(|id| !self.special.contains(id))
    }
}

/// Writes artists, given by their ids in the source with their names; returns our ids.
async fn upsert_names(
    transaction: &Client<'_>,
    source: Source,
    names: BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, ArtistId>> {
    fn parse_ids<T: TryFrom<String> + Ord>(
        names: BTreeMap<String, String>,
    ) -> Result<BTreeMap<T, String>, T::Error> {
        let parsed = names.into_iter().map(|(id, name)| Ok((id.try_into()?, name)));
        parsed.collect()
    }
    fn to_texts<T: Into<String>>(ids: BTreeMap<T, ArtistId>) -> BTreeMap<String, ArtistId> {
        ids.into_iter()
            .map(|(source_id, id)| (source_id.into(), id))
            .collect()
    }
    Ok(match source {
        Source::MusicBrainz => {
            let names = parse_ids::<ArtistMbid>(names)?;
            to_texts(artists::upsert_musicbrainz(transaction, &names).await?)
        }
        Source::Discogs => artists::upsert_discogs(transaction, &names).await?,
        _ => {
            let names = parse_ids::<SpotifyArtistId>(names)?;
            to_texts(artists::upsert_spotify(transaction, &names).await?)
        }
    })
}
