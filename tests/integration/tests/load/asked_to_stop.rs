//! Stopping the program with signals. After the first signal it finishes the current batch; after the second
//! it stops at once. The next run resumes.

use integration::program::{self, Program};
use integration::{Database, database};
use pretty_assertions::assert_eq;

use crate::dump::{Release, dump, file, gzip, load};
use crate::stopped::{MANY, expected_of_many, many, program_resumes};

const STOPPING: &str = "stopping after the current batch (press Ctrl-C again to stop at once)";
const STATES: &str = "SELECT state || COALESCE(': ' || stop_reason, '') FROM loads ORDER BY id";

async fn count_read_records(database: &Database) -> i64 {
    let read = "SELECT (counts ->> 'read')::bigint FROM loads ORDER BY id DESC LIMIT 1";
    database.count(read).await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_first_signal_it_stops_and_says_how_to_resume() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let xml = dump(&releases);
    let path = file("asked.xml.gz", &gzip(&xml));
    for signal in ["INT", "TERM"] {
        let database = database().await;
        let mut program = Program::start(&database, &["load", "discogs", "-"]);
        let (first, rest) = xml.as_bytes().split_at(xml.len() * 2 / 3);
        program.write(first).await;
        program::wait_for_progress(&database).await;
        program.signal(signal).await;
        program.wait_for_message(STOPPING).await;
        program.write(rest).await;
        let exit = program.exit().await;
        assert_eq!(exit.code, Some(1), "{exit:?}");
        let messages: Vec<&str> = exit.stderr.lines().collect();
        let next = "stopped before the end: run the same command again to resume";
        assert_eq!(messages, [STOPPING, next]);
        assert!(exit.stdout.contains("\nloaded "), "{exit:?}");
        assert_eq!(database.texts(STATES).await, ["stopped: asked to stop"]);
        let read = count_read_records(&database).await;
        assert!((1..MANY).contains(&read), "{read}");
        program_resumes(&database, &path, expected).await;
    }
}

/// The pipe stays open without more data, so the current batch never ends.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_second_signal_it_stops_at_once() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let database = database().await;
    let xml = dump(&releases);
    let mut program = Program::start(&database, &["load", "discogs", "-"]);
    program.write(&xml.as_bytes()[..xml.len() * 2 / 3]).await;
    program::wait_for_progress(&database).await;
    program.signal("INT").await;
    program.wait_for_message(STOPPING).await;
    program.signal("INT").await;
    let exit = program.exit_with_open_input().await;
    assert_eq!(exit.code, Some(1), "{exit:?}");
    let last = exit.stderr.lines().last();
    assert_eq!(
        last,
        Some("stopped at once: run the same command again to resume")
    );
    assert_eq!(database.texts(STATES).await, ["running"]);
    let path = file("asked_twice.xml", xml.as_bytes());
    program_resumes(&database, &path, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_during_the_statistics_ends_them() {
    let database = database().await;
    // A load into empty tables would wait for the lock earlier, when it creates keys.
    load(&database, "uncounted.xml", &[Release::new(1).xml()]).await;
    let path = file("counting.xml", dump(&[Release::new(2).xml()]).as_bytes());
    let arguments = ["load", "discogs", path.to_str().unwrap()];
    let mut holder = database.client().await;
    let lock = holder.transaction().await.unwrap();
    lock.run("LOCK TABLE producer_statistics").await.unwrap();
    let program = Program::start(&database, &arguments);
    database.wait_for_blocked(1).await;
    assert_eq!(database.texts(STATES).await, ["done", "done"]);
    program.signal("INT").await;
    let exit = program.exit().await;
    assert_eq!(exit.code, Some(1), "{exit:?}");
    let message = exit.stderr.trim_end();
    let next = "the producers' statistics are incomplete: run the same command again to complete them";
    assert_eq!(message, next);
    drop(lock);
    let exit = Program::start(&database, &arguments).exit().await;
    assert_eq!(exit.code, Some(0), "{exit:?}");
    let counted = "SELECT sum(track_count)::bigint FROM producer_statistics";
    assert_eq!(database.count(counted).await, 4);
}
