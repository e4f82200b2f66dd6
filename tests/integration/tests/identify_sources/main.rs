//! Credits of one album from MusicBrainz, Discogs, Genius and our own tables. For MusicBrainz alone see
//! `identify.rs`.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod blocked;
mod odd_names;
mod odd_people;
mod on_discogs;
mod on_genius;
mod own_tables;
mod together;

use axum::body::Body;
use axum::http::Request;
use integration::records::{
    UPC, album_of, mbid, person, produced_by, recording, relation, release, spotify_id, with_upc,
};
use integration::scene::{PRODUCERS, Scene};
use integration::sources::{discogs_credit, discogs_release, discogs_track, genius_artist, genius_song};
use integration::upstream::Answer;
use integration::{Database, EVERY_SOURCE, bootstrap};
use serde_json::{Value, json};
use shared::curation::{Decision, decide};
use shared::domain::ids::{AlbumId, ProducerId, TrackId};
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::store::credits::credit_overrides::OverrideVerdict;
use tower::ServiceExt as _;

const ALBUM: AlbumId = AlbumId(1);

/// Every credit: its track or album, its range, its source, name and role, and how it was matched.
const CLAIMS: &str = "SELECT COALESCE(t.name, 'album') || COALESCE(' (' || c.track_range || ' = ' ||
    COALESCE(array_to_string(c.track_positions, ' '), '?') || ')', '')
    || ': ' || c.source || ' ' || c.credited_as || ', ' || c.raw_role || ', ' || c.matched_by
    FROM credits c LEFT JOIN tracks t ON t.id = c.track_id
    ORDER BY t.id NULLS FIRST, c.source, c.credited_as, c.raw_role, c.track_range";

/// The lookups at the sources of credits and their outcomes.
const LOOKUPS: &str =
    "SELECT l.source || ' ' || l.kind || COALESCE(' ' || t.name, '') || ' ' || l.outcome FROM lookups l
    LEFT JOIN tracks t ON l.kind = 'track' AND l.subject = t.id::text
    WHERE l.source IN ('musicbrainz', 'discogs', 'genius') ORDER BY l.source, l.kind, t.id";

/// The album with the id `x` by the artist A, with these songs, each 200 seconds long.
async fn scene_of(songs: &[&str]) -> Scene {
    let scene = Scene::with_all_sources().await;
    assert_eq!(scene.ingest(&album_of("x", songs)).await, ALBUM);
    scene
}

fn discogs_a() -> Value {
    discogs_credit(70, "A", "", "")
}

fn genius_a() -> Value {
    genius_artist(80, "A")
}

/// Adds the album to MusicBrainz, with the producer of each song.
fn give_musicbrainz(scene: &Scene, songs: &[(&str, Option<&str>)]) {
    let recordings: Vec<Value> = (0..)
        .zip(songs)
        .map(|(at, (title, producer))| {
            let producers = producer.map(|name| produced_by(&person(30 + at, name)));
            recording(11 + at, title, &person(1, "A"), producers.into_iter().collect())
        })
        .collect();
    let whole = release(
        21,
        "Album",
        &person(1, "A"),
        &recordings.iter().collect::<Vec<_>>(),
    );
    scene.upstream.give_releases(UPC, &[&whole]);
}

/// Adds a release of the album to Discogs, with these credits for the whole release. Its tracks are A1, A2
/// and so on.
fn give_discogs(scene: &Scene, songs: &[(&str, &[Value])], credits: &[Value]) {
    let tracks: Vec<Value> = (1..)
        .zip(songs)
        .map(|(number, (title, credits)): (u32, _)| discogs_track(&format!("A{number}"), title, credits))
        .collect();
    let release = discogs_release(500, "Album", &discogs_a(), &tracks, credits);
    scene
        .upstream
        .give_discogs(&format!("&barcode={UPC}&"), &[&release]);
}

async fn identify(scene: &Scene, album_id: AlbumId) -> Outcome {
    let identify = Message::IdentifyAlbum { album_id };
    let envelope = Envelope::requested(identify, None);
    scene.machine.handle(envelope).await.unwrap()
}

/// The answer of `GET /v1/tracks/{id}`.
async fn track_page(database: &Database, id: i64) -> Value {
    let bootstrap = bootstrap(&database.pool, api::SETTINGS, EVERY_SOURCE);
    let router = api::router(api::Context::new(&bootstrap));
    let request = Request::get(format!("/v1/tracks/{id}")).header("host", "localhost");
    let answer = router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX)
        .await
        .unwrap();
    serde_json::from_slice(&body).unwrap()
}
