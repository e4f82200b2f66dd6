//! What the endpoints need to answer requests.

use shared::platform::config::{ReadAccess, Variable, variables};
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
    variables::READ_ACCESS,
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
    /// Who may read.
    pub(crate) reading: ReadAccess,
}

impl Context {
    /// The context of a server with these settings.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            queues: bootstrap.queues.clone(),
            reading: bootstrap.config.read_access,
        }
    }
}
