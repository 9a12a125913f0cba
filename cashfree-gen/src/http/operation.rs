//! A row of the operation table.

use http::Method;

/// What the client must know of an operation before it sends it. The rows are in
/// [`operations`](crate::operations).
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The operation id as the API document spells it, for instance `PGCreateOrder`.
    pub id: &'static str,
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
    /// What sending it a second time may do.
    pub repeat: Repeat,
    /// The operation that reads what this one makes under an identifier of the caller's, with an answer of
    /// the same type.
    pub read_back: Option<&'static Operation>,
}

impl Operation {
    /// Whether it takes no credentials: it is keyed by a payment session or a payment.
    pub fn is_open(&self) -> bool {
        self.auth.is_empty()
    }
}

/// What sending an operation a second time may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeat {
    /// It only reads, whatever its method says.
    Safe,
    /// It writes; the same idempotency key and body make the second one an answer, not an act.
    Keyed,
    /// It writes, and nothing is known to keep a second one from acting again.
    Never,
}
