//! Merging two producers, and unmerging, which restores the earlier rows exactly.

use integration::{Database, database};
use pretty_assertions::assert_eq;
use shared::curation::{CurationError, merge, unmerge};
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::store::producers::statistics;
use shared::store::producers::{self, NameKind, ProducerName};

use super::{Album, DECISION, TRACK_PRODUCERS, an_album, credit, everything, producer};

const ONE: ProducerId = ProducerId(1);
const TWO: ProducerId = ProducerId(2);
const THREE: ProducerId = ProducerId(3);

/// Three producers. One and two are credited for the same tracks and for others. They share some names, links
/// and contacts, and each has others. Three is linked to both.
async fn people(database: &Database) -> Album {
    let client = database.client().await;
    let album = an_album(&client, "album").await;
    let one = producer(&client, Source::MusicBrainz, "m1", "Zoe").await;
    let two = producer(&client, Source::Discogs, "1", "Ann").await;
    let three = producer(&client, Source::Genius, "7", "Bob").await;
    assert_eq!(
        [one, two, three].map(|identity| identity.producer_id),
        [ONE, TWO, THREE]
    );
    let [first, second] = album.tracks.map(Some);
    credit(database, Source::MusicBrainz, &album, first, one, "Zoe").await;
    credit(database, Source::Discogs, &album, first, two, "Ann").await;
    credit(database, Source::Discogs, &album, second, two, "Ann").await;
    credit(database, Source::Genius, &album, second, three, "Bob").await;
    for sql in [
        "INSERT INTO producer_names (producer_id, name, kind, source, normalized_name) VALUES
            (1, 'Z', 'alias', 'manual', 'z'), (2, 'Z', 'alias', 'manual', 'z'), (2, 'A.', 'alias', 'discogs',
            'a'), (3, 'A.', 'alias', 'discogs', 'a')",
        "INSERT INTO producer_links (producer_id, linked_producer_id, kind, source) VALUES
            (1, 2, 'alias', 'discogs'), (2, 3, 'member_of', 'discogs'), (1, 3, 'member_of', 'discogs'), (3, 2,
            'alias', 'genius')",
        "INSERT INTO producer_contacts (producer_id, kind, value, source, source_id) VALUES
            (1, 'soundcloud', 'same', 'manual', 'm1'), (2, 'soundcloud', 'same', 'manual', '1'), (3,
            'soundcloud', 'same', 'manual', '7'),
            (2, 'website', 'https://ann.example', 'discogs', '1'), (3, 'website', 'https://ann.example',
            'discogs', '7')",
        "INSERT INTO producer_contacts (producer_id, kind, value, source, source_id, expires_at) VALUES
            (2, 'image', 'https://image.example', 'instagram', '17841', '2030-01-01Z')",
        "UPDATE producers SET email = 'ann@example.org', instagram_handle = 'ann', instagram_bio = 'bio',
            enriched_at = '2020-01-01Z', metadata = '{\"a\": 1}' WHERE id = 2",
        "UPDATE producers SET image_url = 'https://zoe.example' WHERE id = 1",
        "UPDATE producers SET email = 'bob@example.org', instagram_handle = 'bob' WHERE id = 3",
        "INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by, reason)
            SELECT 1, id, 'confirmed', 'ann', 'a test' FROM producer_identities WHERE producer_id = 3",
    ] {
        database.execute(sql).await;
    }
    shared::store::credits::track_producers::refresh(&client, &album.tracks)
        .await
        .unwrap();
    album
}

#[tokio::test]
async fn a_merge_computes_the_track_producers_again() {
    let database = database().await;
    people(&database).await;
    let client = database.client().await;
    database.execute("DELETE FROM producer_statistics_stale").await;
    // The lower id remains, whatever the order of the arguments.
    let merged = merge(&database.pool, TWO, ONE, DECISION).await.unwrap();
    assert_eq!(
        (merged.kept.id, merged.gone.id, merged.gone.name.as_str()),
        (ONE, TWO, "Ann")
    );
    assert_eq!(merged.track_count, 2);
    assert_eq!(
        database.texts(TRACK_PRODUCERS).await,
        [
            "1 1 musicbrainz 0.98",
            "1 3 manual 0.99",
            "2 1 discogs 0.90",
            "2 3 genius 0.85"
        ],
        "the confidences of two sources that agree are combined"
    );
    assert_eq!(
        database
            .texts("SELECT source_id FROM producer_identities WHERE producer_id = 1 ORDER BY 1")
            .await,
        ["1", "m1"]
    );
    assert_eq!(
        database
            .texts(
                "SELECT concat_ws(' ', name, email, instagram_handle, image_url) FROM producers WHERE id = 1"
            )
            .await,
        ["Zoe ann@example.org ann https://zoe.example"],
        "the name is that of the best source, and gaps are filled from the other producer"
    );
    assert_eq!(
        database.count("SELECT count(*) FROM producer_links").await,
        2,
        "no link to the same producer and no duplicate link"
    );
    let stale = "SELECT producer_id::text FROM producer_statistics_stale ORDER BY 1";
    assert_eq!(database.texts(stale).await, ["1"]);
    statistics::compute_stale(&client, 10).await.unwrap();
    assert_eq!(
        database
            .texts("SELECT producer_id || ' ' || track_count FROM producer_statistics")
            .await,
        ["1 2"]
    );
}

#[tokio::test]
async fn an_undone_merge_leaves_everything_as_before() {
    for name_kept in [false, true] {
        let database = database().await;
        people(&database).await;
        let before = everything(&database).await;
        merge(&database.pool, ONE, TWO, DECISION).await.unwrap();
        assert_ne!(everything(&database).await, before);
        let id = if name_kept { ONE } else { TWO };
        let unmerged = unmerge(&database.pool, id, "bob").await.unwrap();
        assert_eq!((unmerged.kept.id, unmerged.back.id), (ONE, TWO));
        assert_eq!(everything(&database).await, before);
        assert!(!unmerged.is_asked_anew);
        let log = "SELECT concat_ws(' ', kept_id, gone_id, decided_by, reason, unmerged_by, gone)
            FROM producer_merges";
        assert_eq!(database.texts(log).await, ["1 2 ann a test bob {}"]);
        // A merge can be repeated and undone again.
        merge(&database.pool, ONE, TWO, DECISION).await.unwrap();
        unmerge(&database.pool, TWO, "bob").await.unwrap();
        assert_eq!(everything(&database).await, before);
    }
}

#[tokio::test]
async fn several_merges_can_be_undone_in_any_order() {
    for order in [[TWO, THREE], [THREE, TWO]] {
        let database = database().await;
        people(&database).await;
        let before = everything(&database).await;
        for other in [TWO, THREE] {
            merge(&database.pool, ONE, other, DECISION).await.unwrap();
        }
        let refused = unmerge(&database.pool, ONE, "bob").await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "2 producers were merged into Zoe (producer 1): unmerge one of them: 2 (Ann), 3 (Bob)"
        );
        for id in order {
            unmerge(&database.pool, id, "bob").await.unwrap();
        }
        assert_eq!(everything(&database).await, before, "{order:?}");
    }
}

#[tokio::test]
async fn nested_merges_are_undone_from_the_outermost() {
    let database = database().await;
    people(&database).await;
    let before = everything(&database).await;
    merge(&database.pool, TWO, THREE, DECISION).await.unwrap();
    let between = everything(&database).await;
    // Producer three was merged into two.
    let merged = merge(&database.pool, THREE, ONE, DECISION).await.unwrap();
    assert_eq!((merged.kept.id, merged.gone.id), (ONE, TWO));
    let refused = unmerge(&database.pool, THREE, "bob").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "producer 2 was itself merged into Zoe (producer 1) later: unmerge 2 first"
    );
    unmerge(&database.pool, TWO, "bob").await.unwrap();
    assert_eq!(everything(&database).await, between);
    unmerge(&database.pool, THREE, "bob").await.unwrap();
    assert_eq!(everything(&database).await, before);
}

#[tokio::test]
async fn credits_since_the_merge_follow_their_identity() {
    let database = database().await;
    people(&database).await;
    let client = database.client().await;
    let before = database.texts(TRACK_PRODUCERS).await;
    merge(&database.pool, ONE, TWO, DECISION).await.unwrap();
    let other = an_album(&client, "another").await;
    let identity = producer(&client, Source::Discogs, "1", "Ann").await;
    assert_eq!(identity.producer_id, ONE);
    credit(
        &database,
        Source::Discogs,
        &other,
        Some(other.tracks[0]),
        identity,
        "Ann B.",
    )
    .await;
    let printed = ProducerName {
        producer_id: ONE,
        name: "Ann B.".to_owned(),
        kind: NameKind::CreditedAs,
    };
    producers::insert_names(&client, Source::Discogs, &[printed])
        .await
        .unwrap();
    let zoe = producer(&client, Source::MusicBrainz, "m1", "Zoe").await;
    credit(&database, Source::MusicBrainz, &other, None, zoe, "Zoe").await;
    unmerge(&database.pool, TWO, "bob").await.unwrap();
    let after = database.texts(TRACK_PRODUCERS).await;
    assert_eq!(after[..before.len()], before);
    assert_eq!(
        after[before.len()..],
        ["3 1 musicbrainz 0.60", "3 2 discogs 0.90", "4 1 musicbrainz 0.60"]
    );
    assert_eq!(
        database
            .texts("SELECT producer_id::text FROM producer_names WHERE name = 'Ann B.'")
            .await,
        ["2"]
    );
}

#[tokio::test]
async fn invalid_merges_are_refused_and_change_nothing() {
    let database = database().await;
    people(&database).await;
    merge(&database.pool, ONE, TWO, DECISION).await.unwrap();
    let before = everything(&database).await;
    let pool = &database.pool;
    for (result, expected) in [
        (
            merge(pool, ONE, ONE, DECISION).await.map(drop),
            "producer 1 cannot be merged with itself: name two producers",
        ),
        (
            merge(pool, ONE, TWO, DECISION).await.map(drop),
            "1 and 2 are already the same producer: Zoe (producer 1)",
        ),
        (
            merge(pool, ONE, ProducerId(99), DECISION).await.map(drop),
            "there is no producer 99",
        ),
        (
            unmerge(pool, ProducerId(99), "bob").await.map(drop),
            "there is no producer 99",
        ),
        (
            unmerge(pool, THREE, "bob").await.map(drop),
            "no producer was merged into Bob (producer 3)",
        ),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(matches!(
            error,
            CurationError::NotFound(_) | CurationError::Refused(_)
        ));
    }
    assert_eq!(everything(&database).await, before);
}
