//! A load of a dump of recorded releases. They are outside the project, in `musicbrainz/` of the folder that
//! LINERNOTES_RECORDED names.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::path::PathBuf;

use integration::database;
use integration::dumps::{MusicBrainzDump, file, load_artists, load_file};
use pretty_assertions::assert_eq;
use serde_json::Value;

#[expect(
    clippy::disallowed_methods,
    reason = "a setting of this test, not of the product"
)]
fn recorded(name: &str) -> Value {
    let folder = std::env::var_os("LINERNOTES_RECORDED")
        .expect("LINERNOTES_RECORDED names the folder of recorded responses");
    let path = PathBuf::from(folder).join("musicbrainz").join(name);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// The number of producers that the recordings of a release name, counted without the loader.
fn producers_of(release: &Value) -> usize {
    let media = release["media"].as_array().unwrap();
    let tracks = media
        .iter()
        .flat_map(|medium| medium["tracks"].as_array().unwrap());
    // Some recorded answers have no relations of recordings.
    let relations = tracks.filter_map(|track| track["recording"]["relations"].as_array());
    let relations = relations.flatten();
    let producers = relations.filter(|relation| relation["type"] == "producer");
    producers.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_releases_are_loaded_with_every_producer() {
    let database = database().await;
    let releases = ["release_70130d47_wipeout.json", "picard_release.json"].map(recorded);
    let dump = MusicBrainzDump::of_releases(&releases);
    let path = file("recorded.tar.xz", &dump.xz());
    let loaded = load_file(&database, &path, true).await.unwrap();
    assert_eq!((loaded.counts.read, loaded.counts.loaded), (2, 2));
    for release in &releases {
        let id = release["id"].as_str().unwrap();
        let stated = format!(
            "SELECT count(*) FROM credits c JOIN album_links l ON l.album_id = c.album_id
             WHERE l.source_id = '{id}' AND c.track_id IS NOT NULL AND (c.raw_role = 'producer'
             OR starts_with(c.raw_role, 'producer ['))"
        );
        let stated = database.count(&stated).await;
        assert_eq!(stated, i64::try_from(producers_of(release)).unwrap(), "{id}");
    }
    assert!(releases.iter().any(|release| producers_of(release) > 0));
    let again = load_file(&database, &path, true).await.unwrap();
    assert_eq!((again.rows, again.counts.unchanged), (0, 2));
    let artists = ["artist_2280ca0e_url_rels.json", "artist_5b687684_url_rels.json"].map(recorded);
    let path = file(
        "recorded_artists.tar.xz",
        &MusicBrainzDump::of_artists(&artists).xz(),
    );
    let loaded = load_artists(&database, &path).await.unwrap();
    assert_eq!(loaded.counts.read, 2);
}
