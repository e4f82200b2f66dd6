//! Dumps that the program reads from its standard input, compressed or not.

use integration::database;
use integration::dumps::xz;
use integration::program::{self, Program};
use pretty_assertions::assert_eq;

use crate::dump::{Release, dump, file, gzip, load};
use crate::stopped::{MANY, expected, expected_of_many, many};

const LOADS: &str = "SELECT file_name || ' ' || state || ' ' || position_bytes FROM loads";
const PAGES: &str = "<artists><artist><id>5</id><name>A Producer Renamed</name></artist></artists>";

#[tokio::test(flavor = "multi_thread")]
async fn a_piped_dump_is_loaded_like_a_file() {
    let releases = many(400);
    let expected = expected(&releases).await;
    let xml = dump(&releases);
    let plain = xml.clone().into_bytes();
    for bytes in [gzip(&xml), xz(&plain), plain] {
        let database = database().await;
        let mut program = Program::start(&database, &["load", "discogs", "-", "--json"]);
        program.write(&bytes).await;
        assert!(program.exit().await.rows_written() > 400);
        let expected_load = format!("standard input done {}", bytes.len());
        assert_eq!(database.texts(LOADS).await, [expected_load]);
        assert_eq!(database.fingerprint().await.parts, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_artists_can_be_piped_after_a_file_of_releases() {
    let (database, unpiped) = (database().await, database().await);
    let path = file("releases_of_piped.xml", dump(&[Release::new(1).xml()]).as_bytes());
    let arguments = ["load", "discogs", path.to_str().unwrap(), "-"];
    let mut program = Program::start(&database, &arguments);
    program.write(&gzip(PAGES)).await;
    let exit = program.exit().await;
    assert_eq!(exit.code, Some(0), "{exit:?}");
    let names = "SELECT name FROM producers";
    assert_eq!(database.texts(names).await, ["A Producer Renamed"]);
    load(&unpiped, "releases_unpiped.xml", &[Release::new(1).xml()]).await;
    assert_eq!(unpiped.texts(names).await, ["A Producer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_pipe_is_reported_and_the_whole_dump_resumes_the_load() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let database = database().await;
    let bytes = gzip(&dump(&releases));
    let mut program = Program::start(&database, &["load", "discogs", "-"]);
    program.write(&bytes[..bytes.len() * 2 / 3]).await;
    let exit = program.exit().await;
    let error = exit.error();
    assert!(
        error.starts_with("error: the load stopped: standard input: it is cut off"),
        "{error}"
    );
    assert!(error.ends_with("run the same command again to resume"), "{error}");
    let path = file("unbroken.xml.gz", &bytes);
    let resumed = program::load(&database, "discogs", &path).await;
    assert!(resumed.rows_written() > 0);
    assert_eq!(database.fingerprint().await.parts, expected);
}
