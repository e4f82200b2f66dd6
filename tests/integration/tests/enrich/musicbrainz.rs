//! The links and aliases of a producer at MusicBrainz.

use integration::records::{
    UPC, album, artist, mbid, person, produced_by, recording, release, track, with_upc,
};
use integration::scene::Scene;
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::ProducerId;
use shared::domain::messages::{Message, Outcome, QueueName};

const CONTACTS: &str =
    "SELECT kind || ' ' || value || ' ' || source || ' ' || source_id FROM producer_contacts ORDER BY 1";
const NAMES: &str = "SELECT name || ' ' || kind FROM producer_names ORDER BY 1";
const PRODUCER: &str =
    "SELECT name || ' ' || COALESCE(instagram_handle, 'none') || ' ' || (enriched_at IS NOT
    NULL) || ' ' || enrichment_failed FROM producers";
const ENRICH: Message = Message::EnrichProducer {
    producer_id: ProducerId(1),
};

/// A scene with one producer, who is credited under another name.
async fn scene_of_one() -> Scene {
    let scene = Scene::new().await;
    let (who, band) = (artist("a", "A"), person(1, "A"));
    let song = track("t", 1, "One", &[&who]);
    let id = scene
        .ingest(&with_upc(album("x", "Album", &[&who], vec![song]), UPC))
        .await;
    let mut credit = produced_by(&person(2, "Producer"));
    credit["target-credit"] = json!("As Printed");
    let song = recording(11, "One", &band, vec![credit]);
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band, &[&song])]);
    scene.identify(id).await;
    scene
}

/// Sets the producer's page at MusicBrainz.
fn give(scene: &Scene, name: &str, aliases: &[&str], links: &[Value]) {
    let mut known = person(2, name);
    known["aliases"] = aliases.iter().map(|alias| json!({"name": alias})).collect();
    known["relations"] = json!(links);
    scene.upstream.give(&format!("/ws/2/artist/{}", mbid(2)), known);
}

async fn enrich(scene: &Scene) {
    assert_eq!(scene.machine.outcome(ENRICH).await, Outcome::Done);
}

fn link(kind: &str, url: &str, ended: bool) -> Value {
    json!({"type": kind, "target-type": "url", "ended": ended, "attributes": [], "url": {"id": mbid(99),
        "resource": url}})
}

#[tokio::test]
async fn a_producer_gets_the_names_and_links_of_the_source() {
    let scene = scene_of_one().await;
    give(
        &scene,
        "Producer",
        &["Also Known", "also known", "Producer"],
        &[
            link("social network", "https://www.instagram.com/Some.Handle/", false),
            link("social network", "https://www.instagram.com/old_handle/", true),
            link("soundcloud", "https://soundcloud.com/producer", false),
            link("official homepage", "https://producer.invalid.example/", false),
            link("fanpage", "https://fans.example/", false),
            json!({"type": "discogs", "url": null}),
        ],
    );
    assert_eq!(scene.texts(PRODUCER).await, ["Producer none false false"]);
    enrich(&scene).await;
    assert_eq!(scene.texts(PRODUCER).await, ["Producer some.handle true false"]);
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
async fn removed_facts_are_deleted_and_names_as_printed_stay() {
    let scene = scene_of_one().await;
    give(
        &scene,
        "Producer",
        &["Old Alias"],
        &[link("social network", "https://www.instagram.com/first", false)],
    );
    enrich(&scene).await;
    give(
        &scene,
        "Renamed",
        &["New Alias"],
        &[link("social network", "https://twitter.com/second", false)],
    );
    enrich(&scene).await;
    assert_eq!(scene.texts(PRODUCER).await, ["Renamed none true false"]);
    assert_eq!(
        scene.texts(CONTACTS).await,
        [format!("twitter second musicbrainz {}", mbid(2))]
    );
    assert_eq!(
        scene.texts(NAMES).await,
        ["As Printed credited_as", "New Alias alias", "Renamed primary"]
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
async fn two_instagram_links_are_stored_and_the_smaller_handle_is_shown() {
    let links = ["zed", "Abe"].map(|handle| {
        link(
            "social network",
            &format!("https://instagram.com/{handle}?hl=en"),
            false,
        )
    });
    for turned in [false, true] {
        let scene = scene_of_one().await;
        let mut links = links.to_vec();
        if turned {
            links.reverse();
        }
        give(&scene, "Producer", &[], &links);
        enrich(&scene).await;
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
async fn an_unknown_mbid_is_a_finished_attempt() {
    let scene = scene_of_one().await;
    enrich(&scene).await;
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
        "the names from the credits stay"
    );
}

#[tokio::test]
async fn an_unavailable_musicbrainz_is_not_a_finished_attempt() {
    let scene = scene_of_one().await;
    scene.upstream.give(
        &format!("/ws/2/artist/{}", mbid(2)),
        Answer::new(500, "<html>oops</html>"),
    );
    let outcome = scene.machine.outcome(ENRICH).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    assert_eq!(scene.texts(PRODUCER).await, ["Producer none false false"]);
    give(&scene, "Producer", &[], &[]);
    enrich(&scene).await;
    assert_eq!(scene.texts(PRODUCER).await, ["Producer none true false"]);
}

#[tokio::test]
async fn an_unknown_producer_fails_the_waiting_steps_without_any_request() {
    let scene = scene_of_one().await;
    let unknown = Message::EnrichProducer {
        producer_id: ProducerId(77),
    };
    scene.upstream.forget_calls();
    scene.machine.request(&[unknown]).await;
    scene
        .database
        .execute("DELETE FROM queue_messages WHERE body::json ->> 'producer_id' = '1'")
        .await;
    scene.machine.work_once(QueueName::Enrichment).await;
    let task = "SELECT outcome || ': ' || (detail ->> 'reason') FROM ingestion_tasks";
    assert_eq!(scene.texts(task).await, ["failed: there is no producer 77"]);
    assert_eq!(scene.upstream.calls("/"), 0);
}
