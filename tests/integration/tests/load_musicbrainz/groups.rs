//! One release of each release group becomes the album. Loads of the same dump again and of newer dumps.

use integration::dumps::{MusicBrainzDump, file, load, load_and_remove, load_file};
use integration::records::{mbid, person, produced_by, recording, release};
use integration::{Database, database};
use load::{KeepReason, SkipReason};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::curation::import;

use crate::online::releases;

/// A release on CD with a date and a release group.
fn of_group(number: u64, group: u64, date: &str) -> Value {
    let (band, ann) = (person(1, "The Band"), person(11, "Ann Producer"));
    let song = recording(100 + group, "A Song", &band, vec![produced_by(&ann)]);
    let mut release = release(number, &format!("Album {number}"), &band, &[&song]);
    release["date"] = json!(date);
    release["release-group"] = json!({"id": mbid(1_000 + group)});
    release["media"][0]["format"] = json!("CD");
    release
}

async fn albums(database: &Database) -> Vec<String> {
    database.texts("SELECT name FROM albums ORDER BY name").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_of_a_group_is_selected_as_online() {
    let mut vinyl = of_group(3, 1, "1990");
    vinyl["media"][0]["format"] = json!("12\" Vinyl");
    let mut bootleg = of_group(4, 1, "1980");
    bootleg["status"] = json!("Bootleg");
    let all = [
        of_group(2, 1, "1999"),
        of_group(7, 2, "2003"),
        of_group(5, 1, "1995-05"),
        vinyl,
        bootleg,
    ];
    let mut fingerprints = Vec::new();
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 1, 0, 3]] {
        let database = database().await;
        let releases = order.map(|at| all[at].clone());
        let loaded = load(&database, &format!("group{order:?}.tar.xz"), &releases).await;
        assert_eq!(albums(&database).await, ["Album 5", "Album 7"]);
        assert_eq!((loaded.counts.read, loaded.counts.loaded), (5, 2));
        assert_eq!(loaded.counts.skipped(SkipReason::OtherOfGroup), 3);
        fingerprints.push(database.fingerprint().await.parts);
        let again = load(&database, "group.tar.xz", &releases).await;
        assert_eq!((again.rows, again.counts.unchanged), (0, 2));
        assert_eq!(again.counts.skipped(SkipReason::OtherOfGroup), 3);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
    assert_eq!(fingerprints[0], fingerprints[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_dump_again_writes_nothing() {
    let database = database().await;
    let first = load(&database, "twice.tar.xz", &releases()).await;
    let rows = "SELECT string_agg(t, ' ') FROM (
        SELECT 'artists ' || sum(xmin::text::bigint)::text AS t FROM artists
        UNION ALL SELECT 'albums ' || sum(xmin::text::bigint)::text FROM albums
        UNION ALL SELECT 'tracks ' || sum(xmin::text::bigint)::text FROM tracks
        UNION ALL SELECT 'songs ' || sum(xmin::text::bigint)::text FROM normalized_tracks
        UNION ALL SELECT 'producers ' || sum(xmin::text::bigint)::text FROM producers
        UNION ALL SELECT 'names ' || sum(xmin::text::bigint)::text FROM producer_names
        UNION ALL SELECT 'credits ' || sum(xmin::text::bigint)::text FROM credits
        UNION ALL SELECT 'track_producers ' || sum(xmin::text::bigint)::text FROM track_producers
        UNION ALL SELECT 'releases ' || sum(xmin::text::bigint)::text FROM loaded_releases) s";
    let before = database.texts(rows).await;
    let again = load(&database, "twice.tar.xz", &releases()).await;
    assert_eq!(database.texts(rows).await, before);
    assert_eq!((again.rows, again.counts.loaded), (0, 0));
    assert_eq!(again.counts.unchanged, first.counts.loaded);
    assert_eq!(again.counts.skipped, first.counts.skipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_that_are_written_again_do_not_change() {
    let database = database().await;
    load(&database, "again.tar.xz", &releases()).await;
    let before = database.fingerprint().await.parts;
    database
        .execute("UPDATE loaded_releases SET content_hash = 0")
        .await;
    let again = load(&database, "again.tar.xz", &releases()).await;
    assert_eq!((again.counts.changed, again.counts.loaded), (3, 0));
    assert_eq!(database.fingerprint().await.parts, before);
}

/// A newer dump gives the same rows after an older one as in an empty database.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_dump_changes_and_removes_releases() {
    let (updated, fresh) = (database().await, database().await);
    let older: Vec<Value> = (1..=8).map(|n| of_group(n, n, "2001")).collect();
    load(&updated, "older.tar.xz", &older).await;
    let mut newer = older.clone();
    newer[1]["title"] = json!("Another Title");
    let bob = person(12, "Bob Other");
    newer[2]["media"][0]["tracks"][0]["recording"]["relations"] = json!([produced_by(&bob)]);
    // The fourth group gets a preferred release, and the fifth release is removed.
    newer.push(of_group(40, 4, "2000"));
    newer.remove(4);
    let load_outcome = load_and_remove(&updated, "newer.tar.xz", &newer).await;
    let counts = &load_outcome.counts;
    assert_eq!((counts.unchanged, counts.changed), (5, 3));
    assert_eq!((counts.vanished, counts.loaded), (1, 0));
    load(&fresh, "newer.tar.xz", &newer).await;
    let (updated_parts, fresh_parts) = (updated.fingerprint().await.parts, fresh.fingerprint().await.parts);
    assert_eq!(updated_parts, fresh_parts);
    let again = load(&updated, "newer.tar.xz", &newer).await;
    assert_eq!((again.rows, again.counts.vanished), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_release_is_replaced_by_another_of_its_group() {
    let database = database().await;
    let all = [
        of_group(1, 1, "2000"),
        of_group(2, 1, "2001"),
        of_group(3, 3, "2001"),
    ];
    load(&database, "three.tar.xz", &all).await;
    assert_eq!(albums(&database).await, ["Album 1", "Album 3"]);
    // The load reads the other release before it detects the removal. The next load adds the other one.
    let loaded = load_and_remove(&database, "two.tar.xz", &all[1..]).await;
    assert_eq!(loaded.counts.vanished, 0);
    assert_eq!(albums(&database).await, ["Album 1", "Album 3"]);
    load(&database, "two.tar.xz", &all[1..]).await;
    assert_eq!(albums(&database).await, ["Album 2", "Album 3"]);
    let again = load(&database, "two.tar.xz", &all[1..]).await;
    assert_eq!((again.rows, again.counts.unchanged), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partial_dump_removes_nothing() {
    let database = database().await;
    let all: Vec<Value> = (1..=6).map(|n| of_group(n, n, "2001")).collect();
    load(&database, "whole.tar.xz", &all).await;
    let path = file("part.tar.xz", &MusicBrainzDump::of_releases(&all[1..3]).xz());
    let loaded = load_file(&database, &path, false).await.unwrap();
    let counts = &loaded.counts;
    assert_eq!((counts.vanished, counts.not_removed), (0, 4));
    assert_eq!(counts.not_removed_because, Some(KeepReason::IncompleteDump));
    assert_eq!(albums(&database).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_credits_stay_when_their_release_is_removed_or_replaced() {
    let database = database().await;
    let all: Vec<Value> = (1..=3).map(|n| of_group(n, n, "2001")).collect();
    load(&database, "whole.tar.xz", &all).await;
    let tracks = "SELECT t.id::text FROM tracks t JOIN albums a ON a.id = t.album_id
        WHERE a.name IN ('Album 1', 'Album 2') ORDER BY a.name";
    let tracks = database.texts(tracks).await;
    let lines = tracks.iter().map(|id| format!("{id},Bob,new,producer\n"));
    let own = format!("track,producer,producer_id,role\n{}", String::from_iter(lines));
    import(&database.pool, "own.csv", own.as_bytes()).await.unwrap();
    // The first release is gone, and the second group has a preferred one.
    let newer = [of_group(20, 2, "2000"), all[1].clone(), all[2].clone()];
    let counts = load_and_remove(&database, "newer.tar.xz", &newer).await.counts;
    assert_eq!((counts.vanished, counts.kept), (1, 1));
    let credited = "SELECT t.id::text FROM track_producers tp JOIN tracks t ON t.id = tp.track_id
        JOIN producers p ON p.id = tp.producer_id
        WHERE p.name = 'Bob' AND t.removed_at IS NOT NULL ORDER BY t.id";
    let mut expected = tracks.clone();
    expected.sort_by_key(|id| id.parse::<i64>().unwrap());
    assert_eq!(database.texts(credited).await, expected);
    assert_eq!(
        albums(&database).await,
        ["Album 1", "Album 2", "Album 20", "Album 3"]
    );
}
