//! Lookups: how long they are fresh, which of two is stored, and which are due.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use integration::{Database, database, rows};
use serde_json::json;
use shared::domain::credits::Source;
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::store::work::{refreshes, worker_issues};

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
        refreshes::list_due_artists(&client, 10).await.unwrap(),
        [expected[0].0.clone()]
    );
    assert_eq!(
        refreshes::list_due_albums(&client, 10).await.unwrap(),
        [expected[0].1]
    );
    assert_eq!(
        refreshes::list_due_producers(&client, Source::MusicBrainz, 10)
            .await
            .unwrap(),
        [expected[0].2]
    );
    assert_eq!(refreshes::list_due_artists(&client, 0).await.unwrap(), [""; 0]);
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
