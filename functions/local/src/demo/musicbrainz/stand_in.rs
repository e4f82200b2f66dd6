//! The state of the stand-in for MusicBrainz: its facts by MBID, the parameters of a call, and error
//! responses.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::demo::catalog::{Album, Artist, Catalog, LookupKey};
use crate::demo::limits::CallMeter;

/// What the handlers answer from.
pub(crate) struct MusicBrainzStandIn {
    pub(super) catalog: Arc<Catalog>,
    pub(super) meter: Arc<CallMeter>,
    /// Album and track of each recording, as indexes in the catalog.
    pub(super) recordings: HashMap<Uuid, (usize, usize)>,
    /// MBIDs of producers by name.
    pub(super) producers: BTreeMap<String, Uuid>,
    /// Names of artists and producers.
    pub(super) names: HashMap<Uuid, String>,
}

pub(super) type MusicBrainzState = State<Arc<MusicBrainzStandIn>>;

/// An error response: its status and message.
pub(super) struct MusicBrainzError(pub(super) StatusCode, pub(super) &'static str);

pub(super) type MusicBrainzResult = Result<Json<Value>, MusicBrainzError>;

/// The query parameters of a call.
#[derive(Debug, Deserialize)]
pub(super) struct MusicBrainzParameters {
    pub(super) query: Option<String>,
    #[serde(default)]
    pub(super) inc: String,
    artist: Option<String>,
    track_artist: Option<String>,
    #[serde(rename = "release-group")]
    release_group: Option<String>,
    #[serde(default = "default_limit")]
    pub(super) limit: usize,
    #[serde(default)]
    pub(super) offset: usize,
}

fn default_limit() -> usize {
    25
}

impl MusicBrainzStandIn {
    pub(crate) fn new(catalog: Arc<Catalog>, meter: Arc<CallMeter>) -> Self {
        let mut recordings = HashMap::new();
        for (album_index, album) in catalog.albums.iter().enumerate() {
            for (track_index, track) in album.tracks.iter().enumerate() {
                recordings.insert(track.mbid(), (album_index, track_index));
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

    /// The releases of the artist or release group that a call names.
    pub(super) fn browse(&self, parameters: &MusicBrainzParameters) -> Result<Vec<&Album>, MusicBrainzError> {
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
        let artist_mbid = parameters.artist.as_ref().or(parameters.track_artist.as_ref());
        let artist_mbid =
            artist_mbid.ok_or(MusicBrainzError(StatusCode::BAD_REQUEST, "No query provided."))?;
        let mbid = read_mbid(artist_mbid)?;
        if !self.names.contains_key(&mbid) {
            return Err(not_found());
        }
        let is_by = |artists: &[Artist]| artists.iter().any(|artist| artist.mbid() == mbid);
        // `track_artist` lists only releases by other artists.
        let is_listed = |album: &&Album| match &parameters.artist {
            Some(_) => is_by(&album.artists),
            None => !is_by(&album.artists) && album.tracks.iter().any(|track| is_by(&track.artists)),
        };
        Ok(self.releases().filter(is_listed).collect())
    }

    pub(super) fn releases(&self) -> impl Iterator<Item = &Album> {
        self.catalog
            .albums
            .iter()
            .filter(|album| album.known_by == LookupKey::Barcode)
    }
}

impl MusicBrainzParameters {
    pub(super) fn search_query(&self) -> Result<&str, MusicBrainzError> {
        let query = self.query.as_deref().filter(|query| !query.is_empty());
        query.ok_or(MusicBrainzError(StatusCode::BAD_REQUEST, "No query provided."))
    }
}

pub(super) fn read_mbid(text: &str) -> Result<Uuid, MusicBrainzError> {
    text.parse()
        .map_err(|_| MusicBrainzError(StatusCode::BAD_REQUEST, "Invalid mbid."))
}

pub(super) fn not_found() -> MusicBrainzError {
    MusicBrainzError(StatusCode::NOT_FOUND, "Not Found")
}

impl IntoResponse for MusicBrainzError {
    fn into_response(self) -> Response {
        let Self(status, error) = self;
        let help = "For usage, please see: https://musicbrainz.org/development/mmd";
        (status, Json(json!({"error": error, "help": help}))).into_response()
    }
}
