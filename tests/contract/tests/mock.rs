//! The mock transport under the real client.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Result, ensure};
use cashfree::testing::{FakeError, MockTransport, fake_response};
use cashfree::types::Order;
use cashfree::{Client, Effect, Error, ErrorKind, IdempotencyKey, RetryPolicy};
use serde_json::{Value, json};

use crate::{attempts, failure, hasty, order};

fn created(order_id: &str) -> Value {
    json!({
        "cf_order_id": "2149460581", "order_id": order_id, "entity": "order", "order_amount": 499.00,
        "order_currency": "INR", "order_status": "ACTIVE", "payment_session_id": "session_1",
        "customer_details": {"customer_id": "cust_42", "customer_phone": "9999999999"},
    })
}

fn exists() -> Value {
    json!({"code": "order_already_exists", "type": "invalid_request_error", "message": "order exists"})
}

/// Retries as ever, without waiting long.
fn client(mock: &MockTransport) -> Result<Client> {
    Ok(mock.client_builder().retry(hasty()).build()?)
}

#[tokio::test]
async fn outcomes_are_taken_by_operation_and_in_order() -> Result<()> {
    let mock = MockTransport::new();
    mock.on("PGFetchOrder").respond(200, created("order_1")).respond(404, json!({"code": "order_not_found"}));
    mock.on("PGOrderFetchPayments").respond(200, json!([]));
    let client = client(&mock)?;
    let first = client.orders().get("order_1").await?;
    ensure!(client.payments().list("order_1").await?.is_empty());
    ensure!(failure(client.orders().get("order_1").send().await)?.is_not_found());
    assert_eq!((first.meta().attempts(), first.meta().status().as_u16()), (1, 200));
    let operations: Vec<String> = mock.calls().iter().map(|call| call.operation().to_owned()).collect();
    assert_eq!(operations, ["PGFetchOrder", "PGOrderFetchPayments", "PGFetchOrder"]);
    assert_eq!((mock.calls_of("PGFetchOrder").len(), mock.faults().len()), (2, 0));
    Ok(())
}

#[tokio::test]
async fn a_typed_response_is_decoded_unchanged() -> Result<()> {
    let mock = MockTransport::new();
    let given: Order = serde_json::from_value(created("order_1"))?;
    mock.on("PGFetchOrder").respond_with_type(&given);
    let order = client(&mock)?.orders().get("order_1").await?;
    assert_eq!(serde_json::to_value(&*order)?, serde_json::to_value(&given)?);
    Ok(())
}

#[tokio::test]
async fn retries_take_the_next_outcome_under_the_same_key() -> Result<()> {
    let mock = MockTransport::new();
    mock.on("PGCreateOrder")
        .connect_error()
        .status(502, "<html>Bad Gateway</html>")
        .lost_after_applying()
        .respond(200, created("order_1"))
        .header("x-idempotency-replayed", "true");
    let client = mock.client_builder().retry(attempts(4)).build()?;
    let key = IdempotencyKey::new("key_1")?;
    let order = client.orders().create(order("order_1", "499.00")?).idempotency_key(key).await?;
    assert_eq!((order.meta().attempts(), order.meta().replayed()), (4, Some(true)));
    let calls = mock.calls();
    ensure!(calls.iter().all(|call| call.idempotency_key() == Some("key_1")), "{calls:?}");
    ensure!(calls.iter().all(|call| call.body() == calls[0].body() && call.path() == "/pg/orders"));
    assert_eq!(calls[0].json().context("JSON")?["order_id"], "order_1");
    Ok(())
}

#[tokio::test]
async fn a_lost_write_is_read_back() -> Result<()> {
    let mock = MockTransport::new();
    mock.on("PGCreateOrder").lost_after_applying().respond(409, exists());
    mock.on("PGFetchOrder").respond(200, created("order_1"));
    let order = client(&mock)?.orders().create(order("order_1", "499.00")?).await?;
    ensure!(order.meta().read_back());
    let read = mock.calls_of("PGFetchOrder").pop().context("a read")?;
    assert_eq!((read.path(), read.idempotency_key()), ("/pg/orders/order_1", None));
    Ok(())
}

#[tokio::test]
async fn timeouts_and_connection_errors_are_those_of_the_client() -> Result<()> {
    let mock = MockTransport::new();
    mock.on("PGCreateOrder").timeout().times(3).connect_error().times(3);
    let client = client(&mock)?;
    let create =
        async || anyhow::Ok(failure(client.orders().create(order("order_1", "499.00")?).send().await)?);
    let lost = create().await?;
    assert_eq!((lost.kind(), lost.effect()), (ErrorKind::Timeout, Effect::Unknown));
    let refused = create().await?;
    assert_eq!((refused.kind(), refused.effect()), (ErrorKind::Connect, Effect::NotSent));
    Ok(())
}

fn dropped(mock: MockTransport) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| drop(mock)))
        .map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

#[tokio::test]
async fn an_unexpected_call_fails_the_test() -> Result<()> {
    let mock = MockTransport::new();
    let client = mock.client_builder().retry(RetryPolicy::none()).build()?;
    let error = failure(client.orders().get("order_1").send().await)?;
    let cause = std::error::Error::source(&error).context("a cause")?.to_string();
    ensure!(error.is_connect() && cause.contains("unexpected call of PGFetchOrder"), "{error:?}: {cause}");
    assert_eq!(mock.faults(), ["unexpected call: PGFetchOrder (GET /pg/orders/order_1)"]);
    // A clone is a handle of a client: dropped, it checks nothing.
    assert_eq!(dropped(mock.clone()), Ok(()));
    let message = dropped(mock).err().context("the test would pass")?;
    assert_eq!(
        message,
        "the mock transport found:\n- unexpected call: PGFetchOrder (GET /pg/orders/order_1)"
    );
    Ok(())
}

#[test]
fn an_unused_outcome_is_reported() {
    let mock = MockTransport::new();
    mock.on("PGCreateOrdr").respond(200, created("order_1")).times(2);
    mock.on("PGFetchOrder").status(200, "").times(0);
    assert_eq!(mock.faults(), ["unused responses of PGCreateOrdr: 2"]);
    // A test that ended early fails by its own error.
    assert_eq!(dropped(mock), Ok(()));
}

#[tokio::test]
async fn raw_calls_are_named_by_method_and_path() -> Result<()> {
    let mock = MockTransport::new();
    mock.on("GET /pg/of/tomorrow").respond(200, json!({"ok": true}));
    let found: Value =
        client(&mock)?.raw().call::<Value>(http::Method::GET, "/of/tomorrow").await?.into_inner();
    assert_eq!(found, json!({"ok": true}));
    Ok(())
}

#[tokio::test]
async fn nothing_private_is_shown() -> Result<()> {
    let mock = MockTransport::new();
    mock.on("PGCreateOrder").respond(200, created("order_1"));
    client(&mock)?.orders().create(order("order_1", "499.00")?).await?;
    let shown = format!("{mock:?} {:?}", mock.calls());
    for hidden in ["test_client_secret", "9999999999", "session_1"] {
        ensure!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    Ok(())
}

/// Errors of the mock are those of a call; a fake must not say anything else of the same situation.
#[tokio::test]
async fn fakes_agree_with_the_client() -> Result<()> {
    let facts = |error: &Error| {
        (error.kind(), error.effect(), error.status(), error.code().map(str::to_owned), error.is_retryable())
    };
    for (write, operation) in [(true, "PGCreateOrder"), (false, "PGFetchOrder")] {
        let mock = MockTransport::new();
        let client = mock.client_builder().retry(RetryPolicy::none()).build()?;
        let key = IdempotencyKey::new("key_1")?;
        let call = async || {
            anyhow::Ok(match write {
                true => failure(
                    client
                        .orders()
                        .create(order("order_1", "499.00")?)
                        .idempotency_key(key.clone())
                        .send()
                        .await,
                )?,
                false => failure(client.orders().get("order_1").send().await)?,
            })
        };
        let fake = |fake: FakeError| if write { fake.idempotency_key(key.clone()) } else { fake }.build();
        mock.on(operation).connect_error();
        assert_eq!(facts(&call().await?), facts(&fake(FakeError::new(operation, ErrorKind::Connect))));
        mock.on(operation).timeout();
        assert_eq!(facts(&call().await?), facts(&fake(FakeError::new(operation, ErrorKind::Timeout))));
        mock.on(operation).lost_after_applying();
        assert_eq!(facts(&call().await?), facts(&fake(FakeError::new(operation, ErrorKind::Transport))));
        let refused = json!({"code": "some_code", "type": "invalid_request_error", "message": "some"});
        let failed = json!({"code": "request_failed", "type": "api_error", "message": "some"});
        let timeout = json!({"code": "api_request_timeout", "type": "invalid_request_error"});
        for status in [302, 400, 401, 403, 404, 408, 423, 424, 425, 429, 499, 500, 501, 502, 503, 504] {
            for body in [&refused, &failed, &timeout, &json!({"message": "Forbidden"}), &json!({})] {
                mock.on(operation).respond(status, body.clone());
                let (met, faked) = (call().await?, fake(FakeError::api(operation, status, body.to_string())));
                assert_eq!(facts(&met), facts(&faked), "{operation} {status} {body}");
            }
        }
        assert_eq!(mock.faults(), Vec::<String>::new());
    }
    let response = fake_response(vec![1, 2]).map(|list| list.len());
    assert_eq!((*response, response.body().as_ref()), (2, &b"[1,2]"[..]));
    Ok(())
}
