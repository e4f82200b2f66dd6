//! The producer whom a line of manual credits means: by our id, by a MusicBrainz id, or by a name that nobody
//! here has yet. Within a file such a name means one person, whoever the artists of its lines are.

use std::collections::{BTreeMap, HashMap};

use super::csv::{CreditLine, ProducerKey};
use super::decisions::{CurationError, find_producer};
use crate::domain::credits::Source;
use crate::domain::ids::{ArtistMbid, ProducerId, TrackId};
use crate::domain::names;
use crate::platform::db::Client;
use crate::store::credits::manual_credits;
use crate::store::producers::producer_pages;
use crate::store::producers::{self, NameKind, ProducerName};

/// The producer that a line credits.
pub(super) struct CreditedProducer {
    pub(super) producer_id: ProducerId,
    pub(super) identity_id: i64,
    pub(super) name: String,
}

/// The source ids of the people whom the earlier lines of a file name without an id, by the key of the name.
pub(super) type NamedPeople = HashMap<String, String>;

/// The producer that a line credits with its tracks; `None` if the line's role makes nobody a producer.
pub(super) async fn credited_producer(
    client: &Client<'_>,
    line: &CreditLine,
    tracks: &[TrackId],
    named: &mut NamedPeople,
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
        (Some(ProducerKey::New), Some(name)) => {
            let owner = format!("new:{}", main_artist(client, tracks).await?);
            let source_id = names::source_identity(None, &owner, name);
            upsert_producer(client, Source::Manual, &source_id, name).await?
        }
        (None, Some(name)) => {
            let key = names::unlinked_key(name);
            let source_id = if let Some(source_id) = named.get(&key) {
                source_id.clone()
            } else {
                let owner = main_artist(client, tracks).await?;
                let source_id = names::source_identity(None, &owner, name);
                check_name_is_free(client, &source_id, name).await?;
                named.insert(key, source_id.clone());
                source_id
            };
            upsert_producer(client, Source::Manual, &source_id, name).await?
        }
        (Some(ProducerKey::New) | None, None) => return Err(no_name()),
    };
    Ok(Some(producer))
}

/// Our id of the main artist of a line's tracks, which have one ISRC and are one recording; 0 if they name
/// none.
async fn main_artist(client: &Client<'_>, tracks: &[TrackId]) -> Result<String, CurationError> {
    let artist = match tracks.first() {
        Some(track) => manual_credits::find_main_artist(client, *track).await?,
        None => None,
    };
    Ok(artist.map_or(0, |artist| artist.0).to_string())
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

/// Refuses a name that a producer here has, unless an earlier import credited it for the same artist: only a
/// person knows whether it is the same producer.
async fn check_name_is_free(client: &Client<'_>, source_id: &str, name: &str) -> Result<(), CurationError> {
    if producers::find_identity(client, Source::Manual, source_id)
        .await?
        .is_some()
    {
        return Ok(());
    }
    let namesakes = manual_credits::list_namesakes(client, name).await?;
    if namesakes.is_empty() {
        return Ok(());
    }
    let listed: Vec<String> = namesakes
        .iter()
        .map(|(id, name, tracks)| {
            let noun = if *tracks == 1 { "track" } else { "tracks" };
            format!("producer {id} ({name}, {tracks} {noun})")
        })
        .collect();
    Err(CurationError::Refused(format!(
        "\"{name}\" is here already, as {}: put the id into the column producer_id, or new if this is \
         another person",
        listed.join(" or ")
    )))
}

fn no_name() -> CurationError {
    CurationError::Refused("it names no producer".to_owned())
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
pub(super) async fn find_name(client: &Client<'_>, line: &CreditLine) -> Result<String, CurationError> {
    let id = match &line.producer_id {
        Some(ProducerKey::Own(id)) => *id,
        Some(ProducerKey::Mbid(mbid)) => {
            producers::find_identity(client, Source::MusicBrainz, mbid.as_str())
                .await?
                .ok_or_else(|| unknown_mbid(mbid))?
                .producer_id
        }
        Some(ProducerKey::New) | None => return Err(no_name()),
    };
    Ok(find_producer(client, id).await?.name)
}

fn unknown_mbid(mbid: &ArtistMbid) -> CurationError {
    CurationError::NotFound(format!(
        "no producer here has the MBID {mbid}: give the name as well"
    ))
}
