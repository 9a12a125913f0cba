//! What the service did, in the order in which it did it.

/// A change of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Change {
    /// An order was created.
    OrderCreated,
    /// An order was terminated.
    OrderTerminated,
    /// A payment was started.
    PaymentStarted,
    /// A payment succeeded.
    PaymentMade,
    /// A held payment was captured.
    Captured,
    /// A held payment was voided.
    Voided,
    /// A refund was created.
    RefundCreated,
    /// A refund was cancelled.
    RefundCancelled,
    /// A payment link was created.
    LinkCreated,
    /// A payment link was cancelled.
    LinkCancelled,
    /// A plan was created.
    PlanCreated,
    /// A subscription was created.
    SubscriptionCreated,
    /// Money was transferred to or from a vendor.
    Transferred,
    /// The balance of a vendor was adjusted.
    Adjusted,
    /// A payment was split between vendors.
    Split,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What changed.
    pub change: Change,
    /// The id of the resource that changed: the caller's own where it sent one, else the service's.
    pub id: String,
    /// The merchant whose account changed.
    pub merchant: String,
    /// `x-request-id` of the request that caused the change; `None` if the request had none, and for resources
    /// that other systems of the merchant created.
    pub request_id: Option<String>,
    /// `x-idempotency-key` of that request.
    pub key: Option<String>,
}

/// All changes since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger(pub(crate) Vec<Entry>);

impl Ledger {
    /// The entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The entries of one kind of change.
    pub fn of(&self, change: Change) -> Vec<&Entry> {
        self.0.iter().filter(|entry| entry.change == change).collect()
    }

    /// How often a resource underwent a change.
    pub fn count(&self, change: Change, id: &str) -> usize {
        self.0.iter().filter(|entry| entry.change == change && entry.id == id).count()
    }
}
