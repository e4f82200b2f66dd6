//! Producers: the search, contacts, songs and collaborations.

use crate::{Service, kind};
use serde_json::{Value, json};
use shared::platform::api_keys::Scope;

#[tokio::test]
async fn producers_are_found_by_any_of_their_names() {
    let service = Service::start().await;
    for (query, kind, matched) in [
        ("fixture%20%C3%B6ne", "exact", "Fixture One"),
        ("FIXTURE", "word", "Fixture One"),
        ("fixt", "prefix", "Fixture One"),
        ("the%20first%20fixture", "exact", "The First Fixture"),
        ("fixtrue%20one", "similar", "Fixture One"),
    ] {
        let answer = service.get(&format!("/v1/producers?q={query}")).await;
        let found = &answer.body["items"][0];
        assert_eq!(found["id"], 1, "{query}: {}", answer.body);
        assert_eq!(
            (&found["match_kind"], &found["matched_name"]),
            (&json!(kind), &json!(matched))
        );
        assert_eq!(
            (&found["track_count"], &found["artist_count"]),
            (&json!(2), &json!(2))
        );
        assert_eq!(answer.body["next"], Value::Null);
    }
    let one = service.get("/v1/producers?q=fixture&limit=1").await.body;
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    let none = service.get("/v1/producers?q=%E6%A4%8E%E5%90%8D").await.body;
    assert_eq!(none["items"], json!([]));
    for query in [
        "".to_owned(),
        "?q=".to_owned(),
        "?q=%20".to_owned(),
        "?q=a%00b".to_owned(),
        format!("?q={}", "x".repeat(301)),
        "?q=a&limit=0".to_owned(),
        "?q=a&limit=101".to_owned(),
        "?q=a&limit=ten".to_owned(),
    ] {
        let answer = service.get(&format!("/v1/producers{query}")).await;
        assert_eq!(kind(&answer), (422, "invalid-request"), "{query}");
    }
}

#[tokio::test]
async fn contacts_are_shown_only_with_their_scope() {
    let service = Service::start().await;
    let picture = "UPDATE producers SET image_url = 'https://pictures.example/1.jpg' WHERE id = 1";
    service.sql.batch_execute(picture).await.unwrap();
    let withheld = service.get("/v1/producers/1").await.body;
    assert_eq!(withheld["name"], "Fixture One");
    assert_eq!(withheld["track_count"], 2);
    assert_eq!(
        withheld["names"][1],
        json!({"name": "The First Fixture", "kind": "alias", "source": "musicbrainz"})
    );
    assert_eq!(
        withheld["identities"][0]["source_id"],
        "00000000-0000-5000-8000-000000000001"
    );
    assert_eq!(
        withheld["related"],
        json!([{"producer_id": 2, "name": "Fixture Two", "relation": "group", "source": "musicbrainz"}])
    );
    assert_eq!(withheld["contacts"], "withheld");
    assert!(!withheld.to_string().contains("example"), "{withheld}");

    let others = [Scope::Read, Scope::Write, Scope::Operate];
    let (_, others) = service.key(&others).await;
    let answer = service.get_with("/v1/producers/1", &others).await;
    assert_eq!(answer.body["contacts"], "withheld");
    let (_, reader) = service.key(&[Scope::Read, Scope::Contacts]).await;
    let client = service.pool.client().await.unwrap();
    let another = "INSERT INTO producer_contacts (producer_id, kind, value, source, source_id)
        VALUES (1, 'website', $1, 'discogs', '5')";
    for website in ["https://a.example", "https://one.example"] {
        client.execute(another, &[&website]).await.unwrap();
    }
    drop(client);
    let shown = service.get_with("/v1/producers/1", &reader).await.body;
    assert_eq!(shown["email"], "one@example.org");
    assert_eq!(shown["instagram_handle"], "fixture.one");
    assert_eq!(shown["image_url"], "https://pictures.example/1.jpg");
    assert_eq!(
        shown["contacts"][0],
        json!({"kind": "website", "value": "https://one.example", "verified": true, "sources": [
            {"source": "musicbrainz", "source_id": "00000000-0000-5000-8000-000000000001"},
                {"source": "discogs", "source_id": "5"}]})
    );
    assert_eq!(
        shown["contacts"][1],
        json!({"kind": "website", "value": "https://a.example", "verified": false,
            "sources": [{"source": "discogs", "source_id": "5"}]})
    );
}

#[tokio::test]
async fn each_song_of_a_producer_is_listed_once_and_newest_first() {
    let service = Service::start().await;
    let all = service.get("/v1/producers/1/tracks").await.body;
    let song = json!({
        "track_id": 1, "name": "Song", "spotify_id": "0000000000000000000011", "normalized_track_id": 1,
            "version_count": 2,
        "artists": [{"id": 1, "name": "Artist One"}, {"id": 2, "name": "Artist Two"}],
        "album": {"id": 1, "name": "Album", "release_date": "2001-05-21"},
        "role": "producer", "roles": ["producer"], "source": "musicbrainz", "confidence": 0.9,
    });
    assert_eq!(all["items"][0], song);
    assert_eq!(all["items"][1]["track_id"], 5);
    assert_eq!(
        all["items"][1]["artists"],
        json!([{"id": 1, "name": "Artist One"}])
    );
    assert_eq!(all["items"][1]["album"]["release_date"], "1997");
    assert_eq!(
        (all["items"].as_array().unwrap().len(), &all["next"]),
        (2, &Value::Null)
    );

    let first = service.get("/v1/producers/1/tracks?limit=1").await.body;
    assert_eq!(first["items"], json!([all["items"][0]]));
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/producers/1/tracks?limit=1&cursor={next}");
    let second = service.get(&path).await.body;
    assert_eq!(second["items"], json!([all["items"][1]]));
    assert_eq!(second["next"], Value::Null);

    let answer = service.get("/v1/producers/1/tracks?cursor=x").await;
    assert_eq!(kind(&answer), (422, "invalid-request"));
}

#[tokio::test]
async fn collaborations_are_counted_in_songs() {
    let service = Service::start().await;
    let path = "/v1/producers/1/collaborations";
    let all = service.get(path).await.body;
    let items = json!([
        {"artist_id": 1, "artist_name": "Artist One", "track_count": 2, "role": "producer", "confidence": 0.9,
            "first_year": 1997, "last_year": 1997, "best_track_id": 1},
        {"artist_id": 2, "artist_name": "Artist Two", "track_count": 1, "role": "producer", "confidence": 0.9,
            "first_year": 1997, "last_year": 1997, "best_track_id": 1},
    ]);
    assert_eq!(all, json!({"items": items, "next": null}));
    let first = service.get(&format!("{path}?limit=1")).await.body;
    let next = first["next"].as_str().unwrap();
    let second = service.get(&format!("{path}?limit=1&cursor={next}")).await;
    assert_eq!(second.body["items"], json!([items[1]]));
    let answer = service.get(&format!("{path}?limit=-1")).await;
    assert_eq!(kind(&answer), (422, "invalid-request"));
}
