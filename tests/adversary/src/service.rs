//! The state of all accounts, and which operation a request is.

mod links;
mod orders;
mod payments;
mod refunds;
mod subscriptions;
mod vendors;

use std::collections::HashMap;
use std::time::Instant;

use serde_json::{Value, json};

use crate::keys::Keys;
use crate::ledger::{Change, Entry};
use crate::view::{Resource, show};
use crate::wire::Request;
use crate::{Profile, Response, Scheme, draw};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Order,
    Payment,
    Refund,
    Link,
    Plan,
    Subscription,
}

/// The one-time password that every payment accepts.
pub(crate) const OTP: &str = "111000";

/// Everything the service knows.
pub(crate) struct State {
    profile: Profile,
    pub(crate) keys: Keys,
    pub(crate) ledger: Vec<Entry>,
    resources: HashMap<(String, Kind, String), Resource>,
    /// Merchant and order of a payment session; merchant and order of a payment.
    sessions: HashMap<String, (String, String)>,
    payments: HashMap<String, (String, String)>,
    /// Payments and refunds of an order, oldest first.
    of_order: HashMap<(String, Kind, String), Vec<String>>,
    serial: u64,
}

/// A refusal, or the body of a success.
pub(crate) type Outcome = Result<Value, Refusal>;

/// Why a request is refused; nothing changes.
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str) -> Self {
        Self { status, code }
    }

    fn response(&self) -> Response {
        let error_type = if self.status == 401 { "authentication_error" } else { "invalid_request_error" };
        let body = json!({ "message": "refused", "code": self.code, "type": error_type });
        Response::json(self.status, &body)
    }
}

/// A request together with the account that it is for.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    pub(crate) merchant: String,
    pub(crate) body: Value,
}

impl State {
    pub(crate) fn new(profile: Profile) -> Self {
        Self {
            keys: Keys::new(profile.keys.clone()),
            profile,
            ledger: Vec::new(),
            resources: HashMap::new(),
            sessions: HashMap::new(),
            payments: HashMap::new(),
            of_order: HashMap::new(),
            serial: 1_000,
        }
    }

    /// Carries a request out, without a look at its key.
    pub(crate) fn perform(&mut self, request: &Request) -> Response {
        let mut call = Call { request, merchant: request.merchant().to_owned(), body: request.json() };
        let outcome = self.dispatch(&mut call);
        let response = match outcome {
            Ok(body) => Response::json(200, &body),
            Err(refusal) => refusal.response(),
        };
        stamp(response, request)
    }

    fn dispatch(&mut self, call: &mut Call<'_>) -> Outcome {
        let segments = call.request.segments();
        let open = matches!(segments.as_slice(), ["orders", "sessions"] | ["orders", "pay", ..]);
        if !open && Scheme::of(call.request) == Scheme::None {
            return Err(Refusal::new(401, "request_failed"));
        }
        match (call.request.method.as_str(), segments.as_slice()) {
            ("POST", ["orders"]) => self.create_order(call),
            ("POST", ["orders", "sessions"]) => self.pay(call),
            ("POST", ["orders", "pay", "authenticate", payment]) => self.authenticate(call, payment),
            ("GET", ["orders", order]) => self.read(call, Kind::Order, order, "order_not_found"),
            ("PATCH", ["orders", order]) => self.terminate(call, order),
            ("GET", ["orders", order, "payments"]) => Ok(self.list(call, Kind::Payment, order)),
            ("GET", ["orders", _, "payments", payment]) => {
                self.read(call, Kind::Payment, payment, "payment_not_found")
            }
            ("POST", ["orders", order, "authorization"]) => self.authorize(call, order),
            ("POST", ["orders", order, "refunds"]) => self.create_refund(call, order),
            ("GET", ["orders", order, "refunds"]) => Ok(self.list(call, Kind::Refund, order)),
            ("GET", ["orders", order, "refunds", refund]) => {
                self.read(call, Kind::Refund, &format!("{order}/{refund}"), "refund_not_found")
            }
            ("PUT", ["orders", order, "refunds", refund]) => self.cancel_refund(call, order, refund),
            ("POST", ["links"]) => self.create_link(call),
            ("GET", ["links", link]) => self.read(call, Kind::Link, link, "link_not_found"),
            ("POST", ["links", link, "cancel"]) => self.cancel_link(call, link),
            ("POST", ["plans"]) => self.create_plan(call),
            ("GET", ["plans", plan]) => self.read(call, Kind::Plan, plan, "plan_not_found"),
            ("POST", ["subscriptions"]) => self.create_subscription(call),
            ("GET", ["subscriptions", id]) => {
                self.read(call, Kind::Subscription, id, "subscription_not_found")
            }
            ("POST", ["easy-split", "vendors", vendor, "transfer"]) => Ok(self.transfer(call, vendor)),
            ("POST", ["easy-split", "vendors", vendor, "adjustment"]) => Ok(self.adjust(call, vendor)),
            ("POST", ["easy-split", "orders", order, "split"]) => self.split(call, order),
            _ => Err(Refusal::new(404, "something_not_found")),
        }
    }

    pub(crate) fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Writes a line of the ledger.
    fn record(&mut self, call: &Call<'_>, change: Change, id: &str) {
        let header = |name| call.request.header(name).map(str::to_owned);
        self.ledger.push(Entry {
            change,
            id: id.to_owned(),
            merchant: call.merchant.clone(),
            request_id: header("x-request-id"),
            key: header("x-idempotency-key"),
        });
    }

    /// The resource as it is, whatever reads show.
    fn find(&self, call: &Call<'_>, kind: Kind, id: &str) -> Option<&Value> {
        self.resources.get(&(call.merchant.clone(), kind, id.to_owned())).map(Resource::now)
    }

    /// Creates or changes a resource; returns what a response shows of it.
    fn put(&mut self, call: &Call<'_>, kind: Kind, id: &str, body: Value) -> Value {
        let Profile { seed, reads, values, .. } = self.profile;
        let shown = show(&body, values, seed, id);
        let name = (call.merchant.clone(), kind, id.to_owned());
        self.resources.entry(name).or_insert_with(Resource::new).change(body, reads, seed, id);
        shown
    }

    fn read(&self, call: &Call<'_>, kind: Kind, id: &str, missing: &'static str) -> Outcome {
        let resource = self.resources.get(&(call.merchant.clone(), kind, id.to_owned()));
        let seen = resource.and_then(|resource| resource.seen(Instant::now()));
        let seen = seen.ok_or_else(|| Refusal::new(404, missing))?;
        Ok(show(seen, self.profile.values, self.profile.seed, id))
    }

    fn list(&self, call: &Call<'_>, kind: Kind, order: &str) -> Value {
        let ids = self.of_order.get(&(call.merchant.clone(), kind, order.to_owned()));
        let shown = ids.into_iter().flatten().filter_map(|id| self.read(call, kind, id, "").ok());
        shown.collect()
    }

    /// Whether another system of the merchant owns this id; its resource then exists from now on.
    fn is_taken(&mut self, call: &Call<'_>, kind: Kind, id: &str, other: Value) -> bool {
        if self.find(call, kind, id).is_some() {
            return true;
        }
        if !draw::hits(self.profile.taken_ids, self.profile.seed, (id, "taken")) {
            return false;
        }
        self.put(call, kind, id, other);
        true
    }

    /// What a creation under an id that exists gets.
    fn existing(&self, call: &Call<'_>, kind: Kind, id: &str, refusal: Refusal) -> Outcome {
        match self.find(call, kind, id).filter(|_| self.profile.shows_existing) {
            Some(existing) => Ok(show(existing, self.profile.values, self.profile.seed, id)),
            None => Err(refusal),
        }
    }

    /// The code and status of a refusal that is worded in two ways; each resource has one of them.
    fn either(&self, id: &str, one: (u16, &'static str), other: (u16, &'static str)) -> Refusal {
        let (status, code) = if draw::hits(0.5, self.profile.seed, (id, "word")) { one } else { other };
        Refusal::new(status, code)
    }
}

/// The headers that the service adds to a response.
pub(crate) fn stamp(response: Response, request: &Request) -> Response {
    let mut response = response;
    for name in ["x-api-version", "x-request-id", "x-idempotency-key"] {
        if let Some(value) = request.header(name) {
            response = response.with(name, value);
        }
    }
    response
}
