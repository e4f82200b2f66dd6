//! Importing a CSV file of manual credits. A file is imported as a whole or not at all, and importing it
//! twice changes nothing.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use super::csv::{self, CreditLine, LineError, ProducerKey, TrackName};
use super::decisions::{CurationError, find_producer};
use super::merges::merge_automatically;
use crate::domain::credits::{Role, Source};
use crate::domain::ids::{ArtistMbid, ProducerId, TrackId};
use crate::domain::messages::{Envelope, Message};
use crate::domain::names;
use crate::platform::db::{Client, Pool};
use crate::store::credits::manual_credits::{self, ManualCredit};
use crate::store::credits::{track_credits, track_producers};
use crate::store::producers::producer_pages;
use crate::store::producers::{self, NameKind, ProducerName};
use crate::store::work::outgoing_messages;

/// How many line errors one message lists.
const MAX_LISTED_ERRORS: usize = 10;

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportResult {
    /// The file's name.
    pub file: String,
    /// How many lines with credits the file has.
    pub lines: usize,
    /// How many credits they make; a line with an ISRC can make several.
    pub credits: usize,
    /// How many of them were added.
    pub added: u64,
    /// The credited producers.
    pub producer_ids: BTreeSet<ProducerId>,
}

/// The producer that a line credits.
struct CreditedProducer {
    producer_id: ProducerId,
    identity_id: i64,
    name: String,
}

/// Imports the credits of a file.
///
/// # Errors
/// [`CurationError::Refused`] with the line errors if a line cannot be used; nothing is stored then.
pub async fn import(pool: &Pool, file: &str, bytes: &[u8]) -> Result<ImportResult, CurationError> {
    let (lines, mut errors) = csv::read(bytes);
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    let (mut credits, mut keys) = (Vec::new(), HashSet::new());
    let mut result = ImportResult {
        file: file.to_owned(),
        lines: lines.len(),
        credits: 0,
        added: 0,
        producer_ids: BTreeSet::new(),
    };
    for line in lines {
        match credits_of_line(&transaction, &line).await {
            Ok((producers, line_credits)) => {
                result.producer_ids.extend(producers);
                credits.extend(line_credits.into_iter().filter(|credit| keys.insert(key(credit))));
            }
            Err(CurationError::NotFound(message) | CurationError::Refused(message)) => {
                errors.push(LineError {
                    number: line.number,
                    message,
                });
            }
            Err(error) => return Err(error),
        }
    }
    if !errors.is_empty() {
        return Err(refusal(errors));
    }
    if credits.is_empty() {
        return Err(CurationError::Refused(
            "the file has no credits: add a line for each credit after the first line".to_owned(),
        ));
    }
    result.credits = credits.len();
    result.added = manual_credits::insert(&transaction, file, &credits).await?;
    let tracks: BTreeSet<TrackId> = credits.iter().map(|credit| credit.track_id).collect();
    track_producers::refresh(&transaction, &Vec::from_iter(tracks)).await?;
    if result.added > 0 {
        let messages: Vec<_> = result
            .producer_ids
            .iter()
            .map(|&producer_id| Message::EnrichProducer { producer_id })
            .map(|message| Envelope::requested(message, None))
            .collect();
        outgoing_messages::upsert(&transaction, &messages).await?;
    }
    transaction.commit().await?;
    drop(client);
    let mut current_ids = BTreeSet::new();
    for id in &result.producer_ids {
        current_ids.insert(merge_automatically(pool, *id).await?);
    }
    result.producer_ids = current_ids;
    Ok(result)
}

fn refusal(mut errors: Vec<LineError>) -> CurationError {
    errors.sort_by_key(|error| error.number);
    let listed: Vec<String> = errors
        .iter()
        .take(MAX_LISTED_ERRORS)
        .map(|error| format!("line {}: {}", error.number, error.message))
        .collect();
    let more = match errors.len().saturating_sub(MAX_LISTED_ERRORS) {
        0 => String::new(),
        count => format!("; and {count} more"),
    };
    CurationError::Refused(format!("nothing was imported: {}{more}", listed.join("; ")))
}

/// The fields by which a repeated credit of a file is recognised.
fn key(credit: &ManualCredit) -> (TrackId, Option<i64>, String, Role) {
    let name = credit.credited_as.clone();
    (credit.track_id, credit.producer_identity_id, name, credit.role)
}

async fn credits_of_line(
    client: &Client<'_>,
    line: &CreditLine,
) -> Result<(Vec<ProducerId>, Vec<ManualCredit>), CurationError> {
    let mut producers = Vec::new();
    let mut credits = Vec::new();
    for track_id in list_tracks(client, &line.track).await? {
        let producer = credited_producer(client, line, track_id).await?;
        let credit = ManualCredit {
            track_id,
            producer_identity_id: producer.as_ref().map(|producer| producer.identity_id),
            credited_as: match (&line.producer, &producer) {
                (Some(name), _) => name.clone(),
                (None, Some(producer)) => producer.name.clone(),
                (None, None) => find_name(client, line).await?,
            },
            raw_role: line.raw_role.clone(),
            role: line.role,
            note: line.note.clone(),
        };
        credits.push(credit);
        producers.extend(producer.map(|producer| producer.producer_id));
    }
    Ok((producers, credits))
}

async fn list_tracks(client: &Client<'_>, track: &TrackName) -> Result<Vec<TrackId>, CurationError> {
    let tracks = match track {
        TrackName::Own(id) => track_credits::find(client, *id)
            .await?
            .map(|track| vec![track.id])
            .ok_or_else(|| CurationError::NotFound(format!("there is no track {id}")))?,
        TrackName::Spotify(id) => track_credits::find_by_spotify_id(client, id)
            .await?
            .map(|id| vec![id])
            .ok_or_else(|| {
                CurationError::NotFound(format!("no track here has the Spotify id {id}: ingest it first"))
            })?,
        TrackName::Isrc(isrc) => manual_credits::list_tracks_by_isrc(client, isrc).await?,
    };
    if tracks.is_empty() {
        return Err(CurationError::NotFound(
            "no track here has this ISRC: ingest it first".to_owned(),
        ));
    }
    Ok(tracks)
}

/// The producer that a line credits with a track; `None` if the line's role makes nobody a producer.
async fn credited_producer(
    client: &Client<'_>,
    line: &CreditLine,
    track: TrackId,
) -> Result<Option<CreditedProducer>, CurationError> {
    if !line.role.is_music_production() {
        return Ok(None);
    }
    let name = line.producer.as_deref();
    let producer = match (&line.producer_id, name) {
        (Some(ProducerKey::Own(id)), _) => {
            let (producer_id, producer_name) = find_checked(client, *id, name).await?;
            let identity_id = manual_credits::find_identity(client, producer_id)
                .await?
                .ok_or_else(|| {
                    CurationError::Refused(format!("producer {id} has no identity in any source"))
                })?;
            CreditedProducer {
                producer_id,
                identity_id,
                name: producer_name,
            }
        }
        (Some(ProducerKey::Mbid(mbid)), _) => {
            let stored = producers::find_identity(client, Source::MusicBrainz, mbid.as_str()).await?;
            match (stored, name) {
                (Some(identity), _) => {
                    let (producer_id, name) = find_checked(client, identity.producer_id, name).await?;
                    CreditedProducer {
                        producer_id,
                        identity_id: identity.id,
                        name,
                    }
                }
                (None, Some(name)) => {
                    upsert_producer(client, Source::MusicBrainz, mbid.as_str(), name).await?
                }
                (None, None) => return Err(unknown_mbid(mbid)),
            }
        }
        (None, Some(name)) => {
            let artist = manual_credits::find_main_artist(client, track).await?;
            let artist = artist.map_or(0, |artist| artist.0);
            let source_id = names::source_identity(None, &artist.to_string(), name);
            upsert_producer(client, Source::Manual, &source_id, name).await?
        }
        (None, None) => return Err(CurationError::Refused("it names no producer".to_owned())),
    };
    Ok(Some(producer))
}

async fn upsert_producer(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
    name: &str,
) -> Result<CreditedProducer, CurationError> {
    let names_by_id = BTreeMap::from([(source_id.to_owned(), name.to_owned())]);
    let identity = producers::upsert_identities(client, source, &names_by_id).await?[source_id];
    let credited_name = ProducerName {
        producer_id: identity.producer_id,
        name: name.to_owned(),
        kind: NameKind::CreditedAs,
    };
    producers::insert_names(client, Source::Manual, &[credited_name]).await?;
    Ok(CreditedProducer {
        producer_id: identity.producer_id,
        identity_id: identity.id,
        name: name.to_owned(),
    })
}

/// The producer with this id and its name. Refuses a line whose `given` name is not one of the producer's
/// names.
async fn find_checked(
    client: &Client<'_>,
    id: ProducerId,
    given: Option<&str>,
) -> Result<(ProducerId, String), CurationError> {
    let producer = find_producer(client, id).await?;
    let Some(given) = given else {
        return Ok((producer.id, producer.name));
    };
    let listed = producer_pages::list_names(client, producer.id).await?;
    let is_given = |name: &str| names::is_same_name(name, given);
    if is_given(&producer.name) || listed.iter().any(|listed| is_given(&listed.name)) {
        return Ok((producer.id, producer.name));
    }
    Err(CurationError::Refused(format!(
        "producer {} is {}, not {given}: correct the id or the name",
        producer.id, producer.name
    )))
}

/// The name of a producer that a line gives by id alone.
async fn find_name(client: &Client<'_>, line: &CreditLine) -> Result<String, CurationError> {
    let id = match &line.producer_id {
        Some(ProducerKey::Own(id)) => *id,
        Some(ProducerKey::Mbid(mbid)) => {
            producers::find_identity(client, Source::MusicBrainz, mbid.as_str())
                .await?
                .ok_or_else(|| unknown_mbid(mbid))?
                .producer_id
        }
        None => return Err(CurationError::Refused("it names no producer".to_owned())),
    };
    Ok(find_producer(client, id).await?.name)
}

fn unknown_mbid(mbid: &ArtistMbid) -> CurationError {
    CurationError::NotFound(format!(
        "no producer here has the MBID {mbid}: give the name as well"
    ))
}
