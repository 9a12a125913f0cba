//! A customer's money, taken the way a merchant takes it: an order, a card payment that first only holds
//! the money, a capture of part of it, a refund of part of that, and a look at what became of it.
//!
//! ```text
//! cargo run --example first_payment
//! ```
//!
//! starts a local sandbox and talks to that. With `CASHFREE_ENVIRONMENT`,
//! `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SECRET` set, the same program talks to Cashfree's own sandbox
//! (`CASHFREE_ENVIRONMENT=sandbox`); the account must be enabled for server-side cards and
//! preauthorisation.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use cashfree::types::{
    Card, CardChannel, CreateOrder, CreateRefund, CustomerDetails, CustomerDetailsParts, OrderMeta, PayOrder,
    PayOrderPaymentMethod, Payment, PaymentStatus,
};
use cashfree::{Amount, Client, Credentials, Environment, IdempotencyKey, Money, OrderId};
use cashfree_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<()> {
    // Dropped at the end, which stops the sandbox.
    let (client, _sandbox) = client().await?;
    println!("environment   {}", client.environment().base_url());

    let order_id = OrderId::from(format!("order_{}", &IdempotencyKey::random().as_str()[..8]));
    let order = client
        .orders()
        .create(
            CreateOrder::new(
                Money::inr("499.00")?,
                CustomerDetails::new(CustomerDetailsParts {
                    customer_id: "cust_42".into(),
                    customer_phone: "9999999999".into(),
                }),
            )
            .order_id(&order_id)
            // In a sandbox these words make card payments of the order hold the money only.
            .order_note("preauth_transaction")
            .order_meta(OrderMeta::new().return_url("https://shop.example/back?order={order_id}"))
            .order_tags([("cart", "2 tickets")]),
        )
        .await?;
    println!(
        "order         {order_id} (Cashfree's {}), {} {}, {}",
        order.cf_order_id, order.order_currency, order.order_amount, order.order_status,
    );
    println!(
        "              key {}, request {}",
        show(&order.meta().idempotency_key()),
        order.meta().request_id()
    );

    let session = order.session()?.clone();
    let card = Card::new(CardChannel::Post)
        .card_number("4706131211212123")
        .card_holder_name("Asha Rao")
        .card_expiry_mm("03")
        .card_expiry_yy("28")
        .card_cvv("123");
    let begun = client.payments().pay(PayOrder::new(session, PayOrderPaymentMethod::card(card))).await?;
    let payment_id = begun.cf_payment_id.clone().context("the payment has no id")?;
    println!(
        "payment       {payment_id}, {} by card, next: {}",
        show(&begun.payment_amount),
        show(&begun.action)
    );

    let authenticated = client.payments().submit_otp(&payment_id, "111000").await?;
    println!("authenticated {}", show(&authenticated.authenticate_status));

    let held = settled(&client, &order_id, &payment_id).await?;
    println!(
        "held          {} of {}, captured: {}",
        held.payment_amount,
        payment_id,
        show(&held.is_captured)
    );

    let captured = client.preauth().capture(&order_id, "300.00".parse()?).await?;
    let authorization = captured.authorization.as_ref().context("the capture says nothing of itself")?;
    println!(
        "captured      {}, {}, reference {}",
        show(&authorization.captured_amount),
        show(&authorization.status),
        show(&authorization.action_reference),
    );

    let refund = client
        .refunds()
        .create(
            &order_id,
            CreateRefund::new(Amount::rupees(100), format!("refund_{payment_id}")).refund_note("one ticket"),
        )
        // The same refund has the same key in every process.
        .idempotency_key(IdempotencyKey::derive("refund", &[order_id.as_str(), "one ticket"]))
        .await?;
    println!(
        "refund        {:?} (Cashfree's {}), {}, {}",
        refund.refund_id, refund.cf_refund_id, refund.refund_amount, refund.refund_status,
    );

    for payment in client.payments().list(&order_id).await?.iter() {
        println!(
            "listed        {}, {} by {}, {}, captured: {}",
            payment.cf_payment_id,
            payment.payment_amount,
            payment.payment_method.as_ref().map_or("nothing", |method| method.key()),
            payment.payment_status,
            show(&payment.is_captured),
        );
    }
    let order = client.orders().get(&order_id).await?;
    println!("order         {order_id}, {}", order.order_status);
    Ok(())
}

/// The service that the process environment names, or a local sandbox if it names none.
async fn client() -> Result<(Client, Option<Sandbox>)> {
    if std::env::var_os("CASHFREE_ENVIRONMENT").is_some() {
        let client = Client::from_env()?;
        if client.environment() == &Environment::Production {
            bail!("this program pays with test cards; it is not for production");
        }
        return Ok((client, None));
    }
    let sandbox = Sandbox::start().await?;
    let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
    let client = Client::new(Environment::custom(sandbox.base_url())?, credentials)?;
    Ok((client, Some(sandbox)))
}

/// Reads the payment until the bank is done with it.
async fn settled(client: &Client, order: &OrderId, payment: &cashfree::CfPaymentId) -> Result<Payment> {
    for _ in 0..20 {
        let found = client.payments().get(order, payment).await?.into_inner();
        match &found.payment_status {
            PaymentStatus::Success => return Ok(found),
            PaymentStatus::Pending | PaymentStatus::NotAttempted | PaymentStatus::Absent => {
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            other => bail!("the payment ended as {other}: {:?}", found.error_details),
        }
    }
    bail!("the bank takes too long")
}

fn show<T: std::fmt::Display>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "-".to_owned(), T::to_string)
}
