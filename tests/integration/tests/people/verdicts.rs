//! Verdicts persist through identification, merges and unmerges.

use integration::database;
use integration::records::{UPC, album, artist, person, produced_by, recording, release, track, with_upc};
use integration::scene::{PRODUCERS, Scene};
use pretty_assertions::assert_eq;
use shared::curation::{CurationError, Decision, decide, merge, unmerge, withdraw};
use shared::domain::credits::Source;
use shared::domain::ids::{ProducerId, TrackId};
use shared::store::credits::credit_overrides::{self, OverrideVerdict};

use super::{DECISION, TRACK_PRODUCERS, an_album, credit, everything, producer};

const REJECTED: OverrideVerdict = OverrideVerdict::Rejected;
const CONFIRMED: OverrideVerdict = OverrideVerdict::Confirmed;

#[tokio::test]
async fn a_rejected_credit_stays_rejected_after_identification_runs_again() {
    let scene = Scene::new().await;
    let (who, band) = (artist("a", "A"), person(1, "A"));
    let songs = vec![
        track("t", 1, "One", &[&who]),
        track("u", 2, "One (Live)", &[&who]),
    ];
    let id = scene
        .ingest(&with_upc(album("x", "Album", &[&who], songs), UPC))
        .await;
    let ann = produced_by(&person(2, "Ann"));
    let credits = vec![ann.clone(), produced_by(&person(3, "Bob"))];
    let one = recording(11, "One", &band, credits.clone());
    let live = recording(12, "One (Live)", &band, credits);
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band, &[&one, &live])]);
    scene.identify(id).await;
    assert_eq!(scene.texts(PRODUCERS).await.len(), 4);
    let pool = &scene.database.pool;
    let bob = ProducerId(
        scene
            .database
            .count("SELECT id FROM producers WHERE name = 'Bob'")
            .await,
    );
    let decided = decide(pool, TrackId(1), bob, REJECTED, DECISION).await.unwrap();
    assert_eq!(
        decided.track_ids,
        [TrackId(1), TrackId(2)],
        "for every version of the song"
    );
    let without = ["One: Ann producer 0.95", "One (Live): Ann producer 0.95"];
    assert_eq!(scene.texts(PRODUCERS).await, without);
    scene.identify(id).await;
    assert_eq!(scene.texts(PRODUCERS).await, without);
    // The source removes the credit and adds it again.
    for credits in [vec![ann.clone()], vec![ann, produced_by(&person(3, "Bob"))]] {
        let one = recording(11, "One", &band, credits.clone());
        let live = recording(12, "One (Live)", &band, credits);
        scene
            .upstream
            .give_releases(UPC, &[&release(21, "Album", &band, &[&one, &live])]);
        scene.identify(id).await;
        assert_eq!(scene.texts(PRODUCERS).await, without);
    }
    // The verdict also applies to a later version of the song, before any lookup.
    decide(pool, TrackId(1), bob, CONFIRMED, DECISION).await.unwrap();
    let later = track("v", 1, "One (Acoustic)", &[&who]);
    scene.ingest(&album("y", "Later", &[&who], vec![later])).await;
    let confirmed = "One (Acoustic): Bob producer 0.99";
    assert_eq!(scene.texts(PRODUCERS).await.last().unwrap(), confirmed);
    withdraw(pool, TrackId(2), bob, DECISION).await.unwrap();
    assert_eq!(scene.texts(PRODUCERS).await.len(), 4);
}

#[tokio::test]
async fn a_verdict_follows_its_identity() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client, "album").await;
    let one = producer(&client, Source::MusicBrainz, "m1", "One").await;
    let two = producer(&client, Source::Discogs, "2", "Two").await;
    let first = Some(album.tracks[0]);
    credit(&database, Source::Discogs, &album, first, two, "Two").await;
    let pool = &database.pool;
    let (one, two) = (one.producer_id, two.producer_id);
    merge(pool, one, two, DECISION).await.unwrap();
    decide(pool, album.tracks[0], one, REJECTED, DECISION)
        .await
        .unwrap();
    assert_eq!(database.texts(TRACK_PRODUCERS).await, [""; 0]);
    unmerge(pool, two, "ann").await.unwrap();
    assert_eq!(
        database.texts(TRACK_PRODUCERS).await,
        [""; 0],
        "the verdict stays with the credited identity"
    );
    // One producer is rejected and the other confirmed. After the merge the later verdict applies.
    decide(pool, album.tracks[0], one, CONFIRMED, DECISION)
        .await
        .unwrap();
    let before = everything(&database).await;
    merge(pool, one, two, DECISION).await.unwrap();
    assert_eq!(database.texts(TRACK_PRODUCERS).await, ["1 1 manual 0.99"]);
    let listed = credit_overrides::list_of_tracks(&client, &[album.tracks[0]])
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].2.verdict, CONFIRMED);
    unmerge(pool, two, "ann").await.unwrap();
    assert_eq!(everything(&database).await, before);
}

#[tokio::test]
async fn the_last_verdict_holds_and_can_be_withdrawn() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client, "album").await;
    let ann = producer(&client, Source::MusicBrainz, "m1", "Ann").await;
    credit(&database, Source::MusicBrainz, &album, None, ann, "Ann").await;
    let (pool, id) = (&database.pool, ann.producer_id);
    let [song, alone] = album.tracks;
    for (verdict, expected) in [
        (REJECTED, vec!["2 1 musicbrainz 0.60"]),
        (CONFIRMED, vec!["1 1 manual 0.99", "2 1 musicbrainz 0.60"]),
        (REJECTED, vec!["2 1 musicbrainz 0.60"]),
    ] {
        let decision = Decision {
            by: "bob",
            reason: "again",
        };
        decide(pool, song, id, verdict, decision).await.unwrap();
        assert_eq!(database.texts(TRACK_PRODUCERS).await, expected);
        assert_eq!(database.count("SELECT count(*) FROM credit_overrides").await, 1);
    }
    withdraw(pool, song, id, DECISION).await.unwrap();
    assert_eq!(database.texts(TRACK_PRODUCERS).await.len(), 2);
    for (result, expected) in [
        (
            withdraw(pool, song, id, DECISION).await,
            "there is no verdict on Ann (producer 1) and \"track 1\"",
        ),
        (
            decide(pool, alone, id, REJECTED, DECISION).await,
            "\"track 2\" (track 2) states no artist of its own, so it belongs to no song, and verdicts \
                are on songs",
        ),
        (
            decide(pool, TrackId(99), id, REJECTED, DECISION).await,
            "there is no track 99",
        ),
        (
            decide(pool, song, ProducerId(99), REJECTED, DECISION).await,
            "there is no producer 99",
        ),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(
            error,
            CurationError::NotFound(_) | CurationError::Refused(_)
        ));
        assert_eq!(error.to_string(), expected);
    }
}
