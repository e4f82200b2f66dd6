//! Lists one page of a Spotify artist's albums: each album becomes a message, and so does the next page.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::ids::{SpotifyAlbumId, SpotifyArtistId};
use shared::domain::messages::{Message, Outcome};
use shared::platform::db::Client;
use shared::store::catalog::artists::{self, ArtistDetails};
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::upstreams::spotify::{AlbumGroup, Artist};
use shared::work::outbox::{self, FinishedStep};

use crate::context::Job;

/// The default groups. Albums that the artist only appears on are left out, because they are mostly by
/// others.
const OWN_GROUPS: &[AlbumGroup] = &[AlbumGroup::Album, AlbumGroup::Single, AlbumGroup::Compilation];
const ALL_GROUPS: &[AlbumGroup] = &[
    AlbumGroup::Album,
    AlbumGroup::Single,
    AlbumGroup::Compilation,
    AlbumGroup::AppearsOn,
];

pub(crate) async fn handle(
    job: &Job<'_>,
    id: &SpotifyArtistId,
    offset: u32,
    appears_on: bool,
) -> anyhow::Result<Outcome> {
    let spotify = job.spotify()?;
    let fresh = {
        let client = job.context.pool.client().await?;
        job.find_fresh(&client, Source::Spotify).await?
    };
    if let Some(lookup) = fresh {
        return job.finish(&finished_step(&lookup, id, appears_on)).await;
    }

    let looked_up_at = job.budgets.now();
    let lookup = |outcome| job.lookup(Source::Spotify, outcome, looked_up_at);
    let mut artist = None;
    if offset == 0 {
        artist = job
            .budgets
            .spend(Bucket::SpotifyArtists, || spotify.fetch_artist(id))
            .await?;
        if artist.is_none() {
            return not_found(job, lookup(LookupOutcome::NotFound), id).await;
        }
    }
    let groups = if appears_on { ALL_GROUPS } else { OWN_GROUPS };
    let page = job
        .budgets
        .spend(Bucket::SpotifyArtistAlbums, || {
            spotify.fetch_artist_albums(id, groups, offset)
        })
        .await?;
    let Some(page) = page else {
        return not_found(job, lookup(LookupOutcome::NotFound), id).await;
    };

    let mut albums = page.albums;
    // Newest first. Albums of one day stay in Spotify's order.
    albums.sort_by_key(|album| Reverse(album.release_date.map(|date| date.date)));
    let album_ids: Vec<&SpotifyAlbumId> = albums.iter().map(|album| &album.id).collect();
    let mut lookup = lookup(LookupOutcome::Found);
    lookup.answer = serde_json::json!({ "albums": album_ids, "next_offset": page.next_offset });
    let step = finished_step(&lookup, id, appears_on);

    let mut client = job.context.pool.client().await?;
    let transaction = client.transaction().await?;
    if let Some(artist) = &artist {
        write_artist(&transaction, artist).await?;
    }
    lookups::upsert(&transaction, &[lookup]).await?;
    let written = outbox::finish(&transaction, job.envelope, &step).await?;
    transaction.commit().await?;
    drop(client);
    job.send(&written).await
}

async fn write_artist(transaction: &Client<'_>, artist: &Artist) -> Result<(), tokio_postgres::Error> {
    let names = BTreeMap::from([(artist.id.clone(), artist.name.clone())]);
    let ids = artists::upsert_spotify(transaction, &names).await?;
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

/// The step that follows from the lookup of a page, whether it was made now or before.
fn finished_step(lookup: &Lookup, id: &SpotifyArtistId, appears_on: bool) -> FinishedStep {
    if lookup.outcome == LookupOutcome::NotFound {
        let reason = format!("Spotify has no artist {id}: copy the link of the artist's page again");
        return FinishedStep::failed(lookup.looked_up_at, &reason);
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

async fn not_found(job: &Job<'_>, lookup: Lookup, id: &SpotifyArtistId) -> anyhow::Result<Outcome> {
    let step = finished_step(&lookup, id, false);
    job.fail(lookup, &step).await
}
