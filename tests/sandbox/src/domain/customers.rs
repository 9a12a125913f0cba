//! Customers: registered under a phone number, which the service gives an id of its own.

use serde_json::json;

use crate::domain::call::{About, Call};
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let phone = call.body["customer_phone"].as_str().unwrap_or_default();
    if state.customers.by_phone.contains_key(phone) {
        let message = "a customer with this customer_phone is registered already";
        return Err(Refusal::conflict("customer_already_exists", message));
    }
    let uid = format!("cfcustom_{}", 78_364_873_648_723 + state.serial());
    let customer = json!({
        "customer_uid": uid,
        "customer_phone": phone,
        "customer_email": call.body["customer_email"],
        "customer_name": call.body["customer_name"],
    });
    state.customers.by_phone.insert(phone.to_owned(), customer.clone());
    state.commit(call, Change::CustomerCreated, About { other_id: Some(&uid), ..About::default() });
    Ok(JsonResponse::ok(customer))
}
