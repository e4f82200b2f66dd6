//! `linernotes producers`: merges and splits producers. For contact details see `producer_contacts`.

use std::path::PathBuf;
use std::process::ExitCode;

use shared::curation::{self, ContactDeletion, Decision, MergeResult, UnmergeResult};
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::store::catalog::fingerprint;
use shared::store::producers::producer_duplicates::{self, DuplicateEvidence, DuplicatePair, EvidenceKind};

use crate::cli::ProducersCommand;
use crate::commands::decisions::{finish, user, with_next_step};
use crate::commands::producer_contacts::{self, ErasureOptions};
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, TextTable, count, single_line};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    command: ProducersCommand,
) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let result = execute(&database.pool, command).await;
    finish(database, result).await
}

async fn execute(pool: &Pool, command: ProducersCommand) -> anyhow::Result<()> {
    match command {
        ProducersCommand::Duplicates { limit, json } => list_duplicates(pool, limit, json).await,
        ProducersCommand::Merge {
            one,
            other,
            reason,
            json,
        } => {
            let decision = Decision {
                by: &user(),
                reason: &reason,
            };
            let merged = curation::merge(pool, ProducerId(one), ProducerId(other), decision)
                .await
                .map_err(with_next_step)?;
            if json {
                return output::print_json(&merged);
            }
            Ok(output::print(merge_text(&merged))?)
        }
        ProducersCommand::Unmerge { id, json } => {
            let unmerged = curation::unmerge(pool, ProducerId(id), &user())
                .await
                .map_err(with_next_step)?;
            if json {
                return output::print_json(&unmerged);
            }
            Ok(output::print(unmerge_text(&unmerged))?)
        }
        ProducersCommand::EraseContact {
            id,
            reason,
            now,
            dry_run,
            yes,
            json,
        } => {
            let options = ErasureOptions {
                deletion: if now {
                    ContactDeletion::Now
                } else {
                    ContactDeletion::InADay
                },
                dry_run,
                yes,
                json,
            };
            let reason = reason.unwrap_or_default();
            producer_contacts::erase(pool, ProducerId(id), &reason, options).await
        }
        ProducersCommand::RestoreContact {
            id,
            reason,
            yes,
            json,
        } => producer_contacts::restore(pool, ProducerId(id), &reason, yes, json).await,
    }
}

fn merge_text(merged: &MergeResult) -> String {
    let (kept, gone) = (&merged.kept, &merged.gone);
    format!(
        "Merged {} (producer {}) into {} (producer {}): {}.\n\
         Undo with: linernotes producers unmerge {}",
        single_line(&gone.name),
        gone.id,
        single_line(&kept.name),
        kept.id,
        count(merged.track_count as i64, "track"),
        gone.id
    )
}

fn unmerge_text(unmerged: &UnmergeResult) -> String {
    let (kept, back) = (&unmerged.kept, &unmerged.back);
    let looked_up = if unmerged.is_asked_anew {
        " Their names and links are looked up again."
    } else {
        ""
    };
    format!(
        "Split {} (producer {}) from {} (producer {}).{looked_up}",
        single_line(&back.name),
        back.id,
        single_line(&kept.name),
        kept.id,
    )
}

async fn list_duplicates(pool: &Pool, limit: i64, json: bool) -> anyhow::Result<()> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    fingerprint::disable_statement_timeout(&transaction).await?;
    let duplicates = producer_duplicates::list(&transaction, limit).await?;
    transaction.commit().await?;
    if json {
        return output::print_json(&serde_json::json!({ "items": duplicates }));
    }
    if duplicates.is_empty() {
        return Ok(output::print("No possible duplicates were found.")?);
    }
    output::print(table(&duplicates))?;
    Ok(output::print(next_steps(&duplicates))?)
}

/// What to do about the pairs.
fn next_steps(duplicates: &[DuplicatePair]) -> String {
    let is_joint = |pair: &&DuplicatePair| {
        let mut evidence = pair.evidence.iter();
        evidence.any(|evidence| evidence.kind == EvidenceKind::JointName)
    };
    let mut steps = String::new();
    if let Some(pair) = duplicates.iter().find(|pair| !is_joint(pair)) {
        steps.push_str(&format!(
            "\nMerge a pair with: linernotes producers merge {} {}",
            pair.kept.id, pair.gone.id
        ));
    }
    if duplicates.iter().any(|pair| is_joint(&pair)) {
        steps.push_str(
            "\nDo not merge a joint name with one of its people: \
             credit each of them with linernotes credits import FILE",
        );
    }
    steps
}

/// One row per piece of evidence. The two producers are named only in the first row of their pair.
fn table(duplicates: &[DuplicatePair]) -> TextTable {
    let mut table = TextTable::new(&[
        "#ID",
        "Producer",
        "#ID",
        "Possible duplicate",
        "Certainty",
        "Evidence",
    ]);
    for duplicate in duplicates {
        let (kept, gone) = (&duplicate.kept, &duplicate.gone);
        let with_tracks = |name: &str, tracks: i32| format!("{name}, {}", count(tracks.into(), "track"));
        let mut pair = [
            kept.id.to_string(),
            with_tracks(&kept.name, kept.track_count),
            gone.id.to_string(),
            with_tracks(&gone.name, gone.track_count),
            certainty(duplicate.strength).to_owned(),
        ];
        for evidence in &duplicate.evidence {
            let [id, name, other_id, other_name, certainty] = std::mem::take(&mut pair);
            table.row([id, name, other_id, other_name, certainty, evidence_text(evidence)]);
        }
    }
    table
}

fn certainty(strength: i64) -> &'static str {
    match strength {
        80.. => "high",
        50.. => "medium",
        _ => "low",
    }
}

fn evidence_text(evidence: &DuplicateEvidence) -> String {
    let DuplicateEvidence { detail, number, .. } = evidence;
    match evidence.kind {
        EvidenceKind::StatedLink => {
            let (source, site) = detail.split_once(' ').unwrap_or((detail, ""));
            let name = |word: &str| {
                let source = word.parse::<Source>().map(Source::name);
                source.map_or_else(|_| word.to_owned(), ToOwned::to_owned)
            };
            format!("{} links to the other's page on {}", name(source), name(site))
        }
        EvidenceKind::SameAccount => format!("same account: {detail}"),
        EvidenceKind::SameTrack => {
            format!("both \"{detail}\" on {}", count(*number, "shared track"))
        }
        EvidenceKind::SharedAlias => format!("shared alias: {detail}"),
        EvidenceKind::SameArtist if *number == 1 => format!("same name, both for {detail}"),
        EvidenceKind::SameArtist => format!(
            "same name, both for {detail} and {}",
            count(number - 1, "other artist")
        ),
        EvidenceKind::PrintedName => format!("one is printed as \"{detail}\", {}", artists(*number)),
        EvidenceKind::NameVariant => format!("only small words differ, {}", artists(*number)),
        EvidenceKind::JointName => format!("joint name \"{detail}\", {}", artists(*number)),
    }
}

fn artists(number: i64) -> String {
    if number == 1 {
        "same artist".to_owned()
    } else {
        format!("same {number} artists")
    }
}

#[cfg(test)]
mod tests {
    use shared::store::producers::producer_duplicates::DuplicateProducer;

    use super::*;

    #[test]
    fn a_joint_name_is_not_to_be_merged() {
        let pair = |id, kind| DuplicatePair {
            kept: DuplicateProducer {
                id: ProducerId(id),
                name: "Ann".to_owned(),
                track_count: 1,
            },
            gone: DuplicateProducer {
                id: ProducerId(id + 1),
                name: "Ann & Bob".to_owned(),
                track_count: 1,
            },
            strength: 1,
            evidence: vec![DuplicateEvidence {
                kind,
                detail: "Ann & Bob".to_owned(),
                number: 1,
            }],
        };
        let joint = pair(1, EvidenceKind::JointName);
        let steps = next_steps(std::slice::from_ref(&joint));
        assert!(steps.starts_with("\nDo not merge a joint name"), "{steps}");
        let steps = next_steps(&[joint, pair(3, EvidenceKind::NameVariant)]);
        assert!(
            steps.starts_with("\nMerge a pair with: linernotes producers merge 3 4\nDo not"),
            "{steps}"
        );
    }

    #[test]
    fn a_pair_has_one_row_per_piece_of_evidence() {
        let candidate = |id, name: &str, track_count| DuplicateProducer {
            id: ProducerId(id),
            name: name.to_owned(),
            track_count,
        };
        let evidence = |kind, detail: &str, number| DuplicateEvidence {
            kind,
            detail: detail.to_owned(),
            number,
        };
        let duplicates = [
            DuplicatePair {
                kept: candidate(3, "Quincy Jones", 12),
                gone: candidate(14, "Q. Jones", 1),
                strength: 161,
                evidence: vec![
                    evidence(EvidenceKind::StatedLink, "musicbrainz discogs", 1),
                    evidence(EvidenceKind::SameTrack, "Q. Jones", 2),
                ],
            },
            DuplicatePair {
                kept: candidate(5, "Ann", 2),
                gone: candidate(7, "Ann", 3),
                strength: 22,
                evidence: vec![evidence(EvidenceKind::SameArtist, "AC/DC", 2)],
            },
        ];
        let expected = "\
ID  Producer                 ID  Possible duplicate  Certainty  Evidence
 3  Quincy Jones, 12 tracks  14  Q. Jones, 1 track   high       MusicBrainz
                                                                links to the
                                                                other's page on
                                                                Discogs
                                                                both \"Q. Jones\"
                                                                on 2 shared
                                                                tracks
 5  Ann, 2 tracks             7  Ann, 3 tracks       low        same name, both
                                                                for AC/DC and 1
                                                                other artist";
        assert_eq!(table(&duplicates).to_string(), expected);
    }
}
