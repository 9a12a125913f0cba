//! The one seam to the outside world.

use std::error::Error;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::{Request, Response};

/// Any error that can cross threads.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A future behind a pointer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends a request and brings back the answer, whatever its status. Credentials, retries, timeouts and
/// the HTTP library are its business.
pub trait Transport: Debug + Send + Sync {
    /// Sends the request; an error means that there is no answer.
    fn execute<'a>(&'a self, request: Request) -> BoxFuture<'a, Result<Response, BoxError>>;
}

/// The transport that a client carries.
#[derive(Debug, Clone)]
pub struct Inner(Arc<dyn Transport>);

impl Inner {
    /// Carries this transport.
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
