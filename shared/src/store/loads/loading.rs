//! SQL of the dump loader: the COPY statements, and the stored albums and songs of a batch.

use std::collections::HashMap;

use crate::domain::credits::Source;
use crate::platform::db::Client;
use crate::store::catalog::normalized_tracks;

/// The tables that a load fills, in the order of [`COPIES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members are named after the tables")]
pub enum LoadTable {
    Artists,
    ArtistIdentities,
    Producers,
    ProducerIdentities,
    ProducerNames,
    Albums,
    AlbumLinks,
    NormalizedTracks,
    Tracks,
    TrackArtists,
    TrackLinks,
    Credits,
    TrackProducers,
    LoadedRecords,
    Pressings,
    UnsettledNames,
}

/// The tables that a load fills with their COPY statements, in an order that the foreign keys allow.
#[rustfmt::skip] // a table: each line has a table's name and its statement
pub const COPIES: &[(&str, &str)] = &[
    ("artists", "COPY artists (id, name) FROM STDIN BINARY"),
    ("artist_identities", "COPY artist_identities (source, source_id, artist_id) FROM STDIN BINARY"),
    ("producers", "COPY producers (id, name, normalized_name) FROM STDIN BINARY"),
    ("producer_identities", "
        COPY producer_identities (
            id, source, source_id, producer_id, name
        ) FROM STDIN BINARY"),
    ("producer_names", "
        COPY producer_names (
            producer_id, name, kind, source, normalized_name
        ) FROM STDIN BINARY"),
    ("albums", "
        COPY albums (
            id, artist_id, name, album_type, release_date, release_date_precision, upc, total_tracks,
            label, genres, stated_artist_name
        ) FROM STDIN BINARY"),
    ("album_links", "
        COPY album_links (
            album_id, source, source_id, matched_by, match_score
        ) FROM STDIN BINARY"),
    ("normalized_tracks", "
        COPY normalized_tracks (
            id, artist_id, normalized_name, rules_version, representative_track_id
        ) FROM STDIN BINARY"),
    ("tracks", "
        COPY tracks (
            id, album_id, name, disc_number, track_number, duration_ms, isrc, normalized_track_id,
            version_kind, version_label
        ) FROM STDIN BINARY"),
    ("track_artists", "
        COPY track_artists (
            track_id, position, artist_id, part, stated_name
        ) FROM STDIN BINARY"),
    ("track_links", "
        COPY track_links (
            track_id, source, source_id, matched_by, match_score
        ) FROM STDIN BINARY"),
    ("credits", "
        COPY credits (
            album_id, track_id, track_positions, track_range, source, source_record_kind,
            source_record_id, source_artist_id, producer_identity_id, credited_as, stated_name,
            raw_role, role, matched_by, match_score
        ) FROM STDIN BINARY"),
    ("track_producers", "
        COPY track_producers (
            track_id, producer_id, confidence, source, role
        ) FROM STDIN BINARY"),
    ("loaded_records", "
        COPY loaded_records (
            source, source_id, content_hash, album_id, master_id, tracklist_hash, load_id
        ) FROM STDIN BINARY"),
    ("pressings", "
        COPY pressings (
            source, source_id, album_type, release_date, release_date_precision, upc, label, genres,
            durations_ms, isrcs
        ) FROM STDIN BINARY"),
    ("unsettled_names", "COPY unsettled_names (source, source_id) FROM STDIN BINARY"),
];

// Batches lost in a crash of the server are loaded again, so a commit need not wait for the disk.
const COMMIT_WITHOUT_FLUSH: &str = "SELECT set_config('synchronous_commit', 'off', true)";

pub(super) const LOCK_TABLES: &str = "
    LOCK TABLE artists, albums, normalized_tracks, tracks, producers, producer_identities
    IN SHARE ROW EXCLUSIVE MODE";

// Songs are written before their tracks.
const DEFER_SONGS: &str = "SET CONSTRAINTS normalized_tracks_representative_track_id_fkey DEFERRED";

/// Prepares a transaction for a batch. With `alone`, it locks the tables against other writers, because their
/// foreign keys are dropped then; otherwise it lets songs be written before their tracks.
pub async fn begin_batch(client: &Client<'_>, alone: bool) -> Result<(), tokio_postgres::Error> {
    client.run(COMMIT_WITHOUT_FLUSH).await?;
    client.run(if alone { LOCK_TABLES } else { DEFER_SONGS }).await
}

/// The ids of the stored songs among these, each given and returned as artist and key. The songs stay locked
/// until the transaction ends.
pub async fn list_songs(
    client: &Client<'_>,
    songs: &[(i64, &str)],
) -> Result<HashMap<(i64, String), i64>, tokio_postgres::Error> {
    let (artists, names): (Vec<i64>, Vec<&str>) = songs.iter().copied().unzip();
    let rows = client.query(normalized_tracks::LOCK, &[&artists, &names]).await?;
    Ok(rows
        .iter()
        .map(|row| ((row.get("artist_id"), row.get("normalized_name")), row.get("id")))
        .collect())
}

const LOCK_BARCODES: &str = "
    SELECT pg_advisory_xact_lock(hash)
    FROM (
        SELECT DISTINCT hashtextextended('album:upc:' || upc, 0) AS hash
        FROM unnest($1::text[]) AS k (upc)
        ORDER BY 1
        OFFSET 0
    ) AS hashes";

const LIST_ALBUMS: &str = "
    SELECT found.kind, found.key, found.tracklist_hash, found.album_id,
           (SELECT min(o.source_id::bigint)
            FROM loaded_records o
            WHERE o.album_id = found.album_id AND o.source = $1::text::source) AS first_record
    FROM (
    SELECT 'master' AS kind, k.master_id::text AS key, r.tracklist_hash, r.album_id
    FROM unnest($2::bigint[]) AS k (master_id)
    JOIN loaded_records r ON r.source = $1::text::source AND r.master_id = k.master_id
    UNION
    SELECT 'upc', a.upc, r.tracklist_hash, a.id
    FROM unnest($3::text[], $4::integer[]) AS k (upc, total_tracks)
    JOIN albums a ON a.upc = k.upc AND a.total_tracks = k.total_tracks
    LEFT JOIN loaded_records r ON r.album_id = a.id
    UNION
    SELECT 'isrc', t.isrc, NULL, a.id
    FROM unnest($5::text[], $6::integer[]) AS k (isrc, total_tracks)
    JOIN tracks t ON t.isrc IS NOT NULL AND t.isrc = k.isrc
    JOIN albums a ON a.id = t.album_id AND a.total_tracks = k.total_tracks
    WHERE NOT EXISTS (SELECT FROM loaded_records r WHERE r.album_id = a.id)
    ) found
    ORDER BY 4";

/// A stored album that a release may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingAlbum {
    /// Whether it was found by the release's master; otherwise by its barcode or an ISRC.
    pub by_master: bool,
    /// The master's number, the barcode or the ISRC.
    pub key: String,
    /// Tracklist hash of a loaded record of the album; `None` if no load wrote the album.
    pub tracklist_hash: Option<i64>,
    /// The album.
    pub album_id: i64,
    /// The lowest id of the source's loaded records of the album; `None` if there is none.
    pub first_record: Option<i64>,
}

/// The stored albums that releases with these masters, barcodes and ISRCs may be. Barcodes and ISRCs come
/// with the release's number of tracks; an ISRC finds no album that a load wrote. Locks the barcodes, so that
/// nobody else adds an album with one of them until the transaction ends.
pub async fn list_albums(
    client: &Client<'_>,
    source: Source,
    masters: &[i64],
    barcodes: &[(&str, i32)],
    isrcs: &[(&str, i32)],
) -> Result<Vec<MatchingAlbum>, tokio_postgres::Error> {
    let (upcs, upc_totals): (Vec<&str>, Vec<i32>) = barcodes.iter().copied().unzip();
    client.execute(LOCK_BARCODES, &[&upcs]).await?;
    let (isrcs, isrc_totals): (Vec<&str>, Vec<i32>) = isrcs.iter().copied().unzip();
    let rows = client
        .query(
            LIST_ALBUMS,
            &[&source, &masters, &upcs, &upc_totals, &isrcs, &isrc_totals],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| MatchingAlbum {
            by_master: row.get::<_, &str>("kind") == "master",
            key: row.get("key"),
            tracklist_hash: row.get("tracklist_hash"),
            album_id: row.get("album_id"),
            first_record: row.get("first_record"),
        })
        .collect())
}

const LIST_TRACKS: &str = "
    SELECT album_id, id, disc_number, track_number
    FROM tracks
    WHERE album_id = ANY ($1::bigint[]) AND removed_at IS NULL
    ORDER BY album_id, disc_number, track_number, id";

/// The current tracks of these albums, in order: the id, disc and track number of each.
pub async fn list_tracks(
    client: &Client<'_>,
    albums: &[i64],
) -> Result<HashMap<i64, Vec<(i64, i16, i32)>>, tokio_postgres::Error> {
    let mut tracks: HashMap<i64, Vec<(i64, i16, i32)>> = HashMap::new();
    for row in client.query(LIST_TRACKS, &[&albums]).await? {
        let album = tracks.entry(row.get("album_id")).or_default();
        album.push((row.get("id"), row.get("disc_number"), row.get("track_number")));
    }
    Ok(tracks)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LOCK_BARCODES, LIST_ALBUMS, LIST_TRACKS];
