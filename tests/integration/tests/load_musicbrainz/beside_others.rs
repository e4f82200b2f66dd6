//! A load into a catalog with albums of other sources: known albums are recognised as in online ingestion,
//! the others are written in batches.

use integration::database;
use integration::dumps::{MusicBrainzDump, file, load_file, pool};
use integration::records::{
    album, artist, mbid, person, produced_by, recording, release, spotify_id, track, with_upc,
};
use integration::scene::{Scene, ingest_release};
use load::{LoadControl, ReleaseOptions, discogs, input};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::messages::Outcome;

/// A Discogs release with two tracks.
fn discogs_release(number: u32, barcode: &str, master: u32) -> String {
    format!(
        "<release id=\"{number}\" status=\"Accepted\"><artists><artist><id>7</id><name>The \
            Band</name></artist></artists><title>Album</title>\
         <extraartists><artist><id>8</id><name>A Producer</name><role>Producer</role></artist></extraartists>\
         <master_id>{master}</master_id><tracklist><track><position>1</position><title>One \
         {master}</title></track>\
         <track><position>2</position><title>Two</title></track></tracklist>\
         <identifiers><identifier type=\"Barcode\" value=\"{barcode}\"/></identifiers></release>"
    )
}

/// A MusicBrainz release with two tracks in its own release group.
fn musicbrainz_release(number: u64, first: &str, barcode: Option<&str>) -> Value {
    let (band, ann) = (person(1, "The Band"), person(11, "Ann Producer"));
    let one = recording(100 + number, first, &band, vec![produced_by(&ann)]);
    let two = recording(200, "Two", &band, vec![produced_by(&ann)]);
    let mut release = release(number, &format!("Album {number}"), &band, &[&one, &two]);
    release["release-group"] = json!({"id": mbid(1_000 + number)});
    release["barcode"] = json!(barcode);
    release
}

/// A database with albums from Discogs, Spotify and online ingestion.
async fn scene_with_albums(releases: &[Value]) -> Scene {
    let scene = Scene::new().await;
    let xml = [
        discogs_release(1, "700000000011", 51),
        discogs_release(2, "700000000028", 52),
        discogs_release(3, "700000000035", 52),
    ];
    let xml = format!("<releases>{}</releases>", xml.concat());
    let path = file("others.xml", xml.as_bytes());
    let (pool, input) = (pool(&scene.database), input::open(&path).unwrap());
    let everything = ReleaseOptions {
        everything: true,
        ..ReleaseOptions::default()
    };
    let loaded = discogs::load_releases(&pool, input, everything, &LoadControl::default()).await;
    assert_eq!(loaded.unwrap().counts.loaded, 3);
    let band = artist("band", "The Band");
    for (id, first) in [("coded", "Coded"), ("stated", "Stated")] {
        let tracks = vec![
            track(&format!("{id}1"), 1, first, &[&band]),
            track(&format!("{id}2"), 2, "Two", &[&band]),
        ];
        let album = album(id, "Album", &[&band], tracks);
        let album = match id {
            "coded" => with_upc(album, "700000000042"),
            _ => album,
        };
        scene.ingest(&album).await;
    }
    ingest_online(&scene, &releases[..1]).await;
    scene
}

async fn ingest_online(scene: &Scene, releases: &[Value]) {
    for release in releases {
        scene.upstream.give_release(release);
        let id = release["id"].as_str().unwrap();
        let outcome = scene.machine.outcome(ingest_release(id)).await;
        assert_eq!(outcome, Outcome::Done);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn albums_of_other_sources_are_recognised_as_online() {
    let url = format!("https://open.spotify.com/album/{}", spotify_id("stated"));
    let mut stated = musicbrainz_release(24, "Stated", None);
    stated["relations"] = json!([{"type": "free streaming", "target-type": "url", "url": {"resource": url}}]);
    let all = [
        musicbrainz_release(20, "Asked For", None),
        musicbrainz_release(21, "One 51", Some("700000000011")),
        musicbrainz_release(22, "One 52", Some("700000000035")),
        musicbrainz_release(23, "Coded", Some("700000000042")),
        stated,
        musicbrainz_release(25, "New", Some("700000000059")),
        musicbrainz_release(26, "New", Some("700000000059")),
        musicbrainz_release(27, "Another", Some("700000000059")),
        musicbrainz_release(28, "One 51", None),
    ];
    let (loaded, online) = (scene_with_albums(&all).await, scene_with_albums(&all).await);
    let path = file("beside_others.tar.xz", &MusicBrainzDump::of_releases(&all).xz());
    let load_outcome = load_file(&loaded.database, &path, false).await.unwrap();
    assert_eq!(load_outcome.counts.loaded, 9);
    ingest_online(&online, &all).await;
    let expected = online.database.fingerprint().await.parts;
    assert_eq!(loaded.database.fingerprint().await.parts, expected);
    let albums = "SELECT count(*) FROM albums";
    assert_eq!(loaded.database.count(albums).await, 8);
    let again = load_file(&loaded.database, &path, false).await.unwrap();
    assert_eq!((again.rows, again.counts.unchanged), (0, 9));
}

/// Artists, producers and songs that many releases share are stored once.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_gives_the_same_rows_as_online_ingestion() {
    let all = &crate::stopped::many()[..120];
    let (loaded, online) = (database().await, Scene::new().await);
    let path = file("together.tar.xz", &MusicBrainzDump::of_releases(all).xz());
    let load_outcome = load_file(&loaded, &path, false).await.unwrap();
    assert_eq!(load_outcome.counts.loaded, 120);
    ingest_online(&online, all).await;
    let expected = online.database.fingerprint().await.parts;
    assert_eq!(loaded.fingerprint().await.parts, expected);
}

/// In a newer dump another release of a group is preferred. One is a known Spotify album, another is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_better_release_of_a_group_replaces_the_earlier_one() {
    let of_group = |number, group: u64, first, barcode| {
        let mut release = musicbrainz_release(number, first, barcode);
        release["release-group"] = json!({"id": mbid(group)});
        release
    };
    let known_release = musicbrainz_release(20, "Asked For", None);
    let older = [
        known_release.clone(),
        of_group(40, 60, "Coded", None),
        of_group(42, 61, "New", None),
        // Moves to the group of the next release, which is then preferred.
        of_group(44, 62, "Moved", None),
        of_group(46, 63, "Better", Some("700000000066")),
    ];
    let mut newer = older.to_vec();
    newer.push(of_group(41, 60, "Coded", Some("700000000042")));
    newer.push(of_group(43, 61, "New", Some("700000000073")));
    newer[3]["release-group"] = json!({"id": mbid(63)});
    newer.push(of_group(45, 62, "In Its Place", None));
    let (updated, fresh) = (scene_with_albums(&older).await, scene_with_albums(&newer).await);
    let path = |name: &str, releases: &[Value]| file(name, &MusicBrainzDump::of_releases(releases).xz());
    let (old, new) = (path("older.tar.xz", &older), path("newer.tar.xz", &newer));
    let load_outcome = load_file(&updated.database, &old, false).await.unwrap();
    assert_eq!(load_outcome.counts.loaded, 5);
    let load_outcome = load_file(&updated.database, &new, false).await.unwrap();
    assert_eq!((load_outcome.counts.changed, load_outcome.counts.loaded), (2, 1));
    // These include the releases that others replace.
    assert_eq!(
        (load_outcome.counts.unchanged, load_outcome.counts.vanished),
        (4, 0)
    );
    let load_outcome = load_file(&fresh.database, &new, false).await.unwrap();
    assert_eq!(load_outcome.counts.loaded, 5);
    let expected = fresh.database.fingerprint().await.parts;
    assert_eq!(updated.database.fingerprint().await.parts, expected);
    let again = load_file(&updated.database, &new, false).await.unwrap();
    assert_eq!((again.rows, again.counts.unchanged), (0, 5));
}
