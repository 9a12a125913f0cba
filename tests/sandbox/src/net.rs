//! A listener whose connections can be cut at will, for the faults that need it and for shutdown.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The switch of one connection: once thrown, nothing more is read from or written to it.
#[derive(Debug, Default)]
pub(crate) struct HangUp {
    thrown: AtomicBool,
    reader: AtomicWaker,
}

impl HangUp {
    /// Cuts the connection; the peer sees it end without (or in the middle of) an answer.
    pub(crate) fn now(&self) {
        self.thrown.store(true, Ordering::SeqCst);
        self.reader.wake();
    }

    fn check(&self) -> io::Result<()> {
        if self.thrown.load(Ordering::SeqCst) {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut by the sandbox"));
        }
        Ok(())
    }
}

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

/// Accepts TCP connections and gives each its switch.
pub(crate) struct CuttableListener {
    inner: TcpListener,
    connections: Connections,
}

impl CuttableListener {
    pub(crate) fn new(inner: TcpListener, connections: Connections) -> Self {
        Self { inner, connections }
    }
}

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.inner).await;
        // Small answers should leave at once; a failure here only costs latency.
        let _ = stream.set_nodelay(true);
        let hang_up = Arc::new(HangUp::default());
        self.connections.add(&hang_up);
        (CuttableStream { stream, hang_up }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

/// What a handler learns about the connection its request came over.
#[derive(Clone, Debug)]
pub(crate) struct Line(pub(crate) Arc<HangUp>);

impl Connected<IncomingStream<'_, CuttableListener>> for Line {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        Self(Arc::clone(&stream.io().hang_up))
    }
}

/// A TCP stream behind a switch.
pub(crate) struct CuttableStream {
    stream: TcpStream,
    hang_up: Arc<HangUp>,
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.hang_up.reader.register(context.waker());
        self.hang_up.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.hang_up.check()?;
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
