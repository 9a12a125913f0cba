//! A service that has moved on: new words, new fields, nulls, numbers as text and text as numbers are
//! read for what they are, and nothing is guessed.

use anyhow::{Context, Result, bail};
use cashfree::types::{CreateRefund, OrderStatus, PaymentMethod, PaymentStatus, RefundStatus};
use cashfree_sandbox::Fault;
use serde_json::{Value, json};

use crate::{Shop, amount};

fn altered(shop: &Shop, operation: &str, change: Value) {
    shop.sandbox.script(Fault::Altered(change), operation, 1);
}

#[tokio::test]
async fn an_order_with_additions_is_decoded() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("777", "499.50").await?;
    let change = json!({
        "order_status": "PONDERING",
        "order_amount": "499.50",
        "cf_order_id": 2149460581_u64,
        "order_id": 777,
        "order_tags": { "count": "1" },
        "order_meta": { "return_url": null, "added": { "deep": true } },
        "customer_details": { "customer_phone": 9999999999_u64, "customer_id": null },
        "added_later": [1, { "x": null }],
    });
    altered(&shop, "PGFetchOrder", change);
    let order = shop.client.orders().get("777").await?;
    let OrderStatus::Unknown(word) = &order.order_status else { bail!("{order:?}") };
    assert_eq!(word.as_str(), "PONDERING");
    assert_eq!(serde_json::to_value(&order.order_status)?, json!("PONDERING"));
    assert_eq!(order.order_amount, amount("499.50")?);
    assert_eq!(order.cf_order_id, "2149460581");
    assert_eq!(order.order_id, "777");
    let customer = order.customer_details.as_ref().context("a customer")?;
    assert_eq!((customer.customer_phone.as_deref(), &customer.customer_id), (Some("9999999999"), &None));
    // What the types don't know is in the body.
    let body: Value = serde_json::from_slice(order.body())?;
    assert_eq!(body["added_later"], json!([1, { "x": null }]));
    Ok(())
}

#[tokio::test]
async fn null_and_absent_read_the_same() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    let names = shop.client.orders().get("order_1").await?;
    let fields: serde_json::Map<String, Value> = serde_json::from_slice(names.body())?;
    // But for what each order has.
    let each = ["order_id", "cf_order_id", "order_amount", "order_currency"];
    let others = fields.keys().filter(|name| !each.contains(&name.as_str()));
    let nulls: Value = others.map(|name| (name.clone(), Value::Null)).collect();
    altered(&shop, "PGFetchOrder", nulls);
    let nulled = shop.client.orders().get("order_1").await?.into_inner();
    let least: Value = fields
        .iter()
        .filter(|(name, _)| each.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    shop.sandbox.script(
        Fault::Status(200, least.to_string(), "application/json".to_owned()),
        "PGFetchOrder",
        1,
    );
    let absent = shop.client.orders().get("order_1").await?.into_inner();
    assert_eq!(nulled, absent);
    assert!(
        nulled.order_splits.is_empty() && nulled.order_tags.is_empty() && nulled.order_status.is_absent()
    );
    Ok(())
}

#[tokio::test]
async fn a_payment_with_additions_is_decoded() -> Result<()> {
    let shop = Shop::open().await?;
    let id = shop.paid("order_1", "12.34").await?;
    let change = json!({
        "payment_status": "ON_THE_MOON",
        "payment_group": "barter",
        "cf_payment_id": id.as_str().parse::<u64>()?,
        "payment_amount": "12.34",
        "order_amount": 12.340,
        "bank_reference": 519611000123_u64,
        "auth_id": "000123",
        "is_captured": null,
        "payment_time": "2025-07-15T16:47:50.285775",
        "authorization": { "action": "HALVE", "captured_amount": null },
        "payment_method": { "upi": { "added": 1, "upi_payer_account_number": 2233 } },
        "error_details": { "error_code": 7, "error_added": "x" },
        "added": {},
    });
    altered(&shop, "PGOrderFetchPayment", change.clone());
    altered(&shop, "PGOrderFetchPayments", change);
    let one = shop.client.payments().get("order_1", id.clone()).await?;
    let all = shop.client.payments().list("order_1").await?;
    assert_eq!(all.first(), Some(&*one));
    let PaymentStatus::Unknown(word) = &one.payment_status else { bail!("{one:?}") };
    assert_eq!(word.as_str(), "ON_THE_MOON");
    assert_eq!(one.payment_group.as_ref().map(|group| group.as_str()), Some("barter"));
    assert_eq!(one.cf_payment_id, id);
    assert_eq!((one.payment_amount, one.order_amount), (amount("12.34")?, Some(amount("12.34")?)));
    assert_eq!(one.bank_reference.as_deref(), Some("519611000123"));
    assert_eq!(one.auth_id.as_deref(), Some("000123"));
    assert_eq!(one.is_captured, None);
    assert_eq!(one.payment_time.as_ref().map(|time| time.as_str()), Some("2025-07-15T16:47:50.285775"));
    let hold = one.authorization.as_ref().context("an authorisation")?;
    assert_eq!(hold.action.as_ref().map(|action| action.as_str()), Some("HALVE"));
    let Some(PaymentMethod::Upi(upi)) = &one.payment_method else { bail!("{one:?}") };
    assert_eq!(upi.upi_payer_account_number.as_ref().map(|number| number.expose()), Some("2233"));
    let details = one.error_details.as_ref().context("details")?;
    assert_eq!(details.error_code.as_deref(), Some("7"));
    Ok(())
}

#[tokio::test]
async fn fields_of_an_unexpected_type_are_unparsed() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "499.50").await?;
    altered(&shop, "PGFetchOrder", json!({ "order_meta": ["a", "b"], "order_tags": 7 }));
    let order = shop.client.orders().get("order_1").await?;
    assert_eq!((order.order_amount, &order.order_meta), (amount("499.50")?, &None));
    assert!(order.order_tags.is_empty());
    let mut kept: Vec<_> =
        order.meta().unparsed_fields().iter().map(|one| (one.path(), one.json())).collect();
    kept.sort_unstable();
    assert_eq!(kept, [("order_meta", r#"["a","b"]"#), ("order_tags", "7")]);
    assert!(!format!("{order:?}").contains("\"a\""));

    // Money is never left unparsed, whatever else is.
    altered(&shop, "PGFetchOrder", json!({ "order_meta": 7, "order_amount": { "value": 1 } }));
    let error = shop.client.orders().get("order_1").await.err().context("an error")?;
    assert!(error.is_decode(), "{error}");

    // What a call made by hand reads is up to the caller's type.
    #[derive(Debug, serde::Deserialize)]
    struct Own {
        #[allow(dead_code, reason = "it is there to be read")]
        order_meta: Option<std::collections::BTreeMap<String, Value>>,
    }
    altered(&shop, "PGFetchOrder", json!({ "order_meta": 7 }));
    let error = shop
        .client
        .raw()
        .call::<Own>(http::Method::GET, "/orders/order_1")
        .await
        .err()
        .context("an error")?;
    assert!(error.is_decode(), "{error}");
    Ok(())
}

#[tokio::test]
async fn an_unknown_payment_method_is_kept_as_received() -> Result<()> {
    let shop = Shop::open().await?;
    let id = shop.paid("order_1", "5").await?;
    let barter = json!({ "barter": { "goods": ["goat", 2], "channel": "link" } });
    let only = json!({ "upi": null, "barter": barter["barter"] });
    altered(&shop, "PGOrderFetchPayment", json!({ "payment_method": only }));
    let payment = shop.client.payments().get("order_1", id.clone()).await?;
    let Some(PaymentMethod::Unknown(unknown)) = &payment.payment_method else { bail!("{payment:?}") };
    assert_eq!((unknown.key(), unknown.as_json().get("barter")), (Some("barter"), Some(&barter["barter"])));
    assert_eq!(serde_json::to_value(&payment.payment_method)?, barter);

    // A known way with something beside it is still known, and the rest is in the body.
    altered(&shop, "PGOrderFetchPayment", json!({ "payment_method": barter }));
    let payment = shop.client.payments().get("order_1", id.clone()).await?;
    assert_eq!(payment.payment_method.as_ref().map(PaymentMethod::key), Some("upi"));
    let body: Value = serde_json::from_slice(payment.body())?;
    assert_eq!(body["payment_method"]["barter"], barter["barter"]);

    // Two known ones are neither.
    altered(&shop, "PGOrderFetchPayment", json!({ "payment_method": { "card": { "channel": "link" } } }));
    let payment = shop.client.payments().get("order_1", id.clone()).await?;
    let Some(PaymentMethod::Unknown(unknown)) = &payment.payment_method else { bail!("{payment:?}") };
    assert!(unknown.as_json().contains_key("upi") && unknown.as_json().contains_key("card"));

    altered(&shop, "PGOrderFetchPayment", json!({ "payment_method": null }));
    assert_eq!(shop.client.payments().get("order_1", id).await?.payment_method, None);
    Ok(())
}

#[tokio::test]
async fn a_refund_with_additions_is_decoded() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "100").await?;
    let refunds = shop.client.refunds();
    let change = json!({
        "refund_status": "WALKING",
        "refund_type": "SOME_REFUND",
        "refund_amount": "10.10",
        "cf_refund_id": 1553338,
        "refund_arn": 205907014017_u64,
        "refund_charge": "0.00",
        "forex_conversion_rate": "83.1234",
        "metadata": [1],
        "refund_splits": null,
        "refund_speed": { "accepted": "BY_MULE", "added": 1 },
        "added": "x",
    });
    altered(&shop, "PGOrderCreateRefund", change.clone());
    let refund = refunds.create("order_1", CreateRefund::new(amount("10.10")?, "refund_1")).await?;
    assert!(matches!(&refund.refund_status, RefundStatus::Unknown(word) if word.as_str() == "WALKING"));
    assert_eq!(refund.refund_amount, amount("10.10")?);
    assert_eq!(refund.cf_refund_id, "1553338");
    assert_eq!(refund.refund_arn.as_deref(), Some("205907014017"));
    assert_eq!(refund.refund_charge, Some(amount("0")?));
    assert_eq!(refund.forex_conversion_rate.map(|rate| rate.to_string()).as_deref(), Some("83.1234"));
    assert!(refund.refund_splits.is_empty());
    let speed = refund.refund_speed.as_ref().context("a speed")?;
    assert_eq!(speed.accepted.as_deref(), Some("BY_MULE"));
    altered(&shop, "PGOrderFetchRefunds", change);
    let all = refunds.list("order_1").await?;
    assert_eq!(all.first().and_then(|refund| refund.refund_arn.clone()), refund.refund_arn);
    Ok(())
}

#[tokio::test]
async fn a_list_of_nothing_is_empty() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    for body in ["null", "[]", "[null]"] {
        for operation in ["PGOrderFetchPayments", "PGOrderFetchRefunds"] {
            let fault = Fault::Status(200, body.to_owned(), "application/json".to_owned());
            shop.sandbox.script(fault, operation, 1);
        }
        assert!(shop.client.payments().list("order_1").await?.is_empty(), "{body}");
        assert!(shop.client.refunds().list("order_1").await?.is_empty(), "{body}");
    }
    Ok(())
}
