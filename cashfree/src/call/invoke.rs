//! A generated method together with its arguments.

use std::sync::Arc;

use cashfree_gen::ResponseValue;

use crate::transport::BoxFuture;

/// The future that a generated method returns, once it owns its arguments.
pub(crate) type Invocation<T> = BoxFuture<'static, Result<ResponseValue<T>, cashfree_gen::Error>>;

/// A generated method with its arguments, which can be called for each attempt.
pub(crate) trait Invoke<T>: Send + Sync {
    fn invoke(self: Arc<Self>, api: cashfree_gen::Client) -> Invocation<T>;
}

impl<T, F: Fn(cashfree_gen::Client) -> Invocation<T> + Send + Sync> Invoke<T> for F {
    fn invoke(self: Arc<Self>, api: cashfree_gen::Client) -> Invocation<T> {
        self(api)
    }
}
