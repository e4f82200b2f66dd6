//! Reads a database URL. tokio-postgres supports only the TLS modes disable, prefer and require, so this
//! module handles the other modes and `sslrootcert`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use url::Url;

use super::errors::{ConnectError, InvalidUrl};
use super::tls::{self, Trust};

/// The longest wait for a connection, both for a free one in the pool and for an answer of the server.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How statements are sent. For the reasons see `client`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Statements {
    /// Prepared by name, once per connection.
    #[default]
    Prepared,
    /// Sent in full each time, for poolers that cannot track the names.
    Unnamed,
}

impl FromStr for Statements {
    type Err = InvalidUrl;

    fn from_str(word: &str) -> Result<Self, InvalidUrl> {
        match word {
            "prepared" => Ok(Self::Prepared),
            "unnamed" => Ok(Self::Unnamed),
            _ => Err(InvalidUrl(format!(
                "'{word}' is not a statement mode: use prepared or unnamed"
            ))),
        }
    }
}

/// The address of the database, and how to connect to it and send statements.
#[derive(Clone)]
pub struct DatabaseSettings {
    config: tokio_postgres::Config,
    trust: Trust,
    statements: Statements,
}

impl DatabaseSettings {
    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`. `sslmode` is disable,
    /// prefer (the default), require or verify-full.
    ///
    /// # Errors
    /// Fails if the URL is invalid or `sslmode` is another word.
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
            // As in libpq, a root certificate file implies verification.
            "require" if root_certificates.is_none() => (SslMode::Require, Trust::Any),
            "require" | "verify-ca" | "verify-full" => (SslMode::Require, Trust::Verified(root_certificates)),
            _ => {
                return Err(InvalidUrl(format!(
                    "sslmode is {mode}: use disable, prefer, require or verify-full"
                )));
            }
        };
        url.set_query(None);
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        // The parser's own message can quote the URL, which contains the password.
        let mut config = tokio_postgres::Config::from_str(url.as_str())
            .map_err(|_| InvalidUrl(format!("the database URL is invalid: {FORM}")))?;
        config
            .ssl_mode(ssl_mode)
            .application_name("linernotes")
            .connect_timeout(CONNECT_TIMEOUT);
        if config.get_dbname().is_none() {
            return Err(InvalidUrl(format!(
                "the database URL has no database name: {FORM}"
            )));
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

    /// The hosts and ports, for error messages.
    fn hosts(&self) -> String {
        let names = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let ports = self.config.get_ports();
        let port = |index: usize| ports.get(index).or(ports.first()).unwrap_or(&5432);
        names
            .enumerate()
            .map(|(index, name)| format!("{name}:{}", port(index)))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Opens a connection outside any pool, for work that must not go through a pooler: migrations and bulk
    /// loads.
    pub async fn connect(&self) -> Result<tokio_postgres::Client, ConnectError> {
        let connected = self.config.connect(self.tls()?).await;
        let (client, connection) = connected.map_err(|cause| ConnectError::Postgres {
            hosts: self.hosts(),
            cause,
        })?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(error = %error, "a database connection was lost");
            }
        });
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<DatabaseSettings, InvalidUrl> {
        DatabaseSettings::parse(url, Statements::Prepared)
    }

    #[test]
    fn each_sslmode_sets_encryption_and_verification() {
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
    fn error_messages_do_not_contain_the_password() {
        for url in [
            "nonsense",
            "mysql://u:hunter2@h/d",
            "postgres://u:hunter2@h:5432",
            "postgres://u:hunter2@h/d?sslmode=maybe",
            "postgres://u:hunter2@h/d?colour=red",
        ] {
            let error = parse(url)
                .err()
                .unwrap_or_else(|| panic!("{url} was accepted"))
                .to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_missing_root_certificate_file_is_named() {
        let settings =
            parse("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=/nowhere/ca.pem").expect("a URL");
        let error = settings.tls().err().expect("no such file").to_string();
        assert!(error.contains("/nowhere/ca.pem"), "{error}");
    }
}
