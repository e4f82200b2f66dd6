//! `linernotes issues`: lists, shows and resolves the problems that workers report.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use shared::curation::Decision;
use shared::platform::config::Config;
use shared::store::work::operator_decisions::{self, OperatorAction};
use shared::store::work::worker_issues::{self, ReportedIssue};

use super::decisions::user;
use crate::cli::IssuesCommand;
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, count, format_time, wrapped};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    command: IssuesCommand,
) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let result = match command {
        IssuesCommand::List { limit, json } => list(&database, limit, json).await,
        IssuesCommand::Show { id, json } => show(&database, id, json).await,
        IssuesCommand::Resolve { ids, reason } => resolve(&database, &ids, &reason).await,
    };
    database.close().await?;
    result.map(|()| ExitCode::SUCCESS)
}

async fn list(database: &CommandDatabase, limit: i64, json: bool) -> anyhow::Result<()> {
    let issues = worker_issues::list_open(&database.pool.client().await?, limit).await?;
    if json {
        let items: Vec<Value> = issues.iter().map(document).collect();
        return output::print_json(&json!({ "items": items }));
    }
    if issues.is_empty() {
        output::print("There are no open issues.")?;
        return Ok(());
    }
    output::print(list_text(&issues))?;
    output::print("\nClose one that is settled with: linernotes issues resolve ID")?;
    Ok(())
}

/// Each issue with its whole message, which says what to do.
pub(super) fn list_text(issues: &[ReportedIssue]) -> String {
    let lines = issues.iter().map(|issue| {
        format!(
            "{:>3}  {}, {}: {}\n     {}",
            issue.id,
            issue.worker_name,
            issue.issue_type,
            times(issue),
            wrapped(&issue.message, "     ")
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// How often an open issue occurred, and when.
fn times(issue: &ReportedIssue) -> String {
    let last = format_time(issue.updated_at);
    match issue.occurrences {
        1 => last,
        occurrences => format!("{occurrences} times, the last at {last}"),
    }
}

pub(super) fn document(issue: &ReportedIssue) -> Value {
    json!({
        "id": issue.id, "worker_name": issue.worker_name, "issue_type": issue.issue_type,
        "message": issue.message, "details": issue.details, "occurrences": issue.occurrences,
        "is_resolved": issue.is_resolved, "created_at": issue.created_at, "updated_at": issue.updated_at,
    })
}

async fn show(database: &CommandDatabase, id: i64, json: bool) -> anyhow::Result<()> {
    let client = database.pool.client().await?;
    let issue = worker_issues::find(&client, id)
        .await?
        .with_context(|| no_issue(id))?;
    let resolved =
        operator_decisions::find_last(&client, OperatorAction::ResolveIssue, &id.to_string()).await?;
    if json {
        let mut document = document(&issue);
        if let Some(resolved) = resolved {
            document["resolved_by"] = resolved.by.into();
            document["resolved_reason"] = resolved.reason.into();
            document["resolved_at"] = json!(resolved.decided_at);
        }
        return output::print_json(&document);
    }
    let state = match (issue.is_resolved, resolved) {
        (true, Some(resolved)) => format!(
            "resolved by {} at {}: {}",
            resolved.by,
            format_time(resolved.decided_at),
            resolved.reason
        ),
        (true, None) => "resolved".to_owned(),
        (false, _) => "open".to_owned(),
    };
    // A resolved issue was changed last when it was resolved.
    let seen = match issue.is_resolved {
        true => count(issue.occurrences.into(), "time"),
        false => times(&issue),
    };
    output::print(format!(
        "Issue {id} of {}: {}\n  first    {}\n  seen     {seen}\n  state    {}\n  message  {}\n  details  {}",
        issue.worker_name,
        issue.issue_type,
        format_time(issue.created_at),
        wrapped(&state, "           "),
        wrapped(&issue.message, "           "),
        wrapped(&issue.details.to_string(), "           "),
    ))?;
    Ok(())
}

fn no_issue(id: i64) -> String {
    format!("there is no issue {id}: list them with `linernotes issues list`")
}

async fn resolve(database: &CommandDatabase, ids: &[i64], reason: &str) -> anyhow::Result<()> {
    let by = user();
    let decision = Decision { by: &by, reason };
    let mut client = database.pool.client().await?;
    let transaction = client.transaction().await?;
    let resolved = worker_issues::mark_resolved(&transaction, ids).await?;
    if let Some(id) = ids.iter().find(|id| !resolved.contains(id)) {
        bail!("there is no open issue {id}; nothing was changed: list them with `linernotes issues list`");
    }
    let subjects: Vec<_> = resolved.iter().map(|id| (id.to_string(), json!({}))).collect();
    operator_decisions::insert(&transaction, OperatorAction::ResolveIssue, decision, &subjects).await?;
    transaction.commit().await?;
    output::print(format!("Resolved {}.", count(resolved.len() as i64, "issue")))?;
    Ok(())
}
