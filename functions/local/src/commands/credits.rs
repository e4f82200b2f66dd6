//! `linernotes credits`: what a person knows of who made a song, against the sources or beside them.
//! How that is kept is in `shared::curation`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use shared::curation::{self, Decision, ImportResult, SongVerdict};
use shared::domain::ids::{ProducerId, RequestedItem, SpotifyTrackId, TrackId};
use shared::platform::config::Config;
use shared::platform::db::{Client, Pool};
use shared::store::credits::credit_overrides::OverrideVerdict;
use shared::store::credits::track_credits;

use super::deciding::{finish, user, with_next_step};
use crate::cli::{Credits, Verdict};
use crate::database::{Database, Purpose};
use crate::output::{self, count, one_line_of};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    asked: Credits,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let done = answer(&database.pool, asked).await;
    finish(database, done).await
}

async fn answer(pool: &Pool, asked: Credits) -> anyhow::Result<()> {
    match asked {
        Credits::Confirm(verdict) => decide(pool, &verdict, OverrideVerdict::Confirmed).await,
        Credits::Reject(verdict) => decide(pool, &verdict, OverrideVerdict::Rejected).await,
        Credits::Withdraw {
            track,
            producer,
            json,
        } => {
            let track = track_id(&pool.client().await?, &track).await?;
            let decided = curation::withdraw(pool, track, ProducerId(producer))
                .await
                .map_err(with_next_step)?;
            if json {
                return output::print_json(&decided);
            }
            Ok(output::print(format!(
                "Withdrawn: whether {} made {} is up to the sources again.",
                whom(&decided),
                song(&decided)
            ))?)
        }
        Credits::Import { file, json } => import(pool, &file, json).await,
    }
}

async fn decide(pool: &Pool, asked: &Verdict, verdict: OverrideVerdict) -> anyhow::Result<()> {
    let track = track_id(&pool.client().await?, &asked.track).await?;
    let decision = Decision {
        by: &user(),
        reason: curation::checked_reason(&asked.reason)?,
    };
    let decided = curation::decide(pool, track, ProducerId(asked.producer), verdict, decision)
        .await
        .map_err(with_next_step)?;
    if asked.json {
        return output::print_json(&serde_json::json!({ "verdict": verdict, "about": decided }));
    }
    let made = match verdict {
        OverrideVerdict::Confirmed => "made",
        OverrideVerdict::Rejected => "did not make",
    };
    Ok(output::print(format!(
        "{}: {} {made} {}. Take it back with: linernotes credits withdraw {track} {}",
        match verdict {
            OverrideVerdict::Confirmed => "Confirmed",
            OverrideVerdict::Rejected => "Rejected",
        },
        whom(&decided),
        song(&decided),
        decided.producer.id
    ))?)
}

fn whom(decided: &SongVerdict) -> String {
    format!(
        "{} (producer {})",
        one_line_of(&decided.producer.name),
        decided.producer.id
    )
}

fn song(decided: &SongVerdict) -> String {
    let title = one_line_of(&decided.track_name);
    match decided.track_ids.len() {
        1 => format!("\"{title}\""),
        versions => format!(
            "\"{title}\", in {} of the song",
            count(versions as i64, "version")
        ),
    }
}

/// The track that a person means.
async fn track_id(client: &Client<'_>, text: &str) -> anyhow::Result<TrackId> {
    let found = match text.parse::<i64>() {
        Ok(id) => track_credits::find(client, TrackId(id))
            .await?
            .map(|track| track.id),
        Err(_) => match (text.parse::<SpotifyTrackId>(), text.parse::<RequestedItem>()) {
            (Ok(id), _) | (_, Ok(RequestedItem::Track(id))) => {
                track_credits::find_by_spotify_id(client, &id).await?
            }
            _ => bail!(
                "\"{}\" is no track: give our id (GET /v1/producers/ID/tracks lists them), or a Spotify id or link of a track",
                one_line_of(text)
            ),
        },
    };
    found.with_context(|| {
        format!(
            "no track here is {}: bring it in with linernotes ingest",
            one_line_of(text)
        )
    })
}

async fn import(pool: &Pool, file: &std::path::Path, json: bool) -> anyhow::Result<()> {
    let bytes = tokio::fs::read(file)
        .await
        .with_context(|| format!("read {}", file.display()))?;
    let name = file
        .file_name()
        .map(|name| one_line_of(&name.to_string_lossy()))
        .unwrap_or_default();
    let imported = curation::import(pool, &name, &bytes)
        .await
        .with_context(|| name.clone())?;
    if json {
        return output::print_json(&imported);
    }
    Ok(output::print(of_imported(&imported))?)
}

fn of_imported(imported: &ImportResult) -> String {
    let file = one_line_of(&imported.file);
    let known = imported.credits as u64 - imported.added;
    if imported.added == 0 {
        let credits = count(imported.credits as i64, "credit");
        return format!("{file}: nothing new, all {credits} were there already");
    }
    let known = match known {
        0 => String::new(),
        known => format!("; {known} more were there already"),
    };
    format!(
        "{file}: {} added, from {}, for {}{known}",
        count(imported.added as i64, "credit"),
        count(imported.lines as i64, "line"),
        count(imported.producer_ids.len() as i64, "producer")
    )
}
