//! The number of calls of an ingestion. The second ingestion of the same artist makes none, and producers
//! appear before the last album is ingested.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use std::time::Duration;

use chrono::Utc;
use integration::records::{
    album, artist, person, produced_by, recording, release, spotify_id, track, with_upc,
};
use integration::scene::{ingest_album, ingest_artist};
use integration::upstream::Upstream;
use integration::{Machine, database};
use linernotes::demo::{Catalog, LookupKey, StandInOptions, StandIns};
use pretty_assertions::assert_eq;
use shared::domain::messages::{Envelope, QueueName};

/// The catalog of the demo's artist with the most albums.
fn busiest_artist() -> Catalog {
    let mut catalog = Catalog::real().unwrap();
    let albums_of = |id: &str| {
        let albums = catalog.albums.iter();
        albums.filter(|album| album.artists[0].id == id).count()
    };
    let busiest = catalog
        .artists
        .iter()
        .max_by_key(|artist| albums_of(&artist.id))
        .unwrap()
        .clone();
    catalog.albums.retain(|album| album.artists[0] == busiest);
    catalog.artists = vec![busiest];
    catalog
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artist_takes_no_more_calls_than_albums_and_producers_require() {
    let mut catalog = busiest_artist();
    for album in &mut catalog.albums {
        album.known_by = LookupKey::Barcode;
    }
    let (albums, first) = (catalog.albums.len() as u64, catalog.artists[0].id.clone());
    let stand_ins = StandIns::start(catalog, StandInOptions::default()).await.unwrap();
    let database = database().await;
    let machine = Machine::new(&database, &stand_ins);
    machine.request(&[ingest_artist(&first)]).await;
    machine.drain(&database).await;

    let calls = stand_ins.calls();
    let producers = database.count("SELECT count(*) FROM producers").await as u64;
    assert!(
        albums >= 3 && producers >= 2,
        "{albums} albums, {producers} producers"
    );
    assert!(calls.spotify <= albums.div_ceil(10) + albums + 2, "{calls:?}");
    assert!(calls.musicbrainz <= 2 * albums + producers, "{calls:?}");

    let before = (calls.spotify, calls.musicbrainz);
    let id = machine.request(&[ingest_artist(&first)]).await;
    machine.drain(&database).await;
    let calls = stand_ins.calls();
    assert_eq!((calls.spotify, calls.musicbrainz), before);
    let steps = format!(
        "SELECT kind || ' ' || count(*) FROM ingestion_tasks WHERE ingestion_id = {id} AND outcome = 'done'
            GROUP BY kind ORDER BY kind"
    );
    assert_eq!(
        database.texts(&steps).await,
        [
            format!("enrich_producer {producers}"),
            format!("identify_album {albums}"),
            format!("ingest_album {albums}"),
            "ingest_artist 1".to_owned()
        ],
        "the second ingestion reports the steps that were already done"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artist_with_25_albums_takes_three_pages() {
    let upstream = Upstream::start().await;
    let who = artist("a", "Prolific");
    let albums: Vec<_> = (0..25)
        .map(|number| {
            let songs = vec![track(
                &format!("t{number}x"),
                1,
                &format!("Song {number}"),
                &[&who],
            )];
            album(&format!("l{number}x"), &format!("Album {number}"), &[&who], songs)
        })
        .collect();
    upstream.give_artist(&who, &albums.iter().collect::<Vec<_>>());
    albums.iter().for_each(|album| upstream.give_album(album));
    let database = database().await;
    let machine = upstream.machine(&database);
    machine.request(&[ingest_artist(&spotify_id("a"))]).await;
    while machine.work_once(QueueName::Catalog).await > 0 {}
    assert_eq!(database.count("SELECT count(*) FROM albums").await, 25);
    assert_eq!(upstream.calls("/v1/"), 3 + 25 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_before_the_requested_time_is_done_again_and_newer_work_is_not() {
    let upstream = Upstream::start().await;
    let who = artist("a", "A");
    upstream.give_album(&album(
        "l",
        "Album",
        &[&who],
        vec![track("t", 1, "Song", &[&who])],
    ));
    let database = database().await;
    let machine = upstream.machine(&database);
    let message = ingest_album(&spotify_id("l"));
    let requested_at = Utc::now();
    for (fresh_after, calls) in [
        (None, 1),
        (None, 1),
        (Some(requested_at), 1),
        (Some(Utc::now() + chrono::Duration::hours(1)), 2),
    ] {
        machine
            .handle(Envelope::requested(message.clone(), fresh_after))
            .await
            .unwrap();
        assert_eq!(upstream.calls("/v1/albums"), calls, "{fresh_after:?}");
    }
    // A lookup that is due again counts as unknown.
    database.execute("UPDATE lookups SET look_again_at = now()").await;
    machine.handle(Envelope::requested(message, None)).await.unwrap();
    assert_eq!(upstream.calls("/v1/albums"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_that_waits_for_fresh_work_is_not_done_after_older_work() {
    let upstream = Upstream::start().await;
    let who = artist("a", "A");
    upstream.give_album(&album(
        "l",
        "Album",
        &[&who],
        vec![track("t", 1, "Song", &[&who])],
    ));
    let database = database().await;
    let machine = upstream.machine(&database);
    let message = ingest_album(&spotify_id("l"));
    let later = Utc::now() + chrono::Duration::hours(1);
    machine
        .request_after(std::slice::from_ref(&message), Some(later))
        .await;
    machine.request(std::slice::from_ref(&message)).await;
    machine.handle(Envelope::requested(message, None)).await.unwrap();
    let waiting = "SELECT (fresh_after IS NOT NULL)::text || ' ' || (outcome IS NULL)::text
        FROM ingestion_tasks JOIN ingestions ON id = ingestion_id WHERE kind = 'ingest_album' ORDER BY 1";
    assert_eq!(database.texts(waiting).await, ["false false", "true true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_producer_appears_before_the_last_album() {
    let catalog = busiest_artist();
    let first = catalog.artists[0].id.clone();
    // Albums are ingested newest first, so the oldest one is the last.
    let last = catalog
        .albums
        .iter()
        .min_by(|a, b| a.release_date.cmp(&b.release_date))
        .unwrap()
        .id
        .clone();
    let options = StandInOptions {
        withheld_album: Some(last.clone()),
        ..StandInOptions::default()
    };
    let stand_ins = StandIns::start(catalog, options).await.unwrap();
    let database = database().await;
    let machine = Machine::new(&database, &stand_ins);
    machine.request(&[ingest_artist(&first)]).await;

    let work = async |queue| loop {
        if machine.work_once(queue).await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let have_last = format!("SELECT count(*) FROM albums WHERE spotify_id = '{last}'");
    let watch = async {
        database.wait_for("SELECT count(*) FROM track_producers").await;
        let had_last = database.count(&have_last).await;
        stand_ins.release_withheld();
        database.wait_for(&have_last).await;
        had_last
    };
    let queues = [
        QueueName::Catalog,
        QueueName::Identification,
        QueueName::Enrichment,
    ];
    let working = futures::future::join_all(queues.map(work));
    let had_last = tokio::select! {
        had_last = watch => had_last,
        _ = working => unreachable!(),
    };
    assert_eq!(had_last, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_simultaneous_requests_cause_the_work_once() {
    let upstream = Upstream::start().await;
    let (who, band) = (artist("a", "A"), person(1, "A"));
    let music = with_upc(
        album("l", "Album", &[&who], vec![track("t", 1, "Song", &[&who])]),
        "200000000011",
    );
    upstream.give_artist(&who, &[&music]);
    upstream.give_album(&music);
    let song = recording(11, "Song", &band, vec![produced_by(&person(2, "P"))]);
    upstream.give_releases("200000000011", &[&release(21, "Album", &band, &[&song])]);
    let database = database().await;
    let machine = upstream.machine(&database);
    let first = machine.request(&[ingest_artist(&spotify_id("a"))]).await;
    let second = machine.request(&[ingest_artist(&spotify_id("a"))]).await;
    machine.drain(&database).await;
    assert_eq!(upstream.calls("/v1/albums"), 1);
    assert_eq!(upstream.calls("/ws/2/release"), 2);
    for id in [first, second] {
        let open = format!(
            "SELECT count(*) FROM ingestion_tasks WHERE ingestion_id = {id} AND outcome IS DISTINCT
                FROM 'done'"
        );
        let done =
            format!("SELECT count(*) FROM ingestion_tasks WHERE ingestion_id = {id} AND outcome = 'done'");
        assert_eq!((database.count(&open).await, database.count(&done).await), (0, 4));
    }
}
