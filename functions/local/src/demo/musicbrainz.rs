//! A stand-in for MusicBrainz's web service: releases by barcode, by artist and by release group, recordings by ISRC and by
//! search, artists with their links.
//! What the entities look like is in [`shapes`]; XML, which MusicBrainz also speaks, stays out.

mod query;
mod shapes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::catalog::{Album, Artist, Catalog, LookupKey, Track};
use super::limits::Meter;
use shapes::Includes;

/// What the handlers answer from.
pub(super) struct MusicBrainz {
    catalog: Arc<Catalog>,
    meter: Arc<Meter>,
    /// The album and the track of each recording, as places in the catalog.
    recordings: HashMap<Uuid, (usize, usize)>,
    /// The MBIDs of producers.
    producers: BTreeMap<String, Uuid>,
    /// The names of artists and producers.
    names: HashMap<Uuid, String>,
}

type Shared = State<Arc<MusicBrainz>>;

/// A status that is no success, and what the body says of it.
struct Refusal(StatusCode, &'static str);

/// An answer, or the refusal to give it.
type Answer = Result<Json<Value>, Refusal>;

/// What a call may say after the question mark.
#[derive(Debug, Deserialize)]
struct Parameters {
    query: Option<String>,
    #[serde(default)]
    inc: String,
    artist: Option<String>,
    track_artist: Option<String>,
    #[serde(rename = "release-group")]
    release_group: Option<String>,
    #[serde(default = "usual_limit")]
    limit: usize,
    #[serde(default)]
    offset: usize,
}

/// As many as MusicBrainz lists of what is browsed, at most, and without being told.
const LONGEST_PAGE: usize = 100;

fn usual_limit() -> usize {
    25
}

pub(super) fn router(musicbrainz: MusicBrainz) -> Router {
    let musicbrainz = Arc::new(musicbrainz);
    Router::new()
        .route("/ws/2/release", get(releases))
        .route("/ws/2/release/{mbid}", get(release))
        .route("/ws/2/isrc/{isrc}", get(isrc))
        .route("/ws/2/recording", get(recording_search))
        .route("/ws/2/recording/{mbid}", get(recording))
        .route("/ws/2/artist/{mbid}", get(artist))
        .fallback(|| async { not_found() })
        .layer(from_fn_with_state(Arc::clone(&musicbrainz), admit))
        .with_state(musicbrainz)
}

/// Counts the call, fails it if its turn is to fail, and looks at who asks for what format.
async fn admit(State(musicbrainz): Shared, request: Request, next: Next) -> Response {
    let kind = match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        Some("/ws/2/release") if !is_search(&request) => "release list",
        Some("/ws/2/release") => "release search",
        Some("/ws/2/release/{mbid}") => "release",
        Some("/ws/2/isrc/{isrc}") => "isrc",
        Some("/ws/2/recording") => "recording search",
        Some("/ws/2/recording/{mbid}") => "recording",
        Some("/ws/2/artist/{mbid}") => "artist",
        _ => "unknown",
    };
    if musicbrainz.meter.count(kind, Instant::now()).is_some() {
        let busy = Refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "Your requests are exceeding the allowable rate limit.",
        );
        return ([(header::RETRY_AFTER, "1")], busy).into_response();
    }
    match objection(&request) {
        Some(answer) => answer,
        None => next.run(request).await,
    }
}

/// The answer to a caller who does not say who they are, or does not want JSON.
fn objection(request: &Request) -> Option<Response> {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let user_agent = header(header::USER_AGENT);
    // A name, a version and a way to reach somebody: what a library sends by itself has none.
    if !(user_agent.contains('/') && (user_agent.contains('@') || user_agent.contains("://"))) {
        let refusal = Refusal(StatusCode::FORBIDDEN, "Your User-Agent does not say who you are.");
        return Some(refusal.into_response());
    }
    let wants_json = request
        .uri()
        .query()
        .is_some_and(|query| query.split('&').any(|pair| pair == "fmt=json"));
    if wants_json || header(header::ACCEPT).contains("application/json") {
        return None;
    }
    let xml =
        r#"<?xml version="1.0" encoding="UTF-8"?><metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#"/>"#;
    Some(([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response())
}

fn is_search(request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').any(|pair| pair.starts_with("query="))
}

async fn releases(State(musicbrainz): Shared, Query(parameters): Query<Parameters>) -> Answer {
    if parameters.query.is_some() {
        return release_search(&musicbrainz, &parameters);
    }
    let listed = musicbrainz.listed(&parameters)?;
    let page = listed
        .iter()
        .skip(parameters.offset)
        .take(parameters.limit.min(LONGEST_PAGE))
        .map(|album| shapes::listed_release(&Includes::read(&parameters.inc), album));
    Ok(Json(json!({
        "release-count": listed.len(),
        "release-offset": parameters.offset,
        "releases": page.collect::<Vec<Value>>(),
    })))
}

fn release_search(musicbrainz: &MusicBrainz, parameters: &Parameters) -> Answer {
    let barcodes = query::barcodes(parameters.query()?);
    let found = musicbrainz
        .releases()
        .filter(|album| barcodes.contains(&album.upc()));
    let releases: Vec<Value> = found.map(shapes::found_release).collect();
    Ok(Json(shapes::found("releases", releases)))
}

async fn release(
    State(musicbrainz): Shared,
    Path(mbid): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let mbid = read_mbid(&mbid)?;
    let album = musicbrainz
        .releases()
        .find(|album| album.mbid() == mbid)
        .ok_or_else(not_found)?;
    let includes = Includes::read(&parameters.inc);
    Ok(Json(shapes::release(&includes, album, &musicbrainz.producers)))
}

async fn isrc(
    State(musicbrainz): Shared,
    Path(isrc): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
    if isrc
        .parse::<shared::domain::ids::Isrc>()
        .map(String::from)
        .ok()
        .as_ref()
        != Some(&isrc)
    {
        return Err(Refusal(StatusCode::BAD_REQUEST, "Invalid isrc."));
    }
    let mut tracks = musicbrainz
        .catalog
        .tracks()
        .filter(|(album, _)| album.known_by != LookupKey::Search);
    let (album, track) = tracks
        .find(|(_, track)| track.isrc() == isrc)
        .ok_or_else(not_found)?;
    let includes = Includes::read(&parameters.inc);
    let recording = shapes::recording(&includes, album, track, &musicbrainz.producers);
    Ok(Json(json!({"isrc": isrc, "recordings": [recording]})))
}

async fn recording_search(State(musicbrainz): Shared, Query(parameters): Query<Parameters>) -> Answer {
    let wanted = query::Recording::from_query(parameters.query()?);
    let mut candidates: Vec<(&Album, &Track)> = musicbrainz
        .catalog
        .tracks()
        .filter(|(album, track)| wanted.fits(album, track))
        .collect();
    candidates.sort_by_key(|(_, track)| !wanted.is_titled(track));
    let mut found: Vec<Value> = candidates
        .iter()
        .map(|(album, track)| shapes::found_recording(album, track, 90))
        .collect();
    // A search ranks by words: here the best score goes to a recording of the same title by somebody else.
    if let Some((_, track)) = candidates.first().filter(|(_, track)| wanted.is_titled(track)) {
        found.insert(0, shapes::found_namesake(track));
    }
    Ok(Json(shapes::found("recordings", found)))
}

async fn recording(
    State(musicbrainz): Shared,
    Path(mbid): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let &(album, track) = musicbrainz
        .recordings
        .get(&read_mbid(&mbid)?)
        .ok_or_else(not_found)?;
    let album = &musicbrainz.catalog.albums[album];
    let includes = Includes::read(&parameters.inc);
    Ok(Json(shapes::recording(
        &includes,
        album,
        &album.tracks[track],
        &musicbrainz.producers,
    )))
}

async fn artist(
    State(musicbrainz): Shared,
    Path(mbid): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let mbid = read_mbid(&mbid)?;
    let name = musicbrainz.names.get(&mbid).ok_or_else(not_found)?;
    let includes = Includes::read(&parameters.inc);
    let links = musicbrainz
        .catalog
        .links
        .iter()
        .filter(|link| link.producer == *name);
    Ok(Json(shapes::artist(&includes, mbid, name, links)))
}

impl MusicBrainz {
    pub(super) fn new(catalog: Arc<Catalog>, meter: Arc<Meter>) -> Self {
        let mut recordings = HashMap::new();
        for (album_place, album) in catalog.albums.iter().enumerate() {
            for (track_place, track) in album.tracks.iter().enumerate() {
                recordings.insert(track.mbid(), (album_place, track_place));
            }
        }
        let producers = catalog.producer_mbids();
        let artists = catalog.all_artists();
        let artists = artists
            .values()
            .map(|artist| (artist.mbid(), artist.name.clone()));
        let names = producers
            .iter()
            .map(|(name, mbid)| (*mbid, name.clone()))
            .chain(artists)
            .collect();
        Self {
            catalog,
            meter,
            recordings,
            producers,
            names,
        }
    }

    /// The releases of whom or what a call names.
    fn listed(&self, parameters: &Parameters) -> Result<Vec<&Album>, Refusal> {
        if let Some(mbid) = &parameters.release_group {
            let mbid = read_mbid(mbid)?;
            let found: Vec<&Album> = self
                .releases()
                .filter(|album| album.release_group_mbid() == mbid)
                .collect();
            return if found.is_empty() {
                Err(not_found())
            } else {
                Ok(found)
            };
        }
        let named = parameters.artist.as_ref().or(parameters.track_artist.as_ref());
        let named = named.ok_or(Refusal(StatusCode::BAD_REQUEST, "No query provided."))?;
        let mbid = read_mbid(named)?;
        if !self.names.contains_key(&mbid) {
            return Err(not_found());
        }
        let is_by = |artists: &[Artist]| artists.iter().any(|artist| artist.mbid() == mbid);
        // The artist of a track alone is listed apart from the artist of the release.
        let is_listed = |album: &&Album| match &parameters.artist {
            Some(_) => is_by(&album.artists),
            None => !is_by(&album.artists) && album.tracks.iter().any(|track| is_by(&track.artists)),
        };
        Ok(self.releases().filter(is_listed).collect())
    }

    fn releases(&self) -> impl Iterator<Item = &Album> {
        self.catalog
            .albums
            .iter()
            .filter(|album| album.known_by == LookupKey::Barcode)
    }
}

impl Parameters {
    fn query(&self) -> Result<&str, Refusal> {
        let query = self.query.as_deref().filter(|query| !query.is_empty());
        query.ok_or(Refusal(StatusCode::BAD_REQUEST, "No query provided."))
    }
}

fn read_mbid(text: &str) -> Result<Uuid, Refusal> {
    text.parse()
        .map_err(|_| Refusal(StatusCode::BAD_REQUEST, "Invalid mbid."))
}

fn not_found() -> Refusal {
    Refusal(StatusCode::NOT_FOUND, "Not Found")
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, error) = self;
        let help = "For usage, please see: https://musicbrainz.org/development/mmd";
        (status, Json(json!({"error": error, "help": help}))).into_response()
    }
}
