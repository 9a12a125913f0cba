//! The client at work. A caller that follows the client's advice sends again or reads after a failure; one that
//! does not takes each statement as it is.

use std::sync::Arc;
use std::time::Duration;

use adversary::MERCHANTS;
use anyhow::Result;
use cashfree::{Client, Credentials, Effect, Environment, IdempotencyKey, NextStep, RetryPolicy};

use super::PATIENCE;
use super::look::Sight;
use super::plan::{Act, Flow, Send};
use super::requests::Held;
use super::service::Access;
use super::tally::{Conclusion, Statement, Statements};

/// How often an act is sent before its flow ends.
const TURNS: u8 = 12;

pub(super) struct Sdk {
    /// One for each merchant.
    clients: Vec<Client>,
    pub(super) otp: String,
    pub(super) statements: Arc<Statements>,
    follows: bool,
}

impl Sdk {
    pub(super) fn new(
        access: &Access,
        policy: RetryPolicy,
        follows: bool,
        statements: Arc<Statements>,
    ) -> Result<Self> {
        let secret = access.client_secret.as_str();
        let own = Credentials::client_secret(access.client_id.as_str(), secret);
        let client = Client::builder(Environment::custom(&access.url)?, own)
            .timeout(PATIENCE)
            .retry(policy)
            .build()?;
        let for_merchant = |merchant: &&str| {
            if !access.partner {
                return client.clone();
            }
            client.with_credentials(Credentials::partner_for_merchant(secret, *merchant))
        };
        let clients = MERCHANTS.iter().map(for_merchant).collect();
        Ok(Self { clients, otp: access.otp.clone(), statements, follows })
    }

    pub(super) fn client(&self, flow: u32) -> Result<&Client> {
        let client = self.clients.get(Access::merchant(flow));
        client.ok_or_else(|| anyhow::anyhow!("there is a client for each merchant"))
    }

    pub(super) async fn play(&self, flow: Flow) -> Result<()> {
        let mut held = Held::new(&flow);
        for (step, &act) in flow.acts.iter().enumerate() {
            let send = Send { flow: flow.number, step: u8::try_from(step)?, turn: 0 };
            if act.change().is_none() {
                // A read that fails is counted, and has no consequences.
                let _ = self.attempt(&flow, act, &mut held, send, None).await?;
                continue;
            }
            let conclusion = self.write(&flow, act, &mut held, send).await?;
            self.statements.conclude(send, conclusion);
            let ready = match act {
                Act::Order | Act::NamelessOrder => !held.session.is_empty(),
                Act::PayByCard => !held.payment.is_empty(),
                _ => true,
            };
            if conclusion != Conclusion::Done || !ready {
                break;
            }
        }
        Ok(())
    }

    /// Goes on until it is known whether the write happened, or the client says that a person has to look.
    async fn write(&self, flow: &Flow, act: Act, held: &mut Held, mut send: Send) -> Result<Conclusion> {
        // Every other write names its key itself; the others get one from the client.
        let mut key = send
            .step
            .is_multiple_of(2)
            .then(|| IdempotencyKey::derive("soak", &[&send.flow.to_string(), &send.step.to_string()]));
        for turn in 0..TURNS {
            send.turn = turn;
            let Err(error) = self.attempt(flow, act, held, send, key.clone()).await? else {
                return Ok(Conclusion::Done);
            };
            if !self.follows {
                return Ok(match Statement::of(&error) {
                    Statement::NotSent | Statement::Refused => Conclusion::NotDone,
                    Statement::Applied => Conclusion::Done,
                    _ => Conclusion::Unknown,
                });
            }
            if error.effect() == Effect::Applied {
                // Read for the ids that the flow goes on with.
                let _ = self.look(flow, act, held).await?;
                return Ok(Conclusion::Done);
            }
            let nothing = matches!(error.effect(), Effect::NotSent | Effect::Refused);
            match error.next_step() {
                NextStep::Resend(next) => key = Some(next),
                // To the letter, without a memory of earlier turns.
                NextStep::Nothing => return Ok(Conclusion::NotDone),
                // No other call had the key.
                _ if turn == 0 && nothing => return Ok(Conclusion::NotDone),
                step @ NextStep::Read(_) => {
                    let mut sought = act;
                    if let (Act::NamelessOrder, NextStep::Read(look_up)) = (act, step) {
                        // The client has named the order.
                        look_up.id().clone_into(&mut held.order_id);
                        sought = Act::Order;
                    }
                    let seen = self.look(flow, sought, held).await?;
                    return Ok(if seen == Sight::Done { Conclusion::Done } else { Conclusion::Unknown });
                }
                _ => return Ok(Conclusion::Unknown),
            }
            tokio::time::sleep(pause(turn)).await;
        }
        Ok(Conclusion::Unknown)
    }
}

fn pause(turn: u8) -> Duration {
    Duration::from_millis(50) * u32::from(turn.min(6) + 1)
}
