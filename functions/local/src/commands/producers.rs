//! `linernotes producers`: who is one and who is two, and whose contacts are erased.
//! How that is done is in `shared::curation`.

use std::path::PathBuf;
use std::process::ExitCode;

use shared::curation::{self, Decision, MergeResult, UnmergeResult};
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::store::producers::producer_duplicates::{self, DuplicateEvidence, DuplicatePair, EvidenceKind};

use super::deciding::{finish, user, with_next_step};
use crate::cli::Producers;
use crate::database::{Database, Purpose};
use crate::output::{self, Table, count, one_line_of};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    asked: Producers,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let done = answer(&database.pool, asked).await;
    finish(database, done).await
}

async fn answer(pool: &Pool, asked: Producers) -> anyhow::Result<()> {
    match asked {
        Producers::Duplicates { limit, json } => duplicates(pool, limit, json).await,
        Producers::Merge {
            one,
            other,
            reason,
            json,
        } => {
            let decision = Decision {
                by: &user(),
                reason: curation::checked_reason(&reason)?,
            };
            let merged = curation::merge(pool, ProducerId(one), ProducerId(other), decision)
                .await
                .map_err(with_next_step)?;
            if json {
                return output::print_json(&merged);
            }
            Ok(output::print(of_merged(&merged))?)
        }
        Producers::Unmerge { id, json } => {
            let unmerged = curation::unmerge(pool, ProducerId(id), &user())
                .await
                .map_err(with_next_step)?;
            if json {
                return output::print_json(&unmerged);
            }
            Ok(output::print(of_unmerged(&unmerged))?)
        }
        Producers::EraseContact { id, json } => {
            let (producer, facts) = curation::erase_contact(pool, ProducerId(id))
                .await
                .map_err(with_next_step)?;
            if json {
                return output::print_json(&serde_json::json!({ "producer": producer, "erased": facts }));
            }
            let name = one_line_of(&producer.name);
            let known = match facts {
                0 => "Nothing was known of how to reach".to_owned(),
                facts => format!("Erased {} of how to reach", count(facts as i64, "fact")),
            };
            Ok(output::print(format!(
                "{known} {name} (producer {}). No source, merge or load brings any of it back.",
                producer.id
            ))?)
        }
    }
}

fn of_merged(merged: &MergeResult) -> String {
    let (kept, gone) = (&merged.kept, &merged.gone);
    format!(
        "{} (producer {}) is one with {} (producer {}) now: {}. Undo it with: linernotes producers unmerge {}",
        one_line_of(&gone.name),
        gone.id,
        one_line_of(&kept.name),
        kept.id,
        count(merged.track_count as i64, "track"),
        gone.id
    )
}

fn of_unmerged(unmerged: &UnmergeResult) -> String {
    let (kept, back) = (&unmerged.kept, &unmerged.back);
    let anew = if unmerged.is_asked_anew {
        " Their names and links are asked for anew."
    } else {
        ""
    };
    format!(
        "{} (producer {}) is apart from {} (producer {}) again.{anew}",
        one_line_of(&back.name),
        back.id,
        one_line_of(&kept.name),
        kept.id,
    )
}

async fn duplicates(pool: &Pool, limit: i64, json: bool) -> anyhow::Result<()> {
    let found = producer_duplicates::list(&pool.client().await?, limit).await?;
    if json {
        return output::print_json(&serde_json::json!({ "items": found }));
    }
    let Some(first) = found.first() else {
        output::print("no two producers look like one")?;
        return Ok(());
    };
    output::print(table(&found))?;
    output::print(format!(
        "\nMake two of them one with: linernotes producers merge {} {}",
        first.kept.id, first.gone.id
    ))?;
    Ok(())
}

/// A line for each thing that speaks for two being one; the two stand on the first of their lines.
fn table(found: &[DuplicatePair]) -> Table {
    let mut table = Table::new(&["#ID", "Producer", "#ID", "May be the same as", "Sure", "Why"]);
    for duplicate in found {
        let (kept, gone) = (&duplicate.kept, &duplicate.gone);
        let named = |name: &str, tracks: i32| format!("{name}, {}", count(tracks.into(), "track"));
        let mut pair = [
            kept.id.to_string(),
            named(&kept.name, kept.track_count),
            gone.id.to_string(),
            named(&gone.name, gone.track_count),
            how_sure(duplicate.strength).to_owned(),
        ];
        for evidence in &duplicate.evidence {
            let [id, name, other_id, other_name, sure] = std::mem::take(&mut pair);
            table.row([id, name, other_id, other_name, sure, why(evidence)]);
        }
    }
    table
}

fn how_sure(strength: i64) -> &'static str {
    match strength {
        80.. => "very",
        50.. => "rather",
        _ => "little",
    }
}

fn why(evidence: &DuplicateEvidence) -> String {
    let DuplicateEvidence { detail, number, .. } = evidence;
    match evidence.kind {
        EvidenceKind::StatedLink => {
            let (source, site) = detail.split_once(' ').unwrap_or((detail, ""));
            let name = |word: &str| {
                let source = word.parse::<Source>().map(output::source);
                source.map_or_else(|_| word.to_owned(), ToOwned::to_owned)
            };
            format!("{} links to the other's page at {}", name(source), name(site))
        }
        EvidenceKind::SameAccount => format!("the same account: {detail}"),
        EvidenceKind::SameTrack => {
            format!("both \"{detail}\" on {}", count(*number, "same track"))
        }
        EvidenceKind::SharedAlias => format!("an alias: {detail}"),
        EvidenceKind::SameArtist if *number == 1 => format!("the same name, both for {detail}"),
        EvidenceKind::SameArtist => format!(
            "the same name, both for {detail} and {}",
            count(number - 1, "other artist")
        ),
    }
}

#[cfg(test)]
mod tests {
    use shared::store::producers::producer_duplicates::DuplicateProducer;

    use super::*;

    #[test]
    fn a_pair_has_a_line_for_each_thing_that_speaks_for_it() {
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
        let found = [
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
ID  Producer                 ID  May be the same as  Sure    Why
 3  Quincy Jones, 12 tracks  14  Q. Jones, 1 track   very    MusicBrainz links to the other's page at Discogs
                                                             both \"Q. Jones\" on 2 same tracks
 5  Ann, 2 tracks             7  Ann, 3 tracks       little  the same name, both for AC/DC and 1 other artist";
        assert_eq!(table(&found).to_string(), expected);
    }
}
