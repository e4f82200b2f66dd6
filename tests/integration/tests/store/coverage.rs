//! Which tracks a credit covers, and how.

use std::collections::BTreeSet;

use integration::{database, rows};
use pretty_assertions::assert_eq;
use shared::domain::credits::{Role, Source};
use shared::domain::ids::{AlbumId, TrackId};
use shared::platform::db::Client;
use shared::store::credits::{self, CreditRow, track_credits, track_producers};
use shared::store::producers::ProducerIdentity;

/// An album with three tracks, the third of which was removed.
struct Album {
    id: AlbumId,
    tracks: [TrackId; 3],
}

async fn an_album(client: &Client<'_>) -> Album {
    let artist = rows::artist(client, "Band").await;
    let id = rows::album(client, artist, "album", 1990).await;
    let mut tracks = [TrackId(0); 3];
    for (number, track) in (1..).zip(&mut tracks) {
        *track = rows::track(client, id, number, None).await;
    }
    let sql = "UPDATE tracks SET removed_at = now() WHERE id = $1";
    client.execute(sql, &[&tracks[2]]).await.unwrap();
    Album { id, tracks }
}

const COVERAGES: &str = "
    SELECT string_agg(COALESCE(coverage(c, t)::text, '-'), ' ' ORDER BY t.track_number) || ', counts for '
           || count(*) FILTER (WHERE covers(c, t))
    FROM credits c JOIN tracks t ON t.album_id = c.album_id
    GROUP BY c.id ORDER BY c.id";

/// One credit of each kind, each with how it covers the three tracks, and how many it counts for.
fn credits_of_every_kind(album: &Album, identity: ProducerIdentity) -> Vec<(CreditRow, &'static str)> {
    let [first, _, removed] = album.tracks;
    let of_track = |track, record| rows::claim(Some(track), record, identity, Role::Producer);
    let of_positions = |record, positions: Option<&str>, range: Option<&str>| CreditRow {
        track_positions: positions.map(|all| all.split_whitespace().map(str::to_owned).collect()),
        track_range: range.map(str::to_owned),
        ..rows::claim(None, record, identity, Role::Producer)
    };
    vec![
        (of_track(first, "track"), "track - -, counts for 1"),
        (of_track(removed, "removed track"), "- - track, counts for 1"),
        (
            of_positions("album", None, None),
            "album album album, counts for 3",
        ),
        (
            of_positions("range", Some("1-1 1-2"), Some("A1 to A2")),
            "range range -, counts for 2",
        ),
        (
            of_positions(
                "range with a removed track",
                Some("1-2 1-3 2-1"),
                Some("A2, A3, C1"),
            ),
            "- range -, counts for 1",
        ),
        (
            of_positions("tracks without a range", Some("1-2"), None),
            "- album -, counts for 1",
        ),
        (
            of_positions("range without our tracks", Some(""), Some("D1")),
            "- - -, counts for 0",
        ),
        (
            of_positions("unresolved range", None, Some("the single")),
            "unresolved unresolved unresolved, counts for 0",
        ),
    ]
}

#[tokio::test]
async fn a_credit_covers_its_track_its_positions_or_the_whole_album() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client).await;
    let identity = rows::producer(&client, "p1").await;
    let (claims, coverages): (Vec<_>, Vec<_>) = credits_of_every_kind(&album, identity).into_iter().unzip();
    let records: Vec<_> = claims
        .iter()
        .map(|claim| claim.source_record_id.clone())
        .collect();
    credits::replace(&client, album.id, Source::MusicBrainz, &records, &claims)
        .await
        .unwrap();
    assert_eq!(database.texts(COVERAGES).await, coverages);

    let stored = credits::list_of_albums(&client, &[album.id], Source::MusicBrainz)
        .await
        .unwrap();
    for (credit, coverage) in stored.iter().zip(coverages) {
        let count = credit.covered_track_ids.len();
        assert!(coverage.ends_with(&format!(" {count}")), "{credit:?}: {coverage}");
    }
    assert_eq!(stored[0].covered_track_ids, [album.tracks[0]]);
    let shown = track_credits::list_credits(&client, album.tracks[0])
        .await
        .unwrap();
    let shown = shown
        .iter()
        .map(|credit| format!("{}: {}", credit.record_id, credit.covers));
    assert_eq!(
        BTreeSet::from_iter(shown),
        [
            "album: album",
            "range: range",
            "track: track",
            "unresolved range: unresolved"
        ]
        .map(str::to_owned)
        .into()
    );
}

#[tokio::test]
async fn a_credit_of_an_unresolved_range_alone_makes_no_producer() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client).await;
    let identity = rows::producer(&client, "p1").await;
    let unresolved = CreditRow {
        track_range: Some("the single".to_owned()),
        ..rows::claim(None, "r1", identity, Role::Producer)
    };
    let whole = rows::claim(None, "r1", identity, Role::Producer);
    for (claim, produced, sources) in [(unresolved, 0, 0), (whole, 3, 2)] {
        credits::replace(
            &client,
            album.id,
            Source::MusicBrainz,
            &["r1".to_owned()],
            &[claim],
        )
        .await
        .unwrap();
        let written = track_producers::refresh(&client, &album.tracks).await.unwrap();
        assert_eq!(written, produced);
        let listed = credits::list_sources(&client, album.id).await.unwrap();
        assert_eq!(listed.len(), sources, "a removed track is not listed");
    }
}

const COVERS_NOTHING: &str = "
    CREATE OR REPLACE FUNCTION coverage(credit credits, track tracks) RETURNS credit_coverage
    LANGUAGE sql IMMUTABLE RETURN NULL::credit_coverage";

#[tokio::test]
async fn a_change_of_the_definition_of_coverage_changes_everything_that_follows_from_it() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client).await;
    let identity = rows::producer(&client, "p1").await;
    let claim = rows::claim(None, "r1", identity, Role::Producer);
    let records = ["r1".to_owned()];
    credits::replace(&client, album.id, Source::MusicBrainz, &records, &[claim])
        .await
        .unwrap();
    track_producers::refresh(&client, &album.tracks).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let sources = credits::list_sources(&client, album.id).await.unwrap();
        let shown = track_credits::list_credits(&client, album.tracks[0])
            .await
            .unwrap();
        let stored = credits::list_of_albums(&client, &[album.id], Source::MusicBrainz)
            .await
            .unwrap();
        let produced = database.count("SELECT count(*) FROM track_producers").await;
        seen.push((
            sources.len(),
            shown.len(),
            stored[0].covered_track_ids.len(),
            produced,
        ));
        database.execute(COVERS_NOTHING).await;
        track_producers::refresh(&client, &album.tracks).await.unwrap();
    }
    assert_eq!(seen, [(2, 1, 3, 3), (0, 0, 0, 0)]);
}
