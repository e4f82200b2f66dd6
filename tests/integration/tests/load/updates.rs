//! Loading the same dump again, and a newer one.

use integration::database;
use load::SkipReason;
use pretty_assertions::assert_eq;

use crate::dump::{Release, credits, load, load_and_remove, track};
use crate::online::releases;

const WRITTEN: &str =
    "SELECT COALESCE(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_xact_user_tables";

#[tokio::test(flavor = "multi_thread")]
async fn the_same_dump_again_writes_nothing() {
    let database = database().await;
    assert_eq!(database.count(WRITTEN).await, 0);
    let first = load(&database, "twice.xml", &releases()).await;
    let rows = "SELECT string_agg(t, ' ') FROM (
        SELECT 'artists ' || sum(xmin::text::bigint)::text || ' ' || count(*) AS t FROM artists
        UNION ALL SELECT 'albums ' || sum(xmin::text::bigint)::text FROM albums
        UNION ALL SELECT 'tracks ' || sum(xmin::text::bigint)::text FROM tracks
        UNION ALL SELECT 'songs ' || sum(xmin::text::bigint)::text FROM normalized_tracks
        UNION ALL SELECT 'producers ' || sum(xmin::text::bigint)::text FROM producers
        UNION ALL SELECT 'names ' || sum(xmin::text::bigint)::text FROM producer_names
        UNION ALL SELECT 'credits ' || sum(xmin::text::bigint)::text FROM credits
        UNION ALL SELECT 'track_producers ' || sum(xmin::text::bigint)::text FROM track_producers
        UNION ALL SELECT 'records ' || sum(xmin::text::bigint)::text FROM loaded_records) s";
    let before = database.texts(rows).await;
    let again = load(&database, "twice.xml", &releases()).await;
    assert_eq!(database.texts(rows).await, before);
    assert_eq!((again.rows, again.counts.loaded), (0, 0));
    assert_eq!(again.counts.unchanged, first.counts.loaded);
    assert_eq!(again.counts.skipped, first.counts.skipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_production_credits_a_release_is_counted_and_not_loaded() {
    let database = database().await;
    let silent = Release {
        credits: credits("extraartists", &[(5, "An Engineer", "Mastered By", "")]),
        ..Release::new(2)
    };
    let loaded = load(&database, "silent.xml", &[Release::new(1).xml(), silent.xml()]).await;
    assert_eq!(loaded.counts.loaded, 1);
    assert_eq!(loaded.counts.skipped(SkipReason::NoProduction), 1);
    assert_eq!(database.count("SELECT count(*) FROM albums").await, 1);
}

/// Loading a newer dump after an older one gives the same rows as loading only the newer one.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_dump_changes_and_removes_releases() {
    let (updated, fresh) = (database().await, database().await);
    let all: Vec<Release> = (1..=6).map(Release::new).collect();
    let xml = |releases: &[Release]| -> Vec<String> { releases.iter().map(Release::xml).collect() };
    load(&updated, "older.xml", &xml(&all)).await;
    let mut newer = all.clone();
    newer[1].title = "Another Title".to_owned();
    newer[1].credits = credits("extraartists", &[(50, "Another Producer", "Producer", "A1")]);
    newer[2].tracks.push(track("A3", "Third Song", ""));
    newer[3].released = "2001-02-03".to_owned();
    // The newer dump lacks the fifth release.
    newer.remove(4);
    let outcome = load_and_remove(&updated, "newer.xml", &xml(&newer)).await;
    let counts = &outcome.counts;
    assert_eq!(
        (counts.unchanged, counts.changed, counts.vanished, counts.loaded),
        (2, 3, 1, 0)
    );
    load(&fresh, "newer.xml", &xml(&newer)).await;
    let (updated_parts, fresh_parts) = (updated.fingerprint().await.parts, fresh.fingerprint().await.parts);
    for (updated, fresh) in updated_parts.iter().zip(&fresh_parts) {
        // Artists and producers that no release names any more are not deleted.
        if !["artists", "artist_identities"].contains(&fresh.table.as_str()) {
            assert_eq!(updated, fresh);
        }
    }
    let again = load(&updated, "newer.xml", &xml(&newer)).await;
    assert_eq!((again.rows, again.counts.vanished), (0, 0));
}
