//! What the endpoints need to answer requests.

use shared::platform::config::{DisabledSource, Variable, variables};
use shared::platform::db::Pool;
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::Queues;

/// The settings that the function reads. The credentials of the sources only show which ones are switched
/// off.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::SPOTIFY_CLIENT_ID,
    variables::SPOTIFY_CLIENT_SECRET,
    variables::DISCOGS_TOKEN,
    variables::GENIUS_TOKEN,
    variables::CONTACT,
    variables::CATALOG_QUEUE_URL,
    variables::CATALOG_DEAD_LETTER_QUEUE_URL,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// The database, the queues and the settings of the API.
pub struct Context {
    /// The database.
    pub(crate) pool: Pool,
    /// The queues that receive the messages of new ingestions.
    pub(crate) queues: Queues,
    /// Who needs an API key.
    pub(crate) access: Access,
    /// The sources that are switched off, reported as a reason why a track has no producer.
    pub(crate) switched_off: Vec<DisabledSource>,
}

impl Context {
    /// The context of a server that `access` describes.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap, access: Access) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            queues: bootstrap.queues.clone(),
            access,
            switched_off: bootstrap.config.disabled_sources(),
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
