//! A stand-in for Spotify's Web API as a new application gets it: development mode, pages of 10, an explicit
//! market.

mod search;
mod shapes;
mod stand_in;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use super::catalog::{Album, Artist};
pub(super) use stand_in::SpotifyStandIn;
use stand_in::{SpotifyError, SpotifyParameters, SpotifyResult, SpotifyState, not_found};

/// The client id that the stand-in accepts.
pub const SPOTIFY_CLIENT_ID: &str = "linernotes-demo";
/// The client secret that the stand-in accepts. It is of no use elsewhere.
pub const SPOTIFY_CLIENT_SECRET: &str = "not-a-secret";
/// Basic credentials of this client id and secret, in base64.
const CREDENTIALS: &str = "Basic bGluZXJub3Rlcy1kZW1vOm5vdC1hLXNlY3JldA==";
const ACCESS_TOKEN: &str = "stand-in-access-token";
/// Number of tracks that an album object contains.
const EMBEDDED_TRACKS: usize = 50;

/// The Web API under `/v1`, and the token endpoint, which has its own host in reality.
pub(super) fn router(spotify: SpotifyStandIn) -> Router {
    let spotify = Arc::new(spotify);
    let mut web_api = Router::new()
        .route("/v1/artists/{id}", get(artist))
        .route("/v1/artists/{id}/albums", get(artist_albums))
        .route("/v1/albums/{id}", get(album))
        .route("/v1/albums/{id}/tracks", get(album_tracks))
        .route("/v1/tracks/{id}", get(track))
        .route("/v1/search", get(search::search));
    for removed in [
        "/v1/artists",
        "/v1/albums",
        "/v1/tracks",
        "/v1/artists/{id}/top-tracks",
        "/v1/artists/{id}/related-artists",
        "/v1/browse/{*rest}",
        "/v1/markets",
    ] {
        web_api = web_api.route(
            removed,
            get(|| async { SpotifyError(StatusCode::FORBIDDEN, "Forbidden") }),
        );
    }
    let web_api = web_api
        .fallback(|| async { SpotifyError(StatusCode::NOT_FOUND, "Service not found") })
        .layer(from_fn_with_state(Arc::clone(&spotify), admit));
    Router::new()
        .route("/api/token", post(token))
        .merge(web_api)
        .with_state(spotify)
}

/// Counts the call, rejects it if it is one that fails, and checks the token.
async fn admit(State(spotify): SpotifyState, request: Request, next: Next) -> Response {
    let kind = match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        Some("/v1/artists/{id}") => "artist",
        Some("/v1/artists/{id}/albums") => "artist albums",
        Some("/v1/albums/{id}") => "album",
        Some("/v1/albums/{id}/tracks") => "album tracks",
        Some("/v1/tracks/{id}") => "track",
        Some("/v1/search") => "search",
        Some(_) => "removed",
        None => "unknown",
    };
    let error = match spotify.meter.count(kind, Instant::now()) {
        Some(429) => {
            let error = SpotifyError(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
            return ([(header::RETRY_AFTER, "1")], error).into_response();
        }
        Some(_) => SpotifyError(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
        None => match bearer(request.headers()) {
            Some(ACCESS_TOKEN) => return next.run(request).await,
            Some(_) => SpotifyError(StatusCode::UNAUTHORIZED, "Invalid access token"),
            None => SpotifyError(StatusCode::UNAUTHORIZED, "No token provided"),
        },
    };
    error.into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

async fn token(headers: HeaderMap, body: String) -> Response {
    let is_known = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|credentials| credentials.as_bytes() == CREDENTIALS.as_bytes());
    if !is_known {
        let body = json!({"error": "invalid_client", "error_description": "Invalid client"});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    if body != "grant_type=client_credentials" {
        let body = json!({
            "error": "unsupported_grant_type",
            "error_description": "grant_type parameter is missing or not supported",
        });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    Json(json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600})).into_response()
}

async fn artist(State(spotify): SpotifyState, Path(id): Path<String>) -> SpotifyResult {
    Ok(Json(shapes::artist(&spotify.base_url, spotify.artist(&id)?)))
}

async fn artist_albums(
    State(spotify): SpotifyState,
    Path(id): Path<String>,
    Query(parameters): Query<SpotifyParameters>,
) -> SpotifyResult {
    let (limit, offset) = parameters.window(5, 10)?;
    let artist = spotify.artist(&id)?;
    let groups = parameters
        .include_groups
        .as_deref()
        .unwrap_or("album,single,appears_on,compilation");
    let wanted: Vec<&str> = groups.split(',').collect();
    let mut albums: Vec<&Album> = spotify
        .catalog
        .albums
        .iter()
        .filter(|album| wanted.contains(&album_group(album, artist)))
        .collect();
    albums.sort_by(|a, b| b.release_date.cmp(&a.release_date));
    if parameters.market.is_none() {
        albums.clear();
    }
    let total = albums.len();
    let items = albums
        .into_iter()
        .skip(offset)
        .take(limit)
        .map(|album| shapes::simplified_album(&spotify.base_url, album))
        .collect();
    let market = parameters.market.as_deref().unwrap_or_default();
    let url = format!(
        "{}/artists/{id}/albums?include_groups={}&market={market}",
        spotify.base_url,
        groups.replace(',', "%2C")
    );
    Ok(Json(shapes::page(&url, items, limit, offset, total)))
}

async fn album(
    State(spotify): SpotifyState,
    Path(id): Path<String>,
    Query(parameters): Query<SpotifyParameters>,
) -> SpotifyResult {
    let album = spotify.album(&id, &parameters)?;
    if spotify.withheld_album.as_ref() == Some(&id) {
        // The sender lives as long as the server. If it is dropped first, nobody waits for the album any
        // more.
        let _ = spotify.open.clone().wait_for(|open| *open).await;
    }
    let mut shape = shapes::simplified_album(&spotify.base_url, album);
    shape["tracks"] = spotify.tracks_page(album, &parameters, EMBEDDED_TRACKS, 0);
    shape["copyrights"] = json!([]);
    shape["external_ids"] = json!({"upc": album.padded_upc()});
    shape["genres"] = json!([]);
    Ok(Json(shape))
}

async fn album_tracks(
    State(spotify): SpotifyState,
    Path(id): Path<String>,
    Query(parameters): Query<SpotifyParameters>,
) -> SpotifyResult {
    let (limit, offset) = parameters.window(20, 50)?;
    let album = spotify.album(&id, &parameters)?;
    Ok(Json(spotify.tracks_page(album, &parameters, limit, offset)))
}

async fn track(
    State(spotify): SpotifyState,
    Path(id): Path<String>,
    Query(parameters): Query<SpotifyParameters>,
) -> SpotifyResult {
    let entry = spotify.catalog.tracks().find(|(_, track)| track.id == id);
    let (album, track) = entry
        .filter(|_| parameters.market.is_some())
        .ok_or_else(not_found)?;
    Ok(Json(shapes::track(&spotify.base_url, album, track)))
}

/// The group of an album in an artist's list of albums; empty if the album is not in it.
fn album_group<'a>(album: &'a Album, artist: &Artist) -> &'a str {
    if album.artists.iter().any(|other| other.id == artist.id) {
        &album.album_type
    } else if album
        .tracks
        .iter()
        .any(|track| track.artists.iter().any(|other| other.id == artist.id))
    {
        "appears_on"
    } else {
        ""
    }
}
