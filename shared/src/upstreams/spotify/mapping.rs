//! Parses the response bodies of Spotify, one function per endpoint. Single items are mapped in `items.rs`.

use serde::de::DeserializeOwned;

use super::catalog::{Album, AlbumPage, Artist, SimpleAlbum, Track, TrackPage};
use super::items::{
    album_from_wire, album_track_from_wire, artist_from_wire, map_items, next_offset, simple_album_from_wire,
    track_from_wire,
};
use super::wire;
use crate::platform::http::Error;

/// Parses the response of `/artists/{id}`.
///
/// # Errors
/// [`Error::Decode`] if the body has another shape or the artist has no id or name. The other functions here
/// fail in the same way.
pub fn artist_from_json(body: &[u8]) -> Result<Artist, Error> {
    artist_from_wire(parse(body, "an artist")?).ok_or_else(|| missing_id_or_name("an artist"))
}

/// Parses the response of `/artists/{id}/albums`, requested from `offset`.
pub fn album_page_from_json(body: &[u8], offset: u32) -> Result<AlbumPage, Error> {
    let (items, total) = page_items(parse(body, "a page of albums")?)?;
    let next_offset = next_offset(offset, items.len(), total);
    Ok(AlbumPage {
        albums: map_items(items, simple_album_from_wire),
        next_offset,
    })
}

/// Parses the response of `/albums/{id}`.
pub fn album_from_json(body: &[u8]) -> Result<Album, Error> {
    album_from_wire(parse(body, "an album")?).ok_or_else(|| missing_id_or_name("an album"))
}

/// Parses the response of `/albums/{id}/tracks`, requested from `offset`.
pub fn track_page_from_json(body: &[u8], offset: u32) -> Result<TrackPage, Error> {
    let (items, total) = page_items(parse(body, "a page of tracks")?)?;
    let next_offset = next_offset(offset, items.len(), total);
    Ok(TrackPage {
        tracks: map_items(items, album_track_from_wire),
        next_offset,
    })
}

/// Parses the response of `/tracks/{id}`.
pub fn track_from_json(body: &[u8]) -> Result<Track, Error> {
    track_from_wire(parse(body, "a track")?).ok_or_else(|| missing_id_or_name("a track"))
}

/// Parses the response of `/search?type=artist`.
pub fn artists_from_search_json(body: &[u8]) -> Result<Vec<Artist>, Error> {
    search_items(body, |search| search.artists, artist_from_wire)
}

/// Parses the response of `/search?type=track`.
pub fn tracks_from_search_json(body: &[u8]) -> Result<Vec<Track>, Error> {
    search_items(body, |search| search.tracks, track_from_wire)
}

/// Parses the response of `/search?type=album`.
pub fn albums_from_search_json(body: &[u8]) -> Result<Vec<SimpleAlbum>, Error> {
    search_items(body, |search| search.albums, simple_album_from_wire)
}

/// Deserializes a body. `expected` names the expected content in the error.
fn parse<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| {
        let is_html = body.trim_ascii_start().first() == Some(&b'<');
        Error::Decode(if is_html {
            format!("expected {expected}, but received an HTML page")
        } else {
            format!("expected {expected}: {error}")
        })
    })
}

fn missing_id_or_name(entity: &str) -> Error {
    Error::Decode(format!("{entity} has no id or name"))
}

/// Maps the items of one kind in a search result.
fn search_items<W, T>(
    body: &[u8],
    kind: fn(wire::SearchPages) -> Option<wire::ItemPage<W>>,
    map: fn(W) -> Option<T>,
) -> Result<Vec<T>, Error> {
    let page = kind(parse(body, "a search result")?)
        .ok_or_else(|| Error::Decode("the search result has no list of the requested kind".to_owned()))?;
    Ok(map_items(page_items(page)?.0, map))
}

/// The items and the total of a page. An empty page has an empty list of items, so a missing list is an
/// error.
fn page_items<W>(page: wire::ItemPage<W>) -> Result<(Vec<Option<W>>, Option<i64>), Error> {
    let items = page
        .items
        .ok_or_else(|| Error::Decode("the page has no list of items".to_owned()))?;
    Ok((items, page.total))
}

#[cfg(test)]
mod tests;
