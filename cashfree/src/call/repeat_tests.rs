//! What is repeated, when, and what an error says to do, against a scripted transport.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use super::tests::{
    CONFLICT, DROPPED, JSON, NOT_SENT, ORDER, Step, TIMED_OUT, nameless, order, scripted, scripted_with,
};
use crate::clock::Clock;
use crate::transport::BoxFuture;
use crate::types::{CreateRefund, PayOrder, PayOrderPaymentMethod, Upi, UpiChannel};
use crate::{
    Amount, CircuitBreaker, Client, ClientBuilder, Credentials, Effect, Environment, Error, IdempotencyKey,
    NextStep, RetryPolicy, Sent, Transport, TransportError,
};

const FAILED: Step = Ok((502, &[], ""));
const MISSING: Step = Ok((404, JSON, r#"{"code":"order_not_found"}"#));

fn three() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(2)
}

fn pay() -> PayOrder {
    PayOrder::new("session_1", PayOrderPaymentMethod::upi(Upi::new(UpiChannel::Collect)))
}

fn refund() -> CreateRefund {
    CreateRefund::new(Amount::rupees(100), "refund_1")
}

fn step(error: &Error) -> String {
    match error.next_step() {
        NextStep::Nothing => "nothing".to_owned(),
        NextStep::Resend(key) => {
            assert_eq!(error.idempotency_key(), Some(&key));
            "resend".to_owned()
        }
        NextStep::Read(look_up) => format!("{} {}", look_up.operation().id, look_up.path()),
        NextStep::AskPerson => "ask".to_owned(),
    }
}

#[tokio::test]
async fn rule_5_a_write_that_may_have_arrived_is_repeated_only_if_protected_twice() {
    for lost in [DROPPED, TIMED_OUT, FAILED] {
        // Protected by its order id and its key.
        let (client, script, _) = scripted([lost, ORDER]);
        client.orders().create(order()).await.unwrap();
        assert_eq!(script.sent.lock().unwrap().len(), 2);
        let partner = Credentials::partner_for_merchant("partner_key", "merchant_7");
        let (client, script, _) = scripted([lost, ORDER]);
        client.with_credentials(partner.clone()).orders().create(order()).await.unwrap();
        assert_eq!(script.sent.lock().unwrap().len(), 2, "the id holds whoever calls");
        // Protected by its key only.
        for credentials in [Credentials::client_secret("id", "secret"), partner] {
            let (client, script, _) = scripted([lost]);
            let client = client.with_credentials(credentials);
            let error = client.orders().create(nameless()).await.unwrap_err();
            assert_eq!((error.effect(), error.attempts()), (Effect::Unknown, 1));
            assert_eq!((error.idempotency_key(), error.is_retryable()), (None, false));
            assert_eq!((step(&error), script.sent.lock().unwrap().len()), ("ask".to_owned(), 1));
        }
        // By its key only, and the caller trusts keys.
        let (client, script, _) = scripted([lost, lost, lost]);
        let trusting = RetryPolicy::standard().trust_keys().max_attempts(three());
        let error = client.orders().create(nameless()).retry(trusting.clone()).await.unwrap_err();
        assert_eq!((step(&error), script.sent.lock().unwrap().len()), ("resend".to_owned(), 3));
        // A `PATCH`, of which no document says that keys hold, though the state of the order protects it.
        let (client, script, _) = scripted([lost]);
        let error = client.orders().terminate("order_1").await.unwrap_err();
        assert_eq!((error.idempotency_key(), script.sent.lock().unwrap().len()), (None, 1));
        assert_eq!(step(&error), "PGFetchOrder /orders/order_1");
        // An operation without credentials is not even repeated where keys are trusted.
        let (client, script, _) = scripted([lost]);
        let error = client.payments().pay(pay()).retry(trusting).await.unwrap_err();
        assert_eq!((error.idempotency_key(), script.sent.lock().unwrap().len()), (None, 1));
        assert_eq!(step(&error), "ask");
    }
}

#[tokio::test]
async fn rule_5_an_error_says_what_to_do_per_operation() {
    const STORED: Step = Ok((500, &[("x-idempotency-replayed", "true")], "{}"));
    let refunds = "PGOrderFetchRefund /orders/order_1/refunds/refund_1";
    for (steps, expected) in [
        (vec![NOT_SENT, NOT_SENT, NOT_SENT], "resend"),
        (vec![DROPPED, DROPPED, DROPPED], "resend"),
        (vec![MISSING], "nothing"),
        (vec![Ok((429, &[][..], "{}"))], "resend"),
        (vec![DROPPED, MISSING], refunds),
        (vec![STORED], refunds),
    ] {
        let (client, _, _) = scripted(steps.clone());
        let error = client.refunds().create("order_1", refund()).await.unwrap_err();
        assert_eq!(step(&error), expected, "{steps:?} {error}");
    }
    let (client, _, _) = scripted([DROPPED, CONFLICT].into_iter().chain([MISSING; 6]));
    let error = client.orders().create(order()).await.unwrap_err();
    let NextStep::Read(look_up) = error.next_step() else { panic!("{error}") };
    assert_eq!((look_up.id(), look_up.ids()), ("order_1", &[("order_id", "order_1".to_owned())][..]));
    let (client, _, _) = scripted([DROPPED, DROPPED, DROPPED]);
    let error = client.preauth().capture("order_1", Amount::rupees(80)).await.unwrap_err();
    assert_eq!(step(&error), "resend", "a second capture is refused by the state of the order");
    let (client, _, _) = scripted([DROPPED, DROPPED, DROPPED]);
    let error = client.orders().get("order_1").await.unwrap_err();
    assert_eq!(step(&error), "nothing", "a read changes nothing");
}

#[tokio::test]
async fn rule_5_identity_from_key_fills_the_identifier() {
    let named = |script: &super::tests::Script, nth: usize| {
        let sent = script.sent.lock().unwrap();
        let body: serde_json::Value = serde_json::from_slice(sent[nth].0.body()).unwrap();
        body["order_id"].as_str().map(str::to_owned)
    };
    let (client, script, _) = scripted([DROPPED]);
    client.orders().create(nameless()).await.unwrap_err();
    assert_eq!(named(&script, 0), None, "not by default");

    for key in ["key_1", "a key of more than the 45 characters that an order id has", "k"] {
        let refused: Step = Ok((400, &[], r#"{"code":"order_amount_invalid"}"#));
        let (client, script, _) = scripted([DROPPED, refused]);
        let call = client.filling_identity().orders().create(nameless());
        let _ = call.idempotency_key(IdempotencyKey::new(key).unwrap()).await;
        assert_eq!(script.sent.lock().unwrap().len(), 2, "it is protected twice now");
        let id = named(&script, 0).unwrap();
        assert_eq!(named(&script, 1).as_ref(), Some(&id));
        assert!(id == key || id.len() == 36, "the key where it fits, else made of it: {id}");
        assert_eq!(id == key, key == "key_1");
    }
    let (client, script, _) = scripted([ORDER]);
    client.filling_identity().orders().create(order()).await.unwrap();
    assert_eq!(named(&script, 0).as_deref(), Some("order_1"), "the caller's own stays");
}

#[tokio::test]
async fn rule_6_a_wait_that_can_not_be_read_ends_the_call() {
    for value in ["soon", "-1", "99999999999999999999", "1e9"] {
        for (status, effect) in [(429, Effect::Refused), (503, Effect::Unknown)] {
            let headers: &'static [(&str, &str)] = Box::leak(Box::new([("retry-after", value)]));
            let (client, script, clock) = scripted([Ok((status, headers, "{}"))]);
            let error = client.orders().create(order()).await.unwrap_err();
            assert_eq!((error.effect(), error.is_retryable()), (effect, true), "{status} {value}");
            assert_eq!((clock.sleeps().len(), script.sent.lock().unwrap().len()), (0, 1));
        }
    }
}

#[tokio::test]
async fn rule_6_callers_with_the_same_wait_are_spread() {
    let mut waits = Vec::new();
    for _ in 0..100 {
        let (client, _, clock) = scripted([Ok((429, &[("retry-after", "1")][..], "{}")), ORDER]);
        client.orders().create(order()).await.unwrap();
        waits.push(clock.sleeps()[0]);
    }
    waits.sort();
    assert!(waits[0] >= Duration::from_secs(1), "{:?}", waits[0]);
    assert!(waits[99] - waits[0] > Duration::from_millis(500), "{:?}", waits[99] - waits[0]);
}

#[tokio::test]
async fn rule_6_a_write_that_was_turned_away_does_not_end_as_ambiguous() {
    // The wait fits, and would leave the next attempt a second: it needs two.
    let (client, script, _) = scripted([Ok((429, &[("x-ratelimit-retry", "7")][..], "{}"))]);
    let policy = RetryPolicy::standard().max_elapsed(Duration::from_secs(8));
    let error = client.orders().create(order()).retry(policy).await.unwrap_err();
    assert_eq!((error.effect(), script.sent.lock().unwrap().len()), (Effect::Refused, 1));
    assert!(error.is_retryable() && error.idempotency_key().is_some());
}

/// Refuses connections for merchants whose id is `out`, or all until a time has come.
#[derive(Debug, Clone)]
struct Outage {
    until: Option<Instant>,
    sent: Arc<AtomicUsize>,
}

impl Outage {
    fn is_out(&self, headers: &HeaderMap) -> bool {
        match self.until {
            Some(until) => Instant::now() < until,
            None => headers["x-client-id"] == "out",
        }
    }
}

impl Transport for Outage {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let out = self.is_out(request.headers());
        Box::pin(async move {
            tokio::task::yield_now().await;
            match out {
                true => Err(TransportError::new(Sent::No, "out")),
                false => Ok(Response::new(Bytes::from_static(
                    br#"{"order_id":"order_1","cf_order_id":"1","order_amount":499,"order_currency":"INR"}"#,
                ))),
            }
        })
    }
}

fn in_outage(until: Option<Instant>) -> (Client, Arc<AtomicUsize>) {
    let outage = Outage { until, sent: Arc::default() };
    let sent = Arc::clone(&outage.sent);
    let client = Client::builder(Environment::Sandbox, Credentials::client_secret("out", "secret"));
    (client.transport(outage).build().unwrap(), sent)
}

#[tokio::test]
async fn rule_7_the_outage_of_one_merchant_leaves_another_its_retries() {
    let (client, _) = in_outage(None);
    let short = RetryPolicy::standard()
        .backoff(Duration::from_micros(10), Duration::from_micros(10))
        .max_elapsed(Duration::from_millis(20));
    for _ in 0..100 {
        client.orders().create(order()).retry(short.clone()).await.unwrap_err();
    }
    assert!(client.budget().held() < 1_000);
    let other = client.with_credentials(Credentials::client_secret("fine", "secret"));
    assert_eq!(other.budget().held(), 10_000, "ten retries of ten");
    let again = client.with_credentials(Credentials::client_secret("out", "secret"));
    assert!(again.budget().held() < 1_000, "the same merchant has the same budget");
}

#[tokio::test]
async fn rule_7_the_time_limit_is_used_within_the_budget() {
    let (client, sent) = in_outage(Some(Instant::now() + Duration::from_millis(500)));
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..100 {
        calls.spawn(client.orders().create(order()).send());
    }
    let outcomes = calls.join_all().await;
    let lost = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert_eq!(lost, 0, "lost over an outage of half a second");
    let sent = sent.load(Ordering::Relaxed);
    assert!(
        sent <= 235,
        "{sent} requests: 100 first ones, 100 that succeed, the reserve, and what they earned"
    );
}

/// Three of ten requests are refused a connection, whatever their number.
#[derive(Debug, Default)]
struct Flaky(AtomicUsize);

impl Transport for Flaky {
    fn send(&self, _: Request<Bytes>, _: Duration) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            match number % 10 < 3 {
                true => Err(TransportError::new(Sent::No, "flaky")),
                false => Ok(Response::new(Bytes::from_static(
                    br#"{"order_id":"order_1","cf_order_id":"1","order_amount":499,"order_currency":"INR"}"#,
                ))),
            }
        })
    }
}

#[tokio::test]
async fn rule_7_a_thousand_calls_at_a_time_have_a_budget_for_a_thousand() {
    let client = Client::builder(Environment::Sandbox, Credentials::client_secret("id", "secret"));
    let client = client.transport(Flaky::default()).build().unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        calls.spawn(client.orders().create(order()).send());
    }
    let mut longest = Duration::ZERO;
    for outcome in calls.join_all().await {
        longest = longest.max(outcome.unwrap().meta().elapsed());
    }
    assert!(longest < Duration::from_secs(20), "one of them took {longest:?}");
    assert!(client.budget().held() >= 10_000, "what is left of the retries that succeeded");
}

/// Opens for four seconds after three failures.
fn breaker() -> CircuitBreaker {
    CircuitBreaker::standard().failures(three()).open_for(Duration::from_secs(4))
}

#[tokio::test]
async fn rule_7_an_open_circuit_refuses_new_calls_and_lets_one_try() {
    let steps = [DROPPED, TIMED_OUT, FAILED, NOT_SENT, ORDER, ORDER];
    let (client, script, clock) = scripted_with(steps, |client| client.circuit_breaker(breaker()));
    let sent = || script.sent.lock().unwrap().len();
    let create = |client: &Client| client.orders().create(order()).retry(RetryPolicy::none()).send();
    for _ in 0..3 {
        assert!(!create(&client).await.unwrap_err().is_circuit_open());
    }
    let other = client.with_credentials(Credentials::client_secret("other", "secret"));
    for client in [&client, &other] {
        let error = create(client).await.unwrap_err();
        assert!(error.is_circuit_open() && error.is_connect() && error.is_retryable(), "{error}");
        assert_eq!((error.effect(), error.attempts(), error.request_id()), (Effect::NotSent, 0, None));
        assert_eq!(error.suggested_status(), 503);
        assert!(error.to_string().contains("the circuit is open after 3 failures in a row"), "{error}");
    }
    let read = client.orders().get("order_1").retry(RetryPolicy::none()).await.unwrap_err();
    assert!(read.is_circuit_open());
    assert_eq!((sent(), client.budget().held()), (3, 10_200), "what was not sent neither costs nor earns");

    clock.sleep(Duration::from_secs(4)).await;
    assert!(!create(&client).await.unwrap_err().is_circuit_open(), "one tries");
    assert!(create(&client).await.unwrap_err().is_circuit_open(), "and has failed");
    clock.sleep(Duration::from_secs(4)).await;
    create(&client).await.unwrap();
    create(&client).await.unwrap();
    assert_eq!(sent(), 6);
}

#[tokio::test]
async fn rule_7_a_call_that_was_sent_waits_for_the_circuit_within_its_time_limit() {
    let steps = [DROPPED, DROPPED, DROPPED, ORDER];
    let set = |client: ClientBuilder| {
        client.circuit_breaker(breaker()).retry(RetryPolicy::standard().max_elapsed(Duration::from_secs(20)))
    };
    let (client, _, clock) = scripted_with(steps, set);
    let order_1 = client.orders().create(order()).await.unwrap();
    assert_eq!(order_1.meta().attempts(), 4);
    let waited: Duration = clock.sleeps().iter().sum();
    assert!(waited >= Duration::from_secs(4), "{:?}", clock.sleeps());

    // Without the time for it, the call ends as it stands.
    let (client, script, _) = scripted_with(steps, set);
    let short = RetryPolicy::standard().max_elapsed(Duration::from_secs(5));
    let error = client.orders().create(order()).retry(short).await.unwrap_err();
    assert_eq!((error.effect(), error.attempts(), error.is_circuit_open()), (Effect::Unknown, 3, false));
    assert_eq!(script.sent.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn rule_7_responses_of_a_service_that_works_leave_the_circuit_closed() {
    const BANK: Step = Ok((502, JSON, r#"{"code":"bank_processing_failure"}"#));
    const INTERNAL: Step = Ok((500, JSON, r#"{"code":"internal_error"}"#));
    const LIMITED: Step = Ok((429, JSON, "{}"));
    for step in [BANK, INTERNAL, LIMITED, MISSING, CONFLICT] {
        let (client, script, _) = scripted_with([step; 6], |client| client.circuit_breaker(breaker()));
        for _ in 0..6 {
            client.orders().get("order_1").retry(RetryPolicy::none()).await.unwrap_err();
        }
        assert_eq!(script.sent.lock().unwrap().len(), 6, "{step:?}");
    }
}

#[tokio::test]
async fn a_status_is_suggested_for_web_handlers() {
    for (steps, write, read) in [
        (vec![NOT_SENT; 3], 503, 503),
        (vec![MISSING], 404, 404),
        (vec![Ok((400, &[][..], r#"{"code":"order_amount_invalid"}"#))], 422, 422),
        (vec![Ok((401, &[][..], "{}"))], 500, 500),
        (vec![CONFLICT], 409, 409),
        (vec![Ok((500, &[][..], "{}")); 3], 502, 502),
        (vec![DROPPED; 3], 502, 502),
    ] {
        let (client, _, _) = scripted(steps.clone());
        let error = client.orders().create(order()).await.unwrap_err();
        assert_eq!(error.suggested_status(), write, "{error}");
        let (client, _, _) = scripted(steps);
        let error = client.orders().get("order_1").await.unwrap_err();
        assert_eq!(error.suggested_status(), read, "{error}");
    }
}
