//! What each operation puts on the wire, kept for a person to read: method, path, headers, body.
//!
//! Keys and request ids are given by the test; what differs from run to run is masked.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use cashfree::types::{
    App, AppParts, AppProvider, Banktransfer, Card, CardChannel, CardEmi, CardEmiParts, CardlessEmi,
    CardlessEmiProvider, CartDetails, CartItem, CreateOrder, CreateRefund, CreateRefundSpeed,
    CustomerDetails, CustomerDetailsParts, DeliveryStatus, Netbanking, OrderDeliveryStatus, OrderMeta,
    PayOrder, PayOrderPaymentMethod, Paylater, PaylaterProvider, ShipmentDetails, ShipmentDetailsParts,
    UpdateOrderExtendedData, Upi, UpiAuthorizeDetails, UpiChannel, VendorSplit,
};
use cashfree::{Amount, Call, Currency, IdempotencyKey, Money, operations};
use cashfree_sandbox::{RecordedRequest, Sandbox};
use serde_json::Value;

use crate::{Shop, amount, card, collect, order, payment_id, reviewed, session};

/// A shop whose requests are looked at, and how many were.
struct Scene {
    shop: Shop,
    seen: usize,
}

impl Scene {
    /// Sends a call, which the sandbox must accept, and holds its request against the snapshot of this name.
    async fn shot<T: Send + 'static>(&mut self, variant: &str, call: Call<T>) -> Result<()> {
        let operation = call.operation().id;
        self.shop.sandbox.clear_requests();
        let key = IdempotencyKey::new(format!("key-{}", self.seen))?;
        call.idempotency_key(key)
            .request_id("request-1")
            .await
            .with_context(|| format!("{operation} {variant}"))?;
        let request = self.shop.only(operation)?;
        let name = if variant.is_empty() { operation.to_owned() } else { format!("{operation}-{variant}") };
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.add_filter("key-[0-9]+", "<key>");
        settings.add_filter("session_[0-9A-Za-z]+", "<session>");
        settings.add_filter("4129[0-9]{6}", "<payment>");
        settings.set_snapshot_path("snapshots/wire");
        settings.bind(|| insta::assert_snapshot!(name, printed(&request)));
        self.seen += 1;
        Ok(())
    }
}

/// A request as it is read in a review.
pub(crate) fn printed(request: &RecordedRequest) -> String {
    let mut out = format!("{} {}", request.method, request.path);
    if let Some(query) = &request.query {
        let _ = write!(out, "?{query}");
    }
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .map(|(name, value)| match name.as_str() {
            "host" => "host: <host>".to_owned(),
            "user-agent" => format!("user-agent: {}/<version>", value.split('/').next().unwrap_or_default()),
            _ => reviewed(name, value.as_bytes()),
        })
        .collect();
    headers.sort();
    let body = String::from_utf8_lossy(&request.body);
    format!("{out}\n{}\n\n{}", headers.join("\n"), indented(&body))
}

/// JSON on several lines, every value in the characters that were sent.
pub(crate) fn indented(json: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    let mut before = ' ';
    for c in json.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            out.push(c);
        } else {
            if matches!(c, '}' | ']') {
                depth = depth.saturating_sub(1);
                if !matches!(before, '{' | '[') {
                    line(&mut out, depth);
                }
            } else if matches!(before, '{' | '[' | ',') {
                line(&mut out, depth);
            }
            out.push(c);
            match c {
                '"' => quoted = true,
                ':' => out.push(' '),
                '{' | '[' => depth += 1,
                _ => {}
            }
        }
        before = c;
    }
    out
}

fn full_order() -> Result<CreateOrder> {
    let customer = CustomerDetails::new(CustomerDetailsParts {
        customer_id: "cust_42".into(),
        customer_phone: "9999999999".into(),
    })
    .customer_name("A. Payer")
    .customer_email("payer@shop.example")
    .customer_bank_account_number("1111222233")
    .customer_bank_ifsc("TEST0001234")
    .customer_bank_code(3333);
    let item = CartItem::new()
        .item_id("i1")
        .item_name("ticket \"front row\"")
        .item_original_unit_price(amount("249.50")?)
        .item_currency(Currency::INR)
        .item_quantity(2);
    let split = VendorSplit::new("vendor_1").percentage("12.50".parse()?);
    let meta = OrderMeta::new()
        .return_url("https://shop.example/back?order={order_id}")
        .notify_url("https://shop.example/hook")
        .payment_methods("cc,upi");
    Ok(CreateOrder::new(Money::inr("499.00")?, customer)
        .order_id("order_full")
        .order_note("two tickets")
        .order_meta(meta)
        .order_tags([("seat", "12"), ("area", "₹ & é")])
        .order_splits(vec![split, VendorSplit::new("vendor_2").amount(Amount::rupees(10))])
        .cart_details(CartDetails::new().cart_name("basket").cart_items(vec![item]))
        .order_expiry_time("2099-07-29T00:00:00.000Z"))
}

fn plain_card(channel: CardChannel) -> Card {
    Card::new(channel)
        .card_number("4706131211212123")
        .card_holder_name("A. Payer")
        .card_expiry_mm("03")
        .card_expiry_yy("28")
        .card_cvv("123")
}

/// Every way to pay.
fn methods() -> [(&'static str, PayOrderPaymentMethod); 10] {
    use PayOrderPaymentMethod as Method;
    let hold = UpiAuthorizeDetails::new()
        .approve_by("2099-07-02T10:20:12+05:30")
        .start_time("2099-07-02T10:20:12+05:30")
        .end_time("2099-07-09T10:20:12+05:30");
    let hold =
        Upi::new(UpiChannel::Collect).upi_id("testsuccess@gocash").authorize_only(true).authorization(hold);
    let emi = CardEmi::new(CardEmiParts {
        channel: "link".into(),
        card_number: "4706131211212123".into(),
        card_expiry_mm: "03".into(),
        card_expiry_yy: "28".into(),
        card_cvv: "123".into(),
        card_bank_name: "kotak".into(),
        emi_tenure: 6,
    });
    [
        ("card", Method::card(plain_card(CardChannel::Post))),
        (
            "saved-card",
            Method::card(Card::new(CardChannel::Link).instrument_id("instrument_1").card_cvv("123")),
        ),
        ("upi", collect("testsuccess")),
        ("upi-hold", Method::upi(hold)),
        ("netbanking", Method::netbanking(Netbanking::new("link").netbanking_bank_code(3333))),
        (
            "app",
            Method::app(App::new(AppParts {
                channel: "link".into(),
                provider: AppProvider::Phonepe,
                phone: "9888888888".into(),
            })),
        ),
        ("emi", Method::emi(emi)),
        (
            "cardless-emi",
            Method::cardless_emi(
                CardlessEmi::new()
                    .channel("link")
                    .provider(CardlessEmiProvider::Flexmoney)
                    .phone("9888888888")
                    .emi_tenure(3),
            ),
        ),
        (
            "paylater",
            Method::paylater(
                Paylater::new().channel("link").provider(PaylaterProvider::Zestmoney).phone("9888888888"),
            ),
        ),
        ("banktransfer", Method::banktransfer(Banktransfer::new().channel("link"))),
    ]
}

#[tokio::test]
async fn orders_payments_and_refunds_are_as_they_were_reviewed() -> Result<()> {
    let delay = std::time::Duration::from_secs(3600);
    let shop = Shop::with(Sandbox::builder().refund_delay(delay), |client| client).await?;
    ensure!(shop.sandbox.save_card("cust_42", "instrument_1", "4706131211212123"), "no test card");
    let (orders, payments, refunds, preauth) =
        (shop.client.orders(), shop.client.payments(), shop.client.refunds(), shop.client.preauth());
    let captured = shop.held("order_held", "499").await?;
    shop.held("order_freed", "499").await?;
    let waiting = order("order_waiting", "499")?.order_note("preauth_transaction");
    let waiting = shop.begun(waiting, card(CardChannel::Post)).await?;
    let waiting = payment_id(&waiting)?;
    let mut scene = Scene { shop, seen: 0 };

    scene.shot("", orders.create(order("order_1", "499.00")?)).await?;
    for vendor_id in ["vendor_1", "vendor_2"] {
        scene.shop.client.vendors().create(crate::tour_easy_split::vendor(vendor_id)).await?;
    }
    scene.shot("full", orders.create(full_order()?)).await?;
    scene.shot("", orders.get("order_1")).await?;
    scene.shot("", orders.get_extended("order_1")).await?;
    let shipment = ShipmentDetails::new(ShipmentDetailsParts {
        tracking_company: "Carrier".into(),
        tracking_urls: vec!["https://carrier.example/7".to_owned()],
        tracking_numbers: vec!["0007".to_owned()],
    });
    let update = UpdateOrderExtendedData::new()
        .shipment_details(vec![shipment])
        .order_delivery_status(OrderDeliveryStatus::new(DeliveryStatus::Shipped).reason("on its way"));
    scene.shot("", orders.update_extended("order_1", update)).await?;
    scene.shot("", orders.terminate("order_1")).await?;

    for (name, method) in methods() {
        let order = scene.shop.order(&format!("order_{name}"), "1499").await?;
        scene.shot(name, payments.pay(PayOrder::new(session(&order)?, method))).await?;
    }
    let order = scene.shop.order("order_extras", "1499").await?;
    let extras =
        PayOrder::new(session(&order)?, methods()[0].1.clone()).save_instrument(true).offer_id("offer_1");
    scene.shot("extras", payments.pay(extras)).await?;
    scene.shot("resend", payments.resend_otp(waiting.clone())).await?;
    scene.shot("submit", payments.submit_otp(waiting, "111000")).await?;
    scene.shot("", payments.list("order_held")).await?;
    scene.shot("", payments.get("order_held", captured)).await?;
    scene.shot("capture", preauth.capture("order_held", amount("300.10")?)).await?;
    scene.shot("void", preauth.void("order_freed")).await?;

    scene.shot("", refunds.create("order_held", CreateRefund::new(amount("100.50")?, "refund_1"))).await?;
    let split = serde_json::from_str(r#"{"vendor_id":"vendor_1","amount":10.05}"#)?;
    let full = CreateRefund::new(amount("100.50")?, "refund_2")
        .refund_note("one ticket returned")
        .refund_speed(CreateRefundSpeed::Instant)
        .refund_splits(vec![split]);
    scene.shot("full", refunds.create("order_held", full)).await?;
    scene.shot("", refunds.list("order_held")).await?;
    scene.shot("", refunds.get("order_held", "refund_1")).await?;
    scene.shot("", refunds.cancel("order_held", "refund_1")).await?;
    Ok(())
}

#[tokio::test]
async fn a_path_holds_its_identifiers_each_in_its_place() -> Result<()> {
    let shop = Shop::open().await?;
    let _ = shop.client.payments().get("an order", "a payment").await;
    let _ = shop.client.refunds().get("an order", "a refund").await;
    let paths: Vec<String> = shop.sandbox.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(
        paths,
        ["/pg/orders/an%20order/payments/a%20payment", "/pg/orders/an%20order/refunds/a%20refund"]
    );
    Ok(())
}

#[tokio::test]
async fn the_calling_product_names_itself() -> Result<()> {
    let shop = Shop::with(Sandbox::builder(), |client| {
        client
            .user_agent_suffix("shop/7")
            .api_version(cashfree::ApiVersion::new("2023-08-01").unwrap_or_default())
    })
    .await?;
    let response = shop.order("order_1", "5").await?;
    // The sandbox names the version that it speaks.
    assert_eq!(response.meta().api_version(), Some(cashfree_gen::API_VERSION));
    let request = shop.only("PGCreateOrder")?;
    let agent = request.header("user-agent").context("a user agent")?;
    assert!(agent.starts_with("cashfree-rust/") && agent.ends_with(" shop/7"), "{agent}");
    assert_eq!(request.header("x-api-version"), Some("2023-08-01"));
    let versions = request.headers.iter().filter(|(name, _)| name.contains("api-version"));
    assert_eq!(versions.count(), 1, "a second version header would contradict the first");
    Ok(())
}

/// A response body whose identifying fields and amounts repeat those of the request, as the service's own responses do: a
/// body of the reference has those of the reference.
pub(crate) fn identified(request: &http::Request<Bytes>, body: &[u8]) -> Bytes {
    let path = request.uri().path().trim_start_matches("/pg");
    let literals = |template: &str| template.split('/').filter(|segment| !segment.starts_with('{')).count();
    let fits = |template: &str| {
        let (mut names, mut segments) = (template.split('/'), path.split('/'));
        names.clone().count() == segments.clone().count()
            && names
                .all(|name| segments.next().is_some_and(|segment| name.starts_with('{') || name == segment))
    };
    let known = operations::ALL.iter().filter(|known| known.method == *request.method() && fits(known.path));
    let operation = known.max_by_key(|known| literals(known.path));
    let (Some(operation), Ok(mut body)) = (operation, serde_json::from_slice::<Value>(body)) else {
        return Bytes::copy_from_slice(body);
    };
    let mut sent = cashfree_gen::Request::new(operation, path.to_owned());
    sent.body = request.body().clone();
    let objects = match &mut body {
        Value::Array(items) => items.iter_mut().collect(),
        object => vec![object],
    };
    let asked: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let amounts = asked.as_object().into_iter().flatten();
    let amounts = amounts.filter(|(name, _)| name.ends_with("amount") || name.ends_with("currency"));
    let amounts: Vec<(&String, &Value)> = amounts.collect();
    for object in objects {
        let Some(fields) = object.as_object_mut() else { continue };
        for identity in operation.response.identity {
            if let Some(value) = sent.value(identity.source) {
                fields.insert(identity.field.to_owned(), value.into());
            }
        }
        for (name, asked) in &amounts {
            if let Some(shown) = fields.get_mut(*name) {
                *shown = (*asked).clone();
            }
        }
    }
    body.to_string().into()
}
