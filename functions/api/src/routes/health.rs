//! The health endpoint. It checks the database only; the command line shows the state of queues and sources.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::context::Context;
use crate::error::ApiError;

/// Health checks wait less than other requests.
const TIME_OUT: Duration = Duration::from_secs(3);

/// `{"status":"ok"}`.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

/// `GET /v1/health`: ok if the database answers, otherwise a problem with status 503.
pub(crate) async fn show(State(context): State<Arc<Context>>) -> Result<Json<Health>, ApiError> {
    // The pool checks a connection when it hands it out.
    tokio::time::timeout(TIME_OUT, context.pool.client())
        .await
        .map_err(|_| ApiError::Unavailable(anyhow!("the database does not answer")))??;
    Ok(Json(Health { status: "ok" }))
}
