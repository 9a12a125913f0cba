//! What many programs do: plain HTTP, and again after everything that is no success.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use super::PATIENCE;
use super::plan::{Act, Flow, Send};
use super::requests::{Held, Request, request};
use super::service::Access;
use super::tally::{Conclusion, Statement, Statements};

/// The first attempt and three repeats.
const ATTEMPTS: u32 = 4;

pub(super) struct Naive {
    http: reqwest::Client,
    access: Access,
    statements: Arc<Statements>,
}

impl Naive {
    pub(super) fn new(access: &Access, statements: Arc<Statements>) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        Ok(Self { http, access: access.clone(), statements })
    }

    pub(super) async fn play(&self, flow: Flow) -> Result<()> {
        let mut held = Held::new(&flow);
        for (step, &act) in flow.acts.iter().enumerate() {
            let send = Send { flow: flow.number, step: u8::try_from(step)?, turn: 0 };
            let request = request(&flow, send.step, act, &mut held, &self.access.otp);
            let open = matches!(act, Act::PayByCard | Act::PayByUpi | Act::Otp);
            let started = Instant::now();
            let (response, attempts) = self.call(&request, open, send).await?;
            let statement = match &response {
                Some(response) => Statement::Done(claim(act, &request, response).map(String::into_boxed_str)),
                None => Statement::Refused,
            };
            self.statements.record(send, statement, attempts, started.elapsed());
            if act.change().is_some() {
                let done = response.is_some();
                let conclusion = if done { Conclusion::Done } else { Conclusion::NotDone };
                self.statements.conclude(send, conclusion);
            }
            // Without a success its customer goes away.
            let Some(response) = response else {
                match act {
                    Act::ReadOrder | Act::ReadPayments | Act::Refund => continue,
                    _ => break,
                }
            };
            for (name, held) in [
                ("order_id", &mut held.order_id),
                ("payment_session_id", &mut held.session),
                ("cf_payment_id", &mut held.payment),
            ] {
                if let Some(found) = response[name].as_str() {
                    found.clone_into(held);
                }
            }
        }
        Ok(())
    }

    /// The response, if it was a success, and the number of attempts.
    async fn call(&self, request: &Request, open: bool, send: Send) -> Result<(Option<Value>, u32)> {
        for attempt in 1..=ATTEMPTS {
            let url = format!("{}{}", self.access.url, request.path);
            let mut outgoing = self
                .http
                .request(request.method.parse()?, url)
                .header("x-api-version", cashfree_gen::API_VERSION)
                .header("x-request-id", send.request_id());
            if !open {
                for (name, value) in self.access.headers(send.flow) {
                    outgoing = outgoing.header(name, value);
                }
            }
            if !request.body.is_null() {
                outgoing = outgoing.json(&request.body);
            }
            if let Ok(response) = outgoing.send().await
                && response.status().is_success()
                && let Ok(body) = response.json().await
            {
                return Ok((Some(body), attempt));
            }
            tokio::time::sleep(Duration::from_millis(5) * attempt).await;
        }
        Ok((None, ATTEMPTS))
    }
}

/// The id of what a response says is done; `None` where the operation returns none.
fn claim(act: Act, request: &Request, response: &Value) -> Option<String> {
    let text = |name: &str| match &response[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Some(match act {
        Act::Order | Act::NamelessOrder | Act::Capture | Act::Void | Act::Terminate => text("order_id"),
        Act::PayByCard | Act::PayByUpi => text("cf_payment_id"),
        Act::Refund | Act::CancelRefund => format!("{}/{}", text("order_id"), text("refund_id")),
        Act::Link | Act::CancelLink => text("link_id"),
        Act::Plan => text("plan_id"),
        Act::Subscription => text("subscription_id"),
        Act::Transfer => text("settlement_id"),
        Act::Otp | Act::Adjustment | Act::Split => return None,
        Act::ReadOrder => return (!request.path.ends_with(&text("order_id"))).then(|| "another".to_owned()),
        Act::ReadPayments => {
            let payments = response.as_array();
            let order = request.path.split('/').nth(2).unwrap_or_default();
            let own = payments.is_some_and(|all| all.iter().all(|payment| payment["order_id"] == order));
            return (!own).then(|| "another".to_owned());
        }
    })
}
