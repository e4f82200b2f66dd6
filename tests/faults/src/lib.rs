//! A server with faults below HTTP: it closes the connection in the middle of a response or before it.
//!
//! Every other fake of an HTTP server is one of `wiremock`, which cannot send a part of a response: hyper
//! writes its responses to the end, and panics in a debug build if `Content-Length` is not the body's length.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Starts a server that answers every request with these bytes and closes the connection. Returns its URL.
/// The requests must have no body.
pub async fn start(response: Vec<u8>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") && connection.read_buf(&mut request).await.unwrap() > 0 {}
            connection.write_all(&response).await.unwrap();
        }
    });
    url
}

/// A response of status 200 that ends in the middle of its body, after these bytes.
#[must_use]
pub fn cut_off(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 2 * body.len());
    [head.as_bytes(), body].concat()
}
