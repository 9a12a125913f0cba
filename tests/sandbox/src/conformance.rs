//! The sandbox against the document, both ways: every rule can be used, published requests and responses
//! pass, and what the sandbox returns has the documented shape.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::document::{Document, TEXT};
use crate::domain::call::Call;
use crate::domain::operations;
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Refusal};
use crate::http::validate::{self, Subject};

#[test]
fn every_rule_can_be_used() -> Result<()> {
    let document = Document::shared()?;
    for operation in &document.operations {
        for parameter in &operation.parameters {
            document.compile(&parameter.schema).with_context(|| operation.id.clone())?;
        }
        if let Some(body) = &operation.body {
            document.compile(&body.schema).with_context(|| operation.id.clone())?;
        }
    }
    Ok(())
}

/// Published requests that contradict the published schema, as a snapshot.
#[test]
fn published_requests_pass() -> Result<()> {
    let (root, document): (Value, _) = (serde_json::from_str(TEXT)?, Document::shared()?);
    let (mut count, mut failures) = (0, Vec::new());
    for operation in &document.operations {
        let item = &root["paths"][&operation.path][operation.method.to_ascii_lowercase()];
        let media = &item["requestBody"]["content"]["application/json"];
        for (name, example) in media["examples"].as_object().into_iter().flatten() {
            let body = example["value"].to_string().into_bytes();
            let header = |name: &str| match name {
                "content-type" => Some("application/json".to_owned()),
                _ => Some(document.version.clone()),
            };
            let path: BTreeMap<String, String> =
                operation.parameters.iter().map(|p| (p.name.clone(), "1".to_owned())).collect();
            let subject = Subject { path, query: BTreeMap::new(), header: &header, body: &body, parts: &[] };
            let title = format!("{} {name}", operation.id);
            count += 1;
            if let Err(Refusal(response)) = validate::check(&document, operation, subject) {
                failures.push(format!("{title}: {}", response.body["message"]));
            }
        }
    }
    ensure!(failures.len() * 2 < count, "{} of {count}", failures.len());
    failures.sort();
    insta::assert_snapshot!("requests", failures.join("\n"));
    Ok(())
}

/// Published responses that contradict the published schema, as a snapshot: a number where it has text, a list where it has
/// one object, or the other way round. The SDK reads both; the sandbox keeps to the document.
#[test]
fn published_responses_pass() -> Result<()> {
    let (root, document): (Value, _) = (serde_json::from_str(TEXT)?, Document::shared()?);
    let (mut count, mut failures) = (0, Vec::new());
    for operation in &document.operations {
        let item = &root["paths"][&operation.path][operation.method.to_ascii_lowercase()];
        let media = &item["responses"]["200"]["content"]["application/json"];
        for (name, example) in media["examples"].as_object().into_iter().flatten() {
            let title = format!("{} {name}", operation.id);
            let response =
                validate::check_response(&document, operation, &JsonResponse::ok(example["value"].clone()));
            count += 1;
            if let Err(message) = response {
                failures.push(format!("{title}: {message}"));
            }
        }
    }
    ensure!(failures.len() * 2 < count, "{} of {count}", failures.len());
    failures.sort();
    insta::assert_snapshot!("responses", failures.join("\n"));
    Ok(())
}

/// The check can fail: no response of the document admits a number.
#[test]
fn nonsense_is_not_a_valid_response() -> Result<()> {
    let document = Document::shared()?;
    let mut loose = Vec::new();
    for operation in &document.operations {
        if validate::check_response(&document, operation, &JsonResponse::ok(json!(1))).is_ok() {
            loose.push(operation.id.as_str());
        }
    }
    assert_eq!(loose, [""; 0]);
    let create = document.operations.iter().find(|o| o.id == "PGCreateOrder").context("no such operation")?;
    let undeclared = JsonResponse { status: 204, body: Value::Null };
    ensure!(validate::check_response(&document, create, &undeclared).is_err());
    Ok(())
}

#[test]
fn responses_have_the_documented_shape() -> Result<()> {
    let mut shop = Shop::open();
    let order = json!({
        "order_id": "order_1",
        "order_amount": 100.5,
        "order_currency": "INR",
        "order_note": "preauth_transaction",
        "order_tags": { "city": "Pune" },
        "customer_details": { "customer_id": "cust_1", "customer_phone": "9999999999", "customer_bank_code": 3003 },
        "cart_details": { "cart_name": "basket", "cart_items": [{ "item_id": "1" }] },
    });
    let session = shop.call("PGCreateOrder", order)?["payment_session_id"].clone();
    shop.call("PGFetchOrder", Value::Null)?;
    shop.call("PGFetchOrderExtendedData", Value::Null)?;
    let shipment = json!({ "shipment_details": [], "order_delivery_status": { "status": "SHIPPED" } });
    shop.call("PGUpdateOrderExtendedData", shipment)?;
    let card = json!({ "channel": "post", "card_number": "4706131211212123", "card_expiry_mm": "03", "card_expiry_yy": "28", "card_cvv": "123" });
    for method in [
        json!({ "upi": { "channel": "link" } }),
        json!({ "upi": { "channel": "collect", "upi_id": "testfailure@gocash" } }),
        json!({ "netbanking": { "channel": "link", "netbanking_bank_code": 3333 } }),
        json!({ "app": { "channel": "link", "provider": "gpay", "phone": "9999999999" } }),
        json!({ "banktransfer": { "channel": "link" } }),
        json!({ "paylater": { "channel": "link", "provider": "simpl", "phone": "8714268343" } }),
        json!({ "card": card }),
    ] {
        let body = json!({ "payment_session_id": session, "payment_method": method });
        let started = shop.call("PGPayOrder", body)?;
        shop.path
            .insert("cf_payment_id".into(), started["cf_payment_id"].as_str().unwrap_or_default().into());
        shop.call("PGOrderFetchPayment", Value::Null)?;
    }
    shop.call("PGOrderAuthenticatePayment", json!({ "otp": "111000", "action": "SUBMIT_OTP" }))?;
    shop.call("PGAuthorizeOrder", json!({ "action": "CAPTURE", "amount": 50.25 }))?;
    shop.call("PGOrderFetchPayments", Value::Null)?;
    shop.call("PGOrderCreateRefund", json!({ "refund_id": "refund_1", "refund_amount": 1 }))?;
    shop.call("PGOrderFetchRefund", Value::Null)?;
    shop.call("PGOrderFetchRefunds", Value::Null)?;
    shop.call("PGOrderUpdateRefund", json!({ "refund_status": "CANCELLED" }))?;
    shop.path.insert("order_id".into(), "order_2".into());
    let order =
        json!({ "order_id": "order_2", "order_amount": 1, "order_currency": "INR", "customer_details": {} });
    shop.call("PGCreateOrder", order)?;
    shop.call("PGTerminateOrder", json!({ "order_status": "TERMINATED" }))?;
    Ok(())
}

/// The state without a server, each response compared as it is returned.
struct Shop {
    state: State,
    path: BTreeMap<String, String>,
}

impl Shop {
    fn open() -> Self {
        let path = [("order_id", "order_1"), ("refund_id", "refund_1")];
        Self {
            state: State::new("http://127.0.0.1/pg".into(), Duration::from_secs(60)),
            path: path.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    fn call(&mut self, id: &str, body: Value) -> Result<Value> {
        let call = Call { operation: Some(id), path: &self.path, body: &body, ..Call::by_payer() };
        let response = match operations::perform(&mut self.state, id, &call) {
            Ok(response) => response,
            Err(Refusal(response)) => bail!("{id}: {}", response.body),
        };
        let document = Document::shared()?;
        let operation = document.operations.iter().find(|o| o.id == id).context("no such operation")?;
        validate::check_response(&document, operation, &response)
            .map_err(|message| anyhow!("{message}\n{}", response.body))?;
        Ok(response.body)
    }
}
