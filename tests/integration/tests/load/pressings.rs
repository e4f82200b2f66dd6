//! Releases that are one album: pressings of one master or with one barcode, and albums that Spotify adds
//! later.

use chrono::Utc;
use integration::database;
use integration::records::{album, artist, track as track_of_spotify, with_upc};
use integration::scene::{PRODUCERS, Scene};
use integration::sources::{discogs_credit, discogs_release, discogs_track};
use pretty_assertions::assert_eq;
use shared::domain::messages::{Envelope, Message, Outcome};

use crate::dump::{Release, credits, details, dump, file, load, load_file, track};

fn pressings() -> Vec<Release> {
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

const LINKS: &str = "SELECT a.name || ': ' || string_agg(l.source_id, ' ' ORDER BY l.source_id) FROM albums a
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
    // Gone altogether: the album goes, as nobody else knows it.
    releases.remove(1);
    let xml: Vec<String> = releases.iter().map(Release::xml).collect();
    let loaded = load(&database, "gone.xml", &xml).await;
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

/// The album as Spotify has it.
fn of_spotify() -> serde_json::Value {
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
        let album_id = scene.ingest(&of_spotify()).await;
        if !dump_first {
            let loaded = load_file(&scene.database, &path, false).await.unwrap();
            assert_eq!(loaded.counts.loaded, 1);
        }
        // As an ingestion asks for it that takes what is known.
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

/// A dump that credits nobody on a release has answered, too.
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
    // Online there is a credit by now: whoever asks finds it.
    let artist = discogs_credit(1001, "The Band", "", "");
    let tracks = [
        discogs_track("A1", "First Song", &[]),
        discogs_track("A2", "Second Song (Remix)", &[]),
    ];
    let credit = discogs_credit(5, "A Producer", "Producer", "");
    let online = discogs_release(1, "Album 1", &artist, &tracks, &[credit]);
    scene.upstream.give_discogs("barcode=200000000011", &[&online]);
    let album_id = scene.ingest(&of_spotify()).await;
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
    // But for who wants to know it anew.
    let outcome = scene.machine.handle(identify(Some(Utc::now()))).await;
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert!(scene.upstream.calls("/discogs") > 0);
    assert_eq!(scene.texts(PRODUCERS).await.len(), 2);
}

/// Three pressings, none of which says everything.
fn gappy() -> [Release; 3] {
    let bare = |position: &str, title: &str| {
        format!("<track><position>{position}</position><title>{title}</title><duration/></track>")
    };
    let first = Release {
        master: Some(7),
        released: String::new(),
        tracks: vec![bare("A1", "First Song"), bare("A2", "Second Song (Remix)")],
        ..Release::new(9)
    };
    let second = Release {
        title: "ALBUM 9".to_owned(),
        released: "1990".to_owned(),
        barcode: Some("200000000011".to_owned()),
        details: details("Second Label", "12\"", "House"),
        tracks: vec![track("1", "FIRST SONG", ""), bare("2", "Second Song [Remix]")],
        isrcs: vec![("1", "ZZ0000000002")],
        artists: first.artists.clone(),
        master: Some(7),
        ..Release::new(10)
    };
    let third = Release {
        released: "1985-01-01".to_owned(),
        details: details("Third Label", "Album", "Techno"),
        tracks: vec![
            track("1", "First song", "").replace("3:10", "3:30"),
            track("2", "Second song (remix)", "").replace("3:10", "3:40"),
        ],
        isrcs: vec![("1", "ZZ0000000003"), ("2", "ZZ0000000004")],
        ..second.clone()
    };
    let third = Release {
        id: 11,
        barcode: None,
        ..third
    };
    [first, second, third]
}

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[tokio::test(flavor = "multi_thread")]
async fn the_pressing_with_the_smallest_id_leads_and_the_next_fill_its_gaps_in_any_order() {
    let all = gappy().map(|release| release.xml());
    let mut expected = None;
    for order in ORDERS {
        let (together, apart, again) = (database().await, database().await, database().await);
        let xml: Vec<String> = order.iter().map(|place| all[*place].clone()).collect();
        load(&together, &format!("gaps_{order:?}.xml"), &xml).await;
        for place in order {
            let name = format!("gap_{order:?}_{place}.xml");
            load(&apart, &name, &all[place..=place]).await;
        }
        // And the same written anew, one by one.
        load(&again, &format!("gaps_{order:?}.xml"), &xml).await;
        again.execute("UPDATE loaded_records SET content_hash = 0").await;
        let written = load(&again, &format!("gaps_{order:?}.xml"), &xml).await;
        assert_eq!(written.counts.changed, 3);
        for database in [&together, &apart, &again] {
            assert_eq!(database.texts(LINKS).await, ["Album 9: 10 11 9"]);
            let stated = "SELECT concat_ws(' | ', album_type, release_date, release_date_precision, upc,
                label, genres) FROM albums";
            assert_eq!(
                database.texts(stated).await,
                ["album | 1990-01-01 | year | Second Label | {Electronic,House}"],
                "{order:?}"
            );
            let tracks = "SELECT concat_ws(' | ', name, duration_ms, isrc) FROM tracks ORDER BY track_number";
            assert_eq!(
                database.texts(tracks).await,
                [
                    "First Song | 190000 | ZZ0000000002",
                    "Second Song (Remix) | 220000 | ZZ0000000004"
                ],
                "{order:?}"
            );
            let parts = database.fingerprint().await.parts;
            assert_eq!(expected.get_or_insert_with(|| parts.clone()), &parts, "{order:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filled_gap_changes_with_its_pressing_and_the_next_pressing_replaces_a_removed_one() {
    let database = database().await;
    let [first, mut second, third] = gappy();
    let xml = |all: &[&Release]| -> Vec<String> { all.iter().map(|one| one.xml()).collect() };
    load(&database, "filled.xml", &xml(&[&first, &second, &third])).await;
    let label = "SELECT label FROM albums";
    second.details = details("Another Label", "Album", "House");
    load(&database, "filled.xml", &xml(&[&first, &second, &third])).await;
    assert_eq!(database.texts(label).await, ["Another Label"]);
    let loaded = load(&database, "filled.xml", &xml(&[&first, &third])).await;
    assert_eq!(loaded.counts.vanished, 1);
    assert_eq!(database.texts(label).await, ["Third Label"]);
    assert_eq!(database.count("SELECT count(*) FROM pressings").await, 2);
    // Its master is another now: it is an album of its own, with what it said.
    let apart = Release {
        master: Some(8),
        tracks: vec![track("1", "Only Song", "")],
        ..third
    };
    load(&database, "filled.xml", &xml(&[&first, &apart])).await;
    assert_eq!(database.count("SELECT count(*) FROM albums").await, 2);
    let own = "SELECT label FROM albums a JOIN album_links l ON l.album_id = a.id WHERE l.source_id = '11'";
    assert_eq!(database.texts(own).await, ["Third Label"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn spotify_finds_an_album_by_the_barcode_of_any_of_its_pressings() {
    let scene = Scene::new().await;
    let xml = gappy().map(|release| release.xml());
    let path = file("barcodes.xml", dump(&xml).as_bytes());
    load_file(&scene.database, &path, false).await.unwrap();
    scene.ingest(&of_spotify()).await;
    for table in ["albums", "artists"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(scene.database.count(&count).await, 1, "{table}");
    }
    assert_eq!(scene.upstream.calls("/v1/tracks/"), 0);
}
