//! Credits, and the track producers that follow from them.

use integration::{Database, database, rows};
use shared::domain::credits::{MatchMethod, Role, Source};
use shared::domain::ids::{AlbumId, NormalizedTrackId, TrackId};
use shared::store::catalog::albums;
use shared::store::credits::track_producers;
use shared::store::credits::{self, CreditRow};
use shared::store::producers::ProducerIdentity;

/// An album with two tracks. The first is a version of a song.
struct Album {
    id: AlbumId,
    song: NormalizedTrackId,
    tracks: [TrackId; 2],
}

async fn an_album(database: &Database) -> Album {
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let id = rows::album(&client, artist, "album", 1990).await;
    let song = rows::song(&client, artist, "song").await;
    let tracks = [
        rows::track(&client, id, 1, Some(song)).await,
        rows::track(&client, id, 2, None).await,
    ];
    Album { id, song, tracks }
}

async fn replace(database: &Database, album: AlbumId, records: &[&str], claims: &[CreditRow]) -> u64 {
    let records: Vec<String> = records.iter().map(ToString::to_string).collect();
    let client = database.client().await;
    credits::replace(&client, album, Source::MusicBrainz, &records, claims)
        .await
        .unwrap()
}

async fn refresh(database: &Database, album: &Album) -> usize {
    track_producers::refresh(&database.client().await, &album.tracks)
        .await
        .unwrap()
}

const CREDITS: &str = "SELECT concat_ws(' ', source_record_id, role, matched_by, match_score, EXTRACT(year
    FROM first_seen_at) < 2001) FROM credits
    ORDER BY source_record_id, role";

#[tokio::test]
async fn credits_are_replaced_as_a_set_and_unchanged_ones_keep_their_first_seen_time() {
    let database = database().await;
    let album = an_album(&database).await;
    let client = database.client().await;
    let producer = rows::producer(&client, "p1").await;
    let claim = |record, role| rows::claim(Some(album.tracks[0]), record, producer, role);
    let first = [
        claim("r1", Role::Producer),
        claim("r1", Role::Mixer),
        claim("r2", Role::Producer),
    ];
    assert_eq!(replace(&database, album.id, &["r1", "r2"], &first).await, 3);
    database
        .execute("UPDATE credits SET first_seen_at = '2000-01-01Z'")
        .await;
    assert_eq!(
        replace(&database, album.id, &["r1", "r2"], &first).await,
        0,
        "unchanged rows are not written"
    );
    assert_eq!(
        replace(
            &database,
            album.id,
            &["r1", "r2"],
            &[&first[..], &first[..]].concat()
        )
        .await,
        0,
        "a repeated credit is stored once"
    );

    let searched = CreditRow {
        matched_by: MatchMethod::Search,
        match_score: 0.5,
        ..claim("r1", Role::Producer)
    };
    assert_eq!(
        replace(
            &database,
            album.id,
            &["r1"],
            &[searched, claim("r1", Role::Writer)]
        )
        .await,
        3
    );
    assert_eq!(
        database.texts(CREDITS).await,
        [
            "r1 producer search 0.5 t",
            "r1 writer barcode 1 f",
            "r2 producer barcode 1 t"
        ],
        "credits of another record do not change"
    );
    assert_eq!(replace(&database, album.id, &["r1", "r2"], &[]).await, 3);
}

#[tokio::test]
async fn other_albums_and_sources_are_not_changed() {
    let database = database().await;
    let (one, other) = (an_album(&database).await, an_album(&database).await);
    let client = database.client().await;
    let producer = rows::producer(&client, "p1").await;
    for album in [&one, &other] {
        replace(
            &database,
            album.id,
            &["r1"],
            &[rows::claim(None, "r1", producer, Role::Producer)],
        )
        .await;
    }
    let discogs = [rows::claim(None, "r1", producer, Role::Producer)];
    credits::replace(&client, one.id, Source::Discogs, &["r1".to_owned()], &discogs)
        .await
        .unwrap();
    replace(&database, one.id, &["r1"], &[]).await;
    assert_eq!(
        database
            .texts("SELECT album_id || ' ' || source FROM credits ORDER BY album_id")
            .await,
        [format!("{} discogs", one.id), format!("{} musicbrainz", other.id)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writes_of_one_answer_store_it_once() {
    let database = database().await;
    let album = an_album(&database).await;
    let producer = rows::producer(&database.client().await, "p1").await;
    let claim = rows::claim(Some(album.tracks[0]), "r1", producer, Role::Producer);
    let writers = (0..8).map(|_| {
        let (pool, claim, id, tracks) = (database.pool.clone(), claim.clone(), album.id, album.tracks);
        tokio::spawn(async move {
            let mut client = pool.client().await.unwrap();
            let transaction = client.transaction().await.unwrap();
            albums::lock(&transaction, id).await.unwrap();
            credits::replace(
                &transaction,
                id,
                Source::MusicBrainz,
                &["r1".to_owned()],
                &[claim],
            )
            .await
            .unwrap();
            track_producers::refresh(&transaction, &tracks).await.unwrap();
            transaction.commit().await.unwrap();
        })
    });
    futures::future::try_join_all(writers).await.unwrap();
    assert_eq!(database.count("SELECT count(*) FROM credits").await, 1);
    assert_eq!(database.count("SELECT count(*) FROM track_producers").await, 1);
}

const PRODUCED: &str = "SELECT concat_ws(' ', t.track_number, i.source_id, tp.role, tp.source,
    round(tp.confidence::numeric, 2)) FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id JOIN producer_identities i ON i.producer_id = tp.producer_id
    ORDER BY 1";

const STALE: &str = "SELECT i.source_id FROM producer_statistics_stale s
    JOIN producer_identities i USING (producer_id) ORDER BY 1";

#[tokio::test]
async fn track_producers_follow_their_credits() {
    let database = database().await;
    let album = an_album(&database).await;
    let client = database.client().await;
    let (one, two) = (
        rows::producer(&client, "p1").await,
        rows::producer(&client, "p2").await,
    );
    let of_track = |identity, role| rows::claim(Some(album.tracks[0]), "r1", identity, role);
    let claims = [
        of_track(one, Role::CoProducer),
        rows::claim(None, "a1", two, Role::Producer),
        of_track(two, Role::Mixer),
    ];
    replace(&database, album.id, &["r1", "a1"], &claims).await;
    assert_eq!(refresh(&database, &album).await, 3);
    assert_eq!(
        database.texts(PRODUCED).await,
        [
            "1 p1 co_producer musicbrainz 0.95",
            "1 p2 producer musicbrainz 0.60",
            "2 p2 producer musicbrainz 0.60"
        ]
    );
    assert_eq!(database.texts(STALE).await, ["p1", "p2"]);
    database.execute("DELETE FROM producer_statistics_stale").await;
    assert_eq!(
        refresh(&database, &album).await,
        0,
        "unchanged rows are not written"
    );
    assert_eq!(database.texts(STALE).await, [""; 0]);

    replace(&database, album.id, &["r1"], &[of_track(one, Role::Producer)]).await;
    assert_eq!(refresh(&database, &album).await, 1);
    assert_eq!(database.texts(STALE).await, ["p1"]);
    replace(
        &database,
        album.id,
        &["r1", "a1"],
        &[of_track(one, Role::ExecutiveProducer)],
    )
    .await;
    assert_eq!(refresh(&database, &album).await, 3);
    assert_eq!(
        database.texts(PRODUCED).await,
        [""; 0],
        "an executive producer is not a track producer"
    );
    assert_eq!(database.texts(STALE).await, ["p1", "p2"]);
}

async fn decide(database: &Database, song: NormalizedTrackId, identity: ProducerIdentity, verdict: &str) {
    let sql = "INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by,
        reason)
        VALUES ($1, $2, $3::text::override_verdict, 'somebody', 'a test')";
    let client = database.client().await;
    client
        .execute(sql, &[&song.0, &identity.id, &verdict])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_verdict_outweighs_the_credits_of_every_version() {
    let database = database().await;
    let album = an_album(&database).await;
    let client = database.client().await;
    let (claimed, not_claimed) = (
        rows::producer(&client, "p1").await,
        rows::producer(&client, "p2").await,
    );
    replace(
        &database,
        album.id,
        &["a1"],
        &[rows::claim(None, "a1", claimed, Role::Producer)],
    )
    .await;
    decide(&database, album.song, claimed, "rejected").await;
    decide(&database, album.song, not_claimed, "confirmed").await;
    refresh(&database, &album).await;
    let expected = ["1 p2 producer manual 0.99", "2 p1 producer musicbrainz 0.60"];
    assert_eq!(database.texts(PRODUCED).await, expected);
    replace(
        &database,
        album.id,
        &["a1"],
        &[rows::claim(None, "a1", claimed, Role::CoProducer)],
    )
    .await;
    refresh(&database, &album).await;
    assert_eq!(
        database.texts(PRODUCED).await[0],
        expected[0],
        "the verdict survives a refresh"
    );
    database.execute("DELETE FROM credit_overrides").await;
    refresh(&database, &album).await;
    assert_eq!(
        database.texts(PRODUCED).await,
        [
            "1 p1 co_producer musicbrainz 0.60",
            "2 p1 co_producer musicbrainz 0.60"
        ]
    );
}
