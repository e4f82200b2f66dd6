//! Settings, all from environment variables and all read here, once, at start. What a setting switches on is elsewhere.
//!
//! The variables are in `variables`, what their values must look like in `values`, the settings of the sources in `sources`
//! and those of the queues in `queues`.

mod clients;
mod queues;
mod sources;
#[cfg(test)]
mod tests;
mod values;
mod variables;

use std::collections::BTreeMap;

use crate::domain::buckets::RequestRates;
use crate::domain::messages::QueueName;
use crate::platform::db::{self, Statements};
use crate::platform::secrets;

pub use clients::{DiscogsSettings, GeniusSettings, InstagramSettings, SpotifySettings};
pub use queues::SqsUrls;
pub use sources::{CreditSources, DisabledSource};
pub use variables::{VARIABLES, Variable, is_reference};

use values::{Values, invalid};
use variables::{
    AWS_ENDPOINT_URL, CONTACT, DATABASE_STATEMENTS, DATABASE_URL, LOG, LOG_FORMAT, MAX_RECEIVE_COUNT,
    MUSICBRAINZ_URL, NO_COLOR,
};

/// Why the settings cannot be used. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {cause}")]
pub struct InvalidSetting {
    variable: &'static str,
    cause: String,
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
    pub spotify: Option<SpotifySettings>,
    /// MusicBrainz's address.
    pub musicbrainz_url: String,
    /// Discogs, where there is a token.
    pub discogs: Option<DiscogsSettings>,
    /// Genius, where there is a token.
    pub genius: Option<GeniusSettings>,
    /// Which sources of credits are asked about a track.
    pub credit_sources: CreditSources,
    /// Instagram, where there are a token and an account.
    pub instagram: Option<InstagramSettings>,
    /// How sources can reach the operator.
    pub contact: Option<String>,
    /// How often the sources are asked at most.
    pub request_rates: RequestRates,
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
    /// `crate::platform::secrets` has them. A reference to nothing counts as not set.
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
        let values = Values(&get);
        let statements = values.text(DATABASE_STATEMENTS);
        let statements = statements
            .parse()
            .map_err(|error: db::InvalidUrl| invalid(DATABASE_STATEMENTS, error))?;
        let database_url = values.find(DATABASE_URL);
        if let Some(url) = &database_url {
            db::DatabaseSettings::parse(url, statements).map_err(|error| invalid(DATABASE_URL, error))?;
        }
        Ok(Self {
            database_url,
            statements,
            spotify: sources::spotify(&values)?,
            musicbrainz_url: values.url(MUSICBRAINZ_URL)?,
            discogs: sources::discogs(&values)?,
            genius: sources::genius(&values)?,
            credit_sources: sources::credit_sources(&values)?,
            instagram: sources::instagram(&values)?,
            contact: values.find(CONTACT),
            request_rates: sources::paces(&values)?,
            attempts: values.count(MAX_RECEIVE_COUNT, 2..=1000)? - 1,
            queue_urls: queues::read(&values)?,
            aws_endpoint_url: values
                .find(AWS_ENDPOINT_URL)
                .map(|value| values::url(AWS_ENDPOINT_URL, &value))
                .transpose()?,
            log: log(&values)?,
        })
    }

    /// The settings of the database at `url`, or of the one that DATABASE_URL names.
    ///
    /// # Errors
    /// Where neither is there.
    pub fn database(&self) -> Result<db::DatabaseSettings, InvalidSetting> {
        let url = self.database_url.as_deref().ok_or_else(|| {
            invalid(
                DATABASE_URL,
                "is not set: it says where Postgres is, as in postgres://user:password@host:5432/linernotes",
            )
        })?;
        db::DatabaseSettings::parse(url, self.statements).map_err(|error| invalid(DATABASE_URL, error))
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
