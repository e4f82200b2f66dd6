//! The program loads MusicBrainz dumps: it is killed, asked to stop, reads a pipe, and finds the disk full.

use std::path::Path;

use integration::dumps::{MusicBrainzDump, file, xz};
use integration::failpoints::{HeldStatement, fill_disk_at_write, free_disk};
use integration::program::{self, Program};
use integration::random::random;
use integration::{Database, database};
use pretty_assertions::assert_eq;
use rand::Rng as _;
use shared::store::catalog::fingerprint::TableFingerprint;

use crate::stopped::{expected, many};

const STOPPING: &str = "stopping after the current batch";
const STATES: &str = "SELECT state || COALESCE(': ' || stop_reason, '') FROM loads ORDER BY id";

async fn resumes(database: &Database, path: &Path, expected: &[TableFingerprint]) {
    let resumed = program::load(database, "musicbrainz", path).await;
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert_eq!(database.fingerprint().await.parts, expected);
    let again = program::load(database, "musicbrainz", path).await;
    assert_eq!(again.rows_written(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_is_resumed() {
    let expected = expected().await;
    let path = file("killed.tar.xz", &MusicBrainzDump::of_releases(&many()).xz());
    let database = database().await;
    program::kill_loads(&database, "musicbrainz", &path).await;
    resumes(&database, &path, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_asked_to_stop_says_how_to_resume() {
    let expected = expected().await;
    let path = file("asked.tar.xz", &MusicBrainzDump::of_releases(&many()).xz());
    let database = database().await;
    let arguments = ["load", "musicbrainz", path.to_str().unwrap()];
    // In the second batch: the first one is committed.
    let held = HeldStatement::write_into(&database, &["albums"], 2).await;
    let mut program = Program::start(&database, &arguments);
    held.wait().await;
    program.signal("INT").await;
    program.wait_for_message(STOPPING).await;
    held.release().await;
    let exit = program.exit().await;
    assert_eq!(exit.code, Some(1), "{exit:?}");
    let next = "stopped before the end: run the same command again to resume";
    assert_eq!(exit.stderr.lines().last(), Some(next));
    assert_eq!(database.texts(STATES).await, ["stopped: asked to stop"]);
    resumes(&database, &path, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piped_dump_is_loaded_like_a_file() {
    let releases = crate::online::releases();
    let unpiped = database().await;
    integration::dumps::load(&unpiped, "unpiped.tar.xz", &releases).await;
    let expected = unpiped.fingerprint().await.parts;
    let tar = MusicBrainzDump::of_releases(&releases).tar();
    for bytes in [xz(&tar), gzip(&tar), tar] {
        let database = database().await;
        let mut program = Program::start(&database, &["load", "musicbrainz", "-", "--json"]);
        program.write(&bytes).await;
        assert!(program.exit().await.rows_written() > 0);
        let loads = "SELECT file_name || ' ' || state || ' ' || dump_date FROM loads";
        let expected_load = ["standard input done 2026-08-01"];
        assert_eq!(database.texts(loads).await, expected_load);
        assert_eq!(database.fingerprint().await.parts, expected);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_pipe_is_reported_and_the_whole_dump_resumes_the_load() {
    let expected = expected().await;
    let database = database().await;
    let tar = MusicBrainzDump::of_releases(&many()).tar();
    let mut program = Program::start(&database, &["load", "musicbrainz", "-"]);
    program.write(&tar[..tar.len() * 2 / 3]).await;
    let exit = program.exit().await;
    let error = exit.error();
    let begins = "error: the load stopped: standard input: it is cut off";
    assert!(error.starts_with(begins), "{error}");
    assert!(error.ends_with("run the same command again to resume"), "{error}");
    resumes(&database, &file("unbroken.tar", &tar), expected).await;
}

/// The error message of a program that finds the disk full once `after` statements have written into a table.
/// Afterwards there is space again.
async fn error_of_full_disk(database: &Database, path: &Path, table: &str, after: u32) -> String {
    fill_disk_at_write(database, table, after).await;
    let arguments = ["load", "musicbrainz", path.to_str().unwrap()];
    let exit = Program::start(database, &arguments).exit().await;
    let error = exit.error().to_owned();
    let next = "the database's disk is full: free some space; progress is saved: run the same command again \
        to resume";
    assert!(error.ends_with(next), "{error}");
    let stopped =
        "SELECT count(*) FROM loads WHERE state = 'stopped' AND stop_reason LIKE '%No space left on device%'";
    assert_eq!(database.count(stopped).await, 1);
    free_disk(database).await;
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_and_the_load_resumes_when_there_is_space() {
    let expected = expected().await;
    let path = file("full.tar.xz", &MusicBrainzDump::of_releases(&many()).xz());
    let mut random = random();
    for table in ["albums", "credits"] {
        let database = database().await;
        let after = random.random_range(0..3);
        let error = error_of_full_disk(&database, &path, table, after).await;
        let begins = "error: the load stopped: full.tar.xz: write releases: ";
        assert!(error.starts_with(begins), "{error}");
        resumes(&database, &path, expected).await;
    }
}

/// Changed releases are written one by one. The disk is full at the credits, after the album has been
/// written.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_in_the_middle_of_a_changed_release() {
    let expected = expected().await;
    let path = file("full_again.tar.xz", &MusicBrainzDump::of_releases(&many()).xz());
    let database = database().await;
    program::load(&database, "musicbrainz", &path).await;
    let change = "UPDATE loaded_releases SET content_hash = 0 WHERE album_id % 8 = 0";
    database.execute(change).await;
    let after = random().random_range(0..50);
    let error = error_of_full_disk(&database, &path, "credits", after).await;
    let begins = "error: the load stopped: full_again.tar.xz: write release ";
    assert!(error.starts_with(begins), "{error}");
    resumes(&database, &path, expected).await;
}
