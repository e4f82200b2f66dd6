//! The clock of the database and ours are five minutes apart.

use chrono::{DateTime, TimeDelta, Utc};
use integration::records::album_of;
use integration::scene::ingest_album;
use integration::upstream::Upstream;
use integration::{Database, empty_database, settings};
use shared::domain::messages::QueueName;
use shared::platform::db::{self, Pool};

/// The functions that say the time.
const CLOCKS: [(&str, &str); 3] = [
    ("now", "STABLE"),
    ("statement_timestamp", "STABLE"),
    ("clock_timestamp", "VOLATILE"),
];

/// A database whose clock differs from that of this machine. Its functions hide those of Postgres, because
/// their schema comes first in the search path.
async fn database_with_other_clock(minutes: i32) -> Database {
    let url = empty_database().await;
    let pool = Pool::new(&settings(&url), 1).expect("a pool");
    let functions = CLOCKS.map(|(name, volatility)| {
        format!(
            "CREATE FUNCTION other.{name}() RETURNS timestamptz {volatility} LANGUAGE sql
             RETURN pg_catalog.{name}() + interval '{minutes} minutes';"
        )
    });
    let clock = format!("CREATE SCHEMA other; {}", functions.concat());
    let client = pool.client().await.expect("a connection");
    client.run(&clock).await.expect("clocks");
    drop(client);
    pool.close();
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options=-c%20search_path%3Dother,pg_catalog,public");
    db::migrate(&settings(&url)).await.expect("a schema");
    let pool = Pool::new(&settings(&url), 16).expect("a pool");
    Database { url, pool }
}

fn is_about(time: DateTime<Utc>, expected: DateTime<Utc>) -> bool {
    (time - expected).abs() < TimeDelta::seconds(30)
}

#[tokio::test]
async fn what_is_requested_anew_is_done_anew_and_ends_whichever_clock_is_ahead() {
    for minutes in [5, -5] {
        let database = database_with_other_clock(minutes).await;
        let upstream = Upstream::start().await;
        let machine = upstream.machine(&database);
        let album = album_of("x", &["Song"]);
        upstream.give_album(&album);
        let message = ingest_album(album["id"].as_str().unwrap());
        let theirs = database.client().await.read_clock().await.unwrap();
        let expected = Utc::now() + TimeDelta::minutes(minutes.into());
        assert!(
            is_about(theirs, expected),
            "{minutes}: {theirs} is not {expected}"
        );
        for round in 1..=2 {
            let fresh_after = database.client().await.read_clock().await.unwrap();
            let id = machine
                .request_after(std::slice::from_ref(&message), Some(fresh_after))
                .await;
            assert_eq!(machine.work_once(QueueName::Catalog).await, 1);
            let done = format!(
                "SELECT count(*) FROM ingestion_tasks
                 WHERE ingestion_id = {id} AND kind = 'ingest_album' AND outcome = 'done'"
            );
            assert_eq!(database.count(&done).await, 1, "{minutes} minutes, round {round}");
            let fresh = database
                .count("SELECT count(*) FROM lookups WHERE kind = 'ingest_album' AND looked_up_at <= now()")
                .await;
            assert_eq!(fresh, 1, "a lookup lies in the future of the database");
        }
    }
}
