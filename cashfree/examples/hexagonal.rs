//! A booking service that depends on a trait of its own, with the API behind it and a fake beside it. Runs without a
//! network.
//!
//! ```text
//! cargo run -p cashfree --example hexagonal --features testing
//! ```
//!
//! Domain code sees `Payments` only. Its tests use a fake of that trait; the adapter is tested with a mock transport,
//! through the real client.

use std::collections::VecDeque;
use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
use cashfree::testing::{FakeError, MockTransport, fake_response};
use cashfree::types::{CreateRefund, Refund, RefundStatus};
use cashfree::{Amount, Client, Effect, Error, ErrorKind, IdempotencyKey, Response};
use serde_json::json;

/// What the domain needs of payments.
trait Payments {
    /// Refunds a booking. Safe to call again for the same booking.
    fn refund(
        &self,
        booking: &str,
        amount: Amount,
    ) -> impl Future<Output = Result<Response<Refund>, Error>> + Send;
}

/// Adapter over the API.
struct Cashfree(Client);

impl Payments for Cashfree {
    async fn refund(&self, booking: &str, amount: Amount) -> Result<Response<Refund>, Error> {
        let refund = CreateRefund::new(amount, format!("refund_{booking}"));
        let key = IdempotencyKey::derive("refund", &[booking]);
        self.0.refunds().create(format!("order_{booking}"), refund).idempotency_key(key).await
    }
}

/// Message for the customer.
#[derive(Debug, PartialEq)]
enum Cancelled {
    Refunded,
    RefundUnderWay,
    NothingPaid,
}

/// Domain logic: cancels a booking.
async fn cancel(payments: &impl Payments, booking: &str, paid: Amount) -> Result<Cancelled, Error> {
    match payments.refund(booking, paid).await {
        Ok(refund) if refund.refund_status == RefundStatus::Success => Ok(Cancelled::Refunded),
        Ok(_) => Ok(Cancelled::RefundUnderWay),
        // The refund may exist: a job repeats it under the same key. A 404 of a proxy is among these.
        Err(error) if matches!(error.effect(), Effect::Unknown | Effect::Applied) => {
            Ok(Cancelled::RefundUnderWay)
        }
        Err(error) if error.is_not_found() && error.effect() == Effect::Refused => Ok(Cancelled::NothingPaid),
        Err(error) => Err(error),
    }
}

/// Fake of the trait: returns what a test gave it.
struct Fake(Mutex<VecDeque<Result<Response<Refund>, Error>>>);

impl Payments for Fake {
    async fn refund(&self, _: &str, _: Amount) -> Result<Response<Refund>, Error> {
        let next = self.0.lock().ok().and_then(|mut results| results.pop_front());
        next.unwrap_or_else(|| Err(FakeError::new("PGOrderCreateRefund", ErrorKind::Connect).build()))
    }
}

/// A refund as the API returns it. Some fields stand in each response, so that a type without them can't be made.
fn refund(status: RefundStatus) -> Result<Refund> {
    let mut refund: Refund = serde_json::from_value(json!({
        "refund_id": "refund_7", "order_id": "order_7", "cf_refund_id": "1", "cf_payment_id": "2",
        "refund_amount": 499.00, "refund_currency": "INR",
    }))?;
    refund.refund_status = status;
    Ok(refund)
}

/// A test of the domain: no client, no JSON.
async fn the_customer_gets_the_right_message() -> Result<()> {
    let not_found = r#"{"code":"order_not_found","type":"invalid_request_error","message":"no such order"}"#;
    let fake = Fake(Mutex::new(VecDeque::from([
        Ok(fake_response(refund(RefundStatus::Success)?)),
        Ok(fake_response(refund(RefundStatus::Pending)?)),
        Err(FakeError::api("PGOrderCreateRefund", 404, not_found).build()),
        Err(FakeError::api("PGOrderCreateRefund", 404, "<h1>Not found</h1>").build()),
        Err(FakeError::new("PGOrderCreateRefund", ErrorKind::Timeout).attempts(3).build()),
    ])));
    let paid = Amount::rupees(499);
    let mut outcomes = Vec::new();
    for booking in ["1", "2", "3", "4", "5"] {
        outcomes.push(cancel(&fake, booking, paid).await?);
    }
    use Cancelled::{NothingPaid, RefundUnderWay, Refunded};
    let expected = [Refunded, RefundUnderWay, NothingPaid, RefundUnderWay, RefundUnderWay];
    ensure!(outcomes == expected, "{outcomes:?}");
    let down = cancel(&fake, "6", paid).await.err().context("it was refunded")?;
    ensure!(down.is_connect() && down.effect() == Effect::NotSent);
    Ok(())
}

/// A test of the adapter: the request, the key and the retry are those of the real client.
async fn a_lost_response_is_repeated_under_the_same_key() -> Result<()> {
    let mock = MockTransport::new();
    let created = json!({
        "refund_id": "refund_7", "order_id": "order_7", "cf_refund_id": "1", "cf_payment_id": "2",
        "refund_amount": 499.00, "refund_currency": "INR", "refund_status": "SUCCESS", "entity": "refund",
    });
    mock.on("PGOrderCreateRefund").lost_after_applying().respond(200, created);

    let payments = Cashfree(mock.client()?);
    ensure!(cancel(&payments, "7", Amount::rupees(499)).await? == Cancelled::Refunded);

    let [first, second] = mock.calls().try_into().map_err(|_| anyhow::anyhow!("not two calls"))?;
    ensure!(first.path() == "/pg/orders/order_7/refunds" && first.body() == second.body());
    ensure!(first.idempotency_key().is_some() && first.idempotency_key() == second.idempotency_key());
    ensure!(first.json().is_some_and(|body| body["refund_id"] == "refund_7"));
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    the_customer_gets_the_right_message().await?;
    a_lost_response_is_repeated_under_the_same_key().await?;
    println!("both tests pass");
    Ok(())
}
