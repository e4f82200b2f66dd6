//! Why the database cannot be reached.

/// A database URL that cannot be used, with the reason. It never contains the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidUrl(pub(super) String);

/// Why no connection could be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] InvalidUrl),
    /// The database refused the connection or did not answer.
    #[error("cannot connect to the database at {hosts}")]
    Postgres {
        /// The hosts and ports that were tried.
        hosts: String,
        /// The driver's error.
        #[source]
        cause: tokio_postgres::Error,
    },
}
