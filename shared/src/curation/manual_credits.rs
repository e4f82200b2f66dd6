//! Importing a CSV file of manual credits. A line that cannot be used is reported and does not keep the
//! others from being imported, and importing a file twice changes nothing.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;

use super::credited_producers::{NamedPeople, credited_producer, find_name};
use super::csv::{self, CreditLine, LineError, TrackName};
use super::decisions::CurationError;
use super::merges::merge_automatically;
use crate::domain::credits::Role;
use crate::domain::ids::{ProducerId, TrackId};
use crate::domain::messages::{Envelope, Message};
use crate::platform::db::{Client, Pool};
use crate::store::credits::manual_credits::{self, ManualCredit};
use crate::store::credits::{track_credits, track_producers};
use crate::store::work::outgoing_messages;

/// How many line errors one message lists.
const MAX_LISTED_ERRORS: usize = 10;

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportResult {
    /// The file's name.
    pub file: String,
    /// How many lines of the file were used.
    pub lines: usize,
    /// How many credits they make; a line with an ISRC can make several.
    pub credits: usize,
    /// How many of them were added.
    pub added: u64,
    /// The credited producers.
    pub producer_ids: BTreeSet<ProducerId>,
    /// The lines that could not be used.
    pub refused: Vec<LineError>,
}

impl ImportResult {
    /// The errors in the refused lines, for people; `None` if every line was used.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        (!self.refused.is_empty()).then(|| listed(&self.refused))
    }
}

/// Imports the credits of a file.
///
/// # Errors
/// [`CurationError::Refused`] with the line errors if no line can be used.
pub async fn import(pool: &Pool, file: &str, bytes: &[u8]) -> Result<ImportResult, CurationError> {
    let (lines, mut errors) = csv::read(bytes);
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    let (mut credits, mut keys, mut named) = (Vec::new(), HashSet::new(), NamedPeople::new());
    let mut result = ImportResult {
        file: file.to_owned(),
        lines: 0,
        credits: 0,
        added: 0,
        producer_ids: BTreeSet::new(),
        refused: Vec::new(),
    };
    for line in lines {
        match credits_of_line(&transaction, &line, &mut named).await {
            Ok((producers, line_credits)) => {
                result.lines += 1;
                result.producer_ids.extend(producers);
                credits.extend(line_credits.into_iter().filter(|credit| keys.insert(key(credit))));
            }
            Err(CurationError::NotFound(message) | CurationError::Refused(message)) => {
                errors.push(LineError {
                    line: line.number,
                    message,
                });
            }
            Err(error) => return Err(error),
        }
    }
    errors.sort_by_key(|error| error.line);
    if credits.is_empty() {
        return Err(CurationError::Refused(if errors.is_empty() {
            "the file has no credits: add a line for each credit after the first line".to_owned()
        } else {
            format!("nothing was imported: {}", listed(&errors))
        }));
    }
    result.refused = errors;
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

/// The errors on one line of text, at most [`MAX_LISTED_ERRORS`].
fn listed(errors: &[LineError]) -> String {
    let listed: Vec<String> = errors
        .iter()
        .take(MAX_LISTED_ERRORS)
        .map(|error| format!("line {}: {}", error.line, error.message))
        .collect();
    let more = match errors.len().saturating_sub(MAX_LISTED_ERRORS) {
        0 => String::new(),
        count => format!("; and {count} more"),
    };
    format!("{}{more}", listed.join("; "))
}

/// The fields by which a repeated credit of a file is recognised.
fn key(credit: &ManualCredit) -> (TrackId, Option<i64>, String, Role) {
    let name = credit.credited_as.clone();
    (credit.track_id, credit.producer_identity_id, name, credit.role)
}

async fn credits_of_line(
    client: &Client<'_>,
    line: &CreditLine,
    named: &mut NamedPeople,
) -> Result<(Option<ProducerId>, Vec<ManualCredit>), CurationError> {
    let tracks = list_tracks(client, &line.track).await?;
    let producer = credited_producer(client, line, &tracks, named).await?;
    let credited_as = match (&line.producer, &producer) {
        (Some(name), _) => name.clone(),
        (None, Some(producer)) => producer.name.clone(),
        (None, None) => find_name(client, line).await?,
    };
    let credits = tracks.into_iter().map(|track_id| ManualCredit {
        track_id,
        producer_identity_id: producer.as_ref().map(|producer| producer.identity_id),
        credited_as: credited_as.clone(),
        raw_role: line.raw_role.clone(),
        role: line.role,
        note: line.note.clone(),
    });
    let credits = credits.collect();
    Ok((producer.map(|producer| producer.producer_id), credits))
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
