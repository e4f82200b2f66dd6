//! What a database URL says. tokio-postgres knows only the TLS modes disable, prefer and require, so the others and
//! `sslrootcert` are read here.

use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::config::{Host, SslMode};
use url::Url;

use super::tls;

/// How statements are sent; see the module above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Statements {
    /// Prepared once per connection, by name.
    #[default]
    Prepared,
    /// Sent whole each time, for poolers that cannot keep names apart.
    Unnamed,
}

impl FromStr for Statements {
    type Err = InvalidUrl;

    fn from_str(word: &str) -> Result<Self, InvalidUrl> {
        match word {
            "prepared" => Ok(Self::Prepared),
            "unnamed" => Ok(Self::Unnamed),
            _ => Err(InvalidUrl(format!(
                "'{word}' is no way to send statements: it is prepared or unnamed"
            ))),
        }
    }
}

/// Why a database URL cannot be used. Never holds the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidUrl(pub(super) String);

/// Whose certificate is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Anybody's: the connection is encrypted, the server unknown.
    Any,
    /// One signed by a root of this file, or of the system, for the host's name.
    Verified(Option<PathBuf>),
}

/// Where the database is and how to speak to it.
#[derive(Clone)]
pub struct DatabaseSettings {
    config: tokio_postgres::Config,
    trust: Trust,
    statements: Statements,
}

impl DatabaseSettings {
    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`. `sslmode` is disable, prefer (the
    /// default), require or verify-full.
    ///
    /// # Errors
    /// Where the URL cannot be read, or asks for what is not there.
    pub fn parse(url: &str, statements: Statements) -> Result<Self, InvalidUrl> {
        const FORM: &str = "a database URL looks like postgres://user:password@host:5432/database";
        let mut url = Url::parse(url).map_err(|error| InvalidUrl(format!("{error}: {FORM}")))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(InvalidUrl(format!("the scheme is {}: {FORM}", url.scheme())));
        }
        let mut mode = "prefer".to_owned();
        let mut root_certificates = None;
        let mut rest = Vec::new();
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" => mode = value.into_owned(),
                "sslrootcert" if value == "system" => {}
                "sslrootcert" => root_certificates = Some(PathBuf::from(&*value)),
                _ => rest.push((name.into_owned(), value.into_owned())),
            }
        }
        let (ssl_mode, trust) = match mode.as_str() {
            "disable" => (SslMode::Disable, Trust::Any),
            "prefer" => (SslMode::Prefer, Trust::Any),
            // As libpq does: to name the roots is to want them checked.
            "require" if root_certificates.is_none() => (SslMode::Require, Trust::Any),
            "require" | "verify-ca" | "verify-full" => (SslMode::Require, Trust::Verified(root_certificates)),
            _ => {
                return Err(InvalidUrl(format!(
                    "sslmode is {mode}: it can be disable, prefer, require or verify-full"
                )));
            }
        };
        url.set_query(None);
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        // The parser's own message can quote the URL, and with it the password.
        let mut config = tokio_postgres::Config::from_str(url.as_str())
            .map_err(|_| InvalidUrl(format!("the database URL cannot be read: {FORM}")))?;
        config
            .ssl_mode(ssl_mode)
            .application_name("linernotes")
            .connect_timeout(super::WAIT);
        if config.get_dbname().is_none() {
            return Err(InvalidUrl(format!("the database URL names no database: {FORM}")));
        }
        Ok(Self {
            config,
            trust,
            statements,
        })
    }

    pub(super) fn config(&self) -> &tokio_postgres::Config {
        &self.config
    }

    pub(super) fn statements(&self) -> Statements {
        self.statements
    }

    pub(super) fn tls(&self) -> Result<tokio_postgres_rustls::MakeRustlsConnect, InvalidUrl> {
        tls::connector(&self.trust)
    }

    /// Where the database is, for a message.
    fn hosts(&self) -> String {
        let names = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let ports = self.config.get_ports();
        let port = |place: usize| ports.get(place).or(ports.first()).unwrap_or(&5432);
        names
            .enumerate()
            .map(|(place, name)| format!("{name}:{}", port(place)))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// A connection of its own, outside any pool, for what must not go through a pooler: migrations, bulk loads.
    ///
    /// # Errors
    /// Where nothing answers there, in one line that names the host.
    pub async fn connect(&self) -> Result<tokio_postgres::Client, ConnectError> {
        let connected = self.config.connect(self.tls()?).await;
        let (client, connection) = connected.map_err(|cause| ConnectError::Postgres {
            hosts: self.hosts(),
            cause,
        })?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(error = %error, "a database connection broke off");
            }
        });
        Ok(client)
    }
}

/// Why no connection could be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The settings do not allow one.
    #[error(transparent)]
    Settings(#[from] InvalidUrl),
    /// The database refused or did not answer.
    #[error("cannot connect to the database at {hosts}")]
    Postgres {
        /// Where it should be.
        hosts: String,
        /// Why.
        #[source]
        cause: tokio_postgres::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<DatabaseSettings, InvalidUrl> {
        DatabaseSettings::parse(url, Statements::Prepared)
    }

    #[test]
    fn tls_modes_are_told_apart() {
        for (query, mode, trust) in [
            ("", SslMode::Prefer, Trust::Any),
            ("?sslmode=disable", SslMode::Disable, Trust::Any),
            ("?sslmode=require", SslMode::Require, Trust::Any),
            ("?sslmode=verify-full", SslMode::Require, Trust::Verified(None)),
            (
                "?sslmode=verify-full&sslrootcert=system",
                SslMode::Require,
                Trust::Verified(None),
            ),
            (
                "?sslmode=require&sslrootcert=/ca.pem",
                SslMode::Require,
                Trust::Verified(Some("/ca.pem".into())),
            ),
        ] {
            let settings = parse(&format!("postgres://u:p@db.example:5433/music{query}")).expect(query);
            assert_eq!(
                (settings.config.get_ssl_mode(), settings.trust),
                (mode, trust),
                "{query}"
            );
        }
    }

    #[test]
    fn other_options_reach_the_driver() {
        let settings = parse("postgres://u:p@h/music?keepalives=0&sslmode=disable").expect("a URL");
        assert!(!settings.config.get_keepalives());
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for url in [
            "nonsense",
            "mysql://u:hunter2@h/d",
            "postgres://u:hunter2@h:5432",
            "postgres://u:hunter2@h/d?sslmode=maybe",
            "postgres://u:hunter2@h/d?colour=red",
        ] {
            let error = parse(url)
                .err()
                .unwrap_or_else(|| panic!("{url} was taken"))
                .to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn roots_that_are_not_there_are_named() {
        let settings =
            parse("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=/nowhere/ca.pem").expect("a URL");
        let error = settings.tls().err().expect("no such file").to_string();
        assert!(error.contains("/nowhere/ca.pem"), "{error}");
    }
}
