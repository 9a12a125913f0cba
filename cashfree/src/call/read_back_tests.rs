//! Reading back a write, against a scripted transport.

use super::tests::{CONFLICT, DROPPED, JSON, MISSING, READ, Step, nameless, order, scripted};
use crate::{Client, Effect, ErrorKind, IdempotencyKey, RetryPolicy};

#[tokio::test]
async fn a_write_that_won_is_read_back() {
    let (client, script, _) = scripted([DROPPED, CONFLICT, READ]);
    let order = client.orders().create(order()).await.unwrap();
    assert!(order.meta().read_back());
    assert_eq!(order.meta().attempts(), 2);
    assert_eq!(order.order_status, crate::types::OrderStatus::Paid);
    let sent = script.sent.lock().unwrap();
    let (read, _) = &sent[2];
    assert_eq!((read.method().as_str(), read.uri().path()), ("GET", "/pg/orders/order_1"));
    assert_eq!(read.headers()["x-client-secret"], sent[0].0.headers()["x-client-secret"]);
    assert_eq!(read.headers()["x-request-id"], sent[0].0.headers()["x-request-id"]);
    assert!(!read.headers().contains_key("x-idempotency-key") && read.body().is_empty());
}

#[tokio::test]
async fn a_read_back_is_as_patient_as_the_call() {
    const BUSY: Step = Ok((503, &[], ""));
    let (client, script, _) = scripted([DROPPED, CONFLICT, BUSY, DROPPED, READ]);
    assert!(client.orders().create(order()).await.unwrap().meta().read_back());
    assert_eq!(script.sent.lock().unwrap().len(), 5);

    let (client, _, _) = scripted([DROPPED, CONFLICT, BUSY, BUSY, BUSY]);
    let error = client.orders().create(order()).await.unwrap_err();
    assert_eq!((error.effect(), error.is_conflict(), error.attempts()), (Effect::Unknown, true, 2));
}

#[tokio::test]
async fn what_another_call_made_is_not_taken_for_ones_own() {
    let other: Step = Ok((200, JSON, r#"{"order_id":"order_1","order_amount":1,"order_currency":"INR"}"#));
    let (client, _, _) = scripted([DROPPED, CONFLICT, other]);
    let error = client.orders().create(order()).await.unwrap_err();
    assert_eq!(
        (error.effect(), error.differing_fields()),
        (Effect::Unknown, &["order_amount".to_owned()][..]),
        "the service may show an amount in its own way"
    );
    assert!(error.is_conflict() && error.to_string().contains("differs in order_amount"), "{error}");

    let phone: Step = Ok((
        200,
        JSON,
        r#"{"order_id":"order_1","cf_order_id":"1","order_amount":499,"order_currency":"INR",
            "customer_details":{"customer_phone":"+919999999999"}}"#,
    ));
    let (client, _, _) = scripted([DROPPED, CONFLICT, phone]);
    let error = client.orders().create(order()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown, "the service may write it in its own way");
    assert_eq!(error.differing_fields(), ["customer_details.customer_phone"]);
    assert!(!format!("{error} {error:?}").contains("9999999999"));
}

#[tokio::test]
async fn only_what_may_be_its_own_is_looked_for() {
    // No attempt was lost.
    let (client, script, _) = scripted([CONFLICT]);
    assert_eq!(client.orders().create(order()).await.unwrap_err().effect(), Effect::Refused);
    assert_eq!(script.sent.lock().unwrap().len(), 1);
    // The service names it, so it cannot be found, and is retried only where keys are trusted.
    let (client, script, _) = scripted([DROPPED, CONFLICT]);
    let policy = RetryPolicy::standard().trust_keys();
    let error = client.orders().create(nameless()).retry(policy).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    assert_eq!(script.sent.lock().unwrap().len(), 2);
    // Nothing says that it exists.
    let refusal: Step = Ok((400, JSON, r#"{"code":"order_amount_invalid"}"#));
    let (client, script, _) = scripted([DROPPED, refusal]);
    assert_eq!(client.orders().create(order()).await.unwrap_err().effect(), Effect::Unknown);
    assert_eq!(script.sent.lock().unwrap().len(), 2);
    // Some respond with 400.
    let exists: Step = Ok((400, JSON, r#"{"code":"order_id_already_exists"}"#));
    let (client, _, _) = scripted([DROPPED, exists, READ]);
    assert!(client.orders().create(order()).await.unwrap().meta().read_back());
}

#[tokio::test]
async fn rule_2_a_call_with_a_given_key_may_continue_another() {
    const USED: Step = Ok((422, JSON, r#"{"code":"request_invalid","type":"idempotency_error"}"#));
    const IN_PROGRESS: Step = Ok((409, JSON, r#"{"code":"request_in_progress"}"#));
    let keyed = |client: &Client| {
        client.orders().create(order()).idempotency_key(IdempotencyKey::derive("order", &["order_1"]))
    };
    for first in [CONFLICT, USED, IN_PROGRESS] {
        let (client, script, _) = scripted([first, MISSING, READ]);
        let found = keyed(&client).await.unwrap();
        assert!(found.meta().read_back());
        assert_eq!(found.meta().attempts(), 1, "it is read on the first attempt");
        assert_eq!(script.sent.lock().unwrap().len(), 3);

        // What differs proves nothing.
        let other: Step =
            Ok((200, JSON, r#"{"order_id":"order_1","order_amount":1,"order_currency":"INR"}"#));
        let policy = RetryPolicy::none();
        let (client, _, _) = scripted([first, other]);
        let error = keyed(&client).retry(policy).await.unwrap_err();
        assert_eq!(
            (error.effect(), error.differing_fields()),
            (Effect::Unknown, &["order_amount".to_owned()][..])
        );
    }
    // A key of this call alone was used by no other.
    let (client, script, _) = scripted([CONFLICT]);
    assert_eq!(client.orders().create(order()).await.unwrap_err().effect(), Effect::Refused);
    assert_eq!(script.sent.lock().unwrap().len(), 1);
    // A refusal for another reason is one.
    let (client, _, _) = scripted([Ok((400, JSON, r#"{"code":"order_amount_invalid"}"#))]);
    assert_eq!(keyed(&client).await.unwrap_err().effect(), Effect::Refused);
}

#[tokio::test]
async fn rule_3_read_back_never_lowers_applied_and_names_what_has_ended() {
    let odd: Step = Ok((200, JSON, r#"{"order_id":"order_1","order_amount":[]}"#));
    let (client, _, _) = scripted([odd]);
    let error = client.orders().create(order()).await.unwrap_err();
    assert_eq!((error.effect(), error.kind()), (Effect::Applied, ErrorKind::Decode));

    let ended: Step = Ok((
        200,
        JSON,
        r#"{"order_id":"order_1","order_amount":499,"order_currency":"INR","order_status":"TERMINATED"}"#,
    ));
    let (client, _, _) = scripted([DROPPED, CONFLICT, ended]);
    let error = client.orders().create(order()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    assert!(error.to_string().contains("the existing object has order_status TERMINATED"), "{error}");
}
