//! Settings, all from environment variables and all read here: what each is called, what it is for, what is switched off
//! without it. Reading happens once, at start.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use serde::Serialize;

use crate::budgets::Paces;
use crate::credits::{Source, words};
use crate::db::{self, Statements};
use crate::messages::QueueName;
use crate::queue::SqsUrls;
use crate::secrets::{self, Reference};
use crate::upstreams::{discogs, genius, instagram, spotify};

/// A variable that the program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// What it is called.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What is taken where it is not set; empty where nothing is.
    pub default: &'static str,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// What does not work without it; empty where all does.
    pub without: &'static str,
}

impl Variable {
    /// What the environment sets it to; an empty value counts as not set.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        environment(self.name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// Where in AWS its value is kept, where the environment says that.
    fn reference(&self) -> Option<Reference> {
        Reference::parse(&self.value()?)
    }
}

/// Whether a value says where in AWS the value is kept, which is no secret.
#[must_use]
pub fn is_reference(value: &str) -> bool {
    Reference::parse(value).is_some()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads settings"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

macro_rules! variables {
    ($($constant:ident = $name:literal, $about:literal, $default:literal, $secret:literal, $without:literal;)+) => {
        $(const $constant: Variable = Variable { name: $name, about: $about, default: $default, secret: $secret, without: $without };)+
        /// Every variable, in the order that `linernotes config` prints them.
        pub const VARIABLES: &[Variable] = &[$($constant),+];
    };
}

variables! {
    DATABASE_URL = "DATABASE_URL", "where Postgres is", "", true, "a private Postgres is started on this machine";
    DATABASE_STATEMENTS = "DATABASE_STATEMENTS", "prepared, or unnamed behind a transaction pooler", "prepared", false, "";
    SPOTIFY_CLIENT_ID = "SPOTIFY_CLIENT_ID", "the id of a Spotify app", "", false, "nothing can be brought in from Spotify";
    SPOTIFY_CLIENT_SECRET = "SPOTIFY_CLIENT_SECRET", "its secret", "", true, "nothing can be brought in from Spotify";
    SPOTIFY_MARKET = "SPOTIFY_MARKET", "the country whose catalog is asked for", "US", false, "";
    SPOTIFY_URL = "SPOTIFY_URL", "Spotify's Web API", "https://api.spotify.com/v1", false, "";
    SPOTIFY_TOKEN_URL = "SPOTIFY_TOKEN_URL", "Spotify's token endpoint", "https://accounts.spotify.com/api/token", false, "";
    SPOTIFY_PER_SECOND = "SPOTIFY_PER_SECOND", "requests per second to Spotify at most", "5", false, "";
    MUSICBRAINZ_URL = "MUSICBRAINZ_URL", "MusicBrainz or a mirror of it", "https://musicbrainz.org/ws/2", false, "";
    MUSICBRAINZ_PER_SECOND = "MUSICBRAINZ_PER_SECOND", "requests per second to it at most; 1 is its rule", "1", false, "";
    DISCOGS_TOKEN = "DISCOGS_TOKEN", "a personal access token of Discogs", "", true, "Discogs is not asked for credits and links";
    DISCOGS_URL = "DISCOGS_URL", "Discogs' API", "https://api.discogs.com", false, "";
    DISCOGS_PER_SECOND = "DISCOGS_PER_SECOND", "requests per second to Discogs at most; 60 a minute is its rule", "0.95", false, "";
    GENIUS_TOKEN = "GENIUS_TOKEN", "a client access token of Genius", "", true, "Genius is not asked for credits and handles";
    GENIUS_URL = "GENIUS_URL", "Genius' API", "https://api.genius.com", false, "";
    GENIUS_PER_SECOND = "GENIUS_PER_SECOND", "requests per second to Genius at most", "5", false, "";
    CREDIT_SOURCES = "CREDIT_SOURCES", "all, or first to ask no further source about a track that one names a producer for", "all", false, "";
    INSTAGRAM_TOKEN = "INSTAGRAM_TOKEN", "a long-lived token of a Meta app with Business Discovery, to be renewed every 60 days", "", true, "Instagram is not asked for bios and pictures";
    INSTAGRAM_USER_ID = "INSTAGRAM_USER_ID", "the id of the professional account it belongs to", "", false, "Instagram is not asked for bios and pictures";
    INSTAGRAM_URL = "INSTAGRAM_URL", "Meta's Graph API", "https://graph.facebook.com/v25.0", false, "";
    INSTAGRAM_PER_HOUR = "INSTAGRAM_PER_HOUR", "requests per hour to Instagram at most; 200 is its rule", "180", false, "";
    CONTACT = "CONTACT", "a URL or e-mail address by which sources can reach you", "", false, "MusicBrainz is not asked, as it wants to know who asks";
    MAX_RECEIVE_COUNT = "MAX_RECEIVE_COUNT", "how often a message is received: the last time, to give it up", "6", false, "";
    CATALOG_QUEUE_URL = "CATALOG_QUEUE_URL", "the catalog queue on SQS", "", false, "the queues are in Postgres";
    CATALOG_DEAD_LETTER_QUEUE_URL = "CATALOG_DEAD_LETTER_QUEUE_URL", "its dead letters", "", false, "";
    IDENTIFICATION_QUEUE_URL = "IDENTIFICATION_QUEUE_URL", "the identification queue on SQS", "", false, "the queues are in Postgres";
    IDENTIFICATION_DEAD_LETTER_QUEUE_URL = "IDENTIFICATION_DEAD_LETTER_QUEUE_URL", "its dead letters", "", false, "";
    ENRICHMENT_QUEUE_URL = "ENRICHMENT_QUEUE_URL", "the enrichment queue on SQS", "", false, "the queues are in Postgres";
    ENRICHMENT_DEAD_LETTER_QUEUE_URL = "ENRICHMENT_DEAD_LETTER_QUEUE_URL", "its dead letters", "", false, "";
    AWS_ENDPOINT_URL = "AWS_ENDPOINT_URL", "another address for SQS and secrets than AWS's", "", false, "";
    LOG = "LOG", "what is logged, such as info or identify=debug", "info", false, "";
    LOG_FORMAT = "LOG_FORMAT", "text, or json for lines of JSON", "text", false, "";
    NO_COLOR = "NO_COLOR", "set to anything for logs without colour", "", false, "";
}

/// Why the settings cannot be used. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {cause}")]
pub struct InvalidSetting {
    variable: &'static str,
    cause: String,
}

/// A source that is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwitchedOff {
    /// The source.
    pub source: Source,
    /// What that means, and which setting is missing.
    pub reason: String,
}

words! {
    /// Which sources of credits are asked about a track.
    CreditSources {
        /// Every one: those that agree make a credit surer, and those that contradict each other show it.
        All = "all",
        /// Each only where none before it names a producer: fewer requests, and what was asked first decides.
        First = "first",
    }
}

/// How logs look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// What is logged.
    pub filter: String,
    /// Lines of JSON instead of text.
    pub json: bool,
    /// Coloured text.
    pub colour: bool,
}

/// Every setting.
#[derive(Clone)]
pub struct Config {
    /// Where Postgres is, where that is set.
    pub database_url: Option<String>,
    /// How statements are sent.
    pub statements: Statements,
    /// Spotify, where there are credentials.
    pub spotify: Option<spotify::Settings>,
    /// MusicBrainz's address.
    pub musicbrainz_url: String,
    /// Discogs, where there is a token.
    pub discogs: Option<discogs::Settings>,
    /// Genius, where there is a token.
    pub genius: Option<genius::Settings>,
    /// Which sources of credits are asked about a track.
    pub credit_sources: CreditSources,
    /// Instagram, where there are a token and an account.
    pub instagram: Option<instagram::Settings>,
    /// How sources can reach the operator.
    pub contact: Option<String>,
    /// How often the sources are asked at most.
    pub paces: Paces,
    /// Attempts before a message is given up. The queue gives it once more, so that a worker is there to say so even
    /// where every attempt was killed.
    pub attempts: i32,
    /// The queues on SQS; empty where they are in Postgres.
    pub queue_urls: BTreeMap<QueueName, SqsUrls>,
    /// Another address for SQS and secrets than AWS's.
    pub aws_endpoint_url: Option<String>,
    /// How logs look.
    pub log: LogSettings,
}

impl Config {
    /// Reads the environment, and fetches from AWS what it refers to: any variable may hold a reference as
    /// `crate::secrets` has them. A reference to nothing counts as not set.
    ///
    /// # Errors
    /// Names the first variable whose value cannot be used, and says what could.
    pub async fn load() -> Result<Self, InvalidSetting> {
        let references: Vec<_> = VARIABLES
            .iter()
            .filter_map(|variable| Some((variable.name, variable.reference()?)))
            .collect();
        let endpoint = AWS_ENDPOINT_URL.value();
        let fetched = secrets::fetch(&references, endpoint.as_deref()).await;
        let mut values = fetched.map_err(|(variable, cause)| InvalidSetting { variable, cause })?;
        for variable in VARIABLES {
            if let (Some(value), None) = (variable.value(), variable.reference()) {
                values.insert(variable.name, value);
            }
        }
        Self::read(|name| values.get(name).cloned())
    }

    /// Checks the environment without fetching anything: what a reference stands for is taken to be of use.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn check() -> Result<(), InvalidSetting> {
        let usable = |variable: &Variable| match (*variable, variable.default) {
            (DATABASE_URL, _) => "postgres://host/database",
            (_, "") => "https://host",
            (_, default) => default,
        };
        let value = |variable: &Variable| match variable.reference() {
            Some(_) => Some(usable(variable).to_owned()),
            None => variable.value(),
        };
        let find = |name: &str| VARIABLES.iter().find(|variable| variable.name == name);
        Self::read(|name| find(name).and_then(value)).map(drop)
    }

    /// Reads settings from anywhere: `get` gives the value of a variable. An empty one counts as not set.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSetting> {
        let find = |variable: Variable| {
            get(variable.name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let value =
            |variable: Variable| find(variable).unwrap_or_else(|| variable.default.to_owned());
        let statements = value(DATABASE_STATEMENTS)
            .parse()
            .map_err(|error: db::InvalidUrl| invalid(DATABASE_STATEMENTS, error))?;
        let database_url = find(DATABASE_URL);
        if let Some(url) = &database_url {
            db::Settings::parse(url, statements).map_err(|error| invalid(DATABASE_URL, error))?;
        }
        let spotify = match both(&find, SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET)? {
            Some((client_id, client_secret)) => Some(spotify::Settings {
                api_url: url(SPOTIFY_URL, &value(SPOTIFY_URL))?,
                token_url: url(SPOTIFY_TOKEN_URL, &value(SPOTIFY_TOKEN_URL))?,
                client_id,
                client_secret,
                market: market(&value(SPOTIFY_MARKET))?,
            }),
            None => None,
        };
        let instagram = match both(&find, INSTAGRAM_USER_ID, INSTAGRAM_TOKEN)? {
            Some((user_id, text)) => Some(instagram::Settings {
                url: url(INSTAGRAM_URL, &value(INSTAGRAM_URL))?,
                token: token(INSTAGRAM_TOKEN, text)?,
                user_id: account_number(user_id)?,
            }),
            None => None,
        };
        let json = match value(LOG_FORMAT).as_str() {
            "json" => true,
            "text" => false,
            other => {
                return Err(invalid(
                    LOG_FORMAT,
                    format!("'{other}' is neither text nor json"),
                ));
            }
        };
        Ok(Self {
            database_url,
            statements,
            spotify,
            musicbrainz_url: url(MUSICBRAINZ_URL, &value(MUSICBRAINZ_URL))?,
            discogs: match find(DISCOGS_TOKEN) {
                Some(text) => Some(discogs::Settings {
                    url: url(DISCOGS_URL, &value(DISCOGS_URL))?,
                    token: token(DISCOGS_TOKEN, text)?,
                }),
                None => None,
            },
            genius: match find(GENIUS_TOKEN) {
                Some(text) => Some(genius::Settings {
                    url: url(GENIUS_URL, &value(GENIUS_URL))?,
                    token: token(GENIUS_TOKEN, text)?,
                }),
                None => None,
            },
            credit_sources: value(CREDIT_SOURCES).parse().map_err(|_| {
                let value = value(CREDIT_SOURCES);
                invalid(
                    CREDIT_SOURCES,
                    format!("'{value}' is neither all nor first"),
                )
            })?,
            instagram,
            contact: find(CONTACT),
            paces: Paces {
                spotify: per_second(SPOTIFY_PER_SECOND, &value(SPOTIFY_PER_SECOND))?,
                musicbrainz: per_second(MUSICBRAINZ_PER_SECOND, &value(MUSICBRAINZ_PER_SECOND))?,
                discogs: per_second(DISCOGS_PER_SECOND, &value(DISCOGS_PER_SECOND))?,
                genius: per_second(GENIUS_PER_SECOND, &value(GENIUS_PER_SECOND))?,
                instagram: f64::from(count(
                    INSTAGRAM_PER_HOUR,
                    &value(INSTAGRAM_PER_HOUR),
                    1..=1000,
                )?) / 3600.0,
            },
            attempts: count(MAX_RECEIVE_COUNT, &value(MAX_RECEIVE_COUNT), 2..=1000)? - 1,
            queue_urls: queue_urls(&find)?,
            aws_endpoint_url: find(AWS_ENDPOINT_URL)
                .map(|value| url(AWS_ENDPOINT_URL, &value))
                .transpose()?,
            log: LogSettings {
                filter: value(LOG),
                json,
                colour: find(NO_COLOR).is_none(),
            },
        })
    }

    /// The settings of the database at `url`, or of the one that DATABASE_URL names.
    ///
    /// # Errors
    /// Where neither is there.
    pub fn database(&self) -> Result<db::Settings, InvalidSetting> {
        let url = self.database_url.as_deref().ok_or_else(|| invalid(DATABASE_URL, "is not set: it says where Postgres is, as in postgres://user:password@host:5432/linernotes"))?;
        db::Settings::parse(url, self.statements).map_err(|error| invalid(DATABASE_URL, error))
    }

    /// The sources that are not asked for want of a setting.
    #[must_use]
    pub fn switched_off(&self) -> Vec<SwitchedOff> {
        let off = |is_off: bool, source, variable: Variable, set: &str| {
            is_off.then(|| SwitchedOff {
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

    /// What this program calls itself to the sources.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match &self.contact {
            Some(contact) => format!("Linernotes/{version} ( {contact} )"),
            None => format!("Linernotes/{version}"),
        }
    }
}

fn queue_urls(
    find: &impl Fn(Variable) -> Option<String>,
) -> Result<BTreeMap<QueueName, SqsUrls>, InvalidSetting> {
    let pairs = [
        (
            QueueName::Catalog,
            CATALOG_QUEUE_URL,
            CATALOG_DEAD_LETTER_QUEUE_URL,
        ),
        (
            QueueName::Identification,
            IDENTIFICATION_QUEUE_URL,
            IDENTIFICATION_DEAD_LETTER_QUEUE_URL,
        ),
        (
            QueueName::Enrichment,
            ENRICHMENT_QUEUE_URL,
            ENRICHMENT_DEAD_LETTER_QUEUE_URL,
        ),
    ];
    let mut urls = BTreeMap::new();
    for (queue, queue_variable, dead_letter_variable) in pairs {
        match (find(queue_variable), find(dead_letter_variable)) {
            (Some(queue_url), Some(dead_letter_url)) => {
                urls.insert(
                    queue,
                    SqsUrls {
                        url: url(queue_variable, &queue_url)?,
                        dead_letter_url: url(dead_letter_variable, &dead_letter_url)?,
                    },
                );
            }
            (None, None) => {}
            _ => {
                return Err(invalid(
                    dead_letter_variable,
                    format!("and {} go together: set both or none", queue_variable.name),
                ));
            }
        }
    }
    Ok(urls)
}

fn invalid(variable: Variable, cause: impl fmt::Display) -> InvalidSetting {
    InvalidSetting {
        variable: variable.name,
        cause: cause.to_string(),
    }
}

fn url(variable: Variable, value: &str) -> Result<String, InvalidSetting> {
    match url::Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => {
            Ok(value.trim_end_matches('/').to_owned())
        }
        _ => Err(invalid(
            variable,
            format!("'{value}' is no URL that begins with http:// or https://"),
        )),
    }
}

/// Two settings that go together: both or none.
fn both(
    find: &impl Fn(Variable) -> Option<String>,
    first: Variable,
    second: Variable,
) -> Result<Option<(String, String)>, InvalidSetting> {
    let alone = |missing: Variable, set: Variable| {
        let cause = format!("is not set, but {} is: set both or none", set.name);
        Err(invalid(missing, cause))
    };
    match (find(first), find(second)) {
        (Some(first), Some(second)) => Ok(Some((first, second))),
        (None, None) => Ok(None),
        (Some(_), None) => alone(second, first),
        (None, Some(_)) => alone(first, second),
    }
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

/// What can stand in a header; the text itself is in no error.
fn token(variable: Variable, value: String) -> Result<String, InvalidSetting> {
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value)
    } else {
        Err(invalid(
            variable,
            "has characters that no token has: spaces or other than ASCII",
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

fn per_second(variable: Variable, value: &str) -> Result<f64, InvalidSetting> {
    value
        .parse()
        .ok()
        .filter(|rate: &f64| (0.01..=1000.0).contains(rate))
        .ok_or_else(|| {
            invalid(
                variable,
                format!("'{value}' is no number from 0.01 to 1000"),
            )
        })
}

fn count(
    variable: Variable,
    value: &str,
    allowed: RangeInclusive<i32>,
) -> Result<i32, InvalidSetting> {
    let count = value.parse().ok().filter(|count| allowed.contains(count));
    count.ok_or_else(|| {
        let (least, most) = (allowed.start(), allowed.end());
        invalid(
            variable,
            format!("'{value}' is no number from {least} to {most}"),
        )
    })
}

#[cfg(test)]
mod tests {
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
        assert!(
            config.spotify.is_none()
                && config.database_url.is_none()
                && config.queue_urls.is_empty()
        );
        assert_eq!((config.paces.musicbrainz, config.attempts), (1.0, 5));
        assert!(config.database().is_err());
    }

    #[test]
    fn what_is_not_set_is_named_and_what_is_set_is_not() {
        let reasons = |set| -> Vec<String> {
            let off = read(set).expect("settings").switched_off();
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
            (
                &[("MUSICBRAINZ_PER_SECOND", "0")],
                "MUSICBRAINZ_PER_SECOND: '0'",
            ),
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
}
