//! What most tests of a function need: a database, the functions, and a stand-in for the upstreams.

use serde_json::Value;
use shared::domain::ids::{AlbumId, IngestionId};
use shared::domain::messages::{Message, Outcome, QueueName};

use crate::records::album_of;
use crate::upstream::Upstream;
use crate::{Database, Machine};

/// Each producer of each track, with role and confidence.
pub const PRODUCERS: &str = "SELECT t.name || ': ' || p.name || ' ' || tp.role || ' ' ||
    round(tp.confidence::numeric, 2) FROM track_producers tp JOIN tracks t ON t.id = tp.track_id
    JOIN producers p ON p.id = tp.producer_id ORDER BY t.id, p.name";

/// Each credit, with its track, name, wording, and whether it has a producer.
pub const CREDITS: &str = "SELECT COALESCE(t.name, 'album') || ': ' || c.credited_as || ' ' || c.raw_role ||
    ' ' || (c.producer_identity_id IS NOT NULL) FROM credits c LEFT JOIN tracks t ON t.id = c.track_id
    ORDER BY t.id NULLS FIRST, c.credited_as, c.raw_role";

/// Each lookup of an album or a track at MusicBrainz, with its outcome.
pub const LOOKUPS: &str = "SELECT l.kind || ' ' || COALESCE(t.name, '') || ' ' || l.outcome FROM lookups l
    LEFT JOIN tracks t ON l.kind = 'track' AND l.subject = t.id::text WHERE l.source = 'musicbrainz'
    AND l.kind IN ('album', 'track') ORDER BY l.kind, t.id";

/// A database, the functions on it, and their upstream.
pub struct Scene {
    /// The stand-in for all upstreams.
    pub upstream: Upstream,
    /// The database.
    pub database: Database,
    /// The functions.
    pub machine: Machine,
}

impl Scene {
    /// A scene with an empty database and an upstream without records.
    pub async fn new() -> Self {
        let (upstream, database) = (Upstream::start().await, crate::database().await);
        let machine = upstream.machine(&database);
        Self {
            upstream,
            database,
            machine,
        }
    }

    /// Adds an album to Spotify and ingests it; gives its id in our catalog.
    pub async fn ingest(&self, album: &Value) -> AlbumId {
        self.upstream.give_album(album);
        let id = album["id"].as_str().unwrap();
        let outcome = self.machine.outcome(ingest_album(id)).await;
        assert_eq!(outcome, Outcome::Done);
        let ours = "SELECT album_id FROM album_links WHERE source = 'spotify' AND source_id =";
        AlbumId(self.database.count(&format!("{ours} '{id}'")).await)
    }

    /// Identifies the producers of an album.
    pub async fn identify(&self, album_id: AlbumId) {
        let outcome = self.machine.outcome(Message::IdentifyAlbum { album_id }).await;
        assert_eq!(outcome, Outcome::Done);
    }

    /// Each step of an ingestion, with its outcome and the reason.
    pub async fn steps(&self, id: IngestionId) -> Vec<String> {
        self.texts(&format!(
            "SELECT kind || ' ' || COALESCE(outcome::text, 'waiting') || COALESCE(' ' || (detail ->>
                'reason'), '')
             FROM ingestion_tasks WHERE ingestion_id = {id} ORDER BY kind, subject"
        ))
        .await
    }

    /// The first column of a query that gives texts.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        self.database.texts(sql).await
    }
}

/// The message that ingests a Spotify album.
pub fn ingest_album(id: &str) -> Message {
    Message::IngestAlbum {
        spotify_album_id: id.parse().unwrap(),
    }
}

/// The message that ingests a MusicBrainz release.
pub fn ingest_release(mbid: &str) -> Message {
    Message::IngestRelease {
        release_mbid: mbid.parse().unwrap(),
    }
}

/// The message that lists the first page of an artist's own releases at MusicBrainz.
pub fn list_releases(mbid: &str) -> Message {
    Message::ListReleases {
        artist_mbid: mbid.parse().unwrap(),
        offset: 0,
        appears_on: false,
    }
}

/// The message that ingests the first page of an artist's own Spotify albums.
pub fn ingest_artist(id: &str) -> Message {
    Message::IngestArtist {
        spotify_artist_id: id.parse().unwrap(),
        offset: 0,
        appears_on: false,
    }
}

/// A scene with the album of the id `x` and these songs, as the album 1.
pub async fn scene_of(songs: &[&str]) -> Scene {
    let scene = Scene::new().await;
    assert_eq!(scene.ingest(&album_of("x", songs)).await, AlbumId(1));
    scene
}

/// Requests a message and handles the catalog queue once. Returns the outcome and the reason of each step.
pub async fn outcomes_of(scene: &Scene, message: Message) -> Vec<String> {
    let id = scene.machine.request(&[message]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    scene.steps(id).await
}
