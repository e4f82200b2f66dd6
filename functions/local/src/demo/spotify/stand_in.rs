//! The state of the stand-in for Spotify: its facts, the parameters of a call, and error responses.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::shapes;
use crate::demo::catalog::{Album, Artist, Catalog};
use crate::demo::limits::CallMeter;

/// What the handlers answer from.
pub(crate) struct SpotifyStandIn {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) meter: Arc<CallMeter>,
    /// Including `/v1`.
    pub(crate) base_url: String,
    pub(crate) withheld_album: Option<String>,
    /// True once requests for the withheld album may be answered.
    pub(crate) open: watch::Receiver<bool>,
}

pub(super) type SpotifyState = State<Arc<SpotifyStandIn>>;

/// An error response: its status and message.
pub(super) struct SpotifyError(pub(super) StatusCode, pub(super) &'static str);

pub(super) type SpotifyResult = Result<Json<Value>, SpotifyError>;

/// The query parameters of a call.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SpotifyParameters {
    limit: Option<String>,
    offset: Option<String>,
    pub(super) market: Option<String>,
    pub(super) include_groups: Option<String>,
    pub(super) q: Option<String>,
    #[serde(rename = "type")]
    pub(super) types: Option<String>,
}

impl SpotifyStandIn {
    pub(super) fn artist(&self, id: &str) -> Result<&Artist, SpotifyError> {
        let artist = self.catalog.all_artists().get(id).copied();
        artist.ok_or_else(not_found)
    }

    /// An album. Without a market, none is available.
    pub(super) fn album(&self, id: &str, parameters: &SpotifyParameters) -> Result<&Album, SpotifyError> {
        let album = self.catalog.albums.iter().find(|album| album.id == id);
        album
            .filter(|_| parameters.market.is_some())
            .ok_or_else(not_found)
    }

    pub(super) fn tracks_page(
        &self,
        album: &Album,
        parameters: &SpotifyParameters,
        limit: usize,
        offset: usize,
    ) -> Value {
        let tracks = album.tracks.iter().skip(offset).take(limit);
        let items = tracks
            .map(|track| shapes::simplified_track(&self.base_url, track))
            .collect();
        let market = parameters.market.as_deref().unwrap_or_default();
        let url = format!("{}/albums/{}/tracks?market={market}", self.base_url, album.id);
        shapes::page(&url, items, limit, offset, album.tracks.len())
    }
}

impl SpotifyParameters {
    /// The requested limit and offset.
    pub(super) fn window(
        &self,
        default_limit: usize,
        max_limit: usize,
    ) -> Result<(usize, usize), SpotifyError> {
        let read =
            |text: &Option<String>, default| text.as_ref().map_or(Some(default), |text| text.parse().ok());
        let limit = read(&self.limit, default_limit).filter(|limit| (1..=max_limit).contains(limit));
        let limit = limit.ok_or(SpotifyError(StatusCode::BAD_REQUEST, "Invalid limit"))?;
        let offset = read(&self.offset, 0).ok_or(SpotifyError(StatusCode::BAD_REQUEST, "Invalid offset"))?;
        Ok((limit, offset))
    }
}

pub(super) fn not_found() -> SpotifyError {
    SpotifyError(StatusCode::NOT_FOUND, "Resource not found")
}

impl IntoResponse for SpotifyError {
    fn into_response(self) -> Response {
        let Self(status, message) = self;
        (
            status,
            Json(json!({"error": {"status": status.as_u16(), "message": message}})),
        )
            .into_response()
    }
}
