//! What a load removes: only what a whole and newer dump lacks, and never what people decided.

use chrono::NaiveDate;
use integration::{Database, database};
use load::{KeepReason, LoadCounts};
use pretty_assertions::assert_eq;
use shared::curation::{Decision, decide, import};
use shared::domain::credits::Source;
use shared::domain::ids::{ProducerId, TrackId};
use shared::store::credits::credit_overrides::OverrideVerdict;
use shared::store::loads::{self, LoadAge, LoadKind, LoadMode, LoadStart, LoadState};

use crate::dump::{Release, dump, file, load, load_and_remove, load_file};

/// The dump of a month of 2026 with these releases.
async fn load_of_month(database: &Database, month: u32, releases: &[String]) -> LoadCounts {
    let name = format!("discogs_2026{month:02}01_releases.xml.gz");
    load(database, &name, releases).await.counts
}

/// Releases 1 to `count`, without those in `gone`.
fn releases(count: i64, gone: &[i64]) -> Vec<String> {
    let ids = (1..=count).filter(|id| !gone.contains(id));
    ids.map(|id| Release::new(id).xml()).collect()
}

/// How many releases were removed and not removed, and why not.
fn removal(counts: &LoadCounts) -> (u64, u64, Option<KeepReason>) {
    (counts.vanished, counts.not_removed, counts.not_removed_because)
}

async fn count_albums(database: &Database) -> i64 {
    database.count("SELECT count(*) FROM albums").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_removes_what_it_lacks_only_if_it_is_newer_and_nearly_complete() {
    let database = database().await;
    load_of_month(&database, 3, &releases(100, &[])).await;
    let incomplete = Some(KeepReason::IncompleteDump);
    let excerpt = [Release::new(1).xml(), Release::new(100).xml()];
    let counts = load_of_month(&database, 4, &excerpt).await;
    assert_eq!(removal(&counts), (0, 98, incomplete));
    let counts = load_of_month(&database, 5, &releases(100, &[7, 8, 9])).await;
    assert_eq!(removal(&counts), (0, 3, incomplete));
    // The last dump does not count by its size, but by its date.
    let not_newer = Some(KeepReason::NotNewer);
    for month in [2, 5] {
        let counts = load_of_month(&database, month, &releases(100, &[100])).await;
        assert_eq!(removal(&counts), (0, 1, not_newer), "month {month}");
    }
    let undated = load(&database, "mine.xml", &releases(100, &[100])).await;
    assert_eq!(removal(&undated.counts), (0, 1, Some(KeepReason::UnknownDate)));
    assert_eq!(count_albums(&database).await, 100);
    // Nobody knows how old the undated dump was.
    let counts = load_of_month(&database, 6, &releases(100, &[99])).await;
    assert_eq!(removal(&counts), (0, 1, Some(KeepReason::UnknownDate)));
    let counts = load_of_month(&database, 7, &releases(100, &[50, 100])).await;
    assert_eq!(removal(&counts), (2, 0, None));
    assert_eq!(count_albums(&database).await, 98);
    let forced = load_and_remove(&database, "mine.xml", &excerpt[..1]).await;
    assert_eq!(removal(&forced.counts), (97, 0, None));
    assert_eq!(count_albums(&database).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_ends_in_the_middle_removes_nothing() {
    let database = database().await;
    load_of_month(&database, 3, &releases(100, &[])).await;
    let whole = dump(&releases(100, &[50]));
    let cut_off = whole.strip_suffix("</releases>\n").unwrap();
    let path = file("discogs_20260401_releases.xml", cut_off.as_bytes());
    let error = load_file(&database, &path, false).await.unwrap_err();
    assert!(format!("{error:#}").contains("cut off"), "{error:#}");
    assert_eq!(count_albums(&database).await, 100);
    // The whole file resumes it.
    let path = file("discogs_20260401_releases.xml", whole.as_bytes());
    let resumed = load_file(&database, &path, false).await.unwrap();
    assert_eq!(removal(&resumed.counts), (1, 0, None));
    assert_eq!(count_albums(&database).await, 99);
}

/// A load: the day of its dump, its state, and how many releases were stored before it.
type Load = (Option<u32>, LoadState, i64);

/// How the last of these loads compares with those before.
async fn age_of_last(earlier: &[Load]) -> LoadAge {
    let database = database().await;
    let client = database.client().await;
    let mut last = 0;
    for (day, state, stored) in earlier {
        for (source, kind, stored_before) in [
            // Loads of another kind or source do not count.
            (Source::Discogs, LoadKind::Artists, None),
            (Source::MusicBrainz, LoadKind::Releases, Some(1)),
            (Source::Discogs, LoadKind::Releases, Some(*stored)),
        ] {
            let is_counted = stored_before == Some(*stored);
            let started = LoadStart {
                source,
                kind,
                file_name: "a dump",
                dump_date: NaiveDate::from_ymd_opt(2026, 5, if is_counted { day.unwrap_or(1) } else { 31 })
                    .filter(|_| day.is_some()),
                everything: false,
                mode: LoadMode::Filled,
                stored_before,
            };
            last = loads::insert(&client, &started).await.unwrap();
            let counts = serde_json::json!({});
            loads::update(&client, last, 0, &counts, *state, None)
                .await
                .unwrap();
        }
    }
    loads::find_age(&client, last).await.unwrap()
}

#[tokio::test]
async fn a_load_is_compared_with_the_loads_before_it() {
    use LoadState::{Done, Running, Stopped};
    let age = |is_dated, is_newer, stored_before| LoadAge {
        is_dated,
        is_newer,
        stored_before,
    };
    let cases: [(&str, &[Load], LoadAge); 9] = [
        ("the first", &[(Some(2), Running, 0)], age(true, true, 0)),
        (
            "a newer one",
            &[(Some(2), Done, 0), (Some(3), Running, 9)],
            age(true, true, 9),
        ),
        (
            "an older one",
            &[(Some(2), Done, 0), (Some(1), Running, 9)],
            age(true, false, 9),
        ),
        (
            "the same again",
            &[(Some(2), Done, 0), (Some(2), Running, 9)],
            age(true, false, 9),
        ),
        (
            "older than one that stopped",
            &[(Some(2), Done, 0), (Some(4), Stopped, 9), (Some(3), Running, 9)],
            age(true, false, 9),
        ),
        (
            "one that resumes two that stopped",
            &[
                (Some(2), Done, 0),
                (Some(3), Stopped, 90),
                (Some(3), Running, 95),
                (Some(3), Running, 99),
            ],
            age(true, true, 90),
        ),
        (
            "one without a date",
            &[(Some(2), Done, 0), (None, Running, 9)],
            age(false, true, 9),
        ),
        (
            "one after an undated one",
            &[(None, Done, 0), (Some(2), Running, 9)],
            age(false, true, 9),
        ),
        (
            "the second after an undated one",
            &[(None, Done, 0), (Some(2), Done, 9), (Some(3), Running, 9)],
            age(true, true, 9),
        ),
    ];
    for (case, loads, expected) in cases {
        assert_eq!(age_of_last(loads).await, expected, "{case}");
    }
}

/// The tracks of the albums 20 and 40 with their producers.
const TRACKS: &str = "
    SELECT concat_ws(' ', a.name, '|', t.id, t.name, '|',
                     CASE WHEN t.removed_at IS NOT NULL THEN 'removed' END,
                     (SELECT string_agg(p.name, ', ' ORDER BY p.name) FROM track_producers tp
                      JOIN producers p ON p.id = tp.producer_id WHERE tp.track_id = t.id))
    FROM tracks t JOIN albums a ON a.id = t.album_id
    WHERE a.name IN ('Album 20', 'Album 40') ORDER BY t.id";

const FROM_DISCOGS: &str = "SELECT count(*) FROM credits c JOIN albums a ON a.id = c.album_id
    WHERE c.source = 'discogs' AND a.name IN ('Album 20', 'Album 40')";

const DECIDED: &str = "SELECT (SELECT count(*) FROM credits WHERE source = 'manual') * 10
    + (SELECT count(*) FROM credit_overrides)";

/// A hundred releases; a person adds a credit for a song of the 20th and confirms one of the 40th.
async fn hundred_with_decisions() -> Database {
    let database = database().await;
    load_of_month(&database, 3, &releases(100, &[])).await;
    let track = async |album: i64| {
        let id = format!(
            "SELECT min(t.id) FROM tracks t JOIN albums a ON a.id = t.album_id
            WHERE a.name = 'Album {album}'"
        );
        database.count(&id).await
    };
    let own = format!(
        "track,producer,producer_id,role\n{},Ann,new,producer\n",
        track(20).await
    );
    import(&database.pool, "own.csv", own.as_bytes()).await.unwrap();
    let confirmed = TrackId(track(40).await);
    let decision = Decision {
        by: "ann",
        reason: "the booklet",
    };
    decide(
        &database.pool,
        confirmed,
        ProducerId(1),
        OverrideVerdict::Confirmed,
        decision,
    )
    .await
    .unwrap();
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn tracks_with_own_credits_or_verdicts_stay_and_come_back_with_their_records() {
    let database = hundred_with_decisions().await;
    let before = database.texts(TRACKS).await;
    assert_eq!(before.len(), 4);
    let counts = load_of_month(&database, 4, &releases(100, &[20, 40])).await;
    assert_eq!((counts.vanished, counts.kept), (2, 2));
    let kept = [
        before[0].replace("| A Producer, Ann", "| removed Ann"),
        before[2].replace("| A Producer", "| removed A Producer"),
    ];
    assert_eq!(database.texts(TRACKS).await, kept);
    assert_eq!(database.count(FROM_DISCOGS).await, 0);
    // The same dump again finds nothing to do.
    let counts = load_of_month(&database, 5, &releases(100, &[20, 40])).await;
    assert_eq!((counts.vanished, counts.kept), (0, 0));
    assert_eq!(database.texts(TRACKS).await, kept);
    let counts = load_of_month(&database, 6, &releases(100, &[])).await;
    assert_eq!(counts.loaded, 2);
    let after = database.texts(TRACKS).await;
    assert_eq!((after.len(), &after[0], &after[1]), (4, &before[0], &before[2]));
    assert_eq!(database.count(DECIDED).await, 11);
    assert_eq!(count_albums(&database).await, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_credits_and_verdicts_survive_a_removal_by_hand() {
    let database = hundred_with_decisions().await;
    let loaded = load_and_remove(&database, "mine.xml", &releases(10, &[])).await;
    assert_eq!((loaded.counts.vanished, loaded.counts.kept), (90, 2));
    assert_eq!(database.texts(TRACKS).await.len(), 2);
    assert_eq!(database.count(DECIDED).await, 11);
    assert_eq!(count_albums(&database).await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_credits_survive_a_record_that_becomes_another_album() {
    let database = database().await;
    let pressing = |id: i64, tracks: usize| Release {
        artists: Release::new(1).artists,
        title: "Album 20".to_owned(),
        tracks: Release::new(1).tracks[..tracks].to_vec(),
        master: Some(7),
        ..Release::new(id)
    };
    let both = |tracks: usize| [pressing(20, tracks).xml(), pressing(21, 1).xml()];
    load_of_month(&database, 3, &both(2)).await;
    let own = "track,producer,producer_id,role\n1,Ann,new,producer\n";
    import(&database.pool, "own.csv", own.as_bytes()).await.unwrap();
    assert_eq!(count_albums(&database).await, 2);
    // Release 20 now has the tracks of release 21, so it is a pressing of that album.
    load_of_month(&database, 4, &both(1)).await;
    assert_eq!(database.count(DECIDED).await, 10);
    assert_eq!(
        database.texts(TRACKS).await[0],
        "Album 20 | 1 First Song | removed Ann"
    );
    let links = "SELECT string_agg(source_id, ' ' ORDER BY source_id) FROM album_links GROUP BY album_id";
    assert_eq!(database.texts(links).await, ["20 21"]);
}
