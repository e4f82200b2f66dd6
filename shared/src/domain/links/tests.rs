use super::*;

#[test]
fn a_profile_gives_its_handle() {
    for (url, kind, value) in [
        (
            "https://www.instagram.com/Some.One_1/",
            LinkKind::Instagram,
            "some.one_1",
        ),
        (
            "http://instagram.com/someone?hl=en",
            LinkKind::Instagram,
            "someone",
        ),
        ("www.instagram.com/someone", LinkKind::Instagram, "someone"),
        ("https://twitter.com/@some_one", LinkKind::Twitter, "some_one"),
        (
            "https://mobile.twitter.com/some_one",
            LinkKind::Twitter,
            "some_one",
        ),
        ("https://x.com/some_one", LinkKind::Twitter, "some_one"),
        (
            "https://www.facebook.com/some.one",
            LinkKind::Facebook,
            "some.one",
        ),
        (
            "https://www.facebook.com/profile.php?id=1000123",
            LinkKind::Facebook,
            "1000123",
        ),
        (
            "https://www.facebook.com/pages/Some-One/1000123",
            LinkKind::Facebook,
            "1000123",
        ),
        (
            "https://www.youtube.com/@someone/videos",
            LinkKind::YouTube,
            "@someone",
        ),
        (
            "https://www.youtube.com/channel/UC0123/playlists",
            LinkKind::YouTube,
            "channel/UC0123",
        ),
        (
            "https://music.youtube.com/channel/UC0123",
            LinkKind::YouTube,
            "channel/UC0123",
        ),
        (
            "https://www.youtube.com/user/someone",
            LinkKind::YouTube,
            "user/someone",
        ),
        (
            "https://soundcloud.com/some-one",
            LinkKind::SoundCloud,
            "some-one",
        ),
        ("https://some-one.bandcamp.com/", LinkKind::Bandcamp, "some-one"),
        ("https://www.tiktok.com/@some.one", LinkKind::TikTok, "some.one"),
        ("https://www.threads.net/@someone", LinkKind::Threads, "someone"),
        (
            "https://www.discogs.com/artist/1234-Some-One",
            LinkKind::Discogs,
            "1234",
        ),
        (
            "https://www.discogs.com/de/artist/1234",
            LinkKind::Discogs,
            "1234",
        ),
        (
            "https://genius.com/artists/Some-one",
            LinkKind::Genius,
            "Some-one",
        ),
        (
            "https://open.spotify.com/artist/3pulcT2wt7FEG10lQlqDJL",
            LinkKind::Spotify,
            "3pulcT2wt7FEG10lQlqDJL",
        ),
        (
            "https://open.spotify.com/intl-de/artist/3pulcT2wt7FEG10lQlqDJL?si=1",
            LinkKind::Spotify,
            "3pulcT2wt7FEG10lQlqDJL",
        ),
        (
            "http://www.wikidata.org/entity/Q192863",
            LinkKind::Wikidata,
            "Q192863",
        ),
        (
            "https://www.imdb.com/name/nm4572137/",
            LinkKind::Imdb,
            "nm4572137",
        ),
    ] {
        assert_eq!(
            read(url),
            Some(Link {
                kind,
                url: url.to_owned(),
                value: value.to_owned()
            })
        );
    }
}

#[test]
fn a_page_that_is_not_a_profile_is_of_kind_other() {
    for url in [
        "https://www.instagram.com/p/Cabc123/",
        "https://www.instagram.com/",
        "https://www.instagram.com/a-b",
        "https://www.instagram.com/an_instagram_handle_longer_than_30",
        "https://instagram.com.example.org/someone",
        "https://instagram.com@example.org/someone",
        "https://notinstagram.com/someone",
        "https://twitter.com/someone/status/1",
        "https://twitter.com/search?q=someone",
        "https://www.youtube.com/watch?v=abc",
        "https://soundcloud.com/someone/a-track",
        "https://label.bandcamp.com/album/an-album",
        "https://bandcamp.com/someone",
        "https://www.facebook.com/groups/123",
        "https://www.tiktok.com/discover/someone",
        "https://www.discogs.com/artist/Some+One",
        "https://www.discogs.com/user/someone",
        "https://genius.com/Some-one-a-song-lyrics",
        "https://open.spotify.com/artist/short",
        "https://open.spotify.com/user/someone",
        "https://www.wikidata.org/wiki/Special:Search",
        "https://www.imdb.com/title/tt0000001/",
        "https://example.org",
    ] {
        assert_eq!(
            read(url),
            Some(Link {
                kind: LinkKind::Other,
                url: url.to_owned(),
                value: url.to_owned()
            })
        );
    }
}

#[test]
fn a_text_that_is_not_a_web_address_is_not_a_link() {
    for text in [
        "",
        "  ",
        "someone",
        "mailto:someone@example.org",
        "javascript:alert(1)",
        "ftp://example.org/",
        "https://",
        "http://[::1",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn an_instagram_handle_is_read_from_common_notations() {
    for (text, handle) in [
        ("someone", Some("someone")),
        (" @Some.One_1 ", Some("some.one_1")),
        ("someone/", Some("someone")),
        ("https://www.instagram.com/someone/", Some("someone")),
        ("instagram.com/someone", Some("someone")),
        ("instagram.com", None),
        ("https://twitter.com/someone", None),
        ("some one", None),
        ("@", None),
        ("", None),
    ] {
        assert_eq!(instagram_handle(text).as_deref(), handle, "{text}");
    }
}
