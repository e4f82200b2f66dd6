//! Lookups: how long they are fresh, which of two is stored, and which are due.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use integration::{Database, database, rows};
use serde_json::json;
use shared::domain::credits::Source;
use shared::domain::messages::Envelope;
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::store::work::{message_attempts, outgoing_messages, refreshes, worker_issues};

fn lookup(outcome: LookupOutcome, at: DateTime<Utc>) -> Lookup {
    Lookup::new(Source::MusicBrainz, "album", 7, outcome, at.trunc_subsecs(6))
}

async fn fresh(database: &Database, fresh_after: Option<DateTime<Utc>>) -> Option<LookupOutcome> {
    let client = database.client().await;
    let found = lookups::find_fresh(&client, Source::MusicBrainz, "album", "7", fresh_after)
        .await
        .unwrap();
    found.map(|found| found.outcome)
}

#[tokio::test]
async fn a_lookup_need_not_be_repeated_while_it_is_fresh() {
    use LookupOutcome::{Blocked, Failed, Found, NotFound};
    let now = Utc::now();
    for (outcome, days, is_fresh) in [
        (Found, 0, true),
        (Found, 29, true),
        (Found, 31, false),
        (NotFound, 0, true),
        (NotFound, 6, true),
        (NotFound, 8, false),
        (Blocked, 0, false),
        (Failed, 0, false),
    ] {
        let database = database().await;
        let kept = lookup(outcome, now - TimeDelta::days(days));
        let client = database.client().await;
        lookups::upsert(&client, std::slice::from_ref(&kept))
            .await
            .unwrap();
        assert_eq!(
            fresh(&database, None).await.is_some(),
            is_fresh,
            "{outcome} {days} days ago"
        );
        assert_eq!(
            fresh(&database, Some(kept.looked_up_at)).await.is_some(),
            is_fresh,
            "{outcome} {days} days ago"
        );
        assert_eq!(
            fresh(&database, Some(kept.looked_up_at + TimeDelta::seconds(1))).await,
            None
        );
        assert_eq!(
            lookups::list(&client, "album", &["7".to_owned()]).await.unwrap(),
            [kept],
            "listed whether or not it is fresh"
        );
    }
}

#[tokio::test]
async fn neither_an_earlier_nor_a_failed_lookup_replaces_a_fresh_one() {
    use LookupOutcome::{Blocked, Failed, Found, NotFound};
    let now = Utc::now();
    for (case, first, second, kept) in [
        ("the later lookup", (Found, 2), (NotFound, 1), Some(NotFound)),
        (
            "the later lookup, written first",
            (NotFound, 1),
            (Found, 2),
            Some(NotFound),
        ),
        (
            "a found lookup before a failure",
            (Found, 2),
            (Failed, 1),
            Some(Found),
        ),
        (
            "a not-found lookup before a refusal",
            (NotFound, 2),
            (Blocked, 1),
            Some(NotFound),
        ),
        (
            "a found lookup after a failure",
            (Failed, 2),
            (Found, 1),
            Some(Found),
        ),
        (
            "none: the found lookup was due again",
            (Found, 24 * 40),
            (Failed, 1),
            None,
        ),
    ] {
        let database = database().await;
        let client = database.client().await;
        for (outcome, hours) in [first, second] {
            let lookup = lookup(outcome, now - TimeDelta::hours(hours));
            lookups::upsert(&client, &[lookup]).await.unwrap();
        }
        assert_eq!(fresh(&database, None).await, kept, "{case}");
    }
}

#[tokio::test]
async fn only_requested_subjects_are_refreshed_and_only_when_they_are_due() {
    let database = database().await;
    let client = database.client().await;
    let now = Utc::now();
    let mut expected = Vec::new();
    for (number, requested, days) in [(1, true, 40), (2, true, 1), (3, false, 40)] {
        let artist = rows::artist(&client, &format!("artist {number}")).await;
        let sql =
            "UPDATE artists SET spotify_id = $2, requested_at = CASE WHEN $3 THEN now() END WHERE id = $1";
        client
            .execute(sql, &[&artist.0, &rows::spotify_id(number), &requested])
            .await
            .unwrap();
        let album = rows::album(&client, artist, "album", 1990).await;
        let track = rows::track(&client, album, 1, None).await;
        let producer = rows::producer(&client, &format!("m{number}")).await.producer_id;
        rows::produced(&client, track, producer).await;
        let at = now - TimeDelta::days(days);
        let first_page = format!("{}:0", rows::spotify_id(number));
        let lookups = [
            Lookup::new(
                Source::Spotify,
                "ingest_artist",
                first_page,
                LookupOutcome::Found,
                at,
            ),
            Lookup::new(Source::MusicBrainz, "album", album, LookupOutcome::Found, at),
            Lookup::new(
                Source::MusicBrainz,
                "artist",
                format!("m{number}"),
                LookupOutcome::Found,
                at,
            ),
        ];
        shared::store::work::lookups::upsert(&client, &lookups)
            .await
            .unwrap();
        expected.push((rows::spotify_id(number), album, producer));
    }
    assert_eq!(
        refreshes::take_due_artists(&client, 10).await.unwrap(),
        [expected[0].0.clone()]
    );
    assert_eq!(
        refreshes::take_due_albums(&client, 10).await.unwrap(),
        [expected[0].1]
    );
    assert_eq!(
        refreshes::take_due_producers(&client, Source::MusicBrainz, 10)
            .await
            .unwrap(),
        [expected[0].2]
    );
    assert_eq!(refreshes::take_due_artists(&client, 0).await.unwrap(), [""; 0]);
}

const BACK_OFF: &str = "SELECT back_off_count || ' ' ||
    round(EXTRACT(epoch FROM look_again_at - now()) / 3600) FROM lookups";

#[tokio::test]
async fn a_subject_without_an_answer_backs_off_longer_each_time_until_it_is_answered() {
    use LookupOutcome::{Failed, Found};
    let database = database().await;
    let client = database.client().await;
    let store = async |outcome| {
        lookups::upsert(&client, &[lookup(outcome, Utc::now())])
            .await
            .unwrap()
    };
    for expected in ["1 1", "2 24", "3 168", "4 168"] {
        store(Failed).await;
        assert_eq!(database.texts(BACK_OFF).await, [expected]);
        store(Failed).await;
        assert_eq!(
            database.texts(BACK_OFF).await,
            [expected],
            "the same round of tries"
        );
        database.execute("UPDATE lookups SET look_again_at = now()").await;
    }
    store(Found).await;
    assert_eq!(database.texts(BACK_OFF).await, ["0 720"]);
}

/// An artist that a person requested, whose album list has been due for some days.
async fn due_artist(database: &Database, number: u32, days: i64) -> String {
    let client = database.client().await;
    let artist = rows::artist(&client, "artist").await;
    let id = rows::spotify_id(number);
    let sql = "UPDATE artists SET spotify_id = $2, requested_at = now() WHERE id = $1";
    client.execute(sql, &[&artist.0, &id]).await.unwrap();
    let (found, at) = (LookupOutcome::Found, Utc::now() - TimeDelta::days(30 + days));
    let page = Lookup::new(Source::Spotify, "ingest_artist", format!("{id}:0"), found, at);
    lookups::upsert(&client, &[page]).await.unwrap();
    id
}

#[tokio::test]
async fn a_subject_that_is_being_refreshed_is_due_again_only_after_a_back_off() {
    let database = database().await;
    let client = database.client().await;
    let id = due_artist(&database, 1, 1).await;
    for expected in ["1 1", "2 24", "3 168"] {
        let taken = refreshes::take_due_artists(&client, 10).await.unwrap();
        assert_eq!(taken, std::slice::from_ref(&id));
        assert_eq!(refreshes::take_due_artists(&client, 10).await.unwrap(), [""; 0]);
        assert_eq!(database.texts(BACK_OFF).await, [expected]);
        let page = format!("{id}:0");
        let fresh = lookups::find_fresh(&client, Source::Spotify, "ingest_artist", &page, None);
        assert_eq!(fresh.await.unwrap(), None, "whoever refreshes it asks the source");
        database.execute("UPDATE lookups SET look_again_at = now()").await;
    }
}

#[tokio::test]
async fn subjects_that_fail_give_the_others_their_turn() {
    let database = database().await;
    let client = database.client().await;
    let (broken, healthy) = (
        due_artist(&database, 1, 2).await,
        due_artist(&database, 2, 1).await,
    );
    assert_eq!(refreshes::take_due_artists(&client, 1).await.unwrap(), [broken]);
    assert_eq!(refreshes::take_due_artists(&client, 1).await.unwrap(), [healthy]);
}

#[tokio::test]
async fn a_subject_whose_message_waits_or_has_failed_is_not_refreshed() {
    let database = database().await;
    let client = database.client().await;
    let id = due_artist(&database, 1, 1).await;
    let message = integration::scene::ingest_artist(&id);
    let waits = Envelope::requested(message.clone(), None);
    let written = outgoing_messages::upsert(&client, &[waits]).await.unwrap();
    assert_eq!(refreshes::take_due_artists(&client, 10).await.unwrap(), [""; 0]);
    outgoing_messages::delete(&client, &written).await.unwrap();
    let (queue, key) = (message.queue(), message.key());
    message_attempts::record_failure(&client, queue, &key, "a test")
        .await
        .unwrap();
    assert_eq!(refreshes::take_due_artists(&client, 10).await.unwrap(), [""; 0]);
    message_attempts::delete(&client, &[(queue, &key)]).await.unwrap();
    assert_eq!(refreshes::take_due_artists(&client, 10).await.unwrap(), [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_occurrences_are_one_issue_that_counts_them() {
    let database = database().await;
    let issue = worker_issues::WorkerIssue {
        worker_name: "ingest",
        issue_type: "gave_up",
        fingerprint: &"long ".repeat(1000),
        message: "a test",
        details: json!({}),
    };
    let raised = (0..12).map(|_| async {
        worker_issues::raise(&database.client().await, &issue)
            .await
            .unwrap()
    });
    futures::future::join_all(raised).await;
    let open = worker_issues::list_open(&database.client().await, 10)
        .await
        .unwrap();
    assert_eq!(open.iter().map(|one| one.occurrences).collect::<Vec<_>>(), [12]);
}
