//! Finds how to reach a producer: the names and links that MusicBrainz states of him, each with its source. What no source
//! states is never guessed.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;
use shared::budgets::{Bucket, Budgets};
use shared::credits::Source;
use shared::db::Pool;
use shared::deciding;
use shared::ids::{ArtistMbid, ProducerId};
use shared::messages::{Envelope, Message, Outcome};
use shared::outgoing::{self, Finished};
use shared::queue::Queues;
use shared::store::lookups::{self, Lookup, LookupOutcome};
use shared::store::producer_merges;
use shared::store::producers::{self, Contact, Name, NameKind};
use shared::upstreams::musicbrainz::{Artist, MusicBrainz};
use tokio::time::Instant;

/// What enriching is done with.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// Where what comes next is sent.
    pub queues: Queues,
    /// The budgets of the upstreams.
    pub budgets: Budgets,
    /// MusicBrainz.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
}

const SOURCE: Source = Source::MusicBrainz;
/// The kind of lookup of a MusicBrainz artist; its subject is the MBID.
const ARTIST: &str = "artist";

/// Does what a message of the enrichment queue asks for, until `deadline`.
///
/// # Errors
/// What did not work now; the message is to be received again.
pub async fn handle(
    context: &Context,
    envelope: Envelope,
    deadline: Instant,
) -> anyhow::Result<Outcome> {
    let Message::EnrichProducer { producer_id } = envelope.message else {
        return Ok(Outcome::Discard {
            reason: format!("{} is not for the enrich function", envelope.message.kind()),
        });
    };
    // Whom the sources make one with another is enriched as that one, whoever comes first.
    let producer_id = deciding::join(
        &context.pool,
        current(context, producer_id).await?.unwrap_or(producer_id),
    )
    .await?;
    let (mbids, fresh) = {
        let client = context.pool.client().await?;
        let Some(source_ids) = producers::find_source_ids(&client, producer_id, SOURCE).await?
        else {
            return finish(
                context,
                &envelope,
                &[],
                Finished::failed(Utc::now(), &format!("there is no producer {producer_id}")),
            )
            .await;
        };
        let fresh =
            lookups::list_fresh(&client, SOURCE, ARTIST, &source_ids, envelope.fresh_after).await?;
        (source_ids, fresh)
    };
    let mut artists = Vec::new();
    let mut asked = Vec::new();
    if let Some(musicbrainz) = context.musicbrainz.as_deref() {
        // One call each; a producer has one MBID but for merges.
        for mbid in mbids
            .iter()
            .filter(|mbid| !fresh.iter().any(|lookup| lookup.subject == **mbid))
        {
            let Ok(id) = mbid.parse::<ArtistMbid>() else {
                continue;
            };
            let now = Utc::now();
            let artist = context
                .budgets
                .spend(Bucket::MusicBrainz, deadline, || {
                    musicbrainz.fetch_artist(&id)
                })
                .await?;
            let outcome = if artist.is_some() {
                LookupOutcome::Found
            } else {
                LookupOutcome::NotFound
            };
            asked.push(Lookup::new(SOURCE, ARTIST, mbid, outcome, now));
            artists.extend(artist.map(|artist| (mbid.clone(), artist)));
        }
    }
    if asked.is_empty() {
        let looked_up_at = fresh
            .iter()
            .map(|lookup| lookup.looked_up_at)
            .min()
            .unwrap_or_else(Utc::now);
        return finish(
            context,
            &envelope,
            &[],
            Finished::done(looked_up_at, Vec::new()),
        )
        .await;
    }
    let looked_up_at = asked
        .iter()
        .chain(&fresh)
        .map(|lookup| lookup.looked_up_at)
        .min()
        .unwrap_or_else(Utc::now);
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    keep(&transaction, producer_id, &artists, fresh.is_empty()).await?;
    lookups::upsert(&transaction, &asked).await?;
    producers::finish_enrichment(&transaction, producer_id, Utc::now(), false).await?;
    let written = outgoing::finish(
        &transaction,
        &envelope,
        &Finished::done(looked_up_at, Vec::new()),
    )
    .await?;
    transaction.commit().await?;
    drop(client);
    // What was stated just now may say who is one; where this fails, the message comes again.
    deciding::join(&context.pool, producer_id).await?;
    context.queues.send_written(&context.pool, &written).await?;
    Ok(Outcome::Done)
}

async fn current(context: &Context, id: ProducerId) -> anyhow::Result<Option<ProducerId>> {
    let client = context.pool.client().await?;
    let current = producer_merges::find_current(&client, id).await?;
    Ok(current.map(|(id, _)| id))
}

async fn finish(
    context: &Context,
    envelope: &Envelope,
    asked: &[Lookup],
    finished: Finished,
) -> anyhow::Result<Outcome> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    lookups::upsert(&transaction, asked).await?;
    outgoing::finish(&transaction, envelope, &finished).await?;
    transaction.commit().await?;
    Ok(Outcome::Done)
}

/// Keeps what MusicBrainz states now; where it was asked about every MBID of the producer, what it states no more goes.
async fn keep(
    transaction: &shared::db::Client<'_>,
    producer_id: ProducerId,
    artists: &[(String, Artist)],
    is_complete: bool,
) -> Result<(), tokio_postgres::Error> {
    let mut names = BTreeSet::new();
    let mut contacts = BTreeSet::<Contact>::new();
    for (mbid, artist) in artists {
        producers::rename(transaction, producer_id, SOURCE, mbid, &artist.name).await?;
        names.insert(Name {
            producer_id,
            name: artist.name.clone(),
            kind: NameKind::Primary,
        });
        names.extend(artist.aliases.iter().map(|alias| Name {
            producer_id,
            name: alias.clone(),
            kind: NameKind::Alias,
        }));
        for link in &artist.links {
            let contact = Contact {
                kind: link.kind.as_str().to_owned(),
                value: link.value.clone(),
                source_id: mbid.clone(),
            };
            if !contacts
                .iter()
                .any(|known| (&known.kind, &known.value) == (&contact.kind, &contact.value))
            {
                contacts.insert(contact);
            }
        }
    }
    let names: Vec<_> = names.into_iter().collect();
    let contacts: Vec<_> = contacts.into_iter().collect();
    if !is_complete {
        return producers::insert_names(transaction, SOURCE, &names)
            .await
            .map(drop);
    }
    // Of somebody it does not know any more, the credits still tell the name.
    if !names.is_empty() {
        producers::replace_names(transaction, producer_id, SOURCE, &names).await?;
    }
    producers::replace_contacts(transaction, producer_id, SOURCE, &contacts)
        .await
        .map(drop)
}
