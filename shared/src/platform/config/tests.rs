//! Tests of the settings, and that no error contains a secret.

use super::*;
use crate::domain::credits::Source;

fn read(set: &[(&str, &str)]) -> Result<Config, InvalidSetting> {
    Config::read(VARIABLES, |name| {
        set.iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn the_defaults_are_a_working_configuration() {
    let config = read(&[]).expect("defaults");
    assert!(config.spotify.is_none() && config.database_url.is_none() && config.queue_urls.is_empty());
    assert_eq!(config.request_rates.musicbrainz, 1.0);
    assert!(config.database().is_err());
}

#[test]
fn the_api_connects_with_its_own_url_if_that_is_set() {
    let owner = ("DATABASE_URL", "postgres://owner:hunter2@one.example/d");
    let role = ("API_DATABASE_URL", "postgres://role:hunter2@two.example/d");
    let hosts = |set: &[(&str, &str)]| {
        let config = read(set).expect("settings");
        let settings = [config.database(), config.api_database()];
        settings.map(|settings| settings.expect("a URL").hosts())
    };
    assert_eq!(hosts(&[owner]), ["one.example:5432", "one.example:5432"]);
    assert_eq!(hosts(&[owner, role]), ["one.example:5432", "two.example:5432"]);
    let error = read(&[role]).err().expect("DATABASE_URL is missing").to_string();
    assert!(
        error.contains("API_DATABASE_URL: is set without DATABASE_URL"),
        "{error}"
    );
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_variable_that_is_not_listed_counts_as_not_set() {
    let discogs = |listed: &[Variable]| {
        let config = Config::read(listed, |_| Some("60".to_owned()));
        config.expect("settings").discogs.is_some()
    };
    assert!(discogs(&[variables::DISCOGS_TOKEN]));
    assert!(!discogs(&[variables::DISCOGS_URL, variables::GENIUS_PER_SECOND]));
}

#[test]
fn only_missing_settings_are_reported() {
    let reasons = |set| -> Vec<String> {
        let off = read(set).expect("settings").disabled_sources();
        off.into_iter().map(|off| off.reason).collect()
    };
    assert_eq!(
        reasons(&[]),
        [
            "nothing can be imported from Spotify: set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET \
             (names, UPCs, mbid:… and links to musicbrainz.org work without it)",
            "MusicBrainz is not queried, because it requires a contact: set CONTACT",
            "Discogs is not queried for credits and links: set DISCOGS_TOKEN",
            "Genius is not queried for credits and handles: set GENIUS_TOKEN"
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
fn an_unusable_value_is_reported_without_secrets() {
    for (set, expected) in [
        (
            &[("DATABASE_URL", "mysql://u:hunter2@h/d")][..],
            "DATABASE_URL: the scheme is mysql",
        ),
        (
            &[("MUSICBRAINZ_URL", "musicbrainz.org")],
            "MUSICBRAINZ_URL: 'musicbrainz.org'",
        ),
        (&[("MUSICBRAINZ_PER_SECOND", "0")], "MUSICBRAINZ_PER_SECOND: '0'"),
        (
            &[("DISCOGS_PER_SECOND", "60/min")],
            "DISCOGS_PER_SECOND: '60/min'",
        ),
        (
            &[("CATALOG_QUEUE_URL", "https://sqs.example/q")],
            "CATALOG_DEAD_LETTER_QUEUE_URL: and CATALOG_QUEUE_URL must be set together",
        ),
        (&[("INSTAGRAM_PER_HOUR", "0")], "INSTAGRAM_PER_HOUR: '0'"),
        (
            &[("DATABASE_STATEMENTS", "cached")],
            "DATABASE_STATEMENTS: 'cached'",
        ),
    ] {
        let error = read(set)
            .err()
            .unwrap_or_else(|| panic!("{set:?} was accepted"))
            .to_string();
        assert!(
            error.starts_with(expected) && !error.contains("hunter2"),
            "{error}"
        );
    }
}

#[test]
fn an_unusable_setting_of_a_source_disables_that_source_only() {
    let spotify = [
        ("SPOTIFY_CLIENT_ID", "abc"),
        ("SPOTIFY_CLIENT_SECRET", "x"),
        ("SPOTIFY_MARKET", "USA"),
    ];
    for (set, source, expected) in [
        (
            &spotify[..1],
            Source::Spotify,
            "SPOTIFY_CLIENT_SECRET: is not set",
        ),
        (&spotify, Source::Spotify, "SPOTIFY_MARKET: 'USA'"),
        (
            &[("DISCOGS_TOKEN", "hunter2 hunter2")],
            Source::Discogs,
            "DISCOGS_TOKEN: has characters that a token cannot have",
        ),
        (
            &[("DISCOGS_TOKEN", "a"), ("DISCOGS_URL", "api.discogs.com")],
            Source::Discogs,
            "DISCOGS_URL: 'api.discogs.com'",
        ),
        (
            &[("GENIUS_TOKEN", "hunter2é")],
            Source::Genius,
            "GENIUS_TOKEN: has characters that a token cannot have",
        ),
    ] {
        let others = [("CONTACT", "me@example.org"), ("GENIUS_TOKEN", "d")];
        let config = read(&[set, &others[..]].concat()).expect("settings");
        assert!(config.contact.is_some() && !config.enabled_sources().contains(&source));
        let disabled = config.disabled_sources();
        let reason = &disabled.iter().find(|disabled| disabled.source == source);
        let reason = &reason.expect("a disabled source").reason;
        assert!(
            reason.contains(expected) && !reason.contains("hunter2"),
            "{reason}"
        );
    }
}
