//! What one artist, album or track of Spotify's means to us.
//! One without id or name (a local file, a track withdrawn in this market) is left out and fails nothing beside it.

use super::catalog::{Album, AlbumTrack, Artist, SimpleAlbum, SimpleArtist, Track};
use super::wire;
use crate::domain::albums::AlbumType;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::SpotifyTrackId;

pub(super) fn mapped<W, T>(items: Vec<Option<W>>, map: fn(W) -> Option<T>) -> Vec<T> {
    items.into_iter().flatten().filter_map(map).collect()
}

/// By what the page holds and by the total, since a `next` can point at empty pages for ever. Items left out count too: they
/// have their places.
pub(super) fn next_offset(offset: u32, on_page: usize, total: Option<i64>) -> Option<u32> {
    let next = offset.checked_add(u32::try_from(on_page).ok()?)?;
    (next > offset && total.is_none_or(|total| i64::from(next) < total)).then_some(next)
}

pub(super) fn artist(artist: wire::Artist) -> Option<Artist> {
    Some(Artist {
        id: artist.id?.parse().ok()?,
        name: text(artist.name)?,
        followers: artist
            .followers
            .and_then(|followers| followers.total)
            .filter(|total| *total >= 0),
        popularity: popularity(artist.popularity),
        image_url: largest(artist.images),
        genres: texts(artist.genres),
    })
}

fn artist_refs(artists: Option<Vec<Option<wire::Artist>>>) -> Vec<SimpleArtist> {
    mapped(artists.unwrap_or_default(), |artist| {
        Some(SimpleArtist {
            id: artist.id.and_then(|id| id.parse().ok()),
            name: text(artist.name)?,
        })
    })
}

pub(super) fn simple_album(album: wire::Album) -> Option<SimpleAlbum> {
    Some(SimpleAlbum {
        id: album.id?.parse().ok()?,
        name: text(album.name)?,
        album_type: album
            .album_type
            .map(|word| word.to_ascii_lowercase().parse().unwrap_or(AlbumType::Other)),
        release_date: album.release_date.as_deref().and_then(ReleaseDate::from_text),
        total_tracks: natural(album.total_tracks),
        artists: artist_refs(album.artists),
    })
}

pub(super) fn album(mut album: wire::Album) -> Option<Album> {
    let (external_ids, tracks) = (
        album.external_ids.take().unwrap_or_default(),
        album.tracks.take().unwrap_or_default(),
    );
    let (label, genres, cover_url) = (
        text(album.label.take()),
        texts(album.genres.take()),
        largest(album.images.take()),
    );
    let SimpleAlbum {
        id,
        name,
        album_type,
        release_date,
        total_tracks,
        artists,
    } = simple_album(album)?;
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
        tracks: mapped(tracks.items.unwrap_or_default(), album_track),
        next_track_offset,
    })
}

pub(super) fn album_track(track: wire::Track) -> Option<AlbumTrack> {
    Some(AlbumTrack {
        id: own_id(&track)?,
        name: text(track.name)?,
        artists: artist_refs(track.artists),
        disc_number: natural(track.disc_number).unwrap_or(1),
        track_number: natural(track.track_number).unwrap_or(0),
        duration_ms: natural(track.duration_ms),
        preview_url: text(track.preview_url),
        explicit: track.explicit,
    })
}

pub(super) fn track(mut track: wire::Track) -> Option<Track> {
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
    } = album_track(track)?;
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
        album: album.and_then(simple_album),
    })
}

/// Where a track cannot be played in the market, `id` is that of another album's track played in its place
/// (<https://developer.spotify.com/documentation/web-api/concepts/track-relinking>). The one asked for is in `linked_from`, which
/// development mode leaves out, and in the link for people.
fn own_id(track: &wire::Track) -> Option<SpotifyTrackId> {
    let linked_from = track
        .linked_from
        .as_ref()
        .and_then(|linked_from| linked_from.id.as_deref());
    let link = track
        .external_urls
        .as_ref()
        .and_then(|urls| urls.spotify.as_deref());
    let shown = link.and_then(|link| link.strip_prefix("https://open.spotify.com/track/"));
    [linked_from, shown, track.id.as_deref()]
        .into_iter()
        .flatten()
        .find_map(|id| id.parse().ok())
}

/// Spotify lists the widest first, and some pictures without a width.
fn largest(images: Option<Vec<Option<wire::Image>>>) -> Option<String> {
    let images = images.unwrap_or_default().into_iter().flatten();
    let with_url = images.filter_map(|image| Some((image.width, text(image.url)?)));
    with_url
        .reduce(|best, image| if image.0 > best.0 { image } else { best })
        .map(|(_, url)| url)
}

fn popularity(value: Option<i64>) -> Option<i16> {
    natural(value).filter(|popularity| *popularity <= 100)
}

/// A number that cannot be a count is as good as missing.
fn natural<T: TryFrom<i64>>(value: Option<i64>) -> Option<T> {
    value
        .filter(|value| *value >= 0)
        .and_then(|value| T::try_from(value).ok())
}

/// Without the spaces around it, and without NUL, which Postgres cannot store; None where nothing is left.
fn text(value: Option<String>) -> Option<String> {
    value
        .map(|value| value.replace('\0', "").trim().to_owned())
        .filter(|value| !value.is_empty())
}

fn texts(values: Option<Vec<Option<String>>>) -> Vec<String> {
    mapped(values.unwrap_or_default(), |value| text(Some(value)))
}
