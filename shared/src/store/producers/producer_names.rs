//! The names of producers: the main name, aliases and names printed in credits.

use crate::domain::credits::Source;
use crate::domain::ids::ProducerId;
use crate::domain::names;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// The kind of a producer's name.
    NameKind {
        /// The source's main name for the producer.
        Primary = "primary",
        /// Another name that the source states.
        Alias = "alias",
        /// A name as printed in a credit.
        CreditedAs = "credited_as",
    }
}

/// A name of a producer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProducerName {
    /// The producer.
    pub producer_id: ProducerId,
    /// The name.
    pub name: String,
    /// The name's kind.
    pub kind: NameKind,
}

const INSERT_NAMES: &str = "
    INSERT INTO producer_names (producer_id, name, kind, source, normalized_name)
    SELECT producer_id, name, kind::producer_name_kind, $1::text::source, normalized_name
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[])
         AS n (producer_id, name, kind, normalized_name)
    ORDER BY producer_id, md5(name), kind
    ON CONFLICT DO NOTHING";

/// Adds names that a source states.
pub async fn insert_names(
    client: &Client<'_>,
    source: Source,
    names: &[ProducerName],
) -> Result<u64, tokio_postgres::Error> {
    let producers: Vec<ProducerId> = names.iter().map(|name| name.producer_id).collect();
    let (texts, kinds) = texts_and_kinds(names);
    let folded: Vec<String> = texts.iter().map(|name| names::fold(name)).collect();
    client
        .execute(INSERT_NAMES, &[&source, &producers, &texts, &kinds, &folded])
        .await
}

const DELETE_OTHER_NAMES: &str = "
    DELETE FROM producer_names
    WHERE producer_id = $1 AND source = $2::text::source AND kind IN ('primary', 'alias')
      AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS n (name, kind)
                      WHERE n.name = producer_names.name AND n.kind = producer_names.kind::text)";

/// Replaces the main names and aliases that a source states for a producer. Names from credits stay.
pub async fn replace_names(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    names: &[ProducerName],
) -> Result<u64, tokio_postgres::Error> {
    let (texts, kinds) = texts_and_kinds(names);
    let deleted = client
        .execute(DELETE_OTHER_NAMES, &[&id, &source, &texts, &kinds])
        .await?;
    Ok(deleted + insert_names(client, source, names).await?)
}

fn texts_and_kinds(names: &[ProducerName]) -> (Vec<&str>, Vec<NameKind>) {
    names.iter().map(|name| (name.name.as_str(), name.kind)).unzip()
}

pub(in crate::store) const STATEMENTS: &[&str] = &[INSERT_NAMES, DELETE_OTHER_NAMES];
