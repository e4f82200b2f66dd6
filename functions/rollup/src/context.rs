//! What the rollup function works with.

use shared::platform::db::Pool;

/// The database.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
}
