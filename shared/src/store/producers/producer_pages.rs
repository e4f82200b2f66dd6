//! Who is this producer? Statistics, names and identities, and how to reach them, which is asked for apart: not
//! everybody may know it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::contacts;
use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

/// A producer, without anything that tells how to reach them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProducerSummary {
    /// The producer's id.
    pub id: ProducerId,
    /// The name the best source gives.
    pub name: String,
    /// A picture, as long as its link holds.
    pub image_url: Option<String>,
    /// How many songs they produced; versions of one count once.
    pub track_count: i32,
    /// For how many artists, without themselves.
    pub artist_count: i32,
    /// The average popularity of the tracks where it is known, 0-100.
    pub average_popularity: Option<f32>,
    /// The year of the earliest of them.
    pub first_year: Option<i16>,
    /// The year of the latest.
    pub last_year: Option<i16>,
    /// When the counts were made; null where they never were.
    pub counted_at: Option<DateTime<Utc>>,
    /// When their contacts were last looked for to the end.
    pub enriched_at: Option<DateTime<Utc>>,
    /// Whether looking for them fails for reasons on our side or the source's.
    pub enrichment_failed: bool,
}

const FIND: &str = "
    SELECT p.id, p.name,
           CASE WHEN NOT EXISTS (SELECT FROM producer_contacts c
                                 WHERE c.producer_id = p.id AND c.kind = 'image' AND md5(c.value) = md5(p.image_url) AND c.expires_at <= now())
                THEN p.image_url END,
           COALESCE(s.track_count, 0), COALESCE(s.artist_count, 0),
           s.average_popularity, s.first_year, s.last_year, s.computed_at, p.enriched_at, p.enrichment_failed
    FROM producers p
    LEFT JOIN producer_statistics s ON s.producer_id = p.id
    WHERE p.id = $1";

/// The producer with this id.
///
/// # Errors
/// The database's.
pub async fn find(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<ProducerSummary>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[&id.0]).await?;
    Ok(row.map(|row| ProducerSummary {
        id: ProducerId(row.get(0)),
        name: row.get(1),
        image_url: row.get(2),
        track_count: row.get(3),
        artist_count: row.get(4),
        average_popularity: row.get(5),
        first_year: row.get(6),
        last_year: row.get(7),
        counted_at: row.get(8),
        enriched_at: row.get(9),
        enrichment_failed: row.get(10),
    }))
}

/// One of a producer's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedName {
    /// The name.
    pub name: String,
    /// `primary`, `alias` or `credited_as`.
    pub kind: String,
    /// Who says so.
    pub source: String,
}

const LIST_NAMES: &str = "
    SELECT name, kind::text, source::text
    FROM producer_names
    WHERE producer_id = $1
    ORDER BY producer_names.kind, name, producer_names.source
    LIMIT 100";

/// The producer's names, the primary ones first, at most 100.
///
/// # Errors
/// The database's.
pub async fn list_names(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Vec<ListedName>, tokio_postgres::Error> {
    let rows = client.query(LIST_NAMES, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| ListedName {
            name: row.get(0),
            kind: row.get(1),
            source: row.get(2),
        })
        .collect())
}

/// Who a producer is, to one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceIdentity {
    /// The source.
    pub source: String,
    /// The id there; `unlinked:…` for credits that name nobody's id.
    pub source_id: String,
    /// The name there.
    pub name: String,
}

const LIST_IDENTITIES: &str = "
    SELECT source::text, source_id, name
    FROM producer_identities
    WHERE producer_id = $1
    ORDER BY producer_identities.source, source_id
    LIMIT 100";

/// Who the producer is to each source, at most 100.
///
/// # Errors
/// The database's.
pub async fn list_identities(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Vec<SourceIdentity>, tokio_postgres::Error> {
    let rows = client.query(LIST_IDENTITIES, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| SourceIdentity {
            source: row.get(0),
            source_id: row.get(1),
            name: row.get(2),
        })
        .collect())
}

/// A producer that belongs together with another and is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelatedProducer {
    /// The other one.
    pub producer_id: ProducerId,
    /// Their name.
    pub name: String,
    /// What the other one is: `alias`, `group` (of which this one is a member) or `member`.
    pub relation: String,
    /// Who says so.
    pub source: String,
}

const LIST_RELATED: &str = "
    SELECT p.id, p.name, CASE l.kind WHEN 'member_of' THEN 'group' ELSE 'alias' END AS relation, l.source::text
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

/// The producers that belong together with this one, at most 100.
///
/// # Errors
/// The database's.
pub async fn list_related(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Vec<RelatedProducer>, tokio_postgres::Error> {
    let rows = client.query(LIST_RELATED, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| RelatedProducer {
            producer_id: ProducerId(row.get(0)),
            name: row.get(1),
            relation: row.get(2),
            source: row.get(3),
        })
        .collect())
}

/// One way to reach a producer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// What it is: instagram, website, soundcloud, bio, …
    pub kind: String,
    /// A handle, a URL or a text.
    pub value: String,
    /// Who says so, each source once.
    pub sources: Vec<ContactSource>,
    /// Whether several sources say the same.
    pub verified: bool,
}

/// A record that says something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactSource {
    /// Whose it is.
    pub source: String,
    /// Which one.
    pub source_id: String,
}

/// How to reach a producer. For those who may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contacts {
    /// An e-mail address the producer publishes.
    pub email: Option<String>,
    /// Their Instagram handle.
    pub instagram_handle: Option<String>,
    /// What they say of themselves there.
    pub instagram_bio: Option<String>,
    /// Everything that the sources state, by kind; what most of them state first.
    pub contacts: Vec<Contact>,
}

const FIND_CONTACTS: &str = "SELECT email, instagram_handle, instagram_bio FROM producers WHERE id = $1";

const LIST_CONTACTS: &str = "
    SELECT kind, value, array_agg(source::text ORDER BY source), array_agg(source_id ORDER BY source)
    FROM producer_contacts
    WHERE producer_id = $1 AND (expires_at IS NULL OR expires_at > now())
    GROUP BY kind, value
    ORDER BY kind, count(*) DESC, value
    LIMIT 100";

/// How to reach the producer; of what the sources state, at most 100.
///
/// # Errors
/// The database's.
pub async fn find_contacts(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<Contacts>, tokio_postgres::Error> {
    let Some(producer) = client.query_opt(FIND_CONTACTS, &[&id.0]).await? else {
        return Ok(None);
    };
    let rows = client.query(LIST_CONTACTS, &[&id.0]).await?;
    Ok(Some(Contacts {
        email: producer.get(0),
        instagram_handle: producer.get(1),
        instagram_bio: producer.get(2),
        contacts: rows.iter().map(contact).collect(),
    }))
}

fn contact(row: &tokio_postgres::Row) -> Contact {
    let (sources, records): (Vec<String>, Vec<String>) = (row.get(2), row.get(3));
    Contact {
        kind: row.get(0),
        value: row.get(1),
        verified: contacts::is_verified(sources.len()),
        sources: sources
            .into_iter()
            .zip(records)
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
