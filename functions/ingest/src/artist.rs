//! One page of an artist's albums: each becomes a message, and so does the next page.

use std::collections::BTreeMap;

use chrono::Utc;
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::ids::{SpotifyAlbumId, SpotifyArtistId};
use shared::domain::messages::{Message, Outcome};
use shared::store::catalog::artists::{self, ArtistDetails};
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::upstreams::spotify::{AlbumGroup, Artist, Spotify};
use shared::work::outbox::{self, FinishedStep};

use crate::Work;

/// Without being asked, albums that the artist only appears on stay out: they are mostly other people's.
const OWN: &[AlbumGroup] = &[AlbumGroup::Album, AlbumGroup::Single, AlbumGroup::Compilation];
const ALL: &[AlbumGroup] = &[
    AlbumGroup::Album,
    AlbumGroup::Single,
    AlbumGroup::Compilation,
    AlbumGroup::AppearsOn,
];

pub(crate) async fn handle(
    work: &Work<'_, Spotify>,
    id: &SpotifyArtistId,
    offset: u32,
    appears_on: bool,
) -> anyhow::Result<Outcome> {
    let subject = work.envelope.message.subject();
    let kind = work.envelope.message.kind();
    let fresh = {
        let client = work.context.pool.client().await?;
        lookups::find_fresh(
            &client,
            Source::Spotify,
            kind,
            &subject,
            work.envelope.fresh_after,
        )
        .await?
    };
    if let Some(lookup) = fresh {
        return work.finish(&finished_from(&lookup, id, appears_on)).await;
    }

    let looked_up_at = Utc::now();
    let mut artist = None;
    if offset == 0 {
        artist = work
            .context
            .budgets
            .spend(Bucket::SpotifyArtists, work.deadline, || {
                work.source.fetch_artist(id)
            })
            .await?;
        if artist.is_none() {
            return not_found(work, kind, &subject, id, looked_up_at).await;
        }
    }
    let groups = if appears_on { ALL } else { OWN };
    let page = work
        .context
        .budgets
        .spend(Bucket::SpotifyArtistAlbums, work.deadline, || {
            work.source.fetch_artist_albums(id, groups, offset)
        })
        .await?;
    let Some(page) = page else {
        return not_found(work, kind, &subject, id, looked_up_at).await;
    };

    let mut albums = page.albums;
    // Newest first; of one day the order that Spotify gave.
    albums.sort_by_key(|album| std::cmp::Reverse(album.release_date.map(|date| date.date)));
    let album_ids: Vec<&SpotifyAlbumId> = albums.iter().map(|album| &album.id).collect();
    let mut lookup = Lookup::new(
        Source::Spotify,
        kind,
        &subject,
        LookupOutcome::Found,
        looked_up_at,
    );
    lookup.answer = serde_json::json!({ "albums": album_ids, "next_offset": page.next_offset });
    let finished = finished_from(&lookup, id, appears_on);

    let mut client = work.context.pool.client().await?;
    let transaction = client.transaction().await?;
    if let Some(artist) = &artist {
        keep_artist(&transaction, artist).await?;
    }
    lookups::upsert(&transaction, &[lookup]).await?;
    let written = outbox::finish(&transaction, work.envelope, &finished).await?;
    transaction.commit().await?;
    drop(client);
    work.context
        .queues
        .send_written(&work.context.pool, &written)
        .await?;
    Ok(Outcome::Done)
}

async fn keep_artist(
    transaction: &shared::platform::db::Client<'_>,
    artist: &Artist,
) -> Result<(), tokio_postgres::Error> {
    let ids = artists::upsert_spotify(
        transaction,
        &BTreeMap::from([(artist.id.clone(), artist.name.clone())]),
    )
    .await?;
    let Some(id) = ids.get(&artist.id) else {
        return Ok(());
    };
    let metadata = if artist.genres.is_empty() {
        serde_json::json!({})
    } else {
        serde_json::json!({ "genres": artist.genres })
    };
    let details = ArtistDetails {
        followers: artist.followers,
        popularity: artist.popularity,
        image_url: artist.image_url.as_deref(),
        metadata,
    };
    artists::update_details(transaction, *id, &details).await?;
    artists::mark_requested(transaction, *id).await
}

/// What a page's lookup means, whether it was made now or before.
fn finished_from(lookup: &Lookup, id: &SpotifyArtistId, appears_on: bool) -> FinishedStep {
    if lookup.outcome == LookupOutcome::NotFound {
        return FinishedStep::failed(lookup.looked_up_at, &unknown(id));
    }
    let albums: Vec<SpotifyAlbumId> =
        serde_json::from_value(lookup.answer["albums"].clone()).unwrap_or_default();
    let mut follow_ups: Vec<_> = albums
        .into_iter()
        .map(|spotify_album_id| Message::IngestAlbum { spotify_album_id })
        .collect();
    if let Some(offset) = lookup.answer["next_offset"]
        .as_u64()
        .and_then(|offset| u32::try_from(offset).ok())
    {
        follow_ups.push(Message::IngestArtist {
            spotify_artist_id: id.clone(),
            offset,
            appears_on,
        });
    }
    FinishedStep::done(lookup.looked_up_at, follow_ups)
}

async fn not_found(
    work: &Work<'_, Spotify>,
    kind: &str,
    subject: &str,
    id: &SpotifyArtistId,
    looked_up_at: chrono::DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    {
        let client = work.context.pool.client().await?;
        lookups::upsert(
            &client,
            &[Lookup::new(
                Source::Spotify,
                kind,
                subject,
                LookupOutcome::NotFound,
                looked_up_at,
            )],
        )
        .await?;
    }
    work.finish(&FinishedStep::failed(looked_up_at, &unknown(id)))
        .await
}

fn unknown(id: &SpotifyArtistId) -> String {
    format!("Spotify knows no artist {id}: copy the link of the artist's page anew")
}
