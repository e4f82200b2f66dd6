//! Rows for the tests of the store, as small as the schema permits.

use std::collections::BTreeMap;

use shared::domain::credits::{Credit, MatchMethod, Role, Source};
use shared::domain::ids::{AlbumId, ArtistId, NormalizedTrackId, ProducerId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::normalized_tracks;
use shared::store::credits::CreditRow;
use shared::store::producers::{self, ProducerIdentity};

/// A Spotify id that ends with `number`.
pub fn spotify_id(number: u32) -> String {
    format!("{number:0>22}")
}

/// Inserts an artist.
pub async fn artist(client: &Client<'_>, name: &str) -> ArtistId {
    ArtistId(
        one(
            client,
            "INSERT INTO artists (name) VALUES ($1) RETURNING id",
            name,
        )
        .await,
    )
}

async fn one(client: &Client<'_>, sql: &str, text: &str) -> i64 {
    client.query_one(sql, &[&text]).await.unwrap().get(0)
}

/// Inserts an album that was released in a year.
pub async fn album(client: &Client<'_>, artist: ArtistId, name: &str, year: i32) -> AlbumId {
    let sql = "INSERT INTO albums (artist_id, name, release_date, release_date_precision)
        VALUES ($1, $2, make_date($3, 1, 1), 'year') RETURNING id";
    let row = client.query_one(sql, &[&artist.0, &name, &year]).await.unwrap();
    AlbumId(row.get(0))
}

/// Inserts a song of an artist.
pub async fn song(client: &Client<'_>, artist: ArtistId, name: &str) -> NormalizedTrackId {
    let key = (artist, name.to_owned());
    normalized_tracks::upsert(client, std::slice::from_ref(&key))
        .await
        .unwrap()[&key]
}

/// Inserts a track of an album, which is a version of `song`.
pub async fn track(
    client: &Client<'_>,
    album: AlbumId,
    number: i32,
    song: Option<NormalizedTrackId>,
) -> TrackId {
    let sql = "INSERT INTO tracks (album_id, track_number, name, normalized_track_id)
        VALUES ($1, $2, 'track ' || $2, $3) RETURNING id";
    let row = client
        .query_one(sql, &[&album.0, &number, &song.map(|id| id.0)])
        .await
        .unwrap();
    TrackId(row.get(0))
}

/// Inserts a producer with an identity at MusicBrainz.
pub async fn producer(client: &Client<'_>, source_id: &str) -> ProducerIdentity {
    let named = BTreeMap::from([(source_id.to_owned(), format!("Producer {source_id}"))]);
    producers::upsert_identities(client, Source::MusicBrainz, &named)
        .await
        .unwrap()[source_id]
}

/// A credit in a MusicBrainz record for a track, or for the whole album.
pub fn claim(track: Option<TrackId>, record: &str, identity: ProducerIdentity, role: Role) -> CreditRow {
    CreditRow {
        track_id: track,
        track_positions: None,
        track_range: None,
        source_record_kind: "recording".to_owned(),
        source_record_id: record.to_owned(),
        credit: Credit {
            source_artist_id: Some(identity.id.to_string()),
            name: "a name".to_owned(),
            credited_as: "a name".to_owned(),
            raw_role: role.as_str().to_owned(),
            role,
        },
        producer_identity_id: role.is_music_production().then_some(identity.id),
        matched_by: MatchMethod::Barcode,
        match_score: 1.0,
    }
}

/// Makes somebody the producer of a track without any credit, for tests of the statistics.
pub async fn produced(client: &Client<'_>, track: TrackId, producer: ProducerId) {
    let sql = "INSERT INTO track_producers (track_id, producer_id, confidence, source, role)
        VALUES ($1, $2, 0.9, 'musicbrainz', 'producer')";
    client.execute(sql, &[&track.0, &producer.0]).await.unwrap();
}
