//! Searching producers by name.

use std::collections::BTreeMap;

use crate::producers::name;
use integration::{Database, database, rows};
use pretty_assertions::assert_eq;
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::domain::names;
use shared::store::producers::{self, NameKind};
use shared::store::search::upkeep;

/// The names that are found, with how they match.
async fn search(database: &Database, query: &str, most: i32) -> Vec<String> {
    let sql = "SELECT matched_name || ' ' || match_kind FROM search_producers($1, $2)";
    let rows = database
        .client()
        .await
        .query(sql, &[&query, &most])
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Inserts a producer for each name, with as many songs as its place counts from the end.
async fn producers_named(database: &Database, texts: &[&str]) -> Vec<ProducerId> {
    let client = database.client().await;
    let mut ids = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let id = rows::producer(&client, &format!("m{place}")).await.producer_id;
        let names = [name(id, text, NameKind::Primary)];
        producers::insert_names(&client, Source::MusicBrainz, &names)
            .await
            .unwrap();
        let songs = i32::try_from(texts.len() - place).unwrap();
        let sql =
            "INSERT INTO producer_statistics (producer_id, track_count, artist_count) VALUES ($1, $2, 1)";
        client.execute(sql, &[&id.0, &songs]).await.unwrap();
        ids.push(id);
    }
    ids
}

/// What search reads, without its keys.
async fn search_rows(database: &Database) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', n.owner_id, n.of_artist, n.words, n.track_count, n.popularity_class,
                   (SELECT string_agg(w.word || w.popularity_class || w.of_artist, ',' ORDER BY w.word)
                    FROM search_words w WHERE w.name_id = n.id),
                   (SELECT string_agg(p.pair || '.' || p.popularity_class, ',' ORDER BY p.pair)
                    FROM search_pairs p WHERE p.name_id = n.id))
        FROM search_names n ORDER BY 1";
    database.texts(sql).await
}

#[tokio::test]
async fn equal_names_come_first_then_whole_words_beginnings_one_typo_and_two() {
    let database = database().await;
    producers_named(
        &database,
        &[
            "Barkno",
            "Barkmo",
            "Barkon Jones",
            "Barkonson",
            "The Barkon Sound",
            "Barkon",
        ],
    )
    .await;
    assert_eq!(
        search(&database, "barkon", 20).await,
        [
            "Barkon exact",
            "Barkon Jones word",
            "The Barkon Sound word",
            "Barkonson prefix",
            "Barkno similar",
            "Barkmo similar"
        ]
    );
    assert_eq!(
        search(&database, "barkon", 2).await,
        ["Barkon exact", "Barkon Jones word"]
    );
    assert_eq!(search(&database, "barkon", -1).await, [""; 0]);
    let default = "SELECT count(*) FROM search_producers('barkon')";
    assert_eq!(database.count(default).await, 6);
}

#[tokio::test]
async fn a_name_is_found_by_its_words_and_with_typos() {
    let database = database().await;
    let names = [
        "Robert John \"Mutt\" Lange",
        "Brian Eno",
        "Jimmy Page",
        "Björk Guðmundsdóttir",
        "P!nk",
        "Ke$ha",
        "Wh1te",
        "Joey Bada$$",
        "¥$",
        "†‡†",
        "Timbaland",
        "Metro Boomin",
        "AC/DC & Friends",
    ];
    producers_named(&database, &names).await;
    for (query, name) in [
        ("lange", names[0]),
        ("mutt", names[0]),
        ("lange robert", names[0]),
        ("john mutt lange", names[0]),
        ("robert lan", names[0]),
        ("langf", names[0]),
        ("mutt lagne", names[0]),
        ("eno", names[1]),
        ("ENO, brian", names[1]),
        ("brianeno", names[1]),
        ("page", names[2]),
        ("bjork", names[3]),
        ("gudmundsdottir", names[3]),
        ("gudmundsdotir", names[3]),
        ("gudmudsdotir", names[3]),
        ("pink", names[4]),
        ("p!nk", names[4]),
        ("kesha", names[5]),
        ("ke$ha", names[5]),
        ("white", names[6]),
        ("badass", names[7]),
        ("¥$", names[8]),
        ("†‡†", names[9]),
        ("tmbaland", names[10]),
        ("timbalnad", names[10]),
        ("tinbalamd", names[10]),
        ("metroboomin", names[11]),
        ("metro bomin", names[11]),
        ("booomin", names[11]),
        ("ac dc and friends", names[12]),
        ("ｂｒｉａｎ　ｅｎｏ", names[1]),
    ] {
        let found = search(&database, query, 20).await;
        assert!(
            found.first().is_some_and(|first| first.starts_with(name)),
            "{query:?} finds {found:?}"
        );
    }
    assert_eq!(search(&database, "kesha", 1).await, ["Ke$ha exact"]);
}

#[tokio::test]
async fn odd_queries_and_names_are_no_errors() {
    let database = database().await;
    let long = "Long ".repeat(1000);
    producers_named(&database, &[long.trim(), "שלום עולם", "a", "😀 Face"]).await;
    let endless = "x".repeat(10_000);
    let words = "the ".repeat(3000);
    for nothing in [
        "",
        "   ",
        "%",
        "_",
        "\\",
        "' OR 1=1 --",
        &endless,
        &words,
        "\u{301}",
        "🎹",
    ] {
        assert_eq!(search(&database, nothing, 20).await, [""; 0], "{nothing:?}");
    }
    assert_eq!(search(&database, "שלום", 20).await, ["שלום עולם word"]);
    assert_eq!(search(&database, "face", 20).await, ["😀 Face exact"]);
    assert_eq!(search(&database, "a", 20).await, ["a exact"]);
    assert_eq!(search(&database, &long, 20).await.len(), 1);
    assert_eq!(search(&database, "long", 20).await.len(), 1);
}

#[tokio::test]
async fn search_follows_every_change_of_names_and_counts() {
    let database = database().await;
    let ids = producers_named(&database, &["One Person", "Other Person"]).await;
    let client = database.client().await;
    rows::artist(&client, "A$AP Person").await;
    let before = search_rows(&database).await;
    let renamed = [name(ids[0], "Renamed Somebody", NameKind::Primary)];
    producers::replace_names(&client, ids[0], Source::MusicBrainz, &renamed)
        .await
        .unwrap();
    assert_eq!(search(&database, "person", 20).await, ["Other Person word"]);
    assert_eq!(search(&database, "somebody", 20).await, ["Renamed Somebody word"]);
    let more = "UPDATE producer_statistics SET track_count = 500 WHERE producer_id = $1";
    client.execute(more, &[&ids[1].0]).await.unwrap();
    database
        .execute("UPDATE artists SET name = 'Somebody Else', popularity = 1")
        .await;
    let kept = search_rows(&database).await;
    assert_ne!(kept, before);
    upkeep::rebuild(&client).await.unwrap();
    assert_eq!(
        search_rows(&database).await,
        kept,
        "kept and rebuilt rows are equal"
    );
    database.execute("DELETE FROM producers").await;
    database.execute("DELETE FROM artists").await;
    assert_eq!(search_rows(&database).await, [""; 0]);
    assert_eq!(database.count("SELECT count(*) FROM search_words").await, 0);
    assert_eq!(database.count("SELECT count(*) FROM search_pairs").await, 0);
}

#[tokio::test]
async fn a_name_that_two_sources_state_stays_until_both_are_gone() {
    let database = database().await;
    let client = database.client().await;
    let id = producers_named(&database, &["Twice Said"]).await[0];
    producers::insert_names(
        &client,
        Source::Discogs,
        &[name(id, "TWICE SAID", NameKind::Alias)],
    )
    .await
    .unwrap();
    for (source, found) in [(Source::MusicBrainz, 1), (Source::Discogs, 0)] {
        let other = [name(id, "Other", NameKind::Primary)];
        producers::replace_names(&client, id, source, &other)
            .await
            .unwrap();
        assert_eq!(search(&database, "twice said", 20).await.len(), found);
    }
}

#[tokio::test]
async fn artists_are_counted_when_their_songs_changed() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "Some Band").await;
    for title in ["one", "two", "three"] {
        rows::song(&client, artist, title).await;
    }
    while upkeep::count_stale_artists(&client, 2).await.unwrap() {}
    let counted = "SELECT track_count FROM find_names('band', true, 5)";
    let count: i32 = client.query_one(counted, &[]).await.unwrap().get(0);
    assert_eq!(count, 3);
}

#[tokio::test]
async fn sql_and_rust_fold_ascii_names_alike() {
    let database = database().await;
    let client = database.client().await;
    let texts: BTreeMap<String, String> = [
        "",
        " ",
        "!!!",
        "A & B",
        "&",
        "a\tb",
        "AC/DC",
        "`'",
        "Don't Stop",
        "_x_",
        "R.E.M.",
        "a  -  b",
        "'",
        "50 Cent",
    ]
    .map(|text| (text.to_owned(), names::fold(text)))
    .into();
    for (text, folded) in texts {
        let row = client.query_one("SELECT fold_name($1)", &[&text]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), folded, "{text:?}");
    }
}
