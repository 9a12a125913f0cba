//! A customer who pays an order by card.
//!
//! Card numbers and one-time passwords are not stored: this part of a payment is the customer's, who sees it fail and
//! tries again.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use cashfree::Client;
use cashfree::types::{Card, CardChannel, PayOrder, PayOrderPaymentMethod, PaymentStatus};
use tokio::time::sleep;

/// How often a customer looks before giving up.
const LOOKS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(100);

/// Pays, and returns once the money is held. A failure of the service is taken for a reason to look again.
///
/// # Errors
/// If the payment does not succeed in the end.
pub async fn pay(client: &Client, order_id: &str, otp: &str) -> Result<()> {
    let mut last = None;
    for _ in 0..LOOKS {
        match attempt(client, order_id, otp).await {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(error) => last = Some(error),
        }
        sleep(PAUSE).await;
    }
    match last {
        Some(error) => Err(error).with_context(|| format!("{order_id} is not paid")),
        None => bail!("{order_id} is not paid"),
    }
}

/// Looks how far the payment is and takes the next step. Returns whether the money is held.
async fn attempt(client: &Client, order_id: &str, otp: &str) -> Result<bool> {
    let payments = client.payments().list(order_id).await?;
    if payments.iter().any(|payment| payment.payment_status == PaymentStatus::Success) {
        return Ok(true);
    }
    let Some(payment) = payments.last() else {
        let order = client.orders().get(order_id).await?;
        let card = Card::new(CardChannel::Post)
            .card_number(CARD_NUMBER)
            .card_expiry_mm("03")
            .card_expiry_yy("28")
            .card_cvv("123");
        let session = order.session()?.clone();
        client.payments().pay(PayOrder::new(session, PayOrderPaymentMethod::card(card))).await?;
        return Ok(false);
    };
    client.payments().submit_otp(payment.cf_payment_id.clone(), otp).await?;
    Ok(false)
}

/// Number of the customer's card.
pub const CARD_NUMBER: &str = "4706131211212123";
