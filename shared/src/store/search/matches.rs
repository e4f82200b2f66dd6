//! Finds what matches a search text, one kind at a time.

use tokio_postgres::{Error, Row};

use super::kinds::{MatchKind, SearchKind};
use crate::domain::credits::Source;
use crate::domain::names;
use crate::domain::search_text::{SearchSubject, TitleQuery};
use crate::platform::db::Client;

/// A match, before its details are read.
#[derive(Debug, Clone)]
pub(super) struct Match {
    pub(super) kind: SearchKind,
    /// Our id; `None` for a credited person.
    pub(super) id: Option<i64>,
    /// The name of a credited person.
    pub(super) name: Option<String>,
    pub(super) match_kind: MatchKind,
}

const FIND_NAMES: &str = "
    SELECT owner_id AS id, match_rank FROM find_names($1, $2, $3)";

const FIND_SONGS: &str = "
    SELECT id, match_rank FROM find_songs($1, $2, $3, $4)";

const FIND_ALBUMS: &str = "
    SELECT id, match_rank FROM find_albums($1, $2, $3, $4)";

// One index look-up for each person: the next name behind the last one.
const FIND_PEOPLE: &str = "
    WITH RECURSIVE people (key) AS (
        (SELECT left(fold_name(c.credited_as), 60) COLLATE \"C\"
         FROM credits c
         WHERE c.producer_identity_id IS NULL AND left(fold_name(c.credited_as), 60) COLLATE \"C\" >= $1
           AND left(fold_name(c.credited_as), 60) COLLATE \"C\" < $1 || U&'\\+10FFFF'
         ORDER BY left(fold_name(c.credited_as), 60) COLLATE \"C\" LIMIT 1)
        UNION ALL
        SELECT (SELECT left(fold_name(c.credited_as), 60) COLLATE \"C\"
                FROM credits c
                WHERE c.producer_identity_id IS NULL
                  AND left(fold_name(c.credited_as), 60) COLLATE \"C\" > p.key
                  AND left(fold_name(c.credited_as), 60) COLLATE \"C\" < $1 || U&'\\+10FFFF'
                ORDER BY left(fold_name(c.credited_as), 60) COLLATE \"C\" LIMIT 1)
        FROM people p
        WHERE p.key IS NOT NULL
    )
    SELECT key, key = $1 AS is_equal
    FROM people
    WHERE key IS NOT NULL
    LIMIT $2";

/// The matches of one kind for a text that is no id, the best first.
pub(super) async fn by_words(
    client: &Client<'_>,
    kind: SearchKind,
    text: &str,
    query: &TitleQuery,
    limit: i32,
) -> Result<Vec<Match>, Error> {
    let ranked = |rows: Vec<Row>, kind_of_rank: fn(i16) -> MatchKind| {
        rows.iter()
            .map(|row| Match {
                kind,
                id: Some(row.get("id")),
                name: None,
                match_kind: kind_of_rank(row.get("match_rank")),
            })
            .collect()
    };
    Ok(match kind {
        SearchKind::Producer | SearchKind::Artist => {
            let of_artists = kind == SearchKind::Artist;
            let rows = client
                .query(FIND_NAMES, &[&names::fold(text), &of_artists, &limit])
                .await?;
            ranked(rows, of_name_rank)
        }
        SearchKind::Song | SearchKind::Album if query.title.is_empty() => Vec::new(),
        SearchKind::Song | SearchKind::Album => {
            let sql = if kind == SearchKind::Song {
                FIND_SONGS
            } else {
                FIND_ALBUMS
            };
            let keys: Vec<String> = query.titles.iter().map(|title| search_key(title)).collect();
            let rows = client
                .query(sql, &[&search_key(&query.title), &keys, &query.artists, &limit])
                .await?;
            ranked(rows, of_title_rank)
        }
        SearchKind::Person => {
            let key: String = names::fold(text).chars().take(60).collect();
            if key.is_empty() {
                return Ok(Vec::new());
            }
            let rows = client.query(FIND_PEOPLE, &[&key, &i64::from(limit)]).await?;
            rows.iter().map(person).collect()
        }
    })
}

/// The part of a title's key that is searched.
fn search_key(key: &str) -> String {
    key.chars().take(60).collect()
}

fn person(row: &Row) -> Match {
    let is_equal: bool = row.get("is_equal");
    Match {
        kind: SearchKind::Person,
        id: None,
        name: Some(row.get("key")),
        match_kind: if is_equal {
            MatchKind::Exact
        } else {
            MatchKind::Prefix
        },
    }
}

/// The kind of the ranks of the database function `find_names`.
fn of_name_rank(rank: i16) -> MatchKind {
    match rank {
        0 => MatchKind::Exact,
        1 => MatchKind::Word,
        2 => MatchKind::Prefix,
        _ => MatchKind::Similar,
    }
}

/// The kind of the ranks of the database functions `find_songs` and `find_albums`.
fn of_title_rank(rank: i16) -> MatchKind {
    match rank {
        0 | 4 => MatchKind::Exact,
        3 => MatchKind::Word,
        1 | 5 => MatchKind::Prefix,
        _ => MatchKind::Similar,
    }
}

const FIND_BY_RECORD: &str = "
    SELECT id
    FROM (
        SELECT producer_id AS id FROM producer_identities
        WHERE $1 = 'producer' AND source = $2::text::source AND md5(source_id) = md5($3) AND source_id = $3
        UNION
        SELECT artist_id FROM artist_identities
        WHERE $1 = 'artist' AND source = $2::text::source AND source_id = $3
        UNION
        SELECT album_id FROM album_links
        WHERE $1 = 'album' AND source = $2::text::source AND source_id = $3
        UNION
        SELECT id FROM albums WHERE $1 = 'album' AND $2 = 'spotify' AND spotify_id = $3
        UNION
        SELECT t.normalized_track_id FROM track_links l JOIN tracks t ON t.id = l.track_id
        WHERE $1 = 'song' AND l.source = $2::text::source AND l.source_id = $3
        UNION
        SELECT normalized_track_id FROM tracks WHERE $1 = 'song' AND $2 = 'spotify' AND spotify_id = $3
    ) AS found
    WHERE id IS NOT NULL
    ORDER BY id
    LIMIT $4";

const FIND_BY_ISRC: &str = "
    SELECT DISTINCT normalized_track_id AS id FROM tracks
    WHERE isrc IS NOT NULL AND isrc = $1 AND normalized_track_id IS NOT NULL
    ORDER BY id LIMIT $2";

const FIND_BY_UPC: &str = "
    SELECT id FROM albums WHERE upc IS NOT NULL AND upc = $1 ORDER BY id LIMIT $2";

/// The rows of one kind that an id names.
pub(super) async fn by_id(
    client: &Client<'_>,
    kind: SearchKind,
    subject: &SearchSubject,
    limit: i32,
) -> Result<Vec<Match>, Error> {
    let limit = i64::from(limit);
    let rows = match subject {
        SearchSubject::Record { source, source_id } => {
            let source: &Source = source;
            client
                .query(
                    FIND_BY_RECORD,
                    &[&kind.as_str(), &source.as_str(), source_id, &limit],
                )
                .await?
        }
        SearchSubject::Isrc(isrc) if kind == SearchKind::Song => {
            client.query(FIND_BY_ISRC, &[isrc, &limit]).await?
        }
        SearchSubject::Upc(upc) if kind == SearchKind::Album => {
            client.query(FIND_BY_UPC, &[upc, &limit]).await?
        }
        _ => Vec::new(),
    };
    Ok(rows
        .iter()
        .map(|row| Match {
            kind,
            id: Some(row.get("id")),
            name: None,
            match_kind: MatchKind::Exact,
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    FIND_NAMES,
    FIND_SONGS,
    FIND_ALBUMS,
    FIND_PEOPLE,
    FIND_BY_RECORD,
    FIND_BY_ISRC,
    FIND_BY_UPC,
];
