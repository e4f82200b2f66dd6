//! A hash over the catalog, the credits and the contacts by their natural keys, for checking that two
//! databases hold the same content. Ids, times, counters, links that expire and the work tables are left out.

use sha2::{Digest as _, Sha256};
use tokio_postgres::Error;

use crate::platform::db::Client;

/// Defines one statement per table. A row is hashed as JSON; the hash of a table is the sum of its rows'
/// hashes, so that the order of the rows does not matter.
macro_rules! tables {
    ($($constant:ident = $from:literal => [$($column:literal),+ $(,)?];)+) => {
        $(const $constant: &str = concat!(
            "SELECT count(*) AS rows, COALESCE(sum(hashtextextended(jsonb_build_array(",
            tables!(@join $($column),+),
            ")::text, 0)::numeric), 0)::text AS sum FROM ",
            $from
        );)+
        const TABLES: &[(&str, &str)] = &[$((stringify!($constant), $constant)),+];
        pub(in crate::store) const STATEMENTS: &[&str] = &[$($constant),+];
    };
    (@join $first:literal) => { $first };
    (@join $first:literal, $($rest:literal),+) => { concat!($first, ", ", tables!(@join $($rest),+)) };
}

tables! {
    ARTISTS = "artists" => [
        "artist_key(id)", "name", "spotify_id", "followers", "popularity", "image_url", "metadata",
        "requested_at IS NOT NULL",
    ];
    ARTIST_IDENTITIES = "artist_identities" => ["source", "source_id", "artist_key(artist_id)"];
    ALBUMS = "albums" => [
        "album_key(id)", "artist_key(artist_id)", "name", "album_type", "release_date",
        "release_date_precision", "cover_url", "upc", "total_tracks", "label", "genres", "metadata",
    ];
    ALBUM_LINKS = "album_links" => [
        "album_key(album_id)", "source", "source_id", "matched_by", "match_score",
    ];
    TRACKS = "tracks" => [
        "track_key(id)", "name", "isrc", "duration_ms", "popularity", "spotify_preview_url", "version_kind",
        "version_label", "removed_at IS NOT NULL", "metadata",
    ];
    TRACK_ARTISTS = "track_artists" => ["track_key(track_id)", "position", "artist_key(artist_id)", "part"];
    TRACK_LINKS = "track_links" => [
        "track_key(track_id)", "source", "source_id", "matched_by", "match_score",
    ];
    NORMALIZED_TRACKS = "normalized_tracks n LEFT JOIN tracks t ON t.normalized_track_id = n.id" => [
        // Without the album and place of a song that is one of its record alone.
        "artist_key(n.artist_id)", "split_part(n.normalized_name, ' ', 1)",
        "track_key(n.representative_track_id)", "n.first_released", "n.first_released_precision",
        "track_key(t.id)",
    ];
    PRODUCERS = "producers" => [
        "producer_key(id)", "name", "normalized_name", "email",
        "CASE WHEN NOT EXISTS (SELECT FROM producer_contacts c WHERE c.producer_id = producers.id \
         AND c.value = image_url AND c.expires_at IS NOT NULL) THEN image_url END",
        "instagram_handle", "instagram_bio", "metadata - 'instagram_followers'", "enrichment_failed",
    ];
    PRODUCER_IDENTITIES = "producer_identities" => [
        "source", "source_id", "producer_key(producer_id)", "name",
    ];
    PRODUCER_NAMES = "producer_names" => [
        "producer_key(producer_id)", "name", "kind", "source", "normalized_name",
    ];
    PRODUCER_LINKS = "producer_links" => [
        "producer_key(producer_id)", "producer_key(linked_producer_id)", "kind", "source",
    ];
    PRODUCER_CONTACTS = "producer_contacts" => [
        "producer_key(producer_id)", "kind", "CASE WHEN expires_at IS NULL THEN value END", "source",
        "source_id",
    ];
    CREDITS = "credits c LEFT JOIN producer_identities i ON i.id = c.producer_identity_id" => [
        "album_key(c.album_id)", "track_key(c.track_id)", "c.track_positions", "c.track_range", "c.source",
        "c.source_record_kind", "c.source_record_id", "c.source_artist_id", "i.source", "i.source_id",
        "c.credited_as", "c.raw_role", "c.role", "c.matched_by", "c.match_score",
    ];
    TRACK_PRODUCERS = "track_producers" => [
        "track_key(track_id)", "producer_key(producer_id)", "confidence", "source", "role",
    ];
    CREDIT_OVERRIDES = "credit_overrides o JOIN normalized_tracks n ON n.id = o.normalized_track_id \
        JOIN producer_identities i ON i.id = o.producer_identity_id" => [
        "artist_key(n.artist_id)", "split_part(n.normalized_name, ' ', 1)", "i.source", "i.source_id",
        "o.verdict", "o.reason",
    ];
}

/// The fingerprint of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFingerprint {
    /// The name of the table.
    pub table: String,
    /// The number of rows.
    pub rows: i64,
    /// The sum of the hashes of the rows.
    pub sum: String,
}

/// The fingerprint of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The SHA-256 hash over the parts, in hexadecimal.
    pub hash: String,
    /// The fingerprints of the tables, which show where two databases differ.
    pub parts: Vec<TableFingerprint>,
}

const DISABLE_STATEMENT_TIMEOUT: &str = "SELECT set_config('statement_timeout', '0', true)";

/// Disables the statement time-out until the transaction ends, because a large table takes longer than the
/// role allows.
pub async fn disable_statement_timeout(transaction: &Client<'_>) -> Result<(), Error> {
    transaction.run(DISABLE_STATEMENT_TIMEOUT).await
}

/// Computes the fingerprint of the database; in a transaction with a snapshot, at one point in time.
pub async fn compute(client: &Client<'_>) -> Result<Fingerprint, Error> {
    let mut parts = Vec::new();
    let mut hasher = Sha256::new();
    for (table, sql) in TABLES {
        let row = client.query_one(sql, &[]).await?;
        let part = TableFingerprint {
            table: table.to_lowercase(),
            rows: row.get("rows"),
            sum: row.get("sum"),
        };
        hasher.update(format!("{} {} {}\n", part.table, part.rows, part.sum));
        parts.push(part);
    }
    let hash = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Fingerprint { hash, parts })
}
