//! Reads that show whether an act has happened.

use std::time::Duration;

use anyhow::Result;
use cashfree::Error;
use cashfree::types::{LinkStatus, OrderStatus, PaymentStatus, RefundStatus};

use super::plan::{Act, Flow};
use super::requests::{Held, MARK, PHONE};
use super::sdk::Sdk;

/// Waits after reads that do not show the act.
const WAITS: [Duration; 6] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1_600),
];

/// What a read shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Done,
    /// Not there, which proves nothing while an effect may still come.
    Absent,
    /// The id belongs to somebody else, or there is none.
    Other,
    Unclear,
}

impl Sdk {
    /// Reads until the act is seen to have happened, or the time has passed within which changes become visible.
    pub(super) async fn look(&self, flow: &Flow, act: Act, held: &mut Held) -> Result<Sight> {
        let mut sight = Sight::Unclear;
        for wait in WAITS {
            sight = self.glance(flow, act, held).await?;
            if matches!(sight, Sight::Done | Sight::Other) {
                break;
            }
            tokio::time::sleep(wait).await;
        }
        Ok(sight)
    }

    async fn glance(&self, flow: &Flow, act: Act, held: &mut Held) -> Result<Sight> {
        let client = self.client(flow.number)?;
        let (order, number) = (held.order_id.as_str(), flow.number);
        let own = |found: Option<&str>| if found == Some(MARK) { Sight::Done } else { Sight::Other };
        Ok(match act {
            // No id is known to read it with.
            Act::NamelessOrder | Act::Transfer | Act::Adjustment | Act::Split => Sight::Other,
            Act::Order => match client.orders().get(order).await {
                Ok(found) => {
                    let customer = found.customer_details.as_ref();
                    if customer.and_then(|it| it.customer_phone.as_deref()) != Some(PHONE) {
                        return Ok(Sight::Other);
                    }
                    let session = found.payment_session_id.as_ref();
                    held.session = session.map(|id| id.as_str().to_owned()).unwrap_or_default();
                    Sight::Done
                }
                Err(error) => absent(&error),
            },
            Act::Terminate => match client.orders().get(order).await {
                Ok(found) if found.order_status == OrderStatus::Terminated => Sight::Done,
                Ok(_) => Sight::Absent,
                Err(error) => absent(&error),
            },
            Act::Refund | Act::CancelRefund => {
                match client.refunds().get(order, held.refund_id.as_str()).await {
                    Ok(found) if act == Act::Refund => own(found.refund_note.as_deref()),
                    Ok(found) if found.refund_status == RefundStatus::Cancelled => Sight::Done,
                    Ok(_) => Sight::Absent,
                    Err(error) => absent(&error),
                }
            }
            Act::Link | Act::CancelLink => match client.payment_links().get(format!("link_{number}")).await {
                Ok(found) if act == Act::Link => own(found.link_purpose.as_deref()),
                Ok(found) if found.link_status == LinkStatus::Cancelled => Sight::Done,
                Ok(_) => Sight::Absent,
                Err(error) => absent(&error),
            },
            Act::Plan => match client.plans().get(format!("plan_{number}")).await {
                Ok(found) => own(found.plan_name.as_deref()),
                Err(error) => absent(&error),
            },
            Act::Subscription => match client.subscriptions().get(format!("sub_{number}")).await {
                Ok(found) => own(found.subscription_note.as_deref()),
                Err(error) => absent(&error),
            },
            Act::PayByCard | Act::PayByUpi | Act::Otp | Act::Capture | Act::Void => {
                let Ok(payments) = client.payments().list(order).await else { return Ok(Sight::Unclear) };
                let Some(payment) = payments.last() else { return Ok(Sight::Absent) };
                match act {
                    Act::PayByCard | Act::PayByUpi => {
                        held.payment = payment.cf_payment_id.to_string();
                        Sight::Done
                    }
                    Act::Otp => match payment.payment_status {
                        PaymentStatus::Success => Sight::Done,
                        PaymentStatus::Pending => Sight::Absent,
                        _ => Sight::Unclear,
                    },
                    _ => match payment.authorization.as_ref().map(|hold| hold.action.as_ref()) {
                        Some(Some(action)) if *action == Self::held_action(act) => Sight::Done,
                        Some(Some(_)) => Sight::Other,
                        Some(None) => Sight::Absent,
                        None => Sight::Unclear,
                    },
                }
            }
            Act::ReadOrder | Act::ReadPayments => Sight::Unclear,
        })
    }
}

fn absent(error: &Error) -> Sight {
    if error.is_not_found() { Sight::Absent } else { Sight::Unclear }
}
