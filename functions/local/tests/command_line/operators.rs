//! Runs the operator's commands: what they print, at most 80 columns wide, also for mistakes.

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::runner::CommandRunner;
use crate::{TestDataDir, assert_fails_in_one_line};

/// Dead letters, issues, ingestions and sources, with long texts.
const ROWS: &str = r#"
    INSERT INTO dead_messages (queue, body, reason, receive_count, sent_at, died_at) VALUES
        ('catalog',
         '{"type":"ingest_album","spotify_album_id":"1zXYNAA57WJ33GgZJHchhX","priority":"requested"}',
         'unavailable: 503 Service Unavailable: upstream connect error or disconnect/reset before headers',
         5, '2026-01-02 10:00Z', '2026-01-02 11:00Z'),
        ('catalog', 'no message', 'the body is not a message: Syntax at column 2', 1,
         '2026-01-02 10:00Z', '2026-01-03 11:00Z'),
        ('catalog',
         '{"type":"ingest_album","spotify_album_id":"2zXYNAA57WJ33GgZJHchhX","priority":"requested"}',
         'unavailable: 503 Service Unavailable: upstream connect error or disconnect/reset before headers',
         5, '2026-01-02 10:00Z', '2026-01-04 11:00Z');
    INSERT INTO worker_issues (worker_name, issue_type, fingerprint, message, occurrences, created_at,
                               updated_at)
    VALUES
        ('ingest', 'gave_up', 'ingest_album',
         'ingest_album:1zXYNAA57WJ33GgZJHchhX failed 5 times, the last time because: unavailable: 503 Service'
         ' Unavailable; it is in the dead letters of the catalog queue',
         2, '2026-01-02 11:00Z', '2026-01-04 11:00Z'),
        ('identify', 'long_snooze', 'discogs',
         'messages have waited for discogs for over 7 days: rate limited',
         1, '2026-01-02 11:00Z', '2026-01-02 11:00Z');
    INSERT INTO ingestions (what, created_at) VALUES
        (ARRAY['name:Amy Winehouse', 'name:Quincy Jones', 'isrc:GBUM70603730', 'name:Somebody'],
         '2026-01-02 10:00Z'),
        (ARRAY['name:Band'], '2026-01-05 10:00Z');
    INSERT INTO ingestion_tasks (ingestion_id, kind, subject, outcome, detail, finished_at) VALUES
        (1, 'resolve', 'name:Amy Winehouse', 'done', '{}', '2026-01-02 10:01Z'),
        (1, 'ingest_album', '1zXYNAA57WJ33GgZJHchhX', 'failed',
         '{"reason": "unavailable: 503 Service Unavailable: upstream connect error or'
         ' disconnect/reset before headers"}', '2026-01-02 10:01Z'),
        (1, 'ingest_album', '2zXYNAA57WJ33GgZJHchhX', NULL, '{}', NULL),
        (2, 'resolve', 'name:Band', 'done', '{}', '2026-01-05 10:01Z');
    INSERT INTO upstream_budgets (bucket, source, interval_ms, blocked_until, blocked_reason) VALUES
        ('musicbrainz', 'musicbrainz', 1000, '2100-01-02 10:00Z',
         'rate limited until 2100-01-02 10:00:00 UTC, as its header Retry-After says'),
        ('discogs', 'discogs', 1100, '-infinity', NULL)"#;

impl CommandRunner {
    /// Asserts what a command prints, and that it fits a terminal.
    fn shows(&self, command: &str, expected: &str) {
        let arguments: Vec<&str> = command.split(' ').collect();
        let text = self.prints(&arguments);
        assert_eq!(text, expected.trim(), "{command}");
        let widest = text.lines().map(|line| line.width()).max();
        assert!(widest <= Some(80), "{command}:\n{text}");
    }

    /// Asserts the line that a command fails with.
    fn refuses(&self, command: &str, expected: &str) {
        let arguments: Vec<&str> = command.split(' ').collect();
        assert_eq!(self.fails(&arguments), format!("error: {expected}"), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_by_cause_shown_retried_and_dropped() {
    let runner = CommandRunner::start("dead_letters", ROWS).await;
    let down = "\
2 dead letters of the catalog queue: unavailable: 503 Service Unavailable:
  upstream connect error or disconnect/reset before headers
ID  Died              Received  Message
3   2026-01-04 11:00         5  ingest_album:2zXYNAA57WJ33GgZJHchhX
1   2026-01-02 11:00         5  ingest_album:1zXYNAA57WJ33GgZJHchhX
";
    let listed = format!(
        "{down}
1 dead letter of the catalog queue: the body is not a message: Syntax at
  column 2
ID  Died              Received  Message
2   2026-01-03 11:00         1  unreadable

Try them again with: linernotes dead retry ID
Delete them with: linernotes dead drop ID"
    );
    runner.shows("dead list", &listed);
    let page = "
Dead letter 1 of the catalog queue
  message   ingest_album:1zXYNAA57WJ33GgZJHchhX
  died      2026-01-02 11:00
  received  5 times
  cause     unavailable: 503 Service Unavailable: upstream connect error or
            disconnect/reset before headers
  body      {\"type\":\"ingest_album\",\"spotify_album_id\":\"1zXYNAA57WJ33GgZJHchhX\",\"
            priority\":\"requested\"}";
    runner.shows("dead show 1", page);
    let retry = format!("{down}\n2 dead letters would be sent again.");
    runner.shows("dead retry --cause 503 --dry-run", &retry);
    runner.refuses(
        "dead retry 1 99",
        "there is no dead letter 99: list them with `linernotes dead list`",
    );
    runner.refuses(
        "dead drop 2 --reason x",
        "This deletes 1 dead letter: add --yes to do it without being asked",
    );
    runner.shows("dead retry 1", "Sent 1 dead letter to the queues again.");
    let newer = "dead drop --older-than 1d --yes --reason mended";
    runner.shows(newer, "Deleted 2 dead letters.");
    runner.shows("dead list", "There are no such dead letters.");
    let json: Value = serde_json::from_str(&runner.prints(&["dead", "list", "--json"])).unwrap();
    assert_eq!(json["items"], Value::Array(Vec::new()));
    let queued = runner.prints(&["status"]);
    assert!(
        queued.contains("catalog               1        0     0"),
        "{queued}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_are_listed_shown_and_resolved() {
    let runner = CommandRunner::start("issues", ROWS).await;
    let list = "
  1  ingest, gave_up: 2 times, the last at 2026-01-04 11:00
     ingest_album:1zXYNAA57WJ33GgZJHchhX failed 5 times, the last time because:
     unavailable: 503 Service Unavailable; it is in the dead letters of the
     catalog queue
  2  identify, long_snooze: 2026-01-02 11:00
     messages have waited for discogs for over 7 days: rate limited

Close one that is settled with: linernotes issues resolve ID";
    assert_eq!(runner.prints(&["issues", "list"]), list[1..]);
    let page = |seen: &str, state: &str| {
        format!(
            "Issue 1 of ingest: gave_up
  first    2026-01-02 11:00
  seen     {seen}
  state    {state}
  message  ingest_album:1zXYNAA57WJ33GgZJHchhX failed 5 times, the last time
           because: unavailable: 503 Service Unavailable; it is in the dead
           letters of the catalog queue
  details  {{}}"
        )
    };
    let seen = "2 times, the last at 2026-01-04 11:00";
    runner.shows("issues show 1", &page(seen, "open"));
    runner.refuses(
        "issues resolve 1 9 --reason mended",
        "there is no open issue 9; nothing was changed: list them with `linernotes issues list`",
    );
    runner.shows("issues resolve 1 2 --reason mended", "Resolved 2 issues.");
    let resolved = runner.prints(&["issues", "show", "1"]);
    assert!(
        resolved.contains("  seen     2 times\n  state    resolved by "),
        "{resolved}"
    );
    assert!(resolved.contains(": mended\n"), "{resolved}");
    runner.shows("issues list", "There are no open issues.");
    runner.refuses(
        "issues show 9",
        "there is no issue 9: list them with `linernotes issues list`",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ingestions_are_listed_shown_and_cancelled() {
    let runner = CommandRunner::start("listed_ingestions", ROWS).await;
    let list = "
ID  Requested         Waiting  Done  Not done  What
 2  2026-01-05 10:00        0     1         0  Band
 1  2026-01-02 10:00        1     1         1  Amy Winehouse, Quincy Jones,
                                               isrc:GBUM70603730 and 1 more";
    runner.shows("ingestions list", list);
    let page = "
Ingestion 1, requested 2026-01-02 10:00:
  Amy Winehouse, Quincy Jones, isrc:GBUM70603730, Somebody

Steps            Waiting  Done  Failed  Ambiguous  Cancelled  Postponed
names resolved         0     1       0          0          0  -
albums imported        1     0       1          0          0  -

Failed: 1zXYNAA57WJ33GgZJHchhX (albums imported): unavailable: 503 Service
  Unavailable: upstream connect error or disconnect/reset before headers";
    runner.shows("ingestions show 1", page);
    runner.shows(
        "ingestions cancel 2 --yes",
        "Ingestion 2 has ended: there is nothing to cancel.",
    );
    runner.refuses(
        "ingestions cancel 1",
        "This cancels 1 step of ingestion 1: add --yes to do it without being asked",
    );
    runner.shows(
        "ingestions cancel 1 --yes",
        "Cancelled 1 step of ingestion 1. What is stored stays.",
    );
    for command in ["ingestions show 9", "ingestions cancel 9 --yes"] {
        let expected = "there is no ingestion 9: list them with `linernotes ingestions list`";
        runner.refuses(command, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_listed_with_their_blocks_and_unblocked() {
    let runner = CommandRunner::start("sources", ROWS).await;
    let list = "
Calls        Rate limit    Blocked until     Reason
musicbrainz  1.0 a second  2100-01-02 10:00  rate limited until 2100-01-02
                                             10:00:00 UTC, as its header
                                             Retry-After says
discogs      0.9 a second  -

Lift a block with: linernotes sources unblock SOURCE";
    runner.shows("sources list", list);
    runner.shows("sources unblock discogs", "Discogs is not blocked.");
    runner.shows(
        "sources unblock musicbrainz",
        "Unblocked MusicBrainz: 0 waiting steps can start.",
    );
    let list = "
Calls        Rate limit    Blocked until  Reason
musicbrainz  1.0 a second  -
discogs      0.9 a second  -";
    runner.shows("sources list", list);
}

#[test]
fn a_selection_is_checked_before_a_database_is_opened() {
    let dir = TestDataDir::new();
    for (arguments, expected) in [
        (&["dead", "retry"][..], "say which dead letters: ids, --queue"),
        (
            &["dead", "retry", "--all", "2"],
            "--all goes with no other choice",
        ),
        (
            &["dead", "drop", "--reason", "old"],
            "say which dead letters: ids, --queue",
        ),
    ] {
        assert_fails_in_one_line(&dir.program(arguments).output().unwrap(), expected);
        assert!(!dir.0.exists(), "{arguments:?}");
    }
}
