//! Everything the account holds, in memory: orders with their refunds, payments, and the log of
//! changes. One lock guards it all; an operation runs to its end under that lock.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::errors::{Outcome, Refusal};
use crate::multipart::Part;
use crate::orders::{Order, OrderStatus};
use crate::payments::Payment;
use crate::records::{Change, Committed};
use crate::{money, orders, payments, preauth, refunds};

/// One validated request on its way into the state.
#[derive(Clone, Copy)]
#[allow(dead_code)]
pub(crate) struct Call<'a> {
    /// `None` when the payer acts, not the merchant.
    pub(crate) operation: Option<&'a str>,
    pub(crate) path: &'a BTreeMap<String, String>,
    pub(crate) query: &'a BTreeMap<String, String>,
    /// The JSON body; `null` when there is none.
    pub(crate) body: &'a Value,
    /// The parts of a form.
    pub(crate) parts: &'a [Part],
    pub(crate) key: Option<&'a str>,
    pub(crate) request_id: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// What the payer does, not the merchant.
    pub(crate) fn by_payer() -> Call<'static> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        Call {
            operation: None,
            path: &NONE,
            query: &NONE,
            body: &Value::Null,
            parts: &[],
            key: None,
            request_id: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> &'a str {
        self.path.get(name).map_or("", String::as_str)
    }

    #[allow(dead_code)]
    pub(crate) fn query(&self, name: &str) -> Option<&'a str> {
        self.query.get(name).map(String::as_str)
    }

    #[allow(dead_code)]
    pub(crate) fn part(&self, name: &str) -> Option<&'a Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// The account.
pub(crate) struct State {
    pub(crate) orders: BTreeMap<String, Order>,
    pub(crate) payments: BTreeMap<String, Payment>,
    /// Payment session to order.
    pub(crate) sessions: HashMap<String, String>,
    pub(crate) committed: Vec<Committed>,
    /// How long a standard refund stays pending.
    pub(crate) refund_delay: Duration,
    /// New refunds are held while the merchant's balance is too low.
    pub(crate) low_balance: bool,
    /// `http://127.0.0.1:PORT/pg`, for links that lead back here.
    pub(crate) base_url: String,
    serial: u64,
    salt: RandomState,
}

impl State {
    pub(crate) fn new(base_url: String, refund_delay: Duration) -> Self {
        Self {
            orders: BTreeMap::new(),
            payments: BTreeMap::new(),
            sessions: HashMap::new(),
            committed: Vec::new(),
            refund_delay,
            low_balance: false,
            base_url,
            serial: 0,
            salt: RandomState::new(),
        }
    }

    /// Carries out one operation.
    pub(crate) fn perform(&mut self, operation: &str, call: &Call<'_>) -> Outcome {
        match operation {
            "PGCreateOrder" => orders::create(self, call),
            "PGFetchOrder" => orders::fetch(self, call),
            "PGTerminateOrder" => orders::terminate(self, call),
            "PGFetchOrderExtendedData" => orders::fetch_extended(self, call),
            "PGUpdateOrderExtendedData" => orders::update_extended(self, call),
            "PGPayOrder" => payments::pay(self, call),
            "PGOrderAuthenticatePayment" => payments::authenticate(self, call),
            "PGOrderFetchPayments" => payments::list(self, call),
            "PGOrderFetchPayment" => payments::fetch(self, call),
            "PGAuthorizeOrder" => preauth::authorize(self, call),
            "PGOrderCreateRefund" => refunds::create(self, call),
            "PGOrderFetchRefunds" => refunds::list(self, call),
            "PGOrderFetchRefund" => refunds::fetch(self, call),
            "PGOrderUpdateRefund" => refunds::cancel(self, call),
            other => Err(Refusal::not_imitated(other)),
        }
    }

    /// A number no other thing of this sandbox has.
    pub(crate) fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Letters and digits that can't be guessed from earlier ones.
    pub(crate) fn token(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut out = String::with_capacity(length);
        while out.len() < length {
            let serial = self.serial();
            let mut bits = self.salt.hash_one(serial);
            for _ in 0..10 {
                let letter = LETTERS.get((bits % 62) as usize).copied().unwrap_or(b'A');
                out.push(char::from(letter));
                bits /= 62;
            }
        }
        out.truncate(length);
        out
    }

    /// The order of the call's path, its expiry brought up to date.
    pub(crate) fn order(&mut self, order_id: &str) -> Result<&mut Order, Refusal> {
        let order = self
            .orders
            .get_mut(order_id)
            .ok_or_else(|| Refusal::not_found("order_not_found", "no order has this order_id"))?;
        if order.status == OrderStatus::Active && SystemTime::now() >= order.expires {
            order.status = OrderStatus::Expired;
        }
        Ok(order)
    }

    /// The attempts on an order, oldest first.
    pub(crate) fn payments_of<'a>(
        &'a self,
        order_id: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a Payment> {
        self.payments.values().filter(move |payment| payment.order_id == order_id)
    }

    /// Notes a change of an order, a payment or a refund.
    pub(crate) fn commit(&mut self, call: &Call<'_>, change: Change, about: About<'_>) {
        self.committed.push(Committed {
            change,
            operation_id: call.operation.map(str::to_owned),
            order_id: about.order_id.to_owned(),
            cf_payment_id: about.cf_payment_id.map(str::to_owned),
            refund_id: about.refund_id.map(str::to_owned),
            other_id: about.other_id.map(str::to_owned),
            amount: about.amount.map(money::text),
            idempotency_key: call.key.map(str::to_owned),
            request_id: call.request_id.map(str::to_owned),
        });
    }
}

/// What a change is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) order_id: &'a str,
    pub(crate) cf_payment_id: Option<&'a str>,
    pub(crate) refund_id: Option<&'a str>,
    pub(crate) other_id: Option<&'a str>,
    pub(crate) amount: Option<&'a Value>,
}
