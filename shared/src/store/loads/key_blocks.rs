//! Keys that the dump loader reserves before it writes rows.

use super::loading::LOCK_TABLES;
use crate::platform::db::Client;

const TAKE_KEYS: &str = "
    SELECT ARRAY(SELECT nextval('artists_id_seq') FROM generate_series(1, $1::bigint)) AS artists,
           ARRAY(SELECT nextval('albums_id_seq') FROM generate_series(1, $2::bigint)) AS albums,
           ARRAY(SELECT nextval('normalized_tracks_id_seq') FROM generate_series(1, $3::bigint)) AS songs,
           ARRAY(SELECT nextval('tracks_id_seq') FROM generate_series(1, $4::bigint)) AS tracks,
           ARRAY(SELECT nextval('producers_id_seq') FROM generate_series(1, $5::bigint)) AS producers,
           ARRAY(SELECT nextval('producer_identities_id_seq')
                 FROM generate_series(1, $5::bigint)) AS identities";

/// How many keys of each table a batch needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyCounts {
    /// Artists.
    pub artists: usize,
    /// Albums.
    pub albums: usize,
    /// Songs.
    pub songs: usize,
    /// Tracks.
    pub tracks: usize,
    /// Producers, and the same number of producer identities.
    pub producers: usize,
}

impl KeyCounts {
    fn counts(self) -> [i64; 5] {
        [self.artists, self.albums, self.songs, self.tracks, self.producers]
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// Reserved keys of each table, in ascending order.
#[derive(Debug, Clone, Default)]
pub struct TableKeys {
    /// Artists.
    pub artists: Vec<i64>,
    /// Albums.
    pub albums: Vec<i64>,
    /// Songs.
    pub songs: Vec<i64>,
    /// Tracks.
    pub tracks: Vec<i64>,
    /// Producers.
    pub producers: Vec<i64>,
    /// Producer identities.
    pub identities: Vec<i64>,
}

/// Reserves keys in the tables' sequences.
pub async fn take_keys(client: &Client<'_>, wanted: KeyCounts) -> Result<TableKeys, tokio_postgres::Error> {
    let [artists, albums, songs, tracks, producers] = wanted.counts();
    let row = client
        .query_one(TAKE_KEYS, &[&artists, &albums, &songs, &tracks, &producers])
        .await?;
    Ok(TableKeys {
        artists: row.get("artists"),
        albums: row.get("albums"),
        songs: row.get("songs"),
        tracks: row.get("tracks"),
        producers: row.get("producers"),
        identities: row.get("identities"),
    })
}

// Other writers take a key only after they have locked the table, so with LOCK_TABLES held nobody takes one
// between nextval and setval.
const TAKE_BLOCKS: &str = "
    SELECT ARRAY[setval('artists_id_seq', nextval('artists_id_seq') + $1::bigint - 1),
                 setval('albums_id_seq', nextval('albums_id_seq') + $1::bigint - 1),
                 setval('normalized_tracks_id_seq', nextval('normalized_tracks_id_seq') + $1::bigint - 1),
                 setval('tracks_id_seq', nextval('tracks_id_seq') + $1::bigint - 1),
                 setval('producers_id_seq', nextval('producers_id_seq') + $1::bigint - 1),
                 setval('producer_identities_id_seq',
                        nextval('producer_identities_id_seq') + $1::bigint - 1)] AS last_keys";

// $1: the next key of each block, $2: its last key. A sequence that has moved on since is left alone.
const GIVE_BACK_BLOCKS: &str = "
    SELECT CASE WHEN (SELECT last_value FROM artists_id_seq) = ($2::bigint[])[1]
                THEN setval('artists_id_seq', ($1::bigint[])[1], false) END,
           CASE WHEN (SELECT last_value FROM albums_id_seq) = ($2::bigint[])[2]
                THEN setval('albums_id_seq', ($1::bigint[])[2], false) END,
           CASE WHEN (SELECT last_value FROM normalized_tracks_id_seq) = ($2::bigint[])[3]
                THEN setval('normalized_tracks_id_seq', ($1::bigint[])[3], false) END,
           CASE WHEN (SELECT last_value FROM tracks_id_seq) = ($2::bigint[])[4]
                THEN setval('tracks_id_seq', ($1::bigint[])[4], false) END,
           CASE WHEN (SELECT last_value FROM producers_id_seq) = ($2::bigint[])[5]
                THEN setval('producers_id_seq', ($1::bigint[])[5], false) END,
           CASE WHEN (SELECT last_value FROM producer_identities_id_seq) = ($2::bigint[])[6]
                THEN setval('producer_identities_id_seq', ($1::bigint[])[6], false) END";

/// Blocks of reserved keys, one for each table, that a load uses up in order.
#[derive(Debug, Default)]
pub struct KeyBlocks {
    /// The next key of artists, albums, songs, tracks, producers and producer identities.
    next: [i64; 6],
    /// The last key of each block.
    last: [i64; 6],
}

impl KeyBlocks {
    /// The least number of keys in a block.
    const SIZE: usize = 1 << 20;

    /// Reserves a block of at least `at_least` keys of each table.
    pub async fn take(client: &mut Client<'_>, at_least: usize) -> Result<Self, tokio_postgres::Error> {
        let size = i64::try_from(at_least.max(Self::SIZE)).unwrap_or(i64::MAX);
        let transaction = client.transaction().await?;
        transaction.run(LOCK_TABLES).await?;
        let row = transaction.query_one(TAKE_BLOCKS, &[&size]).await?;
        transaction.commit().await?;
        let mut last = [0; 6];
        last.copy_from_slice(&row.get::<_, Vec<i64>>("last_keys"));
        Ok(Self {
            next: last.map(|last| last - size + 1),
            last,
        })
    }

    /// Returns the unused keys of each table to its sequence, unless another writer has taken keys since.
    pub async fn give_back(self, client: &mut Client<'_>) -> Result<(), tokio_postgres::Error> {
        let transaction = client.transaction().await?;
        transaction.run(LOCK_TABLES).await?;
        let (next, last) = (self.next.to_vec(), self.last.to_vec());
        transaction.query_one(GIVE_BACK_BLOCKS, &[&next, &last]).await?;
        transaction.commit().await
    }

    /// Whether at least `count` keys of each table are left.
    #[must_use]
    pub fn has(&self, count: usize) -> bool {
        let left = self.next.iter().zip(&self.last);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        left.map(|(next, last)| last - next).all(|left| left >= count)
    }

    /// The next keys; `None` if too few are left.
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

pub(in crate::store) const STATEMENTS: &[&str] = &[TAKE_KEYS, TAKE_BLOCKS, GIVE_BACK_BLOCKS];
