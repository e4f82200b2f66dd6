//! A stand-in for Spotify's Web API as a new application gets it: development mode, pages of 10, an explicit market.
//! What the objects look like is in [`shapes`].

mod search;
mod shapes;
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
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::catalog::{Album, Artist, Catalog};
use super::limits::Meter;

/// Basic credentials of [`super::SPOTIFY_CLIENT_ID`] and its secret, in base64.
const CREDENTIALS: &str = "Basic bGluZXJub3Rlcy1kZW1vOm5vdC1hLXNlY3JldA==";
const ACCESS_TOKEN: &str = "stand-in-access-token";
/// What an album embeds of its tracks.
const EMBEDDED_TRACKS: usize = 50;

/// What the handlers answer from.
pub(super) struct Spotify {
    pub(super) catalog: Arc<Catalog>,
    pub(super) meter: Arc<Meter>,
    /// With `/v1`.
    pub(super) base_url: String,
    pub(super) withheld_album: Option<String>,
    /// True once the withheld album may go out.
    pub(super) open: watch::Receiver<bool>,
}

type Shared = State<Arc<Spotify>>;

/// A status that is no success, and what the body says of it.
struct Refusal(StatusCode, &'static str);

/// An answer, or the refusal to give it.
type Answer = Result<Json<Value>, Refusal>;

/// What a call may say after the question mark.
#[derive(Debug, Default, Deserialize)]
struct Parameters {
    limit: Option<String>,
    offset: Option<String>,
    market: Option<String>,
    include_groups: Option<String>,
    q: Option<String>,
    #[serde(rename = "type")]
    types: Option<String>,
}

/// The Web API under `/v1`, and the token endpoint that in reality has a host of its own.
pub(super) fn router(spotify: Spotify) -> Router {
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
            get(|| async { Refusal(StatusCode::FORBIDDEN, "Forbidden") }),
        );
    }
    let web_api = web_api
        .fallback(|| async { Refusal(StatusCode::NOT_FOUND, "Service not found") })
        .layer(from_fn_with_state(Arc::clone(&spotify), admit));
    Router::new()
        .route("/api/token", post(token))
        .merge(web_api)
        .with_state(spotify)
}

/// Counts the call, fails it if its turn is to fail, and looks at the token.
async fn admit(State(spotify): Shared, request: Request, next: Next) -> Response {
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
    let refusal = match spotify.meter.count(kind, Instant::now()) {
        Some(429) => {
            let refusal = Refusal(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
            return ([(header::RETRY_AFTER, "1")], refusal).into_response();
        }
        Some(_) => Refusal(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
        None => match bearer(request.headers()) {
            Some(ACCESS_TOKEN) => return next.run(request).await,
            Some(_) => Refusal(StatusCode::UNAUTHORIZED, "Invalid access token"),
            None => Refusal(StatusCode::UNAUTHORIZED, "No token provided"),
        },
    };
    refusal.into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

async fn token(headers: HeaderMap, body: String) -> Response {
    let known = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|credentials| credentials.as_bytes() == CREDENTIALS.as_bytes());
    if !known {
        let body = json!({"error": "invalid_client", "error_description": "Invalid client"});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    if body != "grant_type=client_credentials" {
        let body = json!({"error": "unsupported_grant_type", "error_description": "grant_type parameter is missing or not supported"});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    Json(json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600})).into_response()
}

async fn artist(State(spotify): Shared, Path(id): Path<String>) -> Answer {
    Ok(Json(shapes::artist(&spotify.base_url, spotify.artist(&id)?)))
}

async fn artist_albums(
    State(spotify): Shared,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
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
        .filter(|album| wanted.contains(&group(album, artist)))
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
    State(spotify): Shared,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let album = spotify.album(&id, &parameters)?;
    if spotify.withheld_album.as_ref() == Some(&id) {
        // The sender lives as long as the server; should it go first, nobody waits for the album any more.
        let _ = spotify.open.clone().wait_for(|open| *open).await;
    }
    let mut answer = shapes::simplified_album(&spotify.base_url, album);
    answer["tracks"] = spotify.tracks_page(album, &parameters, EMBEDDED_TRACKS, 0);
    answer["copyrights"] = json!([]);
    answer["external_ids"] = json!({"upc": album.padded_upc()});
    answer["genres"] = json!([]);
    Ok(Json(answer))
}

async fn album_tracks(
    State(spotify): Shared,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let (limit, offset) = parameters.window(20, 50)?;
    let album = spotify.album(&id, &parameters)?;
    Ok(Json(spotify.tracks_page(album, &parameters, limit, offset)))
}

async fn track(
    State(spotify): Shared,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let found = spotify.catalog.tracks().find(|(_, track)| track.id == id);
    let (album, track) = found
        .filter(|_| parameters.market.is_some())
        .ok_or_else(not_found)?;
    Ok(Json(shapes::track(&spotify.base_url, album, track)))
}

impl Spotify {
    fn artist(&self, id: &str) -> Result<&Artist, Refusal> {
        let artist = self.catalog.all_artists().get(id).copied();
        artist.ok_or_else(not_found)
    }

    /// An album, which nobody without a market has.
    fn album(&self, id: &str, parameters: &Parameters) -> Result<&Album, Refusal> {
        let album = self.catalog.albums.iter().find(|album| album.id == id);
        album
            .filter(|_| parameters.market.is_some())
            .ok_or_else(not_found)
    }

    fn tracks_page(&self, album: &Album, parameters: &Parameters, limit: usize, offset: usize) -> Value {
        let tracks = album.tracks.iter().skip(offset).take(limit);
        let items = tracks
            .map(|track| shapes::simplified_track(&self.base_url, track))
            .collect();
        let market = parameters.market.as_deref().unwrap_or_default();
        let url = format!("{}/albums/{}/tracks?market={market}", self.base_url, album.id);
        shapes::page(&url, items, limit, offset, album.tracks.len())
    }
}

impl Parameters {
    /// The limit and the offset asked for.
    fn window(&self, default_limit: usize, largest_limit: usize) -> Result<(usize, usize), Refusal> {
        let read =
            |text: &Option<String>, default| text.as_ref().map_or(Some(default), |text| text.parse().ok());
        let limit = read(&self.limit, default_limit).filter(|limit| (1..=largest_limit).contains(limit));
        let limit = limit.ok_or(Refusal(StatusCode::BAD_REQUEST, "Invalid limit"))?;
        let offset = read(&self.offset, 0).ok_or(Refusal(StatusCode::BAD_REQUEST, "Invalid offset"))?;
        Ok((limit, offset))
    }
}

/// The group in which an album stands on an artist's page; nothing where it does not.
fn group<'a>(album: &'a Album, artist: &Artist) -> &'a str {
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

fn not_found() -> Refusal {
    Refusal(StatusCode::NOT_FOUND, "Resource not found")
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, message) = self;
        (
            status,
            Json(json!({"error": {"status": status.as_u16(), "message": message}})),
        )
            .into_response()
    }
}
