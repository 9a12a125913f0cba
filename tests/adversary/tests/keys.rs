//! Idempotency keys, and what holds without them.

use std::time::Duration;

use adversary::{Change, Commit, Failure, Fault, InFlight, KeyRules, Lifetime, Requests, Scheme, Scope};
use serde_json::json;

use crate::raw::{ORDER, Raw, ask, create, paid, start};

#[tokio::test]
async fn identity_and_lifecycle_are_enforced_without_keys() {
    let service = start(|_| {}).await;
    paid(&service, "held", true).await;
    let capture = r#"{"action":"CAPTURE","amount":80}"#;
    let first = ask(&service, "POST", "/orders/held/authorization", &[], capture).await.unwrap();
    assert_eq!((first.status, &first.body["authorization"]["action"]), (200, &json!("CAPTURE")));
    let second =
        ask(&service, "POST", "/orders/held/authorization", &[], r#"{"action":"VOID"}"#).await.unwrap();
    assert!(matches!(second.status, 400 | 409), "{second:?}");
    let refund = r#"{"refund_id":"r1","refund_amount":10}"#;
    for _ in 0..3 {
        ask(&service, "POST", "/orders/held/refunds", &[], refund).await.unwrap();
    }
    let cancel = r#"{"refund_status":"CANCELLED"}"#;
    for _ in 0..2 {
        ask(&service, "PUT", "/orders/held/refunds/r1", &[], cancel).await.unwrap();
    }
    let read = ask(&service, "GET", "/orders/held/refunds/r1", &[], "").await.unwrap();
    assert_eq!(read.body["refund_status"], "CANCELLED");
    for (path, body) in [
        ("/links", r#"{"link_id":"l","link_amount":5}"#),
        ("/plans", r#"{"plan_id":"p","plan_max_amount":5}"#),
        ("/subscriptions", r#"{"subscription_id":"s","plan_details":{"plan_amount":5}}"#),
    ] {
        assert_eq!(ask(&service, "POST", path, &[], body).await.unwrap().status, 200, "{path}");
        let again = ask(&service, "POST", path, &[], body).await.unwrap();
        assert!(matches!(again.status, 400 | 409), "{path}: {again:?}");
        assert!(again.body["code"].as_str().unwrap().ends_with("_already_exists"), "{again:?}");
    }
    for path in [
        "/easy-split/vendors/v/transfer",
        "/easy-split/vendors/v/adjustment",
        "/easy-split/orders/held/split",
    ] {
        for _ in 0..2 {
            assert_eq!(ask(&service, "POST", path, &[], "{}").await.unwrap().status, 200);
        }
    }
    assert_eq!(ask(&service, "POST", "/links/l/cancel", &[], "").await.unwrap().status, 200);
    assert_ne!(ask(&service, "POST", "/links/l/cancel", &[], "").await.unwrap().status, 200);
    assert_eq!(
        ask(&service, "PATCH", "/orders/held", &[], "{}").await.unwrap().body["code"],
        "order_inactive"
    );
    let ledger = service.settled().await;
    let counted = |change| ledger.of(change).len();
    use Change::*;
    for change in
        [OrderCreated, PaymentMade, Captured, RefundCreated, RefundCancelled, LinkCreated, LinkCancelled]
    {
        assert_eq!(counted(change), 1, "{change:?}");
    }
    for change in [PlanCreated, SubscriptionCreated] {
        assert_eq!(counted(change), 1, "{change:?}");
    }
    for change in [Transferred, Adjusted, Split] {
        assert_eq!(counted(change), 2, "{change:?}: only a key protects it");
    }
    assert_eq!((counted(Voided), counted(OrderTerminated)), (0, 0));
    assert_eq!(ledger.of(Captured)[0].merchant, "m");
}

#[tokio::test]
async fn a_key_returns_the_stored_response_and_refuses_another_body() {
    let service = start(|_| {}).await;
    let first = create(&service, "k", ORDER).await.unwrap();
    let again = create(&service, "k", ORDER).await.unwrap();
    assert_eq!((first.body, 200), (again.body, again.status));
    assert!(again.head.contains("x-idempotency-replayed: true") && again.head.contains("x-request-id: k"));
    let other = create(&service, "k", &ORDER.replace("o1", "o2")).await.unwrap();
    assert_eq!((other.status, &other.body["type"]), (422, &json!("idempotency_error")));
    assert_eq!(service.settled().await.entries().len(), 1);
    assert_eq!(service.arrivals().len(), 3);
}

#[tokio::test]
async fn two_requests_in_flight_do_what_the_rule_says() {
    let nameless = ORDER.replace(r#""order_id":"o1","#, "");
    for (rule, statuses, orders) in
        [(InFlight::Wait, [200, 200], 1), (InFlight::Act, [200, 200], 2), (InFlight::Refuse, [200, 409], 1)]
    {
        let service = start(|profile| {
            profile.keys.in_flight = rule;
            profile.latency = Duration::from_millis(50);
        })
        .await;
        let second = async {
            tokio::time::sleep(Duration::from_millis(15)).await;
            create(&service, "k", &nameless).await.unwrap().status
        };
        let (first, second) = tokio::join!(create(&service, "k", &nameless), second);
        assert_eq!([first.unwrap().status, second], statuses, "{rule:?}");
        assert_eq!(service.settled().await.entries().len(), orders, "{rule:?}");
    }
}

#[tokio::test]
async fn keys_are_forgotten_and_ignored_as_the_rules_say() {
    let transfer = "/easy-split/vendors/v/transfer";
    let key = ("x-idempotency-key", "k");
    let rules = |keys: KeyRules, lifetime, ignored| KeyRules { lifetime, ignored, ..keys };
    for (lifetime, ignored, transfers) in [
        (Lifetime::Forever, vec![], 1),
        (Lifetime::Requests(0), vec![], 2),
        (Lifetime::Requests(9), vec![], 1),
        (Lifetime::Time(Duration::ZERO), vec![], 2),
        (Lifetime::Forever, vec![Requests::Method("PATCH")], 1),
        (Lifetime::Forever, vec![Requests::Method("POST")], 2),
        (Lifetime::Forever, vec![Requests::Scheme(Scheme::Secret)], 2),
        (Lifetime::Forever, vec![Requests::Scheme(Scheme::Partner)], 1),
        (Lifetime::Forever, vec![Requests::Endpoint("transfer")], 2),
        (Lifetime::Forever, vec![Requests::Merchant("m".to_owned())], 2),
        (Lifetime::Forever, vec![Requests::Merchant("n".to_owned())], 1),
    ] {
        let shown = format!("{lifetime:?} {ignored:?}");
        let service = start(|profile| profile.keys = rules(profile.keys.clone(), lifetime, ignored)).await;
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            assert_eq!(ask(&service, "POST", transfer, &[key], "{}").await.unwrap().status, 200);
        }
        assert_eq!(service.settled().await.of(Change::Transferred).len(), transfers, "{shown}");
    }
}

#[tokio::test]
async fn a_key_may_reach_beyond_its_operation() {
    let service = start(|profile| {
        profile.keys.scope = Scope::Merchant;
        profile.keys.compares_bodies = false;
    })
    .await;
    paid(&service, "o1", false).await;
    let refund = r#"{"refund_id":"r1","refund_amount":1}"#;
    // `paid` uses the id of the order as its key.
    let got =
        ask(&service, "POST", "/orders/o1/refunds", &[("x-idempotency-key", "o1")], refund).await.unwrap();
    assert_eq!((got.status, &got.body["entity"]), (200, &json!("order")));
    assert_eq!(service.settled().await.of(Change::RefundCreated).len(), 0);
}

#[tokio::test]
async fn failures_are_stored_if_the_service_says_so() {
    for (stores, status, orders) in [(true, 500, 0), (false, 200, 1)] {
        let service = start(|profile| profile.keys.stores_failures = stores).await;
        let failure = Failure::json(500, "api_error", "internal_error");
        service.script("POST", "orders", Fault::Fail(failure, Commit::Never), 1);
        assert_eq!(create(&service, "k", ORDER).await.unwrap().status, 500);
        assert_eq!(create(&service, "k", ORDER).await.unwrap().status, status);
        assert_eq!(service.settled().await.entries().len(), orders);
    }
}

#[tokio::test]
async fn without_credentials_nothing_happens() {
    let service = start(|_| {}).await;
    let got = Raw::open(&service).await.ask("POST", "/orders", &[], ORDER).await.unwrap();
    assert_eq!((got.status, &got.body["type"]), (401, &json!("authentication_error")));
    assert!(service.settled().await.entries().is_empty());
}
