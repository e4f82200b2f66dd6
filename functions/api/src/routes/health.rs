//! Whether the service can answer. What it has to say of its queues and sources is for the command line.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::Context;
use crate::error::ApiError;

/// Who asks for health does not wait as long as others do.
const PATIENCE: Duration = Duration::from_secs(3);

/// `{"status":"ok"}`.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

/// `GET /v1/health`: ok where the database answers, else a problem with status 503.
pub(crate) async fn show(State(context): State<Arc<Context>>) -> Result<Json<Health>, ApiError> {
    // A connection of the pool is checked when it is taken out.
    tokio::time::timeout(PATIENCE, context.pool.client())
        .await
        .map_err(|_| ApiError::Unavailable(anyhow!("the database does not answer")))??;
    Ok(Json(Health { status: "ok" }))
}
