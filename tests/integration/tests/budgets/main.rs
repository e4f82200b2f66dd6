//! The budgets of the upstreams: one rate for all instances together, blocks that stop all of them, and
//! waiting without a connection.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod calls;
mod fairness;
mod slots;
mod waiting;

use chrono::{DateTime, Utc};
use integration::Database;
use shared::store::work::upstream_budgets::{self, Reservation};

/// The interval between two slots: so long that a slow machine cannot change the number of hours to a slot.
const HOUR_MS: i32 = 3_600_000;

async fn reserve(database: &Database, group: &str, source: &str, within_hours: f64) -> Reservation {
    let client = database.client().await;
    upstream_budgets::reserve(&client, group, source, source, HOUR_MS, within_hours * 3600.0)
        .await
        .unwrap()
}

async fn block(database: &Database, bucket: &str, source: &str, until: DateTime<Utc>) {
    let client = database.client().await;
    upstream_budgets::block(&client, bucket, source, until, "a test")
        .await
        .unwrap();
}

/// The hours until the slot, rounded; fails if there is none.
fn hours(reservation: Reservation) -> u32 {
    match reservation {
        Reservation::Slot { in_seconds } => (in_seconds / 3600.0).round() as u32,
        Reservation::NotBefore { until, .. } | Reservation::Refused { until, .. } => {
            panic!("no slot before {until}")
        }
    }
}

fn is_refused(reservation: &Reservation) -> bool {
    matches!(reservation, Reservation::NotBefore { .. })
}
