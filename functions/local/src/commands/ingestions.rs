//! `linernotes ingestions`: lists what people requested, and shows or cancels one request.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};
use shared::curation::Decision;
use shared::domain::ids::IngestionId;
use shared::platform::config::Config;
use shared::store::work::ingestion_lists::{self, ListedIngestion};
use shared::store::work::ingestions::{self, Ingestion, TaskProblem, TaskProgress};
use shared::work::ingestion_requests;

use super::decisions::user;
use super::ingest::result::{problem_document, problem_text, stage_document};
use super::ingestion_progress::stage_name;
use super::operator_queues::is_confirmed;
use crate::cli::IngestionsCommand;
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, TextTable, count, format_time, wrapped};

/// The number of requested items that a list shows of each ingestion.
const SHOWN_ITEMS: usize = 3;

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    command: IngestionsCommand,
) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let result = match command {
        IngestionsCommand::List { limit, json } => list(&database, limit, json).await,
        IngestionsCommand::Show { id, json } => show(&database, IngestionId(id), json).await,
        IngestionsCommand::Cancel { id, reason, yes } => {
            cancel(&database, IngestionId(id), &reason, yes).await
        }
    };
    database.close().await?;
    result.map(|()| ExitCode::SUCCESS)
}

async fn list(database: &CommandDatabase, limit: i64, json: bool) -> anyhow::Result<()> {
    let ingestions = ingestion_lists::list_last(&database.pool.client().await?, limit).await?;
    if json {
        let items: Vec<Value> = ingestions.iter().map(listed_document).collect();
        return output::print_json(&json!({ "items": items }));
    }
    if ingestions.is_empty() {
        output::print("Nothing was requested yet. Request music with: linernotes ingest NAME")?;
        return Ok(());
    }
    let mut table = TextTable::new(&["#ID", "Requested", "#Waiting", "#Done", "#Not done", "What"]);
    for ingestion in &ingestions {
        table.row([
            ingestion.id.to_string(),
            format_time(ingestion.created_at),
            ingestion.waiting.to_string(),
            ingestion.done.to_string(),
            ingestion.not_done.to_string(),
            items_text(&ingestion.what),
        ]);
    }
    output::print(table)?;
    Ok(())
}

/// The requested items, names as they are typed.
fn joined(what: &[String]) -> String {
    let items = what.iter().map(|item| item.trim_start_matches("name:"));
    items.collect::<Vec<_>>().join(", ")
}

fn items_text(what: &[String]) -> String {
    let shown = joined(&what[..what.len().min(SHOWN_ITEMS)]);
    match what.len().saturating_sub(SHOWN_ITEMS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn listed_document(ingestion: &ListedIngestion) -> Value {
    json!({
        "id": ingestion.id, "what": ingestion.what, "created_at": ingestion.created_at,
        "waiting": ingestion.waiting, "done": ingestion.done, "not_done": ingestion.not_done,
    })
}

async fn show(database: &CommandDatabase, id: IngestionId, json: bool) -> anyhow::Result<()> {
    let client = database.pool.client().await?;
    let ingestion = ingestions::find(&client, id)
        .await?
        .with_context(|| no_ingestion(id))?;
    let stages = ingestions::list_progress(&client, id).await?;
    let problems = ingestions::list_problems(&client, id).await?;
    if json {
        return output::print_json(&document(&ingestion, &stages, &problems));
    }
    let mut parts = vec![
        format!(
            "Ingestion {id}, requested {}:\n  {}",
            format_time(ingestion.created_at),
            wrapped(&joined(&ingestion.what), "  ")
        ),
        stage_table(&stages).to_string(),
    ];
    parts.extend(problems.iter().map(problem_text));
    output::print(parts.join("\n\n"))?;
    Ok(())
}

async fn cancel(database: &CommandDatabase, id: IngestionId, reason: &str, yes: bool) -> anyhow::Result<()> {
    let by = user();
    let decision = Decision { by: &by, reason };
    let client = database.pool.client().await?;
    let stages = ingestions::list_progress(&client, id).await?;
    let waiting: i64 = stages.iter().map(|stage| stage.waiting).sum();
    if waiting == 0 {
        ingestions::find(&client, id)
            .await?
            .with_context(|| no_ingestion(id))?;
        output::print(format!("Ingestion {id} has ended: there is nothing to cancel."))?;
        return Ok(());
    }
    let steps = count(waiting, "step");
    if !is_confirmed(&format!("This cancels {steps} of ingestion {id}"), yes)? {
        output::print("Nothing was cancelled.")?;
        return Ok(());
    }
    drop(client);
    let cancelled = ingestion_requests::cancel(&database.pool, id, decision).await?;
    let cancelled = cancelled.with_context(|| no_ingestion(id))?;
    output::print(format!(
        "Cancelled {} of ingestion {id}. What is stored stays.",
        count(cancelled, "step")
    ))?;
    Ok(())
}

fn no_ingestion(id: IngestionId) -> String {
    format!("there is no ingestion {id}: list them with `linernotes ingestions list`")
}

fn stage_table(stages: &[TaskProgress]) -> TextTable {
    let mut table = TextTable::new(&[
        "Steps",
        "#Waiting",
        "#Done",
        "#Failed",
        "#Ambiguous",
        "#Cancelled",
        "Postponed",
    ]);
    for stage in stages {
        let postponed = stage.snoozed_until.map(|until| {
            let reason = stage.snoozed_reason.as_deref().unwrap_or_default();
            format!("{} until {}: {reason}", stage.snoozed, format_time(until))
        });
        table.row([
            stage_name(&stage.kind).to_owned(),
            stage.waiting.to_string(),
            stage.done.to_string(),
            stage.failed.to_string(),
            stage.ambiguous.to_string(),
            stage.cancelled.to_string(),
            postponed.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    table
}

fn document(ingestion: &Ingestion, stages: &[TaskProgress], problems: &[TaskProblem]) -> Value {
    json!({
        "id": ingestion.id, "public_id": ingestion.public_id, "what": ingestion.what,
        "created_at": ingestion.created_at, "fresh_after": ingestion.fresh_after,
        "stages": stages.iter().map(stage_document).collect::<Vec<_>>(),
        "problems": problems.iter().map(problem_document).collect::<Vec<_>>(),
    })
}
