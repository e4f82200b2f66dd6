//! Computes the rows that follow from others and that a load into empty tables leaves to its end: producers,
//! representative tracks, facts of pressings and names.

use shared::catalog::album_import;
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, NormalizedTrackId, TrackId};
use shared::platform::db::{Client, Pool};
use shared::store::catalog::{normalized_tracks, pressings, stated_names};
use shared::store::credits::{early_records, track_producers};
use shared::store::loads::loaded_records;

use super::limits::UNLIMITED;

/// Songs per page when songs are refreshed.
const SONGS_PER_PAGE: i64 = 50_000;
/// Albums per page when albums are refreshed.
const ALBUMS_PER_PAGE: i64 = SONGS_PER_PAGE / 10;

// Only the columns that rows are joined and found by, coarsely; all of identities, because they are found by
// an expression. Autovacuum does the rest: Postgres counts a table as analyzed only if all of its columns
// were.
const COARSE_STATISTICS: &str = "SELECT set_config('default_statistics_target', '25', true)";
const ANALYZE: &str = "
    ANALYZE artists (id), artist_identities (source_id, artist_id), albums (id, artist_id),
            album_links (album_id, source_id), normalized_tracks (id, artist_id),
            tracks (id, album_id, normalized_track_id), track_artists (track_id, artist_id),
            credits (album_id, track_id, producer_identity_id), track_producers (track_id, producer_id),
            producers (id), producer_names (producer_id, search_key), producer_identities,
            loaded_records (album_id, master_id),
            pressings (source_id), early_records (source_id)";

/// Computes what a load into empty tables left to its end. It works page by page, as there may be many
/// millions of rows.
pub(super) async fn refresh(pool: &Pool) -> anyhow::Result<()> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    transaction.run(UNLIMITED).await?;
    transaction.run(COARSE_STATISTICS).await?;
    transaction.run(ANALYZE).await?;
    transaction.commit().await?;
    refresh_pressed_albums(&mut client).await?;
    refresh_shared_songs(&mut client).await?;
    refresh_supervised_albums(&mut client).await?;
    loop {
        let transaction = client.transaction().await?;
        transaction.run(UNLIMITED).await?;
        let is_any_left = stated_names::settle_next(&transaction, Source::Discogs).await?;
        transaction.commit().await?;
        if !is_any_left {
            return Ok(());
        }
    }
}

/// Chooses the representative track and the first date of each song that has several tracks. This comes after
/// the pressings, which may change the dates of albums.
async fn refresh_shared_songs(client: &mut Client<'_>) -> anyhow::Result<()> {
    let mut after = NormalizedTrackId(0);
    loop {
        let transaction = client.transaction().await?;
        transaction.run(UNLIMITED).await?;
        let songs = loaded_records::list_shared_songs(&transaction, after, SONGS_PER_PAGE).await?;
        let Some(last) = songs.last() else {
            return Ok(());
        };
        after = *last;
        normalized_tracks::refresh(&transaction, &songs).await?;
        transaction.commit().await?;
    }
}

/// Computes the producers and facts of albums that have several records.
async fn refresh_pressed_albums(client: &mut Client<'_>) -> anyhow::Result<()> {
    let mut after = AlbumId(0);
    loop {
        let transaction = client.transaction().await?;
        transaction.run(UNLIMITED).await?;
        let pressed = loaded_records::list_pressed_tracks(&transaction, after, ALBUMS_PER_PAGE).await?;
        let Some((last, _)) = pressed.last() else {
            return Ok(());
        };
        after = *last;
        let (mut albums, tracks): (Vec<AlbumId>, Vec<TrackId>) = pressed.into_iter().unzip();
        track_producers::refresh(&transaction, &tracks).await?;
        albums.dedup();
        pressings::insert_single_records(&transaction, &albums).await?;
        album_import::pressings::refresh(&transaction, &albums).await?;
        transaction.commit().await?;
    }
}

/// Computes the producers of albums with supervisors. Whether these count can depend on any record of the
/// load.
async fn refresh_supervised_albums(client: &mut Client<'_>) -> anyhow::Result<()> {
    let mut after = AlbumId(0);
    loop {
        let transaction = client.transaction().await?;
        transaction.run(UNLIMITED).await?;
        early_records::lock(&transaction).await?;
        let supervised = early_records::list_next_tracks(&transaction, after, ALBUMS_PER_PAGE).await?;
        let Some((last, _)) = supervised.last() else {
            return Ok(());
        };
        after = *last;
        let tracks: Vec<TrackId> = supervised.into_iter().map(|(_, track)| track).collect();
        track_producers::refresh(&transaction, &tracks).await?;
        transaction.commit().await?;
    }
}
