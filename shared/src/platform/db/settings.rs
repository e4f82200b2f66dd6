//! The settings of the connection: a database URL as users of libpq write it, and how statements are sent.

use std::str::FromStr;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::errors::{ConnectError, InvalidUrl};
use super::hosts::{has_only_sockets, shown_hosts};
use super::parameters::{CONNECT_TIMEOUT, read_parameters};
use super::tls::{self, Encryption};
use super::url::split_url;
use crate::platform::error_text::error_text;

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
    encryption: Encryption,
    statements: Statements,
}

impl DatabaseSettings {
    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`, with the parameters of
    /// libpq. Its files and environment variables are not read.
    ///
    /// # Errors
    /// Fails if the URL is invalid or a parameter cannot be followed. The error never has the password.
    pub fn parse(url: &str, statements: Statements) -> Result<Self, InvalidUrl> {
        let (config, tls) = read_parameters(split_url(url)?)?;
        let encryption = Encryption::new(&tls)?;
        if config.get_dbname().is_none() {
            return Err(InvalidUrl(
                "the database URL has no database name: a database URL looks like \
                 postgres://user:password@host:5432/database"
                    .to_owned(),
            ));
        }
        Ok(Self {
            config,
            encryption,
            statements,
        })
    }

    pub(super) fn config(&self) -> &tokio_postgres::Config {
        &self.config
    }

    pub(super) fn statements(&self) -> Statements {
        self.statements
    }

    /// The longest wait for a connection.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.config
            .get_connect_timeout()
            .copied()
            .unwrap_or(CONNECT_TIMEOUT)
    }

    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, InvalidUrl> {
        tls::connector(&self.encryption)
    }

    /// The same database as another role.
    pub(super) fn of_role(&self, name: &str, password: &str) -> Self {
        let mut settings = self.clone();
        settings.config.user(name).password(password);
        settings
    }

    /// The hosts and ports, for error messages.
    #[must_use]
    pub fn hosts(&self) -> String {
        shown_hosts(&self.config)
    }

    /// Opens a connection outside any pool, for work that must not go through a pooler: migrations and bulk
    /// loads.
    pub async fn connect(&self) -> Result<tokio_postgres::Client, ConnectError> {
        let opened = self.open(self.tls()?).await;
        let (client, _) = opened.map_err(|cause| ConnectError::Postgres {
            hosts: self.hosts(),
            cause,
        })?;
        Ok(client)
    }

    /// Opens a connection, with and without TLS in the order that `sslmode` asks for. The task serves it
    /// until it closes.
    pub(super) async fn open(
        &self,
        tls: MakeRustlsConnect,
    ) -> Result<(tokio_postgres::Client, JoinHandle<()>), tokio_postgres::Error> {
        let modes = if has_only_sockets(&self.config) {
            &[SslMode::Disable]
        } else {
            self.encryption.modes()
        };
        let mut config = self.config.clone();
        let (last, earlier) = modes.split_last().unwrap_or((&SslMode::Prefer, &[]));
        for mode in earlier {
            match config.ssl_mode(*mode).connect(tls.clone()).await {
                Err(error) if is_about_encryption(&error) => {}
                connected => return connected.map(|(client, connection)| (client, serve(connection))),
            }
        }
        let (client, connection) = config.ssl_mode(*last).connect(tls).await?;
        Ok((client, serve(connection)))
    }
}

/// Whether another attempt with or without TLS can succeed: the handshake failed, or the server's rules have
/// no entry for this kind of connection.
fn is_about_encryption(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
        || error.to_string() == "error performing TLS handshake"
}

fn serve<S, T>(connection: tokio_postgres::Connection<S, T>) -> JoinHandle<()>
where
    tokio_postgres::Connection<S, T>: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(error = error_text(&error), "a database connection was lost");
        }
    })
}

#[cfg(test)]
mod tests;
