//! A local stand-in for the Cashfree Payments API, version 2025-01-01: for the contract tests of
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
//! Every request is held against the OpenAPI document of this repository (its overlay applied),
//! read at run time. Orders, payments, pre-authorisation and refunds are imitated with their state;
//! every other operation of the document is checked and then answered with 501. It depends on
//! neither SDK crate: it is a second, independent reading of the document.
//!
//! # What is imitated, and from which fact
//!
//! | behaviour | what the service documents | where the sandbox decides for itself |
//! |---|---|---|
//! | credentials | four sets of headers; two operations take none | a mixture of sets is refused |
//! | `x-api-version` | leaving it out is answered with 400 | an unknown date is, too |
//! | `x-request-id` | echoed, blank if none was sent | |
//! | idempotency | status and body of the first request are replayed, failures and 500 included; another body is answered with 422; validation comes first | "same" means the same bytes to the same address; keys never expire; one set of keys per account and operation; a second request waits for the first |
//! | call limits | per minute, sliding, four headers, `app_id` or `ip` | 1000 for operations without a documented limit; refused calls don't count |
//! | error forms | message, code, type, help (no help at 401 and 429) | sentences |
//! | error codes | `<path>_missing`, `_invalid`, `_not_found`, `_already_exists`; `order_already_paid`, `order_id_not_paid`, `order_id_voided` | `order_inactive`, `order_already_captured`, `authorization_not_found`, `refund_already_exists`, `amount_invalid` follow the pattern; a refused state is 400, a second capture or release 409 |
//! | orders | ACTIVE, PAID, EXPIRED, TERMINATED, TERMINATION_REQUESTED; PAID on a successful payment; thirty days | amounts with more than two decimals or fifteen digits are refused |
//! | payments | test cards, UPI ids, bank 3333, one-time password, credit phone; `payment_method` under its wrapper key; nulls as in the published examples | a wrong OTP leaves the attempt open; opening the linked page pays (`?outcome=failed`, `?outcome=user_dropped` otherwise); `testriskflagged` ends FLAGGED, which the enum lacks; a second success on a paid order ends CANCELLED |
//! | failed payments | the published example says `is_captured: true` | kept |
//! | pre-authorisation | `order_note` `preauth_transaction`, or UPI `authorize_only`; one capture of at most the blocked amount; VOID; `PRE_AUTH` message; null `approve_by` and `captured_amount` | holds don't lapse |
//! | refunds | only paid and captured, together at most the captured amount; STANDARD pending first; cancel while PENDING or ONHOLD | pending for a second, see [`Builder::refund_delay`] |
//!
//! # Faults
//!
//! [`Sandbox::script`] makes the next requests go wrong: see [`Fault`] for how, and for what
//! remains of the request. [`Builder::chaos`] lets them happen at random, the same ones for the same seed,
//! and [`Sandbox::close_port`] takes the whole service away.

mod answer;
mod app;
mod auth;
mod chaos;
mod clock;
#[cfg(test)]
mod conformance;
mod document;
mod errors;
mod faults;
mod idempotency;
mod limits;
mod methods;
mod money;
mod multipart;
mod net;
mod orders;
mod payments;
mod preauth;
mod records;
mod refunds;
mod state;
mod test_data;
mod validate;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use axum::serve::Listener;
use tokio::task::JoinHandle;

pub use chaos::Chaos;
pub use faults::Fault;
pub use records::{Change, Committed, RecordedRequest};

use app::App;
use document::Document;
use limits::Limits;
use net::{Connections, CuttableListener, Door, Line};
use state::State;

/// A running sandbox. Dropping it stops the server and closes its connections.
pub struct Sandbox {
    app: Arc<App>,
    address: SocketAddr,
    base_url: String,
    connections: Connections,
    server: JoinHandle<()>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
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

    /// The address the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `x-client-id` of the account.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        auth::CLIENT_ID
    }

    /// `x-client-secret` of the account.
    #[must_use]
    pub fn client_secret(&self) -> &'static str {
        auth::CLIENT_SECRET
    }

    /// The `x-client-signature` that is accepted in place of the secret.
    #[must_use]
    pub fn client_signature(&self) -> &'static str {
        auth::CLIENT_SIGNATURE
    }

    /// `x-partner-apikey` of the account's partner.
    #[must_use]
    pub fn partner_api_key(&self) -> &'static str {
        auth::PARTNER_API_KEY
    }

    /// `x-partner-merchantid` of the account.
    #[must_use]
    pub fn merchant_id(&self) -> &'static str {
        auth::MERCHANT_ID
    }

    /// The one-time password of every test card.
    #[must_use]
    pub fn otp(&self) -> &'static str {
        test_data::OTP
    }

    /// Every request so far, in order of arrival, the payer's visits included.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.app.requests().clone()
    }

    /// The requests that reached one operation.
    #[must_use]
    pub fn requests_of(&self, operation_id: &str) -> Vec<RecordedRequest> {
        let requests = self.app.requests();
        requests
            .iter()
            .filter(|request| request.operation_id.as_deref() == Some(operation_id))
            .cloned()
            .collect()
    }

    /// Forgets the recorded requests, and those that carried credentials where none belong.
    pub fn clear_requests(&self) {
        self.app.requests().clear();
        self.app.leaked().clear();
    }

    /// The log of what really changed: a test counts charges and refunds here, not in answers.
    #[must_use]
    pub fn committed(&self) -> Vec<Committed> {
        self.app.state().committed.clone()
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

    /// Requests to the two open operations that carried a credential header all the same.
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
        self.app.script.clear();
    }

    /// How many scripted faults have not struck yet: a test that ends with some left tested less
    /// than it meant to.
    #[must_use]
    pub fn faults_left(&self) -> u32 {
        self.app.script.left()
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

    /// Lets an order's time run out now; false if there is no such order.
    pub fn expire_order(&self, order_id: &str) -> bool {
        let mut state = self.app.state();
        let Some(order) = state.orders.get_mut(order_id) else {
            return false;
        };
        order.expires = SystemTime::now();
        true
    }

    /// While true, new refunds are ONHOLD, as when the merchant's balance is too low.
    pub fn low_balance(&self, low: bool) {
        self.app.state().low_balance = low;
    }
}

/// Settings of a sandbox.
#[derive(Clone, Debug)]
pub struct Builder {
    port: u16,
    limits: HashMap<String, u32>,
    window: Duration,
    refund_delay: Duration,
    chaos: Option<Chaos>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            limits: HashMap::new(),
            window: Duration::from_secs(60),
            refund_delay: Duration::from_secs(1),
            chaos: None,
        }
    }
}

impl Builder {
    /// The port of 127.0.0.1 to listen on; 0 (the default) takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How many calls of one operation a window admits, in place of the documented limit.
    #[must_use]
    pub fn rate_limit(mut self, operation_id: &str, calls: u32) -> Self {
        self.limits.insert(operation_id.to_owned(), calls);
        self
    }

    /// The length of the window, in place of a minute.
    #[must_use]
    pub fn rate_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// How long a standard refund stays pending, in place of a second.
    #[must_use]
    pub fn refund_delay(mut self, delay: Duration) -> Self {
        self.refund_delay = delay;
        self
    }

    /// Requests go wrong at random, scripted faults first; see [`Chaos`].
    #[must_use]
    pub fn chaos(mut self, chaos: Chaos) -> Self {
        self.chaos = Some(chaos);
        self
    }

    /// [`Chaos::new`] with its usual mixture: this share of all requests goes wrong.
    #[must_use]
    pub fn random_faults(self, seed: u64, rate: f64) -> Self {
        self.chaos(Chaos::new(seed, rate))
    }

    /// Starts the server.
    ///
    /// # Errors
    /// If the OpenAPI document can't be read or the port can't be opened.
    pub async fn start(self) -> Result<Sandbox> {
        let document = Document::shared()?;
        let connections = Connections::default();
        let door = Door::default();
        let listener = CuttableListener::open(self.port, connections.clone(), &door)
            .await
            .with_context(|| format!("opening port {}", self.port))?;
        let address = listener.local_addr()?;
        let base_url = format!("http://{address}{}", app::PREFIX);
        let state = State::new(base_url.clone(), self.refund_delay);
        let limits = Limits::new(self.window, self.limits);
        let app = Arc::new(App::new(document, limits, self.chaos, door, state));
        let service = app::router(Arc::clone(&app))?.into_make_service_with_connect_info::<Line>();
        let server = tokio::spawn(async move {
            // Serving ends with the task; its result carries nothing.
            let _ = axum::serve(listener, service).await;
        });
        Ok(Sandbox { app, address, base_url, connections, server })
    }
}
