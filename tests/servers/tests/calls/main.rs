//! Stored calls: what is sent after a call went through JSON is what would have been sent at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use cashfree::types::{CreateRefund, Order, Refund, Upi, UpiChannel};
use cashfree::types::{PayOrder, PayOrderPaymentMethod};
use cashfree::{
    Amount, BoxFuture, Call, Client, Credentials, Environment, Error, IdempotencyKey, JobStep, NextStep,
    Operation, RetryPolicy, StoreOptions, StoredCall, StoredCallError, Transport, TransportError, Upload,
    operations,
};
use http::{HeaderName, HeaderValue, Method, Request, Response};
use serde_json::{Value, json};

/// Failure that the service keeps under the key.
const STORED: &str = r#"{"code":"internal_error","message":"not now"}"#;

/// Responds alike to every request, and records the requests.
#[derive(Clone, Debug)]
struct Service {
    seen: Arc<Mutex<Vec<Request<Bytes>>>>,
    status: u16,
    body: &'static str,
}

impl Service {
    fn new(status: u16, body: &'static str) -> Self {
        Self { seen: Arc::default(), status, body }
    }

    fn client(&self, environment: Environment) -> Result<Client> {
        let credentials = Credentials::client_secret("app_1", "secret_marked");
        let client = Client::builder(environment, credentials).transport(self.clone());
        Ok(client.retry(RetryPolicy::none()).build()?)
    }

    fn taken(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transport for Service {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let mut response = Response::new(Bytes::from_static(self.body.as_bytes()));
        *response.status_mut() = http::StatusCode::from_u16(self.status).unwrap_or_default();
        if self.status == 429 {
            response.headers_mut().insert("x-ratelimit-retry", HeaderValue::from_static("40"));
        }
        if self.body == STORED {
            response.headers_mut().insert("x-idempotency-replayed", HeaderValue::from_static("true"));
        }
        Box::pin(std::future::ready(Ok(response)))
    }
}

/// Random numbers from a seed.
struct Dice(fastrand::Rng);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0.usize(..sides)
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 10] = ["a", "Z9", "é", "\"", "\\", " ", "₹", "\u{1}", "😀", "1.10"];
        (0..1 + self.roll(6)).map(|_| PIECES[self.roll(PIECES.len())]).collect()
    }

    /// Free JSON with names that no operation knows.
    fn json(&mut self, depth: usize) -> Value {
        match self.roll(if depth == 0 { 5 } else { 7 }) {
            0 => json!(self.roll(100_000)),
            1 => json!(f64::from(u32::try_from(self.roll(1_000_000)).unwrap_or_default()) / 100.0),
            2 => Value::Null,
            3 => json!(self.roll(2) == 0),
            4 => json!(self.text()),
            5 => (0..self.roll(4)).map(|_| self.json(depth - 1)).collect(),
            _ => {
                (0..self.roll(4)).map(|at| (format!("x{at} {}", self.text()), self.json(depth - 1))).collect()
            }
        }
    }
}

/// A call of an operation with a random path, query and body.
fn call(client: &Client, operation: &'static Operation, dice: &mut Dice) -> Call<Value> {
    let segments = operation.path.split('/').map(|segment| match segment.strip_prefix('{') {
        Some(_) => format!("id_{}%20%C3%A9-{}", dice.roll(1_000), dice.roll(10)),
        None => segment.to_owned(),
    });
    let mut path = segments.collect::<Vec<_>>().join("/");
    if dice.roll(3) == 0 {
        path.push_str("?kind=a%20b&at=7");
    }
    if operation.method == Method::GET {
        client.raw().call(operation.method.clone(), &path)
    } else {
        let body = json!({ "x": dice.json(3), "amount": Amount::rupees(7) });
        client.raw().call_with(operation.method.clone(), &path, &body)
    }
}

/// Through the text that a database holds.
fn stored(call: &StoredCall) -> Result<StoredCall> {
    let text = serde_json::to_string(call)?;
    ensure!(!text.contains("secret_marked"), "a secret is stored");
    let read: StoredCall = serde_json::from_str(&text)?;
    ensure!(read == *call, "{text}");
    // A column of type jsonb orders the fields anew.
    Ok(serde_json::from_value(serde_json::to_value(read)?)?)
}

/// A request as text, without its random id unless the call has set one.
fn sent(service: &Service) -> Result<String> {
    let mut seen = service.taken();
    let (mut parts, body) = seen.pop().context("no request")?.into_parts();
    ensure!(seen.is_empty(), "several requests");
    let id = parts.headers.get("x-request-id").context("no request id")?;
    if id != "mine" {
        parts.headers.remove("x-request-id");
    }
    let mut headers: Vec<String> = parts
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    Ok(format!("{} {}\n{}\n\n{:?}", parts.method, parts.uri, headers.join("\n"), body))
}

#[tokio::test]
async fn every_operation_is_sent_after_storing_as_it_would_have_been_at_once() -> Result<()> {
    let service = Service::new(500, "");
    let client = service.client(Environment::Sandbox)?;
    let mut dice = Dice(fastrand::Rng::with_seed(21));
    assert!(!operations::ALL.is_empty());
    for operation in operations::ALL {
        for round in 0..20 {
            let mut call = call(&client, operation, &mut dice);
            assert_eq!(call.operation().id, operation.id);
            if round % 4 == 1 {
                let name = HeaderName::from_static("x-shop");
                call = call.header(name, HeaderValue::from_static("shop 7")).request_id("mine");
                call = call.timeout(Duration::from_millis(1_500)).retry(RetryPolicy::none().trust_keys());
            }
            // A key that is given to an operation without one is neither sent nor stored.
            if round % 4 == 2 && call.prepared_key().is_some() {
                call = call.idempotency_key(IdempotencyKey::derive("round", &[operation.id]));
            }
            let kept = stored(&call.to_stored()?).with_context(|| operation.id)?;
            assert_eq!(kept.operation(), operation.id);
            assert_eq!(kept.idempotency_key(), call.prepared_key());
            let resumed = client.resume::<Value>(&kept)?;
            // The settings of delivery are those of the call.
            let settings = |call: &Call<Value>| format!("{call:?}");
            assert_eq!(settings(&call), settings(&resumed));
            let (direct, later) = (failure(call.await)?, failure(resumed.await)?);
            let requests = service.taken();
            ensure!(requests.len() == 2, "{}: {direct}, {later}", operation.id);
            let mut texts = Vec::new();
            for request in requests {
                let one = Service::new(500, "");
                one.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                texts.push(sent(&one)?);
            }
            ensure!(texts[0] == texts[1], "{}\n---\n{}", texts[0], texts[1]);
        }
    }
    Ok(())
}

fn failure<T>(outcome: Result<T, Error>) -> Result<Error> {
    match outcome {
        Ok(_) => bail!("the service responded with 500"),
        Err(error) => Ok(error),
    }
}

#[tokio::test]
async fn typed_calls_are_resumed_with_their_types() -> Result<()> {
    let service = Service::new(200, r#"{"cf_refund_id":"7","refund_id":"refund_1","order_id":"order_1"}"#);
    let client = service.client(Environment::Sandbox)?;
    let mut refund = client.refunds().create("order_1", CreateRefund::new(Amount::rupees(1), "refund_1"));
    let kept = stored(&refund.to_stored()?)?;
    ensure!(kept.is_protected(), "a refund has an identifier");
    let resumed = client.resume::<Refund>(&kept)?;
    let key = refund.prepared_key().cloned();
    drop(refund.await);
    let direct = sent(&service)?;
    drop(resumed.await);
    assert_eq!(direct, sent(&service)?);
    ensure!(direct.contains(key.context("no key")?.as_str()));

    // The body is made by the method.
    let ended = stored(&client.orders().terminate("order_1").to_stored()?)?;
    drop(client.resume::<Order>(&ended)?.await);
    ensure!(sent(&service)?.contains("TERMINATED"));
    let read = stored(&client.orders().get("order_1").to_stored()?)?;
    ensure!(read.is_protected() && read.idempotency_key().is_none());
    Ok(())
}

#[tokio::test]
async fn what_must_not_be_stored_is_refused() -> Result<()> {
    let service = Service::new(500, "");
    let client = service.client(Environment::Sandbox)?;
    let upi = Upi::new(UpiChannel::Collect).upi_id("somebody@bank");
    let mut pay = client.payments().pay(PayOrder::new("session_7", PayOrderPaymentMethod::upi(upi)));
    let Err(StoredCallError::Sensitive(_)) = pay.to_stored() else { bail!("a session is stored") };
    let allowed = stored(&pay.to_stored_with(StoreOptions::new().allow_sensitive())?)?;
    ensure!(!format!("{allowed:?}").contains("session_7"));
    drop(client.resume::<Value>(&allowed)?.await);
    ensure!(sent(&service)?.contains("somebody@bank"));

    let file = Upload::new("mandate.png", b"\x89PNG\r\n\x1a\n".to_vec());
    let upload = client.documents().upload_for_subscription_payment("payment_1", file).to_stored();
    assert_eq!(upload.err(), Some(StoredCallError::Upload));
    let unknown = client.raw().call::<Value>(Method::POST, "/new/things").to_stored();
    ensure!(matches!(unknown, Err(StoredCallError::UnknownOperation(_))), "{unknown:?}");
    let secret = HeaderValue::from_static("Bearer secret_marked");
    let marked = client.orders().get("order_1").header(http::header::AUTHORIZATION, secret).to_stored();
    ensure!(matches!(marked, Err(StoredCallError::Sensitive(_))), "{marked:?}");

    let other = Credentials::client_secret("app_2", "secret_marked_2");
    let mut named = client.orders().terminate("order_1").credentials(other.clone());
    assert_eq!(named.to_stored().err(), Some(StoredCallError::UnnamedCredentials));
    let merchant = client.with_credentials(other.clone());
    let unnamed = merchant.orders().terminate("order_1").to_stored();
    assert_eq!(
        unnamed.err(),
        Some(StoredCallError::UnnamedCredentials),
        "another client would resume it as its own"
    );
    let named = stored(&named.to_stored_with(StoreOptions::new().credentials_name("merchant_7"))?)?;
    let refused = client.resume::<Order>(&named).err();
    assert_eq!(refused, Some(StoredCallError::OtherCredentials("merchant_7".to_owned())));
    drop(client.resume_as::<Order>(&named, other)?.await);
    ensure!(sent(&service)?.contains("app_2"));

    let production = service.client(Environment::Production)?.resume::<Value>(&allowed).err();
    assert_eq!(production, Some(StoredCallError::OtherEnvironment("sandbox".to_owned())));
    Ok(())
}

#[tokio::test]
async fn forms_of_other_releases_are_read_or_refused_with_a_reason() -> Result<()> {
    let client = Service::new(500, "").client(Environment::Sandbox)?;
    let version = cashfree::ApiVersion::default();
    // Form 1, as the first release wrote it.
    let first = json!({
        "v": 1, "operation": "PGTerminateOrder", "path": "/orders/order_1",
        "body": r#"{"order_status":"TERMINATED"}"#, "key": "key-1", "api_version": version.as_str(),
        "environment": "sandbox"
    });
    let read: StoredCall = serde_json::from_value(first.clone())?;
    assert_eq!(serde_json::to_value(&read)?, first);
    drop(client.resume::<Order>(&read)?);

    let changed = |name: &str, value: Value| {
        let mut form = first.clone();
        form[name] = value;
        serde_json::from_value::<StoredCall>(form)
    };
    let refused = |name: &str, value: Value| changed(name, value).err().map(|error| error.to_string());
    let newer = refused("v", json!(2)).context("form 2 is read")?;
    ensure!(newer.contains("form 2"), "{newer}");
    let unknown = refused("later", json!(1)).context("an unknown field is ignored")?;
    ensure!(unknown.contains("later"), "{unknown}");
    ensure!(refused("key", json!("")).is_some() && refused("operation", json!(7)).is_some());

    let resumed = |name: &str, value: Value| -> Result<Option<StoredCallError>> {
        Ok(client.resume::<Value>(&changed(name, value)?).err())
    };
    let operation = resumed("operation", json!("PGOfTomorrow"))?;
    assert_eq!(operation, Some(StoredCallError::UnknownOperation("PGOfTomorrow".to_owned())));
    let version = resumed("api_version", json!("2999-01-01"))?;
    assert_eq!(version, Some(StoredCallError::OtherApiVersion("2999-01-01".to_owned())));
    for name in ["headers", "request_headers"] {
        let header = resumed(name, json!([["x-client-id", "app_9"]]))?;
        ensure!(matches!(header, Some(StoredCallError::Invalid(_))), "{header:?}");
    }
    assert_eq!(resumed("key", Value::Null)?, Some(StoredCallError::NoKey));
    // A path that was changed in the table calls nothing else.
    for path in ["/orders/../refunds", "/orders/1/refunds", "//elsewhere", "orders/1"] {
        let service = Service::new(200, "{}");
        let call = changed("path", json!(path))?;
        let error = service.client(Environment::Sandbox)?.resume::<Value>(&call)?.await.err();
        ensure!(error.is_some() && service.taken().is_empty(), "{path} is called");
    }
    Ok(())
}

#[tokio::test]
async fn a_call_gets_a_new_key_only_if_something_else_protects_it() -> Result<()> {
    let service = Service::new(200, "{}");
    let client = service.client(Environment::Sandbox)?;
    let refund = CreateRefund::new(Amount::rupees(1), "refund_1");
    let first = stored(&client.refunds().create("order_1", refund).to_stored()?)?;
    let second = stored(&first.with_new_key()?)?;
    let mut requests = Vec::new();
    for (call, other) in [(&first, &second), (&second, &first)] {
        drop(client.resume::<Refund>(call)?.await);
        let key = call.idempotency_key().context("no key")?.as_str();
        let request = sent(&service)?;
        ensure!(request.contains(key), "{request}");
        ensure!(!request.contains(other.idempotency_key().context("no key")?.as_str()), "{request}");
        requests.push(request.replace(key, "KEY"));
    }
    assert_eq!(requests.first(), requests.last());

    // A customer has no id of the caller's, an order without one neither, and a read needs no key.
    let customer = client.raw().call_with::<Value, _>(Method::POST, "/customers", &json!({})).to_stored()?;
    let order = client.raw().call_with::<Value, _>(Method::POST, "/orders", &json!({})).to_stored()?;
    for call in [customer, order, client.orders().get("order_1").to_stored()?] {
        assert_eq!(call.with_new_key().err(), Some(StoredCallError::OnlyKeyProtects), "{call:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_failed_call_is_a_retry_or_a_dead_letter() -> Result<()> {
    let step = async |status: u16, body: &'static str, protected: bool| -> Result<(JobStep, NextStep)> {
        let client = Service::new(status, body).client(Environment::Sandbox)?;
        let refund = CreateRefund::new(Amount::rupees(1), "refund_1");
        let kept = if protected {
            client.refunds().create("order_1", refund).to_stored()?
        } else {
            client.raw().call_with::<Value, _>(Method::POST, "/customers", &json!({})).to_stored()?
        };
        assert_eq!(kept.is_protected(), protected);
        let error = failure(client.resume::<Value>(&kept)?.await)?;
        Ok((error.job_step(1), error.next_step()))
    };
    let after = |seconds| JobStep::Retry { after: Duration::from_secs(seconds) };
    assert_eq!(step(429, "{}", true).await?.0, after(40));
    let (job, next) = step(503, "", true).await?;
    assert_eq!(job, after(5));
    ensure!(matches!(next, NextStep::Resend(_)), "{next:?}");
    // Another key acts no second time where the service refuses a second object.
    let later = JobStep::NewKey { after: Duration::from_secs(5) };
    assert_eq!(step(500, STORED, true).await?.0, later);
    assert_eq!(step(500, STORED, false).await?.0, JobStep::DeadLetter);
    // Only the key protects it.
    assert_eq!(step(503, "", false).await?.0, JobStep::DeadLetter);
    assert_eq!(step(400, r#"{"code":"refund_amount_invalid"}"#, true).await?.0, JobStep::DeadLetter);
    assert_eq!(step(401, "{}", true).await?.0, JobStep::DeadLetter);
    Ok(())
}
