//! The switches of the service. Every assumption behind them is in `README.md`.

use std::time::Duration;

use crate::Fault;

/// How the service behaves.
///
/// [`Profile::calm`] behaves well; the [named profiles](Profile::named) change some of its fields.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Name of the profile.
    pub name: &'static str,
    /// Seed of all choices.
    pub seed: u64,
    /// Share of requests that a fault of the mix strikes, from 0 to 1.
    pub faults: f64,
    /// The faults, each with its weight.
    pub mix: Vec<(u32, Fault)>,
    /// How long a caller waits for a response. Requests that hang do so for ten times as long.
    pub patience: Duration,
    /// Time between the arrival of a request and its effect.
    pub latency: Duration,
    /// What idempotency keys do.
    pub keys: KeyRules,
    /// How soon changes are visible.
    pub reads: ReadRules,
    /// How values are shown.
    pub values: ValueRules,
    /// When nothing works.
    pub outages: Option<Outages>,
    /// Share of the callers' ids under which another system of the merchant has already created a resource with
    /// another amount.
    pub taken_ids: f64,
    /// Whether a creation under an id that exists gets 200 and the resource that exists, instead of 409.
    pub shows_existing: bool,
}

/// What an idempotency key does.
#[derive(Clone, Debug)]
pub struct KeyRules {
    /// What happens to a request while another one with its key is processed.
    pub in_flight: InFlight,
    /// How long a stored response is kept.
    pub lifetime: Lifetime,
    /// Requests whose keys are ignored.
    pub ignored: Vec<Requests>,
    /// Whether a failure of the service is stored under the key, and replayed.
    pub stores_failures: bool,
    /// Within which bounds a key identifies a request.
    pub scope: Scope,
    /// Whether another body under the same key gets 422. Otherwise the stored response is returned.
    pub compares_bodies: bool,
}

/// What happens to a request while another one with its key is processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFlight {
    /// The second waits for the first and gets its response.
    Wait,
    /// Both are carried out.
    Act,
    /// The second gets 409.
    Refuse,
}

/// How long a response is kept under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// For ever.
    Forever,
    /// Until the service has received so many further requests.
    Requests(u64),
    /// For so long.
    Time(Duration),
}

/// A set of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requests {
    /// Those with this HTTP method.
    Method(&'static str),
    /// Those with these credentials.
    Scheme(Scheme),
    /// Those whose path ends with this segment.
    Endpoint(&'static str),
    /// Those of this merchant.
    Merchant(String),
}

/// Kinds of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Client id and secret.
    Secret,
    /// Client id and signature.
    Signature,
    /// Partner API key, with a client id or a merchant id.
    Partner,
    /// None, as the two payment operations have it.
    None,
}

/// Within which bounds a key identifies a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Merchant, method and path.
    Operation,
    /// Merchant alone: a refund under the key of an order gets the stored order.
    Merchant,
}

/// How soon changes are visible to reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReadRules {
    /// Share of changes that are not visible at once.
    pub late: f64,
    /// Maximum delay. Until then a new resource is not found, and a changed one is shown as it was.
    pub delay: Duration,
}

/// How values are shown, in responses to reads and writes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueRules {
    /// Share of resources whose values are not shown as they were sent.
    pub altered: f64,
    /// Amounts without their fraction: 499.10 as 499.00.
    pub whole: bool,
    /// Amounts in paise: 499.10 as 49910.
    pub paise: bool,
    /// Minimum and recurring amounts as 0.
    pub zeros: bool,
    /// Customer ids as `MAXX_7`.
    pub masked: bool,
    /// A split that nobody asked for.
    pub splits: bool,
}

/// Times when nothing works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outages {
    /// One outage occurs in each period, after a quarter of the time that is left.
    pub period: Duration,
    /// How long each lasts.
    pub length: Duration,
    /// How it looks from outside.
    pub kind: Outage,
    /// Whose requests fail; `None` for all. [`Outage::Refused`] fails for all.
    pub merchants: Option<Vec<String>>,
}

/// How an outage looks from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// Connections are refused, and open ones closed.
    Refused,
    /// Connections are accepted and closed.
    Reset,
    /// No response arrives.
    Hang,
    /// A proxy responds with 503.
    Unavailable,
    /// Each of these in turn.
    Mixed,
}

impl Profile {
    /// Creates a profile that behaves well: no faults, keys that are locked in flight and live for ever, changes
    /// visible at once.
    pub fn calm(seed: u64) -> Self {
        Self {
            name: "calm",
            seed,
            faults: 0.0,
            mix: Vec::new(),
            patience: Duration::from_millis(300),
            latency: Duration::from_millis(1),
            keys: KeyRules {
                in_flight: InFlight::Wait,
                lifetime: Lifetime::Forever,
                ignored: Vec::new(),
                stores_failures: true,
                scope: Scope::Operation,
                compares_bodies: true,
            },
            reads: ReadRules { late: 0.0, delay: Duration::ZERO },
            values: ValueRules {
                altered: 0.0,
                whole: false,
                paise: false,
                zeros: false,
                masked: false,
                splits: false,
            },
            outages: None,
            taken_ids: 0.0,
            shows_existing: false,
        }
    }
}
