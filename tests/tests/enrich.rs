//! What MusicBrainz's links and aliases make of a producer.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use integration::records::{
    album, artist, mbid, person, produced_by, recording, release, spotify_id, track, with_upc,
};
use integration::upstream::{Answer, Upstream};
use integration::{Database, Machine, database};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::ids::{AlbumId, ProducerId};
use shared::messages::{Message, Outcome, QueueName};

const UPC: &str = "200000000011";
const CONTACTS: &str = "SELECT kind || ' ' || value || ' ' || source || ' ' || source_id FROM producer_contacts ORDER BY 1";
const NAMES: &str = "SELECT name || ' ' || kind FROM producer_names ORDER BY 1";
const PRODUCER: &str = "SELECT name || ' ' || COALESCE(instagram_handle, 'none') || ' ' || (enriched_at IS NOT NULL) || ' ' || enrichment_failed FROM producers";
const ENRICH: Message = Message::EnrichProducer {
    producer_id: ProducerId(1),
};

struct Scene {
    upstream: Upstream,
    database: Database,
    machine: Machine,
}

impl Scene {
    /// One producer, who is credited under another name than his own.
    async fn new() -> Self {
        let (upstream, database) = (Upstream::start().await, database().await);
        let (who, band) = (artist("a", "A"), person(1, "A"));
        upstream.give_album(&with_upc(
            album("x", "Album", &[&who], vec![track("t", 1, "One", &[&who])]),
            UPC,
        ));
        let mut credit = produced_by(&person(2, "Producer"));
        credit["target-credit"] = json!("As Printed");
        upstream.give_releases(
            UPC,
            &[&release(
                21,
                "Album",
                &band,
                &[&recording(11, "One", &band, vec![credit])],
            )],
        );
        let machine = upstream.machine(&database);
        let spotify_album_id = spotify_id("x").parse().unwrap();
        machine
            .outcome(Message::IngestAlbum { spotify_album_id })
            .await;
        machine
            .outcome(Message::IdentifyAlbum {
                album_id: AlbumId(1),
            })
            .await;
        Self {
            upstream,
            database,
            machine,
        }
    }

    /// What MusicBrainz says of the producer from now on.
    fn give(&self, name: &str, aliases: &[&str], links: &[Value]) {
        let mut known = person(2, name);
        known["aliases"] = aliases.iter().map(|alias| json!({"name": alias})).collect();
        known["relations"] = json!(links);
        self.upstream
            .give(&format!("/ws/2/artist/{}", mbid(2)), known);
    }

    async fn enrich(&self) {
        assert_eq!(self.machine.outcome(ENRICH).await, Outcome::Done);
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        self.database.texts(sql).await
    }
}

fn link(kind: &str, url: &str, ended: bool) -> Value {
    json!({"type": kind, "target-type": "url", "ended": ended, "attributes": [], "url": {"id": mbid(99), "resource": url}})
}

#[tokio::test]
async fn a_producer_gets_the_names_and_links_that_are_stated_with_their_source() {
    let scene = Scene::new().await;
    scene.give(
        "Producer",
        &["Also Known", "also known", "Producer"],
        &[
            link(
                "social network",
                "https://www.instagram.com/Some.Handle/",
                false,
            ),
            link(
                "social network",
                "https://www.instagram.com/old_handle/",
                true,
            ),
            link("soundcloud", "https://soundcloud.com/producer", false),
            link(
                "official homepage",
                "https://producer.invalid.example/",
                false,
            ),
            link("fanpage", "https://fans.example/", false),
            json!({"type": "discogs", "url": null}),
        ],
    );
    assert_eq!(scene.texts(PRODUCER).await, ["Producer none false false"]);
    scene.enrich().await;
    assert_eq!(
        scene.texts(PRODUCER).await,
        ["Producer some.handle true false"]
    );
    assert_eq!(
        scene.texts(CONTACTS).await,
        [
            format!("instagram some.handle musicbrainz {}", mbid(2)),
            format!("soundcloud producer musicbrainz {}", mbid(2)),
            format!(
                "website https://producer.invalid.example/ musicbrainz {}",
                mbid(2)
            ),
        ]
    );
    assert_eq!(
        scene.texts(NAMES).await,
        [
            "Also Known alias",
            "As Printed credited_as",
            "Producer primary",
            "also known alias"
        ]
    );
    let found = "SELECT name || ' ' || matched_name FROM search_producers('alsoknown')";
    assert_eq!(scene.texts(found).await.len(), 1);
}

#[tokio::test]
async fn what_is_stated_no_more_goes_and_names_as_printed_stay() {
    let scene = Scene::new().await;
    scene.give(
        "Producer",
        &["Old Alias"],
        &[link(
            "social network",
            "https://www.instagram.com/first",
            false,
        )],
    );
    scene.enrich().await;
    scene.give(
        "Renamed",
        &["New Alias"],
        &[link("social network", "https://twitter.com/second", false)],
    );
    scene.enrich().await;
    assert_eq!(scene.texts(PRODUCER).await, ["Renamed none true false"]);
    assert_eq!(
        scene.texts(CONTACTS).await,
        [format!("twitter second musicbrainz {}", mbid(2))]
    );
    assert_eq!(
        scene.texts(NAMES).await,
        [
            "As Printed credited_as",
            "New Alias alias",
            "Renamed primary"
        ]
    );
    assert_eq!(
        scene.texts("SELECT normalized_name FROM producers").await,
        ["renamed"]
    );
    assert_eq!(
        scene.texts("SELECT name FROM producer_identities").await,
        ["Renamed"]
    );
}

#[tokio::test]
async fn of_two_instagram_links_both_are_kept_and_the_smaller_handle_is_shown() {
    let links = ["zed", "Abe"].map(|handle| {
        link(
            "social network",
            &format!("https://instagram.com/{handle}?hl=en"),
            false,
        )
    });
    for turned in [false, true] {
        let scene = Scene::new().await;
        let mut links = links.to_vec();
        if turned {
            links.reverse();
        }
        scene.give("Producer", &[], &links);
        scene.enrich().await;
        assert_eq!(scene.texts(PRODUCER).await, ["Producer abe true false"]);
        assert_eq!(
            scene
                .database
                .count("SELECT count(*) FROM producer_contacts")
                .await,
            2
        );
    }
}

#[tokio::test]
async fn an_mbid_that_is_not_known_any_more_is_a_finished_attempt() {
    let scene = Scene::new().await;
    scene.enrich().await;
    assert_eq!(scene.texts(PRODUCER).await, ["Producer none true false"]);
    assert_eq!(
        scene
            .texts("SELECT outcome::text FROM lookups WHERE kind = 'artist'")
            .await,
        ["not_found"]
    );
    assert_eq!(
        scene.texts(NAMES).await,
        ["As Printed credited_as", "Producer primary"],
        "what the credits say stays"
    );
}

#[tokio::test]
async fn musicbrainz_down_is_no_finished_attempt() {
    let scene = Scene::new().await;
    scene.upstream.give(
        &format!("/ws/2/artist/{}", mbid(2)),
        Answer::new(500, "<html>oops</html>"),
    );
    let outcome = scene.machine.outcome(ENRICH).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    assert_eq!(scene.texts(PRODUCER).await, ["Producer none false false"]);
    scene.give("Producer", &[], &[]);
    scene.enrich().await;
    assert_eq!(scene.texts(PRODUCER).await, ["Producer none true false"]);
}

#[tokio::test]
async fn a_producer_that_is_not_there_fails_for_those_who_wait_and_nobody_is_asked() {
    let scene = Scene::new().await;
    let gone = Message::EnrichProducer {
        producer_id: ProducerId(77),
    };
    scene.upstream.forget_calls();
    scene.machine.ask(&[gone]).await;
    scene
        .database
        .execute("DELETE FROM queue_messages WHERE body::json ->> 'producer_id' = '1'")
        .await;
    scene.machine.work_once(QueueName::Enrichment).await;
    let task = "SELECT outcome || ': ' || (detail ->> 'reason') FROM ingestion_tasks";
    assert_eq!(scene.texts(task).await, ["failed: there is no producer 77"]);
    assert_eq!(scene.upstream.calls("/"), 0);
}
