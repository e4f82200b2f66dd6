//! Choosing between several names of one id. The name on the artist's page comes first, then the most
//! frequent name, then the smallest. The order of loading does not matter.

use integration::{Database, database};
use load::{LoadControl, discogs, input};
use pretty_assertions::assert_eq;

use crate::dump::{Release, credits, file, load, load_and_remove, pool, track};

/// A release that names artist 20 and credits producer 5 by these names.
fn naming(id: i64, artist: &str, producer: &str) -> Release {
    let printed = credits("extraartists", &[(5, producer, "Producer", "")]);
    Release {
        artists: credits("artists", &[(20, artist, "", "")]),
        credits: printed.replacen("<anv/>", "<anv>As Printed</anv>", 1),
        tracks: vec![track("1", &format!("Song {id}"), "")],
        ..Release::new(id)
    }
}

/// "Two" occurs twice. "b" and "B" occur equally often.
fn named() -> Vec<Release> {
    vec![
        naming(1, "One", "b"),
        naming(2, "Two", "B"),
        naming(3, "Two", "b"),
        naming(4, "three", "B"),
    ]
}

const NAMES: &str = "SELECT name FROM artists UNION ALL SELECT name FROM producers UNION ALL SELECT name
    FROM producer_identities";

async fn names(database: &Database) -> Vec<String> {
    let left = "SELECT count(*) FROM unsettled_names";
    assert_eq!(database.count(left).await, 0);
    database.texts(NAMES).await
}

async fn load_page(database: &Database, name: &str) {
    let page = format!("<artists><artist><id>5</id><name>{name}</name></artist></artists>");
    let path = file(&format!("page of {name}.xml"), page.as_bytes());
    let pool = pool(database);
    let input = input::open(&path).unwrap();
    discogs::load_artists(&pool, input, &LoadControl::default())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_frequent_name_wins_then_the_smallest_in_any_order() {
    let all: Vec<String> = named().iter().map(Release::xml).collect();
    let mut expected = None;
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let (together, apart, again) = (database().await, database().await, database().await);
        let xml: Vec<String> = order.iter().map(|place| all[*place].clone()).collect();
        let name = format!("named_{order:?}.xml");
        load(&together, &name, &xml).await;
        for place in order {
            let name = format!("named_{order:?}_{place}.xml");
            load(&apart, &name, &all[place..=place]).await;
        }
        load(&again, &name, &xml).await;
        again.execute("UPDATE loaded_records SET content_hash = 0").await;
        load(&again, &name, &xml).await;
        for database in [&together, &apart, &again] {
            assert_eq!(names(database).await, ["Two", "B", "B"], "{order:?}");
            let parts = database.fingerprint().await.parts;
            assert_eq!(expected.get_or_insert_with(|| parts.clone()), &parts, "{order:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_counted_over_artists_and_producers() {
    for order in [[1, 2, 3], [3, 1, 2]] {
        let database = database().await;
        for id in order {
            // One release names the artist, two name the producer.
            let release = if id == 1 {
                naming(id, "DJ Rasoul", "Nobody")
            } else {
                let credits = credits("extraartists", &[(20, "DJ RaSoul", "Producer", "")]);
                Release {
                    credits,
                    ..Release::new(id)
                }
            };
            load(&database, &format!("alike_{order:?}_{id}.xml"), &[release.xml()]).await;
        }
        let of_both = "SELECT a.name || ', ' || p.name FROM artist_identities i
            JOIN artists a ON a.id = i.artist_id
            JOIN producer_identities j ON j.source_id = i.source_id JOIN producers p ON p.id = j.producer_id
            WHERE i.source_id = '20'";
        assert_eq!(database.texts(of_both).await, ["DJ RaSoul, DJ RaSoul"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_name_in_a_newer_dump_is_counted_again() {
    let database = database().await;
    let mut all = named();
    let xml = |all: &[Release]| -> Vec<String> { all.iter().map(Release::xml).collect() };
    load(&database, "names.xml", &xml(&all)).await;
    // One of the two releases with this name gets another name.
    all[2] = naming(3, "three", "b");
    load(&database, "names.xml", &xml(&all)).await;
    assert_eq!(names(&database).await, ["three", "B", "B"]);
    // One release is missing from the next dump.
    all.remove(1);
    let loaded = load_and_remove(&database, "names.xml", &xml(&all)).await;
    assert_eq!(loaded.counts.vanished, 1);
    assert_eq!(names(&database).await, ["three", "b", "b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_the_artist_page_wins_whenever_it_is_loaded() {
    let all: Vec<String> = named().iter().map(Release::xml).collect();
    for page_after in 1..=all.len() {
        let database = database().await;
        load(&database, &format!("paged_{page_after}.xml"), &all[..page_after]).await;
        load_page(&database, "Page (2)").await;
        for (place, xml) in all.iter().enumerate().skip(page_after) {
            let name = format!("paged_{page_after}_{place}.xml");
            load(&database, &name, std::slice::from_ref(xml)).await;
        }
        let named = names(&database).await;
        assert_eq!(named[1..], ["Page", "Page"], "{page_after}");
        let found =
            "SELECT DISTINCT name FROM search_producers('b') UNION SELECT name FROM search_producers('page')";
        assert_eq!(database.texts(found).await, ["Page"]);
    }
}
