//! Producers that belong together and are counted apart: another name of one person, and who is in a group.
//! Whether two are the same producer is in [`super::producer_joins`].

use crate::domain::credits::Source;
use crate::domain::ids::ProducerId;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// What another one is to a producer.
    ProducerRelation {
        /// The same person under another name.
        Alias = "alias",
        /// A group that the producer is in.
        Group = "group",
        /// Somebody who is in the producer, a group.
        Member = "member",
    }
}

/// Whom a source's record relates a producer to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelatedIdentity {
    /// What the other one is.
    pub relation: ProducerRelation,
    /// Who it is, there.
    pub source_id: String,
}

// An alias is the same from both sides: the lower id comes first.
const REPLACE: &str = "
    WITH stated AS (
        SELECT DISTINCT
               CASE n.relation WHEN 'alias' THEN LEAST($1::bigint, i.producer_id) WHEN 'group' THEN $1::bigint ELSE i.producer_id END AS producer_id,
               CASE n.relation WHEN 'alias' THEN GREATEST($1::bigint, i.producer_id) WHEN 'group' THEN i.producer_id ELSE $1::bigint END AS linked_producer_id,
               CASE n.relation WHEN 'alias' THEN 'alias' ELSE 'member_of' END::producer_link_kind AS kind
        FROM unnest($3::text[], $4::text[]) AS n (relation, source_id)
        JOIN producer_identities i ON i.source = $2::text::source AND md5(i.source_id) = md5(n.source_id)
        WHERE i.producer_id <> $1::bigint
    ), gone AS (
        DELETE FROM producer_links l
        WHERE $5::boolean AND l.source = $2::text::source AND $1::bigint IN (l.producer_id, l.linked_producer_id)
          AND NOT EXISTS (SELECT FROM stated s WHERE (s.producer_id, s.linked_producer_id, s.kind) = (l.producer_id, l.linked_producer_id, l.kind))
    )
    INSERT INTO producer_links (producer_id, linked_producer_id, kind, source)
    SELECT producer_id, linked_producer_id, kind, $2::text::source FROM stated
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING";

/// Keeps whom a source relates a producer to, as far as they are known as producers; where this is `all` that it states,
/// what it does not state any more goes.
///
/// # Errors
/// The database's.
pub async fn replace(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    related: &[RelatedIdentity],
    all: bool,
) -> Result<u64, tokio_postgres::Error> {
    let relations: Vec<&str> = related.iter().map(|one| one.relation.as_str()).collect();
    let source_ids: Vec<&str> = related.iter().map(|one| one.source_id.as_str()).collect();
    client
        .execute(REPLACE, &[&id.0, &source.as_str(), &relations, &source_ids, &all])
        .await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[REPLACE];
