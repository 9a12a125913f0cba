//! A listener whose connections can be cut at will, for the faults that need it and for shutdown.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use crate::http::stream::{CuttableStream, HangUp};
use crate::http::tls::{Accepted, Tls};

/// Every connection that is still open, so that dropping the sandbox closes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections(Arc<Mutex<Vec<Weak<HangUp>>>>);

impl Connections {
    fn add(&self, hang_up: &Arc<HangUp>) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|known| known.strong_count() > 0);
        list.push(Arc::downgrade(hang_up));
    }

    pub(crate) fn close(&self) {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for hang_up in list.iter().filter_map(Weak::upgrade) {
            hang_up.now();
        }
    }
}

/// Whether the port takes new connections.
#[derive(Clone, Debug)]
pub(crate) struct Door(Arc<watch::Sender<bool>>);

impl Default for Door {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(true)))
    }
}

impl Door {
    pub(crate) fn set(&self, open: bool) {
        self.0.send_replace(open);
    }

    /// Closes it, and opens it again after a time.
    pub(crate) fn close_for(&self, time: Duration) {
        self.set(false);
        let door = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            door.set(true);
        });
    }
}

/// A socket for the port. Two may hold it at a time, of which one listens: so a port can be closed, and
/// nobody else gets it meanwhile.
fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

const BACKLOG: u32 = 4096;

/// Accepts TCP connections and gives each its switch.
pub(crate) struct CuttableListener {
    address: SocketAddr,
    /// `None` while the port is closed.
    inner: Option<TcpListener>,
    door: watch::Receiver<bool>,
    connections: Connections,
}

impl CuttableListener {
    pub(crate) async fn open(wanted: SocketAddr, connections: Connections, door: &Door) -> io::Result<Self> {
        // A port that somebody listens on is refused here; the sharing socket below would not notice.
        drop(TcpListener::bind(wanted).await?);
        let inner = hold(wanted)?.listen(BACKLOG)?;
        let address = inner.local_addr()?;
        Ok(Self { address, inner: Some(inner), door: door.0.subscribe(), connections })
    }

    /// Waits for a connection, minding the door.
    async fn next(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            let open = *self.door.borrow_and_update();
            match (&self.inner, open) {
                (Some(listener), true) => {
                    tokio::select! {
                        accepted = listener.accept() => return accepted,
                        _ = self.door.changed() => {}
                    }
                }
                (None, true) => self.inner = Some(hold(self.address)?.listen(BACKLOG)?),
                (_, false) => {
                    let held = hold(self.address)?;
                    self.inner = None;
                    // An error would say that the sandbox is gone, and this listener with it.
                    let _ = self.door.wait_for(|open| *open).await;
                    self.inner = Some(held.listen(BACKLOG)?);
                }
            }
        }
    }
}

/// The time that the head of a request may take, counted from the end of the one before: longer than clients keep
/// connections that they do not use.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(100);

/// Serves the connections of a listener for as long as the task runs. A connection whose next request has not come
/// after `head_time`, or only in part, is closed.
pub(crate) async fn serve(
    mut listener: CuttableListener,
    router: Router,
    head_time: Duration,
    tls: Option<Tls>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_time);
    loop {
        let stream = listener.accept().await;
        let (http, router, tls) = (http.clone(), router.clone(), tls.clone());
        // How a connection ends is its client's affair.
        tokio::spawn(async move {
            let line = Line(Arc::clone(&stream.hang_up));
            let accepted = match tls {
                None => Ok(Accepted::Plain(stream)),
                Some(tls) => tls.accept(stream).await,
            };
            match accepted {
                Ok(Accepted::Plain(stream)) => talk(&http, stream, router, line).await,
                Ok(Accepted::Tls(stream)) => talk(&http, stream, router, line).await,
                Err(_) => {}
            }
        });
    }
}

/// Serves the requests of one connection.
async fn talk(
    http: &http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    line: Line,
) {
    let line = ConnectInfo(line);
    let service = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(line.clone());
        hyper::service::Service::call(&service, request)
    });
    drop(http.serve_connection(TokioIo::new(stream), service).await);
}

impl CuttableListener {
    /// Waits for the next connection.
    async fn accept(&mut self) -> CuttableStream {
        let stream = loop {
            match self.next().await {
                Ok((stream, _)) => break stream,
                // A connection that broke while it was made, or no file handles left for now.
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        // Small responses should leave at once; a failure here only costs latency.
        let _ = stream.set_nodelay(true);
        let hang_up = Arc::new(HangUp::default());
        self.connections.add(&hang_up);
        CuttableStream { stream, hang_up }
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

/// What a handler learns about the connection its request came over.
#[derive(Clone, Debug)]
pub(crate) struct Line(pub(crate) Arc<HangUp>);

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Sends bytes and reads until the server closes the connection. Returns what was read, and how the reading ended.
    async fn send(address: SocketAddr, bytes: &[u8]) -> anyhow::Result<(String, io::Result<usize>)> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(bytes).await?;
        let mut response = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut response)).await?;
        Ok((String::from_utf8_lossy(&response).into_owned(), end))
    }

    #[tokio::test]
    async fn half_a_head_times_out() -> anyhow::Result<()> {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = CuttableListener::open(anywhere, Connections::default(), &Door::default()).await?;
        let address = listener.local_addr();
        let server = tokio::spawn(serve(listener, Router::new(), Duration::from_millis(100), None));
        let (response, end) = send(address, b"GET / HTTP/1.1\r\nhost: a").await?;
        end?;
        assert!(!response.starts_with("HTTP/1.1 2"), "{response}");
        // A whole head gets a response.
        let (response, end) =
            send(address, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await?;
        end?;
        assert!(response.starts_with("HTTP/1.1 404"), "{response}");
        server.abort();
        Ok(())
    }

    #[tokio::test]
    async fn half_a_handshake_times_out() -> anyhow::Result<()> {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = CuttableListener::open(anywhere, Connections::default(), &Door::default()).await?;
        let address = listener.local_addr();
        let tls = Tls::self_signed([""; 0])?.handshake_time(Duration::from_millis(100));
        let server = tokio::spawn(serve(listener, Router::new(), HEAD_TIME, Some(tls)));
        // Nothing, and the first bytes of a handshake.
        for sent in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
            // A connection that is closed with bytes unread is reset.
            let (response, _) = send(address, sent).await?;
            assert!(!response.starts_with("HTTP"), "{sent:?}");
        }
        // The same port serves plain HTTP.
        let (response, end) =
            send(address, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await?;
        end?;
        assert!(response.starts_with("HTTP/1.1 404"), "{response}");
        server.abort();
        Ok(())
    }
}
