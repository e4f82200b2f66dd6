//! Maps single artists, albums and tracks from the JSON of Spotify. An item without an id or a name (a local
//! file, a track withdrawn in this market) is left out of its list.

use super::catalog::{Album, AlbumTrack, Artist, SimpleAlbum, SimpleArtist, Track};
use super::wire;
use crate::domain::albums::AlbumType;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::SpotifyTrackId;

/// Maps the items of a list and leaves out those that are null or cannot be mapped.
pub(super) fn map_items<W, T>(items: Vec<Option<W>>, map: fn(W) -> Option<T>) -> Vec<T> {
    items.into_iter().flatten().filter_map(map).collect()
}

/// The offset of the next page, computed from the number of items and the total, because the `next` of
/// Spotify can point to empty pages without end. Items that are left out count too.
pub(super) fn next_offset(offset: u32, item_count: usize, total: Option<i64>) -> Option<u32> {
    let next = offset.checked_add(u32::try_from(item_count).ok()?)?;
    (next > offset && total.is_none_or(|total| i64::from(next) < total)).then_some(next)
}

pub(super) fn artist_from_wire(artist: wire::Artist) -> Option<Artist> {
    Some(Artist {
        id: artist.id?.parse().ok()?,
        name: non_empty(artist.name)?,
        followers: artist
            .followers
            .and_then(|followers| followers.total)
            .filter(|total| *total >= 0),
        popularity: popularity(artist.popularity),
        image_url: largest_image(artist.images),
        genres: non_empty_all(artist.genres),
    })
}

fn simple_artists(artists: Option<Vec<Option<wire::Artist>>>) -> Vec<SimpleArtist> {
    map_items(artists.unwrap_or_default(), |artist| {
        Some(SimpleArtist {
            id: artist.id.and_then(|id| id.parse().ok()),
            name: non_empty(artist.name)?,
        })
    })
}

pub(super) fn simple_album_from_wire(album: wire::Album) -> Option<SimpleAlbum> {
    Some(SimpleAlbum {
        id: album.id?.parse().ok()?,
        name: non_empty(album.name)?,
        album_type: album
            .album_type
            .map(|word| word.to_ascii_lowercase().parse().unwrap_or(AlbumType::Other)),
        release_date: album.release_date.as_deref().and_then(ReleaseDate::from_text),
        total_tracks: non_negative(album.total_tracks),
        artists: simple_artists(album.artists),
    })
}

pub(super) fn album_from_wire(mut album: wire::Album) -> Option<Album> {
    let (external_ids, tracks) = (
        album.external_ids.take().unwrap_or_default(),
        album.tracks.take().unwrap_or_default(),
    );
    let (label, genres, cover_url) = (
        non_empty(album.label.take()),
        non_empty_all(album.genres.take()),
        largest_image(album.images.take()),
    );
    let SimpleAlbum {
        id,
        name,
        album_type,
        release_date,
        total_tracks,
        artists,
    } = simple_album_from_wire(album)?;
    let total = tracks.total.or(total_tracks.map(i64::from));
    let next_track_offset = match &tracks.items {
        Some(items) => next_offset(0, items.len(), total),
        None => (total != Some(0)).then_some(0),
    };
    Some(Album {
        id,
        name,
        album_type,
        release_date,
        total_tracks,
        artists,
        upc: [external_ids.upc, external_ids.ean]
            .into_iter()
            .flatten()
            .find_map(|code| code.parse().ok()),
        label,
        genres,
        cover_url,
        tracks: map_items(tracks.items.unwrap_or_default(), album_track_from_wire),
        next_track_offset,
    })
}

pub(super) fn album_track_from_wire(track: wire::Track) -> Option<AlbumTrack> {
    Some(AlbumTrack {
        id: track_id(&track)?,
        name: non_empty(track.name)?,
        artists: simple_artists(track.artists),
        disc_number: non_negative(track.disc_number).unwrap_or(1),
        track_number: non_negative(track.track_number).unwrap_or(0),
        duration_ms: non_negative(track.duration_ms),
        preview_url: non_empty(track.preview_url),
        explicit: track.explicit,
    })
}

pub(super) fn track_from_wire(mut track: wire::Track) -> Option<Track> {
    let (external_ids, album) = (track.external_ids.take().unwrap_or_default(), track.album.take());
    let popularity = popularity(track.popularity);
    let AlbumTrack {
        id,
        name,
        artists,
        disc_number,
        track_number,
        duration_ms,
        preview_url,
        explicit,
    } = album_track_from_wire(track)?;
    Some(Track {
        id,
        name,
        artists,
        disc_number,
        track_number,
        duration_ms,
        preview_url,
        explicit,
        isrc: external_ids.isrc.and_then(|isrc| isrc.parse().ok()),
        popularity,
        album: album.and_then(simple_album_from_wire),
    })
}

/// The id of the track itself. If a track cannot be played in the market, `id` is that of a track that is
/// played instead (<https://developer.spotify.com/documentation/web-api/concepts/track-relinking>). The
/// requested id is in `linked_from`, which development mode leaves out, and in the link to the website.
fn track_id(track: &wire::Track) -> Option<SpotifyTrackId> {
    let linked_from = track
        .linked_from
        .as_ref()
        .and_then(|linked_from| linked_from.id.as_deref());
    let link = track
        .external_urls
        .as_ref()
        .and_then(|urls| urls.spotify.as_deref());
    let website_id = link.and_then(|link| link.strip_prefix("https://open.spotify.com/track/"));
    [linked_from, website_id, track.id.as_deref()]
        .into_iter()
        .flatten()
        .find_map(|id| id.parse().ok())
}

/// The URL of the widest picture. Spotify lists the widest first, and some pictures without a width.
fn largest_image(images: Option<Vec<Option<wire::SizedImage>>>) -> Option<String> {
    let images = images.unwrap_or_default().into_iter().flatten();
    let with_url = images.filter_map(|image| Some((image.width, non_empty(image.url)?)));
    with_url
        .reduce(|best, image| if image.0 > best.0 { image } else { best })
        .map(|(_, url)| url)
}

fn popularity(value: Option<i64>) -> Option<i16> {
    non_negative(value).filter(|popularity| *popularity <= 100)
}

/// The number, if it is not negative and fits.
fn non_negative<T: TryFrom<i64>>(value: Option<i64>) -> Option<T> {
    value
        .filter(|value| *value >= 0)
        .and_then(|value| T::try_from(value).ok())
}

/// The text without surrounding spaces, and without NUL, which Postgres cannot store. `None` if it is empty.
fn non_empty(value: Option<String>) -> Option<String> {
    value
        .map(|value| value.replace('\0', "").trim().to_owned())
        .filter(|value| !value.is_empty())
}

fn non_empty_all(values: Option<Vec<Option<String>>>) -> Vec<String> {
    map_items(values.unwrap_or_default(), |value| non_empty(Some(value)))
}
