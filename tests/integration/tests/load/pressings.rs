//! Releases that are one album: pressings of one master or with one barcode, and albums that Spotify adds
//! later.

use chrono::Utc;
use integration::database;
use integration::records::{album, artist, track as track_of_spotify, with_upc};
use integration::scene::{PRODUCERS, Scene};
use integration::sources::{discogs_credit, discogs_release, discogs_track};
use pretty_assertions::assert_eq;
use shared::domain::messages::{Envelope, Message, Outcome};

use crate::dump::{Release, credits, dump, file, load, load_and_remove, load_file, track};

pub(crate) fn pressings() -> Vec<Release> {
    let first = Release {
        master: Some(7),
        ..Release::new(1)
    };
    let second = Release {
        artists: first.artists.clone(),
        title: "Album 1 (Reissue)".to_owned(),
        credits: credits(
            "extraartists",
            &[(5, "A Producer", "Producer", "1"), (6, "Another", "Producer", "")],
        ),
        tracks: vec![
            track("1", "First Song", ""),
            track("2", "Second Song (Remix)", ""),
        ],
        master: Some(7),
        ..Release::new(2)
    };
    let other_songs = Release {
        tracks: vec![track("1", "First Song", "")],
        master: Some(7),
        ..Release::new(3)
    };
    vec![first, second, other_songs]
}

pub(crate) const LINKS: &str =
    "SELECT a.name || ': ' || string_agg(l.source_id, ' ' ORDER BY l.source_id) FROM albums a
    JOIN album_links l ON l.album_id = a.id GROUP BY a.id ORDER BY a.id";

#[tokio::test(flavor = "multi_thread")]
async fn pressings_of_one_master_are_one_album_with_credits_of_each() {
    let (together, apart) = (database().await, database().await);
    let xml: Vec<String> = pressings().iter().map(Release::xml).collect();
    load(&together, "pressed.xml", &xml).await;
    for (number, one) in xml.iter().enumerate() {
        let name = format!("pressed_{number}.xml");
        load(&apart, &name, std::slice::from_ref(one)).await;
    }
    for database in [&together, &apart] {
        assert_eq!(database.texts(LINKS).await, ["Album 1: 1 2", "Album 3: 3"]);
        let confidence = "SELECT p.name || ' ' || t.track_number || ' ' || round(tp.confidence::numeric, 2)
            FROM track_producers tp
            JOIN tracks t ON t.id = tp.track_id JOIN producers p ON p.id = tp.producer_id
            JOIN albums a ON a.id = t.album_id
            WHERE a.name = 'Album 1' ORDER BY 1";
        assert_eq!(
            database.texts(confidence).await,
            [
                "A Producer 1 0.85",
                "A Producer 2 0.75",
                "Another 1 0.75",
                "Another 2 0.75"
            ]
        );
        assert_eq!(database.count("SELECT count(*) FROM credits").await, 4);
    }
    assert_eq!(
        apart.fingerprint().await.parts,
        together.fingerprint().await.parts
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pressing_whose_tracklist_changed_becomes_a_separate_album() {
    let database = database().await;
    let mut releases = pressings();
    let xml: Vec<String> = releases.iter().map(Release::xml).collect();
    load(&database, "before.xml", &xml).await;
    releases[1].tracks.push(track("3", "Third Song", ""));
    let xml: Vec<String> = releases.iter().map(Release::xml).collect();
    let loaded = load(&database, "after.xml", &xml).await;
    assert_eq!(loaded.counts.changed, 1);
    assert_eq!(
        database.texts(LINKS).await,
        ["Album 1: 1", "Album 3: 3", "Album 1 (Reissue): 2"]
    );
    let produced = "SELECT string_agg(p.name, ', ' ORDER BY p.name) FROM track_producers tp
        JOIN tracks t ON t.id = tp.track_id
        JOIN producers p ON p.id = tp.producer_id JOIN albums a ON a.id = t.album_id WHERE a.name = 'Album 1'
        GROUP BY t.id";
    assert_eq!(database.texts(produced).await, ["A Producer", "A Producer"]);
    // Without the release the album is deleted, because no other source knows it.
    releases.remove(1);
    let xml: Vec<String> = releases.iter().map(Release::xml).collect();
    let loaded = load_and_remove(&database, "gone.xml", &xml).await;
    assert_eq!(loaded.counts.vanished, 1);
    assert_eq!(database.texts(LINKS).await, ["Album 1: 1", "Album 3: 3"]);
    assert_eq!(
        database
            .count(
                "SELECT count(*) FROM normalized_tracks n WHERE NOT EXISTS (SELECT FROM tracks t
        WHERE t.normalized_track_id = n.id)"
            )
            .await,
        0
    );
}

/// The same album at Spotify.
pub(crate) fn spotify_album() -> serde_json::Value {
    let band = artist("a", "The Band");
    let tracks = vec![
        track_of_spotify("x1", 1, "First Song", &[&band]),
        track_of_spotify("x2", 2, "Second Song - Remix", &[&band]),
    ];
    with_upc(album("x", "Album 1", &[&band], tracks), "200000000011")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_of_spotify_and_a_dump_is_one_album_in_either_order() {
    let release = Release {
        barcode: Some("200000000011".to_owned()),
        ..Release::new(1)
    };
    let path = file("with_spotify.xml", dump(&[release.xml()]).as_bytes());
    let mut fingerprints = Vec::new();
    for dump_first in [true, false] {
        let scene = Scene::new().await;
        if dump_first {
            load_file(&scene.database, &path, false).await.unwrap();
        }
        let album_id = scene.ingest(&spotify_album()).await;
        if !dump_first {
            let loaded = load_file(&scene.database, &path, false).await.unwrap();
            assert_eq!(loaded.counts.loaded, 1);
        }
        // A request from an ingestion that accepts stored answers.
        let identify = Envelope::requested(Message::IdentifyAlbum { album_id }, None);
        assert_eq!(scene.machine.handle(identify).await.unwrap(), Outcome::Done);
        let database = &scene.database;
        for table in ["albums", "artists", "producers"] {
            let count = database.count(&format!("SELECT count(*) FROM {table}")).await;
            assert_eq!(count, 1, "{table}, dump first: {dump_first}");
        }
        assert_eq!(
            scene.texts(PRODUCERS).await,
            [
                "First Song: A Producer producer 0.75",
                "Second Song - Remix: A Producer producer 0.75"
            ]
        );
        let of_discogs = "SELECT count(*) FROM lookups WHERE source = 'discogs'
            AND answer ->> 'matched_by' = 'own' AND kind = 'album'";
        assert_eq!(database.count(of_discogs).await, 1);
        fingerprints.push(database.fingerprint().await.parts);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}

/// A release without credits in a dump counts as an answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_without_credits_in_a_dump_is_not_looked_up_online() {
    let scene = Scene::with_all_sources().await;
    let silent = Release {
        credits: String::new(),
        barcode: Some("200000000011".to_owned()),
        ..Release::new(1)
    };
    let path = file("silent_with_spotify.xml", dump(&[silent.xml()]).as_bytes());
    let loaded = load_file(&scene.database, &path, true).await.unwrap();
    assert_eq!((loaded.counts.loaded, loaded.counts.credits), (1, 0));
    // Discogs has a credit online meanwhile. A request would find it.
    let artist = discogs_credit(1001, "The Band", "", "");
    let tracks = [
        discogs_track("A1", "First Song", &[]),
        discogs_track("A2", "Second Song (Remix)", &[]),
    ];
    let credit = discogs_credit(5, "A Producer", "Producer", "");
    let online = discogs_release(1, "Album 1", &artist, &tracks, &[credit]);
    scene.upstream.give_discogs("barcode=200000000011", &[&online]);
    let album_id = scene.ingest(&spotify_album()).await;
    let identify = |after| Envelope::requested(Message::IdentifyAlbum { album_id }, after);
    let outcome = scene.machine.handle(identify(None)).await.unwrap();
    assert_eq!(outcome, Outcome::Done);
    assert_eq!(scene.upstream.calls("/discogs"), 0);
    assert!(scene.texts(PRODUCERS).await.is_empty());
    let found = "SELECT kind || ' ' || outcome FROM lookups WHERE source = 'discogs'
        AND answer ->> 'matched_by' = 'own' ORDER BY 1";
    assert_eq!(
        scene.texts(found).await,
        ["album found", "track found", "track found"]
    );
    // A request for fresh data does look it up online.
    let outcome = scene.machine.handle(identify(Some(Utc::now()))).await;
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert!(scene.upstream.calls("/discogs") > 0);
    assert_eq!(scene.texts(PRODUCERS).await.len(), 2);
}
