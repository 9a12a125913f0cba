//! What is to be done: flows of a few calls each, which follow from the seed.

use cashfree_sandbox::Change;

/// One logical call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// An order with an id of the merchant's own.
    Order,
    /// An order that the service names: the idempotency key is all that protects it.
    NamelessOrder,
    /// A payment is begun; never repeated by itself.
    PayByCard,
    /// A payment is begun, and made at once.
    PayByUpi,
    /// The one-time password; never repeated by itself.
    Otp,
    Capture,
    Void,
    Refund,
    ReadOrder,
    ReadPayments,
}

impl Act {
    /// What it changes, if it is a write.
    pub(super) fn change(self) -> Option<Change> {
        match self {
            Self::Order | Self::NamelessOrder => Some(Change::OrderCreated),
            Self::PayByCard | Self::PayByUpi => Some(Change::PaymentStarted),
            Self::Otp => Some(Change::PaymentMade),
            Self::Capture => Some(Change::Captured),
            Self::Void => Some(Change::Voided),
            Self::Refund => Some(Change::RefundCreated),
            Self::ReadOrder | Self::ReadPayments => None,
        }
    }
}

const HOLD_AND_CAPTURE: &[Act] =
    &[Act::Order, Act::PayByCard, Act::Otp, Act::Capture, Act::Refund, Act::Refund];
const HOLD_AND_RELEASE: &[Act] = &[Act::Order, Act::PayByCard, Act::Otp, Act::Void, Act::ReadPayments];
const SALE: &[Act] = &[Act::Order, Act::PayByUpi, Act::Refund, Act::Refund, Act::ReadOrder];
const NAMELESS_SALE: &[Act] = &[Act::NamelessOrder, Act::PayByUpi, Act::Refund];

/// A customer's business with the shop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    pub(super) number: u32,
    pub(super) acts: &'static [Act],
}

impl Flow {
    /// The acts of a flow of this number.
    pub(super) fn acts_of(seed: u64, number: u32) -> &'static [Act] {
        // A multiplicative hash; its upper bits are well mixed.
        let drawn = (seed ^ u64::from(number)).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        match drawn % 20 {
            0..8 => HOLD_AND_CAPTURE,
            8..11 => HOLD_AND_RELEASE,
            11..16 => SALE,
            _ => NAMELESS_SALE,
        }
    }

    pub(super) fn order_id(&self) -> String {
        format!("soak_{}", self.number)
    }

    pub(super) fn refund_id(&self, step: u8) -> String {
        format!("refund_{}_{step}", self.number)
    }

    pub(super) fn holds(&self) -> bool {
        self.acts.contains(&Act::PayByCard)
    }
}

/// Which time an act is sent: the first one is the logical call, further ones follow when the caller is told
/// that nothing happened.
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

    pub(super) fn read(request_id: &str) -> Option<Self> {
        let mut parts = request_id.split('.');
        let mut next = || parts.next();
        Some(Self { flow: next()?.parse().ok()?, step: next()?.parse().ok()?, turn: next()?.parse().ok()? })
    }
}

/// Hands the flows out until the calls are used up.
#[derive(Debug)]
pub(super) struct Planner {
    seed: u64,
    number: u32,
    left: u64,
}

impl Planner {
    pub(super) fn new(seed: u64, calls: u64) -> Self {
        Self { seed, number: 0, left: calls }
    }
}

impl Iterator for Planner {
    type Item = Flow;

    fn next(&mut self) -> Option<Flow> {
        if self.left == 0 {
            return None;
        }
        let number = self.number;
        self.number += 1;
        let acts = Flow::acts_of(self.seed, number);
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let acts = acts.get(..most).unwrap_or(acts);
        self.left -= acts.len() as u64;
        Some(Flow { number, acts })
    }
}
