//! The client at work, used as its documentation says: after a failure look at its effect, and after an
//! unknown one read what can be read, or send again with the same key.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cashfree::types::{CreateOrder, CreateRefund, CustomerDetails, PayOrder, PaymentStatus};
use cashfree::{
    Amount, Call, CfPaymentId, Client, Credentials, Effect, Environment, Error, IdempotencyKey, Money,
    PaymentSessionId, Response, RetryPolicy,
};

use super::plan::{Act, Flow, Send};
use super::service::Access;
use super::tally::{Belief, Ledger, Told};
use super::{PATIENCE, SLOW};
use crate::instruments;

/// How often an act is sent before its flow is given up.
const TURNS: u8 = 12;
/// How often something is read until it can be told how it stands.
const LOOKS: u32 = 12;

pub(super) struct Sdk {
    client: Client,
    otp: String,
    ledger: Arc<Ledger>,
}

/// What a flow has got hold of.
#[derive(Default)]
struct Holdings {
    order_id: String,
    session: Option<PaymentSessionId>,
    payment: Option<CfPaymentId>,
    refund_id: String,
}

/// What looking has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Done,
    Absent,
    Unclear,
}

impl Sdk {
    pub(super) fn new(access: &Access, policy: RetryPolicy, ledger: Arc<Ledger>) -> Result<Self> {
        let credentials =
            Credentials::client_secret(access.client_id.as_str(), access.client_secret.as_str());
        let client = Client::builder(Environment::custom(&access.url)?, credentials)
            .timeout(PATIENCE)
            .retry(policy)
            .build()?;
        Ok(Self { client, otp: access.otp.clone(), ledger })
    }

    pub(super) async fn play(&self, flow: Flow) -> Result<()> {
        let mut held = Holdings { order_id: flow.order_id(), ..Holdings::default() };
        for (step, &act) in flow.acts.iter().enumerate() {
            let send = Send { flow: flow.number, step: u8::try_from(step)?, turn: 0 };
            if act.change().is_none() {
                self.read(act, &held, send).await;
                continue;
            }
            let belief = self.write(&flow, act, &mut held, send).await?;
            self.ledger.believe(send, belief);
            if belief != Belief::Done {
                break;
            }
        }
        Ok(())
    }

    async fn read(&self, act: Act, held: &Holdings, send: Send) {
        let order = held.order_id.as_str();
        if act == Act::ReadOrder {
            let _ = self.send(self.client.orders().get(order), send).await;
        } else {
            let _ = self.send(self.client.payments().list(order), send).await;
        }
    }

    /// Sends, and keeps what came of it.
    async fn send<T: std::marker::Send + 'static>(
        &self,
        call: Call<T>,
        send: Send,
    ) -> Result<Response<T>, Error> {
        let started = Instant::now();
        let result = call.request_id(send.request_id()).await;
        let (told, attempts) = match &result {
            Ok(response) => (Told::Done, response.meta().attempts()),
            Err(error) => (Told::of(error), error.attempts()),
        };
        self.ledger.note(send, told, attempts, started.elapsed());
        result
    }

    /// Goes on until it is known whether the write happened.
    async fn write(&self, flow: &Flow, act: Act, held: &mut Holdings, mut send: Send) -> Result<Belief> {
        // Every other write names its key itself; the others get one from the client.
        let mut key = send
            .step
            .is_multiple_of(2)
            .then(|| IdempotencyKey::derive("soak", &[&send.flow.to_string(), &send.step.to_string()]));
        let mut belief = Belief::NotDone;
        for turn in 0..TURNS {
            send.turn = turn;
            let Err(error) = self.attempt(flow, act, held, send, key.clone()).await? else {
                return Ok(Belief::Done);
            };
            // A failure that is stored under the key stays; only another key can change it.
            let stored = error.meta().and_then(|meta| meta.replayed()) == Some(true);
            key = error.idempotency_key().cloned();
            if matches!(error.effect(), Effect::NotSent | Effect::Refused) && !error.is_conflict() {
                continue;
            }
            match self.look(act, held).await {
                Sight::Done => return Ok(Belief::Done),
                Sight::Absent => {
                    belief = Belief::NotDone;
                    if stored || matches!(act, Act::PayByCard | Act::PayByUpi | Act::Otp) {
                        key = None;
                    }
                }
                // No id to read it by: the key is the only way, and it says no more than it did.
                Sight::Unclear if stored => return Ok(Belief::Unknown),
                Sight::Unclear if act == Act::NamelessOrder => belief = Belief::Unknown,
                Sight::Unclear => return Ok(Belief::Unknown),
            }
        }
        Ok(belief)
    }

    async fn attempt(
        &self,
        flow: &Flow,
        act: Act,
        held: &mut Holdings,
        send: Send,
        key: Option<IdempotencyKey>,
    ) -> Result<Result<(), Error>> {
        let order = held.order_id.clone();
        let result = match act {
            Act::Order | Act::NamelessOrder => {
                let customer = CustomerDetails::new("cust_42", "9999999999");
                let mut request = CreateOrder::new(Money::inr("100.00")?, customer);
                if act == Act::Order {
                    request = request.order_id(order);
                }
                if flow.holds() {
                    request = request.order_note("preauth_transaction");
                }
                let made = self.send(keyed(self.client.orders().create(request), key), send).await;
                made.map(|order| {
                    held.order_id = order.order_id.as_ref().map(ToString::to_string).unwrap_or_default();
                    held.session.clone_from(&order.payment_session_id);
                })
            }
            Act::PayByCard | Act::PayByUpi => {
                let session = held.session.clone().context("an order has a session")?;
                let method = if act == Act::PayByCard { instruments::card() } else { instruments::upi() };
                let call = self.client.payments().pay(PayOrder::new(session, method));
                let begun = self.send(keyed(call, key), send).await;
                begun.map(|begun| held.payment.clone_from(&begun.cf_payment_id))
            }
            Act::Otp => {
                let payment = held.payment.clone().context("a payment has an id")?;
                let call = self.client.payments().submit_otp(payment, self.otp.as_str());
                self.send(keyed(call, key), send).await.map(drop)
            }
            Act::Capture => {
                let call = self.client.preauth().capture(order, "80.00".parse()?);
                self.send(keyed(call, key), send).await.map(drop)
            }
            Act::Void => self.send(keyed(self.client.preauth().void(order), key), send).await.map(drop),
            Act::Refund => {
                held.refund_id = flow.refund_id(send.step);
                let refund = CreateRefund::new(Amount::rupees(10), held.refund_id.as_str());
                let call = self.client.refunds().create(order, refund);
                self.send(keyed(call, key), send).await.map(drop)
            }
            Act::ReadOrder | Act::ReadPayments => Ok(()),
        };
        Ok(result)
    }

    /// Reads until it can be told whether the act has happened.
    async fn look(&self, act: Act, held: &mut Holdings) -> Sight {
        if act == Act::NamelessOrder {
            return Sight::Unclear;
        }
        // What is slow may still be under way; the service must be given the time that it may take.
        tokio::time::sleep(SLOW).await;
        for _ in 0..LOOKS {
            let sight = self.glance(act, held).await;
            if sight != Sight::Unclear {
                return sight;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Sight::Unclear
    }

    async fn glance(&self, act: Act, held: &mut Holdings) -> Sight {
        let order = held.order_id.as_str();
        match act {
            Act::Order => match self.client.orders().get(order).await {
                Ok(found) => {
                    held.session.clone_from(&found.payment_session_id);
                    Sight::Done
                }
                Err(error) => absent(&error),
            },
            Act::Refund => match self.client.refunds().get(order, held.refund_id.as_str()).await {
                Ok(_) => Sight::Done,
                Err(error) => absent(&error),
            },
            _ => {
                let payments = match self.client.payments().list(order).await {
                    Ok(payments) => payments,
                    Err(_) => return Sight::Unclear,
                };
                let Some(payment) = payments.last() else { return Sight::Absent };
                match act {
                    Act::PayByCard | Act::PayByUpi => {
                        held.payment.clone_from(&payment.cf_payment_id);
                        Sight::Done
                    }
                    Act::Otp => match payment.payment_status {
                        Some(PaymentStatus::Success) => Sight::Done,
                        Some(PaymentStatus::Pending) => Sight::Absent,
                        _ => Sight::Unclear,
                    },
                    _ => match payment.authorization.as_ref() {
                        Some(hold) if hold.action.is_some() => Sight::Done,
                        Some(_) => Sight::Absent,
                        None => Sight::Unclear,
                    },
                }
            }
        }
    }
}

fn absent(error: &Error) -> Sight {
    if error.is_not_found() { Sight::Absent } else { Sight::Unclear }
}

fn keyed<T>(call: Call<T>, key: Option<IdempotencyKey>) -> Call<T> {
    match key {
        Some(key) => call.idempotency_key(key),
        None => call,
    }
}
