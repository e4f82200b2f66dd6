//! Verdicts: a person's word on whether a producer made a song, against whatever the sources say. What it makes of the
//! song's tracks shows in [`super::tracks`].

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use shared::api_keys::Scope;
use shared::deciding::{self, Decision, SongVerdict};
use shared::ids::ProducerId;
use shared::store::credit_overrides::OverrideVerdict;

use super::{key, tracks};
use crate::Context;
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::Id;

/// `{"producer_id":7,"verdict":"confirmed"|"rejected","reason":"…"}`.
#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with the fields producer_id, verdict and reason"
)]
pub(crate) struct Body {
    producer_id: ProducerId,
    verdict: OverrideVerdict,
    reason: String,
}

/// A verdict that holds: for the song, in all versions of `track_ids`.
#[derive(Debug, Serialize)]
pub(crate) struct VerdictPage {
    verdict: OverrideVerdict,
    reason: String,
    decided_by: String,
    #[serde(flatten)]
    about: SongVerdict,
}

/// `POST /v1/tracks/{id}/verdicts`: keeps a verdict on a producer and the song that the track is a version of, instead of
/// the one there was. Needs the scope `write`.
pub(crate) async fn create(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    body: Result<Json<Body>, JsonRejection>,
) -> Result<Json<VerdictPage>, ApiError> {
    caller.require(Scope::Write)?;
    let Json(body) = body?;
    let reason = deciding::checked_reason(&body.reason)
        .map_err(|error| ApiError::in_body("/reason", error.to_string()))?;
    let track = tracks::find(&context.pool.client().await?, &id).await?;
    let decision = Decision {
        by: caller.name(),
        reason,
    };
    let about = deciding::decide(&context.pool, track.id, body.producer_id, body.verdict, decision).await?;
    Ok(Json(VerdictPage {
        verdict: body.verdict,
        reason: reason.to_owned(),
        decided_by: caller.name().to_owned(),
        about,
    }))
}

/// `DELETE /v1/tracks/{id}/verdicts/{producer_id}`: takes a verdict back. Needs the scope `write`.
pub(crate) async fn remove(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<StatusCode, ApiError> {
    caller.require(Scope::Write)?;
    let unknown = || ApiError::NotFound("nothing has this id".to_owned());
    let Path((track, producer)) = path.map_err(|_| unknown())?;
    let producer = key(&producer).ok_or_else(unknown)?;
    let track = tracks::find(&context.pool.client().await?, &track).await?;
    deciding::withdraw(&context.pool, track.id, ProducerId(producer)).await?;
    Ok(StatusCode::NO_CONTENT)
}
