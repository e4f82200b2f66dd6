//! `linernotes dead`: lists dead letters by cause, sends them to their queues again, and drops them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use shared::curation::Decision;
use shared::platform::config::Config;
use shared::work::dead_letters::{DeadLetter, DeadLetterSelection, DeadLetters};

use super::decisions::user;
use super::operator_queues::{OperatorQueues, is_confirmed};
use crate::cli::{DeadCommand, SelectionArguments};
use crate::output::{self, TextTable, count, format_time, wrapped};

/// The number of letters of one cause that are listed.
const LISTED_PER_CAUSE: usize = 10;

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    command: DeadCommand,
) -> anyhow::Result<ExitCode> {
    // Before a database is opened, which can mean that Postgres is started.
    check(&command)?;
    let opened = OperatorQueues::open(config, data_dir).await?;
    let result = match command {
        DeadCommand::List { selection, json } => list(&opened, selected_by(selection), json).await,
        DeadCommand::Show { id, json } => show(&opened, id, json).await,
        DeadCommand::Retry {
            selection, dry_run, ..
        } => retry(&opened, selected_by(selection), dry_run).await,
        DeadCommand::Drop {
            selection,
            reason,
            dry_run,
            yes,
            ..
        } => drop_letters(&opened, selected_by(selection), &reason, dry_run, yes).await,
    };
    opened.database.close().await?;
    result.map(|()| ExitCode::SUCCESS)
}

/// Checks that a command that changes something does not mean everything by mistake.
fn check(command: &DeadCommand) -> anyhow::Result<()> {
    let (selection, all) = match command {
        DeadCommand::List { .. } | DeadCommand::Show { .. } => return Ok(()),
        DeadCommand::Retry { selection, all, .. } | DeadCommand::Drop { selection, all, .. } => {
            (selection, *all)
        }
    };
    match (selection.is_empty(), all) {
        (true, false) => {
            bail!("say which dead letters: ids, --queue, --cause, --older-than, --newer-than, or --all")
        }
        (false, true) => bail!("--all goes with no other choice: leave it out"),
        _ => Ok(()),
    }
}

fn selected_by(arguments: SelectionArguments) -> DeadLetterSelection {
    DeadLetterSelection {
        ids: arguments.ids,
        queue: arguments.queue,
        cause: arguments.cause,
        older_than: arguments.older_than,
        newer_than: arguments.newer_than,
    }
}

async fn select(opened: &OperatorQueues, selection: &DeadLetterSelection) -> anyhow::Result<DeadLetters> {
    DeadLetters::select(&opened.queues, &opened.database.pool, selection).await
}

async fn list(opened: &OperatorQueues, selection: DeadLetterSelection, json: bool) -> anyhow::Result<()> {
    let letters = select(opened, &selection).await?.release().await;
    if json {
        let items: Vec<Value> = letters.iter().map(document).collect();
        return output::print_json(&json!({ "items": items }));
    }
    if letters.is_empty() {
        output::print("There are no such dead letters.")?;
        return Ok(());
    }
    output::print(list_text(&letters))?;
    output::print(
        "\nTry them again with: linernotes dead retry ID\nDelete them with: linernotes dead drop ID",
    )?;
    Ok(())
}

/// The letters by queue and cause, the most frequent cause first.
fn list_text(letters: &[DeadLetter]) -> String {
    let mut by_cause = BTreeMap::<(&str, &str), Vec<&DeadLetter>>::new();
    for letter in letters {
        by_cause
            .entry((&letter.queue, &letter.reason))
            .or_default()
            .push(letter);
    }
    let mut groups: Vec<_> = by_cause.into_iter().collect();
    groups.sort_by_key(|(_, letters)| std::cmp::Reverse(letters.len()));
    let parts = groups.into_iter().map(|((queue, cause), letters)| {
        let heading = format!(
            "{} of the {queue} queue: {cause}",
            count(letters.len() as i64, "dead letter")
        );
        let mut table = TextTable::new(&["ID", "Died", "#Received", "Message"]);
        for letter in letters.iter().rev().take(LISTED_PER_CAUSE) {
            table.row([
                letter.short_id().to_owned(),
                format_time(letter.died_at),
                letter.receive_count.to_string(),
                letter.message_key().unwrap_or_else(|| "unreadable".to_owned()),
            ]);
        }
        let mut part = format!("{}\n{table}", wrapped(&heading, "  "));
        if letters.len() > LISTED_PER_CAUSE {
            part.push_str(&format!("\n… and {} more", letters.len() - LISTED_PER_CAUSE));
        }
        part
    });
    parts.collect::<Vec<_>>().join("\n\n")
}

fn document(letter: &DeadLetter) -> Value {
    json!({
        "id": letter.id, "queue": letter.queue, "message_key": letter.message_key(), "body": letter.body,
        "reason": letter.reason, "receive_count": letter.receive_count, "died_at": letter.died_at,
    })
}

async fn show(opened: &OperatorQueues, id: String, json: bool) -> anyhow::Result<()> {
    let selection = DeadLetterSelection {
        ids: vec![id.clone()],
        ..DeadLetterSelection::default()
    };
    let letters = select(opened, &selection).await?.release().await;
    let letter = letters.first().with_context(|| no_letter(&id))?;
    if json {
        return output::print_json(&document(letter));
    }
    output::print(format!(
        "Dead letter {} of the {} queue\n  message   {}\n  died      {}\n  received  {}\n  cause     {}\n  \
         body      {}",
        letter.id,
        letter.queue,
        output::single_line(&letter.message_key().unwrap_or_else(|| "unreadable".to_owned())),
        format_time(letter.died_at),
        count(letter.receive_count.into(), "time"),
        wrapped(&letter.reason, "            "),
        wrapped(&letter.body, "            "),
    ))?;
    Ok(())
}

fn no_letter(id: &str) -> String {
    format!("there is no dead letter {id}: list them with `linernotes dead list`")
}

/// Checks that every id was found, because a mistyped one would go unnoticed.
async fn select_all_of(
    opened: &OperatorQueues,
    selection: &DeadLetterSelection,
) -> anyhow::Result<Option<DeadLetters>> {
    let selected = select(opened, selection).await?;
    let missing = selection
        .ids
        .iter()
        .find(|id| !selected.letters.iter().any(|letter| letter.has_id(id)));
    if let Some(id) = missing {
        let text = no_letter(id);
        selected.release().await;
        bail!(text);
    }
    if selected.letters.is_empty() {
        output::print("There are no such dead letters.")?;
        return Ok(None);
    }
    Ok(Some(selected))
}

async fn retry(opened: &OperatorQueues, selection: DeadLetterSelection, dry_run: bool) -> anyhow::Result<()> {
    let Some(selected) = select_all_of(opened, &selection).await? else {
        return Ok(());
    };
    if dry_run {
        return dry_run_text(selected, "would be sent again").await;
    }
    let sent = selected.retry().await?;
    output::print(format!(
        "Sent {} to the queues again.",
        count(sent as i64, "dead letter")
    ))?;
    Ok(())
}

async fn drop_letters(
    opened: &OperatorQueues,
    selection: DeadLetterSelection,
    reason: &str,
    dry_run: bool,
    yes: bool,
) -> anyhow::Result<()> {
    let by = user();
    let decision = Decision { by: &by, reason };
    let Some(selected) = select_all_of(opened, &selection).await? else {
        return Ok(());
    };
    if dry_run {
        return dry_run_text(selected, "would be deleted").await;
    }
    let what = format!(
        "This deletes {}",
        count(selected.letters.len() as i64, "dead letter")
    );
    let confirmed = is_confirmed(&what, yes);
    if !matches!(confirmed, Ok(true)) {
        selected.release().await;
        return confirmed.and_then(|_| Ok(output::print("Nothing was deleted.")?));
    }
    let dropped = selected.drop_all(decision).await?;
    output::print(format!("Deleted {}.", count(dropped as i64, "dead letter")))?;
    Ok(())
}

async fn dry_run_text(selected: DeadLetters, what: &str) -> anyhow::Result<()> {
    let letters = selected.release().await;
    output::print(list_text(&letters))?;
    output::print(format!(
        "\n{} {what}.",
        count(letters.len() as i64, "dead letter")
    ))?;
    Ok(())
}
