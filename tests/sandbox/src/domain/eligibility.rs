//! Eligibility: what a payer could use for an order or an amount, by the same rules that a payment then meets.

use serde_json::{Value, json};

use crate::domain::call::Call;
use crate::domain::state::State;
use crate::domain::test_data::{self, Verdict};
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;

/// Cardless EMI begins at a thousand rupees.
const CARDLESS_EMI_FROM: Paise = Paise(100_000);
const CARDLESS_EMI: [&str; 6] = ["cashe", "hdfc", "icici", "idfc", "kotak", "zestmoney"];
const PAYLATER: [&str; 4] = ["lazypay", "mobikwik", "simpl", "zestmoney"];
const NETWORKS: [&str; 3] = ["visa", "mastercard", "rupay"];
/// The methods that the look-up knows, and whether the sandbox takes them.
const METHODS: [(&str, bool); 11] = [
    ("debit_card", true),
    ("credit_card", true),
    ("prepaid_card", false),
    ("corporate_credit_card", true),
    ("upi", true),
    ("netbanking", true),
    ("wallet", true),
    ("cardless_emi", true),
    ("paylater", true),
    ("banktransfer", false),
    ("paypal", false),
];

/// Months, and interest in per cent a year.
const PLANS: [(i128, i128); 3] = [(3, 12), (6, 14), (9, 16)];

/// What is asked about: an order, or an amount in its place.
struct Query {
    amount: Paise,
    /// The payer's phone: that of the question, or that of the order.
    phone: Option<String>,
}

fn query(state: &mut State, call: &Call<'_>) -> Result<Query, Refusal> {
    let asked = &call.body["queries"];
    let mut phone = asked["customer_details"]["customer_phone"].as_str().map(str::to_owned);
    let amount = match asked["order_id"].as_str() {
        Some(order_id) => {
            let order = state.order(order_id)?;
            let of_order = &order.request()["customer_details"]["customer_phone"];
            phone = phone.or_else(|| of_order.as_str().map(str::to_owned));
            order.amount()
        }
        None if asked["amount"].is_null() => {
            return Err(Refusal::bad_request("queries.amount_missing", "an order_id or an amount is needed"));
        }
        None => asked["amount"].clone(),
    };
    let amount = Paise::read(&amount)
        .ok_or_else(|| Refusal::bad_request("queries.amount_invalid", "amount has at most two decimals"))?;
    Ok(Query { amount, phone })
}

/// Credit is given to somebody: whether there is any depends on the phone.
fn has_credit(query: &Query) -> Result<bool, Refusal> {
    let phone = query.phone.as_deref().ok_or_else(|| {
        Refusal::bad_request(
            "queries.customer_details.customer_phone_missing",
            "a customer_phone or an order_id is needed",
        )
    })?;
    Ok(test_data::credit_account(phone) == Verdict::Success)
}

/// Bare offers, without the declared wrapper around each: so are the published examples.
pub(crate) fn offers(state: &mut State, call: &Call<'_>) -> Outcome {
    let amount = query(state, call)?.amount;
    let kinds = call.body["filters"]["offer_type"].as_array();
    let wanted = |kind: &Value| kinds.is_none_or(|kinds| kinds.is_empty() || kinds.contains(kind));
    let now = state.clock.now();
    let applying = state.offers.applying_to(amount, now).filter(|offer| wanted(offer.kind()));
    Ok(JsonResponse::ok(applying.map(|offer| offer.for_amount(amount, now)).collect()))
}

pub(crate) fn cardless_emi(state: &mut State, call: &Call<'_>) -> Outcome {
    let query = query(state, call)?;
    let eligible = has_credit(&query)? && query.amount >= CARDLESS_EMI_FROM;
    let plans: Vec<Value> = PLANS.iter().map(|&(months, rate)| plan(query.amount, months, rate)).collect();
    let entities = CARDLESS_EMI.iter().map(|provider| {
        json!({
            "eligibility": eligible,
            "entity_type": "cardlessemi",
            "entity_value": provider,
            "entity_details": {
                "payment_method": provider,
                "emi_plans": if eligible { plans.clone() } else { Vec::new() },
            },
        })
    });
    Ok(JsonResponse::ok(entities.collect()))
}

/// Simple interest. The totals and the instalment are declared as whole numbers, so they are rounded up to rupees.
fn plan(amount: Paise, months: i128, rate: i128) -> Value {
    let up = |paise: i128| paise.div_euclid(100) + i128::from(paise.rem_euclid(100) > 0);
    let interest = up(amount.0 * rate * months / 1200);
    let total = up(amount.0) + interest;
    json!({
        "tenure": months as i64,
        "interest_rate": rate as i64,
        "currency": "INR",
        "emi": Paise(up(total * 100 / months) * 100).to_json(),
        "total_interest": Paise(interest * 100).to_json(),
        "total_amount": Paise(total * 100).to_json(),
    })
}

pub(crate) fn paylater(state: &mut State, call: &Call<'_>) -> Outcome {
    let eligible = has_credit(&query(state, call)?)?;
    let entities = PAYLATER.iter().map(|provider| {
        json!({
            "eligibility": eligible,
            "entity_type": "paylater",
            "entity_value": provider,
            "entity_details": { "payment_method": provider },
        })
    });
    Ok(JsonResponse::ok(entities.collect()))
}

pub(crate) fn payment_methods(state: &mut State, call: &Call<'_>) -> Outcome {
    let amount = query(state, call)?.amount;
    let asked = call.body["filters"]["payment_methods"].as_array();
    for word in asked.into_iter().flatten() {
        if !METHODS.iter().any(|(known, _)| word == known) {
            let message = "filters.payment_methods names a method that is not known";
            return Err(Refusal::bad_request("filters.payment_methods_invalid", message));
        }
    }
    let wanted = |method: &str| asked.is_none_or(|asked| asked.is_empty() || asked.contains(&json!(method)));
    let entities = METHODS.iter().filter(|(method, _)| wanted(method)).map(|&(method, taken)| {
        let eligible = taken && (method != "cardless_emi" || amount >= CARDLESS_EMI_FROM);
        let details: Vec<Value> = brands(method)
            .into_iter()
            .map(|(nick, display, code)| {
                json!({ "nick": nick, "display": display, "eligibility": eligible, "code": code })
            })
            .collect();
        json!({
            "eligibility": eligible,
            "entity_type": "payment_methods",
            "entity_value": method,
            "entity_details": { "payment_method_details": details },
        })
    });
    Ok(JsonResponse::ok(entities.collect()))
}

/// Short name, name and code of what there is to choose within a method.
fn brands(method: &str) -> Vec<(&'static str, &'static str, Option<u32>)> {
    let plain = |names: &[&'static str]| names.iter().map(|name| (*name, *name, None)).collect();
    match method {
        "debit_card" | "credit_card" | "corporate_credit_card" => plain(&NETWORKS),
        "netbanking" => vec![("test_bank", "Test Bank", Some(3333))],
        "wallet" => vec![("sandbox_wallet", "Sandbox Wallet", Some(4010))],
        "cardless_emi" => plain(&CARDLESS_EMI),
        "paylater" => plain(&PAYLATER),
        _ => Vec::new(),
    }
}
