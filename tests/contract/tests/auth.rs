//! Who calls: each scheme sends its own two headers and nothing else, to the operations that take them;
//! an operation without credentials gets none, and what can't be sent is refused before anything is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use cashfree::testing::MockTransport;
use cashfree::types::{CardChannel, CreateRefund, PayOrder, UpdateOrderExtendedData};
use cashfree::{
    AuthScheme, BoxError, Client, Credentials, Effect, Error, ErrorKind, Secret, SignatureProvider,
};
use cashfree_sandbox::{Fault, RecordedRequest, Sandbox};
use http::{HeaderName, HeaderValue};

use crate::{CREDENTIAL_HEADERS, Shop, amount, card, client_of, collect, failure, merchant, order, session};

/// The credential headers of a request.
fn shown(request: &RecordedRequest) -> BTreeMap<&str, &str> {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    headers.filter(|(name, _)| CREDENTIAL_HEADERS.contains(name)).collect()
}

/// Credentials, and the headers that they must be sent as.
type Scheme<'a> = (Credentials, AuthScheme, [(&'static str, &'a str); 2]);

/// Every scheme, with what the sandbox knows.
fn schemes(sandbox: &Sandbox) -> [Scheme<'_>; 4] {
    let id = ("x-client-id", sandbox.client_id());
    let key = ("x-partner-apikey", sandbox.partner_api_key());
    let signature = Secret::from(sandbox.client_signature());
    [
        (
            Credentials::client_secret(id.1, sandbox.client_secret()),
            AuthScheme::ClientSecret,
            [id, ("x-client-secret", sandbox.client_secret())],
        ),
        (
            Credentials::client_signature(id.1, signature),
            AuthScheme::ClientSignature,
            [id, ("x-client-signature", sandbox.client_signature())],
        ),
        (Credentials::partner_for_client(key.1, id.1), AuthScheme::PartnerClient, [id, key]),
        (
            Credentials::partner_for_merchant(key.1, sandbox.merchant_id()),
            AuthScheme::PartnerMerchant,
            [key, ("x-partner-merchantid", sandbox.merchant_id())],
        ),
    ]
}

/// Calls of orders, payments and refunds that need credentials.
async fn closed(client: &Client) -> Result<Vec<(&'static str, Result<(), Error>)>> {
    let (orders, payments, refunds) = (client.orders(), client.payments(), client.refunds());
    Ok(vec![
        ("PGCreateOrder", orders.create(order("order_1", "5")?).await.map(drop)),
        ("PGFetchOrder", orders.get("order_1").await.map(drop)),
        ("PGFetchOrderExtendedData", orders.get_extended("order_1").await.map(drop)),
        (
            "PGUpdateOrderExtendedData",
            orders.update_extended("order_1", UpdateOrderExtendedData::new()).await.map(drop),
        ),
        ("PGTerminateOrder", orders.terminate("order_1").await.map(drop)),
        ("PGOrderFetchPayments", payments.list("order_1").await.map(drop)),
        ("PGOrderFetchPayment", payments.get("order_1", "7").await.map(drop)),
        ("PGAuthorizeOrder", client.preauth().void("order_1").await.map(drop)),
        (
            "PGOrderCreateRefund",
            refunds.create("order_1", CreateRefund::new(amount("1")?, "refund_1")).await.map(drop),
        ),
        ("PGOrderFetchRefunds", refunds.list("order_1").await.map(drop)),
        ("PGOrderFetchRefund", refunds.get("order_1", "refund_1").await.map(drop)),
        ("PGOrderUpdateRefund", refunds.cancel("order_1", "refund_1").await.map(drop)),
    ])
}

#[tokio::test]
async fn each_scheme_sends_its_own_headers_to_each_closed_operation() -> Result<()> {
    for nth in 0..4 {
        let shop = Shop::open().await?;
        let (credentials, scheme, headers) = schemes(&shop.sandbox)[nth].clone();
        assert_eq!(credentials.scheme(), scheme);
        let client = client_of(&shop.sandbox, credentials, |client| client)?;
        let calls = closed(&client).await?;
        let accepted =
            |result: &Result<(), Error>| result.as_ref().err().is_none_or(|error| !error.is_auth());
        for (operation, result) in &calls {
            assert!(accepted(result), "{scheme:?} {operation}: {result:?}");
            assert_eq!(shown(&shop.only(operation)?), BTreeMap::from(headers), "{scheme:?} {operation}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_operation_without_credentials_gets_none() -> Result<()> {
    let shop = Shop::open().await?;
    let held = schemes(&shop.sandbox).map(|(credentials, ..)| credentials);
    for (nth, credentials) in held.into_iter().chain([Credentials::unauthenticated()]).enumerate() {
        let order = shop.order(&format!("order_{nth}"), "5").await?;
        let client = client_of(&shop.sandbox, credentials.clone(), |client| client)?;
        let begun = client.payments().pay(PayOrder::new(session(&order)?, card(CardChannel::Post))).await?;
        let id = begun.cf_payment_id.clone().context("an id")?;
        client.payments().resend_otp(id.clone()).await?;
        // Credentials given to the call itself change nothing.
        client.payments().submit_otp(id, shop.sandbox.otp()).credentials(credentials).await?;
    }
    let open: Vec<RecordedRequest> = ["PGPayOrder", "PGOrderAuthenticatePayment"]
        .into_iter()
        .flat_map(|operation| shop.sandbox.requests_of(operation))
        .collect();
    assert_eq!(open.len(), 15);
    assert!(open.iter().all(|request| shown(request).is_empty()));
    assert!(shop.sandbox.credentials_leaked().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_unsupported_combination_of_credentials_sends_nothing() -> Result<()> {
    let shop = Shop::open().await?;
    let nobody = client_of(&shop.sandbox, Credentials::unauthenticated(), |client| client)?;
    for (operation, result) in closed(&nobody).await? {
        let error = result.err().context(operation)?;
        assert_eq!(error.operation(), operation);
        assert!(error.is_auth_unsupported() && error.is_auth(), "{error:?}");
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Auth, Effect::NotSent));
        assert_eq!((error.attempts(), error.status(), error.request_id()), (0, None, None));
        assert!(!error.is_retryable());
    }
    assert!(shop.sandbox.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_wrong_secret_is_refused_by_the_service() -> Result<()> {
    let shop = Shop::open().await?;
    let wrong = Credentials::client_secret(shop.sandbox.client_id(), "not-the-secret");
    let error = failure(shop.client.orders().create(order("order_1", "5")?).credentials(wrong).await)?;
    assert!(error.is_auth() && !error.is_auth_unsupported(), "{error:?}");
    assert_eq!((error.status().map(|status| status.as_u16()), error.attempts()), (Some(401), 1));
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Api, Effect::Refused));
    assert_eq!(error.api().and_then(|api| api.error_type.as_deref()), Some("authentication_error"));
    assert!(error.api().is_some_and(|api| api.help.is_none()));
    assert!(!error.is_retryable());
    assert!(shop.sandbox.committed().is_empty());
    Ok(())
}

/// Signs each attempt differently; the chosen one signs correctly.
struct Numbered {
    asked: Arc<AtomicUsize>,
    right: usize,
    signature: &'static str,
}

impl SignatureProvider for Numbered {
    fn sign(&self, client_id: &str) -> Result<Secret, BoxError> {
        assert_eq!(client_id, "TEST_sandbox_client_id");
        let nth = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(if nth == self.right { self.signature.into() } else { format!("signature {nth}").into() })
    }
}

#[tokio::test]
async fn a_signature_is_requested_for_each_attempt() -> Result<()> {
    let shop = Shop::open().await?;
    let asked = Arc::new(AtomicUsize::new(0));
    let numbered =
        Numbered { asked: Arc::clone(&asked), right: 3, signature: shop.sandbox.client_signature() };
    let credentials = Credentials::client_signature(shop.sandbox.client_id(), numbered);
    let client = client_of(&shop.sandbox, credentials, |client| client)?;
    shop.sandbox.script(Fault::DropBeforeRead, "PGCreateOrder", 2);
    let call = client.orders().create(order("order_1", "5")?);
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nothing is signed before it is sent");
    let created = call.await?;
    assert_eq!((created.meta().attempts(), asked.load(Ordering::Relaxed)), (3, 3));
    let sent = shop.sandbox.requests_of("PGCreateOrder");
    let signatures: Vec<_> = sent.iter().filter_map(|request| request.header("x-client-signature")).collect();
    assert_eq!(signatures, ["signature 1", "signature 2", shop.sandbox.client_signature()]);
    client.payments().pay(PayOrder::new(session(&created)?, collect("testsuccess"))).await?;
    assert_eq!(asked.load(Ordering::Relaxed), 3, "nothing is signed for an open operation");
    Ok(())
}

/// Signs so many times, then can't.
struct Tired(AtomicUsize, &'static str);

impl SignatureProvider for Tired {
    fn sign(&self, _client_id: &str) -> Result<Secret, BoxError> {
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(|_| self.1.into()).map_err(|_| "the signing service is away".into())
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_signed_is_not_sent() -> Result<()> {
    let shop = Shop::open().await?;
    let after = |signatures| {
        let tired = Tired(AtomicUsize::new(signatures), shop.sandbox.client_signature());
        Credentials::client_signature(shop.sandbox.client_id(), tired)
    };
    let error = failure(shop.client.orders().create(order("order_1", "5")?).credentials(after(0)).await)?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Auth, Effect::NotSent));
    assert!(!error.is_auth_unsupported());
    assert_eq!((error.attempts(), error.request_id()), (0, None));
    let source = std::error::Error::source(&error).context("the provider's own error")?;
    assert!(source.to_string().contains("the signing service is away"));
    assert!(shop.sandbox.requests().is_empty());

    // The first attempt left and may have done its work: the failure to sign a second one doesn't hide it.
    shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
    let error = failure(shop.client.orders().create(order("order_1", "5")?).credentials(after(1)).await)?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Auth, Effect::Unknown));
    assert_eq!(error.attempts(), 1);
    assert!(error.idempotency_key().is_some());
    assert_eq!(shop.sandbox.requests().len(), 1);
    Ok(())
}

#[tokio::test]
async fn every_request_has_the_credentials_of_its_call() -> Result<()> {
    let shop = Shop::open().await?;
    let for_merchant = |merchant: &str| Credentials::partner_for_merchant("key", merchant);
    let (first, second) = (
        shop.client.with_credentials(for_merchant("merchant_1")),
        shop.client.with_credentials(for_merchant("merchant_2")),
    );
    for client in [&first, &second, &shop.client, &first] {
        // Strangers are refused; what they sent is what counts here.
        let _ = client.orders().get("order_1").await;
    }
    let _ = first.orders().get("order_1").credentials(for_merchant("merchant_3")).await;
    let _ = first.orders().get("order_1").await;
    let names: Vec<String> = shop
        .sandbox
        .requests()
        .iter()
        .map(|request| shown(request).values().copied().collect::<Vec<_>>().join(" "))
        .collect();
    let own = format!("{} {}", shop.sandbox.client_id(), shop.sandbox.client_secret());
    assert_eq!(
        names,
        ["key merchant_1", "key merchant_2", &own, "key merchant_1", "key merchant_3", "key merchant_1"]
    );
    Ok(())
}

#[tokio::test]
async fn invalid_header_values_are_neither_sent_nor_shown() -> Result<()> {
    let shop = Shop::open().await?;
    let id = shop.sandbox.client_id();
    for broken in [
        Credentials::client_secret(id, "S3CRET\nx-injected: 1"),
        Credentials::client_secret("S3CRET\r\nx-injected: 1", "secret"),
        Credentials::client_signature(id, Secret::from("S3CRET\0")),
        Credentials::client_signature(id, Secret::from("")),
        Credentials::partner_for_client("S3CRET\n", id),
        Credentials::partner_for_merchant("key", "S3CRET\n"),
    ] {
        let client = shop.client.with_credentials(broken);
        let error = failure(client.orders().create(order("order_1", "5")?).await)?;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Auth, Effect::NotSent));
        let mut shown = format!("{error} {error:?} {error:#?}");
        let mut source = std::error::Error::source(&error);
        while let Some(deeper) = source {
            shown.push_str(&format!("{deeper} {deeper:?}"));
            source = deeper.source();
        }
        assert!(!shown.contains("S3CRET"), "{shown}");
    }
    assert!(shop.sandbox.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn empty_credentials_are_a_config_error() -> Result<()> {
    let sandbox = Sandbox::start().await?;
    for empty in [
        Credentials::client_secret("id", ""),
        Credentials::client_secret("", "secret"),
        Credentials::client_signature("", Secret::from("signature")),
        Credentials::partner_for_client("", "id"),
        Credentials::partner_for_client("key", ""),
        Credentials::partner_for_merchant("", "merchant"),
        Credentials::partner_for_merchant("key", ""),
    ] {
        let shown = format!("{empty:?}");
        assert!(client_of(&sandbox, empty, |client| client).is_err(), "{shown}");
    }
    assert!(client_of(&sandbox, merchant(&sandbox), |client| client).is_ok());
    Ok(())
}

#[tokio::test]
async fn a_header_of_the_client_cannot_be_set() -> Result<()> {
    let shop = Shop::open().await?;
    let reserved = ["x-api-version", "x-idempotency-key", "x-request-id", "host", "content-length"];
    for name in CREDENTIAL_HEADERS.into_iter().chain(reserved) {
        let header = HeaderName::from_bytes(name.as_bytes())?;
        let call = shop.client.orders().get("order_1").header(header, HeaderValue::from_static("S3CRET"));
        let error = failure(call.await)?;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Request, Effect::NotSent), "{name}");
        let shown = format!("{error}");
        assert!(shown.contains(name) && !shown.contains("S3CRET"), "{shown}");
    }
    assert!(shop.sandbox.requests().is_empty());
    let own = HeaderName::from_static("x-trace");
    let call = shop.client.orders().get("order_1").header(own.clone(), HeaderValue::from_static("one"));
    let _ = call.header(own, HeaderValue::from_static("two")).await;
    let request = shop.only("PGFetchOrder")?;
    let traces: Vec<&str> = request
        .headers
        .iter()
        .filter(|(name, _)| name == "x-trace")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(traces, ["one", "two"]);
    Ok(())
}

#[tokio::test]
async fn a_401_hints_at_credentials_of_the_other_environment() -> Result<()> {
    use cashfree::Environment::{Production, Sandbox};
    let refusal =
        serde_json::json!({"code": "request_failed", "type": "authentication_error", "message": "no"});
    let ours = "the environment is production";
    for (environment, id, secret, status, hint) in [
        (Production, "TEST123", "marked-secret", 401, Some(ours)),
        (Production, "123", "cfsk_ma_test_marked", 401, Some(ours)),
        (Sandbox, "123", "cfsk_ma_prod_marked", 401, Some("the environment is the sandbox")),
        // Only the service knows: no other status is a matter of credentials.
        (Production, "TEST123", "cfsk_ma_test_marked", 404, None),
        (Production, "TEST123", "cfsk_ma_test_marked", 403, None),
        (Production, "123", "cfsk_ma_prod_marked", 401, None),
        (Sandbox, "TEST123", "cfsk_ma_test_marked", 401, None),
    ] {
        let mock = MockTransport::new();
        mock.on("PGFetchOrder").respond(status, refusal.clone());
        let credentials = Credentials::client_secret(id, secret);
        let client = Client::builder(environment.clone(), credentials).transport(mock).build()?;
        let error = failure(client.orders().get("order_1").await)?;
        for text in [error.to_string(), format!("{error:?}")] {
            assert_eq!(text.contains("the environment is"), hint.is_some(), "{text}");
            assert!(text.contains(hint.unwrap_or_default()) && !text.contains("marked"), "{text}");
        }
    }
    Ok(())
}
