//! An album that both sources have is one album, whichever source added it first.

use integration::deliveries::shuffle;
use integration::records::{
    UPC, album, artist, mbid, person, produced_by, recording, release, spotify_id, track, with_upc,
};
use integration::scene::{ingest_album, ingest_artist, ingest_release, list_releases};
use integration::upstream::Upstream;
use integration::{Database, Machine, database};
use linernotes::demo::{Catalog, StandInOptions, StandIns};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::catalog::identification::{self, AlbumSnapshot};
use shared::domain::ids::{AlbumId, ReleaseMbid};
use shared::domain::messages::{Message, Outcome};
use shared::store::catalog::fingerprint::Fingerprint;

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_of_the_demo_is_the_same_whichever_source_comes_first() {
    let stand_ins = StandIns::start(Catalog::real().unwrap(), StandInOptions::default())
        .await
        .unwrap();
    let artists = &stand_ins.artists()[..8];
    let spotify: Vec<Message> = artists.iter().map(|artist| ingest_artist(&artist.id)).collect();
    let musicbrainz: Vec<Message> = artists
        .iter()
        .map(|artist| list_releases(&artist.mbid().to_string()))
        .collect();
    let mut fingerprints: Vec<Fingerprint> = Vec::new();
    for order in [[&spotify, &musicbrainz], [&musicbrainz, &spotify]] {
        let database = database().await;
        let machine = Machine::new(&database, &stand_ins);
        for messages in order {
            machine.request(messages).await;
            machine.drain(&database).await;
        }
        let names: Vec<&str> = artists.iter().map(|artist| artist.name.as_str()).collect();
        let albums = stand_ins.catalog().albums.iter();
        let albums = albums.filter(|album| names.contains(&album.artists[0].name.as_str()));
        assert_eq!(
            database.count("SELECT count(*) FROM albums").await,
            albums.count() as i64
        );
        fingerprints.push(database.fingerprint().await);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);

    let both = [&spotify[..3], &musicbrainz[..3]].concat();
    let (in_order, shuffled) = (database().await, database().await);
    let machine = Machine::new(&in_order, &stand_ins);
    machine.request(&both).await;
    machine.drain(&in_order).await;
    let machine = Machine::new(&shuffled, &stand_ins);
    machine.request(&both).await;
    shuffle(&[&machine], &shuffled, 7).await;
    assert_eq!(shuffled.fingerprint().await, in_order.fingerprint().await);
}

/// A Spotify album with two tracks.
fn spotify_album(names: [&str; 2]) -> Value {
    let band = artist("a", "Band");
    let tracks = vec![
        track("x1", 1, names[0], &[&band]),
        track("x2", 2, names[1], &[&band]),
    ];
    album("x", "Album", &[&band], tracks)
}

/// A MusicBrainz release with two tracks. The number distinguishes releases.
fn musicbrainz_release(number: u64, names: [&str; 2]) -> Value {
    let (band, producer) = (person(1, "band"), person(2, "P"));
    let [one, two] = [0, 1].map(|place| {
        let credits = vec![produced_by(&producer)];
        recording(number * 10 + place as u64, names[place], &band, credits)
    });
    let mut release = release(number, "Album!", &band, &[&one, &two]);
    release["label-info"] = json!([{"label": {"name": "Label"}}]);
    release["release-group"] = json!({"id": mbid(31), "primary-type": "EP", "first-release-date": "1999"});
    release
}

/// Ingests both albums in each order, asserts that the rows are equal, and returns one of the databases.
async fn in_either_order(spotify: &Value, musicbrainz: &Value) -> Database {
    let upstream = Upstream::start().await;
    upstream.give_album(spotify);
    upstream.give_release(musicbrainz);
    if let Some(barcode) = musicbrainz["barcode"].as_str() {
        upstream.give_releases(barcode, &[musicbrainz]);
    }
    let messages = [
        ingest_album(spotify["id"].as_str().unwrap()),
        ingest_release(musicbrainz["id"].as_str().unwrap()),
    ];
    let mut databases = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let database = database().await;
        let machine = upstream.machine(&database);
        for place in order {
            machine.request(&messages[place..=place]).await;
            machine.drain(&database).await;
        }
        databases.push(database);
    }
    let [one, other] = [&databases[0], &databases[1]];
    assert_eq!(other.fingerprint().await, one.fingerprint().await);
    databases.remove(0)
}

const ALBUMS: &str = "SELECT a.name || ' ' || COALESCE(left(a.spotify_id, 1), '-') || ' ' || a.album_type ||
    ' ' || a.release_date || ' ' || COALESCE(a.label, '-') || ': '
    || (SELECT string_agg(t.name, ', ' ORDER BY t.track_number) FROM tracks t WHERE t.album_id = a.id
    AND t.removed_at IS NULL) || '; '
    || (SELECT string_agg(l.source || ' ' || l.matched_by, ', ' ORDER BY l.source, l.source_id)
    FROM album_links l WHERE l.album_id = a.id)
    FROM albums a ORDER BY a.name";

#[tokio::test]
async fn one_barcode_and_one_list_of_tracks_make_one_album() {
    let spotify = with_upc(spotify_album(["One - Remastered", "Two"]), UPC);
    let mut musicbrainz = musicbrainz_release(21, ["One", "Two"]);
    musicbrainz["barcode"] = json!(format!("0{UPC}"));
    let database = in_either_order(&spotify, &musicbrainz).await;
    assert_eq!(
        database.texts(ALBUMS).await,
        ["Album x album 2001-05-17 Label: One - Remastered, Two; spotify own, musicbrainz own"],
        "Spotify leads, MusicBrainz fills the gaps"
    );
    let artists = "SELECT a.name || ' ' || string_agg(i.source::text, ' ' ORDER BY i.source) FROM artists a
        JOIN artist_identities i ON i.artist_id = a.id GROUP BY a.id";
    assert_eq!(database.texts(artists).await, ["Band spotify musicbrainz"]);
    let songs = "SELECT normalized_name FROM normalized_tracks ORDER BY 1";
    assert_eq!(database.texts(songs).await, ["one", "two"]);
    let produced = "SELECT count(*) FROM track_producers";
    assert_eq!(database.count(produced).await, 2);
}

/// A lookup for the album of the MusicBrainz artist does not count for the album of the Spotify artist.
#[tokio::test]
async fn an_album_that_moved_to_the_spotify_artist_is_looked_up_again() {
    let (upstream, database) = (Upstream::start().await, database().await);
    let machine = upstream.machine(&database);
    let mut musicbrainz = musicbrainz_release(21, ["One", "Two"]);
    musicbrainz["barcode"] = json!(UPC);
    let mut spotify = with_upc(spotify_album(["One", "Two"]), UPC);
    spotify["name"] = musicbrainz["title"].clone();
    upstream.give_album(&spotify);
    upstream.give_releases(UPC, &[&musicbrainz]);
    let own_release: ReleaseMbid = mbid(21).parse().unwrap();
    machine.request(&[ingest_release(own_release.as_str())]).await;
    machine.drain(&database).await;

    let mut client = database.client().await;
    let id = AlbumId(database.count("SELECT id FROM albums").await);
    let snapshot = AlbumSnapshot::load(&client, id).await.unwrap().unwrap();
    assert_eq!(snapshot.own_release.as_ref(), Some(&own_release));
    let transaction = client.transaction().await.unwrap();
    let written = identification::write(&transaction, &snapshot, &[], &[]).await;
    assert!(written.unwrap().is_some(), "nothing changed yet");
    drop(transaction);

    let arrives = machine.outcome(ingest_album(&spotify_id("x"))).await;
    assert_eq!(arrives, Outcome::Done);
    let transaction = client.transaction().await.unwrap();
    let written = identification::write(&transaction, &snapshot, &[], &[]).await;
    assert_eq!(written.unwrap(), None);
}

#[tokio::test]
async fn one_barcode_with_other_tracks_makes_two_albums() {
    let spotify = with_upc(spotify_album(["One", "Three"]), UPC);
    let mut musicbrainz = musicbrainz_release(21, ["One", "Two"]);
    musicbrainz["barcode"] = json!(UPC);
    let database = in_either_order(&spotify, &musicbrainz).await;
    assert_eq!(database.count("SELECT count(*) FROM albums").await, 2);
}

#[tokio::test]
async fn a_link_that_musicbrainz_states_makes_one_album_without_a_barcode() {
    let spotify = spotify_album(["One", "Zwei"]);
    let mut musicbrainz = musicbrainz_release(21, ["One", "Two"]);
    let url = format!("https://open.spotify.com/album/{}", spotify_id("x"));
    musicbrainz["relations"] =
        json!([{"type": "free streaming", "target-type": "url", "url": {"resource": url}}]);
    let database = in_either_order(&spotify, &musicbrainz).await;
    assert_eq!(
        database.texts(ALBUMS).await,
        ["Album x album 2001-05-17 Label: One, Zwei; spotify own, musicbrainz own"],
        "one title is written differently"
    );
}

#[tokio::test]
async fn a_link_to_another_album_is_not_believed() {
    let spotify = spotify_album(["Three", "Four"]);
    let mut musicbrainz = musicbrainz_release(21, ["One", "Two"]);
    let url = format!("https://open.spotify.com/album/{}", spotify_id("x"));
    musicbrainz["relations"] =
        json!([{"type": "free streaming", "target-type": "url", "url": {"resource": url}}]);
    let database = in_either_order(&spotify, &musicbrainz).await;
    assert_eq!(
        database.texts(ALBUMS).await,
        [
            "Album x album 2001-05-17 -: Three, Four; spotify own",
            "Album! - single 1999-01-01 Label: One, Two; spotify link, musicbrainz own",
        ]
    );
}

#[tokio::test]
async fn two_releases_with_one_barcode_are_one_album_led_by_the_smaller_mbid() {
    let releases = [21, 22].map(|number| {
        let mut release = musicbrainz_release(number, ["One", "Two"]);
        release["barcode"] = json!(UPC);
        release["title"] = json!(format!("Album {number}"));
        release
    });
    let mut fingerprints = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let (upstream, database) = (Upstream::start().await, database().await);
        let machine = upstream.machine(&database);
        for place in order {
            let release: &Value = &releases[place];
            upstream.give_release(release);
            machine
                .request(&[ingest_release(release["id"].as_str().unwrap())])
                .await;
            machine.drain(&database).await;
        }
        let names = "SELECT name FROM albums";
        assert_eq!(database.texts(names).await, ["Album 21"]);
        fingerprints.push(database.fingerprint().await);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}
