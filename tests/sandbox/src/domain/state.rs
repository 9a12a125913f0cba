//! Everything the account holds, in memory, group by group, and the log of changes. One lock guards it
//! all; an operation runs to its end under that lock.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Clock;
use crate::data::{Content, Rows};
use crate::domain::customers::Customers;
use crate::domain::disputes::Disputes;
use crate::domain::downtimes::Downtimes;
use crate::domain::ledger::Ledger;
use crate::domain::links::Links;
use crate::domain::offers::Offers;
use crate::domain::orders::{Order, OrderStatus};
use crate::domain::payments::Payment;
use crate::domain::plans::Plans;
use crate::domain::settlements::Settlements;
use crate::domain::simulation::Simulations;
use crate::domain::splits::Splits;
use crate::domain::subscription_payments::SubscriptionPayments;
use crate::domain::subscriptions::Subscriptions;
use crate::domain::table::{Group, Table};
use crate::domain::terminals::Terminals;
use crate::domain::vault::Vault;
use crate::domain::vendors::Vendors;
use crate::domain::{
    customers, disputes, downtimes, eligibility, ledger, links, mandates, offers, orders, payments, plans,
    preauth, recon, refunds, settlements, simulation, soundboxes, splits, subscription_payments,
    subscription_refunds, subscriptions, terminal_payments, terminals, utilities, vault, vendors,
};
use crate::http::errors::{Outcome, Refusal};
use crate::http::multipart::Part;
use crate::money;
use crate::records::{Change, Committed};
use crate::webhooks::{Event, Outbox};

/// One validated request on its way into the state.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// `None` when the payer acts, not the merchant.
    pub(crate) operation: Option<&'a str>,
    pub(crate) path: &'a BTreeMap<String, String>,
    pub(crate) query: &'a BTreeMap<String, Vec<String>>,
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
        static NO_PATH: BTreeMap<String, String> = BTreeMap::new();
        static NO_QUERY: BTreeMap<String, Vec<String>> = BTreeMap::new();
        Call {
            operation: None,
            path: &NO_PATH,
            query: &NO_QUERY,
            body: &Value::Null,
            parts: &[],
            key: None,
            request_id: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> &'a str {
        self.path.get(name).map_or("", String::as_str)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&'a str> {
        self.query_list(name).first().map(String::as_str)
    }

    /// Every value of a name that may be repeated.
    pub(crate) fn query_list(&self, name: &str) -> &'a [String] {
        self.query.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn part(&self, name: &str) -> Option<&'a Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// The orders by their payment sessions, of which a hash is kept.
#[derive(Default)]
pub(crate) struct Sessions {
    orders: HashMap<(u64, u64), Box<str>>,
    salts: (RandomState, RandomState),
}

impl Sessions {
    fn hash(&self, session: &str) -> (u64, u64) {
        (self.salts.0.hash_one(session), self.salts.1.hash_one(session))
    }

    /// The order of a session.
    pub(crate) fn get(&self, session: &str) -> Option<&str> {
        self.orders.get(&self.hash(session)).map(|order_id| &**order_id)
    }

    pub(crate) fn insert(&mut self, session: &str, order_id: &str) {
        self.orders.insert(self.hash(session), order_id.into());
    }
}

/// The account.
pub(crate) struct State {
    pub(crate) orders: Table<Order>,
    pub(crate) payments: Table<Payment>,
    /// Payment session to order.
    pub(crate) sessions: Sessions,
    /// `cf_order_id` to order.
    pub(crate) by_cf_order_id: HashMap<u64, Box<str>>,
    /// The customers that orders name.
    pub(crate) customer_ids: HashSet<String>,
    /// The orders of refunds that are PENDING, by the moment of the refund and its `cf_refund_id`.
    pub(crate) pending_refunds: BTreeMap<(SystemTime, String), String>,
    pub(crate) customers: Group<Customers>,
    pub(crate) downtimes: Group<Downtimes>,
    pub(crate) links: Links,
    pub(crate) offers: Group<Offers>,
    pub(crate) simulations: Group<Simulations>,
    pub(crate) vault: Group<Vault>,
    pub(crate) plans: Group<Plans>,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) subscription_payments: Group<SubscriptionPayments>,
    pub(crate) terminals: Group<Terminals>,
    pub(crate) disputes: Group<Disputes>,
    pub(crate) ledger: Ledger,
    pub(crate) settlements: Group<Settlements>,
    pub(crate) splits: Group<Splits>,
    pub(crate) vendors: Group<Vendors>,
    /// What the account goes by.
    pub(crate) clock: Clock,
    /// Where events go that the merchant is told of.
    pub(crate) outbox: Outbox,
    pub(crate) committed: VecDeque<Committed>,
    /// How many changes the log keeps; all if it does not say.
    pub(crate) keep: Option<usize>,
    /// How long a standard refund stays pending.
    pub(crate) refund_delay: Duration,
    /// New refunds are held while the merchant's balance is too low.
    pub(crate) low_balance: bool,
    /// `http://127.0.0.1:PORT/pg`, for links that lead back here.
    pub(crate) base_url: String,
    /// Rows that are written with what the operation changes.
    pub(crate) staged: Rows,
    serial: u64,
    salt: Salt,
    /// As it was written last.
    written: Option<Meta>,
}

/// What the account has but once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Meta {
    serial: u64,
    salt: Salt,
    /// How far the clock is ahead.
    ahead: Duration,
    low_balance: bool,
}

/// What makes tokens that can't be guessed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Salt([u64; 2]);

impl Salt {
    fn random() -> Self {
        Self([(), ()].map(|()| RandomState::new().hash_one(SystemTime::now())))
    }

    fn hash_one(&self, of: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0, of).hash(&mut hasher);
        hasher.finish()
    }
}

impl State {
    /// What changed since the last time, for the data file.
    pub(crate) fn changes(&mut self) -> Rows {
        // A reset comes before what follows.
        let mut rows = std::mem::take(&mut self.staged);
        self.orders.changes("orders", &mut rows);
        self.payments.changes("payments", &mut rows);
        self.links.by_id.changes("links", &mut rows);
        self.subscriptions.by_id.changes("subscriptions", &mut rows);
        self.ledger.changes(&mut rows);
        self.customers.changes("customers", &mut rows);
        self.downtimes.changes("downtimes", &mut rows);
        self.offers.changes("offers", &mut rows);
        self.simulations.changes("simulations", &mut rows);
        self.vault.changes("vault", &mut rows);
        self.plans.changes("plans", &mut rows);
        self.subscription_payments.changes("subscription_payments", &mut rows);
        self.terminals.changes("terminals", &mut rows);
        self.disputes.changes("disputes", &mut rows);
        self.settlements.changes("settlements", &mut rows);
        self.splits.changes("splits", &mut rows);
        self.vendors.changes("vendors", &mut rows);
        rows.append(&mut self.outbox.changes());
        let meta = Meta {
            serial: self.serial,
            salt: self.salt.clone(),
            ahead: self.clock.ahead(),
            low_balance: self.low_balance,
        };
        if self.written.as_ref() != Some(&meta) {
            rows.put("account", "meta", &meta);
            self.written = Some(meta);
        }
        rows
    }

    /// Forgets what changed, where there is no data file.
    pub(crate) fn settle_changes(&mut self) {
        self.orders.settle();
        self.payments.settle();
        self.links.by_id.settle();
        self.subscriptions.by_id.settle();
        self.ledger.settle_touched();
        self.staged = Rows::default();
    }

    /// Takes in what a data file held.
    pub(crate) fn restore(&mut self, content: &Content) -> anyhow::Result<()> {
        if let Some(meta) = content.row::<Meta>("account", "meta")? {
            (self.serial, self.low_balance) = (meta.serial, meta.low_balance);
            self.salt = meta.salt.clone();
            self.clock.advance(meta.ahead);
            self.written = Some(meta);
        }
        self.orders.restore(content.table("orders")?);
        self.payments.restore(content.table("payments")?);
        for order in self.orders.values() {
            self.sessions.insert(&order.session, &order.order_id);
            if let Ok(number) = order.cf_order_id.parse() {
                self.by_cf_order_id.insert(number, order.order_id.as_str().into());
            }
            if let Some(customer_id) = order.request()["customer_details"]["customer_id"].as_str() {
                self.customer_ids.insert(customer_id.to_owned());
            }
        }
        self.links.restore(content)?;
        self.subscriptions.restore(content)?;
        self.customers.restore(content.row("groups", "customers")?);
        self.downtimes.restore(content.row("groups", "downtimes")?);
        self.offers.restore(content.row("groups", "offers")?);
        self.simulations.restore(content.row("groups", "simulations")?);
        self.vault.restore(content.row("groups", "vault")?);
        self.plans.restore(content.row("groups", "plans")?);
        self.subscription_payments.restore(content.row("groups", "subscription_payments")?);
        self.terminals.restore(content.row("groups", "terminals")?);
        self.disputes.restore(content.row("groups", "disputes")?);
        self.settlements.restore(content.row("groups", "settlements")?);
        self.splits.restore(content.row("groups", "splits")?);
        self.vendors.restore(content.row("groups", "vendors")?);
        ledger::restore(self, content)?;
        self.outbox.restore(content)?;
        refunds::restore(self);
        Ok(())
    }

    /// Lets an order's time run out now; false if there is no such order.
    pub(crate) fn expire_order(&mut self, order_id: &str) -> bool {
        let Some(order) = self.orders.get_mut(order_id) else {
            return false;
        };
        order.expires = self.clock.now();
        true
    }

    pub(crate) fn new(base_url: String, refund_delay: Duration) -> Self {
        let clock = Clock::default();
        Self::empty(base_url, refund_delay, Outbox::new(clock.clone()), clock)
    }

    /// Forgets everything but the clock and the endpoints of webhooks.
    pub(crate) fn reset(&mut self) {
        self.outbox.reset();
        let (base_url, outbox, clock) = (self.base_url.clone(), self.outbox.clone(), self.clock.clone());
        let keep = self.keep;
        *self = Self::empty(base_url, self.refund_delay, outbox, clock);
        self.keep = keep;
        self.staged.clear();
    }

    fn empty(base_url: String, refund_delay: Duration, outbox: Outbox, clock: Clock) -> Self {
        Self {
            orders: Table::default(),
            payments: Table::default(),
            sessions: Sessions::default(),
            by_cf_order_id: HashMap::new(),
            customer_ids: HashSet::new(),
            pending_refunds: BTreeMap::new(),
            customers: Group::default(),
            downtimes: Group::default(),
            links: Links::default(),
            offers: Group::default(),
            simulations: Group::default(),
            vault: Group::default(),
            plans: Group::default(),
            subscriptions: Subscriptions::new(clock.clone()),
            subscription_payments: Group::default(),
            terminals: Group::default(),
            disputes: Group::default(),
            ledger: Ledger::default(),
            settlements: Group::default(),
            splits: Group::default(),
            vendors: Group::default(),
            outbox,
            clock,
            committed: VecDeque::new(),
            keep: None,
            refund_delay,
            low_balance: false,
            base_url,
            serial: 0,
            salt: Salt::random(),
            written: None,
            staged: Rows::default(),
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
            "PGPayOrderAuthorizeOnly" => payments::authorize_only(self, call),
            "PGOrderAuthenticatePayment" => payments::authenticate(self, call),
            "PGOrderFetchPayments" => payments::list(self, call),
            "PGOrderFetchPayment" => payments::fetch(self, call),
            "PGAuthorizeOrder" => preauth::authorize(self, call),
            "PGOrderCreateRefund" => refunds::create(self, call),
            "PGOrderFetchRefunds" => refunds::list(self, call),
            "PGOrderFetchRefund" => refunds::fetch(self, call),
            "PGOrderUpdateRefund" => refunds::cancel(self, call),

            "PGCreateCustomer" => customers::create(self, call),
            "PGCustomerFetchInstruments" => vault::list(self, call),
            "PGCustomerFetchInstrument" => vault::fetch(self, call),
            "PGCustomerDeleteInstrument" => vault::delete(self, call),
            "PGCustomerInstrumentsFetchCryptogram" => vault::cryptogram(self, call),

            "PGCreateLink" => links::create(self, call),
            "PGFetchLink" => links::fetch(self, call),
            "PGCancelLink" => links::cancel(self, call),
            "PGLinkFetchOrders" => links::list_orders(self, call),

            "PGCreateOffer" => offers::create(self, call),
            "PGFetchOffer" => offers::fetch(self, call),
            "PGEligibilityFetchOffers" => eligibility::offers(self, call),
            "PGEligibilityFetchPaymentMethods" => eligibility::payment_methods(self, call),
            "PGEligibilityFetchCardlessEMI" => eligibility::cardless_emi(self, call),
            "PGEligibilityFetchPaylater" => eligibility::paylater(self, call),

            "PGSimulatePayment" => simulation::payment(self, call),
            "PGFetchSimulation" => simulation::fetch_payment(self, call),
            "PGSimulateSettlement" => simulation::settlement(self, call),
            "PGFetchSettlementSimulation" => simulation::fetch_settlement(self, call),

            "FetchActiveEcosystemDowntimes" => downtimes::list(self, call),
            "FetchDowntimeById" => downtimes::fetch(self, call),

            "PGGetCardBin" => utilities::card_bin(call),
            "PGCreatePAR" => utilities::par(self, call),

            "SubsCreatePlan" => plans::create(self, call),
            "SubsFetchPlan" => plans::fetch(self, call),
            "SubsCreateSubscription" => subscriptions::create(self, call),
            "SubsFetchSubscription" => subscriptions::fetch(self, call),
            "SubsManageSubscription" => subscriptions::manage(self, call),
            "SubscriptionEligibility" => mandates::eligibility(self, call),
            "SubsCreatePayment" => subscription_payments::create(self, call),
            "SubsFetchSubscriptionPayments" => subscription_payments::list(self, call),
            "SubsFetchSubscriptionPayment" => subscription_payments::fetch(self, call),
            "SubsManageSubscriptionPayment" => subscription_payments::manage(self, call),
            "SubscriptionDocumentUpload" => subscription_payments::upload_form(self, call),
            "SubsFetchSubscription_1" => subscription_payments::return_summary(self, call),
            "SubsCreateRefund" => subscription_refunds::create(self, call),
            "SubsFetchSubscriptionRefund" => subscription_refunds::fetch(self, call),
            "SposCreateTerminal" => terminals::create(self, call),
            "SposFetchTerminal" => terminals::fetch(self, call),
            "SposUpdateTerminal" => terminals::update(self, call),
            "SposUpdateTerminalStatus" => terminals::update_status(self, call),
            "SposUploadTerminalDocs" => terminals::upload_document(self, call),
            "SposFetchTerminalQRCodes" => terminals::qr_codes(self, call),
            "SposOnboardSoundboxVpa" => soundboxes::onboard(self, call),
            "SposUpdateSoundboxVpa" => soundboxes::update(self, call),
            "SposDemapSoundboxVpa" => soundboxes::demap(self, call),
            "SposFetchTerminalSoundboxVpa" => soundboxes::list(self, call),
            "SposCreateTerminalTransaction" => terminal_payments::create(self, call),
            "SposFetchTerminalTransaction" => terminal_payments::fetch(self, call),
            "SposFetchTerminalTransactions" => terminal_payments::list(self, call),
            "PGFetchSettlements" => settlements::list(self, call),
            "PGOrderFetchSettlement" => settlements::fetch(self, call),
            "MarkForSettlement" => settlements::mark(self, call),
            "PGFetchRecon" => recon::payments(self, call),
            "PGSettlementFetchRecon" => recon::settlements(self, call),
            "PGESReconVendor" => recon::vendors(self, call),
            "PGESOrderRecon" => recon::split_orders(self, call),
            "PGSplitOrderRecon" => splits::fetch(self, call),
            "PGOrderSplitAfterPayment" => splits::after_payment(self, call),
            "PGOrderStaticSplit" => splits::store_rule(self, call),
            "PGFetchDisputeByID" => disputes::fetch(self, call),
            "PGFetchOrderDisputes" => disputes::list_by_order(self, call),
            "PGFetchPaymentDisputes" => disputes::list_by_payment(self, call),
            "PGAcceptDisputeByID" => disputes::accept(self, call),
            "PGUploadDisputesDocuments" => disputes::contest(self, call),
            "PGESCreateVendors" => vendors::create(self, call),
            "PGESFetchVendors" => vendors::fetch(self, call),
            "PGESUpdateVendors" => vendors::update(self, call),
            "PGESGetVendorsDocs" => vendors::list_documents(self, call),
            "PGESUploadVendorsDocs" => vendors::upload(self, call),
            "PGESDownloadVendorsDocs" => vendors::download(self, call),
            "PGESGetVendorBalance" => vendors::balance(self, call),
            "PGESCreateAdjustment" => vendors::adjust(self, call),
            "PGESCreateOnDemandTransfer" => vendors::transfer(self, call),
            "PGESGetVendorBalanceTransferCharges" => vendors::transfer_charges(call),
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

    /// A random identifier in the form of a UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.salt.hash_one(self.serial), self.salt.hash_one((self.serial, "low")));
        self.serial += 1;
        let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0x0fff);
        format!("{a:08x}-{b:04x}-4{c:03x}-{:04x}-{:012x}", 0x8000 | low >> 50, low & 0xffff_ffff_ffff)
    }

    /// What stands for a text without giving it away: the same for the same text, in this sandbox alone.
    pub(crate) fn fingerprint(&self, of: &str) -> String {
        (0..4).map(|part| format!("{:016x}", self.salt.hash_one((of, part)))).collect()
    }

    /// The order of the call's path, its expiry brought up to date.
    pub(crate) fn order(&mut self, order_id: &str) -> Result<&Order, Refusal> {
        let now = self.clock.now();
        let expired = |order: &Order| order.status == OrderStatus::Active && now >= order.expires;
        if self.orders.get(order_id).is_some_and(expired)
            && let Some(order) = self.orders.get_mut(order_id)
        {
            order.status = OrderStatus::Expired;
        }
        self.orders.get(order_id).ok_or_else(unknown_order)
    }

    /// The same, to change it.
    pub(crate) fn order_mut(&mut self, order_id: &str) -> Result<&mut Order, Refusal> {
        self.order(order_id)?;
        self.orders.get_mut(order_id).ok_or_else(unknown_order)
    }

    /// The attempts on an order, oldest first.
    pub(crate) fn payments_of<'a>(
        &'a self,
        order_id: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a Payment> {
        let attempts = self.orders.get(order_id).map_or(&[][..], |order| order.attempts.as_slice());
        attempts.iter().filter_map(|cf_payment_id| self.payments.get(cf_payment_id))
    }

    /// Puts a new attempt to those on its order.
    pub(crate) fn add_payment(&mut self, payment: Payment) {
        if let Some(order) = self.orders.get_mut(&payment.order_id) {
            // Most orders have one.
            order.attempts.reserve_exact(1);
            order.attempts.push(payment.cf_payment_id.as_str().into());
        }
        self.payments.insert(payment.cf_payment_id.clone(), payment);
    }

    /// Tells the merchant what happened, if it is something to tell.
    pub(crate) fn tell(&self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.outbox.post(&event);
        }
    }

    /// Notes a change of an order, a payment or a refund.
    pub(crate) fn commit(&mut self, call: &Call<'_>, change: Change, about: About<'_>) {
        while self.keep.is_some_and(|keep| self.committed.len() >= keep.max(1)) {
            self.committed.pop_front();
        }
        self.committed.push_back(Committed {
            at: self.clock.now(),
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

fn unknown_order() -> Refusal {
    Refusal::not_found("order_not_found", "no order has this order_id")
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
