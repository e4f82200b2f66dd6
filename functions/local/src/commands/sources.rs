//! `linernotes sources`: lists the rate limits and blocks of the sources, and lifts a block.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};
use shared::curation::Decision;
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::platform::config::Config;
use shared::store::work::operator_decisions::{self, OperatorAction};
use shared::store::work::upstream_budgets::{self, Budget};

use super::decisions::user;
use crate::cli::SourcesCommand;
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, TextTable, count, format_time};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    command: SourcesCommand,
) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let result = match command {
        SourcesCommand::List { json } => list(&database, json).await,
        SourcesCommand::Unblock { source, reason } => unblock(&database, source, &reason).await,
    };
    database.close().await?;
    result.map(|()| ExitCode::SUCCESS)
}

async fn list(database: &CommandDatabase, json: bool) -> anyhow::Result<()> {
    let budgets = upstream_budgets::list(&database.pool.client().await?).await?;
    if json {
        return output::print_json(&json!({ "items": documents(&budgets) }));
    }
    if budgets.is_empty() {
        output::print("No source was called yet.")?;
        return Ok(());
    }
    output::print(table(&budgets))?;
    if budgets.iter().any(|budget| budget.blocked_until.is_some()) {
        output::print("\nLift a block with: linernotes sources unblock SOURCE")?;
    }
    Ok(())
}

pub(super) fn documents(budgets: &[Budget]) -> Vec<Value> {
    let document = |budget: &Budget| {
        json!({
            "bucket": budget.bucket, "interval_ms": budget.interval_ms,
            "blocked_until": budget.blocked_until, "blocked_reason": budget.blocked_reason,
        })
    };
    budgets.iter().map(document).collect()
}

fn table(budgets: &[Budget]) -> TextTable {
    let mut table = TextTable::new(&["Calls", "Rate limit", "Blocked until", "Reason"]);
    for budget in budgets {
        table.row([
            budget.bucket.clone(),
            rate_limit(budget.interval_ms),
            budget.blocked_until.map_or("-".to_owned(), format_time),
            budget.blocked_reason.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn rate_limit(interval_ms: i32) -> String {
    match interval_ms {
        0 => "as the source".to_owned(),
        _ => format!("{:.1} a second", 1000.0 / f64::from(interval_ms)),
    }
}

async fn unblock(database: &CommandDatabase, source: Source, reason: &str) -> anyhow::Result<()> {
    let buckets: Vec<Bucket> = Bucket::ALL
        .iter()
        .copied()
        .filter(|bucket| bucket.source() == source)
        .collect();
    let by = user();
    let decision = Decision { by: &by, reason };
    let mut client = database.pool.client().await?;
    let transaction = client.transaction().await?;
    let (lifted, messages) = upstream_budgets::unblock(&transaction, source, &buckets).await?;
    if lifted == 0 {
        output::print(format!("{} is not blocked.", source.name()))?;
        return Ok(());
    }
    let details = json!({ "blocks": lifted, "messages": messages });
    let subjects = [(source.to_string(), details)];
    operator_decisions::insert(&transaction, OperatorAction::UnblockSource, decision, &subjects).await?;
    transaction.commit().await?;
    output::print(format!(
        "Unblocked {}: {} can start.",
        source.name(),
        count(messages, "waiting step")
    ))?;
    Ok(())
}
