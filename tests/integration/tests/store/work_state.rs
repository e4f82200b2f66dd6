//! The state of the work that alarms watch.

use integration::database;
use shared::store::work::work_state::{WorkState, read};

#[tokio::test]
async fn the_state_counts_what_is_wrong_or_waits_now() {
    let database = database().await;
    let client = database.client().await;
    let quiet = WorkState {
        open_issues: 0,
        refused_credentials: 0,
        put_off_messages: 0,
    };
    assert_eq!(read(&client).await.unwrap(), quiet);
    for statement in [
        "INSERT INTO worker_issues (worker_name, issue_type, fingerprint, message, resolved)
         VALUES ('sweep', 'unsendable', 'a', 'open', false), ('sweep', 'unsendable', 'b', 'closed', true)",
        "INSERT INTO upstream_budgets (bucket, source, interval_ms, blocked_until, is_refusal) VALUES
         ('genius 1', 'genius', 1, now() + interval '1 hour', true),
         ('genius 2', 'genius', 1, now() + interval '1 hour', true),
         ('discogs 1', 'discogs', 1, now() - interval '1 hour', true),
         ('spotify', 'spotify', 1, now() + interval '1 hour', false)",
        "INSERT INTO outgoing_messages (queue, message_key, body, snooze_count)
         VALUES ('catalog', 'a', '{}', 1), ('catalog', 'b', '{}', 3), ('catalog', 'c', '{}', 0)",
    ] {
        database.execute(statement).await;
    }
    let busy = WorkState {
        open_issues: 1,
        refused_credentials: 1,
        put_off_messages: 2,
    };
    assert_eq!(read(&client).await.unwrap(), busy);
}
