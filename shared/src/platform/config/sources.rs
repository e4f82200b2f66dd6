//! The settings of each source: where it is, with which credentials and how often it is asked, and which sources are
//! switched off for want of them. Asking stays out.

use serde::Serialize;

use super::clients::{DiscogsSettings, GeniusSettings, InstagramSettings, SpotifySettings};
use super::values::{Values, invalid, token};
use super::variables::{
    CONTACT, CREDIT_SOURCES, DISCOGS_PER_SECOND, DISCOGS_TOKEN, DISCOGS_URL, GENIUS_PER_SECOND, GENIUS_TOKEN,
    GENIUS_URL, INSTAGRAM_PER_HOUR, INSTAGRAM_TOKEN, INSTAGRAM_URL, INSTAGRAM_USER_ID,
    MUSICBRAINZ_PER_SECOND, SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET, SPOTIFY_MARKET, SPOTIFY_PER_SECOND,
    SPOTIFY_TOKEN_URL, SPOTIFY_URL, Variable,
};
use super::{Config, InvalidSetting};
use crate::domain::buckets::RequestRates;
use crate::domain::credits::Source;
use crate::domain::text_enums::text_enum;

/// A source that is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisabledSource {
    /// The source.
    pub source: Source,
    /// What that means, and which setting is missing.
    pub reason: String,
}

text_enum! {
    /// Which sources of credits are asked about a track.
    CreditSources {
        /// Every one: those that agree make a credit surer, and those that contradict each other show it.
        All = "all",
        /// Each only where none before it names a producer: fewer requests, and what was asked first decides.
        First = "first",
    }
}
impl Config {
    /// The sources that are not asked for want of a setting.
    #[must_use]
    pub fn disabled_sources(&self) -> Vec<DisabledSource> {
        let off = |is_off: bool, source, variable: Variable, set: &str| {
            is_off.then(|| DisabledSource {
                source,
                reason: format!("{}: set {set}", variable.without),
            })
        };
        [
            off(
                self.spotify.is_none(),
                Source::Spotify,
                SPOTIFY_CLIENT_ID,
                "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET (mbid:… and links of musicbrainz.org work without)",
            ),
            off(
                self.contact.is_none(),
                Source::MusicBrainz,
                CONTACT,
                CONTACT.name,
            ),
            off(
                self.discogs.is_none(),
                Source::Discogs,
                DISCOGS_TOKEN,
                DISCOGS_TOKEN.name,
            ),
            off(
                self.genius.is_none(),
                Source::Genius,
                GENIUS_TOKEN,
                GENIUS_TOKEN.name,
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The sources that are asked.
    #[must_use]
    pub fn enabled_sources(&self) -> Vec<Source> {
        [
            (Source::Spotify, self.spotify.is_some()),
            (Source::MusicBrainz, self.contact.is_some()),
            (Source::Discogs, self.discogs.is_some()),
            (Source::Genius, self.genius.is_some()),
            (Source::Instagram, self.instagram.is_some()),
        ]
        .into_iter()
        .filter_map(|(source, is_on)| is_on.then_some(source))
        .collect()
    }
}

pub(super) fn spotify(values: &Values<'_>) -> Result<Option<SpotifySettings>, InvalidSetting> {
    let credentials = values.both(SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET)?;
    let Some((client_id, client_secret)) = credentials else {
        return Ok(None);
    };
    Ok(Some(SpotifySettings {
        api_url: values.url(SPOTIFY_URL)?,
        token_url: values.url(SPOTIFY_TOKEN_URL)?,
        client_id,
        client_secret,
        market: market(&values.text(SPOTIFY_MARKET))?,
    }))
}

pub(super) fn discogs(values: &Values<'_>) -> Result<Option<DiscogsSettings>, InvalidSetting> {
    let Some(text) = values.find(DISCOGS_TOKEN) else {
        return Ok(None);
    };
    Ok(Some(DiscogsSettings {
        url: values.url(DISCOGS_URL)?,
        token: token(DISCOGS_TOKEN, text)?,
    }))
}

pub(super) fn genius(values: &Values<'_>) -> Result<Option<GeniusSettings>, InvalidSetting> {
    let Some(text) = values.find(GENIUS_TOKEN) else {
        return Ok(None);
    };
    Ok(Some(GeniusSettings {
        url: values.url(GENIUS_URL)?,
        token: token(GENIUS_TOKEN, text)?,
    }))
}

pub(super) fn instagram(values: &Values<'_>) -> Result<Option<InstagramSettings>, InvalidSetting> {
    let Some((user_id, text)) = values.both(INSTAGRAM_USER_ID, INSTAGRAM_TOKEN)? else {
        return Ok(None);
    };
    Ok(Some(InstagramSettings {
        url: values.url(INSTAGRAM_URL)?,
        token: token(INSTAGRAM_TOKEN, text)?,
        user_id: account_number(user_id)?,
    }))
}

pub(super) fn credit_sources(values: &Values<'_>) -> Result<CreditSources, InvalidSetting> {
    let value = values.text(CREDIT_SOURCES);
    value
        .parse()
        .map_err(|_| invalid(CREDIT_SOURCES, format!("'{value}' is neither all nor first")))
}

pub(super) fn paces(values: &Values<'_>) -> Result<RequestRates, InvalidSetting> {
    Ok(RequestRates {
        spotify: values.per_second(SPOTIFY_PER_SECOND)?,
        musicbrainz: values.per_second(MUSICBRAINZ_PER_SECOND)?,
        discogs: values.per_second(DISCOGS_PER_SECOND)?,
        genius: values.per_second(GENIUS_PER_SECOND)?,
        instagram: f64::from(values.count(INSTAGRAM_PER_HOUR, 1..=1000)?) / 3600.0,
    })
}

fn account_number(value: String) -> Result<String, InvalidSetting> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(value)
    } else {
        Err(invalid(
            INSTAGRAM_USER_ID,
            format!("'{value}' is no id of an account: one has only digits"),
        ))
    }
}

fn market(value: &str) -> Result<String, InvalidSetting> {
    if value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(value.to_ascii_uppercase())
    } else {
        Err(invalid(
            SPOTIFY_MARKET,
            format!("'{value}' is no country: one has two letters, such as US"),
        ))
    }
}
