//! Writes the artists that an arriving album names.

use std::collections::BTreeMap;

use super::album::{ArrivingAlbum, Artist};
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
}

impl AlbumArtists {
    /// Writes all artists of the album.
    ///
    /// # Errors
    /// Fails if no artist has an id.
    pub(super) async fn upsert(transaction: &Client<'_>, album: &ArrivingAlbum) -> anyhow::Result<Self> {
        let mut names = BTreeMap::new();
        for (id, artist) in album.artists_with_ids() {
            names.entry(id.to_owned()).or_insert_with(|| artist.name.clone());
        }
        let ids = upsert_names(transaction, album.source, names).await?;
        let first = album.artists_with_ids().find_map(|(id, _)| ids.get(id).copied());
        let first = first.with_context(|| format!("album {} names no artist with an id", album.id))?;
        Ok(Self { ids, first })
    }

    pub(super) fn find(&self, source_id: &str) -> Option<ArtistId> {
        self.ids.get(source_id).copied()
    }

    /// Merges each artist of a known album with the artist that the arriving album, which is the same, names
    /// alike, unless a source has separate pages for the two.
    pub(super) async fn merge_with_known(
        &mut self,
        transaction: &Client<'_>,
        known: AlbumId,
        album: &ArrivingAlbum,
    ) -> Result<(), tokio_postgres::Error> {
        let known_artists = artists::list_on_album(transaction, known).await?;
        let arriving: BTreeMap<&str, &Artist> = album.artists_with_ids().collect();
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
        }
        Ok(())
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
