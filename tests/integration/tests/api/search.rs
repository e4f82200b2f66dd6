//! The search over all kinds.

use crate::{Service, kind};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// The results of a search, as "kind name match".
async fn found(service: &Service, query: &str) -> Vec<String> {
    let answer = service.get(&format!("/v1/search?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            let text = |field: &str| item[field].as_str().unwrap().to_owned();
            format!("{} {} {}", text("kind"), text("name"), text("match_kind"))
        })
        .collect()
}

#[tokio::test]
async fn q11_one_search_finds_people_artists_albums_and_songs_with_a_typo_among_the_first_three() {
    let service = Service::start().await;
    // As the product writes them.
    let keys = "UPDATE normalized_tracks SET normalized_name = replace(normalized_name, ' ', '')";
    service.sql.batch_execute(keys).await.unwrap();
    for (query, result) in [
        ("q=fixture+one", "producer Fixture One exact"),
        ("q=fixtrue+one", "producer Fixture One similar"),
        ("q=artist+two", "artist Artist Two exact"),
        ("q=artst+two", "artist Artist Two similar"),
        ("q=song", "song Song exact"),
        ("q=guest+song+artist+two", "song Guest Song exact"),
        ("q=artist+two+guest+song", "song Guest Song exact"),
        ("q=guest+song+by+artist+two", "song Guest Song exact"),
        ("q=guest+song+-+artist+two", "song Guest Song exact"),
        ("q=guset+song+artist+two", "song Guest Song similar"),
        ("q=guest+song+artistt+two", "song Guest Song similar"),
        ("q=guest+song+two", "song Guest Song word"),
        ("q=gues", "song Guest Song prefix"),
        ("q=guest+sonh", "song Guest Song similar"),
        ("q=first+album", "album First Album exact"),
        ("q=frist+album", "album First Album similar"),
        ("q=first+album+artist+one", "album First Album exact"),
    ] {
        let results = found(&service, query).await;
        let place = results.iter().position(|found| found == result);
        assert!(place.is_some_and(|place| place < 3), "{query}: {results:?}");
    }
}

#[tokio::test]
async fn q12_two_people_of_one_name_are_told_apart_by_years_artists_and_ids() {
    let service = Service::start().await;
    let namesake = "
        INSERT INTO producers (name, normalized_name) VALUES ('Fixture One', 'fixture one');
        INSERT INTO producer_names (producer_id, name, kind, source, normalized_name) VALUES
            (3, 'Fixture One', 'primary', 'discogs', 'fixture one');
        INSERT INTO producer_identities (source, source_id, producer_id, name) VALUES
            ('discogs', '77', 3, 'Fixture One')";
    service.sql.batch_execute(namesake).await.unwrap();
    let answer = service.get("/v1/search?q=fixture+one&kind=producer").await.body;
    assert_eq!(
        answer,
        json!({
            "items": [
                {
                    "kind": "producer", "id": 1, "name": "Fixture One", "match_kind": "exact",
                    "artists": ["Artist One", "Artist Two"], "first_year": 1997, "last_year": 2001,
                    "track_count": 2,
                    "source_ids": ["musicbrainz:00000000-0000-5000-8000-000000000001"],
                },
                {
                    "kind": "producer", "id": 3, "name": "Fixture One", "match_kind": "exact",
                    "artists": [], "first_year": Value::Null, "last_year": Value::Null,
                    "track_count": 0, "source_ids": ["discogs:77"],
                },
            ],
            "has_more": false,
        })
    );
}

#[tokio::test]
async fn q13_any_printed_variant_of_a_name_finds_the_one_person() {
    let service = Service::start().await;
    let variants = "
        INSERT INTO producer_names (producer_id, name, kind, source, normalized_name) VALUES
            (1, 'F. X. One', 'credited_as', 'discogs', 'f x one'),
            (1, 'Føxture', 'credited_as', 'discogs', 'foxture')";
    service.sql.batch_execute(variants).await.unwrap();
    for query in [
        "f.x.+one",
        "FX+One",
        "foxture",
        "f%C3%B8xture",
        "the+first+fixture",
        "first+fixture",
    ] {
        let results = found(&service, &format!("q={query}&kind=producer")).await;
        assert!(
            results[0].starts_with("producer Fixture One"),
            "{query}: {results:?}"
        );
    }
}

#[tokio::test]
async fn ids_and_links_find_what_they_name() {
    let service = Service::start().await;
    let codes = "
        UPDATE tracks SET isrc = 'GBAYE0601498' WHERE id = 1;
        UPDATE albums SET upc = '602537347377' WHERE id = 2;
        INSERT INTO producer_identities (source, source_id, producer_id, name) VALUES
            ('discogs', '77', 2, 'Fixture Two');
        INSERT INTO album_links (album_id, source, source_id, matched_by, match_score) VALUES
            (1, 'discogs', '77', 'own', 1)";
    service.sql.batch_execute(codes).await.unwrap();
    for (query, results) in [
        (
            "discogs:77",
            &["producer Fixture Two exact", "album Album exact"][..],
        ),
        (
            "https://www.discogs.com/artist/77-Two",
            &["producer Fixture Two exact", "album Album exact"],
        ),
        (
            "spotify:artist:0000000000000000000001",
            &["artist Artist One exact"],
        ),
        (
            "https://open.spotify.com/track/0000000000000000000011",
            &["song Song exact"],
        ),
        (
            "spotify:album:0000000000000000000022",
            &["album First Album exact"],
        ),
        (
            "00000000-0000-5000-8000-000000000001",
            &["producer Fixture One exact"],
        ),
        ("GBAYE0601498", &["song Song exact"]),
        ("602537347377", &["album First Album exact"]),
        ("discogs:78", &[]),
    ] {
        assert_eq!(found(&service, &format!("q={query}")).await, results, "{query}");
    }
}

#[tokio::test]
async fn credited_people_who_are_no_producer_are_found_by_equal_name_or_its_beginning() {
    let service = Service::start().await;
    let mixers = "
        INSERT INTO credits (album_id, source, source_record_kind, source_record_id, source_artist_id,
            credited_as, raw_role, role, matched_by, match_score)
        SELECT 1, 'discogs', 'release', '1', '5', name, 'Mixed By', 'mixer', 'own', 1
        FROM unnest(ARRAY['Mixing Person', 'MIXING Person', 'Mixing Persons']) AS name";
    service.sql.batch_execute(mixers).await.unwrap();
    assert_eq!(
        found(&service, "q=mixing+person&kind=person").await,
        ["person MIXING Person exact", "person Mixing Persons prefix"]
    );
    assert_eq!(found(&service, "q=person&kind=person").await, [""; 0]);
    let body = service
        .get("/v1/search?q=mixing+person&kind=person&limit=1")
        .await
        .body;
    assert_eq!(body["has_more"], true);
    assert_eq!(body["items"][0]["track_count"], 2);
    assert_eq!(body["items"][0]["source_ids"], json!(["discogs:5"]));
}

#[tokio::test]
async fn odd_searches_are_answered_or_refused() {
    let service = Service::start().await;
    for query in [
        "%25",
        "_",
        "%5C",
        "'",
        "-",
        "+-+",
        "by",
        "by+by+by",
        "%F0%9F%8E%B9",
        "%D7%A9",
        "e%CC%81",
        "a",
    ] {
        assert_eq!(
            service.get(&format!("/v1/search?q={query}")).await.status,
            200,
            "{query}"
        );
    }
    let long = "x".repeat(301);
    for query in [
        "",
        "q=",
        "q=+",
        "q=a%00b",
        "q=a&limit=0",
        "q=a&kind=x",
        &format!("q={long}"),
    ] {
        let answer = service.get(&format!("/v1/search?{query}")).await;
        assert_eq!(kind(&answer), (422, "invalid-request"), "{query}");
    }
}
