//! A row of the operation table.

use http::Method;

use super::expected::{Expected, Shape, Source};

/// Description of an API operation. The descriptions are in [`operations`](crate::operations).
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The operation id as the API document spells it, for instance `PGCreateOrder`.
    pub id: &'static str,
    /// The version of the API that documents it, as a date; sent as `x-api-version`.
    pub api_version: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, parameters in braces.
    pub path: &'static str,
    /// The group of the document that it belongs to.
    pub tag: &'static str,
    /// The combinations of credential headers that it accepts; none for an open operation.
    pub auth: &'static [&'static [&'static str]],
    /// Whether the document declares `x-idempotency-key` for it.
    pub idempotency_key: bool,
    /// Retry class: the effect of sending it a second time.
    pub retry_class: RetryClass,
    /// The operation that reads what this one creates under an identifier of the caller, with a response of
    /// the same type.
    pub read_back: Option<&'static Operation>,
    /// The operation that shows what this one did, by identifiers that its request carries. It is
    /// [`read_back`](Self::read_back) where there is one; otherwise its response is of another type.
    pub look_up: Option<&'static Operation>,
    /// Protection against a second effect, besides the idempotency key.
    pub protected_by: Protection,
    /// What a success response must hold to be taken for this operation's own.
    pub response: Expected,
}

impl Operation {
    /// Describes an operation that the document does not have, for a request made by hand. Nothing is known of its
    /// path and response; it takes an idempotency key, and is sent with [`API_VERSION`](crate::API_VERSION).
    pub const fn undocumented(
        id: &'static str,
        method: Method,
        auth: &'static [&'static [&'static str]],
        retry_class: RetryClass,
    ) -> Self {
        let protected_by = match retry_class {
            RetryClass::Safe => Protection::Read,
            RetryClass::Keyed => Protection::Key,
            RetryClass::Never => Protection::Nothing,
        };
        Self {
            id,
            api_version: crate::API_VERSION,
            method,
            path: "",
            tag: "",
            auth,
            idempotency_key: true,
            retry_class,
            read_back: None,
            look_up: None,
            protected_by,
            response: Expected { shape: Shape::Any, identity: &[], fields: &[] },
        }
    }

    /// Returns whether it takes no credentials: it is keyed by a payment session or a payment.
    pub fn is_open(&self) -> bool {
        self.auth.is_empty()
    }

    /// Returns whether a document says that the service honours the idempotency key of this operation.
    ///
    /// Keys are documented for `POST` with client id and secret. Of `PATCH`, `PUT` and `DELETE`, and of the operations
    /// without credentials, nothing says so.
    pub fn is_key_documented(&self) -> bool {
        self.idempotency_key && self.method == Method::POST && !self.is_open()
    }
}

/// Retry class of an operation: the effect of sending it a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryClass {
    /// It only reads, whatever its method says.
    Safe,
    /// It writes, and takes an idempotency key: the service recognises a second request with the same body. Two
    /// more columns say how far to rely on it: [`Operation::is_key_documented`] and [`Operation::protected_by`].
    Keyed,
    /// It writes, and nothing is known to prevent a second effect.
    Never,
}

/// Protection of a write besides its key: what the service enforces against a second request of the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// The operation only reads.
    Read,
    /// The service refuses a second object under the same identifier of the caller. It protects only a request that
    /// carries the identifier: an optional field may be absent.
    Identity(Source),
    /// The state of the object refuses a second one, or makes it change nothing: a capture, a cancellation.
    Lifecycle,
    /// Only the idempotency key: nothing is known to refuse a second request whose key the service does not know.
    Key,
    /// Nothing.
    Nothing,
}
