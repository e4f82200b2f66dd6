//! The text of `linernotes status`.

use shared::store::catalog::totals::Totals;
use shared::store::loads::LoadRow;
use shared::store::work::outgoing_messages::SnoozedMessages;
use shared::store::work::queue_kind::QueueKind;
use shared::store::work::queue_messages::QueueDepth;
use shared::store::work::upstream_budgets::Budget;
use shared::store::work::worker_processes::WorkerProcess;

use super::system_status::SystemStatus;
use crate::commands::issues;
use crate::output::{self, TextTable, count, format_age, format_time, wrapped};

pub(super) fn text(status: &SystemStatus) -> String {
    let mut parts = vec![totals(status.totals, status.schema_version)];
    let missing_keys = status.missing_keys.iter();
    parts.extend(missing_keys.map(|missing| wrapped(&format!("WARNING: {missing}."), "")));
    parts.push(processes(status));
    parts.push(queues(status));
    if !status.snoozed.is_empty() {
        parts.push(format!("Postponed:\n{}", snoozed(&status.snoozed)));
    }
    parts.push(blocks(&status.budgets));
    if !status.loads.is_empty() {
        parts.push(format!("Last loads:\n{}", loads(&status.loads)));
    }
    parts.push(match status.issues.len() {
        0 => "No open issues.".to_owned(),
        _ => format!(
            "Open issues (close one with: linernotes issues resolve ID):\n{}",
            issues::list_text(&status.issues)
        ),
    });
    if status.songs_of_older_rules > 0 {
        parts.push(format!(
            "{} grouped by older title rules. Regroup with: linernotes renormalize",
            count(status.songs_of_older_rules, "song")
        ));
    }
    parts.join("\n\n")
}

fn totals(totals: Totals, schema_version: i32) -> String {
    let text = format!(
        "{}{}, {}, {} ({} with a producer), {}. Schema version {schema_version}.",
        if totals.are_estimates { "About " } else { "" },
        count(totals.artists, "artist"),
        count(totals.albums, "album"),
        count(totals.tracks, "track"),
        totals.tracks_with_producers,
        count(totals.producers, "producer")
    );
    wrapped(&text, "")
}

/// Who works on the database. Lambda's functions are not listed: AWS runs and watches them.
fn processes(status: &SystemStatus) -> String {
    if status.queue_kind == Some(QueueKind::Sqs) {
        return "The workers are Lambda functions, with queues on SQS.".to_owned();
    }
    let processes = status.processes.iter();
    let (alive, killed): (Vec<_>, Vec<_>) = processes.partition(|process| process.is_alive);
    let mut lines: Vec<String> = alive.into_iter().map(process_text).collect();
    if lines.is_empty() {
        lines.push("No workers are running. Start them with: linernotes up".to_owned());
    }
    if let Some(last) = killed.first() {
        let when = format_time(last.seen_at);
        lines.push(match killed.len() {
            1 => format!(
                "The workers of {} ended unexpectedly; last seen {when}.",
                last.name
            ),
            number => format!("The workers of {number} processes ended unexpectedly; last seen {when}."),
        });
    }
    lines.join("\n")
}

fn process_text(process: &WorkerProcess) -> String {
    let busy: Vec<_> = process
        .lanes
        .iter()
        .filter(|lane| lane.message_key.is_some())
        .collect();
    let mut lines = vec![format!(
        "Workers run since {} ({}): {}, {} busy",
        format_time(process.started_at),
        process.name,
        count(process.lanes.len() as i64, "lane"),
        busy.len()
    )];
    lines.extend(busy.into_iter().map(|lane| {
        let key = output::single_line(lane.message_key.as_deref().unwrap_or_default());
        format!(
            "  {:<16}  {:>6}  {key}",
            lane.lane,
            format_age(lane.seconds.try_into().unwrap_or(i64::MAX))
        )
    }));
    lines.join("\n")
}

fn queues(status: &SystemStatus) -> String {
    let Some(queues) = &status.queues else {
        return wrapped(
            match status.queue_kind {
                Some(QueueKind::Sqs) => {
                    "The queues are on SQS: set CATALOG_QUEUE_URL and the other queue settings to see them."
                }
                _ => {
                    "The queues are in the database: unset CATALOG_QUEUE_URL and the other queue settings to \
                     see them."
                }
            },
            "",
        );
    };
    let mut text = queue_table(queues).to_string();
    if queues.iter().any(|queue| queue.dead > 0) {
        text.push_str("\nSee the dead letters with: linernotes dead list");
    }
    text
}

fn queue_table(queues: &[QueueDepth]) -> TextTable {
    let mut table = TextTable::new(&["Queue", "#Waiting", "#Running", "#Dead", "#Oldest"]);
    for queue in queues {
        table.row([
            queue.queue.clone(),
            queue.waiting.to_string(),
            queue.in_flight.to_string(),
            queue.dead.to_string(),
            queue.oldest_seconds.map_or("-".to_owned(), format_age),
        ]);
    }
    table
}

fn snoozed(snoozed: &[SnoozedMessages]) -> TextTable {
    let mut table = TextTable::new(&["#Steps", "Until", "Waits for", "Reason"]);
    for group in snoozed {
        table.row([
            group.count.to_string(),
            format_time(group.until),
            group.bucket.clone(),
            group.reason.clone(),
        ]);
    }
    table
}

fn blocks(budgets: &[Budget]) -> String {
    if budgets.iter().all(|budget| budget.blocked_until.is_none()) {
        return "No source is blocked.".to_owned();
    }
    let mut table = TextTable::new(&["Blocked", "Until", "Reason"]);
    for budget in budgets {
        if let Some(until) = budget.blocked_until {
            let reason = budget.blocked_reason.clone().unwrap_or_default();
            table.row([budget.bucket.clone(), format_time(until), reason]);
        }
    }
    format!("{table}\nLift a block with: linernotes sources unblock SOURCE")
}

fn loads(loads: &[LoadRow]) -> TextTable {
    let mut table = TextTable::new(&["#ID", "Source", "Started", "State", "File"]);
    for load in loads {
        table.row([
            load.id.to_string(),
            load.source.clone(),
            format_time(load.started_at),
            load.state.clone(),
            load.file_name.clone(),
        ]);
    }
    table
}
