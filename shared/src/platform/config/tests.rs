//! What settings come to, and that no error holds a secret.

use super::*;

fn read(set: &[(&str, &str)]) -> Result<Config, InvalidSetting> {
    Config::read(|name| {
        set.iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn nothing_set_is_a_working_configuration() {
    let config = read(&[]).expect("defaults");
    assert!(config.spotify.is_none() && config.database_url.is_none() && config.queue_urls.is_empty());
    assert_eq!((config.request_rates.musicbrainz, config.attempts), (1.0, 5));
    assert!(config.database().is_err());
}

#[test]
fn what_is_not_set_is_named_and_what_is_set_is_not() {
    let reasons = |set| -> Vec<String> {
        let off = read(set).expect("settings").disabled_sources();
        off.into_iter().map(|off| off.reason).collect()
    };
    assert_eq!(
        reasons(&[]),
        [
            "nothing can be brought in from Spotify: set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET (mbid:… and links of musicbrainz.org work without)",
            "MusicBrainz is not asked, as it wants to know who asks: set CONTACT",
            "Discogs is not asked for credits and links: set DISCOGS_TOKEN",
            "Genius is not asked for credits and handles: set GENIUS_TOKEN"
        ]
    );
    let all = &[
        ("CONTACT", "me@example.org"),
        ("SPOTIFY_CLIENT_ID", "a"),
        ("SPOTIFY_CLIENT_SECRET", "b"),
        ("DISCOGS_TOKEN", "c"),
        ("GENIUS_TOKEN", "d"),
    ];
    assert!(reasons(all).is_empty());
}

#[test]
fn a_value_that_cannot_be_used_is_named_without_secrets() {
    for (set, expected) in [
        (
            &[("DATABASE_URL", "mysql://u:hunter2@h/d")][..],
            "DATABASE_URL: the scheme is mysql",
        ),
        (
            &[("SPOTIFY_CLIENT_ID", "abc")],
            "SPOTIFY_CLIENT_SECRET: is not set",
        ),
        (
            &[
                ("SPOTIFY_CLIENT_ID", "abc"),
                ("SPOTIFY_CLIENT_SECRET", "x"),
                ("SPOTIFY_MARKET", "USA"),
            ],
            "SPOTIFY_MARKET: 'USA'",
        ),
        (
            &[("MUSICBRAINZ_URL", "musicbrainz.org")],
            "MUSICBRAINZ_URL: 'musicbrainz.org'",
        ),
        (&[("MUSICBRAINZ_PER_SECOND", "0")], "MUSICBRAINZ_PER_SECOND: '0'"),
        (
            &[("DISCOGS_TOKEN", "hunter2 hunter2")],
            "DISCOGS_TOKEN: has characters that no token has",
        ),
        (
            &[("DISCOGS_TOKEN", "a"), ("DISCOGS_URL", "api.discogs.com")],
            "DISCOGS_URL: 'api.discogs.com'",
        ),
        (
            &[("DISCOGS_PER_SECOND", "60/min")],
            "DISCOGS_PER_SECOND: '60/min'",
        ),
        (
            &[("CATALOG_QUEUE_URL", "https://sqs.example/q")],
            "CATALOG_DEAD_LETTER_QUEUE_URL: and CATALOG_QUEUE_URL go together",
        ),
        (&[("MAX_RECEIVE_COUNT", "1")], "MAX_RECEIVE_COUNT: '1'"),
        (
            &[("DATABASE_STATEMENTS", "cached")],
            "DATABASE_STATEMENTS: 'cached'",
        ),
    ] {
        let error = read(set)
            .err()
            .unwrap_or_else(|| panic!("{set:?} was taken"))
            .to_string();
        assert!(
            error.starts_with(expected) && !error.contains("hunter2"),
            "{error}"
        );
    }
}
