//! What the client requests, and what it returns of the response.

use pretty_assertions::assert_eq;
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{
    ARTIST_LINKS, ARTIST_SEARCH, ISRC_TWO_RECORDINGS, RECORDING_CREDITS, RECORDING_SEARCH, RELEASE_ALBUM,
    RELEASE_LIST, RELEASE_SEARCH, client, id, mbid,
};
use crate::platform::http::Error;
use crate::upstreams::loopback::{pairs, query, single_request, with_response};

/// The path and the decoded query of the only request.
async fn requested(server: &MockServer) -> (String, Vec<(String, String)>) {
    let request = single_request(server).await;
    (request.url.path().to_owned(), query(&request))
}

#[tokio::test]
async fn a_release_is_fetched_with_its_recordings_and_no_works() {
    let server = with_response(200, &[], RELEASE_ALBUM).await;
    let release = client(&server)
        .fetch_release(&id(999))
        .await
        .expect("a response")
        .expect("a release");
    assert_eq!(
        release.id,
        id(201),
        "after a merge, the id in the response counts"
    );
    let parts =
        "recordings artist-credits isrcs artist-rels recording-level-rels release-groups labels url-rels";
    assert_eq!(
        requested(&server).await,
        (
            format!("/ws/2/release/{}", mbid(999)),
            pairs(&[("fmt", "json"), ("inc", parts)])
        )
    );
    let url = single_request(&server).await.url;
    let raw = url.query().expect("a query");
    assert!(raw.contains("inc=recordings+artist-credits+isrcs"), "{raw}");
}

#[tokio::test]
async fn releases_are_listed_page_by_page() {
    let server = with_response(200, &[], RELEASE_LIST).await;
    let page = client(&server)
        .fetch_artist_releases(&id(1), false, 100)
        .await
        .expect("a response")
        .expect("a page");
    assert_eq!((page.releases.len(), page.next_offset), (3, Some(200)));
    let parts = [
        ("fmt", "json"),
        ("artist", &mbid(1)),
        ("status", "official"),
        ("inc", "release-groups media"),
        ("limit", "100"),
        ("offset", "100"),
    ];
    assert_eq!(
        requested(&server).await,
        ("/ws/2/release".to_owned(), pairs(&parts))
    );

    let server = with_response(200, &[], RELEASE_LIST).await;
    let page = client(&server).fetch_artist_releases(&id(1), true, 200).await;
    let page = page.expect("a response").expect("a page");
    assert_eq!(page.next_offset, None, "all 203 releases are listed");
    let (_, query) = requested(&server).await;
    assert_eq!(query[1], ("track_artist".to_owned(), mbid(1)));

    let server = with_response(404, &[], b"{}").await;
    let none = client(&server).fetch_release_group_releases(&id(301), 0).await;
    assert_eq!(none.expect("a response"), None);
    let (_, query) = requested(&server).await;
    assert_eq!(query[1], ("release-group".to_owned(), mbid(301)));
}

#[tokio::test]
async fn a_recording_is_fetched_by_id_and_by_isrc() {
    let server = with_response(200, &[], RECORDING_CREDITS).await;
    assert_eq!(
        client(&server)
            .fetch_recording(&id(101))
            .await
            .expect("a response")
            .expect("a recording")
            .credits
            .len(),
        11
    );
    let parts = "artist-credits isrcs artist-rels";
    assert_eq!(
        requested(&server).await,
        (
            format!("/ws/2/recording/{}", mbid(101)),
            pairs(&[("fmt", "json"), ("inc", parts)])
        )
    );

    let isrc = "ZZAAA9900001".parse().expect("an ISRC");
    let server = with_response(200, &[], ISRC_TWO_RECORDINGS).await;
    let recordings = client(&server)
        .fetch_recordings_by_isrc(&isrc)
        .await
        .expect("a response");
    let titles: Vec<_> = recordings
        .iter()
        .map(|recording| recording.title.as_str())
        .collect();
    assert_eq!(titles, ["First Song", "Another Song"]);
    assert!(
        recordings
            .iter()
            .all(|recording| recording.isrcs == [isrc.clone()])
    );
    let parts = "artist-credits artist-rels";
    assert_eq!(
        requested(&server).await,
        (
            "/ws/2/isrc/ZZAAA9900001".to_owned(),
            pairs(&[("fmt", "json"), ("inc", parts)])
        )
    );
}

#[tokio::test]
async fn an_artist_is_fetched_with_links_and_aliases() {
    let server = with_response(200, &[], ARTIST_LINKS).await;
    assert_eq!(
        client(&server)
            .fetch_artist(&id(12))
            .await
            .expect("a response")
            .expect("an artist")
            .links
            .len(),
        8
    );
    assert_eq!(
        requested(&server).await,
        (
            format!("/ws/2/artist/{}", mbid(12)),
            pairs(&[("fmt", "json"), ("inc", "url-rels aliases")])
        )
    );
}

#[tokio::test]
async fn search_terms_reach_the_server_unchanged() {
    let server = with_response(200, &[], RELEASE_SEARCH).await;
    let upc = "602475093060".parse().expect("a barcode");
    assert_eq!(
        client(&server)
            .search_releases_by_barcode(&upc)
            .await
            .expect("a response")
            .len(),
        2
    );
    let query = "barcode:(602475093060 OR 0602475093060 OR 00602475093060)";
    assert_eq!(
        requested(&server).await,
        (
            "/ws/2/release".to_owned(),
            pairs(&[("fmt", "json"), ("query", query), ("limit", "25")])
        )
    );

    let server = with_response(200, &[], RECORDING_SEARCH).await;
    let found = client(&server)
        .search_recordings("AC\\DC & 水", r#"50% "Off" + More?"#, Some(200_000))
        .await
        .expect("a response");
    assert_eq!(found.len(), 2);
    let query = r#"recording:"50% \"Off\" + More?" AND artist:"AC\\DC & 水" AND dur:[185000 TO 215000]"#;
    assert_eq!(
        requested(&server).await,
        (
            "/ws/2/recording".to_owned(),
            pairs(&[("fmt", "json"), ("query", query), ("limit", "10")])
        )
    );
}

#[tokio::test]
async fn an_artist_is_searched_by_name_and_alias() {
    let server = with_response(200, &[], ARTIST_SEARCH).await;
    let found = client(&server)
        .search_artists(r#"AC\DC "live""#)
        .await
        .expect("a response");
    assert_eq!(found.len(), 2);
    let query = r#"artist:"AC\\DC \"live\"" OR alias:"AC\\DC \"live\"""#;
    assert_eq!(
        requested(&server).await,
        (
            "/ws/2/artist".to_owned(),
            pairs(&[("fmt", "json"), ("query", query), ("limit", "100")])
        )
    );
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let (server, other) = (MockServer::start().await, MockServer::start().await);
    let artist = ResponseTemplate::new(200).set_body_bytes(ARTIST_LINKS);
    Mock::given(any()).respond_with(artist).mount(&other).await;
    let redirect =
        ResponseTemplate::new(301).insert_header("location", format!("{}/ws/2/artist/x", other.uri()));
    Mock::given(any()).respond_with(redirect).mount(&server).await;
    let error = client(&server).fetch_artist(&id(1)).await.expect_err("a refusal");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("redirects to another host"), "{error}");
    assert_eq!(other.received_requests().await.expect("a record").len(), 0);
}

#[tokio::test]
async fn a_redirect_to_the_merged_id_is_followed() {
    let server = MockServer::start().await;
    let artist = ResponseTemplate::new(200).set_body_bytes(ARTIST_LINKS);
    let of_artist = path(format!("/ws/2/artist/{}", mbid(12)));
    Mock::given(of_artist).respond_with(artist).mount(&server).await;
    let redirect = |request: &Request| {
        let query = request.url.query().unwrap_or_default();
        ResponseTemplate::new(301).insert_header("location", format!("/ws/2/artist/{}?{query}", mbid(12)))
    };
    Mock::given(any()).respond_with(redirect).mount(&server).await;
    assert_eq!(
        client(&server)
            .fetch_artist(&id(1))
            .await
            .expect("a response")
            .expect("an artist")
            .id,
        id(12)
    );
}
