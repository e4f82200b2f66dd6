//! Several commands at once on the private Postgres of one data directory.

use std::process::{Child, Stdio};

use linernotes::cluster;
use linernotes::demo::{self, StandIns};

use super::{TestDataDir, postgres_is_gone, text};

fn start(dir: &TestDataDir, arguments: &[&str]) -> Child {
    let mut command = dir.program(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn commands_that_start_at_once_share_a_postgres_and_the_last_one_stops_it() {
    let dir = TestDataDir::new();
    let commands: [&[&str]; 6] = [
        &["search", "x"],
        &["status"],
        &["search", "x"],
        &["fingerprint"],
        &["producers", "duplicates"],
        &["keys", "create", "website"],
    ];
    let started: Vec<Child> = commands.iter().map(|arguments| start(&dir, arguments)).collect();
    for (arguments, child) in commands.iter().zip(started) {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    }
    assert!(postgres_is_gone(&dir.0));
}

fn ingestion(dir: &TestDataDir, stand_ins: &StandIns, artist: &str) -> Child {
    let artist = stand_ins
        .artists()
        .iter()
        .find(|known| known.name == artist)
        .unwrap();
    let mut command = dir.program(&["ingest", &format!("mbid:{}", artist.mbid())]);
    command
        .env("MUSICBRAINZ_URL", &stand_ins.musicbrainz_url)
        .env("MUSICBRAINZ_PER_SECOND", "20")
        .env("CONTACT", "https://linernotes.invalid/tests");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ingestions_at_once_both_end_with_their_producers() {
    let stand_ins = demo::start().await.unwrap();
    let dir = TestDataDir::new();
    let both = ["AC/DC", "Linkin Park"].map(|artist| ingestion(&dir, &stand_ins, artist));
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(
            text(&output.stdout).contains("Rick Rubin"),
            "{}",
            text(&output.stdout)
        );
    }
    assert!(postgres_is_gone(&dir.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingestion_takes_over_the_workers_of_a_process_that_ends() {
    let stand_ins = demo::start().await.unwrap();
    let dir = TestDataDir::new();
    let mut other = cluster::open(Some(dir.0.clone())).await.unwrap();
    assert!(other.claim_workers().unwrap());
    let watching = ingestion(&dir, &stand_ins, "AC/DC");
    // The other process does no work. The ingestion is stored before its process can watch it.
    let is_stored = async || {
        let (client, connection) = tokio_postgres::connect(&other.url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let counted = client.query_one("SELECT count(*) FROM ingestions", &[]).await;
        counted.is_ok_and(|row| row.get::<_, i64>(0) > 0)
    };
    while !is_stored().await {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(stand_ins.calls().musicbrainz, 0);
    other.stop().await.unwrap();
    let output = watching.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("another process runs the workers"));
    assert!(
        text(&output.stdout).contains("Rick Rubin"),
        "{}",
        text(&output.stdout)
    );
    assert!(postgres_is_gone(&dir.0));
}
