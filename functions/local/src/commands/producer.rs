//! `linernotes producer`: one producer with names, artists, links and the evidence for every track.
//! The demo shows its page the same way; how the evidence is put in words is `evidence`'s matter.

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
use shared::store::producers::producer_merges;
use shared::store::producers::producer_pages::{
    self, Contact, Contacts, ListedName, ProducerSummary, RelatedProducer,
};
use shared::store::producers::producer_tracks::{self, Collaboration, ProducedSong};

use self::evidence::{Evidence, source_name};
use crate::database::{Database, Purpose};
use crate::output::{self, count, one_line_of};

const TRACKS_FOR_PEOPLE: i64 = 20;
const TRACKS_FOR_PROGRAMS: i64 = 100;
const ARTISTS: i64 = 10;

/// Everything that is shown of a producer.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    #[serde(flatten)]
    pub(super) producer: ProducerSummary,
    names: Vec<ListedName>,
    related: Vec<RelatedProducer>,
    #[serde(flatten)]
    contacts: Option<Contacts>,
    collaborations: Vec<Collaboration>,
    tracks: Vec<Evidence>,
}

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    id: i64,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let tracks = if json {
        TRACKS_FOR_PROGRAMS
    } else {
        TRACKS_FOR_PEOPLE
    };
    let client = database.pool.client().await?;
    let page = read(&client, ProducerId(id), tracks).await?;
    let current = producer_merges::find_current(&client, ProducerId(id)).await?;
    drop(client);
    database.close().await?;
    let Some(page) = page else {
        if let Some((current, name)) = current {
            bail!(
                "producer {id} is one with {} now: linernotes producer {current}",
                one_line_of(&name)
            );
        }
        bail!("there is no producer {id}: `linernotes search NAME` gives the ids");
    };
    if json {
        output::print_json(&page)?;
    } else {
        output::print(page.text(&|_| None))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a producer's page with so many of the newest tracks; None where there is no such producer.
pub(super) async fn read(
    client: &Client<'_>,
    id: ProducerId,
    tracks: i64,
) -> Result<Option<Page>, tokio_postgres::Error> {
    let Some(producer) = producer_pages::find(client, id).await? else {
        return Ok(None);
    };
    let tracks = producer_tracks::list_tracks(client, id, None, tracks).await?;
    let ids: Vec<TrackId> = tracks.iter().map(|track| track.track_id).collect();
    let mut claims: HashMap<TrackId, Vec<TrackCredit>> = HashMap::new();
    for (track, claim) in track_credits::list_credits_of_producer(client, id, &ids).await? {
        claims.entry(track).or_default().push(claim);
    }
    let mut verdicts = credit_overrides::list_of_tracks(client, &ids).await?;
    verdicts.retain(|(_, producer, _)| *producer == id);
    Ok(Some(Page {
        producer,
        names: producer_pages::list_names(client, id).await?,
        related: producer_pages::list_related(client, id).await?,
        contacts: producer_pages::find_contacts(client, id).await?,
        collaborations: producer_tracks::list_collaborations(client, id, None, ARTISTS).await?,
        tracks: tracks
            .into_iter()
            .map(|track| Evidence {
                credits: claims.remove(&track.track_id).unwrap_or_default(),
                verdict: verdicts
                    .iter()
                    .find(|(on, _, _)| *on == track.track_id)
                    .map(|(_, _, verdict)| verdict.clone()),
                track,
            })
            .collect(),
    }))
}

impl Page {
    /// The page for people. `fact` says where a credit of a stand-in upstream really is from.
    pub(super) fn text(&self, fact: &dyn Fn(&ProducedSong) -> Option<String>) -> String {
        let producer = &self.producer;
        let mut lines = vec![
            format!("{} (producer {})", one_line_of(&producer.name), producer.id),
            self.counts(),
        ];
        let names = self.other_names();
        if !names.is_empty() {
            lines.push(format!("also called: {}", names.join(", ")));
        }
        lines.extend(self.related.iter().map(|other| {
            format!(
                "{}: {} (producer {})",
                other.relation,
                one_line_of(&other.name),
                other.producer_id
            )
        }));
        lines.extend(self.links());
        let artists = self
            .collaborations
            .iter()
            .map(|with| format!("{} {}", one_line_of(&with.artist_name), with.track_count));
        lines.push(format!("artists: {}", none_or(&artists.collect::<Vec<_>>())));
        lines.push(String::new());
        lines.extend(evidence::lines(&self.tracks, fact));
        let more = i64::from(producer.track_count) - self.tracks.len() as i64;
        if more > 0 {
            lines.push(format!("… and {} before those", count(more, "track")));
        }
        lines.join("\n")
    }

    fn counts(&self) -> String {
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
            let name = one_line_of(&name.name);
            if name != self.producer.name && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn links(&self) -> Vec<String> {
        let Some(contacts) = &self.contacts else {
            return Vec::new();
        };
        let is_stated = |email: &&String| {
            let mut stated = contacts.contacts.iter();
            stated.any(|contact| contact.kind == EMAIL && contact.value == **email)
        };
        let email = contacts.email.iter().filter(|email| !is_stated(email));
        email
            .map(|email| format!("{EMAIL}: {}", one_line_of(email)))
            .chain(contacts.contacts.iter().map(link))
            .collect()
    }
}

fn link(contact: &Contact) -> String {
    let sources = contact.sources.iter();
    let names: Vec<&str> = sources.map(|stating| source_name(&stating.source)).collect();
    let said = if contact.verified {
        format!("verified: {} say so", names.join(" and "))
    } else {
        format!("says {}", names.join(" and "))
    };
    format!("{}: {} ({said})", contact.kind, one_line_of(&contact.value))
}

fn none_or(names: &[String]) -> String {
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
    fn a_link_says_who_states_it_and_whether_several_do() {
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
        for (sources, said) in [
            (&["musicbrainz"][..], "says MusicBrainz"),
            (
                &["musicbrainz", "genius"],
                "verified: MusicBrainz and Genius say so",
            ),
        ] {
            let line = link(&contact("some\nbody", sources));
            assert_eq!(line, format!("instagram: some body ({said})"));
        }
    }
}
