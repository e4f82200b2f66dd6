//! Erased contact details that a person brings back, and those that nobody can bring back any more.

use integration::{Database, bootstrap, database};
use pretty_assertions::assert_eq;
use shared::curation::{
    ContactDeletion, CurationError, Decision, erase_contact, list_contact, merge, restore_contact,
};
use shared::domain::ids::ProducerId;

use super::DECISION;
use super::erasing::{CONTACTS, insert_two_anns, store_contacts};

const MISTAKE: Decision<'static> = Decision {
    by: "bob",
    reason: "the wrong Ann",
};

/// Everything that an erasure of contact details can change.
const EVERYTHING: &str = "
    SELECT to_jsonb(c)::text FROM producer_contacts c
    UNION ALL SELECT (to_jsonb(p) - 'updated_at')::text FROM producers p
    UNION ALL SELECT to_jsonb(m)::text FROM producer_merges m
    UNION ALL SELECT to_jsonb(p)::text FROM producer_merge_parts p
    UNION ALL SELECT to_jsonb(l)::text FROM lookups l
    UNION ALL SELECT to_jsonb(s)::text FROM contact_suppressions s
    UNION ALL SELECT to_jsonb(h)::text FROM hidden_contacts h
    ORDER BY 1";

const HIDDEN: &str = "SELECT count(*) FROM hidden_contacts";

async fn erase(database: &Database, id: ProducerId, deletion: ContactDeletion) -> usize {
    let erased = erase_contact(&database.pool, id, DECISION, deletion).await;
    erased.unwrap().1
}

/// Lets a day pass for the erasures of a producer.
async fn let_a_day_pass(database: &Database, id: ProducerId) {
    let sql = "UPDATE contact_erasures SET hidden_at = hidden_at - interval '24 hours' WHERE producer_id = ";
    database.execute(&format!("{sql}{id}")).await;
}

async fn assert_refused(database: &Database, id: ProducerId, expected: &str) {
    let restored = restore_contact(&database.pool, id, MISTAKE).await;
    let Err(CurationError::Refused(text)) = restored else {
        panic!("restored: {restored:?}");
    };
    assert!(text.contains(expected), "{text}");
}

#[tokio::test]
async fn an_erased_contact_is_hidden_at_once_and_a_person_can_bring_it_back() {
    let database = database().await;
    let [one, two] = insert_two_anns(&database)
        .await
        .map(|identity| identity.producer_id);
    database
        .execute(
            "INSERT INTO lookups (source, kind, subject, outcome, looked_up_at, look_again_at)
             VALUES ('instagram', 'profile', 'instagram.of.1', 'found', now(), now())",
        )
        .await;
    // The other Ann has one of her addresses, too.
    database
        .execute(
            "INSERT INTO producer_contacts (producer_id, kind, value, source, source_id)
             VALUES (2, 'website', 'website.of.1', 'discogs', '2')",
        )
        .await;
    let before = database.texts(EVERYTHING).await;
    let (_, listed) = list_contact(&database.pool, one, ContactDeletion::InADay)
        .await
        .unwrap();
    assert_eq!(
        database.texts(EVERYTHING).await,
        before,
        "listing changes nothing"
    );
    assert_eq!(erase(&database, one, ContactDeletion::InADay).await, listed.len());
    let visible = database.texts(CONTACTS).await;
    assert!(
        !visible.is_empty() && !visible.iter().any(|line| line.contains("of.1")),
        "{visible:?}"
    );
    assert_eq!(database.count("SELECT count(*) FROM lookups").await, 0);
    // A second request on the same day does not hinder the first one's undoing.
    erase(&database, one, ContactDeletion::InADay).await;

    let (producer, known) = restore_contact(&database.pool, one, MISTAKE).await.unwrap();
    assert_eq!((producer.id, known), (one, listed.len()));
    assert_eq!(database.texts(EVERYTHING).await, before);
    let asked = "SELECT count(*) FROM outgoing_messages WHERE queue = 'enrichment'";
    assert_eq!(database.count(asked).await, 1);
    let decided = "SELECT concat_ws(' | ', action, subject, decided_by, reason) FROM operator_decisions
        ORDER BY id";
    assert_eq!(
        database.texts(decided).await,
        [
            "erase_contact | 1 | ann | a test",
            "erase_contact | 1 | ann | a test",
            "restore_contact | 1 | bob | the wrong Ann"
        ]
    );
    assert_refused(
        &database,
        one,
        "no contact details of Ann (producer 1) were erased",
    )
    .await;
    assert_refused(
        &database,
        two,
        "no contact details of Ann (producer 2) were erased",
    )
    .await;
}

#[tokio::test]
async fn after_a_day_hidden_contacts_are_deleted_and_do_not_come_back() {
    let database = database().await;
    let [one, two] = insert_two_anns(&database).await;
    for identity in [one, two] {
        erase(&database, identity.producer_id, ContactDeletion::InADay).await;
    }
    let_a_day_pass(&database, one.producer_id).await;
    let hidden = "SELECT DISTINCT details ->> 'producer_id' FROM hidden_contacts
        WHERE origin = 'producer_contacts' ORDER BY 1";
    assert_eq!(database.texts(hidden).await, ["1", "2"]);
    // The schedule may be late.
    assert_refused(&database, one.producer_id, "were deleted permanently at ").await;
    let rollup = rollup::Context::new(&bootstrap(&database.pool, rollup::SETTINGS, &[]));
    rollup::handle(&rollup).await.unwrap();
    assert_eq!(database.texts(hidden).await, ["2"], "of the last day only");
    assert_refused(&database, one.producer_id, "were deleted permanently at ").await;
    store_contacts(&database, one, "m1").await;
    assert_eq!(database.texts(CONTACTS).await, [""; 0]);
    restore_contact(&database.pool, two.producer_id, MISTAKE)
        .await
        .unwrap();
    let_a_day_pass(&database, two.producer_id).await;
    rollup::handle(&rollup).await.unwrap();
    assert_eq!(database.texts(CONTACTS).await.len(), 7, "what was restored stays");
}

#[tokio::test]
async fn contacts_can_be_deleted_at_once_also_those_that_are_hidden_already() {
    let database = database().await;
    let [one, two] = insert_two_anns(&database)
        .await
        .map(|identity| identity.producer_id);
    let known = erase(&database, one, ContactDeletion::InADay).await;
    assert_eq!(erase(&database, one, ContactDeletion::Now).await, known);
    assert_eq!(database.count(HIDDEN).await, 0);
    assert_refused(&database, one, "were deleted permanently at ").await;
    erase(&database, two, ContactDeletion::Now).await;
    assert_eq!(database.count(HIDDEN).await, 0);
    assert_eq!(database.texts(CONTACTS).await, [""; 0]);
}

#[tokio::test]
async fn bringing_back_one_contact_lifts_no_other_erasure() {
    let database = database().await;
    let [one, two] = insert_two_anns(&database)
        .await
        .map(|identity| identity.producer_id);
    // Both have this address.
    let shared = "INSERT INTO producer_contacts (producer_id, kind, value, source, source_id)
        SELECT id, 'website', 'both.example', 'discogs', '2' FROM producers";
    database.execute(shared).await;
    erase(&database, one, ContactDeletion::InADay).await;
    erase(&database, two, ContactDeletion::Now).await;
    database.execute(shared).await;
    restore_contact(&database.pool, one, MISTAKE).await.unwrap();
    let visible = database.texts(CONTACTS).await;
    assert!(
        visible.iter().any(|line| line == "1 website website.of.1"),
        "{visible:?}"
    );
    assert!(visible.iter().all(|line| !line.starts_with('2')), "{visible:?}");
}

#[tokio::test]
async fn contacts_of_a_merged_producer_come_back_with_the_log_of_the_merge() {
    let database = database().await;
    let [one, two] = insert_two_anns(&database)
        .await
        .map(|identity| identity.producer_id);
    merge(&database.pool, one, two, DECISION).await.unwrap();
    let before = database.texts(EVERYTHING).await;
    erase(&database, two, ContactDeletion::InADay).await;
    assert_eq!(database.texts(CONTACTS).await, [""; 0]);
    restore_contact(&database.pool, two, MISTAKE).await.unwrap();
    assert_eq!(database.texts(EVERYTHING).await, before);
}

#[tokio::test]
async fn contacts_that_were_erased_before_a_merge_come_back_on_the_remaining_producer() {
    let database = database().await;
    let [one, two] = insert_two_anns(&database)
        .await
        .map(|identity| identity.producer_id);
    erase(&database, two, ContactDeletion::InADay).await;
    merge(&database.pool, one, two, DECISION).await.unwrap();
    assert_eq!(database.texts(CONTACTS).await, [""; 0]);
    let (producer, _) = restore_contact(&database.pool, two, MISTAKE).await.unwrap();
    assert_eq!(producer.id, one);
    let visible = database.texts(CONTACTS).await;
    assert!(
        visible.contains(&"1 website website.of.2".to_owned()),
        "{visible:?}"
    );
}
