//! What a test does beside the service, for programs in other languages: the bank, the payer, the next day.
//!
//! Each line of [`MENU`] is a POST without a body, outside the API and without credentials; it does what the
//! method of [`Sandbox`](crate::Sandbox) of that name does.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{Method, Uri};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::disputes::{self, BankMove};
use crate::domain::downtimes::{self, Downtime};
use crate::domain::mandates::MandateEvent;
use crate::domain::state::State;
use crate::domain::vendors::{self, VendorReview};
use crate::domain::{links, settlements, subscription_payments, subscriptions};
use crate::http::answer::json_response;

/// Where these addresses begin.
pub(crate) const PREFIX: &str = "/sandbox";

/// What can be asked for.
const MENU: [&str; 10] = [
    "/sandbox/settle",
    "/sandbox/orders/{order_id}/dispute",
    "/sandbox/orders/{order_id}/expire",
    "/sandbox/links/{link_id}/expire",
    "/sandbox/disputes/{dispute_id}/{review|ask_for_more|merchant_wins|merchant_loses|escalate}",
    "/sandbox/vendors/{vendor_id}/{approve|reject_bank_details|ask_for_documents|hold}",
    "/sandbox/subscriptions/{subscription_id}/{approved|rejected|paused_by_payer|resumed_by_payer|cancelled_by_payer|lapsed|card_expired}",
    "/sandbox/debits/{payment_id}/{success|failure}",
    "/sandbox/downtimes/{upi|card|net_banking|wallet}",
    "/sandbox/downtimes/{incident_id}/resolve",
];

/// What became of a wish: an answer, nothing that fits, or no such address.
enum Outcome {
    Done(Value),
    /// There is no such thing, or it is not in a state for that.
    NotNow,
    Unknown,
}

impl From<bool> for Outcome {
    fn from(done: bool) -> Self {
        if done { Self::Done(json!({})) } else { Self::NotNow }
    }
}

/// The menu.
pub(crate) async fn menu() -> Response {
    json_response(200, &json!({ "post": MENU }))
}

/// Does what the address says.
pub(crate) async fn act(Shared(app): Shared<Arc<App>>, method: Method, uri: Uri) -> Response {
    let path = uri.path();
    let wish = path.strip_prefix(PREFIX).unwrap_or(path).trim_start_matches('/');
    let segments: Vec<_> = wish.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy()).collect();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let outcome = match method {
        Method::POST => perform(&mut app.state(), &segments),
        _ => Outcome::Unknown,
    };
    match outcome {
        Outcome::Done(answer) => json_response(200, &answer),
        Outcome::NotNow => {
            let message = format!("there is nothing at {path}, or it is not in a state for that");
            json_response(409, &json!({ "message": message }))
        }
        Outcome::Unknown => {
            let message = format!("the sandbox has no {method} {path}");
            json_response(404, &json!({ "message": message, "post": MENU }))
        }
    }
}

fn perform(state: &mut State, segments: &[&str]) -> Outcome {
    match segments {
        ["settle"] => Outcome::Done(json!({ "settlement_ids": settlements::settle(state) })),
        ["orders", id, "dispute"] => disputes::raise(state, id)
            .map_or(Outcome::NotNow, |dispute| Outcome::Done(json!({ "dispute_id": dispute }))),
        ["orders", id, "expire"] => state.expire_order(id).into(),
        ["links", id, "expire"] => links::expire(state, id).into(),
        ["disputes", id, word] => match (id.parse(), bank_move(word)) {
            (Ok(id), Some(by)) => disputes::go_on(state, id, by).into(),
            (Err(_), Some(_)) => Outcome::NotNow,
            (_, None) => Outcome::Unknown,
        },
        ["vendors", id, word] => {
            vendor_review(word).map_or(Outcome::Unknown, |review| vendors::review(state, id, review).into())
        }
        ["subscriptions", id, word] => mandate_event(word)
            .map_or(Outcome::Unknown, |event| subscriptions::happen(state, id, event).into()),
        ["debits", id, word @ ("success" | "failure")] => {
            subscription_payments::debit(state, id, *word == "success").into()
        }
        ["downtimes", method] => downtime(method).map_or(Outcome::Unknown, |downtime| {
            Outcome::Done(json!({ "incident_id": downtimes::report(state, downtime) }))
        }),
        ["downtimes", id, "resolve"] => downtimes::resolve(state, id).into(),
        _ => Outcome::Unknown,
    }
}

fn bank_move(word: &str) -> Option<BankMove> {
    Some(match word {
        "review" => BankMove::Review,
        "ask_for_more" => BankMove::AskForMore,
        "merchant_wins" => BankMove::MerchantWins,
        "merchant_loses" => BankMove::MerchantLoses,
        "escalate" => BankMove::Escalate,
        _ => return None,
    })
}

fn vendor_review(word: &str) -> Option<VendorReview> {
    Some(match word {
        "approve" => VendorReview::Approve,
        "reject_bank_details" => VendorReview::RejectBankDetails,
        "ask_for_documents" => VendorReview::AskForDocuments,
        "hold" => VendorReview::Hold,
        _ => return None,
    })
}

fn mandate_event(word: &str) -> Option<MandateEvent> {
    Some(match word {
        "approved" => MandateEvent::Approved,
        "rejected" => MandateEvent::Rejected,
        "paused_by_payer" => MandateEvent::PausedByPayer,
        "resumed_by_payer" => MandateEvent::ResumedByPayer,
        "cancelled_by_payer" => MandateEvent::CancelledByPayer,
        "lapsed" => MandateEvent::Lapsed,
        "card_expired" => MandateEvent::CardExpired,
        _ => return None,
    })
}

fn downtime(method: &str) -> Option<Downtime> {
    let banks = ["Sandbox Bank"];
    Some(match method {
        "upi" => Downtime::upi(&banks),
        "card" => Downtime::card(&banks, &["VISA"]),
        "net_banking" => Downtime::net_banking(&banks, "3333"),
        "wallet" => Downtime::wallet(&["Sandbox Wallet"]),
        _ => return None,
    })
}
