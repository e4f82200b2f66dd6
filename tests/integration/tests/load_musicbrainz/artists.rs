//! The MusicBrainz dump of artists, for the artists that are in the catalog.

use integration::database;
use integration::dumps::{MusicBrainzDump, file, load, load_artists};
use integration::records::{mbid, person};
use load::SkipReason;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::online::releases;

/// A person with aliases and links.
fn page(number: u64, name: &str, aliases: &[&str], links: &[(&str, &str, bool)]) -> Value {
    let mut page = person(number, name);
    let aliases = aliases.iter().map(|name| json!({"name": name, "locale": null}));
    page["aliases"] = aliases.collect();
    let links = links.iter().map(|(kind, url, ended)| {
        json!({"type": kind, "target-type": "url", "ended": ended, "url": {"resource": url}})
    });
    page["relations"] = links.collect();
    page
}

fn pages() -> MusicBrainzDump {
    let links = [
        ("social network", "https://www.instagram.com/ann.producer/", false),
        ("social network", "https://www.instagram.com/old.ann/", true),
        ("official homepage", "https://ann.example/", false),
        ("discogs", "https://www.discogs.com/artist/77", false),
    ];
    let mut dump = MusicBrainzDump::of_artists(&[
        page(11, "Ann Q. Producer", &["Annie P", "アン"], &links),
        page(1, "The Band", &["Band"], &[]),
        page(77, "On No Record", &["Nobody"], &[]),
        page(11, "Twice", &[], &[]),
    ]);
    dump.lines.insert(1, b"no JSON".to_vec());
    dump
}

#[tokio::test(flavor = "multi_thread")]
async fn names_aliases_and_links_of_known_artists_are_stored_once() {
    let database = database().await;
    load(&database, "paged.tar.xz", &releases()).await;
    let path = file("artist.tar.xz", &pages().xz());
    let mut rows = Vec::new();
    for _ in 0..2 {
        let loaded = load_artists(&database, &path).await.unwrap();
        assert_eq!((loaded.counts.read, loaded.counts.loaded), (5, 2));
        assert_eq!(loaded.counts.skipped(SkipReason::Malformed), 1);
        assert_eq!(loaded.counts.skipped(SkipReason::NotHere), 1);
        assert_eq!(loaded.counts.skipped[&SkipReason::Repeated].ids, [mbid(11)]);
        rows.push(loaded.rows);
    }
    assert!(rows[0] > 0);
    assert_eq!(rows[1], 0, "an unchanged dump writes nothing");
    let names = "SELECT name FROM producers ORDER BY name";
    let names = database.texts(names).await;
    assert_eq!(names, ["Ann Q. Producer", "Bob Other"]);
    for alias in ["annie p", "アン"] {
        let found = format!("SELECT name || ' ' || match_kind FROM search_producers('{alias}')");
        assert_eq!(database.texts(&found).await[0], "Ann Q. Producer exact");
    }
    let contacts = "SELECT kind || ' ' || value || ' ' || source FROM producer_contacts ORDER BY kind";
    let contacts = database.texts(contacts).await;
    assert!(
        contacts.contains(&"instagram ann.producer musicbrainz".to_owned()),
        "{contacts:?}"
    );
    assert!(
        !contacts.iter().any(|one| one.contains("old.ann")),
        "{contacts:?}"
    );
    assert_eq!(contacts.len(), 3, "{contacts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_does_not_restore_erased_contacts() {
    let database = database().await;
    load(&database, "erased.tar.xz", &releases()).await;
    let erased = format!(
        "INSERT INTO contact_suppressions (kind, hash)
            VALUES ('identity', identity_hash('musicbrainz', '{}'))",
        mbid(11)
    );
    database.execute(&erased).await;
    let path = file("erased_artist.tar.xz", &pages().xz());
    load_artists(&database, &path).await.unwrap();
    let contacts = "SELECT count(*) FROM producer_contacts";
    assert_eq!(database.count(contacts).await, 0);
}
