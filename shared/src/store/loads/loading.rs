//! SQL of the dump loader: the COPY statements, and the stored albums and songs of a batch.

use std::collections::HashMap;

use super::dropped_keys;
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
    EarlyRecords,
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
            id, artist_id, normalized_name, rules_version, representative_track_id, first_released,
            first_released_precision
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
    ("early_records", "COPY early_records (source, source_id) FROM STDIN BINARY"),
    ("unsettled_names", "COPY unsettled_names (source, source_id) FROM STDIN BINARY"),
];

// Batches lost in a crash of the server are loaded again, so a commit need not wait for the disk.
const COMMIT_WITHOUT_FLUSH: &str = "SELECT set_config('synchronous_commit', 'off', true)";

pub(super) const LOCK_TABLES: &str = "
    LOCK TABLE artists, albums, normalized_tracks, tracks, producers, producer_identities
    IN SHARE ROW EXCLUSIVE MODE";

// Songs are written before their tracks.
const DEFER_SONGS: &str = "SET CONSTRAINTS normalized_tracks_representative_track_id_fkey DEFERRED";

/// Prepares a transaction for a batch. With `alone`, the keys are dropped and the catalog is locked: the
/// transaction may write all the same. Otherwise it lets songs be written before their tracks.
pub async fn begin_batch(client: &Client<'_>, alone: bool) -> Result<(), tokio_postgres::Error> {
    client.run(COMMIT_WITHOUT_FLUSH).await?;
    if alone {
        dropped_keys::admit(client).await?;
    }
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
