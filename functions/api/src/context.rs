//! What the endpoints need to answer requests.

use shared::platform::config::{Variable, variables};
use shared::platform::db::Pool;
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::Queues;

/// The settings that the function reads. It has no credentials of sources: which ones are switched off is in
/// the database.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::API_DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::CATALOG_QUEUE_URL,
    variables::CATALOG_DEAD_LETTER_QUEUE_URL,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// The database and the queues of the API.
pub struct Context {
    /// The database.
    pub(crate) pool: Pool,
    /// The queues that receive the messages of new ingestions.
    pub(crate) queues: Queues,
    /// Who needs an API key.
    pub(crate) access: Access,
}

impl Context {
    /// The context of a server that `access` describes.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap, access: Access) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            queues: bootstrap.queues.clone(),
            access,
        }
    }
}

/// Who can reach the server, and therefore who needs an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Other machines can reach the server: only API keys grant scopes.
    Keys,
    /// The server listens on loopback only: a program on this machine needs no key. Requests that a web page
    /// caused or that a proxy forwarded still need one.
    Loopback,
}
