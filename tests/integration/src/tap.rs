//! A proxy before Postgres that records the statements that go over the wire.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use shared::platform::db::Pool;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::{Database, settings};

/// The statements of each connection in their order.
#[derive(Clone, Default)]
pub struct Tap(Arc<Mutex<Vec<Vec<String>>>>);

impl Tap {
    /// The same database with a pool that connects through a new proxy.
    pub async fn on(database: &Database) -> (Database, Self) {
        let tap = Self::default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (login, rest) = database.url.split_once('@').unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        let url = format!("{login}@127.0.0.1:{port}/{path}");
        tokio::spawn(tap.clone().run(listener, server.to_owned()));
        let pool = Pool::new(&settings(&url), 4).unwrap();
        (Database { url, pool }, tap)
    }

    /// The statements of each transaction that was committed since the last call of this function.
    pub fn take_transactions(&self) -> Vec<Vec<String>> {
        let mut transactions = Vec::new();
        for statements in self.0.lock().unwrap().iter_mut() {
            let mut open: Option<Vec<String>> = None;
            for statement in statements.drain(..) {
                match statement.as_str() {
                    "BEGIN" | "START TRANSACTION" => open = Some(Vec::new()),
                    "COMMIT" => transactions.extend(open.take()),
                    _ => open.iter_mut().for_each(|open| open.push(statement.clone())),
                }
            }
        }
        transactions
    }

    async fn run(self, listener: TcpListener, server: String) {
        while let Ok((client, _)) = listener.accept().await {
            let upstream = TcpStream::connect(&server).await.unwrap();
            let connection = {
                let mut connections = self.0.lock().unwrap();
                connections.push(Vec::new());
                connections.len() - 1
            };
            client.set_nodelay(true).unwrap();
            upstream.set_nodelay(true).unwrap();
            let (from_client, mut to_client) = client.into_split();
            let (mut from_server, to_server) = upstream.into_split();
            tokio::spawn(self.clone().listen(connection, from_client, to_server));
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        }
    }

    /// Forwards what the client sends: a start-up message, then messages with a type, a length and a body.
    async fn listen(self, connection: usize, mut client: OwnedReadHalf, mut server: OwnedWriteHalf) {
        let mut prepared = HashMap::new();
        let mut started = false;
        loop {
            let mut head = vec![0; if started { 5 } else { 4 }];
            if client.read_exact(&mut head).await.is_err() {
                return;
            }
            let length = head[head.len() - 4..]
                .iter()
                .fold(0, |length, byte| length << 8 | usize::from(*byte));
            let mut body = vec![0; length - 4];
            if client.read_exact(&mut body).await.is_err() {
                return;
            }
            if started && let Some(statement) = executed(head[0], &body, &mut prepared) {
                self.0.lock().unwrap()[connection].push(statement);
            }
            started = true;
            head.append(&mut body);
            if server.write_all(&head).await.is_err() {
                return;
            }
        }
    }
}

/// The statement that a message executes: a simple query, or one that was prepared under a name before.
fn executed(kind: u8, body: &[u8], prepared: &mut HashMap<String, String>) -> Option<String> {
    let mut texts = body
        .split(|byte| *byte == 0)
        .map(|text| String::from_utf8_lossy(text).into_owned());
    match kind {
        b'P' => {
            prepared.insert(texts.next()?, texts.next()?);
            None
        }
        b'B' => prepared.get(&texts.nth(1)?).cloned(),
        b'Q' => texts.next(),
        _ => None,
    }
    // The client library looks up types by itself.
    .filter(|statement| !statement.contains("pg_catalog."))
}
