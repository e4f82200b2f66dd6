//! The Instagram account that the sources agree on: its profile is stored, fetched again before it expires,
//! and never stored for a producer whose contacts were erased.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use integration::scene::Scene;
use integration::sources::instagram_error;
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::curation::{ContactDeletion, erase_contact};
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::domain::messages::Outcome;
use shared::store::producers::producer_pages;

use crate::{CONTACTS, LOOKUPS, SHOWN, STATE, enrich, enrich_due_lookups, producer};

const METADATA: &str = "SELECT metadata::text FROM producers ORDER BY id";

/// Ann. Her Discogs page states this handle.
async fn ann(scene: &Scene, handle: &str) -> ProducerId {
    let id = producer(scene, "Ann", &[(Source::Discogs, "5")]).await;
    give_handle(scene, handle);
    id
}

fn give_handle(scene: &Scene, handle: &str) {
    let page = format!("https://www.instagram.com/{handle}/");
    let upstream = &scene.upstream;
    upstream.give_discogs_artist(5, "Ann", &[page.as_str()], &json!({}));
}

/// A link to a picture that expires after this number of seconds.
fn picture(number: u32, seconds: i64) -> String {
    let expires_at = Utc::now().timestamp() + seconds;
    format!("https://scontent.example/{number}.jpg?oe={expires_at:X}&oh=1")
}

#[tokio::test]
async fn an_account_gives_bio_picture_website_followers_and_the_address_in_the_bio() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene, "Ann").await;
    let picture = picture(1, 86_400);
    let profile = json!({
        "biography": "Beats.\nBook me: Me@Ann.example!", "website": "ann.example", "followers_count": 7,
        "profile_picture_url": picture, "name": "Ann",
    });
    scene.upstream.give_profile("ann", "17841", &profile);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    let bio = "Beats.\nBook me: Me@Ann.example!";
    assert_eq!(
        scene.texts(SHOWN).await,
        [format!("ann | Me@Ann.example | {picture} | {bio}")]
    );
    assert_eq!(
        scene.texts(CONTACTS).await,
        [
            format!("bio {bio} instagram"),
            "email Me@Ann.example instagram".to_owned(),
            format!("image {picture} instagram"),
            "instagram ann discogs".to_owned(),
            "website ann.example instagram".to_owned(),
        ]
    );
    assert_eq!(scene.texts(METADATA).await, [r#"{"instagram_followers": 7}"#]);
    // If the bio has no address any more, the address is deleted.
    let profile = json!({"biography": "Beats. Write to me @ann or me at ann dot example"});
    scene.upstream.give_profile("ann", "17841", &profile);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(
        scene.texts(SHOWN).await,
        ["ann | - | - | Beats. Write to me @ann or me at ann dot example"]
    );
    assert_eq!(scene.texts(METADATA).await, ["{}"]);
    assert_eq!(scene.texts(STATE).await, ["t f"]);
}

#[tokio::test]
async fn an_account_that_is_hidden_is_forgotten_and_not_requested_again_soon() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene, "ann").await;
    let profile = json!({"biography": "Beats", "followers_count": 7});
    scene.upstream.give_profile("ann", "17841", &profile);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    let unknown = instagram_error(400, 110, "Invalid user id");
    scene.upstream.give_account("ann", unknown);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(SHOWN).await, ["ann | - | - | -"]);
    assert_eq!(scene.texts(METADATA).await, ["{}"]);
    assert_eq!(scene.texts(STATE).await, ["t f"]);
    assert_eq!(
        scene.texts(LOOKUPS).await,
        ["discogs artist found", "instagram profile not_found"]
    );
    scene.upstream.forget_calls();
    assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    assert_eq!(scene.upstream.calls("/"), 0);
}

#[tokio::test]
async fn an_empty_account_is_not_requested_again_soon() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene, "ann").await;
    let profile = json!({"name": "", "biography": " ", "website": "soon!"});
    scene.upstream.give_profile("ann", "17841", &profile);
    for _ in 0..2 {
        assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
        assert_eq!(scene.texts(SHOWN).await, ["ann | - | - | -"]);
    }
    assert_eq!(scene.upstream.calls("/instagram"), 1);
}

#[tokio::test]
async fn a_new_handle_replaces_everything_of_the_old_account() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene, "ann").await;
    let old = json!({"biography": "Old: old@ann.example", "followers_count": 7});
    scene.upstream.give_profile("ann", "17841", &old);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    give_handle(&scene, "ann_new");
    scene
        .upstream
        .give_profile("ann_new", "17842", &json!({"biography": "New"}));
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(SHOWN).await, ["ann_new | - | - | New"]);
    assert_eq!(scene.texts(METADATA).await, ["{}"]);
    // No source states a handle any more.
    let upstream = &scene.upstream;
    upstream.give_discogs_artist(5, "Ann", &[], &json!({}));
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(SHOWN).await, ["- | - | - | -"]);
    assert_eq!(scene.texts(CONTACTS).await, [""; 0]);
}

#[tokio::test]
async fn two_producers_with_one_account_both_get_its_profile() {
    let scene = Scene::with_all_contacts().await;
    let one = ann(&scene, "ann").await;
    let other = producer(&scene, "Bob", &[(Source::Discogs, "6")]).await;
    let upstream = &scene.upstream;
    upstream.give_discogs_artist(6, "Bob", &["https://instagram.com/ann"], &json!({}));
    upstream.give_profile("ann", "17841", &json!({"biography": "Ann & Bob"}));
    for id in [one, other] {
        assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    }
    let both = ["ann | - | - | Ann & Bob"; 2];
    assert_eq!(scene.texts(SHOWN).await, both);
    // Both share one account, so erasing one producer's contacts erases them for the other, too.
    erase_contact(
        &scene.database.pool,
        one,
        integration::DECISION,
        ContactDeletion::InADay,
    )
    .await
    .unwrap();
    assert_eq!(scene.texts(SHOWN).await, ["- | - | - | -"; 2]);
    assert_eq!(scene.texts(CONTACTS).await, [""; 0]);
}

#[tokio::test]
async fn a_picture_is_fetched_again_before_it_expires_and_an_expired_one_is_not_served() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene, "ann").await;
    let first = picture(1, 1_000_000);
    let profile = json!({"profile_picture_url": first});
    scene.upstream.give_profile("ann", "17841", &profile);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    let served = async || {
        let client = scene.database.client().await;
        let shown = producer_pages::find_contacts(&client, id).await.unwrap().unwrap();
        let images = shown.contacts.iter().filter(|contact| contact.kind == "image");
        (shown.image_url, images.count())
    };
    assert_eq!(served().await, (Some(first), 1));
    let due = "SELECT EXTRACT(epoch FROM look_again_at - looked_up_at)::bigint FROM lookups
        WHERE source = 'instagram'";
    let due = scene.database.count(due).await;
    assert!((749_990..=750_000).contains(&due), "{due}");
    scene
        .database
        .execute("UPDATE producer_contacts SET expires_at = now() WHERE kind = 'image'")
        .await;
    assert_eq!(served().await, (None, 0));
    // The lookup is due: the sweep sends a message for it, and no other source is asked.
    let second = picture(2, 100_000);
    let profile = json!({"profile_picture_url": second});
    scene.upstream.give_profile("ann", "17841", &profile);
    for sql in [
        "UPDATE lookups SET look_again_at = now() - interval '1 second' WHERE source = 'instagram'",
        "UPDATE upstream_budgets SET next_free_at = now() - interval '1 minute'",
        "INSERT INTO artists (name, requested_at) VALUES ('Band', now())",
        "INSERT INTO albums (artist_id, name) VALUES (1, 'Album')",
        "INSERT INTO tracks (album_id, track_number, name) VALUES (1, 1, 'Song')",
        "INSERT INTO track_producers (track_id, producer_id, confidence, source, role)
            VALUES (1, 1, 1, 'manual', 'producer')",
    ] {
        scene.database.execute(sql).await;
    }
    scene.upstream.forget_calls();
    let sweep = sweep::handle(&scene.machine.sweep, Duration::from_secs(60));
    assert_eq!(sweep.await.unwrap().refreshed, 1);
    scene.machine.drain(&scene.database).await;
    assert_eq!(served().await, (Some(second), 1));
    assert_eq!(scene.upstream.calls("/"), 1);
}

#[tokio::test]
async fn a_picture_without_an_expiry_is_valid_for_a_day() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene, "ann").await;
    let profile = json!({"profile_picture_url": "https://scontent.example/1.jpg"});
    scene.upstream.give_profile("ann", "17841", &profile);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    let client = scene.database.client().await;
    let sql = "SELECT expires_at FROM producer_contacts WHERE kind = 'image'";
    let row = client.query_one(sql, &[]).await.unwrap();
    let away: TimeDelta = row.get::<_, chrono::DateTime<Utc>>(0) - Utc::now();
    assert!((86_340..=86_400).contains(&away.num_seconds()), "{away}");
}

#[tokio::test]
async fn an_erased_producer_is_not_looked_up() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene, "ann").await;
    let profile = json!({
        "biography": "me@ann.example", "followers_count": 7, "website": "https://ann.example",
        "profile_picture_url": picture(1, 86_400),
    });
    scene.upstream.give_profile("ann", "17841", &profile);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    let (_, facts) = erase_contact(
        &scene.database.pool,
        id,
        integration::DECISION,
        ContactDeletion::InADay,
    )
    .await
    .unwrap();
    assert_eq!(facts, 5, "handle, bio, address, picture and website");
    let lookups = "SELECT count(*) FROM lookups WHERE source = 'instagram'";
    assert_eq!(scene.database.count(lookups).await, 0);
    scene.upstream.forget_calls();
    give_handle(&scene, "ann_new");
    scene.upstream.give_profile("ann_new", "17841", &profile);
    let image = json!({"image_url": "https://images.genius.example/ann.jpg", "instagram_name": "ann"});
    scene.upstream.give_genius_artist(7, "Ann", &image);
    scene
        .database
        .execute(
            "INSERT INTO producer_identities (source, source_id, producer_id, name)
            VALUES ('genius', '7', 1, 'Ann')",
        )
        .await;
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(
        (
            scene.upstream.calls("/genius"),
            scene.upstream.calls("/instagram")
        ),
        (1, 0)
    );
    assert_eq!(scene.texts(SHOWN).await, ["- | - | - | -"]);
    assert_eq!(scene.texts(CONTACTS).await, [""; 0]);
    assert_eq!(scene.texts(METADATA).await, ["{}"]);
    assert_eq!(scene.database.count(lookups).await, 0);
    // The erased account is not looked up for another producer either.
    let other = producer(&scene, "Bob", &[(Source::Discogs, "6")]).await;
    let pages = ["https://instagram.com/ANN", "https://bob.example"];
    scene.upstream.give_discogs_artist(6, "Bob", &pages, &json!({}));
    assert_eq!(enrich(&scene, other).await, Outcome::Done);
    assert_eq!(scene.upstream.calls("/instagram"), 0);
    assert_eq!(scene.texts(CONTACTS).await, ["other https://bob.example discogs"]);
}
