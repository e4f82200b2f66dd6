//! The HTTP API on a port of this machine, until it is told to stop.
//! What it answers is the API's matter.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use api::Access;
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::work::queue::Queues;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long requests may take to end; longer than the API gives any.
const TIME_TO_END: Duration = Duration::from_secs(30);

/// The API being served.
pub(super) struct Served {
    /// Where.
    pub(super) address: SocketAddr,
    stopping: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Answers requests to `listen` from now on.
    ///
    /// # Errors
    /// Where nothing can listen there.
    pub(super) async fn start(
        listen: SocketAddr,
        pool: &Pool,
        queues: &Queues,
        config: &Config,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen} (--listen names another address)"))?;
        let address = listener.local_addr().context("read the listener's address")?;
        let router = api::router(api::Context {
            pool: pool.clone(),
            queues: queues.clone(),
            access: if address.ip().is_loopback() {
                Access::Loopback
            } else {
                Access::Keys
            },
            switched_off: config.disabled_sources(),
        });
        let stopping = CancellationToken::new();
        let server = axum::serve(listener, router).with_graceful_shutdown(stopping.clone().cancelled_owned());
        Ok(Self {
            address,
            stopping,
            server: tokio::spawn(server.into_future()),
        })
    }

    /// Takes no further requests and waits until those being answered are.
    pub(super) async fn stop(self) {
        self.stopping.cancel();
        match tokio::time::timeout(TIME_TO_END, self.server).await {
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the API broke off"),
            Ok(_) => {}
            Err(_) => tracing::warn!("requests were broken off"),
        }
    }
}
