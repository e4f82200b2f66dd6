//! `linernotes producer`: shows one producer with names, artists, links and the evidence for every track.

mod evidence;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;
use shared::domain::contacts::EMAIL;
use shared::domain::ids::{ProducerId, TrackId};
use shared::platform::config::Config;
use shared::platform::db::Client;
use shared::store::credits::credit_overrides;
use shared::store::credits::track_credits::{self, TrackCredit};
use shared::store::producers::producer_artists::{self, Collaboration};
use shared::store::producers::producer_merges;
use shared::store::producers::producer_pages::{
    self, Contact, Contacts, ListedName, ProducerSummary, RelatedProducer,
};
use shared::store::producers::producer_tracks::{self, ProducedSong};

use self::evidence::{TrackEvidence, stored_source_name};
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, count, single_line};

const TRACKS_IN_TEXT: i64 = 20;
const TRACKS_IN_JSON: i64 = 100;
const MAX_ARTISTS: i64 = 10;

/// A producer with everything that is printed about them.
#[derive(Debug, Serialize)]
pub(super) struct ProducerSheet {
    #[serde(flatten)]
    pub(super) producer: ProducerSummary,
    names: Vec<ListedName>,
    related: Vec<RelatedProducer>,
    #[serde(flatten)]
    contacts: Option<Contacts>,
    collaborations: Vec<Collaboration>,
    tracks: Vec<TrackEvidence>,
}

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    id: i64,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let tracks = if json { TRACKS_IN_JSON } else { TRACKS_IN_TEXT };
    let client = database.pool.client().await?;
    let sheet = read(&client, ProducerId(id), tracks).await?;
    let current = producer_merges::find_current(&client, ProducerId(id)).await?;
    drop(client);
    database.close().await?;
    let Some(sheet) = sheet else {
        if let Some((current, name)) = current {
            bail!(
                "producer {id} was merged into {}: linernotes producer {current}",
                single_line(&name)
            );
        }
        bail!("there is no producer {id}: find the id with `linernotes search NAME`");
    };
    if json {
        output::print_json(&sheet)?;
    } else {
        output::print(sheet.text(&|_| None))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a producer with the newest `max_tracks` tracks; `None` if there is no such producer.
pub(super) async fn read(
    client: &Client<'_>,
    id: ProducerId,
    max_tracks: i64,
) -> Result<Option<ProducerSheet>, tokio_postgres::Error> {
    let Some(producer) = producer_pages::find(client, id).await? else {
        return Ok(None);
    };
    let tracks = producer_tracks::list_tracks(client, id, None, max_tracks).await?;
    let ids: Vec<TrackId> = tracks.iter().map(|track| track.track_id).collect();
    let mut credits: HashMap<TrackId, Vec<TrackCredit>> = HashMap::new();
    for (track, credit) in track_credits::list_credits_of_producer(client, id, &ids).await? {
        credits.entry(track).or_default().push(credit);
    }
    let mut verdicts = credit_overrides::list_of_tracks(client, &ids).await?;
    verdicts.retain(|(_, producer, _)| *producer == id);
    Ok(Some(ProducerSheet {
        producer,
        names: producer_pages::list_names(client, id).await?,
        related: producer_pages::list_related(client, id).await?,
        contacts: producer_pages::find_contacts(client, id).await?,
        collaborations: producer_artists::list_collaborations(client, id, None, MAX_ARTISTS).await?,
        tracks: tracks
            .into_iter()
            .map(|track| TrackEvidence {
                credits: credits.remove(&track.track_id).unwrap_or_default(),
                verdict: verdicts
                    .iter()
                    .find(|(track_id, ..)| *track_id == track.track_id)
                    .map(|(.., verdict)| verdict.clone()),
                track,
            })
            .collect(),
    }))
}

impl ProducerSheet {
    /// The text for people. `fact` returns the public source of a credit that a stand-in upstream stated.
    pub(super) fn text(&self, fact: &dyn Fn(&ProducedSong) -> Option<String>) -> String {
        let producer = &self.producer;
        let mut lines = vec![
            format!("{} (producer {})", single_line(&producer.name), producer.id),
            self.counts_text(),
        ];
        let names = self.other_names();
        if !names.is_empty() {
            lines.push(format!("also known as: {}", names.join(", ")));
        }
        lines.extend(self.related.iter().map(|other| {
            format!(
                "{}: {} (producer {})",
                other.relation,
                single_line(&other.name),
                other.producer_id
            )
        }));
        lines.extend(self.link_lines());
        let artists = self
            .collaborations
            .iter()
            .map(|with| format!("{} {}", single_line(&with.artist_name), with.work.track_count));
        lines.push(format!("artists: {}", list_or_none(&artists.collect::<Vec<_>>())));
        lines.push(String::new());
        lines.extend(evidence::lines(&self.tracks, fact));
        let more = i64::from(producer.track_count) - self.tracks.len() as i64;
        if more > 0 {
            lines.push(format!("… and {} more", count(more, "track")));
        }
        lines.join("\n")
    }

    fn counts_text(&self) -> String {
        let producer = &self.producer;
        let years = match (producer.first_year, producer.last_year) {
            (Some(first), Some(last)) if first == last => format!(", {first}"),
            (Some(first), Some(last)) => format!(", {first}–{last}"),
            _ => String::new(),
        };
        format!(
            "{} for {}{years}",
            count(producer.track_count.into(), "track"),
            count(producer.artist_count.into(), "artist")
        )
    }

    fn other_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in &self.names {
            let name = single_line(&name.name);
            if name != self.producer.name && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn link_lines(&self) -> Vec<String> {
        let Some(contacts) = &self.contacts else {
            return Vec::new();
        };
        let is_listed = |email: &&String| {
            let mut listed = contacts.contacts.iter();
            listed.any(|contact| contact.kind == EMAIL && contact.value == **email)
        };
        let email = contacts.email.iter().filter(|email| !is_listed(email));
        email
            .map(|email| format!("{EMAIL}: {}", single_line(email)))
            .chain(contacts.contacts.iter().map(link_line))
            .collect()
    }
}

fn link_line(contact: &Contact) -> String {
    let sources = contact.sources.iter();
    let names: Vec<&str> = sources
        .map(|stating| stored_source_name(&stating.source))
        .collect();
    let provenance = if contact.verified {
        format!("verified by {}", names.join(" and "))
    } else {
        format!("from {}", names.join(" and "))
    };
    format!("{}: {} ({provenance})", contact.kind, single_line(&contact.value))
}

fn list_or_none(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::store::producers::producer_pages::ContactSource;

    #[test]
    fn a_link_names_its_sources_and_whether_several_agree() {
        let contact = |value: &str, sources: &[&str]| Contact {
            kind: "instagram".to_owned(),
            value: value.to_owned(),
            verified: sources.len() > 1,
            sources: sources
                .iter()
                .map(|source| ContactSource {
                    source: (*source).to_owned(),
                    source_id: "1".to_owned(),
                })
                .collect(),
        };
        for (sources, provenance) in [
            (&["musicbrainz"][..], "from MusicBrainz"),
            (&["musicbrainz", "genius"], "verified by MusicBrainz and Genius"),
        ] {
            let line = link_line(&contact("some\nbody", sources));
            assert_eq!(line, format!("instagram: some body ({provenance})"));
        }
    }
}
