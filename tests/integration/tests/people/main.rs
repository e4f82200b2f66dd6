//! Decisions by people about producers and credits on a real Postgres: merges, unmerges, automatic merges,
//! possible duplicates, verdicts, manual credits, and erased contacts.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod duplicates;
mod erasing;
mod imports;
mod joins;
mod merges;
mod over_http;
mod restoring;
mod together;
mod verdicts;

use std::collections::BTreeMap;

use integration::{DECISION, Database, rows};
use shared::domain::credits::{Credit, MatchMethod, Role, Source};
use shared::domain::ids::{AlbumId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::albums;
use shared::store::credits::CreditRow;
use shared::store::credits::{self, track_producers};
use shared::store::producers::{self, NameKind, ProducerIdentity, ProducerName};

/// An album with two tracks. The first is a version of a song.
struct Album {
    id: AlbumId,
    tracks: [TrackId; 2],
}

async fn an_album(client: &Client<'_>, name: &str) -> Album {
    let artist = rows::artist(client, &format!("artist of {name}")).await;
    let id = rows::album(client, artist, name, 1990).await;
    let song = rows::song(client, artist, "song").await;
    let tracks = [
        rows::track(client, id, 1, Some(song)).await,
        rows::track(client, id, 2, None).await,
    ];
    Album { id, tracks }
}

/// Inserts a producer with the id and name that a source states.
async fn producer(client: &Client<'_>, source: Source, id: &str, name: &str) -> ProducerIdentity {
    let named = BTreeMap::from([(id.to_owned(), name.to_owned())]);
    let identity = producers::upsert_identities(client, source, &named)
        .await
        .unwrap()[id];
    let kept = ProducerName {
        producer_id: identity.producer_id,
        name: name.to_owned(),
        kind: NameKind::Primary,
    };
    producers::insert_names(client, source, &[kept]).await.unwrap();
    identity
}

/// Writes a credit for a track, or for the whole album. It is the only credit of its source record.
async fn credit(
    database: &Database,
    source: Source,
    album: &Album,
    track: Option<TrackId>,
    identity: ProducerIdentity,
    name: &str,
) {
    let claim = claim(source, track, identity, name);
    write(database, source, album, claim).await;
}

fn claim(source: Source, track: Option<TrackId>, identity: ProducerIdentity, name: &str) -> CreditRow {
    CreditRow {
        track_positions: None,
        track_range: None,
        track_id: track,
        source_record_kind: "recording".to_owned(),
        source_record_id: format!("{source}-{}-{track:?}", identity.id),
        credit: Credit {
            source_artist_id: Some(identity.id.to_string()),
            name: name.to_owned(),
            credited_as: name.to_owned(),
            raw_role: "producer".to_owned(),
            role: Role::Producer,
        },
        producer_identity_id: Some(identity.id),
        matched_by: MatchMethod::Barcode,
        match_score: 1.0,
    }
}

async fn write(database: &Database, source: Source, album: &Album, claim: CreditRow) {
    let record = claim.source_record_id.clone();
    let mut client = database.client().await;
    let transaction = client.transaction().await.unwrap();
    albums::lock(&transaction, album.id).await.unwrap();
    credits::replace(&transaction, album.id, source, &[record], &[claim])
        .await
        .unwrap();
    track_producers::refresh(&transaction, &album.tracks)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

/// Every row that a merge can change, without the times of writing and the generated ids.
async fn everything(database: &Database) -> Vec<String> {
    database
        .texts(
            "SELECT 'producer ' || (to_jsonb(p) - 'updated_at')::text FROM producers p
             UNION ALL SELECT 'identity ' || to_jsonb(i)::text FROM producer_identities i
             UNION ALL SELECT 'name ' || to_jsonb(n)::text FROM producer_names n
             UNION ALL SELECT 'link ' || to_jsonb(l)::text FROM producer_links l
             UNION ALL SELECT 'contact ' || to_jsonb(c)::text FROM producer_contacts c
             UNION ALL SELECT 'credit ' || to_jsonb(c)::text FROM credits c
             UNION ALL SELECT 'verdict ' || to_jsonb(o)::text FROM credit_overrides o
             UNION ALL SELECT 'made ' || (to_jsonb(tp) - 'id' - 'created_at')::text FROM track_producers tp
             ORDER BY 1",
        )
        .await
}

/// The track producers with their source and confidence.
const TRACK_PRODUCERS: &str =
    "SELECT concat_ws(' ', tp.track_id, tp.producer_id, tp.source, round(tp.confidence::numeric, 2))
    FROM track_producers tp ORDER BY tp.track_id, tp.producer_id";
