//! The table `source_states`, with the sources that are switched on or off.

use tokio_postgres::Error;

use crate::domain::credits::Source;
use crate::platform::config::DisabledSource;
use crate::platform::db::Client;

const UPSERT: &str = "
    INSERT INTO source_states AS s (source, off_because)
    SELECT source::source, off_because
    FROM UNNEST($1::text[], $2::text[]) AS reported (source, off_because)
    ORDER BY source
    ON CONFLICT (source) DO UPDATE SET off_because = EXCLUDED.off_because, reported_at = now()
    WHERE s.off_because IS DISTINCT FROM EXCLUDED.off_because";

const DELETE_OTHERS: &str = "DELETE FROM source_states WHERE source::text <> ALL ($1::text[])";

/// Stores which sources are on and which are off. Nothing is known about any other.
pub async fn replace(
    client: &Client<'_>,
    enabled: &[Source],
    disabled: &[DisabledSource],
) -> Result<(), Error> {
    let on = enabled.iter().map(|source| (*source, None));
    let off = disabled.iter().map(|off| (off.source, Some(off.reason.as_str())));
    let (sources, reasons): (Vec<Source>, Vec<Option<&str>>) = on.chain(off).unzip();
    client.execute(UPSERT, &[&sources, &reasons]).await?;
    client.execute(DELETE_OTHERS, &[&sources]).await.map(drop)
}

const LIST_DISABLED: &str = "
    SELECT s.source::text AS source, s.off_because
    FROM source_states s
    WHERE s.off_because IS NOT NULL
    ORDER BY s.source";

/// The sources that are switched off.
pub async fn list_disabled(client: &Client<'_>) -> Result<Vec<DisabledSource>, Error> {
    let rows = client.query(LIST_DISABLED, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| DisabledSource {
            source: row.get("source"),
            reason: row.get("off_because"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[UPSERT, DELETE_OTHERS, LIST_DISABLED];
