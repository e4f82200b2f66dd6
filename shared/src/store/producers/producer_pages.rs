//! One producer as the API and the command line show it: statistics, names, identities and related producers.
//! Contact details are separate queries, because not every caller may see them.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::contacts;
use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

/// A producer without contact details.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProducerSummary {
    /// The producer's id.
    pub id: ProducerId,
    /// The name that the best source gives.
    pub name: String,
    /// How many songs they produced; versions of one song count once.
    pub track_count: i32,
    /// How many artists they produced songs for, not counting themselves.
    pub artist_count: i32,
    /// The average of the known popularities of their tracks, 0-100.
    pub average_popularity: Option<f32>,
    /// The year of their earliest track.
    pub first_year: Option<i16>,
    /// The year of their latest track.
    pub last_year: Option<i16>,
    /// When the statistics were computed; null if they never were.
    pub counted_at: Option<DateTime<Utc>>,
    /// When their contact details were last looked up completely.
    pub enriched_at: Option<DateTime<Utc>>,
    /// Whether looking them up keeps failing because of an error here or at a source.
    pub enrichment_failed: bool,
}

const FIND: &str = "
    SELECT p.id, p.name,
           COALESCE(s.track_count, 0) AS track_count, COALESCE(s.artist_count, 0) AS artist_count,
           s.average_popularity, s.first_year, s.last_year, s.computed_at, p.enriched_at, p.enrichment_failed
    FROM producers p
    LEFT JOIN producer_statistics s ON s.producer_id = p.id
    WHERE p.id = $1";

/// The producer with this id.
pub async fn find(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<ProducerSummary>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[&id]).await?;
    Ok(row.map(|row| ProducerSummary {
        id: row.get("id"),
        name: row.get("name"),
        track_count: row.get("track_count"),
        artist_count: row.get("artist_count"),
        average_popularity: row.get("average_popularity"),
        first_year: row.get("first_year"),
        last_year: row.get("last_year"),
        counted_at: row.get("computed_at"),
        enriched_at: row.get("enriched_at"),
        enrichment_failed: row.get("enrichment_failed"),
    }))
}

/// One of a producer's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedName {
    /// The name.
    pub name: String,
    /// `primary`, `alias` or `credited_as`.
    pub kind: String,
    /// The source that states it.
    pub source: String,
}

const LIST_NAMES: &str = "
    SELECT name, kind::text AS kind, source::text AS source
    FROM producer_names
    WHERE producer_id = $1
    ORDER BY producer_names.kind, name, producer_names.source
    LIMIT 100";

/// The producer's names, the primary ones first, at most 100.
pub async fn list_names(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Vec<ListedName>, tokio_postgres::Error> {
    let rows = client.query(LIST_NAMES, &[&id]).await?;
    let names = rows.iter().map(|row| ListedName {
        name: row.get("name"),
        kind: row.get("kind"),
        source: row.get("source"),
    });
    Ok(names.collect())
}

/// One of a producer's identities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceIdentity {
    /// The source.
    pub source: String,
    /// The producer's id there; `unlinked:…` for credits that state no id.
    pub source_id: String,
    /// The producer's name there.
    pub name: String,
}

const LIST_IDENTITIES: &str = "
    SELECT source::text AS source, source_id, name
    FROM producer_identities
    WHERE producer_id = $1
    ORDER BY producer_identities.source, source_id
    LIMIT 100";

/// The producer's identities, at most 100.
pub async fn list_identities(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Vec<SourceIdentity>, tokio_postgres::Error> {
    let rows = client.query(LIST_IDENTITIES, &[&id]).await?;
    let identities = rows.iter().map(|row| SourceIdentity {
        source: row.get("source"),
        source_id: row.get("source_id"),
        name: row.get("name"),
    });
    Ok(identities.collect())
}

/// A producer that is linked to another one and counted separately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelatedProducer {
    /// The linked producer.
    pub producer_id: ProducerId,
    /// Its name.
    pub name: String,
    /// What it is to the other producer: `alias`, `group` (that the other is a member of) or `member`.
    pub relation: String,
    /// The source that states the link.
    pub source: String,
}

const LIST_RELATED: &str = "
    SELECT p.id, p.name, CASE l.kind WHEN 'member_of' THEN 'group' ELSE 'alias' END AS relation,
           l.source::text AS source
    FROM producer_links l
    JOIN producers p ON p.id = l.linked_producer_id
    WHERE l.producer_id = $1
    UNION
    SELECT p.id, p.name, CASE l.kind WHEN 'member_of' THEN 'member' ELSE 'alias' END, l.source::text
    FROM producer_links l
    JOIN producers p ON p.id = l.producer_id
    WHERE l.linked_producer_id = $1
    ORDER BY relation, name, id, source
    LIMIT 100";

/// The producers that are linked to this one, at most 100.
pub async fn list_related(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Vec<RelatedProducer>, tokio_postgres::Error> {
    let rows = client.query(LIST_RELATED, &[&id]).await?;
    let related = rows.iter().map(|row| RelatedProducer {
        producer_id: row.get("id"),
        name: row.get("name"),
        relation: row.get("relation"),
        source: row.get("source"),
    });
    Ok(related.collect())
}

/// A contact detail of a producer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// What it is: instagram, website, soundcloud, bio, …
    pub kind: String,
    /// A handle, a URL or a text.
    pub value: String,
    /// The records that state it, one of each source.
    pub sources: Vec<ContactSource>,
    /// Whether several sources state it.
    pub verified: bool,
}

/// A record that states a contact detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactSource {
    /// The record's source.
    pub source: String,
    /// The record's id in the source.
    pub source_id: String,
}

/// The contact details of a producer. Only for callers who may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contacts {
    /// An e-mail address that the producer publishes.
    pub email: Option<String>,
    /// The producer's Instagram handle.
    pub instagram_handle: Option<String>,
    /// The text of the producer's Instagram profile.
    pub instagram_bio: Option<String>,
    /// URL of a picture; null once it has expired. Withheld like a contact detail, because it shows a face;
    /// `contacts` lists its source.
    pub image_url: Option<String>,
    /// All details that the sources state, by kind, the ones that most sources state first.
    pub contacts: Vec<Contact>,
}

const FIND_CONTACTS: &str = "
    SELECT p.email, p.instagram_handle, p.instagram_bio,
           CASE WHEN NOT EXISTS (SELECT FROM producer_contacts c
                                 WHERE c.producer_id = p.id AND c.kind = 'image'
                                   AND md5(c.value) = md5(p.image_url) AND c.expires_at <= now())
                THEN p.image_url END AS image_url
    FROM producers p
    WHERE p.id = $1";

const LIST_CONTACTS: &str = "
    SELECT kind, value, array_agg(source::text ORDER BY source) AS sources,
           array_agg(source_id ORDER BY source) AS source_ids
    FROM producer_contacts
    WHERE producer_id = $1 AND (expires_at IS NULL OR expires_at > now())
    GROUP BY kind, value
    ORDER BY kind, count(*) DESC, value
    LIMIT 100";

/// The producer's contact details, with at most 100 of those that the sources state.
pub async fn find_contacts(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<Contacts>, tokio_postgres::Error> {
    let Some(producer) = client.query_opt(FIND_CONTACTS, &[&id]).await? else {
        return Ok(None);
    };
    let rows = client.query(LIST_CONTACTS, &[&id]).await?;
    Ok(Some(Contacts {
        email: producer.get("email"),
        instagram_handle: producer.get("instagram_handle"),
        instagram_bio: producer.get("instagram_bio"),
        image_url: producer.get("image_url"),
        contacts: rows.iter().map(contact).collect(),
    }))
}

fn contact(row: &tokio_postgres::Row) -> Contact {
    let (sources, source_ids): (Vec<String>, Vec<String>) = (row.get("sources"), row.get("source_ids"));
    Contact {
        kind: row.get("kind"),
        value: row.get("value"),
        verified: contacts::is_verified(sources.len()),
        sources: sources
            .into_iter()
            .zip(source_ids)
            .map(|(source, source_id)| ContactSource { source, source_id })
            .collect(),
    }
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    FIND,
    LIST_NAMES,
    LIST_IDENTITIES,
    LIST_RELATED,
    FIND_CONTACTS,
    LIST_CONTACTS,
];
