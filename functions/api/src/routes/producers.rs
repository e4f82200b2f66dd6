//! Producers: found by name, and what is known of one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use shared::api_keys::Scope;
use shared::db::Client;
use shared::deciding;
use shared::ids::ProducerId;
use shared::store::producer_merges;
use shared::store::producer_pages::{
    self, Contacts, ListedName, ProducerSummary, RelatedProducer, SourceIdentity,
};
use shared::store::producer_search::{self, ProducerMatch};
use shared::store::producer_tracks::{self, Collaboration, CountPlace, ProducedSong};

use super::key;
use crate::Context;
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::{Id, Parameters};
use crate::page::{self, List, Page, Place as _};

/// Longer than any name; the search looks at no more than 200 letters.
const LONGEST_QUERY: usize = 300;

/// `?q=` and `?limit=`.
#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    q: Option<String>,
    limit: Option<i64>,
}

/// `GET /v1/producers?q=`: producers with a name like `q`, the best match first. The list is not continued.
pub(crate) async fn search(
    State(context): State<Arc<Context>>,
    Parameters(search): Parameters<Search>,
) -> Result<Json<List<ProducerMatch>>, ApiError> {
    let limit = page::limit(search.limit)?;
    let text = search.q.as_deref().map_or("", str::trim);
    if text.is_empty() {
        return Err(ApiError::in_parameter(
            "q",
            "q is missing: it is the name to look for, as in /v1/producers?q=nigel",
        ));
    }
    if text.chars().count() > LONGEST_QUERY || text.contains('\0') {
        return Err(ApiError::in_parameter(
            "q",
            format!("q is a name of at most {LONGEST_QUERY} characters"),
        ));
    }
    let client = context.pool.client().await?;
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    let matches = producer_search::search(&client, text, limit).await?;
    Ok(Json(List::whole(matches)))
}

/// A producer with everything but the tracks. `contacts` has each fact with the records that state it (`sources`) and
/// whether several sources do (`verified`); `email`, `instagram_handle` and `instagram_bio` are those shown first. Where the caller may not read contact fields, `contacts` is the text
/// `withheld` and `email`, `instagram_handle` and `instagram_bio` are left out.
#[derive(Debug, Serialize)]
pub(crate) struct ProducerPage {
    #[serde(flatten)]
    producer: ProducerSummary,
    names: Vec<ListedName>,
    identities: Vec<SourceIdentity>,
    related: Vec<RelatedProducer>,
    #[serde(flatten)]
    contacts: PossiblyContacts,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum PossiblyContacts {
    Shown(Contacts),
    Withheld { contacts: &'static str },
}

/// `GET /v1/producers/{id}`: statistics, names, identities, related producers, and how to reach them for those who may
/// know it.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
) -> Result<Json<ProducerPage>, ApiError> {
    let client = context.pool.client().await?;
    let (id, producer) = find(&client, &id).await?;
    let contacts = if caller.may(Scope::Contacts) {
        producer_pages::find_contacts(&client, id)
            .await?
            .map(PossiblyContacts::Shown)
    } else {
        None
    };
    Ok(Json(ProducerPage {
        producer,
        names: producer_pages::list_names(&client, id).await?,
        identities: producer_pages::list_identities(&client, id).await?,
        related: producer_pages::list_related(&client, id).await?,
        contacts: contacts.unwrap_or(PossiblyContacts::Withheld { contacts: "withheld" }),
    }))
}

/// `GET /v1/producers/{id}/tracks`: each song once with the evidence, the newest first, a page at a time.
pub(crate) async fn list_tracks(
    State(context): State<Arc<Context>>,
    Id(id): Id,
    Parameters(page): Parameters<Page>,
) -> Result<Json<List<ProducedSong>>, ApiError> {
    let (limit, after) = (page.limit()?, page.after()?);
    let client = context.pool.client().await?;
    let (id, _) = find(&client, &id).await?;
    let songs = producer_tracks::list_tracks(&client, id, after, limit + 1).await?;
    Ok(Json(List::page(songs, limit, |song| song.place.cursor())))
}

/// `GET /v1/producers/{id}/collaborations`: the artists worked with and on how many songs, most first, a page at a time.
pub(crate) async fn list_collaborations(
    State(context): State<Arc<Context>>,
    Id(id): Id,
    Parameters(page): Parameters<Page>,
) -> Result<Json<List<Collaboration>>, ApiError> {
    let (limit, after) = (page.limit()?, page.after()?);
    let client = context.pool.client().await?;
    let (id, _) = find(&client, &id).await?;
    let artists = producer_tracks::list_collaborations(&client, id, after, limit + 1).await?;
    Ok(Json(List::page(artists, limit, |artist| {
        let place = CountPlace {
            count: artist.track_count,
            id: artist.artist_id.0,
        };
        place.cursor()
    })))
}

/// `DELETE /v1/producers/{id}/contact`: erases how to reach the producer, for good. Needs the scopes `write` and
/// `contacts`.
pub(crate) async fn erase_contact(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    caller.require(Scope::Write)?;
    caller.require(Scope::Contacts)?;
    let id = key(&id).ok_or_else(unknown)?;
    deciding::erase_contact(&context.pool, ProducerId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(client: &Client<'_>, text: &str) -> Result<(ProducerId, ProducerSummary), ApiError> {
    let id = ProducerId(key(text).ok_or_else(unknown)?);
    if let Some(producer) = producer_pages::find(client, id).await? {
        return Ok((id, producer));
    }
    Err(match producer_merges::find_current(client, id).await? {
        Some((current, _)) => ApiError::NotFound(format!(
            "producer {id} is part of producer {current} by now: see /v1/producers/{current}"
        )),
        None => unknown(),
    })
}

fn unknown() -> ApiError {
    ApiError::NotFound("no producer has this id: find one with /v1/producers?q=".to_owned())
}
