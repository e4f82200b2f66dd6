//! `linernotes credits`: confirms or rejects credits and imports your own.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use shared::curation::{self, Decision, ImportResult, VerdictResult};
use shared::domain::ids::{ProducerId, RequestedItem, SpotifyTrackId, TrackId};
use shared::platform::config::Config;
use shared::platform::db::{Client, Pool};
use shared::store::credits::credit_overrides::OverrideVerdict;
use shared::store::credits::track_credits;

use crate::cli::{CreditsCommand, VerdictArguments};
use crate::commands::decisions::{finish, user, with_next_step};
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, count, single_line};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    command: CreditsCommand,
) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let result = execute(&database.pool, command).await;
    finish(database, result).await
}

async fn execute(pool: &Pool, command: CreditsCommand) -> anyhow::Result<()> {
    match command {
        CreditsCommand::Confirm(arguments) => decide(pool, &arguments, OverrideVerdict::Confirmed).await,
        CreditsCommand::Reject(arguments) => decide(pool, &arguments, OverrideVerdict::Rejected).await,
        CreditsCommand::Withdraw {
            track,
            producer,
            json,
        } => withdraw(pool, &track, ProducerId(producer), json).await,
        CreditsCommand::Import { file, json } => import(pool, &file, json).await,
    }
}

async fn decide(pool: &Pool, arguments: &VerdictArguments, verdict: OverrideVerdict) -> anyhow::Result<()> {
    let track = find_track(&pool.client().await?, &arguments.track).await?;
    let decision = Decision {
        by: &user(),
        reason: &arguments.reason,
    };
    let decided = curation::decide(pool, track, ProducerId(arguments.producer), verdict, decision)
        .await
        .map_err(with_next_step)?;
    if arguments.json {
        return output::print_json(&serde_json::json!({ "verdict": verdict, "about": decided }));
    }
    let (outcome, made) = match verdict {
        OverrideVerdict::Confirmed => ("Confirmed", "made"),
        OverrideVerdict::Rejected => ("Rejected", "did not make"),
    };
    Ok(output::print(format!(
        "{outcome}: {} {made} {}.\nUndo with: linernotes credits withdraw {track} {}",
        producer_text(&decided),
        song_text(&decided),
        decided.producer.id
    ))?)
}

async fn withdraw(pool: &Pool, track: &str, producer: ProducerId, json: bool) -> anyhow::Result<()> {
    let track = find_track(&pool.client().await?, track).await?;
    let decision = Decision {
        by: &user(),
        reason: "withdrawn by hand",
    };
    let decided = curation::withdraw(pool, track, producer, decision)
        .await
        .map_err(with_next_step)?;
    if json {
        return output::print_json(&decided);
    }
    Ok(output::print(format!(
        "Withdrawn: the sources decide again whether {} made {}.",
        producer_text(&decided),
        song_text(&decided)
    ))?)
}

fn producer_text(decided: &VerdictResult) -> String {
    format!(
        "{} (producer {})",
        single_line(&decided.producer.name),
        decided.producer.id
    )
}

fn song_text(decided: &VerdictResult) -> String {
    let title = single_line(&decided.track_name);
    match decided.track_ids.len() {
        1 => format!("\"{title}\""),
        versions => format!("\"{title}\" ({} of the song)", count(versions as i64, "version")),
    }
}

/// The track that an argument names by our id, a Spotify id or a Spotify link.
async fn find_track(client: &Client<'_>, text: &str) -> anyhow::Result<TrackId> {
    let track = match text.parse::<i64>() {
        Ok(id) => track_credits::find(client, TrackId(id))
            .await?
            .map(|track| track.id),
        Err(_) => match (text.parse::<SpotifyTrackId>(), text.parse::<RequestedItem>()) {
            (Ok(id), _) | (_, Ok(RequestedItem::Track(id))) => {
                track_credits::find_by_spotify_id(client, &id).await?
            }
            _ => bail!(
                "\"{}\" is not a track: give our id (GET /v1/producers/ID/tracks lists them), or the Spotify \
                 id or link of a track",
                single_line(text)
            ),
        },
    };
    track.with_context(|| {
        format!(
            "there is no track {}: import it with linernotes ingest",
            single_line(text)
        )
    })
}

async fn import(pool: &Pool, file: &Path, json: bool) -> anyhow::Result<()> {
    let bytes = tokio::fs::read(file)
        .await
        .with_context(|| format!("read {}", file.display()))?;
    let name = file
        .file_name()
        .map(|name| single_line(&name.to_string_lossy()))
        .unwrap_or_default();
    let imported = curation::import(pool, &name, &bytes)
        .await
        .with_context(|| name.clone())?;
    if json {
        output::print_json(&imported)?;
    } else {
        output::print(import_text(&imported))?;
    }
    match imported.refusal() {
        Some(refusal) => bail!(
            "{name}: {} not imported: {refusal}",
            count(imported.refused.len() as i64, "line")
        ),
        None => Ok(()),
    }
}

fn import_text(imported: &ImportResult) -> String {
    let file = single_line(&imported.file);
    if imported.added == 0 {
        let credits = count(imported.credits as i64, "credit");
        return format!("{file}: nothing added, all {credits} were imported before");
    }
    let before = match imported.credits as u64 - imported.added {
        0 => String::new(),
        before => format!("; {before} more were imported before"),
    };
    format!(
        "{file}: added {} from {} for {}{before}",
        count(imported.added as i64, "credit"),
        count(imported.lines as i64, "line"),
        count(imported.producer_ids.len() as i64, "producer")
    )
}
