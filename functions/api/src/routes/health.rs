//! The endpoints for health and readiness. They check the database only; the command line shows the state of
//! queues and sources.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::platform::db::Client;
use shared::store::loads::missing_keys;

use crate::context::Context;
use crate::error::ApiError;

/// Health checks wait less than other requests.
const TIME_OUT: Duration = Duration::from_secs(3);

/// `{"status":"ok"}` or `{"status":"ready"}`.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

/// `GET /v1/health`: ok if the database answers, otherwise a problem with status 503.
pub(crate) async fn show(State(context): State<Arc<Context>>) -> Result<Json<Health>, ApiError> {
    // The pool checks a connection when it hands it out.
    connect(&context).await?;
    Ok(Json(Health { status: "ok" }))
}

/// `GET /v1/ready`: ready if the database answers and no keys of the catalog are missing, otherwise a problem
/// with status 503.
pub(crate) async fn show_ready(State(context): State<Arc<Context>>) -> Result<Json<Health>, ApiError> {
    let client = connect(&context).await?;
    match missing_keys::find(&client).await? {
        Some(missing) => Err(ApiError::CatalogLocked(missing.to_string())),
        None => Ok(Json(Health { status: "ready" })),
    }
}

async fn connect(context: &Context) -> Result<Client<'static>, ApiError> {
    let client = tokio::time::timeout(TIME_OUT, context.pool.client()).await;
    let client = client.map_err(|_| ApiError::Unavailable(anyhow!("the database does not answer")))?;
    Ok(client?)
}
