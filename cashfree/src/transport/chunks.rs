//! Response bodies that are read in chunks.

use bytes::Bytes;

use super::{BoxFuture, TransportError};

/// A response body that is read chunk by chunk. Dropping it before its end closes the connection.
pub trait Chunks: Send {
    /// Returns the next chunk, or `None` at the end of a complete body.
    ///
    /// # Errors
    /// If the connection breaks or the timeout of the request ends. No chunk follows an error.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>>;
}

/// A body that has been read already.
pub(super) struct BufferedBody(pub(super) Option<Bytes>);

impl Chunks for BufferedBody {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        let body = self.0.take();
        Box::pin(async move { Ok(body) })
    }
}
