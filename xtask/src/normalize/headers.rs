//! Header parameters that concern delivery are no arguments of an operation: the version, the request
//! id, the idempotency key, credentials and media types are the transport's business. Whether an
//! operation declares an idempotency key is kept, as `x-idempotency-key`.

use anyhow::Result;
use serde_json::{Value, json};

use super::log::Log;
use super::schemas::operations_mut;

/// What the transport sends by itself, in lower case.
pub(crate) const DELIVERY: [&str; 10] = [
    "x-api-version",
    "x-request-id",
    "x-idempotency-key",
    "content-type",
    "accept",
    "x-client-id",
    "x-client-secret",
    "x-client-signature",
    "x-partner-apikey",
    "x-partner-merchantid",
];

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut dropped = 0_usize;
    for (place, operation) in operations_mut(document) {
        let mut keyed = false;
        if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
            parameters.retain(|parameter| {
                let name = parameter["name"].as_str().unwrap_or_default().to_ascii_lowercase();
                let delivery = parameter["in"] == "header" && DELIVERY.contains(&name.as_str());
                keyed |= delivery && name == "x-idempotency-key";
                dropped += usize::from(delivery);
                !delivery
            });
            for parameter in parameters.iter().filter(|parameter| parameter["in"] == "header") {
                log.note(format!("{place}: keeps header {}", parameter["name"]));
            }
        }
        operation.insert("x-idempotency-key".to_owned(), json!(keyed));
    }
    log.note(format!("{dropped} header parameters dropped"));
    Ok(())
}
