//! What a test can look at afterwards: the requests as they arrived, and the changes they made.

use std::time::SystemTime;

/// One request, as received over the wire.
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
        header(&self.headers, name)
    }

    /// The body as JSON, `null` if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        json(&self.body)
    }
}

pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

pub(crate) fn json(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice(body).unwrap_or_default()
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

    /// A customer was registered.
    CustomerCreated,
    /// A card was put into the vault.
    InstrumentSaved,
    /// A card was taken out of the vault.
    InstrumentDeleted,
    /// A payment link was created.
    LinkCreated,
    /// A payment link was cancelled.
    LinkCancelled,
    /// An offer was created.
    OfferCreated,
    /// A settlement was pretended.
    SettlementSimulated,
    /// A plan was created.
    PlanCreated,
    /// A subscription was created.
    SubscriptionCreated,
    /// A subscription was paused, resumed, moved or ended, by the merchant or without.
    SubscriptionChanged,
    /// An authorisation or a debit of a subscription was begun, or a failed debit set up again.
    SubscriptionPaymentStarted,
    /// A mandate was granted, or a debit taken.
    SubscriptionPaymentMade,
    /// A mandate was refused, or a debit failed for good.
    SubscriptionPaymentFailed,
    /// An open payment of a subscription was withdrawn.
    SubscriptionPaymentCancelled,
    /// The signed form of a paper mandate was handed in.
    MandateFormFiled,
    /// A refund of a subscription's payment was created.
    SubscriptionRefundCreated,
    /// A terminal was registered.
    TerminalCreated,
    /// A terminal was changed, or a document of it handed in.
    TerminalChanged,
    /// A soundbox was coupled, changed or uncoupled; the other id is the terminal's.
    SoundboxChanged,
    /// An order was marked for settlement.
    SettlementMarked,
    /// A settlement reached the merchant's bank.
    Settled,
    /// A payer contested a payment.
    DisputeRaised,
    /// The merchant conceded a dispute.
    DisputeAccepted,
    /// A document was handed in for a dispute.
    DisputeContested,
    /// A vendor was registered.
    VendorCreated,
    /// A vendor was changed by the merchant.
    VendorUpdated,
    /// A document of a vendor was stored.
    VendorDocumentStored,
    /// Money was booked between the merchant and a vendor.
    VendorAdjusted,
    /// Money was transferred between the merchant and a vendor.
    VendorTransferred,
    /// A paid order was split.
    OrderSplit,
    /// A standing rule of splits was stored.
    StaticSplitStored,
}

/// One entry of the log of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// When, by the sandbox's clock.
    pub at: SystemTime,
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
