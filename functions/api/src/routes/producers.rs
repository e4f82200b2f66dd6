//! The endpoints that search for producers and show one, with its songs and collaborations.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use shared::curation::{self, ContactDeletion, Decision};
use shared::domain::ids::ProducerId;
use shared::platform::api_keys::Scope;
use shared::platform::db::Client;
use shared::store::producers::producer_artists::{self, Collaboration, CountPlace};
use shared::store::producers::producer_merges;
use shared::store::producers::producer_pages::{
    self, Contacts, ListedName, ProducerSummary, RelatedProducer, SourceIdentity,
};
use shared::store::producers::producer_search::{self, ProducerMatch};
use shared::store::producers::producer_tracks::{self, ProducedSong};

use super::{PathId, QueryParameters, own_id, search_text};
use crate::access::Caller;
use crate::context::Context;
use crate::error::ApiError;
use crate::page::{self, Cursor as _, CursorPage, PageRequest};

/// The query parameters `?q=` and `?limit=`.
#[derive(Debug, Deserialize)]
pub(crate) struct SearchParameters {
    q: Option<String>,
    limit: Option<String>,
}

/// `GET /v1/producers?q=`: producers with a name like `q`, the best match first. The list has one page.
pub(crate) async fn search(
    State(context): State<Arc<Context>>,
    QueryParameters(search): QueryParameters<SearchParameters>,
) -> Result<Json<CursorPage<ProducerMatch>>, ApiError> {
    let limit = page::checked_limit(search.limit.as_deref())?;
    let text = search_text(search.q.as_deref(), "/v1/producers?q=nigel")?;
    let client = context.pool.client().await?;
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    let matches = producer_search::search(&client, text, limit).await?;
    Ok(Json(CursorPage::single(matches)))
}

/// A producer with everything except the tracks. `contacts` lists each contact detail with the records that
/// state it (`sources`) and whether several sources agree on it (`verified`). `email`, `instagram_handle`,
/// `instagram_bio` and `image_url` are the preferred values. If the caller lacks the scope for contact
/// fields, `contacts` is the text `withheld` and the other four are left out.
#[derive(Debug, Serialize)]
pub(crate) struct ProducerResponse {
    #[serde(flatten)]
    producer: ProducerSummary,
    names: Vec<ListedName>,
    identities: Vec<SourceIdentity>,
    related: Vec<RelatedProducer>,
    #[serde(flatten)]
    contacts: ContactFields,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ContactFields {
    Shown(Contacts),
    Withheld { contacts: &'static str },
}

/// `GET /v1/producers/{id}`: statistics, names, identities and related producers, and for callers with the
/// scope `contacts` also contact details.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    PathId(id): PathId,
) -> Result<Json<ProducerResponse>, ApiError> {
    let client = context.pool.client().await?;
    let (id, producer) = find_producer(&client, &id).await?;
    let contacts = if caller.has_scope(Scope::Contacts) {
        producer_pages::find_contacts(&client, id)
            .await?
            .map(ContactFields::Shown)
    } else {
        None
    };
    Ok(Json(ProducerResponse {
        producer,
        names: producer_pages::list_names(&client, id).await?,
        identities: producer_pages::list_identities(&client, id).await?,
        related: producer_pages::list_related(&client, id).await?,
        contacts: contacts.unwrap_or(ContactFields::Withheld { contacts: "withheld" }),
    }))
}

/// `GET /v1/producers/{id}/tracks`: a page of songs, newest first, each once and with its evidence.
pub(crate) async fn list_tracks(
    State(context): State<Arc<Context>>,
    PathId(id): PathId,
    QueryParameters(page): QueryParameters<PageRequest>,
) -> Result<Json<CursorPage<ProducedSong>>, ApiError> {
    let (limit, after) = (page.limit()?, page.after()?);
    let client = context.pool.client().await?;
    let (id, _) = find_producer(&client, &id).await?;
    let songs = producer_tracks::list_tracks(&client, id, after, limit + 1).await?;
    Ok(Json(CursorPage::from_items(songs, limit, |song| {
        song.place.cursor()
    })))
}

/// `GET /v1/producers/{id}/collaborations`: a page of the artists that the producer worked with, each with
/// the number of songs, most songs first.
pub(crate) async fn list_collaborations(
    State(context): State<Arc<Context>>,
    PathId(id): PathId,
    QueryParameters(page): QueryParameters<PageRequest>,
) -> Result<Json<CursorPage<Collaboration>>, ApiError> {
    let (limit, after) = (page.limit()?, page.after()?);
    let client = context.pool.client().await?;
    let (id, _) = find_producer(&client, &id).await?;
    let artists = producer_artists::list_collaborations(&client, id, after, limit + 1).await?;
    Ok(Json(CursorPage::from_items(artists, limit, |artist| {
        let place = CountPlace {
            count: artist.work.track_count,
            id: artist.artist_id.0,
        };
        place.cursor()
    })))
}

/// `DELETE /v1/producers/{id}/contact`: hides the producer's contact details, which are deleted permanently
/// after a day.
pub(crate) async fn erase_contact(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let id = own_id(&id).ok_or_else(not_found)?;
    let decision = Decision {
        by: &caller.signature(),
        reason: "erased over HTTP",
    };
    let id = ProducerId(id);
    curation::erase_contact(&context.pool, id, decision, ContactDeletion::InADay).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find_producer(client: &Client<'_>, text: &str) -> Result<(ProducerId, ProducerSummary), ApiError> {
    let id = ProducerId(own_id(text).ok_or_else(not_found)?);
    if let Some(producer) = producer_pages::find(client, id).await? {
        return Ok((id, producer));
    }
    Err(match producer_merges::find_current(client, id).await? {
        Some((current, _)) => ApiError::NotFound(format!(
            "producer {id} was merged into producer {current}: see /v1/producers/{current}"
        )),
        None => not_found(),
    })
}

fn not_found() -> ApiError {
    ApiError::NotFound("no producer has this id: search by name with GET /v1/producers?q=NAME".to_owned())
}
