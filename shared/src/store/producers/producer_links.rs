//! Links between producers that are counted separately: aliases of one person, and groups and their members.

use crate::domain::credits::Source;
use crate::domain::ids::ProducerId;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// How another producer is related to a producer.
    ProducerRelation {
        /// The same person under another name.
        Alias = "alias",
        /// A group that the producer is a member of.
        Group = "group",
        /// A member of the producer, which is a group.
        Member = "member",
    }
}

/// Another identity of a source that the source relates a producer to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelatedIdentity {
    /// How it is related to the producer.
    pub relation: ProducerRelation,
    /// Its id in the source.
    pub source_id: String,
}

// An alias is the same link from both sides, so it is stored with the lower id first.
const REPLACE: &str = "
    WITH stated AS (
        SELECT DISTINCT
               CASE n.relation WHEN 'alias' THEN LEAST($1::bigint, i.producer_id)
                               WHEN 'group' THEN $1::bigint
                               ELSE i.producer_id END AS producer_id,
               CASE n.relation WHEN 'alias' THEN GREATEST($1::bigint, i.producer_id)
                               WHEN 'group' THEN i.producer_id
                               ELSE $1::bigint END AS linked_producer_id,
               CASE n.relation WHEN 'alias' THEN 'alias' ELSE 'member_of' END::producer_link_kind AS kind
        FROM unnest($3::text[], $4::text[]) AS n (relation, source_id)
        JOIN producer_identities i ON i.source = $2::text::source AND md5(i.source_id) = md5(n.source_id)
        WHERE i.producer_id <> $1::bigint
    ), gone AS (
        DELETE FROM producer_links l
        WHERE $5::boolean AND l.source = $2::text::source
          AND $1::bigint IN (l.producer_id, l.linked_producer_id)
          AND NOT EXISTS (
              SELECT FROM stated s
              WHERE (s.producer_id, s.linked_producer_id, s.kind)
                    = (l.producer_id, l.linked_producer_id, l.kind))
    )
    INSERT INTO producer_links (producer_id, linked_producer_id, kind, source)
    SELECT producer_id, linked_producer_id, kind, $2::text::source FROM stated
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING";

/// Stores the links that a source states between a producer and `related`, for those that are producers here.
/// With `all`, which means that the source states no others, its other links of the producer are deleted.
pub async fn replace(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    related: &[RelatedIdentity],
    all: bool,
) -> Result<u64, tokio_postgres::Error> {
    let relations: Vec<ProducerRelation> = related.iter().map(|identity| identity.relation).collect();
    let source_ids: Vec<&str> = related
        .iter()
        .map(|identity| identity.source_id.as_str())
        .collect();
    client
        .execute(REPLACE, &[&id, &source, &relations, &source_ids, &all])
        .await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[REPLACE];
