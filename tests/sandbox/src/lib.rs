//! A local sandbox for the Cashfree Payments API: for the contract tests of
//! the SDK, its examples, and anyone who wants to try a checkout without an account.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let sandbox = cashfree_sandbox::Sandbox::start().await?;
//! println!("{} for {}", sandbox.base_url(), sandbox.client_id());
//! # Ok(())
//! # }
//! ```
//!
//! Every request and every answer is held against the OpenAPI document, corrected and normalised, which is part of
//! the binary; [`Sandbox::api_version`] is its version. All its operations are imitated with their state; one that a newer document
//! adds is checked and then answered with 501. It depends on neither SDK crate: it is a second, independent
//! reading of the document.
//!
//! # What is imitated, and from which fact
//!
//! | behaviour | what the service documents | where the sandbox decides for itself |
//! |---|---|---|
//! | credentials | four sets of headers; two operations take none | a mixture of sets is refused |
//! | `x-api-version` | leaving it out is answered with 400 | an unknown date is, too; 2026-01-01 gets the forms of its published document, except for `PGFetchRecon`; any other version gets that of [`Sandbox::api_version`], which the header of the response says |
//! | `x-request-id` | echoed, blank if none was sent | |
//! | idempotency | status and body of the first request are replayed, failures and 500 included; another body is answered with 422; validation comes first | "same" means the same bytes to the same address; keys never expire; one set of keys per account and operation; a second request waits for the first |
//! | call limits | per minute, sliding, four headers, `app_id` or `ip` | 1000 for operations without a documented limit; refused calls don't count |
//! | error forms | message, code, type, help (no help at 401 and 429) | sentences |
//! | error codes | `<path>_missing`, `_invalid`, `_not_found`, `_already_exists`; `order_already_paid`, `order_id_not_paid`, `order_id_voided` | `order_inactive`, `order_already_captured`, `authorization_not_found`, `refund_already_exists`, `amount_invalid` follow the pattern; a refused state is 400, a second capture or release 409 |
//! | orders | ACTIVE, PAID, EXPIRED, TERMINATED, TERMINATION_REQUESTED; PAID on a successful payment; thirty days | amounts with more than two decimals or fifteen digits are refused |
//! | payments | test cards, UPI ids, bank 3333, one-time password, credit phone; `payment_method` under its wrapper key; nulls as in the published examples | a wrong OTP leaves the attempt open; the linked page pays when its form is submitted (`outcome` is `success`, `failed`, `user_dropped` or `pending`); reading it changes nothing; `testriskflagged` ends FLAGGED, which the enum lacks; a second success on a paid order ends CANCELLED |
//! | failed payments | the published example says `is_captured: true` | kept |
//! | pre-authorisation | `order_note` `preauth_transaction`, or UPI `authorize_only`; one capture of at most the blocked amount; VOID; `PRE_AUTH` message; null `approve_by` and `captured_amount` | holds don't lapse |
//! | customers | registered by phone; the uid is the service's, `cfcustom_` and digits | a phone is registered once, 409 otherwise |
//! | token vault | a card is saved by a successful payment with `save_instrument`, for the customer of the order, and paid with by its id; deleting answers with it | the same card is saved once; a deleted one is INACTIVE in that answer and then gone; a customer is known from orders; [`Sandbox::save_card`] saves one directly |
//! | payment links | ACTIVE, PARTIALLY_PAID, PAID, EXPIRED, CANCELLED; thirty days; paid through orders with ids of their own and the link's id in `order_tags`; only an ACTIVE link is cancelled; `status` ALL or PAID (default) | the form of `link_url` pays what is left, or the part in `amount`; `outcome` is as on the payment page, `pending` leaves the order open; [`Sandbox::open_link`] leaves it open too; one open order at a time, ended with its link; the QR code leads to the page |
//! | offers | DISCOUNT, CASHBACK, both, NO_COST_EMI; `active` | `inactive` outside their time; codes may repeat; `offer_id` of a payment is not looked at; `max_allowed` is not counted |
//! | eligibility | by `order_id` or amount; offers come bare; cardless EMI from 1000 | credit belongs to the phone of the test data; simple interest; the methods that the sandbox takes |
//! | simulation | a pending payment ends SUCCESS, FAILED (with any error code) or USER_DROPPED, or stays; settlements of orders or since a time at most seven days back | `SUBS_PAYMENTS` is refused; an order is settled with success once; settlements stay within the simulation |
//! | downtimes | ACTIVE, UPCOMING, RESOLVED; SCHEDULED, UNSCHEDULED; filters may be repeated | reported by [`Sandbox::report_downtime`]; resolved ones are listed when asked for |
//! | card BIN, PAR | bank, country, network and kind by the first digits; 29 characters | of the test cards |
//! | refunds | only paid and captured, together at most the captured amount; STANDARD pending first; cancel while PENDING or ONHOLD | pending for a second, see [`Builder::refund_delay`] |
//! | plans and subscriptions | twelve statuses; CANCEL, PAUSE, ACTIVATE, CHANGE_PLAN, two of them not on demand; what isn't there is an empty text | a failed authorisation leaves the subscription INITIALIZED; a repeated id is 409 `plan_already_exists`, `subscription_already_exists` |
//! | mandates | UPI, e-NACH, paper NACH, card; a paper form is handed in as a picture | the test UPI ids and cards decide; the page signs e-NACH and card mandates; the bank and the payer act by [`Sandbox::mandate`] |
//! | debits | only while ACTIVE, at most `plan_max_amount`; by UPI and card one to fourteen days ahead; three repeats by UPI, then ON_HOLD; CANCEL and RETRY; COMPLETED after the last cycle | a debit without a day is due in two; its day comes by [`Sandbox::debit`] or [`Sandbox::advance`]; the return summary is ready at once |
//! | refunds of debits | INITIATED first; NORMAL for STANDARD; together at most the debit | SUCCESS after [`Builder::refund_delay`]; an authorisation amount that returns by itself can't be refunded |
//! | terminals | DOCS_AWAITED, PROVISIONALLY_ACTIVE, ACTIVE, INACTIVE; an ACTIVE asked for without documents changes nothing | both kinds of document make it PROVISIONALLY_ACTIVE, then the merchant's ACTIVE counts; 409 `terminal_already_exists` |
//! | payments at terminals | of an order made before, by code or link; numbered pages | the code of a payment leads to the payer's page, which pays; fifteen minutes, unenforced; a page without a size has fifty |
//! | soundboxes | coupled, changed, uncoupled; 404 for nothing found | one device a terminal, at its own UPI address; 409 `soundbox_already_exists` |
//! | settlements | fees and taxes taken off; a mark is answered with 202 and an empty object, a second one with 400 `api_request_failed` | 1.9 percent and 18 percent of that; a day ends when [`Sandbox::settle`] or [`Sandbox::advance`] says so; one that comes to nothing is put off; `settlement_not_found` before that |
//! | reconciliation | cursors, a null one ends; 10 to 1000 rows, with vendors to 100; flat and nested rows, `cutomer_details` | rows come in the order of booking; a full page has a cursor even if nothing follows; cursors belong to one report; ids and dates together are refused |
//! | disputes | stages and states, `resolved_at` in the year 9999, 20 MB, acceptance without a currency | raised by [`Sandbox::raise_dispute`], decided by [`Sandbox::move_dispute`]; the money is kept back from the first day; 409 `dispute_already_closed`, 400 `dispute_status_invalid` |
//! | Easy Split | split at creation, after payment until settled, or by a standing rule; amount or percentage, together at most the payment; 400 `api_request_failed` for nearly all | shares are rounded down; a standing rule counts for terminal 0 and orders without a split |
//! | vendors | states, codes, `related_docs`, 2 MB, transfers from 10 rupees, a fee that is billed afterwards | vetted by [`Sandbox::review_vendor`]; only active ones are paid out; 409 for a vendor or adjustment that exists; download links lead back here |
//! | webhooks: sending | HMAC-SHA256 of timestamp and raw body; six headers; 200 alone acknowledges; again after 2, 10 and 30 minutes, or by a policy of at most ten; `notify_url` of orders, whose schedule is always the usual one; one `x-idempotency-key` per event | only to this machine, everything else is refused and recorded; at each endpoint one after the other; each attempt has a timestamp of its own; ten seconds for an answer; redirects are not followed; an address that is named twice gets an event once; amounts have two decimals |
//! | webhooks: payments and refunds | success, failure, leaving, charges, outcome of a refund, automatic refund | charges follow the success, or the capture; a second success is told as one, then its automatic refund, INITIATED and after [`Builder::refund_delay`] SUCCESS; a flagged payment, a VOID and a refund ONHOLD are not told |
//! | webhooks: the rest | links (to their `notify_url`, too), settlements, vendors and their payouts, disputes, saved cards, terminals, incidents, subscriptions with their payments and refunds | an incident of cards is told once per network; [`Sandbox::refuse_saved_cards`] lets the saving fail; a link that runs out by itself tells nothing, see [`Sandbox::expire_link`]; a bank never sends money back; controlled notices, card expiry, verification of payments from abroad and older names come by `trigger` alone |
//!
//! # Webhooks
//!
//! Every change that the service tells of is sent to the order's `notify_url` and to the endpoints of
//! [`Builder::webhooks`], in the form of the document of webhooks, which each event is held against
//! before it leaves. A test waits with [`Sandbox::webhooks_settled`] and looks at [`Sandbox::deliveries`].
//!
//! Without any change, the command sends a sample:
//!
//! ```text
//! cargo run -p cashfree-sandbox -- trigger --list
//! cargo run -p cashfree-sandbox -- trigger PAYMENT_SUCCESS_WEBHOOK --to http://127.0.0.1:8000/hooks \
//!     --secret SECRET --set data.order.order_id=order_1
//! ```
//!
//! # From other languages
//!
//! What a test does beside the API has addresses, too, under `/sandbox` and without credentials: pay as a customer,
//! decide as a bank, move the clock, script a fault, wait for a webhook, look at what happened. They are described in
//! OpenAPI at `/sandbox/openapi.json`. A person has the dashboard at `/`.
//!
//! # Where things are
//!
//! | folder | what is in it |
//! |---|---|
//! | `http` | connections, routes, and what is checked before an operation: origin, credentials, limits, document, keys |
//! | `domain` | the account: `state` names the function of each operation, one file for each group |
//! | `webhooks` | events, their form, their queues and signatures |
//! | `faults` | what goes wrong on the way, scripted or at random |
//! | `journal` | the latest requests and responses, and the feed of what happens |
//! | `control` | the addresses under `/sandbox` |
//! | `web` | pages: checkout, links, mandates, dashboard; and the checkout script |
//! | `cli` | the commands of the program |
//!
//! # Faults
//!
//! [`Sandbox::script`] makes the next requests go wrong: see [`Fault`] for how, and for what
//! remains of the request. [`Builder::chaos`] lets them happen at random, the same ones for the same seed,
//! and [`Sandbox::close_port`] takes the whole service away. [`Sandbox::script_webhooks`] does so with events: see
//! [`WebhookFault`].

mod app;
mod builder;
mod clock;
#[cfg(test)]
mod conformance;
mod control;
mod data;
mod document;
mod domain;
mod faults;
mod http;
mod journal;
mod money;
mod records;
mod web;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use tokio::task::JoinHandle;

pub use builder::Builder;
pub use domain::disputes::BankMove;
pub use domain::downtimes::{Downtime, Impact};
pub use domain::mandates::MandateEvent;
pub use domain::vendors::VendorReview;
pub use faults::random::Chaos;
pub use faults::scripted::Fault;
pub use http::tls::Tls;
pub use journal::{Exchange, Feed, Notice, RecordedResponse};
pub use records::{Change, Committed, RecordedRequest};
pub use webhooks::{
    Trigger, WebhookDelivery, WebhookEndpoint, WebhookFault, WebhookOutcome, WebhookSample, WebhookSchedule,
    webhook_samples,
};

use app::App;
use domain::{
    advance, disputes, downtimes, links, settlements, subscription_payments, subscriptions, test_data, vault,
    vendors,
};
use http::net::Connections;
use webhooks::Outbox;

/// A running sandbox. Dropping it stops the server and closes its connections.
pub struct Sandbox {
    app: Arc<App>,
    address: SocketAddr,
    base_url: String,
    connections: Connections,
    certificate: Option<String>,
    server: JoinHandle<()>,
    outbox: Outbox,
    postman: JoinHandle<()>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
        self.postman.abort();
        self.connections.close();
    }
}

impl Sandbox {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If the OpenAPI document can't be read or the port can't be opened.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Settings, all with defaults.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where the API is: `http://127.0.0.1:PORT/pg`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where the dashboard and the pages are: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.base_url.strip_suffix(http::API_PREFIX).unwrap_or(&self.base_url)
    }

    /// The certificate, as PEM, that a client of a sandbox with TLS has to trust; `None` without [`Builder::tls`].
    #[must_use]
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The address the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Version of the API that the sandbox speaks, such as a test sends as `x-api-version`.
    #[must_use]
    pub fn api_version(&self) -> &str {
        &self.app.document.version
    }

    /// Version of the webhooks that the sandbox sends, as in `x-webhook-version`.
    #[must_use]
    pub fn webhook_version(&self) -> &'static str {
        webhooks::version()
    }

    /// `x-client-id` of the account.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.app.account.client_id
    }

    /// `x-client-secret` of the account.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.app.account.client_secret
    }

    /// The `x-client-signature` that is accepted in place of the secret.
    #[must_use]
    pub fn client_signature(&self) -> &'static str {
        self.app.account.client_signature
    }

    /// `x-partner-apikey` of the account's partner.
    #[must_use]
    pub fn partner_api_key(&self) -> &'static str {
        self.app.account.partner_api_key
    }

    /// `x-partner-merchantid` of the account.
    #[must_use]
    pub fn merchant_id(&self) -> &'static str {
        self.app.account.merchant_id
    }

    /// The one-time password of every test card.
    #[must_use]
    pub fn otp(&self) -> &'static str {
        test_data::OTP
    }

    /// The requests that are kept (see [`Builder::keep`]), in order of arrival, the payer's visits included.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.app.journal.requests()
    }

    /// The kept requests with the responses to them, in order of arrival.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.app.journal.select(|_| true)
    }

    /// What happens from now on: each request with its response, each attempt to deliver a webhook.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> anyhow::Result<()> {
    /// use cashfree_sandbox::{Notice, Sandbox};
    ///
    /// let sandbox = Sandbox::start().await?;
    /// let mut feed = sandbox.subscribe();
    /// reqwest::get(format!("{}/orders/order_1", sandbox.base_url())).await?;
    /// let Some(Notice::Request(exchange)) = feed.next().await else { anyhow::bail!("no request") };
    /// assert_eq!(exchange.response.map(|response| response.status), Some(400), "no x-api-version");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn subscribe(&self) -> Feed {
        self.app.journal.subscribe()
    }

    /// The requests that reached one operation.
    #[must_use]
    pub fn requests_of(&self, operation_id: &str) -> Vec<RecordedRequest> {
        let fits = |exchange: &Exchange| exchange.request.operation_id.as_deref() == Some(operation_id);
        self.app.journal.select(fits).into_iter().map(|exchange| exchange.request).collect()
    }

    /// Forgets the recorded requests, and those that carried credentials where none belong.
    pub fn clear_requests(&self) {
        self.app.journal.clear();
        self.app.leaked().clear();
    }

    /// The log of what really changed: a test counts charges and refunds here, not in answers.
    #[must_use]
    pub fn committed(&self) -> Vec<Committed> {
        self.app.state().committed.iter().cloned().collect()
    }

    /// The changes of one kind.
    #[must_use]
    pub fn committed_of(&self, change: Change) -> Vec<Committed> {
        self.app.state().committed.iter().filter(|entry| entry.change == change).cloned().collect()
    }

    /// The statuses that the work of each operation has ended with so far. What the sandbox answers is held
    /// against the document before it leaves, and becomes a 500 `sandbox_answer_invalid` if it differs.
    #[must_use]
    pub fn answered(&self) -> BTreeMap<String, BTreeSet<u16>> {
        self.app.answers().clone()
    }

    /// The statuses that were sent and that the document does not declare for their operation, scripted faults aside.
    #[must_use]
    pub fn undeclared(&self) -> BTreeMap<String, BTreeSet<u16>> {
        self.app.undeclared().clone()
    }

    /// Requests to the two open operations, or to a link of a document, that carried a credential header all
    /// the same.
    #[must_use]
    pub fn credentials_leaked(&self) -> Vec<RecordedRequest> {
        self.app.leaked().clone()
    }

    /// Makes the next `times` requests to one operation go wrong.
    pub fn script(&self, fault: Fault, operation_id: &str, times: u32) {
        self.app.script.add(fault, Some(operation_id.to_owned()), times);
    }

    /// Makes the next `times` requests to any operation go wrong.
    pub fn script_any(&self, fault: Fault, times: u32) {
        self.app.script.add(fault, None, times);
    }

    /// Drops the faults that have not struck yet.
    pub fn clear_script(&self) {
        self.outbox.clear_script();
        self.app.script.clear();
    }

    /// How many scripted faults have not struck yet: a test that ends with some left tested less
    /// than it meant to.
    #[must_use]
    pub fn faults_left(&self) -> u32 {
        self.app.script.left() + self.outbox.faults_left()
    }

    /// Takes no more connections until [`Sandbox::open_port`]: who tries is refused. Connections that are
    /// open stay so. The port remains reserved.
    pub fn close_port(&self) {
        self.app.door.set(false);
    }

    /// Takes connections again.
    pub fn open_port(&self) {
        self.app.door.set(true);
    }

    /// Cuts every connection that is open, whatever is on it.
    pub fn cut_connections(&self) {
        self.connections.close();
    }

    /// Moves the sandbox's clock forward, and lets happen what became due:
    ///
    /// - orders, links and subscriptions meet their expiry;
    /// - pending refunds succeed;
    /// - webhooks that were not acknowledged are sent again;
    /// - debits of subscriptions whose day has come succeed;
    /// - a day is settled at each midnight (Indian time) on the way.
    ///
    /// The limits of calls, and the timestamps that webhooks are signed with, stay with the machine's clock. At most
    /// a century ahead of it, in whole milliseconds.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> anyhow::Result<()> {
    /// use std::time::Duration;
    ///
    /// let sandbox = cashfree_sandbox::Sandbox::start().await?;
    /// let before = sandbox.now();
    /// sandbox.advance(Duration::from_secs(31 * 86_400));
    /// assert!(sandbox.now() >= before + Duration::from_secs(31 * 86_400));
    /// # Ok(())
    /// # }
    /// ```
    pub fn advance(&self, by: Duration) {
        advance::advance(&mut self.app.state(), by);
    }

    /// The time by the sandbox's clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.app.state().clock.now()
    }

    /// Lets an order's time run out now; false if there is no such order.
    pub fn expire_order(&self, order_id: &str) -> bool {
        self.app.state().expire_order(order_id)
    }

    /// Puts a card into a customer's vault under this id, as a payment with `save_instrument` does under an id
    /// of its own. False if it is not one of the test cards.
    pub fn save_card(&self, customer_id: &str, instrument_id: &str, card_number: &str) -> bool {
        vault::put(&mut self.app.state(), customer_id, instrument_id, card_number)
    }

    /// Lets a payer open a payment link and go as far as its order, for `amount` or for all that is left, which
    /// is then paid like any other. Answers the order's id, or nothing if the link takes no such payment. (A
    /// request for the page itself pays at once.)
    pub fn open_link(&self, link_id: &str, amount: Option<&str>) -> Option<String> {
        links::open(&mut self.app.state(), link_id, amount.unwrap_or_default())
    }

    /// Lets a payment link's time run out now; false if there is no such link.
    pub fn expire_link(&self, link_id: &str) -> bool {
        links::expire(&mut self.app.state(), link_id)
    }

    /// Reports that something is out of order, and answers the id of the incident.
    pub fn report_downtime(&self, downtime: Downtime) -> String {
        downtimes::report(&mut self.app.state(), downtime)
    }

    /// Ends an incident now; false if there is none with this id.
    pub fn resolve_downtime(&self, incident_id: &str) -> bool {
        downtimes::resolve(&mut self.app.state(), incident_id)
    }

    /// Lets something happen to a subscription without the merchant: the bank answers, the payer pauses.
    /// False if there is no such subscription, or it is not in a state for that.
    pub fn mandate(&self, subscription_id: &str, event: MandateEvent) -> bool {
        subscriptions::happen(&mut self.app.state(), subscription_id, event)
    }

    /// Lets the bank carry out a debit of a subscription now, whatever its day: one attempt, of which a
    /// mandate by UPI has four. False if no debit waits under this `payment_id`.
    pub fn debit(&self, payment_id: &str, succeeds: bool) -> bool {
        subscription_payments::debit(&mut self.app.state(), payment_id, succeeds)
    }

    /// A payer contests the payment of an order through the bank: the dispute's id, or nothing if the order is
    /// not paid or contested already. The amount leaves the balance until the merchant has won.
    pub fn raise_dispute(&self, order_id: &str) -> Option<u64> {
        disputes::raise(&mut self.app.state(), order_id)
    }

    /// The bank goes on with a dispute; false if there is none, or its state does not allow that.
    pub fn move_dispute(&self, dispute_id: u64, by: BankMove) -> bool {
        disputes::go_on(&mut self.app.state(), dispute_id, by)
    }

    /// A settlement day ends: what was paid, less fees, shares of vendors, refunds and disputes, goes to the
    /// merchant's bank, and what active vendors have coming to theirs. The ids of the merchant's settlements;
    /// none if there is nothing to settle.
    pub fn settle(&self) -> Vec<String> {
        settlements::settle(&mut self.app.state())
    }

    /// The service vets a vendor; false if there is no such vendor.
    pub fn review_vendor(&self, vendor_id: &str, review: VendorReview) -> bool {
        vendors::review(&mut self.app.state(), vendor_id, review)
    }

    /// While true, new refunds are ONHOLD, as when the merchant's balance is too low.
    pub fn low_balance(&self, low: bool) {
        self.app.state().low_balance = low;
    }

    /// While true, the networks make no tokens of cards that payments save.
    pub fn refuse_saved_cards(&self, refuse: bool) {
        self.app.state().vault.refuses = refuse;
    }

    /// Sends every event from now on to this address of this machine, too, as an endpoint that was set up in
    /// the dashboard. The `notify_url` of orders and links needs no such thing.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> anyhow::Result<()> {
    /// use std::time::Duration;
    ///
    /// let sandbox = cashfree_sandbox::Sandbox::builder().webhook_time_scale(0.0).start().await?;
    /// // Nobody listens there: four attempts, and no answer to any.
    /// sandbox.add_webhook_endpoint("http://127.0.0.1:9/hooks");
    /// sandbox.save_card("cust_1", "instrument_1", "4706131211212123");
    /// assert!(sandbox.webhooks_settled(Duration::from_secs(20)).await);
    /// let attempts: Vec<u32> = sandbox.deliveries().iter().map(|delivery| delivery.attempt).collect();
    /// assert_eq!(attempts, [1, 2, 3, 4]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_webhook_endpoint(&self, endpoint: impl Into<WebhookEndpoint>) {
        self.outbox.add_endpoint(endpoint.into());
    }

    /// Sends the event of a delivery again, at once and as the next attempt at its endpoint, with a timestamp and a
    /// signature of its own; there are no further attempts if it fails. False if no delivery with this
    /// [`id`](WebhookDelivery::id) is kept.
    pub fn resend(&self, id: u64) -> bool {
        self.outbox.resend(id)
    }

    /// Every attempt to deliver an event so far, in the order in which they began; of very many, the last ones.
    #[must_use]
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.outbox.deliveries()
    }

    /// Waits until every event is acknowledged or given up, and every pending refund has come to its end; false
    /// if the time runs out before.
    pub async fn webhooks_settled(&self, timeout: Duration) -> bool {
        self.outbox.settled(timeout).await
    }

    /// Makes the next `times` deliveries of new events go wrong; an event for two addresses is two deliveries.
    pub fn script_webhooks(&self, fault: &WebhookFault, times: u32) {
        self.outbox.script(fault, times);
    }
}
