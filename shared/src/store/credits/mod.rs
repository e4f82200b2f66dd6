//! Credits as the sources state them, one row per credit.

pub mod credit_overrides;
pub mod early_records;
pub mod manual_credits;
pub mod track_credits;
pub mod track_lookups;
pub mod track_producers;

use crate::domain::credits::{Credit, MatchMethod, Role, Source};
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::{Client, Param};

/// A source's credit for an album or for tracks of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditRow {
    /// The credited track; null if the credit is for the whole album or for several tracks.
    pub track_id: Option<TrackId>,
    /// The positions of the credited tracks, each as [`position`] writes it. Null if the credit is for all
    /// tracks, or if `track_range` could not be resolved, in which case it counts for no track.
    pub track_positions: Option<Vec<String>>,
    /// The source's own words for the credited tracks.
    pub track_range: Option<String>,
    /// The kind of record that states the credit, in the source's word.
    pub source_record_kind: String,
    /// The id of that record in the source.
    pub source_record_id: String,
    /// The credit itself.
    pub credit: Credit,
    /// The credited producer's identity; null if the credit makes nobody a producer.
    pub producer_identity_id: Option<i64>,
    /// How the record was matched to our album or track.
    pub matched_by: MatchMethod,
    /// The score of that match, 0 to 1.
    pub match_score: f32,
}

impl CreditRow {
    /// The fields that identify the credit among those of its album and source.
    fn key(&self) -> (Option<TrackId>, &str, Option<&str>, &str, &str, Option<&str>) {
        let credit = &self.credit;
        (
            self.track_id,
            &self.source_record_id,
            credit.source_artist_id.as_deref(),
            &credit.credited_as,
            &credit.raw_role,
            self.track_range.as_deref(),
        )
    }
}

/// A track's position on its album, as in [`CreditRow::track_positions`]: `1-3` is the third track of the
/// first disc.
#[must_use]
pub fn position(disc_number: i16, track_number: i32) -> String {
    format!("{disc_number}-{track_number}")
}

const DELETE_OTHERS: &str = "
    DELETE FROM credits c
    WHERE c.album_id = $1 AND c.source = $2::text::source AND c.source_record_id = ANY ($9::text[])
      AND NOT EXISTS (
          SELECT FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
                      AS n (track_id, record, artist, credited_as, raw_role, track_range)
          WHERE n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
            AND n.track_id IS NOT DISTINCT FROM c.track_id
            AND n.artist IS NOT DISTINCT FROM c.source_artist_id
            AND n.track_range IS NOT DISTINCT FROM c.track_range)";

const UPDATE: &str = "
    UPDATE credits c
    SET role = n.role::credit_role, producer_identity_id = n.identity,
        matched_by = n.matched_by::match_method,
        match_score = n.match_score, track_positions = string_to_array(n.positions, ','),
        stated_name = n.stated_name
    FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::bigint[], $12::text[], $13::real[], $14::text[])
         AS n (track_id, record, artist, credited_as, raw_role, track_range, positions, role,
               identity, matched_by, match_score, stated_name)
    WHERE c.album_id = $1 AND c.source = $2::text::source
      AND n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
      AND n.track_id IS NOT DISTINCT FROM c.track_id AND n.artist IS NOT DISTINCT FROM c.source_artist_id
      AND n.track_range IS NOT DISTINCT FROM c.track_range
      AND (c.role::text, c.producer_identity_id, c.matched_by::text, c.match_score, c.track_positions,
           c.stated_name)
          IS DISTINCT FROM
          (n.role, n.identity, n.matched_by, n.match_score, string_to_array(n.positions, ','),
           n.stated_name)";

const INSERT: &str = "
    INSERT INTO credits (album_id, track_id, source, source_record_kind, source_record_id, source_artist_id,
                         credited_as, raw_role, track_range, track_positions, role, producer_identity_id,
                         matched_by, match_score, stated_name)
    SELECT $1, n.track_id, $2::text::source, n.record_kind, n.record, n.artist,
           n.credited_as, n.raw_role, n.track_range, string_to_array(n.positions, ','), n.role::credit_role,
           n.identity,
           n.matched_by::match_method, n.match_score, n.stated_name
    FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::bigint[], $12::text[], $13::real[], $14::text[], $15::text[])
         WITH ORDINALITY
         AS n (track_id, record, artist, credited_as, raw_role, track_range, positions, role,
               identity, matched_by, match_score, stated_name, record_kind, place)
    WHERE NOT EXISTS (
        SELECT FROM credits c
        WHERE c.album_id = $1 AND c.source = $2::text::source
          AND n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
          AND n.track_id IS NOT DISTINCT FROM c.track_id AND n.artist IS NOT DISTINCT FROM c.source_artist_id
          AND n.track_range IS NOT DISTINCT FROM c.track_range)
    ORDER BY n.place";

/// Replaces the credits that these records of a source state for an album. A credit that was stored before
/// keeps its `first_seen_at`. No two rows may have the same track, record, artist, printed name, wording and
/// range. Returns the number of rows written.
pub async fn replace(
    client: &Client<'_>,
    album: AlbumId,
    source: Source,
    records: &[String],
    rows: &[CreditRow],
) -> Result<u64, tokio_postgres::Error> {
    let (mut tracks, mut record_ids, mut artists) = (Vec::new(), Vec::new(), Vec::new());
    let (mut names, mut raw_roles, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let (track, record, artist, name, raw_role, range) = row.key();
        tracks.push(track);
        record_ids.push(record);
        artists.push(artist);
        names.push(name);
        raw_roles.push(raw_role);
        ranges.push(range);
    }
    // Postgres has no arrays of arrays of different lengths, so each row's positions are sent as one text.
    let positions: Vec<Option<String>> = rows
        .iter()
        .map(|row| Some(row.track_positions.as_ref()?.join(",")))
        .collect();
    let roles: Vec<_> = rows.iter().map(|row| row.credit.role).collect();
    let identities: Vec<_> = rows.iter().map(|row| row.producer_identity_id).collect();
    let methods: Vec<_> = rows.iter().map(|row| row.matched_by).collect();
    let scores: Vec<f32> = rows.iter().map(|row| row.match_score).collect();
    let stated_names: Vec<Option<&str>> = rows.iter().map(|row| row.credit.stated_name()).collect();
    let kinds: Vec<&str> = rows.iter().map(|row| row.source_record_kind.as_str()).collect();

    if roles.contains(&Role::Supervisor) {
        early_records::lock(client).await?;
    }
    let key: [&dyn Param; 8] = [
        &album,
        &source,
        &tracks,
        &record_ids,
        &artists,
        &names,
        &raw_roles,
        &ranges,
    ];
    let values: [&dyn Param; 6] = [&positions, &roles, &identities, &methods, &scores, &stated_names];
    let deleted = client
        .execute(DELETE_OTHERS, &[&key[..], &[&records]].concat())
        .await?;
    let updated = client.execute(UPDATE, &[&key[..], &values].concat()).await?;
    let inserted = client
        .execute(INSERT, &[&key[..], &values, &[&kinds]].concat())
        .await?;
    Ok(deleted + updated + inserted)
}

const LIST_OF_ALBUMS: &str = "
    SELECT c.track_id, c.track_positions, c.track_range, c.source_record_kind, c.source_record_id,
           c.source_artist_id, COALESCE(i.name, c.credited_as) AS name, c.credited_as, c.raw_role,
           c.role::text AS role,
           c.producer_identity_id, c.matched_by::text AS matched_by, c.match_score, i.source_id AS producer,
           ARRAY(SELECT t.id FROM tracks t
                 WHERE t.album_id = c.album_id AND covers(c, t)) AS covered_track_ids
    FROM credits c
    LEFT JOIN producer_identities i ON i.id = c.producer_identity_id
    WHERE c.album_id = ANY ($1::bigint[]) AND c.source = $2::text::source
    ORDER BY c.id";

/// A stored credit with the tracks that it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCredit {
    /// The credit.
    pub row: CreditRow,
    /// The tracks that it covers, in no particular order.
    pub covered_track_ids: Vec<TrackId>,
    /// The credited producer's id in the source; null if the credit makes nobody a producer.
    pub producer: Option<String>,
}

/// The credits that a source states for these albums and their tracks.
pub async fn list_of_albums(
    client: &Client<'_>,
    albums: &[AlbumId],
    source: Source,
) -> Result<Vec<StoredCredit>, tokio_postgres::Error> {
    let rows = client.query(LIST_OF_ALBUMS, &[&albums, &source]).await?;
    Ok(rows.iter().map(stored_credit).collect())
}

fn stored_credit(row: &tokio_postgres::Row) -> StoredCredit {
    StoredCredit {
        covered_track_ids: row.get("covered_track_ids"),
        row: CreditRow {
            track_id: row.get("track_id"),
            track_positions: row.get("track_positions"),
            track_range: row.get("track_range"),
            source_record_kind: row.get("source_record_kind"),
            source_record_id: row.get("source_record_id"),
            credit: Credit {
                source_artist_id: row.get("source_artist_id"),
                name: row.get("name"),
                credited_as: row.get("credited_as"),
                raw_role: row.get("raw_role"),
                role: row.get("role"),
            },
            producer_identity_id: row.get("producer_identity_id"),
            matched_by: row.get("matched_by"),
            match_score: row.get("match_score"),
        },
        producer: row.get("producer"),
    }
}

const LIST_SOURCES: &str = "
    SELECT t.id AS track_id, c.source::text AS source
    FROM tracks t
    JOIN credits c ON c.album_id = t.album_id AND counts(c, t)
    WHERE t.album_id = $1 AND t.removed_at IS NULL AND c.producer_identity_id IS NOT NULL
    GROUP BY t.id, c.source
    ORDER BY t.id, c.source";

/// The sources that credit a producer, for each of an album's tracks.
pub async fn list_sources(
    client: &Client<'_>,
    album: AlbumId,
) -> Result<Vec<(TrackId, Source)>, tokio_postgres::Error> {
    let rows = client.query(LIST_SOURCES, &[&album]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("track_id"), row.get("source")))
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[DELETE_OTHERS, UPDATE, INSERT, LIST_OF_ALBUMS, LIST_SOURCES];
