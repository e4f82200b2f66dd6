//! Serves the HTTP API on a port of this machine.

mod connections;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use shared::work::bootstrap::Bootstrap;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long connections may take to end after a stop. Longer than they give a request.
const STOP_TIME_OUT: Duration = Duration::from_secs(40);
const _: () = assert!(STOP_TIME_OUT.as_secs() > connections::LAST_REQUEST.as_secs());

/// How often [`ApiServer::failure`] looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A running server of the API.
pub(super) struct ApiServer {
    /// The address it listens on.
    pub(super) address: SocketAddr,
    stopping: CancellationToken,
    server: JoinHandle<()>,
}

impl ApiServer {
    /// Starts serving on `listen`.
    ///
    /// # Errors
    /// If the address is in use or not one of this machine.
    pub(super) async fn start(listen: SocketAddr, bootstrap: &Bootstrap) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen} (choose another address with --listen)"))?;
        let address = listener.local_addr().context("read the listener's address")?;
        let router = api::router(api::Context::new(bootstrap));
        let stopping = CancellationToken::new();
        let most = connections::most_connections();
        let server = tokio::spawn(connections::serve(listener, router, most, stopping.clone()));
        Ok(Self {
            address,
            stopping,
            server,
        })
    }

    /// Waits until the server ends by itself, and returns the error.
    pub(super) async fn failure(&self) -> anyhow::Error {
        while !self.server.is_finished() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        anyhow::anyhow!("the API server has ended: see the log, and start linernotes again")
    }

    /// Accepts no further requests and waits for the running ones.
    pub(super) async fn stop(self) {
        self.stopping.cancel();
        if tokio::time::timeout(STOP_TIME_OUT, self.server).await.is_err() {
            tracing::warn!("running requests were aborted");
        }
    }
}
