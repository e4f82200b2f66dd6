//! The query about one album that every source gets.

use std::collections::BTreeSet;

use shared::domain::buckets::Bucket;
use shared::domain::ids::TrackId;
use shared::platform::http;
use shared::work::budgets::BudgetError;
use tokio::time::Instant;

use crate::album_state::AlbumState;
use crate::context::Context;
use crate::own_tables::StoredFindings;

/// A query about an album to one source.
#[derive(Clone, Copy)]
pub(crate) struct AlbumQuery<'a> {
    pub(crate) context: &'a Context,
    pub(crate) state: &'a AlbumState,
    pub(crate) stored: &'a StoredFindings,
    /// The tracks that the source may be asked about.
    pub(crate) wanted: &'a BTreeSet<TrackId>,
    pub(crate) deadline: Instant,
}

impl AlbumQuery<'_> {
    /// Makes a request to a source within its rate limit.
    pub(crate) async fn request<T, F>(
        &self,
        bucket: Bucket,
        call: impl FnMut() -> F,
    ) -> Result<T, BudgetError>
    where
        F: Future<Output = Result<T, http::Error>>,
    {
        self.context.budgets.spend(bucket, self.deadline, call).await
    }
}
