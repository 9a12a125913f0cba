//! Responses stored under idempotency keys.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::json;

use crate::wire::Request;
use crate::{InFlight, KeyRules, Lifetime, Requests, Response, Scheme, Scope};

/// What a key says of a request.
#[derive(Debug)]
pub(crate) enum Known {
    /// Nothing: the request is carried out. The slot is to be filled with its response.
    New(Option<String>),
    /// Another request with the key is processed, and this one waits.
    Wait,
    /// The response to this request.
    Response(Response),
}

#[derive(Debug)]
struct Slot {
    body: Vec<u8>,
    /// `None` while the request is processed.
    stored: Option<Response>,
    born: Instant,
    number: u64,
}

/// The stored responses.
#[derive(Debug)]
pub(crate) struct Keys {
    rules: KeyRules,
    slots: HashMap<String, Slot>,
}

impl Keys {
    pub(crate) fn new(rules: KeyRules) -> Self {
        Self { rules, slots: HashMap::new() }
    }

    /// Looks a request up, and reserves the slot of its key if nothing is known of it. `number` counts the
    /// requests of the service.
    pub(crate) fn reserve(&mut self, request: &Request, number: u64) -> Known {
        let Some(name) = self.name(request) else { return Known::New(None) };
        let slot = self.slots.get(&name).filter(|slot| match self.rules.lifetime {
            Lifetime::Forever => true,
            _ if slot.stored.is_none() => true,
            Lifetime::Requests(most) => number.saturating_sub(slot.number) <= most,
            Lifetime::Time(most) => slot.born.elapsed() <= most,
        });
        match slot {
            Some(slot) if self.rules.compares_bodies && slot.body != request.body => {
                let body = json!({
                    "message": "the key was used with another body", "code": "request_invalid",
                    "type": "idempotency_error",
                });
                Known::Response(Response::json(422, &body))
            }
            Some(Slot { stored: Some(stored), .. }) => {
                Known::Response(stored.clone().with("x-idempotency-replayed", "true"))
            }
            Some(_) => match self.rules.in_flight {
                InFlight::Wait => Known::Wait,
                InFlight::Act => Known::New(Some(name)),
                InFlight::Refuse => {
                    let body = json!({
                        "message": "a request with this key is in progress",
                        "code": "request_in_progress", "type": "idempotency_error",
                    });
                    Known::Response(Response::json(409, &body))
                }
            },
            None => {
                let slot = Slot { body: request.body.clone(), stored: None, born: Instant::now(), number };
                self.slots.insert(name.clone(), slot);
                Known::New(Some(name))
            }
        }
    }

    /// Stores the response to the request that reserved the slot. The first of several stays.
    pub(crate) fn store(&mut self, slot: Option<&str>, response: &Response) {
        let Some(slot) = slot.and_then(|name| self.slots.get_mut(name)) else { return };
        if slot.stored.is_none() {
            slot.stored = Some(response.clone());
        }
    }

    /// Frees the slot of a request that failed and whose failure is not stored.
    pub(crate) fn free(&mut self, slot: Option<&str>) {
        if let Some(name) = slot
            && self.slots.get(name).is_some_and(|slot| slot.stored.is_none())
        {
            self.slots.remove(name);
        }
    }

    /// The name of the slot; `None` for a request without a key, or whose key is ignored.
    fn name(&self, request: &Request) -> Option<String> {
        let key = request.header("x-idempotency-key").filter(|_| request.is_write())?;
        let ignored = self.rules.ignored.iter().any(|requests| requests.include(request));
        let merchant = request.merchant();
        (!ignored).then(|| match self.rules.scope {
            Scope::Operation => format!("{merchant} {} {} {key}", request.method, request.path),
            Scope::Merchant => format!("{merchant} {key}"),
        })
    }
}

impl Requests {
    fn include(&self, request: &Request) -> bool {
        match self {
            Self::Method(method) => request.method == *method,
            Self::Scheme(scheme) => Scheme::of(request) == *scheme,
            Self::Endpoint(last) => request.path.rsplit('/').next() == Some(*last),
            Self::Merchant(merchant) => request.merchant() == merchant,
        }
    }
}

impl Scheme {
    pub(crate) fn of(request: &Request) -> Self {
        let has = |name| request.header(name).is_some();
        if has("x-partner-apikey") {
            Self::Partner
        } else if has("x-client-signature") {
            Self::Signature
        } else if has("x-client-secret") {
            Self::Secret
        } else {
            Self::None
        }
    }
}
