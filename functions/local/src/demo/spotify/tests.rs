use serde_json::{Value, json};

use crate::demo::{Catalog, FailingCall, SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET, StandInOptions, StandIns};

const AC_DC: &str = "711MCceyCBcFnzjGY4Q7Un";
const CODA: &str = "5WRmchevXvk5eXPT0gEuTL";

struct SpotifyTestClient {
    stand_ins: StandIns,
    http: reqwest::Client,
}

impl SpotifyTestClient {
    async fn with(catalog: Catalog, options: StandInOptions) -> Self {
        let stand_ins = StandIns::start(catalog, options).await.unwrap();
        Self {
            stand_ins,
            http: shared::platform::http::client("linernotes-tests/0.1 ( https://linernotes.invalid )")
                .unwrap(),
        }
    }

    async fn real() -> Self {
        Self::with(Catalog::real().unwrap(), StandInOptions::default()).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self
            .http
            .get(format!("{}{path}", self.stand_ins.spotify_url))
            .bearer_auth("stand-in-access-token");
        let answer = shared::platform::http::send(request).await.unwrap();
        (answer.status.as_u16(), answer.json().unwrap())
    }
}

fn names(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn only_the_right_secret_gets_a_token() {
    let client = SpotifyTestClient::real().await;
    for (secret, status) in [(SPOTIFY_CLIENT_SECRET, 200), ("wrong", 400)] {
        let request = client
            .http
            .post(&client.stand_ins.spotify_token_url)
            .basic_auth(SPOTIFY_CLIENT_ID, Some(secret));
        let answer = shared::platform::http::send(request.form(&[("grant_type", "client_credentials")]))
            .await
            .unwrap();
        assert_eq!(answer.status, status);
        let body: Value = answer.json().unwrap();
        assert_eq!(body.get("access_token").is_some(), status == 200, "{body}");
    }
    assert_eq!(client.stand_ins.calls().spotify, 0);
}

#[tokio::test]
async fn a_call_without_a_valid_token_is_rejected() {
    let client = SpotifyTestClient::real().await;
    let url = format!("{}/artists/{AC_DC}", client.stand_ins.spotify_url);
    let answer = shared::platform::http::send(client.http.get(&url)).await.unwrap();
    assert_eq!(answer.status, 401);
    let answer = shared::platform::http::send(client.http.get(&url).bearer_auth("expired"))
        .await
        .unwrap();
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn albums_are_listed_newest_first_in_pages_of_at_most_ten() {
    let client = SpotifyTestClient::real().await;
    let path = format!("/artists/{AC_DC}/albums?market=US");
    let (status, page) = client.get(&format!("{path}&limit=3")).await;
    assert_eq!(
        (status, &page["total"], &page["limit"]),
        (200, &json!(5), &json!(3))
    );
    assert_eq!(names(&page), ["Rock or Bust", "Stiff Upper Lip", "Ballbreaker"]);
    let next = page["next"]
        .as_str()
        .unwrap()
        .strip_prefix(&client.stand_ins.spotify_url)
        .unwrap()
        .to_owned();
    let (_, last) = client.get(&next).await;
    assert_eq!(
        (names(&last), &last["next"]),
        (vec!["Live", "Blow Up Your Video"], &Value::Null)
    );
    let (status, body) = client.get(&format!("{path}&limit=11")).await;
    assert_eq!(
        (status, body),
        (400, json!({"error": {"status": 400, "message": "Invalid limit"}}))
    );
    let (_, singles) = client.get(&format!("{path}&include_groups=single")).await;
    assert_eq!(singles["total"], 0);
}

#[tokio::test]
async fn an_album_has_a_barcode_and_tracks_without_isrcs() {
    let client = SpotifyTestClient::real().await;
    let (status, album) = client.get(&format!("/albums/{CODA}?market=US")).await;
    assert_eq!(
        (
            status,
            &album["name"],
            &album["release_date"],
            &album["total_tracks"]
        ),
        (200, &json!("Coda"), &json!("1982-11-19"), &json!(8))
    );
    assert!(album["external_ids"]["upc"].as_str().unwrap().starts_with("02"));
    let track = &album["tracks"]["items"][1];
    assert_eq!(track["name"], "Poor Tom - 1990 Remaster");
    for absent in [
        "external_ids",
        "popularity",
        "available_markets",
        "duration_ms",
        "album",
    ] {
        assert!(track.get(absent).is_none(), "{absent}");
    }
    let (_, track) = client
        .get(&format!("/tracks/{}?market=US", track["id"].as_str().unwrap()))
        .await;
    assert!(track["external_ids"]["isrc"].as_str().unwrap().starts_with("ZZ"));
    assert_eq!(
        client.get(&format!("/albums/{CODA}")).await.0,
        404,
        "albums need a market"
    );
}

#[tokio::test]
async fn tracks_beyond_fifty_are_on_further_pages() {
    let mut catalog = Catalog::real().unwrap();
    let album = &mut catalog.albums[0];
    let track = album.tracks[0].clone();
    album.tracks = (1..=120)
        .map(|number| crate::demo::Track {
            number,
            ..track.clone()
        })
        .collect();
    let path = format!("/albums/{}", album.id);
    let client = SpotifyTestClient::with(catalog, StandInOptions::default()).await;
    let (_, album) = client.get(&format!("{path}?market=US")).await;
    assert_eq!(
        (names(&album["tracks"]).len(), &album["tracks"]["total"]),
        (50, &json!(120))
    );
    let next = album["tracks"]["next"]
        .as_str()
        .unwrap()
        .strip_prefix(&client.stand_ins.spotify_url)
        .unwrap()
        .to_owned();
    let (_, page) = client.get(&next).await;
    assert_eq!(
        (&page["items"][0]["track_number"], page["next"].is_string()),
        (&json!(51), true)
    );
    assert_eq!(
        client.get(&format!("{path}/tracks?market=US&limit=51")).await.0,
        400
    );
    assert_eq!(client.stand_ins.calls().spotify_by_kind["album tracks"], 2);
}

#[tokio::test]
async fn search_finds_artists_barcodes_and_isrcs() {
    let client = SpotifyTestClient::real().await;
    let (_, found) = client.get("/search?type=artist&q=led%20zeppelin").await;
    assert_eq!(names(&found["artists"]), ["Led Zeppelin"]);
    let (album, track) = client
        .stand_ins
        .catalog()
        .tracks()
        .find(|(album, _)| album.id == CODA)
        .unwrap();
    let (_, found) = client
        .get(&format!("/search?type=album&q=upc:{}", album.padded_upc()))
        .await;
    assert_eq!(names(&found["albums"]), ["Coda"]);
    let (_, found) = client
        .get(&format!("/search?type=track&q=isrc:{}", track.isrc()))
        .await;
    assert_eq!(names(&found["tracks"]), [track.name.as_str()]);
    let (_, found) = client
        .get("/search?type=track&q=track:%22black%20mambo%22%20artist:%22glass%20animals%22")
        .await;
    assert_eq!(names(&found["tracks"]), ["Black Mambo", "Black Mambo - Stripped"]);
    let (_, found) = client
        .get("/search?type=artist&q=nobody%20of%20that%20name")
        .await;
    assert_eq!(found["artists"]["total"], 0);
    assert_eq!(client.get("/search?type=artist&q=a&limit=11").await.0, 400);
}

#[tokio::test]
async fn endpoints_removed_in_development_mode_are_forbidden_and_unknown_ids_not_found() {
    let client = SpotifyTestClient::real().await;
    for removed in [
        "/albums?ids=a,b",
        "/tracks?ids=a",
        "/artists?ids=a",
        &format!("/artists/{AC_DC}/top-tracks"),
        "/browse/new-releases",
    ] {
        assert_eq!(client.get(removed).await.0, 403, "{removed}");
    }
    let (status, body) = client.get("/artists/0000000000000000000000").await;
    assert_eq!(
        (status, body),
        (
            404,
            json!({"error": {"status": 404, "message": "Resource not found"}})
        )
    );
}

#[tokio::test]
async fn failing_calls_are_counted_separately() {
    let failing = vec![
        FailingCall { call: 2, status: 429 },
        FailingCall { call: 3, status: 503 },
    ];
    let client = SpotifyTestClient::with(
        Catalog::real().unwrap(),
        StandInOptions {
            spotify_failing: failing,
            ..StandInOptions::default()
        },
    )
    .await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let url = format!("{}/artists/{AC_DC}", client.stand_ins.spotify_url);
        let answer = shared::platform::http::send(client.http.get(url).bearer_auth("stand-in-access-token"))
            .await
            .unwrap();
        statuses.push((answer.status.as_u16(), answer.retry_after_seconds()));
    }
    assert_eq!(statuses, [(200, None), (429, Some(1)), (503, None), (200, None)]);
    let calls = client.stand_ins.calls();
    assert_eq!(
        (calls.spotify, calls.spotify_refused, calls.musicbrainz),
        (2, 2, 0)
    );
}

#[tokio::test]
async fn exceeding_the_rate_limit_is_a_breach() {
    let client = SpotifyTestClient::real().await;
    for _ in 0..105 {
        client.get(&format!("/artists/{AC_DC}")).await;
    }
    assert!(client.stand_ins.breaches().is_empty());
    client.get(&format!("/artists/{AC_DC}")).await;
    assert_eq!(
        client.stand_ins.breaches(),
        ["Spotify: more than 105 calls in 10 seconds"]
    );
}

#[tokio::test]
async fn a_withheld_album_is_answered_after_its_release() {
    let options = StandInOptions {
        withheld_album: Some(CODA.to_owned()),
        ..StandInOptions::default()
    };
    let client = SpotifyTestClient::with(Catalog::real().unwrap(), options).await;
    let path = format!("/albums/{CODA}?market=US");
    let waiting = client.get(&path);
    tokio::pin!(waiting);
    let early = tokio::time::timeout(std::time::Duration::from_millis(200), &mut waiting).await;
    assert!(early.is_err(), "it was answered before its release");
    client.stand_ins.release_withheld();
    assert_eq!(waiting.await.0, 200);
    assert_eq!(client.get(&path).await.0, 200);
}
