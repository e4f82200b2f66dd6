use serde_json::{Value, json};

use crate::demo::{Album, Catalog, FailingCall, LookupKey, StandInOptions, StandIns};

const INCLUDES: &str = "recordings+artist-credits+isrcs+artist-rels+recording-level-rels";

struct MusicBrainzTestClient {
    stand_ins: StandIns,
    http: reqwest::Client,
}

impl MusicBrainzTestClient {
    async fn with(options: StandInOptions) -> Self {
        let stand_ins = StandIns::start(Catalog::real().unwrap(), options).await.unwrap();
        Self {
            stand_ins,
            http: shared::platform::http::client("linernotes-tests/0.1 ( https://linernotes.invalid )")
                .unwrap(),
        }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
        let request = self
            .http
            .get(format!("{}{path}", self.stand_ins.musicbrainz_url))
            .query(query)
            .query(&[("fmt", "json")]);
        let answer = shared::platform::http::send(request).await.unwrap();
        (answer.status.as_u16(), answer.json().unwrap())
    }

    fn album(&self, name: &str) -> &Album {
        self.stand_ins
            .catalog()
            .albums
            .iter()
            .find(|album| album.name == name)
            .unwrap()
    }
}

fn producers(recording: &Value) -> Vec<(&str, &Value)> {
    let relations = recording["relations"].as_array().unwrap();
    relations
        .iter()
        .map(|relation| {
            (
                relation["artist"]["name"].as_str().unwrap(),
                &relation["attributes"],
            )
        })
        .collect()
}

#[tokio::test]
async fn a_release_is_found_by_barcode_and_has_the_producers_of_every_track() {
    let client = MusicBrainzTestClient::with(StandInOptions::default()).await;
    let album = client.album("Ballbreaker");
    let barcode = album.upc();
    let query = format!("barcode:{barcode} OR barcode:{}", album.padded_upc());
    let (_, found) = client.get("/release", &[("query", &query)]).await;
    assert_eq!(
        (&found["count"], &found["releases"][0]["track-count"]),
        (&json!(1), &json!(11))
    );
    let path = format!("/release/{}", found["releases"][0]["id"].as_str().unwrap());
    let inc = INCLUDES.replace('+', " ");
    let (status, release) = client.get(&path, &[("inc", &inc)]).await;
    assert_eq!(
        (status, &release["title"], &release["barcode"]),
        (200, &json!("Ballbreaker"), &json!(barcode))
    );
    let recording = &release["media"][0]["tracks"][10]["recording"];
    assert_eq!(
        (&recording["title"], &recording["isrcs"]),
        (&json!("Ballbreaker"), &json!([album.tracks[10].isrc()]))
    );
    assert_eq!(
        producers(recording),
        [("Rick Rubin", &json!([])), ("Mike Fraser", &json!(["co"]))]
    );
    let (_, bare) = client.get(&path, &[("inc", "recordings artist-rels")]).await;
    let recording = &bare["media"][0]["tracks"][0]["recording"];
    assert!(
        recording.get("relations").is_none() && recording.get("isrcs").is_none(),
        "they were not included"
    );
}

#[tokio::test]
async fn releases_are_listed_by_artist_and_by_group() {
    let client = MusicBrainzTestClient::with(StandInOptions::default()).await;
    let album = client.album("Ballbreaker");
    let artist = album.artists[0].mbid().to_string();
    let inc = ("inc", "release-groups media");
    let (_, all) = client.get("/release", &[("artist", &artist), inc]).await;
    let titles = |page: &Value| -> Vec<String> {
        let releases = page["releases"].as_array().unwrap();
        let title = |release: &Value| release["title"].as_str().unwrap().to_owned();
        releases.iter().map(title).collect()
    };
    let names = titles(&all);
    assert!(names.len() > 3 && names.contains(&"Ballbreaker".to_owned()));
    assert_eq!(all["release-count"], names.len());
    let place = names.iter().position(|name| name == "Ballbreaker").unwrap();
    let (_, page) = client
        .get(
            "/release",
            &[
                ("artist", &artist),
                ("limit", "1"),
                ("offset", &place.to_string()),
                inc,
            ],
        )
        .await;
    assert_eq!(titles(&page), ["Ballbreaker"]);
    assert_eq!(page["release-count"], names.len());
    let release = &page["releases"][0];
    assert_eq!(release["media"][0]["track-count"], 11);
    assert_eq!(release["release-group"]["first-release-date"], album.release_date);
    let group = release["release-group"]["id"].as_str().unwrap();
    let (_, of_group) = client.get("/release", &[("release-group", group)]).await;
    assert_eq!(titles(&of_group), ["Ballbreaker"]);
    assert!(
        of_group["releases"][0].get("media").is_none(),
        "they were not included"
    );
    let (_, others) = client.get("/release", &[("track_artist", &artist)]).await;
    assert_eq!(others["release-count"], 0);
    for parameter in ["artist", "track_artist", "release-group"] {
        let mbid = album.mbid().to_string();
        assert_eq!(
            client.get("/release", &[(parameter, &mbid)]).await.0,
            404,
            "{parameter}"
        );
    }
    assert_eq!(client.stand_ins.calls().musicbrainz_by_kind["release list"], 7);
}

#[tokio::test]
async fn albums_with_an_unknown_barcode_are_found_by_isrc_or_search() {
    let client = MusicBrainzTestClient::with(StandInOptions::default()).await;
    for album in client.stand_ins.catalog().albums_unknown_by_barcode() {
        let (_, found) = client
            .get("/release", &[("query", &format!("barcode:{}", album.upc()))])
            .await;
        assert_eq!(found["count"], 0, "{}", album.name);
        let by_isrc = client
            .get(
                &format!("/isrc/{}", album.tracks[0].isrc()),
                &[("inc", "artist-credits artist-rels")],
            )
            .await;
        if album.known_by == LookupKey::Isrc {
            assert_eq!(by_isrc.0, 200);
            assert_eq!(
                by_isrc.1["recordings"][0]["title"],
                album.tracks[0].recording_title()
            );
            assert!(!producers(&by_isrc.1["recordings"][0]).is_empty());
        } else {
            assert_eq!(by_isrc.0, 404);
            assert_eq!(
                by_isrc.1,
                json!({
                    "error": "Not Found",
                    "help": "For usage, please see: https://musicbrainz.org/development/mmd",
                })
            );
        }
    }
}

#[tokio::test]
async fn a_search_ranks_another_artists_recording_first() {
    let client = MusicBrainzTestClient::with(StandInOptions::default()).await;
    let query = r#"recording:"poor tom" AND artist:"led zeppelin""#;
    let (_, found) = client.get("/recording", &[("query", query)]).await;
    let recordings = found["recordings"].as_array().unwrap();
    let artists: Vec<&Value> = recordings
        .iter()
        .map(|recording| &recording["artist-credit"][0]["name"])
        .collect();
    assert_eq!(artists, ["[unknown]", "Led Zeppelin"]);
    assert!(
        recordings
            .iter()
            .all(|recording| recording["title"] == "Poor Tom" && recording.get("relations").is_none())
    );
    let path = format!("/recording/{}", recordings[1]["id"].as_str().unwrap());
    let (_, recording) = client
        .get(&path, &[("inc", "artist-credits isrcs artist-rels")])
        .await;
    assert_eq!(
        (producers(&recording), &recording["isrcs"]),
        (vec![("Jimmy Page", &json!([]))], &json!([]))
    );
    let (_, nothing) = client
        .get(
            "/recording",
            &[("query", r#"recording:"No Such Song" AND artist:"Led Zeppelin""#)],
        )
        .await;
    assert_eq!(nothing["count"], 0);
}

#[tokio::test]
async fn a_producer_has_the_links_of_the_catalog() {
    let client = MusicBrainzTestClient::with(StandInOptions::default()).await;
    let producers = client.stand_ins.catalog().producer_mbids();
    for (name, links) in [("Mike Shinoda", 2), ("George Martin", 0)] {
        let (status, artist) = client
            .get(
                &format!("/artist/{}", producers[name]),
                &[("inc", "url-rels aliases")],
            )
            .await;
        assert_eq!((status, &artist["name"]), (200, &json!(name)));
        assert_eq!(artist["relations"].as_array().unwrap().len(), links, "{artist}");
    }
}

#[tokio::test]
async fn a_call_without_contact_details_is_rejected() {
    let client = MusicBrainzTestClient::with(StandInOptions::default()).await;
    let url = format!("{}/isrc/ZZ0000000000?fmt=json", client.stand_ins.musicbrainz_url);
    let anonymous = shared::platform::http::client("reqwest/0.13").unwrap();
    assert_eq!(
        shared::platform::http::send(anonymous.get(&url))
            .await
            .unwrap()
            .status,
        403
    );
    assert_eq!(
        shared::platform::http::send(client.http.get(&url))
            .await
            .unwrap()
            .status,
        404
    );
}

#[tokio::test]
async fn malformed_ids_are_bad_requests() {
    let client = MusicBrainzTestClient::with(StandInOptions::default()).await;
    for path in [
        "/isrc/nonsense",
        "/release/nonsense",
        "/recording/nonsense",
        "/artist/nonsense",
    ] {
        assert_eq!(client.get(path, &[]).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn a_call_without_a_format_gets_xml() {
    let client = MusicBrainzTestClient::with(StandInOptions::default()).await;
    let url = format!(
        "{}/release?query=barcode:020000000000",
        client.stand_ins.musicbrainz_url
    );
    let answer = shared::platform::http::send(client.http.get(url)).await.unwrap();
    assert!(answer.body.starts_with(b"<?xml"));
}

#[tokio::test]
async fn a_failing_call_has_a_retry_time() {
    let failing = vec![FailingCall { call: 1, status: 503 }];
    let client = MusicBrainzTestClient::with(StandInOptions {
        musicbrainz_failing: failing,
        ..StandInOptions::default()
    })
    .await;
    let url = format!("{}/isrc/ZZ0000000000?fmt=json", client.stand_ins.musicbrainz_url);
    let answer = shared::platform::http::send(client.http.get(&url)).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.retry_after_seconds()),
        (503, Some(1))
    );
    assert_eq!(client.get("/isrc/ZZ0000000000", &[]).await.0, 404);
    let calls = client.stand_ins.calls();
    assert_eq!((calls.musicbrainz, calls.musicbrainz_refused), (1, 1));
}
