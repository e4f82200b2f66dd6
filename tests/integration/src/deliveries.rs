//! Deliveries as a queue may make them: in any order, more than once, several at a time.
//! [`Machine::drain`] works in the order of one machine.

use chrono::Utc;
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use shared::domain::messages::{Envelope, Outcome};

use crate::{Database, Machine};

/// More deliveries than the catalog of any test needs.
const MAX_DELIVERIES: usize = 5_000;

/// Delivers every message two or three times in an order that depends on `seed`, up to four at a time to any
/// of the machines, until none is left. A fifth of the deliveries require fresh work. Gives the number of
/// deliveries.
pub async fn shuffle(machines: &[&Machine], database: &Database, seed: u64) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let mut waiting: Vec<Envelope> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for delivered in 0..MAX_DELIVERIES {
        for envelope in take_sent(database).await {
            let key = envelope.message.key();
            if waiting.iter().any(|other| other.message.key() == key) {
                continue;
            }
            let times = if seen.insert(key) {
                random.random_range(2..=3)
            } else {
                1
            };
            waiting.extend(std::iter::repeat_n(envelope, times));
        }
        if waiting.is_empty() {
            let left = database.count("SELECT count(*) FROM outgoing_messages").await;
            assert_eq!(left, 0, "messages are left that were never sent");
            return delivered;
        }
        waiting.shuffle(&mut random);
        let at_once = random.random_range(1..=4).min(waiting.len());
        let batch: Vec<Envelope> = waiting.drain(..at_once).collect();
        let handled = join_all(batch.into_iter().map(|mut envelope| {
            if random.random_bool(0.2) {
                envelope.fresh_after = Some(Utc::now());
            }
            let machine = machines[random.random_range(0..machines.len())];
            async move { (envelope.clone(), machine.handle(envelope).await) }
        }))
        .await;
        waiting.extend(
            handled
                .into_iter()
                .filter_map(|(envelope, handled)| match handled {
                    Ok(Outcome::Done) => None,
                    Ok(Outcome::Discard { reason }) => panic!("discarded: {reason}"),
                    // A queue delivers a failed message again.
                    Ok(_) | Err(_) => Some(envelope),
                }),
        );
    }
    panic!(
        "{} messages are left after {MAX_DELIVERIES} deliveries",
        waiting.len()
    );
}

async fn take_sent(database: &Database) -> Vec<Envelope> {
    let bodies = database.texts("DELETE FROM queue_messages RETURNING body").await;
    bodies
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect()
}
