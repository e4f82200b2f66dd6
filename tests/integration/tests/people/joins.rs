//! Automatic merges: by a link that a source states or by the same name on the same track, and by nothing
//! else.

use integration::{Database, database};
use shared::curation::{merge_automatically, unmerge};
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::store::producers::ProducerIdentity;
use shared::store::producers::producer_contacts::{self, ContactRow};

use super::{Album, an_album, claim, credit, producer, write};

/// Merges automatically, starting from one producer. Returns the identities of each producer.
async fn merge_and_list(database: &Database, one: ProducerIdentity) -> Vec<String> {
    merge_automatically(&database.pool, one.producer_id)
        .await
        .unwrap();
    database
        .texts(
            "SELECT string_agg(source || ':' || source_id, ' ' ORDER BY source, source_id)
            FROM producer_identities GROUP BY producer_id ORDER BY 1",
        )
        .await
}

/// Stores the Discogs pages that MusicBrainz states for a producer.
async fn store_discogs_pages(database: &Database, of: ProducerIdentity, mbid: &str, pages: &[&str]) {
    let contacts: Vec<ContactRow> = pages
        .iter()
        .map(|page| ContactRow {
            kind: "discogs".to_owned(),
            value: (*page).to_owned(),
            source_id: mbid.to_owned(),
            expires_at: None,
        })
        .collect();
    let client = database.client().await;
    producer_contacts::replace(&client, of.producer_id, Source::MusicBrainz, &contacts)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stated_link_joins_producers_in_either_order() {
    for from_discogs in [false, true] {
        let database = database().await;
        let client = database.client().await;
        let discogs = producer(&client, Source::Discogs, "1", "Ann").await;
        let musicbrainz = producer(&client, Source::MusicBrainz, "m1", "Zoe").await;
        store_discogs_pages(&database, musicbrainz, "m1", &["1"]).await;
        let start = if from_discogs { discogs } else { musicbrainz };
        assert_eq!(
            merge_and_list(&database, start).await,
            ["musicbrainz:m1 discogs:1"]
        );
        assert_eq!(database.texts("SELECT name FROM producers").await, ["Zoe"]);
    }
}

#[tokio::test]
async fn two_pages_of_one_source_are_two_producers() {
    let database = database().await;
    let client = database.client().await;
    let musicbrainz = producer(&client, Source::MusicBrainz, "m1", "Ann").await;
    let one = producer(&client, Source::Discogs, "1", "Ann").await;
    producer(&client, Source::Discogs, "2", "Ann (2)").await;
    store_discogs_pages(&database, musicbrainz, "m1", &["1", "2"]).await;
    let apart = ["discogs:1", "discogs:2", "musicbrainz:m1"];
    assert_eq!(merge_and_list(&database, musicbrainz).await, apart);
    assert_eq!(merge_and_list(&database, one).await, apart);
}

/// Inserts a producer who is credited for the first track of the album.
async fn credited_producer(
    database: &Database,
    album: &Album,
    source: Source,
    id: &str,
    name: &str,
) -> ProducerIdentity {
    let identity = producer(&database.client().await, source, id, name).await;
    credit(database, source, album, Some(album.tracks[0]), identity, name).await;
    identity
}

#[tokio::test]
async fn one_name_on_one_track_joins_producers_and_on_two_tracks_does_not() {
    let database = database().await;
    let album = an_album(&database.client().await, "album").await;
    let linked = credited_producer(&database, &album, Source::MusicBrainz, "m1", "Björk").await;
    credited_producer(&database, &album, Source::Genius, "unlinked:1:bjork", "bjork").await;
    let at_discogs = producer(&database.client().await, Source::Discogs, "9", "Bjork").await;
    credit(
        &database,
        Source::Discogs,
        &album,
        Some(album.tracks[1]),
        at_discogs,
        "Bjork",
    )
    .await;
    let expected = ["discogs:9", "musicbrainz:m1 genius:unlinked:1:bjork"];
    assert_eq!(merge_and_list(&database, linked).await, expected);
    assert_eq!(merge_and_list(&database, at_discogs).await, expected);
    // A credit for the whole album covers the same track.
    credit(&database, Source::Discogs, &album, None, at_discogs, "Bjork").await;
    assert_eq!(
        merge_and_list(&database, at_discogs).await,
        ["musicbrainz:m1 discogs:9 genius:unlinked:1:bjork"]
    );
}

#[tokio::test]
async fn namesakes_that_one_source_distinguishes_are_not_joined() {
    let database = database().await;
    let album = an_album(&database.client().await, "album").await;
    let one = credited_producer(&database, &album, Source::Discogs, "1", "John Smith").await;
    credited_producer(&database, &album, Source::Discogs, "2", "John Smith").await;
    let unlinked = "unlinked:1:johnsmith";
    let unknown = credited_producer(&database, &album, Source::Genius, unlinked, "John Smith").await;
    let apart = ["discogs:1", "discogs:2", "genius:unlinked:1:johnsmith"];
    assert_eq!(merge_and_list(&database, unknown).await, apart);
    assert_eq!(merge_and_list(&database, one).await, apart);
}

#[tokio::test]
async fn a_merge_that_a_person_undid_is_not_repeated() {
    let database = database().await;
    let album = an_album(&database.client().await, "album").await;
    let one = credited_producer(&database, &album, Source::MusicBrainz, "m1", "Ann").await;
    let two = credited_producer(&database, &album, Source::Discogs, "1", "Ann").await;
    assert_eq!(merge_and_list(&database, two).await.len(), 1);
    let why = "SELECT concat_ws(' ', decided_by, reason) FROM producer_merges";
    assert_eq!(
        database.texts(why).await,
        ["linernotes the same name on the same track"]
    );
    unmerge(&database.pool, ProducerId(2), "ann").await.unwrap();
    for producer in [one, two] {
        assert_eq!(merge_and_list(&database, producer).await.len(), 2);
    }
}

#[tokio::test]
async fn a_credit_with_a_range_joins_producers_on_its_tracks_only() {
    for (positions, range, joins) in [
        (Some(vec!["1-1"]), Some("A1"), true),
        (Some(vec!["1-2"]), Some("A2"), false),
        (Some(vec!["1-1", "1-2"]), Some("A1 to A2"), true),
        (Some(vec!["1-1"]), None, true),
        (Some(vec!["1-2"]), None, false),
        (None, Some("Side Z"), false),
        (None, None, true),
    ] {
        let database = database().await;
        let album = an_album(&database.client().await, "album").await;
        let of_track = credited_producer(&database, &album, Source::MusicBrainz, "m1", "Ann").await;
        let client = database.client().await;
        let of_range = producer(&client, Source::Discogs, "1", "Ann").await;
        let mut claim = claim(Source::Discogs, None, of_range, "Ann");
        claim.track_positions = positions.map(|places| places.iter().map(ToString::to_string).collect());
        claim.track_range = range.map(str::to_owned);
        write(&database, Source::Discogs, &album, claim).await;
        let expected: &[&str] = if joins {
            &["musicbrainz:m1 discogs:1"]
        } else {
            &["discogs:1", "musicbrainz:m1"]
        };
        assert_eq!(merge_and_list(&database, of_track).await, expected, "{range:?}");
        assert_eq!(merge_and_list(&database, of_range).await, expected, "{range:?}");
    }
}
