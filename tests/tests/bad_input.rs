//! What nobody should send but somebody does: each ends in its outcome, with a message that says what to do, and nothing
//! is lost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chrono::{Duration, Utc};
use integration::records::{
    album, artist, mbid, person, produced_by, recording, release, spotify_id, track, with_upc,
};
use integration::upstream::{Answer, Upstream};
use integration::{Database, Machine, database};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::ids::{AlbumId, IngestionId, What};
use shared::messages::{Message, Outcome, QueueName};
use shared::store::ingestions;

const UPC: &str = "200000000011";

struct Scene {
    upstream: Upstream,
    database: Database,
    machine: Machine,
}

impl Scene {
    async fn new() -> Self {
        let (upstream, database) = (Upstream::start().await, database().await);
        let machine = upstream.machine(&database);
        Self {
            upstream,
            database,
            machine,
        }
    }

    /// Asks for something and works on the catalog queue once; gives how each step ended and why.
    async fn ask(&self, message: Message) -> Vec<String> {
        let id = self.machine.ask(&[message]).await;
        self.machine.work_once(QueueName::Catalog).await;
        self.steps(id).await
    }

    async fn steps(&self, id: IngestionId) -> Vec<String> {
        self.database
            .texts(&format!("SELECT kind || ' ' || COALESCE(outcome::text, 'waiting') || COALESCE(' ' || (detail ->> 'reason'), '') FROM ingestion_tasks WHERE ingestion_id = {id} ORDER BY kind, subject"))
            .await
    }

    /// Lets what is to be tried again later be tried now.
    async fn retry_now(&self, queue: QueueName) {
        self.database
            .execute("UPDATE queue_messages SET visible_at = now()")
            .await;
        assert_eq!(self.machine.work_once(queue).await, 1);
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        self.database.texts(sql).await
    }

    async fn ingest(&self, album: &Value) {
        self.upstream.give_album(album);
        assert_eq!(
            self.machine
                .outcome(ingest_album(album["id"].as_str().unwrap()))
                .await,
            Outcome::Done
        );
    }
}

fn ingest_album(id: &str) -> Message {
    Message::IngestAlbum {
        spotify_album_id: id.parse().unwrap(),
    }
}

fn ingest_artist(id: &str) -> Message {
    Message::IngestArtist {
        spotify_artist_id: id.parse().unwrap(),
        offset: 0,
        appears_on: false,
    }
}

fn resolve(what: &str) -> Message {
    Message::Resolve {
        what: what.parse().unwrap(),
        appears_on: false,
    }
}

/// An album with one song.
fn single(key: &str) -> Value {
    let who = artist("a", "A");
    album(
        key,
        "Album",
        &[&who],
        vec![track(&format!("{key}t"), 1, "Song", &[&who])],
    )
}

#[tokio::test]
async fn ids_that_spotify_does_not_know_fail_and_say_what_to_do() {
    let scene = Scene::new().await;
    let id = spotify_id("x");
    let cases = [
        (ingest_artist(&id), format!("ingest_artist failed Spotify knows no artist {id}: copy the link of the artist's page anew")),
        (ingest_album(&id), format!("ingest_album failed Spotify knows no album {id} in this market: check the link, or SPOTIFY_MARKET")),
        (resolve(&format!("spotify:track:{id}")), format!("resolve failed Spotify knows no track {id}: copy the link of the track anew")),
        (resolve("isrc:ZZAAA0000001"), "resolve failed Spotify knows no recording ZZAAA0000001: give the link of the track or its album".to_owned()),
        (resolve("upc:200000000011"), "resolve failed Spotify knows no album 200000000011: give the link of the album".to_owned()),
        (resolve("name:Nobody"), "resolve failed Spotify knows no artist named Nobody: give the link of the artist's page".to_owned()),
    ];
    for (message, ends) in cases {
        assert_eq!(scene.ask(message).await, [ends]);
    }
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM queue_messages")
            .await,
        0
    );
    // A miss is remembered, and told again without a call.
    scene.upstream.forget_calls();
    let again = scene.ask(ingest_album(&id)).await;
    assert!(
        again[0].starts_with("ingest_album failed Spotify knows no album"),
        "{again:?}"
    );
    assert_eq!(scene.upstream.calls("/v1/"), 0);
}

#[tokio::test]
async fn a_body_that_is_no_message_is_buried_and_takes_no_other_along() {
    let scene = Scene::new().await;
    scene.upstream.give_album(&single("x"));
    let bodies = [
        r#"{"type":"ingest_album","spotify_album_id":"too short"}"#.to_owned(),
        "{".to_owned(),
        format!(
            r#"{{"type":"ingest_album","spotify_album_id":"{}"}}"#,
            spotify_id("x")
        ),
        r#"{"type":"identify_album","album_id":1}"#.to_owned(),
    ];
    scene
        .machine
        .queues
        .send(QueueName::Catalog, &bodies)
        .await
        .unwrap();
    assert_eq!(scene.machine.work_once(QueueName::Catalog).await, 4);
    assert_eq!(
        scene
            .texts("SELECT body FROM dead_messages ORDER BY id")
            .await
            .len(),
        3
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM queue_messages WHERE queue = 'catalog'")
            .await,
        0
    );
    assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 1);
    let issues = scene
        .texts("SELECT message FROM worker_issues ORDER BY id")
        .await;
    assert!(
        !issues.is_empty()
            && issues
                .iter()
                .all(|issue| issue.contains("discarded") && issue.contains("dead letters")),
        "{issues:?}"
    );
}

#[tokio::test]
async fn a_name_that_fits_several_is_left_to_the_person() {
    assert!("  ".parse::<What>().is_err() && "name:".parse::<What>().is_err());
    let scene = Scene::new().await;
    let mut named = [
        artist("b", "The Same"),
        artist("c", "same"),
        artist("d", "Sametime"),
    ];
    named[0]["genres"] = json!(["genre"]);
    scene
        .upstream
        .give("/v1/search?q=Same&", json!({"artists": {"items": named}}));
    let ends = scene.ask(resolve("Same")).await;
    assert_eq!(
        ends,
        ["resolve ambiguous 2 artists are named Same: give the id or link of the one you mean"]
    );
    let candidates = scene
        .texts("SELECT (detail -> 'candidates')::text FROM ingestion_tasks")
        .await;
    let candidates: Value = serde_json::from_str(&candidates[0]).unwrap();
    assert_eq!(
        candidates[0],
        json!({
            "spotify_artist_id": spotify_id("b"), "name": "The Same", "genres": ["genre"],
            "url": format!("https://open.spotify.com/artist/{}", spotify_id("b")),
        })
    );
    assert_eq!(candidates.as_array().unwrap().len(), 2);
    // The nearest are told where none is right, and none of them is taken.
    scene
        .upstream
        .give("/v1/search?q=Sam&", json!({"artists": {"items": named}}));
    let ends = scene.ask(resolve("Sam")).await;
    assert_eq!(
        ends,
        [
            "resolve failed Spotify knows no artist named Sam (nearest: The Same, same, Sametime): give the link of the artist's page"
        ]
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM queue_messages")
            .await,
        0
    );
}

#[tokio::test]
async fn an_artist_may_have_no_albums_and_an_album_no_tracks_or_300() {
    let scene = Scene::new().await;
    let who = artist("a", "A");
    scene.upstream.give_artist(&who, &[]);
    assert_eq!(
        scene.ask(ingest_artist(&spotify_id("a"))).await,
        ["ingest_artist done"]
    );

    scene
        .ingest(&with_upc(album("empty", "Empty", &[&who], vec![]), UPC))
        .await;
    let many = (1..=300)
        .map(|number| {
            track(
                &format!("t{number}x"),
                number,
                &format!("Song {number}"),
                &[&who],
            )
        })
        .collect();
    scene.ingest(&album("many", "Many", &[&who], many)).await;
    let tracks = "SELECT a.name || ' ' || count(t.id) || ' ' || count(DISTINCT t.track_number) FROM albums a LEFT JOIN tracks t ON t.album_id = a.id GROUP BY a.id ORDER BY 1";
    assert_eq!(scene.texts(tracks).await, ["Empty 0 0", "Many 300 300"]);
    assert_eq!(
        scene
            .upstream
            .calls(&format!("/v1/albums/{}", spotify_id("many"))),
        6
    );
    let outcome = scene
        .machine
        .outcome(Message::IdentifyAlbum {
            album_id: AlbumId(1),
        })
        .await;
    assert_eq!(outcome, Outcome::Done);
}

#[tokio::test]
async fn nulls_floats_and_missing_artists_are_read_for_what_they_are() {
    let scene = Scene::new().await;
    let who = artist("a", "A");
    let mut odd = single("x");
    odd["total_tracks"] = json!(3.0);
    odd["artists"] = json!([null, who, {"name": "Without id"}]);
    odd["genres"] = json!([null, "genre"]);
    let mut floats = track("t1", 1, "Floats", &[&who]);
    floats["duration_ms"] = json!(204_053.0);
    floats["track_number"] = json!(1.0);
    let mut bare = track("t2", 2, "Bare", &[]);
    for field in ["artists", "disc_number", "duration_ms"] {
        bare[field] = Value::Null;
    }
    odd["tracks"] =
        json!({"items": [null, floats, bare, {"id": null, "name": "Withdrawn"}], "total": 4.0});
    scene.ingest(&odd).await;
    let tracks = "SELECT t.name || ' ' || t.disc_number || '.' || t.track_number || ' ' || COALESCE(t.duration_ms::text, 'null') || ' ' || count(ta.artist_id) || ' ' || a.name
                  FROM tracks t LEFT JOIN track_artists ta ON ta.track_id = t.id LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id LEFT JOIN artists a ON a.id = n.artist_id GROUP BY t.id, a.id ORDER BY t.id";
    assert_eq!(
        scene.texts(tracks).await,
        ["Floats 1.1 204053 1 A", "Bare 1.2 null 0 A"],
        "without artists it is the album's artist's"
    );
    assert_eq!(
        scene.database.count("SELECT count(*) FROM artists").await,
        1
    );
}

#[tokio::test]
async fn names_in_every_script_and_of_any_length_come_through() {
    let names = [
        "水平線",
        "ガンバ",
        "أم كلثوم",
        "שלום\u{200f} עולם",
        "Ólafur",
        "e\u{301}te\u{301}",
        "👩‍👩‍👧 🎸",
        "ไทย",
        "हिन्दी",
        "Ё",
        "!!!",
        "†",
        "Ⅷ",
        &"long ".repeat(1_000),
        &"語".repeat(5_000),
        "'; DROP TABLE artists; --",
        "a\u{0}b\nc\td",
        "\\",
        "%_",
    ];
    let scene = Scene::new().await;
    let artists: Vec<Value> = (10..)
        .zip(names)
        .map(|(number, name)| artist(&format!("a{number}x"), name))
        .collect();
    let tracks = (1..)
        .zip(names)
        .zip(&artists)
        .map(|((number, name), who)| track(&format!("t{number}x"), number, name, &[who]))
        .collect();
    let everything = with_upc(album("x", names[14], &[&artists[0]], tracks), UPC);
    scene.ingest(&everything).await;
    let (band, long) = (person(1, names[0]), person(2, names[13].trim()));
    let songs: Vec<Value> = (100..)
        .zip(names)
        .map(|(number, name)| {
            recording(
                number,
                &name.replace('\0', ""),
                &band,
                vec![produced_by(&long)],
            )
        })
        .collect();
    scene.upstream.give_releases(
        UPC,
        &[&release(
            21,
            names[14],
            &band,
            &songs.iter().collect::<Vec<_>>(),
        )],
    );
    assert_eq!(
        scene
            .machine
            .outcome(Message::IdentifyAlbum {
                album_id: AlbumId(1)
            })
            .await,
        Outcome::Done
    );

    let kept: Vec<String> = names
        .iter()
        .map(|name| name.replace('\0', "").trim().to_owned())
        .collect();
    assert_eq!(
        scene
            .texts("SELECT name FROM tracks ORDER BY track_number")
            .await,
        kept
    );
    assert_eq!(scene.texts("SELECT a.name FROM artists a JOIN track_artists ta ON ta.artist_id = a.id JOIN tracks t ON t.id = ta.track_id ORDER BY t.track_number").await, kept);
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM normalized_tracks WHERE normalized_name <> ''")
            .await,
        names.len() as i64
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM track_producers")
            .await,
        names.len() as i64
    );
    // The same again finds them all.
    let fingerprint = scene.database.fingerprint().await;
    scene.ingest(&everything).await;
    scene
        .machine
        .outcome(Message::IdentifyAlbum {
            album_id: AlbumId(1),
        })
        .await;
    assert_eq!(scene.database.fingerprint().await, fingerprint);
}

#[tokio::test]
async fn various_artists_have_no_songs_and_count_for_no_collaboration() {
    let scene = Scene::new().await;
    let various = json!({"id": "0LyfQWJT6nXafLPZqxe9Of", "name": "Various Artists"});
    let who = artist("a", "A");
    let songs = vec![
        track("t1", 1, "One", &[&who]),
        track("t2", 2, "Two", &[]),
        track("t3", 3, "Three", &[&various]),
    ];
    scene
        .ingest(&with_upc(album("x", "Hits", &[&various], songs), UPC))
        .await;
    let songs = "SELECT a.name || ' ' || n.normalized_name FROM normalized_tracks n JOIN artists a ON a.id = n.artist_id";
    assert_eq!(scene.texts(songs).await, ["A one"]);

    let theirs = json!({"id": "89ad4ac3-39f7-470e-963a-56509c546377", "name": "Various Artists"});
    let songs = ["One", "Two", "Three"].map(|title| {
        recording(
            title.len() as u64 * 10 + u64::from(title.as_bytes()[1]),
            title,
            &theirs,
            vec![produced_by(&person(2, "P"))],
        )
    });
    scene.upstream.give_releases(
        UPC,
        &[&release(
            21,
            "Hits",
            &theirs,
            &songs.iter().collect::<Vec<_>>(),
        )],
    );
    assert_eq!(
        scene
            .machine
            .outcome(Message::IdentifyAlbum {
                album_id: AlbumId(1)
            })
            .await,
        Outcome::Done
    );
    sweep::compute_statistics(&scene.machine.sweep)
        .await
        .unwrap();
    let counts = "SELECT producer_name || ' ' || track_count || ' ' || artist_count FROM producer_popularity";
    assert_eq!(scene.texts(counts).await, ["P 3 1"]);
    let linked = "SELECT count(*) FROM artist_identities WHERE source = 'musicbrainz'";
    assert_eq!(scene.database.count(linked).await, 0);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_asked_for_again() {
    let scene = Scene::new().await;
    let whole = single("x").to_string();
    let path = format!("/v1/albums/{}", spotify_id("x"));
    scene.upstream.give_in_turn(
        &path,
        [
            Answer::new(200, "<!DOCTYPE html><html>Please wait</html>"),
            Answer::new(200, &whole[..whole.len() / 2]),
            Answer::new(200, &whole[..whole.len() / 2]).that_breaks_off(),
            Answer::new(502, "bad gateway"),
            Answer::new(200, whole.clone()),
        ],
    );
    let id = scene.machine.ask(&[ingest_album(&spotify_id("x"))]).await;
    assert_eq!(scene.machine.work_once(QueueName::Catalog).await, 1);
    for _ in 0..3 {
        assert_eq!(scene.steps(id).await, ["ingest_album waiting"]);
        scene.retry_now(QueueName::Catalog).await;
    }
    assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 0);
    scene.retry_now(QueueName::Catalog).await;
    assert_eq!(
        scene.steps(id).await,
        ["identify_album waiting", "ingest_album done"]
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM worker_issues")
            .await,
        0
    );
}

#[tokio::test]
async fn what_can_never_be_read_is_given_up_with_an_issue_and_kept() {
    let scene = Scene::new().await;
    scene.upstream.give(
        &format!("/v1/albums/{}", spotify_id("x")),
        Answer::new(200, "<html>"),
    );
    let id = scene.machine.ask(&[ingest_album(&spotify_id("x"))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    for _ in 0..4 {
        scene.retry_now(QueueName::Catalog).await;
    }
    let steps = scene.steps(id).await;
    assert!(
        steps[0].starts_with("ingest_album failed spotify: unreadable answer"),
        "{steps:?}"
    );
    let issues = scene.texts("SELECT message FROM worker_issues").await;
    assert!(
        issues.len() == 1 && issues[0].contains("a page for people came"),
        "{issues:?}"
    );
    scene
        .database
        .execute("UPDATE queue_messages SET visible_at = now()")
        .await;
    assert_eq!(scene.machine.work_once(QueueName::Catalog).await, 0);
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM dead_messages")
            .await,
        1
    );
}

#[tokio::test]
async fn a_token_that_expired_is_replaced_and_one_that_is_never_good_is_refused() {
    let scene = Scene::new().await;
    let path = format!("/v1/albums/{}", spotify_id("x"));
    let expired = Answer::error(401, "The access token expired");
    scene
        .upstream
        .give_in_turn(&path, [expired.clone(), (&single("x")).into()]);
    assert_eq!(
        scene.machine.outcome(ingest_album(&spotify_id("x"))).await,
        Outcome::Done
    );
    assert_eq!(scene.upstream.calls("/api/token"), 2);

    scene.upstream.give(&path, expired);
    let outcome = scene.machine.outcome(ingest_album(&spotify_id("x"))).await;
    assert!(matches!(outcome, Outcome::Snooze { .. }), "{outcome:?}");
    let issues = scene
        .texts("SELECT issue_type || ': ' || message FROM worker_issues")
        .await;
    assert!(
        issues.len() == 1
            && issues[0].starts_with("refused: ")
            && issues[0].contains("https://developer.spotify.com/dashboard"),
        "{issues:?}"
    );
}

#[tokio::test]
async fn a_403_in_plain_text_is_told_once_and_waited_out_without_calls() {
    let scene = Scene::new().await;
    let refusal =
        "Active premium subscription required for the owner of the app. See your dashboard.";
    for key in ["x", "y"] {
        scene.upstream.give(
            &format!("/v1/albums/{}", spotify_id(key)),
            Answer::new(403, refusal),
        );
    }
    let before = Utc::now();
    scene.machine.ask(&[ingest_album(&spotify_id("x"))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    scene
        .machine
        .ask(&[
            ingest_album(&spotify_id("y")),
            ingest_artist(&spotify_id("a")),
        ])
        .await;
    scene.machine.work_once(QueueName::Catalog).await;
    assert_eq!(
        scene.upstream.calls("/v1/"),
        1,
        "the whole source is left alone"
    );
    let issues = scene
        .texts("SELECT occurrences || ' ' || message FROM worker_issues")
        .await;
    assert!(
        issues.len() == 1 && issues[0].starts_with("1 ") && issues[0].contains("Premium"),
        "{issues:?}"
    );

    assert_snoozed(
        &scene,
        3,
        before + Duration::minutes(59),
        before + Duration::minutes(61),
        "Premium",
    )
    .await;
}

/// So many messages wait in Postgres until then, with a reason that says so, and nothing is on the queues or dead.
async fn assert_snoozed(
    scene: &Scene,
    count: i64,
    from: chrono::DateTime<Utc>,
    to: chrono::DateTime<Utc>,
    why: &str,
) {
    let rows = scene
        .database
        .client()
        .await
        .query(
            "SELECT not_before, snooze_reason FROM outgoing_messages WHERE snooze_count = 1",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(rows.len() as i64, count);
    for row in rows {
        let (until, reason): (chrono::DateTime<Utc>, String) = (row.get(0), row.get(1));
        assert!((from..to).contains(&until), "{until}");
        assert!(reason.contains(why), "{reason}");
    }
    sweep::handle(&scene.machine.sweep, std::time::Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(scene.database.count("SELECT (SELECT count(*) FROM queue_messages) + (SELECT count(*) FROM dead_messages)").await, 0);
}

#[tokio::test]
async fn a_quota_for_the_day_stops_its_group_of_calls_and_no_other() {
    let scene = Scene::new().await;
    let quota = Answer::new(
        429,
        r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#,
    )
    .header("retry-after", "86000");
    for key in ["x", "y"] {
        scene
            .upstream
            .give(&format!("/v1/albums/{}", spotify_id(key)), quota.clone());
    }
    scene.upstream.give_artist(&artist("a", "A"), &[]);
    let before = Utc::now();
    let id = scene.machine.ask(&[ingest_album(&spotify_id("x"))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    scene.machine.ask(&[ingest_album(&spotify_id("y"))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    assert_eq!(
        scene.upstream.calls("/v1/albums"),
        1,
        "what waits for the same group makes no call"
    );
    assert_eq!(
        scene.ask(ingest_artist(&spotify_id("a"))).await,
        ["ingest_artist done"],
        "other groups go on"
    );

    let until = before + Duration::seconds(86_000);
    assert_snoozed(
        &scene,
        2,
        until,
        until + Duration::minutes(1),
        "the quota of spotify_albums is used up",
    )
    .await;
    let progress = ingestions::list_progress(&scene.database.client().await, id)
        .await
        .unwrap();
    assert_eq!((progress[0].waiting, progress[0].snoozed), (1, 1));
    assert!(progress[0].snoozed_until.is_some_and(|at| at >= until));
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM worker_issues")
            .await,
        0
    );

    // The day is over.
    scene.upstream.give_album(&single("x"));
    scene.upstream.give_album(&single("y"));
    scene
        .database
        .execute("UPDATE upstream_budgets SET blocked_until = now()")
        .await;
    scene
        .database
        .execute("UPDATE outgoing_messages SET not_before = now()")
        .await;
    scene.machine.drain(&scene.database).await;
    assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 2);
    assert_eq!(
        scene.steps(id).await,
        ["identify_album done", "ingest_album done"]
    );
}

#[tokio::test]
async fn a_short_pause_is_waited_for_and_the_call_made_again() {
    let scene = Scene::new().await;
    let pause = Answer::error(429, "Too many requests").header("retry-after", "1");
    scene.upstream.give_in_turn(
        &format!("/v1/albums/{}", spotify_id("x")),
        [pause, (&single("x")).into()],
    );
    assert_eq!(
        scene.machine.outcome(ingest_album(&spotify_id("x"))).await,
        Outcome::Done
    );
}

#[tokio::test]
async fn musicbrainz_being_down_loses_neither_the_album_nor_the_question() {
    let answers = [
        (
            "release",
            Answer::new(
                503,
                r#"{"error":"Your requests are exceeding the allowable rate limit."}"#,
            )
            .header("retry-after", "1"),
            None,
        ),
        (
            "release",
            Answer::new(503, "<html>Service Unavailable</html>"),
            Some("unavailable"),
        ),
        (
            "release",
            Answer::new(200, "<html>Moved</html>"),
            Some("unreadable"),
        ),
        (
            "release/…",
            Answer::new(500, r#"{"error":"Internal"}"#),
            Some("unavailable"),
        ),
    ];
    for (path, failure, cause) in answers {
        let scene = Scene::new().await;
        scene.ingest(&with_upc(single("x"), UPC)).await;
        let band = person(1, "A");
        let whole = release(
            21,
            "Album",
            &band,
            &[&recording(
                11,
                "Song",
                &band,
                vec![produced_by(&person(2, "P"))],
            )],
        );
        scene.upstream.give_releases(UPC, &[&whole]);
        let (path, after): (String, Value) = if path == "release" {
            let found = json!({"releases": [{"id": mbid(21), "title": "Album", "track-count": 1, "artist-credit": whole["artist-credit"]}]});
            ("/ws/2/release".to_owned(), found)
        } else {
            (format!("/ws/2/release/{}", mbid(21)), whole)
        };
        scene.upstream.give_in_turn(&path, [failure, after.into()]);
        let identify = Message::IdentifyAlbum {
            album_id: AlbumId(1),
        };
        let outcome = scene.machine.outcome(identify.clone()).await;
        match cause {
            None => assert_eq!(outcome, Outcome::Done),
            Some(cause) => {
                assert!(
                    matches!(&outcome, Outcome::Retry { cause: said, .. } if said.starts_with("musicbrainz: ") && said.contains(cause)),
                    "{outcome:?}"
                );
                assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 1);
                assert_eq!(scene.machine.outcome(identify).await, Outcome::Done);
            }
        }
        assert_eq!(scene.texts("SELECT name FROM producers").await, ["P"]);
    }
}

#[tokio::test]
async fn a_release_that_was_found_and_is_gone_leaves_the_tracks_to_the_longer_way() {
    let scene = Scene::new().await;
    scene.ingest(&with_upc(single("x"), UPC)).await;
    let band = person(1, "A");
    let song = recording(11, "Song", &band, vec![produced_by(&person(2, "P"))]);
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band, &[&song])]);
    scene.upstream.give(
        &format!("/ws/2/release/{}", mbid(21)),
        Answer::new(404, r#"{"error":"Not Found"}"#),
    );
    scene.upstream.give_recordings("Song", &[&song]);
    assert_eq!(
        scene
            .machine
            .outcome(Message::IdentifyAlbum {
                album_id: AlbumId(1)
            })
            .await,
        Outcome::Done
    );
    assert_eq!(
        scene.texts("SELECT matched_by::text FROM credits").await,
        ["search"]
    );
}
