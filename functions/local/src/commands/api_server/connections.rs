//! The connections of the API server: how many there are at once, and how long a caller may do nothing on
//! one. Without these limits, callers that do nothing would use up the open files of the whole process.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use api::Peer;
use axum::Router;
use axum::extract::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// The time in which the header of a request must arrive, counted from the opening of the connection or the
/// end of the request before.
const HEADER_TIME_OUT: Duration = Duration::from_secs(10);
/// The age at which a connection gets no further request. A caller that reads no answers keeps one this long.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How long the last request of a connection may take, with its header, its body and its answer.
pub(super) const LAST_REQUEST: Duration = Duration::from_secs(35);
/// The most connections, whatever the machine allows.
const MOST_CONNECTIONS: u64 = 1_024;
/// The pause after a connection could not be accepted because the machine lacks something, such as open
/// files.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// The most connections that this process should accept: half of its open files, because workers need files
/// for Postgres and the sources.
pub(super) fn most_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current;
    let most = files.map_or(MOST_CONNECTIONS, |files| (files / 2).clamp(1, MOST_CONNECTIONS));
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// Serves until it is stopped, and then waits for the requests under way. Callers beyond `most` connections
/// wait in the queue of the kernel until one closes.
pub(super) async fn serve(listener: TcpListener, router: Router, most: usize, stopping: CancellationToken) {
    let places = Arc::new(Semaphore::new(most));
    let connections = TaskTracker::new();
    let accept_next = async || {
        let place = Arc::clone(&places).acquire_owned().await;
        (place, accept(&listener).await)
    };
    while let Some((place, (stream, peer))) = stopping.run_until_cancelled(accept_next()).await {
        let serve = serve_connection(stream, peer, router.clone(), stopping.clone());
        connections.spawn(async move {
            serve.await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_caller(error.kind()) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection to the API could not be accepted");
                sleep(PAUSE_AFTER_ERROR).await;
            }
        }
    }
}

fn is_of_the_caller(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

async fn serve_connection(stream: TcpStream, peer: SocketAddr, router: Router, stopping: CancellationToken) {
    let service = service_fn(move |request| {
        let mut request: Request<_> = request;
        request.extensions_mut().insert(Peer(peer.ip()));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME_OUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopping.cancelled() => None,
        () = sleep(LIFETIME) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            timeout(LAST_REQUEST, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the API ended early");
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::extract::Extension;
    use axum::routing::get;
    use rustix::process::setrlimit;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::Notify;
    use tokio::time::Instant;

    use super::*;

    /// Starts a server with a limit on connections, and returns its address.
    async fn start(router: Router, most: usize, stopping: &CancellationToken) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, router, most, stopping.clone()));
        address
    }

    fn router() -> Router {
        Router::new().route(
            "/",
            get(async |Extension(peer): Extension<Peer>| peer.0.to_string()),
        )
    }

    async fn send(address: SocketAddr, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream
    }

    async fn read(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn a_request_in_http_1_0_without_a_host_is_answered_and_its_connection_closed() {
        let address = start(router(), 1, &CancellationToken::new()).await;
        let answer = read(send(address, "GET / HTTP/1.0\r\n\r\n").await).await;
        assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n127.0.0.1"), "{answer}");
    }

    // The clock stands still, and jumps to the next time-out when nothing else happens.
    #[tokio::test(start_paused = true)]
    async fn a_caller_that_sends_no_whole_header_is_disconnected() {
        let address = start(router(), 8, &CancellationToken::new()).await;
        for sent in ["", "GET / HTTP/1.1\r\nHost: x\r\n"] {
            let began = Instant::now();
            assert_eq!(read(send(address, sent).await).await, "", "{sent}");
            assert!(began.elapsed() >= HEADER_TIME_OUT, "{sent}");
        }
        let kept_open = read(send(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await).await;
        assert!(kept_open.ends_with("127.0.0.1"), "{kept_open}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_callers_that_send_nothing_do_not_keep_out_another_one() {
        let mut files = getrlimit(Resource::Nofile);
        files.current = files.maximum;
        setrlimit(Resource::Nofile, files).unwrap();
        let address = start(router(), 300, &CancellationToken::new()).await;
        let mut silent = Vec::new();
        for _ in 0..1_000 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let answer = read(send(address, "GET / HTTP/1.0\r\n\r\n").await).await;
        assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    }

    #[tokio::test]
    async fn a_caller_beyond_the_limit_waits_until_a_connection_closes() {
        let address = start(router(), 1, &CancellationToken::new()).await;
        let mut first = send(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        // Its first answer shows that it has the only place.
        first.read_exact(&mut [0; 12]).await.unwrap();
        let second = send(address, "GET / HTTP/1.0\r\n\r\n").await;
        let mut second = pin!(read(second));
        assert!(futures_are_pending(second.as_mut()).await);
        drop(first);
        assert!(second.await.ends_with("127.0.0.1"));
    }

    /// Whether a future does not end while this process has anything else to do.
    async fn futures_are_pending(future: impl Future) -> bool {
        let busy = async {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        };
        let mut future = pin!(future);
        tokio::select! {
            _ = future.as_mut() => false,
            () = busy => true,
        }
    }

    #[tokio::test]
    async fn a_stop_waits_for_the_request_under_way() {
        let (began, goes_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (begins, waits) = (Arc::clone(&began), Arc::clone(&goes_on));
        let answer = async move || {
            begins.notify_one();
            waits.notified().await;
            "done"
        };
        let stopping = CancellationToken::new();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(answer));
        let server = tokio::spawn(serve(listener, router, 8, stopping.clone()));
        let request = send(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        began.notified().await;
        stopping.cancel();
        goes_on.notify_one();
        assert!(read(request).await.ends_with("done"));
        server.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[test]
    fn a_server_leaves_open_files_for_others() {
        let most = most_connections();
        assert!((1..=1_024).contains(&most), "{most}");
    }
}
