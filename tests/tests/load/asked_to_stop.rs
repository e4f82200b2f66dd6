//! The real program, asked to stop: once it ends what is under way, twice it breaks it off; the next one goes on.

use integration::program::{self, Program};
use integration::{Database, database};
use pretty_assertions::assert_eq;

use crate::dump::{Release, dump, file, gzip, load};
use crate::stopped::{MANY, expected_of_many, many, program_goes_on};

const STOPPING: &str = "stopping after what is under way (once more to break it off)";
const STATES: &str = "SELECT state || COALESCE(': ' || stop_reason, '') FROM loads ORDER BY id";

async fn read(database: &Database) -> i64 {
    let read = "SELECT (counts ->> 'read')::bigint FROM loads ORDER BY id DESC LIMIT 1";
    database.count(read).await
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_once_it_says_how_to_go_on() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let xml = dump(&releases);
    let path = file("asked.xml.gz", &gzip(&xml));
    for signal in ["INT", "TERM"] {
        let database = database().await;
        let mut program = Program::start(&database, &["load", "discogs", "-"]);
        let (first, rest) = xml.as_bytes().split_at(xml.len() * 2 / 3);
        program.write(first).await;
        program::is_under_way_after(&database, 0).await;
        program.signal(signal).await;
        program.says(STOPPING).await;
        program.write(rest).await;
        let ended = program.end().await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let said: Vec<&str> = ended.stderr.lines().collect();
        let next = "stopped before the end: run the same command again to go on";
        assert_eq!(said, [STOPPING, next]);
        assert!(ended.stdout.contains("\nloaded "), "{ended:?}");
        assert_eq!(database.texts(STATES).await, ["stopped: asked to stop"]);
        let read = read(&database).await;
        assert!((1..MANY).contains(&read), "{read}");
        program_goes_on(&database, &path, expected).await;
    }
}

/// Nothing comes through the pipe any more, so what is under way never ends.
#[tokio::test(flavor = "multi_thread")]
async fn asked_twice_it_breaks_off_what_does_not_end() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let database = database().await;
    let xml = dump(&releases);
    let mut program = Program::start(&database, &["load", "discogs", "-"]);
    program.write(&xml.as_bytes()[..xml.len() * 2 / 3]).await;
    program::is_under_way_after(&database, 0).await;
    program.signal("INT").await;
    program.says(STOPPING).await;
    program.signal("INT").await;
    let ended = program.end_by_itself().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let last = ended.stderr.lines().last();
    assert_eq!(last, Some("broken off: run the same command again to go on"));
    assert_eq!(database.texts(STATES).await, ["running"]);
    let path = file("asked_twice.xml", xml.as_bytes());
    program_goes_on(&database, &path, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_while_it_counts_it_leaves_the_counting() {
    let database = database().await;
    // Into tables in use: else it waited for the lock much earlier, to make keys.
    load(&database, "uncounted.xml", &[Release::new(1).xml()]).await;
    let path = file("counting.xml", dump(&[Release::new(2).xml()]).as_bytes());
    let arguments = ["load", "discogs", path.to_str().unwrap()];
    let mut holder = database.client().await;
    let lock = holder.transaction().await.unwrap();
    lock.run("LOCK TABLE producer_statistics").await.unwrap();
    let program = Program::start(&database, &arguments);
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'producer_statistics'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    program::wait_until(&database, waits).await;
    assert_eq!(database.texts(STATES).await, ["done", "done"]);
    program.signal("INT").await;
    let ended = program.end().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let said = ended.stderr.trim_end();
    let next = "not all producers' tracks are counted: run the same command again to count them";
    assert_eq!(said, next);
    drop(lock);
    let ended = Program::start(&database, &arguments).end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let counted = "SELECT sum(track_count)::bigint FROM producer_statistics";
    assert_eq!(database.count(counted).await, 4);
}
