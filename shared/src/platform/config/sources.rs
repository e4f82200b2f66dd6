//! Reads the settings of each source: its address, credentials and request rate.

use super::clients::{DiscogsSettings, GeniusSettings, InstagramSettings, SpotifySettings};
use super::values::{InvalidSetting, Values, invalid, token};
use super::variables::{
    CREDIT_SOURCES, DISCOGS_PER_SECOND, DISCOGS_TOKEN, DISCOGS_URL, GENIUS_PER_SECOND, GENIUS_TOKEN,
    GENIUS_URL, INSTAGRAM_PER_HOUR, INSTAGRAM_TOKEN, INSTAGRAM_URL, INSTAGRAM_USER_ID,
    MUSICBRAINZ_PER_SECOND, SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET, SPOTIFY_MARKET, SPOTIFY_PER_SECOND,
    SPOTIFY_TOKEN_URL, SPOTIFY_URL,
};
use crate::domain::buckets::RequestRates;
use crate::domain::text_enums::text_enum;

text_enum! {
    /// Which sources are queried for the credits of a track.
    CreditSources {
        /// All sources. Agreement raises the confidence, and contradictions become visible.
        All = "all",
        /// The next source only if no earlier one names a producer. This needs fewer requests, but an early
        /// source decides alone.
        First = "first",
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

pub(super) fn request_rates(values: &Values<'_>) -> Result<RequestRates, InvalidSetting> {
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
            format!("'{value}' is not an account id, which has only digits"),
        ))
    }
}

fn market(value: &str) -> Result<String, InvalidSetting> {
    if value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(value.to_ascii_uppercase())
    } else {
        Err(invalid(
            SPOTIFY_MARKET,
            format!("'{value}' is not a country, which has two letters, such as US"),
        ))
    }
}
