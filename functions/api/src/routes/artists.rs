//! Artists: who produced them. An artist is named by our id or by a Spotify artist id.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::db::Client;
use shared::ids::ArtistId;
use shared::store::artist_producers::{self, Artist, ArtistProducer};
use shared::store::producer_tracks::CountPlace;

use super::key;
use crate::Context;
use crate::error::ApiError;
use crate::extract::{Id, Parameters};
use crate::page::{List, Page, Place as _};

/// `{"artist":{…,"track_count","without_producer_count"},"coverage":{…},"items":[…],"next":cursor|null}`. Counts are over songs that
/// the artist is on, versions of one counted once.
#[derive(Debug, Serialize)]
pub(crate) struct ProducersOfArtist {
    artist: Artist,
    coverage: Coverage,
    #[serde(flatten)]
    producers: List<ArtistProducer>,
}

/// How many of an artist's songs there are, and how many have a producer.
#[derive(Debug, Serialize)]
struct Coverage {
    tracks: i64,
    with_producers: i64,
}

/// `GET /v1/artists/{id}/producers`: the producers of the artist's songs, most songs first, a page at a time, and how
/// many songs have none.
pub(crate) async fn list_producers(
    State(context): State<Arc<Context>>,
    Id(id): Id,
    Parameters(page): Parameters<Page>,
) -> Result<Json<ProducersOfArtist>, ApiError> {
    let (limit, after) = (page.limit()?, page.after()?);
    let client = context.pool.client().await?;
    let artist = find(&client, &id).await?;
    let producers = artist_producers::list(&client, artist.id, after, limit + 1).await?;
    Ok(Json(ProducersOfArtist {
        coverage: Coverage {
            tracks: artist.track_count,
            with_producers: artist.track_count - artist.without_producer_count,
        },
        artist,
        producers: List::page(producers, limit, |producer| {
            let place = CountPlace {
                count: producer.track_count,
                id: producer.producer_id.0,
            };
            place.cursor()
        }),
    }))
}

async fn find(client: &Client<'_>, text: &str) -> Result<Artist, ApiError> {
    let id = match (key(text), text.parse()) {
        (Some(id), _) => Some(ArtistId(id)),
        (None, Ok(spotify_id)) => artist_producers::find_by_spotify_id(client, &spotify_id).await?,
        (None, Err(_)) => None,
    };
    let artist = match id {
        Some(id) => artist_producers::find(client, id).await?,
        None => None,
    };
    artist.ok_or_else(|| {
        ApiError::NotFound("no artist has this id: bring one in with POST /v1/ingestions".to_owned())
    })
}
