//! When retries come, and what an error, a panic and a late handler mean. What is written of it is tested on a database.

use tokio::time::Instant;

use super::outcomes::{backoff_seconds, outcome_of};
use crate::domain::messages::Outcome;

#[test]
fn retries_come_later_and_later_but_not_never() {
    for (attempt, range) in [
        (1, 1..=2),
        (2, 2..=4),
        (5, 16..=32),
        (40, 450..=900),
        (i32::MAX, 450..=900),
        (0, 1..=2),
    ] {
        assert!(range.contains(&backoff_seconds(attempt)), "attempt {attempt}");
    }
}

#[tokio::test]
async fn a_panic_an_error_and_a_late_handler_are_retries() {
    let soon = Instant::now() + std::time::Duration::from_millis(20);
    let panic = outcome_of(soon, async { panic!("no such luck") }).await;
    assert!(matches!(panic, Outcome::Retry { cause, .. } if cause.starts_with("a handler panicked")));
    let error = outcome_of(soon, async { Err(anyhow::anyhow!("cause").context("what")) }).await;
    assert!(matches!(error, Outcome::Retry { cause, .. } if cause == "what: cause"));
    let late = outcome_of(soon, futures::future::pending()).await;
    assert!(matches!(
        late,
        Outcome::Retry {
            after_seconds: Some(0),
            ..
        }
    ));
}
