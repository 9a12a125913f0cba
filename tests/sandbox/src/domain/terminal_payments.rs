//! Payments in person: of an order made before, by a code or a link, finished by the payer on their page;
//! and the look-ups by bank reference and by filter, in numbered pages.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::Call;
use crate::domain::model::terminals::Terminal;
use crate::domain::state::State;
use crate::domain::{entities, methods, payments, picture};
use crate::http::errors::{JsonResponse, Outcome, Refusal};

/// How long a code is good for.
const CODE_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// A page whose size isn't given.
const PAGE_SIZE: usize = 50;

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let sent = call.body;
    let terminal = match (sent["cf_terminal_id"].as_str(), sent["terminal_phone_no"].as_str()) {
        (Some(id), _) => state.terminals.find(id)?,
        (None, Some(phone)) => state.terminals.by_phone(phone)?,
        (None, None) => {
            let message = "cf_terminal_id or terminal_phone_no says which terminal";
            return Err(Refusal::bad_request("cf_terminal_id_missing", message));
        }
    };
    terminal.must_be_on()?;
    let terminal_id = terminal.id();
    let number = sent["cf_order_id"].as_str().and_then(|number| number.parse().ok());
    let order_id = number.and_then(|number: u64| state.by_cf_order_id.get(&number)).cloned();
    let order_id =
        order_id.ok_or_else(|| Refusal::not_found("order_not_found", "no order has this cf_order_id"))?;
    let by_code = sent["payment_method"] == "QR_CODE";
    let channel = if by_code { "qrcode" } else { "link" };
    let order = state.order(&order_id)?;
    order.must_be_active()?;
    let attempt = methods::read(&json!({ "upi": { "channel": channel } }), &order.request())?;
    let begun = payments::begin(state, call, &order_id, attempt, None)?;
    let cf_payment_id = begun["cf_payment_id"].as_str().unwrap_or_default().to_owned();
    let page = format!("{}/view/sessions/checkout/{cf_payment_id}", state.base_url);
    let response = json!({
        "cf_payment_id": cf_payment_id,
        "payment_amount": begun["payment_amount"],
        "payment_method": sent["payment_method"],
        "payment_url": (!by_code).then_some(&page),
        "qrcode": by_code.then(|| picture::qr_code(&page)),
        "timeout": clock::with_zone(state.clock.now() + CODE_LIFETIME),
    });
    state.terminals.find(&terminal_id)?.payments.push(cf_payment_id);
    Ok(JsonResponse::ok(response))
}

/// A payment as terminals show it: with its payer, without what is of no use at a counter.
fn entity(state: &State, cf_payment_id: &str) -> Result<Value, Refusal> {
    let mut found = entities::payment(state, cf_payment_id)?;
    let order = found["order_id"].as_str().and_then(|order_id| state.orders.get(order_id));
    let request = order.ok_or_else(Refusal::internal)?.request();
    let customer = &request["customer_details"];
    let of = |name: &str| customer[name].clone();
    found["customer_details"] = json!({
        "customer_id": of("customer_id"),
        "customer_email": of("customer_email"),
        "customer_phone": of("customer_phone"),
        "customer_name": of("customer_name"),
    });
    if let Some(fields) = found.as_object_mut() {
        for name in ["international_payment", "order_currency", "payment_offers", "payment_surcharge"] {
            fields.remove(name);
        }
    }
    Ok(found)
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let ids = state.terminals.find(call.path("cf_terminal_id"))?.payments.clone();
    for id in &ids {
        let found = entity(state, id)?;
        if found["bank_reference"].as_str().is_some_and(|utr| call.query("utr") == Some(utr)) {
            return Ok(JsonResponse::ok(found));
        }
    }
    Err(Refusal::not_found("payment_not_found", "no payment at this terminal has this bank reference"))
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let filter = &call.body["filter"];
    let (page, size) = page(&call.body["pagination"])?;
    let descending = descending(filter)?;
    let (from, to) = (bound(filter, "start_date")?, bound(filter, "end_date")?);
    let mut found = Vec::new();
    for terminal in state.terminals.0.iter().filter(|terminal| is_asked_for(terminal, filter)) {
        for id in &terminal.payments {
            let payment = entity(state, id)?;
            let at = payment["payment_time"].as_str().and_then(clock::parse);
            let in_time = from.is_none_or(|from| at >= Some(from)) && to.is_none_or(|to| at <= Some(to));
            let alike = |asked: &str, field: &str| match filter[asked].as_str() {
                Some(word) => payment[field].as_str().is_some_and(|is| is.eq_ignore_ascii_case(word)),
                None => true,
            };
            if in_time && alike("payment_status", "payment_status") && alike("payment_group", "payment_group")
            {
                found.push((at, found.len(), payment));
            }
        }
    }
    // Those of one second keep their order.
    found.sort_by_key(|(at, nth, _)| (*at, *nth));
    if descending {
        found.reverse();
    }
    let skipped = (page - 1).saturating_mul(size);
    Ok(JsonResponse::ok(found.into_iter().skip(skipped).take(size).map(|(_, _, payment)| payment).collect()))
}

fn is_asked_for(terminal: &Terminal, filter: &Value) -> bool {
    let matches = |name: &str, own: Value| filter[name].is_null() || filter[name] == own;
    matches("cf_terminal_id", json!(terminal.number))
        && matches("terminal_phone_no", json!(terminal.phone()))
        && matches("terminal_vpa", json!(terminal.vpa))
}

/// Number and size of the page; pages are counted from one.
fn page(sent: &Value) -> Result<(usize, usize), Refusal> {
    let read = |name: &str, otherwise: usize| match &sent[name] {
        Value::Null => Ok(otherwise),
        given => {
            let number = given.as_u64().and_then(|number| usize::try_from(number).ok());
            number.filter(|number| *number > 0).ok_or_else(|| {
                let path = format!("pagination.{name}");
                Refusal::bad_request(&format!("{path}_invalid"), format!("{path} must be at least 1"))
            })
        }
    };
    Ok((read("page_number", 1)?, read("page_size", PAGE_SIZE)?))
}

fn descending(filter: &Value) -> Result<bool, Refusal> {
    let order = filter["sort_order"].as_str().unwrap_or("ASC").to_ascii_uppercase();
    match order.as_str() {
        "ASC" => Ok(false),
        "DESC" => Ok(true),
        _ => Err(Refusal::bad_request("filter.sort_order_invalid", "sort_order is ASC or DESC")),
    }
}

fn bound(filter: &Value, name: &str) -> Result<Option<SystemTime>, Refusal> {
    match filter[name].as_str() {
        None => Ok(None),
        Some(text) => clock::parse(text).map(Some).ok_or_else(|| {
            Refusal::bad_request(&format!("filter.{name}_invalid"), format!("filter.{name} is not a time"))
        }),
    }
}
