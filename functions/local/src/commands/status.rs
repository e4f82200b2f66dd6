//! `linernotes status`: shows the queues, postponed steps, the sources' budgets and open issues.

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

use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, TextTable, count, single_line};

/// Maximum number of issues shown.
const MAX_ISSUES: i64 = 20;

struct SystemStatus {
    totals: Totals,
    queues: Vec<QueueDepth>,
    snoozed: Vec<SnoozedMessages>,
    budgets: Vec<Budget>,
    issues: Vec<OpenIssue>,
    /// Number of songs that were grouped by older title rules.
    songs_of_older_rules: i64,
}

pub(super) async fn run(config: &Config, data_dir: Option<PathBuf>, json: bool) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let status = read(&database).await?;
    let is_running = database.is_worked_on_elsewhere()?;
    database.close().await?;
    if json {
        output::print_json(&document(&status))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::print(text(&status))?;
    let waiting: i64 = status.queues.iter().map(|queue| queue.waiting).sum();
    if config.database_url.is_none() && !is_running && waiting > 0 {
        output::print("\nNo workers are running. Start them with: linernotes up")?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn read(database: &CommandDatabase) -> anyhow::Result<SystemStatus> {
    let client = database.pool.client().await?;
    let queues: Vec<&str> = QueueName::ALL.iter().map(|queue| queue.as_str()).collect();
    Ok(SystemStatus {
        totals: totals::count(&client).await?,
        queues: queue_messages::list_depths(&client, &queues).await?,
        snoozed: outgoing_messages::list_snoozed(&client).await?,
        budgets: upstream_budgets::list(&client).await?,
        issues: worker_issues::list_open(&client, MAX_ISSUES).await?,
        songs_of_older_rules: regrouping::count_older(&client).await?,
    })
}

fn text(status: &SystemStatus) -> String {
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
        parts.push("Nothing is postponed.".to_owned());
    } else {
        parts.push(format!("Postponed:\n{}", snoozed(&status.snoozed)));
    }
    let blocked: Vec<_> = status
        .budgets
        .iter()
        .filter(|budget| budget.blocked_until.is_some())
        .collect();
    parts.push(if status.budgets.is_empty() {
        "No source was called yet.".to_owned()
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
            "{} grouped by older title rules. Regroup with: linernotes renormalize",
            count(status.songs_of_older_rules, "song")
        ));
    }
    parts.join("\n\n")
}

fn queues(queues: &[QueueDepth]) -> TextTable {
    let mut table = TextTable::new(&["Queue", "#Waiting", "#Running", "#Dead", "#Oldest"]);
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

fn snoozed(snoozed: &[SnoozedMessages]) -> TextTable {
    let mut table = TextTable::new(&["#Steps", "Until", "Reason", "Budget"]);
    for group in snoozed {
        table.row([
            group.count.to_string(),
            output::format_time(group.until),
            group.reason.clone(),
            group.bucket.clone(),
        ]);
    }
    table
}

fn budgets(budgets: &[Budget]) -> TextTable {
    let mut table = TextTable::new(&["Budget", "Rate limit", "Blocked until", "Reason"]);
    for budget in budgets {
        table.row([
            budget.bucket.clone(),
            rate_limit(budget.interval_ms),
            budget.blocked_until.map_or("-".to_owned(), output::format_time),
            budget.blocked_reason.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn rate_limit(interval_ms: i32) -> String {
    match interval_ms {
        0 => "set by source".to_owned(),
        _ => format!("{:.1} calls per second", 1000.0 / f64::from(interval_ms)),
    }
}

/// A list and not a table: a table would cut off the end of a message, which says what to do.
fn issues(issues: &[OpenIssue]) -> String {
    let lines = issues.iter().map(|issue| {
        let times = if issue.occurrences > 1 {
            format!(", {} times", issue.occurrences)
        } else {
            String::new()
        };
        let when = output::format_time(issue.updated_at);
        format!(
            "  {when} {} ({}{times}): {}",
            issue.worker_name,
            issue.issue_type,
            single_line(&issue.message)
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn document(status: &SystemStatus) -> serde_json::Value {
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
