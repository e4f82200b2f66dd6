//! Runs every hour: sums up the queue metrics by hour, deletes the details that are no longer needed and the
//! contact details that were erased a day ago, and sends the messages again that are lost although an
//! ingestion waits for them.

mod lost_steps;

use shared::platform::config::{Variable, variables};
use shared::platform::db::Pool;
use shared::store::producers::contact_erasures;
use shared::store::work::{message_attempts, queue_metrics, refreshes};
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::Queues;

/// The settings that the function reads.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::CATALOG_QUEUE_URL,
    variables::CATALOG_DEAD_LETTER_QUEUE_URL,
    variables::IDENTIFICATION_QUEUE_URL,
    variables::IDENTIFICATION_DEAD_LETTER_QUEUE_URL,
    variables::ENRICHMENT_QUEUE_URL,
    variables::ENRICHMENT_DEAD_LETTER_QUEUE_URL,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// What the rollup function works with.
pub struct Context {
    pool: Pool,
    queues: Queues,
}

impl Context {
    /// The context of a function with these settings.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            queues: bootstrap.queues.clone(),
        }
    }
}

/// Sums up the last hours, deletes erased contact details and sends lost messages again. Returns how many
/// sums changed. Does nothing that another instance is doing now.
///
/// # Errors
/// The first error of its parts, none of which holds up the others.
pub async fn handle(context: &Context) -> anyhow::Result<u64> {
    let deleted = delete_erased_contacts(&context.pool).await;
    let changed = sum_up(context).await;
    let sent = lost_steps::send_again(&context.pool, &context.queues).await;
    deleted?;
    let changed = changed?;
    sent?;
    Ok(changed)
}

async fn delete_erased_contacts(pool: &Pool) -> anyhow::Result<()> {
    contact_erasures::delete_due(&pool.client().await?).await?;
    Ok(())
}

async fn sum_up(context: &Context) -> anyhow::Result<u64> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !refreshes::try_lock_schedule(&transaction, "rollup").await? {
        return Ok(0);
    }
    let changed = queue_metrics::sum_hours(&transaction).await?;
    queue_metrics::delete_old(&transaction).await?;
    message_attempts::delete_old(&transaction).await?;
    transaction.commit().await?;
    Ok(changed)
}
