//! Identifiers in the path: each arrives as it was given, at the operation that was meant, or nothing is
//! sent.

use anyhow::{Context, Result};
use cashfree::types::CreateRefund;
use cashfree::{Effect, Error, ErrorKind};
use cashfree_sandbox::Sandbox;

use crate::{Shop, amount, failure, order};

/// Identifiers that try to leave their place.
const SENT: [(&str, &str); 22] = [
    ("/", "%2F"),
    ("a/b", "a%2Fb"),
    ("/payments", "%2Fpayments"),
    ("../order_2", "..%2Forder_2"),
    ("..%2f", "..%252f"),
    ("...", "..."),
    (".a", ".a"),
    ("%", "%25"),
    ("%2F", "%252F"),
    ("%2e%2e", "%252e%252e"),
    ("%00", "%2500"),
    ("a b", "a%20b"),
    (" ", "%20"),
    ("+", "%2B"),
    ("?x=1", "%3Fx%3D1"),
    ("#f", "%23f"),
    ("a;b", "a%3Bb"),
    ("a\\b", "a%5Cb"),
    ("ä€", "%C3%A4%E2%82%AC"),
    ("\n", "%0A"),
    ("\t\r", "%09%0D"),
    ("//evil.example/", "%2F%2Fevil.example%2F"),
];

/// One call of each operation with this identifier in each of its places.
async fn everywhere(shop: &Shop, id: &str) -> Result<Vec<(&'static str, String, Result<(), Error>)>> {
    let (orders, payments, refunds) = (shop.client.orders(), shop.client.payments(), shop.client.refunds());
    let preauth = shop.client.preauth();
    let refund = CreateRefund::new(amount("1")?, "refund_1");
    let at = |path: &str| format!("/pg{path}");
    Ok(vec![
        ("PGFetchOrder", at("/orders/{}"), orders.get(id).await.map(drop)),
        ("PGTerminateOrder", at("/orders/{}"), orders.terminate(id).await.map(drop)),
        ("PGFetchOrderExtendedData", at("/orders/{}/extended"), orders.get_extended(id).await.map(drop)),
        (
            "PGUpdateOrderExtendedData",
            at("/orders/{}/extended"),
            orders.update_extended(id, Default::default()).await.map(drop),
        ),
        ("PGAuthorizeOrder", at("/orders/{}/authorization"), preauth.void(id).await.map(drop)),
        ("PGOrderFetchPayments", at("/orders/{}/payments"), payments.list(id).await.map(drop)),
        ("PGOrderFetchPayment", at("/orders/{}/payments/7"), payments.get(id, "7").await.map(drop)),
        (
            "PGOrderFetchPayment",
            at("/orders/order_1/payments/{}"),
            payments.get("order_1", id).await.map(drop),
        ),
        (
            "PGOrderAuthenticatePayment",
            at("/orders/pay/authenticate/{}"),
            payments.submit_otp(id, "111000").await.map(drop),
        ),
        ("PGOrderCreateRefund", at("/orders/{}/refunds"), refunds.create(id, refund).await.map(drop)),
        ("PGOrderFetchRefunds", at("/orders/{}/refunds"), refunds.list(id).await.map(drop)),
        ("PGOrderFetchRefund", at("/orders/{}/refunds/r"), refunds.get(id, "r").await.map(drop)),
        ("PGOrderFetchRefund", at("/orders/order_1/refunds/{}"), refunds.get("order_1", id).await.map(drop)),
        (
            "PGOrderUpdateRefund",
            at("/orders/order_1/refunds/{}"),
            refunds.cancel("order_1", id).await.map(drop),
        ),
    ])
}

#[tokio::test]
async fn an_identifier_arrives_as_it_was_given() -> Result<()> {
    let limits = Sandbox::builder().rate_limit("PGOrderFetchRefund", 1000);
    let shop = Shop::with(limits, |client| client).await?;
    for (id, encoded) in SENT {
        shop.sandbox.clear_requests();
        let calls = everywhere(&shop, id).await?;
        let requests = shop.sandbox.requests();
        assert_eq!(requests.len(), calls.len(), "{id:?}");
        for ((operation, template, result), request) in calls.iter().zip(&requests) {
            assert_eq!(request.operation_id.as_deref(), Some(*operation), "{id:?}");
            assert_eq!(request.path, template.replace("{}", encoded), "{id:?}");
            assert_eq!(request.query, None, "{id:?}");
            let status = result.as_ref().err().and_then(Error::status).map(|status| status.as_u16());
            assert!(matches!(status, Some(400 | 404)), "{operation} {id:?}: {result:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_identifier_names_one_order_only() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    for (id, _) in SENT {
        // None of them is an order id, so there is nothing to find either.
        let error = failure(shop.client.orders().create(order(id, "7")?).await)?;
        assert_eq!(error.status().map(|status| status.as_u16()), Some(400), "{id:?}: {error:?}");
        let error = failure(shop.client.orders().get(id).await)?;
        assert_eq!(error.status().map(|status| status.as_u16()), Some(404), "{id:?}: {error:?}");
    }
    for id in ["order-1", "Order_1", "order_10", "---"] {
        let created = shop.order(id, "7").await?;
        assert_eq!(created.order_id, id);
        let found = shop.client.orders().get(id).await?;
        assert_eq!(found.cf_order_id, created.cf_order_id, "{id:?}");
        assert!(shop.client.payments().list(id).await?.is_empty());
    }
    assert!(shop.client.orders().get("order_1").await.is_ok());
    Ok(())
}

#[tokio::test]
async fn what_would_lead_elsewhere_is_not_sent() -> Result<()> {
    let shop = Shop::open().await?;
    for id in ["", ".", ".."] {
        for (operation, _, result) in everywhere(&shop, id).await? {
            let error = result.err().context(operation)?;
            assert_eq!(
                (error.kind(), error.effect()),
                (ErrorKind::Request, Effect::NotSent),
                "{id:?} {error:?}"
            );
            assert_eq!((error.operation(), error.attempts(), error.request_id()), (operation, 0, None));
            assert!(!error.is_retryable());
        }
    }
    assert!(shop.sandbox.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_long_identifier_arrives_whole_or_not_at_all() -> Result<()> {
    let shop = Shop::open().await?;
    let long = "é".repeat(2_000);
    let error = failure(shop.client.orders().get(long.as_str()).await)?;
    assert!(error.status().is_some(), "{error:?}");
    let request = shop.only("PGFetchOrder")?;
    assert_eq!(request.path, format!("/pg/orders/{}", "%C3%A9".repeat(2_000)));

    shop.sandbox.clear_requests();
    let endless = "a".repeat(100_000);
    let error = failure(shop.client.orders().get(endless.as_str()).await)?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Request, Effect::NotSent), "{error:?}");
    assert!(format!("{error} {error:?}").len() < 1_000);
    assert!(shop.sandbox.requests().is_empty());
    Ok(())
}
