//! Stores the artist pages of a source (names, relatives and links) for artists and producers that are
//! already known. One statement handles many pages, and a page that has not changed writes nothing.

use tokio_postgres::Error;

use crate::domain::credits::Source;
use crate::platform::db::{Client, Param};

/// Rows taken from several pages: the page's id and two texts.
#[derive(Debug, Default)]
pub struct PageLines {
    /// The artist's id at the source.
    pub ids: Vec<String>,
    /// A name, the id of a relative, or the kind of a link.
    pub first: Vec<String>,
    /// The normalized form of the name, the kind of relation, or the value of the link.
    pub second: Vec<String>,
}

impl PageLines {
    /// Adds a row.
    pub fn push(&mut self, id: &str, first: impl Into<String>, second: impl Into<String>) {
        self.ids.push(id.to_owned());
        self.first.push(first.into());
        self.second.push(second.into());
    }
}

/// The content of several artist pages.
#[derive(Debug, Default)]
pub struct ArtistPages {
    /// The artists' names, each with its normalized form.
    pub names: PageLines,
    /// Other spellings of the names, each with its normalized form.
    pub aliases: PageLines,
    /// Related artists: the id, and `alias` or `member_of`.
    pub relatives: PageLines,
    /// Links: the kind and the value.
    pub links: PageLines,
}

const LIST_KNOWN: &str = "
    SELECT source_id FROM artist_identities WHERE source = $2::text::source AND source_id = ANY ($1::text[])
    UNION
    SELECT i.source_id
    FROM unnest($1::text[]) AS n (id)
    JOIN producer_identities i ON i.source = $2::text::source AND md5(i.source_id) = md5(n.id)";

/// The ids among `ids` that belong to a known artist or producer.
pub async fn list_known(client: &Client<'_>, source: Source, ids: &[String]) -> Result<Vec<String>, Error> {
    let rows = client.query(LIST_KNOWN, &[&ids, &source]).await?;
    Ok(rows.iter().map(|row| row.get("source_id")).collect())
}

// Names from Spotify or MusicBrainz take precedence. If an artist has several ids, the name comes from the
// smallest.
const RENAME_ARTISTS: &str = "
    UPDATE artists a
    SET name = n.name
    FROM unnest($1::text[], $2::text[]) AS n (id, name)
    JOIN artist_identities i ON i.source = $3::text::source AND i.source_id = n.id
    WHERE a.id = i.artist_id AND a.spotify_id IS NULL AND a.name IS DISTINCT FROM n.name
      AND NOT EXISTS (
          SELECT FROM artist_identities o
          WHERE o.artist_id = a.id
            AND (o.source < $3::text::source
                 OR (o.source = $3::text::source
                     AND (length(o.source_id), o.source_id) < (length(n.id), n.id))))";

const RENAME_IDENTITIES: &str = "
    UPDATE producer_identities i
    SET name = n.name
    FROM unnest($1::text[], $2::text[]) AS n (id, name)
    WHERE i.source = $3::text::source AND md5(i.source_id) = md5(n.id) AND i.name IS DISTINCT FROM n.name";

// If a producer has several identities, the name comes from the smallest id at the best source.
const RENAME_PRODUCERS: &str = "
    UPDATE producers p
    SET name = n.name, normalized_name = n.folded
    FROM unnest($1::text[], $2::text[], $3::text[]) AS n (id, name, folded)
    JOIN producer_identities i ON i.source = $4::text::source AND md5(i.source_id) = md5(n.id)
    WHERE p.id = i.producer_id AND (p.name, p.normalized_name) IS DISTINCT FROM (n.name, n.folded)
      AND i.id = (
          SELECT o.id FROM producer_identities o
          WHERE o.producer_id = p.id
          ORDER BY o.source, o.source_id
          LIMIT 1)";

const INSERT_PAGES: &str = "
    INSERT INTO artist_pages (source, source_id)
    SELECT $2::text::source, id FROM unnest($1::text[]) AS n (id)
    ORDER BY id
    ON CONFLICT DO NOTHING";

// If a producer has several ids at the source, nothing is deleted: a name that one page lacks may be on
// another.
const DELETE_ALIASES: &str = "
    DELETE FROM producer_names p
    USING unnest($1::text[]) AS n (id)
    JOIN producer_identities i ON i.source = $4::text::source AND md5(i.source_id) = md5(n.id)
    WHERE p.producer_id = i.producer_id AND p.source = $4::text::source AND p.kind = 'alias'
      AND NOT EXISTS (
          SELECT FROM unnest($2::text[], $3::text[]) AS s (id, name) WHERE s.id = n.id AND s.name = p.name)
      AND NOT EXISTS (
          SELECT FROM producer_identities o
          WHERE o.producer_id = i.producer_id AND o.source = $4::text::source AND o.id <> i.id)";

const INSERT_NAMES: &str = "
    INSERT INTO producer_names (producer_id, name, kind, source, normalized_name)
    SELECT DISTINCT i.producer_id, n.name, $4::text::producer_name_kind, $5::text::source, n.folded
    FROM unnest($1::text[], $2::text[], $3::text[]) AS n (id, name, folded)
    JOIN producer_identities i ON i.source = $5::text::source AND md5(i.source_id) = md5(n.id)
    WHERE n.folded <> ''
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING";

// As for aliases, nothing is deleted if the producer has several ids at the source.
const DELETE_RELATIVES: &str = "
    DELETE FROM producer_links l
    USING unnest($1::text[]) AS n (id)
    JOIN producer_identities i ON i.source = $5::text::source AND md5(i.source_id) = md5(n.id)
    WHERE l.producer_id = i.producer_id AND l.source = $5::text::source
      AND NOT EXISTS (
          SELECT FROM unnest($2::text[], $3::text[], $4::text[]) AS s (id, relative, kind)
          JOIN producer_identities r ON r.source = $5::text::source AND md5(r.source_id) = md5(s.relative)
          WHERE s.id = n.id AND s.kind = l.kind::text AND r.producer_id = l.linked_producer_id)
      AND NOT EXISTS (
          SELECT FROM producer_identities o
          WHERE o.producer_id = i.producer_id AND o.source = $5::text::source AND o.id <> i.id)";

const INSERT_RELATIVES: &str = "
    INSERT INTO producer_links (producer_id, linked_producer_id, kind, source)
    SELECT DISTINCT i.producer_id, r.producer_id, n.kind::producer_link_kind, $4::text::source
    FROM unnest($1::text[], $2::text[], $3::text[]) AS n (id, relative, kind)
    JOIN producer_identities i ON i.source = $4::text::source AND md5(i.source_id) = md5(n.id)
    JOIN producer_identities r ON r.source = $4::text::source AND md5(r.source_id) = md5(n.relative)
    WHERE i.producer_id <> r.producer_id
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING";

const DELETE_LINKS: &str = "
    DELETE FROM producer_contacts c
    USING unnest($1::text[]) AS n (id)
    JOIN producer_identities i ON i.source = $5::text::source AND md5(i.source_id) = md5(n.id)
    WHERE c.producer_id = i.producer_id AND c.source = $5::text::source AND c.source_id = n.id
      AND NOT EXISTS (
          SELECT FROM unnest($2::text[], $3::text[], $4::text[]) AS s (id, kind, value)
          WHERE s.id = n.id AND s.kind = c.kind AND s.value = c.value)";

const INSERT_LINKS: &str = "
    INSERT INTO producer_contacts (producer_id, kind, value, source, source_id)
    SELECT DISTINCT ON (i.producer_id, n.kind, n.value) i.producer_id, n.kind, n.value, $4::text::source, n.id
    FROM unnest($1::text[], $2::text[], $3::text[]) AS n (id, kind, value)
    JOIN producer_identities i ON i.source = $4::text::source AND md5(i.source_id) = md5(n.id)
    ORDER BY i.producer_id, n.kind, n.value, length(n.id), n.id
    ON CONFLICT DO NOTHING";

/// Renames artists and producers, given their ids at the source with the name and its normalized form.
/// Returns the number of rows written.
pub async fn rename(client: &Client<'_>, source: Source, names: &PageLines) -> Result<u64, Error> {
    let PageLines {
        ids,
        first: names,
        second: folded,
    } = names;
    let artists = client.execute(RENAME_ARTISTS, &[ids, names, &source]).await?;
    let identities = client.execute(RENAME_IDENTITIES, &[ids, names, &source]).await?;
    let producers = client
        .execute(RENAME_PRODUCERS, &[ids, names, folded, &source])
        .await?;
    Ok(artists + identities + producers)
}

/// Stores the content of pages and returns the number of rows written.
pub async fn upsert(client: &Client<'_>, source: Source, pages: &ArtistPages) -> Result<u64, Error> {
    let mut written = rename(client, source, &pages.names).await?;
    let PageLines {
        ids,
        first: names,
        second: folded,
    } = &pages.names;
    written += client.execute(INSERT_PAGES, &[ids, &source]).await?;
    written += client
        .execute(INSERT_NAMES, &[ids, names, folded, &"primary", &source])
        .await?;
    let aliases = &pages.aliases;
    written += client
        .execute(DELETE_ALIASES, &[ids, &aliases.ids, &aliases.first, &source])
        .await?;
    let aliases: [&dyn Param; 5] = [&aliases.ids, &aliases.first, &aliases.second, &"alias", &source];
    written += client.execute(INSERT_NAMES, &aliases).await?;
    for (lines, delete, insert) in [
        (&pages.relatives, DELETE_RELATIVES, INSERT_RELATIVES),
        (&pages.links, DELETE_LINKS, INSERT_LINKS),
    ] {
        let PageLines {
            ids: line_ids,
            first,
            second,
        } = lines;
        written += client
            .execute(delete, &[ids, line_ids, first, second, &source])
            .await?;
        written += client
            .execute(insert, &[line_ids, first, second, &source])
            .await?;
    }
    Ok(written)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_KNOWN,
    RENAME_ARTISTS,
    RENAME_IDENTITIES,
    RENAME_PRODUCERS,
    INSERT_PAGES,
    DELETE_ALIASES,
    INSERT_NAMES,
    DELETE_RELATIVES,
    INSERT_RELATIVES,
    DELETE_LINKS,
    INSERT_LINKS,
];
