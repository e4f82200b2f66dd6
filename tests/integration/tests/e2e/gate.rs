//! A proxy before Postgres that can refuse connections, accept them without an answer, or forward them.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A proxy. The functions get its address as the address of their database.
pub(crate) struct Gate {
    address: SocketAddr,
    server: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

impl Gate {
    /// Creates a proxy for the database at `url` that refuses connections. Returns the URL of the proxy.
    pub(crate) async fn before(url: &str) -> (Self, String) {
        let (login, rest) = url.split_once('@').unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        // The listener is dropped at the end, so connections to its port are refused.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Self {
            address,
            server: server.parse().unwrap(),
            listening: None,
        };
        (gate, format!("{login}@{address}/{path}"))
    }

    /// Accepts connections and never answers.
    pub(crate) async fn hang(&mut self) {
        let listener = self.listener().await;
        self.listening = Some(tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((client, _)) = listener.accept().await {
                held.push(client);
            }
        }));
    }

    /// Ends every connection and refuses further ones.
    pub(crate) async fn close(&mut self) {
        drop(self.listener().await);
    }

    /// Forwards every connection.
    pub(crate) async fn open(&mut self) {
        let (listener, server) = (self.listener().await, self.server);
        self.listening = Some(tokio::spawn(async move {
            // Dropped with this task, which ends the connections.
            let mut connections = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                connections.spawn(async move {
                    let mut server = TcpStream::connect(server).await.unwrap();
                    // Both connections are closed afterwards, so an error needs no handling.
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        }));
    }

    async fn listener(&mut self) -> TcpListener {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // The port is free when the task has ended.
            let _ = listening.await;
        }
        TcpListener::bind(self.address).await.unwrap()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}
