//! The running sandbox: what a test does beside the API.

mod builder;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use tokio::task::JoinHandle;

pub use builder::Builder;

use crate::app::App;
use crate::domain::{
    advance, disputes, downtimes, links, settlements, subscription_payments, subscriptions, test_data, vault,
    vendors,
};
use crate::http::net::Connections;
use crate::webhooks::Outbox;
use crate::{
    BankMove, Change, Committed, Downtime, Exchange, Fault, Feed, MandateEvent, RecordedRequest,
    VendorReview, WebhookDelivery, WebhookEndpoint, WebhookFault,
};
use crate::{http, webhooks};

/// A running sandbox. Dropping it stops the server and closes its connections.
pub struct Sandbox {
    pub(crate) app: Arc<App>,
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

    /// The log of what really changed: a test counts charges and refunds here, not in responses.
    #[must_use]
    pub fn committed(&self) -> Vec<Committed> {
        self.app.state().committed.iter().cloned().collect()
    }

    /// The changes of one kind.
    #[must_use]
    pub fn committed_of(&self, change: Change) -> Vec<Committed> {
        self.app.state().committed.iter().filter(|entry| entry.change == change).cloned().collect()
    }

    /// Status codes that each operation has returned so far, by operation id. Each response is checked against the
    /// document before it is sent, and becomes a 500 `sandbox_response_invalid` if it differs.
    #[must_use]
    pub fn response_statuses(&self) -> BTreeMap<String, BTreeSet<u16>> {
        self.app.statuses().clone()
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
        self.app.script.left().saturating_add(self.outbox.faults_left())
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
    /// - webhooks that were not acknowledged are resent;
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
    /// is then paid like any other. Returns the order's id, or nothing if the link takes no such payment. (A
    /// request for the page itself pays at once.)
    pub fn open_link(&self, link_id: &str, amount: Option<&str>) -> Option<String> {
        links::open(&mut self.app.state(), link_id, amount.unwrap_or_default())
    }

    /// Lets a payment link's time run out now; false if there is no such link.
    pub fn expire_link(&self, link_id: &str) -> bool {
        links::expire(&mut self.app.state(), link_id)
    }

    /// Reports that something is out of order, and returns the id of the incident.
    pub fn report_downtime(&self, downtime: Downtime) -> String {
        downtimes::report(&mut self.app.state(), downtime)
    }

    /// Ends an incident now; false if there is none with this id.
    pub fn resolve_downtime(&self, incident_id: &str) -> bool {
        downtimes::resolve(&mut self.app.state(), incident_id)
    }

    /// Lets something happen to a subscription without the merchant: the bank approves, the payer pauses.
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
    /// // Nobody listens there: four attempts, and no response to any.
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

    /// Waits until every event is acknowledged or has no attempt left, and every pending refund has come to its end; false
    /// if the time runs out before.
    pub async fn webhooks_settled(&self, timeout: Duration) -> bool {
        self.outbox.settled(timeout).await
    }

    /// Makes the next `times` deliveries of new events go wrong; an event for two addresses is two deliveries.
    pub fn script_webhooks(&self, fault: &WebhookFault, times: u32) {
        self.outbox.script(fault, times);
    }
}
