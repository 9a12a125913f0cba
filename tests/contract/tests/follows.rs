//! What a call says that may follow an earlier one with its key, and what a response says that is not quite its own.

use std::time::Duration;

use anyhow::{Result, ensure};
use cashfree::types::{CreateRefund, MarkForSettlement, MarkForSettlementMetaData, Payment, Refund};
use cashfree::{
    Amount, Client, Credentials, Effect, Environment, Error, ErrorKind, IdempotencyKey, JobStep, Method,
    NextStep, StoredCall,
};
use serde_json::Value;

use crate::canned::Canned;
use crate::{NAMED, failure, order};

const BROKEN: &str = "<p>bad gateway</p>";

/// Refusals that an earlier call can have caused, or that hide what it did.
const REFUSALS: [(u16, &str, &str); 6] = [
    (400, "invalid_request_error", "refund_amount_invalid"),
    (400, "invalid_request_error", "order_authorization_invalid"),
    (400, "idempotency_error", "idempotency_key_mismatch"),
    (401, "authentication_error", "request_failed"),
    (403, "feature_not_enabled", "refund_not_allowed"),
    (404, "invalid_request_error", "order_not_found"),
];

fn said(error_type: &str, code: &str) -> String {
    format!(r#"{{"message":"no","code":"{code}","type":"{error_type}"}}"#)
}

fn refund() -> CreateRefund {
    CreateRefund::new(Amount::rupees(60), "refund_1")
}

fn reads(error: &Error, operation: &str) -> bool {
    matches!(error.next_step(), NextStep::Read(look_up) if look_up.operation().id == operation)
}

#[tokio::test]
async fn a_refusal_of_a_call_that_is_sent_again_is_not_the_end() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    for (status, error_type, code) in REFUSALS {
        // What the advice leads to: an ambiguous call, and another one with its key.
        for _ in 0..3 {
            service.respond(502, BROKEN);
        }
        let lost = failure(client.refunds().create("order_1", refund()).await)?;
        let NextStep::Resend(key) = lost.next_step() else { anyhow::bail!("{lost:?}") };
        service.respond(status, said(error_type, code));
        let call = client.refunds().create("order_1", refund()).idempotency_key(key);
        let refused = failure(call.await)?;
        assert_eq!(refused.effect(), Effect::Refused, "{code}: this call changed nothing");
        ensure!(reads(&refused, "PGOrderFetchRefund"), "{code}: {:?}", refused.next_step());
        assert_eq!(refused.job_step(1), JobStep::DeadLetter, "{code}");
    }
    // A key of its own excludes an earlier call. A key of the caller's does not, even where only the key protects it.
    service.respond(400, said("invalid_request_error", "refund_amount_invalid"));
    let refused = failure(client.refunds().create("order_1", refund()).await)?;
    assert_eq!((refused.effect(), refused.next_step()), (Effect::Refused, NextStep::Nothing));
    service.respond(400, said("invalid_request_error", "customer_phone_invalid"));
    let call = client.customers().create(cashfree::types::CreateCustomer::new("9999999999"));
    let refused = failure(call.idempotency_key(IdempotencyKey::random()).await)?;
    assert_eq!(refused.next_step(), NextStep::AskPerson);
    Ok(())
}

/// Where the service may have begun before it refused, and only a key protects the write, the same call is not advised.
#[tokio::test]
async fn a_429_that_reports_a_failure_invites_nobody_to_pay_again() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    service.respond(429, said("api_error", "request_failed"));
    let vendor = cashfree::types::CreateCustomer::new("9999999999");
    let error = failure(client.customers().create(vendor).await)?;
    assert_eq!((error.effect(), error.next_step()), (Effect::Unknown, NextStep::AskPerson));
    ensure!(!error.is_retryable() && error.idempotency_key().is_none(), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_page_of_a_proxy_says_nothing_of_an_object() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    for body in ["<h1>Not Found</h1>", r#"{"message":"no Route matched with those values"}"#, ""] {
        service.respond(404, body);
        let error = failure(client.orders().get("order_1").await)?;
        ensure!(!error.is_not_found() && error.suggested_status() == 502, "{body}: {error:?}");
    }
    service.respond(404, said("invalid_request_error", "order_not_found"));
    let error = failure(client.orders().get("order_1").await)?;
    ensure!(error.is_not_found() && error.suggested_status() == 404, "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_refusal_of_a_resumed_call_is_not_the_end() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    for (status, error_type, code) in REFUSALS {
        let stored: Vec<(StoredCall, &str)> = vec![
            (client.refunds().create("order_1", refund()).to_stored()?, "PGOrderFetchRefund"),
            // Even where only the key protects it: the program has sent it again.
            (client.orders().terminate("order_1").to_stored()?, "PGFetchOrder"),
        ];
        for (stored, read) in stored {
            service.respond(status, said(error_type, code));
            let refused = failure(client.resume::<serde_json::Value>(&stored)?.await)?;
            ensure!(reads(&refused, read), "{code} {stored:?}: {:?}", refused.next_step());
        }
        let customer = cashfree::types::CreateCustomer::new("9999999999");
        let stored = client.customers().create(customer).to_stored()?;
        service.respond(status, said(error_type, code));
        let refused = failure(client.resume::<serde_json::Value>(&stored)?.await)?;
        assert_eq!(refused.next_step(), NextStep::AskPerson, "{code}");
        // A read has no earlier effect.
        let stored = client.orders().get("order_1").to_stored()?;
        service.respond(status, said(error_type, code));
        let refused = failure(client.resume::<serde_json::Value>(&stored)?.await)?;
        assert_eq!(refused.next_step(), NextStep::Nothing, "{code}");
    }
    Ok(())
}

fn payments(authorization: &str) -> String {
    format!(
        r#"[{{"cf_payment_id":"1","order_id":"order_1","payment_amount":100.00,"payment_currency":"INR",
            "order_amount":100,"order_currency":"INR","payment_status":"SUCCESS","authorization":{authorization}}}]"#
    )
}

/// Two workers send a stored capture at once, and the second is refused, in words that no document gives; or a capture
/// gets a new key after a failure that the service has stored, although it was carried out.
#[tokio::test]
async fn a_capture_that_was_carried_out_is_found_among_the_payments() -> Result<()> {
    for (status, code) in
        [(400, "order_authorization_invalid"), (409, "order_authorization_invalid"), (422, "x"), (404, "x")]
    {
        let service = Canned::default();
        let client = service.client()?;
        let stored = client.preauth().capture("order_1", Amount::rupees(80)).to_stored()?.with_new_key()?;
        let refused = said("invalid_request_error", code);
        service.respond(status, refused.as_str());
        // At first, the read is behind.
        service.respond(200, payments(r#"{"action":null}"#));
        service.respond(200, payments(r#"{"action":"CAPTURE","captured_amount":80.0}"#));
        let captured = client.resume::<Payment>(&stored)?.await?;
        assert!(captured.meta().read_back(), "{status}");
        assert_eq!(captured.payment_amount, Amount::rupees(100));
        let held = captured.authorization.as_ref().and_then(|held| held.captured_amount);
        assert_eq!(held, Some(Amount::rupees(80)));
        let paths: Vec<_> =
            service.taken().iter().map(|(request, _)| request.uri().path().to_owned()).collect();
        assert_eq!(paths.len(), 3, "{paths:?}");
        assert!(paths.ends_with(&["/pg/orders/order_1/payments".to_owned()]), "{paths:?}");

        // What another decision did is not this one's.
        for (other, field) in [
            (r#"{"action":"VOID","captured_amount":null}"#, "action"),
            (r#"{"action":"CAPTURE","captured_amount":20}"#, "amount"),
        ] {
            service.respond(status, refused.as_str());
            service.respond(200, payments(other));
            let error = failure(client.resume::<Payment>(&stored)?.await)?;
            assert_eq!(error.differing_fields(), [field], "{status}");
            ensure!(reads(&error, "PGOrderFetchPayments"), "{status}: {:?}", error.next_step());
        }
    }
    Ok(())
}

/// Bodies of payments whose capture or void was not carried out.
const UNDONE: [(&str, &str); 4] = [
    (
        "CAPTURE",
        r#""is_captured":false,"authorization":{"action":"CAPTURE","status":"FAILED","captured_amount":80}"#,
    ),
    (
        "CAPTURE",
        r#""is_captured":false,"authorization":{"action":"CAPTURE","status":"SUCCESS","captured_amount":80}"#,
    ),
    (
        "VOID",
        r#""is_captured":false,"authorization":{"action":"VOID","status":"FAILED","captured_amount":null}"#,
    ),
    (
        "VOID",
        r#""is_captured":true,"authorization":{"action":"VOID","status":"SUCCESS","captured_amount":null}"#,
    ),
];

fn held(fields: &str) -> String {
    format!(
        r#"{{"cf_payment_id":"1","order_id":"order_1","payment_amount":100.00,"payment_currency":"INR",
            "order_amount":100,"order_currency":"INR","payment_status":"SUCCESS",{fields}}}"#
    )
}

#[tokio::test]
async fn a_decision_that_was_not_carried_out_is_no_success() -> Result<()> {
    for (action, fields) in UNDONE {
        let service = Canned::default();
        // The payments are read while there is time.
        let policy = crate::hasty().max_elapsed(Duration::from_secs(1));
        let credentials = Credentials::client_secret("app_1", "secret_1");
        let client = Client::builder(Environment::Sandbox, credentials)
            .transport(service.clone())
            .retry(policy)
            .build()?;
        let decide = || match action {
            "VOID" => client.preauth().void("order_1"),
            _ => client.preauth().capture("order_1", Amount::rupees(80)),
        };
        let is_open = |error: &Error| {
            assert_eq!(error.effect(), Effect::Unknown, "{fields}: {error}");
            ensure!(reads(error, "PGOrderFetchPayments"), "{fields}: {:?}", error.next_step());
            ensure!(error.to_string().contains("the existing object has "), "{error}");
            Ok(())
        };
        // Found among the payments, after a lost attempt.
        service.respond(502, BROKEN);
        service.respond(400, said("invalid_request_error", "order_authorization_invalid"));
        (0..4).for_each(|_| service.respond(200, format!("[{}]", held(fields))));
        is_open(&failure(decide().await)?)?;

        let service = Canned::default();
        let client = service.client()?;
        let decide = || match action {
            "VOID" => client.preauth().void("order_1"),
            _ => client.preauth().capture("order_1", Amount::rupees(80)),
        };
        service.respond(200, held(fields));
        let error = failure(decide().await)?;
        is_open(&error)?;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{fields}");
        // One that is pending is accepted, and its payment is as before.
        service.respond(200, held(&fields.replace("FAILED", "PENDING").replace("SUCCESS", "PENDING")));
        decide().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_success_without_content_proves_no_write() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    let stored = client.refunds().create("order_1", refund()).to_stored()?;
    let raw = || client.raw().call_with::<Value, _>(Method::POST, "/orders/order_1/refunds", &refund());
    let raw_option =
        || client.raw().call_with::<Option<Refund>, _>(Method::POST, "/orders/order_1/refunds", &refund());
    for status in [200, 202, 204, 205] {
        let respond = |body: &str| (0..3).for_each(|_| service.respond(status, body));
        let is_open = |error: Error| {
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Decode, Effect::Unknown), "{error}");
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{error}");
            error
        };
        for body in ["", " \n"] {
            respond(body);
            let error = is_open(failure(client.resume::<Value>(&stored)?.await)?);
            ensure!(matches!(error.job_step(1), JobStep::Retry { .. }), "{status}: {:?}", error.job_step(1));
            respond(body);
            is_open(failure(client.resume::<Refund>(&stored)?.await)?);
            respond(body);
            is_open(failure(raw().await)?);
            respond(body);
            is_open(failure(raw_option().await)?);
        }
        // A list of nothing.
        respond("[]");
        let documents = client.raw().call_with::<Value, _>(Method::POST, "/disputes/1/documents", &refund());
        is_open(failure(documents.await)?);
        service.clear();
        // Of a path that the API document does not have, nothing is known.
        service.respond(status, "");
        let unknown = client.raw().call_with::<Value, _>(Method::POST, "/new/things", &refund());
        ensure!(unknown.await?.is_null(), "{status}");
        // Here, no content is the success.
        for body in ["", "{}", " { }"] {
            service.respond(status, body);
            client.settlements().mark(mark()).await?;
            service.respond(status, body);
            client.resume::<Value>(&client.settlements().mark(mark()).to_stored()?)?.await?;
        }
    }
    Ok(())
}

fn mark() -> MarkForSettlement {
    MarkForSettlement::new("order_1", MarkForSettlementMetaData::new())
}

#[tokio::test]
async fn a_success_with_content_is_not_that_of_a_write_without() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    for body in [
        r#"{"status":"ERROR","message":"order not found"}"#,
        r#"{"code":"order_not_found","message":"no"}"#,
        r#"{"code":"order_not_found","message":"no","type":"invalid_request_error"}"#,
        r#"{"portal":"Welcome to the hotel"}"#,
        r#"{"status":"OK"}"#,
        r#""no""#,
        "[]",
        "null",
        BROKEN,
    ] {
        (0..3).for_each(|_| service.respond(200, body));
        let error = failure(client.settlements().mark(mark()).await)?;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Decode, Effect::Unknown), "{body}: {error}");
        assert_eq!(error.body().map(|body| &body[..]), Some(body.as_bytes()), "{body}");
        ensure!(!matches!(error.next_step(), NextStep::Nothing), "{body}: {:?}", error.next_step());
        service.clear();
    }
    Ok(())
}

#[tokio::test]
async fn a_success_with_another_amount_is_not_taken_for_its_own() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    let is_open = |error: &Error, fields: &[&str], read| {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Decode, Effect::Unknown), "{error}");
        assert_eq!(error.differing_fields(), fields, "{error}");
        assert_eq!((error.attempts(), error.is_retryable()), (1, false), "{error}");
        assert!(reads(error, read), "{:?}", error.next_step());
    };
    service.respond(200, NAMED);
    is_open(
        &failure(client.orders().create(order("order_1", "499")?).await)?,
        &["order_amount"],
        "PGFetchOrder",
    );
    service.respond(200, NAMED.replace("INR", "USD"));
    is_open(
        &failure(client.orders().create(order("order_1", "5")?).await)?,
        &["order_currency"],
        "PGFetchOrder",
    );
    let existing = |amount: &str| {
        format!(
            r#"{{"cf_payment_id":"1","cf_refund_id":"1","order_id":"order_1","refund_id":"refund_1",
                "refund_amount":{amount},"refund_currency":"INR","refund_status":"SUCCESS"}}"#
        )
    };
    service.respond(200, existing("10"));
    let other: Result<_, Error> = client.refunds().create("order_1", refund()).await;
    is_open(&failure::<Refund>(other)?, &["refund_amount"], "PGOrderFetchRefund");
    let held = |authorization: &str| {
        format!(
            r#"{{"cf_payment_id":"1","order_id":"order_1","payment_amount":100,"payment_currency":"INR",
                "order_amount":100,"order_currency":"INR","payment_status":"VOID","authorization":{authorization}}}"#
        )
    };
    for (authorization, field) in [
        (r#"{"action":"VOID","status":"SUCCESS","captured_amount":null}"#, "action"),
        (r#"{"action":"CAPTURE","status":"SUCCESS","captured_amount":20}"#, "amount"),
    ] {
        service.respond(200, held(authorization));
        let call = client.preauth().capture("order_1", Amount::rupees(80));
        is_open(&failure(call.await)?, &[field], "PGOrderFetchPayments");
    }

    // Neither a rounded amount, nor one that is not shown, contradicts the request; nor does the result of a read.
    service.respond(200, existing("60.0"));
    client.refunds().create("order_1", refund()).await?;
    service.respond(200, held(r#"{"action":"CAPTURE","status":"PENDING","captured_amount":0}"#));
    client.preauth().capture("order_1", Amount::rupees(80)).await?;
    service.respond(200, NAMED);
    client.orders().create(order("order_1", "5.004")?).await?;
    service.respond(200, NAMED);
    client.orders().get("order_1").await?;
    Ok(())
}

#[tokio::test]
async fn a_page_with_a_4xx_refuses_no_write() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    for status in [400, 403, 404, 409, 410, 418, 422] {
        for body in ["<p>blocked</p>", "", r#"{"message":"Forbidden"}"#] {
            service.respond(status, body);
            let error = failure(client.orders().create(order("order_1", "5")?).await)?;
            assert_eq!(error.effect(), Effect::Unknown, "{status} {body}");
            ensure!(reads(&error, "PGFetchOrder"), "{status} {body}: {:?}", error.next_step());
            assert_eq!(error.attempts(), 1, "{status} {body}");
            assert_eq!(error.suggested_status(), 502, "{status} {body}");
            service.respond(status, body);
            let error = failure(client.orders().get("order_1").await)?;
            assert_eq!((error.effect(), error.attempts()), (Effect::ReadOnly, 1), "{status} {body}");
        }
    }
    // Sent before a request is carried out, by the service as by a proxy.
    for status in [401, 405, 407, 413, 431] {
        service.respond(status, "<p>no</p>");
        let error = failure(client.orders().create(order("order_1", "5")?).await)?;
        assert_eq!(error.effect(), Effect::Refused, "{status}");
    }
    Ok(())
}

/// A web handler's 503 invites its caller to repeat the request.
#[tokio::test]
async fn no_ambiguous_write_suggests_a_repeat() -> Result<()> {
    let service = Canned::default();
    let client = service.client()?;
    let limited = said("rate_limit_error", "request_failed");
    for responses in [[(503, BROKEN); 3], [(502, BROKEN), (502, BROKEN), (429, limited.as_str())]] {
        for (status, body) in responses {
            service.respond(status, body);
        }
        let error = failure(client.orders().create(order("order_1", "5")?).await)?;
        assert_eq!((error.effect(), error.suggested_status().as_u16()), (Effect::Unknown, 502));
    }
    service.respond(429, limited.as_str());
    let error = failure(client.orders().create(order("order_1", "5")?).await)?;
    assert_eq!((error.effect(), error.suggested_status().as_u16()), (Effect::Refused, 503));
    Ok(())
}
