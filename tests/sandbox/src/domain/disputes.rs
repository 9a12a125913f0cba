//! Disputes: a payer contests a payment through the bank. The merchant concedes, or hands in documents until
//! the bank decides; the case may rise from stage to stage. While it is open the money is kept back.

use serde_json::{Value, json};

use crate::domain::call::{About, Call};
use crate::domain::model::disputes::{Dispute, Stand};
use crate::domain::model::ledger::{Event, Kind};
use crate::domain::state::State;
use crate::domain::{bookkeeping, entities};
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;
use crate::webhooks::events;
use crate::webhooks::events::disputes::Move;

/// A document may have 20 MB.
const LARGEST_DOCUMENT: usize = 20 << 20;
const DOCUMENT_TYPES: [&str; 4] = ["jpeg", "jpg", "png", "pdf"];
const STAGES: [&str; 4] = ["DISPUTE", "CHARGEBACK", "PRE_ARBITRATION", "ARBITRATION"];

/// What the bank does with a dispute: see [`Sandbox::move_dispute`](crate::Sandbox::move_dispute).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BankMove {
    /// The documents are looked at: `UNDER_REVIEW`.
    Review,
    /// They do not suffice: `INSUFFICIENT_EVIDENCE`.
    AskForMore,
    /// `MERCHANT_WON`: the money comes back.
    MerchantWins,
    /// `MERCHANT_LOST`.
    MerchantLoses,
    /// The payer does not give in: the next stage, where the merchant has to respond anew.
    Escalate,
}

/// The payer contests the payment of an order, which takes its amount from the balance; `None` if there is no
/// such order, no payment, or a dispute of it already.
pub(crate) fn raise(state: &mut State, order_id: &str) -> Option<u64> {
    bookkeeping::update(state);
    let payment = state.ledger.payment_of(order_id)?.1.clone();
    let cf_payment_id = payment.cf_payment_id?.to_string();
    if state.disputes.0.values().any(|dispute| dispute.cf_payment_id == cf_payment_id) {
        return None;
    }
    let id = 433_447_000 + state.serial();
    let now = state.clock.now();
    let dispute = Dispute {
        id,
        order_id: order_id.to_owned(),
        cf_payment_id: cf_payment_id.clone(),
        amount: payment.amount,
        stage: "DISPUTE",
        stand: Stand::Created,
        created: now,
        updated: now,
        evidence: Vec::new(),
    };
    state.disputes.0.insert(id, dispute);
    let event = Event::new(Kind::Dispute, id.to_string(), payment.amount, false, now);
    state.ledger.book(event.of_payment(order_id, &cf_payment_id));
    commit(state, &Call::by_payer(), Change::DisputeRaised, id);
    state.send(events::disputes::moved(state, id, Move::Created));
    Some(id)
}

/// The bank goes on; false where the dispute doesn't allow it.
pub(crate) fn go_on(state: &mut State, id: u64, by: BankMove) -> bool {
    let now = state.clock.now();
    let Some(dispute) = state.disputes.0.get_mut(&id) else {
        return false;
    };
    let stage = STAGES.iter().position(|stage| *stage == dispute.stage).and_then(|at| STAGES.get(at + 1));
    let stand = match (by, dispute.stand) {
        (BankMove::Review, Stand::DocsReceived) => Stand::UnderReview,
        (BankMove::AskForMore, Stand::DocsReceived | Stand::UnderReview) => Stand::InsufficientEvidence,
        (BankMove::MerchantWins, Stand::UnderReview) => Stand::MerchantWon,
        (BankMove::MerchantLoses, stand) if !stand.is_closed() => Stand::MerchantLost,
        (BankMove::Escalate, stand) if !stand.is_closed() && stage.is_some() => Stand::Created,
        _ => return false,
    };
    if by == BankMove::Escalate {
        dispute.stage = stage.copied().unwrap_or(dispute.stage);
    }
    dispute.stand = stand;
    dispute.updated = now;
    if stand == Stand::MerchantWon {
        let event = Event::new(Kind::DisputeReversal, id.to_string(), dispute.amount, true, now);
        state.ledger.book(event.of_payment(&dispute.order_id, &dispute.cf_payment_id));
    }
    let what = if by == BankMove::Escalate { Move::Stage } else { Move::Status };
    state.send(events::disputes::moved(state, id, what));
    true
}

fn find<'a>(state: &'a mut State, call: &Call<'_>) -> Result<&'a mut Dispute, Refusal> {
    let id = call.path("dispute_id").parse().ok();
    id.and_then(|id: u64| state.disputes.0.get_mut(&id))
        .ok_or_else(|| Refusal::not_found("dispute_not_found", "no dispute has this dispute_id"))
}

/// A dispute that awaits the merchant's response.
fn open<'a>(state: &'a mut State, call: &Call<'_>, also: Option<Stand>) -> Result<&'a mut Dispute, Refusal> {
    let dispute = find(state, call)?;
    match dispute.stand {
        Stand::Created | Stand::InsufficientEvidence => Ok(dispute),
        stand if Some(stand) == also => Ok(dispute),
        stand if stand.is_closed() => {
            Err(Refusal::conflict("dispute_already_closed", "the dispute is decided"))
        }
        _ => Err(Refusal::bad_request("dispute_status_invalid", "the dispute is with the bank")),
    }
}

fn entity(state: &State, id: u64) -> Value {
    state.disputes.0.get(&id).map_or(Value::Null, |dispute| entities::dispute(state, dispute))
}

fn commit(state: &mut State, call: &Call<'_>, change: Change, id: u64) {
    let Some(dispute) = state.disputes.0.get(&id) else {
        return;
    };
    let (order_id, cf_payment_id) = (dispute.order_id.clone(), dispute.cf_payment_id.clone());
    let (amount, id) = (dispute.amount.to_json(), id.to_string());
    let about = About {
        order_id: &order_id,
        cf_payment_id: Some(&cf_payment_id),
        other_id: Some(&id),
        amount: Some(&amount),
        ..About::default()
    };
    state.commit(call, change, about);
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call)?.id;
    Ok(JsonResponse::ok(entity(state, id)))
}

fn list(state: &State, of: impl Fn(&Dispute) -> bool) -> JsonResponse {
    let disputes = state.disputes.0.values().filter(|dispute| of(dispute));
    JsonResponse::ok(disputes.map(|dispute| entities::dispute(state, dispute)).collect())
}

pub(crate) fn list_by_order(state: &mut State, call: &Call<'_>) -> Outcome {
    let order_id = call.path("order_id");
    state.order(order_id)?;
    Ok(list(state, |dispute| dispute.order_id == order_id))
}

pub(crate) fn list_by_payment(state: &mut State, call: &Call<'_>) -> Outcome {
    let cf_payment_id = call.path("cf_payment_id");
    if !state.payments.contains_key(cf_payment_id) {
        return Err(Refusal::not_found("payment_not_found", "no payment has this cf_payment_id"));
    }
    Ok(list(state, |dispute| dispute.cf_payment_id == cf_payment_id))
}

pub(crate) fn accept(state: &mut State, call: &Call<'_>) -> Outcome {
    let now = state.clock.now();
    let dispute = open(state, call, None)?;
    dispute.stand = Stand::MerchantAccepted;
    dispute.updated = now;
    let id = dispute.id;
    commit(state, call, Change::DisputeAccepted, id);
    state.send(events::disputes::moved(state, id, Move::Status));
    let mut response = entity(state, id);
    // The one response about a dispute without the currency.
    if let Value::Object(fields) = &mut response {
        fields.remove("dispute_amount_currency");
    }
    Ok(JsonResponse::ok(response))
}

pub(crate) fn contest(state: &mut State, call: &Call<'_>) -> Outcome {
    let (document_id, now) = (18_000 + state.serial(), state.clock.now());
    let dispute = open(state, call, Some(Stand::DocsReceived))?;
    let Some(file) = call.part("file") else {
        return Err(Refusal::bad_request("file_missing", "file is required"));
    };
    // The document declares text, so the official Python SDKs send the name of a file in place of the file.
    let name = file.file_name.clone().unwrap_or_else(|| file.text());
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    let end = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let kind = file.content_type.as_deref().and_then(|kind| kind.rsplit('/').next()).unwrap_or_default();
    if !DOCUMENT_TYPES.iter().any(|known| *known == end || *known == kind) {
        return Err(Refusal::bad_request("file_invalid", "a document is jpeg, jpg, png or pdf"));
    }
    if file.content.len() > LARGEST_DOCUMENT {
        return Err(Refusal::bad_request("file_invalid", "a document has at most 20 MB"));
    }
    let doc_type = call.part("doc_type").map(|part| part.text()).unwrap_or_default();
    dispute.evidence.push((document_id, name, doc_type));
    dispute.stand = Stand::DocsReceived;
    dispute.updated = now;
    let id = dispute.id;
    commit(state, call, Change::DisputeContested, id);
    state.send(events::disputes::moved(state, id, Move::Status));
    // A list, of the one dispute.
    Ok(JsonResponse::ok(json!([entity(state, id)])))
}
