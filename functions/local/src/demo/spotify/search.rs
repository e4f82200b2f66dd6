//! Spotify's search over the catalog: plain words, and the filters `artist:`, `album:`, `track:`, `upc:` and `isrc:`.
//! Spotify's ranking stays out: what is called exactly so comes first, then the catalog's order.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::{Answer, Parameters, Refusal, Shared, Spotify, shapes};
use crate::demo::fold;

/// The filters a query can have; `text` stands for the words without one.
const FIELDS: [&str; 5] = ["artist", "album", "track", "upc", "isrc"];

pub(super) async fn search(State(spotify): Shared, Query(parameters): Query<Parameters>) -> Answer {
    let (limit, offset) = parameters.window(5, 10)?;
    let q = parameters.q.as_deref().filter(|q| !q.trim().is_empty());
    let q = q.ok_or(Refusal(StatusCode::BAD_REQUEST, "No search query"))?;
    let types = parameters
        .types
        .as_deref()
        .ok_or(Refusal(StatusCode::BAD_REQUEST, "Missing parameter type"))?;
    let wanted = Wanted::from_query(q);
    let mut answer = Map::new();
    for kind in types.split(',') {
        let found = match kind {
            "artist" => artists(&spotify, &wanted),
            "album" => albums(&spotify, &wanted),
            "track" => tracks(&spotify, &wanted),
            _ => {
                return Err(Refusal(StatusCode::BAD_REQUEST, "Bad search type field"));
            }
        };
        let total = found.len();
        let items = found.into_iter().skip(offset).take(limit).collect();
        let url = format!("{}/search?query={}&type={kind}", spotify.base_url, urlencoded(q));
        answer.insert(
            format!("{kind}s"),
            shapes::page(&url, items, limit, offset, total),
        );
    }
    Ok(Json(Value::Object(answer)))
}

/// What a query asks for, folded; an empty field asks for nothing.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    text: String,
    artist: String,
    album: String,
    track: String,
    upc: String,
    isrc: String,
}

impl Wanted {
    /// Reads `word word field:value field:"two words"`; a value runs to the next field.
    fn from_query(q: &str) -> Self {
        let mut wanted = Self::default();
        let mut field = "text";
        for word in q.split_whitespace() {
            let mut rest = word;
            if let Some((name, value)) = word.split_once(':')
                && let Some(known) = FIELDS.iter().find(|known| known.eq_ignore_ascii_case(name))
            {
                (field, rest) = (*known, value);
            }
            let value = match field {
                "artist" => &mut wanted.artist,
                "album" => &mut wanted.album,
                "track" => &mut wanted.track,
                "upc" => &mut wanted.upc,
                "isrc" => &mut wanted.isrc,
                _ => &mut wanted.text,
            };
            value.push_str(&fold(rest));
        }
        wanted
    }
}

fn artists(spotify: &Spotify, wanted: &Wanted) -> Vec<Value> {
    let name = if wanted.artist.is_empty() {
        &wanted.text
    } else {
        &wanted.artist
    };
    let artists = spotify.catalog.all_artists();
    let mut found: Vec<_> = artists
        .into_values()
        .filter(|artist| !name.is_empty() && fold(&artist.name).contains(name.as_str()))
        .collect();
    found.sort_by_key(|artist| fold(&artist.name) != *name);
    found
        .into_iter()
        .map(|artist| shapes::artist(&spotify.base_url, artist))
        .collect()
}

fn albums(spotify: &Spotify, wanted: &Wanted) -> Vec<Value> {
    let albums = spotify.catalog.albums.iter().filter(|album| {
        let artists: String = album.artists.iter().map(|artist| fold(&artist.name)).collect();
        let name = fold(&album.name);
        wanted.isrc.is_empty()
            && wanted.track.is_empty()
            && (wanted.upc.is_empty() || album.padded_upc() == wanted.upc)
            && artists.contains(&wanted.artist)
            && name.contains(&wanted.album)
            && format!("{artists}{name}").contains(&wanted.text)
    });
    albums
        .map(|album| shapes::simplified_album(&spotify.base_url, album))
        .collect()
}

fn tracks(spotify: &Spotify, wanted: &Wanted) -> Vec<Value> {
    let tracks = spotify.catalog.tracks().filter(|(album, track)| {
        let artists: String = track.artists.iter().map(|artist| fold(&artist.name)).collect();
        let name = fold(&track.name);
        wanted.upc.is_empty()
            && (wanted.isrc.is_empty() || fold(&track.isrc()) == wanted.isrc)
            && artists.contains(&wanted.artist)
            && fold(&album.name).contains(&wanted.album)
            && name.contains(&wanted.track)
            && format!("{artists}{name}").contains(&wanted.text)
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
    fn fields_take_the_words_up_to_the_next_field() {
        let wanted = Wanted::from_query(r#"remaster artist:"Led Zeppelin" track:Poor Tom isrc:zz0010000001"#);
        let expected = Wanted {
            text: "remaster".to_owned(),
            artist: "ledzeppelin".to_owned(),
            track: "poortom".to_owned(),
            isrc: "zz0010000001".to_owned(),
            ..Wanted::default()
        };
        assert_eq!(wanted, expected);
    }

    #[test]
    fn a_colon_in_a_title_is_no_field() {
        assert_eq!(Wanted::from_query("Interlude: Holiday").text, "interludeholiday");
    }
}
