//! Operations of the model: parameters, bodies, credentials and retry class.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use heck::{ToShoutySnakeCase, ToUpperCamelCase};
use serde_json::{Map, Value};

use super::expected::{self, Expected};
use super::kind::{Kind, kind};
use super::protection::{self, Protection, RetryClass};
use crate::document;
use crate::extensions;
use crate::naming::argument_name;

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// The operation id as the document spells it.
    pub id: String,
    /// What it does, as the wording says.
    pub description: String,
    /// The HTTP method in capitals.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// The first tag.
    pub tag: String,
    /// The parameters that the caller passes, in the document's order.
    pub parameters: Vec<Parameter>,
    /// The alternatives of credentials: header names.
    pub auth: Vec<Vec<String>>,
    /// Whether the document declares an idempotency key.
    pub keyed: bool,
    /// The retry class.
    pub retry_class: RetryClass,
    /// The operation that reads what this one makes, if its identifiers are the caller's.
    pub read_back: Option<String>,
    /// The operation that shows what this one did, by identifiers that the request carries.
    pub look_up: Option<String>,
    /// What protects a write besides its key.
    pub protected_by: Protection,
    /// What a success response holds.
    pub expected: Expected,
    /// The overlay's corrections to that.
    pub(super) identity_words: expected::Words,
    /// The declared body of an upload.
    pub multipart: bool,
    /// The type of a JSON request body.
    pub body: Option<Kind>,
    /// The type of the request body, for the outline.
    pub request: Option<String>,
    /// The type of the response body, for the outline.
    pub response: Option<String>,
    /// The type of a JSON response body.
    pub response_body: Option<Kind>,
    /// Whether the document says that the response holds nothing: an empty object, or no body.
    pub responds_empty: bool,
    /// The name that the document gives it in Rust; only events have one.
    pub given: Option<String>,
}

/// A parameter that the caller passes.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name in the normalised document; the argument is named after it.
    pub name: String,
    /// The name that is sent.
    pub wire: String,
    /// Where it is sent.
    pub place: Place,
    /// Whether a call must have it.
    pub required: bool,
    /// Its type.
    pub kind: Kind,
}

/// Where a parameter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// As a header.
    Header,
}

impl Operation {
    /// The name of its constant in the operation table.
    pub fn constant(&self) -> String {
        argument_name(&self.id).to_shouty_snake_case()
    }

    /// The variant of an event: `PAYMENT_SUCCESS_WEBHOOK` becomes `PaymentSuccess`.
    pub fn variant(&self) -> String {
        let plain = ["_WEBHOOK", "_EVENT"].iter().find_map(|end| self.id.strip_suffix(end));
        self.given.clone().unwrap_or_else(|| plain.unwrap_or(&self.id).to_upper_camel_case())
    }
}

/// Reads the operation at `place`.
pub(super) fn read_operation(
    place: &str,
    operation: &Value,
    default: Option<&Value>,
    schemes: &Map<String, Value>,
    kinds: &BTreeMap<&str, &str>,
) -> Result<Operation> {
    let (method, path) = document::method_and_path(place);
    let method = method.to_uppercase();
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("Other").to_owned();
    let keyed = operation[extensions::IDEMPOTENCY_KEY] == true;

    let mut auth = Vec::new();
    for alternative in operation.get("security").or(default).and_then(Value::as_array).into_iter().flatten() {
        let names = alternative.as_object().into_iter().flat_map(Map::keys);
        let mut headers = names.map(|name| credential(name, schemes)).collect::<Result<Vec<String>>>()?;
        // All are sent; their order in the document means nothing.
        headers.sort();
        // One alternative twice, or one that names no credentials beside some that do, says nothing more.
        if !headers.is_empty() && !auth.contains(&headers) {
            auth.push(headers);
        }
    }

    let retry_class = match operation.get(extensions::RETRY_CLASS).and_then(Value::as_str) {
        Some("safe") => RetryClass::Safe,
        Some("never") => RetryClass::Never,
        Some("keyed") if keyed => RetryClass::Keyed,
        Some("keyed") => bail!("x-cashfree-retry-class: keyed needs a declared idempotency key"),
        Some(other) => bail!("x-cashfree-retry-class: {other} is none of safe, keyed and never"),
        None if matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") => RetryClass::Safe,
        // A write that names no credentials belongs to no account, and neither does its key.
        None if auth.is_empty() => RetryClass::Never,
        None if keyed => RetryClass::Keyed,
        None => RetryClass::Never,
    };
    let body_kind = |pointer: &str| -> Result<Option<String>> {
        match operation.pointer(pointer) {
            Some(schema) => Ok(Some(kind(schema, kinds)?.short())),
            None => Ok(None),
        }
    };
    const BODY: &str = "/requestBody/content/application~1json/schema";
    const RESPONSE: &str = "/responses/2XX/content/application~1json/schema";
    const RAW_RESPONSE: &str = "/responses/2XX/content/application~1octet-stream";
    let body = operation.pointer(BODY).map(|schema| kind(schema, kinds)).transpose()?;
    let response_body = operation.pointer(RESPONSE).map(|schema| kind(schema, kinds)).transpose()?;
    let raw = |pointer: &str| operation.pointer(pointer).map(|_| "bytes".to_owned());
    let responds_empty = match operation.pointer(RESPONSE) {
        Some(schema) => schema[extensions::EMPTY] == true,
        None => operation.pointer(RAW_RESPONSE).is_none(),
    };
    let read_back = operation.get(extensions::READ_BACK).and_then(Value::as_str).map(str::to_owned);
    let description = operation.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Operation {
        id,
        description,
        method,
        path,
        tag,
        auth,
        keyed,
        retry_class,
        parameters: read_parameters(operation, kinds)?,
        look_up: operation
            .get(extensions::LOOK_UP)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| read_back.clone()),
        read_back,
        protected_by: protection::protection(operation, retry_class, keyed)?,
        expected: Expected::default(),
        identity_words: expected::words(operation)?,
        given: operation.get(extensions::RUST_NAME).and_then(Value::as_str).map(str::to_owned),
        multipart: operation.get(extensions::MULTIPART).is_some(),
        request: body_kind(BODY)?.or_else(|| raw("/requestBody/content/application~1octet-stream")),
        response_body,
        responds_empty,
        body,
        response: body_kind(RESPONSE)?.or_else(|| raw(RAW_RESPONSE)),
    })
}

fn read_parameters(operation: &Value, kinds: &BTreeMap<&str, &str>) -> Result<Vec<Parameter>> {
    let declared = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    declared
        .map(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let place = match parameter["in"].as_str() {
                Some("path") => Place::Path,
                Some("header") => Place::Header,
                _ => Place::Query,
            };
            let wire = operation[extensions::WIRE][&name].as_str().unwrap_or(&name).to_owned();
            let kind = kind(&parameter["schema"], kinds).with_context(|| format!("parameter {name}"))?;
            let required = place == Place::Path || parameter["required"] == true;
            Ok(Parameter { name, wire, place, required, kind })
        })
        .collect()
}

/// The header that carries the credentials of a scheme. A scheme that is left out would make its
/// operations look open.
fn credential(name: &str, schemes: &Map<String, Value>) -> Result<String> {
    let Some(scheme) = schemes.get(name) else { bail!("security scheme {name} is not declared") };
    match (scheme["type"].as_str(), scheme["in"].as_str(), scheme["name"].as_str()) {
        (Some("apiKey"), Some("header"), Some(header)) => Ok(header.to_ascii_lowercase()),
        (Some("http" | "oauth2" | "openIdConnect"), ..) => Ok("authorization".to_owned()),
        _ => bail!("security scheme {name} is carried by no header"),
    }
}
