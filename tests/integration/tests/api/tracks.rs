//! Albums, artists and tracks with their producers.

use crate::Service;
use serde_json::{Value, json};
use shared::platform::api_keys::Scope;

#[tokio::test]
async fn the_songs_of_an_album_keep_its_order_across_pages() {
    let service = Service::start().await;
    let all = service.get("/v1/producers/2/tracks").await.body;
    let names = [&all["items"][0]["name"], &all["items"][1]["name"]];
    assert_eq!(names, ["Song", "Guest Song"]);
    let first = service.get("/v1/producers/2/tracks?limit=1").await.body;
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/producers/2/tracks?limit=1&cursor={next}");
    let second = service.get(&path).await.body;
    assert_eq!(second["items"], json!([all["items"][1]]));
}

#[tokio::test]
async fn the_producers_of_an_artist_are_those_of_the_artists_own_songs() {
    let service = Service::start().await;
    let one = service.get("/v1/artists/1/producers").await.body;
    let artist = json!({"id": 1, "name": "Artist One", "spotify_id": "0000000000000000000001",
        "track_count": 3, "without_producer_count": 1});
    assert_eq!(one["artist"], artist);
    let producers = json!([
        {"producer_id": 1, "name": "Fixture One", "track_count": 2, "role": "producer", "confidence": 0.9,
            "first_year": 1997, "last_year": 1997, "best_track_id": 1},
        {"producer_id": 2, "name": "Fixture Two", "track_count": 1, "role": "co_producer", "confidence": 0.5,
            "first_year": 1997, "last_year": 1997, "best_track_id": 1},
    ]);
    assert_eq!(one["items"], producers);
    for spotify_id in ["0000000000000000000001", "0000000000000000000009"] {
        let path = format!("/v1/artists/{spotify_id}/producers");
        assert_eq!(service.get(&path).await.body, one, "{spotify_id}");
    }
    let first = service.get("/v1/artists/1/producers?limit=1").await.body;
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/artists/1/producers?limit=1&cursor={next}");
    assert_eq!(service.get(&path).await.body["items"], json!([producers[1]]));

    // Artist Two is on two songs, although the albums are by another artist.
    let two = service.get("/v1/artists/2/producers").await.body;
    assert_eq!(
        (
            &two["artist"]["track_count"],
            &two["artist"]["without_producer_count"]
        ),
        (&json!(2), &json!(0))
    );
}

#[tokio::test]
async fn a_track_shows_its_producers_and_their_sources() {
    let service = Service::start().await;
    let track = service.get("/v1/tracks/1").await.body;
    assert_eq!(service.get("/v1/tracks/0000000000000000000011").await.body, track);
    assert_eq!(service.get("/v1/tracks/0000000000000000000012").await.body, track);
    assert_eq!(track["name"], "Song");
    assert_eq!(track["album"]["release_date"], "2001-05-21");
    assert_eq!(
        track["artists"][1],
        json!({"id": 2, "name": "Artist Two", "part": "featured"})
    );
    assert_eq!(
        track["producers"],
        json!([
            {"id": 1, "name": "Fixture One", "role": "producer", "roles": ["producer"], "confidence": 0.9,
                "source": "musicbrainz", "verdict": null},
            {"id": 2, "name": "Fixture Two", "role": "co_producer", "roles": ["co_producer"],
                "confidence": 0.5, "source": "musicbrainz", "verdict": null},
        ])
    );
    let credits = track["credits"].as_array().unwrap();
    assert_eq!(
        credits[0],
        json!({
            "covers": "track", "counts": true, "track_range": null, "source": "musicbrainz",
                "record_kind": "recording",
                "record_id": "00000000-0000-5000-8000-000000000011",
            "record_url": "https://musicbrainz.org/recording/00000000-0000-5000-8000-000000000011",
            "producer_id": 1, "credited_as": "F. One", "raw_role": "producer", "role": "producer",
            "matched_by": "isrc", "match_score": 1.0, "known_from": null, "note": null,
                "first_seen_at": "2024-05-21T12:00:00Z", "verdict": null,
        })
    );
    assert_eq!(
        (&credits[1]["covers"], &credits[1]["record_kind"]),
        (&json!("album"), &json!("release"))
    );
    assert_eq!(
        (&credits[2]["role"], &credits[2]["producer_id"]),
        (&json!("executive_producer"), &Value::Null)
    );
    // The credit of another track and the credit of other positions are not shown.
    assert_eq!(credits.len(), 3);
    assert_eq!(track["why_none"], Value::Null);
}

#[tokio::test]
async fn a_track_without_a_producer_shows_the_reason() {
    let service = Service::start().await;
    service
        .report_sources(&["CONTACT", "DISCOGS_TOKEN", "GENIUS_TOKEN"])
        .await;
    let track = async |key: &str| service.get_with("/v1/tracks/3", key).await.body["why_none"].take();
    let why = track(&service.owner).await;
    assert_eq!(why["reason"], "not found in musicbrainz");
    let outcomes: Vec<_> = why["asked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lookup| {
            (
                lookup["source"].as_str().unwrap(),
                lookup["about"].as_str().unwrap(),
                lookup["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("spotify", "track", "found"),
            ("musicbrainz", "album", "not_found"),
            ("musicbrainz", "track", "not_found")
        ]
    );
    assert_eq!(why["waiting"], Value::Null);
    let reason = "nothing can be imported from Spotify: set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET \
        (names, UPCs, mbid:… and links to musicbrainz.org work without it)";
    assert_eq!(
        why["switched_off"],
        json!([{"source": "spotify", "reason": reason}])
    );

    service
        .sql
        .batch_execute(
            "INSERT INTO ingestion_tasks (ingestion_id, kind, subject) VALUES (1, 'identify_album', '3');
             INSERT INTO outgoing_messages (queue, message_key, body, not_before, snooze_count, snooze_reason)
             VALUES ('identification', 'identify_album:3', '{}', '2124-05-21T12:00:00Z', 1,
             'MusicBrainz is blocked')",
        )
        .await
        .unwrap();
    let why = track(&service.owner).await;
    assert_eq!(
        why["reason"],
        "the search for its producers is paused until 2124-05-21T12:00:00Z: MusicBrainz is blocked"
    );
    assert_eq!(why["waiting"]["snoozed_reason"], "MusicBrainz is blocked");

    let (_, reader) = service.key(&[Scope::Read, Scope::Write, Scope::Contacts]).await;
    let why = track(&reader).await;
    let words = "a source asks to wait, or is switched off; the work continues by itself";
    assert_eq!(why["waiting"]["snoozed_reason"], words);
    assert!(why["reason"].as_str().unwrap().ends_with(words), "{why}");
    let words = "it is switched off on this server";
    assert_eq!(
        why["switched_off"],
        json!([{"source": "spotify", "reason": words}])
    );
}

#[tokio::test]
async fn a_note_is_shown_to_operators() {
    let service = Service::start().await;
    let note = "UPDATE credits SET note = 'from Ann' WHERE id = 1";
    assert_eq!(service.sql.execute(note, &[]).await.unwrap(), 1);
    for (key, expected) in [(Some(&service.owner), json!("from Ann")), (None, Value::Null)] {
        let track = match key {
            Some(key) => service.get_with("/v1/tracks/1", key).await,
            None => service.get("/v1/tracks/1").await,
        };
        assert_eq!(track.body["credits"][0]["note"], expected);
    }
}
