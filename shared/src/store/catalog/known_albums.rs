//! The stored albums that arriving ones may be. Which of them it is, if any, is decided by
//! `catalog::album_import`. Which albums are candidates is defined once, by the SQL function `known_albums`.

use std::collections::HashMap;

use tokio_postgres::{Error, Row};

use crate::domain::albums::AlbumFacts;
use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, Isrc, SpotifyAlbumId, Upc};
use crate::domain::text_enums::text_enum;
use crate::platform::db::{Client, Param};
use crate::store::catalog::albums;
use crate::store::catalog::tracks::{self, KnownTrack};

text_enum! {
    /// Why a stored album may be an arriving one, with the most certain reason first.
    AlbumMatchReason {
        /// It was imported from the same record of the source.
        Own = "own",
        /// A source links the two.
        Stated = "stated",
        /// They have the same Discogs master.
        Master = "master",
        /// They have the same barcode and the same track count.
        Barcode = "barcode",
        /// They have the same track count and share the ISRC of a track.
        Isrc = "isrc",
    }
}

/// By what an arriving album is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlbumKeys<'a> {
    /// The id of the album at its source.
    pub source_id: &'a str,
    /// The Spotify albums that the source links it to.
    pub spotify_ids: &'a [SpotifyAlbumId],
    /// The Discogs master that it is a pressing of.
    pub master_id: Option<i64>,
    /// The barcode.
    pub upc: Option<&'a Upc>,
    /// The number of tracks.
    pub total_tracks: Option<i32>,
    /// The ISRCs of the tracks that the source states.
    pub isrcs: Vec<&'a Isrc>,
    /// The Spotify ids of the tracks.
    pub spotify_track_ids: Vec<&'a str>,
}

/// A stored album that may be an arriving one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAlbum {
    /// Our id.
    pub id: AlbumId,
    /// Why the two may be one album.
    pub reason: AlbumMatchReason,
    /// The smallest of its Spotify ids.
    pub spotify_id: Option<String>,
    /// The smallest record of the arriving album's source that it was imported from.
    pub first_record: Option<String>,
    /// Whether a dump may have brought it: from Discogs, or from a MusicBrainz release.
    pub is_loaded: bool,
    /// Hashes of the tracklists of its records that were loaded from a dump.
    pub tracklist_hashes: Vec<i64>,
    /// Hash of the tracklist that the arriving record had when it was loaded before.
    pub former_tracklist_hash: Option<i64>,
    /// Whether it is linked to records other than the arriving one.
    pub has_other_records: bool,
    /// What is stored of its facts.
    pub facts: AlbumFacts,
    /// Its tracks, with those that were removed.
    pub tracks: Vec<KnownTrack>,
}

/// What is stored that an arriving album and its tracks may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownAlbums {
    /// The albums that it may be.
    pub albums: Vec<KnownAlbum>,
    /// Tracks of other albums that have a Spotify id of one of its tracks.
    pub other_tracks: Vec<KnownTrack>,
}

// The hashes are locked in order, so that transactions that lock several keys do not deadlock.
const LOCK_KEYS: &str = "
    SELECT pg_advisory_xact_lock(hash)
    FROM (
        SELECT DISTINCT hashtextextended(key, 0) AS hash FROM unnest($1::text[]) AS k (key)
        ORDER BY 1 OFFSET 0
    ) AS hashes";

const LIST: &str = include_str!("known_albums/list.sql");

/// What is stored that each of these albums of a source may be. Until the transaction ends, no other one can
/// import an album that may be one of them, and the listed albums are locked.
///
/// Several albums can have one barcode, and one album can be several releases of another source. Two releases
/// of one source are different albums, except pressings at Discogs. ISRCs join two records of one source only
/// at Spotify, which has one record under many ids.
pub async fn list(
    client: &Client<'_>,
    source: Source,
    arriving: &[AlbumKeys<'_>],
) -> Result<Vec<KnownAlbums>, Error> {
    let lock_keys: Vec<String> = arriving
        .iter()
        .flat_map(|album| album.lock_keys(source))
        .collect();
    client.execute(LOCK_KEYS, &[&lock_keys]).await?;
    let ids: Vec<&str> = arriving.iter().map(|album| album.source_id).collect();
    let upcs: Vec<Option<&Upc>> = arriving.iter().map(|album| album.upc).collect();
    let totals: Vec<Option<i32>> = arriving.iter().map(|album| album.total_tracks).collect();
    let masters: Vec<Option<i64>> = arriving.iter().map(|album| album.master_id).collect();
    let (link_places, spotify_ids) = numbered(arriving, |album| album.spotify_ids.iter());
    let (isrc_places, isrcs) = numbered(arriving, |album| album.isrcs.iter().copied());
    let parameters: [&dyn Param; 9] = [
        &source,
        &ids,
        &upcs,
        &totals,
        &masters,
        &link_places,
        &spotify_ids,
        &isrc_places,
        &isrcs,
    ];
    let mut known = vec![KnownAlbums::default(); arriving.len()];
    for row in client.query(LIST, &parameters).await? {
        if let Some(known) = place(&row).and_then(|place| known.get_mut(place)) {
            known.albums.push(known_album(&row));
        }
    }
    add_tracks(client, arriving, &mut known).await?;
    Ok(known)
}

impl AlbumKeys<'_> {
    fn lock_keys(&self, source: Source) -> impl Iterator<Item = String> {
        let upc = self.upc.map(|upc| format!("album:upc:{upc}"));
        let linked = self.spotify_ids.iter().map(|id| format!("album:spotify:{id}"));
        let isrcs = self.isrcs.iter().map(|isrc| format!("album:isrc:{isrc}"));
        let own = format!("album:{source}:{}", self.source_id);
        std::iter::once(own).chain(upc).chain(linked).chain(isrcs)
    }
}

/// The values of all albums, each with the number of its album, from 1.
fn numbered<'a, T, I: Iterator<Item = T>>(
    arriving: &'a [AlbumKeys<'_>],
    values: impl Fn(&'a AlbumKeys<'_>) -> I,
) -> (Vec<i64>, Vec<T>) {
    let all = (1_i64..).zip(arriving);
    all.flat_map(|(number, album)| values(album).map(move |value| (number, value)))
        .unzip()
}

fn place(row: &Row) -> Option<usize> {
    usize::try_from(row.get::<_, i64>("place") - 1).ok()
}

fn known_album(row: &Row) -> KnownAlbum {
    let reason = usize::try_from(row.get::<_, i32>("reason")).unwrap_or_default();
    KnownAlbum {
        id: row.get("id"),
        reason: AlbumMatchReason::ALL[reason],
        spotify_id: row.get("spotify_id"),
        first_record: row.get("first_record"),
        is_loaded: row.get("is_loaded"),
        tracklist_hashes: row.get("tracklist_hashes"),
        former_tracklist_hash: row.get("former_tracklist_hash"),
        has_other_records: row.get("has_other_records"),
        facts: albums::facts_of_row(row),
        tracks: Vec::new(),
    }
}

/// Adds the tracks of the listed albums, and those of others that have a Spotify id of an arriving track.
async fn add_tracks(
    client: &Client<'_>,
    arriving: &[AlbumKeys<'_>],
    known: &mut [KnownAlbums],
) -> Result<(), Error> {
    let albums: Vec<AlbumId> = known
        .iter()
        .flat_map(|known| &known.albums)
        .map(|album| album.id)
        .collect();
    let spotify_ids: Vec<&str> = arriving
        .iter()
        .flat_map(|album| album.spotify_track_ids.clone())
        .collect();
    if albums.is_empty() && spotify_ids.is_empty() {
        return Ok(());
    }
    let tracks = tracks::list_known(client, &albums, &spotify_ids).await?;
    let mut by_album = HashMap::<AlbumId, Vec<KnownTrack>>::new();
    for track in tracks {
        by_album.entry(track.album_id).or_default().push(track);
    }
    for (known, arriving) in known.iter_mut().zip(arriving) {
        for album in &mut known.albums {
            album.tracks = by_album.get(&album.id).cloned().unwrap_or_default();
        }
        if !arriving.spotify_track_ids.is_empty() {
            let others = by_album
                .iter()
                .filter(|(id, _)| !known.albums.iter().any(|album| album.id == **id));
            known.other_tracks = others.flat_map(|(_, tracks)| tracks.clone()).collect();
        }
    }
    Ok(())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LOCK_KEYS, LIST];
