//! The loop of attempts against a scripted transport and a clock that never waits.

use std::collections::VecDeque;
use std::future::IntoFuture;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response};

use super::{Delivery, Options};
use crate::clock::Clock;
use crate::transport::{BoxFuture, Head};
use crate::types::{CreateOrder, CustomerDetails, CustomerDetailsParts};
use crate::{
    Client, ClientBuilder, Credentials, Effect, Environment, ErrorKind, IdempotencyKey, Money, RetryPolicy,
    Sent, Transport, TransportError,
};

/// Time that passes only by sleeping.
#[derive(Debug, Clone)]
pub(super) struct Frozen(Arc<Mutex<(Instant, Vec<Duration>)>>);

impl Frozen {
    fn new() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), Vec::new()))))
    }

    pub(super) fn sleeps(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }
}

impl Clock for Frozen {
    fn now(&self) -> Instant {
        self.0.lock().unwrap().0
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, bool> {
        let mut state = self.0.lock().unwrap();
        state.0 += time;
        state.1.push(time);
        Box::pin(async {
            tokio::task::yield_now().await;
            true
        })
    }
}

/// A request with its time limit.
pub(super) type Attempt = (Request<Bytes>, Duration);

pub(super) type Step = Result<(u16, &'static [(&'static str, &'static str)], &'static str), (Sent, bool)>;

/// Responds with one step per attempt, and records the requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    pub(super) sent: Arc<Mutex<Vec<Attempt>>>,
}

impl Transport for Script {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.sent.lock().unwrap().push((request, timeout));
        let step = self.steps.lock().unwrap().pop_front().expect("no more steps");
        Box::pin(async move {
            tokio::task::yield_now().await;
            match step {
                Ok((status, headers, body)) => {
                    let mut response = Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(*name, *value);
                    }
                    Ok(response.body(Bytes::from_static(body.as_bytes())).unwrap())
                }
                Err((sent, timeout)) => {
                    let error = TransportError::new(sent, "scripted");
                    Err(if timeout { error.timed_out() } else { error })
                }
            }
        })
    }
}

pub(super) const ORDER: Step = Ok((
    200,
    &[],
    r#"{"order_id":"order_1","cf_order_id":"1","order_amount":499,"order_currency":"INR","order_status":"ACTIVE"}"#,
));
pub(super) const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
pub(super) const DROPPED: Step = Err((Sent::Maybe, false));
pub(super) const TIMED_OUT: Step = Err((Sent::Maybe, true));
pub(super) const NOT_SENT: Step = Err((Sent::No, false));
pub(super) const MISSING: Step = Ok((404, &[], r#"{"code":"order_not_found"}"#));
pub(super) const CONFLICT: Step = Ok((409, &[], r#"{"code":"order_already_exists","message":"taken"}"#));

pub(super) const READ: Step = Ok((
    200,
    JSON,
    r#"{"order_id":"order_1","cf_order_id":"1","order_amount":499,"order_currency":"INR","order_status":"PAID",
        "customer_details":{"customer_id":"cust_42","customer_phone":"9999999999"}}"#,
));

pub(super) fn scripted(steps: impl IntoIterator<Item = Step>) -> (Client, Script, Frozen) {
    scripted_with(steps, |client| client)
}

pub(super) fn scripted_with(
    steps: impl IntoIterator<Item = Step>,
    set: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> (Client, Script, Frozen) {
    let script = Script { steps: Arc::new(Mutex::new(steps.into_iter().collect())), ..Script::default() };
    let clock = Frozen::new();
    let client = Client::builder(Environment::Sandbox, Credentials::client_secret("id", "secret"))
        .transport(script.clone())
        .clock(clock.clone())
        .retry(RetryPolicy::standard().max_attempts(NonZeroU32::new(3).unwrap()));
    (set(client).build().unwrap(), script, clock)
}

pub(super) fn order() -> CreateOrder {
    CreateOrder::new(
        Money::inr("499.00").unwrap(),
        CustomerDetails::new(CustomerDetailsParts {
            customer_id: "cust_42".into(),
            customer_phone: "9999999999".into(),
        }),
    )
    .order_id("order_1")
}

pub(super) fn nameless() -> CreateOrder {
    CreateOrder::new(
        Money::inr("499.00").unwrap(),
        CustomerDetails::new(CustomerDetailsParts {
            customer_id: "cust_42".into(),
            customer_phone: "9999999999".into(),
        }),
    )
}

#[tokio::test]
async fn a_dropped_write_is_resent_unchanged() {
    let (client, script, clock) = scripted([DROPPED, NOT_SENT, ORDER]);
    let response = client.orders().create(order()).await.unwrap();
    assert_eq!(response.meta().attempts(), 3);
    assert_eq!(clock.sleeps().len(), 2);
    let sent = script.sent.lock().unwrap();
    for (request, _) in sent.iter() {
        assert_eq!(request.body(), sent[0].0.body());
        assert_eq!(request.headers(), sent[0].0.headers());
        assert_eq!(request.uri(), "https://sandbox.cashfree.com/pg/orders");
    }
    let key = sent[0].0.headers()["x-idempotency-key"].to_str().unwrap();
    assert_eq!(response.meta().idempotency_key().unwrap().as_str(), key);
    assert!(sent[0].0.headers()["x-client-secret"].is_sensitive());
}

#[tokio::test]
async fn a_requested_wait_is_kept_and_spread() {
    let limited: Step = Ok((429, &[("x-ratelimit-retry", "7"), ("x-ratelimit-type", "app_id")], "{}"));
    let (client, _, clock) = scripted([limited, ORDER]);
    client.orders().create(order()).await.unwrap();
    // The wait is never cut short. Up to half of it is added, so that those who were asked for the same come apart.
    let kept = |clock: &Frozen, wait| {
        let (sleeps, wait) = (clock.sleeps(), Duration::from_secs(wait));
        sleeps.len() == 1 && sleeps[0] >= wait && sleeps[0] <= wait + (wait / 2).max(Duration::from_secs(1))
    };
    assert!(kept(&clock, 7), "{:?}", clock.sleeps());

    for (headers, wait) in [
        (&[("retry-after", "2")][..], 2),
        (&[("x-ratelimit-retry", "0"), ("retry-after", "2")], 2),
        // The longest wait counts: an early retry does harm.
        (&[("x-ratelimit-retry", "1.5"), ("retry-after", "9")], 9),
    ] {
        for status in [429, 503] {
            let (client, _, clock) = scripted([Ok((status, headers, "{}")), ORDER]);
            client.orders().create(order()).await.unwrap();
            assert!(kept(&clock, wait), "{status} {headers:?} {:?}", clock.sleeps());
        }
    }

    let (client, script, clock) = scripted([limited]);
    let policy = RetryPolicy::standard().max_server_delay(Duration::from_secs(5));
    let error = client.orders().create(order()).retry(policy).await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_retryable());
    assert_eq!(error.rate_limit().unwrap().retry_after, Some(Duration::from_secs(7)));
    assert_eq!(
        (error.effect(), error.attempts(), script.sent.lock().unwrap().len()),
        (Effect::Refused, 1, 1)
    );
    assert!(clock.sleeps().is_empty());
}

#[tokio::test]
async fn a_refusal_after_an_open_outcome_is_no_proof_that_nothing_happened() {
    // What was created may show only after some seconds.
    let (client, script, clock) = scripted([DROPPED, CONFLICT].into_iter().chain([MISSING; 6]));
    let error = client.orders().create(order()).await.unwrap_err();
    assert!(error.is_conflict());
    assert_eq!((error.effect(), error.attempts()), (Effect::Unknown, 2));
    assert_eq!(script.sent.lock().unwrap().len(), 8, "it was looked for under its id");
    let patience: Duration = clock.sleeps().iter().skip(1).sum();
    assert_eq!(patience, Duration::from_secs(5));

    let (client, _, _) = scripted([DROPPED, CONFLICT, MISSING, MISSING, READ]);
    assert!(client.orders().create(order()).await.unwrap().meta().read_back());

    let (client, _, _) = scripted([CONFLICT]);
    let error = client.orders().create(order()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Refused);
}

#[tokio::test]
async fn effects_follow_the_last_thing_that_is_certain() {
    for (steps, kind, effect) in [
        (vec![NOT_SENT, NOT_SENT, NOT_SENT], ErrorKind::Connect, Effect::NotSent),
        (vec![DROPPED, NOT_SENT, NOT_SENT], ErrorKind::Connect, Effect::Unknown),
        // Refused, and then no connection: something was sent.
        (
            vec![Ok((429, &[("x-ratelimit-retry", "1")][..], "{}")), NOT_SENT, NOT_SENT],
            ErrorKind::Connect,
            Effect::Refused,
        ),
        (vec![TIMED_OUT, TIMED_OUT, TIMED_OUT], ErrorKind::Timeout, Effect::Unknown),
        (
            vec![Ok((503, &[][..], "")), Ok((503, &[], "")), Ok((503, &[], ""))],
            ErrorKind::Api,
            Effect::Unknown,
        ),
        (
            vec![Ok((301, &[("location", "https://elsewhere.example")][..], ""))],
            ErrorKind::Api,
            Effect::Unknown,
        ),
        // A content type is no proof: only a response that identifies itself is.
        (vec![Ok((200, JSON, "[1]")); 3], ErrorKind::Decode, Effect::Unknown),
        (
            vec![Ok((200, JSON, r#"{"order_id":"order_1","order_amount":[]}"#))],
            ErrorKind::Decode,
            Effect::Applied,
        ),
        // It names the order, so the order exists; what each order has is missing.
        (
            vec![Ok((200, JSON, r#"{"order_id":"order_1","order_amount":499,"order_currency":"INR"}"#))],
            ErrorKind::Decode,
            Effect::Applied,
        ),
        (
            vec![Ok((
                200,
                JSON,
                r#"{"order_id":"order_1","cf_order_id":null,"order_amount":499,"order_currency":"INR"}"#,
            ))],
            ErrorKind::Decode,
            Effect::Applied,
        ),
        (
            [vec![Ok((200, JSON, "{")); 2], vec![Ok((409, JSON, "{}"))], vec![MISSING; 6]].concat(),
            ErrorKind::Api,
            Effect::Unknown,
        ),
    ] {
        let count = steps.len();
        let (client, script, _) = scripted(steps);
        let error = client.orders().create(order()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{error}");
        assert_eq!(script.sent.lock().unwrap().len(), count, "{error}");
    }
    let (client, _, _) = scripted([TIMED_OUT, TIMED_OUT, TIMED_OUT]);
    let error = client.orders().get("order_1").await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::ReadOnly));
}

#[tokio::test]
async fn a_truncated_success_is_retried() {
    let half: Step = Ok((200, &[], r#"{"order_id":"ord"#));
    let (client, script, _) = scripted([half, ORDER]);
    let response = client.orders().create(order()).await.unwrap();
    assert_eq!(response.order_id, "order_1");
    assert_eq!(response.meta().attempts(), 2);
    let sent = script.sent.lock().unwrap();
    assert_eq!(sent[0].0.headers(), sent[1].0.headers());
}

#[tokio::test]
async fn a_stored_failure_ends_the_call() {
    const REPLAYED: Step = Ok((500, &[("x-idempotency-replayed", "true")], r#"{"code":"internal_error"}"#));
    let first: Step = Ok((500, &[("x-idempotency-replayed", "false")], "{}"));
    let (client, script, _) = scripted([first, REPLAYED]);
    let error = client.orders().create(order()).await.unwrap_err();
    assert_eq!((error.attempts(), script.sent.lock().unwrap().len()), (2, 2));
    assert!(!error.is_retryable());
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn the_time_limit_cuts_attempts_short_and_ends_the_call() {
    let (client, script, _) = scripted([DROPPED, ORDER]);
    let policy = RetryPolicy::standard().max_elapsed(Duration::from_secs(3));
    client.orders().create(order()).retry(policy).timeout(Duration::from_secs(10)).await.unwrap();
    let limits: Vec<Duration> = script.sent.lock().unwrap().iter().map(|(_, limit)| *limit).collect();
    assert!(limits.iter().all(|limit| *limit <= Duration::from_secs(3)), "{limits:?}");
    assert!(limits[1] <= limits[0]);
}

#[tokio::test]
async fn an_outage_is_not_multiplied() {
    let (client, script, _) = scripted((0..1_000).map(|_| NOT_SENT));
    // So short that no call waits for the budget, and that time earns nothing.
    let policy = RetryPolicy::standard()
        .max_attempts(NonZeroU32::new(5).unwrap())
        .backoff(Duration::from_micros(10), Duration::from_micros(10))
        .max_elapsed(Duration::from_millis(20));
    for _ in 0..100 {
        client.clone().orders().create(order()).retry(policy.clone()).await.unwrap_err();
    }
    let sent = script.sent.lock().unwrap().len();
    assert!((100..=130).contains(&sent), "{sent} attempts for 100 calls");
}

#[tokio::test]
async fn a_prepared_key_goes_with_every_copy_of_the_call() {
    let (client, script, _) = scripted([ORDER, ORDER]);
    let mut call = client.orders().create(order());
    let key: IdempotencyKey = call.prepared_key().unwrap().clone();
    assert_eq!(call.prepared_key(), Some(&key));
    call.clone().send().await.unwrap();
    call.send().await.unwrap();
    let keys: Vec<_> = script
        .sent
        .lock()
        .unwrap()
        .iter()
        .map(|(request, _)| request.headers()["x-idempotency-key"].clone())
        .collect();
    assert_eq!(keys, [key.as_str(), key.as_str()]);
    assert_eq!(client.orders().get("order_1").prepared_key(), None);
}

#[tokio::test]
async fn a_wait_beyond_the_time_limit_ends_the_call_at_once() {
    let limited: Step = Ok((429, &[("x-ratelimit-retry", "20")], "{}"));
    let (client, _, clock) = scripted([limited]);
    let policy = RetryPolicy::standard().max_elapsed(Duration::from_secs(10));
    let error = client.orders().create(order()).retry(policy).await.unwrap_err();
    assert!(clock.sleeps().is_empty());
    assert_eq!(error.rate_limit().unwrap().retry_after, Some(Duration::from_secs(20)));
    assert!(error.to_string().contains("retry after 20 s"), "{error}");
    assert_eq!(error.effect(), Effect::Refused);
}

#[tokio::test]
async fn rule_4_a_status_is_not_a_class() {
    for step in [
        Ok((400, JSON, r#"{"type":"api_error","code":"request_failed"}"#)),
        Ok((400, JSON, r#"{"type":"api_connection_error"}"#)),
        Ok((400, JSON, r#"{"type":"bad_gateway_error"}"#)),
        Ok((400, JSON, r#"{"type":"invalid_request_error","code":"api_request_timeout"}"#)),
        Ok((408, JSON, "{}")),
        Ok((424, JSON, "{}")),
        Ok((425, JSON, "")),
        Ok((499, JSON, "")),
    ] {
        let steps: [Step; 3] = [step; 3];
        let (client, script, _) = scripted(steps);
        let error = client.orders().create(order()).await.unwrap_err();
        assert_eq!((error.effect(), error.kind()), (Effect::Unknown, ErrorKind::Api), "{step:?}");
        assert!(error.is_retryable(), "{step:?}");
        assert_eq!(script.sent.lock().unwrap().len(), 3, "the key makes a repeat safe: {step:?}");
        let (client, _, _) = scripted([step, ORDER]);
        assert_eq!(client.orders().create(order()).await.unwrap().meta().attempts(), 2);
    }
}

/// Clients that fail together do not come back together.
#[tokio::test]
async fn waits_are_drawn_anew_each_time() {
    const BUSY: Step = Ok((503, &[], ""));
    let mut waits = Vec::new();
    for _ in 0..20 {
        let (client, _, clock) = scripted([BUSY, BUSY, ORDER]);
        client.orders().create(order()).await.unwrap();
        let slept = clock.sleeps();
        assert_eq!(slept.len(), 2);
        assert!(slept[0] <= Duration::from_millis(250) && slept[1] <= Duration::from_millis(500));
        waits.push(slept[0]);
    }
    waits.sort();
    waits.dedup();
    assert!(waits.len() > 15, "{waits:?}");
    // From the upper half of the range, so that none comes back at once: that all twenty are in one half of that has a
    // chance of one in half a million.
    let (least, middle) = (Duration::from_millis(125), Duration::from_micros(187_500));
    assert!(waits[0] >= least && waits[0] < middle && waits[waits.len() - 1] > middle, "{waits:?}");
}

/// Dropped after each of its waits in turn, a call leaves nothing: no request follows, the budget is as
/// full as before but for repeats that were made, and the client is let go.
#[tokio::test]
async fn a_call_can_be_dropped_at_every_wait() {
    const BUSY: Step = Ok((503, &[], ""));
    let half: Step = Ok((200, JSON, r#"{"order_id":"ord"#));
    for steps in [
        vec![DROPPED, BUSY, ORDER],
        vec![NOT_SENT, half, ORDER],
        vec![DROPPED, CONFLICT, BUSY, DROPPED, READ],
    ] {
        let mut drops = 0;
        loop {
            let (client, script, _) = scripted(steps.clone());
            let before = client.references();
            let mut call = client.orders().create(order());
            let key = call.prepared_key().unwrap().clone();
            let mut future = Box::pin(call.send());
            let mut finished = false;
            for _ in 0..=drops {
                let mut polled = std::task::Context::from_waker(std::task::Waker::noop());
                finished = future.as_mut().poll(&mut polled).is_ready();
            }
            drop(future);
            let sent = script.sent.lock().unwrap().clone();
            let repeats = u32::try_from(sent.len()).unwrap() - 1;
            // A read back is a first attempt of its own.
            let repeats = repeats - u32::from(sent.iter().any(|(request, _)| request.method() == "GET"));
            // A retry that succeeded costs nothing. Time earns, and so does the call.
            let held = client.budget().held();
            assert!((10_000 - 1_000 * repeats..=10_200).contains(&held), "{held} after {drops} of {steps:?}");
            assert_eq!(client.references(), before);
            let write = sent.iter().filter(|(request, _)| request.method() == "POST");
            assert!(write.into_iter().all(|(write, _)| write.headers()["x-idempotency-key"] == key.as_str()));
            tokio::task::yield_now().await;
            assert_eq!(script.sent.lock().unwrap().len(), sent.len(), "nothing follows");
            if finished {
                break;
            }
            drops += 1;
        }
        assert!(drops >= steps.len(), "only {drops} waits of {steps:?}");
    }
}

/// Beyond a kilobyte, allocators leave their quick way.
#[test]
fn what_a_call_keeps_while_it_waits_is_small() {
    let environment = Environment::custom("http://localhost").unwrap();
    let client = Client::new(environment, Credentials::client_secret("id", "secret")).unwrap();
    let request = cashfree_gen::Request {
        operation: &crate::operations::PG_CREATE_ORDER,
        path: "/orders".to_owned(),
        headers: http::HeaderMap::new(),
        body: Bytes::new(),
    };
    let delivery = Delivery::new(client.clone(), request.operation, Options::default()).unwrap();
    let head = Head { method: Method::GET, headers: http::HeaderMap::new(), body: Bytes::new() };
    let sizes = [
        size_of_val(&*client.orders().create(order()).into_future()),
        size_of_val(&*cashfree_gen::Transport::execute(&delivery, request)),
        size_of_val(&*client.network().send(client.base(), "/orders", head, Duration::ZERO).unwrap()),
    ];
    assert!(sizes.iter().all(|size| *size < 1_000), "{sizes:?}");
}
