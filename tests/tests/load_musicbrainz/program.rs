//! The real program on dumps of MusicBrainz's: killed, asked to stop, fed through a pipe, and out of room.

use std::path::Path;

use integration::disk::{fill_at_writing, make_room};
use integration::dumps::{Dump, file, xz};
use integration::program::{self, Program};
use integration::{Database, database};
use pretty_assertions::assert_eq;
use rand::Rng as _;
use shared::store::fingerprint::TableFingerprint;

use crate::stopped::{expected, many};

const STATES: &str = "SELECT state || COALESCE(': ' || stop_reason, '') FROM loads ORDER BY id";

async fn goes_on(database: &Database, path: &Path, expected: &[TableFingerprint]) {
    let went_on = program::load(database, "musicbrainz", path).await;
    assert_eq!(went_on.code, Some(0), "{went_on:?}");
    assert_eq!(database.fingerprint().await.parts, expected);
    let again = program::load(database, "musicbrainz", path).await;
    assert_eq!(again.rows_written(), 0);
}

/// Without a word: as it starts, and in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_goes_on() {
    let expected = expected().await;
    let path = file("killed.tar.xz", &Dump::of_releases(&many()).xz());
    let database = database().await;
    program::kill_loads(&database, "musicbrainz", &path).await;
    goes_on(&database, &path, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_asked_to_stop_says_how_to_go_on() {
    let expected = expected().await;
    let path = file("asked.tar.xz", &Dump::of_releases(&many()).xz());
    let database = database().await;
    let arguments = ["load", "musicbrainz", path.to_str().unwrap()];
    let program = Program::start(&database, &arguments);
    program::is_under_way_after(&database, 0).await;
    program.signal("INT").await;
    let ended = program.end().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let next = "stopped before the end: run the same command again to go on";
    assert_eq!(ended.stderr.lines().last(), Some(next));
    assert_eq!(database.texts(STATES).await, ["stopped: asked to stop"]);
    goes_on(&database, &path, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_piped_is_loaded_as_a_file_is() {
    let releases = crate::online::releases();
    let unpiped = database().await;
    integration::dumps::load(&unpiped, "unpiped.tar.xz", &releases).await;
    let expected = unpiped.fingerprint().await.parts;
    let tar = Dump::of_releases(&releases).tar();
    for bytes in [xz(&tar), gzip(&tar), tar] {
        let database = database().await;
        let mut program = Program::start(&database, &["load", "musicbrainz", "-", "--json"]);
        program.write(&bytes).await;
        assert!(program.end().await.rows_written() > 0);
        let kept = "SELECT file_name || ' ' || state || ' ' || dump_date FROM loads";
        let of_the_dump = ["standard input done 2026-08-01"];
        assert_eq!(database.texts(kept).await, of_the_dump);
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
async fn a_pipe_that_breaks_is_told_and_the_whole_dump_goes_on() {
    let expected = expected().await;
    let database = database().await;
    let tar = Dump::of_releases(&many()).tar();
    let mut program = Program::start(&database, &["load", "musicbrainz", "-"]);
    program.write(&tar[..tar.len() * 2 / 3]).await;
    let ended = program.end().await;
    let error = ended.error();
    let begins = "error: the load stopped: standard input: it is cut off";
    assert!(error.starts_with(begins), "{error}");
    assert!(error.ends_with("run the same command again to go on"), "{error}");
    goes_on(&database, &file("unbroken.tar", &tar), expected).await;
}

/// What it says that meets a full disk, before which it writes so many statements into a table; then there is room.
async fn said_of_full_disk(database: &Database, path: &Path, table: &str, after: u32) -> String {
    fill_at_writing(database, table, after).await;
    let arguments = ["load", "musicbrainz", path.to_str().unwrap()];
    let ended = Program::start(database, &arguments).end().await;
    let error = ended.error().to_owned();
    let next = "the disk of the database is full: make room on it; what was read before is kept: run the same command again to go on";
    assert!(error.ends_with(next), "{error}");
    let stopped =
        "SELECT count(*) FROM loads WHERE state = 'stopped' AND stop_reason LIKE '%No space left on device%'";
    assert_eq!(database.count(stopped).await, 1);
    make_room(database).await;
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_with_room_the_load_goes_on() {
    let expected = expected().await;
    let path = file("full.tar.xz", &Dump::of_releases(&many()).xz());
    for table in ["albums", "credits"] {
        let database = database().await;
        let after = rand::rng().random_range(0..3);
        let error = said_of_full_disk(&database, &path, table, after).await;
        let begins = "error: the load stopped: full.tar.xz: write releases: ";
        assert!(error.starts_with(begins), "{error}");
        goes_on(&database, &path, expected).await;
    }
}

/// What changed is written one by one, and half written where the album is and its credits are not.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_in_the_middle_of_what_changed() {
    let expected = expected().await;
    let path = file("full_again.tar.xz", &Dump::of_releases(&many()).xz());
    let database = database().await;
    program::load(&database, "musicbrainz", &path).await;
    let change = "UPDATE loaded_releases SET content_hash = 0 WHERE album_id % 8 = 0";
    database.execute(change).await;
    let after = rand::rng().random_range(0..50);
    let error = said_of_full_disk(&database, &path, "credits", after).await;
    let begins = "error: the load stopped: full_again.tar.xz: write release ";
    assert!(error.starts_with(begins), "{error}");
    goes_on(&database, &path, expected).await;
}
