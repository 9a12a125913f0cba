//! Events by plain HTTP: what a receiver gets, in which headers, how often, and for which change.

mod delivery;
mod events;
mod samples;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cashfree_sandbox::{
    Builder, Downtime, Sandbox, Trigger, WebhookDelivery, WebhookEndpoint, WebhookFault, WebhookOutcome,
    WebhookSchedule, webhook_samples,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{Shop, card, collect, order_body};

const LONG: Duration = Duration::from_secs(60);

/// One request as the receiver got it.
#[derive(Clone, Debug)]
struct Received {
    headers: HeaderMap,
    body: Bytes,
    at: Instant,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The signature by hand: nothing of the sandbox is asked.
    fn is_signed_with(&self, secret: &str) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return false;
        };
        mac.update(self.header("x-webhook-timestamp").as_bytes());
        mac.update(&self.body);
        STANDARD.encode(mac.finalize().into_bytes()) == self.header("x-webhook-signature")
    }
}

#[derive(Default)]
struct Inbox {
    received: Vec<Received>,
    /// Statuses of the next responses, then 200.
    responses: VecDeque<u16>,
}

/// A receiver on a port of its own.
struct Receiver {
    url: String,
    inbox: Arc<Mutex<Inbox>>,
}

async fn take(State(inbox): State<Arc<Mutex<Inbox>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
    inbox.received.push(Received { headers, body, at: Instant::now() });
    inbox.responses.pop_front().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK)
}

impl Receiver {
    async fn open(responses: &[u16]) -> Result<Self> {
        let inbox = Arc::new(Mutex::new(Inbox {
            responses: responses.iter().copied().collect(),
            ..Inbox::default()
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hooks", listener.local_addr()?);
        let router = Router::new().route("/hooks", post(take)).with_state(Arc::clone(&inbox));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, inbox })
    }

    fn received(&self) -> Vec<Received> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).received.clone()
    }

    fn types(&self) -> Vec<String> {
        let word = |received: &Received| received.json()["type"].as_str().unwrap_or_default().to_owned();
        self.received().iter().map(word).collect()
    }
}

async fn shop(builder: Builder) -> Result<Shop> {
    Shop::with(builder.refund_delay(Duration::ZERO).start().await?)
}

async fn settled(shop: &Shop) -> Result<Vec<WebhookDelivery>> {
    ensure!(shop.sandbox.webhooks_settled(LONG).await, "not settled: {:?}", shop.sandbox.deliveries());
    Ok(shop.sandbox.deliveries())
}

/// Everything that went out was delivered: none was refused for its form.
fn all_delivered(deliveries: &[WebhookDelivery]) {
    for delivery in deliveries {
        let body = String::from_utf8_lossy(&delivery.body);
        assert_eq!(delivery.outcome, WebhookOutcome::Responded(200), "{} {body}", delivery.event_type);
    }
}

fn types(deliveries: &[WebhookDelivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.event_type.as_str()).collect()
}

#[tokio::test]
async fn an_order_sends_to_its_own_address() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let shop = shop(Sandbox::builder()).await?;
    let mut body = order_body("order_1", "499")?;
    body["order_meta"] = json!({ "notify_url": receiver.url });
    body["order_tags"] = json!({ "cart": "7" });
    let (_, order) = shop.post("/orders", body).await?;
    shop.order("order_2", "1", None).await?;
    shop.pay(order["payment_session_id"].as_str().context("session")?, collect("testsuccess")).await?;
    shop.paid("order_3", "1").await?;
    let refund = json!({ "refund_id": "refund_1", "refund_amount": 20.5 });
    assert_eq!(shop.post("/orders/order_1/refunds", refund).await?.0, 200);
    let deliveries = settled(&shop).await?;
    all_delivered(&deliveries);
    assert_eq!(
        receiver.types(),
        ["PAYMENT_SUCCESS_WEBHOOK", "PAYMENT_CHARGES_WEBHOOK", "REFUND_STATUS_WEBHOOK"]
    );
    let received = receiver.received();
    for (received, delivery) in received.iter().zip(&deliveries) {
        assert!(received.is_signed_with(shop.sandbox.client_secret()));
        assert!(!received.is_signed_with("another"));
        assert_eq!(received.header("content-type"), "application/json");
        assert_eq!(received.header("x-webhook-version"), shop.sandbox.webhook_version());
        assert_eq!(received.header("x-webhook-attempt"), "1");
        let timestamp = received.header("x-webhook-timestamp");
        assert!(timestamp.len() == 13 && timestamp.bytes().all(|byte| byte.is_ascii_digit()), "{timestamp}");
        assert_eq!(STANDARD.decode(received.header("x-idempotency-key")).map(|hash| hash.len()), Ok(32));
        assert_eq!(
            (&received.body[..], received.header("x-idempotency-key")),
            (&delivery.body[..], delivery.header("X-Idempotency-Key").unwrap_or_default())
        );
    }
    let keys: BTreeSet<&str> = received.iter().map(|received| received.header("x-idempotency-key")).collect();
    assert_eq!(keys.len(), 3);

    let paid = received[0].json();
    let payment = shop.payment("order_1").await?;
    assert_eq!(paid["data"]["order"]["order_id"], "order_1");
    assert_eq!(paid["data"]["order"]["order_tags"], json!({ "cart": "7" }));
    assert_eq!(paid["data"]["payment"]["cf_payment_id"], payment["cf_payment_id"]);
    assert_eq!(paid["data"]["payment"]["bank_reference"], payment["bank_reference"]);
    assert_eq!(paid["data"]["payment"]["payment_method"]["upi"]["upi_id"], "testsuccess@gocash");
    assert!(received[0].body.windows(21).any(|part| part == br#""order_amount":499.00"#));
    let charges = &received[1].json()["data"]["charges_details"];
    assert_eq!(*charges, json!({ "service_charge": 9.48, "service_tax": 1.7, "settlement_amount": 487.82 }));
    let refund = &received[2].json()["data"]["refund"];
    assert_eq!((&refund["refund_status"], &refund["refund_amount"]), (&json!("SUCCESS"), &json!(20.5)));
    assert_eq!(refund["cf_payment_id"].to_string(), payment["cf_payment_id"].as_str().unwrap_or_default());
    Ok(())
}

#[tokio::test]
async fn payment_events_report_the_outcome() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let shop = shop(Sandbox::builder().webhooks(receiver.url.as_str())).await?;
    let session = shop.order("order_1", "2000", None).await?;
    let first = shop.pay(&session, card("link")).await?;
    let second = shop
        .pay(&session, json!({ "netbanking": { "channel": "link", "netbanking_bank_code": 3333 } }))
        .await?;
    let left = shop
        .pay(&session, json!({ "app": { "channel": "link", "provider": "phonepe", "phone": "9999999999" } }))
        .await?;
    shop.pay(&session, collect("testfailure")).await?;
    shop.decide(left["data"]["url"].as_str().context("page")?, "outcome=user_dropped").await?;
    shop.visit(&first).await?;
    shop.visit(&second).await?;

    let held = shop.order("held", "100", Some("preauth_transaction")).await?;
    let held = shop.pay(&held, card("link")).await?;
    shop.visit(&held).await?;
    let capture = json!({ "action": "CAPTURE", "amount": 60.5 });
    assert_eq!(shop.post("/orders/held/authorization", capture).await?.0, 200);

    let session = shop.order("credit", "1500", None).await?;
    let later = json!({ "paylater": { "channel": "link", "provider": "simpl", "phone": "8714268343" } });
    shop.pay(&session, later).await?;
    let deliveries = settled(&shop).await?;
    all_delivered(&deliveries);
    let sent: Vec<&str> = types(&deliveries);
    let count = |kind: &str| sent.iter().filter(|known| **known == kind).count();
    assert_eq!(
        sent[..4],
        [
            "PAYMENT_FAILED_WEBHOOK",
            "PAYMENT_USER_DROPPED_WEBHOOK",
            "PAYMENT_SUCCESS_WEBHOOK",
            "PAYMENT_CHARGES_WEBHOOK"
        ]
    );
    assert_eq!(
        (
            count("PAYMENT_SUCCESS_WEBHOOK"),
            count("PAYMENT_CHARGES_WEBHOOK"),
            count("AUTO_REFUND_STATUS_WEBHOOK")
        ),
        (3, 2, 2)
    );
    let of = |kind: &str| -> Vec<Value> {
        deliveries
            .iter()
            .filter(|known| known.event_type == kind)
            .map(|known| known.json()["data"].clone())
            .collect()
    };
    let failed = &of("PAYMENT_FAILED_WEBHOOK")[0];
    assert!(failed["error_details"]["error_code"].is_string());
    let dropped = &of("PAYMENT_USER_DROPPED_WEBHOOK")[0];
    assert_eq!(
        dropped["payment"]["payment_method"],
        json!({ "app": { "channel": "phonepe", "upi_id": null } })
    );
    assert_eq!(dropped.get("payment_gateway_details"), None);
    let paid = of("PAYMENT_SUCCESS_WEBHOOK");
    assert_eq!(paid[1]["payment"]["payment_method"]["netbanking"]["netbanking_bank_code"], "3333");
    assert_eq!(paid[2]["payment"]["payment_message"], "PRE_AUTH|the amount is blocked");
    let back = of("AUTO_REFUND_STATUS_WEBHOOK");
    assert_eq!(back[0]["auto_refund"]["cf_payment_id"], second["cf_payment_id"]);
    assert_eq!(back[0]["auto_refund"]["refund_status"], "INITIATED");
    assert_eq!(
        (&back[1]["auto_refund"]["refund_status"], &back[1]["auto_refund"]["cf_refund_id"]),
        (&json!("SUCCESS"), &back[0]["auto_refund"]["cf_refund_id"])
    );
    let charges = of("PAYMENT_CHARGES_WEBHOOK");
    assert_eq!(charges[1]["charges_details"]["service_charge"], 1.14);
    Ok(())
}

#[tokio::test]
async fn each_method_stands_under_the_key_of_webhooks() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let shop = shop(Sandbox::builder().webhooks(receiver.url.as_str())).await?;
    let mut emi = json!({ "emi": card("link")["card"] });
    emi["emi"]["card_bank_name"] = json!("hdfc");
    emi["emi"]["emi_tenure"] = json!(6);
    let phone = "8714268343";
    for (at, (method, key)) in [
        (card("link"), "card"),
        (emi, "card"),
        (json!({ "upi": { "channel": "link" } }), "upi"),
        (json!({ "netbanking": { "channel": "link", "netbanking_bank_code": 3333 } }), "netbanking"),
        (json!({ "app": { "channel": "link", "provider": "phonepe", "phone": phone } }), "app"),
        (json!({ "paylater": { "channel": "link", "provider": "lazypay", "phone": phone } }), "pay_later"),
        (
            json!({ "cardless_emi": { "channel": "link", "provider": "hdfc", "phone": phone, "emi_tenure": 3 } }),
            "cardless_emi",
        ),
        (json!({ "banktransfer": { "channel": "link" } }), "bank_transfer"),
    ]
    .into_iter()
    .enumerate()
    {
        let session = shop.order(&format!("order_{at}"), "1500.5", None).await?;
        shop.visit(&shop.pay(&session, method).await?).await?;
        let deliveries = settled(&shop).await?;
        all_delivered(&deliveries);
        let paid = deliveries.iter().rfind(|known| known.event_type == "PAYMENT_SUCCESS_WEBHOOK");
        let payment = &paid.context("not paid")?.json()["data"]["payment"];
        let keys: Vec<&String> = payment["payment_method"].as_object().into_iter().flat_map(|m| m.keys()).collect();
        assert_eq!(keys, [key]);
        if payment["payment_group"] == "credit_card_emi" {
            assert_eq!(payment["payment_method"]["card"]["card_type"], "credit_card_emi");
            assert_eq!(payment["payment_method"]["card"]["emi_details"]["emi_tenure"], 6);
        }
    }
    Ok(())
}
