//! The endpoints for verdicts: a person's decision on whether a producer produced a song, which overrides the
//! sources. The producers that result are shown by [`super::tracks`].

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use shared::curation::{self, Decision, VerdictResult};
use shared::domain::ids::ProducerId;
use shared::store::credits::credit_overrides::OverrideVerdict;

use super::{PathId, own_id, tracks};
use crate::access::Caller;
use crate::context::Context;
use crate::error::ApiError;

/// `{"producer_id":7,"verdict":"confirmed"|"rejected","reason":"…"}`.
#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with the fields producer_id, verdict and reason"
)]
pub(crate) struct VerdictBody {
    producer_id: ProducerId,
    verdict: OverrideVerdict,
    reason: String,
}

/// The stored verdict on a song. It applies to every track in `track_ids`, the versions of the song.
#[derive(Debug, Serialize)]
pub(crate) struct VerdictResponse {
    verdict: OverrideVerdict,
    reason: String,
    decided_by: String,
    #[serde(flatten)]
    about: VerdictResult,
}

/// `POST /v1/tracks/{id}/verdicts`: stores a verdict on a producer and the song that the track is a version
/// of. It replaces an earlier verdict on both.
pub(crate) async fn create(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    PathId(id): PathId,
    body: Result<Json<VerdictBody>, JsonRejection>,
) -> Result<Json<VerdictResponse>, ApiError> {
    let Json(body) = body?;
    let reason = curation::checked_reason(&body.reason)
        .map_err(|error| ApiError::in_body("/reason", error.to_string()))?;
    let track = tracks::find_track(&context.pool.client().await?, &id).await?;
    let by = caller.signature();
    let decision = Decision { by: &by, reason };
    let about = curation::decide(&context.pool, track.id, body.producer_id, body.verdict, decision).await?;
    Ok(Json(VerdictResponse {
        verdict: body.verdict,
        reason: reason.to_owned(),
        decided_by: by,
        about,
    }))
}

/// `DELETE /v1/tracks/{id}/verdicts/{producer_id}`: withdraws a verdict.
pub(crate) async fn remove(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let not_found = || ApiError::NotFound("the path has no valid track id or producer id".to_owned());
    let Path((track, producer)) = path.map_err(|_| not_found())?;
    let producer = own_id(&producer).ok_or_else(not_found)?;
    let track = tracks::find_track(&context.pool.client().await?, &track).await?;
    let decision = Decision {
        by: &caller.signature(),
        reason: "withdrawn over HTTP",
    };
    curation::withdraw(&context.pool, track.id, ProducerId(producer), decision).await?;
    Ok(StatusCode::NO_CONTENT)
}
