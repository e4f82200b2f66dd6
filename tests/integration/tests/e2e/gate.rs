//! A proxy before Postgres that can refuse connections, accept them without an answer, or forward them.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// An address that functions are told a database has.
pub(crate) struct Gate {
    address: SocketAddr,
    server: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

impl Gate {
    /// A shut door before the database at `url`: connections are refused. Gives the URL through it.
    pub(crate) async fn before(url: &str) -> (Self, String) {
        let (login, rest) = url.split_once('@').unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        // Whoever is told of a port that was free a moment ago is refused.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Self {
            address,
            server: server.parse().unwrap(),
            listening: None,
        };
        (gate, format!("{login}@{address}/{path}"))
    }

    /// Takes connections and lets none through.
    pub(crate) async fn hang(&mut self) {
        let listener = self.listener().await;
        self.listening = Some(tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((client, _)) = listener.accept().await {
                held.push(client);
            }
        }));
    }

    /// Lets everybody through.
    pub(crate) async fn open(&mut self) {
        let (listener, server) = (self.listener().await, self.server);
        self.listening = Some(tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await.unwrap();
                    // However it ends, both sides notice.
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        }));
    }

    async fn listener(&mut self) -> TcpListener {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // Once it is over, the port is free.
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
