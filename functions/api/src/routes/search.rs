//! The endpoint that searches producers, artists, songs, albums and credited people at once.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::store::search::{self, SearchKind, SearchResults};

use super::{QueryParameters, search_text};
use crate::context::Context;
use crate::error::ApiError;
use crate::page;

/// The query parameters `?q=`, `?kind=` and `?limit=`.
#[derive(Debug, Deserialize)]
pub(crate) struct SearchParameters {
    q: Option<String>,
    kind: Option<String>,
    limit: Option<String>,
}

/// `GET /v1/search?q=`: what `q` names, the best match first: `{"items":[…],"has_more":…}`. `kind` narrows it
/// to one kind.
pub(crate) async fn find(
    State(context): State<Arc<Context>>,
    QueryParameters(search): QueryParameters<SearchParameters>,
) -> Result<Json<SearchResults>, ApiError> {
    let limit = i32::try_from(page::checked_limit(search.limit.as_deref())?).unwrap_or(i32::MAX);
    let text = search_text(search.q.as_deref(), "/v1/search?q=quincy")?;
    let kind: Option<SearchKind> = match search.kind.as_deref().map(str::parse) {
        None => None,
        Some(Ok(kind)) => Some(kind),
        Some(Err(_)) => {
            return Err(ApiError::in_parameter(
                "kind",
                "kind must be producer, artist, song, album or person",
            ));
        }
    };
    let client = context.pool.client().await?;
    let kinds = kind.as_ref().map_or(SearchKind::ALL, std::slice::from_ref);
    Ok(Json(search::find(&client, text, kinds, limit).await?))
}
