//! Without a Spotify key: albums, tracks and credits from MusicBrainz alone.

use std::collections::BTreeSet;

use chrono::Utc;
use integration::deliveries::shuffle;
use integration::random::seeds;
use integration::records::{listed, mbid, person, produced_by, recording, release};
use integration::scene::{PRODUCERS, Scene, ingest_album, ingest_release, list_releases};
use integration::{Database, Machine, database};
use linernotes::demo::{Catalog, LookupKey, StandInOptions, StandIns};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::messages::{Message, Outcome, QueueName};
use shared::store::work::ingestion_results;
use shared::store::work::ingestions::InsertedIngestion;
use shared::work::ingestion_requests::{self, IngestionRequest};

async fn stand_ins() -> StandIns {
    StandIns::start(Catalog::real().unwrap(), StandInOptions::default())
        .await
        .unwrap()
}

fn without_spotify(database: &Database, stand_ins: &StandIns) -> Machine {
    Machine::with(database, &[("MUSICBRAINZ_URL", &stand_ins.musicbrainz_url)])
}

fn artists(stand_ins: &StandIns) -> Vec<Message> {
    let artists = stand_ins.artists().iter();
    artists
        .map(|artist| list_releases(&artist.mbid().to_string()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_of_the_demo_gives_the_expected_producers() {
    let (database, stand_ins) = (database().await, stand_ins().await);
    let machine = without_spotify(&database, &stand_ins);
    machine.request(&artists(&stand_ins)).await;
    machine.drain(&database).await;

    let known: Vec<_> = stand_ins
        .catalog()
        .albums
        .iter()
        .filter(|album| album.known_by == LookupKey::Barcode)
        .collect();
    let facts: BTreeSet<String> = known
        .iter()
        .flat_map(|album| album.tracks.iter().map(move |track| (album, track)))
        .flat_map(|(album, track)| {
            let credits = track.credits.iter();
            credits
                .filter(|credit| credit.role.is_music_production())
                .map(|credit| {
                    let (upc, title) = (album.upc(), track.recording_title());
                    format!("{upc} {} {title}: {}", track.number, credit.producer)
                })
        })
        .collect();
    let found = "SELECT DISTINCT al.upc || ' ' || t.track_number || ' ' || t.name || ': ' || p.name
        FROM track_producers tp JOIN tracks t ON t.id = tp.track_id JOIN albums al ON al.id = t.album_id
        JOIN producers p ON p.id = tp.producer_id";
    let found: BTreeSet<String> = database.texts(found).await.into_iter().collect();
    assert_eq!(found, facts);
    let without_isrc = "SELECT count(*) FROM tracks WHERE isrc IS NULL";
    assert_eq!(database.count(without_isrc).await, 0);

    let calls = stand_ins.calls();
    assert_eq!(calls.spotify, 0);
    assert_eq!(calls.musicbrainz_by_kind["release"], known.len() as u64);
    assert_eq!(
        calls.musicbrainz_by_kind["release list"],
        stand_ins.artists().len() as u64
    );
    let requested: Vec<_> = calls.musicbrainz_by_kind.keys().copied().collect();
    assert_eq!(
        requested,
        ["artist", "release", "release list"],
        "facts of a release are not requested again"
    );
    let not_done = "SELECT kind || ' ' || subject FROM ingestion_tasks WHERE outcome IS DISTINCT FROM 'done'";
    assert_eq!(database.texts(not_done).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn repetition_and_order_change_nothing() {
    let (in_order, stand_ins) = (database().await, stand_ins().await);
    let machine = without_spotify(&in_order, &stand_ins);
    let requested: Vec<Message> = artists(&stand_ins).into_iter().take(5).collect();
    machine.request(&requested).await;
    machine.drain(&in_order).await;
    let fingerprint = in_order.fingerprint().await;
    let written = "SELECT string_agg(xmin::text || ' ' || id, ',' ORDER BY id) FROM (SELECT xmin, id
        FROM albums UNION ALL SELECT xmin, id FROM tracks UNION ALL SELECT xmin, id FROM credits UNION ALL
        SELECT xmin, id FROM normalized_tracks) AS rows";
    let rows = in_order.texts(written).await;

    machine.request_after(&requested, Some(Utc::now())).await;
    machine.drain(&in_order).await;
    assert_eq!(in_order.fingerprint().await, fingerprint);
    assert_eq!(in_order.texts(written).await, rows, "no row is written");

    for seed in seeds(2) {
        let shuffled = database().await;
        let one = without_spotify(&shuffled, &stand_ins);
        let other = without_spotify(&shuffled, &stand_ins);
        one.request(&requested).await;
        shuffle(&[&one, &other], &shuffled, seed).await;
        assert_eq!(shuffled.fingerprint().await, fingerprint, "seed {seed}");
    }
}

/// A release with one song, both named after the number.
fn numbered(number: u64, date: &str) -> Value {
    let band = person(1, "Band");
    let producer = person(2, "P");
    let title = format!("Song {number}");
    let song = recording(10_000 + number, &title, &band, vec![produced_by(&producer)]);
    let mut release = release(number, &format!("Album {number}"), &band, &[&song]);
    release["date"] = json!(date);
    release
}

#[tokio::test]
async fn ingesting_a_release_and_identifying_its_album_asks_musicbrainz_once() {
    let scene = Scene::new().await;
    scene.upstream.give_release(&numbered(21, "1990"));
    let id = scene.machine.request(&[ingest_release(&mbid(21))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    let producers = ["Song 21: P producer 0.95"];
    assert_eq!(
        scene.texts(PRODUCERS).await,
        producers,
        "the credits are in the release"
    );
    scene.machine.work_once(QueueName::Identification).await;
    assert_eq!(scene.texts(PRODUCERS).await, producers);
    assert_eq!(
        scene.steps(id).await,
        [
            "enrich_producer waiting",
            "identify_album done",
            "ingest_album done"
        ]
    );
    assert_eq!(scene.upstream.calls("/"), 1);
}

#[tokio::test]
async fn one_release_of_each_release_group_on_all_pages_is_ingested() {
    let scene = Scene::new().await;
    // Two releases in each of 75 groups, the later ones on the first page.
    let later = (1..=75).map(|group| (group, numbered(1_000 + group, "2010-01-01")));
    let earlier = (1..=75).map(|group| (group, numbered(2_000 + group, "1990-01-01")));
    let releases: Vec<(u64, Value)> = later.chain(earlier).collect();
    let list: Vec<Value> = releases
        .iter()
        .map(|(group, release)| listed(release, 5_000 + group))
        .collect();
    scene
        .upstream
        .give(&format!("/ws/2/artist/{}", mbid(1)), person(1, "Band"));
    scene.upstream.give_release_list("artist", &mbid(1), &list);
    for (_, release) in &releases {
        scene.upstream.give_release(release);
    }
    scene.machine.request(&[list_releases(&mbid(1))]).await;
    scene.machine.drain(&scene.database).await;
    let names = "SELECT count(*) || ' ' || min(name) || ' ' || max(name) FROM albums";
    assert_eq!(scene.texts(names).await, ["75 Album 2001 Album 2075"]);
    assert_eq!(scene.upstream.calls("/ws/2/release/"), 75);
    let pages = "SELECT subject FROM ingestion_tasks WHERE kind = 'ingest_artist' ORDER BY 1";
    assert_eq!(
        scene.texts(pages).await,
        [format!("{}:0", mbid(1)), format!("{}:100", mbid(1))]
    );
    let requested = "SELECT name FROM artists WHERE requested_at IS NOT NULL";
    assert_eq!(scene.texts(requested).await, ["Band"]);
}

#[tokio::test]
async fn musicbrainz_decides_what_kind_of_entity_an_id_is() {
    let scene = Scene::new().await;
    let one = numbered(21, "1990");
    let two = numbered(22, "1991");
    scene.upstream.give_release(&one);
    scene.upstream.give_release(&two);
    scene
        .upstream
        .give(&format!("/ws/2/artist/{}", mbid(1)), person(1, "Band"));
    scene
        .upstream
        .give_release_list("artist", &mbid(1), &[listed(&one, 31)]);
    let group = [listed(&two, 31), listed(&one, 31)];
    scene
        .upstream
        .give_release_list("release-group", &mbid(31), &group);
    for other in [22, 99] {
        let unknown = integration::upstream::Answer::new(404, r#"{"error":"Not Found"}"#);
        scene
            .upstream
            .give(&format!("/ws/2/release?&release-group={}&", mbid(other)), unknown);
    }
    for (what, next) in [
        (
            format!("mbid:{}", mbid(1)),
            format!("ingest_artist {}:0", mbid(1)),
        ),
        (format!("mbid:{}", mbid(31)), format!("ingest_album {}", mbid(21))),
        (
            format!("https://musicbrainz.org/release-group/{}", mbid(31)),
            format!("ingest_album {}", mbid(21)),
        ),
        (format!("mbid:{}", mbid(22)), format!("ingest_album {}", mbid(22))),
    ] {
        let resolve = Message::Resolve {
            what: what.parse().unwrap(),
            appears_on: false,
        };
        let id = scene.machine.request(&[resolve]).await;
        scene.machine.work_once(QueueName::Catalog).await;
        let tasks = format!(
            "SELECT kind || ' ' || subject FROM ingestion_tasks WHERE ingestion_id = {id}
                AND kind <> 'resolve'"
        );
        assert_eq!(scene.texts(&tasks).await, [next], "{what}");
        scene.machine.drain(&scene.database).await;
    }
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["Song 21: P producer 0.95", "Song 22: P producer 0.95"]
    );
    let resolve = Message::Resolve {
        what: format!("mbid:{}", mbid(99)).parse().unwrap(),
        appears_on: false,
    };
    let unknown = scene.machine.request(&[resolve]).await;
    scene.machine.drain(&scene.database).await;
    let steps = scene.steps(unknown).await;
    assert!(
        steps[0].starts_with("ingest_album failed MusicBrainz has no release"),
        "{steps:?}"
    );
}

#[tokio::test]
async fn releases_that_an_artist_only_appears_on_are_ingested_on_request() {
    let scene = Scene::new().await;
    let own = numbered(21, "1990");
    let (band, other) = (person(1, "Band"), person(3, "Other"));
    let songs = [
        recording(41, "With Band", &band, vec![produced_by(&other)]),
        recording(42, "Without", &other, vec![produced_by(&other)]),
    ];
    let others = release(22, "Other's", &other, &[&songs[0], &songs[1]]);
    scene.upstream.give(&format!("/ws/2/artist/{}", mbid(1)), &band);
    for (relation, release, group) in [("artist", &own, 31), ("track_artist", &others, 32)] {
        scene.upstream.give_release(release);
        let list = [listed(release, group)];
        scene.upstream.give_release_list(relation, &mbid(1), &list);
    }
    for (appears_on, albums, tracks) in [(false, 1, 1), (true, 2, 2)] {
        let request = IngestionRequest {
            what: vec![
                format!("https://musicbrainz.org/artist/{}", mbid(1))
                    .parse()
                    .unwrap(),
            ],
            appears_on,
            fresh_after: None,
            api_key_id: None,
            idempotency_key: None,
        };
        let machine = &scene.machine;
        let requested = ingestion_requests::submit(&machine.pool, &machine.queues, &request).await;
        let InsertedIngestion::New(id) = requested.unwrap() else {
            panic!("it was requested before");
        };
        machine.drain(&scene.database).await;
        let count = "SELECT count(*) FROM albums";
        assert_eq!(scene.database.count(count).await, albums);
        let client = scene.database.client().await;
        let its_tracks = ingestion_results::count_tracks(&client, id).await.unwrap();
        assert_eq!(
            its_tracks, tracks,
            "only the artist's own track of the other album counts"
        );
    }
}

#[tokio::test]
async fn messages_wait_for_a_source_that_is_not_configured() {
    let scene = Scene::new().await;
    let mut machine = scene.upstream.machine(&scene.database);
    machine.set(&[("SPOTIFY_CLIENT_ID", ""), ("SPOTIFY_CLIENT_SECRET", "")]);
    let id = integration::records::spotify_id("x");
    let Outcome::Snooze { reason, .. } = machine.outcome(ingest_album(&id)).await else {
        panic!("the message is not snoozed");
    };
    assert!(
        reason.contains("SPOTIFY_CLIENT_ID") && reason.contains("mbid:"),
        "{reason}"
    );
    machine.set(&[("CONTACT", "")]);
    let outcome = machine.outcome(list_releases(&mbid(1))).await;
    let Outcome::Snooze { reason, bucket, .. } = outcome else {
        panic!("the message is not snoozed");
    };
    assert!(reason.contains("CONTACT") && bucket == "musicbrainz", "{reason}");
}
