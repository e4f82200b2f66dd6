//! What a load writes with: the COPYs, blocks of keys, and what is known of the releases, albums and songs of a batch.
//! Which rows there are is [`load`]' matter.

use std::collections::HashMap;

use crate::domain::credits::Source;
use crate::platform::db::Client;
use crate::store::catalog::normalized_tracks;

/// The tables that a load fills, in the order of [`COPIES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are named as the tables are")]
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

/// The tables that a load fills, in an order that their keys allow, each with its COPY.
#[rustfmt::skip] // a table, a line per table
pub const COPIES: &[(&str, &str)] = &[
    ("artists", "COPY artists (id, name) FROM STDIN BINARY"),
    ("artist_identities", "COPY artist_identities (source, source_id, artist_id) FROM STDIN BINARY"),
    ("producers", "COPY producers (id, name, normalized_name) FROM STDIN BINARY"),
    ("producer_identities", "COPY producer_identities (id, source, source_id, producer_id, name) FROM STDIN BINARY"),
    ("producer_names", "COPY producer_names (producer_id, name, kind, source, normalized_name) FROM STDIN BINARY"),
    ("albums", "COPY albums (id, artist_id, name, album_type, release_date, release_date_precision, upc, total_tracks, label, genres, stated_artist_name) FROM STDIN BINARY"),
    ("album_links", "COPY album_links (album_id, source, source_id, matched_by, match_score) FROM STDIN BINARY"),
    ("normalized_tracks", "COPY normalized_tracks (id, artist_id, normalized_name, rules_version, representative_track_id) FROM STDIN BINARY"),
    ("tracks", "COPY tracks (id, album_id, name, disc_number, track_number, duration_ms, isrc, normalized_track_id, version_kind, version_label) FROM STDIN BINARY"),
    ("track_artists", "COPY track_artists (track_id, position, artist_id, part, stated_name) FROM STDIN BINARY"),
    ("track_links", "COPY track_links (track_id, source, source_id, matched_by, match_score) FROM STDIN BINARY"),
    ("credits", "COPY credits (album_id, track_id, track_positions, track_range, source, source_record_kind, source_record_id, source_artist_id, producer_identity_id, credited_as, stated_name, raw_role, role, matched_by, match_score) FROM STDIN BINARY"),
    ("track_producers", "COPY track_producers (track_id, producer_id, confidence, source, role) FROM STDIN BINARY"),
    ("loaded_records", "COPY loaded_records (source, source_id, content_hash, album_id, master_id, tracklist_hash, load_id) FROM STDIN BINARY"),
    ("pressings", "COPY pressings (source, source_id, album_type, release_date, release_date_precision, upc, label, genres, durations_ms, isrcs) FROM STDIN BINARY"),
    ("unsettled_names", "COPY unsettled_names (source, source_id) FROM STDIN BINARY"),
];

// What is lost with the server is loaded again.
const WAIT_FOR_NO_DISK: &str = "SELECT set_config('synchronous_commit', 'off', true)";

const LOCK_ALONE: &str = "LOCK TABLE artists, albums, normalized_tracks, tracks, producers, producer_identities IN SHARE ROW EXCLUSIVE MODE";

const DEFER_SONGS: &str = "SET CONSTRAINTS normalized_tracks_representative_track_id_fkey DEFERRED";

/// Begins a batch, whose commit waits for no disk. `alone`: nobody else writes into these tables until it ends; they have no
/// foreign keys then. Else songs may be written before their tracks.
///
/// # Errors
/// The database's.
pub async fn begin_batch(client: &Client<'_>, alone: bool) -> Result<(), tokio_postgres::Error> {
    client.run(WAIT_FOR_NO_DISK).await?;
    client.run(if alone { LOCK_ALONE } else { DEFER_SONGS }).await
}

const TAKE_KEYS: &str = "
    SELECT ARRAY(SELECT nextval('artists_id_seq') FROM generate_series(1, $1::bigint)),
           ARRAY(SELECT nextval('albums_id_seq') FROM generate_series(1, $2::bigint)),
           ARRAY(SELECT nextval('normalized_tracks_id_seq') FROM generate_series(1, $3::bigint)),
           ARRAY(SELECT nextval('tracks_id_seq') FROM generate_series(1, $4::bigint)),
           ARRAY(SELECT nextval('producers_id_seq') FROM generate_series(1, $5::bigint)),
           ARRAY(SELECT nextval('producer_identities_id_seq') FROM generate_series(1, $5::bigint))";

/// How many keys of each table are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyCounts {
    /// Of artists.
    pub artists: usize,
    /// Of albums.
    pub albums: usize,
    /// Of songs.
    pub songs: usize,
    /// Of tracks.
    pub tracks: usize,
    /// Of producers, and as many of their identities.
    pub producers: usize,
}

impl KeyCounts {
    fn counts(self) -> [i64; 5] {
        [self.artists, self.albums, self.songs, self.tracks, self.producers]
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// Keys that nobody else has, in ascending order.
#[derive(Debug, Clone, Default)]
pub struct TableKeys {
    /// Of artists.
    pub artists: Vec<i64>,
    /// Of albums.
    pub albums: Vec<i64>,
    /// Of songs.
    pub songs: Vec<i64>,
    /// Of tracks.
    pub tracks: Vec<i64>,
    /// Of producers.
    pub producers: Vec<i64>,
    /// Of their identities.
    pub identities: Vec<i64>,
}

/// Takes keys.
///
/// # Errors
/// The database's.
pub async fn take_keys(client: &Client<'_>, wanted: KeyCounts) -> Result<TableKeys, tokio_postgres::Error> {
    let [artists, albums, songs, tracks, producers] = wanted.counts();
    let row = client
        .query_one(TAKE_KEYS, &[&artists, &albums, &songs, &tracks, &producers])
        .await?;
    Ok(TableKeys {
        artists: row.get(0),
        albums: row.get(1),
        songs: row.get(2),
        tracks: row.get(3),
        producers: row.get(4),
        identities: row.get(5),
    })
}

// Who writes into the tables takes a key after getting a lock on them, so that nobody takes one between the two halves.
const TAKE_BLOCKS: &str = "
    SELECT ARRAY[setval('artists_id_seq', nextval('artists_id_seq') + $1::bigint - 1),
                 setval('albums_id_seq', nextval('albums_id_seq') + $1::bigint - 1),
                 setval('normalized_tracks_id_seq', nextval('normalized_tracks_id_seq') + $1::bigint - 1),
                 setval('tracks_id_seq', nextval('tracks_id_seq') + $1::bigint - 1),
                 setval('producers_id_seq', nextval('producers_id_seq') + $1::bigint - 1),
                 setval('producer_identities_id_seq', nextval('producer_identities_id_seq') + $1::bigint - 1)]";

const GIVE_BACK_BLOCKS: &str = "
    SELECT CASE WHEN (SELECT last_value FROM artists_id_seq) = ($2::bigint[])[1] THEN setval('artists_id_seq', ($1::bigint[])[1], false) END,
           CASE WHEN (SELECT last_value FROM albums_id_seq) = ($2::bigint[])[2] THEN setval('albums_id_seq', ($1::bigint[])[2], false) END,
           CASE WHEN (SELECT last_value FROM normalized_tracks_id_seq) = ($2::bigint[])[3] THEN setval('normalized_tracks_id_seq', ($1::bigint[])[3], false) END,
           CASE WHEN (SELECT last_value FROM tracks_id_seq) = ($2::bigint[])[4] THEN setval('tracks_id_seq', ($1::bigint[])[4], false) END,
           CASE WHEN (SELECT last_value FROM producers_id_seq) = ($2::bigint[])[5] THEN setval('producers_id_seq', ($1::bigint[])[5], false) END,
           CASE WHEN (SELECT last_value FROM producer_identities_id_seq) = ($2::bigint[])[6] THEN setval('producer_identities_id_seq', ($1::bigint[])[6], false) END";

/// Keys that were taken together, to be used one after another.
#[derive(Debug, Default)]
pub struct KeyBlocks {
    /// Of artists, albums, songs, tracks, producers and identities, the next key.
    next: [i64; 6],
    /// The last one.
    last: [i64; 6],
}

impl KeyBlocks {
    /// How many keys of a table are taken together.
    const SIZE: usize = 1 << 20;

    /// Takes at least so many keys of each table.
    ///
    /// # Errors
    /// The database's.
    pub async fn take(client: &mut Client<'_>, at_least: usize) -> Result<Self, tokio_postgres::Error> {
        let size = i64::try_from(at_least.max(Self::SIZE)).unwrap_or(i64::MAX);
        let transaction = client.transaction().await?;
        transaction.run(LOCK_ALONE).await?;
        let row = transaction.query_one(TAKE_BLOCKS, &[&size]).await?;
        transaction.commit().await?;
        let mut last = [0; 6];
        last.copy_from_slice(&row.get::<_, Vec<i64>>(0));
        Ok(Self {
            next: last.map(|last| last - size + 1),
            last,
        })
    }

    /// Gives back what is left, where nobody has taken keys since.
    ///
    /// # Errors
    /// The database's.
    pub async fn give_back(self, client: &mut Client<'_>) -> Result<(), tokio_postgres::Error> {
        let transaction = client.transaction().await?;
        transaction.run(LOCK_ALONE).await?;
        let (next, last) = (self.next.to_vec(), self.last.to_vec());
        transaction.query_one(GIVE_BACK_BLOCKS, &[&next, &last]).await?;
        transaction.commit().await
    }

    /// Whether there are so many keys left of each table.
    #[must_use]
    pub fn has(&self, count: usize) -> bool {
        let left = self.next.iter().zip(&self.last);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        left.map(|(next, last)| last - next).all(|left| left >= count)
    }

    /// The next keys; None where too few are left.
    pub fn keys(&mut self, wanted: KeyCounts) -> Option<TableKeys> {
        let [artists, albums, songs, tracks, producers] = wanted.counts();
        let counts = [artists, albums, songs, tracks, producers, producers];
        let mut taken = self.next;
        for (next, count) in taken.iter_mut().zip(counts) {
            *next += count;
        }
        if taken.iter().zip(&self.last).any(|(next, last)| *next > last + 1) {
            return None;
        }
        let first = std::mem::replace(&mut self.next, taken);
        let keys = |table: usize| (first[table]..taken[table]).collect();
        Some(TableKeys {
            artists: keys(0),
            albums: keys(1),
            songs: keys(2),
            tracks: keys(3),
            producers: keys(4),
            identities: keys(5),
        })
    }
}

/// The songs of these artists and keys that are known, locked until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn list_songs(
    client: &Client<'_>,
    songs: &[(i64, &str)],
) -> Result<HashMap<(i64, String), i64>, tokio_postgres::Error> {
    let (artists, names): (Vec<i64>, Vec<&str>) = songs.iter().copied().unzip();
    let rows = client.query(normalized_tracks::LOCK, &[&artists, &names]).await?;
    Ok(rows
        .iter()
        .map(|row| ((row.get(1), row.get(2)), row.get(0)))
        .collect())
}

const LOCK_BARCODES: &str = "
    SELECT pg_advisory_xact_lock(hash)
    FROM (SELECT DISTINCT hashtextextended('album:upc:' || upc, 0) AS hash FROM unnest($1::text[]) AS k (upc) ORDER BY 1 OFFSET 0) AS hashes";

// Of an album that several records are, the first.
const LIST_ALBUMS: &str = "
    SELECT found.kind, found.key, found.tracklist_hash, found.album_id,
           (SELECT min(o.source_id::bigint) FROM loaded_records o WHERE o.album_id = found.album_id AND o.source = $1::text::source)
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

/// An album that a release may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingAlbum {
    /// By the release's master, or else by its barcode or an ISRC.
    pub by_master: bool,
    /// Which.
    pub key: String,
    /// The tracklist of a release that the album is; None for an album that no load brought.
    pub tracklist_hash: Option<i64>,
    /// The album.
    pub album_id: i64,
    /// The smallest number of the records of the source that are the album; None where none is.
    pub first_record: Option<i64>,
}

/// The albums that releases with these masters, barcodes and ISRCs may be, the latter two with the number of tracks; by ISRC
/// none that a load brought. Until the transaction ends, nobody else brings in an album with one of the barcodes.
///
/// # Errors
/// The database's.
pub async fn list_albums(
    client: &Client<'_>,
    source: Source,
    masters: &[i64],
    barcodes: &[(&str, i32)],
    isrcs: &[(&str, i32)],
) -> Result<Vec<MatchingAlbum>, tokio_postgres::Error> {
    let (upcs, totals): (Vec<&str>, Vec<i32>) = barcodes.iter().copied().unzip();
    client.execute(LOCK_BARCODES, &[&upcs]).await?;
    let masters = masters.to_vec();
    let (isrcs, of_isrcs): (Vec<&str>, Vec<i32>) = isrcs.iter().copied().unzip();
    let source = source.as_str();
    let parameters: [&dyn crate::platform::db::Param; 6] =
        [&source, &masters, &upcs, &totals, &isrcs, &of_isrcs];
    let rows = client.query(LIST_ALBUMS, &parameters).await?;
    Ok(rows
        .iter()
        .map(|row| MatchingAlbum {
            by_master: row.get::<_, &str>(0) == "master",
            key: row.get(1),
            tracklist_hash: row.get(2),
            album_id: row.get(3),
            first_record: row.get(4),
        })
        .collect())
}

const LIST_TRACKS: &str = "
    SELECT album_id, id, disc_number, track_number
    FROM tracks
    WHERE album_id = ANY ($1::bigint[]) AND removed_at IS NULL
    ORDER BY album_id, disc_number, track_number, id";

/// The tracks that albums have now: of each its key, disc and number, in order.
///
/// # Errors
/// The database's.
pub async fn list_tracks(
    client: &Client<'_>,
    albums: &[i64],
) -> Result<HashMap<i64, Vec<(i64, i16, i32)>>, tokio_postgres::Error> {
    let albums = albums.to_vec();
    let mut tracks: HashMap<i64, Vec<(i64, i16, i32)>> = HashMap::new();
    for row in client.query(LIST_TRACKS, &[&albums]).await? {
        let of_album = tracks.entry(row.get(0)).or_default();
        of_album.push((row.get(1), row.get(2), row.get(3)));
    }
    Ok(tracks)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    TAKE_KEYS,
    TAKE_BLOCKS,
    GIVE_BACK_BLOCKS,
    LOCK_BARCODES,
    LIST_ALBUMS,
    LIST_TRACKS,
];
