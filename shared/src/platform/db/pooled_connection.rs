//! A connection of the pool. If it is dropped in the middle of a statement, as when the caller of a request
//! goes away, the statement is cancelled.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::Error;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::platform::error_text::error_text;

/// How long cancelling may take. Afterwards the time-out of the statement ends it.
const CANCEL_TIME_OUT: Duration = Duration::from_secs(5);

/// The number of statements on a connection that have begun and not ended.
#[derive(Clone, Default)]
pub(super) struct StatementsUnderWay(Arc<AtomicUsize>);

impl StatementsUnderWay {
    /// Runs a statement. It stays counted if this future is dropped before its end.
    pub(super) async fn count<T>(&self, statement: impl Future<Output = T>) -> T {
        self.0.fetch_add(1, Ordering::Relaxed);
        let result = statement.await;
        self.0.fetch_sub(1, Ordering::Relaxed);
        result
    }
}

/// A connection that returns to the pool when it is dropped, unless a statement on it was dropped: then that
/// is cancelled, and the connection closed, because the cancellation could hit the next statement.
pub(super) struct PooledConnection {
    /// `None` only while it is dropped.
    object: Option<Object>,
    tls: MakeRustlsConnect,
    under_way: StatementsUnderWay,
}

impl PooledConnection {
    pub(super) fn new(object: Object, tls: MakeRustlsConnect) -> Self {
        Self {
            object: Some(object),
            tls,
            under_way: StatementsUnderWay::default(),
        }
    }

    /// The counter of its statements, also of those in transactions on it.
    pub(super) fn under_way(&self) -> StatementsUnderWay {
        self.under_way.clone()
    }
}

impl Deref for PooledConnection {
    type Target = Object;

    fn deref(&self) -> &Object {
        self.object.as_ref().expect("it is there until it is dropped")
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut Object {
        self.object.as_mut().expect("it is there until it is dropped")
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        if self.under_way.0.load(Ordering::Relaxed) == 0 {
            return;
        }
        let (Some(object), Ok(runtime)) = (self.object.take(), Handle::try_current()) else {
            return;
        };
        let cancelled = cancel(Object::take(object), self.tls.clone());
        runtime.spawn(async move {
            let cause = match timeout(CANCEL_TIME_OUT, cancelled).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error_text(&error),
                Err(_) => format!("no answer in {} seconds", CANCEL_TIME_OUT.as_secs()),
            };
            tracing::warn!(cause, "a dropped statement could not be cancelled");
        });
    }
}

/// Cancels what runs on a connection and waits for its end, so that a pooler in between gets its server
/// connection back, and closes the connection.
async fn cancel(connection: ClientWrapper, tls: MakeRustlsConnect) -> Result<(), Error> {
    connection.cancel_token().cancel_query(tls).await?;
    // The cancellation may hit this one.
    let _ = connection.simple_query("").await;
    Ok(())
}
