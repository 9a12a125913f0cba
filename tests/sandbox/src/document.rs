//! The OpenAPI document: the one description of what a request must look like.
//!
//! `cargo xtask regen` writes it, corrected and in one form, to `documents/payments.json`, which is part of the
//! binary. The sandbox reads it with code of its own: what the SDK's generator misunderstands in it shows up as a
//! refused request.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Context, Result, anyhow};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The document, as OpenAPI 3.0 in JSON.
pub(crate) const TEXT: &str = include_str!("../documents/payments.json");

/// Version of the API whose forms the sandbox imitates beside those of its document: a request that names it in
/// `x-api-version` gets them. The document may be of this version itself.
pub const LATER_API_VERSION: &str = "2026-01-01";

/// Compiled schemas, made on first use.
#[derive(Default)]
pub(crate) struct Rules(pub(crate) Mutex<HashMap<String, Arc<Validator>>>);

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rules")
    }
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// One declared parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

/// One declared request body.
#[derive(Clone, Debug)]
pub(crate) struct BodyRule {
    pub(crate) required: bool,
    pub(crate) media_type: String,
    pub(crate) schema: Value,
}

/// One operation of the document.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    /// The path template, such as `/orders/{order_id}`.
    pub(crate) path: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<BodyRule>,
    /// The schema of each declared response, by its status.
    pub(crate) responses: BTreeMap<String, Value>,
    /// The accepted sets of credential headers; empty for an operation that takes none.
    pub(crate) credentials: Vec<BTreeSet<String>>,
    /// The version that has it, for one that the document lacks.
    pub(crate) since: Option<&'static str>,
}

impl Operation {
    pub(crate) fn is_open(&self) -> bool {
        self.credentials.is_empty()
    }

    /// Whether the document declares a response with this status.
    pub(crate) fn declares(&self, status: u16) -> bool {
        self.responses.contains_key(&status.to_string()) || self.responses.contains_key("default")
    }

    /// Whether the document lets this operation carry an idempotency key, and it changes something.
    pub(crate) fn takes_key(&self) -> bool {
        let declared = self
            .parameters
            .iter()
            .any(|p| p.place == Place::Header && p.name.eq_ignore_ascii_case("x-idempotency-key"));
        declared && self.method != "GET"
    }
}

/// The document in the shape the sandbox asks it questions in.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) operations: Vec<Arc<Operation>>,
    /// Operations of a later version.
    pub(crate) later: Vec<Arc<Operation>>,
    /// `components.schemas`, turned from OpenAPI 3.0 into JSON Schema draft 4.
    pub(crate) schemas: Map<String, Value>,
    /// Every header that any scheme reads a credential from.
    pub(crate) credential_headers: BTreeSet<String>,
    /// The version of the API that the document describes.
    pub(crate) version: String,
    /// All versions that a request may name.
    pub(crate) published: Vec<String>,
    /// Compiled rules; see `validate`.
    pub(crate) rules: Rules,
}

impl Document {
    /// The embedded document, read once per process.
    pub(crate) fn shared() -> Result<Arc<Self>> {
        static SHARED: OnceLock<Result<Arc<Document>, String>> = OnceLock::new();
        let load = || Self::from_value(&serde_json::from_str(TEXT)?).map(Arc::new);
        SHARED
            .get_or_init(|| load().map_err(|error| format!("{error:#}")))
            .clone()
            .map_err(|error| anyhow!(error))
    }

    /// The methods of an address, which is without the beginning that all have.
    pub(crate) fn methods_at<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        let fits = |template: &str| {
            template.split('/').count() == path.split('/').count()
                && template
                    .split('/')
                    .zip(path.split('/'))
                    .all(|(pattern, part)| pattern == part || (pattern.starts_with('{') && !part.is_empty()))
        };
        self.operations
            .iter()
            .filter(move |operation| fits(&operation.path))
            .map(|operation| operation.method.as_str())
    }

    /// The schema of a field, or of the items of a list (`*`); references are followed.
    pub(crate) fn within<'a>(&'a self, schema: &'a Value, step: &str) -> Option<&'a Value> {
        let resolve = |schema: &'a Value| match schema["$ref"].as_str() {
            Some(reference) => reference.rsplit('/').next().and_then(|name| self.schemas.get(name)),
            None => Some(schema),
        };
        let schema = resolve(schema)?;
        resolve(if step == "*" { schema.get("items")? } else { schema.get("properties")?.get(step)? })
    }

    fn from_value(root: &Value) -> Result<Self> {
        let schemes = credential_headers(root);
        let mut operations = Vec::new();
        for (path, item) in root["paths"].as_object().context("the document has no paths")? {
            for (method, operation) in item.as_object().context("a path is not an object")? {
                let read = operation_from(root, &schemes, path, method, operation)
                    .with_context(|| format!("{method} {path}"))?;
                operations.push(Arc::new(read));
            }
        }
        let mut schemas = Map::new();
        for (name, schema) in root["components"]["schemas"].as_object().into_iter().flatten() {
            schemas.insert(name.clone(), to_json_schema(schema));
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let published = root["x-published-versions"].as_array().into_iter().flatten();
        // An operation that the document has is as the document says.
        let is_new = |operation: &Operation| operations.iter().all(|known| known.id != operation.id);
        let later = authorize_only(&operations).filter(is_new).map(Arc::new).into_iter().collect();
        Ok(Self {
            later,
            operations,
            schemas,
            version: text(&root["info"]["version"]).context("the document has no version")?,
            published: published.filter_map(text).collect(),
            credential_headers: schemes.into_values().collect(),
            rules: Rules::default(),
        })
    }
}

/// `PGPayOrderAuthorizeOnly` of [`LATER_API_VERSION`]: pays a session with a network token that was authenticated
/// elsewhere, and returns the payment. All but its body is that of `PGPayOrder`.
fn authorize_only(operations: &[Arc<Operation>]) -> Option<Operation> {
    let find = |id: &str| operations.iter().find(|operation| operation.id == id);
    let (pay, fetch) = (find("PGPayOrder")?, find("PGOrderFetchPayment")?);
    let text = json!({ "type": "string" });
    let schema = json!({
        "type": "object",
        "required": ["payment_session_id", "authorization_data"],
        "properties": {
            "payment_session_id": text,
            "authorization_data": {
                "type": "object",
                "properties": {
                    "authentication_token": text,
                    "directory_server_transaction_id": text,
                    "three_ds_server_transaction_id": text,
                    "eci": text,
                    "token_number": text,
                    "token_expiry_year": text,
                    "token_expiry_month": text,
                    "token_cryptogram": text,
                    "transaction_type": { "enum": ["ALT_ID", "TOKEN", "APPLE_PAY"] },
                },
            },
        },
    });
    let mut responses = pay.responses.clone();
    responses.insert("200".to_owned(), fetch.responses.get("200")?.clone());
    Some(Operation {
        id: "PGPayOrderAuthorizeOnly".to_owned(),
        path: "/orders/sessions/authorize".to_owned(),
        body: Some(BodyRule { required: true, media_type: "application/json".to_owned(), schema }),
        responses,
        since: Some(LATER_API_VERSION),
        ..Operation::clone(pay)
    })
}

/// Scheme name to header name.
fn credential_headers(root: &Value) -> BTreeMap<String, String> {
    let schemes = root["components"]["securitySchemes"].as_object();
    schemes
        .into_iter()
        .flatten()
        .filter(|(_, scheme)| scheme["in"] == "header")
        .filter_map(|(name, scheme)| Some((name.clone(), scheme["name"].as_str()?.to_ascii_lowercase())))
        .collect()
}

fn operation_from(
    root: &Value,
    schemes: &BTreeMap<String, String>,
    path: &str,
    method: &str,
    operation: &Value,
) -> Result<Operation> {
    let id = operation["operationId"].as_str().context("no operationId")?.to_owned();
    let declared = operation["parameters"].as_array().into_iter().flatten();
    let parameters =
        declared.filter_map(|parameter| parameter_from(parameter).transpose()).collect::<Result<_>>()?;
    let mut responses = BTreeMap::new();
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let schema = response.pointer("/content/application~1json/schema").unwrap_or(&Value::Null);
        responses.insert(status.clone(), to_json_schema(schema));
    }
    let security = operation.get("security").or_else(|| root.get("security"));
    let mut credentials = Vec::new();
    for alternative in security.and_then(Value::as_array).into_iter().flatten() {
        let names = alternative.as_object().context("a security alternative is not an object")?.keys();
        let headers: Option<BTreeSet<String>> = names.map(|name| schemes.get(name).cloned()).collect();
        credentials.push(headers.context("a security alternative names an unknown scheme")?);
    }
    Ok(Operation {
        id,
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        parameters,
        body: operation.get("requestBody").and_then(|body| body_from(root, body)),
        responses,
        credentials,
        since: None,
    })
}

fn parameter_from(parameter: &Value) -> Result<Option<Parameter>> {
    let name = parameter["name"].as_str().context("a parameter has no name")?.to_owned();
    let place = match parameter["in"].as_str() {
        Some("path") => Place::Path,
        Some("query") => Place::Query,
        // OpenAPI gives these three no meaning as parameters; the body rule covers the content type.
        Some("header")
            if ["accept", "content-type", "authorization"].contains(&name.to_ascii_lowercase().as_str()) =>
        {
            return Ok(None);
        }
        Some("header") => Place::Header,
        _ => return Ok(None),
    };
    let required = parameter["required"].as_bool().unwrap_or(false);
    Ok(Some(Parameter { name, place, required, schema: to_json_schema(&parameter["schema"]) }))
}

fn body_from(root: &Value, body: &Value) -> Option<BodyRule> {
    let content = body["content"].as_object()?;
    let json = content.get_key_value("application/json");
    let (media_type, media) = json.or_else(|| content.iter().next())?;
    // The document calls bodies optional whose fields are required.
    let named = media["schema"]["$ref"].as_str().and_then(|name| root.pointer(name.trim_start_matches('#')));
    let fields = named.unwrap_or(&media["schema"])["required"].as_array();
    Some(BodyRule {
        required: body["required"].as_bool().unwrap_or(false)
            || fields.is_some_and(|names| !names.is_empty()),
        media_type: media_type.clone(),
        schema: to_json_schema(&media["schema"]),
    })
}

/// OpenAPI 3.0 schema to JSON Schema draft 4: keeps the words that constrain, maps `nullable`, and
/// drops examples, texts and formats (the document's formats are labels, not rules).
pub(crate) fn to_json_schema(schema: &Value) -> Value {
    let Some(source) = schema.as_object() else {
        return json!({});
    };
    if let Some(reference) = source.get("$ref") {
        return json!({ "$ref": reference });
    }
    let mut out = Map::new();
    for (word, value) in source {
        let kept = match word.as_str() {
            "properties" => Some(Value::Object(
                value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, s)| (name.clone(), to_json_schema(s)))
                    .collect(),
            )),
            "items" | "not" => Some(to_json_schema(value)),
            "additionalProperties" if value.is_object() => Some(to_json_schema(value)),
            "allOf" | "anyOf" | "oneOf" => {
                Some(value.as_array().into_iter().flatten().map(to_json_schema).collect())
            }
            "type"
            | "required"
            | "enum"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "multipleOf"
            | "minLength"
            | "maxLength"
            | "pattern"
            | "minItems"
            | "maxItems"
            | "uniqueItems"
            | "minProperties"
            | "maxProperties"
            | "additionalProperties" => Some(value.clone()),
            _ => None,
        };
        if let Some(kept) = kept {
            out.insert(word.clone(), kept);
        }
    }
    if source.get("nullable") == Some(&Value::Bool(true)) {
        return json!({ "anyOf": [Value::Object(out), { "type": "null" }] });
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_embedded_document() -> Result<()> {
        let document = Document::shared()?;
        let find = |id: &str| document.operations.iter().find(|o| o.id == id).context(id.to_owned());
        let create = find("PGCreateOrder")?;
        assert_eq!((create.method.as_str(), create.path.as_str()), ("POST", "/orders"));
        assert_eq!(create.credentials.len(), 4);
        assert!(create.takes_key());
        assert!(find("PGPayOrder")?.is_open());
        assert!(!find("PGFetchOrder")?.takes_key());
        assert_eq!(document.credential_headers.len(), 5);
        assert!(document.published.contains(&document.version));
        Ok(())
    }

    #[test]
    fn nullable_admits_null() {
        let schema =
            to_json_schema(&json!({ "type": "string", "nullable": true, "example": { "$ref": "x" } }));
        assert_eq!(schema, json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }));
    }
}
