//! Raw calls: paths that the client doesn't know, with all that it does for those that it knows.

use anyhow::Result;
use cashfree::{Amount, Effect, ErrorKind, IdempotencyKey, Method, RetryPolicy};
use serde_json::{Value, json};

use crate::canned::Canned;
use crate::failure;

#[tokio::test]
async fn a_raw_write_has_credentials_and_one_key_over_its_attempts() -> Result<()> {
    let service = Canned::default();
    service.respond(503, "");
    service.respond(201, r#"{"thing_id": 7}"#);
    let body = json!({ "name": "a thing", "amount": Amount::rupees(7) });
    let call = service.client()?.raw().call_with::<Value, _>(Method::POST, "/new/things?kind=a%20b", &body);
    // What a path does that the table does not know is protected by its key only.
    let trusting = RetryPolicy::standard().trust_keys();
    let made = call.idempotency_key(IdempotencyKey::new("key-1")?).retry(trusting).await?;
    assert_eq!((made.meta().attempts(), made["thing_id"].as_i64()), (2, Some(7)));
    let seen = service.taken();
    assert_eq!(seen.len(), 2);
    for (request, _) in &seen {
        assert_eq!(request.uri(), "https://sandbox.cashfree.com/pg/new/things?kind=a%20b");
        assert_eq!(request.headers()["x-client-id"], "app_1");
        assert_eq!(request.headers()["x-idempotency-key"], "key-1");
        assert_eq!(request.headers()["x-api-version"], cashfree_gen::API_VERSION);
        assert_eq!(request.headers()["content-type"], "application/json");
        assert_eq!(request.body(), seen[0].0.body());
    }
    Ok(())
}

#[tokio::test]
async fn a_raw_read_is_a_get_or_marked_as_read() -> Result<()> {
    let service = Canned::default();
    let raw = service.client()?.raw();
    service.respond(200, "[1]");
    assert_eq!(*raw.call::<Vec<i64>>(Method::GET, "/new/list").await?, [1]);
    assert!(!service.only()?.headers().contains_key("x-idempotency-key"));

    service.respond(503, "");
    service.respond(200, "");
    let found =
        raw.clone().reads().call_with::<Option<Value>, _>(Method::POST, "/new/search", &json!({})).await?;
    assert_eq!((found.meta().attempts(), found.as_ref().is_none()), (2, true));
    assert!(service.taken().iter().all(|(request, _)| !request.headers().contains_key("x-idempotency-key")));

    // Without a key a write is sent once.
    service.respond(503, "");
    let credentials = cashfree::Credentials::client_secret("app_1", "secret_1");
    let client = cashfree::Client::builder(cashfree::Environment::Sandbox, credentials)
        .transport(service.clone())
        .idempotency(cashfree::Idempotency::Off)
        .build()?;
    let error = failure(client.raw().call::<Value>(Method::DELETE, "/new/things/1").await)?;
    assert_eq!((error.attempts(), error.effect()), (1, Effect::Unknown));
    assert_eq!(error.operation(), "raw DELETE");
    Ok(())
}

#[tokio::test]
async fn a_known_path_is_called_as_its_operation() -> Result<()> {
    let service = Canned::default();
    let raw = service.client()?.raw();
    service.respond(200, crate::NAMED);
    let order = raw.call::<cashfree::types::Order>(Method::GET, "/orders/order_1").await?;
    assert_eq!(order.order_id, "order_1");
    service.taken();

    // The open operations get no credentials and are not repeated, whatever is said.
    service.respond(503, "");
    let pay = raw.clone().reads().call_with::<Value, _>(Method::POST, "/orders/sessions", &json!({}));
    let error = failure(pay.await)?;
    assert_eq!((error.operation(), error.effect()), ("PGPayOrder", Effect::Unknown));
    let request = service.only()?;
    assert!(crate::CREDENTIAL_HEADERS.iter().all(|name| !request.headers().contains_key(*name)));
    Ok(())
}

#[tokio::test]
async fn a_path_cannot_leave_the_base_url() -> Result<()> {
    let service = Canned::default();
    let raw = service.client()?.raw();
    for path in [
        "",
        "orders",
        "https://other.example/pg/orders",
        "//other.example/orders",
        "@other.example/orders",
        ".other.example/orders",
        "/../payout/transfers",
        "/a/%2e%2E/b",
        "/a/..%2fb",
        "/a\\..\\b",
        "/a b",
        "/a#b",
        "/a\r\nx-client-id: b",
        "/orders/..;/b",
        "/orders/order_1;x=1",
        "/orders/a%2Fb",
        "/orders/%252e%252e/b",
        "/orders/a%00",
    ] {
        let error = failure(raw.call::<Value>(Method::GET, path).await)?;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Request, Effect::NotSent), "{path}: {error}");
    }
    let error = failure(raw.call::<Value>(Method::TRACE, "/orders").await)?;
    assert_eq!(error.kind(), ErrorKind::Request, "{error}");
    let unwritable = std::collections::BTreeMap::from([(vec![1], 1)]);
    let error = failure(raw.call_with::<Value, _>(Method::POST, "/new", &unwritable).await)?;
    assert_eq!(error.kind(), ErrorKind::Request, "{error}");
    assert!(service.taken().is_empty());
    Ok(())
}
