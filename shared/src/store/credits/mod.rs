//! Credits: what the sources claim, one row per claim as the source states it.

pub mod credit_overrides;
pub mod manual_credits;
pub mod track_credits;
pub mod track_producers;

use std::collections::HashSet;

use crate::domain::credits::{Credit, MatchMethod, Source};
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::Client;

/// A claim about an album or one track of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditRow {
    /// The track; null for the whole album, or for several tracks of it.
    pub track_id: Option<TrackId>,
    /// Where the only tracks of the album stand that it is about, each as [`position`] writes it; null for all of them, and
    /// where nobody can tell what `track_range` means: then it is about none for certain.
    pub track_positions: Option<Vec<String>>,
    /// The source's own words for those tracks.
    pub track_range: Option<String>,
    /// What kind of record states it, in the source's word.
    pub source_record_kind: String,
    /// Which record states it.
    pub source_record_id: String,
    /// What it states.
    pub credit: Credit,
    /// The producer it names; null where it makes none.
    pub producer_identity_id: Option<i64>,
    /// How the record was found to be ours.
    pub matched_by: MatchMethod,
    /// How well it fits, 0 to 1.
    pub match_score: f32,
}

impl CreditRow {
    /// What makes it the same claim when the source is asked again.
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

/// A place on an album, as [`CreditRow::track_positions`] names it: `1-3` is the third track of the first disc.
#[must_use]
pub fn position(disc_number: i16, track_number: i32) -> String {
    format!("{disc_number}-{track_number}")
}

const DELETE_OTHERS: &str = "
    DELETE FROM credits c
    WHERE c.album_id = $1 AND c.source = $2::text::source AND c.source_record_id = ANY ($3::text[])
      AND NOT EXISTS (
          SELECT FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
                      AS n (track_id, record, artist, credited_as, raw_role, track_range)
          WHERE n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
            AND n.track_id IS NOT DISTINCT FROM c.track_id AND n.artist IS NOT DISTINCT FROM c.source_artist_id
            AND n.track_range IS NOT DISTINCT FROM c.track_range)";

const UPDATE: &str = "
    UPDATE credits c
    SET role = n.role::credit_role, producer_identity_id = n.identity, matched_by = n.matched_by::match_method, match_score = n.match_score,
        track_positions = string_to_array(n.positions, ','), stated_name = n.stated_name
    FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[], $13::real[],
                $14::text[])
         AS n (track_id, record, artist, credited_as, raw_role, track_range, positions, role, identity, matched_by, match_score, stated_name)
    WHERE c.album_id = $1 AND c.source = $2::text::source
      AND n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
      AND n.track_id IS NOT DISTINCT FROM c.track_id AND n.artist IS NOT DISTINCT FROM c.source_artist_id
      AND n.track_range IS NOT DISTINCT FROM c.track_range
      AND (c.role::text, c.producer_identity_id, c.matched_by::text, c.match_score, c.track_positions, c.stated_name)
          IS DISTINCT FROM (n.role, n.identity, n.matched_by, n.match_score, string_to_array(n.positions, ','), n.stated_name)";

const INSERT: &str = "
    INSERT INTO credits (album_id, track_id, source, source_record_kind, source_record_id, source_artist_id, credited_as, raw_role, track_range,
                         track_positions, role, producer_identity_id, matched_by, match_score, stated_name)
    SELECT $1, n.track_id, $2::text::source, n.record_kind, n.record, n.artist, n.credited_as, n.raw_role, n.track_range,
           string_to_array(n.positions, ','), n.role::credit_role, n.identity, n.matched_by::match_method, n.match_score, n.stated_name
    FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[], $13::real[],
                $14::text[], $15::text[]) WITH ORDINALITY
         AS n (track_id, record, artist, credited_as, raw_role, track_range, positions, role, identity, matched_by, match_score, stated_name, record_kind,
               place)
    WHERE NOT EXISTS (
        SELECT FROM credits c
        WHERE c.album_id = $1 AND c.source = $2::text::source
          AND n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
          AND n.track_id IS NOT DISTINCT FROM c.track_id AND n.artist IS NOT DISTINCT FROM c.source_artist_id
          AND n.track_range IS NOT DISTINCT FROM c.track_range)
    ORDER BY n.place";

/// Makes the claims of these records of a source about an album be exactly these; gives how many rows were written. A
/// claim that stays keeps when it was first seen.
///
/// # Errors
/// The database's.
pub async fn replace(
    client: &Client<'_>,
    album: AlbumId,
    source: Source,
    records: &[String],
    claims: &[CreditRow],
) -> Result<u64, tokio_postgres::Error> {
    let mut keys = HashSet::new();
    let claims: Vec<&CreditRow> = claims.iter().filter(|claim| keys.insert(claim.key())).collect();
    let tracks: Vec<Option<i64>> = claims.iter().map(|claim| claim.track_id.map(|id| id.0)).collect();
    let claimed_by: Vec<&str> = claims
        .iter()
        .map(|claim| claim.source_record_id.as_str())
        .collect();
    let artists: Vec<Option<&str>> = claims
        .iter()
        .map(|claim| claim.credit.source_artist_id.as_deref())
        .collect();
    let names: Vec<&str> = claims
        .iter()
        .map(|claim| claim.credit.credited_as.as_str())
        .collect();
    let raw_roles: Vec<&str> = claims
        .iter()
        .map(|claim| claim.credit.raw_role.as_str())
        .collect();
    let ranges: Vec<Option<&str>> = claims.iter().map(|claim| claim.track_range.as_deref()).collect();
    let positions: Vec<Option<String>> = claims
        .iter()
        .map(|claim| Some(claim.track_positions.as_ref()?.join(",")))
        .collect();
    let roles: Vec<&str> = claims.iter().map(|claim| claim.credit.role.as_str()).collect();
    let identities: Vec<Option<i64>> = claims.iter().map(|claim| claim.producer_identity_id).collect();
    let methods: Vec<&str> = claims.iter().map(|claim| claim.matched_by.as_str()).collect();
    let scores: Vec<f32> = claims.iter().map(|claim| claim.match_score).collect();
    let kinds: Vec<&str> = claims
        .iter()
        .map(|claim| claim.source_record_kind.as_str())
        .collect();
    let stated_names: Vec<Option<&str>> = claims.iter().map(|claim| claim.credit.stated_name()).collect();
    let (album, source) = (album.0, source.as_str());

    let mut written = client
        .execute(
            DELETE_OTHERS,
            &[
                &album,
                &source,
                &records,
                &tracks,
                &claimed_by,
                &artists,
                &names,
                &raw_roles,
                &ranges,
            ],
        )
        .await?;
    written += client
        .execute(
            UPDATE,
            &[
                &album,
                &source,
                &tracks,
                &claimed_by,
                &artists,
                &names,
                &raw_roles,
                &ranges,
                &positions,
                &roles,
                &identities,
                &methods,
                &scores,
                &stated_names,
            ],
        )
        .await?;
    written += client
        .execute(
            INSERT,
            &[
                &album,
                &source,
                &tracks,
                &claimed_by,
                &artists,
                &names,
                &raw_roles,
                &ranges,
                &positions,
                &roles,
                &identities,
                &methods,
                &scores,
                &stated_names,
                &kinds,
            ],
        )
        .await?;
    Ok(written)
}

const LIST_OF_ALBUMS: &str = "
    SELECT c.album_id, c.track_id, c.track_positions, c.track_range, c.source_record_kind, c.source_record_id, c.source_artist_id,
           COALESCE(i.name, c.credited_as), c.credited_as, c.raw_role, c.role::text, c.producer_identity_id, c.matched_by::text, c.match_score,
           i.source_id
    FROM credits c
    LEFT JOIN producer_identities i ON i.id = c.producer_identity_id
    WHERE c.album_id = ANY ($1::bigint[]) AND c.source = $2::text::source
    ORDER BY c.id";

/// A claim that is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCredit {
    /// The album.
    pub album_id: AlbumId,
    /// What is claimed.
    pub row: CreditRow,
    /// Whom it makes a producer: the id of that identity in the source.
    pub producer: Option<String>,
}

impl StoredCredit {
    /// Whether it is about a track of its album that stands at this [`position`].
    #[must_use]
    pub fn covers(&self, track: TrackId, position: &str) -> bool {
        let claim = &self.row;
        match (claim.track_id, &claim.track_positions, &claim.track_range) {
            (Some(id), _, _) => id == track,
            (None, Some(positions), _) => positions.iter().any(|one| one == position),
            (None, None, range) => range.is_none(),
        }
    }
}

/// What a source claims of these albums and of their tracks.
///
/// # Errors
/// The database's.
pub async fn list_of_albums(
    client: &Client<'_>,
    albums: &[AlbumId],
    source: Source,
) -> Result<Vec<StoredCredit>, tokio_postgres::Error> {
    let ids: Vec<i64> = albums.iter().map(|id| id.0).collect();
    let rows = client.query(LIST_OF_ALBUMS, &[&ids, &source.as_str()]).await?;
    Ok(rows
        .iter()
        .map(|row| StoredCredit {
            album_id: AlbumId(row.get(0)),
            row: claim(row),
            producer: row.get(14),
        })
        .collect())
}

fn claim(row: &tokio_postgres::Row) -> CreditRow {
    let word = "the enum of the schema";
    CreditRow {
        track_id: row.get::<_, Option<i64>>(1).map(TrackId),
        track_positions: row.get(2),
        track_range: row.get(3),
        source_record_kind: row.get(4),
        source_record_id: row.get(5),
        credit: Credit {
            source_artist_id: row.get(6),
            name: row.get(7),
            credited_as: row.get(8),
            raw_role: row.get(9),
            role: row.get::<_, &str>(10).parse().expect(word),
        },
        producer_identity_id: row.get(11),
        matched_by: row.get::<_, &str>(12).parse().expect(word),
        match_score: row.get(13),
    }
}

const LIST_SOURCES: &str = "
    SELECT t.id, c.source::text
    FROM tracks t
    JOIN credits c ON c.album_id = t.album_id
     AND (c.track_id = t.id
          OR (c.track_id IS NULL AND c.track_range IS NULL AND c.track_positions IS NULL)
          OR t.disc_number || '-' || t.track_number = ANY (c.track_positions))
    WHERE t.album_id = $1 AND t.removed_at IS NULL AND c.producer_identity_id IS NOT NULL
    GROUP BY t.id, c.source
    ORDER BY t.id, c.source";

/// Which sources name a producer for which of an album's tracks.
///
/// # Errors
/// The database's.
pub async fn list_sources(
    client: &Client<'_>,
    album: AlbumId,
) -> Result<Vec<(TrackId, Source)>, tokio_postgres::Error> {
    let rows = client.query(LIST_SOURCES, &[&album.0]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let source = row.get::<_, &str>(1).parse();
            (TrackId(row.get(0)), source.expect("the enum of the schema"))
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[DELETE_OTHERS, UPDATE, INSERT, LIST_OF_ALBUMS, LIST_SOURCES];
