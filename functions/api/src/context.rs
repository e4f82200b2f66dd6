//! What the endpoints need to answer requests.

use shared::platform::config::DisabledSource;
use shared::platform::db::Pool;
use shared::work::queue::Queues;

/// The database, the queues and the settings of the API.
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// The queues that receive the messages of new ingestions.
    pub queues: Queues,
    /// Who needs an API key.
    pub access: Access,
    /// The sources that are switched off, reported as a reason why a track has no producer.
    pub switched_off: Vec<DisabledSource>,
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
