//! Tracks, their artists and links.

use integration::{Database, database, rows};
use shared::domain::albums::TrackFacts;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::{AlbumId, Isrc, SpotifyTrackId, TrackId};
use shared::domain::titles::VersionKind;
use shared::store::catalog::track_artists::{self, TrackArtistRow};
use shared::store::catalog::track_links::{self, TrackLink};
use shared::store::catalog::tracks::{self, TrackChange, TrackHeading};

async fn an_album(database: &Database) -> AlbumId {
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    rows::album(&client, artist, "album", 1990).await
}

fn id(number: u32) -> SpotifyTrackId {
    rows::spotify_id(number).parse().unwrap()
}

fn bare(spotify_id: &SpotifyTrackId) -> TrackHeading<'_> {
    TrackHeading {
        spotify_id: Some(spotify_id.as_str()),
        name: "name",
        disc_number: 1,
        track_number: 1,
        normalized_track_id: None,
        version_kind: None,
        version_label: None,
    }
}

fn change<'a>(id: TrackId, heading: Option<TrackHeading<'a>>, facts: &'a TrackFacts) -> TrackChange<'a> {
    TrackChange {
        id,
        heading,
        facts,
        is_removed: false,
    }
}

const ROWS: &str = "SELECT concat_ws('|', name, spotify_id::numeric, disc_number, track_number, duration_ms,
    isrc, spotify_preview_url, version_kind,
    version_label, removed_at IS NOT NULL) FROM tracks ORDER BY id";

#[tokio::test]
async fn the_same_tracks_again_write_nothing_and_no_heading_keeps_the_stored_one() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let (one, two) = (id(1), id(2));
    let (facts, nothing) = (
        TrackFacts {
            duration_ms: Some(1000),
            isrc: Some("ZZ0000000001".parse().unwrap()),
            preview_url: Some("https://p.example/1".to_owned()),
        },
        TrackFacts::default(),
    );
    let full = TrackHeading {
        version_kind: Some(VersionKind::Live),
        version_label: Some("Live"),
        ..bare(&one)
    };
    let ids = tracks::insert(&client, album, &[(full, &facts), (bare(&two), &nothing)])
        .await
        .unwrap();
    let rows = database.texts(ROWS).await;
    assert_eq!(
        rows,
        [
            "name|1|1|1|1000|ZZ0000000001|https://p.example/1|live|Live|f",
            "name|2|1|1|f"
        ]
    );
    let without_id = TrackHeading {
        spotify_id: None,
        ..full
    };
    for heading in [Some(full), Some(without_id), None] {
        let again = [change(ids[0], heading, &facts), change(ids[1], None, &nothing)];
        assert_eq!(tracks::update(&client, &again).await.unwrap(), 0);
    }
    let known = tracks::list_known(&client, &[album], &[]).await.unwrap();
    assert_eq!((&known[0].facts, &known[1].facts), (&facts, &nothing));
    assert_eq!(
        tracks::update(&client, &[change(ids[1], None, &facts)])
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        database.texts(ROWS).await,
        [
            rows[0].as_str(),
            "name|2|1|1|1000|ZZ0000000001|https://p.example/1|f"
        ]
    );
}

#[tokio::test]
async fn new_tracks_are_returned_in_their_given_order() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let ids: Vec<_> = [3, 0, 2, 1].into_iter().map(id).collect();
    let nothing = TrackFacts::default();
    let new: Vec<_> = ids.iter().map(|id| (bare(id), &nothing)).collect();
    let found = tracks::insert(&client, album, &new).await.unwrap();
    let stored = tracks::list_known(&client, &[album], &[]).await.unwrap();
    for (id, found) in ids.iter().zip(&found) {
        let stored = stored.iter().find(|track| track.id == *found).unwrap();
        assert_eq!(stored.spotify_id.as_deref(), Some(id.as_str()));
    }
    let mut sorted = found.clone();
    sorted.sort();
    assert_eq!(tracks::list_ids(&client, album).await.unwrap(), sorted);
}

#[tokio::test]
async fn a_removed_track_keeps_its_row_and_the_time_of_its_removal() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let (one, nothing) = (id(1), TrackFacts::default());
    let ids = tracks::insert(&client, album, &[(bare(&one), &nothing)])
        .await
        .unwrap();
    let removed = TrackChange {
        is_removed: true,
        ..change(ids[0], None, &nothing)
    };
    for written in [1, 0] {
        assert_eq!(tracks::update(&client, &[removed]).await.unwrap(), written);
    }
    assert_eq!(database.texts(ROWS).await, ["name|1|1|1|t"]);
    assert_eq!(tracks::list_by_album(&client, album).await.unwrap(), []);
    assert_eq!(tracks::list_facts(&client, &[album]).await.unwrap(), []);
    let restored = change(ids[0], Some(bare(&one)), &nothing);
    assert_eq!(tracks::update(&client, &[restored]).await.unwrap(), 1);
    assert_eq!(
        database.texts(ROWS).await,
        ["name|1|1|1|f"],
        "the track is restored"
    );
}

#[tokio::test]
async fn artists_of_tracks_are_replaced_as_a_set() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let track_id = rows::track(&client, album, 1, None).await;
    let (one, two) = (
        rows::artist(&client, "one").await,
        rows::artist(&client, "two").await,
    );
    let part = |position, artist_id, featured| TrackArtistRow {
        track_id,
        position,
        artist_id,
        featured,
        stated_name: None,
    };
    for (parts, written) in [
        (vec![part(1, one, false), part(2, two, true)], 2),
        (vec![part(1, one, false), part(2, two, true)], 0),
        (vec![part(1, one, false), part(2, two, false)], 1),
        (vec![part(1, two, false)], 2),
    ] {
        assert_eq!(
            track_artists::replace(&client, &[track_id], &parts)
                .await
                .unwrap(),
            written,
            "{parts:?}"
        );
    }
    assert_eq!(
        tracks::list_by_album(&client, album).await.unwrap()[0].artist_names,
        ["two"]
    );
    track_artists::replace(&client, &[track_id], &[]).await.unwrap();
    assert_eq!(
        tracks::list_by_album(&client, album).await.unwrap()[0].artist_names,
        ["A"],
        "the artist of the album"
    );
}

#[tokio::test]
async fn links_of_tracks_are_stored_changed_and_deleted() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let track_id = rows::track(&client, album, 1, None).await;
    let link = |source_id: &str, match_score| TrackLink {
        track_id,
        source_id: source_id.to_owned(),
        matched_by: MatchMethod::Isrc,
        match_score,
    };
    for (links, written) in [
        (vec![link("r1", 1.0), link("r2", 1.0)], 2),
        (vec![link("r2", 1.0), link("r1", 1.0)], 0),
        (vec![link("r1", 0.5)], 1),
    ] {
        assert_eq!(
            track_links::upsert(&client, Source::MusicBrainz, &links)
                .await
                .unwrap(),
            written
        );
    }
    let kept = [link("r2", 1.0)];
    for deleted in [vec!["r1"], vec![]] {
        let gone = track_links::delete_others(&client, Source::MusicBrainz, &[track_id], &kept)
            .await
            .unwrap();
        assert_eq!(gone, deleted);
    }
}

#[tokio::test]
async fn an_isrc_and_a_length_fill_gaps_only() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let track = rows::track(&client, album, 1, None).await;
    let isrc = |text: &str| text.parse::<Isrc>().unwrap();
    for (fact, written) in [
        ((track, None, None), 0),
        ((track, Some(isrc("USGF19942501")), None), 1),
        ((track, Some(isrc("GBAYE6700149")), Some(7)), 1),
        ((track, None, Some(9)), 0),
    ] {
        assert_eq!(tracks::fill_gaps(&client, &[fact]).await.unwrap(), written);
    }
    assert_eq!(
        database
            .texts("SELECT isrc || ' ' || duration_ms FROM tracks")
            .await,
        ["USGF19942501 7"]
    );
}
