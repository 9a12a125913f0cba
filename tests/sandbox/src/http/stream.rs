//! A connection that can be cut at will.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The switch of one connection: once thrown, nothing more is read from or written to it.
#[derive(Debug, Default)]
pub(crate) struct HangUp {
    thrown: AtomicBool,
    pub(super) reader: AtomicWaker,
}

impl HangUp {
    /// Cuts the connection; the peer sees it end without (or in the middle of) a response.
    pub(crate) fn now(&self) {
        self.thrown.store(true, Ordering::SeqCst);
        self.reader.wake();
    }

    pub(super) fn check(&self) -> io::Result<()> {
        if self.thrown.load(Ordering::SeqCst) {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut by the sandbox"));
        }
        Ok(())
    }
}

/// A TCP stream behind a switch.
pub(crate) struct CuttableStream {
    pub(super) stream: TcpStream,
    pub(super) hang_up: Arc<HangUp>,
}

impl CuttableStream {
    /// Waits for bytes, and copies them without taking them off the stream.
    pub(crate) async fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.peek(buffer).await
    }
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
