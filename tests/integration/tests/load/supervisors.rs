//! The supervisor of a recording counts as its producer if the record is early: by its own date, or by that
//! of another record of the same master. The order in which the records are loaded does not matter.

use integration::{Database, database};
use pretty_assertions::assert_eq;

use crate::dump::{Release, credits, load, load_and_remove, track};

const SUPERVISOR: (i64, &str, &str, &str) = (9, "A Supervisor", "Supervised By", "");

/// A reissue whose supervisor is credited, and an early release of the same master with other songs.
fn reissue_and_early() -> [Release; 2] {
    let reissue = Release {
        credits: credits("extraartists", &[SUPERVISOR]),
        master: Some(7),
        released: "1990".to_owned(),
        ..Release::new(1)
    };
    let early = Release {
        artists: reissue.artists.clone(),
        tracks: vec![track("A", "Of Old", "")],
        master: Some(7),
        released: "1969-05-00".to_owned(),
        ..Release::new(2)
    };
    [reissue, early]
}

const PRODUCERS: &str = "SELECT t.name || ': ' || p.name || ' ' || tp.role || ' '
    || round(tp.confidence::numeric, 3)
    FROM track_producers tp JOIN tracks t ON t.id = tp.track_id JOIN producers p ON p.id = tp.producer_id
    JOIN albums a ON a.id = t.album_id WHERE a.name = 'Album 1' ORDER BY t.track_number";

/// The supervisor as the producer of the reissue.
const COUNTED: [&str; 2] = [
    "First Song: A Supervisor supervisor 0.525",
    "Second Song (Remix): A Supervisor supervisor 0.525",
];

async fn load_each(database: &Database, releases: &[&Release]) {
    for release in releases {
        let name = format!("supervisors_{}.xml", release.id);
        load(database, &name, &[release.xml()]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_counts_on_an_early_record_only_and_with_less_confidence() {
    for (released, counted) in [
        ("1974-12-31", &COUNTED[..]),
        ("1958", &COUNTED),
        ("1975", &[]),
        ("2001-05-00", &[]),
        ("", &[]),
    ] {
        let release = Release {
            credits: credits("extraartists", &[SUPERVISOR, (6, "Mixer", "Mixed By", "")]),
            released: released.to_owned(),
            ..Release::new(1)
        };
        let database = database().await;
        load_each(&database, &[&release]).await;
        assert_eq!(database.texts(PRODUCERS).await, counted, "{released}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_release_of_the_master_counts_in_whichever_order_they_are_loaded() {
    let [reissue, early] = reissue_and_early();
    let (together, later, earlier) = (database().await, database().await, database().await);
    load(&together, "supervisors.xml", &[reissue.xml(), early.xml()]).await;
    load_each(&later, &[&reissue]).await;
    assert_eq!(later.texts(PRODUCERS).await, [""; 0], "its own date is not early");
    load_each(&later, &[&early]).await;
    load_each(&earlier, &[&early, &reissue]).await;
    let expected = together.fingerprint().await.parts;
    for (order, database) in [
        ("together", &together),
        ("the reissue first", &later),
        ("the early release first", &earlier),
    ] {
        assert_eq!(database.texts(PRODUCERS).await, COUNTED, "{order}");
        assert_eq!(database.fingerprint().await.parts, expected, "{order}");
    }
    let stale = "SELECT count(*) FROM producer_statistics_stale s JOIN producers p ON p.id = s.producer_id
        WHERE p.name = 'A Supervisor'";
    for database in [&together, &later, &earlier] {
        assert_eq!(database.count(stale).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_date_and_a_vanished_release_change_who_counts() {
    let [reissue, early] = reissue_and_early();
    let database = database().await;
    let last = Release::new(3);
    load(&database, "before.xml", &[reissue.xml(), early.xml(), last.xml()]).await;
    assert_eq!(database.texts(PRODUCERS).await, COUNTED);
    let [_, other] = reissue_and_early();
    let corrected = Release {
        released: "1979".to_owned(),
        ..other
    };
    load(
        &database,
        "late.xml",
        &[reissue.xml(), corrected.xml(), last.xml()],
    )
    .await;
    assert_eq!(database.texts(PRODUCERS).await, [""; 0]);
    load(&database, "early.xml", &[reissue.xml(), early.xml(), last.xml()]).await;
    assert_eq!(database.texts(PRODUCERS).await, COUNTED);
    let loaded = load_and_remove(&database, "gone.xml", &[reissue.xml(), last.xml()]).await;
    assert_eq!(loaded.counts.vanished, 1);
    assert_eq!(database.texts(PRODUCERS).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_two_roles_is_one_producer_with_both() {
    let release = Release {
        credits: credits(
            "extraartists",
            &[
                SUPERVISOR,
                (9, "A Supervisor", "Producer", "A1"),
                (9, "A Supervisor", "Executive-Producer", ""),
            ],
        ),
        released: "1969".to_owned(),
        ..Release::new(1)
    };
    let database = database().await;
    load_each(&database, &[&release]).await;
    let roles = "SELECT t.name || ': ' || array_to_string(roles_of(tp), ' ') FROM track_producers tp
        JOIN tracks t ON t.id = tp.track_id ORDER BY t.id";
    assert_eq!(
        database.texts(roles).await,
        [
            "First Song: producer supervisor",
            "Second Song (Remix): supervisor"
        ]
    );
    database.execute("DELETE FROM early_records").await;
    assert_eq!(database.texts(roles).await[0], "First Song: producer");
}
