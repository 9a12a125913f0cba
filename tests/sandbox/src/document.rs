//! The OpenAPI document, read at run time and bent by its overlay: the one description of what a
//! request must look like.
//!
//! Reading it here, with other code than the SDK's generator uses, is the point of this package:
//! what the generator misunderstands shows up as a refused request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, anyhow, bail};
use roas_overlay::apply::{Apply, ApplyOptions};
use roas_overlay::v1_0::Overlay;
use serde_json::{Map, Value, json};

/// The methods an OpenAPI path item can hold.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

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
    /// The schema of each declared answer, by its status.
    pub(crate) answers: BTreeMap<String, Value>,
    /// The accepted sets of credential headers; empty for an operation that takes none.
    pub(crate) credentials: Vec<BTreeSet<String>>,
}

impl Operation {
    pub(crate) fn is_open(&self) -> bool {
        self.credentials.is_empty()
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

/// The document after its overlay, in the shape the sandbox asks it questions in.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) operations: Vec<Arc<Operation>>,
    /// `components.schemas`, turned from OpenAPI 3.0 into JSON Schema draft 4.
    pub(crate) schemas: Map<String, Value>,
    /// Every header that any scheme reads a credential from.
    pub(crate) credential_headers: BTreeSet<String>,
    /// Compiled rules; see `validate`.
    pub(crate) rules: crate::validate::Rules,
}

impl Document {
    /// The document of this repository, read once per process.
    pub(crate) fn shared() -> Result<Arc<Self>> {
        static SHARED: OnceLock<Result<Arc<Document>, String>> = OnceLock::new();
        let load = || Self::from_value(&corrected()?).map(Arc::new);
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

    fn from_value(root: &Value) -> Result<Self> {
        let schemes = credential_headers(root);
        let mut operations = Vec::new();
        for (path, item) in root["paths"].as_object().context("the document has no paths")? {
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    let read = operation_from(root, &schemes, path, method, item, operation)
                        .with_context(|| format!("{method} {path}"))?;
                    operations.push(Arc::new(read));
                }
            }
        }
        let mut schemas = Map::new();
        for (name, schema) in root["components"]["schemas"].as_object().into_iter().flatten() {
            schemas.insert(name.clone(), to_json_schema(schema));
        }
        Ok(Self {
            operations,
            schemas,
            credential_headers: schemes.into_values().collect(),
            rules: crate::validate::Rules::default(),
        })
    }
}

/// The document of this repository with its overlay applied. A correction that finds nothing to
/// correct is an error: the document has moved on.
pub(crate) fn corrected() -> Result<Value> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/payments");
    let mut root: Value = read_yaml(&directory.join("v2025-01-01.yaml"))?;
    let overlay = directory.join("v2025-01-01.overlay.yaml");
    if overlay.exists() {
        let corrections: Overlay = read_yaml(&overlay)?;
        corrections
            .apply(&mut root, ApplyOptions::ErrorOnZeroMatch.into())
            .map_err(|error| anyhow!("{}: {error:?}", overlay.display()))?;
    }
    Ok(root)
}

pub(crate) fn read_yaml<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    serde_saphyr::from_str(&text).with_context(|| format!("parsing {}", path.display()))
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
    item: &Value,
    operation: &Value,
) -> Result<Operation> {
    let id = operation["operationId"].as_str().context("no operationId")?.to_owned();
    let own = operation["parameters"].as_array().into_iter().flatten();
    let inherited = item["parameters"].as_array().into_iter().flatten();
    let mut parameters: Vec<Parameter> = Vec::new();
    for parameter in own.chain(inherited) {
        if let Some(parameter) = parameter_from(resolve(root, parameter)?)? {
            // An operation's own parameter replaces the path item's of the same name.
            if !parameters.iter().any(|p| p.name == parameter.name && p.place == parameter.place) {
                parameters.push(parameter);
            }
        }
    }
    let body = match operation.get("requestBody") {
        Some(body) => body_from(resolve(root, body)?)?,
        None => None,
    };
    let mut answers = BTreeMap::new();
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let response = resolve(root, response)?;
        let schema = response.pointer("/content/application~1json/schema").unwrap_or(&Value::Null);
        answers.insert(status.clone(), to_json_schema(schema));
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
        body,
        answers,
        credentials,
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
    let schema = to_json_schema(parameter.get("schema").unwrap_or(&json!({})));
    Ok(Some(Parameter { name, place, required, schema }))
}

fn body_from(body: &Value) -> Result<Option<BodyRule>> {
    let Some(content) = body["content"].as_object() else {
        return Ok(None);
    };
    let json = content.get_key_value("application/json");
    let Some((media_type, media)) = json.or_else(|| content.iter().next()) else {
        return Ok(None);
    };
    Ok(Some(BodyRule {
        required: body["required"].as_bool().unwrap_or(false),
        media_type: media_type.clone(),
        schema: to_json_schema(media.get("schema").unwrap_or(&json!({}))),
    }))
}

/// Follows `$ref`s inside the document.
fn resolve<'a>(root: &'a Value, mut value: &'a Value) -> Result<&'a Value> {
    for _ in 0..16 {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
            return Ok(value);
        };
        let pointer =
            reference.strip_prefix('#').with_context(|| format!("{reference} leaves the document"))?;
        value = root.pointer(pointer).with_context(|| format!("{reference} points nowhere"))?;
    }
    bail!("references run in a circle")
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
            // Draft 4 refuses empty lists here.
            "required" | "enum" if value.as_array().is_none_or(Vec::is_empty) => None,
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
    // Many schemas forget to say that what has members is an object.
    if out.contains_key("properties") {
        out.entry("type").or_insert_with(|| json!("object"));
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
    fn reads_the_document_of_this_repository() -> Result<()> {
        let document = Document::shared()?;
        let find = |id: &str| document.operations.iter().find(|o| o.id == id).context(id.to_owned());
        let create = find("PGCreateOrder")?;
        assert_eq!((create.method.as_str(), create.path.as_str()), ("POST", "/orders"));
        assert_eq!(create.credentials.len(), 4);
        assert!(create.takes_key());
        assert!(find("PGPayOrder")?.is_open());
        assert!(!find("PGFetchOrder")?.takes_key());
        assert_eq!(document.credential_headers.len(), 5);
        Ok(())
    }

    #[test]
    fn nullable_admits_null() {
        let schema =
            to_json_schema(&json!({ "type": "string", "nullable": true, "example": { "$ref": "x" } }));
        assert_eq!(schema, json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }));
    }
}
