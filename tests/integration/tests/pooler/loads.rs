//! A load needs a direct connection, and refuses one that it shares with others.

use integration::dumps::{MusicBrainzDump, file};
use integration::{database, pool};
use load::{LoadControl, ReleaseOptions, discogs, input, musicbrainz};
use shared::platform::db::Statements;

use crate::pgbouncer::Pooler;

#[tokio::test(flavor = "multi_thread")]
async fn a_load_through_a_pooler_is_refused_before_it_writes() {
    let database = database().await;
    let xml = b"<releases><release id=\"1\"></release></releases>";
    let discogs_path = file("releases.xml", xml);
    let musicbrainz_path = file("release.tar.xz", &MusicBrainzDump::of_releases(&[]).xz());
    let control = LoadControl::default();
    let options = ReleaseOptions::default();
    for connections in [1, 2, 5] {
        let pooler = Pooler::before(&database.url, connections).await;
        let pool = pool(&pooler.url, Statements::Unnamed, 6);
        let discogs_dump = input::open(&discogs_path).unwrap();
        let musicbrainz_dump = input::open(&musicbrainz_path).unwrap();
        for loaded in [
            discogs::load_releases(&pool, discogs_dump, options, &control).await,
            musicbrainz::load_releases(&pool, musicbrainz_dump, options, &control).await,
        ] {
            let error = format!("{:#}", loaded.unwrap_err());
            assert!(error.contains("a load needs a direct connection"), "{error}");
        }
        pool.close();
    }
    assert_eq!(database.count("SELECT count(*) FROM loads").await, 0);
}
