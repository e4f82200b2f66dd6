//! Waiting for something that has to happen, without a limit that a slow machine could miss.

use std::time::Duration;

use tokio::time::Instant;

/// How long a test waits for something before it fails. It only ends tests that would hang.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);
const FIRST_TRY: Duration = Duration::from_millis(250);
const LAST_TRY: Duration = Duration::from_secs(8);

/// The time at which a test gives up that starts to wait now.
pub fn give_up_at() -> Instant {
    Instant::now() + GIVE_UP_AFTER
}

/// The output of a future that has to end; panics if it does not.
pub async fn must_end<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(GIVE_UP_AFTER, future)
        .await
        .unwrap_or_else(|_| panic!("{what}: not within {GIVE_UP_AFTER:?}"))
}

/// Waits until a condition holds.
pub async fn wait_until(what: &str, holds: impl AsyncFn() -> bool) {
    must_end(what, async {
        while !holds().await {
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await;
}

/// Runs an attempt with twice as much time each, until the machine was quick enough for what has to happen
/// within that time: until it gives Some.
///
/// For the tests in which a deadline or a pause ends in the middle of something.
pub async fn with_enough_time<T>(what: &str, attempt: impl AsyncFn(Duration) -> Option<T>) -> T {
    let mut time = FIRST_TRY;
    while time <= LAST_TRY {
        if let Some(result) = attempt(time).await {
            return result;
        }
        time *= 2;
    }
    panic!("{what}: not even with {LAST_TRY:?}");
}
