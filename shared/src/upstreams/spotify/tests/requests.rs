//! What each call requests.

use pretty_assertions::assert_eq;
use url::Position;

use super::super::{AlbumGroup, upc_forms};
use super::{album_id, artist_id, ok, requests, start_with};
use crate::domain::ids::{SpotifyTrackId, Upc};

const EMPTY_PAGE: &str = r#"{"items":[],"total":0}"#;

fn track_id() -> SpotifyTrackId {
    "3f9zqUnrnIq0LANhmnaF0V".parse().expect("an id")
}

#[tokio::test]
async fn each_call_requests_allowed_page_sizes_and_the_market() {
    let empty_search = |kind: &str| ok(&format!(r#"{{"{kind}":{EMPTY_PAGE}}}"#));
    let (spotify, server) = start_with([
        ok(EMPTY_PAGE),
        ok(EMPTY_PAGE),
        ok(include_str!("../fixtures/album_nulls.json")),
        ok(EMPTY_PAGE),
        ok(include_str!("../fixtures/track_nulls.json")),
        empty_search("artists"),
        empty_search("tracks"),
        empty_search("albums"),
    ])
    .await;
    let groups = [AlbumGroup::Album, AlbumGroup::AppearsOn];
    assert!(
        spotify
            .fetch_artist_albums(&artist_id(), &groups, 20)
            .await
            .expect("a page")
            .is_some()
    );
    assert!(
        spotify
            .fetch_artist_albums(&artist_id(), &[], 0)
            .await
            .expect("a page")
            .is_some()
    );
    assert!(
        spotify
            .fetch_album(&album_id())
            .await
            .expect("an album")
            .is_some()
    );
    assert!(
        spotify
            .fetch_album_tracks(&album_id(), 50)
            .await
            .expect("a page")
            .is_some()
    );
    assert!(spotify.fetch_track(&track_id()).await.expect("a track").is_some());
    assert_eq!(
        spotify.search_artists("Sigur Rós & Co").await.expect("a search"),
        []
    );
    assert_eq!(
        spotify
            .search_tracks_by_isrc(&"JPPO02100907".parse().expect("an ISRC"))
            .await
            .expect("a search"),
        []
    );
    assert_eq!(
        spotify
            .search_albums_by_upc("00602475093060")
            .await
            .expect("a search"),
        []
    );
    let (_, api_requests) = requests(&server).await;
    let urls = api_requests
        .iter()
        .map(|request| &request.url[Position::BeforePath..]);
    let urls: Vec<&str> = urls.collect();
    assert_eq!(
        urls,
        [
            "/v1/artists/2BTZIqw0ntH9MvilQ3ewNY/albums\
             ?include_groups=album%2Cappears_on&market=DE&limit=10&offset=20",
            "/v1/artists/2BTZIqw0ntH9MvilQ3ewNY/albums\
             ?include_groups=album%2Csingle%2Cappears_on%2Ccompilation&market=DE&limit=10&offset=0",
            "/v1/albums/0sNOF9WDwhWunNAHPD3Baj?market=DE",
            "/v1/albums/0sNOF9WDwhWunNAHPD3Baj/tracks?market=DE&limit=50&offset=50",
            "/v1/tracks/3f9zqUnrnIq0LANhmnaF0V?market=DE",
            "/v1/search?q=Sigur+R%C3%B3s+%26+Co&type=artist&market=DE&limit=10",
            "/v1/search?q=isrc%3AJPPO02100907&type=track&market=DE&limit=10",
            "/v1/search?q=upc%3A00602475093060&type=album&market=DE&limit=10",
        ]
    );
}

#[tokio::test]
async fn a_long_name_is_cut_for_the_search() {
    let (spotify, server) = start_with([ok(r#"{"artists":{"items":[]}}"#)]).await;
    spotify.search_artists(&"é".repeat(300)).await.expect("a search");
    let (_, api_requests) = requests(&server).await;
    assert_eq!(api_requests[0].url.as_str().matches("%C3%A9").count(), 250);
}

#[test]
fn a_barcode_is_searched_for_with_14_13_and_12_digits() {
    for (upc, forms) in [
        (
            "602475093060",
            vec!["00602475093060", "0602475093060", "602475093060"],
        ),
        ("5099749994324", vec!["05099749994324", "5099749994324"]),
        (
            "74646433",
            vec!["00000074646433", "0000074646433", "000074646433"],
        ),
        ("15099749994321", vec!["15099749994321"]),
    ] {
        assert_eq!(upc_forms(&upc.parse::<Upc>().expect("a barcode")), forms);
    }
}
