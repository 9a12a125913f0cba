//! The flows of a soak: a few calls each, which follow from the seed.

/// One logical call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Creates an order with an id of the caller's.
    Order,
    /// Creates an order that the service names.
    NamelessOrder,
    /// Starts a payment, which waits for a one-time password.
    PayByCard,
    /// Starts a payment that succeeds at once.
    PayByUpi,
    /// Submits the one-time password.
    Otp,
    Capture,
    Void,
    Refund,
    CancelRefund,
    Terminate,
    Link,
    CancelLink,
    Plan,
    Subscription,
    Transfer,
    Adjustment,
    Split,
    ReadOrder,
    ReadPayments,
}

impl Act {
    /// The change that the write makes, by its name in the ledgers; `None` for a read.
    pub(super) fn change(self) -> Option<&'static str> {
        Some(match self {
            Self::Order | Self::NamelessOrder => "OrderCreated",
            Self::PayByCard | Self::PayByUpi => "PaymentStarted",
            Self::Otp => "PaymentMade",
            Self::Capture => "Captured",
            Self::Void => "Voided",
            Self::Refund => "RefundCreated",
            Self::CancelRefund => "RefundCancelled",
            Self::Terminate => "OrderTerminated",
            Self::Link => "LinkCreated",
            Self::CancelLink => "LinkCancelled",
            Self::Plan => "PlanCreated",
            Self::Subscription => "SubscriptionCreated",
            Self::Transfer => "Transferred",
            Self::Adjustment => "Adjusted",
            Self::Split => "Split",
            Self::ReadOrder | Self::ReadPayments => return None,
        })
    }
}

const HOLD_AND_CAPTURE: &[Act] =
    &[Act::Order, Act::PayByCard, Act::Otp, Act::Capture, Act::Refund, Act::Refund];
const HOLD_AND_RELEASE: &[Act] = &[Act::Order, Act::PayByCard, Act::Otp, Act::Void, Act::ReadPayments];
const SALE: &[Act] = &[Act::Order, Act::PayByUpi, Act::Refund, Act::Refund, Act::ReadOrder];
const NAMELESS_SALE: &[Act] = &[Act::NamelessOrder, Act::PayByUpi, Act::Refund];
const REFUND_CANCELLED: &[Act] = &[Act::Order, Act::PayByUpi, Act::Refund, Act::CancelRefund];
const TERMINATED: &[Act] = &[Act::Order, Act::ReadOrder, Act::Terminate];
const LINK: &[Act] = &[Act::Link, Act::CancelLink];
const SUBSCRIPTION: &[Act] = &[Act::Plan, Act::Subscription];
const VENDOR: &[Act] = &[Act::Transfer, Act::Adjustment];
const SPLIT: &[Act] = &[Act::Order, Act::PayByUpi, Act::Split];

/// The flows against the sandbox, of which every twentieth part is one.
const SANDBOX: [&[Act]; 20] = [
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_RELEASE,
    HOLD_AND_RELEASE,
    HOLD_AND_RELEASE,
    SALE,
    SALE,
    SALE,
    SALE,
    SALE,
    NAMELESS_SALE,
    NAMELESS_SALE,
    NAMELESS_SALE,
    NAMELESS_SALE,
];

/// The flows against the adversary.
const ADVERSARY: [&[Act]; 20] = [
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_CAPTURE,
    HOLD_AND_RELEASE,
    HOLD_AND_RELEASE,
    SALE,
    SALE,
    SALE,
    NAMELESS_SALE,
    NAMELESS_SALE,
    REFUND_CANCELLED,
    REFUND_CANCELLED,
    TERMINATED,
    LINK,
    LINK,
    SUBSCRIPTION,
    SUBSCRIPTION,
    VENDOR,
    VENDOR,
    SPLIT,
];

/// Which service the flows are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flows {
    Sandbox,
    Adversary,
}

impl Flows {
    /// The acts of a flow of this number.
    pub(super) fn acts_of(self, seed: u64, number: u32) -> &'static [Act] {
        // A multiplicative hash; its upper bits are well mixed.
        let drawn = (seed ^ u64::from(number)).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let flows = if self == Self::Sandbox { &SANDBOX } else { &ADVERSARY };
        flows.get((drawn % 20) as usize).copied().unwrap_or_default()
    }
}

/// One customer's business with the shop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    pub(super) number: u32,
    pub(super) acts: &'static [Act],
}

/// One call of one flow. Turn 0 is the logical call; further turns follow when its caller sends it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Send {
    pub(super) flow: u32,
    pub(super) step: u8,
    pub(super) turn: u8,
}

impl Send {
    pub(super) fn request_id(self) -> String {
        format!("{}.{}.{}", self.flow, self.step, self.turn)
    }

    pub(super) fn parse(request_id: &str) -> Option<Self> {
        let mut parts = request_id.split('.');
        let mut next = || parts.next();
        Some(Self { flow: next()?.parse().ok()?, step: next()?.parse().ok()?, turn: next()?.parse().ok()? })
    }
}

/// Hands out one flow after the other.
#[derive(Debug)]
pub(super) struct Planner {
    flows: Flows,
    seed: u64,
    number: u32,
}

impl Planner {
    pub(super) fn new(flows: Flows, seed: u64) -> Self {
        Self { flows, seed, number: 0 }
    }

    pub(super) fn next(&mut self) -> Flow {
        let number = self.number;
        self.number += 1;
        Flow { number, acts: self.flows.acts_of(self.seed, number) }
    }
}
