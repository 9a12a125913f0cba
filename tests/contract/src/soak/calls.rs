//! The typed call behind each act, and the id that its response names.

use std::time::Instant;

use anyhow::Result;
use cashfree::types::{
    AuthorizeAction, CreateOrder, CreatePaymentLink, CreatePlan, CreateRefund, CreateSubscription,
    CreateVendorAdjustment, CreateVendorTransfer, PayOrder, SplitAfterPayment,
};
use cashfree::{Amount, Call, CfPaymentId, Error, IdempotencyKey, Response};
use serde::Deserialize;

use super::plan::{Act, Flow, Send};
use super::requests::{Held, request};
use super::sdk::Sdk;
use super::tally::Statement;

impl Sdk {
    /// Sends an act once, records what was said, and keeps the ids that the flow goes on with.
    pub(super) async fn attempt(
        &self,
        flow: &Flow,
        act: Act,
        held: &mut Held,
        send: Send,
        key: Option<IdempotencyKey>,
    ) -> Result<Result<(), Error>> {
        let client = self.client(flow.number)?;
        let body = request(flow, send.step, act, held, &self.otp).body;
        let order = held.order_id.clone();
        let number = flow.number;
        Ok(match act {
            Act::Order | Act::NamelessOrder => {
                let call = client.orders().create(CreateOrder::deserialize(body)?);
                let made = self.send(call, key, send, |order| Some(order.order_id.to_string())).await;
                made.map(|order| {
                    held.order_id = order.order_id.to_string();
                    held.session = order
                        .payment_session_id
                        .as_ref()
                        .map(|id| id.as_str().to_owned())
                        .unwrap_or_default();
                })
            }
            Act::PayByCard | Act::PayByUpi => {
                let call = client.payments().pay(PayOrder::deserialize(body)?);
                let begun = self.send(call, key, send, |begun| Some(text(&begun.cf_payment_id))).await;
                begun.map(|begun| held.payment = text(&begun.cf_payment_id))
            }
            Act::Otp => {
                let payment = CfPaymentId::from(held.payment.as_str());
                let call = client.payments().submit_otp(payment, self.otp.as_str());
                self.send(call, key, send, |_| None).await.map(drop)
            }
            Act::Capture => {
                let call = client.preauth().capture(order, Amount::rupees(80));
                self.send(call, key, send, |payment| Some(payment.order_id.to_string())).await.map(drop)
            }
            Act::Void => {
                let call = client.preauth().void(order);
                self.send(call, key, send, |payment| Some(payment.order_id.to_string())).await.map(drop)
            }
            Act::Refund => {
                let call = client.refunds().create(order, CreateRefund::deserialize(body)?);
                let claim = |it: &cashfree::types::Refund| {
                    Some(format!("{}/{}", it.order_id, it.refund_id.as_ref()?))
                };
                self.send(call, key, send, claim).await.map(drop)
            }
            Act::CancelRefund => {
                let call = client.refunds().cancel(order, held.refund_id.as_str());
                let claim = |it: &cashfree::types::Refund| {
                    Some(format!("{}/{}", it.order_id, it.refund_id.as_ref()?))
                };
                self.send(call, key, send, claim).await.map(drop)
            }
            Act::Terminate => {
                let call = client.orders().terminate(order);
                self.send(call, key, send, |order| Some(order.order_id.to_string())).await.map(drop)
            }
            Act::Link => {
                let call = client.payment_links().create(CreatePaymentLink::deserialize(body)?);
                self.send(call, key, send, |link| Some(link.link_id.to_string())).await.map(drop)
            }
            Act::CancelLink => {
                let call = client.payment_links().cancel(format!("link_{number}"));
                self.send(call, key, send, |link| Some(link.link_id.to_string())).await.map(drop)
            }
            Act::Plan => {
                let call = client.plans().create(CreatePlan::deserialize(body)?);
                self.send(call, key, send, |plan| Some(text(&plan.plan_id))).await.map(drop)
            }
            Act::Subscription => {
                let call = client.subscriptions().create(CreateSubscription::deserialize(body)?);
                self.send(call, key, send, |it| Some(it.subscription_id.to_string())).await.map(drop)
            }
            Act::Transfer => {
                let transfer = CreateVendorTransfer::deserialize(body)?;
                let call = client.vendors().create_transfer(format!("vendor_{number}"), transfer);
                self.send(call, key, send, |moved| Some(text(&moved.settlement_id))).await.map(drop)
            }
            Act::Adjustment => {
                let call = client.vendors().create_adjustment(CreateVendorAdjustment::deserialize(body)?);
                self.send(call, key, send, |_| None).await.map(drop)
            }
            Act::Split => {
                let call = client.easy_split().split_order(order, SplitAfterPayment::deserialize(body)?);
                self.send(call, key, send, |_| None).await.map(drop)
            }
            Act::ReadOrder => {
                let call = client.orders().get(order.as_str());
                let other = |found: &cashfree::types::Order| {
                    Some(found.order_id.to_string()).filter(|id| *id != order)
                };
                self.send(call, key, send, other).await.map(drop)
            }
            Act::ReadPayments => {
                let call = client.payments().list(order.as_str());
                let other = |found: &Vec<cashfree::types::Payment>| {
                    found.iter().map(|payment| payment.order_id.to_string()).find(|id| *id != order)
                };
                self.send(call, key, send, other).await.map(drop)
            }
        })
    }

    /// Sends a call and records what it said. `claim` names what a response says is done.
    async fn send<T: std::marker::Send + 'static>(
        &self,
        call: Call<T>,
        key: Option<IdempotencyKey>,
        send: Send,
        claim: impl FnOnce(&T) -> Option<String>,
    ) -> Result<Response<T>, Error> {
        let call = match key {
            Some(key) => call.idempotency_key(key),
            None => call,
        };
        let started = Instant::now();
        let result = call.request_id(send.request_id()).await;
        let (statement, attempts) = match &result {
            Ok(response) => {
                (Statement::Done(claim(response).map(String::into_boxed_str)), response.meta().attempts())
            }
            Err(error) => (Statement::of(error), error.attempts()),
        };
        self.statements.record(send, statement, attempts, started.elapsed());
        result
    }

    pub(super) const fn held_action(act: Act) -> AuthorizeAction {
        if matches!(act, Act::Void) { AuthorizeAction::Void } else { AuthorizeAction::Capture }
    }
}

/// An id, or nothing.
pub(super) fn text(id: &Option<impl AsRef<str>>) -> String {
    id.as_ref().map(|id| id.as_ref().to_owned()).unwrap_or_default()
}
