//! The transport.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::error::BoxError;
use crate::{Request, Response};

/// Boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Transport: sends a request and returns the response, whatever its status. It adds credentials, retries, timeouts and
/// the HTTP library.
pub trait Transport: Debug + Send + Sync {
    /// Sends the request.
    ///
    /// # Errors
    /// If no response was received.
    fn execute<'a>(&'a self, request: Request) -> BoxFuture<'a, Result<Response, BoxError>>;
}

/// The transport of a client.
#[derive(Debug, Clone)]
pub struct Inner(Arc<dyn Transport>);

impl Inner {
    /// Creates a handle of a transport.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        self.0.as_ref()
    }
}

impl From<Arc<dyn Transport>> for Inner {
    fn from(transport: Arc<dyn Transport>) -> Self {
        Self(transport)
    }
}
