//! Decisions that a person makes during a lookup, and sources without a configuration: no contact is added to
//! the wrong producer, no erased contact is restored, and no message is sent for a source that is
//! not configured.

use std::time::Duration;

use integration::scene::Scene;
use integration::{EVERY_SOURCE, bootstrap};
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::curation::{ContactDeletion, Decision, erase_contact, merge, unmerge};
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::domain::messages::{Message, Outcome};

use crate::{CONTACTS, SHOWN, ann, enrich, producer};

const SOMEBODY: Decision<'static> = Decision {
    by: "ann",
    reason: "a test",
};

/// A producer with a Discogs page that links to an Instagram account.
async fn producer_with_account(scene: &Scene, id: i64, name: &str) -> ProducerId {
    let found = producer(scene, name, &[(Source::Discogs, &id.to_string())]).await;
    let handle = name.to_ascii_lowercase();
    let page = format!("https://instagram.com/{handle}");
    let upstream = &scene.upstream;
    upstream.give_discogs_artist(id, name, &[&page], &json!({}));
    let profile = json!({"biography": format!("I am {name}"), "followers_count": id});
    upstream.give_profile(&handle, &format!("1784{id}"), &profile);
    found
}

/// Handles the message again, as a queue does, until it is done.
async fn enrich_until_done(scene: &Scene, producer_id: ProducerId) {
    for _ in 0..10 {
        match enrich(scene, producer_id).await {
            Outcome::Done => return,
            Outcome::Retry { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("the message is never done");
}

const CALL_FOR_ANN: &str = "/discogs/artists/5";
const CALL_FOR_BOB: &str = "/discogs/artists/6";
const CALL_FOR_ACCOUNT_OF_ANN: &str = "/instagram/1?.username(ann)";
const CALL_FOR_ACCOUNT_OF_BOB: &str = "/instagram/1?.username(bob)";

/// The variables that switch these sources on.
fn variables_of(sources: &[Source]) -> Vec<(&'static str, &'static str)> {
    let is_of = |variable: &str, source: &Source| match source {
        Source::MusicBrainz => variable == "CONTACT",
        other => variable.starts_with(&other.as_str().to_uppercase()),
    };
    let all = EVERY_SOURCE.iter().copied();
    all.filter(|(variable, _)| sources.iter().any(|source| is_of(variable, source)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_that_is_merged_during_a_lookup_leaves_its_contacts_to_the_remaining_one() {
    for call in [
        CALL_FOR_ANN,
        CALL_FOR_BOB,
        CALL_FOR_ACCOUNT_OF_ANN,
        CALL_FOR_ACCOUNT_OF_BOB,
    ] {
        let scene = Scene::with_all_contacts().await;
        let one = producer_with_account(&scene, 5, "Ann").await;
        let two = producer_with_account(&scene, 6, "Bob").await;
        let held = scene.upstream.hold(call);
        let merging = async {
            held.wait().await;
            merge(&scene.database.pool, one, two, SOMEBODY).await.unwrap();
            held.release();
        };
        tokio::join!(
            enrich_until_done(&scene, one),
            enrich_until_done(&scene, two),
            merging
        );
        assert_eq!(enrich(&scene, two).await, Outcome::Done);
        assert_eq!(scene.texts(SHOWN).await.len(), 1);
        let handles = "SELECT value FROM producer_contacts WHERE kind = 'instagram' ORDER BY 1";
        assert_eq!(scene.texts(handles).await, ["ann", "bob"], "{call}");
        // After the merge is undone, each producer has their own account again.
        unmerge(&scene.database.pool, two, "ann").await.unwrap();
        for id in [one, two] {
            assert_eq!(enrich(&scene, id).await, Outcome::Done);
        }
        assert_eq!(
            scene.texts(SHOWN).await,
            ["ann | - | - | I am Ann", "bob | - | - | I am Bob"],
            "{call}"
        );
        let owners =
            "SELECT producer_id || ' ' || value FROM producer_contacts WHERE kind = 'instagram' ORDER BY 1";
        assert_eq!(scene.texts(owners).await, ["1 ann", "2 bob"], "{call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_that_are_erased_during_a_lookup_stay_erased() {
    for call in [CALL_FOR_ANN, CALL_FOR_ACCOUNT_OF_ANN] {
        let scene = Scene::with_all_contacts().await;
        let id = producer_with_account(&scene, 5, "Ann").await;
        let held = scene.upstream.hold(call);
        let erasing = async {
            held.wait().await;
            erase_contact(
                &scene.database.pool,
                id,
                integration::DECISION,
                ContactDeletion::InADay,
            )
            .await
            .unwrap();
            held.release();
        };
        tokio::join!(enrich_until_done(&scene, id), erasing);
        for _ in 0..2 {
            assert_eq!(scene.texts(SHOWN).await, ["- | - | - | -"], "{call}");
            assert_eq!(scene.texts(CONTACTS).await, [""; 0], "{call}");
            let answers = "SELECT subject || answer FROM lookups WHERE source = 'instagram'";
            assert_eq!(scene.texts(answers).await, [""; 0], "{call}");
            let metadata = "SELECT metadata::text FROM producers";
            assert_eq!(scene.texts(metadata).await, ["{}"], "{call}");
            assert_eq!(enrich(&scene, id).await, Outcome::Done);
        }
    }
}

#[tokio::test]
async fn no_message_is_sent_for_a_source_that_is_not_configured() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene).await;
    let upstream = &scene.upstream;
    upstream.give_person(2, "Ann", &[("social network", "https://instagram.com/ann")]);
    upstream.give_discogs_artist(5, "Ann", &[], &json!({}));
    upstream.give_genius_artist(7, "Ann", &json!({}));
    upstream.give_profile("ann", "17841", &json!({"biography": "Beats"}));
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    for sql in [
        "INSERT INTO artists (name, requested_at, spotify_id)
            VALUES ('Band', now(), '0000000000000000000001')",
        "INSERT INTO artist_identities (source, source_id, artist_id)
            VALUES ('musicbrainz', '00000000-0000-4000-8000-000000000001', 1)",
        "INSERT INTO albums (artist_id, name) VALUES (1, 'Album')",
        "INSERT INTO tracks (album_id, track_number, name) VALUES (1, 1, 'Song')",
        "INSERT INTO track_producers (track_id, producer_id, confidence, source, role)
            VALUES (1, 1, 1, 'manual', 'producer')",
        "INSERT INTO lookups (source, kind, subject, outcome, answer, looked_up_at, look_again_at) VALUES
            ('spotify', 'ingest_artist', '0000000000000000000001:0', 'found', '{}', now(), now()),
            ('musicbrainz', 'ingest_artist', '00000000-0000-4000-8000-000000000001:0', 'found', '{}', now(),
            now()),
            ('musicbrainz', 'album', '1', 'found', '{}', now(), now())",
        "UPDATE lookups SET look_again_at = now() - interval '1 second'",
    ] {
        scene.database.execute(sql).await;
    }
    let all = Source::ALL.to_vec();
    let enriching = |source| match source {
        Source::Spotify | Source::Wikidata | Source::Manual => 0,
        Source::MusicBrainz | Source::Discogs | Source::Genius | Source::Instagram => 1,
    };
    for source in [vec![], all]
        .into_iter()
        .chain(Source::ALL.iter().map(|one| vec![*one]))
    {
        for sql in [
            "DELETE FROM outgoing_messages",
            "DELETE FROM queue_messages",
            "UPDATE upstream_budgets SET next_free_at = now() - interval '1 minute'",
            "UPDATE lookups SET look_again_at = now() - interval '1 second'",
        ] {
            scene.database.execute(sql).await;
        }
        let sweeper = sweep::Context::new(&bootstrap(
            &scene.machine.pool,
            sweep::SETTINGS,
            &variables_of(&source),
        ));
        let swept = sweep::handle(&sweeper, Duration::from_secs(60)).await;
        // A Spotify artist; the lists of an artist and an album at MusicBrainz; and one producer, at any
        // number of sources.
        let artists = usize::from(source.contains(&Source::Spotify));
        let musicbrainz = if source.contains(&Source::MusicBrainz) {
            let mbid = "00000000-0000-4000-8000-000000000001".parse().unwrap();
            shared::work::ingestion_requests::release_list_messages(&mbid, false).len() + 1
        } else {
            0
        };
        let producers = source.iter().copied().map(enriching).max().unwrap_or(0);
        assert_eq!(
            swept.unwrap().refreshed,
            artists + musicbrainz + producers,
            "{source:?}"
        );
    }
    let message = Message::EnrichProducer { producer_id: id };
    assert_eq!(scene.machine.outcome(message).await, Outcome::Done);
}
