//! A body that comes in pieces.

use bytes::Bytes;

use super::{BoxFuture, TransportError};

/// The body of an answer, piece by piece. What is not asked for is not read, and dropping it ends the
/// connection.
pub trait Chunks: Send {
    /// The next piece; `None` at the end of a complete body.
    ///
    /// # Errors
    /// When the body breaks off, or the time limit of the request runs out. Nothing comes after an error.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>>;
}

/// A body that is there already.
pub(super) struct Whole(pub(super) Option<Bytes>);

impl Chunks for Whole {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        let all = self.0.take();
        Box::pin(async move { Ok(all) })
    }
}
