//! `linernotes status`: how the work stands: queues, what is put off, the sources' budgets, open issues.
//! What an ingestion has come to is told by `linernotes ingest`.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use shared::domain::messages::QueueName;
use shared::platform::config::Config;
use shared::store::catalog::regrouping;
use shared::store::catalog::totals::{self, Totals};
use shared::store::work::outgoing_messages::{self, SnoozedMessages};
use shared::store::work::queue_messages::{self, QueueDepth};
use shared::store::work::upstream_budgets::{self, Budget};
use shared::store::work::worker_issues::{self, OpenIssue};

use crate::database::{Database, Purpose};
use crate::output::{self, Table, count, one_line_of};

/// More issues than these are no more to be read.
const ISSUES: i64 = 20;

struct Status {
    totals: Totals,
    queues: Vec<QueueDepth>,
    snoozed: Vec<SnoozedMessages>,
    budgets: Vec<Budget>,
    issues: Vec<OpenIssue>,
    /// Songs whose keys older title rules made.
    songs_of_older_rules: i64,
}

pub(super) async fn run(config: &Config, data_dir: Option<PathBuf>, json: bool) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let status = read(&database).await?;
    let is_running = database.is_run_elsewhere();
    database.close().await?;
    if json {
        output::print_json(&document(&status))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::print(text(&status))?;
    let waiting: i64 = status.queues.iter().map(|queue| queue.waiting).sum();
    if config.database_url.is_none() && !is_running && waiting > 0 {
        output::print("\nNothing works on the queues now; `linernotes up` does.")?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn read(database: &Database) -> anyhow::Result<Status> {
    let client = database.pool.client().await?;
    let queues: Vec<&str> = QueueName::ALL.iter().map(|queue| queue.as_str()).collect();
    Ok(Status {
        totals: totals::count(&client).await?,
        queues: queue_messages::list_depths(&client, &queues).await?,
        snoozed: outgoing_messages::list_snoozed(&client).await?,
        budgets: upstream_budgets::list(&client).await?,
        issues: worker_issues::list_open(&client, ISSUES).await?,
        songs_of_older_rules: regrouping::count_older(&client).await?,
    })
}

fn text(status: &Status) -> String {
    let totals = status.totals;
    let mut parts = vec![format!(
        "{}, {}, {} ({} with a producer), {}",
        count(totals.artists, "artist"),
        count(totals.albums, "album"),
        count(totals.tracks, "track"),
        totals.tracks_with_producers,
        count(totals.producers, "producer")
    )];
    parts.push(queues(&status.queues).to_string());
    if status.snoozed.is_empty() {
        parts.push("Nothing is put off.".to_owned());
    } else {
        parts.push(format!("Put off:\n{}", snoozed(&status.snoozed)));
    }
    let blocked: Vec<_> = status
        .budgets
        .iter()
        .filter(|budget| budget.blocked_until.is_some())
        .collect();
    parts.push(if status.budgets.is_empty() {
        "No source was asked yet.".to_owned()
    } else {
        format!("Sources:\n{}", budgets(&status.budgets))
    });
    if blocked.is_empty() && !status.budgets.is_empty() {
        parts.push("No source is blocked.".to_owned());
    }
    parts.push(match status.issues.len() {
        0 => "No open issues.".to_owned(),
        _ => format!("Open issues:\n{}", issues(&status.issues)),
    });
    if status.songs_of_older_rules > 0 {
        parts.push(format!(
            "{} told apart by the rules of an earlier linernotes: `linernotes renormalize` reads them anew.",
            count(status.songs_of_older_rules, "song")
        ));
    }
    parts.join("\n\n")
}

fn queues(queues: &[QueueDepth]) -> Table {
    let mut table = Table::new(&["Queue", "#Waiting", "#Under way", "#Dead", "#Oldest"]);
    for queue in queues {
        table.row([
            queue.queue.clone(),
            queue.waiting.to_string(),
            queue.in_flight.to_string(),
            queue.dead.to_string(),
            queue
                .oldest_seconds
                .map_or("-".to_owned(), |seconds| format!("{seconds} s")),
        ]);
    }
    table
}

fn snoozed(snoozed: &[SnoozedMessages]) -> Table {
    let mut table = Table::new(&["#Steps", "Until", "Why", "Waits for"]);
    for group in snoozed {
        table.row([
            group.count.to_string(),
            output::until(group.until),
            group.reason.clone(),
            group.bucket.clone(),
        ]);
    }
    table
}

fn budgets(budgets: &[Budget]) -> Table {
    let mut table = Table::new(&["Budget", "Pace", "Blocked until", "Why"]);
    for budget in budgets {
        table.row([
            budget.bucket.clone(),
            pace(budget.interval_ms),
            budget.blocked_until.map_or("-".to_owned(), output::until),
            budget.blocked_reason.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn pace(interval_ms: i32) -> String {
    match interval_ms {
        0 => "its source's".to_owned(),
        _ => format!("{:.1} calls a second", 1000.0 / f64::from(interval_ms)),
    }
}

/// An issue says what to do, which a table would cut off.
fn issues(issues: &[OpenIssue]) -> String {
    let lines = issues.iter().map(|issue| {
        let times = if issue.occurrences > 1 {
            format!(", {} times", issue.occurrences)
        } else {
            String::new()
        };
        let when = output::until(issue.updated_at);
        format!(
            "  {when} {} ({}{times}): {}",
            issue.worker_name,
            issue.issue_type,
            one_line_of(&issue.message)
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn document(status: &Status) -> serde_json::Value {
    let totals = status.totals;
    json!({
        "artists": totals.artists, "albums": totals.albums, "tracks": totals.tracks,
        "tracks_with_producers": totals.tracks_with_producers, "producers": totals.producers,
        "songs_of_older_rules": status.songs_of_older_rules,
        "queues": status.queues.iter().map(|queue| json!({
            "queue": queue.queue, "waiting": queue.waiting, "in_flight": queue.in_flight, "dead": queue.dead,
            "oldest_seconds": queue.oldest_seconds,
        })).collect::<Vec<_>>(),
        "snoozed": status.snoozed.iter().map(|group| json!({
            "bucket": group.bucket, "reason": group.reason, "count": group.count, "until": group.until,
        })).collect::<Vec<_>>(),
        "budgets": status.budgets.iter().map(|budget| json!({
            "bucket": budget.bucket, "interval_ms": budget.interval_ms, "blocked_until": budget.blocked_until,
            "blocked_reason": budget.blocked_reason,
        })).collect::<Vec<_>>(),
        "issues": status.issues.iter().map(|issue| json!({
            "worker_name": issue.worker_name, "issue_type": issue.issue_type, "message": issue.message,
            "occurrences": issue.occurrences, "updated_at": issue.updated_at,
        })).collect::<Vec<_>>(),
    })
}
