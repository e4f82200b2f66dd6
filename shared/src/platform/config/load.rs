//! All settings in one struct, read from environment variables and from AWS.

use std::collections::BTreeMap;

use super::clients::{DiscogsSettings, GeniusSettings, InstagramSettings, SpotifySettings};
use super::queues::{self, SqsUrls};
use super::read_access::{self, ReadAccess};
use super::sources::{self, CreditSources};
use super::values::{self, InvalidSetting, Values, invalid};
use super::variables::{
    API_DATABASE_URL, AWS_ENDPOINT_URL, CONTACT, DATABASE_STATEMENTS, DATABASE_URL, LOG, LOG_FORMAT,
    MUSICBRAINZ_URL, NO_COLOR, VARIABLES, Variable,
};
use crate::domain::buckets::RequestRates;
use crate::domain::credits::Source;
use crate::domain::messages::QueueName;
use crate::platform::db::{self, Statements};
use crate::platform::secrets;

/// The settings of the logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// The filter of messages to log.
    pub filter: String,
    /// Whether logs are JSON objects instead of text.
    pub json: bool,
    /// Whether text is coloured.
    pub colour: bool,
}

/// All settings.
#[derive(Clone)]
pub struct Config {
    /// The URL of Postgres, if set.
    pub database_url: Option<String>,
    /// The URL of Postgres with the role of the API, if set.
    pub api_database_url: Option<String>,
    /// How statements are sent.
    pub statements: Statements,
    /// Spotify, if its credentials are set.
    pub spotify: Option<SpotifySettings>,
    /// The address of MusicBrainz.
    pub musicbrainz_url: String,
    /// Discogs, if its token is set.
    pub discogs: Option<DiscogsSettings>,
    /// Genius, if its token is set.
    pub genius: Option<GeniusSettings>,
    /// The sources that are disabled because a setting of theirs cannot be used. A mistyped one disables its
    /// own source only.
    pub refused: Vec<(Source, InvalidSetting)>,
    /// Which sources are queried for the credits of a track.
    pub credit_sources: CreditSources,
    /// Instagram, if its token and account are set.
    pub instagram: Option<InstagramSettings>,
    /// How sources can reach the operator.
    pub contact: Option<String>,
    /// The maximum request rate of each source.
    pub request_rates: RequestRates,
    /// The queues on SQS; empty if they are in Postgres.
    pub queue_urls: BTreeMap<QueueName, SqsUrls>,
    /// Another address for SQS and secrets than that of AWS.
    pub aws_endpoint_url: Option<String>,
    /// Who may read over HTTP.
    pub read_access: ReadAccess,
    /// The settings of the logs.
    pub log: LogSettings,
}

impl Config {
    /// Reads the listed variables from the environment and fetches the values that refer to AWS, as described
    /// in `crate::platform::secrets`. A reference to a missing value counts as not set, and so does every
    /// variable that is not listed.
    ///
    /// # Errors
    /// The error names the first variable with an unusable value, and the accepted values.
    pub async fn load(listed: &[Variable]) -> Result<Self, InvalidSetting> {
        let references: Vec<_> = listed
            .iter()
            .filter_map(|variable| Some((variable.name, variable.reference()?)))
            .collect();
        let endpoint = AWS_ENDPOINT_URL
            .value()
            .filter(|_| listed.contains(&AWS_ENDPOINT_URL));
        let fetched = secrets::fetch(&references, endpoint.as_deref()).await;
        let mut values = fetched.map_err(|(variable, cause)| InvalidSetting { variable, cause })?;
        for variable in listed {
            if let (Some(value), None) = (variable.value(), variable.reference()) {
                values.insert(variable.name, value);
            }
        }
        Self::read(listed, |name| values.get(name).cloned())
    }

    /// Checks the environment without fetching anything from AWS. References are assumed to have usable
    /// values.
    ///
    /// # Errors
    /// The error names the first variable with an unusable value, also one that disables a source only.
    pub fn check() -> Result<(), InvalidSetting> {
        let placeholder = |variable: &Variable| match (*variable, variable.default) {
            (DATABASE_URL | API_DATABASE_URL, _) => "postgres://host/database",
            (_, "") => "https://host",
            (_, default) => default,
        };
        let value = |variable: &Variable| match variable.reference() {
            Some(_) => Some(placeholder(variable).to_owned()),
            None => variable.value(),
        };
        let find = |name: &str| VARIABLES.iter().find(|variable| variable.name == name);
        let config = Self::read(VARIABLES, |name| find(name).and_then(value))?;
        config
            .refused
            .into_iter()
            .next()
            .map_or(Ok(()), |(_, refused)| Err(refused))
    }

    /// Reads the settings from any source: `get` returns the value of a variable. An empty value counts as
    /// not set, and so does a variable that is not listed. An unusable setting of a source disables it.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn read(listed: &[Variable], get: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSetting> {
        let values = Values { listed, get: &get };
        let statements = values.text(DATABASE_STATEMENTS);
        let statements = statements
            .parse()
            .map_err(|error: db::InvalidUrl| invalid(DATABASE_STATEMENTS, error))?;
        let database_url = database_url(&values, DATABASE_URL, statements)?;
        let api_database_url = database_url_of_api(&values, database_url.is_some(), statements)?;
        let mut refused = Vec::new();
        Ok(Self {
            database_url,
            api_database_url,
            statements,
            spotify: usable(Source::Spotify, sources::spotify(&values), &mut refused),
            musicbrainz_url: values.url(MUSICBRAINZ_URL)?,
            discogs: usable(Source::Discogs, sources::discogs(&values), &mut refused),
            genius: usable(Source::Genius, sources::genius(&values), &mut refused),
            credit_sources: sources::credit_sources(&values)?,
            instagram: usable(Source::Instagram, sources::instagram(&values), &mut refused),
            refused,
            contact: values.find(CONTACT),
            request_rates: sources::request_rates(&values)?,
            queue_urls: queues::read(&values)?,
            aws_endpoint_url: values
                .find(AWS_ENDPOINT_URL)
                .map(|value| values::url(AWS_ENDPOINT_URL, &value))
                .transpose()?,
            read_access: read_access::read(&values)?,
            log: log(&values)?,
        })
    }

    /// The settings of the database that DATABASE_URL names.
    ///
    /// # Errors
    /// If DATABASE_URL is not set.
    pub fn database(&self) -> Result<db::DatabaseSettings, InvalidSetting> {
        let url = self.database_url.as_deref().ok_or_else(|| {
            invalid(
                DATABASE_URL,
                "is not set: it is the URL of Postgres, \
                 such as postgres://user:password@host:5432/linernotes",
            )
        })?;
        db::DatabaseSettings::parse(url, self.statements).map_err(|error| invalid(DATABASE_URL, error))
    }

    /// The settings of the database for the API: API_DATABASE_URL if it is set, otherwise DATABASE_URL.
    ///
    /// # Errors
    /// If neither is set.
    pub fn api_database(&self) -> Result<db::DatabaseSettings, InvalidSetting> {
        match &self.api_database_url {
            Some(url) => db::DatabaseSettings::parse(url, self.statements)
                .map_err(|error| invalid(API_DATABASE_URL, error)),
            None => self.database(),
        }
    }

    /// The User-Agent that is sent to the sources.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match &self.contact {
            Some(contact) => format!("Linernotes/{version} ( {contact} )"),
            None => format!("Linernotes/{version}"),
        }
    }
}

fn database_url(
    values: &Values<'_>,
    variable: Variable,
    statements: Statements,
) -> Result<Option<String>, InvalidSetting> {
    let url = values.find(variable);
    if let Some(url) = &url {
        db::DatabaseSettings::parse(url, statements).map_err(|error| invalid(variable, error))?;
    }
    Ok(url)
}

/// The URL for the API. Without DATABASE_URL it would be ignored for a private Postgres, which is refused.
fn database_url_of_api(
    values: &Values<'_>,
    has_database_url: bool,
    statements: Statements,
) -> Result<Option<String>, InvalidSetting> {
    let url = database_url(values, API_DATABASE_URL, statements)?;
    if url.is_some() && !has_database_url {
        let cause =
            "is set without DATABASE_URL: set both, or unset it (a private Postgres makes the role itself)";
        return Err(invalid(API_DATABASE_URL, cause));
    }
    Ok(url)
}

/// The settings of a source; `None` after adding them to `refused` if one of them cannot be used.
fn usable<T>(
    source: Source,
    settings: Result<Option<T>, InvalidSetting>,
    refused: &mut Vec<(Source, InvalidSetting)>,
) -> Option<T> {
    settings.unwrap_or_else(|error| {
        refused.push((source, error));
        None
    })
}

fn log(values: &Values<'_>) -> Result<LogSettings, InvalidSetting> {
    let json = match values.text(LOG_FORMAT).as_str() {
        "json" => true,
        "text" => false,
        other => {
            return Err(invalid(LOG_FORMAT, format!("'{other}' is neither text nor json")));
        }
    };
    Ok(LogSettings {
        filter: values.text(LOG),
        json,
        colour: values.find(NO_COLOR).is_none(),
    })
}
