//! The budgets of the upstreams: a pace that all instances keep together, blocks that stop every one of them, and no
//! connection held while waiting.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod calls;
mod slots;

use chrono::{DateTime, Utc};
use integration::Database;
use shared::store::work::upstream_budgets::{self, Reservation};
use std::time::Duration;
use tokio::time::Instant;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

async fn reserve(database: &Database, group: &str, source: &str, within_seconds: f64) -> Reservation {
    let client = database.client().await;
    upstream_budgets::reserve(&client, group, source, 1000, within_seconds)
        .await
        .unwrap()
}

async fn block(database: &Database, bucket: &str, source: &str, until: DateTime<Utc>) {
    let client = database.client().await;
    upstream_budgets::block(&client, bucket, source, until, "a test")
        .await
        .unwrap();
}

/// In how many whole seconds the slot is; fails where there is none.
fn seconds(reservation: Reservation) -> u32 {
    match reservation {
        Reservation::Slot { in_seconds } => in_seconds.round() as u32,
        Reservation::NotBefore { until, .. } | Reservation::Refused { until, .. } => {
            panic!("none before {until}")
        }
    }
}

fn is_refused(reservation: &Reservation) -> bool {
    matches!(reservation, Reservation::NotBefore { .. })
}
