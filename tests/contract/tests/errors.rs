//! Whatever comes back, or doesn't: the error keeps all of it, says at what stage it failed and what it
//! did, and can be read by a person.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use cashfree::types::{CreateRefund, Order};
use cashfree::{Call, Credentials, Effect, Error, ErrorKind, IdempotencyKey, RetryPolicy};
use cashfree_sandbox::{Change, Fault, Sandbox};
use http::{HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{Shop, amount, attempts, client_at, client_of, failure, merchant, order};

/// A service that gives everybody the same bytes, and remembers how often it was asked.
struct Parrot {
    url: String,
    recorded: Arc<Mutex<Vec<String>>>,
}

impl Parrot {
    async fn saying(response: impl Into<Vec<u8>>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/pg", listener.local_addr()?);
        let (response, recorded) = (response.into(), Arc::<Mutex<Vec<String>>>::default());
        let keep = Arc::clone(&recorded);
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                let mut request = [0; 16 * 1024];
                // A request of these tests fits into one read.
                let read = line.read(&mut request).await.unwrap_or_default();
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                keep.lock().unwrap_or_else(PoisonError::into_inner).push(text);
                let _ = line.write_all(&response).await;
                let _ = line.shutdown().await;
            }
        });
        Ok(Self { url, recorded })
    }

    fn recorded(&self) -> usize {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// A response that closes its connection.
fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The error of one attempt, under a key and a request id that name the scene.
async fn once<T: Send + 'static>(name: &str, call: Call<T>) -> Result<Error> {
    let key = IdempotencyKey::new(format!("key of {name}"))?;
    let call = call.idempotency_key(key).request_id(format!("request of {name}")).retry(RetryPolicy::none());
    failure(call.await).with_context(|| name.to_owned())
}

/// What an error must say about itself.
struct Expected {
    kind: ErrorKind,
    effect: Effect,
    status: Option<u16>,
    code: Option<&'static str>,
    retryable: bool,
}

fn expect(kind: ErrorKind, effect: Effect, status: impl Into<Option<u16>>) -> Expected {
    Expected { kind, effect, status: status.into(), code: None, retryable: false }
}

impl Expected {
    fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    fn check(&self, name: &str, error: &Error) {
        assert_eq!((error.kind(), error.effect()), (self.kind, self.effect), "{name}: {error:?}");
        assert_eq!(error.status().map(|status| status.as_u16()), self.status, "{name}");
        assert_eq!(error.code(), self.code, "{name}");
        assert_eq!(error.is_retryable(), self.retryable, "{name}");
        assert_eq!(error.idempotency_key().map(|key| key.as_str()), Some(&*format!("key of {name}")));
        let sent = self.effect != Effect::NotSent;
        let tried = sent || self.kind == ErrorKind::Connect;
        assert_eq!(error.attempts(), u32::from(tried), "{name}");
        assert_eq!(error.request_id(), sent.then(|| format!("request of {name}")).as_deref(), "{name}");
        assert_eq!(error.meta().is_some(), self.status.is_some(), "{name}");
        let status = |status: u16| self.kind == ErrorKind::Api && self.status == Some(status);
        assert_eq!(error.is_not_found(), status(404) && self.code.is_some(), "{name}");
        assert_eq!(error.is_conflict(), status(409), "{name}");
        assert_eq!(error.is_idempotency_mismatch(), status(422), "{name}");
        assert_eq!(error.is_rate_limited(), status(429), "{name}");
        assert_eq!(error.is_decode(), self.kind == ErrorKind::Decode, "{name}");
        assert_eq!(error.is_connect(), self.kind == ErrorKind::Connect, "{name}");
        assert_eq!(error.is_timeout(), self.kind == ErrorKind::Timeout, "{name}");
        let auth = self.kind == ErrorKind::Auth || status(401) || status(403);
        assert_eq!(error.is_auth(), auth, "{name}");
    }
}

/// Both forms of each error, for a person to read.
fn album(name: &str, errors: &[(String, Error)]) {
    let mut text = String::new();
    for (scene, error) in errors {
        let _ = write!(text, "{scene}\n  {error}\n  {error:?}\n\n");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots/errors");
    settings.add_filter("retry after [0-9]+ s", "retry after <time>");
    settings.add_filter("elapsed: [0-9.]+(ns|µs|ms|s)", "elapsed: <time>");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT");
    settings.add_filter("column [0-9]+", "column <n>");
    // Where half a body ends depends on the order of its fields.
    settings.add_filter("read at [^ ]+: EOF while", "read at <place>: EOF while");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[tokio::test]
async fn the_error_body_of_the_service_is_kept() -> Result<()> {
    use Effect::{Refused, Unknown};
    use ErrorKind::Api;
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    let create =
        |order_id: &str| -> Result<Call<Order>> { Ok(shop.client.orders().create(order(order_id, "5")?)) };
    let fault = |fault| shop.sandbox.script(fault, "PGCreateOrder", 1);
    let mut errors = Vec::new();
    let mut keep = |name: &str, error: Error, expected: Expected| {
        expected.check(name, &error);
        let body = error.body().cloned().unwrap_or_default();
        assert!(error.meta().is_some_and(|meta| *meta.body() == body && !meta.headers().is_empty()));
        errors.push((name.to_owned(), error));
    };

    let error = once("bad request", shop.client.orders().create(order("order_2", "0.50")?)).await?;
    assert!(error.message().is_some_and(|message| message.contains("order_amount")));
    assert!(error.api().is_some_and(|api| api.help.is_some()));
    keep("bad request", error, expect(Api, Refused, 400).code("order_amount_invalid"));

    let stranger = Credentials::client_secret(shop.sandbox.client_id(), "wrong");
    let error = once("bad credentials", create("order_2")?.credentials(stranger)).await?;
    keep("bad credentials", error, expect(Api, Refused, 401).code("request_failed"));

    let refund = shop.client.refunds().create("order_none", CreateRefund::new(amount("1")?, "refund_1"));
    keep(
        "no such order",
        once("no such order", refund).await?,
        expect(Api, Refused, 404).code("order_not_found"),
    );

    // With a given key these may be due to an earlier call, so what exists is read; here it is another order, or none.
    let error = once("taken", shop.client.orders().create(order("order_1", "6")?)).await?;
    assert_eq!(error.differing_fields(), ["order_amount"]);
    keep("taken", error, expect(Api, Unknown, 409).code("order_already_exists"));

    let key = IdempotencyKey::new("key of used key")?;
    create("order_2")?.idempotency_key(key).await?;
    let error = once("used key", create("order_3")?).await?;
    keep("used key", error, expect(Api, Unknown, 422).code("request_invalid"));

    fault(Fault::RateLimited { retry: Some(59) });
    let error = once("too many", create("order_4")?).await?;
    let limit = error.rate_limit().context("a rate limit")?;
    assert_eq!((limit.remaining, limit.retry_after), (Some(0), Some(Duration::from_secs(59))));
    keep("too many", error, expect(Api, Refused, 429).code("request_failed").retryable());

    fault(Fault::ServerError500);
    let error = once("failure", create("order_4")?).await?;
    assert_eq!(error.meta().and_then(|meta| meta.replayed()), Some(false));
    keep("failure", error, expect(Api, Unknown, 500).code("internal_error").retryable());
    let error = once("failure", create("order_4")?).await?;
    assert_eq!(error.meta().and_then(|meta| meta.replayed()), Some(true));
    keep("failure", error, expect(Api, Unknown, 500).code("internal_error"));

    fault(Fault::Json502);
    let error = once("bank", create("order_4")?).await?;
    assert!(error.is_bank_failure());
    keep("bank", error, expect(Api, Unknown, 502).code("bank_processing_failure").retryable());

    fault(Fault::Html502);
    let error = once("proxy", create("order_4")?).await?;
    assert!(!error.is_bank_failure() && error.api().is_none());
    assert!(error.body().is_some_and(|body| body.starts_with(b"<!doctype html>")));
    keep("proxy", error, expect(Api, Unknown, 502).retryable());

    fault(Fault::GatewayTimeout);
    let error = once("gateway", create("order_4")?).await?;
    assert!(error.body().is_some_and(|body| body.starts_with(b"<!doctype html>")));
    keep("gateway", error, expect(Api, Unknown, 504).retryable());
    let made = shop.sandbox.committed_of(Change::OrderCreated);
    assert!(made.iter().any(|entry| entry.idempotency_key.as_deref() == Some("key of gateway")));

    for (name, status, body, kind) in [
        (
            "forbidden",
            403,
            r#"{"code":"feature_not_enabled","type":"feature_not_enabled"}"#,
            "application/json",
        ),
        ("teapot", 418, "short and stout", "text/plain; charset=utf-8"),
        ("no words", 404, "", "application/json"),
        ("a list", 400, "[1]", "application/json"),
        ("structure", 400, r#"[{"message":{"left":"whole"},"code":[]}]"#, "application/json"),
        ("numbers", 400, r#"{"message":7,"code":42,"type":null,"help":{}}"#, "application/json"),
        ("undeclared", 400, r#"{"message":"sent as text"}"#, "text/plain"),
    ] {
        fault(Fault::Status(status, body.to_owned(), kind.to_owned()));
        let error = once(name, create("order_5")?).await?;
        // Without an error of the API it is nobody's refusal.
        let effect = if matches!(name, "forbidden" | "numbers") { Refused } else { Unknown };
        let mut expected = expect(Api, effect, status);
        expected.code = [("forbidden", "feature_not_enabled"), ("numbers", "42")]
            .into_iter()
            .find_map(|(scene, code)| (scene == name).then_some(code));
        assert_eq!(error.body().map(|found| found.as_ref()), Some(body.as_bytes()));
        assert_eq!(
            error.api().is_some(),
            matches!(name, "forbidden" | "structure" | "numbers" | "undeclared"),
            "{name}"
        );
        keep(name, error, expected);
    }
    album("api", &errors);
    Ok(())
}

#[tokio::test]
async fn an_undecodable_success_counts_as_applied() -> Result<()> {
    use Effect::{Applied, ReadOnly, Unknown};
    use ErrorKind::{Decode, Transport};
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    let mut errors = Vec::new();
    let html = Fault::Status(200, "<p>Welcome to the hotel".to_owned(), "text/html".to_owned());
    let empty = Fault::Status(204, String::new(), "application/json".to_owned());
    for (name, fault, kind, status) in [
        ("empty", Fault::EmptyBody, Decode, 200),
        ("half", Fault::TruncatedJson, Decode, 200),
        ("cut", Fault::CutShort, Transport, 200),
        ("page", html, Decode, 200),
        ("nothing", empty, Decode, 204),
    ] {
        shop.sandbox.script(fault.clone(), "PGCreateOrder", 1);
        let error = once(name, shop.client.orders().create(order(name, "5")?)).await?;
        // A success that does not identify itself says nothing, whatever its content type.
        expect(kind, Unknown, status).retryable().check(name, &error);
        let body = error.body().context(name)?;
        match name {
            "empty" | "nothing" => assert!(body.is_empty()),
            "page" => assert_eq!(body, "<p>Welcome to the hotel"),
            _ => assert!(body.starts_with(b"{\"") && !body.ends_with(b"}"), "{name}: {body:?}"),
        }
        if matches!(name, "empty" | "half" | "cut") {
            assert!(error.rate_limit().is_some(), "{name}: the headers came");
        }
        errors.push((name.to_owned(), error));

        shop.sandbox.script(fault, "PGFetchOrder", 1);
        let read = shop.client.orders().get("order_1").retry(RetryPolicy::none());
        let read = failure(read.await)?;
        assert_eq!((read.kind(), read.effect()), (kind, ReadOnly), "{name}");
        assert_eq!(read.idempotency_key(), None);
    }
    // A type that does not fit is named by its place.
    let odd = Fault::Altered(serde_json::json!({ "order_amount": ["S3CRET"] }));
    shop.sandbox.script(odd, "PGCreateOrder", 1);
    let error = once("odd", shop.client.orders().create(order("odd", "5")?)).await?;
    expect(Decode, Applied, 200).check("odd", &error);
    let text = error.to_string();
    assert!(text.contains("order_amount") && !text.contains("S3CRET"), "{text}");
    errors.push(("odd".to_owned(), error));
    // The content type is not looked at: JSON is JSON.
    let plain = Fault::Status(200, crate::NAMED.to_owned(), "text/plain".to_owned());
    shop.sandbox.script(plain, "PGFetchOrder", 1);
    let found = shop.client.orders().get("order_1").await?;
    assert_eq!(found.order_id, "order_1");
    album("unreadable", &errors);
    Ok(())
}

#[tokio::test]
async fn a_redirect_is_not_followed() -> Result<()> {
    let elsewhere = Parrot::saying(response("200 OK", "", b"{}")).await?;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let location = format!("location: {}/orders/order_1\r\n", elsewhere.url);
        let parrot = Parrot::saying(response(status, &location, b"")).await?;
        let client = client_at(&parrot.url, Credentials::client_secret("id", "S3CRET"), |client| client)?;
        let error = once("redirect", client.orders().create(order("order_1", "5")?)).await?;
        let expected: u16 = status[..3].parse()?;
        expect(ErrorKind::Api, Effect::Unknown, expected).check("redirect", &error);
        assert!(error.meta().is_some_and(|meta| meta.headers().contains_key("location")));
        let read = failure(client.orders().get("order_1").await)?;
        assert_eq!((read.effect(), read.attempts()), (Effect::ReadOnly, 1));
        assert_eq!(parrot.recorded(), 2);
    }
    assert_eq!(elsewhere.recorded(), 0);
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_not_utf8_are_kept() -> Result<()> {
    let json = "content-type: application/json\r\n";
    let body = b"{\"message\":\"\xff\xfe\",\"order_note\":\"\xff\xfe\",\"type\":\"\xff\"}";
    for (status, kind, effect) in [
        ("400 Bad Request", ErrorKind::Api, Effect::Refused),
        ("500 Failure", ErrorKind::Api, Effect::Unknown),
        ("200 OK", ErrorKind::Decode, Effect::Unknown),
    ] {
        let parrot = Parrot::saying(response(status, json, body)).await?;
        let client = client_at(&parrot.url, Credentials::client_secret("id", "secret"), |client| client)?;
        let error = once("bytes", client.orders().create(order("order_1", "5")?)).await?;
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{status}");
        assert_eq!(error.body().map(|body| body.as_ref()), Some(&body[..]));
        assert_eq!(error.request_id(), Some("request of bytes"));
        // Text that is not UTF-8 costs its own characters, not the whole message.
        let message = (kind == ErrorKind::Api).then_some("\u{fffd}\u{fffd}");
        assert_eq!(error.message(), message, "{status}");
    }
    // A header that is no text is passed over, not tripped over.
    let parrot =
        Parrot::saying(response("404 Gone", "x-request-id: \u{e9}\r\nx-ratelimit-retry: soon\r\n", b""))
            .await?;
    let client = client_at(&parrot.url, Credentials::client_secret("id", "secret"), |client| client)?;
    let error = once("bytes", client.orders().create(order("order_1", "5")?)).await?;
    assert_eq!((error.request_id(), error.rate_limit()), (Some("request of bytes"), None));
    Ok(())
}

#[tokio::test]
async fn an_error_body_counts_whatever_the_status() -> Result<()> {
    let body = br#"{"message":"refund failed","code":"refund_post_failed","type":"api_error","help":null}"#;
    let parrot = Parrot::saying(response("200 OK", "content-type: application/json\r\n", body)).await?;
    let client = client_at(&parrot.url, Credentials::client_secret("id", "secret"), |client| client)?;
    let refund = CreateRefund::new(amount("1")?, "refund_1");
    let error = failure(client.refunds().create("order_1", refund).await)?;
    assert_eq!((error.kind(), error.effect(), error.attempts()), (ErrorKind::Decode, Effect::Unknown, 1));
    assert!(error.to_string().contains("200, but the body is an error: refund_post_failed"), "{error}");
    // Nor is it a list of one payment, or the last page of a report.
    let error = failure(client.payments().list("order_1").await)?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Decode, Effect::ReadOnly));
    let body =
        br#"{"message":"sent","code":"1","type":"sms","status":"OK","order_id":"order_1","cf_order_id":"1",
        "order_amount":5,"order_currency":"INR"}"#;
    let parrot = Parrot::saying(response("200 OK", "", body)).await?;
    let client = client_at(&parrot.url, Credentials::client_secret("id", "secret"), |client| client)?;
    assert_eq!(client.orders().get("order_1").await?.order_id, "order_1");
    Ok(())
}

#[tokio::test]
async fn rule_1_a_response_with_another_request_id_is_a_broken_connection() -> Result<()> {
    // It may be the late response to an earlier request on the same connection.
    let body = br#"{"order_id":"order_1","cf_order_id":"1"}"#;
    for (status, header) in [
        ("200 OK", "x-request-id: theirs\r\n"),
        ("404 Gone", "x-request-id: theirs\r\n"),
        ("200 OK", "x-idempotency-key: k\r\n"),
    ] {
        let parrot = Parrot::saying(response(status, header, body)).await?;
        let client = client_at(&parrot.url, Credentials::client_secret("id", "secret"), |client| client)?;
        let create = client.orders().create(order("order_1", "5")?).request_id("ours");
        let error = failure(create.retry(RetryPolicy::none()).await)?;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Transport, Effect::Unknown), "{error}");
        assert_eq!((error.request_id(), error.status()), (Some("ours"), None));
    }
    Ok(())
}

#[tokio::test]
async fn a_response_that_is_not_http_is_ambiguous_for_a_write() -> Result<()> {
    for bytes in [&b"SSH-2.0-OpenSSH_9.6\r\n"[..], b"HTTP/1.1 9", b""] {
        let parrot = Parrot::saying(bytes).await?;
        let client = client_at(&parrot.url, Credentials::client_secret("id", "secret"), |client| client)?;
        let error = once("babble", client.orders().create(order("order_1", "5")?)).await?;
        expect(ErrorKind::Transport, Effect::Unknown, None).retryable().check("babble", &error);
    }
    Ok(())
}

#[tokio::test]
async fn an_endless_body_is_cancelled() -> Result<()> {
    let sandbox = Sandbox::start().await?;
    let client = client_of(&sandbox, merchant(&sandbox), |client| client.max_body(200))?;
    let error = once("long", client.orders().create(order("order_1", "5")?)).await?;
    expect(ErrorKind::Decode, Effect::Unknown, 200).check("long", &error);
    assert!(error.body().is_some_and(|body| body.len() <= 200));
    assert_eq!(sandbox.committed_of(Change::OrderCreated).len(), 1);
    Ok(())
}

#[tokio::test]
async fn local_failures_say_what_to_fix() -> Result<()> {
    use Effect::{NotSent, Unknown};
    let shop = Shop::open().await?;
    let create = || -> Result<Call<Order>> { Ok(shop.client.orders().create(order("order_1", "5")?)) };
    let mut errors = Vec::new();
    let mut keep = |name: &str, error: Error, expected: Expected| {
        expected.check(name, &error);
        assert!(error.body().is_none() && error.api().is_none() && error.rate_limit().is_none());
        errors.push((name.to_owned(), error));
    };
    let error = once("path", shop.client.orders().terminate("..")).await?;
    keep("path", error, expect(ErrorKind::Request, NotSent, None));
    let own = HeaderName::from_static("x-client-id");
    let error = once("header", create()?.header(own, HeaderValue::from_static("x"))).await?;
    keep("header", error, expect(ErrorKind::Request, NotSent, None));
    let error = once("unsupported", create()?.credentials(Credentials::unauthenticated())).await?;
    keep("unsupported", error, expect(ErrorKind::Auth, NotSent, None));
    let error = once("unusable", create()?.credentials(Credentials::client_secret("id", "a\nb"))).await?;
    keep("unusable", error, expect(ErrorKind::Auth, NotSent, None));
    let error = failure(create()?.request_id("a\nb").await)?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Request, NotSent));
    assert!(shop.sandbox.requests().is_empty());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let nowhere = format!("http://{}/pg", listener.local_addr()?);
    drop(listener);
    let nobody = client_at(&nowhere, merchant(&shop.sandbox), |client| client)?;
    let error = once("nobody", nobody.orders().create(order("order_1", "5")?)).await?;
    assert!(std::error::Error::source(&error).is_some());
    keep("nobody", error, expect(ErrorKind::Connect, NotSent, None).retryable());
    shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
    keep(
        "dropped",
        once("dropped", create()?).await?,
        expect(ErrorKind::Transport, Unknown, None).retryable(),
    );
    shop.sandbox.script(Fault::Delay(Duration::from_millis(200)), "PGCreateOrder", 1);
    let error = once("late", create()?.timeout(Duration::from_millis(50))).await?;
    keep("late", error, expect(ErrorKind::Timeout, Unknown, None).retryable());
    album("local", &errors);
    Ok(())
}

#[tokio::test]
async fn an_earlier_ambiguous_attempt_counts() -> Result<()> {
    let refusal = |status| Fault::Status(status, String::new(), "text/plain".to_owned());
    let tired = Fault::RateLimited { retry: Some(600) };
    for second in [refusal(401), refusal(404), refusal(422), tired] {
        let shop = Shop::open().await?;
        shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
        shop.sandbox.script(second.clone(), "PGCreateOrder", 1);
        let outcome = shop.client.orders().create(order("order_1", "5")?).await;
        // A refused key may be due to the first attempt, so what exists is read.
        if let Ok(created) = &outcome {
            assert!(created.meta().read_back(), "{second:?}");
            continue;
        }
        let error = failure(outcome)?;
        assert_eq!((error.effect(), error.attempts()), (Effect::Unknown, 2), "{second:?}");
        assert_eq!(error.kind(), ErrorKind::Api);
        assert!(error.to_string().ends_with("2 attempts)"), "{error}");
        // For a read there is nothing to remember.
        shop.sandbox.script(Fault::DropAfterCommit, "PGFetchOrder", 1);
        shop.sandbox.script(second, "PGFetchOrder", 1);
        let error = failure(shop.client.orders().get("order_1").await)?;
        assert_eq!((error.effect(), error.attempts()), (Effect::ReadOnly, 2));
    }
    Ok(())
}

#[tokio::test]
async fn a_service_that_stops_between_attempts_leaves_the_write_ambiguous() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| {
        client.retry(attempts(2).backoff(Duration::from_millis(400), Duration::from_millis(400)))
    })
    .await?;
    shop.sandbox.script(Fault::Delay(Duration::from_secs(5)), "PGCreateOrder", 1);
    let call = shop.client.orders().create(order("order_1", "5")?).timeout(Duration::from_millis(100));
    let pending = tokio::spawn(call.send());
    while shop.sandbox.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(shop);
    let error = failure(pending.await?)?;
    assert_eq!((error.effect(), error.attempts()), (Effect::Unknown, 2), "{error:?}");
    assert!(error.is_connect());
    assert!(error.to_string().ends_with("2 attempts)"), "{error}");
    Ok(())
}
