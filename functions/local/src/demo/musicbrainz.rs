//! A stand-in for MusicBrainz's web service: releases by barcode, artist or release group, recordings by ISRC
//! or search, and artists by name or with their links. It answers in JSON only.

mod admission;
mod query;
mod shapes;
mod stand_in;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use uuid::Uuid;

use super::catalog::{Album, LookupKey, Track};
use super::folding::fold;
use shapes::Includes;
pub(super) use stand_in::MusicBrainzStandIn;
use stand_in::{
    MusicBrainzError, MusicBrainzParameters, MusicBrainzResult, MusicBrainzState, not_found, read_mbid,
};

/// The largest page that MusicBrainz returns.
const MAX_PAGE: usize = 100;

pub(super) fn router(musicbrainz: MusicBrainzStandIn) -> Router {
    let musicbrainz = Arc::new(musicbrainz);
    Router::new()
        .route("/ws/2/release", get(releases))
        .route("/ws/2/release/{mbid}", get(release))
        .route("/ws/2/isrc/{isrc}", get(isrc))
        .route("/ws/2/recording", get(recording_search))
        .route("/ws/2/recording/{mbid}", get(recording))
        .route("/ws/2/artist", get(artist_search))
        .route("/ws/2/artist/{mbid}", get(artist))
        .fallback(|| async { not_found() })
        .layer(from_fn_with_state(Arc::clone(&musicbrainz), admission::admit))
        .with_state(musicbrainz)
}

async fn releases(
    State(musicbrainz): MusicBrainzState,
    Query(parameters): Query<MusicBrainzParameters>,
) -> MusicBrainzResult {
    if parameters.query.is_some() {
        return release_search(&musicbrainz, &parameters);
    }
    let releases = musicbrainz.browse(&parameters)?;
    let page = releases
        .iter()
        .skip(parameters.offset)
        .take(parameters.limit.min(MAX_PAGE))
        .map(|album| shapes::browsed_release(&Includes::parse(&parameters.inc), album));
    Ok(Json(json!({
        "release-count": releases.len(),
        "release-offset": parameters.offset,
        "releases": page.collect::<Vec<Value>>(),
    })))
}

fn release_search(musicbrainz: &MusicBrainzStandIn, parameters: &MusicBrainzParameters) -> MusicBrainzResult {
    let barcodes = query::barcodes(parameters.search_query()?);
    let matches = musicbrainz
        .releases()
        .filter(|album| barcodes.contains(&album.upc()));
    let releases: Vec<Value> = matches.map(shapes::release_match).collect();
    Ok(Json(shapes::search_result("releases", releases)))
}

async fn release(
    State(musicbrainz): MusicBrainzState,
    Path(mbid): Path<String>,
    Query(parameters): Query<MusicBrainzParameters>,
) -> MusicBrainzResult {
    let mbid = read_mbid(&mbid)?;
    let album = musicbrainz
        .releases()
        .find(|album| album.mbid() == mbid)
        .ok_or_else(not_found)?;
    let includes = Includes::parse(&parameters.inc);
    Ok(Json(shapes::release(&includes, album, &musicbrainz.producers)))
}

async fn isrc(
    State(musicbrainz): MusicBrainzState,
    Path(isrc): Path<String>,
    Query(parameters): Query<MusicBrainzParameters>,
) -> MusicBrainzResult {
    if isrc
        .parse::<shared::domain::ids::Isrc>()
        .map(String::from)
        .ok()
        .as_ref()
        != Some(&isrc)
    {
        return Err(MusicBrainzError(StatusCode::BAD_REQUEST, "Invalid isrc."));
    }
    let mut tracks = musicbrainz
        .catalog
        .tracks()
        .filter(|(album, _)| album.known_by != LookupKey::Search);
    let (album, track) = tracks
        .find(|(_, track)| track.isrc() == isrc)
        .ok_or_else(not_found)?;
    let includes = Includes::parse(&parameters.inc);
    let recording = shapes::recording(&includes, album, track, &musicbrainz.producers);
    Ok(Json(json!({"isrc": isrc, "recordings": [recording]})))
}

async fn recording_search(
    State(musicbrainz): MusicBrainzState,
    Query(parameters): Query<MusicBrainzParameters>,
) -> MusicBrainzResult {
    let recording_query = query::RecordingQuery::parse(parameters.search_query()?);
    let mut candidates: Vec<(&Album, &Track)> = musicbrainz
        .catalog
        .tracks()
        .filter(|(album, track)| recording_query.matches(album, track))
        .collect();
    candidates.sort_by_key(|(_, track)| !recording_query.has_title_of(track));
    let mut matches: Vec<Value> = candidates
        .iter()
        .map(|(album, track)| shapes::recording_match(album, track, 90))
        .collect();
    // MusicBrainz ranks by words, so a recording of this title by another artist can have the best score.
    if let Some((_, track)) = candidates
        .first()
        .filter(|(_, track)| recording_query.has_title_of(track))
    {
        matches.insert(0, shapes::namesake_match(track));
    }
    Ok(Json(shapes::search_result("recordings", matches)))
}

async fn recording(
    State(musicbrainz): MusicBrainzState,
    Path(mbid): Path<String>,
    Query(parameters): Query<MusicBrainzParameters>,
) -> MusicBrainzResult {
    let &(album, track) = musicbrainz
        .recordings
        .get(&read_mbid(&mbid)?)
        .ok_or_else(not_found)?;
    let album = &musicbrainz.catalog.albums[album];
    let includes = Includes::parse(&parameters.inc);
    Ok(Json(shapes::recording(
        &includes,
        album,
        &album.tracks[track],
        &musicbrainz.producers,
    )))
}

async fn artist_search(
    State(musicbrainz): MusicBrainzState,
    Query(parameters): Query<MusicBrainzParameters>,
) -> MusicBrainzResult {
    let wanted = query::artist_name(parameters.search_query()?);
    let mut found: Vec<(&Uuid, &String)> = musicbrainz.names.iter().collect();
    found.retain(|(_, name)| !wanted.is_empty() && fold(name).contains(&wanted));
    found.sort_by_key(|(mbid, name)| (fold(name) != wanted, **mbid));
    let matches = found
        .into_iter()
        .map(|(mbid, name)| shapes::artist_match(*mbid, name));
    Ok(Json(shapes::search_result("artists", matches.collect())))
}

async fn artist(
    State(musicbrainz): MusicBrainzState,
    Path(mbid): Path<String>,
    Query(parameters): Query<MusicBrainzParameters>,
) -> MusicBrainzResult {
    let mbid = read_mbid(&mbid)?;
    let name = musicbrainz.names.get(&mbid).ok_or_else(not_found)?;
    let includes = Includes::parse(&parameters.inc);
    let links = musicbrainz
        .catalog
        .links
        .iter()
        .filter(|link| link.producer == *name);
    Ok(Json(shapes::artist(&includes, mbid, name, links)))
}
