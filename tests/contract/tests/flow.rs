//! A merchant's day: orders that are paid by card, UPI, net banking and wallet, held and captured,
//! released, refunded and ended, with every amount as it was given.

use anyhow::{Context, Result, bail};
use cashfree::types::{
    App, AppParts, AppProvider, AuthenticateStatus, CardChannel, CartAddress, CartDetails, CartItem,
    CreateRefund, CreateRefundSpeed, DeliveryStatus, Netbanking, OrderDeliveryStatus, OrderStatus, PayOrder,
    PayOrderPaymentMethod, PayOrderResponseAction, PaymentMethod, PaymentStatus, RefundStatus,
    ShipmentDetails, ShipmentDetailsParts, UpdateOrderExtendedData,
};
use cashfree::{Effect, ErrorKind};
use cashfree_sandbox::{Change, Sandbox};

use crate::{Shop, amount, card, collect, failure, order, payment_id, session};

#[tokio::test]
async fn a_hold_is_captured_in_part_and_refunded_in_part() -> Result<()> {
    let shop = Shop::open().await?;
    let create = order("order_1", "499.10")?.order_note("preauth_transaction");
    let order = shop.client.orders().create(create).await?;
    assert_eq!(order.order_status, OrderStatus::Active);
    assert_eq!(order.order_amount, amount("499.10")?);
    assert_eq!(order.order_id, "order_1");

    let payments = shop.client.payments();
    let begun = payments.pay(PayOrder::new(session(&order)?, card(CardChannel::Post))).await?;
    assert_eq!(begun.action, Some(PayOrderResponseAction::Post));
    assert_eq!(begun.payment_amount, Some(amount("499.10")?));
    let id = payment_id(&begun)?;
    let pending = payments.get("order_1", id.clone()).await?;
    assert_eq!(pending.payment_status, PaymentStatus::Pending);
    assert!(pending.authorization.is_none());

    let wrong = payments.submit_otp(id.clone(), "000000").await?;
    assert_eq!(wrong.authenticate_status, Some(AuthenticateStatus::Failed));
    let again = payments.resend_otp(id.clone()).await?;
    assert_eq!(again.authenticate_status, Some(AuthenticateStatus::Success));
    let right = payments.submit_otp(id.clone(), shop.sandbox.otp()).await?;
    assert_eq!(right.authenticate_status, Some(AuthenticateStatus::Success));
    assert_eq!(right.cf_payment_id, Some(id.clone()));

    let held = payments.get("order_1", id.clone()).await?;
    assert_eq!((held.payment_status.clone(), held.is_captured), (PaymentStatus::Success, Some(false)));
    let hold = held.authorization.clone().context("a hold")?;
    assert_eq!((hold.action, hold.captured_amount, hold.approve_by), (None, None, None));
    assert!(hold.end_time.is_some());

    let captured = shop.client.preauth().capture("order_1", amount("300.05")?).await?;
    assert_eq!(captured.is_captured, Some(true));
    let hold = captured.authorization.as_ref().context("a hold")?;
    assert_eq!(hold.captured_amount, Some(amount("300.05")?));
    assert_eq!(captured.payment_amount, amount("499.10")?);
    let time = hold.action_time.clone().context("a time")?;
    assert!(time.as_str().contains('.') && !time.as_str().contains('+'), "{time:?}");

    let refund = CreateRefund::new(amount("100.01")?, "refund_1").refund_speed(CreateRefundSpeed::Instant);
    let refund = shop.client.refunds().create("order_1", refund).await?;
    assert_eq!(refund.refund_amount, amount("100.01")?);
    assert_eq!(refund.refund_status, RefundStatus::Success);
    assert_eq!(refund.cf_payment_id, id);
    // What was captured is the limit, not what was held.
    let rest = CreateRefund::new(amount("200.05")?, "refund_2");
    let error = failure(shop.client.refunds().create("order_1", rest).await)?;
    assert_eq!(error.code(), Some("refund_amount_invalid"));

    let all = payments.list("order_1").await?;
    assert_eq!(all.iter().map(|payment| payment.cf_payment_id.clone()).collect::<Vec<_>>(), [id]);
    assert_eq!(all.first().and_then(|payment| payment.order_amount), Some(amount("499.10")?));
    let Some(PaymentMethod::Card(used)) = all.first().and_then(|payment| payment.payment_method.clone())
    else {
        bail!("not a card: {all:?}");
    };
    assert_eq!(used.card_number.as_ref().map(|number| number.expose()), Some("XXXXXXXXXXXX2123"));
    assert_eq!((used.card_network.as_deref(), used.card_type.as_deref()), (Some("visa"), Some("debit_card")));
    let order = shop.client.orders().get("order_1").await?;
    assert_eq!(order.order_status, OrderStatus::Paid);

    let amounts: Vec<(Change, Option<String>)> =
        shop.sandbox.committed().into_iter().map(|entry| (entry.change, entry.amount)).collect();
    let of = |change, amount: &str| (change, Some(amount.to_owned()));
    // The sandbox writes what JSON numbers are worth, so a trailing zero is not its to keep.
    assert_eq!(
        amounts,
        [
            of(Change::OrderCreated, "499.1"),
            of(Change::PaymentStarted, "499.1"),
            of(Change::PaymentMade, "499.1"),
            of(Change::Captured, "300.05"),
            of(Change::RefundCreated, "100.01"),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn money_is_sent_with_the_value_that_was_given() -> Result<()> {
    let shop = Shop::open().await?;
    let written = [
        ("1", "1"),
        ("1.10", "1.1"),
        ("499.00", "499"),
        ("0.07", "0.07"),
        ("10.34", "10.34"),
        ("9999999999999.99", "9999999999999.99"),
    ];
    for (nth, (digits, number)) in written.into_iter().enumerate() {
        let call = shop.client.orders().create(order(&format!("order_{nth}"), digits)?);
        let result = call.await;
        let request = shop.sandbox.requests_of("PGCreateOrder").pop().context("sent")?;
        let body = String::from_utf8(request.body)?;
        assert!(body.contains(&format!("\"order_amount\":{number},")), "{body}");
        if digits != "0.07" {
            assert_eq!(result?.order_amount, amount(digits)?, "{digits}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn money_that_a_number_of_json_would_round_is_not_sent() -> Result<()> {
    let shop = Shop::open().await?;
    let error = failure(shop.client.orders().create(order("order_1", "99999999999999.99")?).await)?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Request, Effect::NotSent));
    assert!(error.to_string().contains("more than 15 significant digits"), "{error}");
    assert!(shop.sandbox.requests_of("PGCreateOrder").is_empty());
    Ok(())
}

#[tokio::test]
async fn a_payment_by_upi_is_read_as_one() -> Result<()> {
    let shop = Shop::open().await?;
    let id = shop.paid("order_1", "12.50").await?;
    let payment = shop.client.payments().get("order_1", id).await?;
    assert_eq!((payment.payment_status.clone(), payment.is_captured), (PaymentStatus::Success, Some(true)));
    let Some(PaymentMethod::Upi(upi)) = payment.payment_method.clone() else { bail!("{payment:?}") };
    assert_eq!(upi.channel.as_deref(), Some("collect"));
    assert_eq!(upi.upi_id.as_ref().map(|id| id.expose()), Some("testsuccess@gocash"));
    assert_eq!(upi.upi_payer_ifsc.as_deref(), Some("TEST0001234"));
    assert_eq!(upi.upi_payer_account_number.as_ref().map(|number| number.expose()), Some("XXXXXX2233"));
    // Leading zeros are part of the identifier.
    assert!(payment.auth_id.as_deref().is_some_and(|id| id.starts_with('0')), "{payment:?}");
    assert_eq!(payment.payment_amount, amount("12.50")?);
    assert!(payment.error_details.is_none());
    Ok(())
}

#[tokio::test]
async fn a_payment_by_net_banking_is_read_as_one() -> Result<()> {
    let shop = Shop::open().await?;
    let method = PayOrderPaymentMethod::netbanking(Netbanking::new("link").netbanking_bank_code(3333));
    let begun = shop.begun(order("order_1", "5")?, method).await?;
    assert_eq!(begun.action, Some(PayOrderResponseAction::Link));
    assert!(
        begun.data.as_ref().and_then(|data| data.url.as_deref()).is_some_and(|url| url.contains("/view/"))
    );
    let payment = shop.client.payments().get("order_1", payment_id(&begun)?).await?;
    let Some(PaymentMethod::Netbanking(bank)) = payment.payment_method.clone() else { bail!("{payment:?}") };
    assert_eq!(bank.netbanking_bank_code.as_deref(), Some("3333"));
    assert_eq!(bank.netbanking_bank_name.as_deref(), Some("Test Bank"));
    assert_eq!((bank.channel.as_deref(), bank.netbanking_ifsc.as_deref()), (Some("link"), None));
    Ok(())
}

#[tokio::test]
async fn a_payment_by_wallet_is_read_as_one() -> Result<()> {
    let shop = Shop::open().await?;
    let method = PayOrderPaymentMethod::app(App::new(AppParts {
        channel: "link".into(),
        provider: AppProvider::Phonepe,
        phone: "9888888888".into(),
    }));
    let begun = shop.begun(order("order_1", "5")?, method).await?;
    let payment = shop.client.payments().get("order_1", payment_id(&begun)?).await?;
    let Some(PaymentMethod::App(wallet)) = payment.payment_method.clone() else { bail!("{payment:?}") };
    assert_eq!(wallet.provider.as_deref(), Some("phonepe"));
    assert_eq!((wallet.channel.as_deref(), wallet.phone.as_deref()), (Some("link"), Some("9888888888")));
    assert_eq!(payment.payment_status, PaymentStatus::Pending);
    Ok(())
}

#[tokio::test]
async fn a_refused_payment_says_why() -> Result<()> {
    let shop = Shop::open().await?;
    for (word, code, reason, source) in [
        ("testfailure", "TRANSACTION_DECLINED", "payment_failed", "bank"),
        ("testinvalid", "TRANSACTION_DECLINED", "upi_id_invalid", "customer"),
        ("testinsufficientfunds", "TRANSACTION_DECLINED", "insufficient_funds", "customer"),
        ("testtimeoutbank", "GATEWAY_ERROR", "bank_timeout", "bank"),
    ] {
        let begun = shop.begun(order(word, "5")?, collect(word)).await?;
        let payment = shop.client.payments().get(word, payment_id(&begun)?).await?;
        assert_eq!(payment.payment_status, PaymentStatus::Failed, "{word}");
        let details = payment.error_details.as_ref().context("details")?;
        assert_eq!(details.error_code.as_deref(), Some(code), "{word}");
        assert_eq!(details.error_reason.as_deref(), Some(reason), "{word}");
        assert_eq!(details.error_source.as_deref(), Some(source), "{word}");
        assert_eq!(details.error_code_raw, None);
        // Its order may still be paid.
        assert_eq!(shop.client.orders().get(word).await?.order_status, OrderStatus::Active);
    }
    for (word, status) in
        [("testuserdropped", PaymentStatus::UserDropped), ("testriskflagged", PaymentStatus::Flagged)]
    {
        let begun = shop.begun(order(word, "5")?, collect(word)).await?;
        let payment = shop.client.payments().get(word, payment_id(&begun)?).await?;
        assert_eq!(payment.payment_status, status);
        assert!(payment.error_details.is_none());
    }
    Ok(())
}

#[tokio::test]
async fn a_hold_is_released() -> Result<()> {
    let shop = Shop::open().await?;
    shop.held("order_1", "80").await?;
    let voided = shop.client.preauth().void("order_1").await?;
    assert_eq!(voided.payment_status, PaymentStatus::Void);
    assert_eq!(voided.authorization.as_ref().and_then(|hold| hold.captured_amount), None);
    let error = failure(shop.client.preauth().capture("order_1", amount("80")?).await)?;
    assert!(error.is_conflict());
    assert_eq!(error.code(), Some("order_id_voided"));
    let refund = CreateRefund::new(amount("1")?, "refund_1");
    assert!(shop.client.refunds().create("order_1", refund).await.is_err());
    let released = shop.sandbox.committed_of(Change::Voided);
    assert_eq!(released.iter().map(|entry| entry.amount.as_deref()).collect::<Vec<_>>(), [Some("80")]);
    Ok(())
}

#[tokio::test]
async fn orders_end() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_idle", "5").await?;
    let ended = shop.client.orders().terminate("order_idle").await?;
    assert_eq!(ended.order_status, OrderStatus::Terminated);

    shop.begun(order("order_busy", "5")?, card(CardChannel::Link)).await?;
    let asked = shop.client.orders().terminate("order_busy").await?;
    assert_eq!(asked.order_status, OrderStatus::TerminationRequested);

    shop.order("order_late", "5").await?;
    assert!(shop.sandbox.expire_order("order_late"));
    let late = shop.client.orders().get("order_late").await?;
    assert_eq!(late.order_status, OrderStatus::Expired);
    assert!(failure(shop.client.orders().get("order_none").await)?.is_not_found());
    Ok(())
}

#[tokio::test]
async fn baskets_and_shipments_are_kept() -> Result<()> {
    let shop = Shop::open().await?;
    let item = CartItem::new()
        .item_id("i1")
        .item_name("cup")
        .item_quantity(2)
        .item_original_unit_price(amount("2.25")?);
    let address = CartAddress::new().full_name("A. Payer").city("Pune").pincode("411001");
    let cart = CartDetails::new()
        .cart_name("basket")
        .shipping_charge(amount("1.50")?)
        .customer_shipping_address(address)
        .cart_items(vec![item]);
    shop.client.orders().create(order("order_1", "6")?.cart_details(cart)).await?;
    let data = shop.client.orders().get_extended("order_1").await?;
    assert_eq!(data.order_amount, Some(amount("6")?));
    assert_eq!(data.charges.as_ref().and_then(|charges| charges.shipping_charges), Some(amount("1.50")?));
    let basket = data.cart.as_ref().context("a basket")?;
    assert_eq!(basket.items.first().and_then(|item| item.item_original_unit_price), Some(amount("2.25")?));
    let address = data.shipping_address.as_ref().context("an address")?;
    assert_eq!((address.city.as_deref(), address.pin_code.as_deref()), (Some("Pune"), Some("411001")));
    assert!(data.billing_address.is_none());

    let update = UpdateOrderExtendedData::new()
        .shipment_details(vec![ShipmentDetails::new(ShipmentDetailsParts {
            tracking_company: "Carrier".into(),
            tracking_urls: vec!["https://carrier.example/7".to_owned()],
            tracking_numbers: vec!["0007".to_owned()],
        })])
        .order_delivery_status(OrderDeliveryStatus::new(DeliveryStatus::Shipped));
    let stored = shop.client.orders().update_extended("order_1", update).await?;
    let shipment = stored.shipment_details.first().context("a shipment")?;
    assert_eq!(shipment.tracking_numbers, ["0007"]);
    let status = stored.order_delivery_status.as_ref().and_then(|delivery| delivery.status.clone());
    assert_eq!(status, Some(DeliveryStatus::Shipped));
    Ok(())
}

#[tokio::test]
async fn refunds_are_found_listed_and_cancelled() -> Result<()> {
    let delay = std::time::Duration::from_secs(3600);
    let shop = Shop::with(Sandbox::builder().refund_delay(delay), |client| client).await?;
    shop.paid("order_1", "100").await?;
    let refunds = shop.client.refunds();
    let first = refunds.create("order_1", CreateRefund::new(amount("60.10")?, "refund_1")).await?;
    assert_eq!(first.refund_status, RefundStatus::Pending);
    assert!(first.processed_at.is_none());
    shop.sandbox.low_balance(true);
    let second = refunds.create("order_1", CreateRefund::new(amount("39.90")?, "refund_2")).await?;
    assert_eq!(second.refund_status, RefundStatus::Onhold);
    assert!(refunds.create("order_1", CreateRefund::new(amount("0.01")?, "refund_3")).await.is_err());

    let read = refunds.get("order_1", "refund_1").await?;
    assert_eq!((&read.cf_refund_id, read.refund_amount), (&first.cf_refund_id, amount("60.10")?));
    let cancelled = refunds.cancel("order_1", "refund_1").await?;
    assert_eq!(cancelled.refund_status, RefundStatus::Cancelled);
    assert!(refunds.cancel("order_1", "refund_1").await.is_err());
    let all = refunds.list("order_1").await?;
    let found: Vec<_> = all
        .iter()
        .map(|refund| (refund.refund_id.as_ref().map(|id| id.as_str()), refund.refund_status.clone()))
        .collect();
    assert_eq!(
        found,
        [(Some("refund_1"), RefundStatus::Cancelled), (Some("refund_2"), RefundStatus::Onhold)]
    );
    Ok(())
}
