//! Finds producers that are the same according to the sources: one links to the other, or both are credited
//! under one name for one track. For producers that are only likely to be the same see
//! [`super::producer_duplicates`].

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::credits::Source;
use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

// A record that links to several pages of one site does not show which of them is the same person, so it
// counts for none. Links to Genius have the artist's URL name instead of the number; the Genius page's own
// contact row has that name, too.
const LIST_STATED: &str = "
    WITH stated AS (
        SELECT c.producer_id, c.kind, c.value,
               count(*) OVER (PARTITION BY c.source, c.source_id, c.kind) AS pages
        FROM producer_contacts c
        WHERE c.producer_id = $1
           OR c.producer_id IN (
               SELECT other.producer_id
               FROM producer_identities i
               JOIN producer_contacts other ON other.kind = i.source::text
                   AND md5(other.value) = md5(i.source_id)
               WHERE i.producer_id = $1
               UNION ALL
               SELECT other.producer_id
               FROM producer_contacts page
               JOIN producer_contacts other ON other.kind = 'genius' AND md5(other.value) = md5(page.value)
               WHERE page.producer_id = $1 AND page.kind = 'genius' AND page.source = 'genius')
    )
    SELECT DISTINCT CASE stated.producer_id WHEN $1 THEN i.producer_id
                                            ELSE stated.producer_id END AS producer_id
    FROM stated
    CROSS JOIN LATERAL (
        SELECT identity.producer_id
        FROM producer_identities identity
        WHERE identity.source = CASE WHEN stated.kind IN ('musicbrainz', 'discogs', 'genius', 'spotify',
                                                          'wikidata')
                                     THEN stated.kind::source END
          AND md5(identity.source_id) = md5(stated.value)
        UNION ALL
        SELECT page.producer_id
        FROM producer_contacts page
        WHERE stated.kind = 'genius' AND page.kind = 'genius' AND page.source = 'genius'
          AND md5(page.value) = md5(stated.value)
    ) i
    WHERE stated.pages = 1 AND i.producer_id <> stated.producer_id
      AND $1 IN (i.producer_id, stated.producer_id)
    ORDER BY 1";

// First the producers that share a name at all, then those that are credited under one name for one track.
const LIST_NAMESAKES: &str = "
    WITH named_alike AS MATERIALIZED (
        SELECT DISTINCT other.producer_id
        FROM producer_names own
        JOIN producer_names other ON other.search_key = own.search_key
            AND other.producer_id <> own.producer_id
        WHERE own.producer_id = $1 AND own.kind IN ('primary', 'credited_as')
          AND other.kind IN ('primary', 'credited_as')
    )
    SELECT n.producer_id
    FROM named_alike n
    WHERE EXISTS (
        SELECT FROM producer_identities i
        JOIN credits c ON c.producer_identity_id = i.id
        JOIN credits d ON d.album_id = c.album_id
        JOIN producer_identities j ON j.id = d.producer_identity_id AND j.producer_id = n.producer_id
        JOIN tracks t ON t.album_id = c.album_id
        WHERE i.producer_id = $1 AND NOT is_called_new(i) AND NOT is_called_new(j)
          AND ARRAY[fold_name(c.credited_as), fold_name(i.name)]
              && ARRAY[fold_name(d.credited_as), fold_name(j.name)]
          AND covers(c, t) AND covers(d, t))
    ORDER BY 1";

const LIST_LINKED_SOURCES: &str = "
    SELECT DISTINCT producer_id, source::text AS source
    FROM producer_identities i
    WHERE producer_id = ANY ($1::bigint[]) AND has_source_id(i)";

// A merge that a person has undone is not repeated.
const LIST_UNDONE: &str = "
    SELECT DISTINCT n.id
    FROM unnest($2::bigint[]) AS n (id)
    JOIN producer_merges m ON m.unmerged_at IS NOT NULL
     AND ((current_producer(m.kept_id) = $1 AND current_producer(m.gone_id) = n.id)
          OR (current_producer(m.kept_id) = n.id AND current_producer(m.gone_id) = $1))";

/// Why two producers are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinReason {
    /// A source links one to the other.
    StatedLink,
    /// Both are credited under one name for one track.
    SameTrack,
}

/// A producer that is the same as this one. Two producers with different ids in one source are never the
/// same, and if several producers match that cannot all be the same, seen from either side, none of them is
/// returned. A producer whom a person called new is the same as none by name.
pub async fn find(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<(ProducerId, JoinReason)>, tokio_postgres::Error> {
    for (statement, reason) in [
        (LIST_STATED, JoinReason::StatedLink),
        (LIST_NAMESAKES, JoinReason::SameTrack),
    ] {
        for other in list_matches(client, statement, id).await? {
            if list_matches(client, statement, other).await?.contains(&id) {
                return Ok(Some((other, reason)));
            }
        }
    }
    Ok(None)
}

/// The producers that a statement matches with this one, without those that cannot be the same as it or as
/// another match.
async fn list_matches(
    client: &Client<'_>,
    statement: &'static str,
    id: ProducerId,
) -> Result<Vec<ProducerId>, tokio_postgres::Error> {
    let rows = client.query(statement, &[&id]).await?;
    let others: Vec<ProducerId> = rows.iter().map(|row| row.get("producer_id")).collect();
    if others.is_empty() {
        return Ok(others);
    }
    let undone = client.query(LIST_UNDONE, &[&id, &others]).await?;
    let undone: BTreeSet<ProducerId> = undone.iter().map(|row| row.get("id")).collect();
    let sources = list_linked_sources(client, id, &others).await?;
    let matches: Vec<ProducerId> = others
        .into_iter()
        .filter(|other| !undone.contains(other) && !are_distinct(&sources, id, *other))
        .collect();
    let is_clear = |first: &ProducerId| {
        !matches
            .iter()
            .any(|second| are_distinct(&sources, *first, *second))
    };
    Ok(matches.iter().copied().filter(is_clear).collect())
}

/// The sources in which each producer has an id.
type LinkedSources = BTreeMap<ProducerId, BTreeSet<Source>>;

async fn list_linked_sources(
    client: &Client<'_>,
    id: ProducerId,
    others: &[ProducerId],
) -> Result<LinkedSources, tokio_postgres::Error> {
    let ids: Vec<ProducerId> = others.iter().copied().chain([id]).collect();
    let mut sources = LinkedSources::new();
    for row in client.query(LIST_LINKED_SOURCES, &[&ids]).await? {
        sources
            .entry(row.get("producer_id"))
            .or_default()
            .insert(row.get("source"));
    }
    Ok(sources)
}

/// Whether two producers both have an id in some source, and so are different people to it.
fn are_distinct(sources: &LinkedSources, first: ProducerId, second: ProducerId) -> bool {
    first != second
        && match (sources.get(&first), sources.get(&second)) {
            (Some(first), Some(second)) => !first.is_disjoint(second),
            _ => false,
        }
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[LIST_STATED, LIST_NAMESAKES, LIST_LINKED_SOURCES, LIST_UNDONE];
