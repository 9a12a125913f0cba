//! What a test can look at afterwards: the requests as they arrived, and the changes they made.

/// One request, as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// The operation of the document it reached; `None` for anything else.
    pub operation_id: Option<String>,
    /// The method, in capitals.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query string without its question mark, still encoded.
    pub query: Option<String>,
    /// The headers in the order they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl RecordedRequest {
    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON, `null` if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What changed on the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// An order was created.
    OrderCreated,
    /// An order was terminated, or its termination was requested.
    OrderTerminated,
    /// Shipment data was stored with an order.
    OrderExtended,
    /// A payment attempt was begun.
    PaymentStarted,
    /// A payment succeeded: money was taken, or blocked for a pre-authorisation.
    PaymentMade,
    /// A payment attempt ended without success.
    PaymentFailed,
    /// A pre-authorised payment was captured.
    Captured,
    /// A pre-authorised payment was released.
    Voided,
    /// A refund was created.
    RefundCreated,
    /// A refund was cancelled.
    RefundCancelled,
}

/// One entry of the log of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// What changed.
    pub change: Change,
    /// The operation that did it; `None` for the payer's visit to a payment page.
    pub operation_id: Option<String>,
    /// The order concerned; empty if none is.
    pub order_id: String,
    /// The payment concerned, if one is.
    pub cf_payment_id: Option<String>,
    /// The refund concerned, if one is.
    pub refund_id: Option<String>,
    /// Whatever else is concerned, by its own id: a link, a vendor, a subscription.
    pub other_id: Option<String>,
    /// The amount, in the digits it was sent in.
    pub amount: Option<String>,
    /// The idempotency key of the request that did it.
    pub idempotency_key: Option<String>,
    /// The `x-request-id` of the request that did it.
    pub request_id: Option<String>,
}
