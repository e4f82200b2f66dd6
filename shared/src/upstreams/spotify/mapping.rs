//! From the body of an answer of Spotify's to the catalog's facts: one pure function per kind of answer.
//! What a single artist, album or track in it means is in [`super::items`].

use serde::de::DeserializeOwned;

use super::catalog::{Album, AlbumPage, Artist, SimpleAlbum, Track, TrackPage};
use super::items::{album, album_track, artist, mapped, next_offset, simple_album, track};
use super::wire;
use crate::platform::http::Error;

/// The answer of `/artists/{id}`.
///
/// # Errors
/// [`Error::Decode`], as for all functions here, where the body is not such an answer, or is one without id or name.
pub fn artist_from_json(body: &[u8]) -> Result<Artist, Error> {
    artist(read(body, "an artist")?).ok_or_else(|| nameless("an artist"))
}

/// The answer of `/artists/{id}/albums`, asked for from `offset`.
///
/// # Errors
/// As [`artist_from_json`].
pub fn album_page_from_json(body: &[u8], offset: u32) -> Result<AlbumPage, Error> {
    let (items, total) = page_items(read(body, "a page of albums")?)?;
    let next_offset = next_offset(offset, items.len(), total);
    Ok(AlbumPage {
        albums: mapped(items, simple_album),
        next_offset,
    })
}

/// The answer of `/albums/{id}`.
///
/// # Errors
/// As [`artist_from_json`].
pub fn album_from_json(body: &[u8]) -> Result<Album, Error> {
    album(read(body, "an album")?).ok_or_else(|| nameless("an album"))
}

/// The answer of `/albums/{id}/tracks`, asked for from `offset`.
///
/// # Errors
/// As [`artist_from_json`].
pub fn track_page_from_json(body: &[u8], offset: u32) -> Result<TrackPage, Error> {
    let (items, total) = page_items(read(body, "a page of tracks")?)?;
    let next_offset = next_offset(offset, items.len(), total);
    Ok(TrackPage {
        tracks: mapped(items, album_track),
        next_offset,
    })
}

/// The answer of `/tracks/{id}`.
///
/// # Errors
/// As [`artist_from_json`].
pub fn track_from_json(body: &[u8]) -> Result<Track, Error> {
    track(read(body, "a track")?).ok_or_else(|| nameless("a track"))
}

/// The answer of `/search?type=artist`.
///
/// # Errors
/// As [`artist_from_json`].
pub fn artists_from_search_json(body: &[u8]) -> Result<Vec<Artist>, Error> {
    found(body, |search| search.artists, artist)
}

/// The answer of `/search?type=track`.
///
/// # Errors
/// As [`artist_from_json`].
pub fn tracks_from_search_json(body: &[u8]) -> Result<Vec<Track>, Error> {
    found(body, |search| search.tracks, track)
}

/// The answer of `/search?type=album`.
///
/// # Errors
/// As [`artist_from_json`].
pub fn albums_from_search_json(body: &[u8]) -> Result<Vec<SimpleAlbum>, Error> {
    found(body, |search| search.albums, simple_album)
}

fn read<T: DeserializeOwned>(body: &[u8], what: &str) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| {
        let page = body.trim_ascii_start().first() == Some(&b'<');
        Error::Decode(if page {
            format!("{what} was asked for, a page for people came")
        } else {
            format!("{what}: {error}")
        })
    })
}

fn nameless(what: &str) -> Error {
    Error::Decode(format!("{what} without id or name"))
}

fn found<W, T>(
    body: &[u8],
    kind: fn(wire::Search) -> Option<wire::Page<W>>,
    map: fn(W) -> Option<T>,
) -> Result<Vec<T>, Error> {
    let page = kind(read(body, "a search")?)
        .ok_or_else(|| Error::Decode("a search without what was searched for".to_owned()))?;
    Ok(mapped(page_items(page)?.0, map))
}

/// A page that holds nothing says so; one that says nothing is no page.
fn page_items<W>(page: wire::Page<W>) -> Result<(Vec<Option<W>>, Option<i64>), Error> {
    let items = page
        .items
        .ok_or_else(|| Error::Decode("a page without items".to_owned()))?;
    Ok((items, page.total))
}

#[cfg(test)]
mod tests;
