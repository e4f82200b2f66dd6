//! Errors in a dump are counted and reported, and the rest is loaded.

use integration::{Database, database};
use load::LoadControl;
use load::{SkipReason, discogs, input};
use pretty_assertions::assert_eq;

use crate::dump::{Release, credits, dump, file, load, load_file, pool, track};

async fn albums(database: &Database) -> i64 {
    database.count("SELECT count(*) FROM albums").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_release_is_reported_and_the_others_are_loaded() {
    let database = database().await;
    let broken = Release::new(2).xml().replace("</title>", "</titel>");
    let unclosed = Release::new(4).xml().replace("</release>", "");
    let without_id = Release::new(6).xml().replace("<release id=\"6\"", "<release");
    let all = [
        Release::new(1).xml(),
        broken,
        Release::new(3).xml(),
        unclosed,
        Release::new(5).xml(),
        without_id,
    ];
    let loaded = load(&database, "malformed.xml", &all).await;
    assert_eq!(loaded.counts.read, 6);
    assert_eq!(loaded.counts.loaded, 3);
    let malformed = &loaded.counts.skipped[&SkipReason::Malformed];
    assert_eq!(
        (malformed.count, &malformed.ids[..]),
        (3, &["2", "4"].map(str::to_owned)[..])
    );
    let problems = malformed.problems.iter();
    let problems: Vec<_> = problems
        .map(|record| (record.number, record.id.as_deref(), record.problem.as_str()))
        .collect();
    assert!(
        problems[0].0 == 2 && problems[0].2.contains("titel"),
        "{problems:?}"
    );
    assert_eq!(
        problems[1..],
        [
            (4, Some("4"), "its end tag is missing"),
            (6, None, "a release without an id")
        ]
    );
    assert_eq!(albums(&database).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_release_twice_is_loaded_once() {
    let database = database().await;
    let other = Release {
        title: "Another".to_owned(),
        ..Release::new(1)
    };
    let all = [Release::new(1).xml(), Release::new(2).xml(), other.xml()];
    let loaded = load(&database, "repeated.xml", &all).await;
    assert_eq!(loaded.counts.loaded, 2);
    assert_eq!(loaded.counts.skipped[&SkipReason::Repeated].ids, ["1"]);
    let again = load(&database, "repeated.xml", &all).await;
    assert_eq!((again.rows, again.counts.unchanged), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_texts_are_stored_without_unstorable_characters() {
    let database = database().await;
    let long = "x".repeat(5_000);
    let odd = Release {
        title: format!("{long}\u{1}"),
        artists: credits("artists", &[(9, &long, "", "")]),
        credits: credits("extraartists", &[(0, &long, "Producer", "")])
            + "<unknown new='1'><title>No</title></unknown>",
        tracks: vec![
            track("1", &long, ""),
            track("2", "a\u{0}b &#0; c\u{b}", ""),
            "<track><position>3</position><title></title><duration>1:99</duration></track>".to_owned(),
        ],
        barcode: Some("none".to_owned()),
        released: "19??".to_owned(),
        ..Release::new(1)
    };
    let loaded = load(&database, "odd.xml", &[odd.xml(), Release::new(2).xml()]).await;
    assert_eq!(loaded.counts.loaded, 2);
    let titles = "SELECT left(t.name, 10) FROM tracks t JOIN albums a ON a.id = t.album_id
        WHERE length(a.name) > 4000 ORDER BY track_number";
    let titles = database.texts(titles).await;
    assert_eq!(titles[0], "xxxxxxxxxx");
    assert!(
        titles[1].starts_with("ab") && titles[1].contains('c'),
        "{titles:?}"
    );
    assert_eq!(titles[2], "[untitled]");
    let unlinked = "SELECT count(*) FROM producer_identities WHERE starts_with(source_id, 'unlinked:9:')";
    assert_eq!(database.count(unlinked).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_wrong_kind_is_reported_before_any_change() {
    let database = database().await;
    let artists = "<artists><artist><id>5</id><name>A Producer</name></artist></artists>";
    for (name, text, expected) in [
        ("artists.xml", artists, "it begins with <artists>"),
        ("lines.json", "{\"id\": 1}\n", "not XML"),
        ("nothing.xml", "", "empty"),
        (
            "labels.xml",
            "<labels><label/></labels>",
            "it begins with <labels>",
        ),
    ] {
        let path = file(name, text.as_bytes());
        let error = load_file(&database, &path, true).await.unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(name) && error.contains(expected), "{error}");
    }
    let missing = input::open(std::path::Path::new("/nowhere/dump.xml"));
    assert!(missing.is_err());
    let other_compression = file("dump.xml.bz2", b"BZh9");
    assert!(input::open(&other_compression).is_err());
    assert_eq!(database.count("SELECT count(*) FROM loads").await, 0);
    // A dump of releases instead of artists.
    let path = file("releases.xml", dump(&[Release::new(1).xml()]).as_bytes());
    let (pool, input) = (pool(&database), input::open(&path).unwrap());
    let error = discogs::load_artists(&pool, input, &LoadControl::default()).await;
    let error = format!("{:#}", error.unwrap_err());
    assert!(error.contains("it begins with <releases>"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_malformed_page_leaves_the_names_of_the_releases() {
    let database = database().await;
    let producers: &[crate::dump::Credit] = &[
        (5, "A Producer", "Producer", ""),
        (6, "Alias Of Five", "Producer", ""),
        (7, "Without A Page", "Producer", ""),
    ];
    let release = Release {
        credits: credits("extraartists", producers),
        ..Release::new(1)
    };
    load(&database, "paged.xml", &[release.xml()]).await;
    let pages = "<artists><artist><id>5</id><name>A. P. (4)</name><realname>Ann \
        Producer</realname><profile>[a=x]</profile>
        <urls><url>https://www.instagram.com/ap.official/</url><url>nonsense</url></urls>
        <namevariations><name>APP</name></namevariations>
        <aliases><name id=\"6\">Alias Of Five</name><name id=\"99\">Nobody Here</name></aliases></artist>
        <artist><id>6</id><name>Alias</nam></artist><artist><id>1001</id><name>The Real Band</name></artist>
        <artist><id>77</id><name>On No Record</name></artist></artists>";
    let path = file("pages.xml", pages.as_bytes());
    let pool = pool(&database);
    let mut rows = Vec::new();
    for _ in 0..2 {
        let input = input::open(&path).unwrap();
        let loaded = discogs::load_artists(&pool, input, &LoadControl::default())
            .await
            .unwrap();
        assert_eq!((loaded.counts.read, loaded.counts.loaded), (4, 2));
        let malformed = &loaded.counts.skipped[&SkipReason::Malformed];
        assert_eq!((malformed.count, &malformed.ids[..]), (1, &["6".to_owned()][..]));
        assert_eq!(loaded.counts.skipped(SkipReason::NotHere), 1);
        rows.push(loaded.rows);
    }
    assert!(rows[0] > 0);
    assert_eq!(rows[1], 0, "loading the same pages again writes nothing");
    let names = "SELECT p.name FROM producers p JOIN producer_identities i ON i.producer_id = p.id
        ORDER BY i.source_id";
    assert_eq!(
        database.texts(names).await,
        ["A. P.", "Alias Of Five", "Without A Page"]
    );
    assert_eq!(
        database.texts("SELECT name FROM artists").await,
        ["The Real Band"]
    );
    let found = "SELECT name || ' ' || match_kind FROM search_producers('app')";
    assert_eq!(database.texts(found).await[0], "A. P. exact");
    let linked = "SELECT a.name || ' ' || l.kind || ' ' || b.name FROM producer_links l
        JOIN producers a ON a.id = l.producer_id JOIN producers b ON b.id = l.linked_producer_id";
    assert_eq!(database.texts(linked).await, ["A. P. alias Alias Of Five"]);
    let contacts = "SELECT kind || ' ' || value || ' ' || source_id FROM producer_contacts";
    assert_eq!(database.texts(contacts).await, ["instagram ap.official 5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_does_not_restore_erased_contacts() {
    let database = database().await;
    load(&database, "erased.xml", &[Release::new(1).xml()]).await;
    database
        .execute(
            "INSERT INTO contact_suppressions (kind, hash)
            VALUES ('identity', identity_hash('discogs', '5')), ('value', contact_hash('instagram',
            'other'))",
        )
        .await;
    let pages = "<artists><artist><id>5</id><name>A \
        Producer</name><urls><url>https://instagram.com/apr</url><url>https://example.com/</url></urls>\
        </artist></artists>";
    let path = file("erased_pages.xml", pages.as_bytes());
    let pool = pool(&database);
    let input = input::open(&path).unwrap();
    discogs::load_artists(&pool, input, &LoadControl::default())
        .await
        .unwrap();
    assert_eq!(database.count("SELECT count(*) FROM producer_contacts").await, 0);
}
