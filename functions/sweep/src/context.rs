//! What the sweep function works with.

use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::work::queue::Queues;

/// The database, the queues and the sources that are switched on.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// The queues that receive due messages.
    pub queues: Queues,
    /// The sources that are switched on. A refresh at any other source would do nothing and be due again at
    /// once.
    pub sources: Vec<Source>,
}
