//! Which producers are one by what the sources state: a link from one to the other, or the same name on the same track.
//! Making them one is [`super::producer_merges`]; what is only likely is in [`super::producer_duplicates`].

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::credits::Source;
use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

// Where a record states several pages of one site, nobody knows which of them is the same person. Links to Genius have its
// word for an artist instead of the number: whose page that is, the page itself says.
const LIST_STATED: &str = "
    WITH stated AS (
        SELECT c.producer_id, c.kind, c.value,
               count(*) OVER (PARTITION BY c.source, c.source_id, c.kind) AS pages
        FROM producer_contacts c
        WHERE c.producer_id = $1
           OR c.producer_id IN (
               SELECT other.producer_id
               FROM producer_identities i
               JOIN producer_contacts other ON other.kind = i.source::text AND md5(other.value) = md5(i.source_id)
               WHERE i.producer_id = $1
               UNION ALL
               SELECT other.producer_id
               FROM producer_contacts page
               JOIN producer_contacts other ON other.kind = 'genius' AND md5(other.value) = md5(page.value)
               WHERE page.producer_id = $1 AND page.kind = 'genius' AND page.source = 'genius')
    )
    SELECT DISTINCT CASE stated.producer_id WHEN $1 THEN i.producer_id ELSE stated.producer_id END
    FROM stated
    CROSS JOIN LATERAL (
        SELECT identity.producer_id
        FROM producer_identities identity
        WHERE identity.source = CASE WHEN stated.kind IN ('musicbrainz', 'discogs', 'genius', 'spotify', 'wikidata') THEN stated.kind::source END
          AND md5(identity.source_id) = md5(stated.value)
        UNION ALL
        SELECT page.producer_id
        FROM producer_contacts page
        WHERE stated.kind = 'genius' AND page.kind = 'genius' AND page.source = 'genius' AND md5(page.value) = md5(stated.value)
    ) i
    WHERE stated.pages = 1 AND i.producer_id <> stated.producer_id AND $1 IN (i.producer_id, stated.producer_id)
    ORDER BY 1";

// Names that are alike anywhere first; then whether those two are printed alike for one track. A credit of a range is for
// its tracks alone, and one whose range nobody could resolve for none.
const LIST_NAMESAKES: &str = "
    WITH named_alike AS MATERIALIZED (
        SELECT DISTINCT other.producer_id
        FROM producer_names own
        JOIN producer_names other ON other.search_key = own.search_key AND other.producer_id <> own.producer_id
        WHERE own.producer_id = $1 AND own.kind IN ('primary', 'credited_as') AND other.kind IN ('primary', 'credited_as')
    )
    SELECT n.producer_id
    FROM named_alike n
    WHERE EXISTS (
        SELECT FROM producer_identities i
        JOIN credits c ON c.producer_identity_id = i.id
        JOIN credits d ON d.album_id = c.album_id
        JOIN producer_identities j ON j.id = d.producer_identity_id AND j.producer_id = n.producer_id
        JOIN tracks t ON t.album_id = c.album_id
        WHERE i.producer_id = $1
          AND ARRAY[fold_name(c.credited_as), fold_name(i.name)] && ARRAY[fold_name(d.credited_as), fold_name(j.name)]
          AND (c.track_id = t.id
               OR (c.track_id IS NULL AND c.track_positions IS NULL AND c.track_range IS NULL)
               OR (t.disc_number || '-' || t.track_number = ANY (c.track_positions) AND t.removed_at IS NULL))
          AND (d.track_id = t.id
               OR (d.track_id IS NULL AND d.track_positions IS NULL AND d.track_range IS NULL)
               OR (t.disc_number || '-' || t.track_number = ANY (d.track_positions) AND t.removed_at IS NULL)))
    ORDER BY 1";

const LIST_LINKED_SOURCES: &str = "
    SELECT DISTINCT producer_id, source::text
    FROM producer_identities
    WHERE producer_id = ANY ($1::bigint[]) AND NOT starts_with(source_id, 'unlinked:')";

// What a person has undone is not done again.
const LIST_UNDONE: &str = "
    SELECT DISTINCT n.id
    FROM unnest($2::bigint[]) AS n (id)
    JOIN producer_merges m ON m.unmerged_at IS NOT NULL
     AND ((current_producer(m.kept_id) = $1 AND current_producer(m.gone_id) = n.id)
          OR (current_producer(m.kept_id) = n.id AND current_producer(m.gone_id) = $1))";

/// Why two producers are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinReason {
    /// A source states a link from one to the other.
    StatedLink,
    /// Both are credited for one track under the same name.
    SameTrack,
}

/// A producer that is the same as this one, if there is one. None of whom one source knows by two ids, nor where several
/// fit who are not the same, seen from either of the two.
///
/// # Errors
/// The database's.
pub async fn find(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<(ProducerId, JoinReason)>, tokio_postgres::Error> {
    for (statement, why) in [
        (LIST_STATED, JoinReason::StatedLink),
        (LIST_NAMESAKES, JoinReason::SameTrack),
    ] {
        for other in list_fitting(client, statement, id.0).await? {
            let fit_it = list_fitting(client, statement, other).await?;
            if fit_it.contains(&id.0) {
                return Ok(Some((ProducerId(other), why)));
            }
        }
    }
    Ok(None)
}

/// Those who fit by a statement, without any who are told apart from it or from another of them.
async fn list_fitting(
    client: &Client<'_>,
    statement: &'static str,
    id: i64,
) -> Result<Vec<i64>, tokio_postgres::Error> {
    let rows = client.query(statement, &[&id]).await?;
    let others: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    if others.is_empty() {
        return Ok(others);
    }
    let undone = client.query(LIST_UNDONE, &[&id, &others]).await?;
    let undone: BTreeSet<i64> = undone.iter().map(|row| row.get(0)).collect();
    let sources = linked_sources(client, id, &others).await?;
    let fitting: Vec<i64> = others
        .into_iter()
        .filter(|other| !undone.contains(other) && !is_apart(&sources, id, *other))
        .collect();
    let is_clear = |one: &i64| !fitting.iter().any(|other| is_apart(&sources, *one, *other));
    Ok(fitting.iter().copied().filter(is_clear).collect())
}

type Sources = BTreeMap<i64, BTreeSet<Source>>;

async fn linked_sources(
    client: &Client<'_>,
    id: i64,
    others: &[i64],
) -> Result<Sources, tokio_postgres::Error> {
    let ids: Vec<i64> = others.iter().copied().chain([id]).collect();
    let mut sources = Sources::new();
    for row in client.query(LIST_LINKED_SOURCES, &[&ids]).await? {
        let source = row.get::<_, &str>(1).parse().expect("the enum of the schema");
        sources.entry(row.get(0)).or_default().insert(source);
    }
    Ok(sources)
}

/// Whether some source has a page for each of two.
fn is_apart(sources: &Sources, one: i64, other: i64) -> bool {
    one != other
        && match (sources.get(&one), sources.get(&other)) {
            (Some(one), Some(other)) => !one.is_disjoint(other),
            _ => false,
        }
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[LIST_STATED, LIST_NAMESAKES, LIST_LINKED_SOURCES, LIST_UNDONE];
