//! What many programs do: plain HTTP, and again if it was no success.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::PATIENCE;
use super::plan::{Act, Flow, Send};
use super::service::Access;
use super::tally::{Belief, Ledger, Told};

/// The first one, and three repeats.
const ATTEMPTS: u32 = 4;

pub(super) struct Naive {
    http: reqwest::Client,
    access: Access,
    ledger: Arc<Ledger>,
}

impl Naive {
    pub(super) fn new(access: &Access, ledger: Arc<Ledger>) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        Ok(Self { http, access: access.clone(), ledger })
    }

    pub(super) async fn play(&self, flow: Flow) -> Result<()> {
        let mut order_id = flow.order_id();
        let (mut session, mut payment) = (Value::Null, String::new());
        for (step, &act) in flow.acts.iter().enumerate() {
            let send = Send { flow: flow.number, step: u8::try_from(step)?, turn: 0 };
            let (method, path, body) = match act {
                Act::Order | Act::NamelessOrder => {
                    let mut body = json!({
                        "order_amount": 100, "order_currency": "INR",
                        "customer_details": { "customer_id": "cust_42", "customer_phone": "9999999999" },
                    });
                    if act == Act::Order {
                        body["order_id"] = json!(order_id);
                    }
                    if flow.holds() {
                        body["order_note"] = json!("preauth_transaction");
                    }
                    ("POST", "/orders".to_owned(), body)
                }
                Act::PayByCard | Act::PayByUpi => {
                    let method = if act == Act::PayByCard {
                        json!({ "card": {
                            "channel": "post", "card_number": "4706131211212123", "card_expiry_mm": "03",
                            "card_expiry_yy": "28", "card_cvv": "123",
                        } })
                    } else {
                        json!({ "upi": { "channel": "collect", "upi_id": "testsuccess@gocash" } })
                    };
                    let body = json!({ "payment_session_id": session, "payment_method": method });
                    ("POST", "/orders/sessions".to_owned(), body)
                }
                Act::Otp => {
                    let body = json!({ "action": "SUBMIT_OTP", "otp": self.access.otp });
                    ("POST", format!("/orders/pay/authenticate/{payment}"), body)
                }
                Act::Capture => (
                    "POST",
                    format!("/orders/{order_id}/authorization"),
                    json!({ "action": "CAPTURE", "amount": 80 }),
                ),
                Act::Void => {
                    ("POST", format!("/orders/{order_id}/authorization"), json!({ "action": "VOID" }))
                }
                Act::Refund => (
                    "POST",
                    format!("/orders/{order_id}/refunds"),
                    json!({ "refund_id": flow.refund_id(send.step), "refund_amount": 10 }),
                ),
                Act::ReadOrder => ("GET", format!("/orders/{order_id}"), Value::Null),
                Act::ReadPayments => ("GET", format!("/orders/{order_id}/payments"), Value::Null),
            };
            let open = matches!(act, Act::PayByCard | Act::PayByUpi | Act::Otp);
            let started = Instant::now();
            let (answer, attempts) = self.call(method, &path, &body, open, send).await?;
            let told = if answer.is_some() { Told::Done } else { Told::Refused };
            self.ledger.note(send, told, attempts, started.elapsed());
            if act.change().is_some() {
                let belief = if answer.is_some() { Belief::Done } else { Belief::NotDone };
                self.ledger.believe(send, belief);
            }
            // Where it has nothing to go on with, its customer goes away.
            let Some(answer) = answer else {
                match act {
                    Act::ReadOrder | Act::ReadPayments | Act::Refund => continue,
                    _ => break,
                }
            };
            if let Some(id) = answer["order_id"].as_str() {
                id.clone_into(&mut order_id);
            }
            if !answer["payment_session_id"].is_null() {
                session = answer["payment_session_id"].clone();
            }
            if let Some(id) = answer["cf_payment_id"].as_str() {
                id.clone_into(&mut payment);
            }
        }
        Ok(())
    }

    /// The answer, if one came, and how many attempts it took.
    async fn call(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        open: bool,
        send: Send,
    ) -> Result<(Option<Value>, u32)> {
        for attempt in 1..=ATTEMPTS {
            let url = format!("{}{path}", self.access.url);
            let mut request = self
                .http
                .request(method.parse()?, url)
                .header("x-api-version", "2025-01-01")
                .header("x-request-id", send.request_id());
            if !open {
                request = request
                    .header("x-client-id", &self.access.client_id)
                    .header("x-client-secret", &self.access.client_secret);
            }
            if !body.is_null() {
                request = request.json(body);
            }
            if let Ok(answer) = request.send().await
                && answer.status().is_success()
                && let Ok(answer) = answer.json().await
            {
                return Ok((Some(answer), attempt));
            }
            tokio::time::sleep(Duration::from_millis(5) * attempt).await;
        }
        Ok((None, ATTEMPTS))
    }
}
