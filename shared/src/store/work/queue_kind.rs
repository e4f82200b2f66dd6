//! The table `queue_kind`, with the kind of queues that the database belongs to.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// The kinds of queues.
    QueueKind {
        /// Queues on SQS.
        Sqs = "sqs",
        /// Tables in the database.
        Postgres = "postgres",
    }
}

const RECORD: &str = "
    INSERT INTO queue_kind (kind)
    SELECT $1 WHERE NOT EXISTS (SELECT FROM queue_kind)
    ON CONFLICT DO NOTHING";

/// Records the kind at the first use of a database.
pub async fn record(client: &Client<'_>, kind: QueueKind) -> Result<(), Error> {
    client.execute(RECORD, &[&kind]).await.map(drop)
}

const FIND: &str = "SELECT kind, recorded_at FROM queue_kind";

/// The recorded kind and since when; `None` if the database was never worked on.
pub async fn find(client: &Client<'_>) -> Result<Option<(QueueKind, DateTime<Utc>)>, Error> {
    let row = client.query_opt(FIND, &[]).await?;
    Ok(row.map(|row| (row.get("kind"), row.get("recorded_at"))))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[RECORD, FIND];
