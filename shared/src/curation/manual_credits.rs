//! A file with credits of one's own: all of it is taken or nothing, and twice is the same as once. How its lines are
//! written is in [`super::csv`].

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use super::csv::{self, Line, Mistake, ProducerNumber, TrackName};
use super::{CurationError, find, merge_automatically};
use crate::domain::credits::{Role, Source};
use crate::domain::ids::{ProducerId, TrackId};
use crate::domain::messages::{Envelope, Message};
use crate::domain::names;
use crate::platform::db::{Client, Pool};
use crate::store::credits::manual_credits::{self, ManualCredit};
use crate::store::credits::{track_credits, track_producers};
use crate::store::producers::producer_pages;
use crate::store::producers::{self, NameKind, ProducerName};
use crate::store::work::outgoing_messages;

/// How many mistakes are told at once.
const MISTAKES: usize = 10;

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportResult {
    /// Its name.
    pub file: String,
    /// How many lines with credits it has.
    pub lines: usize,
    /// How many credits that makes: an ISRC can be several tracks.
    pub credits: usize,
    /// How many of them are new.
    pub added: u64,
    /// The producers they name.
    pub producer_ids: BTreeSet<ProducerId>,
}

/// Whom a line credits.
struct Whom {
    producer_id: ProducerId,
    identity_id: i64,
    name: String,
}

/// Adds the credits of a file of that name.
///
/// # Errors
/// With every line that cannot be used, and the database's. Nothing is kept then.
pub async fn import(pool: &Pool, file: &str, bytes: &[u8]) -> Result<ImportResult, CurationError> {
    let (lines, mut mistakes) = csv::read(bytes);
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    let (mut credits, mut keys) = (Vec::new(), HashSet::new());
    let mut imported = ImportResult {
        file: file.to_owned(),
        lines: lines.len(),
        credits: 0,
        added: 0,
        producer_ids: BTreeSet::new(),
    };
    for line in lines {
        match of_line(&transaction, &line).await {
            Ok((named, of_line)) => {
                imported.producer_ids.extend(named);
                credits.extend(of_line.into_iter().filter(|credit| keys.insert(key(credit))));
            }
            Err(CurationError::NotFound(what) | CurationError::Refused(what)) => mistakes.push(Mistake {
                number: line.number,
                what,
            }),
            Err(error) => return Err(error),
        }
    }
    if !mistakes.is_empty() {
        return Err(refusal(mistakes));
    }
    if credits.is_empty() {
        return Err(CurationError::Refused(
            "it holds no credits: after the first line comes a line for each".to_owned(),
        ));
    }
    imported.credits = credits.len();
    imported.added = manual_credits::insert(&transaction, file, &credits).await?;
    let tracks: BTreeSet<TrackId> = credits.iter().map(|credit| credit.track_id).collect();
    track_producers::refresh(&transaction, &tracks.into_iter().collect::<Vec<_>>()).await?;
    if imported.added > 0 {
        let messages: Vec<_> = imported
            .producer_ids
            .iter()
            .map(|&producer_id| Message::EnrichProducer { producer_id })
            .map(|message| Envelope::requested(message, None))
            .collect();
        outgoing_messages::upsert(&transaction, &messages).await?;
    }
    transaction.commit().await?;
    drop(client);
    let mut joined = BTreeSet::new();
    for id in &imported.producer_ids {
        joined.insert(merge_automatically(pool, *id).await?);
    }
    imported.producer_ids = joined;
    Ok(imported)
}

fn refusal(mut mistakes: Vec<Mistake>) -> CurationError {
    mistakes.sort_by_key(|mistake| mistake.number);
    let told: Vec<String> = mistakes
        .iter()
        .take(MISTAKES)
        .map(|mistake| format!("line {}: {}", mistake.number, mistake.what))
        .collect();
    let more = match mistakes.len().saturating_sub(MISTAKES) {
        0 => String::new(),
        number => format!("; and {number} more"),
    };
    CurationError::Refused(format!("nothing was imported: {}{more}", told.join("; ")))
}

/// By which a line that stands there twice is one.
fn key(credit: &ManualCredit) -> (TrackId, Option<i64>, String, Role) {
    let name = credit.credited_as.clone();
    (credit.track_id, credit.producer_identity_id, name, credit.role)
}

async fn of_line(
    client: &Client<'_>,
    line: &Line,
) -> Result<(Vec<ProducerId>, Vec<ManualCredit>), CurationError> {
    let tracks = tracks(client, &line.track).await?;
    let mut named = Vec::new();
    let mut credits = Vec::new();
    for track_id in tracks {
        let found = whom_of(client, line, track_id).await?;
        let credit = ManualCredit {
            track_id,
            producer_identity_id: found.as_ref().map(|whom| whom.identity_id),
            credited_as: match (&line.producer, &found) {
                (Some(name), _) => name.clone(),
                (None, Some(whom)) => whom.name.clone(),
                (None, None) => named_by_id(client, line).await?,
            },
            raw_role: line.raw_role.clone(),
            role: line.role,
            note: line.note.clone(),
        };
        credits.push(credit);
        named.extend(found.map(|whom| whom.producer_id));
    }
    Ok((named, credits))
}

async fn tracks(client: &Client<'_>, track: &TrackName) -> Result<Vec<TrackId>, CurationError> {
    let found = match track {
        TrackName::Own(id) => track_credits::find(client, *id)
            .await?
            .map(|track| vec![track.id])
            .ok_or_else(|| format!("there is no track {id}"))
            .map_err(CurationError::NotFound)?,
        TrackName::Spotify(id) => track_credits::find_by_spotify_id(client, id)
            .await?
            .map(|id| vec![id])
            .ok_or_else(|| format!("no track here has the Spotify id {id}: bring it in first"))
            .map_err(CurationError::NotFound)?,
        TrackName::Isrc(isrc) => manual_credits::list_tracks_by_isrc(client, isrc).await?,
    };
    if found.is_empty() {
        return Err(CurationError::NotFound(
            "no track here has this ISRC: bring it in first".to_owned(),
        ));
    }
    Ok(found)
}

/// Whom a line makes a producer of a track; none where its role makes none.
async fn whom_of(client: &Client<'_>, line: &Line, track: TrackId) -> Result<Option<Whom>, CurationError> {
    if !line.role.is_music_production() {
        return Ok(None);
    }
    match (&line.producer_id, &line.producer) {
        (Some(ProducerNumber::Own(id)), name) => {
            let producer = find(client, *id).await?;
            check_name(client, producer.id, &producer.name, name.as_deref()).await?;
            let identity_id = manual_credits::find_identity(client, producer.id)
                .await?
                .ok_or_else(|| CurationError::Refused(format!("producer {id} is known to no source")))?;
            Ok(Some(Whom {
                producer_id: producer.id,
                identity_id,
                name: producer.name,
            }))
        }
        (Some(ProducerNumber::Mbid(mbid)), name) => {
            let known = producers::find_identity(client, Source::MusicBrainz, mbid.as_str()).await?;
            match (known, name) {
                (Some(known), name) => {
                    let producer = find(client, known.producer_id).await?;
                    check_name(client, producer.id, &producer.name, name.as_deref()).await?;
                    Ok(Some(Whom {
                        producer_id: producer.id,
                        identity_id: known.id,
                        name: producer.name,
                    }))
                }
                (None, Some(name)) => whom_by_name(client, Source::MusicBrainz, mbid.as_str(), name)
                    .await
                    .map(Some),
                (None, None) => Err(CurationError::NotFound(format!(
                    "no producer here has the MBID {mbid}: give the name, too"
                ))),
            }
        }
        (None, Some(name)) => {
            let artist = manual_credits::find_main_artist(client, track)
                .await?
                .map_or(0, |artist| artist.0);
            let source_id = names::source_identity(None, &artist.to_string(), name);
            whom_by_name(client, Source::Manual, &source_id, name)
                .await
                .map(Some)
        }
        (None, None) => Err(CurationError::Refused("it names no producer".to_owned())),
    }
}

async fn whom_by_name(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
    name: &str,
) -> Result<Whom, CurationError> {
    let named = BTreeMap::from([(source_id.to_owned(), name.to_owned())]);
    let identity = producers::upsert_identities(client, source, &named).await?[source_id];
    let kept = ProducerName {
        producer_id: identity.producer_id,
        name: name.to_owned(),
        kind: NameKind::CreditedAs,
    };
    producers::insert_names(client, Source::Manual, &[kept]).await?;
    Ok(Whom {
        producer_id: identity.producer_id,
        identity_id: identity.id,
        name: name.to_owned(),
    })
}

/// Whether an id and a name beside it are of one producer.
async fn check_name(
    client: &Client<'_>,
    id: ProducerId,
    name: &str,
    given: Option<&str>,
) -> Result<(), CurationError> {
    let Some(given) = given else { return Ok(()) };
    let known = producer_pages::list_names(client, id).await?;
    let mut names = known.iter().map(|known| known.name.as_str()).chain([name]);
    if names.any(|name| names::is_same_name(name, given)) {
        return Ok(());
    }
    Err(CurationError::Refused(format!(
        "producer {id} is {name}, not {given}: correct the id or the name"
    )))
}

/// The name of somebody who is named by id alone.
async fn named_by_id(client: &Client<'_>, line: &Line) -> Result<String, CurationError> {
    let id = match &line.producer_id {
        Some(ProducerNumber::Own(id)) => *id,
        Some(ProducerNumber::Mbid(mbid)) => {
            producers::find_identity(client, Source::MusicBrainz, mbid.as_str())
                .await?
                .ok_or_else(|| {
                    CurationError::NotFound(format!(
                        "no producer here has the MBID {mbid}: give the name, too"
                    ))
                })?
                .producer_id
        }
        None => return Err(CurationError::Refused("it names no producer".to_owned())),
    };
    Ok(find(client, id).await?.name)
}
