//! Pressings of one album that fill in each other's missing fields.

use crate::dump::{Release, details, dump, file, load, load_and_remove, load_file, track};
use crate::pressings::{LINKS, spotify_album};
use integration::database;
use integration::scene::Scene;
use pretty_assertions::assert_eq;

/// Three pressings of one album. Each lacks some fields.
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
        // Write the same releases again, one by one.
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
    let loaded = load_and_remove(&database, "filled.xml", &xml(&[&first, &third])).await;
    assert_eq!(loaded.counts.vanished, 1);
    assert_eq!(database.texts(label).await, ["Third Label"]);
    assert_eq!(database.count("SELECT count(*) FROM pressings").await, 2);
    // With another master it becomes a separate album and keeps its own label.
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
    scene.ingest(&spotify_album()).await;
    for table in ["albums", "artists"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(scene.database.count(&count).await, 1, "{table}");
    }
    assert_eq!(scene.upstream.calls("/v1/tracks/"), 0);
}
