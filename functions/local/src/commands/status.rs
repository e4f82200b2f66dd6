//! `linernotes status`: shows what is stored, who works on it, what waits, what is blocked and what is wrong.

mod system_status;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};
use shared::platform::config::Config;
use shared::platform::db;
use shared::store::catalog::regrouping;
use shared::store::catalog::totals;
use shared::store::loads::{self, missing_keys};
use shared::store::work::outgoing_messages;
use shared::store::work::queue_kind;
use shared::store::work::upstream_budgets;
use shared::store::work::worker_issues;
use shared::store::work::worker_processes;
use shared::work::queue::Queues;

use super::{issues, sources};
use crate::database::{CommandDatabase, Purpose};
use crate::output;
use system_status::SystemStatus;

/// Maximum number of issues shown.
const MAX_ISSUES: i64 = 20;
/// Maximum number of loads shown.
const MAX_LOADS: i64 = 3;

pub(super) async fn run(config: &Config, data_dir: Option<PathBuf>, json: bool) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Inspect).await?;
    let status = read(config, &database).await?;
    database.close().await?;
    if json {
        output::print_json(&document(&status))?;
    } else {
        output::print(text::text(&status))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn read(config: &Config, database: &CommandDatabase) -> anyhow::Result<SystemStatus> {
    let queues = Queues::from_config(config, &database.pool).await?;
    let client = database.pool.client().await?;
    let kind = queue_kind::find(&client).await?.map(|(kind, _)| kind);
    let depths = match kind {
        Some(kind) if kind != queues.kind() => None,
        _ => Some(queues.list_depths().await?),
    };
    Ok(SystemStatus {
        schema_version: db::find_schema_version(&client).await?,
        totals: totals::count(&client).await?,
        queue_kind: kind,
        queues: depths,
        processes: worker_processes::list(&client).await?,
        snoozed: outgoing_messages::list_snoozed(&client).await?,
        budgets: upstream_budgets::list(&client).await?,
        issues: worker_issues::list_open(&client, MAX_ISSUES).await?,
        loads: loads::list_last(&client, MAX_LOADS).await?,
        missing_keys: missing_keys::find(&client).await?,
        songs_of_older_rules: regrouping::estimate_older(&client).await?,
    })
}

fn document(status: &SystemStatus) -> Value {
    let totals = status.totals;
    json!({
        "schema_version": status.schema_version,
        "artists": totals.artists, "albums": totals.albums, "tracks": totals.tracks,
        "tracks_with_producers": totals.tracks_with_producers, "producers": totals.producers,
        "are_estimates": totals.are_estimates,
        "songs_of_older_rules": status.songs_of_older_rules,
        "queue_kind": status.queue_kind,
        "queues": status.queues.as_ref().map(|queues| queues.iter().map(|queue| json!({
            "queue": queue.queue, "waiting": queue.waiting, "in_flight": queue.in_flight, "dead": queue.dead,
            "oldest_seconds": queue.oldest_seconds,
        })).collect::<Vec<_>>()),
        "processes": status.processes.iter().map(|process| json!({
            "name": process.name, "is_alive": process.is_alive, "started_at": process.started_at,
            "seen_at": process.seen_at, "lanes": process.lanes,
        })).collect::<Vec<_>>(),
        "snoozed": status.snoozed.iter().map(|group| json!({
            "bucket": group.bucket, "reason": group.reason, "count": group.count, "until": group.until,
        })).collect::<Vec<_>>(),
        "budgets": sources::documents(&status.budgets),
        "issues": status.issues.iter().map(issues::document).collect::<Vec<_>>(),
        "loads": status.loads.iter().map(|load| json!({
            "id": load.id, "source": load.source, "file_name": load.file_name, "state": load.state,
            "started_at": load.started_at, "stop_reason": load.stop_reason,
        })).collect::<Vec<_>>(),
        "missing_keys": status.missing_keys.as_ref().map(|missing| json!({
            "source": missing.source, "count": missing.count, "is_load_running": missing.is_running,
        })),
    })
}
