//! The delays of retries, and the outcomes of errors, panics and missed deadlines. Tests with a database are
//! elsewhere.

use tokio::time::Instant;

use super::outcomes::{backoff_seconds, outcome_of};
use crate::domain::messages::Outcome;

#[test]
fn the_delay_of_retries_grows_up_to_a_limit() {
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
async fn a_panic_an_error_and_a_missed_deadline_are_retries() {
    let soon = Instant::now() + std::time::Duration::from_millis(20);
    let panic = outcome_of(soon, async { panic!("a bug") }).await;
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
