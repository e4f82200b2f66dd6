//! The endpoint for the producers of an artist, addressed by our id or by its Spotify artist id.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::domain::ids::ArtistId;
use shared::platform::db::Client;
use shared::store::producers::artist_summaries::{self, Artist};
use shared::store::producers::producer_artists::{self, ArtistProducer, CountPlace};

use super::{PathId, QueryParameters, own_id};
use crate::context::Context;
use crate::error::ApiError;
use crate::page::{Cursor as _, CursorPage, PageRequest};

/// `{"artist":{…,"track_count","without_producer_count"},"coverage":{…},"items":[…],"next":cursor|null}`. All
/// counts are numbers of songs that the artist is on; several versions of a song count once.
#[derive(Debug, Serialize)]
pub(crate) struct ArtistProducersResponse {
    artist: Artist,
    coverage: Coverage,
    #[serde(flatten)]
    producers: CursorPage<ArtistProducer>,
}

/// The number of the artist's songs, and how many of them have a producer.
#[derive(Debug, Serialize)]
struct Coverage {
    tracks: i64,
    with_producers: i64,
}

/// `GET /v1/artists/{id}/producers`: a page of the producers of the artist's songs, those with the most songs
/// first, and the number of songs without a producer.
pub(crate) async fn list_producers(
    State(context): State<Arc<Context>>,
    PathId(id): PathId,
    QueryParameters(page): QueryParameters<PageRequest>,
) -> Result<Json<ArtistProducersResponse>, ApiError> {
    let (limit, after) = (page.limit()?, page.after()?);
    let client = context.pool.client().await?;
    let artist = find_artist(&client, &id).await?;
    let producers = producer_artists::list_producers(&client, artist.id, after, limit + 1).await?;
    Ok(Json(ArtistProducersResponse {
        coverage: Coverage {
            tracks: artist.track_count,
            with_producers: artist.track_count - artist.without_producer_count,
        },
        artist,
        producers: CursorPage::from_items(producers, limit, |producer| {
            let place = CountPlace {
                count: producer.work.track_count,
                id: producer.producer_id.0,
            };
            place.cursor()
        }),
    }))
}

async fn find_artist(client: &Client<'_>, text: &str) -> Result<Artist, ApiError> {
    let id = match (own_id(text), text.parse()) {
        (Some(id), _) => Some(ArtistId(id)),
        (None, Ok(spotify_id)) => artist_summaries::find_by_spotify_id(client, &spotify_id).await?,
        (None, Err(_)) => None,
    };
    let artist = match id {
        Some(id) => artist_summaries::find(client, id).await?,
        None => None,
    };
    artist.ok_or_else(|| {
        ApiError::NotFound("no artist has this id: request the artist with POST /v1/ingestions".to_owned())
    })
}
