//! One walk through every group, through the client and against the sandbox: each operation of the
//! document gets a response, and each response is one that the document describes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use cashfree::operations;
use cashfree::types::{
    CardChannel, CreateRefund, CreateRefundSpeed, DeliveryStatus, OrderDeliveryStatus,
    UpdateOrderExtendedData,
};
use cashfree_sandbox::Sandbox;
use serde_json::Value;

use crate::coverage::Examples;
use crate::typed::Delivery;
use crate::{Shop, amount, card, order, payment_id, session};

#[tokio::test]
async fn every_operation_gets_a_response() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| client).await?;
    orders(&shop).await?;
    crate::tour_links_offers_vault::tour(&shop).await?;
    crate::tour_subscriptions::tour(&shop).await?;
    crate::tour_terminals::tour(&shop).await?;
    crate::tour_easy_split::tour(&shop).await?;
    crate::tour_settlements::tour(&shop).await?;

    let received = [shop.sandbox.response_statuses(), examples().await?];
    let succeeded = |id: &str| {
        let mut statuses = received.iter().filter_map(|received| received.get(id)).flatten();
        statuses.any(|status| (200..300).contains(status))
    };
    let missing: Vec<&str> =
        operations::ALL.iter().map(|operation| operation.id).filter(|id| !succeeded(id)).collect();
    assert!(missing.is_empty(), "no success: {missing:?}");
    Ok(())
}

/// Sets a field of text wherever it stands.
fn replace(body: &mut Value, field: &str, text: &str) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == field && value.is_string() {
                    *value = text.into();
                }
                replace(value, field, text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, field, text)),
        _ => {}
    }
}

/// Each operation with the example of its request, which pays an order of this sandbox: what the sandbox returns to
/// them. An operation that needs nothing else succeeds, and needs no stop of the tour.
async fn examples() -> Result<BTreeMap<String, BTreeSet<u16>>> {
    let shop = Shop::open().await?;
    let examples = Examples::read()?;
    for operation in operations::ALL {
        let mut body = examples.of(operation.id);
        if body.get("payment_session_id").is_some() {
            let order = shop.order(&format!("paid_by_{}", operation.id), "1499").await?;
            replace(&mut body, "payment_session_id", session(&order)?.as_str());
        }
        // Examples hold placeholders where a card or its token has a number.
        for field in ["card_number", "token_number"] {
            replace(&mut body, field, "4706131211212123");
        }
        Delivery { client: &shop.client, headers: &[] }.call(operation.id, &body, "text")?.await;
    }
    let received = shop.sandbox.response_statuses();
    let broken = received.iter().filter(|(_, statuses)| statuses.range(500..).next().is_some());
    assert_eq!(broken.collect::<Vec<_>>(), []);
    Ok(received)
}

/// Orders, payments, holds and refunds.
async fn orders(shop: &Shop) -> Result<()> {
    let client = &shop.client;
    shop.held("held", "100.00").await?;
    client.orders().get("held").await?;
    client.preauth().capture("held", amount("60.50")?).await?;
    let refund = CreateRefund::new(amount("10.25")?, "refund_1").refund_speed(CreateRefundSpeed::Standard);
    client.refunds().create("held", refund).await?;
    client.refunds().get("held", "refund_1").await?;
    client.refunds().list("held").await?;
    client.refunds().cancel("held", "refund_1").await?;

    let begun = shop.begun(order("paid", "1.00")?, card(CardChannel::Link)).await?;
    client.payments().get("paid", payment_id(&begun)?).await?;
    client.payments().list("paid").await?;

    client.orders().create(order("ended", "1.00")?).await?;
    let shipped = UpdateOrderExtendedData::new()
        .order_delivery_status(OrderDeliveryStatus::new(DeliveryStatus::Shipped));
    client.orders().update_extended("ended", shipped).await?;
    client.orders().get_extended("ended").await?;
    client.orders().terminate("ended").await?;
    Ok(())
}
