//! The links from an album to the releases of the sources.

use integration::{database, rows};
use shared::domain::credits::{MatchMethod, Source};
use shared::store::catalog::album_links;

#[tokio::test]
async fn links_are_stored_changed_and_deleted() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let album = rows::album(&client, artist, "album", 1990).await;
    let link = async |source_id: &str, score: f32| {
        album_links::upsert(
            &client,
            album,
            Source::MusicBrainz,
            source_id,
            MatchMethod::Barcode,
            score,
        )
        .await
        .unwrap()
    };
    assert_eq!(
        (
            link("r1", 1.0).await,
            link("r1", 1.0).await,
            link("r1", 0.5).await
        ),
        (1, 0, 1)
    );
    link("r2", 1.0).await;
    let list = async || {
        album_links::list(&client, album, Source::MusicBrainz)
            .await
            .unwrap()
    };
    assert_eq!(list().await, ["r1", "r2"]);
    let kept = ["r2".to_owned()];
    for deleted in [1, 0] {
        assert_eq!(
            album_links::delete_others(&client, album, Source::MusicBrainz, &kept)
                .await
                .unwrap(),
            deleted
        );
    }
    assert_eq!(list().await, ["r2"]);
    assert_eq!(
        album_links::list(&client, album, Source::Discogs).await.unwrap(),
        [""; 0]
    );
}
