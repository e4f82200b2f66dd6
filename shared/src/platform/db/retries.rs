//! Repeats transactions that conflict with those of other writers.

use std::error::Error;
use std::time::Duration;

use tokio_postgres::error::SqlState;

/// The pause after the first try. It grows by as much with each further one.
const PAUSE: Duration = Duration::from_millis(50);

/// Whether a statement or a commit failed because of a concurrent transaction, so that another try may
/// succeed. `error` is the database's error or caused by it.
#[must_use]
pub fn is_conflict(error: &(dyn Error + 'static)) -> bool {
    let violations = [SqlState::UNIQUE_VIOLATION, SqlState::FOREIGN_KEY_VIOLATION];
    is_deadlock(error) || has_state(error, &violations)
}

/// Whether a transaction was ended so that a concurrent one could go on. `error` is the database's error or
/// caused by it. The same transaction succeeds once the other one has ended.
#[must_use]
pub fn is_deadlock(error: &(dyn Error + 'static)) -> bool {
    let lost = [
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ];
    has_state(error, &lost)
}

fn has_state(error: &(dyn Error + 'static), states: &[SqlState]) -> bool {
    anyhow::Chain::new(error)
        .filter_map(|cause| cause.downcast_ref::<tokio_postgres::Error>()?.code())
        .any(|code| states.contains(code))
}

/// Makes up to `tries` attempts until one gives no error that is a conflict, with a growing pause between
/// them. Each attempt is a transaction of its own, on a connection that it takes from the pool.
///
/// # Errors
/// The error of the last attempt: after `tries` conflicts, or at once if it is no conflict.
pub async fn retry_conflicts<T, E, F>(
    tries: u32,
    is_conflict: impl Fn(&E) -> bool,
    // Not AsyncFnMut: its futures are not known to be Send, which those of an HTTP handler must be.
    mut attempt: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    for number in 1..tries {
        match attempt().await {
            Err(error) if is_conflict(&error) => tokio::time::sleep(PAUSE * number).await,
            result => return result,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tried = Result<&'static str, &'static str>;

    /// The result of up to three tries of attempts that give these results in turn, and the number of tries.
    async fn tried(results: &[Tried]) -> (Tried, usize) {
        let mut given = results.iter();
        let is_conflict = |error: &&str| error.starts_with("conflict");
        let attempt = || std::future::ready(*given.next().expect("not a try too many"));
        let result = retry_conflicts(3, is_conflict, attempt).await;
        (result, results.len() - given.len())
    }

    #[tokio::test]
    async fn an_attempt_is_repeated_after_a_conflict() {
        assert_eq!(tried(&[Ok("a"), Ok("b")]).await, (Ok("a"), 1));
        assert_eq!(tried(&[Err("conflict"), Ok("b"), Ok("c")]).await, (Ok("b"), 2));
    }

    #[tokio::test]
    async fn the_last_conflict_is_returned() {
        let conflicts = [Err("conflict 1"), Err("conflict 2"), Err("conflict 3"), Ok("d")];
        assert_eq!(tried(&conflicts).await, (Err("conflict 3"), 3));
    }

    #[tokio::test]
    async fn another_error_is_returned_at_once() {
        assert_eq!(tried(&[Err("refused"), Ok("b")]).await, (Err("refused"), 1));
        assert_eq!(
            tried(&[Err("conflict"), Err("refused"), Ok("c")]).await,
            (Err("refused"), 2)
        );
    }
}
