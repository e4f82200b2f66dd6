//! Contacts that were erased on request never return: not from a source, a merge, an unmerge or a load.

use chrono::{TimeDelta, Utc};
use integration::records::{
    UPC, album, artist, mbid, person, produced_by, recording, release, track, with_upc,
};
use integration::scene::Scene;
use integration::{Database, database};
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::curation::{ContactDeletion, CurationError, erase_contact, merge, unmerge};
use shared::domain::contacts::{self, ShownContacts};
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::domain::messages::{Message, Outcome};
use shared::store::producers::contact_suppressions;
use shared::store::producers::producer_contacts::{self, ContactRow};
use shared::store::producers::{self, ProducerIdentity};

use super::{DECISION, producer};

pub(super) const CONTACTS: &str = "SELECT producer_id || ' ' || kind || ' ' || value FROM producer_contacts
    UNION ALL SELECT id || ' ' || concat_ws(' ', email, image_url, instagram_handle, instagram_bio)
    FROM producers
        WHERE num_nonnulls(email, image_url, instagram_handle, instagram_bio) > 0
    UNION ALL SELECT 'log ' || (gone ->> 'email') FROM producer_merges WHERE gone ->> 'email' IS NOT NULL
    UNION ALL SELECT 'metadata' FROM producers WHERE metadata <> '{}'
    ORDER BY 1";

#[tokio::test]
async fn enrichment_does_not_restore_erased_contacts() {
    let scene = Scene::new().await;
    let (who, band) = (artist("a", "A"), person(1, "A"));
    let song = track("t", 1, "One", &[&who]);
    let id = scene
        .ingest(&with_upc(album("x", "Album", &[&who], vec![song]), UPC))
        .await;
    let song = recording(11, "One", &band, vec![produced_by(&person(2, "Ann"))]);
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band, &[&song])]);
    scene.identify(id).await;
    let links = |urls: &[&str]| {
        let mut known = person(2, "Ann");
        known["aliases"] = json!([{"name": "A. Nn"}]);
        known["relations"] = urls
            .iter()
            .map(|url| {
                json!({"type": "social network", "target-type": "url", "ended": false,
                "attributes": [], "url": {"id": mbid(99), "resource": url}})
            })
            .collect();
        scene.upstream.give(&format!("/ws/2/artist/{}", mbid(2)), known);
    };
    let enrich = async || {
        let producer_id = ProducerId(1);
        let message = Message::EnrichProducer { producer_id };
        assert_eq!(scene.machine.outcome(message).await, Outcome::Done);
    };
    links(&["https://www.instagram.com/ann/"]);
    enrich().await;
    assert_eq!(scene.texts(CONTACTS).await, ["1 ann", "1 instagram ann"]);
    let (producer, facts) = erase_contact(
        &scene.database.pool,
        ProducerId(1),
        DECISION,
        ContactDeletion::InADay,
    )
    .await
    .unwrap();
    assert_eq!((producer.name.as_str(), facts), ("Ann", 1));
    assert_eq!(scene.texts(CONTACTS).await, [""; 0]);
    // The source states the erased contact again, and one that was not stored before.
    links(&["https://www.instagram.com/ann/", "https://soundcloud.com/ann"]);
    enrich().await;
    assert_eq!(scene.texts(CONTACTS).await, [""; 0]);
    let names = "SELECT name FROM producer_names ORDER BY 1";
    assert_eq!(
        scene.texts(names).await,
        ["A. Nn", "Ann"],
        "names are not contact details"
    );
    let again = erase_contact(
        &scene.database.pool,
        ProducerId(1),
        DECISION,
        ContactDeletion::InADay,
    )
    .await;
    assert_eq!(again.unwrap().1, 0);
}

/// Ann from MusicBrainz and Ann from Discogs, each with a handle, a bio and an email address.
pub(super) async fn insert_two_anns(database: &Database) -> [ProducerIdentity; 2] {
    let client = database.client().await;
    let one = producer(&client, Source::MusicBrainz, "m1", "Ann").await;
    let two = producer(&client, Source::Discogs, "2", "Ann").await;
    for identity in [one, two] {
        store_contacts(database, identity, "m1").await;
    }
    [one, two]
}

/// Stores contacts from two sources and updates the shown ones, as enrichment does.
pub(super) async fn store_contacts(database: &Database, identity: ProducerIdentity, record: &str) {
    let client = database.client().await;
    let id = identity.producer_id;
    let contact = |kind: &str, value: String, source_id: &str| ContactRow {
        kind: kind.to_owned(),
        value,
        source_id: source_id.to_owned(),
        expires_at: (kind == "image").then(|| Utc::now() + TimeDelta::days(1)),
    };
    let links = ["instagram", "website"].map(|kind| contact(kind, format!("{kind}.of.{id}"), record));
    let account = format!("1784{id}");
    let of_account = [
        ("email", format!("{id}@example.org")),
        ("bio", format!("bio of.{id}")),
        ("image", format!("https://image.of.{id}.example")),
    ]
    .map(|(kind, value)| contact(kind, value, &account));
    for (source, contacts) in [
        (Source::MusicBrainz, &links[..]),
        (Source::Instagram, &of_account),
    ] {
        producer_contacts::replace(&client, id, source, contacts)
            .await
            .unwrap();
    }
    let stated = producer_contacts::list(&client, id).await.unwrap();
    let mut shown = contacts::choose_shown(&stated, Some(1), Utc::now());
    if shown == ShownContacts::default() {
        // A direct write must not restore them either.
        shown.email = Some(format!("{id}@example.org"));
        shown.instagram_handle = Some(format!("instagram.of.{id}"));
        shown.image_url = Some("https://another.example".to_owned());
        shown.follower_count = Some(1);
    }
    producers::update_shown_contacts(&client, id, &shown)
        .await
        .unwrap();
}

#[tokio::test]
async fn neither_a_merge_nor_an_unmerge_restores_erased_contacts() {
    for erase_kept in [false, true] {
        let database = database().await;
        let people = insert_two_anns(&database).await;
        let pool = &database.pool;
        let [one, two] = people.map(|identity| identity.producer_id);
        assert_eq!(database.texts(CONTACTS).await.len(), 2 * 7);
        let (erased, other) = if erase_kept { (one, two) } else { (two, one) };
        erase_contact(pool, erased, DECISION, ContactDeletion::InADay)
            .await
            .unwrap();
        let of_other = database.texts(CONTACTS).await;
        assert_eq!(of_other.len(), 7);
        assert!(
            of_other
                .iter()
                .all(|line| line.starts_with(&other.to_string()) || line == "metadata")
        );
        merge(pool, one, two, DECISION).await.unwrap();
        assert_eq!(
            database.texts(CONTACTS).await,
            [""; 0],
            "the merged producer is suppressed"
        );
        for identity in people {
            let current = ProducerIdentity {
                producer_id: one,
                ..identity
            };
            store_contacts(&database, current, "m1").await;
            assert_eq!(database.texts(CONTACTS).await, [""; 0]);
        }
        let undone = unmerge(pool, two, "bob").await.unwrap();
        assert!(
            undone.is_asked_anew,
            "the contacts of the other producer are requested again"
        );
        assert_eq!(
            database
                .count("SELECT count(*) FROM outgoing_messages WHERE queue = 'enrichment'")
                .await,
            2
        );
        let client = database.client().await;
        for identity in people {
            store_contacts(&database, identity, "m1").await;
            let is_erased = identity.producer_id == erased;
            let is_suppressed = contact_suppressions::is_suppressed(&client, identity.producer_id).await;
            assert_eq!(is_suppressed.unwrap(), is_erased);
        }
        assert_eq!(database.texts(CONTACTS).await, of_other);
    }
}

#[tokio::test]
async fn erasing_a_merged_producer_erases_both_and_the_log() {
    let database = database().await;
    let people = insert_two_anns(&database).await;
    let pool = &database.pool;
    let [one, two] = people.map(|identity| identity.producer_id);
    merge(pool, one, two, DECISION).await.unwrap();
    assert!(
        database
            .texts(CONTACTS)
            .await
            .contains(&"log 2@example.org".to_owned())
    );
    // The merged id leads to the remaining producer.
    let (producer, _) = erase_contact(pool, two, DECISION, ContactDeletion::Now)
        .await
        .unwrap();
    assert_eq!(producer.id, one);
    let parts = "SELECT count(*) FROM producer_merge_parts WHERE part = 'contact'";
    assert_eq!(database.count(parts).await, 0, "hashes of handles can be guessed");
    unmerge(pool, two, "bob").await.unwrap();
    for identity in people {
        store_contacts(&database, identity, "m1").await;
    }
    assert_eq!(database.texts(CONTACTS).await, [""; 0]);
    let readable = "SELECT to_jsonb(m)::text FROM producer_merges m UNION ALL SELECT to_jsonb(p)::text
        FROM producer_merge_parts p UNION ALL SELECT encode(hash, 'escape') FROM contact_suppressions
        UNION ALL SELECT to_jsonb(h)::text FROM hidden_contacts h
        UNION ALL SELECT to_jsonb(d)::text FROM operator_decisions d";
    for text in database.texts(readable).await {
        assert!(
            !text.contains("example.org") && !text.contains("of.1") && !text.contains("of.2"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_load_with_another_id_does_not_restore_erased_contacts() {
    let database = database().await;
    let people = insert_two_anns(&database).await;
    erase_contact(
        &database.pool,
        people[0].producer_id,
        DECISION,
        ContactDeletion::InADay,
    )
    .await
    .unwrap();
    // All rows of the producer are deleted. A load inserts them again, contacts before identities.
    database.execute("DELETE FROM producers").await;
    for sql in [
        "INSERT INTO producers (name, normalized_name, email, metadata)
            VALUES ('Ann', 'ann', 'other@example.org', '{\"a\": 1}')",
        "INSERT INTO producer_contacts (producer_id, kind, value, source, source_id)
            SELECT id, 'soundcloud', 'ann', 'musicbrainz', 'm1' FROM producers",
        "INSERT INTO producer_identities (source, source_id, producer_id, name)
            SELECT 'musicbrainz', 'm1', id, name FROM producers",
    ] {
        assert_eq!(database.execute(sql).await, 1);
    }
    assert_eq!(database.texts(CONTACTS).await, [""; 0]);
    // The same values are refused for another producer and in other letter case.
    for sql in [
        "INSERT INTO producers (name, normalized_name, email, instagram_handle, instagram_bio)
            VALUES ('B', 'b', '1@EXAMPLE.org', 'Instagram.of.1', 'x')",
        "INSERT INTO producer_contacts (producer_id, kind, value, source, source_id)
            SELECT id, 'threads', 'instagram.of.1', 'discogs', '7' FROM producers WHERE name = 'B'",
    ] {
        database.execute(sql).await;
    }
    assert_eq!(database.texts(CONTACTS).await, [""; 0]);
    let unknown = erase_contact(&database.pool, ProducerId(999), DECISION, ContactDeletion::InADay).await;
    assert!(matches!(unknown, Err(CurationError::NotFound(_))));
}
