//! Spotify's search in the catalog: plain words, and the filters `artist:`, `album:`, `track:`, `upc:` and
//! `isrc:`. Exact names come first, the rest in the order of the catalog; Spotify's own ranking is not
//! imitated.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::shapes;
use super::stand_in::{SpotifyError, SpotifyParameters, SpotifyResult, SpotifyStandIn, SpotifyState};
use crate::demo::folding::fold;

/// The filters of a query.
const FILTERS: [&str; 5] = ["artist", "album", "track", "upc", "isrc"];

pub(super) async fn search(
    State(spotify): SpotifyState,
    Query(parameters): Query<SpotifyParameters>,
) -> SpotifyResult {
    let (limit, offset) = parameters.window(5, 10)?;
    let q = parameters.q.as_deref().filter(|q| !q.trim().is_empty());
    let q = q.ok_or(SpotifyError(StatusCode::BAD_REQUEST, "No search query"))?;
    let types = parameters
        .types
        .as_deref()
        .ok_or(SpotifyError(StatusCode::BAD_REQUEST, "Missing parameter type"))?;
    let terms = SearchTerms::parse(q);
    let mut response = Map::new();
    for kind in types.split(',') {
        let matches = match kind {
            "artist" => artists(&spotify, &terms),
            "album" => albums(&spotify, &terms),
            "track" => tracks(&spotify, &terms),
            _ => {
                return Err(SpotifyError(StatusCode::BAD_REQUEST, "Bad search type field"));
            }
        };
        let total = matches.len();
        let items = matches.into_iter().skip(offset).take(limit).collect();
        let url = format!("{}/search?query={}&type={kind}", spotify.base_url, urlencoded(q));
        response.insert(
            format!("{kind}s"),
            shapes::page(&url, items, limit, offset, total),
        );
    }
    Ok(Json(Value::Object(response)))
}

/// The terms of a query, folded. An empty term matches everything.
#[derive(Debug, Default, PartialEq, Eq)]
struct SearchTerms {
    text: String,
    artist: String,
    album: String,
    track: String,
    upc: String,
    isrc: String,
}

impl SearchTerms {
    /// Parses `word word filter:value filter:"two words"`; a value extends to the next filter.
    fn parse(q: &str) -> Self {
        let mut terms = Self::default();
        let mut filter = "text";
        for word in q.split_whitespace() {
            let mut rest = word;
            if let Some((name, value)) = word.split_once(':')
                && let Some(known) = FILTERS.iter().find(|known| known.eq_ignore_ascii_case(name))
            {
                (filter, rest) = (*known, value);
            }
            let value = match filter {
                "artist" => &mut terms.artist,
                "album" => &mut terms.album,
                "track" => &mut terms.track,
                "upc" => &mut terms.upc,
                "isrc" => &mut terms.isrc,
                _ => &mut terms.text,
            };
            value.push_str(&fold(rest));
        }
        terms
    }
}

fn artists(spotify: &SpotifyStandIn, terms: &SearchTerms) -> Vec<Value> {
    let name = if terms.artist.is_empty() {
        &terms.text
    } else {
        &terms.artist
    };
    let artists = spotify.catalog.all_artists();
    let mut matches: Vec<_> = artists
        .into_values()
        .filter(|artist| !name.is_empty() && fold(&artist.name).contains(name.as_str()))
        .collect();
    matches.sort_by_key(|artist| fold(&artist.name) != *name);
    matches
        .into_iter()
        .map(|artist| shapes::artist(&spotify.base_url, artist))
        .collect()
}

fn albums(spotify: &SpotifyStandIn, terms: &SearchTerms) -> Vec<Value> {
    let albums = spotify.catalog.albums.iter().filter(|album| {
        let artists: String = album.artists.iter().map(|artist| fold(&artist.name)).collect();
        let name = fold(&album.name);
        terms.isrc.is_empty()
            && terms.track.is_empty()
            && (terms.upc.is_empty() || album.padded_upc() == terms.upc)
            && artists.contains(&terms.artist)
            && name.contains(&terms.album)
            && format!("{artists}{name}").contains(&terms.text)
    });
    albums
        .map(|album| shapes::simplified_album(&spotify.base_url, album))
        .collect()
}

fn tracks(spotify: &SpotifyStandIn, terms: &SearchTerms) -> Vec<Value> {
    let tracks = spotify.catalog.tracks().filter(|(album, track)| {
        let artists: String = track.artists.iter().map(|artist| fold(&artist.name)).collect();
        let name = fold(&track.name);
        terms.upc.is_empty()
            && (terms.isrc.is_empty() || fold(&track.isrc()) == terms.isrc)
            && artists.contains(&terms.artist)
            && fold(&album.name).contains(&terms.album)
            && name.contains(&terms.track)
            && format!("{artists}{name}").contains(&terms.text)
    });
    tracks
        .map(|(album, track)| shapes::track(&spotify.base_url, album, track))
        .collect()
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_takes_the_words_up_to_the_next_filter() {
        let terms = SearchTerms::parse(r#"remaster artist:"Led Zeppelin" track:Poor Tom isrc:zz0010000001"#);
        let expected = SearchTerms {
            text: "remaster".to_owned(),
            artist: "ledzeppelin".to_owned(),
            track: "poortom".to_owned(),
            isrc: "zz0010000001".to_owned(),
            ..SearchTerms::default()
        };
        assert_eq!(terms, expected);
    }

    #[test]
    fn a_colon_in_a_title_is_not_a_filter() {
        assert_eq!(SearchTerms::parse("Interlude: Holiday").text, "interludeholiday");
    }
}
